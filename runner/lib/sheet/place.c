// See place.h. Runs in the worker.
#include "lib/sheet/place.h"

enum { LIST_BYTES_MAX = ERR_ARGUMENT_MAX - 8, CANDIDATES_MAX = 4096 };

/* ---- messages -------------------------------------------------------------------------------------------------------- */

// Names for a message: all that fit, and the nearest.
struct listing {
    const char *names[CANDIDATES_MAX];
    size_t count;
};

static void list(struct listing *listing, const char *name)
{
    if (listing->count < CANDIDATES_MAX)
        listing->names[listing->count++] = name;
}

// "Totals (did you mean this?), …" would be long: the nearest stands first.
static void put_listing(struct buf *out, const struct listing *listing, const char *wanted)
{
    const char *nearest = text_nearest(wanted, listing->names, listing->count);
    if (nearest && !buf_append_string(out, nearest))
        return;
    for (size_t i = 0; i < listing->count; i++) {
        const size_t before = out->length;
        if (listing->names[i] == nearest)
            continue;
        if (!buf_printf(out, "%s%s", before ? ", " : "", listing->names[i])) {
            out->length = before; // the list is full: what fits is enough
            return;
        }
    }
}

static bool fail_listing(enum err_code code, struct listing *listing, const char *wanted, struct err *err)
{
    SCOPED_BUF(names, LIST_BYTES_MAX);
    put_listing(&names, listing, wanted);
    xfree(listing);
    return fail(err, code, wanted, names.length ? buf_string(&names) : "-");
}

bool place_fail_page(const struct book *book, const char *wanted, struct err *err)
{
    struct listing *listing = xcalloc(1, sizeof *listing);
    for (size_t i = 0; i < book_page_count(book); i++)
        list(listing, book_page(book, i)->name);
    return fail_listing(ERR_SHEET_NO_PAGE, listing, wanted, err);
}

static bool fail_name(struct book *book, const char *wanted, struct err *err)
{
    const struct tables *tables;
    const struct names *names = book_names(book);
    if (!book_tables(book, &tables, err))
        return false;
    struct listing *listing = xcalloc(1, sizeof *listing);
    for (size_t i = 0; i < names->count; i++)
        if (names->items[i].is_range && !names->items[i].hidden)
            list(listing, names->items[i].name);
    for (size_t i = 0; i < tables->count; i++)
        list(listing, tables->items[i].name);
    return fail_listing(ERR_SHEET_NO_NAME, listing, wanted, err);
}

/* ---- finding --------------------------------------------------------------------------------------------------------- */

bool place_find_table(const struct sheet_table **out, struct book *book, size_t page, struct text name,
                      struct err *err)
{
    const struct tables *tables;
    if (!book_tables(book, &tables, err))
        return false;
    *out = tables_find(tables, text_trim(name), page);
    if (*out)
        return true;
    struct listing *listing = xcalloc(1, sizeof *listing);
    for (size_t i = 0; i < tables->count; i++)
        if (page == SIZE_MAX || tables->items[i].page == page)
            list(listing, tables->items[i].name);
    SCOPED_TEXT char *wanted = text_copy(name);
    return fail_listing(ERR_SHEET_NO_TABLE, listing, wanted, err);
}

// "ZZZ1" and "A2000000" look like cells, but no page is so large.
static bool looks_like_cell(struct text text)
{
    struct text first;
    if (text_find(text, ':') > 0 && text_cut(&text, ':', &first) && !looks_like_cell(first))
        return false;
    size_t at = 0, letters = 0;
    for (; at < text.length && ((text.data[at] | 0x20) >= 'a' && (text.data[at] | 0x20) <= 'z'); at++)
        letters++;
    const size_t digits = at;
    while (at < text.length && text.data[at] >= '0' && text.data[at] <= '9')
        at++;
    return letters && letters <= 4 && at > digits && at == text.length;
}

static bool find_page(size_t *index, const struct book *book, const char *name, struct err *err)
{
    return book_find_page(book, text_from(name), index) || place_fail_page(book, name, err);
}

static bool find_named(struct place *out, struct book *book, size_t page, const char *name, struct err *err)
{
    const struct tables *tables;
    const struct defined_name *defined = names_find(book_names(book), text_from(name), page);
    if (defined && !defined->is_range)
        return fail(err, ERR_SHEET_NAME_IS_NO_RANGE, name, defined->formula);
    if (defined) {
        *out = (struct place){defined->page, defined->range};
        return true;
    }
    if (!book_tables(book, &tables, err))
        return false;
    const struct sheet_table *table = tables_find(tables, text_from(name), SIZE_MAX);
    if (table) {
        *out = (struct place){.page = table->page};
        return table_body(table, &out->range) || fail(err, ERR_SHEET_TABLE_IS_EMPTY, name);
    }
    return looks_like_cell(text_from(name)) ? fail(err, ERR_SHEET_OUTSIDE, name) : fail_name(book, name, err);
}

bool place_find(struct place *out, struct book *book, size_t page, struct text text, struct err *err)
{
    SCOPED_TEXT char *named = NULL;
    text = text_trim(text);
    *out = (struct place){.page = page};
    if (range_formula_parse(&named, &out->range, text))
        return !named || find_page(&out->page, book, named, err);
    SCOPED_TEXT char *name = text_copy(text);
    const char *mark = strrchr(name, '!');
    if (!mark)
        return find_named(out, book, page, name, err);
    // "Sheet1!Total": a name of that page
    SCOPED_TEXT char *whole = xasprintf("%.*s!A1", (int)(mark - name), name);
    struct range ignored;
    if (!range_formula_parse(&named, &ignored, text_from(whole)) || !named)
        return fail_name(book, name, err);
    return find_page(&page, book, named, err) && find_named(out, book, page, mark + 1, err);
}

bool place_find_cell(struct place *out, struct book *book, size_t page, struct text text, struct err *err)
{
    const struct layout *layout;
    char first[REFERENCE_TEXT_SIZE], last[REFERENCE_TEXT_SIZE];
    if (!place_find(out, book, page, text, err))
        return false;
    const struct range range = out->range;
    out->range.last = out->range.first;
    if (memcmp(&range, &out->range, sizeof range) == 0)
        return true;
    if (!book_layout(book, out->page, &layout, err))
        return false;
    for (size_t i = 0; i < layout->merged_count; i++)
        if (memcmp(&layout->merged[i], &range, sizeof range) == 0)
            return true;
    SCOPED_TEXT char *wanted = text_copy(text);
    return fail(err, ERR_SHEET_SEVERAL_CELLS, wanted, reference_text(first, range.first),
                reference_text(last, range.last));
}
