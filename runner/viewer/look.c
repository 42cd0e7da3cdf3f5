// What a file is, told before its first row: format, pages and their sizes, types per column (viewer.h). In the viewer.
//
// Pages are read for it, the shown one first, until VIEW_LOOK_CELLS_MAX cells were seen; what comes after is told as the
// file claims it. A page that is damaged is told as such, unless it is the one to be shown.
#include "viewer/viewer.h"

enum {
    FACTS_BYTES_MAX = 800000,
    TITLE_BYTES_MAX = 120,
    MERGED_LISTED_MAX = 20,
    ROWS_MAX = 1 << 30,
    TITLES_WITHIN_ROWS = 10
};

struct column_facts {
    bool hidden;
    char title[TITLE_BYTES_MAX + 1]; // its text in the row of names
    uint32_t kinds[KIND_COUNT];
};

struct page_facts {
    uint32_t rows, last_row, last_column, hidden_rows, estimate;
    uint32_t title_row,
        titled_at;     // the number of the row of names; how many rows were seen with it; 0: there is none
    size_t most_cells; // of a row, as long as the row of names is looked for
    size_t merged_count, problem_count;
    struct range merged[MERGED_LISTED_MAX];
    struct csv_problem problems[VIEW_PROBLEMS_MAX];
    bool whole;
    struct column_facts *columns; // of the shown page, VIEW_COLUMNS_MAX; else NULL
};

// ---- reading

// Names of columns are texts, all of them, and stand in the first rows: in the first of all, or below a few that are
// half as wide at most, such as a title and a date.
static bool is_title(const struct view *view, const struct page_facts *facts, const struct sheet_row *row)
{
    bool texts = row->count > 0 && facts->rows < TITLES_WITHIN_ROWS && row->count >= 2 * facts->most_cells;
    for (size_t i = 0; texts && i < row->count; i++)
        texts = kind_of(view, &row->cells[i]) == KIND_TEXT;
    return texts;
}

// What stood above the names is forgotten.
static void begin_columns(struct page_facts *facts, const struct sheet_row *row)
{
    facts->title_row = row->number;
    facts->titled_at = facts->rows + 1;
    for (uint32_t i = 0; facts->columns && i < VIEW_COLUMNS_MAX; i++)
        facts->columns[i] = (struct column_facts){.hidden = facts->columns[i].hidden};
}

static void keep_title(struct column_facts *column, struct text title)
{
    const size_t length = text_utf8_floor(title, TITLE_BYTES_MAX);
    memcpy(column->title, title.data, length);
    column->title[length] = '\0';
}

static void look_at_row(const struct view *view, struct page_facts *facts, const struct sheet_row *row)
{
    const bool title = is_title(view, facts, row);
    if (title)
        begin_columns(facts, row);
    if (row->count > facts->most_cells)
        facts->most_cells = row->count;
    for (size_t i = 0; facts->columns && i < row->count && row->cells[i].column <= VIEW_COLUMNS_MAX; i++) {
        struct column_facts *column = &facts->columns[row->cells[i].column - 1];
        if (title)
            keep_title(column, row->cells[i].text);
        else
            column->kinds[kind_of(view, &row->cells[i])]++;
    }
    const uint32_t last = row->width ? row->width : row->cells[row->count - 1].column;
    facts->rows++;
    facts->last_row = row->number > facts->last_row ? row->number : facts->last_row;
    facts->last_column = last > facts->last_column ? last : facts->last_column;
    facts->hidden_rows += row->hidden;
}

static void keep_ends(struct page_facts *facts, const struct book_rows *rows)
{
    const struct range *ranges;
    const struct csv_problem *problems;
    facts->merged_count = book_rows_merged(rows, &ranges);
    for (size_t i = 0; i < facts->merged_count && i < MERGED_LISTED_MAX; i++)
        facts->merged[i] = ranges[i];
    facts->problem_count = book_rows_problems(rows, &problems);
    for (size_t i = 0; i < facts->problem_count && i < VIEW_PROBLEMS_MAX; i++)
        facts->problems[i] = problems[i];
}

static bool look_at_rows(struct view *view, struct page_facts *facts, struct book_rows *rows, size_t *budget,
                         struct err *err)
{
    const struct sheet_row *row;
    while (*budget && facts->rows < ROWS_MAX) {
        if (!book_rows_next(rows, &row, err))
            return false;
        facts->whole = !row;
        if (!row)
            break;
        *budget -= row->count < *budget ? row->count : *budget;
        if (row->count || row->width)
            look_at_row(view, facts, row);
    }
    keep_ends(facts, rows);
    return true;
}

static bool look_at_page(struct view *view, struct page_facts *facts, size_t index, size_t *budget,
                         struct err *err)
{
    SCOPED(book_rows)
    rows = NULL;
    if (!*budget)
        return true;
    if (!book_rows_open(&rows, view->book, index, ROWS_WITH_VALUES, err))
        return false;
    for (uint32_t i = 0; facts->columns && i < VIEW_COLUMNS_MAX; i++)
        facts->columns[i].hidden = spans_hold(book_rows_hidden_columns(rows), i + 1);
    if (!look_at_rows(view, facts, rows, budget, err))
        return false;
    facts->estimate = facts->whole ? 0 : book_rows_estimate(rows);
    return true;
}

// ---- telling

static void write_number(struct json_writer *writer, const char *key, int64_t number)
{
    if (!number)
        return;
    json_write_key(writer, key);
    json_write_integer(writer, number);
}

static void write_problems(struct json_writer *writer, const struct page_facts *facts)
{
    static const char *const kinds[] = {[CSV_PROBLEM_QUOTE_OPEN] = "quote_open",
                                        [CSV_PROBLEM_QUOTE_STRAY] = "quote_stray",
                                        [CSV_PROBLEM_NUL] = "nul",
                                        [CSV_PROBLEM_BYTES] = "bytes"};
    json_write_key(writer, "problems");
    json_begin_array(writer);
    for (size_t i = 0; i < facts->problem_count && i < VIEW_PROBLEMS_MAX; i++) {
        json_begin_array(writer);
        json_write_string(writer, kinds[facts->problems[i].kind]);
        json_write_integer(writer, (int64_t)facts->problems[i].line);
        json_end_array(writer);
    }
    json_end_array(writer);
    write_number(writer, "problem_count", (int64_t)facts->problem_count);
}

static void write_merged(struct json_writer *writer, const struct page_facts *facts)
{
    json_write_key(writer, "merged");
    json_begin_array(writer);
    for (size_t i = 0; i < facts->merged_count && i < MERGED_LISTED_MAX; i++) {
        char both[RANGE_TEXT_SIZE];
        json_write_string(writer, range_text(both, facts->merged[i]));
    }
    json_end_array(writer);
    write_number(writer, "merged_count", (int64_t)facts->merged_count);
}

static void write_page(struct json_writer *writer, const struct view *view, size_t index, bool shown,
                       const struct page_facts *facts, const struct err *damage)
{
    static const char *const states[] = {
        [PAGE_VISIBLE] = "visible", [PAGE_HIDDEN] = "hidden", [PAGE_VERY_HIDDEN] = "veryHidden"};
    const struct page *page = book_page(view->book, index);
    json_begin_object(writer);
    write_number(writer, "number", (int64_t)index + 1);
    json_write_key(writer, "shown");
    json_write_boolean(writer, shown);
    json_write_key(writer, "name");
    json_write_lossy(writer, text_from(page->name));
    json_write_key(writer, "visibility");
    json_write_string(writer, states[page->visibility]);
    json_write_key(writer, "has_cells");
    json_write_boolean(writer, page->has_cells);
    json_write_key(writer, "whole"); // the sizes are counted to the end
    json_write_boolean(writer, facts->whole);
    write_number(writer, "rows", facts->rows);
    write_number(writer, "last_row", facts->last_row);
    write_number(writer, "last_column", facts->last_column);
    write_number(writer, "hidden_rows", facts->hidden_rows);
    write_number(writer, "estimate", facts->estimate);
    if (damage->code != ERR_NONE) {
        json_write_key(writer, "problem");
        err_write(writer, damage);
    }
    json_end_object(writer);
}

static void write_columns(struct json_writer *writer, const struct page_facts *facts)
{
    json_write_key(writer, "columns");
    json_begin_array(writer);
    for (uint32_t i = 0; i < facts->last_column && i < VIEW_COLUMNS_MAX; i++) {
        json_begin_object(writer);
        json_write_key(writer, "hidden");
        json_write_boolean(writer, facts->columns[i].hidden);
        json_write_key(writer, "title");
        json_write_lossy(writer, text_from(facts->columns[i].title));
        for (int kind = 0; kind < KIND_COUNT; kind++)
            write_number(writer, kind_name((enum kind)kind), facts->columns[i].kinds[kind]);
        json_end_object(writer);
    }
    json_end_array(writer);
}

static void write_found(struct json_writer *writer, const struct view *view)
{
    static const char *const marks[] = {
        [CSV_DECIMAL_UNKNOWN] = NULL, [CSV_DECIMAL_POINT] = ".", [CSV_DECIMAL_COMMA] = ","};
    const char delimiter[] = {view->found.dialect.delimiter, '\0'};
    json_write_key(writer, "format");
    json_write_string(writer, book_format_name(view->book));
    if (book_format(view->book) == BOOK_CSV) {
        json_write_key(writer, "encoding");
        json_write_string(writer, view->found.encoding);
        json_write_key(writer, "delimiter");
        json_write_string(writer, delimiter);
        json_write_key(writer, "decimal");
        json_write_string(writer, marks[view->found.decimal]);
    } else {
        write_number(writer, "date_system", book_is_1904(view->book) ? 1904 : 1900);
        json_write_key(writer, "macros");
        json_write_boolean(writer, book_has_macros(view->book));
    }
}

static bool done(const struct json_writer *writer, struct err *err)
{
    return json_writer_done(writer) || fail(err, ERR_LIMIT_PASSED, "pages", N(FACTS_BYTES_MAX));
}

// Pages are written as they are looked at: of each but the shown one little is kept.
static void tell_pages(struct view *view, struct json_writer *writer, size_t shown,
                       const struct page_facts *own, size_t budget)
{
    const size_t count = book_page_count(view->book);
    json_write_key(writer, "pages");
    json_begin_array(writer);
    for (size_t i = 0; i < count; i++) {
        if (i >= VIEW_PAGES_MAX && i != shown)
            continue;
        struct page_facts other = {0};
        struct err damage = {.code = ERR_NONE};
        if (i != shown && !look_at_page(view, &other, i, &budget, &damage))
            other.whole = false;
        write_page(writer, view, i, i == shown, i == shown ? own : &other, &damage);
    }
    json_end_array(writer);
}

static bool tell(struct view *view, size_t shown, const struct page_facts *own, size_t budget,
                 struct err *err)
{
    SCOPED_BUF(text, FACTS_BYTES_MAX);
    struct json_writer writer = json_writer_new(&text);
    json_begin_object(&writer);
    write_found(&writer, view);
    write_number(&writer, "page_count", (int64_t)book_page_count(view->book));
    write_number(&writer, "title_row", own->title_row);
    write_number(&writer, "rows_below", own->rows - own->titled_at);
    tell_pages(view, &writer, shown, own, budget);
    write_columns(&writer, own);
    write_merged(&writer, own);
    write_problems(&writer, own);
    json_end_object(&writer);
    return done(&writer, err) && wire_send(view->cli, MESSAGE_OF(VIEW_FACTS, .facts = buf_text(&text)), err);
}

bool look_at(struct view *view, size_t shown, struct err *err)
{
    size_t budget = VIEW_LOOK_CELLS_MAX;
    struct page_facts own = {.columns = xcalloc(VIEW_COLUMNS_MAX, sizeof *own.columns)};
    const bool good = (!book_page_count(view->book) || look_at_page(view, &own, shown, &budget, err)) &&
                      tell(view, shown, &own, budget, err);
    xfree(own.columns);
    return good;
}
