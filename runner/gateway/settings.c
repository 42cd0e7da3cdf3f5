// See settings.h. The host has checked the same settings before (lib/manifest); here they are checked again, for what
// is read here decides where robots may dial.
#include "gateway/settings.h"

#include "gateway/address.h"
#include "lib/base/file.h"

#include <fcntl.h>
#include <stdio.h>

enum { AUTHORITY_MAX = 1 << 20, RATE_MOST = 10000, CALLS_MOST = 64, FREEZE_MOST = 100 };

static bool wrong(struct err *err, const char *owner, const char *key, const struct json *value)
{
    SCOPED_BUF(written, ERR_ARGUMENT_MAX - 1);
    struct json_writer writer = json_writer_new(&written);
    SCOPED_TEXT char *place = xasprintf("%s.%s", owner, key);
    json_write_value(&writer, value);
    return fail(err, ERR_GATEWAY_SETTING, place, json_writer_done(&writer) ? buf_string(&written) : "…");
}

static bool read_network(struct route *route, const struct json *value)
{
    struct text text;
    return route->network_count < NETWORKS_MAX && json_text(value, &text) &&
           network_read(&route->networks[route->network_count++], text);
}

static bool read_networks(struct route *route, const struct json *value)
{
    if (json_kind(value) == JSON_TEXT)
        return read_network(route, value);
    if (json_kind(value) != JSON_ARRAY)
        return false;
    for (const struct json *one = json_first(value); one; one = json_next(one))
        if (!read_network(route, one))
            return false;
    return true;
}

static bool read_tls(struct route *route, const struct json *value)
{
    static const struct {
        const char *name;
        enum tls_least least;
    } names[] = {
        {"1.0", TLS_LEAST_1_0}, {"1.1", TLS_LEAST_1_1}, {"1.2", TLS_LEAST_1_2}, {"1.3", TLS_LEAST_1_3}};
    for (size_t i = 0; i < COUNT_OF(names); i++)
        if (strcmp(json_string_or(value, ""), names[i].name) == 0) {
            route->tls = names[i].least;
            return true;
        }
    return false;
}

static bool read_authority(struct route *route, const struct json *value, struct err *err)
{
    SCOPED_BUF(pem, AUTHORITY_MAX);
    if (!file_read(&pem, AT_FDCWD, json_string_or(value, ""), err))
        return false;
    route->authority = buf_steal(&pem);
    return true;
}

static bool read_proxy(struct route *route, const struct json *value)
{
    struct err err;
    struct text text;
    struct origin proxy;
    if (!json_text(value, &text) || !origin_read(&proxy, text, &err))
        return false;
    route->proxy = text_copy(text);
    route->port = proxy.port; // it is the proxy that is dialled
    origin_dispose(&proxy);
    return true;
}

// Where an address is written as a number, naming it allows it: exactly that one, at its port.
static bool read_address(struct route *route, const struct json *value)
{
    struct err err;
    struct text text;
    if (!json_text(value, &text) || !origin_read(&route->address, text, &err) ||
        strcmp(route->address.path, "/") != 0 || route->network_count == NETWORKS_MAX)
        return false;
    route->port = route->address.port;
    struct text host = text_from(route->address.host);
    if (text_starts(host, "["))
        host = text_of(host.data + 1, host.length - 2);
    if (network_read(&route->networks[route->network_count], host))
        route->network_count++;
    return true;
}

static bool read_hours(struct system *system, const struct json *value)
{
    const char *written = json_string_or(value, "");
    if (!hours_read(&system->hours, text_from(written)))
        return false;
    system->has_hours = true;
    system->hours_text = xstrdup(written);
    return true;
}

static bool read_per_second(struct system *system, const struct json *value)
{
    double rate;
    if (!json_double(value, &rate) || rate < 0.001 || rate > RATE_MOST)
        return false;
    system->interval_us = (int64_t)(1000000 / rate);
    return true;
}

static bool read_calls(struct system *system, const struct json *value)
{
    int64_t calls;
    if (!json_int64(value, &calls) || calls < 1 || calls > CALLS_MOST)
        return false;
    system->calls_at_once = (int)calls;
    return true;
}

static bool read_freeze(int64_t *out, const struct json *value)
{
    return json_int64(value, out) && *out >= 1 && *out <= FREEZE_MOST;
}

static bool read_origin(struct system *system, const struct json *value, struct err *err)
{
    if (!origin_read(&system->origin, text_from(json_string_or(value, "")), err))
        return false;
    system->route.port = system->origin.port;
    return true;
}

// False with err->code ERR_NONE: the value is of the wrong form.
static bool read_system_field(struct system *system, const char *key, const struct json *value,
                              struct err *err)
{
    if (strcmp(key, "origin") == 0)
        return true; // read first
    if (strcmp(key, "networks") == 0)
        return read_networks(&system->route, value);
    if (strcmp(key, "calls_at_once") == 0)
        return read_calls(system, value);
    if (strcmp(key, "per_second") == 0)
        return read_per_second(system, value);
    if (strcmp(key, "calls") == 0)
        return rate_read(&system->rate, text_from(json_string_or(value, "")));
    if (strcmp(key, "hours") == 0)
        return read_hours(system, value);
    if (strcmp(key, "freeze_after") == 0)
        return read_freeze(&system->freeze_after, value);
    if (strcmp(key, "runs_at_once") == 0)
        return true; // the host's
    if (strcmp(key, "tls") == 0)
        return read_tls(&system->route, value);
    if (strcmp(key, "address") == 0)
        return read_address(&system->route, value);
    if (strcmp(key, "proxy") == 0)
        return read_proxy(&system->route, value);
    return strcmp(key, "ca") == 0 && read_authority(&system->route, value, err);
}

static bool read_system(struct system *system, const struct json *value, struct err *err)
{
    system->name = text_copy(json_key(value));
    system->freeze_after = FREEZE_AFTER;
    SCOPED_TEXT char *owner = xasprintf("systems.%s", system->name);
    if (!read_origin(system, json_get(value, "origin"), err))
        return wrong(err, owner, "origin", json_get(value, "origin"));
    for (const struct json *field = json_first(value); field; field = json_next(field)) {
        SCOPED_TEXT char *key = text_copy(json_key(field));
        err_clear(err);
        if (!read_system_field(system, key, field, err))
            return err->code != ERR_NONE ? err_note(err, "renki.lua, %s.%s", owner, key)
                                         : wrong(err, owner, key, field);
    }
    return true;
}

// "Renki <renki@city.example>" or "renki@city.example"; strictness for recipients is in mail_head.c.
static bool read_from(struct mail_settings *mail, const struct json *value)
{
    struct text text = {"", 0}, address;
    if (!json_text(value, &text))
        return false;
    address = text_trim(text);
    if (text_ends(address, ">")) {
        const ptrdiff_t open = text_find(address, '<');
        if (open <= 0)
            return false;
        mail->from_name = text_copy(text_trim(text_of(address.data, (size_t)open)));
        address = text_of(address.data + open + 1, address.length - (size_t)open - 2);
    }
    for (size_t i = 0; i < text.length; i++)
        if ((unsigned char)text.data[i] < ' ')
            return false;
    mail->from_address = text_copy(address);
    return text_find(address, '@') > 0 && text_find(address, '<') < 0 && text_find(address, ' ') < 0;
}

static bool read_server(struct mail_settings *mail, const struct json *value)
{
    struct text text;
    struct err err;
    if (!json_text(value, &text) || !(text_starts(text, "smtp://") || text_starts(text, "smtps://")))
        return false;
    SCOPED_TEXT char *as_http = xasprintf("https%s", strstr(text.data, "://"));
    struct origin origin;
    if (!origin_read(&origin, text_from(as_http), &err))
        return false;
    const bool has_port = origin.port != 443 || strstr(as_http, ":443");
    const bool secure = text_starts(text, "smtps");
    mail->route.port = has_port ? origin.port : secure ? 465 : 25;
    mail->host = STEAL(origin.host);
    mail->server = xasprintf("%s://%s:%d", secure ? "smtps" : "smtp", mail->host, mail->route.port);
    mail->starttls = !secure;
    origin_dispose(&origin);
    return true;
}

static bool read_mail_field(struct mail_settings *mail, const char *key, const struct json *value,
                            struct err *err)
{
    const char *text = json_string_or(value, "");
    if (strcmp(key, "server") == 0)
        return true; // read first
    if (strcmp(key, "from") == 0)
        return read_from(mail, value);
    if (strcmp(key, "networks") == 0)
        return read_networks(&mail->route, value);
    if (strcmp(key, "ca") == 0)
        return read_authority(&mail->route, value, err);
    if (strcmp(key, "freeze_after") == 0)
        return read_freeze(&mail->freeze_after, value);
    if (strcmp(key, "login") == 0) {
        mail->login = xstrdup(text);
        return *text != '\0';
    }
    if (strcmp(key, "tls") != 0)
        return false;
    if (strcmp(text, "none") == 0)
        mail->starttls = false;
    return strcmp(text, "none") == 0 || strcmp(text, "starttls") == 0;
}

static bool read_mail(struct mail_settings *mail, const struct json *value, struct err *err)
{
    mail->set = true;
    mail->freeze_after = FREEZE_AFTER;
    if (!read_server(mail, json_get(value, "server")))
        return wrong(err, "mail", "server", json_get(value, "server"));
    for (const struct json *field = json_first(value); field; field = json_next(field)) {
        SCOPED_TEXT char *key = text_copy(json_key(field));
        err_clear(err);
        if (!read_mail_field(mail, key, field, err))
            return err->code != ERR_NONE ? err_note(err, "renki.lua, mail.%s", key)
                                         : wrong(err, "mail", key, field);
    }
    if (!mail->from_address)
        return wrong(err, "mail", "from", NULL);
    // A password never goes out in clear.
    if (mail->login && !mail->starttls && text_starts(text_from(mail->server), "smtp:"))
        return wrong(err, "mail", "tls", json_get(value, "tls"));
    return true;
}

static bool read_bucket(struct bucket_settings *bucket, const struct json *value, struct err *err)
{
    struct text place = text_from(json_string_or(json_get(value, "s3"), ""));
    if (!origin_read(&bucket->origin, place, err))
        return wrong(err, "artifacts", "s3", json_get(value, "s3"));
    while (text_ends(place, "/"))
        place.length--;
    bucket->set = true;
    bucket->place = text_copy(place);
    bucket->login = xstrdup(json_string_or(json_get(value, "login"), ""));
    bucket->region = xstrdup(json_string_or(json_get(value, "region"), ""));
    return true;
}

bool outside_read(struct outside **out, const struct json *settings, struct err *err)
{
    SCOPED(outside)
    outside = xcalloc(1, sizeof *outside);
    const struct json *systems = json_get(settings, "systems"), *mail = json_get(settings, "mail"),
                      *bucket = json_get(settings, "bucket");
    if (json_count(systems) > SYSTEMS_MAX)
        return fail(err, ERR_LIMIT_PASSED, "systems", N(SYSTEMS_MAX));
    for (const struct json *system = json_first(systems); system; system = json_next(system))
        if (!read_system(&outside->systems[outside->system_count++], system, err))
            return false;
    if (json_kind(mail) == JSON_OBJECT && !read_mail(&outside->mail, mail, err))
        return false;
    if (json_kind(bucket) == JSON_OBJECT && !read_bucket(&outside->bucket, bucket, err))
        return false;
    *out = STEAL(outside);
    return true;
}

static void route_dispose(struct route *route)
{
    xfree(route->authority);
    xfree(route->proxy);
    origin_dispose(&route->address);
}

void outside_free(struct outside *outside)
{
    if (!outside)
        return;
    for (size_t i = 0; i < outside->system_count; i++) {
        struct system *system = &outside->systems[i];
        xfree(system->name);
        xfree(system->hours_text);
        origin_dispose(&system->origin);
        route_dispose(&system->route);
    }
    xfree(outside->mail.server);
    xfree(outside->mail.host);
    xfree(outside->mail.from_name);
    xfree(outside->mail.from_address);
    xfree(outside->mail.login);
    route_dispose(&outside->mail.route);
    xfree(outside->bucket.place);
    xfree(outside->bucket.login);
    xfree(outside->bucket.region);
    origin_dispose(&outside->bucket.origin);
    xfree(outside);
}

struct system *outside_system(struct outside *outside, const struct url_parts *url)
{
    struct system *best = NULL;
    for (size_t i = 0; i < outside->system_count; i++) {
        struct system *system = &outside->systems[i];
        if (origin_covers(&system->origin, url) &&
            (!best || strlen(system->origin.path) > strlen(best->origin.path)))
            best = system;
    }
    return best;
}
