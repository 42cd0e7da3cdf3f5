// See manners.h.
#include "host/manners.h"

#include "host/hosts.h"
#include "host/roles.h"
#include "host/today.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/manners/manners.h"
#include "lib/permit/permit.h"

#include <stdio.h>

enum { BUSY_MS = 5000, FROZEN_MS = 60000, MINUTE_MS = 60000, MINUTE_SECONDS = 60 };

static void wait_for(struct admission *out, int64_t again_ms, const char *before, const char *name,
                     const char *after)
{
    out->admitted = false;
    out->again_ms = again_ms;
    snprintf(out->waiting_for, sizeof out->waiting_for, "%s%s%s", before, name, after);
}

static bool logins_are_free(struct host *host, struct admission *out, const struct permits *permits,
                            int64_t now_ms, struct err *err)
{
    const char *login;
    for (size_t i = 0; out->admitted && (login = permits_login_at(permits, i)); i++) {
        struct freeze freeze;
        if (!store_freeze_load(host->store, &freeze, login, err))
            return false;
        if (freeze.since_ms)
            wait_for(out, now_ms + FROZEN_MS, "login ", login, " frozen");
    }
    return true;
}

static void look_at_hours(struct host *host, struct admission *out, const struct json *system,
                          const char *name, int64_t now_ms)
{
    struct text text;
    struct hours hours;
    if (!json_text(json_get(system, "hours"), &text) || !hours_read(&hours, text))
        return;
    const int64_t minute = local_seconds(host, now_ms) / MINUTE_SECONDS;
    const int wait = hours_until_open(hours, (int)(minute % MINUTES_A_DAY));
    if (wait)
        wait_for(out, (now_ms / MINUTE_MS + wait) * MINUTE_MS, "hours of ", name, "");
}

// One of the places there are, when their number is bounded (not 0).
static bool take_place(struct host *host, struct admission *out, const char *kind, const char *name,
                       int64_t most, int64_t run, int64_t now_ms, struct err *err)
{
    SCOPED_TEXT char *what = xasprintf("%s %s", kind, name);
    bool taken = true;
    if (most && !store_hold_take(host->store, &taken, what, run, most, err))
        return false;
    if (!taken)
        wait_for(out, now_ms + BUSY_MS, what, "", "");
    return true;
}

static bool is_reached(const struct permits *permits, const struct json *system)
{
    struct origin origin;
    struct err ignored;
    struct text text;
    if (!json_text(json_get(system, "origin"), &text) || !origin_read(&origin, text, &ignored))
        return false;
    const bool reached = permits_reach(permits, &origin);
    origin_dispose(&origin);
    return reached;
}

static bool look_at_systems(struct host *host, struct admission *out, const struct permits *permits,
                            int64_t run, int64_t now_ms, struct err *err)
{
    for (const struct json *system = json_first(host->settings->systems); out->admitted && system;
         system = json_next(system)) {
        const char *name = json_key(system).data;
        if (!json_get(system, "runs_at_once") && !json_get(system, "hours"))
            continue;
        if (!is_reached(permits, system))
            continue;
        look_at_hours(host, out, system, name, now_ms);
        const int64_t most = json_int64_or(json_get(system, "runs_at_once"), 0);
        if (out->admitted && !take_place(host, out, "system", name, most, run, now_ms, err))
            return false;
    }
    return true;
}

static bool look_outside(struct host *host, struct admission *out, int64_t run,
                         const struct manifest *manifest, bool patient, struct err *err)
{
    SCOPED(permits)
    permits = NULL;
    struct err unread;
    const int64_t now_ms = store_now_ms(host->store);
    // A manifest whose permits can't be read permits nothing; its check has told.
    if (!manifest->permits || !permits_read(&permits, manifest->permits, &unread))
        return true;
    return (!patient || logins_are_free(host, out, permits, now_ms, err)) &&
           look_at_systems(host, out, permits, run, now_ms, err);
}

bool manners_admit(struct host *host, struct admission *out, int64_t run, const char *robot,
                   const struct manifest *manifest, bool patient, struct err *err)
{
    *out = (struct admission){.admitted = true};
    if (!take_place(host, out, "robot", robot, manifest->runs_at_once, run, store_now_ms(host->store), err) ||
        (out->admitted && !look_outside(host, out, run, manifest, patient, err)))
        return false;
    return out->admitted || store_holds_release(host->store, run, err);
}

bool manners_release(struct host *host, int64_t run, struct err *err)
{
    return store_holds_release(host->store, run, err);
}

static void tell_gateway(void *owner, struct channel *gateway)
{
    channel_send(gateway, MESSAGE_OF(FLEET, .hosts = *(const int64_t *)owner));
}

void manners_share_rates(struct host *host)
{
    size_t others = 0;
    struct err err;
    if (hosts_count_others(host, &others, &err)) {
        int64_t hosts = (int64_t)others + 1;
        roles_each_gateway(host, tell_gateway, &hosts);
    } else
        log_error("manners.fleet", "error=%s", err_name(err.code));
}
