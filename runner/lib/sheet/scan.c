// See scan.h. Runs in the worker. A window slides over the part; a tag is taken only when it lies in the window whole.
#include "lib/sheet/scan.h"
#include "lib/encoding/encoding.h"

enum { CHUNK_BYTES = 128 << 10, TEXT_PIECE_BYTES = 32 << 10, REFERENCE_BYTES_MAX = 12 };

struct scan_source {
    struct part *part; // NULL: memory
    struct text memory;
    bool at_end, begun, transcoding, stop_pending, cdata, rooted;
    struct decoder decoder;
    char *chunk;
    struct buf window;
    size_t position, before; // before: bytes of the part that left the window, for messages
};

static bool fail_xml(const struct scan *scan, const char *why, struct err *err)
{
    const struct scan_source *source = scan->source;
    const char *name = source->part ? part_name(source->part) : "text";
    return fail(err, ERR_SHEET_XML, name, N(source->before + source->position), why);
}

/* ---- bytes in ------------------------------------------------------------------------------------------------------ */

static bool read_bytes(struct scan_source *source, char *into, size_t room, size_t *got, struct err *err)
{
    if (source->part) {
        if (!part_read(source->part, into, room, got, err))
            return false;
    } else {
        *got = room < source->memory.length ? room : source->memory.length;
        if (*got)
            memcpy(into, source->memory.data, *got);
        source->memory = text_of(source->memory.data + *got, source->memory.length - *got);
    }
    source->at_end = *got == 0;
    return true;
}

// encoding="…" in the declaration, or empty. The first bytes are ASCII then.
static struct text declared_encoding(struct text start)
{
    struct text declaration;
    if (!text_starts(start, "<?xml") || !text_cut(&start, '>', &declaration))
        return text_of("", 0);
    const char *at = memmem(declaration.data, declaration.length, "encoding", 8);
    if (!at)
        return text_of("", 0);
    struct text rest = text_of(at + 8, declaration.length - (size_t)(at + 8 - declaration.data));
    while (rest.length && rest.data[0] != '"' && rest.data[0] != '\'')
        rest = text_of(rest.data + 1, rest.length - 1);
    struct text label;
    if (!rest.length)
        return rest;
    const char quote = rest.data[0];
    rest = text_of(rest.data + 1, rest.length - 1);
    return text_cut(&rest, quote, &label) ? label : text_of("", 0);
}

static bool choose_encoding(struct scan *scan, struct text start, struct err *err)
{
    static const struct {
        const char *bytes, *label;
    } forms[] = {{"\xFF\xFE", "utf-16"}, {"\xFE\xFF", "utf-16"}};
    struct scan_source *source = scan->source;
    const struct encoding *encoding = NULL;
    for (size_t i = 0; i < COUNT_OF(forms) && !encoding; i++)
        if (text_starts(start, forms[i].bytes))
            encoding = encoding_find(text_from(forms[i].label));
    if (!encoding && start.length >= 2 && start.data[0] == '\0')
        encoding = encoding_find(TEXT_OF("utf-16be"));
    if (!encoding && start.length >= 2 && start.data[1] == '\0')
        encoding = encoding_find(TEXT_OF("utf-16le"));
    if (!encoding) {
        const struct text label = declared_encoding(start);
        encoding = label.length ? encoding_find(label) : encoding_utf8();
        if (!encoding)
            return fail_xml(scan, "its encoding is unknown", err);
    }
    source->transcoding = !encoding_is_utf8(encoding);
    source->decoder = decoder_new(encoding, ENCODING_STRICT);
    return true;
}

static bool begin(struct scan *scan, struct err *err)
{
    struct scan_source *source = scan->source;
    size_t have = 0, got;
    source->begun = true;
    source->chunk = xmalloc(CHUNK_BYTES);
    while (have < 200 && !source->at_end) {
        if (!read_bytes(source, source->chunk + have, CHUNK_BYTES - have, &got, err))
            return false;
        have += got;
    }
    const bool mark = have >= 3 && memcmp(source->chunk, "\xEF\xBB\xBF", 3) == 0;
    const struct text start = text_of(source->chunk + (mark ? 3 : 0), have - (mark ? 3 : 0));
    if (!choose_encoding(scan, start, err))
        return false;
    if (source->transcoding)
        return decoder_feed(&source->decoder, &source->window, start, err) ||
               fail_xml(scan, "bytes that are no letters", err);
    return buf_append_text(&source->window, start) || fail_xml(scan, "too long", err);
}

static bool fill(struct scan *scan, struct err *err)
{
    struct scan_source *source = scan->source;
    size_t got;
    if (!source->begun)
        return begin(scan, err);
    buf_consume(&source->window, source->position);
    source->before += source->position;
    source->position = 0;
    if (source->window.length > SCAN_TAG_BYTES_MAX)
        return fail_xml(scan, "a tag is too long", err);
    if (source->transcoding) {
        if (!read_bytes(source, source->chunk, CHUNK_BYTES, &got, err))
            return false;
        return decoder_feed(&source->decoder, &source->window, text_of(source->chunk, got), err) ||
               fail_xml(scan, "bytes that are no letters", err);
    }
    char *room = buf_reserve(&source->window, CHUNK_BYTES);
    if (!room)
        return fail_xml(scan, "a tag is too long", err);
    if (!read_bytes(source, room, CHUNK_BYTES, &got, err))
        return false;
    source->window.length += got;
    return true;
}

/* ---- tags ------------------------------------------------------------------------------------------------------------- */

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool ends_name(char c)
{
    return is_space(c) || c == '/' || c == '>' || c == '=';
}

static struct text local_name(struct text name)
{
    const char *colon = memchr(name.data, ':', name.length);
    return colon ? text_of(colon + 1, name.length - (size_t)(colon + 1 - name.data)) : name;
}

// The position of the '>' that ends the tag at `at`, quotes respected; the window's length when it is not there yet.
static size_t find_tag_end(struct text window, size_t at)
{
    char quote = '\0';
    for (; at < window.length; at++) {
        const char c = window.data[at];
        if (quote) {
            if (c == quote)
                quote = '\0';
        } else if (c == '"' || c == '\'') {
            quote = c;
        } else if (c == '>') {
            return at;
        }
    }
    return window.length;
}

static bool take_attribute(struct scan *scan, struct text *rest, struct err *err)
{
    size_t at = 0;
    while (at < rest->length && !ends_name(rest->data[at]))
        at++;
    const struct text name = text_of(rest->data, at);
    while (at < rest->length && is_space(rest->data[at]))
        at++;
    if (!name.length || at >= rest->length || rest->data[at] != '=')
        return fail_xml(scan, "an attribute without a value", err);
    for (at++; at < rest->length && is_space(rest->data[at]);)
        at++;
    if (at >= rest->length || (rest->data[at] != '"' && rest->data[at] != '\''))
        return fail_xml(scan, "an attribute without quotes", err);
    const char *value = rest->data + at + 1;
    const char *end = memchr(value, rest->data[at], rest->length - at - 1);
    if (!end)
        return fail_xml(scan, "an attribute without end", err);
    if (scan->attribute_count == SCAN_ATTRIBUTES_MAX)
        return fail_xml(scan, "too many attributes", err);
    scan->attributes[scan->attribute_count++] =
        (struct scan_attribute){local_name(name), text_of(value, (size_t)(end - value))};
    *rest = text_of(end + 1, rest->length - (size_t)(end + 1 - rest->data));
    return true;
}

static bool take_start(struct scan *scan, struct text inside, struct err *err)
{
    struct scan_source *source = scan->source;
    size_t at = 0;
    const bool empty = inside.length && inside.data[inside.length - 1] == '/';
    if (empty)
        inside.length--;
    while (at < inside.length && !ends_name(inside.data[at]))
        at++;
    if (!at)
        return fail_xml(scan, "a tag without a name", err);
    if (scan->depth == 0 && source->rooted)
        return fail_xml(scan, "a second root element", err);
    if (scan->depth == SCAN_DEPTH_MAX)
        return fail_xml(scan, "elements nested too deep", err);
    scan->kind = SCAN_START;
    scan->name = local_name(text_of(inside.data, at));
    scan->attribute_count = 0;
    source->rooted = true;
    source->stop_pending = empty;
    scan->depth++;
    for (struct text rest = text_of(inside.data + at, inside.length - at);;) {
        while (rest.length && is_space(rest.data[0]))
            rest = text_of(rest.data + 1, rest.length - 1);
        if (!rest.length)
            return true;
        if (!take_attribute(scan, &rest, err))
            return false;
    }
}

static bool take_stop(struct scan *scan, struct text inside, struct err *err)
{
    while (inside.length && is_space(inside.data[inside.length - 1]))
        inside.length--;
    if (!scan->depth)
        return fail_xml(scan, "an end tag without its start", err);
    scan->kind = SCAN_STOP;
    scan->name = local_name(inside);
    return true;
}

// Passes over a comment, declaration or instruction that ends with `end`; CDATA becomes the token.
enum passed { PASSED, PASSED_MORE, PASSED_TOKEN, PASSED_FAILED };

static enum passed pass(struct scan *scan, const char *end, size_t skip, bool cdata, struct err *err)
{
    struct scan_source *source = scan->source;
    const char *start = source->window.data + source->position + skip;
    const size_t left = source->window.length - source->position;
    const char *found = left > skip ? memmem(start, left - skip, end, strlen(end)) : NULL;
    if (!found && source->at_end) {
        fail_xml(scan, "it ends too early", err);
        return PASSED_FAILED;
    }
    if (!found)
        return PASSED_MORE;
    scan->text = text_of(start, (size_t)(found - start));
    source->position += skip + scan->text.length + strlen(end);
    scan->kind = SCAN_TEXT;
    scan->name = text_of("", 0);
    source->cdata = cdata;
    return cdata ? PASSED_TOKEN : PASSED;
}

// Comments, instructions, CDATA; a document type is refused.
static enum passed take_special(struct scan *scan, struct text rest, struct err *err)
{
    const struct scan_source *source = scan->source;
    if (text_starts(rest, "<!--"))
        return pass(scan, "-->", 4, false, err);
    if (text_starts(rest, "<?"))
        return pass(scan, "?>", 2, false, err);
    if (text_starts(rest, "<![CDATA["))
        return pass(scan, "]]>", 9, true, err);
    fail(err, ERR_SHEET_DOCTYPE, source->part ? part_name(source->part) : "text");
    return PASSED_FAILED;
}

// What begins with '<' at the window's position.
static enum passed take_markup(struct scan *scan, struct err *err)
{
    struct scan_source *source = scan->source;
    const struct text rest =
        text_of(source->window.data + source->position, source->window.length - source->position);
    if (rest.length < 9 && !source->at_end)
        return PASSED_MORE; // enough to tell <![CDATA[ from others
    if (rest.length > 1 && (rest.data[1] == '!' || rest.data[1] == '?'))
        return take_special(scan, rest, err);
    const size_t end = find_tag_end(rest, 1);
    if (end == rest.length && source->at_end) {
        fail_xml(scan, "it ends too early", err);
        return PASSED_FAILED;
    }
    if (end == rest.length)
        return PASSED_MORE;
    const bool stop = rest.data[1] == '/';
    const struct text inside = text_of(rest.data + (stop ? 2 : 1), end - (stop ? 2 : 1));
    if (!(stop ? take_stop(scan, inside, err) : take_start(scan, inside, err)))
        return PASSED_FAILED;
    source->position += end + 1;
    return PASSED_TOKEN;
}

// Text up to the next '<', or a piece of it that ends at no character reference's middle.
static bool take_text(struct scan *scan)
{
    struct scan_source *source = scan->source;
    const char *start = source->window.data + source->position;
    const size_t left = source->window.length - source->position;
    const char *end = memchr(start, '<', left);
    size_t length = end ? (size_t)(end - start) : left;
    if (!end && !source->at_end) {
        if (left < TEXT_PIECE_BYTES)
            return false;
        length = left - REFERENCE_BYTES_MAX;
        const char *ampersand = memrchr(start + length - REFERENCE_BYTES_MAX, '&', REFERENCE_BYTES_MAX);
        if (ampersand && !memchr(ampersand, ';', (size_t)(start + length - ampersand)))
            length = (size_t)(ampersand - start);
        if (start[length - 1] == '\r')
            length--;
    }
    scan->kind = SCAN_TEXT;
    scan->name = text_of("", 0); // the last tag's may be gone with the window
    scan->text = text_of(start, length);
    source->cdata = false;
    source->position += length;
    return true;
}

static bool take_end(struct scan *scan, struct err *err)
{
    if (scan->depth || !scan->source->rooted)
        return fail_xml(scan, "it ends too early", err);
    scan->kind = SCAN_END;
    return true;
}

bool scan_next(struct scan *scan, struct err *err)
{
    struct scan_source *source = scan->source;
    if (scan->kind == SCAN_STOP && scan->depth)
        scan->depth--;
    if (source->stop_pending) {
        source->stop_pending = false;
        scan->kind = SCAN_STOP;
        return true;
    }
    scan->kind = SCAN_TEXT;
    for (;;) {
        const bool empty = source->position >= source->window.length;
        if (empty && source->begun && source->at_end)
            return take_end(scan, err);
        if (!empty && source->window.data[source->position] != '<') {
            if (take_text(scan))
                return true;
        } else if (!empty) {
            switch (take_markup(scan, err)) {
            case PASSED:
                continue;
            case PASSED_TOKEN:
                return true;
            case PASSED_FAILED:
                return false;
            case PASSED_MORE:
                break;
            }
        }
        if (!fill(scan, err))
            return false;
    }
}

/* ---- looking ahead -------------------------------------------------------------------------------------------------- */

static bool may_look_ahead(const struct scan *scan)
{
    enum { ROOM_BELOW = 8 }; // levels that a reader may pass over
    return !scan->source->stop_pending && scan->kind != SCAN_END &&
           scan->depth + ROOM_BELOW <= SCAN_DEPTH_MAX;
}

struct text scan_ahead(struct scan *scan)
{
    const struct scan_source *source = scan->source;
    if (!may_look_ahead(scan))
        return text_of("", 0);
    return text_of(source->window.data + source->position, source->window.length - source->position);
}

void scan_pass(struct scan *scan, size_t length)
{
    if (scan->kind == SCAN_STOP && scan->depth)
        scan->depth--;
    scan->kind = SCAN_TEXT;
    scan->name = scan->text = text_of("", 0);
    scan->attribute_count = 0;
    scan->source->position += length;
    require(scan->source->position <= scan->source->window.length);
}

bool scan_read_ahead(struct scan *scan, bool *more, struct err *err)
{
    const struct scan_source *source = scan->source;
    const size_t before = source->window.length - source->position;
    *more = false;
    while (may_look_ahead(scan) && !source->at_end &&
           source->window.length - source->position <= 2 * before) {
        if (source->window.length - source->position > SCAN_TAG_BYTES_MAX / 2)
            return true;
        if (!fill(scan, err))
            return false;
        *more = true;
    }
    return true;
}

bool scan_skip(struct scan *scan, struct err *err)
{
    const unsigned depth = scan->depth;
    do
        if (!scan_next(scan, err))
            return false;
    while (!(scan->kind == SCAN_STOP && scan->depth == depth));
    return true;
}

/* ---- opening ---------------------------------------------------------------------------------------------------------- */

static struct scan *scan_new(void)
{
    struct scan *scan = xcalloc(1, sizeof *scan);
    scan->kind = SCAN_TEXT;
    scan->source = xcalloc(1, sizeof *scan->source);
    scan->source->window = buf_new(SCAN_TAG_BYTES_MAX + 4 * CHUNK_BYTES);
    return scan;
}

bool scan_open(struct scan **out, struct package *package, struct text part, struct err *err)
{
    SCOPED(scan)
    scan = scan_new();
    if (!part_open(&scan->source->part, package, part, err))
        return false;
    *out = STEAL(scan);
    return true;
}

bool scan_open_text(struct scan **out, struct text xml, struct err *err)
{
    (void)err;
    *out = scan_new();
    (*out)->source->memory = xml;
    return true;
}

void scan_free(struct scan *scan)
{
    if (!scan)
        return;
    part_free(scan->source->part);
    buf_dispose(&scan->source->window);
    xfree(scan->source->chunk);
    xfree(scan->source);
    xfree(scan);
}

/* ---- attributes and text ------------------------------------------------------------------------------------------------ */

struct text scan_attribute(const struct scan *scan, const char *name)
{
    for (size_t i = 0; i < scan->attribute_count; i++)
        if (scan_same_name(scan->attributes[i].name, name))
            return scan->attributes[i].value;
    return text_of("", 0);
}

bool scan_has_attribute(const struct scan *scan, const char *name)
{
    for (size_t i = 0; i < scan->attribute_count; i++)
        if (scan_same_name(scan->attributes[i].name, name))
            return true;
    return false;
}

bool scan_attribute_boolean(const struct scan *scan, const char *name)
{
    const struct text value = scan_attribute(scan, name);
    return text_is(value, "1") || text_equal_ascii_case(value, TEXT_OF("true"));
}

static bool number_reference(struct text digits, uint32_t *code)
{
    const bool hex = digits.length && (digits.data[0] | 0x20) == 'x';
    size_t at = hex ? 1 : 0;
    *code = 0;
    if (at >= digits.length)
        return false;
    for (; at < digits.length && *code <= 0x10FFFF; at++) {
        const char c = digits.data[at], lower = (char)(c | 0x20);
        const uint32_t digit = c >= '0' && c <= '9'                  ? (uint32_t)(c - '0')
                               : hex && lower >= 'a' && lower <= 'f' ? (uint32_t)(lower - 'a' + 10)
                                                                     : 99;
        if (digit == 99)
            return false;
        *code = *code * (hex ? 16 : 10) + digit;
    }
    return true;
}

// What stands between & and ;
static bool append_reference(struct buf *out, struct text name, bool *full)
{
    static const struct {
        const char *name;
        char letter;
    } five[] = {{"amp", '&'}, {"lt", '<'}, {"gt", '>'}, {"quot", '"'}, {"apos", '\''}};
    char bytes[4];
    uint32_t code;
    for (size_t i = 0; i < COUNT_OF(five); i++)
        if (text_is(name, five[i].name)) {
            *full = !buf_append_char(out, five[i].letter);
            return true;
        }
    if (!name.length || name.data[0] != '#' ||
        !number_reference(text_of(name.data + 1, name.length - 1), &code))
        return false;
    const size_t length = code ? text_utf8_encode(code, bytes) : 0;
    *full = length && !buf_append(out, bytes, length);
    return length > 0;
}

static bool fail_full(const struct buf *out, struct err *err)
{
    return fail(err, ERR_LIMIT_PASSED, "text", N(out->maximum));
}

// CR LF and CR become LF, as XML 1.0, 2.11 says; all else as it is.
static bool append_plain(struct buf *out, struct text raw)
{
    const char *at;
    while ((at = memchr(raw.data, '\r', raw.length))) {
        const size_t length = (size_t)(at - raw.data), skip = length + 1;
        if (!buf_append(out, raw.data, length))
            return false;
        raw = text_of(raw.data + skip, raw.length - skip);
        if (!(raw.length && raw.data[0] == '\n') && !buf_append_char(out, '\n'))
            return false;
    }
    return buf_append_text(out, raw);
}

bool scan_decode(struct buf *out, struct text raw, struct err *err)
{
    while (raw.length) {
        const char *ampersand = memchr(raw.data, '&', raw.length);
        const size_t plain = ampersand ? (size_t)(ampersand - raw.data) : raw.length;
        if (!append_plain(out, text_of(raw.data, plain)))
            return fail_full(out, err);
        if (!ampersand)
            return true;
        raw = text_of(raw.data + plain + 1, raw.length - plain - 1);
        const char *end =
            memchr(raw.data, ';', raw.length < REFERENCE_BYTES_MAX ? raw.length : REFERENCE_BYTES_MAX);
        bool full = false;
        if (!end || !append_reference(out, text_of(raw.data, (size_t)(end - raw.data)), &full))
            return fail(err, ERR_SHEET_XML, "text", "0", "an entity that is unknown");
        if (full)
            return fail_full(out, err);
        raw = text_of(end + 1, raw.length - (size_t)(end + 1 - raw.data));
    }
    return true;
}

bool scan_append_text(const struct scan *scan, struct buf *out, struct err *err)
{
    if (!scan->source->cdata)
        return scan_decode(out, scan->text, err);
    return append_plain(out, scan->text) || fail_full(out, err);
}
