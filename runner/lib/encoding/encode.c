// From UTF-8 to the bytes of a charset.
#include "lib/encoding/tables.h"

#include <stdio.h>
#include <stdlib.h>

static int by_code_point(const void *key, const void *element)
{
    const uint32_t wanted = *(const uint32_t *)key;
    const uint32_t here = ((const struct encoding_back *)element)->code_point;
    return (wanted > here) - (wanted < here);
}

// The byte for a code point, or -1.
static int byte_of(const struct encoding *encoding, uint32_t code_point)
{
    if (code_point < 0x80 && encoding->forth[code_point] == code_point)
        return (int)code_point;
    const struct encoding_back *found =
        bsearch(&code_point, encoding->back, encoding->back_count, sizeof(encoding->back[0]), by_code_point);
    return found ? found->byte : -1;
}

static size_t utf16_unit(char out[2], uint32_t unit, bool big_endian)
{
    out[big_endian ? 0 : 1] = (char)(unit >> 8);
    out[big_endian ? 1 : 0] = (char)(unit & 0xFF);
    return 2;
}

static size_t utf16_bytes(char out[4], uint32_t code_point, bool big_endian)
{
    if (code_point < 0x10000)
        return utf16_unit(out, code_point, big_endian);
    const uint32_t rest = code_point - 0x10000;
    return utf16_unit(out, 0xD800 + (rest >> 10), big_endian) +
           utf16_unit(out + 2, 0xDC00 + (rest & 0x3FF), big_endian);
}

// Bytes of one code point; 0 when the charset lacks it.
static size_t bytes_of(char out[4], const struct encoding *encoding, uint32_t code_point)
{
    switch (encoding->kind) {
    case ENCODING_UTF8:
        return text_utf8_encode(code_point, out);
    case ENCODING_UTF16:
        return utf16_bytes(out, code_point, encoding->big_endian);
    case ENCODING_TABLE:
        break;
    }
    const int byte = byte_of(encoding, code_point);
    out[0] = (char)byte;
    return byte < 0 ? 0 : 1;
}

static bool lacking(const struct encoding *encoding, struct text letter, uint32_t code_point, size_t offset,
                    struct err *err)
{
    char shown[5] = "", code[12];
    memcpy(shown, letter.data, letter.length < 5 ? letter.length : 4);
    snprintf(code, sizeof(code), "U+%04X", (unsigned)code_point);
    return fail(err, ERR_ENCODING_LETTER, shown, code, encoding->name, N(offset));
}

static bool not_utf8(struct text in, size_t offset, struct err *err)
{
    char hex[3];
    snprintf(hex, sizeof(hex), "%02X", (unsigned char)in.data[0]);
    return fail(err, ERR_ENCODING_BYTES, N(offset), hex, "utf-8");
}

static bool put_mark(struct buf *out, const struct encoding *encoding)
{
    char mark[4];
    return !encoding->mark || buf_append(out, mark, bytes_of(mark, encoding, 0xFEFF));
}

bool encoding_from_utf8(struct buf *out, const struct encoding *encoding, struct text in,
                        enum encoding_mode mode, struct err *err)
{
    if (!put_mark(out, encoding))
        return fail(err, ERR_LIMIT_PASSED, "text", N(out->maximum));
    for (size_t at = 0; at < in.length;) {
        const struct text rest = text_of(in.data + at, in.length - at);
        char bytes[4];
        uint32_t code_point = REPLACEMENT;
        size_t used = text_utf8_decode(rest, &code_point);
        if (used == 0 && mode == ENCODING_STRICT)
            return not_utf8(rest, at, err);
        used = used ? used : 1;
        size_t length = bytes_of(bytes, encoding, code_point);
        if (length == 0 && mode == ENCODING_STRICT)
            return lacking(encoding, text_of(rest.data, used), code_point, at, err);
        if (length == 0)
            length = bytes_of(bytes, encoding, '?');
        if (!buf_append(out, bytes, length))
            return fail(err, ERR_LIMIT_PASSED, "text", N(out->maximum));
        at += used;
    }
    return true;
}
