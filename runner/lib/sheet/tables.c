// See tables.h. Runs in the worker.
#include "lib/sheet/tables.h"
#include "lib/encoding/letters.h"
#include "lib/sheet/cell.h"
#include "lib/sheet/package.h"
#include "lib/sheet/scan.h"
#include "lib/sheet/strings.h"

static void table_dispose(struct sheet_table *table)
{
    for (size_t i = 0; i < table->column_count; i++)
        xfree(table->columns[i]);
    xfree(table->columns);
    xfree(table->part);
    xfree(table->name);
    *table = (struct sheet_table){0};
}

void tables_dispose(struct tables *tables)
{
    for (size_t i = 0; i < tables->count; i++)
        table_dispose(&tables->items[i]);
    xfree(tables->items);
    *tables = (struct tables){0};
}

static char *attribute_text(const struct scan *scan, const char *attribute, struct err *err)
{
    SCOPED_BUF(out, SHEET_CELL_CHARACTERS_MAX);
    if (!scan_decode(&out, scan_attribute(scan, attribute), err) || !strings_check(&out, 0, err))
        return NULL;
    strings_unescape(&out, 0);
    return buf_steal(&out);
}

// 1 unless told: a header; 0 unless told: totals.
static uint32_t row_count(const struct scan *scan, const char *attribute, uint32_t otherwise)
{
    int64_t count;
    return text_to_int64(scan_attribute(scan, attribute), &count) && count >= 0 && count <= SHEET_ROWS_MAX
               ? (uint32_t)count
               : otherwise;
}

static bool take_table(struct sheet_table *table, const struct scan *scan, struct err *err)
{
    if (!range_parse(&table->range, scan_attribute(scan, "ref"))) {
        SCOPED_TEXT char *copy = text_copy(scan_attribute(scan, "ref"));
        return fail(err, ERR_SHEET_BAD_REFERENCE, copy);
    }
    table->header_rows = row_count(scan, "headerRowCount", 1);
    table->total_rows = row_count(scan, "totalsRowCount", 0);
    table->name = attribute_text(scan, scan_has_attribute(scan, "displayName") ? "displayName" : "name", err);
    return table->name != NULL;
}

static bool take_column(struct sheet_table *table, const struct scan *scan, struct err *err)
{
    char *name = attribute_text(scan, "name", err);
    if (!name)
        return false;
    if (table->column_count == SHEET_COLUMNS_MAX) {
        xfree(name);
        return fail(err, ERR_LIMIT_PASSED, "columns of a table", N(SHEET_COLUMNS_MAX));
    }
    if ((table->column_count & (table->column_count - 1)) == 0)
        table->columns = xreallocarray(table->columns, table->column_count ? table->column_count * 2 : 1,
                                       sizeof *table->columns);
    table->columns[table->column_count++] = name;
    return true;
}

static bool read_part(struct sheet_table *table, struct package *package, const char *part, struct err *err)
{
    bool good;
    SCOPED(scan)
    scan = NULL;
    good = scan_open(&scan, package, text_from(part), err);
    while (good && scan_next_in(scan, &good, err)) {
        if (scan_is(scan, "table") && scan->depth == 1)
            good = take_table(table, scan, err);
        else if (scan_is(scan, "tableColumn") && scan->depth == 3)
            good = take_column(table, scan, err);
    }
    return good;
}

bool tables_read(struct tables *tables, struct package *package, const char *part, size_t page,
                 struct err *err)
{
    struct sheet_table table = {.page = page};
    if (tables->count == TABLES_MAX)
        return fail(err, ERR_LIMIT_PASSED, "tables", N(TABLES_MAX));
    const bool good = read_part(&table, package, part, err);
    if (!good || !table.name) { // without a name it is another kind of part
        table_dispose(&table);
        return good;
    }
    if ((tables->count & (tables->count - 1)) == 0)
        tables->items =
            xreallocarray(tables->items, tables->count ? tables->count * 2 : 1, sizeof *tables->items);
    table.part = xstrdup(part);
    tables->items[tables->count++] = table;
    return true;
}

const struct sheet_table *tables_find(const struct tables *tables, struct text name, size_t page)
{
    for (size_t i = 0; i < tables->count; i++)
        if ((page == SIZE_MAX || tables->items[i].page == page) &&
            letters_same(name, text_from(tables->items[i].name)))
            return &tables->items[i];
    return NULL;
}

bool table_body(const struct sheet_table *table, struct range *body)
{
    const uint32_t height = table->range.last.row - table->range.first.row + 1;
    if (height <= table->header_rows || height - table->header_rows <= table->total_rows)
        return false;
    *body = table->range;
    body->first.row += table->header_rows;
    body->last.row -= table->total_rows;
    return true;
}
