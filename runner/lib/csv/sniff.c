// See sniff.h. Runs in the worker.
//
// The delimiter is the candidate by which most rows have the same number of cells, and of those the one with most cells.
// The comma must have more such rows than any other: in a file of semicolons each sum may hold one (12,50;13,50), but a
// file of commas seldom has a semicolon in every row.
#include "lib/csv/sniff.h"

enum { LOOKED_BYTES = 64 << 10, LOOKED_ROWS = 100, WIDTHS = 256 };

static const char delimiters[] = {';', '\t', '|', '\x1f', '\x1e', ','};

// By the first line end outside quotes. A file whose first one is CR without LF is taken for CR lines.
static enum csv_line_end find_line_end(struct text start, char quote)
{
    bool quoted = false;
    for (size_t i = 0; i < start.length; i++) {
        const char c = start.data[i];
        if (quote && c == quote)
            quoted = !quoted;
        else if (!quoted && c == '\n')
            return CSV_LINE_END_LF;
        else if (!quoted && c == '\r')
            return i + 1 < start.length && start.data[i + 1] != '\n' ? CSV_LINE_END_CR : CSV_LINE_END_LF;
    }
    return CSV_LINE_END_LF;
}

struct score {
    size_t rows, cells; // how many rows have the commonest width above one, and that width
};

static bool open_sample(struct csv_reader **out, const struct csv_dialect *dialect, struct text start)
{
    struct err err;
    const struct csv_options options = {.dialect = *dialect, .encoding = "utf-8", .lenient = true};
    return csv_reader_open_text(out, start, &options, &err);
}

static struct score score(const struct csv_dialect *dialect, struct text start, bool whole)
{
    struct score best = {0};
    size_t widths[WIDTHS] = {0}, rows = 0, last = 1;
    struct err err;
    const struct csv_row *row = NULL;
    SCOPED(csv_reader)
    reader = NULL;
    if (!open_sample(&reader, dialect, start))
        return best;
    while (rows < LOOKED_ROWS && csv_reader_next(reader, &row, &err) && row) {
        last = row->count < WIDTHS ? row->count : WIDTHS - 1;
        widths[last]++;
        rows++;
    }
    if (!row && !whole && rows > 1)
        widths[last]--; // the sample's end cuts the last row
    for (size_t i = 2; i < WIDTHS; i++)
        if (widths[i] > best.rows || (widths[i] == best.rows && widths[i] > 0))
            best = (struct score){widths[i], i};
    return best;
}

static char find_delimiter(const struct csv_dialect *given, struct text start, bool whole)
{
    struct csv_dialect dialect = *given;
    struct score best = {0};
    char found = ',';
    for (size_t i = 0; i < COUNT_OF(delimiters); i++) {
        dialect.delimiter = delimiters[i];
        if (dialect.delimiter == dialect.quote || dialect.delimiter == dialect.escape)
            continue;
        const struct score s = score(&dialect, start, whole);
        if (s.rows > best.rows || (s.rows == best.rows && s.cells > best.cells && delimiters[i] != ',')) {
            best = s;
            found = delimiters[i];
        }
    }
    return found;
}

// -1.234,50 and 12,5 can only have a decimal comma; 1,234.50 and 12.5 only a point. 1.234 and 1,234 may be thousands.
static enum csv_decimal decimal_of(struct text cell)
{
    cell = text_trim(cell);
    size_t commas = 0, points = 0, digits = 0, after = 0;
    char last = '\0';
    for (size_t i = 0; i < cell.length; i++) {
        const char c = cell.data[i];
        if (c >= '0' && c <= '9') {
            digits++;
            after++;
        } else if (c == ',' || c == '.') {
            *(c == ',' ? &commas : &points) += 1;
            last = c;
            after = 0;
        } else if (!(c == ' ' || ((c == '-' || c == '+') && i == 0))) {
            return CSV_DECIMAL_UNKNOWN;
        }
    }
    if (!digits || !last || !after || (last == ',' ? commas : points) != 1 ||
        (after == 3 && !(commas && points)))
        return CSV_DECIMAL_UNKNOWN;
    return last == ',' ? CSV_DECIMAL_COMMA : CSV_DECIMAL_POINT;
}

static enum csv_decimal find_decimal(const struct csv_dialect *dialect, struct text start)
{
    size_t seen[] = {[CSV_DECIMAL_UNKNOWN] = 0, [CSV_DECIMAL_POINT] = 0, [CSV_DECIMAL_COMMA] = 0};
    struct err err;
    const struct csv_row *row;
    SCOPED(csv_reader)
    reader = NULL;
    if (!open_sample(&reader, dialect, start))
        return CSV_DECIMAL_UNKNOWN;
    for (size_t rows = 0; rows < LOOKED_ROWS && csv_reader_next(reader, &row, &err) && row; rows++)
        for (size_t i = 0; i < row->count; i++)
            seen[decimal_of(row->cells[i])]++;
    if (seen[CSV_DECIMAL_COMMA] == seen[CSV_DECIMAL_POINT])
        return CSV_DECIMAL_UNKNOWN;
    return seen[CSV_DECIMAL_COMMA] > seen[CSV_DECIMAL_POINT] ? CSV_DECIMAL_COMMA : CSV_DECIMAL_POINT;
}

void csv_sniff(struct csv_found *found, struct text start, bool whole)
{
    struct csv_dialect *dialect = &found->dialect;
    const bool nested = dialect->delimiter && dialect->line_end != CSV_LINE_END_FIND;
    if (start.length > LOOKED_BYTES) {
        start.length = text_utf8_floor(start, LOOKED_BYTES);
        whole = false;
    }
    if (dialect->line_end == CSV_LINE_END_FIND)
        dialect->line_end = find_line_end(start, dialect->quote);
    if (!dialect->delimiter)
        dialect->delimiter = find_delimiter(dialect, start, whole);
    if (!nested) // a reader of a sample, told everything, looks no further
        found->decimal = find_decimal(dialect, start);
}
