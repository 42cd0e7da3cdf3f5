// See alerts.h.
#include "host/alerts.h"

#include "host/fault.h"
#include "host/turn.h"

enum { WORDS_MAX = 8192 };

static const struct {
    const char *name;
    enum phrase title, hint;
} kinds[] = {
    [ALERT_FAILED] = {"failed", PHRASE_ALERT_FAILED, PHRASE_ALERT_FAILED_DO},
    [ALERT_REFUSED] = {"refused", PHRASE_ALERT_REFUSED, PHRASE_ALERT_REFUSED_DO},
    [ALERT_MISSED] = {"missed", PHRASE_ALERT_MISSED, PHRASE_ALERT_MISSED_DO},
    [ALERT_LATE] = {"late", PHRASE_ALERT_LATE, PHRASE_ALERT_LATE_DO},
    [ALERT_IN_DOUBT] = {"in doubt", PHRASE_ALERT_IN_DOUBT, PHRASE_ALERT_IN_DOUBT_DO},
    [ALERT_FROZEN] = {"frozen", PHRASE_ALERT_FROZEN, PHRASE_ALERT_FROZEN_DO},
    [ALERT_SUSPENDED] = {"suspended", PHRASE_ALERT_SUSPENDED, PHRASE_ALERT_SUSPENDED_DO},
    [ALERT_SCHEDULE] = {"schedule", PHRASE_ALERT_SCHEDULE, PHRASE_ALERT_SCHEDULE_DO},
    [ALERT_TASK] = {"task", PHRASE_ALERT_TASK, PHRASE_ALERT_TASK_DO},
    [ALERT_OVERDUE] = {"overdue task", PHRASE_ALERT_OVERDUE, PHRASE_ALERT_OVERDUE_DO},
    [ALERT_SYNC] = {"sync", PHRASE_ALERT_SYNC, PHRASE_ALERT_SYNC_DO},
    [ALERT_UNAPPROVED] = {"unapproved", PHRASE_ALERT_UNAPPROVED, PHRASE_ALERT_UNAPPROVED_DO},
    [ALERT_EMERGENCY] = {"emergency", PHRASE_ALERT_EMERGENCY, PHRASE_ALERT_EMERGENCY_DO},
    [ALERT_REVIEW] = {"review", PHRASE_ALERT_REVIEW, PHRASE_ALERT_REVIEW_DO},
};

const char *alert_kind_name(enum alert_kind kind)
{
    return kinds[kind].name;
}

// `on` of the settings lists what is sent; without it all is.
static bool is_wanted(const struct json *settings, const char *kind)
{
    const struct json *on = json_get(settings, "on");
    struct text name;
    for (const struct json *one = json_first(on); one; one = json_next(one))
        if (json_text(one, &name) && text_is(name, kind))
            return true;
    return json_kind(on) != JSON_ARRAY;
}

static void on_raised(void *owner, const struct err *failed)
{
    if (!failed)
        alerts_look(owner);
}

bool alert_raise(struct host *host, const struct alert *alert, struct err *err)
{
    const struct json *settings = host->settings->alerts;
    const enum language language = host->settings->language;
    const char *name = kinds[alert->kind].name, *detail = alert->detail ? alert->detail : "";
    const bool wanted = is_wanted(settings, name);
    SCOPED_BUF(title, WORDS_MAX);
    SCOPED_BUF(hint, WORDS_MAX);
    // What does not fit is left out; that there is an alert is not.
    phrase_append(&title, language, kinds[alert->kind].title, alert->subject, N(alert->run), detail);
    phrase_append(&hint, language, kinds[alert->kind].hint, alert->subject, N(alert->run), detail);
    const struct alert_new row = {.kind = name,
                                  .run = alert->run,
                                  .subject = text_from(alert->subject),
                                  .title = buf_text(&title),
                                  .hint = buf_text(&hint),
                                  .mail = wanted && json_get(settings, "mail"),
                                  .webhook = wanted && json_get(settings, "webhook")};
    if (!store_alert_add(host->store, &row, err))
        return false;
    turn_after(host, on_raised, host);
    return true;
}

// ---- the end of a run

static char *words_of(const char *fault)
{
    return fault ? fault_member(fault, "message") : xstrdup("");
}

// What a schedule wanted, and nobody approved in time.
static bool is_unapproved(const char *fault)
{
    SCOPED_TEXT char *code = fault ? fault_member(fault, "code") : NULL;
    return code && (strcmp(code, err_name(ERR_APPROVAL_MISSING)) == 0 ||
                    strcmp(code, err_name(ERR_APPROVAL_REJECTED)) == 0);
}

bool alert_of_end(struct host *host, const struct run_row *run, enum run_state state, struct err *err)
{
    SCOPED_TEXT char *fault = NULL;
    if ((state != RUN_FAILED && state != RUN_REFUSED) || run->draft)
        return true;
    if (!store_run_fault(host->store, &fault, run->id, err))
        return false;
    SCOPED_TEXT char *words = words_of(fault);
    const struct alert alert = {.kind = state == RUN_FAILED                       ? ALERT_FAILED
                                        : run->planned_ms && is_unapproved(fault) ? ALERT_UNAPPROVED
                                                                                  : ALERT_REFUSED,
                                .run = run->id,
                                .subject = run->robot,
                                .detail = words};
    return alert_raise(host, &alert, err);
}
