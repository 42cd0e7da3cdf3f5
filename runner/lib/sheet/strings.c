// See strings.h. Runs in the worker.
#include "lib/sheet/strings.h"
#include "lib/sheet/plain.h"

enum { CELL_BYTES_MAX = SHEET_CELL_CHARACTERS_MAX * 4, ESCAPE_LENGTH = 7 };

static bool escaped_unit(const char *at, size_t left, uint32_t *unit)
{
    *unit = 0;
    if (left < ESCAPE_LENGTH || at[0] != '_' || at[1] != 'x' || at[6] != '_')
        return false;
    for (size_t i = 2; i < 6; i++) {
        const char c = at[i], lower = (char)(c | 0x20);
        if (!((c >= '0' && c <= '9') || (lower >= 'a' && lower <= 'f')))
            return false;
        *unit = *unit * 16 + (uint32_t)(c <= '9' ? c - '0' : lower - 'a' + 10);
    }
    return true;
}

// One escape, or two that make a surrogate pair. Gives how many bytes it took; 0 where there is none.
static size_t escaped_letter(const char *at, size_t left, uint32_t *code)
{
    uint32_t low;
    if (!escaped_unit(at, left, code))
        return 0;
    if (*code < 0xD800 || *code > 0xDFFF)
        return ESCAPE_LENGTH;
    if (*code > 0xDBFF || !escaped_unit(at + ESCAPE_LENGTH, left - ESCAPE_LENGTH, &low) || low < 0xDC00 ||
        low > 0xDFFF)
        return 0;
    *code = 0x10000 + ((*code - 0xD800) << 10) + (low - 0xDC00);
    return (size_t)2 * ESCAPE_LENGTH;
}

void strings_unescape(struct buf *out, size_t start)
{
    if (out->length == start || !memmem(out->data + start, out->length - start, "_x", 2))
        return;
    size_t to = start;
    for (size_t from = start; from < out->length;) {
        uint32_t code;
        char bytes[4];
        const size_t taken = escaped_letter(out->data + from, out->length - from, &code);
        const size_t length = taken ? text_utf8_encode(code, bytes) : 0;
        if (length) {
            memcpy(out->data + to, bytes, length);
            to += length;
            from += taken;
        } else {
            out->data[to++] = out->data[from++];
        }
    }
    out->length = to;
}

bool strings_check(const struct buf *out, size_t start, struct err *err)
{
    const struct text text = text_of(out->length ? out->data + start : "", out->length - start);
    if (!text_is_utf8(text))
        return fail(err, ERR_SHEET_XML, "text", "0", "bytes that are no letters");
    if (text.length <= SHEET_CELL_CHARACTERS_MAX)
        return true;
    size_t characters = 0;
    for (size_t i = 0; i < text.length; i++)
        characters += ((unsigned char)text.data[i] & 0xC0) != 0x80;
    return characters <= SHEET_CELL_CHARACTERS_MAX ||
           fail(err, ERR_SHEET_TEXT_TOO_LONG, N(characters), N(SHEET_CELL_CHARACTERS_MAX));
}

bool strings_append_item(struct scan *scan, struct buf *out, struct err *err)
{
    const unsigned depth = scan->depth;
    const size_t start = out->length;
    bool in_text = false;
    while (scan_next(scan, err)) {
        if (scan->kind == SCAN_STOP && scan->depth == depth) {
            strings_unescape(out, start);
            return strings_check(out, start, err);
        }
        if (scan_is(scan, "rPh") || scan_is(scan, "phoneticPr")) {
            if (!scan_skip(scan, err))
                return false;
        } else if (scan->kind != SCAN_TEXT && scan_same_name(scan->name, "t")) {
            in_text = scan->kind == SCAN_START;
        } else if (scan->kind == SCAN_TEXT && in_text) {
            if (!scan_append_text(scan, out, err))
                return false;
            if (out->length - start > CELL_BYTES_MAX)
                return fail(err, ERR_SHEET_TEXT_TOO_LONG, N(out->length - start),
                            N(SHEET_CELL_CHARACTERS_MAX));
        }
    }
    return false;
}

bool strings_add(struct strings *strings, struct err *err)
{
    if (strings->count == STRINGS_COUNT_MAX)
        return fail(err, ERR_LIMIT_PASSED, "shared texts", N(STRINGS_COUNT_MAX));
    if (strings->count == strings->capacity) {
        strings->capacity = strings->capacity ? strings->capacity * 2 : 64;
        strings->ends = xreallocarray(strings->ends, strings->capacity, sizeof *strings->ends);
    }
    strings->ends[strings->count++] = (uint32_t)strings->bytes.length;
    return true;
}

static bool append_plain(struct strings *strings, const struct plain_cell *plain, struct err *err)
{
    const size_t start = strings->bytes.length;
    if (!plain->coded)
        return buf_append_text(&strings->bytes, plain->value) &&
               (!plain->letters || text_is_utf8(plain->value));
    if (!scan_decode(&strings->bytes, plain->value, err))
        return false;
    strings_unescape(&strings->bytes, start);
    return strings_check(&strings->bytes, start, err);
}

// The plain texts, <si><t>…</t></si>, that lie ahead.
static bool add_plain_ahead(struct strings *strings, struct scan *scan, enum plain *took, struct err *err)
{
    struct plain_cell plain;
    const struct text ahead = scan_ahead(scan);
    struct text rest = ahead;
    size_t passed = 0;
    while ((*took = plain_shared_text(&plain, &rest)) == PLAIN_TAKEN) {
        const size_t start = strings->bytes.length;
        if (!append_plain(strings, &plain, err)) {
            strings->bytes.length = start; // what is wrong, the general scanner says
            *took = PLAIN_OTHER;
            break;
        }
        if (!strings_add(strings, err))
            return false;
        passed = ahead.length - rest.length;
    }
    if (passed)
        scan_pass(scan, passed);
    return true;
}

static bool add_plain(struct strings *strings, struct scan *scan, struct err *err)
{
    enum plain took = PLAIN_MORE;
    for (bool more = true; more && took == PLAIN_MORE;)
        if (!add_plain_ahead(strings, scan, &took, err) ||
            (took == PLAIN_MORE && !scan_read_ahead(scan, &more, err)))
            return false;
    return true;
}

static bool add(struct strings *strings, struct scan *scan, struct err *err)
{
    return strings_append_item(scan, &strings->bytes, err) && strings_add(strings, err);
}

bool strings_read(struct strings *out, struct package *package, const char *part, bool plain, struct err *err)
{
    SCOPED(scan)
    scan = NULL;
    *out = (struct strings){.bytes = buf_new(STRINGS_BYTES_MAX)};
    if (!part || !package_has(package, text_from(part)))
        return true;
    bool good = scan_open(&scan, package, text_from(part), err);
    while (good && scan_next_in(scan, &good, err)) {
        const bool item = scan_is(scan, "si");
        if (item)
            good = add(out, scan, err) || err_note(err, "text %zu", out->count + 1);
        if (good && plain && (item || scan_is(scan, "sst")))
            good = add_plain(out, scan, err) || err_note(err, "text %zu", out->count + 1);
    }
    if (!good)
        strings_dispose(out);
    return good;
}

void strings_dispose(struct strings *strings)
{
    buf_dispose(&strings->bytes);
    xfree(strings->ends);
    *strings = (struct strings){0};
}

bool strings_at(const struct strings *strings, uint64_t index, struct text *out)
{
    if (index >= strings->count)
        return false;
    const size_t start = index ? strings->ends[index - 1] : 0;
    *out = text_of(strings->bytes.data ? strings->bytes.data + start : "", strings->ends[index] - start);
    return true;
}
