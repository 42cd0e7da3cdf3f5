// XML that is to be changed in place: its tags with the places of their bytes, and changes that leave every other byte
// as it was. In the worker.
//
//     while (markup_next_in(&markup, &good, err))
//         if (markup_is(&markup, "calcPr"))
//             good = patches_put(&patches, markup.tag.start, markup.tag.end, by, err);
//
// 1. The whole part lies in memory as UTF-8 (update_part.c brings it there). Names are local names, as in scan.h.
// 2. Refused: a DOCTYPE, elements deeper than SCAN_DEPTH_MAX, tags that do not match, a part that ends inside one.
#ifndef RENKI_SHEET_MARKUP_H
#define RENKI_SHEET_MARKUP_H

#include "lib/sheet/scan.h"

#define MARKUP_BYTES_MAX ((size_t)64 << 20)
enum { PATCHES_MAX = 1 << 24 };

struct markup_tag {
    struct text xml;          // the whole part
    struct text name, prefix; // the prefix with its colon ("x:"), or empty
    size_t start, end;        // the bytes of the tag, or of a text
    bool empty;               // <c/>: its stop comes next and has the same bytes
    unsigned depth;           // of the element that started or stopped: 1 for the root
};

struct markup {
    struct markup_tag tag;
    const char *part; // for messages
    enum scan_kind kind;
    size_t position;
    bool stop_pending;
    struct text open[SCAN_DEPTH_MAX]; // names of the open elements, prefix included
    unsigned open_count;
};

// Both are borrowed and must live as long as the walk.
struct markup markup_new(struct text xml, const char *part);
bool markup_next(struct markup *markup, struct err *err) MUST_CHECK;
// For a loop over a whole part: true while there is a token. *good turns false on an error.
static inline bool markup_next_in(struct markup *markup, bool *good, struct err *err)
{
    *good = *good && markup_next(markup, err);
    return *good && markup->kind != SCAN_END;
}
static inline bool markup_is(const struct markup *markup, const char *name)
{
    return markup->kind == SCAN_START && scan_same_name(markup->tag.name, name);
}
static inline bool markup_stops(const struct markup *markup, const char *name)
{
    return markup->kind == SCAN_STOP && scan_same_name(markup->tag.name, name);
}
// Of a start: the value as it stands in the part, by the attribute's full name ("r", "r:id"). Lies in `xml`.
bool markup_attribute(const struct markup_tag *tag, const char *name, struct text *value);
// The same by the local name, with any prefix: what `r:id` is called depends on the program that wrote the part.
bool markup_attribute_local(const struct markup_tag *tag, const char *name, struct text *value);
// At a start: goes on to the element's stop; *content is what lies between the two tags.
bool markup_content(struct markup *markup, struct text *content, struct err *err) MUST_CHECK;

// Appends a formula, or another text without control bytes, as XML has it: & < > " escaped.
bool markup_escape(struct buf *out, struct text text, struct err *err) MUST_CHECK;

// Changes to a part, in any order; none may touch the bytes of another.
struct patches {
    struct patch *items;
    size_t count, capacity;
    struct buf texts;
};
struct patches patches_new(void);
void patches_dispose(struct patches *patches);
// The bytes from `start` up to `end` become `by`. At one place, what is put first stands first.
bool patches_put(struct patches *patches, size_t start, size_t end, struct text by,
                 struct err *err) MUST_CHECK;
// An attribute of a start, set anew or added; `value` as it shall stand in the part. NULL: gone.
bool patches_attribute(struct patches *patches, const struct markup_tag *tag, const char *name,
                       const char *value, struct err *err) MUST_CHECK;
// Appends `xml` with all changes made.
bool patches_apply(struct patches *patches, struct buf *out, struct text xml, struct err *err) MUST_CHECK;

static inline void scoped_patches_dispose(struct patches *patches)
{
    patches_dispose(patches);
}
#define SCOPED_PATCHES(name)                                                                                 \
    __attribute__((cleanup(scoped_patches_dispose))) struct patches name = patches_new()

#endif
