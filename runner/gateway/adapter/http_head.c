// Header lines, both ways. In the gateway.
#include "gateway/adapter/http.h"

#include <ctype.h>

enum { HEADERS_MOST = 200 };

// Set by the gateway alone, or by nobody.
static const char *const forbidden[] = {"host",       "authorization", "content-length", "transfer-encoding",
                                        "connection", "keep-alive",    "upgrade",        "te",
                                        "trailer",    "expect",        "referer",        "http2-settings"};
// What may follow a redirect to another origin.
static const char *const harmless[] = {"accept", "accept-language", "content-type", "content-language",
                                       "user-agent"};

static bool is_one_of(struct text name, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (text_equal_ascii_case(name, text_from(names[i])))
            return true;
    return false;
}

// RFC 9110, 5.6.2: token.
static bool is_token(struct text name)
{
    for (size_t i = 0; i < name.length; i++)
        if (!isalnum((unsigned char)name.data[i]) && !strchr("!#$%&'*+-.^_`|~", name.data[i]))
            return false;
    return name.length > 0 && name.length <= 200;
}

static bool is_value(struct text value)
{
    for (size_t i = 0; i < value.length; i++)
        if (((unsigned char)value.data[i] < ' ' && value.data[i] != '\t') || value.data[i] == 0x7F)
            return false;
    return true;
}

static bool is_forbidden(struct text name, const struct login *login)
{
    if (is_one_of(name, forbidden, COUNT_OF(forbidden)))
        return true;
    if (name.length > 6 && text_equal_ascii_case(text_of(name.data, 6), TEXT_OF("proxy-")))
        return true;
    if (!login)
        return false;
    const char *own = login->secret ? login->secret->header : NULL;
    return text_equal_ascii_case(name, TEXT_OF("cookie")) ||
           (own && text_equal_ascii_case(name, text_from(own)));
}

bool headers_check(const struct json *given, const struct login *login, struct err *err)
{
    if (json_count(given) > HEADERS_MOST)
        return fail(err, ERR_LIMIT_PASSED, "headers", N(HEADERS_MOST));
    for (const struct json *header = json_first(given); header; header = json_next(header)) {
        struct text name = {"", 0}, value = {"", 0};
        const bool texts = json_text(json_at(header, 0), &name) && json_text(json_at(header, 1), &value);
        SCOPED_TEXT char *written = text_copy(name);
        if (!texts || !is_token(name) || !is_value(value))
            return fail(err, ERR_HTTP_HEADER_FORM, written);
        if (is_forbidden(name, login))
            return fail(err, ERR_HTTP_HEADER, written);
    }
    return true;
}

static struct curl_slist *append(struct curl_slist *list, const char *line)
{
    struct curl_slist *longer = curl_slist_append(list, line);
    require(longer);
    return longer;
}

struct curl_slist *headers_list(const struct http *http)
{
    struct curl_slist *list = append(NULL, "Expect:"); // no waiting for 100
    bool agent = false;
    for (const struct json *header = json_first(json_root(http->preset->headers)); header;
         header = json_next(header)) {
        struct text name, value;
        if (!json_text(json_at(header, 0), &name) || !json_text(json_at(header, 1), &value))
            continue;
        const bool content =
            name.length > 8 && text_equal_ascii_case(text_of(name.data, 8), TEXT_OF("content-"));
        if ((http->foreign && !is_one_of(name, harmless, COUNT_OF(harmless))) || (content && !http->has_body))
            continue;
        agent = agent || text_equal_ascii_case(name, TEXT_OF("user-agent"));
        // To libcurl "Name;" is a header without a value, "Name:" one to leave out.
        SCOPED_TEXT char *line =
            value.length ? xasprintf("%.*s: %.*s", (int)name.length, name.data, (int)value.length, value.data)
                         : xasprintf("%.*s;", (int)name.length, name.data);
        list = append(list, line);
    }
    return agent ? list : append(list, "User-Agent: renki");
}

// ---- The answer

int head_status(struct text line)
{
    int64_t status;
    const ptrdiff_t blank = text_find(line, ' ');
    if (!text_starts(line, "HTTP/") || blank < 0 || (size_t)blank + 4 > line.length)
        return 0;
    return text_to_int64(text_of(line.data + blank + 1, 3), &status) ? (int)status : 0;
}

bool head_take(struct http *http, struct text line, struct err *err)
{
    http->head_lines++;
    // A line that begins with a blank goes on with the one before (RFC 9112, 5.2).
    if (http->head.length && (line.data[0] == ' ' || line.data[0] == '\t'))
        while (http->head.length && strchr("\r\n", http->head.data[http->head.length - 1]))
            http->head.length--;
    if (http->head_lines > HEAD_LINES_MAX || !buf_append_text(&http->head, line))
        return fail(err, ERR_HTTP_HEADERS_TOO_LARGE, http->call->host, N(HEAD_BYTES_MAX >> 10));
    return true;
}

static bool next_header(struct text *rest, struct text *name, struct text *value)
{
    struct text line;
    while (text_cut(rest, '\n', &line)) {
        const ptrdiff_t colon = text_find(line, ':');
        if (colon <= 0 || text_starts(line, "HTTP/"))
            continue;
        *name = text_trim(text_of(line.data, (size_t)colon));
        *value = text_trim(text_of(line.data + colon + 1, line.length - (size_t)colon - 1));
        return true;
    }
    return false;
}

bool head_find(const struct http *http, const char *wanted, struct text *value)
{
    struct text rest = buf_text(&http->head), name;
    while (next_header(&rest, &name, value))
        if (text_equal_ascii_case(name, text_from(wanted)))
            return true;
    return false;
}

// What robots do not get: cookies of a login's session, and lengths that were true before unpacking.
static bool is_hidden(const struct http *http, struct text name, bool unpacked)
{
    static const char *const cookies[] = {"set-cookie", "set-cookie2"}, *const lengths[] = {
                                                                            "content-encoding",
                                                                            "content-length"};
    return (http->login && is_one_of(name, cookies, COUNT_OF(cookies))) ||
           (unpacked && is_one_of(name, lengths, COUNT_OF(lengths)));
}

// Bytes that are no UTF-8 become U+FFFD.
static bool append_lossy(struct buf *out, struct text text)
{
    if (text_is_utf8(text))
        return buf_append_text(out, text);
    while (text.length) {
        uint32_t c;
        const size_t length = text_utf8_decode(text, &c);
        if (!(length ? buf_append(out, text.data, length) : buf_append_string(out, "\xEF\xBF\xBD")))
            return false;
        const size_t passed = length ? length : 1;
        text = text_of(text.data + passed, text.length - passed);
    }
    return true;
}

bool head_write(struct buf *out, const struct http *http)
{
    struct text rest = buf_text(&http->head), name, value;
    const bool unpacked = http->preset->decode && head_find(http, "content-encoding", &value);
    while (next_header(&rest, &name, &value))
        if (!is_hidden(http, name, unpacked) && !(append_lossy(out, name) && buf_append_string(out, ": ") &&
                                                  append_lossy(out, value) && buf_append_char(out, '\n')))
            return false;
    return true;
}
