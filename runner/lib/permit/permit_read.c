// Reads the permits of a manifest into struct permits. In host and gateway.
#include "lib/permit/pattern.h"

const char *const permit_methods[] = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", NULL};

static struct text text_or_empty(const struct json *value)
{
    struct text text = {"", 0};
    (void)json_text(value, &text);
    return text;
}

// The element at `index` (from 0) of a list, also of one that has names beside its numbers.
static const struct json *element(const struct json *list, size_t index)
{
    if (json_kind(list) == JSON_OBJECT)
        return json_get(list, N(index + 1));
    return json_at(list, index);
}

static bool read_method(struct http_permit *permit, const struct json *value, const char *number,
                        struct err *err)
{
    const struct text method = text_or_empty(value);
    if (permit->method_count == PERMIT_METHODS_MAX)
        return fail(err, ERR_PERMIT_METHODS, number);
    for (size_t i = 0; permit_methods[i]; i++)
        if (text_is(method, permit_methods[i])) {
            permit->methods[permit->method_count++] = text_copy(method);
            return true;
        }
    SCOPED_TEXT char *written = text_copy(method);
    const char *nearest = text_nearest(written, permit_methods, COUNT_OF(permit_methods) - 1);
    return nearest ? fail(err, ERR_PERMIT_METHOD, number, written, nearest)
                   : fail(err, ERR_PERMIT_METHOD_NONE, number, written);
}

static bool read_methods(struct http_permit *permit, const struct json *value, const char *number,
                         struct err *err)
{
    if (json_kind(value) == JSON_TEXT)
        return read_method(permit, value, number, err);
    if (json_kind(value) != JSON_ARRAY || json_count(value) == 0)
        return fail(err, ERR_PERMIT_METHODS, number);
    for (const struct json *method = json_first(value); method; method = json_next(method))
        if (!read_method(permit, method, number, err))
            return false;
    return true;
}

static bool unknown_key(const struct json *object, const char *const *known, size_t count, const char *where,
                        struct err *err)
{
    for (const struct json *member = json_first(object); member; member = json_next(member)) {
        SCOPED_TEXT char *key = text_copy(json_key(member));
        bool good = false;
        for (size_t i = 0; i < count; i++)
            good = good || strcmp(key, known[i]) == 0;
        if (!good) {
            const char *nearest = text_nearest(key, known, count);
            (void)fail(err, ERR_PERMIT_KEY, where, key, nearest ? nearest : known[count - 1]);
            return true;
        }
    }
    return false;
}

bool permit_name_ok(struct text name)
{
    if (name.length == 0 || name.length > 64)
        return false;
    for (size_t i = 0; i < name.length; i++) {
        const char c = name.data[i];
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (i > 0 && (c == '-' || c == '_'))))
            return false;
    }
    return true;
}

static bool read_http_permit(struct http_permit *permit, const struct json *value, const char *number,
                             struct err *err)
{
    static const char *const known[] = {"1", "2", "login"};
    if (json_kind(value) == JSON_OBJECT && unknown_key(value, known, COUNT_OF(known), number, err))
        return false;
    const size_t most = json_kind(value) == JSON_OBJECT ? 3 : 2;
    if (json_kind(value) < JSON_ARRAY || json_count(value) > most || !element(value, 1))
        return fail(err, ERR_PERMIT_FORM, number);
    if (!read_methods(permit, element(value, 0), number, err))
        return false;
    const struct text url = text_or_empty(element(value, 1));
    SCOPED_TEXT char *written = text_copy(url);
    if (url.length > PERMIT_TEXT_MAX)
        return fail(err, ERR_PERMIT_PATH, number, written);
    const enum err_code wrong = url_pattern_read(&permit->url, url);
    if (wrong != ERR_NONE)
        return err_fail(err, wrong, (const char *const[]){number, written, NULL});
    const struct json *login = json_get(value, "login");
    if (!login)
        return true;
    if (!permit_name_ok(text_or_empty(login)))
        return fail(err, ERR_PERMIT_LOGIN_NAME, number);
    permit->login = text_copy(text_or_empty(login));
    return true;
}

static bool read_http(struct permits *permits, const struct json *list, struct err *err)
{
    const size_t count = json_count(list);
    if (count > PERMITS_MAX)
        return fail(err, ERR_LIMIT_PASSED, "permits.http", N(PERMITS_MAX));
    for (size_t i = 0; i < count; i++) {
        permits->http_count++;
        if (!read_http_permit(&permits->http[i], element(list, i), N(i + 1), err))
            return false;
    }
    return true;
}

// One "@", a host with a dot or a plain name, and before the "@" either "*" or the mailbox in full.
static bool read_mail_permit(struct mail_permit *permit, struct text written)
{
    permit->written = text_copy(written);
    const ptrdiff_t at = text_find(written, '@');
    if (at <= 0 || written.length > 320)
        return false;
    const struct text local = text_of(written.data, (size_t)at);
    const struct text host = text_of(written.data + at + 1, written.length - (size_t)at - 1);
    if (host.length == 0 || host.data[0] == '.' || host.data[host.length - 1] == '.')
        return false;
    for (size_t i = 0; i < written.length; i++) {
        const unsigned char c = (unsigned char)written.data[i];
        if (c <= ' ' || c >= 0x7F || (i != (size_t)at && strchr("@,;:<>()[]\"\\", c)))
            return false;
        if (c == '*' && !(i == 0 && at == 1))
            return false;
    }
    permit->local = text_is(local, "*") ? NULL : text_copy(local);
    permit->host = text_copy(host);
    for (char *c = permit->host; *c; c++)
        if (*c >= 'A' && *c <= 'Z')
            *c = (char)(*c + ('a' - 'A'));
    return true;
}

static bool read_mail(struct permits *permits, const struct json *mail, struct err *err)
{
    static const char *const known[] = {"to"};
    if (json_kind(mail) != JSON_OBJECT)
        return fail(err, ERR_PERMIT_MAIL, "mail");
    if (unknown_key(mail, known, COUNT_OF(known), "mail", err))
        return false;
    const struct json *to = json_get(mail, "to");
    if (json_count(to) > PERMITS_MAX)
        return fail(err, ERR_LIMIT_PASSED, "permits.mail.to", N(PERMITS_MAX));
    for (const struct json *value = json_first(to); value; value = json_next(value))
        if (!read_mail_permit(&permits->mail[permits->mail_count++], text_or_empty(value)))
            return fail(err, ERR_PERMIT_MAIL, permits->mail[permits->mail_count - 1].written);
    return true;
}

static bool read_shares(struct permits *permits, const struct json *shares, struct err *err)
{
    if (json_count(shares) > PERMITS_MAX)
        return fail(err, ERR_LIMIT_PASSED, "permits.shares", N(PERMITS_MAX));
    for (const struct json *value = json_first(shares); value; value = json_next(value)) {
        struct share_permit *share = &permits->shares[permits->share_count++];
        const struct text right = text_or_empty(value);
        share->name = text_copy(json_key(value));
        share->right = text_is(right, "read")    ? SHARE_READ
                       : text_is(right, "write") ? SHARE_WRITE
                                                 : SHARE_NONE;
        if (share->right == SHARE_NONE || !permit_name_ok(json_key(value)))
            return fail(err, ERR_PERMIT_SHARE, share->name);
    }
    return true;
}

static unsigned queue_rights(struct text written)
{
    return text_is(written, "fill")   ? QUEUE_FILL
           : text_is(written, "work") ? QUEUE_WORK
           : text_is(written, "both") ? QUEUE_FILL | QUEUE_WORK
                                      : 0;
}

static bool read_queues(struct permits *permits, const struct json *queues, struct err *err)
{
    if (json_count(queues) > PERMITS_MAX)
        return fail(err, ERR_LIMIT_PASSED, "permits.queues", N(PERMITS_MAX));
    for (const struct json *value = json_first(queues); value; value = json_next(value)) {
        struct queue_permit *queue = &permits->queues[permits->queue_count++];
        queue->name = text_copy(json_key(value));
        queue->rights = queue_rights(text_or_empty(value));
        if (!queue->rights || !permit_name_ok(json_key(value)))
            return fail(err, ERR_PERMIT_QUEUE, queue->name);
    }
    return true;
}

static bool read_robots(struct permits *permits, const struct json *robots, struct err *err)
{
    if (json_count(robots) > PERMITS_MAX)
        return fail(err, ERR_LIMIT_PASSED, "permits.robots", N(PERMITS_MAX));
    for (const struct json *value = json_first(robots); value; value = json_next(value)) {
        char *name = permits->robots[permits->robot_count++] = text_copy(text_or_empty(value));
        if (json_kind(robots) != JSON_ARRAY || !permit_name_ok(text_from(name)))
            return fail(err, ERR_PERMIT_ROBOT, name);
    }
    return true;
}

static const struct {
    const char *name;
    bool (*read)(struct permits *permits, const struct json *value, struct err *err);
} kinds[] = {
    {"http", read_http},     {"mail", read_mail},     {"shares", read_shares},
    {"queues", read_queues}, {"robots", read_robots},
};

bool permits_read(struct permits **out, const struct json *value, struct err *err)
{
    static const char *const known[] = {"http", "mail", "shares", "queues", "robots"};
    SCOPED(permits)
    permits = xcalloc(1, sizeof *permits);
    if (json_kind(value) == JSON_OBJECT && unknown_key(value, known, COUNT_OF(known), "permits", err))
        return false;
    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        const struct json *part = json_get(value, kinds[i].name);
        if (part && !kinds[i].read(permits, part, err))
            return false;
    }
    *out = STEAL(permits);
    return true;
}

void permits_free(struct permits *permits)
{
    if (!permits)
        return;
    for (size_t i = 0; i < permits->http_count; i++) {
        for (size_t m = 0; m < permits->http[i].method_count; m++)
            xfree(permits->http[i].methods[m]);
        pattern_dispose(&permits->http[i].url);
        xfree(permits->http[i].login);
    }
    for (size_t i = 0; i < permits->mail_count; i++) {
        xfree(permits->mail[i].written);
        xfree(permits->mail[i].local);
        xfree(permits->mail[i].host);
    }
    for (size_t i = 0; i < permits->share_count; i++)
        xfree(permits->shares[i].name);
    for (size_t i = 0; i < permits->queue_count; i++)
        xfree(permits->queues[i].name);
    for (size_t i = 0; i < permits->robot_count; i++)
        xfree(permits->robots[i]);
    xfree(permits);
}
