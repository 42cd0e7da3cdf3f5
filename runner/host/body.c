// What handlers take out of a request's body. In the host.
#include "host/requests.h"

enum { ACTOR_MAX = 100 };

bool body_text(const char **out, const struct json *body, const char *key, struct err *err)
{
    *out = json_string_or(json_get(body, key), NULL);
    return *out ? true : fail(err, ERR_REQUEST_MALFORMED, key);
}

bool body_integer(int64_t *out, const struct json *body, const char *key, struct err *err)
{
    return json_int64(json_get(body, key), out) ? true : fail(err, ERR_REQUEST_MALFORMED, key);
}

bool body_flag(const struct json *body, const char *key)
{
    bool flag = false;
    (void)json_boolean(json_get(body, key), &flag);
    return flag;
}

enum language body_language(const struct json *body)
{
    return language_from_name(json_string_or(json_get(body, "language"), "en"));
}

const char *body_actor(const struct json *body)
{
    const char *actor = json_string_or(json_get(body, "actor"), "");
    return *actor && strlen(actor) <= ACTOR_MAX ? actor : "unknown";
}
