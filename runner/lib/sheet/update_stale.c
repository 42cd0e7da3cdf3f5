// Which results of formulas no longer hold when values were put into a workbook (update_internal.h). Runs in the worker.
//
// A page is stale when it was changed or its formulas read a stale page: by its name, by a name or a table that stands
// there, or by INDIRECT, of which nobody knows. The grain is the page: rather one result too many is computed anew.
#include "lib/sheet/formula_references.h"
#include "lib/sheet/update_internal.h"

enum { EDGES_MAX = 1 << 22 };
#define EVERYWHERE SIZE_MAX

struct edge {
    size_t reader, read; // pages; read may be EVERYWHERE
};

struct search {
    struct update *update;
    const struct tables *tables;
    struct edge *edges;
    size_t edge_count;
    size_t page; // that is looked at
    bool *seen;  // which pages it reads
    bool seen_everywhere;
};

static void add_edge(struct search *search, size_t read)
{
    bool *seen = read == EVERYWHERE ? &search->seen_everywhere : &search->seen[read];
    if (*seen || read == search->page)
        return;
    *seen = true;
    if (search->edge_count == EDGES_MAX)
        return; // a thousand pages that all read each other
    if ((search->edge_count & (search->edge_count - 1)) == 0)
        search->edges = xreallocarray(search->edges, search->edge_count ? search->edge_count * 2 : 1,
                                      sizeof *search->edges);
    search->edges[search->edge_count++] = (struct edge){search->page, read};
}

static void read_word(struct search *search, struct text word)
{
    const struct sheet_table *table = tables_find(search->tables, word, SIZE_MAX);
    const struct defined_name *name = names_find(&search->update->workbook->names, word, search->page);
    if (table)
        add_edge(search, table->page);
    if (name && name->is_range)
        add_edge(search, name->page);
    else if (name && strchr(name->formula, '!'))
        add_edge(search, EVERYWHERE);
}

static void visit(void *context, struct formula_reference *reference)
{
    struct search *search = context;
    if (reference->elsewhere && text_find(reference->page, ':') >= 0)
        add_edge(search, EVERYWHERE);
    for (size_t i = 0; reference->page.length && i < workbook_page_count(search->update->workbook); i++)
        if (formula_page_is(reference->page, text_from(update_page_of(search->update, i)->name)))
            add_edge(search, i);
    if (reference->kind == FORMULA_WORD)
        read_word(search, reference->word);
}

static bool read_formula(struct search *search, struct buf *formula, struct err *err)
{
    SCOPED_BUF(out, (size_t)FORMULA_BYTES_MAX * 2);
    if (strcasestr(buf_string(formula), "INDIRECT("))
        add_edge(search, EVERYWHERE);
    return formula_map(&out, buf_text(formula), visit, search, err);
}

static bool read_element(struct search *search, struct scan *scan, struct err *err)
{
    const unsigned depth = scan->depth;
    SCOPED_BUF(formula, FORMULA_BYTES_MAX);
    while (scan_next(scan, err)) {
        if (scan->kind == SCAN_STOP && scan->depth == depth)
            return !formula.length || read_formula(search, &formula, err);
        if (scan->kind == SCAN_TEXT && !scan_append_text(scan, &formula, err))
            return false;
    }
    return false;
}

// From the package, in constant memory: what formulas there are changes too little to matter here.
static bool read_page(struct search *search, const char *part, struct err *err)
{
    bool good = true;
    SCOPED(scan)
    scan = NULL;
    if (!scan_open(&scan, search->update->workbook->package, text_from(part), err))
        return false;
    while (good && scan_next_in(scan, &good, err))
        if (scan_is(scan, "f"))
            good = read_element(search, scan, err);
    return good;
}

static bool find_edges(struct search *search, struct err *err)
{
    const size_t count = workbook_page_count(search->update->workbook);
    bool good = true;
    search->seen = xcalloc(count + 1, sizeof *search->seen);
    for (search->page = 0; good && search->page < count; search->page++) {
        const struct page *page = update_page_of(search->update, search->page);
        memset(search->seen, 0, count * sizeof *search->seen);
        search->seen_everywhere = false;
        if (page->has_cells && page->part &&
            package_has(search->update->workbook->package, text_from(page->part)))
            good = read_page(search, page->part, err);
    }
    xfree(search->seen);
    return good;
}

static void spread(const struct search *search, bool *stale, bool any)
{
    for (bool again = true; again;) {
        again = false;
        for (size_t i = 0; i < search->edge_count; i++) {
            const struct edge *edge = &search->edges[i];
            if (!stale[edge->reader] && (edge->read == EVERYWHERE ? any : stale[edge->read]))
                again = stale[edge->reader] = true;
        }
    }
}

bool update_find_stale(struct update *update, bool *stale, struct err *err)
{
    struct search search = {.update = update};
    bool any = false;
    if (!workbook_tables(update->workbook, &search.tables, err))
        return false;
    for (size_t i = 0; i < workbook_page_count(update->workbook); i++)
        any |= stale[i] = update->pages[i].touched;
    const bool good = !any || find_edges(&search, err);
    if (good)
        spread(&search, stale, any);
    xfree(search.edges);
    return good;
}
