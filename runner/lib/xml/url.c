// See url.h.
#include "lib/xml/url.h"

#include "lib/xml/internal.h"

#include <libxml/uri.h>

static bool append_percent(struct buf *out, unsigned char byte)
{
    return buf_printf(out, "%%%02X", byte);
}

static bool is_unfit(unsigned char byte)
{
    return byte <= ' ' || byte >= 0x7F || strchr("\"<>\\^`{|}", byte);
}

// Blanks and line ends around are dropped, tabs and line ends inside too (URL standard, "basic URL parser").
static bool append_fit(struct buf *out, const char *reference)
{
    const struct text text = text_trim(text_from(reference));
    for (size_t i = 0; i < text.length; i++) {
        const char c = text.data[i];
        if (c == '\t' || c == '\n' || c == '\r')
            continue;
        if (!(is_unfit((unsigned char)c) ? append_percent(out, (unsigned char)c) : buf_append_char(out, c)))
            return false;
    }
    return true;
}

bool url_resolve(char **out, const char *base, const char *reference, struct err *err)
{
    SCOPED_BUF(fit, URL_BYTES_MAX);
    if (!append_fit(&fit, reference))
        return fail(err, ERR_LIMIT_PASSED, "URL", N(URL_BYTES_MAX));
    if (!base[0]) {
        *out = buf_steal(&fit);
        return true;
    }
    xmlChar *whole = xmlBuildURI(to_xml(buf_string(&fit)), to_xml(base));
    if (!whole)
        return fail(err, ERR_URL_WRONG, reference, base);
    *out = xstrdup(from_xml(whole));
    xmlFree(whole);
    return true;
}

bool url_append_form_encoded(struct buf *out, struct text bytes)
{
    for (size_t i = 0; i < bytes.length; i++) {
        const unsigned char byte = (unsigned char)bytes.data[i];
        const bool plain = (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'z') ||
                           (byte >= 'A' && byte <= 'Z') || (byte && strchr("*-._", byte));
        const bool done = plain         ? buf_append_char(out, (char)byte)
                          : byte == ' ' ? buf_append_char(out, '+')
                                        : append_percent(out, byte);
        if (!done)
            return false;
    }
    return true;
}
