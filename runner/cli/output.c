// See cli.h. Everything a person sees passes here: words from the catalogue, no control bytes from outside.
#include "cli/cli.h"

#include "lib/base/clock.h"

#include <time.h>

enum { BAR_WIDTH = 24, REDRAW_MS = 100, LINE_MAX_BYTES = 16384 };

const char *colour_on(const struct cli *cli, enum colour colour)
{
    static const char *const codes[] = {"", "\033[1m", "\033[2m", "\033[31m", "\033[32m", "\033[33m"};
    return cli->colour ? codes[colour] : "";
}

const char *colour_off(const struct cli *cli)
{
    return cli->colour ? "\033[0m" : "";
}

const char *words(const struct cli *cli, enum phrase phrase)
{
    return phrase_text(cli->language, phrase);
}

// What isn't seen but moves what is: marks that turn the direction of writing, other line ends, C1 controls.
static bool is_hidden_mark(uint32_t c)
{
    return (c >= 0x80 && c < 0xA0) || (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069) ||
           c == 0x200E || c == 0x200F || c == 0x2028 || c == 0x2029;
}

void print_clean(FILE *out, const char *text)
{
    struct text rest = text_from(text);
    while (rest.length) {
        uint32_t c;
        const size_t n = text_utf8_decode(rest, &c);
        if (n == 0 || (c < 0x20 && c != '\n' && c != '\t') || c == 0x7F || is_hidden_mark(c))
            fputc('?', out);
        else
            fwrite(rest.data, 1, n, out);
        rest = text_of(rest.data + (n ? n : 1), rest.length - (n ? n : 1));
    }
}

void say_(const struct cli *cli, FILE *out, enum phrase phrase, const char *const *arguments)
{
    SCOPED_BUF(line, LINE_MAX_BYTES);
    if (phrase_append_(&line, cli->language, phrase, arguments))
        print_clean(out, buf_string(&line));
    fputc('\n', out);
}

void print_err(const struct cli *cli, const struct err *err)
{
    SCOPED_BUF(message, LINE_MAX_BYTES);
    SCOPED_BUF(hint, LINE_MAX_BYTES);
    fprintf(stderr, "%srenki:%s ", colour_on(cli, RED), colour_off(cli));
    if (err_message(&message, err, cli->language))
        print_clean(stderr, buf_string(&message));
    fputc('\n', stderr);
    if (err_hint(&hint, err, cli->language) && hint.length) {
        fputs("       ", stderr);
        print_clean(stderr, buf_string(&hint));
        fputc('\n', stderr);
    }
}

struct character_range {
    uint32_t first, last;
};

// Ascending. Combining marks, joiners and marks of direction: no column of their own (Unicode 15: Mn, Me, Cf).
static const struct character_range no_width[] = {
    {0x300, 0x36F},   {0x483, 0x489},   {0x591, 0x5BD},   {0x5BF, 0x5BF},     {0x5C1, 0x5C2},
    {0x5C4, 0x5C5},   {0x5C7, 0x5C7},   {0x610, 0x61A},   {0x64B, 0x65F},     {0x670, 0x670},
    {0x6D6, 0x6DC},   {0x6DF, 0x6E4},   {0x6E7, 0x6E8},   {0x6EA, 0x6ED},     {0x900, 0x902},
    {0x93A, 0x93A},   {0x93C, 0x93C},   {0x941, 0x948},   {0x94D, 0x94D},     {0xE31, 0xE31},
    {0xE34, 0xE3A},   {0xE47, 0xE4E},   {0x1AB0, 0x1ACE}, {0x1DC0, 0x1DFF},   {0x200B, 0x200F},
    {0x202A, 0x202E}, {0x2060, 0x206F}, {0x20D0, 0x20F0}, {0x302A, 0x302D},   {0x3099, 0x309A},
    {0xFE00, 0xFE0F}, {0xFE20, 0xFE2F}, {0xFEFF, 0xFEFF}, {0x1F3FB, 0x1F3FF}, {0xE0001, 0xE01EF},
};

// Ascending. East Asian Width W and F, and pictures.
static const struct character_range two_wide[] = {
    {0x1100, 0x115F},   {0x231A, 0x231B},   {0x23E9, 0x23EC},   {0x2614, 0x2615},   {0x2648, 0x2653},
    {0x26BD, 0x26BE},   {0x2705, 0x2705},   {0x274C, 0x274C},   {0x2753, 0x2755},   {0x2795, 0x2797},
    {0x2E80, 0x303E},   {0x3041, 0xA4CF},   {0xA960, 0xA97C},   {0xAC00, 0xD7A3},   {0xF900, 0xFAFF},
    {0xFE30, 0xFE6F},   {0xFF00, 0xFF60},   {0xFFE0, 0xFFE6},   {0x17000, 0x18CD5}, {0x1B000, 0x1B2FB},
    {0x1F300, 0x1F64F}, {0x1F680, 0x1F6FF}, {0x1F900, 0x1F9FF}, {0x1FA70, 0x1FAFF}, {0x20000, 0x3FFFD},
};

static bool is_in(const struct character_range *ranges, size_t count, uint32_t c)
{
    size_t low = 0, high = count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (ranges[middle].last < c)
            low = middle + 1;
        else
            high = middle;
    }
    return low < count && ranges[low].first <= c;
}

static int character_width(uint32_t c)
{
    if (c < 0x300)
        return 1;
    return is_in(no_width, COUNT_OF(no_width), c) ? 0 : is_in(two_wide, COUNT_OF(two_wide), c) ? 2 : 1;
}

int text_width(const char *text)
{
    int width = 0;
    for (struct text rest = text_from(text); rest.length;) {
        uint32_t c;
        const size_t n = text_utf8_decode(rest, &c);
        width += n ? character_width(c) : 1;
        rest = text_of(rest.data + (n ? n : 1), rest.length - (n ? n : 1));
    }
    return width;
}

// What a terminal would obey, or what would turn a line round, as a sign that can be seen.
static uint32_t visible(uint32_t c)
{
    if (c == '\n' || c == '\r')
        return 0x21B5; // ↵
    if (c == '\t')
        return 0x2192; // →
    if (c < 0x20)
        return 0x2400 + c; // ␀ and so on
    if (c == 0x7F)
        return 0x2421; // ␡
    return is_hidden_mark(c) ? 0xFFFD : c;
}

// The next character of `rest` as it is to be seen; CR LF is one line end.
static uint32_t next_visible(struct text *rest)
{
    uint32_t c;
    const size_t n = text_utf8_decode(*rest, &c);
    size_t taken = n ? n : 1;
    if (n && c == '\r' && rest->length > 1 && rest->data[1] == '\n')
        taken = 2;
    *rest = text_of(rest->data + taken, rest->length - taken);
    return n ? visible(c) : 0xFFFD;
}

bool cell_text(struct buf *out, struct text text, int width)
{
    const size_t start = out->length;
    size_t cut = start; // where … would stand
    int used = 0;
    while (text.length) {
        char bytes[4];
        const uint32_t c = next_visible(&text);
        const int wide = character_width(c);
        if (used + wide > width) {
            out->length = cut;
            return buf_append_string(out, "…");
        }
        used += wide;
        if (!buf_append(out, bytes, text_utf8_encode(c, bytes)))
            return false;
        if (used < width)
            cut = out->length;
    }
    return true;
}

static void print_cell(const char *cell, int width, bool right, bool last)
{
    const int blanks = width - text_width(cell);
    for (int i = 0; right && i < blanks; i++)
        fputc(' ', stdout);
    print_clean(stdout, cell);
    for (int i = 0; !right && !last && i < blanks; i++)
        fputc(' ', stdout);
    fputs(last ? "\n" : "  ", stdout);
}

void print_table(const struct cli *cli, const char *const *head, const char *const *cells, size_t rows,
                 size_t columns, unsigned right)
{
    int *widths = xcalloc(columns, sizeof *widths);
    for (size_t column = 0; column < columns; column++) {
        widths[column] = head ? text_width(head[column]) : 0;
        for (size_t row = 0; row < rows; row++) {
            const int width = text_width(cells[row * columns + column]);
            widths[column] = width > widths[column] ? width : widths[column];
        }
    }
    if (head) {
        fputs(colour_on(cli, BOLD), stdout);
        for (size_t column = 0; column < columns; column++)
            print_cell(head[column], widths[column], right >> column & 1, column + 1 == columns);
        fputs(colour_off(cli), stdout);
    }
    for (size_t row = 0; row < rows; row++)
        for (size_t column = 0; column < columns; column++)
            print_cell(cells[row * columns + column], widths[column], right >> column & 1,
                       column + 1 == columns);
    xfree(widths);
}

const char *time_text(char out[TIME_TEXT_SIZE], int64_t realtime_ms)
{
    const time_t seconds = (time_t)(realtime_ms / 1000);
    struct tm local;
    out[0] = '\0';
    if (realtime_ms && localtime_r(&seconds, &local))
        strftime(out, TIME_TEXT_SIZE, "%Y-%m-%d %H:%M:%S", &local);
    return out;
}

const char *duration_text(char out[TIME_TEXT_SIZE], int64_t ms)
{
    if (ms < 1000)
        snprintf(out, TIME_TEXT_SIZE, "%d ms", (int)ms);
    else if (ms < 60000)
        snprintf(out, TIME_TEXT_SIZE, "%d.%d s", (int)(ms / 1000), (int)(ms % 1000 / 100));
    else
        snprintf(out, TIME_TEXT_SIZE, "%lld min %02d s", (long long)(ms / 60000), (int)(ms / 1000 % 60));
    return out;
}

static void print_bar(int64_t done, int64_t total)
{
    static const char *const parts[] = {" ", "▏", "▎", "▍", "▌", "▋", "▊", "▉", "█"};
    int64_t eighths = done * BAR_WIDTH * 8 / total;
    for (int i = 0; i < BAR_WIDTH; i++, eighths -= 8)
        fputs(parts[eighths >= 8 ? 8 : eighths > 0 ? eighths : 0], stderr);
}

void progress_draw(const struct cli *cli, struct progress *progress, int64_t done, int64_t total,
                   const char *text)
{
    const int64_t now = clock_monotonic_ms();
    if (!cli->progress || (progress->shown && done != total && now - progress->drawn_ms < REDRAW_MS))
        return;
    if (!progress->begun_ms)
        progress->begun_ms = now;
    progress->drawn_ms = now;
    progress->shown = true;
    fputs("\r\033[K", stderr);
    if (total > 0 && done <= total) {
        char left[TIME_TEXT_SIZE];
        print_bar(done, total);
        fprintf(stderr, " %3d %%  %lld/%lld", (int)(done * 100 / total), (long long)done, (long long)total);
        const int64_t spent = now - progress->begun_ms;
        if (done > 0 && done < total && spent > 1000) {
            SCOPED_BUF(line, 256);
            if (phrase_append(&line, cli->language, PHRASE_PROGRESS_LEFT,
                              duration_text(left, spent * (total - done) / done)))
                fprintf(stderr, "  %s", buf_string(&line));
        }
    } else {
        fprintf(stderr, "%lld", (long long)done);
    }
    if (text[0]) {
        fputs("  ", stderr);
        print_clean(stderr, text);
    }
    fflush(stderr);
}

void progress_clear(const struct cli *cli, struct progress *progress)
{
    if (cli->progress && progress->shown) {
        fputs("\r\033[K", stderr);
        fflush(stderr);
    }
    progress->shown = false;
}
