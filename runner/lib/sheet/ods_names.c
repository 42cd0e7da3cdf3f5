// Names of cells and ranges, and tables that have a name, in .ods workbooks (ods_internal.h). Runs in the worker.
// OpenDocument 1.3 part 3, 9.4.11 and 9.4.15. Addresses become formulas as .xlsx has them, so that names mean the same.
#include "lib/sheet/ods_internal.h"
#include "lib/sheet/strings.h"

// Cuts at the first or last `mark` outside quotes; false where there is none.
static bool cut_outside_quotes(struct text text, char mark, bool last, struct text *before,
                               struct text *after)
{
    bool quoted = false, found = false;
    for (size_t i = 0; i < text.length && (last || !found); i++) {
        quoted ^= text.data[i] == '\'';
        if (quoted || text.data[i] != mark)
            continue;
        found = true;
        *before = text_of(text.data, i);
        *after = text_of(text.data + i + 1, text.length - i - 1);
    }
    return found;
}

// "$Sheet1.$A$1" to "Sheet1" and "$A$1"; ".$A$1" has no page.
static struct text cut_page(struct text address, struct text *cell)
{
    struct text page = text_of("", 0);
    *cell = address;
    cut_outside_quotes(address, '.', true, &page, cell);
    return text_starts(page, "$") ? text_of(page.data + 1, page.length - 1) : page;
}

// "$Sheet1.$A$1:.$B$2" to "Sheet1!$A$1:$B$2"; a range over several pages stays as it is.
static bool append_address(struct buf *out, struct text address)
{
    struct text first = address, last = text_of("", 0), cell, last_cell = text_of("", 0);
    cut_outside_quotes(address, ':', false, &first, &last);
    const struct text page = cut_page(first, &cell), last_page = cut_page(last, &last_cell);
    if (last_page.length && !text_equal(page, last_page))
        return buf_append_text(out, address);
    return buf_printf(out, "%.*s%s%.*s%s%.*s", (int)page.length, page.data, page.length ? "!" : "",
                      (int)cell.length, cell.data, last_cell.length ? ":" : "", (int)last_cell.length,
                      last_cell.data);
}

static bool append_attribute(struct buf *out, const struct scan *scan, const char *name, struct err *err)
{
    return scan_decode(out, scan_attribute(scan, name), err) && strings_check(out, 0, err);
}

static bool read_address(struct buf *out, const struct scan *scan, const char *attribute, struct err *err)
{
    SCOPED_BUF(address, NAME_FORMULA_BYTES_MAX);
    return append_attribute(&address, scan, attribute, err) &&
           (append_address(out, buf_text(&address)) ||
            fail(err, ERR_LIMIT_PASSED, "names", N(NAME_FORMULA_BYTES_MAX)));
}

bool ods_take_name(struct ods *ods, const struct scan *scan, size_t scope, struct err *err)
{
    const bool is_range = scan_is(scan, "named-range");
    SCOPED_BUF(name, SHEET_CELL_CHARACTERS_MAX);
    SCOPED_BUF(formula, NAME_FORMULA_BYTES_MAX);
    return append_attribute(&name, scan, "name", err) &&
           (is_range ? read_address(&formula, scan, "cell-range-address", err)
                     : append_attribute(&formula, scan, "expression", err)) &&
           names_add(&ods->names, buf_text(&name), buf_text(&formula), scope, false, err);
}

static bool find_page(const struct ods *ods, const char *name, size_t *index)
{
    for (*index = 0; *index < ods->page_count; ++*index)
        if (strcmp(ods->pages[*index].name, name) == 0)
            return true;
    return false;
}

void ods_resolve_names(struct ods *ods)
{
    for (size_t i = 0; i < ods->names.count; i++) {
        struct defined_name *item = &ods->names.items[i];
        SCOPED_TEXT char *page = NULL;
        item->is_range = range_formula_parse(&page, &item->range, text_from(item->formula)) && page &&
                         find_page(ods, page, &item->page);
    }
}

// Ranges without a name of their own, kept for filters, are called __Anonymous…
bool ods_take_table(struct ods *ods, const struct scan *scan, struct err *err)
{
    struct tables *tables = &ods->tables;
    struct sheet_table table = {.header_rows = !text_is(scan_attribute(scan, "contains-header"), "false")};
    SCOPED_TEXT char *page = NULL;
    SCOPED_BUF(name, SHEET_CELL_CHARACTERS_MAX);
    SCOPED_BUF(formula, NAME_FORMULA_BYTES_MAX);
    if (!append_attribute(&name, scan, "name", err) ||
        !read_address(&formula, scan, "target-range-address", err))
        return false;
    if (!name.length || text_starts(buf_text(&name), "__Anonymous") ||
        !range_formula_parse(&page, &table.range, buf_text(&formula)) || !page ||
        !find_page(ods, page, &table.page))
        return true;
    if (tables->count == TABLES_MAX)
        return fail(err, ERR_LIMIT_PASSED, "tables", N(TABLES_MAX));
    if ((tables->count & (tables->count - 1)) == 0)
        tables->items =
            xreallocarray(tables->items, tables->count ? tables->count * 2 : 1, sizeof *tables->items);
    table.name = text_copy(buf_text(&name));
    tables->items[tables->count++] = table;
    return true;
}
