// See freezes.h.
#include "host/freezes.h"

#include "host/alerts.h"
#include "host/queue.h"
#include "host/roles.h"
#include "host/turn.h"
#include "lib/base/log.h"

#include <stdio.h>

enum { CONTENT_MAX = 4096, REASON_MAX = 400 };

struct telling {
    const char *login;
    const struct freeze *freeze;
};

static void tell_one(void *owner, struct channel *gateway)
{
    const struct telling *telling = owner;
    const struct freeze *freeze = telling->freeze;
    channel_send(gateway,
                 MESSAGE_OF(LOGIN_STATE, .login = text_from(telling->login), .refused = freeze->refused,
                            .frozen = freeze->since_ms != 0, .thaws = freeze->thaws));
}

// A gateway whose settings are former ones has runs that use the login, too.
static void tell(struct host *host, const char *login, const struct freeze *freeze)
{
    struct telling telling = {login, freeze};
    if (freeze->refused || freeze->since_ms || freeze->thaws)
        roles_each_gateway(host, tell_one, &telling);
}

static bool audit(struct host *host, const char *event, const char *actor, int64_t run, const char *login,
                  const char *reason, struct err *err)
{
    SCOPED_BUF(content, CONTENT_MAX);
    struct json_writer writer = json_writer_new(&content);
    json_begin_object(&writer);
    json_write_key(&writer, "login");
    json_write_string(&writer, login);
    json_write_key(&writer, "reason");
    json_write_lossy(&writer, text_from(reason));
    json_end_object(&writer);
    require(json_writer_done(&writer));
    return store_audit(host->store, actor, event, run, buf_text(&content), err);
}

static bool freeze_login(struct host *host, const char *login, int64_t run, const char *reason,
                         struct freeze *freeze, struct err *err)
{
    const struct alert alert = {.kind = ALERT_FROZEN, .run = run, .subject = login, .detail = reason};
    log_error("login.frozen", "run=%lld login=%s reason=%s", (long long)run, login, reason);
    return store_freeze_begin(host->store, login, err) &&
           audit(host, "secret.frozen", "renki", run, login, reason, err) && alert_raise(host, &alert, err) &&
           store_freeze_load(host->store, freeze, login, err);
}

bool freezes_on_refused(struct host *host, struct frame *frame, struct err *err)
{
    struct message_LOGIN_REFUSED refused;
    SCOPED(json_document)
    document = NULL;
    if (!wire_decode(&document, &refused, frame, err))
        return false;
    SCOPED_TEXT char *login = text_copy(refused.login), *place = text_copy(refused.host);
    struct freeze freeze;
    char reason[REASON_MAX];
    // A gateway may not have heard yet that another one's try was taken: what it uses no more, a person must be able to thaw.
    snprintf(reason, sizeof reason, "%s %s", place, N(refused.status));
    const bool good = turn_begin(host, err) &&
                      store_freeze_refused(host->store, &freeze, login, refused.run, reason, err) &&
                      (freeze.since_ms || (freeze.refused < refused.most && !refused.frozen) ||
                       freeze_login(host, login, refused.run, reason, &freeze, err));
    if (good)
        tell(host, login, &freeze);
    else
        turn_spoil(host, err);
    return true; // the database's trouble is not the gateway's
}

bool freezes_on_accepted(struct host *host, struct frame *frame, struct err *err)
{
    struct message_LOGIN_ACCEPTED accepted;
    SCOPED(json_document)
    document = NULL;
    if (!wire_decode(&document, &accepted, frame, err))
        return false;
    SCOPED_TEXT char *login = text_copy(accepted.login);
    if (!turn_begin(host, err) || !store_freeze_accepted(host->store, login, err))
        turn_spoil(host, err);
    return true;
}

bool freezes_tell(struct host *host, const char *login, struct err *err)
{
    struct freeze freeze;
    if (!store_freeze_load(host->store, &freeze, login, err))
        return false;
    tell(host, login, &freeze);
    return true;
}

static bool share_one(void *owner, const char *login, const struct freeze *freeze, struct err *err)
{
    (void)err;
    tell(owner, login, freeze);
    return true;
}

static void note(void *owner, struct channel *gateway)
{
    (void)gateway;
    *(bool *)owner = true;
}

void freezes_share(struct host *host)
{
    struct err err;
    bool any = false;
    roles_each_gateway(host, note, &any);
    if (any && !store_freezes_each(host->store, share_one, host, &err))
        log_error("login.share", "error=%s", err_name(err.code));
}

bool freezes_thaw(struct host *host, bool *thawed, const char *login, const char *actor, struct err *err)
{
    struct freeze before, after;
    if (!store_freeze_load(host->store, &before, login, err) ||
        !store_freeze_thaw(host->store, &after, login, err))
        return false;
    *thawed = before.since_ms != 0;
    tell(host, login, &after);
    queue_at(host, 1); // runs that waited for it are looked at when this turn is over
    return !*thawed || audit(host, "secret.thawed", actor, 0, login, "", err);
}
