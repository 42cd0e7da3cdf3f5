// See styles.h. Runs in the worker.
#include "lib/sheet/styles.h"
#include "lib/sheet/scan.h"

#include <stdlib.h>

struct custom {
    uint32_t id;
    size_t place; // in the file
    enum format_kind kind;
};

struct reading {
    struct custom *customs;
    size_t custom_count;
    uint32_t *cell_formats; // the number format of each
    size_t cell_format_count;
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
    reading->customs[reading->custom_count] = (struct custom){
        id_of(scan_attribute(scan, "numFmtId")), reading->custom_count, format_code(buf_text(&code))};
    reading->custom_count++;
    return true;
}

static bool add_cell_format(struct reading *reading, const struct scan *scan, struct err *err)
{
    if (reading->cell_format_count == STYLES_MAX)
        return fail(err, ERR_LIMIT_PASSED, "cell formats", N(STYLES_MAX));
    GROW(reading->cell_formats, reading->cell_format_count);
    reading->cell_formats[reading->cell_format_count++] = id_of(scan_attribute(scan, "numFmtId"));
    return true;
}

static int compare_customs(const void *a, const void *b)
{
    const struct custom *x = a, *y = b;
    return x->id != y->id ? (x->id < y->id ? -1 : 1) : x->place < y->place ? -1 : x->place > y->place;
}

// A workbook may name a built-in number anew, and one twice: the last counts.
static enum format_kind kind_of(const struct reading *reading, uint32_t id)
{
    size_t low = 0, high = reading->custom_count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (reading->customs[middle].id <= id)
            low = middle + 1;
        else
            high = middle;
    }
    return low && reading->customs[low - 1].id == id ? reading->customs[low - 1].kind : format_builtin(id);
}

// After the last element: some programs write the number formats behind the cells' that name them.
static void resolve(struct styles *styles, struct reading *reading)
{
    if (reading->custom_count)
        qsort(reading->customs, reading->custom_count, sizeof *reading->customs, compare_customs);
    styles->count = reading->cell_format_count;
    styles->kinds = xcalloc(styles->count + 1, sizeof *styles->kinds);
    for (size_t i = 0; i < styles->count; i++)
        styles->kinds[i] = (uint8_t)kind_of(reading, reading->cell_formats[i]);
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
    struct reading reading = {0};
    SCOPED(scan)
    scan = NULL;
    *out = (struct styles){0};
    if (!part || !package_has(package, text_from(part)))
        return true;
    bool good = scan_open(&scan, package, text_from(part), err);
    while (good && scan_next_in(scan, &good, err))
        if (scan->kind != SCAN_TEXT)
            good = take(&reading, scan, err);
    if (good)
        resolve(out, &reading);
    xfree(reading.customs);
    xfree(reading.cell_formats);
    return good;
}

void styles_dispose(struct styles *styles)
{
    xfree(styles->kinds);
    *styles = (struct styles){0};
}
