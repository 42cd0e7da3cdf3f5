// See written.h.
#include "lib/finance/written.h"

static size_t blank_at(struct text text)
{
    if (text.data[0] == ' ' || text.data[0] == '\t' || text.data[0] == '\r' || text.data[0] == '\n')
        return 1;
    if (text_starts(text, "\xC2\xA0"))
        return 2;
    return text_starts(text, "\xE2\x80\xAF") ? 3 : 0;
}

bool written_clean(struct written *out, struct text text)
{
    out->length = 0;
    while (text.length) {
        size_t used = blank_at(text);
        if (used == 0) {
            const char c = text.data[0];
            if (c <= ' ' || c > '~' || out->length == WRITTEN_MAX)
                return false;
            out->characters[out->length++] = c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
            used = 1;
        }
        text = text_of(text.data + used, text.length - used);
    }
    out->characters[out->length] = '\0';
    return true;
}

bool written_is_digits(const char *characters, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (characters[i] < '0' || characters[i] > '9')
            return false;
    return true;
}

const char *written_shown(char out[WRITTEN_SHOWN_MAX], struct text text)
{
    const size_t length = text_utf8_floor(text, WRITTEN_SHOWN_MAX - 1);
    if (length)
        memcpy(out, text.data, length);
    out[length] = '\0';
    return out;
}

void written_group(char *out, const char *characters, size_t length, size_t size, bool from_right)
{
    const size_t first = from_right ? length % size : 0;
    for (size_t i = 0; i < length; i++) {
        if (i > 0 && (i + size - first) % size == 0)
            *out++ = ' ';
        *out++ = characters[i];
    }
    *out = '\0';
}

unsigned mod97(const char *characters, size_t length, unsigned remainder)
{
    for (size_t i = 0; i < length; i++) {
        const char c = characters[i];
        remainder =
            c <= '9' ? remainder * 10 + (unsigned)(c - '0') : remainder * 100 + (unsigned)(c - 'A' + 10);
        remainder %= 97;
    }
    return remainder;
}
