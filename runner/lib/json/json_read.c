// Reads JSON text into a document. In every process.
//
// The text is copied once and decoded in place: a decoded text is never longer than its written form, and the closing
// quote gives room for the NUL. The original stays as it was until the end, so that errors can tell line and column.
#include "lib/json/json_node.h"
#include "lib/json/json_scan.h"

#include <stdio.h>

struct reader {
    struct json *nodes;
    size_t count, capacity;
    char *start, *at, *end; // the copy; *end is NUL
    enum err_code code;     // what went wrong at `at`
};

static bool wrong(struct reader *reader, enum err_code code)
{
    reader->code = reader->at == reader->end ? ERR_JSON_ENDS_EARLY : code;
    return false;
}

static struct json *add(struct reader *reader, enum json_kind kind)
{
    if (__builtin_expect(reader->count == reader->capacity, 0)) {
        reader->capacity *= 2;
        reader->nodes = xreallocarray(reader->nodes, reader->capacity, sizeof *reader->nodes);
    }
    struct json *node = &reader->nodes[reader->count++];
    *node = (struct json){.kind = kind};
    return node;
}

static void pass_white_space(struct reader *reader)
{
    while (*reader->at == ' ' || *reader->at == '\n' || *reader->at == '\r' || *reader->at == '\t')
        reader->at++;
}

// Four hexadecimal digits; -1 when they are none. Never reads past the NUL at the end.
static int32_t hexadecimal(const char *at)
{
    int32_t value = 0;
    for (int i = 0; i < 4; i++) {
        const char c = at[i];
        const int digit = c >= '0' && c <= '9'   ? c - '0'
                          : c >= 'a' && c <= 'f' ? c - 'a' + 10
                          : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                                 : -1;
        if (digit < 0)
            return -1;
        value = value << 4 | digit;
    }
    return value;
}

// \uXXXX at `at`, or two of them that make one character beyond U+FFFF. A surrogate alone is no character (RFC 3629
// section 3), so a text that holds one could not be given to anybody.
static bool read_unicode_escape(struct reader *reader, char **to)
{
    int32_t c = hexadecimal(reader->at + 2);
    if (c < 0)
        return wrong(reader, ERR_JSON_ESCAPE);
    size_t length = 6;
    if (c >= 0xD800 && c <= 0xDFFF) {
        const bool pair = c < 0xDC00 && reader->at[6] == '\\' && reader->at[7] == 'u';
        const int32_t low = pair ? hexadecimal(reader->at + 8) : -1;
        if (low < 0xDC00 || low > 0xDFFF)
            return wrong(reader, ERR_JSON_SURROGATE);
        c = 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00);
        length = 12;
    }
    char utf8[4];
    const size_t written = text_utf8_encode((uint32_t)c, utf8);
    memcpy(*to, utf8, written);
    *to += written;
    reader->at += length;
    return true;
}

static bool read_escape(struct reader *reader, char **to)
{
    static const char meaning[128] = {['"'] = '"',  ['\\'] = '\\', ['/'] = '/',  ['b'] = '\b',
                                      ['f'] = '\f', ['n'] = '\n',  ['r'] = '\r', ['t'] = '\t'};
    const unsigned char c = (unsigned char)reader->at[1];
    if (c == 'u')
        return read_unicode_escape(reader, to);
    if (c >= 128 || !meaning[c])
        return wrong(reader, ERR_JSON_ESCAPE);
    *(*to)++ = meaning[c];
    reader->at += 2;
    return true;
}

// Moves plain bytes and whole characters up to the next quote or backslash.
static bool read_characters(struct reader *reader, char **to)
{
    for (;;) {
        const char *stop = scan_plain(reader->at, reader->end);
        size_t length = (size_t)(stop - reader->at);
        if ((unsigned char)*stop >= 0x80) {
            uint32_t c;
            const size_t bytes = text_utf8_decode(text_of(stop, (size_t)(reader->end - stop)), &c);
            if (bytes == 0) {
                reader->at += length;
                return wrong(reader, ERR_JSON_UTF8);
            }
            length += bytes;
        }
        if (*to != reader->at)
            memmove(*to, reader->at, length);
        *to += length;
        reader->at += length;
        if (*reader->at == '"' || *reader->at == '\\')
            return true;
        if ((unsigned char)*reader->at < 0x20)
            return wrong(reader, ERR_JSON_CONTROL);
    }
}

static bool read_text(struct reader *reader)
{
    struct json *node = add(reader, JSON_TEXT);
    char *const from = ++reader->at;
    char *to = from;
    while (read_characters(reader, &to)) {
        if (*reader->at == '"') {
            reader->at++;
            *to = '\0';
            node->text = from;
            node->length = (uint32_t)(to - from);
            return true;
        }
        if (!read_escape(reader, &to))
            return false;
    }
    return false;
}

static bool read_number(struct reader *reader)
{
    const char *end = scan_number(reader->at, reader->end);
    if (!end || (*end && strchr("0123456789.+-eE", *end)))
        return wrong(reader, ERR_JSON_NUMBER);
    struct json *node = add(reader, JSON_NUMBER);
    node->text = reader->at;
    node->length = (uint32_t)(end - reader->at);
    reader->at += node->length;
    return true;
}

static bool read_word(struct reader *reader, const char *word, enum json_kind kind)
{
    const size_t length = strlen(word);
    if (strncmp(reader->at, word, length) != 0)
        return wrong(reader, ERR_JSON_VALUE_EXPECTED);
    add(reader, kind);
    reader->at += length;
    return true;
}

static bool read_value(struct reader *reader, unsigned depth);

static bool read_key(struct reader *reader)
{
    if (*reader->at != '"')
        return wrong(reader, ERR_JSON_KEY_EXPECTED);
    if (!read_text(reader))
        return false;
    pass_white_space(reader);
    if (*reader->at != ':')
        return wrong(reader, ERR_JSON_COLON_EXPECTED);
    reader->at++;
    pass_white_space(reader);
    return true;
}

static bool read_members(struct reader *reader, unsigned depth, bool object)
{
    if (depth > JSON_DEPTH_MAX)
        return wrong(reader, ERR_JSON_DEPTH);
    const char close = object ? '}' : ']';
    const size_t self = reader->count;
    add(reader, object ? JSON_OBJECT : JSON_ARRAY);
    reader->at++;
    pass_white_space(reader);
    if (*reader->at == close) {
        reader->at++;
        return true;
    }
    for (size_t count = 1, last = 0;; count++) {
        if (object && !read_key(reader))
            return false;
        const size_t now = reader->count;
        if (last)
            reader->nodes[last].skip = (uint32_t)(now - last) & 0xFFFFFFF;
        last = now;
        if (!read_value(reader, depth))
            return false;
        reader->nodes[now].is_member = object;
        pass_white_space(reader);
        if (*reader->at == close) {
            reader->at++;
            reader->nodes[self].length = (uint32_t)count;
            return true;
        }
        if (*reader->at != ',')
            return wrong(reader, object ? ERR_JSON_COMMA_OR_BRACE : ERR_JSON_COMMA_OR_BRACKET);
        reader->at++;
        pass_white_space(reader);
    }
}

static bool read_value(struct reader *reader, unsigned depth)
{
    switch (*reader->at) {
    case '"':
        return read_text(reader);
    case '{':
        return read_members(reader, depth + 1, true);
    case '[':
        return read_members(reader, depth + 1, false);
    case 't':
        return read_word(reader, "true", JSON_TRUE);
    case 'f':
        return read_word(reader, "false", JSON_FALSE);
    case 'n':
        return read_word(reader, "null", JSON_NULL);
    case '-':
    case '0' ... '9':
        return read_number(reader);
    }
    return wrong(reader, ERR_JSON_VALUE_EXPECTED);
}

static bool read_whole(struct reader *reader)
{
    // RFC 8259 section 8.1: a byte order mark may be ignored; many systems of Windows write one.
    if (reader->end - reader->at >= 3 && memcmp(reader->at, "\xEF\xBB\xBF", 3) == 0)
        reader->at += 3;
    pass_white_space(reader);
    if (reader->at == reader->end) {
        reader->code = ERR_JSON_EMPTY;
        return false;
    }
    if (*reader->at == '<')
        return wrong(reader, ERR_JSON_IS_MARKUP);
    if (!read_value(reader, 0))
        return false;
    pass_white_space(reader);
    return reader->at == reader->end || wrong(reader, ERR_JSON_MORE);
}

// What stands at the start of `rest`, for people: "x", or U+0009 for what nobody sees.
static const char *shown(char out[16], struct text rest)
{
    uint32_t c;
    const size_t length = text_utf8_decode(rest, &c);
    if (length == 0)
        snprintf(out, 16, "0x%02X", (unsigned char)rest.data[0]);
    else if (c <= 0x20 || (c >= 0x7F && c < 0xA0))
        snprintf(out, 16, "U+%04X", c);
    else
        snprintf(out, 16, "“%.*s”", (int)length, rest.data);
    return out;
}

static bool tell(struct err *err, enum err_code code, struct text text, size_t position)
{
    size_t line = 1, column = 1;
    for (size_t i = 0; i < position; i++) {
        if (text.data[i] == '\n') {
            line++;
            column = 1;
        } else if (((unsigned char)text.data[i] & 0xC0) != 0x80) {
            column++; // columns count characters, not bytes
        }
    }
    char what[16] = "";
    if (position < text.length)
        shown(what, text_of(text.data + position, text.length - position));
    return fail(err, code, N(line), N(column), what);
}

bool json_parse(struct json_document **out, struct text text, struct err *err)
{
    if (text.length > JSON_BYTES_MAX)
        return fail(err, ERR_JSON_TOO_LARGE, N(text.length >> 20), N(JSON_BYTES_MAX >> 20));
    SCOPED(json_document)
    document = xmalloc(sizeof *document + text.length + 1);
    if (text.length)
        memcpy(document->text, text.data, text.length);
    document->text[text.length] = '\0';

    struct reader reader = {
        .capacity = 8 + text.length / 16,
        .start = document->text,
        .at = document->text,
        .end = document->text + text.length,
    };
    reader.nodes = xreallocarray(NULL, reader.capacity, sizeof *reader.nodes);
    const bool done = read_whole(&reader);
    document->nodes = reader.nodes;
    if (!done)
        return tell(err, reader.code, text, (size_t)(reader.at - reader.start));
    *out = STEAL(document);
    return true;
}

void json_document_free(struct json_document *document)
{
    if (document)
        xfree(document->nodes);
    xfree(document);
}
