// See hooks.h.
#include "host/hooks.h"

#include "host/queue.h"
#include "host/roles.h"
#include "host/sync.h"
#include "host/trigger_webhook.h"
#include "host/turn.h"
#include "host/web.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"

#include <stdio.h>

enum {
    UNDER_WAY_MAX = 64,
    HOOKS_WATCHED_MAX = 256, // names whose pace and refusals are kept in memory
    MINUTE_MS = 60000,
    REQUESTS_A_MINUTE = 120, // of one hook
    NAME_SIZE = 65,
    SIGNATURE_HEX = 64,
    GITHUB_KEEP_MS = 7 * 24 * 3600 * 1000, // without a timestamp nothing else tells a replay
    CONTENT_MAX = 4096
};

enum reason { REASON_SIGNATURE, REASON_REPLAY, REASON_PAUSED, REASON_PACE, REASON_PAYLOAD, REASON_COUNT };
static const char *const reason_names[REASON_COUNT] = {"signature", "replay", "paused", "pace", "payload"};

// How a hook fares, for its pace and the audit log.
struct watched_hook {
    char name[NAME_SIZE];
    int64_t minute, requests;
    int64_t refused[REASON_COUNT], told_minute[REASON_COUNT];
};

// A request that the gateway looks at.
struct pending {
    struct pending *next;
    struct host *host;
    int64_t id, check; // the web process's number; ours
    bool of_remote;    // a notice that something was pushed to the git remote
    char name[NAME_SIZE], signature[SIGNATURE_HEX + 1], timestamp[33];
    struct hook_rules rules;
    struct buf body;
};

struct hooks {
    struct pending *pending;
    int64_t checks;
    size_t count, watched_count;
    struct watched_hook watched[HOOKS_WATCHED_MAX];
};

struct hooks *hooks_new(void)
{
    return xcalloc(1, sizeof(struct hooks));
}

// ---- answers and refusals

static void answer(struct host *host, int64_t id, int status, struct text body)
{
    struct channel *web = web_channel(host);
    if (web)
        channel_send(web, MESSAGE_OF(HOOK_ANSWER, .id = id, .status = status, .body = body));
}

static struct watched_hook *watch(struct hooks *hooks, const char *name)
{
    for (size_t i = 0; i < hooks->watched_count; i++)
        if (strcmp(hooks->watched[i].name, name) == 0)
            return &hooks->watched[i];
    if (hooks->watched_count == HOOKS_WATCHED_MAX)
        hooks->watched_count = 0; // more schedules than anybody has: begin anew
    struct watched_hook *hook = &hooks->watched[hooks->watched_count++];
    *hook = (struct watched_hook){.minute = -1};
    snprintf(hook->name, sizeof hook->name, "%s", name);
    return hook;
}

static bool audit(struct host *host, const struct watched_hook *hook, enum reason reason, struct err *err)
{
    SCOPED_BUF(content, CONTENT_MAX);
    struct json_writer writer = json_writer_new(&content);
    json_begin_object(&writer);
    json_write_key(&writer, "hook");
    json_write_string(&writer, hook->name);
    json_write_key(&writer, "reason");
    json_write_string(&writer, reason_names[reason]);
    json_write_key(&writer, "count");
    json_write_integer(&writer, hook->refused[reason]);
    json_end_object(&writer);
    require(json_writer_done(&writer));
    return turn_begin(host, err) &&
           store_audit(host->store, "webhook", "hook.refused", 0, buf_text(&content), err);
}

// The first of a minute is written at once, with the count of those before that were not.
static void refuse(struct host *host, int64_t id, const char *name, enum reason reason, int status)
{
    struct watched_hook *hook = watch(host->hooks, name);
    const int64_t minute = clock_monotonic_ms() / MINUTE_MS + 1;
    struct err err;
    hook->refused[reason]++;
    if (hook->told_minute[reason] != minute) {
        log_info("hook.refused", "hook=%s reason=%s count=%lld", name, reason_names[reason],
                 (long long)hook->refused[reason]);
        if (!audit(host, hook, reason, &err))
            turn_spoil(host, &err);
        hook->refused[reason] = 0;
        hook->told_minute[reason] = minute;
    }
    answer(host, id, status, TEXT_OF("{}"));
}

static bool keeps_pace(struct watched_hook *hook)
{
    const int64_t minute = clock_monotonic_ms() / MINUTE_MS;
    if (hook->minute != minute)
        hook->requests = 0;
    hook->minute = minute;
    return ++hook->requests <= REQUESTS_A_MINUTE;
}

// ---- those under way

static void pending_free(struct pending *pending)
{
    buf_dispose(&pending->body);
    xfree(pending);
}

static struct pending *take_pending(struct hooks *hooks, int64_t check)
{
    for (struct pending **at = &hooks->pending; *at; at = &(*at)->next)
        if ((*at)->check == check) {
            struct pending *pending = *at;
            *at = pending->next;
            hooks->count--;
            return pending;
        }
    return NULL;
}

void hooks_forget(struct host *host)
{
    struct hooks *hooks = host->hooks;
    while (hooks->pending) {
        struct pending *pending = take_pending(hooks, hooks->pending->check);
        answer(host, pending->id, 503, TEXT_OF("{}"));
        pending_free(pending);
    }
}

static void drop(struct pending *pending, int status)
{
    struct pending *taken = take_pending(pending->host->hooks, pending->check);
    if (!taken)
        return;
    answer(taken->host, taken->id, status, TEXT_OF("{}"));
    pending_free(taken);
}

// ---- 5: a run

struct started_run {
    struct host *host;
    int64_t id, run;
};

static void on_started(void *owner, const struct err *failed)
{
    struct started_run *started = owner;
    char body[64];
    snprintf(body, sizeof body, "{\"run\":%lld}", (long long)started->run);
    if (failed)
        answer(started->host, started->id, 503, TEXT_OF("{}"));
    else
        answer(started->host, started->id, started->run ? 202 : 409,
               started->run ? text_from(body) : TEXT_OF("{}"));
    queue_look(started->host);
    xfree(started);
}

static bool use_signature(struct pending *pending, bool *is_new, struct err *err)
{
    const int64_t keep_ms = pending->rules.github ? GITHUB_KEEP_MS : 2 * pending->rules.window_ms;
    return turn_begin(pending->host, err) &&
           store_hook_use(pending->host->store, is_new, pending->name, pending->signature, keep_ms, err);
}

static void accept_hook(struct pending *pending)
{
    struct host *host = pending->host;
    struct err err;
    bool is_new = false;
    int64_t run = 0;
    if (pending->of_remote) { // one that is repeated makes us look once more, no more than that
        sync_now(host);
        answer(host, pending->id, 202, TEXT_OF("{}"));
    } else if (!use_signature(pending, &is_new, &err)) {
        turn_spoil(host, &err);
        answer(host, pending->id, 503, TEXT_OF("{}"));
    } else if (!is_new)
        refuse(host, pending->id, pending->name, REASON_REPLAY, 409);
    else if (!trigger_webhook_start(host, &run, pending->name, buf_text(&pending->body), &err)) {
        turn_spoil(host, &err);
        log_info("hook.failed", "hook=%s error=%s", pending->name, err_name(err.code));
        if (err.code == ERR_HOOK_PAYLOAD || err.code == ERR_LIMIT_PASSED)
            refuse(host, pending->id, pending->name, REASON_PAYLOAD, 400);
        else
            answer(host, pending->id, 503, TEXT_OF("{}"));
    } else {
        struct started_run *started = xcalloc(1, sizeof *started);
        *started = (struct started_run){host, pending->id, run};
        turn_after(host, on_started, started);
    }
}

bool hooks_on_checked(struct host *host, struct frame *frame, struct err *err)
{
    struct message_HOOK_CHECKED checked;
    SCOPED(json_document)
    document = NULL;
    if (!wire_decode(&document, &checked, frame, err))
        return false;
    struct pending *pending = take_pending(host->hooks, checked.check);
    if (!pending)
        return true;
    if (checked.good)
        accept_hook(pending);
    else
        refuse(host, pending->id, pending->name, REASON_SIGNATURE, 401);
    pending_free(pending);
    return true;
}

// ---- 3: asking the gateway

struct sending {
    struct pending *pending;
    struct channel *gateway;
};

static bool send_box(void *owner, int64_t version, struct text box, struct err *err)
{
    const struct sending *sending = owner;
    const struct pending *pending = sending->pending;
    return channel_send(sending->gateway,
                        MESSAGE_OF(HOOK_SECRET, .check = pending->check, .box = box, .version = version,
                                   .name = text_from(pending->rules.secret))) &&
                   channel_send(sending->gateway, MESSAGE_OF(HOOK_CHECK, .check = pending->check,
                                                             .hook = text_from(pending->name),
                                                             .timestamp = text_from(pending->timestamp),
                                                             .signature = text_from(pending->signature),
                                                             .body = buf_text(&pending->body)))
               ? true
               : fail(err, ERR_ROLE_DIED, "gateway");
}

struct asking {
    struct host *host;
    int64_t check;
};

static void on_gateway(void *owner, const struct err *failed)
{
    struct asking *asking = owner;
    struct host *host = asking->host;
    struct pending *pending = host->hooks->pending;
    struct err err;
    while (pending && pending->check != asking->check)
        pending = pending->next;
    xfree(asking);
    if (!pending)
        return;
    struct sending sending = {pending, roles_gateway(host)};
    if (failed || !sending.gateway || !turn_begin(host, &err))
        drop(pending, 503);
    else if (!store_secret_use(host->store, pending->rules.secret, send_box, &sending, &err)) {
        turn_spoil(host, &err);
        log_error("hook.secret", "hook=%s error=%s", pending->name, err_name(err.code));
        drop(pending, 401); // without its secret nothing can be signed rightly
    }
}

// ---- 1 and 2

static bool is_hex(struct text text)
{
    for (size_t i = 0; i < text.length; i++)
        if (!((text.data[i] >= '0' && text.data[i] <= '9') || (text.data[i] >= 'a' && text.data[i] <= 'f')))
            return false;
    return text.length == SIGNATURE_HEX;
}

// The form of the signature, and its time; what is compared is small letters, so that there is one way to write each.
static bool read_signature(struct pending *pending, const struct message_HOOK *hook)
{
    const char *prefix = pending->rules.github ? "sha256=" : "v1=";
    const struct text header = pending->rules.github ? hook->github : hook->signature;
    if (!text_starts(header, prefix))
        return false;
    const size_t skip = strlen(prefix);
    const struct text hex = text_of(header.data + skip, header.length - skip);
    if (!is_hex(hex))
        return false;
    memcpy(pending->signature, hex.data, hex.length);
    if (pending->rules.github)
        return true;
    int64_t seconds;
    if (hook->timestamp.length >= sizeof pending->timestamp || !text_to_int64(hook->timestamp, &seconds) ||
        seconds < 0 || seconds > INT64_MAX / 1000)
        return false;
    memcpy(pending->timestamp, hook->timestamp.data, hook->timestamp.length);
    const int64_t age_ms = store_now_ms(pending->host->store) - 1000 * seconds;
    return age_ms <= pending->rules.window_ms && age_ms >= -pending->rules.window_ms;
}

static struct pending *pending_new(struct host *host, const struct message_HOOK *hook, const char *name,
                                   const struct hook_rules *rules)
{
    struct pending *pending = xcalloc(1, sizeof *pending);
    *pending = (struct pending){.host = host,
                                .id = hook->id,
                                .check = ++host->hooks->checks,
                                .rules = *rules,
                                .body = buf_new(FRAME_MAX)};
    snprintf(pending->name, sizeof pending->name, "%s", name);
    require(buf_append_text(&pending->body, hook->body));
    return pending;
}

// POST /hooks/remote, where the settings say who signs it.
static bool is_of_remote(const struct host *host, const char *name)
{
    return host->settings->remote && host->settings->remote_webhook && strcmp(name, "remote") == 0;
}

static bool find_rules(struct host *host, bool *found, struct hook_rules *out, const char *name,
                       struct err *err)
{
    if (!is_of_remote(host, name))
        return trigger_webhook_find(host, found, out, name, err);
    *found = true;
    *out = (struct hook_rules){.github = true};
    snprintf(out->secret, sizeof out->secret, "%s", host->settings->remote_webhook);
    return true;
}

static void begin(struct host *host, const struct message_HOOK *hook, const char *name,
                  const struct hook_rules *rules)
{
    struct hooks *hooks = host->hooks;
    struct pending *pending = pending_new(host, hook, name, rules);
    pending->of_remote = is_of_remote(host, name);
    if (!read_signature(pending, hook)) {
        pending_free(pending);
        refuse(host, hook->id, name, REASON_SIGNATURE, 401);
        return;
    }
    pending->next = hooks->pending;
    hooks->pending = pending;
    hooks->count++;
    struct asking *asking = xcalloc(1, sizeof *asking);
    *asking = (struct asking){host, pending->check};
    roles_need(host, ROLES_GATEWAY, on_gateway, asking);
}

bool hooks_on_request(struct host *host, struct frame *frame, struct err *err)
{
    struct message_HOOK hook;
    struct hook_rules rules;
    struct err why;
    SCOPED(json_document)
    document = NULL;
    bool found = false;
    if (!wire_decode(&document, &hook, frame, err))
        return false;
    SCOPED_TEXT char *name = text_copy(hook.name);
    if (host->draining || !find_rules(host, &found, &rules, name, &why))
        answer(host, hook.id, 503, TEXT_OF("{}"));
    else if (!found)
        answer(host, hook.id, 404, TEXT_OF("{}"));
    else if (!keeps_pace(watch(host->hooks, name)) || host->hooks->count >= UNDER_WAY_MAX)
        refuse(host, hook.id, name, REASON_PACE, 429);
    else if (rules.paused)
        refuse(host, hook.id, name, REASON_PAUSED, 409);
    else
        begin(host, &hook, name, &rules);
    return true;
}
