// See reload.h. Former settings stay in memory: runs, pins and children made under them may point there, and it is a few
// kilobytes a reload.
#include "host/reload.h"

#include "host/alerts.h"
#include "host/pins.h"
#include "host/places.h"
#include "host/queue.h"
#include "host/reader.h"
#include "host/roles.h"
#include "host/service.h"
#include "host/sync.h"
#include "host/turn.h"
#include "host/web.h"
#include "lib/base/file.h"
#include "lib/base/log.h"

#include <fcntl.h>

enum { SETTINGS_BYTES_MAX = 262144, NAMES_MAX = 8192 };

// The host's own sandbox was made with the folders of `artifacts` and `shares`.
static const char *const fixed_settings[] = {"store",     "user",   "sandbox",    "key",
                                             "artifacts", "shares", "environment"};

struct reloading {
    struct host *host;
    struct answer *answer;
    char *actor, *told; // told: the answer, once it is known
};

static void reloading_free(struct reloading *reloading)
{
    xfree(reloading->actor);
    xfree(reloading->told);
    xfree(reloading);
}

static void refuse(struct reloading *reloading, const struct problems *problems)
{
    for (size_t i = 0; i < problems->count; i++)
        log_error("settings.kept", "error=%s where=\"%s\"", err_name(problems->items[i].code),
                  problems->items[i].where);
    service_tell_reloaded(reloading->host, problems);
    answer_problems(reloading->answer, problems);
    reloading_free(reloading);
}

static void refuse_for(struct reloading *reloading, const struct err *why)
{
    struct problems problems = {0};
    *problems_add(&problems) = *why;
    refuse(reloading, &problems);
    problems_dispose(&problems);
}

// ---- what changed

static bool is_fixed(const char *name)
{
    for (size_t i = 0; i < COUNT_OF(fixed_settings); i++)
        if (strcmp(fixed_settings[i], name) == 0)
            return true;
    return false;
}

static bool is_same(const struct json *a, const struct json *b)
{
    SCOPED_BUF(first, SETTINGS_BYTES_MAX * 2);
    SCOPED_BUF(second, SETTINGS_BYTES_MAX * 2);
    struct json_writer one = json_writer_new(&first), other = json_writer_new(&second);
    json_write_value(&one, a);
    json_write_value(&other, b);
    return json_writer_done(&one) && json_writer_done(&other) &&
           text_equal(buf_text(&first), buf_text(&second));
}

// Names of one kind that were changed, added, or are gone.
static size_t write_changed(struct json_writer *writer, const struct json *before, const struct json *after,
                            bool fixed)
{
    size_t count = 0;
    json_begin_array(writer);
    for (const struct json *member = json_first(after); member; member = json_next(member)) {
        const char *name = json_key(member).data;
        const struct json *former = json_get(before, name);
        if (is_fixed(name) == fixed && !(former && is_same(former, member)) && ++count)
            json_write_string(writer, name);
    }
    for (const struct json *member = json_first(before); member; member = json_next(member))
        if (is_fixed(json_key(member).data) == fixed && !json_get(after, json_key(member).data) && ++count)
            json_write_string(writer, json_key(member).data);
    json_end_array(writer);
    return count;
}

static size_t write_difference(struct buf *out, const struct settings *before, const struct settings *after)
{
    const struct json *former = json_root(before->document), *now = json_root(after->document);
    struct json_writer writer = json_writer_new(out);
    json_begin_object(&writer);
    json_write_key(&writer, "changed");
    const size_t changed = write_changed(&writer, former, now, false);
    json_write_key(&writer, "fixed");
    const size_t fixed = write_changed(&writer, former, now, true);
    json_end_object(&writer);
    require(json_writer_done(&writer));
    return changed + fixed;
}

// ---- putting it in force

static void put_in_force(struct host *host, struct settings *settings)
{
    settings->reduced = host->settings->reduced;
    settings->user = host->settings->user;
    settings->store = host->settings->store;
    settings->key = host->settings->key;
    settings->artifacts = host->settings->artifacts;
    settings->bucket = host->settings->bucket;
    settings->shares = host->settings->shares;
    host->settings = settings;
    host->places = places_for_runs(settings, host->cores);
    host->offset_until_ms = 0; // of the time zone
    pins_forget(host->pins);   // manifests were checked against the limits
    roles_renew(host);
    alerts_look(host);
    web_begin(host);
    sync_renew(host);
    queue_look(host);
}

static void on_stored(void *owner, const struct err *failed)
{
    struct reloading *reloading = owner;
    if (failed) {
        refuse_for(reloading, failed);
        return;
    }
    service_tell_reloaded(reloading->host, NULL);
    answer_done(reloading->answer, text_from(reloading->told));
    reloading_free(reloading);
}

static void take(struct reloading *reloading, struct settings *settings)
{
    struct host *host = reloading->host;
    struct err err;
    SCOPED_BUF(told, NAMES_MAX);
    const size_t count = write_difference(&told, host->settings, settings);
    reloading->told = text_copy(buf_text(&told));
    log_info("settings.read", "changes=%lld", (long long)count);
    if (count == 0) {
        settings_free(settings);
        on_stored(reloading, NULL);
        return;
    }
    put_in_force(host, settings);
    if (!turn_begin(host, &err) ||
        !store_audit(host->store, reloading->actor, "settings.reloaded", 0, text_from(reloading->told), &err))
        turn_spoil(host, &err);
    turn_after(host, on_stored, reloading);
}

// Another environment has a store of its own, which is opened once.
static bool is_moved(const struct settings *before, const struct settings *after, struct err *err)
{
    const char *former = before->environment ? before->environment : "–",
               *now = after->environment ? after->environment : "–";
    return strcmp(former, now) == 0 ? false : !fail(err, ERR_SETTINGS_ENVIRONMENT_MOVED, former, now);
}

static void on_settings(void *owner, struct text json, const struct err *failed)
{
    struct reloading *reloading = owner;
    struct settings *settings = NULL;
    struct problems problems = {0};
    struct err err;
    char environment[ENVIRONMENT_NAME_MAX + 1];
    if (failed || !environment_read(environment, "", &err)) {
        refuse_for(reloading, failed ? failed : &err);
        return;
    }
    if (settings_read(&settings, json, environment, &problems)) {
        if (is_moved(reloading->host->settings, settings, &err)) {
            settings_free(settings);
            refuse_for(reloading, &err);
        } else
            take(reloading, settings);
        return;
    }
    for (size_t i = 0; i < problems.count; i++)
        err_note(&problems.items[i], "renki.lua");
    refuse(reloading, &problems);
    problems_dispose(&problems);
}

void reload(struct host *host, const char *actor, struct answer *answer)
{
    struct err err;
    SCOPED_BUF(source, SETTINGS_BYTES_MAX);
    struct reloading *reloading = xcalloc(1, sizeof *reloading);
    *reloading = (struct reloading){.host = host, .answer = answer, .actor = xstrdup(actor)};
    service_tell_reloading(host);
    if (!file_read(&source, AT_FDCWD, "renki.lua", &err))
        refuse_for(reloading, &err);
    else
        reader_read(host, "renki.lua", buf_text(&source), on_settings, reloading);
}
