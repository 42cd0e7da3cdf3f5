// See markup.h. Runs in the worker.
#include "lib/sheet/markup.h"

#include <stdlib.h>

struct patch {
    size_t start, end;   // of the part
    size_t text, length; // of `texts`
    size_t order;
};

static bool fail_xml(const struct markup *markup, const char *why, struct err *err)
{
    return fail(err, ERR_SHEET_XML, markup->part, N(markup->position), why);
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

struct markup markup_new(struct text xml, const char *part)
{
    return (struct markup){.tag = {.xml = xml}, .part = part, .kind = SCAN_TEXT};
}

/* ---- tags --------------------------------------------------------------------------------------------------------------- */

// The first place of `what` at or after `from`; the part's length when it is not there.
static size_t find(const struct markup *markup, size_t from, const char *what)
{
    const char *at = memmem(markup->tag.xml.data + from, markup->tag.xml.length - from, what, strlen(what));
    return at ? (size_t)(at - markup->tag.xml.data) : markup->tag.xml.length;
}

static bool at_is(const struct markup *markup, const char *what)
{
    return text_starts(
        text_of(markup->tag.xml.data + markup->position, markup->tag.xml.length - markup->position), what);
}

// Quotes respected; the part's length when the tag has no end.
static size_t find_tag_end(const struct markup *markup)
{
    char quote = '\0';
    for (size_t at = markup->position; at < markup->tag.xml.length; at++) {
        const char c = markup->tag.xml.data[at];
        if (quote)
            quote = c == quote ? '\0' : quote;
        else if (c == '"' || c == '\'')
            quote = c;
        else if (c == '>')
            return at;
    }
    return markup->tag.xml.length;
}

static struct text full_name(const struct markup *markup, size_t from)
{
    size_t end = from;
    while (end < markup->tag.end - 1 && !is_space(markup->tag.xml.data[end]) &&
           markup->tag.xml.data[end] != '/')
        end++;
    return text_of(markup->tag.xml.data + from, end - from);
}

static void set_name(struct markup *markup, struct text full)
{
    const ptrdiff_t colon = text_find(full, ':');
    markup->tag.prefix = text_of(full.data, colon < 0 ? 0 : (size_t)colon + 1);
    markup->tag.name =
        text_of(full.data + markup->tag.prefix.length, full.length - markup->tag.prefix.length);
}

static bool take_stop(struct markup *markup, struct err *err)
{
    const struct text full = full_name(markup, markup->tag.start + 2);
    if (!markup->open_count || !text_equal(markup->open[markup->open_count - 1], full))
        return fail_xml(markup, "a tag ends what has not begun", err);
    markup->kind = SCAN_STOP;
    markup->tag.empty = false;
    markup->tag.depth = markup->open_count--;
    set_name(markup, full);
    return true;
}

static bool take_start(struct markup *markup, struct err *err)
{
    const struct text full = full_name(markup, markup->tag.start + 1);
    if (!full.length)
        return fail_xml(markup, "a tag without a name", err);
    if (markup->open_count == SCAN_DEPTH_MAX)
        return fail_xml(markup, "too deep", err);
    markup->open[markup->open_count++] = full;
    markup->kind = SCAN_START;
    markup->tag.depth = markup->open_count;
    markup->tag.empty = markup->stop_pending = markup->tag.xml.data[markup->tag.end - 2] == '/';
    set_name(markup, full);
    return true;
}

static bool take_tag(struct markup *markup, struct err *err)
{
    const size_t end = find_tag_end(markup);
    if (end == markup->tag.xml.length)
        return fail_xml(markup, "a tag without an end", err);
    markup->tag.start = markup->position;
    markup->tag.end = end + 1;
    if (!(markup->tag.xml.data[markup->tag.start + 1] == '/' ? take_stop(markup, err)
                                                             : take_start(markup, err)))
        return false;
    markup->position = markup->tag.end;
    return true;
}

// A declaration, a comment: nobody's business here.
static bool skip_aside(struct markup *markup, bool *skipped, struct err *err)
{
    static const struct {
        const char *start, *end;
    } asides[] = {{"<!--", "-->"}, {"<?", "?>"}};
    *skipped = false;
    for (size_t i = 0; i < COUNT_OF(asides) && !*skipped; i++) {
        if (!at_is(markup, asides[i].start))
            continue;
        const size_t end = find(markup, markup->position + strlen(asides[i].start), asides[i].end);
        if (end == markup->tag.xml.length)
            return fail_xml(markup, "a comment without an end", err);
        markup->position = end + strlen(asides[i].end);
        *skipped = true;
    }
    return true;
}

static bool take_text(struct markup *markup, struct err *err)
{
    const bool cdata = at_is(markup, "<![CDATA[");
    const size_t end = find(markup, markup->position, cdata ? "]]>" : "<");
    if (cdata && end == markup->tag.xml.length)
        return fail_xml(markup, "a text without an end", err);
    markup->kind = SCAN_TEXT;
    markup->tag.start = markup->position;
    markup->tag.end = markup->position = end + (cdata ? 3 : 0);
    return true;
}

bool markup_next(struct markup *markup, struct err *err)
{
    bool skipped = true;
    if (markup->stop_pending) {
        markup->stop_pending = false;
        markup->kind = SCAN_STOP;
        markup->open_count--;
        return true;
    }
    while (skipped)
        if (!skip_aside(markup, &skipped, err))
            return false;
    if (markup->position == markup->tag.xml.length) {
        markup->kind = SCAN_END;
        return !markup->open_count || fail_xml(markup, "it ends inside an element", err);
    }
    if (at_is(markup, "<!DOCTYPE"))
        return fail(err, ERR_SHEET_DOCTYPE, markup->part);
    if (markup->tag.xml.data[markup->position] == '<' && !at_is(markup, "<![CDATA["))
        return take_tag(markup, err);
    return take_text(markup, err);
}

bool markup_content(struct markup *markup, struct text *content, struct err *err)
{
    const size_t start = markup->tag.end;
    const unsigned depth = markup->tag.depth;
    do {
        if (!markup_next(markup, err))
            return false;
    } while (!(markup->kind == SCAN_STOP && markup->tag.depth == depth));
    *content = markup->tag.empty ? text_of(markup->tag.xml.data + start, 0)
                                 : text_of(markup->tag.xml.data + start, markup->tag.start - start);
    return true;
}

/* ---- attributes ------------------------------------------------------------------------------------------------------------ */

struct attribute {
    struct text name, value;
    size_t start, end; // with the blanks before it, from the start of the part
};

// The next attribute of the tag behind *at; false when there is none.
static bool next_attribute(const struct markup_tag *tag, size_t *at, struct attribute *out)
{
    const char *xml = tag->xml.data;
    const size_t end = tag->end - 1;
    out->start = *at;
    while (*at < end && is_space(xml[*at]))
        ++*at;
    const size_t name = *at;
    while (*at < end && !is_space(xml[*at]) && xml[*at] != '=' && xml[*at] != '/')
        ++*at;
    out->name = text_of(xml + name, *at - name);
    while (*at < end && xml[*at] != '"' && xml[*at] != '\'')
        ++*at;
    const char *close = *at < end ? memchr(xml + *at + 1, xml[*at], end - *at - 1) : NULL;
    if (!close || !out->name.length)
        return false;
    out->value = text_of(xml + *at + 1, (size_t)(close - (xml + *at + 1)));
    out->end = *at = (size_t)(close - xml) + 1;
    return true;
}

static size_t attributes_start(const struct markup_tag *tag)
{
    return (size_t)(tag->name.data + tag->name.length - tag->xml.data);
}

static bool find_attribute(const struct markup_tag *tag, const char *name, bool local, struct attribute *out)
{
    size_t at = attributes_start(tag);
    while (next_attribute(tag, &at, out)) {
        const ptrdiff_t colon = local ? text_find(out->name, ':') : -1;
        if (text_is(text_of(out->name.data + colon + 1, out->name.length - (size_t)(colon + 1)), name))
            return true;
    }
    return false;
}

bool markup_attribute(const struct markup_tag *tag, const char *name, struct text *value)
{
    struct attribute attribute;
    const bool found = find_attribute(tag, name, false, &attribute);
    *value = found ? attribute.value : text_of("", 0);
    return found;
}

bool markup_attribute_local(const struct markup_tag *tag, const char *name, struct text *value)
{
    struct attribute attribute;
    const bool found = find_attribute(tag, name, true, &attribute);
    *value = found ? attribute.value : text_of("", 0);
    return found;
}

bool markup_escape(struct buf *out, struct text text, struct err *err)
{
    static const char *const names[] = {['&'] = "&amp;", ['<'] = "&lt;", ['>'] = "&gt;", ['"'] = "&quot;"};
    bool room = true;
    for (size_t i = 0; i < text.length && room; i++) {
        const unsigned char c = (unsigned char)text.data[i];
        const bool control = c < ' ' && c != '\t' && c != '\n' && c != '\r';
        room = c < COUNT_OF(names) && names[c] ? buf_append_string(out, names[c])
               : control                       ? true
                                               : buf_append_char(out, (char)c);
    }
    return room || fail(err, ERR_LIMIT_PASSED, "text", N(out->maximum));
}

/* ---- patches ------------------------------------------------------------------------------------------------------------------ */

struct patches patches_new(void)
{
    return (struct patches){.texts = buf_new(MARKUP_BYTES_MAX)};
}

void patches_dispose(struct patches *patches)
{
    xfree(patches->items);
    buf_dispose(&patches->texts);
    *patches = patches_new();
}

bool patches_put(struct patches *patches, size_t start, size_t end, struct text by, struct err *err)
{
    if (patches->count == PATCHES_MAX)
        return fail(err, ERR_LIMIT_PASSED, "changes", N(PATCHES_MAX));
    if (patches->count == patches->capacity) {
        patches->capacity = patches->capacity ? patches->capacity * 2 : 64;
        patches->items = xreallocarray(patches->items, patches->capacity, sizeof *patches->items);
    }
    const size_t text = patches->texts.length;
    if (!buf_append_text(&patches->texts, by))
        return fail(err, ERR_LIMIT_PASSED, "bytes of changes", N(MARKUP_BYTES_MAX));
    patches->items[patches->count] = (struct patch){start, end, text, by.length, patches->count};
    patches->count++;
    return true;
}

bool patches_attribute(struct patches *patches, const struct markup_tag *tag, const char *name,
                       const char *value, struct err *err)
{
    struct attribute attribute;
    const bool found = find_attribute(tag, name, false, &attribute);
    if (!value)
        return !found || patches_put(patches, attribute.start, attribute.end, text_of("", 0), err);
    if (found) {
        const size_t start = (size_t)(attribute.value.data - tag->xml.data);
        return patches_put(patches, start, start + attribute.value.length, text_from(value), err);
    }
    SCOPED_TEXT char *added = xasprintf(" %s=\"%s\"", name, value);
    const size_t at = attributes_start(tag);
    return patches_put(patches, at, at, text_from(added), err);
}

static int compare_patches(const void *a, const void *b)
{
    const struct patch *x = a, *y = b;
    if (x->start != y->start)
        return x->start < y->start ? -1 : 1;
    if ((x->end == x->start) != (y->end == y->start))
        return x->end == x->start ? -1 : 1; // what is put in stands before what is replaced
    return x->order < y->order ? -1 : x->order > y->order;
}

bool patches_apply(struct patches *patches, struct buf *out, struct text xml, struct err *err)
{
    size_t done = 0;
    bool room = true;
    if (patches->count)
        qsort(patches->items, patches->count, sizeof *patches->items, compare_patches);
    for (size_t i = 0; i < patches->count && room; i++) {
        const struct patch *patch = &patches->items[i];
        require(patch->start >= done && patch->end >= patch->start && patch->end <= xml.length);
        room = buf_append(out, xml.data + done, patch->start - done) &&
               (!patch->length || buf_append(out, patches->texts.data + patch->text, patch->length));
        done = patch->end;
    }
    return (room && buf_append(out, xml.data + done, xml.length - done)) ||
           fail(err, ERR_LIMIT_PASSED, "bytes of a part", N(out->maximum));
}
