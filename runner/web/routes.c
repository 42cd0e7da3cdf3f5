// See web.h. What stands in this table is answered, nothing else; a path is compared as it came.
#include "web/web.h"

enum { NAME_MAX_BYTES = 64 };

static bool ask_hook(struct web *web, struct exchange *exchange, struct text name, int *status)
{
    struct text timestamp, signature, github;
    *status = 400;
    if (!exchange_header(exchange, "X-Renki-Timestamp", &timestamp) ||
        !exchange_header(exchange, "X-Renki-Signature", &signature) ||
        !exchange_header(exchange, "X-Hub-Signature-256", &github))
        return false;
    *status = 503;
    return web->host &&
           channel_send(web->host, MESSAGE_OF(HOOK, .id = exchange_id(exchange), .name = name,
                                              .timestamp = timestamp, .signature = signature,
                                              .github = github, .body = exchange_body(exchange)));
}

static const struct route routes[] = {
    {"POST", "/hooks/", ask_hook},
};

// As schedules are named: nothing that could be written in two ways.
static bool is_name(struct text text)
{
    if (text.length == 0 || text.length > NAME_MAX_BYTES)
        return false;
    for (size_t i = 0; i < text.length; i++) {
        const char c = text.data[i];
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (i > 0 && (c == '-' || c == '_'))))
            return false;
    }
    return true;
}

static bool is_path(const struct route *route, struct text target, struct text *name)
{
    const size_t length = strlen(route->path);
    *name = TEXT_OF("");
    if (route->path[length - 1] != '/')
        return text_is(target, route->path);
    if (!text_starts(target, route->path))
        return false;
    *name = text_of(target.data + length, target.length - length);
    return is_name(*name);
}

const struct route *route_find(const char *method, struct text target, struct text *name, int *status)
{
    *status = 404;
    for (size_t i = 0; i < COUNT_OF(routes); i++) {
        if (!is_path(&routes[i], target, name))
            continue;
        if (strcmp(routes[i].method, method) == 0)
            return &routes[i];
        *status = 405;
    }
    return NULL;
}
