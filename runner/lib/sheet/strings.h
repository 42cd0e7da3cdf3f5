// The texts that the cells of a workbook share. In the worker. ECMA-376 part 1, 18.4.
#ifndef RENKI_SHEET_STRINGS_H
#define RENKI_SHEET_STRINGS_H

#include "lib/sheet/scan.h"

#define STRINGS_BYTES_MAX ((size_t)256 << 20)
enum { STRINGS_COUNT_MAX = 1 << 25 };

struct strings {
    struct buf bytes;
    uint32_t *ends; // where each text ends in `bytes`
    size_t count, capacity;
};

// `part` NULL: a workbook without shared texts. `plain`: most texts without the general scanner.
bool strings_read(struct strings *out, struct package *package, const char *part, bool plain,
                  struct err *err) MUST_CHECK;
void strings_dispose(struct strings *strings);
// What was appended to `bytes` since the last text becomes a text of its own.
bool strings_add(struct strings *strings, struct err *err) MUST_CHECK;
// Borrowed; false when there is no text of that number.
bool strings_at(const struct strings *strings, uint64_t index, struct text *out) MUST_CHECK;

// At the start of <si> or <is>: appends its text, rich text joined, reading aids left out, _x000D_ and the like decoded,
// and passes over the element. At most SHEET_CELL_CHARACTERS_MAX characters.
bool strings_append_item(struct scan *scan, struct buf *out, struct err *err) MUST_CHECK;
// Decodes _xHHHH_ from `start` to the end of `out`, in place. ECMA-376 part 1, 22.9.2.19.
void strings_unescape(struct buf *out, size_t start);
// UTF-8, and no longer than a cell may be, from `start` on.
bool strings_check(const struct buf *out, size_t start, struct err *err) MUST_CHECK;

#endif
