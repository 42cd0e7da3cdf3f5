// See roles.h. Each role goes NONE -> STARTING -> READY; when it ends, it is NONE again and the next run starts it anew.
//
// A zygote that is worn out, or whose worker crashed, is set aside: the next run starts another, and the old one is ended
// when the last worker it made is gone. So an address learnt from a crash is worth nothing.
#include "host/roles.h"

#include "host/child.h"
#include "host/manners.h"
#include "host/places.h"
#include "host/session.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"

#include <unistd.h>

enum { SETUP_MS = 20000 };

enum role_state { ROLE_NONE, ROLE_STARTING, ROLE_READY };

struct role_child {
    struct roles *roles;
    enum role role;
    enum role_state state;
    struct child *child;
    char *layers;
    struct err why; // why it could not get ready
    bool told;      // `why` is from the role itself

    int64_t generation, forks, ready_ms;
    int64_t workers; // of a zygote: those it made that are still there; of a gateway: runs open at it
    bool set_aside;
    bool stale;              // its settings are no longer those in force: set aside as soon as it is ready
    struct role_child *next; // among those set aside
};

struct waiter {
    unsigned which;
    roles_done done;
    void *owner;
};

struct roles {
    struct host *host;
    struct role_child *zygote, *gateway, *set_aside;
    int64_t generation; // of the newest
    char public_key[129];
    int64_t heap_kilobytes;
    struct waiter *waiters;
    size_t count;
    bool stopping;
};

static struct role_child *role_child_new(struct roles *roles, enum role role)
{
    struct role_child *child = xcalloc(1, sizeof *child);
    *child = (struct role_child){.roles = roles, .role = role, .generation = ++roles->generation};
    return child;
}

static void role_child_free(struct role_child *role)
{
    xfree(role->layers);
    xfree(role);
}

struct roles *roles_new(struct host *host)
{
    struct roles *roles = xcalloc(1, sizeof *roles);
    roles->host = host;
    roles->zygote = role_child_new(roles, ROLE_ZYGOTE);
    roles->gateway = role_child_new(roles, ROLE_GATEWAY);
    return roles;
}

void roles_free(struct roles *roles)
{
    role_child_free(roles->zygote);
    role_child_free(roles->gateway);
    for (struct role_child *old = roles->set_aside, *next; old; old = next) {
        next = old->next;
        role_child_free(old);
    }
    xfree(roles->waiters);
    xfree(roles);
}

static struct role_child *role_child(struct roles *roles, unsigned which)
{
    return which == ROLES_ZYGOTE ? roles->zygote : roles->gateway;
}

static bool all_ready(struct roles *roles, unsigned which)
{
    for (unsigned one = ROLES_ZYGOTE; one <= ROLES_GATEWAY; one <<= 1)
        if ((which & one) && role_child(roles, one)->state != ROLE_READY)
            return false;
    return true;
}

// Calls back those whose roles are ready, or all who wait for the one that failed.
static void tell_waiters(struct roles *roles, unsigned failed_role, const struct err *failed)
{
    struct waiter *waiters = STEAL(roles->waiters);
    const size_t count = roles->count;
    roles->count = 0;
    for (size_t i = 0; i < count; i++) {
        if (failed && (waiters[i].which & failed_role))
            waiters[i].done(waiters[i].owner, failed);
        else if (!failed && all_ready(roles, waiters[i].which))
            waiters[i].done(waiters[i].owner, NULL);
        else // again, for the one before may have worn the zygote out
            roles_need(roles->host, waiters[i].which, waiters[i].done, waiters[i].owner);
    }
    xfree(waiters);
}

// ---- setting aside: what is live goes on with the old one, what begins gets another

static void end_if_idle(struct role_child *old)
{
    if (old->set_aside && old->workers == 0 && old->child)
        child_stop(old->child);
}

static void set_aside(struct role_child *old, const char *reason)
{
    struct roles *roles = old->roles;
    log_info("role.replaced", "role=%s reason=%s forks=%lld live=%lld", role_name(old->role), reason,
             (long long)old->forks, (long long)old->workers);
    old->set_aside = true;
    old->next = roles->set_aside;
    roles->set_aside = old;
    *(old->role == ROLE_ZYGOTE ? &roles->zygote : &roles->gateway) = role_child_new(roles, old->role);
    end_if_idle(old);
}

static void become_ready(struct role_child *role, struct text layers)
{
    xfree(role->layers);
    role->layers = text_copy(layers);
    role->state = ROLE_READY;
    role->ready_ms = clock_monotonic_ms();
    log_info("role.ready", "role=%s", role_name(role->role));
    if (role->stale)
        set_aside(role, "settings");
    tell_waiters(role->roles, 0, NULL);
}

static bool could_not_start(struct role_child *role, struct text code, struct text arguments, struct err *err)
{
    if (!err_from_record(&role->why, code, arguments))
        return fail(err, ERR_FRAME_MALFORMED, "FAILED", "code");
    role->told = true;
    return true;
}

static bool on_zygote_frame(void *owner, struct channel *channel, struct frame *frame, struct err *err)
{
    struct role_child *role = owner;
    SCOPED(json_document)
    document = NULL;
    if (frame->type == MESSAGE_ZYGOTE_READY && role->state == ROLE_STARTING) {
        struct message_ZYGOTE_READY ready;
        if (!wire_decode(&document, &ready, frame, err))
            return false;
        role->roles->heap_kilobytes = ready.heap_kilobytes;
        channel_phase(channel, PHASE_RUN);
        become_ready(role, ready.layers);
        return true;
    }
    if (frame->type == MESSAGE_ZYGOTE_FAILED && role->state == ROLE_STARTING) {
        struct message_ZYGOTE_FAILED failed;
        return wire_decode(&document, &failed, frame, err) &&
               could_not_start(role, failed.code, failed.arguments, err);
    }
    return session_on_zygote(role->roles->host, frame, err);
}

static bool on_gateway_frame(void *owner, struct channel *channel, struct frame *frame, struct err *err)
{
    struct role_child *role = owner;
    SCOPED(json_document)
    document = NULL;
    if (frame->type == MESSAGE_GATEWAY_READY && role->state == ROLE_STARTING) {
        struct message_GATEWAY_READY ready;
        if (!wire_decode(&document, &ready, frame, err))
            return false;
        memcpy(role->roles->public_key, ready.public_key.data, ready.public_key.length + 1);
        channel_phase(channel, PHASE_RUN);
        become_ready(role, ready.layers);
        manners_share_rates(role->roles->host);
        return true;
    }
    if (frame->type == MESSAGE_GATEWAY_FAILED && role->state == ROLE_STARTING) {
        struct message_GATEWAY_FAILED failed;
        return wire_decode(&document, &failed, frame, err) &&
               could_not_start(role, failed.code, failed.arguments, err);
    }
    return session_on_gateway(role->roles->host, frame, err);
}

static void forget_set_aside(struct role_child *old)
{
    for (struct role_child **at = &old->roles->set_aside; *at; at = &(*at)->next)
        if (*at == old) {
            *at = old->next;
            break;
        }
    role_child_free(old);
}

static void on_ended(void *owner, const struct err *why)
{
    struct role_child *role = owner;
    struct roles *roles = role->roles;
    const int64_t generation = role->generation;
    role->child = NULL;
    role->state = ROLE_NONE;
    if (roles->stopping)
        return;
    if (role->set_aside && role->workers == 0) {
        forget_set_aside(role);
        return;
    }
    struct err err;
    if (role->told)
        err = role->why;
    else if (why->code == ERR_WIRE_CLOSED || why->code == ERR_NONE)
        (void)fail(&err, ERR_ROLE_DIED, role_name(role->role));
    else
        err = *why;
    const enum role which = role->role;
    role->told = false;
    log_error("role.ended", "role=%s error=%s", role_name(which), err_name(err.code));
    if (role->set_aside) {
        forget_set_aside(role); // its workers are the host's own children
    } else {
        role->generation = ++roles->generation;
        role->forks = role->workers = 0;
        role->stale = false;
        tell_waiters(roles, which == ROLE_ZYGOTE ? ROLES_ZYGOTE : ROLES_GATEWAY, &err);
    }
    session_on_role_lost(roles->host, which, generation);
}

static const struct child_events zygote_events = {.frame = on_zygote_frame, .ended = on_ended};
static const struct child_events gateway_events = {.frame = on_gateway_frame, .ended = on_ended};

static void write_shares(struct json_writer *writer, const struct settings *settings)
{
    if (settings->shares)
        json_write_value(writer, settings->shares);
    else {
        json_begin_object(writer);
        json_end_object(writer);
    }
}

static bool set_up_zygote(struct roles *roles, struct channel *channel, struct err *err)
{
    const struct settings *settings = roles->host->settings;
    const char *stdlib = roles->host->stdlib;
    SCOPED_TEXT char *runs = xasprintf("%s/.renki/runs", roles->host->folder);
    SCOPED_BUF(shares, 65536);
    struct json_writer writer = json_writer_new(&shares);
    write_shares(&writer, settings);
    if (!json_writer_done(&writer))
        return fail(err, ERR_LIMIT_PASSED, "shares", "64 KB");
    if (!stdlib)
        return fail(err, ERR_FILE_MISSING, "stdlib-lua");
    return channel_send(channel,
                        MESSAGE_OF(ZYGOTE_SETUP, .stdlib = text_from(stdlib), .runs = text_from(runs),
                                   .shares = buf_text(&shares), .reduced = settings->reduced,
                                   .zones = text_from(settings->timezone), .log_level = log_level()))
               ? true
               : fail(err, ERR_ROLE_DIED, "zygote");
}

static bool set_up_gateway(struct roles *roles, struct channel *channel, struct err *err)
{
    const struct settings *settings = roles->host->settings;
    SCOPED_BUF(body, 400000);
    struct json_writer writer = json_writer_new(&body);
    json_begin_object(&writer);
    json_write_key(&writer, "mail");
    json_write_value(&writer, settings->mail);
    json_write_key(&writer, "systems");
    json_write_value(&writer, settings->systems);
    json_write_key(&writer, "bucket");
    json_write_value(&writer, settings->bucket);
    json_write_key(&writer, "timezone");
    json_write_string(&writer, settings->timezone);
    json_end_object(&writer);
    if (!json_writer_done(&writer))
        return fail(err, ERR_LIMIT_PASSED, "systems", "400 KB");
    return channel_send(channel, MESSAGE_OF(GATEWAY_SETUP, .key_path = text_from(roles->host->key_path),
                                            .settings = buf_text(&body), .log_level = log_level()))
               ? true
               : fail(err, ERR_ROLE_DIED, "gateway");
}

static bool start(struct roles *roles, unsigned which, struct err *err)
{
    struct role_child *role = role_child(roles, which);
    if (role->state != ROLE_NONE)
        return true;
    const bool is_zygote = which == ROLES_ZYGOTE;
    if (!child_start(&role->child, roles->host, role->role, is_zygote,
                     is_zygote ? &zygote_events : &gateway_events, role, err))
        return false;
    role->state = ROLE_STARTING;
    const bool good = is_zygote ? set_up_zygote(roles, child_channel(role->child), err)
                                : set_up_gateway(roles, child_channel(role->child), err);
    if (!good)
        child_stop(role->child);
    return good;
}

// ---- zygotes wear out

bool zygote_is_worn(int64_t forks, int64_t age_ms)
{
    return forks >= ZYGOTE_FORKS_MAX || age_ms >= ZYGOTE_AGE_MAX_MS;
}

static struct role_child *of_generation(struct roles *roles, int64_t generation)
{
    if (roles->zygote->generation == generation)
        return roles->zygote;
    if (roles->gateway->generation == generation)
        return roles->gateway;
    for (struct role_child *old = roles->set_aside; old; old = old->next)
        if (old->generation == generation)
            return old;
    return NULL; // it has died
}

static void replace_if_worn(struct roles *roles)
{
    const struct role_child *zygote = roles->zygote;
    if (zygote->state == ROLE_READY && zygote_is_worn(zygote->forks, clock_monotonic_ms() - zygote->ready_ms))
        set_aside(roles->zygote, "worn");
}

int64_t roles_forked(struct host *host)
{
    struct role_child *zygote = host->roles->zygote;
    zygote->forks++;
    zygote->workers++;
    replace_if_worn(host->roles);
    return zygote->generation;
}

void roles_worker_gone(struct host *host, int64_t generation)
{
    struct role_child *zygote = of_generation(host->roles, generation);
    if (!zygote)
        return;
    zygote->workers--;
    end_if_idle(zygote);
}

void roles_worker_crashed(struct host *host, int64_t generation)
{
    if (host->roles->zygote->generation == generation)
        set_aside(host->roles->zygote, "crash");
}

// ---- gateways by settings

int64_t roles_run_opened(struct host *host)
{
    host->roles->gateway->workers++;
    return host->roles->gateway->generation;
}

void roles_run_closed(struct host *host, int64_t generation)
{
    struct role_child *gateway = of_generation(host->roles, generation);
    if (!gateway)
        return;
    gateway->workers--;
    end_if_idle(gateway);
}

static void renew(struct role_child *role)
{
    if (role->state == ROLE_READY)
        set_aside(role, "settings");
    else
        role->stale = role->state == ROLE_STARTING;
}

void roles_renew(struct host *host)
{
    renew(host->roles->zygote);
    renew(host->roles->gateway);
}

// ---- what the host asks for

void roles_need(struct host *host, unsigned which, roles_done done, void *owner)
{
    struct roles *roles = host->roles;
    struct err err;
    if (which & ROLES_ZYGOTE)
        replace_if_worn(roles);
    for (unsigned one = ROLES_ZYGOTE; one <= ROLES_GATEWAY; one <<= 1)
        if ((which & one) && !start(roles, one, &err)) {
            done(owner, &err);
            return;
        }
    if (all_ready(roles, which)) {
        done(owner, NULL);
        return;
    }
    roles->waiters = xreallocarray(roles->waiters, roles->count + 1, sizeof *roles->waiters);
    roles->waiters[roles->count++] = (struct waiter){which, done, owner};
}

void roles_stop(struct host *host)
{
    struct roles *roles = host->roles;
    roles->stopping = true;
    if (roles->zygote->child)
        child_stop(roles->zygote->child);
    for (struct role_child *old = roles->set_aside; old; old = old->next)
        if (old->child)
            child_stop(old->child);
    if (roles->gateway->child)
        child_stop(roles->gateway->child);
}

static struct channel *ready_channel(const struct role_child *role)
{
    return role->state == ROLE_READY && role->child ? child_channel(role->child) : NULL;
}

struct channel *roles_zygote(struct host *host)
{
    return ready_channel(host->roles->zygote);
}

struct channel *roles_gateway(struct host *host)
{
    return ready_channel(host->roles->gateway);
}

struct channel *roles_gateway_of(struct host *host, int64_t generation)
{
    const struct role_child *gateway = of_generation(host->roles, generation);
    return gateway ? ready_channel(gateway) : NULL;
}

void roles_each_gateway(struct host *host, void (*visit)(void *owner, struct channel *gateway), void *owner)
{
    struct roles *roles = host->roles;
    struct channel *newest = ready_channel(roles->gateway);
    if (newest)
        visit(owner, newest);
    for (struct role_child *old = roles->set_aside; old; old = old->next) {
        struct channel *gateway = old->role == ROLE_GATEWAY ? ready_channel(old) : NULL;
        if (gateway)
            visit(owner, gateway);
    }
}

const char *roles_public_key(struct host *host)
{
    return host->roles->public_key;
}

const char *roles_layers(struct host *host, unsigned which)
{
    const char *layers = role_child(host->roles, which)->layers;
    return layers ? layers : "null";
}

int64_t roles_heap_kilobytes(struct host *host)
{
    return host->roles->heap_kilobytes;
}
