// .ods workbooks as books (book_format.h), zipped or as one flat XML file (.fods): their pages. Runs in the worker.
//
// The list of pages is found by passing over content.xml once, so a damaged file is known before its first row is given.
// OpenDocument 1.3, part 3.
#include "lib/sheet/ods_internal.h"
#include "lib/sheet/serial.h"
#include "lib/sheet/strings.h"

#include <errno.h>
#include <unistd.h>

enum { BODY_DEPTH = 3, PAGE_DEPTH = 4 };

struct hidden_styles {
    char **names;
    size_t count;
};

struct listing {
    struct ods *ods;
    struct scan *scan;
    struct hidden_styles hidden;
    char *style; // the table style whose properties come next
    bool found;  // <office:spreadsheet>
    bool in_page;
};

bool ods_scan_open(struct scan **out, const struct ods *ods, struct err *err)
{
    return ods->package ? scan_open(out, ods->package, TEXT_OF("content.xml"), err)
                        : scan_open_text(out, buf_text(&ods->flat), err);
}

bool ods_is_page(const struct scan *scan)
{
    if (scan->depth != PAGE_DEPTH || !scan_is(scan, "table"))
        return false;
    // 'file:///tmp/other.ods'#$Sheet1
    const struct text name = scan_attribute(scan, "name");
    return !name.length || !memmem(name.data, name.length, "'#$", 3);
}

/* ---- the list of pages --------------------------------------------------------------------------------------------------- */

static bool is_hidden(const struct listing *listing, struct text style)
{
    for (size_t i = 0; i < listing->hidden.count; i++)
        if (text_is(style, listing->hidden.names[i]))
            return true;
    return false;
}

static bool add_page(struct listing *listing, struct err *err)
{
    struct ods *ods = listing->ods;
    SCOPED_BUF(name, SHEET_CELL_CHARACTERS_MAX);
    if (ods->page_count == WORKBOOK_PAGES_MAX)
        return fail(err, ERR_LIMIT_PASSED, "pages", N(WORKBOOK_PAGES_MAX));
    if (!scan_decode(&name, scan_attribute(listing->scan, "name"), err) || !strings_check(&name, 0, err))
        return false;
    if ((ods->page_count & (ods->page_count - 1)) == 0)
        ods->pages = xreallocarray(ods->pages, ods->page_count ? ods->page_count * 2 : 1, sizeof *ods->pages);
    ods->pages[ods->page_count++] = (struct page){
        .name = text_copy(buf_text(&name)),
        .has_cells = true,
        .visibility =
            is_hidden(listing, scan_attribute(listing->scan, "style-name")) ? PAGE_HIDDEN : PAGE_VISIBLE};
    return true;
}

static bool take_style(struct listing *listing, struct err *err)
{
    const struct scan *scan = listing->scan;
    struct hidden_styles *hidden = &listing->hidden;
    if (scan_is(scan, "style")) {
        xfree(listing->style);
        listing->style =
            text_is(scan_attribute(scan, "family"), "table") ? text_copy(scan_attribute(scan, "name")) : NULL;
        return true;
    }
    if (!listing->style || !scan_is(scan, "table-properties") ||
        !text_is(scan_attribute(scan, "display"), "false"))
        return true;
    if (hidden->count == ODS_HIDDEN_STYLES_MAX)
        return fail(err, ERR_LIMIT_PASSED, "styles", N(ODS_HIDDEN_STYLES_MAX));
    if ((hidden->count & (hidden->count - 1)) == 0)
        hidden->names =
            xreallocarray(hidden->names, hidden->count ? hidden->count * 2 : 1, sizeof *hidden->names);
    hidden->names[hidden->count++] = STEAL(listing->style);
    return true;
}

// What a document that is no spreadsheet has in its body.
static bool is_other_document(const struct scan *scan)
{
    static const char *const bodies[] = {"text", "presentation", "drawing", "chart", "image", "database"};
    for (size_t i = 0; i < COUNT_OF(bodies); i++)
        if (scan->depth == BODY_DEPTH && scan_is(scan, bodies[i]))
            return true;
    return false;
}

// What serial numbers count from; they show only in computing, since every date is written as a date.
static void take_first_day(struct ods *ods, struct text date)
{
    struct cell cell = {0};
    if (!serial_from_iso(&cell, date) || cell.form != CELL_DAY)
        return;
    ods->first_day = date_to_days(cell.moment.date);
    ods->system_1904 = cell.moment.date.year == 1904;
}

static bool take_start(struct listing *listing, struct err *err)
{
    struct scan *scan = listing->scan;
    if (ods_is_page(scan)) {
        listing->in_page = true;
        return add_page(listing, err);
    }
    listing->in_page = listing->in_page && scan->depth > PAGE_DEPTH;
    if (scan_is(scan, "named-range") || scan_is(scan, "named-expression"))
        return ods_take_name(listing->ods, scan,
                             listing->in_page ? listing->ods->page_count - 1 : NAME_OF_WORKBOOK, err);
    if (listing->in_page)
        return scan_is(scan, "named-expressions") || scan_skip(scan, err);
    if (scan_is(scan, "database-range"))
        return ods_take_table(listing->ods, scan, err);
    if (scan->depth == BODY_DEPTH && scan_is(scan, "spreadsheet"))
        listing->found = true;
    else if (!listing->found && is_other_document(scan))
        return fail(err, ERR_SHEET_IS_OTHER, "an OpenDocument file that is no spreadsheet");
    else if (scan_is(scan, "null-date"))
        take_first_day(listing->ods, scan_attribute(scan, "date-value"));
    return take_style(listing, err);
}

static bool list_pages(struct ods *ods, struct err *err)
{
    struct listing listing = {.ods = ods};
    bool good = ods_scan_open(&listing.scan, ods, err);
    while (good && scan_next_in(listing.scan, &good, err))
        if (listing.scan->kind == SCAN_START)
            good = take_start(&listing, err);
    if (good && !listing.found)
        good = fail(err, ERR_SHEET_IS_UNKNOWN);
    ods_resolve_names(ods);
    for (size_t i = 0; i < listing.hidden.count; i++)
        xfree(listing.hidden.names[i]);
    xfree(listing.hidden.names);
    xfree(listing.style);
    scan_free(listing.scan);
    return good;
}

/* ---- the book -------------------------------------------------------------------------------------------------------------- */

static bool read_flat(struct ods *ods, const struct book_source *source, struct err *err)
{
    enum { STEP = 1 << 20 };
    for (;;) {
        char *room = buf_reserve(&ods->flat, STEP);
        if (!room)
            return fail(err, ERR_FILE_TOO_LARGE, source->name, N(ODS_FLAT_BYTES_MAX >> 20));
        const ssize_t got = pread(source->descriptor, room, STEP, (off_t)ods->flat.length);
        if (got < 0 && errno != EINTR)
            return fail(err, ERR_SYSTEM, "read", strerror(errno));
        if (got == 0)
            return true;
        ods->flat.length += got > 0 ? (size_t)got : 0;
    }
}

static void free_book(void *state)
{
    struct ods *ods = state;
    if (!ods)
        return;
    for (size_t i = 0; i < ods->page_count; i++)
        xfree(ods->pages[i].name);
    xfree(ods->pages);
    names_dispose(&ods->names);
    tables_dispose(&ods->tables);
    buf_dispose(&ods->flat);
    package_free(ods->package);
    xfree(ods);
}

static bool open_book(void **state, struct book_source *source, struct err *err)
{
    struct ods *ods = xcalloc(1, sizeof *ods);
    ods->flat = buf_new(ODS_FLAT_BYTES_MAX);
    ods->first_day = ODS_DAY_ZERO;
    ods->package = STEAL(source->package);
    if ((!ods->package && !read_flat(ods, source, err)) || !list_pages(ods, err)) {
        free_book(ods);
        return false;
    }
    *state = ods;
    return true;
}

static size_t page_count(const void *state)
{
    return ((const struct ods *)state)->page_count;
}

static const struct page *page_at(const void *state, size_t index)
{
    const struct ods *ods = state;
    require(index < ods->page_count);
    return &ods->pages[index];
}

static bool is_1904(const void *state)
{
    return ((const struct ods *)state)->system_1904;
}

static const struct names *names_of(const void *state)
{
    return &((const struct ods *)state)->names;
}

static bool tables_of(void *state, const struct tables **out, struct err *err)
{
    (void)err;
    *out = &((const struct ods *)state)->tables;
    return true;
}

const struct book_functions book_ods = {
    .format = BOOK_ODS,
    .name = "ods",
    .open = open_book,
    .free = free_book,
    .page_count = page_count,
    .page = page_at,
    .is_1904 = is_1904,
    .names = names_of,
    .tables = tables_of,
    .rows_open = ods_rows_open,
    .rows_free = ods_rows_free,
    .rows_next = ods_rows_next,
    .rows_merged = ods_rows_merged,
    .rows_hidden_columns = ods_rows_hidden_columns,
};
