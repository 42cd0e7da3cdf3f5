// Addresses as permits and settings write them, taken apart strictly. In host and gateway.
//
// Stricter than any URL parser: what is not plainly one address is refused, so that nobody approves what reads
// otherwise than it works.
#include "lib/permit/pattern.h"

#include <ctype.h>

enum { PORT_MAX = 65535, HOST_MAX = 253 };

static char *small_letters(struct text text)
{
    char *copy = text_copy(text);
    for (char *c = copy; *c; c++)
        if (*c >= 'A' && *c <= 'Z')
            *c = (char)(*c + ('a' - 'A'));
    return copy;
}

static int default_port(const char *scheme)
{
    return strcmp(scheme, "https") == 0 ? 443 : 80;
}

// Letters, digits, hyphens and inner dots; or an IPv6 address in brackets.
static bool is_host(struct text host)
{
    if (host.length == 0 || host.length > HOST_MAX)
        return false;
    if (host.data[0] == '[') {
        for (size_t i = 1; i + 1 < host.length; i++)
            if (!isxdigit((unsigned char)host.data[i]) && host.data[i] != ':' && host.data[i] != '.')
                return false;
        return host.length > 3 && host.data[host.length - 1] == ']';
    }
    char before = '.';
    for (size_t i = 0; i < host.length; i++) {
        const char c = host.data[i];
        const bool plain = isalnum((unsigned char)c) || c == '-' || c == '_';
        if (!plain && (c != '.' || before == '.'))
            return false;
        before = c;
    }
    return before != '.';
}

static bool is_hex_of(const char *s, const char *const *forms)
{
    for (; *forms; forms++)
        if (text_equal_ascii_case(text_of(s, 3), text_from(*forms)))
            return true;
    return false;
}

// No blanks, control bytes, backslashes, dot segments, and nothing that decodes to a slash, a dot or NUL.
static bool is_path(struct text path)
{
    static const char *const refused[] = {"%2f", "%5c", "%00", "%2e", NULL};
    for (size_t i = 0; i < path.length; i++) {
        const unsigned char c = (unsigned char)path.data[i];
        if (c <= ' ' || c >= 0x7F || strchr("\\\"<>^`{|}#*?", c))
            return false;
        if (c == '%' && (i + 2 >= path.length || !isxdigit((unsigned char)path.data[i + 1]) ||
                         !isxdigit((unsigned char)path.data[i + 2]) || is_hex_of(path.data + i, refused)))
            return false;
    }
    struct text rest = path, segment;
    while (text_cut(&rest, '/', &segment))
        if (text_is(segment, ".") || text_is(segment, ".."))
            return false;
    return true;
}

static bool is_query(struct text query)
{
    for (size_t i = 0; i < query.length; i++)
        if ((unsigned char)query.data[i] <= ' ' || (unsigned char)query.data[i] >= 0x7F ||
            strchr("#*\\", query.data[i]))
            return false;
    return true;
}

static enum err_code read_port(struct pattern *out, struct text *authority)
{
    size_t colon = authority->length;
    while (colon > 0 && isdigit((unsigned char)authority->data[colon - 1]))
        colon--;
    if (colon == 0 || authority->data[colon - 1] != ':')
        return ERR_NONE;
    int64_t port;
    const struct text digits = text_of(authority->data + colon, authority->length - colon);
    if (!text_to_int64(digits, &port) || port < 1 || port > PORT_MAX)
        return ERR_PERMIT_PORT;
    out->port = (int)port;
    authority->length = colon - 1;
    return ERR_NONE;
}

static enum err_code read_host(struct pattern *out, struct text authority)
{
    if (text_starts(authority, "*.")) {
        out->any_label = true;
        const struct text rest = text_of(authority.data + 2, authority.length - 2);
        // "*.fi" would cover a whole country.
        if (!is_host(rest) || text_find(rest, '.') < 0)
            return ERR_PERMIT_HOST;
        out->host = small_letters(text_of(authority.data + 1, authority.length - 1));
        return ERR_NONE;
    }
    if (text_find(authority, '*') >= 0)
        return ERR_PERMIT_HOST_STAR;
    if (!is_host(authority))
        return ERR_PERMIT_HOST;
    out->host = small_letters(authority);
    return ERR_NONE;
}

static enum err_code read_path(struct pattern *out, struct text path)
{
    const ptrdiff_t question = text_find(path, '?');
    if (question >= 0) {
        const struct text query = text_of(path.data + question + 1, path.length - (size_t)question - 1);
        if (!is_query(query))
            return ERR_PERMIT_PATH;
        out->query = text_copy(query);
        path.length = (size_t)question;
    }
    if (text_ends(path, "/*")) {
        out->any_path = true;
        path.length--;
    }
    if (text_find(path, '*') >= 0)
        return ERR_PERMIT_PATH_STAR;
    if (!is_path(path))
        return ERR_PERMIT_PATH;
    out->path = path.length ? text_copy(path) : xstrdup("/");
    return ERR_NONE;
}

enum err_code url_pattern_read(struct pattern *out, struct text text)
{
    *out = (struct pattern){.written = text_copy(text)};
    if (text_starts(text, "https://"))
        out->scheme = xstrdup("https");
    else if (text_starts(text, "http://"))
        out->scheme = xstrdup("http");
    else
        return ERR_PERMIT_SCHEME;
    out->port = default_port(out->scheme);
    const size_t start = strlen(out->scheme) + 3;
    size_t end = start;
    while (end < text.length && text.data[end] != '/' && text.data[end] != '?')
        end++;
    struct text authority = text_of(text.data + start, end - start);
    enum err_code wrong = read_port(out, &authority);
    if (wrong == ERR_NONE)
        wrong = read_host(out, authority);
    if (wrong == ERR_NONE)
        wrong = read_path(out, text_of(text.data + end, text.length - end));
    return wrong;
}

void pattern_dispose(struct pattern *pattern)
{
    xfree(pattern->written);
    xfree(pattern->scheme);
    xfree(pattern->host);
    xfree(pattern->path);
    xfree(pattern->query);
    *pattern = (struct pattern){0};
}

static bool host_covers(const struct pattern *pattern, struct text host)
{
    if (!pattern->any_label)
        return text_is(host, pattern->host);
    const ptrdiff_t dot = text_find(host, '.');
    return dot > 0 && text_is(text_of(host.data + dot, host.length - (size_t)dot), pattern->host);
}

bool pattern_covers(const struct pattern *pattern, const struct url_parts *url)
{
    if (!text_is(url->scheme, pattern->scheme) || url->port != pattern->port ||
        !host_covers(pattern, url->host))
        return false;
    if (pattern->query && (!url->has_query || !text_is(url->query, pattern->query)))
        return false;
    return pattern->any_path ? text_starts(url->path, pattern->path) : text_is(url->path, pattern->path);
}

bool pattern_may_cover(const struct pattern *pattern, const struct origin *url, bool whole)
{
    if (strcmp(url->scheme, pattern->scheme) != 0 || url->port != pattern->port ||
        !host_covers(pattern, text_from(url->host)))
        return false;
    const struct text path = text_from(url->path);
    if (pattern->any_path && text_starts(path, pattern->path))
        return true;
    return whole ? text_is(path, pattern->path) : text_starts(text_from(pattern->path), url->path);
}

bool origin_read(struct origin *out, struct text text, struct err *err)
{
    struct pattern pattern;
    *out = (struct origin){0};
    if (text.length > PERMIT_TEXT_MAX || url_pattern_read(&pattern, text) != ERR_NONE || pattern.any_label ||
        pattern.any_path || pattern.query) {
        if (text.length <= PERMIT_TEXT_MAX)
            pattern_dispose(&pattern);
        SCOPED_TEXT char *written = text_copy(text);
        return fail(err, ERR_ORIGIN_FORM, written);
    }
    *out = (struct origin){.scheme = STEAL(pattern.scheme),
                           .host = STEAL(pattern.host),
                           .path = STEAL(pattern.path),
                           .port = pattern.port};
    pattern_dispose(&pattern);
    return true;
}

void origin_dispose(struct origin *origin)
{
    xfree(origin->scheme);
    xfree(origin->host);
    xfree(origin->path);
    *origin = (struct origin){0};
}

bool origin_covers(const struct origin *origin, const struct url_parts *url)
{
    if (!text_is(url->scheme, origin->scheme) || !text_is(url->host, origin->host) ||
        url->port != origin->port || !text_starts(url->path, origin->path))
        return false;
    const size_t length = strlen(origin->path);
    return url->path.length == length || origin->path[length - 1] == '/' || url->path.data[length] == '/';
}
