// See reader.h. Runs in the worker. A window slides over the decoded file; a row is handed out only when it lies in the
// window as a whole, so that cells can point into it and be unquoted in place. A row that is not whole is scanned again
// after the window has at least doubled: linear in all.
#include "lib/csv/reader.h"
#include "lib/csv/marks.h"
#include "lib/csv/sniff.h"
#include "lib/encoding/encoding.h"

#include <errno.h>
#include <unistd.h>

enum { CHUNK_BYTES = 256 << 10, DECODED_PER_BYTE = 3 };

struct span {
    size_t start, length; // in the window
    bool quoted;
    bool escaped; // holds doubled quotes or escapes that must go
};

struct csv_reader {
    struct csv_found found;
    bool lenient;

    int descriptor; // -1: memory
    struct text memory;
    off_t offset; // of the descriptor: several readers may share one
    uint64_t bytes_read;
    bool at_end; // no more bytes will come
    char *chunk; // only for descriptors
    struct decoder decoder;

    struct buf window;
    size_t position; // where the next row begins
    struct marks marks;
    bool has_nul;

    struct span *spans;
    struct text *cells;
    size_t count, capacity;
    size_t line, row_lines; // line: of the next row; row_lines: lines that the present row takes
    struct csv_row row;
    bool open_quote, stray_quote;

    struct csv_problem problems[CSV_PROBLEMS_KEPT];
    size_t problem_count;
};

/* ---- bytes in -------------------------------------------------------------------------------------------------- */

static bool read_chunk(struct csv_reader *reader, size_t wanted, struct text *out, struct err *err)
{
    if (reader->descriptor < 0) {
        *out = text_of(reader->memory.data, wanted < reader->memory.length ? wanted : reader->memory.length);
        reader->memory = text_of(reader->memory.data + out->length, reader->memory.length - out->length);
        reader->at_end = reader->memory.length == 0;
        return true;
    }
    size_t have = 0;
    while (have < CHUNK_BYTES) {
        ssize_t got = pread(reader->descriptor, reader->chunk + have, CHUNK_BYTES - have, reader->offset);
        if (got < 0 && errno == ESPIPE)
            got = read(reader->descriptor, reader->chunk + have, CHUNK_BYTES - have);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return fail(err, ERR_SYSTEM, "read", strerror(errno));
        if (got == 0) {
            reader->at_end = true;
            break;
        }
        have += (size_t)got;
        reader->offset += got;
    }
    *out = text_of(reader->chunk, have);
    return true;
}

static size_t count_byte(const char *data, size_t length, char byte)
{
    size_t count = 0;
    const char *end = data + length;
    for (const char *at = data; (at = memchr(at, byte, (size_t)(end - at))); at++)
        count++;
    return count;
}

// The decoder has put what came before the bad byte into the window: so the line is known.
static bool fail_bytes(const struct csv_reader *reader, struct err *err)
{
    const char line_end = reader->found.dialect.line_end == CSV_LINE_END_CR ? '\r' : '\n';
    const struct text rest = buf_text(&reader->window);
    const size_t lines = count_byte(rest.data + reader->position, rest.length - reader->position, line_end);
    return fail(err, ERR_CSV_BYTES, reader->found.encoding, N(reader->line + lines));
}

static bool decode(struct csv_reader *reader, struct text raw, struct err *err)
{
    const size_t before = reader->window.length;
    bool done = decoder_feed(&reader->decoder, &reader->window, raw, err);
    if (done && reader->at_end)
        done = decoder_finish(&reader->decoder, &reader->window, err);
    if (!done && err->code == ERR_LIMIT_PASSED)
        return err_note(err, "line %zu", reader->line);
    if (!done)
        return fail_bytes(reader, err);
    if (reader->window.length > before)
        reader->has_nul |= memchr(reader->window.data + before, 0, reader->window.length - before) != NULL;
    return true;
}

// Drops what was handed out and at least doubles what is left, up to the limit of a row.
static bool refill(struct csv_reader *reader, struct err *err)
{
    buf_consume(&reader->window, reader->position);
    reader->position = 0;
    const size_t rest = reader->window.length, wanted = rest > CHUNK_BYTES ? rest : CHUNK_BYTES;
    if (rest > CSV_ROW_BYTES_MAX) {
        fail(err, ERR_CSV_ROW_TOO_LONG, N(CSV_ROW_BYTES_MAX >> 20), N(reader->line));
        return false;
    }
    while (!reader->at_end && reader->window.length < rest + wanted) {
        struct text raw;
        if (!read_chunk(reader, CHUNK_BYTES, &raw, err) || !decode(reader, raw, err))
            return false;
        reader->bytes_read += raw.length;
    }
    // The marks look at whole blocks.
    if (!buf_reserve(&reader->window, MARKS_PADDING))
        return fail(err, ERR_CSV_ROW_TOO_LONG, N(CSV_ROW_BYTES_MAX >> 20), N(reader->line));
    memset(reader->window.data + reader->window.length, 0, MARKS_PADDING);
    marks_start(&reader->marks, reader->window.data, reader->window.length, 0);
    return true;
}

/* ---- problems --------------------------------------------------------------------------------------------------- */

static bool problem(struct csv_reader *reader, enum csv_problem_kind kind, struct err *err)
{
    static const enum err_code codes[] = {
        [CSV_PROBLEM_QUOTE_OPEN] = ERR_CSV_QUOTE_OPEN,
        [CSV_PROBLEM_QUOTE_STRAY] = ERR_CSV_QUOTE_STRAY,
        [CSV_PROBLEM_NUL] = ERR_CSV_NUL,
        [CSV_PROBLEM_BYTES] = ERR_CSV_BYTES,
    };
    if (!reader->lenient)
        return fail(err, codes[kind], N(reader->row.line));
    if (reader->problem_count < CSV_PROBLEMS_KEPT)
        reader->problems[reader->problem_count] = (struct csv_problem){kind, reader->row.line};
    reader->problem_count++;
    return true;
}

static bool report_problems(struct csv_reader *reader, struct text whole, struct err *err)
{
    if (reader->open_quote && !problem(reader, CSV_PROBLEM_QUOTE_OPEN, err))
        return false;
    if (reader->stray_quote && !problem(reader, CSV_PROBLEM_QUOTE_STRAY, err))
        return false;
    if (reader->has_nul && memchr(whole.data, 0, whole.length) && !problem(reader, CSV_PROBLEM_NUL, err))
        return false;
    if (reader->lenient && memmem(whole.data, whole.length, "\xEF\xBF\xBD", 3))
        return problem(reader, CSV_PROBLEM_BYTES, err);
    return true;
}

/* ---- one row ------------------------------------------------------------------------------------------------------ */

enum scan { SCAN_ROW, SCAN_SKIPPED, SCAN_MORE, SCAN_WIDE };

static bool at_delimiter(const struct csv_reader *reader, size_t position)
{
    return position < reader->window.length &&
           reader->window.data[position] == reader->found.dialect.delimiter;
}

static bool ends_cell(const struct csv_reader *reader, char c)
{
    const struct csv_dialect *dialect = &reader->found.dialect;
    return c == dialect->delimiter || c == (dialect->line_end == CSV_LINE_END_CR ? '\r' : '\n');
}

// A backslash hides the byte after it, which may itself be marked.
static bool skip_escaped(struct csv_reader *reader, size_t position, struct span *span)
{
    if (position + 1 >= reader->window.length)
        return false;
    span->escaped = true;
    marks_start(&reader->marks, reader->window.data, reader->window.length, position + 2);
    return true;
}

static size_t scan_plain(struct csv_reader *reader, struct span *span)
{
    const struct csv_dialect *dialect = &reader->found.dialect;
    const char *data = reader->window.data;
    for (;;) {
        const size_t position = marks_next(&reader->marks);
        if (position >= reader->window.length || ends_cell(reader, data[position])) {
            span->length = position - span->start;
            return position;
        }
        if (!dialect->quote && dialect->escape && data[position] == dialect->escape)
            (void)skip_escaped(reader, position, span); // as the last byte it stays
    }
}

// Where a quoted cell whose closing quote may stand at `quote` ends: the position of the delimiter or line end, or the
// window's length. SIZE_MAX: this quote does not close.
static size_t after_quote(const struct csv_reader *reader, size_t quote)
{
    const char *data = reader->window.data;
    const size_t length = reader->window.length;
    size_t at = quote + 1;
    while (at < length && data[at] == ' ' && reader->found.dialect.delimiter != ' ')
        at++;
    if (at < length && data[at] == '\r' && reader->found.dialect.line_end == CSV_LINE_END_LF &&
        (at + 1 == length || data[at + 1] == '\n'))
        at++;
    return at == length || ends_cell(reader, data[at]) ? at : SIZE_MAX;
}

// The span begins after the opening quote. SIZE_MAX: the window ends before the cell does.
static size_t scan_quoted(struct csv_reader *reader, struct span *span)
{
    const struct csv_dialect *dialect = &reader->found.dialect;
    const char *data = reader->window.data;
    const size_t length = reader->window.length;
    for (;;) {
        const size_t position = marks_next(&reader->marks);
        if (position >= length) {
            span->length = length - span->start;
            reader->open_quote = true;
            return reader->at_end ? length : SIZE_MAX;
        }
        const char c = data[position];
        if (dialect->escape && c == dialect->escape && c != dialect->quote) {
            if (!skip_escaped(reader, position, span) && !reader->at_end)
                return SIZE_MAX;
        } else if (c == dialect->quote) {
            if (position + 1 < length && data[position + 1] == c &&
                (!dialect->escape || dialect->escape == c)) {
                marks_next(&reader->marks);
                span->escaped = true;
                continue;
            }
            const size_t end = after_quote(reader, position);
            if (end == length && !reader->at_end)
                return SIZE_MAX;
            if (end != SIZE_MAX) {
                span->length = position - span->start;
                return end == length ? length : marks_next(&reader->marks);
            }
            reader->stray_quote = true;
        } else if (c == '\n' || (c == '\r' && dialect->line_end == CSV_LINE_END_CR)) {
            reader->row_lines++;
        }
    }
}

static struct span *add_span(struct csv_reader *reader, size_t start)
{
    if (reader->count == reader->capacity) {
        reader->capacity = reader->capacity ? reader->capacity * 2 : 32;
        reader->spans = xreallocarray(reader->spans, reader->capacity, sizeof *reader->spans);
        reader->cells = xreallocarray(reader->cells, reader->capacity, sizeof *reader->cells);
    }
    reader->spans[reader->count] = (struct span){.start = start};
    return &reader->spans[reader->count++];
}

// Scans one cell that begins at *position; moves it to the cell's end.
static bool scan_cell(struct csv_reader *reader, size_t *position)
{
    const struct csv_dialect *dialect = &reader->found.dialect;
    const char *data = reader->window.data;
    size_t start = *position;
    while (dialect->skip_space && start < reader->window.length && data[start] == ' ' &&
           dialect->delimiter != ' ')
        start++;
    struct span *span = add_span(reader, start);
    if (dialect->quote && start < reader->window.length && data[start] == dialect->quote) {
        marks_next(&reader->marks); // the opening quote
        span->start++;
        span->quoted = true;
        *position = scan_quoted(reader, span);
        return *position != SIZE_MAX;
    }
    *position = scan_plain(reader, span);
    return *position < reader->window.length || reader->at_end;
}

// CR before LF belongs to the line end, also where a file is cut between the two.
static void drop_carriage_return(struct csv_reader *reader)
{
    struct span *last = &reader->spans[reader->count - 1];
    if (!last->quoted && reader->found.dialect.line_end == CSV_LINE_END_LF && last->length &&
        reader->window.data[last->start + last->length - 1] == '\r')
        last->length--;
}

static size_t after_line_end(const struct csv_reader *reader, size_t position)
{
    if (position >= reader->window.length)
        return reader->window.length;
    const bool pair = reader->found.dialect.line_end == CSV_LINE_END_CR &&
                      position + 1 < reader->window.length && reader->window.data[position + 1] == '\n';
    return position + (pair ? 2 : 1);
}

static bool starts_comment(const struct csv_reader *reader, bool *known)
{
    const char *comment = reader->found.dialect.comment;
    const size_t left = reader->window.length - reader->position;
    *known = !comment || left >= strlen(comment) || reader->at_end;
    return comment && *comment && left >= strlen(comment) &&
           memcmp(reader->window.data + reader->position, comment, strlen(comment)) == 0;
}

static enum scan skip_comment(struct csv_reader *reader)
{
    const char line_end = reader->found.dialect.line_end == CSV_LINE_END_CR ? '\r' : '\n';
    size_t position;
    do
        position = marks_next(&reader->marks);
    while (position < reader->window.length && reader->window.data[position] != line_end);
    if (position >= reader->window.length && !reader->at_end)
        return SCAN_MORE;
    reader->position = after_line_end(reader, position);
    marks_start(&reader->marks, reader->window.data, reader->window.length, reader->position);
    reader->row_lines = 1;
    return SCAN_SKIPPED;
}

static enum scan scan_row(struct csv_reader *reader)
{
    bool known;
    reader->count = 0;
    reader->row_lines = 0;
    reader->open_quote = reader->stray_quote = false;
    if (starts_comment(reader, &known))
        return skip_comment(reader);
    if (!known)
        return SCAN_MORE;
    size_t position = reader->position;
    for (;;) {
        if (reader->count == CSV_COLUMNS_MAX)
            return SCAN_WIDE;
        if (!scan_cell(reader, &position))
            return SCAN_MORE;
        if (!at_delimiter(reader, position))
            break;
        position++;
    }
    drop_carriage_return(reader);
    // In a file of CR lines the LF that may follow must be seen before the row counts as whole.
    if (reader->found.dialect.line_end == CSV_LINE_END_CR && position + 1 == reader->window.length &&
        !reader->at_end)
        return SCAN_MORE;
    reader->position = after_line_end(reader, position);
    reader->row_lines++;
    return SCAN_ROW;
}

// Takes doubled quotes and escapes out, in place.
static struct text unescape(const struct csv_reader *reader, const struct span *span)
{
    const struct csv_dialect *dialect = &reader->found.dialect;
    const char escape = dialect->escape ? dialect->escape : dialect->quote;
    char *data = reader->window.data + span->start;
    size_t out = 0;
    for (size_t in = 0; in < span->length; in++) {
        const char next = in + 1 < span->length ? data[in + 1] : '\0';
        if (data[in] == escape && in + 1 < span->length &&
            (next == dialect->quote || next == escape || !dialect->quote))
            in++;
        data[out++] = data[in];
    }
    return text_of(data, out);
}

static bool is_blank(const struct csv_reader *reader, enum csv_blank rule)
{
    if (rule == CSV_BLANK_KEEP)
        return false;
    if (reader->count == 1 && reader->cells[0].length == 0 && !reader->spans[0].quoted)
        return true; // a lone "" is a row of one empty cell
    for (size_t i = 0; i < reader->count && rule == CSV_BLANK_SKIP_WHITE; i++)
        if (text_trim(reader->cells[i]).length)
            return false;
    return rule == CSV_BLANK_SKIP_WHITE;
}

static bool cells_from_spans(struct csv_reader *reader, struct err *err)
{
    for (size_t i = 0; i < reader->count; i++) {
        const struct span *span = &reader->spans[i];
        if (span->length > CSV_CELL_BYTES_MAX)
            return fail(err, ERR_CSV_CELL_TOO_LONG, N(i + 1), N(reader->line));
        reader->cells[i] =
            span->escaped ? unescape(reader, span) : text_of(reader->window.data + span->start, span->length);
    }
    return true;
}

// A whole row lies in the window from `start` on: hands it out, or leaves it out when it is blank.
static bool finish_row(struct csv_reader *reader, size_t start, bool *blank, struct err *err)
{
    const struct text whole = text_of(reader->window.data + start, reader->position - start);
    reader->row = (struct csv_row){.line = reader->line};
    if (!report_problems(reader, whole, err) || !cells_from_spans(reader, err))
        return false;
    *blank = is_blank(reader, reader->found.dialect.blank);
    reader->row.cells = reader->cells;
    reader->row.count = reader->count;
    reader->line += reader->row_lines;
    return true;
}

bool csv_reader_next(struct csv_reader *reader, const struct csv_row **row, struct err *err)
{
    *row = NULL;
    for (;;) {
        if (reader->position >= reader->window.length && reader->at_end)
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
            if (!refill(reader, err))
                return false;
            continue;
        case SCAN_WIDE:
            return fail(err, ERR_CSV_TOO_WIDE, N(CSV_COLUMNS_MAX), N(reader->line));
        }
    }
}

/* ---- opening ------------------------------------------------------------------------------------------------------ */

// A file with letters in proper UTF-8 and bytes that are none is a damaged UTF-8 file, not one of an older encoding:
// it must not be read as "Ã„ijÃ¤".
static bool is_broken_utf8(struct text start)
{
    size_t proper = 0, broken = 0;
    for (struct text rest = start; rest.length;) {
        uint32_t code;
        const size_t length = text_utf8_decode(rest, &code);
        if (length > 1)
            proper++;
        else if (length == 0 && rest.length >= 4)
            broken++;
        rest = text_of(rest.data + (length ? length : 1), rest.length - (length ? length : 1));
    }
    return broken && proper >= broken;
}

static bool choose_encoding(struct csv_reader *reader, const char *label, struct text start, struct err *err)
{
    const struct encoding *encoding = NULL;
    if (label) {
        if (!encoding_require(&encoding, text_from(label), err))
            return false;
    } else {
        encoding = is_broken_utf8(start) ? encoding_utf8() : encoding_guess(start);
    }
    reader->found.encoding = encoding_name(encoding);
    reader->decoder = decoder_new(encoding, reader->lenient ? ENCODING_LOSSY : ENCODING_STRICT);
    return true;
}

static void watch_marks(struct csv_reader *reader)
{
    const struct csv_dialect *dialect = &reader->found.dialect;
    struct marks *marks = &reader->marks;
    marks->bytes[0] = dialect->delimiter;
    marks->bytes[1] = dialect->line_end == CSV_LINE_END_CR ? '\r' : '\n';
    marks->bytes[2] = dialect->quote ? dialect->quote : dialect->delimiter;
    marks->bytes[3] = dialect->escape ? dialect->escape : dialect->delimiter;
    marks_start(marks, reader->window.data, reader->window.length, 0);
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
    struct text raw;
    if (!check_dialect(&options->dialect, err) || !read_chunk(reader, CHUNK_BYTES, &raw, err))
        return false;
    reader->bytes_read = raw.length;
    reader->found.dialect = options->dialect;
    if (!choose_encoding(reader, options->encoding, raw, err) || !decode(reader, raw, err) ||
        !buf_reserve(&reader->window, MARKS_PADDING))
        return false;
    memset(reader->window.data + reader->window.length, 0, MARKS_PADDING);
    csv_sniff(&reader->found, buf_text(&reader->window), reader->at_end);
    watch_marks(reader);
    return true;
}

static struct csv_reader *reader_new(const struct csv_options *options)
{
    struct csv_reader *reader = xcalloc(1, sizeof *reader);
    reader->lenient = options->lenient;
    reader->descriptor = -1;
    reader->line = 1;
    reader->window =
        buf_new((size_t)CSV_ROW_BYTES_MAX * 2 + (size_t)CHUNK_BYTES * DECODED_PER_BYTE + MARKS_PADDING);
    return reader;
}

bool csv_reader_open_file(struct csv_reader **out, int descriptor, const struct csv_options *options,
                          struct err *err)
{
    SCOPED(csv_reader)
    reader = reader_new(options);
    reader->descriptor = descriptor;
    reader->chunk = xmalloc(CHUNK_BYTES);
    if (!start(reader, options, err))
        return false;
    *out = STEAL(reader);
    return true;
}

bool csv_reader_open_text(struct csv_reader **out, struct text bytes, const struct csv_options *options,
                          struct err *err)
{
    SCOPED(csv_reader)
    reader = reader_new(options);
    reader->memory = bytes;
    if (!start(reader, options, err))
        return false;
    *out = STEAL(reader);
    return true;
}

void csv_reader_free(struct csv_reader *reader)
{
    if (!reader)
        return;
    buf_dispose(&reader->window);
    xfree(reader->chunk);
    xfree(reader->spans);
    xfree(reader->cells);
    xfree(reader);
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
    return reader->bytes_read;
}
