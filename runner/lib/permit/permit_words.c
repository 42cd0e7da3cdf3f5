// Each permit as a sentence, for the person who approves it. In the host.
#include "lib/permit/pattern.h"

size_t permits_count(const struct permits *permits)
{
    return permits ? permits->http_count + permits->mail_count + permits->share_count + permits->queue_count +
                         permits->robot_count
                   : 0;
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

static bool share_sentence(struct buf *out, const struct share_permit *share, enum language language)
{
    return phrase_append(out, language,
                         share->right == SHARE_READ ? PHRASE_PERMIT_SHARE_READ : PHRASE_PERMIT_SHARE_WRITE,
                         share->name);
}

static bool queue_sentence(struct buf *out, const struct queue_permit *queue, enum language language)
{
    static const enum phrase words[] = {[QUEUE_FILL] = PHRASE_PERMIT_QUEUE_FILL,
                                        [QUEUE_WORK] = PHRASE_PERMIT_QUEUE_WORK,
                                        [QUEUE_FILL | QUEUE_WORK] = PHRASE_PERMIT_QUEUE_BOTH};
    return phrase_append(out, language, words[queue->rights], queue->name);
}

bool permits_sentence(struct buf *out, const struct permits *permits, size_t index, enum language language)
{
    if (index < permits->http_count)
        return http_sentence(out, &permits->http[index], language);
    index -= permits->http_count;
    if (index < permits->mail_count)
        return phrase_append(out, language, PHRASE_PERMIT_MAIL, permits->mail[index].written);
    index -= permits->mail_count;
    if (index < permits->share_count)
        return share_sentence(out, &permits->shares[index], language);
    index -= permits->share_count;
    if (index < permits->queue_count)
        return queue_sentence(out, &permits->queues[index], language);
    index -= permits->queue_count;
    return index < permits->robot_count &&
           phrase_append(out, language, PHRASE_PERMIT_ROBOT, permits->robots[index]);
}
