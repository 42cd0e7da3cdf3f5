// See styles.h. Runs in the worker.
#include "lib/sheet/styles.h"
#include "lib/sheet/scan.h"

struct custom {
    uint32_t id;
    enum format_kind kind;
};

struct reading {
    struct styles *styles;
    struct custom *customs;
    size_t custom_count;
    bool in_cell_formats;
};

// Arrays grow when their count is a power of two.
#define GROW(array, count)                                                                                   \
    (((count) & ((count)-1)) == 0                                                                            \
         ? (void)((array) = xreallocarray((array), (count) ? (count)*2 : 1, sizeof *(array)))                \
         : (void)0)

static uint32_t id_of(struct text text)
{
    int64_t id;
    return text_to_int64(text, &id) && id >= 0 && id <= UINT32_MAX ? (uint32_t)id : 0;
}

static bool add_custom(struct reading *reading, const struct scan *scan, struct err *err)
{
    SCOPED_BUF(code, FORMAT_CODE_BYTES_MAX);
    if (reading->custom_count == STYLES_MAX)
        return fail(err, ERR_LIMIT_PASSED, "number formats", N(STYLES_MAX));
    if (!scan_decode(&code, scan_attribute(scan, "formatCode"), err))
        return false;
    GROW(reading->customs, reading->custom_count);
    reading->customs[reading->custom_count++] =
        (struct custom){id_of(scan_attribute(scan, "numFmtId")), format_code(buf_text(&code))};
    return true;
}

static bool add_cell_format(struct reading *reading, const struct scan *scan, struct err *err)
{
    struct styles *styles = reading->styles;
    const uint32_t id = id_of(scan_attribute(scan, "numFmtId"));
    enum format_kind kind = format_builtin(id);
    if (styles->count == STYLES_MAX)
        return fail(err, ERR_LIMIT_PASSED, "cell formats", N(STYLES_MAX));
    for (size_t i = 0; i < reading->custom_count; i++)
        if (reading->customs[i].id == id)
            kind = reading->customs[i].kind; // a workbook may name a built-in number anew
    GROW(styles->kinds, styles->count);
    styles->kinds[styles->count++] = (uint8_t)kind;
    return true;
}

static bool take(struct reading *reading, const struct scan *scan, struct err *err)
{
    if (text_is(scan->name, "cellXfs"))
        reading->in_cell_formats = scan->kind == SCAN_START;
    else if (scan_is(scan, "numFmt") && scan->depth == 3) // deeper ones are of conditional formats
        return add_custom(reading, scan, err);
    else if (scan_is(scan, "xf") && reading->in_cell_formats)
        return add_cell_format(reading, scan, err);
    return true;
}

bool styles_read(struct styles *out, struct package *package, const char *part, struct err *err)
{
    struct reading reading = {.styles = out};
    SCOPED(scan)
    scan = NULL;
    *out = (struct styles){0};
    if (!part || !package_has(package, text_from(part)))
        return true;
    bool good = scan_open(&scan, package, text_from(part), err);
    while (good && scan_next_in(scan, &good, err))
        if (scan->kind != SCAN_TEXT)
            good = take(&reading, scan, err);
    xfree(reading.customs);
    if (!good)
        styles_dispose(out);
    return good;
}

void styles_dispose(struct styles *styles)
{
    xfree(styles->kinds);
    *styles = (struct styles){0};
}
