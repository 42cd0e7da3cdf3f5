// The styles of a workbook, as far as they tell dates from numbers. In the worker. ECMA-376 part 1, 18.8.
#ifndef RENKI_SHEET_STYLES_H
#define RENKI_SHEET_STYLES_H

#include "lib/sheet/format.h"
#include "lib/sheet/package.h"

enum { STYLES_MAX = 1 << 17, FORMAT_CODE_BYTES_MAX = 4096 };

struct styles {
    uint8_t *kinds; // an enum format_kind for each cell format
    size_t count;
};

// `part` NULL: a workbook without styles.
bool styles_read(struct styles *out, struct package *package, const char *part, struct err *err) MUST_CHECK;
void styles_dispose(struct styles *styles);
// FORMAT_NUMBER for a style that is not there.
static inline enum format_kind styles_kind(const struct styles *styles, uint64_t style)
{
    return style < styles->count ? (enum format_kind)styles->kinds[style] : FORMAT_NUMBER;
}

#endif
