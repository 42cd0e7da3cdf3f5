// Each permit as a sentence, for the person who approves it. In the host.
#include "lib/permit/pattern.h"

size_t permits_count(const struct permits *permits)
{
    return permits ? permits->http_count + permits->mail_count + permits->share_count : 0;
}

static bool http_sentence(struct buf *out, const struct http_permit *permit, enum language language)
{
    SCOPED_BUF(methods, 200);
    for (size_t i = 0; i < permit->method_count; i++)
        if (!buf_printf(&methods, "%s%s", i ? ", " : "", permit->methods[i]))
            return false;
    if (permit->login)
        return phrase_append(out, language, PHRASE_PERMIT_HTTP_LOGIN, buf_string(&methods),
                             permit->url.written, permit->login);
    return phrase_append(out, language, PHRASE_PERMIT_HTTP, buf_string(&methods), permit->url.written);
}

bool permits_sentence(struct buf *out, const struct permits *permits, size_t index, enum language language)
{
    if (index < permits->http_count)
        return http_sentence(out, &permits->http[index], language);
    index -= permits->http_count;
    if (index < permits->mail_count)
        return phrase_append(out, language, PHRASE_PERMIT_MAIL, permits->mail[index].written);
    index -= permits->mail_count;
    if (index >= permits->share_count)
        return false;
    const struct share_permit *share = &permits->shares[index];
    return phrase_append(out, language,
                         share->right == SHARE_READ ? PHRASE_PERMIT_SHARE_READ : PHRASE_PERMIT_SHARE_WRITE,
                         share->name);
}
