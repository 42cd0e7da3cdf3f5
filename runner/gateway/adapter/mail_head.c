// See mail.h.
#include "gateway/adapter/mail.h"

#include "lib/base/base64.h"

#include <ctype.h>
#include <time.h>

enum {
    LINE_WISHED = 76,
    ENCODED_BYTES = 42, // of a word: with its frame at most 75 characters (RFC 2047, 2)
    LOCAL_MOST = 64,
    ADDRESS_MOST = 254
};

// RFC 5322, 3.2.3: dot-atom.
static bool is_local(struct text local)
{
    char before = '.';
    for (size_t i = 0; i < local.length; i++) {
        const char c = local.data[i];
        if (c == '.' ? before == '.' : !(isalnum((unsigned char)c) || strchr("!#$%&'*+-/=?^_`{|}~", c)))
            return false;
        before = c;
    }
    return local.length > 0 && local.length <= LOCAL_MOST && before != '.';
}

static bool is_domain(struct text domain)
{
    char before = '.';
    for (size_t i = 0; i < domain.length; i++) {
        const char c = domain.data[i];
        if (c == '.' ? before == '.' || before == '-'
                     : !(isalnum((unsigned char)c) || (c == '-' && before != '.')))
            return false;
        before = c;
    }
    return domain.length > 0 && before != '.' && before != '-';
}

bool mail_is_line(struct text text)
{
    for (size_t i = 0; i < text.length; i++)
        if ((unsigned char)text.data[i] < ' ' || text.data[i] == 0x7F)
            return false;
    return text_is_utf8(text);
}

bool mail_address_read(struct mail_address *out, struct text text, struct err *err)
{
    struct text whole = text_trim(text), address = whole;
    *out = (struct mail_address){{"", 0}, {"", 0}};
    if (text_ends(whole, ">")) {
        const ptrdiff_t open = text_find(whole, '<');
        if (open >= 0) {
            struct text name = text_trim(text_of(whole.data, (size_t)open));
            if (name.length >= 2 && name.data[0] == '"' && name.data[name.length - 1] == '"')
                name = text_of(name.data + 1, name.length - 2);
            out->name = name;
            address = text_of(whole.data + open + 1, whole.length - (size_t)open - 2);
        }
    }
    const ptrdiff_t at = text_find(address, '@');
    const bool good =
        at > 0 && address.length <= ADDRESS_MOST && is_local(text_of(address.data, (size_t)at)) &&
        is_domain(text_of(address.data + at + 1, address.length - (size_t)at - 1)) &&
        mail_is_line(out->name) && text_find(out->name, '"') < 0 && text_find(out->name, '\\') < 0;
    out->address = address;
    if (good)
        return true;
    SCOPED_TEXT char *written = text_copy(text);
    return fail(err, ERR_MAIL_ADDRESS, written);
}

static bool is_plain(struct text text)
{
    for (size_t i = 0; i < text.length; i++)
        if ((unsigned char)text.data[i] < ' ' || (unsigned char)text.data[i] >= 0x7F)
            return false;
    return !memmem(text.data, text.length, "=?", 2);
}

// "=?UTF-8?B?…?=" words, cut at characters' borders, one a line.
static bool append_words(struct buf *out, struct text text)
{
    for (bool first = true; text.length; first = false) {
        const size_t most = text.length <= ENCODED_BYTES ? text.length : text_utf8_floor(text, ENCODED_BYTES);
        if ((!first && !buf_append_string(out, "\r\n ")) || !buf_append_string(out, "=?UTF-8?B?") ||
            !base64_append(out, text_of(text.data, most), BASE64_PLAIN) || !buf_append_string(out, "?="))
            return false;
        text = text_of(text.data + most, text.length - most);
    }
    return true;
}

bool mail_head_text(struct buf *out, const char *field, struct text value)
{
    const bool plain = is_plain(value) && strlen(field) + 2 + value.length <= LINE_WISHED;
    return buf_printf(out, "%s: ", field) &&
           (plain ? buf_append_text(out, value) : append_words(out, value)) && buf_append_string(out, "\r\n");
}

static bool append_name(struct buf *out, struct text name)
{
    if (name.length == 0)
        return true;
    if (!is_plain(name) || name.length > LINE_WISHED)
        return append_words(out, name) && buf_append_string(out, "\r\n ");
    return buf_append_char(out, '"') && buf_append_text(out, name) && buf_append_string(out, "\" ");
}

// One address a line.
bool mail_head_addresses(struct buf *out, const char *field, const struct mail_address *addresses,
                         size_t count)
{
    if (!buf_printf(out, "%s: ", field))
        return false;
    for (size_t i = 0; i < count; i++)
        if ((i > 0 && !buf_append_string(out, ",\r\n ")) || !append_name(out, addresses[i].name) ||
            !buf_append_char(out, '<') || !buf_append_text(out, addresses[i].address) ||
            !buf_append_char(out, '>'))
            return false;
    return buf_append_string(out, "\r\n");
}

bool mail_head_date(struct buf *out, int64_t realtime_ms)
{
    const time_t now = (time_t)(realtime_ms / 1000);
    struct tm utc;
    char written[64];
    // The process has the C locale, so the names are English ones.
    return gmtime_r(&now, &utc) &&
           strftime(written, sizeof written, "%a, %d %b %Y %H:%M:%S +0000", &utc) > 0 &&
           buf_printf(out, "Date: %s\r\n", written);
}
