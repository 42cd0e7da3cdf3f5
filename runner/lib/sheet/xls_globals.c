// What stands before the pages of an .xls workbook (xls_internal.h). Runs in the worker. [MS-XLS] 2.1.7.20.3.
#include "lib/sheet/xls_internal.h"

#include <stdio.h>

enum { CODES_MAX = 1 << 16 };

struct code {
    uint32_t id;
    enum format_kind kind;
};

struct globals {
    struct xls *xls;
    struct biff biff;
    struct code *codes; // number formats that the file describes
    size_t code_count;
};

bool xls_version(const struct biff *biff, enum biff_version *version)
{
    static const struct {
        uint16_t type;
        enum biff_version version;
    } begins[] = {{BIFF2_BOF, BIFF2}, {BIFF3_BOF, BIFF3}, {BIFF4_BOF, BIFF4}};
    for (size_t i = 0; i < COUNT_OF(begins); i++)
        if (biff->type == begins[i].type) {
            *version = begins[i].version;
            return true;
        }
    if (biff->type != BIFF_BOF || biff->length < 4)
        return false;
    *version = bytes_u16(biff->data) == 0x600 ? BIFF8 : BIFF5;
    return true;
}

/* ---- single records ------------------------------------------------------------------------------------------------------ */

// [MS-XLS] 2.4.52. What is not known here is read as Western, in which most letters are right.
static bool take_codepage(struct globals *globals, struct err *err)
{
    static const struct {
        uint16_t number;
        const char *label;
    } others[] = {{0x8000, "macintosh"}, {10000, "macintosh"}, {0x8001, "windows-1252"}, {367, "us-ascii"}};
    char label[32];
    if (!biff_require(&globals->biff, 2, err))
        return false;
    const uint16_t number = bytes_u16(globals->biff.data);
    snprintf(label, sizeof label, number >= 874 && number <= 1258 ? "windows-%u" : "cp%u", number);
    const struct encoding *encoding = encoding_find(text_from(label));
    for (size_t i = 0; i < COUNT_OF(others); i++)
        if (others[i].number == number)
            encoding = encoding_find(text_from(others[i].label));
    if (encoding)
        globals->biff.encoding = encoding;
    return true;
}

// Before version 5, formats are numbered by their order.
static bool take_format(struct globals *globals, struct err *err)
{
    static const unsigned starts[] = {[BIFF2] = 0, [BIFF3] = 0, [BIFF4] = 2, [BIFF5] = 2, [BIFF8] = 2};
    struct biff *biff = &globals->biff;
    SCOPED_BUF(code, BIFF_RECORD_BYTES_MAX * 4);
    if (globals->code_count == CODES_MAX)
        return fail(err, ERR_LIMIT_PASSED, "number formats", N(CODES_MAX));
    if (!biff_require(biff, 2, err))
        return false;
    const uint32_t id = biff->version >= BIFF5 ? bytes_u16(biff->data) : (uint32_t)globals->code_count;
    if (!biff_text(biff, starts[biff->version], biff->version == BIFF8 ? 2 : 1, &code, err))
        return false;
    if ((globals->code_count & (globals->code_count - 1)) == 0)
        globals->codes = xreallocarray(globals->codes, globals->code_count ? globals->code_count * 2 : 1,
                                       sizeof *globals->codes);
    globals->codes[globals->code_count].id = id;
    globals->codes[globals->code_count++].kind = format_code(buf_text(&code));
    return true;
}

static enum format_kind kind_of(const struct globals *globals, uint32_t id)
{
    for (size_t i = globals->code_count; i; i--)
        if (globals->codes[i - 1].id == id)
            return globals->codes[i - 1].kind;
    return globals->biff.version >= BIFF5 ? format_builtin(id) : FORMAT_NUMBER;
}

// In version 2 a cell names its format itself, so the formats are the styles.
static bool add_style(struct globals *globals, uint32_t format, struct err *err)
{
    struct styles *styles = &globals->xls->styles;
    if (styles->count == STYLES_MAX)
        return fail(err, ERR_LIMIT_PASSED, "cell formats", N(STYLES_MAX));
    if ((styles->count & (styles->count - 1)) == 0)
        styles->kinds =
            xreallocarray(styles->kinds, styles->count ? styles->count * 2 : 1, sizeof *styles->kinds);
    styles->kinds[styles->count++] = (uint8_t)kind_of(globals, format);
    return true;
}

static bool take_style(struct globals *globals, struct err *err)
{
    const struct biff *biff = &globals->biff;
    const bool old = biff->type != BIFF_XF;
    return biff_require(biff, old ? 2 : 4, err) &&
           add_style(globals, old ? biff->data[1] : bytes_u16(biff->data + 2), err);
}

static bool add_page(struct xls *xls, struct page page, uint32_t offset, struct err *err)
{
    if (xls->page_count == WORKBOOK_PAGES_MAX) {
        xfree(page.name);
        return fail(err, ERR_LIMIT_PASSED, "pages", N(WORKBOOK_PAGES_MAX));
    }
    if ((xls->page_count & (xls->page_count - 1)) == 0) {
        const size_t room = xls->page_count ? xls->page_count * 2 : 1;
        xls->pages = xreallocarray(xls->pages, room, sizeof *xls->pages);
        xls->offsets = xreallocarray(xls->offsets, room, sizeof *xls->offsets);
    }
    xls->offsets[xls->page_count] = offset;
    xls->pages[xls->page_count++] = page;
    return true;
}

// [MS-XLS] 2.4.28. Macros in Visual Basic are listed as pages too; nobody sees them as such.
static bool take_page(struct globals *globals, struct err *err)
{
    enum { KIND_WORKSHEET = 0, KIND_BASIC = 6 };
    static const enum page_visibility states[] = {PAGE_VISIBLE, PAGE_HIDDEN, PAGE_VERY_HIDDEN,
                                                  PAGE_VERY_HIDDEN};
    struct biff *biff = &globals->biff;
    SCOPED_BUF(name, BIFF_RECORD_BYTES_MAX * 4);
    if (!biff_require(biff, 7, err))
        return false;
    const uint32_t offset = bytes_u32(biff->data);
    const unsigned state = biff->data[4] & 3, kind = biff->data[5];
    if (kind == KIND_BASIC)
        return true;
    if (!biff_text(biff, 6, 1, &name, err))
        return false;
    return add_page(globals->xls,
                    (struct page){.name = text_copy(buf_text(&name)),
                                  .visibility = states[state],
                                  .has_cells = kind == KIND_WORKSHEET},
                    offset, err);
}

// [MS-XLS] 2.4.265. The counts at its head are not asked: they are wrong in files of some programs, and huge in hostile
// ones. What is there is read.
static bool take_texts(struct globals *globals, struct err *err)
{
    struct strings *strings = &globals->xls->strings;
    bool more = true;
    if (!biff_require(&globals->biff, 8, err))
        return false;
    const uint32_t count = bytes_u32(globals->biff.data + 4);
    globals->biff.taken = 8;
    while (more && strings->count < count)
        if (!biff_next_text(&globals->biff, &strings->bytes, &more, err) ||
            (more && !strings_add(strings, err)))
            return err_note(err, "text %zu", strings->count + 1);
    return true;
}

static bool take_date_system(struct globals *globals, struct err *err)
{
    if (!biff_require(&globals->biff, 2, err))
        return false;
    globals->xls->system_1904 = bytes_u16(globals->biff.data) == 1;
    return true;
}

static bool refuse_encrypted(struct globals *globals, struct err *err)
{
    (void)globals;
    return fail(err, ERR_SHEET_ENCRYPTED);
}

static bool take_record(struct globals *globals, struct err *err)
{
    static const struct {
        uint16_t type;
        bool (*take)(struct globals *globals, struct err *err);
    } records[] = {{BIFF_FILEPASS, refuse_encrypted},
                   {BIFF_CODEPAGE, take_codepage},
                   {BIFF_DATEMODE, take_date_system},
                   {BIFF_FORMAT, take_format},
                   {BIFF2_FORMAT, take_format},
                   {BIFF_XF, take_style},
                   {BIFF3_XF, take_style},
                   {BIFF4_XF, take_style},
                   {BIFF_BOUNDSHEET, take_page},
                   {BIFF_SST, take_texts}};
    for (size_t i = 0; i < COUNT_OF(records); i++)
        if (records[i].type == globals->biff.type)
            return records[i].take(globals, err);
    return true;
}

/* ---- the whole ------------------------------------------------------------------------------------------------------------ */

static bool take_records(struct globals *globals, struct err *err)
{
    for (bool more = true;;) {
        if (!biff_next(&globals->biff, &more, err))
            return false;
        if (!more)
            return fail(err, ERR_SHEET_BROKEN_XLS, "it ends too early");
        if (globals->biff.type == BIFF_EOF)
            return true;
        if (!take_record(globals, err))
            return false;
    }
}

static bool read(struct globals *globals, struct err *err)
{
    struct xls *xls = globals->xls;
    struct biff *biff = &globals->biff;
    bool more;
    if (!biff_next(biff, &more, err))
        return false;
    if (!more || !xls_version(biff, &biff->version))
        return fail(err, ERR_SHEET_BROKEN_XLS, "it does not begin as a workbook");
    const unsigned kind = biff->length >= 4 ? bytes_u16(biff->data + 2) : BIFF_WORKSHEET;
    if (biff->version == BIFF4 && kind == BIFF_WORKSPACE)
        return fail(err, ERR_SHEET_NOT_READ, "an Excel 4 workbook of several pages (.xlw)");
    if (!take_records(globals, err))
        return false;
    for (size_t i = 0; biff->version == BIFF2 && i < globals->code_count; i++)
        if (!add_style(globals, (uint32_t)i, err))
            return false;
    if (kind == BIFF_GLOBALS && !xls->page_count)
        return fail(err, ERR_SHEET_BROKEN_XLS, "it has no pages");
    // A page alone, as versions before 5 had it: what would stand before the pages stands in it.
    if (!xls->page_count)
        return add_page(xls, (struct page){.name = xstrdup("Sheet1"), .has_cells = true}, 0, err);
    return true;
}

bool xls_globals_read(struct xls *xls, struct err *err)
{
    struct globals globals = {.xls = xls, .biff = biff_new(xls->stream)};
    const bool good = read(&globals, err);
    xls->version = globals.biff.version;
    xls->encoding = globals.biff.encoding;
    xfree(globals.codes);
    biff_dispose(&globals.biff);
    return good;
}
