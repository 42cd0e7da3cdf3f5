// .xlsx and .xlsm as books (book_format.h). Runs in the worker.
#include "lib/sheet/book_format.h"

static bool open_book(void **state, struct book_source *source, struct err *err)
{
    struct workbook *workbook;
    if (!workbook_open_package(&workbook, STEAL(source->package), err))
        return false;
    *state = workbook;
    return true;
}

static void free_book(void *state)
{
    workbook_free(state);
}

static size_t page_count(const void *state)
{
    return workbook_page_count(state);
}

static const struct page *page_at(const void *state, size_t index)
{
    return workbook_page(state, index);
}

static bool is_1904(const void *state)
{
    return workbook_is_1904(state);
}

static bool has_macros(const void *state)
{
    return workbook_has_macros(state);
}

static const char *repeated(const void *state)
{
    return workbook_repeated(state);
}

static const struct names *names_of(const void *state)
{
    return workbook_names(state);
}

static bool tables_of(void *state, const struct tables **out, struct err *err)
{
    return workbook_tables(state, out, err);
}

static bool open_rows(void **rows, void *state, size_t page, enum rows_with with, struct err *err)
{
    struct workbook_rows *opened;
    if (!workbook_rows_open(&opened, state, page, with, err))
        return false;
    *rows = opened;
    return true;
}

static void free_rows(void *rows)
{
    workbook_rows_free(rows);
}

static bool next_row(void *rows, const struct sheet_row **row, struct err *err)
{
    return workbook_rows_next(rows, row, err);
}

static uint32_t estimate(const void *rows)
{
    return workbook_rows_estimate(rows);
}

static size_t merged(const void *rows, const struct range **ranges)
{
    return workbook_rows_merged(rows, ranges);
}

static const struct spans *hidden_columns(const void *rows)
{
    return workbook_rows_hidden_columns(rows);
}

const struct book_functions book_xlsx = {
    .format = BOOK_XLSX,
    .name = "xlsx",
    .name_with_macros = "xlsm",
    .open = open_book,
    .free = free_book,
    .page_count = page_count,
    .page = page_at,
    .is_1904 = is_1904,
    .has_macros = has_macros,
    .repeated = repeated,
    .names = names_of,
    .tables = tables_of,
    .rows_open = open_rows,
    .rows_free = free_rows,
    .rows_next = next_row,
    .rows_estimate = estimate,
    .rows_merged = merged,
    .rows_hidden_columns = hidden_columns,
};
