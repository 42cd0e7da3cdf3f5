// CSV of any kind: whatever the bytes, rows come in order and within the limits; a strict reader that succeeds gives what
// a lenient one gives; and both give what a reading letter by letter gives, which is too slow and too simple for anything
// else. The first byte chooses the dialect.
#include "lib/csv/reader.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ROWS_MAX = 10000 };

static struct csv_options options_of(uint8_t choice)
{
    static const char *const encodings[] = {NULL, "utf-8", "windows-1252", "utf-16le"};
    struct csv_options options = {.dialect = csv_dialect_find(), .encoding = encodings[choice & 3]};
    options.dialect.delimiter = choice & 4 ? ';' : '\0';
    options.dialect.escape = choice & 8 ? '\\' : '\0';
    options.dialect.quote = choice & 16 ? '\0' : '"';
    options.dialect.comment = choice & 32 ? "#" : NULL;
    options.dialect.skip_space = choice & 64;
    options.dialect.blank = choice & 128 ? CSV_BLANK_KEEP : CSV_BLANK_SKIP;
    return options;
}

static void add_cell(uint64_t *sum, struct text cell)
{
    for (size_t i = 0; i < cell.length; i++)
        *sum = *sum * 31 + (unsigned char)cell.data[i];
    *sum = *sum * 37 + 1;
}

// A sum over all cells, by which two readings are compared; false when the reading failed.
static bool read_all(struct text bytes, const struct csv_options *options, uint64_t *sum)
{
    struct err err;
    size_t line = 0;
    const struct csv_row *row;
    struct csv_reader *reader = NULL;
    SCOPED_BUF(message, 4096);
    bool good = csv_reader_open_text(&reader, bytes, options, &err);
    *sum = 0;
    if (good)
        csv_reader_expect(reader, bytes.length % 5); // 0: none
    for (size_t rows = 0; good && rows < ROWS_MAX; rows++) {
        good = csv_reader_next(reader, &row, &err);
        if (!good || !row)
            break;
        require(row->line > line && row->count > 0 && row->count <= CSV_COLUMNS_MAX);
        require(row->filled == row->count && row->last <= row->count);
        line = row->line;
        for (size_t i = 0; i < row->count; i++) {
            require(row->cells[i].length <= CSV_CELL_BYTES_MAX && text_is_utf8(row->cells[i]));
            add_cell(sum, row->cells[i]);
        }
    }
    require(good || err_message(&message, &err, LANGUAGE_SV));
    csv_reader_free(reader);
    return good;
}

// A lone column, read by choice, has the cells that it has among all.
static void check_choice(struct text bytes, const struct csv_options *options)
{
    struct err err;
    const struct csv_row *row, *chosen;
    const uint32_t column = (uint32_t)(bytes.length % 3);
    SCOPED(csv_reader)
    all = NULL;
    SCOPED(csv_reader)
    one = NULL;
    if (!csv_reader_open_text(&all, bytes, options, &err) ||
        !csv_reader_open_text(&one, bytes, options, &err))
        return;
    csv_reader_choose(one, &column, 1);
    for (size_t rows = 0; rows < ROWS_MAX && csv_reader_next(all, &row, &err) && row; rows++) {
        require(csv_reader_next(one, &chosen, &err) && chosen);
        require(chosen->count == row->count && chosen->last == row->last && chosen->line == row->line);
        require(chosen->filled == (row->count > column));
        require(!chosen->filled || text_equal(chosen->cells[0], row->cells[column]));
    }
}

/* ---- letter by letter: RFC 4180 with LF or CR LF, UTF-8, a delimiter that is told; no other habits ----------------------- */

static bool ends(struct text text, size_t at, char delimiter)
{
    while (at < text.length && text.data[at] == ' ')
        at++;
    while (at < text.length && text.data[at] == '\r' &&
           (at + 1 == text.length || text.data[at + 1] == '\n' || text.data[at + 1] == '\r'))
        at++;
    return at >= text.length || text.data[at] == delimiter || text.data[at] == '\n';
}

static size_t simple_cell(struct text text, size_t at, char delimiter, struct buf *cell)
{
    buf_clear(cell);
    if (at < text.length && text.data[at] == '"') {
        for (at++; at < text.length; at++) {
            if (text.data[at] == '"' && at + 1 < text.length && text.data[at + 1] == '"')
                at++;
            else if (text.data[at] == '"' && ends(text, at + 1, delimiter))
                break;
            require(buf_append_char(cell, text.data[at]));
        }
        while (at < text.length && text.data[at] != delimiter && text.data[at] != '\n')
            at++;
        return at;
    }
    for (; at < text.length && text.data[at] != delimiter && text.data[at] != '\n'; at++)
        require(buf_append_char(cell, text.data[at]));
    while (cell->length && cell->data[cell->length - 1] == '\r' &&
           (at >= text.length || text.data[at] == '\n'))
        cell->length--;
    return at;
}

static uint64_t simple_sum(struct text text, char delimiter)
{
    uint64_t sum = 0;
    SCOPED_BUF(cell, 1 << 20);
    for (size_t at = 0; at < text.length; at++) {
        const bool quoted = text.data[at] == '"';
        size_t cells = 0;
        uint64_t row = sum;
        for (;; at++, cells++) {
            at = simple_cell(text, at, delimiter, &cell);
            add_cell(&row, buf_text(&cell));
            if (at >= text.length || text.data[at] != delimiter)
                break;
        }
        if (cells || cell.length || quoted) // a blank line is no row
            sum = row;
    }
    return sum;
}

static void check_simply(struct text bytes)
{
    uint64_t sum;
    const struct csv_options options = {
        .dialect = {.delimiter = ';', .quote = '"', .line_end = CSV_LINE_END_LF},
        .encoding = "utf-8",
        .lenient = true,
        .look_no_further = true};
    if (!text_is_utf8(bytes) || text_starts(bytes, "\xEF\xBB\xBF") ||
        memchr(bytes.data, '\x1A', bytes.length))
        return;
    require(read_all(bytes, &options, &sum));
    require(sum == simple_sum(bytes, ';'));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint64_t strict_sum, lenient_sum;
    if (!size)
        return 0;
    struct csv_options options = options_of(data[0]);
    const struct text bytes = text_of((const char *)data + 1, size - 1);
    const bool strict = read_all(bytes, &options, &strict_sum);
    options.lenient = true;
    const bool lenient = read_all(bytes, &options, &lenient_sum);
    require(!strict || (lenient && strict_sum == lenient_sum));
    check_choice(bytes, &options);
    if (bytes.length < 1000)
        check_simply(bytes);
    return 0;
}
