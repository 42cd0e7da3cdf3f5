// See workbook.h. Runs in the worker.
#include "lib/encoding/letters.h"
#include "lib/sheet/relations.h"
#include "lib/sheet/workbook_internal.h"

static bool add_page(struct workbook *workbook, const struct scan *scan, const struct relations *relations,
                     struct err *err)
{
    static const char *const states[] = {
        [PAGE_VISIBLE] = "visible", [PAGE_HIDDEN] = "hidden", [PAGE_VERY_HIDDEN] = "veryHidden"};
    SCOPED_BUF(name, SHEET_CELL_CHARACTERS_MAX);
    if (workbook->page_count == WORKBOOK_PAGES_MAX)
        return fail(err, ERR_LIMIT_PASSED, "pages", N(WORKBOOK_PAGES_MAX));
    if (!scan_decode(&name, scan_attribute(scan, "name"), err) || !strings_check(&name, 0, err))
        return false;
    const struct relation *relation = relations_by_id(relations, scan_attribute(scan, "id"));
    struct page page = {.name = text_copy(buf_text(&name))};
    page.has_cells = !relation || strcmp(relation->type, "worksheet") == 0;
    page.part = relation && !relation->external ? xstrdup(relation->target) : NULL;
    for (size_t i = 0; i < COUNT_OF(states); i++)
        if (text_is(scan_attribute(scan, "state"), states[i]))
            page.visibility = (enum page_visibility)i;
    if (page.part && package_take_later(workbook->package, text_from(page.part)) && !workbook->repeated)
        workbook->repeated = xstrdup(page.part);
    if ((workbook->page_count & (workbook->page_count - 1)) == 0)
        workbook->pages = xreallocarray(workbook->pages, workbook->page_count ? workbook->page_count * 2 : 1,
                                        sizeof *workbook->pages);
    workbook->pages[workbook->page_count++] = page;
    return true;
}

static bool add_name(struct workbook *workbook, struct scan *scan, struct err *err)
{
    const unsigned depth = scan->depth;
    int64_t page;
    SCOPED_BUF(name, SHEET_CELL_CHARACTERS_MAX);
    SCOPED_BUF(formula, NAME_FORMULA_BYTES_MAX);
    const bool local = text_to_int64(scan_attribute(scan, "localSheetId"), &page) && page >= 0;
    const bool hidden = scan_attribute_boolean(scan, "hidden");
    if (!scan_decode(&name, scan_attribute(scan, "name"), err))
        return false;
    while (scan_next(scan, err)) {
        if (scan->kind == SCAN_STOP && scan->depth == depth)
            return !name.length || (strings_check(&name, 0, err) && strings_check(&formula, 0, err) &&
                                    names_add(&workbook->names, buf_text(&name), buf_text(&formula),
                                              local ? (size_t)page : NAME_OF_WORKBOOK, hidden, err));
        if (scan->kind == SCAN_TEXT && !scan_append_text(scan, &formula, err))
            return false;
    }
    return false;
}

static bool page_by_name(const struct workbook *workbook, const char *name, size_t *index)
{
    for (*index = 0; *index < workbook->page_count; ++*index)
        if (letters_same(text_from(name), text_from(workbook->pages[*index].name)))
            return true;
    return false;
}

// A name without a page means a place on the page where it holds.
static void resolve_names(struct workbook *workbook)
{
    for (size_t i = 0; i < workbook->names.count; i++) {
        struct defined_name *item = &workbook->names.items[i];
        SCOPED_TEXT char *page = NULL;
        if (!range_formula_parse(&page, &item->range, text_from(item->formula)))
            continue;
        item->page = item->scope;
        item->is_range =
            page ? page_by_name(workbook, page, &item->page) : item->scope < workbook->page_count;
    }
}

static bool read_main(struct workbook *workbook, const char *part, const struct relations *relations,
                      struct err *err)
{
    SCOPED(scan)
    scan = NULL;
    bool in_sheets = false, is_workbook = false;
    bool good = scan_open(&scan, workbook->package, text_from(part), err);
    while (good && scan_next_in(scan, &good, err)) {
        if (scan->kind == SCAN_TEXT)
            continue;
        if (scan->depth == 1 && scan->kind == SCAN_START)
            is_workbook = text_is(scan->name, "workbook");
        else if (scan_is(scan, "workbookPr") && scan->depth == 2)
            workbook->system_1904 = scan_attribute_boolean(scan, "date1904");
        else if (text_is(scan->name, "sheets") && scan->depth == 2)
            in_sheets = scan->kind == SCAN_START;
        else if (scan_is(scan, "sheet") && in_sheets)
            good = add_page(workbook, scan, relations, err);
        else if (scan_is(scan, "definedName") && scan->depth == 3)
            good = add_name(workbook, scan, err);
    }
    if (good)
        resolve_names(workbook);
    if (good && !is_workbook)
        return fail(err, ERR_SHEET_IS_UNKNOWN);
    return good;
}

static bool read_parts(struct workbook *workbook, const char *part, struct err *err)
{
    struct relations relations;
    if (!relations_read(&relations, workbook->package, part, err))
        return false;
    const struct relation *strings = relations_by_type(&relations, "sharedStrings");
    const struct relation *styles = relations_by_type(&relations, "styles");
    // Some programs forget to name these two, and put them where everybody does.
    workbook->strings_part =
        strings ? xstrdup(strings->target) : relation_resolve(part, TEXT_OF("sharedStrings.xml"));
    workbook->macros = relations_by_type(&relations, "vbaProject") != NULL;
    workbook->styles_part = styles ? xstrdup(styles->target) : relation_resolve(part, TEXT_OF("styles.xml"));
    const bool good = read_main(workbook, part, &relations, err) &&
                      styles_read(&workbook->styles, workbook->package, workbook->styles_part, err);
    relations_dispose(&relations);
    return good;
}

bool workbook_open_package(struct workbook **out, struct package *package, struct err *err)
{
    SCOPED(workbook)
    workbook = xcalloc(1, sizeof *workbook);
    struct relations relations;
    workbook->package = package;
    workbook->strings.bytes = buf_new(0);
    if (!relations_read(&relations, package, "", err))
        return false;
    const struct relation *main = relations_by_type(&relations, "officeDocument");
    SCOPED_TEXT char *part = xstrdup(main ? main->target : "xl/workbook.xml");
    relations_dispose(&relations);
    if (!read_parts(workbook, part, err))
        return false;
    *out = STEAL(workbook);
    return true;
}

bool workbook_open_file(struct workbook **out, int descriptor, struct err *err)
{
    struct package *package;
    return package_open_file(&package, descriptor, err) && workbook_open_package(out, package, err);
}

bool workbook_open_text(struct workbook **out, struct text bytes, struct err *err)
{
    struct package *package;
    return package_open_text(&package, bytes, err) && workbook_open_package(out, package, err);
}

void workbook_free(struct workbook *workbook)
{
    if (!workbook)
        return;
    for (size_t i = 0; i < workbook->page_count; i++) {
        xfree(workbook->pages[i].name);
        xfree(workbook->pages[i].part);
    }
    xfree(workbook->pages);
    xfree(workbook->strings_part);
    xfree(workbook->styles_part);
    xfree(workbook->repeated);
    strings_dispose(&workbook->strings);
    styles_dispose(&workbook->styles);
    names_dispose(&workbook->names);
    tables_dispose(&workbook->tables);
    package_free(workbook->package);
    xfree(workbook);
}

bool workbook_string(struct workbook *workbook, uint64_t index, struct text *out, bool *found,
                     struct err *err)
{
    if (!workbook->strings_done) {
        if (!strings_read(&workbook->strings, workbook->package, workbook->strings_part, !workbook->scanned,
                          err))
            return false;
        workbook->strings_done = true;
    }
    *found = strings_at(&workbook->strings, index, out);
    return true;
}

size_t workbook_page_count(const struct workbook *workbook)
{
    return workbook->page_count;
}

const struct page *workbook_page(const struct workbook *workbook, size_t index)
{
    require(index < workbook->page_count);
    return &workbook->pages[index];
}

void workbook_read_plain(struct workbook *workbook, bool plain)
{
    workbook->scanned = !plain;
}

bool workbook_is_1904(const struct workbook *workbook)
{
    return workbook->system_1904;
}

bool workbook_has_macros(const struct workbook *workbook)
{
    return workbook->macros;
}

const char *workbook_repeated(const struct workbook *workbook)
{
    return workbook->repeated;
}

const struct names *workbook_names(const struct workbook *workbook)
{
    return &workbook->names;
}

static bool read_tables_of(struct workbook *workbook, size_t page, struct err *err)
{
    struct relations relations;
    bool good = true;
    if (!workbook->pages[page].part || !workbook->pages[page].has_cells)
        return true;
    if (!relations_read(&relations, workbook->package, workbook->pages[page].part, err))
        return false;
    for (size_t i = 0; good && i < relations.count; i++) {
        const struct relation *relation = &relations.items[i];
        if (!relation->external && strcmp(relation->type, "table") == 0)
            good = tables_read(&workbook->tables, workbook->package, relation->target, page, err);
    }
    relations_dispose(&relations);
    return good;
}

bool workbook_tables(struct workbook *workbook, const struct tables **out, struct err *err)
{
    for (size_t i = 0; !workbook->tables_done && i < workbook->page_count; i++)
        if (!read_tables_of(workbook, i, err)) {
            tables_dispose(&workbook->tables);
            return false;
        }
    workbook->tables_done = true;
    *out = &workbook->tables;
    return true;
}
