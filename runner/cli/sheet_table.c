// See cli.h. A spreadsheet as people know it: letters above, row numbers at the side, numbers to the right.
//
//   invoices.xlsx  xlsx · 3 pages · dates from 1900
//
//      Page        Rows  Columns
//   ▸  1  October    12        4
//      2  Rates       3        2  hidden
//
//        A        B         C
//    1   Invoice  Date        Sum
//    2   1001     2026-10-01  12.5
//
// Rows are laid out a block at a time: the first block decides how wide the columns are, and no more than a block is held.
#include "cli/cli.h"

enum {
    BLOCK_ROWS = 200,
    COLUMNS_MAX = 256,
    COLUMN_WIDTH_MAX = 40, // columns of the terminal, for a column of the page
    COLUMN_WIDTH_MIN = 8,
    GAP = 2,
    LETTERS_SIZE = 8,
    NOTE_BYTES_MAX = 4096,
    VIEW_WIDTH_MAX = 400,
    ENDLESS = 1 << 20, // no terminal: as wide as it comes
    ROWS_MORE_FACTOR = 10,
};

struct column {
    int width, least; // what stands in it; what numbers and dates need, which are never cut for want of room
    bool right, hidden;
};

struct sheet_table {
    const struct cli *cli;
    struct text name;
    int64_t rows_most, rows_shown;
    struct json_document *facts;
    struct column columns[COLUMNS_MAX];
    size_t column_count, columns_shown; // of the page; that fit
    int margin;
    struct json_document *block[BLOCK_ROWS];
    size_t block_count;
    bool laid_out, any_hidden;
};

struct sheet_table *sheet_table_new(const struct cli *cli, struct text name, int64_t rows_most)
{
    struct sheet_table *table = xcalloc(1, sizeof *table);
    table->cli = cli;
    table->name = name;
    table->rows_most = rows_most;
    return table;
}

static void drop_block(struct sheet_table *table)
{
    for (size_t i = 0; i < table->block_count; i++)
        json_document_free(table->block[i]);
    table->block_count = 0;
}

void sheet_table_free(struct sheet_table *table)
{
    if (!table)
        return;
    drop_block(table);
    json_document_free(table->facts);
    xfree(table);
}

// ---- small things

static int64_t number_of(const struct json *object, const char *key)
{
    return json_int64_or(json_get(object, key), 0);
}

static bool is_true(const struct json *object, const char *key)
{
    bool value = false;
    return json_boolean(json_get(object, key), &value) && value;
}

static const char *letters(char out[LETTERS_SIZE], size_t column) // from 0
{
    char *at = out + LETTERS_SIZE;
    *--at = '\0';
    for (size_t rest = column + 1; rest && at > out; rest = (rest - 1) / 26)
        *--at = (char)('A' + (rest - 1) % 26);
    return at;
}

static int digits_of(int64_t number)
{
    int digits = 1;
    for (; number >= 10; number /= 10)
        digits++;
    return digits;
}

static void print_blanks(int count)
{
    for (int i = 0; i < count; i++)
        fputc(' ', stdout);
}

static void add_part(struct buf *line, const char *part)
{
    if (part[0] && !buf_printf(line, "%s%s", line->length ? " · " : "", part))
        return; // the line is full
}

static void add_words(const struct sheet_table *table, struct buf *line, enum phrase phrase,
                      const char *argument)
{
    SCOPED_BUF(part, NOTE_BYTES_MAX);
    if (phrase_append(&part, table->cli->language, phrase, argument))
        add_part(line, buf_string(&part));
}

static const struct json *shown_page(const struct sheet_table *table)
{
    const struct json *page = json_first(json_get(json_root(table->facts), "pages"));
    while (page && !is_true(page, "shown"))
        page = json_next(page);
    return page;
}

static bool is_text_table(const struct sheet_table *table)
{
    return json_get(json_root(table->facts), "encoding") != NULL;
}

// ---- what was found

// The rows of a text table are counted; in a workbook the number of the last one is what people know.
static char *rows_text(const struct sheet_table *table, const struct json *page)
{
    const int64_t rows = number_of(page, is_text_table(table) ? "rows" : "last_row"),
                  estimate = number_of(page, "estimate");
    if (is_true(page, "whole"))
        return xasprintf("%lld", (long long)rows);
    return estimate > rows ? xasprintf("≈ %lld", (long long)estimate)
           : rows          ? xasprintf("≥ %lld", (long long)rows)
                           : xstrdup("");
}

static void write_text_facts(const struct sheet_table *table, struct buf *line, const struct json *facts)
{
    const char *delimiter = json_string_or(json_get(facts, "delimiter"), ""),
               *decimal = json_string_or(json_get(facts, "decimal"), "");
    const struct json *page = shown_page(table);
    const int64_t columns = number_of(page, "last_column");
    SCOPED_TEXT char *rows = rows_text(table, page);
    add_part(line, json_string_or(json_get(facts, "encoding"), ""));
    add_words(table, line, PHRASE_SHEET_DELIMITER,
              delimiter[0] == '\t' ? words(table->cli, PHRASE_SHEET_TAB) : delimiter);
    if (decimal[0])
        add_part(line, words(table->cli,
                             decimal[0] == ',' ? PHRASE_SHEET_DECIMAL_COMMA : PHRASE_SHEET_DECIMAL_POINT));
    add_words(table, line, PHRASE_SHEET_ROWS, rows);
    add_words(table, line, PHRASE_SHEET_COLUMNS, N(columns));
}

static void write_workbook_facts(const struct sheet_table *table, struct buf *line, const struct json *facts)
{
    const int64_t pages = number_of(facts, "page_count");
    add_words(table, line, pages == 1 ? PHRASE_SHEET_ONE_PAGE : PHRASE_SHEET_PAGES, N(pages));
    add_part(line, words(table->cli,
                         number_of(facts, "date_system") == 1904 ? PHRASE_SHEET_1904 : PHRASE_SHEET_1900));
    if (is_true(facts, "macros"))
        add_part(line, words(table->cli, PHRASE_SHEET_MACROS));
}

static void print_head(const struct sheet_table *table)
{
    const struct json *facts = json_root(table->facts);
    SCOPED_BUF(line, NOTE_BYTES_MAX);
    SCOPED_BUF(name, NOTE_BYTES_MAX);
    add_part(&line, json_string_or(json_get(facts, "format"), "?"));
    (is_text_table(table) ? write_text_facts : write_workbook_facts)(table, &line, facts);
    if (cell_text(&name, table->name, NOTE_BYTES_MAX / 4))
        printf("%s%s%s  ", colour_on(table->cli, BOLD), buf_string(&name), colour_off(table->cli));
    print_clean(stdout, buf_string(&line));
    fputc('\n', stdout);
}

static void write_page_notes(const struct sheet_table *table, struct buf *note, const struct json *page)
{
    const struct cli *cli = table->cli;
    const char *visibility = json_string_or(json_get(page, "visibility"), "visible");
    const struct json *problem = json_get(page, "problem");
    const int64_t hidden_rows = number_of(page, "hidden_rows");
    if (strcmp(visibility, "hidden") == 0)
        add_part(note, words(cli, PHRASE_SHEET_HIDDEN));
    else if (strcmp(visibility, "visible") != 0)
        add_part(note, words(cli, PHRASE_SHEET_VERY_HIDDEN));
    if (!is_true(page, "has_cells"))
        add_part(note, words(cli, PHRASE_SHEET_NO_CELLS));
    else if (!problem && is_true(page, "whole") && !number_of(page, "rows"))
        add_part(note, words(cli, PHRASE_SHEET_EMPTY));
    if (hidden_rows)
        add_words(table, note, PHRASE_SHEET_HIDDEN_ROWS, N(hidden_rows));
    if (number_of(page, "estimate"))
        add_part(note, words(cli, PHRASE_SHEET_AS_CLAIMED));
    if (problem) {
        SCOPED_BUF(message, NOTE_BYTES_MAX);
        struct err err;
        (void)problem_read(&err, problem);
        if (err_message(&message, &err, cli->language))
            add_part(note, buf_string(&message));
    }
}

enum { PAGE_CELLS = 5 };

static void fill_page(const struct sheet_table *table, char **cells, const struct json *page)
{
    SCOPED_BUF(name, NOTE_BYTES_MAX);
    SCOPED_BUF(note, NOTE_BYTES_MAX);
    struct text text = TEXT_OF("");
    (void)json_text(json_get(page, "name"), &text);
    write_page_notes(table, &note, page);
    cells[0] = xasprintf("%s %lld", is_true(page, "shown") ? "▸" : " ", (long long)number_of(page, "number"));
    cells[1] = xstrdup(cell_text(&name, text, COLUMN_WIDTH_MAX) ? buf_string(&name) : "");
    cells[2] = rows_text(table, page);
    cells[3] = number_of(page, "last_column") ? xasprintf("%lld", (long long)number_of(page, "last_column"))
                                              : xstrdup("");
    cells[4] = xstrdup(buf_string(&note));
}

static void print_pages(const struct sheet_table *table)
{
    const struct json *pages = json_get(json_root(table->facts), "pages");
    const size_t count = json_count(pages);
    const int64_t all = number_of(json_root(table->facts), "page_count");
    const char *const head[PAGE_CELLS] = {"", words(table->cli, PHRASE_SHEET_HEAD_PAGE),
                                          words(table->cli, PHRASE_SHEET_HEAD_ROWS),
                                          words(table->cli, PHRASE_SHEET_HEAD_COLUMNS), ""};
    char **cells = xcalloc(count * PAGE_CELLS, sizeof *cells);
    size_t at = 0;
    for (const struct json *page = json_first(pages); page; page = json_next(page), at++)
        fill_page(table, cells + at * PAGE_CELLS, page);
    if (count)
        print_table(table->cli, head, (const char *const *)cells, count, PAGE_CELLS, 1 << 2 | 1 << 3);
    if (all > (int64_t)count)
        say(table->cli, stdout, PHRASE_SHEET_MORE_PAGES, N(all - (int64_t)count));
    for (size_t i = 0; i < count * PAGE_CELLS; i++)
        xfree(cells[i]);
    xfree(cells);
}

// More numbers and dates than words: then its letter stands to the right, as they do.
static bool is_numeric(const struct json *column)
{
    return number_of(column, "number") + number_of(column, "date") + number_of(column, "time") >
           number_of(column, "text");
}

bool sheet_table_facts(struct sheet_table *table, const struct frame *frame, struct err *err)
{
    struct message_VIEW_FACTS message;
    SCOPED(json_document)
    head = NULL;
    if (!table || table->facts)
        return fail(err, ERR_FRAME_MALFORMED, "VIEW_FACTS", "form");
    if (!wire_decode(&head, &message, frame, err) || !json_parse(&table->facts, message.facts, err))
        return false;
    const struct json *columns = json_get(json_root(table->facts), "columns");
    for (const struct json *column = json_first(columns); column && table->column_count < COLUMNS_MAX;
         column = json_next(column))
        table->columns[table->column_count++] =
            (struct column){.right = is_numeric(column), .hidden = is_true(column, "hidden")};
    print_head(table);
    if (!is_text_table(table)) {
        fputc('\n', stdout);
        print_pages(table);
    }
    return true;
}

// ---- the rows

static size_t column_of(const struct json *cell) // from 0
{
    const int64_t column = json_int64_or(json_at(cell, 0), 0);
    return column >= 1 && column <= COLUMNS_MAX ? (size_t)column - 1 : COLUMNS_MAX;
}

static struct text text_of_cell(const struct json *cell)
{
    struct text text = TEXT_OF("");
    (void)json_text(json_at(cell, 2), &text);
    return text;
}

static int larger(int a, int b)
{
    return a > b ? a : b;
}

static bool is_right(const struct json *cell)
{
    const char *kind = json_string_or(json_at(cell, 1), "text");
    return strcmp(kind, "number") == 0 || strcmp(kind, "date") == 0 || strcmp(kind, "time") == 0;
}

// A text alone in its row, such as a title, runs on to the right.
static bool runs_on(const struct json *cells)
{
    return json_count(cells) == 1 && !is_right(json_first(cells));
}

static void widen(struct sheet_table *table, const struct json *row)
{
    const struct json *cells = json_get(row, "cells");
    if (runs_on(cells) && table->column_count > 1)
        return;
    for (const struct json *cell = json_first(cells); cell; cell = json_next(cell)) {
        const size_t index = column_of(cell);
        SCOPED_BUF(text, NOTE_BYTES_MAX);
        if (index >= table->column_count || !cell_text(&text, text_of_cell(cell), COLUMN_WIDTH_MAX))
            continue;
        struct column *column = &table->columns[index];
        const int width = text_width(buf_string(&text));
        column->width = larger(column->width, width);
        column->least =
            larger(column->least, is_right(cell) || width < COLUMN_WIDTH_MIN ? width : COLUMN_WIDTH_MIN);
    }
}

static int total_width(const struct sheet_table *table)
{
    int total = table->margin;
    for (size_t i = 0; i < table->columns_shown; i++)
        total += GAP + table->columns[i].width;
    return total;
}

// Of those that can give way; NULL when none can.
static struct column *widest(struct sheet_table *table)
{
    struct column *widest = NULL;
    for (size_t i = 0; i < table->columns_shown; i++) {
        struct column *column = &table->columns[i];
        if (column->width > column->least && (!widest || column->width > widest->width))
            widest = column;
    }
    return widest;
}

// The widest columns give way first, then the last ones do.
static void fit(struct sheet_table *table)
{
    const int room = table->cli->width ? table->cli->width : ENDLESS;
    table->columns_shown = table->column_count;
    int total = total_width(table);
    while (total > room && table->columns_shown > 1) {
        struct column *column = widest(table);
        if (column) {
            column->width--;
            total--;
        } else
            total -= GAP + table->columns[--table->columns_shown].width;
    }
}

static int letters_width(const struct sheet_table *table, size_t column)
{
    char room[LETTERS_SIZE];
    return (int)strlen(letters(room, column)) + table->columns[column].hidden;
}

static void print_letters(const struct sheet_table *table)
{
    char room[LETTERS_SIZE];
    fputs(colour_on(table->cli, DIM), stdout);
    print_blanks(table->margin);
    for (size_t i = 0; i < table->columns_shown; i++) {
        const int blanks = table->columns[i].width - letters_width(table, i);
        print_blanks(GAP + (table->columns[i].right ? blanks : 0));
        printf("%s%s", letters(room, i), table->columns[i].hidden ? "*" : "");
        if (i + 1 < table->columns_shown && !table->columns[i].right)
            print_blanks(blanks);
    }
    printf("%s\n", colour_off(table->cli));
}

static void lay_out(struct sheet_table *table)
{
    const int64_t last =
        table->block_count ? number_of(json_root(table->block[table->block_count - 1]), "row") : 0;
    const int64_t most = table->block_count == BLOCK_ROWS ? number_of(shown_page(table), "last_row") : last;
    table->laid_out = true;
    table->margin = digits_of(most > last ? most : last) + 2;
    for (size_t i = 0; i < table->column_count; i++) {
        table->columns[i].width = table->columns[i].least = letters_width(table, i);
        table->any_hidden = table->any_hidden || table->columns[i].hidden;
    }
    for (size_t i = 0; i < table->block_count; i++)
        widen(table, json_root(table->block[i]));
    fit(table);
    if (!table->block_count)
        return;
    fputc('\n', stdout);
    print_letters(table);
}

static enum colour cell_colour(const char *kind, bool title)
{
    return strcmp(kind, "error") == 0 ? RED : title ? BOLD : PLAIN;
}

// `used`: columns of the terminal that the row has taken; `last`: nothing stands behind it.
static void print_cell(const struct sheet_table *table, const struct column *column, const struct json *cell,
                       bool title, bool last, bool alone, int used)
{
    SCOPED_BUF(text, NOTE_BYTES_MAX);
    const int room = table->cli->width ? table->cli->width - used : VIEW_WIDTH_MAX;
    const int width = alone ? larger(column->width, room) : column->width;
    const bool right = is_right(cell) || (title && column->right && !alone);
    if (cell && !cell_text(&text, text_of_cell(cell), width))
        return;
    const enum colour colour = cell_colour(json_string_or(json_at(cell, 1), "text"), title);
    const int blanks = width - text_width(buf_string(&text));
    print_blanks(right ? blanks : 0);
    printf("%s%s%s", colour == PLAIN ? "" : colour_on(table->cli, colour), buf_string(&text),
           colour == PLAIN ? "" : colour_off(table->cli));
    print_blanks(right || last ? 0 : blanks);
}

// Cells come in the order of their columns; behind the last one nothing is printed.
static void print_row(struct sheet_table *table, const struct json *row)
{
    const bool hidden = is_true(row, "hidden"),
               title = number_of(row, "row") == number_of(json_root(table->facts), "title_row");
    const struct json *cells = json_get(row, "cells"), *cell = json_first(cells);
    const bool alone = runs_on(cells);
    int used = table->margin;
    table->any_hidden = table->any_hidden || hidden;
    printf("%s%*lld%s%s", colour_on(table->cli, DIM), table->margin - 1, (long long)number_of(row, "row"),
           hidden ? "*" : " ", colour_off(table->cli));
    for (size_t i = 0; cell && i < table->columns_shown; i++) {
        const bool here = column_of(cell) == i;
        const struct json *next = here ? json_next(cell) : cell;
        print_blanks(GAP);
        print_cell(table, &table->columns[i], here ? cell : NULL, title, !next, alone && here, used + GAP);
        used += GAP + table->columns[i].width;
        cell = next;
    }
    fputc('\n', stdout);
    table->rows_shown++;
}

static void print_block(struct sheet_table *table)
{
    if (!table->laid_out)
        lay_out(table);
    for (size_t i = 0; i < table->block_count; i++)
        print_row(table, json_root(table->block[i]));
    drop_block(table);
}

bool sheet_table_row(struct sheet_table *table, const struct frame *frame, struct err *err)
{
    struct message_VIEW_ROW message;
    SCOPED(json_document)
    head = NULL;
    if (!table || !table->facts)
        return fail(err, ERR_FRAME_MALFORMED, "VIEW_ROW", "form");
    if (table->block_count == BLOCK_ROWS)
        print_block(table);
    if (!wire_decode(&head, &message, frame, err) ||
        !json_parse(&table->block[table->block_count], message.row, err))
        return false;
    table->block_count++;
    return true;
}

// ---- what is known at the end

static void print_merged(const struct sheet_table *table)
{
    const struct json *facts = json_root(table->facts), *merged = json_get(facts, "merged");
    const int64_t count = number_of(facts, "merged_count"), listed = (int64_t)json_count(merged);
    SCOPED_BUF(ranges, NOTE_BYTES_MAX);
    for (const struct json *range = json_first(merged); range; range = json_next(range))
        if (!buf_printf(&ranges, "%s%s", ranges.length ? ", " : "", json_string_or(range, "")))
            break;
    if (count > listed)
        say(table->cli, stdout, PHRASE_SHEET_MERGED_MORE, buf_string(&ranges), N(count - listed));
    else if (count)
        say(table->cli, stdout, PHRASE_SHEET_MERGED, buf_string(&ranges));
}

static void read_csv_problem(struct err *err, const struct json *problem, const char *encoding)
{
    static const struct {
        const char *name;
        enum err_code code;
    } kinds[] = {
        {"quote_open", ERR_CSV_QUOTE_OPEN}, {"quote_stray", ERR_CSV_QUOTE_STRAY}, {"nul", ERR_CSV_NUL}};
    const char *line = N(json_int64_or(json_at(problem, 1), 0));
    for (size_t i = 0; i < COUNT_OF(kinds); i++)
        if (strcmp(json_string_or(json_at(problem, 0), ""), kinds[i].name) == 0) {
            (void)fail(err, kinds[i].code, line);
            return;
        }
    (void)fail(err, ERR_CSV_BYTES, encoding, line);
}

static void print_problems(const struct sheet_table *table)
{
    const struct json *facts = json_root(table->facts), *problems = json_get(facts, "problems");
    const int64_t count = number_of(facts, "problem_count"), listed = (int64_t)json_count(problems);
    for (const struct json *problem = json_first(problems); problem; problem = json_next(problem)) {
        SCOPED_BUF(message, NOTE_BYTES_MAX);
        struct err err;
        read_csv_problem(&err, problem, json_string_or(json_get(facts, "encoding"), "?"));
        if (!err_message(&message, &err, table->cli->language))
            continue;
        printf("%s!%s ", colour_on(table->cli, YELLOW), colour_off(table->cli));
        print_clean(stdout, buf_string(&message));
        fputc('\n', stdout);
    }
    if (count > listed)
        say(table->cli, stdout, PHRASE_SHEET_PROBLEMS_MORE, N(count - listed));
}

static void print_more(const struct sheet_table *table)
{
    const struct json *page = shown_page(table);
    const int64_t rows = number_of(page, "rows");
    const int64_t columns = number_of(page, "last_column");
    if (rows > table->rows_shown)
        say(table->cli, stdout, PHRASE_SHEET_MORE_ROWS,
            N(table->rows_most * ROWS_MORE_FACTOR > rows || !table->rows_most
                  ? rows
                  : table->rows_most * ROWS_MORE_FACTOR));
    if (table->rows_shown && columns > (int64_t)table->columns_shown)
        say(table->cli, stdout, PHRASE_SHEET_MORE_COLUMNS, N(columns - (int64_t)table->columns_shown));
    if (table->any_hidden)
        say(table->cli, stdout, PHRASE_SHEET_STAR);
}

// "number 1200, text 3, empty 1"
static void write_kinds(const struct sheet_table *table, struct buf *out, const struct json *column,
                        int64_t rows)
{
    static const struct {
        const char *name;
        enum phrase phrase;
    } kinds[] = {{"text", PHRASE_SHEET_KIND_TEXT},       {"number", PHRASE_SHEET_KIND_NUMBER},
                 {"date", PHRASE_SHEET_KIND_DATE},       {"time", PHRASE_SHEET_KIND_TIME},
                 {"boolean", PHRASE_SHEET_KIND_BOOLEAN}, {"error", PHRASE_SHEET_KIND_ERROR},
                 {"", PHRASE_SHEET_KIND_EMPTY}};
    int64_t left = rows;
    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        const int64_t count = kinds[i].name[0] ? number_of(column, kinds[i].name) : left;
        left -= count;
        if (count > 0 && (!out->length || buf_append_string(out, ", ")) &&
            !phrase_append(out, table->cli->language, kinds[i].phrase, N(count)))
            return;
    }
}

enum { KIND_CELLS = 3 };

static void fill_kinds(const struct sheet_table *table, char **cells, const struct json *column, size_t index,
                       int64_t rows)
{
    char room[LETTERS_SIZE];
    SCOPED_BUF(title, NOTE_BYTES_MAX);
    SCOPED_BUF(kinds, NOTE_BYTES_MAX);
    struct text text = TEXT_OF("");
    (void)json_text(json_get(column, "title"), &text);
    write_kinds(table, &kinds, column, rows);
    cells[0] = xasprintf("  %s%s", letters(room, index), table->columns[index].hidden ? "*" : "");
    cells[1] = xstrdup(cell_text(&title, text, COLUMN_WIDTH_MAX) ? buf_string(&title) : "");
    cells[2] = xstrdup(buf_string(&kinds));
}

static void print_kinds(const struct sheet_table *table)
{
    const struct json *facts = json_root(table->facts), *columns = json_get(facts, "columns"),
                      *page = shown_page(table);
    const int64_t rows = number_of(facts, "rows_below");
    const char *const head[KIND_CELLS] = {"", words(table->cli, PHRASE_SHEET_HEAD_COLUMN),
                                          words(table->cli, PHRASE_SHEET_HEAD_HOLDS)};
    const size_t count = table->columns_shown;
    if (!count || rows <= 0)
        return;
    char **cells = xcalloc(count * KIND_CELLS, sizeof *cells);
    size_t at = 0;
    for (const struct json *column = json_first(columns); column && at < count;
         column = json_next(column), at++)
        fill_kinds(table, cells + at * KIND_CELLS, column, at, rows);
    fputc('\n', stdout);
    if (!is_true(page, "whole"))
        say(table->cli, stdout, PHRASE_SHEET_FIRST_ROWS, N(number_of(page, "rows")));
    print_table(table->cli, head, (const char *const *)cells, count, KIND_CELLS, 0);
    for (size_t i = 0; i < count * KIND_CELLS; i++)
        xfree(cells[i]);
    xfree(cells);
}

void sheet_table_end(struct sheet_table *table)
{
    if (!table || !table->facts)
        return;
    print_block(table);
    print_more(table);
    print_merged(table);
    print_problems(table);
    print_kinds(table);
}
