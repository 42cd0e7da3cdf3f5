// Addresses and mail addresses from robots and from Location headers: what is taken has parts that are plain, and reads
// back as the same.
// links: gateway
#include "gateway/adapter/url.h"
#include "gateway/adapter/mail.h"

// An address beside a known one is read by another way, which must come to the same.
static void both_ways(struct text text, const struct url *known)
{
    struct err err = {0};
    SCOPED(url)
    alone = NULL;
    SCOPED(url)
    beside = NULL;
    const bool good = url_read(&alone, NULL, text, &err);
    require(url_read(&beside, known, text, &err) == good);
    if (!good)
        return;
    const struct url_parts *a = url_parts(alone), *b = url_parts(beside);
    require(strcmp(url_text(alone), url_text(beside)) == 0 && url_same_origin(alone, beside));
    require(text_equal(a->path, b->path) && text_equal(a->query, b->query) && a->has_query == b->has_query);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void is_plain(const struct url *url)
{
    struct err err = {0};
    const struct url_parts *parts = url_parts(url);
    SCOPED(url)
    again = NULL;
    require(text_is(parts->scheme, "http") || text_is(parts->scheme, "https"));
    require(parts->port > 0 && parts->port < 65536 && parts->path.data[0] == '/' && parts->host.length > 0);
    require(!memmem(parts->path.data, parts->path.length, "/../", 4) && text_find(parts->host, '@') < 0);
    for (const char *c = url_text(url); *c; c++)
        require((unsigned char)*c > ' ' && (unsigned char)*c < 0x7F);
    require(url_read(&again, NULL, text_from(url_text(url)), &err));
    require(strcmp(url_text(again), url_text(url)) == 0 && url_same_origin(again, url));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct err err = {0};
    const struct text text = text_of((const char *)data, size);
    struct mail_address address;
    SCOPED(url)
    url = NULL;
    SCOPED(url)
    base = NULL;
    SCOPED(url)
    next = NULL;
    if (url_read(&url, NULL, text, &err))
        is_plain(url);
    if (url)
        both_ways(text_from(url_text(url)), url);
    require(url_read(&base, NULL, TEXT_OF("https://a.example/b/c?d"), &err));
    both_ways(text, base);
    SCOPED_TEXT char *below = xasprintf("https://a.example/%.*s", (int)text.length, text.data);
    both_ways(text_from(below), base);
    if (url_follow(&next, base, text, &err))
        is_plain(next);
    if (mail_address_read(&address, text, &err)) {
        SCOPED_BUF(head, MAIL_HEAD_MAX);
        if (mail_head_addresses(&head, "To", &address, 1))
            // One field: a line end only before a blank, or at the end.
            for (size_t i = 0; i + 1 < head.length; i++)
                require(head.data[i] != '\n' || head.data[i + 1] == ' ');
    }
    return 0;
}
