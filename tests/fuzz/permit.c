// Permits and addresses from anybody: the text before the first line feed is a manifest's permits, the rest an address
// as settings and secrets write it. What is read can be said, and covers nothing it should not.
// links: permit
#include "lib/permit/permit.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void say_all(const struct permits *permits)
{
    for (size_t i = 0; i < permits_count(permits); i++) {
        SCOPED_BUF(out, 1 << 20);
        require(permits_sentence(&out, permits, i, (enum language)(i % LANGUAGE_COUNT)));
    }
    for (size_t i = 0; permits_login_at(permits, i); i++)
        require(*permits_login_at(permits, i));
}

static void ask(const struct permits *permits, const struct origin *origin)
{
    struct err err = {0};
    const struct url_parts url = {.scheme = text_from(origin->scheme),
                                  .host = text_from(origin->host),
                                  .path = text_from(origin->path),
                                  .query = {"", 0},
                                  .port = origin->port};
    require(origin_covers(origin, &url));
    // Nothing permits a port or a scheme that no permit can name.
    struct url_parts other = url;
    other.port = 0;
    require(!permits_http(permits, TEXT_OF("GET"), &other, TEXT_OF(""), &err));
    other = url;
    other.scheme = TEXT_OF("file");
    require(!permits_http(permits, TEXT_OF("GET"), &other, TEXT_OF(""), &err));
    require(!permits_http(permits, TEXT_OF("TRACE"), &url, TEXT_OF(""), &err));
    (void)!permits_http(permits, TEXT_OF("GET"), &url, TEXT_OF(""), &err);
    (void)!permits_mail(permits, url.host, &err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct err err = {0};
    struct text rest = text_of((const char *)data, size), manifest = {"", 0};
    SCOPED(json_document)
    document = NULL;
    SCOPED(permits)
    permits = NULL;
    struct origin origin;
    (void)text_cut(&rest, '\n', &manifest);
    if (!json_parse(&document, manifest, &err))
        return 0;
    if (!permits_read(&permits, json_root(document), &err)) {
        SCOPED_BUF(words, 1 << 20);
        require(err_message(&words, &err, LANGUAGE_EN));
        return 0;
    }
    say_all(permits);
    if (origin_read(&origin, rest, &err)) {
        ask(permits, &origin);
        origin_dispose(&origin);
    }
    return 0;
}
