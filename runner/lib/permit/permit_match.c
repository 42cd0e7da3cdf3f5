// Whether a call is covered. In the gateway, before every call and every hop of a redirect.
#include "lib/permit/pattern.h"

static bool has_method(const struct http_permit *permit, struct text method)
{
    for (size_t i = 0; i < permit->method_count; i++)
        if (text_is(method, permit->methods[i]))
            return true;
    return false;
}

static bool has_login(const struct http_permit *permit, struct text login)
{
    return login.length == 0 || (permit->login && text_is(login, permit->login));
}

// For messages: the address without its query, which may hold what is nobody's business.
static char *shown(const struct url_parts *url)
{
    const bool usual = url->port == (text_is(url->scheme, "https") ? 443 : 80);
    return xasprintf("%.*s://%.*s%s%s%.*s", (int)url->scheme.length, url->scheme.data, (int)url->host.length,
                     url->host.data, usual ? "" : ":", usual ? "" : N(url->port), (int)url->path.length,
                     url->path.data);
}

bool permits_http(const struct permits *permits, struct text method, const struct url_parts *url,
                  struct text login, struct err *err)
{
    bool but_for_login = false;
    for (size_t i = 0; i < permits->http_count; i++) {
        const struct http_permit *permit = &permits->http[i];
        if (!has_method(permit, method) || !pattern_covers(&permit->url, url))
            continue;
        if (has_login(permit, login))
            return true;
        but_for_login = true;
    }
    SCOPED_TEXT char *name = text_copy(method), *address = shown(url), *login_name = text_copy(login);
    return but_for_login ? fail(err, ERR_PERMIT_LOGIN, name, address, login_name)
                         : fail(err, ERR_PERMIT_NONE, name, address);
}

bool permits_http_may_cover(const struct permits *permits, size_t index, struct text method,
                            const struct origin *url, bool whole, struct text login)
{
    if (index >= permits->http_count)
        return false;
    const struct http_permit *permit = &permits->http[index];
    return has_method(permit, method) && has_login(permit, login) &&
           pattern_may_cover(&permit->url, url, whole);
}

bool permits_reach(const struct permits *permits, const struct origin *origin)
{
    for (size_t i = 0; i < permits->http_count; i++)
        if (pattern_may_cover(&permits->http[i].url, origin, false))
            return true;
    return false;
}

bool permits_mail_covers(const struct permits *permits, size_t index, struct text address)
{
    const ptrdiff_t at = text_find(address, '@');
    if (at < 0 || index >= permits->mail_count)
        return false;
    const struct mail_permit *permit = &permits->mail[index];
    const struct text local = text_of(address.data, (size_t)at);
    const struct text host = text_of(address.data + at + 1, address.length - (size_t)at - 1);
    return host.length && text_equal_ascii_case(host, text_from(permit->host)) &&
           (!permit->local || text_equal_ascii_case(local, text_from(permit->local)));
}

bool permits_mail(const struct permits *permits, struct text address, struct err *err)
{
    for (size_t i = 0; i < permits->mail_count; i++)
        if (permits_mail_covers(permits, i, address))
            return true;
    SCOPED_TEXT char *written = text_copy(address);
    return fail(err, ERR_MAIL_RECIPIENT, written);
}

enum share_right permits_share(const struct permits *permits, const char *name)
{
    for (size_t i = 0; i < permits->share_count; i++)
        if (strcmp(permits->shares[i].name, name) == 0)
            return permits->shares[i].right;
    return SHARE_NONE;
}

const char *permits_share_at(const struct permits *permits, size_t index, enum share_right *right)
{
    if (index >= permits->share_count)
        return NULL;
    *right = permits->shares[index].right;
    return permits->shares[index].name;
}

bool permits_queue(const struct permits *permits, struct text name, enum queue_right right, struct err *err)
{
    for (size_t i = 0; i < permits->queue_count; i++)
        if (text_is(name, permits->queues[i].name) && permits->queues[i].rights & right)
            return true;
    SCOPED_TEXT char *queue = text_copy(name);
    return fail(err, ERR_QUEUE_NOT_PERMITTED, queue, right == QUEUE_FILL ? "fill" : "work");
}

bool permits_robot(const struct permits *permits, struct text name, struct err *err)
{
    for (size_t i = 0; i < permits->robot_count; i++)
        if (text_is(name, permits->robots[i]))
            return true;
    SCOPED_TEXT char *robot = text_copy(name);
    return fail(err, ERR_ROBOT_NOT_PERMITTED, robot);
}

static bool named_before(const struct permits *permits, size_t end, const char *login)
{
    for (size_t i = 0; i < end; i++)
        if (permits->http[i].login && strcmp(permits->http[i].login, login) == 0)
            return true;
    return false;
}

const char *permits_login_at(const struct permits *permits, size_t index)
{
    for (size_t i = 0; i < permits->http_count; i++) {
        const char *login = permits->http[i].login;
        if (login && !named_before(permits, i, login) && index-- == 0)
            return login;
    }
    return NULL;
}
