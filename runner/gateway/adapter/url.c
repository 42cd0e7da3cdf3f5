// See url.h. libcurl takes the address apart; what it makes of it is checked, and a new one is built of the parts.
#include "gateway/adapter/url.h"

#include <ctype.h>
#include <curl/curl.h>

enum { URL_MOST = 16384 };

struct url {
    CURLU *handle;
    char *whole;            // as libcurl writes it: "https://host:8443/path?query", no default port
    size_t origin_length;   // up to the path
    struct url_parts parts; // of `whole`
};

// What libcurl takes out of an address, in its memory.
struct pieces {
    char *scheme, *host, *port, *path, *query;
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

static bool path_is_good(struct text path)
{
    if (path.length == 0 || path.data[0] != '/')
        return false;
    for (size_t i = 0; i < path.length; i++)
        if ((unsigned char)path.data[i] >= 0x7F ||
            (path.data[i] == '%' && (path.length - i < 3 || is_refused_escape(path.data + i + 1))))
            return false;
    struct text rest = path, segment;
    while (text_cut(&rest, '/', &segment))
        if (text_is(segment, ".") || text_is(segment, ".."))
            return false;
    return true;
}

static bool is_ascii(struct text text)
{
    for (size_t i = 0; i < text.length; i++)
        if ((unsigned char)text.data[i] >= 0x7F || (unsigned char)text.data[i] <= ' ')
            return false;
    return true;
}

static bool host_is_good(const char *host)
{
    const size_t length = strlen(host);
    return length > 0 && length <= 255 && host[length - 1] != '.' && is_ascii(text_from(host)) &&
           !strpbrk(host, "%@/\\");
}

static bool rebuild(struct url *url, const struct pieces *pieces)
{
    CURLU *fresh = curl_url();
    char *whole = NULL;
    require(fresh);
    const bool good =
        curl_url_set(fresh, CURLUPART_SCHEME, pieces->scheme, 0) == CURLUE_OK &&
        curl_url_set(fresh, CURLUPART_HOST, pieces->host, 0) == CURLUE_OK &&
        curl_url_set(fresh, CURLUPART_PORT, pieces->port, 0) == CURLUE_OK &&
        curl_url_set(fresh, CURLUPART_PATH, pieces->path, 0) == CURLUE_OK &&
        (!pieces->query || curl_url_set(fresh, CURLUPART_QUERY, pieces->query, 0) == CURLUE_OK) &&
        curl_url_get(fresh, CURLUPART_URL, &whole, CURLU_NO_DEFAULT_PORT) == CURLUE_OK;
    curl_url_cleanup(url->handle);
    url->handle = fresh;
    if (good)
        url->whole = xstrdup(whole);
    curl_free(whole);
    return good;
}

// Path and query begin at `origin_length` of `whole`.
static void set_path(struct url *url)
{
    const struct text rest = text_from(url->whole + url->origin_length);
    const ptrdiff_t mark = text_find(rest, '?');
    url->parts.has_query = mark >= 0;
    url->parts.path = mark >= 0 ? text_of(rest.data, (size_t)mark) : rest;
    url->parts.query =
        mark >= 0 ? text_of(rest.data + mark + 1, rest.length - (size_t)mark - 1) : TEXT_OF("");
}

// False when what libcurl wrote is not what it read: then better nothing.
static bool set_parts(struct url *url, const struct pieces *pieces)
{
    int64_t port = 0;
    const size_t scheme = strlen(pieces->scheme), host = strlen(pieces->host);
    const char *end = strchr(url->whole + scheme + 3, '/');
    if (!end || !text_to_int64(text_from(pieces->port), &port) || port < 1 || port > 65535)
        return false;
    url->origin_length = (size_t)(end - url->whole);
    url->parts.scheme = text_of(url->whole, scheme);
    url->parts.host = text_of(url->whole + scheme + 3, host);
    url->parts.port = (int)port;
    set_path(url);
    return text_is(url->parts.scheme, pieces->scheme) && text_is(url->parts.host, pieces->host) &&
           text_is(url->parts.path, pieces->path) &&
           text_is(url->parts.query, pieces->query ? pieces->query : "");
}

static bool take_pieces(struct pieces *pieces, CURLU *from)
{
    // An absent query is CURLUE_NO_QUERY, an empty one is "".
    (void)curl_url_get(from, CURLUPART_QUERY, &pieces->query, 0);
    if (curl_url_get(from, CURLUPART_SCHEME, &pieces->scheme, 0) != CURLUE_OK ||
        curl_url_get(from, CURLUPART_HOST, &pieces->host, CURLU_PUNYCODE) != CURLUE_OK ||
        curl_url_get(from, CURLUPART_PORT, &pieces->port, CURLU_DEFAULT_PORT) != CURLUE_OK ||
        curl_url_get(from, CURLUPART_PATH, &pieces->path, 0) != CURLUE_OK)
        return false;
    for (char *c = pieces->host; *c; c++)
        *c = (char)tolower((unsigned char)*c);
    return (strcmp(pieces->scheme, "http") == 0 || strcmp(pieces->scheme, "https") == 0) &&
           host_is_good(pieces->host) && path_is_good(text_from(pieces->path)) &&
           is_ascii(text_from(pieces->query));
}

static void pieces_dispose(struct pieces *pieces)
{
    curl_free(pieces->scheme);
    curl_free(pieces->host);
    curl_free(pieces->port);
    curl_free(pieces->path);
    curl_free(pieces->query);
}

// The same place in another copy of `whole`.
static struct text moved(const struct url *to, const struct url *from, struct text part)
{
    return text_of(to->whole + (part.data - from->whole), part.length);
}

static struct url *begin_beside(const struct url *known, char *whole)
{
    struct url *url = xcalloc(1, sizeof *url);
    *url = (struct url){
        .whole = whole, .origin_length = known->origin_length, .handle = curl_url_dup(known->handle)};
    require(url->handle);
    url->parts = (struct url_parts){.scheme = moved(url, known, known->parts.scheme),
                                    .host = moved(url, known, known->parts.host),
                                    .port = known->parts.port};
    set_path(url);
    return url;
}

struct url *url_copy(const struct url *url)
{
    return begin_beside(url, xstrdup(url->whole));
}

// Whether libcurl would write it otherwise: escapes in small letters, no fragment, no "?" before nothing.
static bool may_be_mended(struct text text)
{
    for (size_t i = 0; i < text.length; i++)
        if (text.data[i] == '#' || text.data[i] == '\\' ||
            (text.data[i] == '%' && (text.length - i < 3 || isupper((unsigned char)text.data[i + 1]) ||
                                     isupper((unsigned char)text.data[i + 2]))))
            return true;
    return !is_ascii(text) || text.data[text.length - 1] == '?';
}

// Most calls of a run go where the one before went: only path and query are new, and nothing in them is for libcurl to
// mend. A fragment, or no path, is left to libcurl.
static bool read_beside(struct url **out, const struct url *known, struct text text)
{
    if (!known || text.length <= known->origin_length || text.length > URL_MOST ||
        memcmp(text.data, known->whole, known->origin_length) != 0 || may_be_mended(text))
        return false;
    SCOPED(url)
    url = begin_beside(known, text_copy(text));
    SCOPED_TEXT char *path = text_copy(url->parts.path);
    if (!path_is_good(url->parts.path) || curl_url_set(url->handle, CURLUPART_PATH, path, 0) != CURLUE_OK ||
        curl_url_set(url->handle, CURLUPART_QUERY, url->parts.has_query ? url->parts.query.data : NULL, 0) !=
            CURLUE_OK)
        return false;
    *out = STEAL(url);
    return true;
}

bool url_read(struct url **out, const struct url *known, struct text text, struct err *err)
{
    if (read_beside(out, known, text))
        return true;
    if (!looks_plain(text))
        return bad(err, text);
    SCOPED_TEXT char *written = text_copy(text);
    struct pieces pieces = {0};
    SCOPED(url)
    url = xcalloc(1, sizeof *url);
    url->handle = curl_url();
    require(url->handle);
    const bool good = strlen(written) == text.length &&
                      curl_url_set(url->handle, CURLUPART_URL, written,
                                   CURLU_PATH_AS_IS | CURLU_DISALLOW_USER) == CURLUE_OK &&
                      take_pieces(&pieces, url->handle) && rebuild(url, &pieces) && set_parts(url, &pieces);
    pieces_dispose(&pieces);
    if (!good)
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
                      url_read(out, NULL, text_from(whole), err);
    curl_free(whole);
    curl_url_cleanup(joined);
    return good || bad(err, location);
}

bool url_by_scheme(struct url **out, const struct url *url, const char *scheme, struct err *err)
{
    const struct url_parts *parts = &url->parts;
    const bool usual = parts->port == (text_is(parts->scheme, "https") ? 443 : 80);
    SCOPED_TEXT char *port = usual ? xstrdup("") : xasprintf(":%d", parts->port);
    SCOPED_TEXT char *whole =
        xasprintf("%s://%.*s%s%s", scheme, (int)parts->host.length, parts->host.data, port, parts->path.data);
    return url_read(out, NULL, text_from(whole), err);
}

void url_free(struct url *url)
{
    if (!url)
        return;
    curl_url_cleanup(url->handle);
    xfree(url->whole);
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
