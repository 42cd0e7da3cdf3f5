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

void print_clean(FILE *out, const char *text)
{
    struct text rest = text_from(text);
    while (rest.length) {
        uint32_t c;
        const size_t n = text_utf8_decode(rest, &c);
        if (n == 0 || (c < 0x20 && c != '\n' && c != '\t') || (c >= 0x7F && c < 0xA0))
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

// Wide East Asian characters count two, combining marks none.
static int character_width(uint32_t c)
{
    if ((c >= 0x300 && c < 0x370) || c == 0x200B || c == 0xFE0F)
        return 0;
    return (c >= 0x1100 && c < 0x1160) || (c >= 0x2E80 && c < 0xA4D0) || (c >= 0xAC00 && c < 0xD7A4) ||
                   (c >= 0xFF00 && c < 0xFF61) || (c >= 0x1F300 && c < 0x1FB00)
               ? 2
               : 1;
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
