// See url.h. libcurl takes the address apart; what it makes of it is checked, and a new one is built of the parts.
#include "gateway/adapter/url.h"

#include <ctype.h>
#include <curl/curl.h>

enum { URL_MOST = 16384 };

struct url {
    CURLU *handle;
    char *scheme, *host, *port, *path, *query, *whole; // libcurl's memory
    struct url_parts parts;
};

static bool bad(struct err *err, struct text text)
{
    SCOPED_TEXT char *written = text_copy(text);
    return fail(err, ERR_HTTP_URL, written);
}

// What libcurl would mend, and we do not let pass: it must be plain what was meant.
static bool looks_plain(struct text text)
{
    const bool secure = text.length > 8 && text_equal_ascii_case(text_of(text.data, 8), TEXT_OF("https://"));
    const bool plain = text.length > 7 && text_equal_ascii_case(text_of(text.data, 7), TEXT_OF("http://"));
    if (!(secure || plain) || text.length > URL_MOST)
        return false;
    const size_t start = secure ? 8 : 7;
    if (strchr("/?#:@", text.data[start]))
        return false;
    for (size_t i = 0; i < text.length; i++)
        if ((unsigned char)text.data[i] <= ' ' || text.data[i] == 0x7F || text.data[i] == '\\')
            return false;
    size_t end = start;
    while (end < text.length && !strchr("/?#", text.data[end]))
        end++;
    const char last = text.data[end - 1];
    return last != ':' && last != '.' && !memchr(text.data + start, '@', end - start) &&
           !memchr(text.data + start, '%', end - start);
}

static bool is_refused_escape(const char *s)
{
    static const char *const refused[] = {"2f", "5c", "00", "2e"};
    for (size_t i = 0; i < COUNT_OF(refused); i++)
        if (text_equal_ascii_case(text_of(s, 2), text_from(refused[i])))
            return true;
    return !isxdigit((unsigned char)s[0]) || !isxdigit((unsigned char)s[1]);
}

static bool path_is_good(const char *path)
{
    if (path[0] != '/')
        return false;
    for (const char *c = path; *c; c++)
        if ((unsigned char)*c >= 0x7F || (*c == '%' && (!c[1] || is_refused_escape(c + 1))))
            return false;
    struct text rest = text_from(path), segment;
    while (text_cut(&rest, '/', &segment))
        if (text_is(segment, ".") || text_is(segment, ".."))
            return false;
    return true;
}

static bool is_ascii(const char *s)
{
    for (; s && *s; s++)
        if ((unsigned char)*s >= 0x7F || (unsigned char)*s <= ' ')
            return false;
    return true;
}

static bool host_is_good(const char *host)
{
    const size_t length = strlen(host);
    return length > 0 && length <= 255 && host[length - 1] != '.' && is_ascii(host) &&
           !strpbrk(host, "%@/\\");
}

static bool rebuild(struct url *url)
{
    CURLU *fresh = curl_url();
    require(fresh);
    const bool good = curl_url_set(fresh, CURLUPART_SCHEME, url->scheme, 0) == CURLUE_OK &&
                      curl_url_set(fresh, CURLUPART_HOST, url->host, 0) == CURLUE_OK &&
                      curl_url_set(fresh, CURLUPART_PORT, url->port, 0) == CURLUE_OK &&
                      curl_url_set(fresh, CURLUPART_PATH, url->path, 0) == CURLUE_OK &&
                      (!url->query || curl_url_set(fresh, CURLUPART_QUERY, url->query, 0) == CURLUE_OK) &&
                      curl_url_get(fresh, CURLUPART_URL, &url->whole, CURLU_NO_DEFAULT_PORT) == CURLUE_OK;
    curl_url_cleanup(url->handle);
    url->handle = fresh;
    return good;
}

static bool take_parts(struct url *url)
{
    CURLU *from = url->handle;
    // An absent query is CURLUE_NO_QUERY, an empty one is "".
    (void)curl_url_get(from, CURLUPART_QUERY, &url->query, 0);
    if (curl_url_get(from, CURLUPART_SCHEME, &url->scheme, 0) != CURLUE_OK ||
        curl_url_get(from, CURLUPART_HOST, &url->host, CURLU_PUNYCODE) != CURLUE_OK ||
        curl_url_get(from, CURLUPART_PORT, &url->port, CURLU_DEFAULT_PORT) != CURLUE_OK ||
        curl_url_get(from, CURLUPART_PATH, &url->path, 0) != CURLUE_OK)
        return false;
    for (char *c = url->host; *c; c++)
        *c = (char)tolower((unsigned char)*c);
    int64_t port = 0;
    if (!text_to_int64(text_from(url->port), &port) || port < 1 || port > 65535)
        return false;
    url->parts = (struct url_parts){
        .scheme = text_from(url->scheme),
        .host = text_from(url->host),
        .path = text_from(url->path),
        .query = text_from(url->query ? url->query : ""),
        .port = (int)port,
        .has_query = url->query != NULL,
    };
    return (strcmp(url->scheme, "http") == 0 || strcmp(url->scheme, "https") == 0) &&
           host_is_good(url->host) && path_is_good(url->path) && is_ascii(url->query);
}

bool url_read(struct url **out, struct text text, struct err *err)
{
    if (!looks_plain(text))
        return bad(err, text);
    SCOPED_TEXT char *written = text_copy(text);
    SCOPED(url)
    url = xcalloc(1, sizeof *url);
    url->handle = curl_url();
    require(url->handle);
    if (strlen(written) != text.length ||
        curl_url_set(url->handle, CURLUPART_URL, written, CURLU_PATH_AS_IS | CURLU_DISALLOW_USER) !=
            CURLUE_OK ||
        !take_parts(url) || !rebuild(url))
        return bad(err, text);
    *out = STEAL(url);
    return true;
}

bool url_follow(struct url **out, const struct url *from, struct text location, struct err *err)
{
    SCOPED_TEXT char *written = text_copy(location);
    CURLU *joined = curl_url_dup(from->handle);
    char *whole = NULL;
    require(joined);
    const bool good = location.length <= URL_MOST &&
                      curl_url_set(joined, CURLUPART_URL, written, CURLU_URLENCODE) == CURLUE_OK &&
                      curl_url_get(joined, CURLUPART_URL, &whole, 0) == CURLUE_OK &&
                      url_read(out, text_from(whole), err);
    curl_free(whole);
    curl_url_cleanup(joined);
    return good || bad(err, location);
}

bool url_by_scheme(struct url **out, const struct url *url, const char *scheme, struct err *err)
{
    const struct url_parts *parts = &url->parts;
    const bool usual = parts->port == (text_is(parts->scheme, "https") ? 443 : 80);
    SCOPED_TEXT char *port = usual ? xstrdup("") : xasprintf(":%d", parts->port);
    SCOPED_TEXT char *whole = xasprintf("%s://%s%s%s%s%s", scheme, url->host, port, url->path,
                                        url->query ? "?" : "", url->query ? url->query : "");
    return url_read(out, text_from(whole), err);
}

void url_free(struct url *url)
{
    if (!url)
        return;
    curl_url_cleanup(url->handle);
    curl_free(url->scheme);
    curl_free(url->host);
    curl_free(url->port);
    curl_free(url->path);
    curl_free(url->query);
    curl_free(url->whole);
    xfree(url);
}

const struct url_parts *url_parts(const struct url *url)
{
    return &url->parts;
}

const char *url_text(const struct url *url)
{
    return url->whole;
}

void *url_handle(const struct url *url)
{
    return url->handle;
}

bool url_same_origin(const struct url *a, const struct url *b)
{
    return text_equal(a->parts.scheme, b->parts.scheme) && text_equal(a->parts.host, b->parts.host) &&
           a->parts.port == b->parts.port;
}
