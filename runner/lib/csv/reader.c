// See reader.h. Runs in the worker. A row is handed out only when it lies in the window as a whole, so that cells can
// point into it and be unquoted in place. A row that is not whole is scanned again after the window has at least
// doubled: linear in all.
//
// 200 MB of ten columns take 0.15 to 0.24 s on a busy core, of which rows are nearly a half and marks and reading a fifth each.
#include "lib/csv/reader.h"
#include "lib/csv/marks.h"
#include "lib/csv/sniff.h"
#include "lib/csv/window.h"

enum { CELLS_FIRST = 64 };

struct csv_reader {
    struct csv_found found;
    struct csv_window window;
    bool lenient;

    size_t position; // where the next row begins
    struct marks marks;
    int quote;     // the dialect's, or -1
    char line_end; // the byte that ends lines

    uint32_t *wanted; // columns that are handed out; NULL: all
    size_t wanted_count;
    struct text *cells;
    size_t *escaped; // places in `cells` that hold doubled quotes or escapes that must go
    size_t capacity, escaped_count;
    size_t count, filled, last; // of the present row
    size_t line, row_lines;     // line: of the next row; row_lines: lines that the present row takes
    size_t too_long;            // a cell above the limit, from 1
    bool quoted, open_quote, stray_quote, ended; // quoted: its first cell; ended: by a line end
    struct csv_row row;

    size_t expected;
    struct csv_problem problems[CSV_PROBLEMS_KEPT];
    size_t problem_count, short_count;
};

/* ---- problems --------------------------------------------------------------------------------------------------- */

static bool fail_problem(const struct csv_reader *reader, enum csv_problem_kind kind, struct err *err)
{
    const char *line = N(reader->row.line);
    switch (kind) {
    case CSV_PROBLEM_QUOTE_OPEN:
        return fail(err, ERR_CSV_QUOTE_OPEN, line);
    case CSV_PROBLEM_QUOTE_STRAY:
        return fail(err, ERR_CSV_QUOTE_STRAY, line);
    case CSV_PROBLEM_NUL:
        return fail(err, ERR_CSV_NUL, line);
    case CSV_PROBLEM_BYTES:
        return fail(err, ERR_CSV_BYTES, reader->window.encoding, line);
    case CSV_PROBLEM_LONG:
        return fail(err, ERR_CSV_ROW_TOO_WIDE, line, N(reader->last), N(reader->expected));
    case CSV_PROBLEM_CUT:
        return fail(err, ERR_CSV_CUT, line, N(reader->count), N(reader->expected));
    case CSV_PROBLEM_SHORT:
    case CSV_PROBLEM_KINDS:
        break;
    }
    return check(!"a problem that is no error");
}

static bool problem(struct csv_reader *reader, enum csv_problem_kind kind, struct err *err)
{
    if (!reader->lenient && kind != CSV_PROBLEM_SHORT)
        return fail_problem(reader, kind, err);
    if (reader->problem_count < CSV_PROBLEMS_KEPT)
        reader->problems[reader->problem_count] = (struct csv_problem){kind, reader->row.line};
    reader->problem_count++;
    return true;
}

static bool report_damage(struct csv_reader *reader, struct text whole, struct err *err)
{
    if (reader->open_quote && !problem(reader, CSV_PROBLEM_QUOTE_OPEN, err))
        return false;
    if (reader->stray_quote && !problem(reader, CSV_PROBLEM_QUOTE_STRAY, err))
        return false;
    if (reader->window.has_nul && memchr(whole.data, 0, whole.length) &&
        !problem(reader, CSV_PROBLEM_NUL, err))
        return false;
    if (reader->window.has_replaced && memmem(whole.data, whole.length, "\xEF\xBF\xBD", 3))
        return problem(reader, CSV_PROBLEM_BYTES, err);
    return true;
}

// A file that was cut off between two quotes, or has none, ends with a row that is too short and has no line end. Files
// with other short rows (totals, notes) may end so too.
static bool report_width(struct csv_reader *reader, struct err *err)
{
    if (reader->last > reader->expected)
        return problem(reader, CSV_PROBLEM_LONG, err);
    if (reader->count >= reader->expected)
        return true;
    const bool cut = !reader->ended && !reader->short_count && !reader->open_quote;
    reader->short_count++;
    return problem(reader, cut ? CSV_PROBLEM_CUT : CSV_PROBLEM_SHORT, err);
}

/* ---- one row ------------------------------------------------------------------------------------------------------ */

enum scan { SCAN_ROW, SCAN_SKIPPED, SCAN_MORE, SCAN_WIDE };

static bool ends_cell(const struct csv_reader *reader, char c)
{
    return c == reader->found.dialect.delimiter || c == reader->line_end;
}

// A backslash hides the byte after it, which may itself be marked. False where it is the window's last byte.
static bool skip_escaped(struct csv_reader *reader, size_t position)
{
    const struct buf *text = &reader->window.text;
    if (position + 1 >= text->length)
        return false;
    marks_start(&reader->marks, text->data, text->length, position + 2);
    return true;
}

// From a mark that ends no cell on: a quote, which is a letter here, or an escape.
static size_t scan_on(struct csv_reader *reader, size_t position, bool *escaped)
{
    const struct csv_dialect *dialect = &reader->found.dialect;
    const struct buf *text = &reader->window.text;
    while (position < text->length && !ends_cell(reader, text->data[position])) {
        if (!dialect->quote && dialect->escape && text->data[position] == dialect->escape)
            *escaped = skip_escaped(reader, position) || *escaped; // as the last byte it stays
        position = marks_next(&reader->marks);
    }
    return position;
}

// Where a quoted cell whose closing quote may stand at `quote` ends: the position of the delimiter or line end, or the
// window's length. SIZE_MAX: this quote does not close.
static size_t after_quote(const struct csv_reader *reader, size_t quote)
{
    const char *data = reader->window.text.data;
    const size_t length = reader->window.text.length;
    size_t at = quote + 1;
    while (at < length && data[at] == ' ' && reader->found.dialect.delimiter != ' ')
        at++;
    while (at < length && data[at] == '\r' && reader->line_end == '\n' &&
           (at + 1 == length || data[at + 1] == '\n' || data[at + 1] == '\r'))
        at++;
    return at == length || ends_cell(reader, data[at]) ? at : SIZE_MAX;
}

// The cell begins after the opening quote. Its end goes to *end; the result is where the scan goes on. SIZE_MAX: the
// window ends before the cell does.
static size_t scan_quoted(struct csv_reader *reader, size_t *end, bool *escaped)
{
    const struct csv_dialect *dialect = &reader->found.dialect;
    const char *data = reader->window.text.data;
    const size_t length = reader->window.text.length;
    for (;;) {
        const size_t position = marks_next(&reader->marks);
        if (position >= length) {
            *end = length;
            reader->open_quote = true;
            return reader->window.at_end ? length : SIZE_MAX;
        }
        const char c = data[position];
        if (dialect->escape && c == dialect->escape && c != dialect->quote) {
            const bool skipped = skip_escaped(reader, position);
            *escaped = *escaped || skipped;
            if (!skipped && !reader->window.at_end)
                return SIZE_MAX;
        } else if (c == dialect->quote) {
            if (position + 1 < length && data[position + 1] == c &&
                (!dialect->escape || dialect->escape == c)) {
                marks_next(&reader->marks);
                *escaped = true;
                continue;
            }
            const size_t after = after_quote(reader, position);
            if (after == length && !reader->window.at_end)
                return SIZE_MAX;
            if (after != SIZE_MAX) {
                *end = position;
                return after == length ? length : marks_next(&reader->marks);
            }
            reader->stray_quote = true;
        } else if (c == reader->line_end) {
            reader->row_lines++;
        }
    }
}

static void grow(struct csv_reader *reader)
{
    reader->capacity = reader->capacity ? reader->capacity * 2 : CELLS_FIRST;
    reader->cells = xreallocarray(reader->cells, reader->capacity, sizeof *reader->cells);
    reader->escaped = xreallocarray(reader->escaped, reader->capacity, sizeof *reader->escaped);
}

static size_t skip_blanks(const struct csv_reader *reader, size_t at)
{
    const struct buf *text = &reader->window.text;
    while (reader->found.dialect.skip_space && at < text->length && text->data[at] == ' ' &&
           reader->found.dialect.delimiter != ' ')
        at++;
    return at;
}

// What is not asked for is passed over without being kept.
static void keep_cell(struct csv_reader *reader, size_t start, size_t end, bool escaped)
{
    const size_t column = reader->count++;
    if (end > start)
        reader->last = reader->count;
    if (end - start > CSV_CELL_BYTES_MAX)
        reader->too_long = reader->count;
    if (reader->wanted &&
        (reader->filled == reader->wanted_count || column != reader->wanted[reader->filled]))
        return;
    if (reader->filled == reader->capacity)
        grow(reader);
    if (escaped)
        reader->escaped[reader->escaped_count++] = reader->filled;
    reader->cells[reader->filled++] = text_of(reader->window.text.data + start, end - start);
}

// CR before LF belongs to the line end, also where a file is cut between the two, and where a program put two.
static size_t without_carriage_return(const struct csv_reader *reader, size_t start, size_t end)
{
    while (reader->line_end == '\n' && end > start && reader->window.text.data[end - 1] == '\r')
        end--;
    return end;
}

// Scans one cell that begins at `start`. The result is its end; SIZE_MAX: the window ends before it does.
static size_t scan_cell(struct csv_reader *reader, size_t start)
{
    const struct buf *text = &reader->window.text;
    bool escaped = false;
    if (reader->found.dialect.skip_space)
        start = skip_blanks(reader, start);
    if (start < text->length && (unsigned char)text->data[start] == reader->quote) {
        size_t end = start;
        marks_next(&reader->marks); // the opening quote
        reader->quoted = reader->quoted || !reader->count;
        const size_t after = scan_quoted(reader, &end, &escaped);
        if (after != SIZE_MAX)
            keep_cell(reader, start + 1, end, escaped);
        return after;
    }
    size_t end = marks_next(&reader->marks);
    if (end < text->length && !ends_cell(reader, text->data[end]))
        end = scan_on(reader, end, &escaped);
    if (end >= text->length && !reader->window.at_end)
        return SIZE_MAX;
    const bool last = end >= text->length || text->data[end] != reader->found.dialect.delimiter;
    keep_cell(reader, start, last ? without_carriage_return(reader, start, end) : end, escaped);
    return end;
}

// Behind the line end at `position`. SIZE_MAX: whether a LF belongs to a CR is not seen yet.
static size_t after_line_end(const struct csv_reader *reader, size_t position)
{
    const struct buf *text = &reader->window.text;
    if (position >= text->length)
        return text->length;
    if (reader->line_end == '\n')
        return position + 1;
    if (position + 1 == text->length && !reader->window.at_end)
        return SIZE_MAX;
    return position + (position + 1 < text->length && text->data[position + 1] == '\n' ? 2 : 1);
}

static bool starts_comment(const struct csv_reader *reader, bool *known)
{
    const char *comment = reader->found.dialect.comment;
    const size_t left = reader->window.text.length - reader->position;
    *known = !comment || left >= strlen(comment) || reader->window.at_end;
    return comment && *comment && left >= strlen(comment) &&
           memcmp(reader->window.text.data + reader->position, comment, strlen(comment)) == 0;
}

static enum scan skip_comment(struct csv_reader *reader)
{
    const struct buf *text = &reader->window.text;
    size_t position = reader->position;
    while (position < text->length && text->data[position] != reader->line_end)
        position++;
    if (position >= text->length && !reader->window.at_end)
        return SCAN_MORE;
    marks_start(&reader->marks, text->data, text->length, position < text->length ? position + 1 : position);
    const size_t after = after_line_end(reader, position);
    if (after == SIZE_MAX)
        return SCAN_MORE;
    reader->position = after;
    reader->row_lines = 1;
    return SCAN_SKIPPED;
}

// Scans cells that need nothing but a look at the next mark, as nearly all do, from `start` on; stops before one that
// needs more, or at the row's end. What is counted stays in registers.
static size_t scan_plain_cells(struct csv_reader *reader, size_t start)
{
    const char *const data = reader->window.text.data;
    const char delimiter = reader->found.dialect.delimiter;
    const int quote = reader->quote;
    const uint32_t *const wanted = reader->wanted;
    struct text *const cells = reader->cells;
    struct marks *const marks = &reader->marks;
    const size_t room = wanted ? reader->wanted_count : reader->capacity;
    size_t count = reader->count, filled = reader->filled, last = reader->last;
    while (count < CSV_COLUMNS_MAX && (unsigned char)data[start] != quote && marks->at < marks->count) {
        const size_t end = marks->batch + marks->positions[marks->at];
        const size_t length = end - start;
        if (data[end] != delimiter || length > CSV_CELL_BYTES_MAX)
            break;
        if (wanted ? filled < room && count == wanted[filled] : true) {
            if (!wanted && filled == room)
                break;
            cells[filled++] = text_of(data + start, length);
        }
        marks->at++;
        count++;
        last = length ? count : last;
        start = end + 1;
    }
    reader->count = count;
    reader->filled = filled;
    reader->last = last;
    return start;
}

static enum scan scan_row(struct csv_reader *reader)
{
    const struct buf *text = &reader->window.text;
    const char delimiter = reader->found.dialect.delimiter;
    size_t position = reader->position;
    reader->count = reader->filled = reader->last = reader->row_lines = 0;
    reader->escaped_count = reader->too_long = 0;
    reader->quoted = reader->open_quote = reader->stray_quote = false;
    if (reader->found.dialect.comment) {
        bool known;
        if (starts_comment(reader, &known))
            return skip_comment(reader);
        if (!known)
            return SCAN_MORE;
    }
    for (;;) {
        if (!reader->found.dialect.skip_space)
            position = scan_plain_cells(reader, position);
        if (reader->count == CSV_COLUMNS_MAX)
            return SCAN_WIDE;
        position = scan_cell(reader, position);
        if (position == SIZE_MAX)
            return SCAN_MORE;
        if (position >= text->length || text->data[position] != delimiter)
            break;
        position++;
    }
    const size_t after = after_line_end(reader, position);
    if (after == SIZE_MAX)
        return SCAN_MORE;
    reader->ended = position < text->length;
    reader->position = after;
    reader->row_lines++;
    return SCAN_ROW;
}

// Takes doubled quotes and escapes out, in place.
static void unescape(const struct csv_reader *reader, struct text *cell)
{
    const struct csv_dialect *dialect = &reader->found.dialect;
    const char escape = dialect->escape ? dialect->escape : dialect->quote;
    char *data = reader->window.text.data + (cell->data - reader->window.text.data);
    size_t out = 0;
    for (size_t in = 0; in < cell->length; in++) {
        const char next = in + 1 < cell->length ? data[in + 1] : '\0';
        if (data[in] == escape && in + 1 < cell->length &&
            (next == dialect->quote || next == escape || !dialect->quote))
            in++;
        data[out++] = data[in];
    }
    cell->length = out;
}

static bool is_white(const struct csv_reader *reader)
{
    for (size_t i = 0; i < reader->filled; i++)
        if (text_trim(reader->cells[i]).length)
            return false;
    return reader->filled == reader->count;
}

static bool is_blank(const struct csv_reader *reader, struct text whole)
{
    // DOS programs end a file with the letter Ctrl-Z.
    const bool end_mark =
        reader->count == 1 && !reader->ended && whole.length == 1 && whole.data[0] == '\x1A';
    switch (reader->found.dialect.blank) {
    case CSV_BLANK_KEEP:
        return end_mark;
    case CSV_BLANK_SKIP_WHITE:
        if (is_white(reader))
            return true;
        break;
    case CSV_BLANK_SKIP:
        break;
    }
    return end_mark ||
           (reader->count == 1 && !reader->last && !reader->quoted); // a lone "" is a row of one empty cell
}

// A whole row lies in the window from `start` on: hands it out, or leaves it out when it is blank.
static bool finish_row(struct csv_reader *reader, size_t start, bool *blank, struct err *err)
{
    const struct text whole = text_of(reader->window.text.data + start, reader->position - start);
    reader->row = (struct csv_row){.line = reader->line};
    *blank = is_blank(reader, whole);
    if (!report_damage(reader, whole, err))
        return false;
    if (reader->too_long)
        return fail(err, ERR_CSV_CELL_TOO_LONG, N(reader->too_long), N(reader->line));
    if (reader->expected && !*blank && !report_width(reader, err))
        return false;
    for (size_t i = 0; i < reader->escaped_count; i++)
        unescape(reader, &reader->cells[reader->escaped[i]]);
    reader->row.cells = reader->cells;
    reader->row.filled = reader->filled;
    reader->row.count = reader->count;
    reader->row.last = reader->last;
    reader->line += reader->row_lines;
    return true;
}

static size_t count_lines(const struct csv_reader *reader, struct text text)
{
    size_t lines = 0;
    for (size_t i = 0; i < text.length; i++)
        lines += text.data[i] == reader->line_end;
    return lines;
}

static bool slide(struct csv_reader *reader, struct err *err)
{
    struct buf *text = &reader->window.text;
    const bool done = csv_window_slide(&reader->window, reader->position, err);
    reader->position = 0;
    if (!done && err->code == ERR_CSV_BYTES) // what came before the bad bytes stands in the window
        return fail(err, ERR_CSV_BYTES, reader->window.encoding,
                    N(reader->line + count_lines(reader, buf_text(text))));
    if (!done && err->code == ERR_LIMIT_PASSED)
        return fail(err, ERR_CSV_ROW_TOO_LONG, N(CSV_ROW_BYTES_MAX >> 20), N(reader->line));
    if (!done)
        return false;
    reader->found.encoding = reader->window.encoding;
    marks_start(&reader->marks, text->data, text->length, 0);
    return true;
}

bool csv_reader_next(struct csv_reader *reader, const struct csv_row **row, struct err *err)
{
    *row = NULL;
    for (;;) {
        if (reader->position >= reader->window.text.length && reader->window.at_end)
            return true;
        const size_t start = reader->position;
        bool blank = false;
        switch (scan_row(reader)) {
        case SCAN_ROW:
            if (!finish_row(reader, start, &blank, err))
                return false;
            if (blank)
                continue;
            *row = &reader->row;
            return true;
        case SCAN_SKIPPED:
            reader->line += reader->row_lines;
            continue;
        case SCAN_MORE:
            if (!slide(reader, err))
                return false;
            continue;
        case SCAN_WIDE:
            return fail(err, ERR_CSV_TOO_WIDE, N(CSV_COLUMNS_MAX), N(reader->line));
        }
    }
}

void csv_reader_choose(struct csv_reader *reader, const uint32_t *columns, size_t count)
{
    reader->wanted = xreallocarray(reader->wanted, count, sizeof *columns);
    memcpy(reader->wanted, columns, count * sizeof *columns);
    reader->wanted_count = count;
    while (reader->capacity < count)
        grow(reader);
}

void csv_reader_expect(struct csv_reader *reader, size_t width)
{
    reader->expected = width;
}

/* ---- opening ------------------------------------------------------------------------------------------------------ */

static void watch_marks(struct csv_reader *reader)
{
    const struct csv_dialect *dialect = &reader->found.dialect;
    const struct buf *text = &reader->window.text;
    reader->quote = dialect->quote ? (unsigned char)dialect->quote : -1;
    reader->line_end = dialect->line_end == CSV_LINE_END_CR ? '\r' : '\n';
    const char bytes[MARKS_BYTES] = {dialect->delimiter, reader->line_end,
                                     dialect->quote ? dialect->quote : dialect->delimiter,
                                     dialect->escape ? dialect->escape : dialect->delimiter};
    memcpy(reader->marks.bytes, bytes, sizeof bytes);
    marks_start(&reader->marks, text->data, text->length, reader->position);
}

static bool check_dialect(const struct csv_dialect *dialect, struct err *err)
{
    const char bytes[] = {dialect->delimiter, dialect->quote, dialect->escape};
    for (size_t i = 0; i < sizeof bytes; i++)
        if (bytes[i] == '\n' || bytes[i] == '\r' || (unsigned char)bytes[i] >= 0x80)
            return fail(err, ERR_CSV_DIALECT);
    if (dialect->delimiter && (dialect->delimiter == dialect->quote || dialect->delimiter == dialect->escape))
        return fail(err, ERR_CSV_DIALECT);
    return true;
}

static bool start(struct csv_reader *reader, const struct csv_options *options, struct err *err)
{
    reader->found = (struct csv_found){.dialect = options->dialect};
    if (!check_dialect(&options->dialect, err))
        return false;
    if (!csv_window_begin(&reader->window, options->encoding, err)) {
        reader->line_end = '\n';
        const struct text before = buf_text(&reader->window.text);
        return err->code == ERR_CSV_BYTES
                   ? fail(err, ERR_CSV_BYTES, reader->window.encoding, N(1 + count_lines(reader, before)))
                   : false;
    }
    reader->found.encoding = reader->window.encoding;
    if (!options->look_no_further)
        reader->position = csv_sniff(&reader->found, buf_text(&reader->window.text), reader->window.at_end);
    if (reader->position) // a line `sep=;`
        reader->line++;
    watch_marks(reader);
    return true;
}

static struct csv_reader *reader_new(int descriptor, struct text memory, const struct csv_options *options)
{
    struct csv_reader *reader = xcalloc(1, sizeof *reader);
    reader->lenient = options->lenient;
    reader->line = 1;
    reader->window = csv_window_new(descriptor, memory, options->lenient);
    grow(reader);
    return reader;
}

bool csv_reader_open_file(struct csv_reader **out, int descriptor, const struct csv_options *options,
                          struct err *err)
{
    SCOPED(csv_reader)
    reader = reader_new(descriptor, text_of("", 0), options);
    if (!start(reader, options, err))
        return false;
    *out = STEAL(reader);
    return true;
}

bool csv_reader_open_text(struct csv_reader **out, struct text bytes, const struct csv_options *options,
                          struct err *err)
{
    SCOPED(csv_reader)
    reader = reader_new(-1, bytes, options);
    if (!start(reader, options, err))
        return false;
    *out = STEAL(reader);
    return true;
}

void csv_reader_free(struct csv_reader *reader)
{
    if (!reader)
        return;
    csv_window_dispose(&reader->window);
    xfree(reader->wanted);
    xfree(reader->escaped);
    xfree(reader->cells);
    xfree(reader);
}

bool csv_reader_settle(struct csv_reader *reader, struct err *err)
{
    const bool done = csv_window_settle(&reader->window, err);
    reader->found.encoding = reader->window.encoding;
    return done;
}

const struct csv_found *csv_reader_found(const struct csv_reader *reader)
{
    return &reader->found;
}

size_t csv_reader_problems(const struct csv_reader *reader, const struct csv_problem **problems)
{
    *problems = reader->problems;
    return reader->problem_count;
}

uint64_t csv_reader_bytes(const struct csv_reader *reader)
{
    return reader->window.bytes_read;
}
