// See sniff.h. Runs in the worker.
//
// The delimiter is the candidate by which most rows have the same number of cells, and of those the one with most cells.
// The comma must have more such rows than any other: in a file of semicolons each sum may hold one (12,50;13,50), but a
// file of commas seldom has a semicolon in every row. Where commas are all that is seen, they may be those of decimals
// (12,50) or of prose (Virtanen, Matti) in a file of one column: see is_single.
#include "lib/csv/sniff.h"
#include "lib/csv/amount_marks.h"

enum { LOOKED_BYTES = 64 << 10, LOOKED_ROWS = 200, WIDTHS = 256, TITLE_LINES_MAX = 30 };

static const char delimiters[] = {';', '\t', '|', '\x1f', '\x1e', '~', '^', ','};

// What no text holds: the delimiter of a file that has none.
static const char no_delimiter = '\x1f';

struct sample {
    struct text text;
    bool whole;
};

/* ---- rows of a sample ---------------------------------------------------------------------------------------------- */

static bool open_sample(struct csv_reader **out, const struct csv_dialect *dialect, struct text start)
{
    struct err err;
    const struct csv_options options = {
        .dialect = *dialect, .encoding = "utf-8", .lenient = true, .look_no_further = true};
    return csv_reader_open_text(out, start, &options, &err);
}

struct score {
    size_t rows, cells; // how many rows have the commonest width above one, and that width
    size_t first;       // the first row's width
    size_t problems;
};

static struct score score(const struct csv_dialect *dialect, struct sample sample)
{
    struct score best = {0};
    size_t widths[WIDTHS] = {0}, rows = 0, last = 1;
    struct err err;
    const struct csv_row *row = NULL;
    const struct csv_problem *problems;
    SCOPED(csv_reader)
    reader = NULL;
    if (!open_sample(&reader, dialect, sample.text))
        return best;
    while (rows < LOOKED_ROWS && csv_reader_next(reader, &row, &err) && row) {
        last = row->count < WIDTHS ? row->count : WIDTHS - 1;
        widths[last]++;
        best.first = rows++ ? best.first : last;
    }
    if (!row && !sample.whole && rows > 1)
        widths[last]--; // the sample's end cuts the last row
    for (size_t i = 2; i < WIDTHS; i++)
        if (widths[i] > best.rows || (widths[i] == best.rows && widths[i] > 0)) {
            best.rows = widths[i];
            best.cells = i;
        }
    best.problems = csv_reader_problems(reader, &problems);
    return best;
}

/* ---- delimiter ------------------------------------------------------------------------------------------------------ */

static bool is_prose(struct text line)
{
    for (size_t i = 0; i < line.length; i++)
        if (line.data[i] == ',' && i + 1 < line.length && line.data[i + 1] != ' ')
            return false;
    return true;
}

// The first line has no comma, and those in the lines below are part of numbers or prose.
static bool is_single(const struct csv_dialect *dialect, struct sample sample)
{
    size_t commas = 0, rows = 0;
    struct err err;
    const struct csv_row *row;
    struct csv_dialect single = *dialect;
    SCOPED(csv_reader)
    reader = NULL;
    single.delimiter = no_delimiter;
    if (!open_sample(&reader, &single, sample.text))
        return false;
    for (; rows < LOOKED_ROWS && csv_reader_next(reader, &row, &err) && row; rows++) {
        const struct text line = row->cells[0];
        if (text_find(line, ',') < 0)
            continue;
        if (rows == 0 || (amount_marks_of(line).decimal != CSV_DECIMAL_COMMA && !is_prose(line)))
            return false;
        commas++;
    }
    return commas > 0;
}

static char find_delimiter(const struct csv_dialect *given, struct sample sample, bool *single)
{
    struct csv_dialect dialect = *given;
    struct score best = {0};
    char found = ',';
    for (size_t i = 0; i < sizeof delimiters; i++) {
        dialect.delimiter = delimiters[i];
        if (dialect.delimiter == dialect.quote || dialect.delimiter == dialect.escape ||
            !memchr(sample.text.data, dialect.delimiter, sample.text.length))
            continue;
        const struct score s = score(&dialect, sample);
        if (s.rows > best.rows || (s.rows == best.rows && s.cells > best.cells && delimiters[i] != ',')) {
            best = s;
            found = delimiters[i];
        }
    }
    *single = !best.rows || (found == ',' && best.cells <= 3 && best.first == 1 && is_single(given, sample));
    return *single && best.rows ? no_delimiter : found;
}

/* ---- quotes --------------------------------------------------------------------------------------------------------- */

// \" within quotes, where doubled quotes would leave stray ones.
static void find_escape(struct csv_dialect *dialect, struct sample sample)
{
    struct csv_dialect escaped = *dialect;
    escaped.escape = '\\';
    if (dialect->delimiter == '\\' || !memmem(sample.text.data, sample.text.length, "\\\"", 2))
        return;
    const struct score plain = score(dialect, sample);
    if (plain.problems && score(&escaped, sample).problems < plain.problems)
        dialect->escape = '\\';
}

static size_t cells_in_apostrophes(const struct csv_row *row, bool *half)
{
    size_t count = 0;
    for (size_t i = 0; i < row->filled; i++) {
        const struct text cell = text_trim(row->cells[i]);
        const bool begins = cell.length > 1 && cell.data[0] == '\'';
        const bool ends = cell.length > 1 && cell.data[cell.length - 1] == '\'';
        count += begins && ends;
        *half = *half || begins != ends;
    }
    return count;
}

// ' around cells: in a file without ", at least one cell a row, and none that only begins or ends so.
static void find_apostrophes(struct csv_dialect *dialect, struct sample sample)
{
    size_t count = 0, rows = 0;
    bool half = false;
    struct err err;
    const struct csv_row *row;
    struct csv_dialect apostrophes = *dialect;
    SCOPED(csv_reader)
    reader = NULL;
    apostrophes.quote = '\'';
    if (memchr(sample.text.data, '"', sample.text.length) || dialect->delimiter == '\'' ||
        !memchr(sample.text.data, '\'', sample.text.length) || !open_sample(&reader, dialect, sample.text))
        return;
    for (; rows < LOOKED_ROWS && csv_reader_next(reader, &row, &err) && row; rows++)
        count += cells_in_apostrophes(row, &half);
    // A delimiter within the quotes makes halves: then the rows must fit better with them.
    if (count >= rows && count > 1 &&
        (!half || score(&apostrophes, sample).rows > score(dialect, sample).rows))
        dialect->quote = '\'';
}

/* ---- numbers, header ------------------------------------------------------------------------------------------------ */

struct seen {
    size_t decimal[CSV_DECIMAL_COMMA + 1], thousands[CSV_THOUSANDS_APOSTROPHE + 1];
};

static void judge_numbers(struct csv_found *found, const struct seen *seen)
{
    const size_t comma = seen->decimal[CSV_DECIMAL_COMMA], point = seen->decimal[CSV_DECIMAL_POINT];
    found->decimal = comma == point  ? CSV_DECIMAL_UNKNOWN
                     : comma > point ? CSV_DECIMAL_COMMA
                                     : CSV_DECIMAL_POINT;
    for (unsigned i = CSV_THOUSANDS_SPACE; i <= CSV_THOUSANDS_APOSTROPHE; i++) {
        const bool is_decimal = (i == CSV_THOUSANDS_POINT && found->decimal != CSV_DECIMAL_COMMA) ||
                                (i == CSV_THOUSANDS_COMMA && found->decimal != CSV_DECIMAL_POINT);
        if (!is_decimal && seen->thousands[i] > (found->thousands ? seen->thousands[found->thousands] : 0))
            found->thousands = (enum csv_thousands)i;
    }
}

static size_t filled_cells(const struct csv_row *row)
{
    size_t count = 0;
    for (size_t i = 0; i < row->filled; i++)
        count += text_trim(row->cells[i]).length > 0;
    return count;
}

static bool looks_like_header(const struct csv_row *row, size_t width)
{
    for (size_t i = 0; i < row->filled; i++) {
        const struct text cell = text_trim(row->cells[i]);
        if (cell.length && cell.data[0] >= '0' && cell.data[0] <= '9')
            return false;
        if (amount_marks_of(cell).number)
            return false;
    }
    return row->count >= width && filled_cells(row) == row->count && row->count > 1;
}

// The first row; or the one below lines of a title, which have one cell only, when that one reads as a header and is as
// wide as most rows are.
static void look_at_rows(struct csv_found *found, struct sample sample)
{
    struct seen seen = {0};
    struct err err;
    const struct csv_row *row;
    bool titles = true;
    const size_t width = found->single ? 1 : score(&found->dialect, sample).cells;
    SCOPED(csv_reader)
    reader = NULL;
    if (!open_sample(&reader, &found->dialect, sample.text))
        return;
    for (size_t rows = 0; rows < LOOKED_ROWS && csv_reader_next(reader, &row, &err) && row; rows++) {
        if (!found->header)
            found->header = row->line;
        else if (titles && rows <= TITLE_LINES_MAX && looks_like_header(row, width))
            found->header = row->line;
        titles = titles && filled_cells(row) <= 1 && width > 1;
        for (size_t i = 0; i < row->filled; i++) {
            const struct amount_marks marks = amount_marks_of(row->cells[i]);
            seen.decimal[marks.decimal]++;
            seen.thousands[marks.thousands]++;
        }
    }
    judge_numbers(found, &seen);
}

/* ---- line ends ------------------------------------------------------------------------------------------------------ */

// By the first line end outside quotes.
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

/* ---- all of it -------------------------------------------------------------------------------------------------------- */

// "sep=;" and a line end, also in quotes.
static size_t separator_line(struct text start, char *delimiter)
{
    const size_t quote = start.length && start.data[0] == '"';
    const struct text line = text_of(start.data + quote, start.length - quote);
    if (line.length < 6 || !text_equal_ascii_case(text_of(line.data, 4), TEXT_OF("sep=")))
        return 0;
    size_t at = 5;
    if (quote && line.data[at++] != '"')
        return 0;
    if (at < line.length && line.data[at] == '\r')
        at += 1 + (at + 1 < line.length && line.data[at + 1] == '\n');
    else if (at < line.length && line.data[at] == '\n')
        at++;
    else
        return 0;
    *delimiter = line.data[4];
    return quote + at;
}

static bool may_delimit(char c)
{
    return c != '"' && c != '\r' && c != '\n' && (unsigned char)c < 0x80 && c != '\0';
}

// The line `sep=;` at the start, where it fits what was told: its length, and its delimiter in *named.
static size_t fitting_separator_line(const struct csv_dialect *told, struct text start, char *named)
{
    const size_t length = separator_line(start, named);
    const bool fits = length && may_delimit(*named) && *named != told->quote && *named != told->escape &&
                      (!told->delimiter || told->delimiter == *named);
    return fits ? length : 0;
}

size_t csv_sniff(struct csv_found *found, struct text start, bool whole)
{
    struct csv_dialect *dialect = &found->dialect;
    char named = '\0';
    const size_t skipped = fitting_separator_line(dialect, start, &named);
    struct sample sample = {text_of(start.data + skipped, start.length - skipped), whole};
    if (sample.text.length > LOOKED_BYTES)
        sample =
            (struct sample){text_of(sample.text.data, text_utf8_floor(sample.text, LOOKED_BYTES)), false};
    if (dialect->line_end == CSV_LINE_END_FIND)
        dialect->line_end = find_line_end(sample.text, dialect->quote);
    if (skipped)
        dialect->delimiter = named;
    if (!dialect->delimiter)
        dialect->delimiter = find_delimiter(dialect, sample, &found->single);
    if (dialect->find_quote && dialect->quote)
        find_apostrophes(dialect, sample);
    if (dialect->find_quote && dialect->quote && !dialect->escape)
        find_escape(dialect, sample);
    look_at_rows(found, sample);
    found->header += skipped && found->header;
    return skipped;
}
