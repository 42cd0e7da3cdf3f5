// See base64.h.
#include "lib/base/base64.h"

enum { LINE_CHARACTERS = 76 };

static const char plain_digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static const char url_digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

size_t base64_size(size_t bytes, enum base64_form form)
{
    if (form == BASE64_URL)
        return bytes / 3 * 4 + (bytes % 3 ? bytes % 3 + 1 : 0);
    const size_t characters = (bytes + 2) / 3 * 4;
    const size_t lines = (characters + LINE_CHARACTERS - 1) / LINE_CHARACTERS;
    return form == BASE64_LINES ? characters + 2 * lines : characters;
}

static char *put_group(char *out, const unsigned char *in, size_t count, const char *digits, bool pads)
{
    const unsigned bits =
        (unsigned)in[0] << 16 | (count > 1 ? (unsigned)in[1] << 8 : 0) | (count > 2 ? in[2] : 0);
    for (size_t i = 0; i < 4; i++) {
        if (i <= count)
            *out++ = digits[bits >> (18 - 6 * i) & 63];
        else if (pads)
            *out++ = '=';
    }
    return out;
}

bool base64_append(struct buf *out, struct text bytes, enum base64_form form)
{
    const char *digits = form == BASE64_URL ? url_digits : plain_digits;
    const unsigned char *in = (const unsigned char *)bytes.data;
    const size_t size = base64_size(bytes.length, form);
    char *at = buf_reserve(out, size);
    if (!at)
        return false;
    for (size_t i = 0; i < bytes.length; i += 3) {
        const size_t left = bytes.length - i;
        at = put_group(at, in + i, left < 3 ? left : 3, digits, form != BASE64_URL);
        if (form == BASE64_LINES && ((i + 3) % BASE64_LINE_BYTES == 0 || left <= 3)) {
            *at++ = '\r';
            *at++ = '\n';
        }
    }
    out->length += size;
    out->data[out->length] = '\0';
    return true;
}
