// See decode.h.
#include "lib/xml/decode.h"

#include "lib/encoding/encoding.h"

#include <errno.h>
#include <iconv.h>
#include <stdio.h>

// The WHATWG Encoding standard's multi-byte charsets with their most used labels; UTF-32 is no web charset, but some
// programs save pages in it.
static struct {
    const char *name, *iconv_name, *labels[6];
    iconv_t converter;
} multi_byte[] = {
    {"utf-32le", "UTF-32LE", {"utf-32le"}, NULL},
    {"utf-32be", "UTF-32BE", {"utf-32be", "utf-32"}, NULL},
    {"shift_jis", "CP932", {"shift_jis", "shift-jis", "sjis", "x-sjis", "windows-31j", "ms_kanji"}, NULL},
    {"euc-jp", "EUC-JP", {"euc-jp", "x-euc-jp"}, NULL},
    {"gb18030", "GB18030", {"gb18030", "gbk", "gb2312", "x-gbk", "gb_2312-80"}, NULL},
    {"big5", "BIG5-HKSCS", {"big5", "big5-hkscs", "x-x-big5"}, NULL},
    {"euc-kr", "CP949", {"euc-kr", "ks_c_5601-1987", "windows-949", "korean"}, NULL},
};

void decode_start(void)
{
    for (size_t i = 0; i < COUNT_OF(multi_byte); i++) {
        if (multi_byte[i].converter)
            continue;
        iconv_t converter = iconv_open("UTF-8", multi_byte[i].iconv_name);
        if (converter != (iconv_t)-1) // a system without it does not know the charset: the reader is told so
            multi_byte[i].converter = converter;
    }
}

static bool find_multi_byte(struct charset *out, struct text label)
{
    for (size_t i = 0; i < COUNT_OF(multi_byte); i++)
        for (size_t k = 0; k < COUNT_OF(multi_byte[i].labels) && multi_byte[i].labels[k]; k++)
            if (multi_byte[i].converter && text_equal_ascii_case(label, text_from(multi_byte[i].labels[k]))) {
                *out = (struct charset){multi_byte[i].name, NULL, multi_byte[i].converter};
                return true;
            }
    return false;
}

static bool found(struct charset *out, const struct encoding *encoding, struct text label)
{
    if (!encoding)
        return find_multi_byte(out, label);
    *out = (struct charset){encoding_name(encoding), encoding, NULL};
    return true;
}

bool charset_find(struct charset *out, struct text label)
{
    return found(out, encoding_find(label), text_trim(label));
}

bool charset_find_web(struct charset *out, struct text label)
{
    return found(out, encoding_find_web(label), text_trim(label));
}

bool charset_from_mark(struct charset *out, struct text bytes)
{
    static const struct {
        struct text mark;
        const char *label;
    } marks[] = {
        // UTF-32's little-endian mark begins with UTF-16's: the longer first
        {{"\xFF\xFE\0\0", 4}, "utf-32le"}, {{"\0\0\xFE\xFF", 4}, "utf-32be"}, {{"\xEF\xBB\xBF", 3}, "utf-8"},
        {{"\xFF\xFE", 2}, "utf-16le"},     {{"\xFE\xFF", 2}, "utf-16be"},
    };
    for (size_t i = 0; i < COUNT_OF(marks); i++)
        if (bytes.length >= marks[i].mark.length &&
            memcmp(bytes.data, marks[i].mark.data, marks[i].mark.length) == 0)
            return charset_find(out, text_from(marks[i].label));
    return false;
}

bool charset_writes(const struct charset *charset)
{
    return charset->encoding != NULL;
}

enum { PIECE = 4096 }; // bytes of UTF-8 that one call of iconv may give

static bool skip_malformed(struct buf *out, struct text bytes, size_t offset, bool lossy, struct err *err)
{
    char hex[3];
    snprintf(hex, sizeof hex, "%02X", (unsigned char)bytes.data[offset]);
    if (!lossy)
        return fail(err, ERR_ENCODING_BYTES, N(offset), hex, "-");
    if (!buf_append_string(out, "\xEF\xBF\xBD"))
        return fail(err, ERR_LIMIT_PASSED, "text", N(out->maximum));
    return true;
}

static bool convert(struct buf *out, iconv_t converter, struct text bytes, bool lossy, struct err *err)
{
    iconv(converter, NULL, NULL, NULL, NULL);
    char *from = (char *)(uintptr_t)bytes.data;
    size_t left = bytes.length;
    while (left) {
        char *to = buf_reserve(out, PIECE);
        if (!to)
            return fail(err, ERR_LIMIT_PASSED, "text", N(out->maximum));
        size_t room = PIECE;
        const size_t result = iconv(converter, &from, &left, &to, &room);
        out->length += PIECE - room;
        if (result != (size_t)-1 || errno == E2BIG)
            continue;
        if (!skip_malformed(out, bytes, (size_t)(from - bytes.data), lossy, err))
            return false;
        from++;
        left--;
    }
    return true;
}

bool charset_decode(struct buf *out, const struct charset *charset, struct text bytes, bool lossy,
                    struct err *err)
{
    if (charset->converter)
        return convert(out, charset->converter, bytes, lossy, err);
    return encoding_to_utf8(out, charset->encoding, bytes, lossy ? ENCODING_LOSSY : ENCODING_STRICT, err);
}
