// A scanner for the XML of workbooks: element by element, in memory that does not grow with the part. In the worker.
//
//     while (good && scan_next_in(scan, &good, err))
//         if (scan_is(scan, "row"))
//             good = …
//
// 1. Names are local names: prefixes are dropped (workbooks use many for one namespace, and never two for one name).
// 2. UTF-8, UTF-16 and what an XML declaration names; text comes out as UTF-8, checked, line ends as LF.
// 3. Refused: a DOCTYPE (so there are no entities but the five of XML), deeper than 100, a tag beyond 1 MB, more than 64
//    attributes, a part that ends inside an element.
#ifndef RENKI_SHEET_SCAN_H
#define RENKI_SHEET_SCAN_H

#include "lib/sheet/package.h"

enum { SCAN_DEPTH_MAX = 100, SCAN_TAG_BYTES_MAX = 1 << 20, SCAN_ATTRIBUTES_MAX = 64 };

enum scan_kind {
    SCAN_START, // name and attributes; an empty element gives a SCAN_STOP next too
    SCAN_STOP,  // name
    SCAN_TEXT,  // text, as it stands in the part; long ones come in pieces. scan_append_text decodes.
    SCAN_END,   // the part is over
};

struct scan_attribute {
    struct text name, value; // local name; value as it stands in the part
};

struct scan {
    enum scan_kind kind;
    struct text name, text; // valid until the next scan_next, as are the attributes
    struct scan_attribute attributes[SCAN_ATTRIBUTES_MAX];
    size_t attribute_count;
    unsigned depth; // of the element that started or stopped: 1 for the root
    struct scan_source *source;
};

// Opens a part of the package for scanning.
bool scan_open(struct scan **out, struct package *package, struct text part, struct err *err) MUST_CHECK;
// Scans borrowed memory.
bool scan_open_text(struct scan **out, struct text xml, struct err *err) MUST_CHECK;
void scan_free(struct scan *scan);
DEFINE_SCOPED(scan)

bool scan_next(struct scan *scan, struct err *err) MUST_CHECK;
// For a loop over a whole part: true while there is a token. *good turns false on an error.
static inline bool scan_next_in(struct scan *scan, bool *good, struct err *err)
{
    *good = scan_next(scan, err);
    return *good && scan->kind != SCAN_END;
}
// text_is, decided by the first letter most of the time: scanning asks it several times a cell.
static inline bool scan_same_name(struct text name, const char *other)
{
    return name.length && name.data[0] == other[0] && text_is(name, other);
}
// Whether this is the start of an element of that name.
static inline bool scan_is(const struct scan *scan, const char *name)
{
    return scan->kind == SCAN_START && scan_same_name(scan->name, name);
}
// For readers that know what nearly always comes next, and leave the rest to scan_next:
// what follows the last token, as it stands in the part (as UTF-8), as far as it has been read. Empty where there is none, or
// elements may not be passed over here.
struct text scan_ahead(struct scan *scan);
// Passes over its first bytes, which must be whole elements and the blanks between them. scan_ahead goes on behind them.
void scan_pass(struct scan *scan, size_t length);
// Reads more of the part, so that there is at least twice as much ahead. *more is false where that can't be: the part ends,
// or much is ahead already. What scan_ahead gave is no longer valid.
bool scan_read_ahead(struct scan *scan, bool *more, struct err *err) MUST_CHECK;

// At a start: passes over the element with all that is in it.
bool scan_skip(struct scan *scan, struct err *err) MUST_CHECK;
// The raw value of an attribute, or an empty text.
struct text scan_attribute(const struct scan *scan, const char *name);
bool scan_has_attribute(const struct scan *scan, const char *name);
// "1" and "true" are true, all else false.
bool scan_attribute_boolean(const struct scan *scan, const char *name);
// Appends text with its character references decoded. `out`'s maximum is the limit.
bool scan_decode(struct buf *out, struct text raw, struct err *err) MUST_CHECK;
// Appends the present SCAN_TEXT, decoded (CDATA as it is).
bool scan_append_text(const struct scan *scan, struct buf *out, struct err *err) MUST_CHECK;

#endif
