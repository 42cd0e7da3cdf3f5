// See queue.h.
#include "host/queue.h"

#include "host/approvals.h"
#include "host/emergencies.h"
#include "host/fault.h"
#include "host/hosts.h"
#include "host/life.h"
#include "host/lost.h"
#include "host/manners.h"
#include "host/over.h"
#include "host/overdue.h"
#include "host/overlaps.h"
#include "host/pins.h"
#include "host/questions.h"
#include "host/schedules.h"
#include "host/session.h"
#include "host/shared.h"
#include "host/today.h"
#include "host/trees.h"
#include "host/turn.h"
#include "host/watches.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/loop/alarm.h"

#include <errno.h>
#include <fcntl.h>

enum {
    DUE_AT_ONCE = 1000, // planned runs that one transaction queues
    INPUTS_JSON_MAX = 400000,
    GIVEN_MAX = 200,
    RETRY_STORE_MS = 1000,
    RETRY_LEAVING_MS = 100
};

// Whose watchers are told once its end is on disk.
struct watch_end {
    struct host *host;
    int64_t run;
};

struct queue {
    struct host *host;
    struct alarm *alarm;
    int64_t at_ms;      // what the alarm waits for; INT64_MAX: nothing
    int64_t overdue_ms; // when runs that wait for too long are looked for
    bool looking;
};

const char *queue_owner(const struct host *host)
{
    return host->serving ? "" : host->identity;
}

// ---- a run that was taken

static char *fault_of_problems(const struct problems *problems, enum language language)
{
    return fault_of(&problems->items[0], language);
}

static void on_unprepared_stored(void *owner, const struct err *failed)
{
    struct session *session = owner;
    struct host *host = session->host;
    const int64_t run = session->id;
    if (failed)
        lost_note(host);
    watches_keep(host, run, &session->watchers);
    session_free(session);
    if (!failed)
        watches_end(host, run);
    queue_look(host);
    host_rest(host);
}

// It could not be prepared, or was cancelled meanwhile: its end is recorded from the queue.
static void give_up(struct session *session, const struct problems *problems)
{
    struct host *host = session->host;
    struct err err;
    SCOPED_TEXT char *fault = session->cancelling ? NULL : fault_of_problems(problems, session->language);
    SCOPED_TEXT char *class = fault ? fault_member(fault, "class") : xstrdup("");
    const struct run_end end = {.fault = text_from(fault)};
    const enum run_state state = !fault                          ? RUN_CANCELLED
                                 : strcmp(class, "refused") == 0 ? RUN_REFUSED
                                                                 : RUN_FAILED;
    session->stage = SESSION_ENDING;
    bool good = turn_begin(host, &err);
    if (good && state == RUN_CANCELLED)
        good = run_cancel(host->store, session->id, RUN_QUEUED, &end, session->actor, &err);
    else if (good && state == RUN_REFUSED)
        good = run_refuse(host->store, session->id, RUN_QUEUED, &end, session->actor, &err);
    else if (good)
        good = run_fail(host->store, session->id, RUN_QUEUED, &end, session->actor, &err);
    if (!good || !over(host, session->id, state, &err))
        turn_spoil(host, &err);
    turn_after(host, on_unprepared_stored, session);
}

static void give_up_for(struct session *session, const struct err *why)
{
    struct problems problems = {0};
    *problems_add(&problems) = *why;
    give_up(session, &problems);
    problems_dispose(&problems);
}

// The folder of its earlier attempts or of its start request, with the files it was given; else a new one.
static bool open_folder(struct session *session, bool *fetch, struct err *err)
{
    SCOPED_TEXT char *path = xasprintf(".renki/runs/%s", session->folder);
    if (session->folder[0])
        session->folder_fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    if (session->folder_fd >= 0)
        return true;
    int64_t files = 0;
    if (!store_input_count(session->host->store, &files, session->id, err))
        return false;
    if (files == 0)
        return session_make_folder(session, err);
    session->fetching = *fetch = true;
    return settings_share_files(session->host->settings) ? session_make_folder(session, err)
                                                         : fail(err, ERR_RUN_FOLDER_GONE, N(session->id));
}

static size_t read_given(struct given given[GIVEN_MAX], const struct json *pairs)
{
    size_t count = 0;
    for (const struct json *pair = json_first(pairs); pair && count < GIVEN_MAX; pair = json_next(pair)) {
        const char *name = json_string_or(json_at(pair, 0), NULL);
        struct text value;
        if (name && json_text(json_at(pair, 1), &value))
            given[count++] = (struct given){name, value};
    }
    return count;
}

// A planned run has only what its schedule gives; "previous" and "today" mean the day it was due.
static bool check_inputs(struct session *session, struct problems *problems)
{
    struct host *host = session->host;
    struct err err;
    SCOPED(json_document)
    pairs = NULL;
    struct given given[GIVEN_MAX];
    SCOPED_BUF(inputs, INPUTS_JSON_MAX);
    if (!json_parse(&pairs, text_from(session->inputs), &err)) {
        *problems_add(problems) = err;
        return false;
    }
    const size_t count = read_given(given, json_root(pairs));
    if (!inputs_check(&inputs, session->pin->manifest, given, count, day_of(host, session->planned_ms),
                      problems))
        return false;
    xfree(session->inputs);
    session->inputs = buf_steal(&inputs);
    return true;
}

static bool store_preparation(struct session *session, struct err *err)
{
    const struct run_new row = {.tree = session->tree,
                                .folder = session->folder,
                                .inputs = text_from(session->inputs),
                                .manifest = text_from(session->pin->manifest_json)};
    return turn_begin(session->host, err) &&
           store_run_prepared(session->host->store, session->id, &row, err) &&
           overdue_may_start(session, err) && trees_keep(session->host, session->tree, err);
}

static void on_deferred_stored(void *owner, const struct err *failed)
{
    struct session *session = owner;
    struct host *host = session->host;
    if (failed)
        lost_note(host);
    watches_keep(host, session->id, &session->watchers);
    session_free(session);
    queue_look(host);
    host_rest(host);
}

static void tell_deferred(const struct session *session, const struct admission *admission)
{
    SCOPED_BUF(body, INPUTS_JSON_MAX);
    struct json_writer writer = json_writer_new(&body);
    json_begin_object(&writer);
    json_write_key(&writer, "for");
    json_write_string(&writer, admission->waiting_for);
    json_write_key(&writer, "again_ms");
    json_write_integer(&writer, admission->again_ms);
    json_end_object(&writer);
    if (json_writer_done(&writer))
        session_event(session, "deferred", buf_text(&body));
}

// What it needs outside is busy, closed or frozen: its row waits on, without a session.
static void defer(struct session *session, const struct admission *admission)
{
    struct host *host = session->host;
    struct err err;
    session->stage = SESSION_ENDING;
    log_info("run.deferred", "run=%lld for=\"%s\"", (long long)session->id, admission->waiting_for);
    if (!turn_begin(host, &err) ||
        !store_queue_defer(host->store, session->id, admission->again_ms, admission->waiting_for, &err))
        turn_spoil(host, &err);
    tell_deferred(session, admission);
    queue_at(host, admission->again_ms);
    turn_after(host, on_deferred_stored, session);
}

// An emergency run waits for the second administrator. False: it is not one any more, or nobody came.
static bool admit_emergency(struct session *session, struct admission *out, struct err *err)
{
    enum emergency_state state;
    *out = (struct admission){.waiting_for = "emergency"};
    if (!emergency_of(session->host, &state, &out->again_ms, session->id, session->pin->tree, err))
        return false;
    out->admitted = state == EMERGENCY_ALLOWED;
    if (state == EMERGENCY_TOO_LATE)
        return fail(err, ERR_EMERGENCY_LATE, N(session->id), session->robot);
    if (state == EMERGENCY_NOT)
        out->admitted =
            approvals_check(session->host, session->robot, session->pin->tree, session->pin->manifest, err);
    return state != EMERGENCY_NOT || out->admitted;
}

static void start_if_admitted(struct session *session)
{
    struct host *host = session->host;
    struct admission admission = {.admitted = true};
    struct err err;
    if (session->held && !admit_emergency(session, &admission, &err)) {
        turn_spoil(host, &err);
        give_up_for(session, &err);
        return;
    }
    if (!admission.admitted) {
        defer(session, &admission);
        return;
    }
    if (!turn_begin(host, &err) || !manners_admit(host, &admission, session->id, session->robot,
                                                  session->pin->manifest, session->served, &err)) {
        turn_spoil(host, &err);
        give_up_for(session, &err);
    } else if (admission.admitted)
        session_begin(session);
    else
        defer(session, &admission);
}

// Its folder is there.
static void go_on(struct session *session)
{
    struct err err;
    if (session->lost)
        session_leave_lost(session);
    else if (session->cancelling)
        give_up(session, NULL);
    else if (session->unprepared && !store_preparation(session, &err)) {
        turn_spoil(session->host, &err);
        give_up_for(session, &err);
    } else
        start_if_admitted(session);
}

static void on_fetched(void *owner, const struct err *failed)
{
    struct session *session = owner;
    struct err err;
    if (!failed && session_folder_fetched(session, &err)) {
        go_on(session);
        return;
    }
    if (failed)
        err = *failed;
    session_remove_folder(session);
    turn_spoil(session->host, &err);
    if (session->lost)
        session_leave_lost(session);
    else
        give_up_for(session, &err);
}

// The tree that is judged is the tree that runs: of the branch as it is now, or the one that the run began with.
static bool is_approved(const struct session *session, struct err *err)
{
    return session->draft && session->host->settings->production
               ? fail(err, ERR_APPROVAL_DRAFT, session->robot)
               : approvals_check(session->host, session->robot, session->pin->tree, session->pin->manifest,
                                 err);
}

static bool is_emergency(struct session *session)
{
    enum emergency_state state = EMERGENCY_NOT;
    int64_t until_ms;
    struct err err;
    if (!emergency_of(session->host, &state, &until_ms, session->id, session->pin->tree, &err))
        turn_spoil(session->host, &err);
    session->held = state != EMERGENCY_NOT;
    return session->held;
}

static bool may_run(struct session *session, struct err *err)
{
    struct err other;
    if (is_approved(session, err) || is_emergency(session))
        return true;
    if (!approvals_tell_refused(session->host, session->robot, session->pin->tree, session->actor,
                                session->id, err, &other))
        turn_spoil(session->host, &other);
    return false;
}

static void on_pin(void *owner, struct pin *pin, const struct problems *wrong)
{
    struct session *session = owner;
    struct problems problems = {0};
    struct err err;
    bool fetch = false;
    if (session->lost) {
        session_leave_lost(session);
        return;
    }
    if (wrong || session->cancelling) {
        give_up(session, wrong);
        return;
    }
    session->pin = pin_keep(pin);
    if (!may_run(session, &err)) {
        give_up_for(session, &err);
        return;
    }
    if (session->unprepared && session->planned_ms && !life_check_scheduled(session, &err)) {
        turn_spoil(session->host, &err);
        give_up_for(session, &err);
    } else if (session->unprepared && !check_inputs(session, &problems))
        give_up(session, &problems);
    else if (!open_folder(session, &fetch, &err)) {
        turn_spoil(session->host, &err);
        give_up_for(session, &err);
    } else if (fetch)
        shared_fetch(session, on_fetched, session);
    else
        go_on(session);
    problems_dispose(&problems);
}

static struct session *session_of(struct host *host, const struct run_row *row)
{
    struct session *session = session_new(host);
    session->stage = SESSION_TAKEN;
    session->id = row->id;
    session->attempt = row->attempt + 1;
    session->failures = row->failures;
    session->deaths = row->deaths;
    session->parent = row->parent;
    session->planned_ms = row->planned_ms;
    session->robot = xstrdup(row->robot);
    session->inputs = xstrdup(row->inputs);
    session->actor = xstrdup(row->actor);
    session->language = language_from_name(row->language);
    session->draft = row->draft;
    session->dry_run = row->dry_run;
    session->record = row->record;
    session->served = row->served;
    session->unprepared = row->tree[0] == '\0';
    if (strlen(row->folder) == sizeof session->folder - 1)
        memcpy(session->folder, row->folder, sizeof session->folder);
    session->watchers = watches_take(host, row->id);
    return session;
}

static char *tree_of(struct host *host, const struct run_row *row, struct err *err)
{
    char tree[REPO_ID_SIZE];
    if (row->tree[0])
        return xstrdup(row->tree);
    struct repo *repo = host_repo(host, err);
    return repo && repo_pin(repo, tree, row->robot, pins_kind(host, false), err) ? xstrdup(tree) : NULL;
}

// The turn in which it was started here before was not kept, and what there was of it is on its way out: roles know runs
// by their number, so one run never has two sessions.
static bool take_later(struct host *host, int64_t run, struct err *err)
{
    const int64_t again_ms = store_now_ms(host->store) + RETRY_LEAVING_MS;
    queue_at(host, again_ms);
    return store_queue_defer(host->store, run, again_ms, "", err);
}

static bool begin(struct host *host, int64_t run, struct err *err)
{
    struct run_row row;
    if (session_find(host, run))
        return take_later(host, run, err);
    if (!store_run_load(host->store, &row, run, err))
        return false;
    struct session *session = session_of(host, &row);
    struct err why;
    session->tree = tree_of(host, &row, &why);
    run_row_dispose(&row);
    if (!session->tree) {
        session->tree = xstrdup("");
        give_up_for(session, &why);
        return true;
    }
    SCOPED_TEXT char *tree = xstrdup(session->tree);
    pins_load(host, tree, on_pin, session);
    return true;
}

// ---- taking

// False when there is nothing more to take.
static bool take_one(struct host *host, struct err *err)
{
    int64_t waiting = 0, run = 0;
    const bool serving = host->serving;
    if (!store_queue_length(host->store, &waiting, host->identity, serving, err) || waiting == 0)
        return false;
    if (!turn_begin(host, err))
        return false;
    if (!store_queue_take(host->store, &run, store_now_ms(host->store), host->identity, serving, err) ||
        (run && !begin(host, run, err))) {
        turn_spoil(host, err);
        return false;
    }
    return run != 0;
}

static bool may_take(struct host *host)
{
    return host->open && !host->draining && !host->queue->looking && hosts_may_start(host);
}

bool queue_is_free(struct host *host)
{
    int64_t waiting = 0;
    struct err ignored; // then it is not: whoever writes the row meets the same error
    return may_take(host) && session_free_places(host) > 0 &&
           store_queue_length(host->store, &waiting, host->identity, host->serving, &ignored) && waiting == 0;
}

void queue_begin(struct session *session)
{
    session->stage = SESSION_TAKEN;
    session->served = session->host->serving;
    start_if_admitted(session);
}

void queue_look(struct host *host)
{
    struct queue *queue = host->queue;
    struct err err = {.code = ERR_NONE};
    if (!may_take(host))
        return;
    queue->looking = true;
    for (size_t places = session_free_places(host); places && take_one(host, &err); places--)
        ;
    queue->looking = false;
    if (err.code != ERR_NONE) {
        log_error("queue.look", "error=%s", err_name(err.code));
        queue_at(host, store_now_ms(host->store) + RETRY_STORE_MS);
    }
}

// ---- what is due

static bool is_overdue(struct host *host, int64_t now_ms, struct err *err)
{
    if (now_ms < host->queue->overdue_ms)
        return true;
    host->queue->overdue_ms = now_ms + overdue_every_ms(host);
    return overdue_settle(host, err);
}

static bool is_due(struct host *host, struct err *err)
{
    const int64_t now_ms = store_now_ms(host->store);
    int64_t woken = 0;
    struct overlaps overlaps = {.count = 0};
    if (!turn_begin(host, err))
        return false;
    const bool good = (!host->serving || questions_due(host, now_ms, err)) &&
                      (!host->serving || (run_due(host->store, now_ms, now_ms - schedules_grace_ms(host),
                                                  DUE_AT_ONCE, overlaps_note, &overlaps, err) &&
                                          overlaps_settle(host, &overlaps, err))) &&
                      store_runs_wake(host->store, &woken, now_ms, host->identity, host->serving, err) &&
                      is_overdue(host, now_ms, err) && lost_give_back_own(host, err);
    if (!good)
        turn_spoil(host, err);
    return good;
}

static void wait_for_next(struct host *host)
{
    int64_t next_ms = INT64_MAX;
    struct err err;
    if (!store_queue_next_ms(host->store, &next_ms, store_now_ms(host->store) - schedules_grace_ms(host),
                             host->identity, host->serving, &err))
        next_ms = store_now_ms(host->store) + RETRY_STORE_MS;
    if (host->queue->overdue_ms == 0)
        host->queue->overdue_ms = store_now_ms(host->store) + overdue_every_ms(host);
    queue_at(host, next_ms);
    queue_at(host, host->queue->overdue_ms);
    if (host->has_lost)
        queue_at(host, store_now_ms(host->store) + RETRY_STORE_MS);
}

// It rings too when the clock is set: then it may be too early, or much too late.
static void on_time(void *owner)
{
    struct queue *queue = owner;
    struct host *host = queue->host;
    struct err err;
    const bool due = store_now_ms(host->store) >= queue->at_ms;
    queue->at_ms = INT64_MAX;
    if (due && !is_due(host, &err))
        log_error("queue.due", "error=%s", err_name(err.code));
    if (due) {
        turn_flush(host); // what is due is queued on disk before anything else is done with it
        queue_look(host);
    }
    schedules_look(host);
    wait_for_next(host);
}

void queue_at(struct host *host, int64_t due_ms)
{
    struct queue *queue = host->queue;
    if (due_ms <= 0 || due_ms == INT64_MAX || due_ms >= queue->at_ms)
        return;
    queue->at_ms = due_ms;
    alarm_set(queue->alarm, clock_realtime_ms() + due_ms - store_now_ms(host->store));
}

void queue_ask(struct host *host)
{
    queue_look(host);
    wait_for_next(host);
}

// ---- waking and cancelling

bool queue_wake(struct host *host, int64_t run, const char *actor, struct err *err)
{
    struct run_row row;
    enum run_state state;
    if (!store_run_load(host->store, &row, run, err))
        return false;
    const bool waits =
        run_state_from_name(&state, row.state) && (state == RUN_WAITING || state == RUN_IN_DOUBT);
    run_row_dispose(&row);
    if (!waits)
        return true; // cancelled meanwhile, or woken already
    if (!run_requeue(host->store, run, state, actor, err))
        return false;
    queue_at(host, 1); // looked at when this turn is over
    return true;
}

static void on_ended(void *owner, const struct err *failed)
{
    struct watch_end *ending = owner;
    struct host *host = ending->host;
    if (!failed)
        watches_end(host, ending->run);
    xfree(ending);
    queue_look(host);
    host_rest(host);
}

void queue_tell_end(struct host *host, int64_t run)
{
    struct watch_end *ending = xcalloc(1, sizeof *ending);
    *ending = (struct watch_end){host, run};
    turn_after(host, on_ended, ending);
}

bool queue_cancel(struct host *host, int64_t run, const char *actor, struct err *err)
{
    struct run_row row;
    enum run_state state;
    const struct run_end end = {{NULL, 0}, {NULL, 0}, {NULL, 0}};
    if (!store_run_load(host->store, &row, run, err))
        return false;
    struct err over_already;
    (void)fail(&over_already, ERR_RUN_OVER, N(run), row.state);
    const bool live =
        run_state_from_name(&state, row.state) && state != RUN_RUNNING && run_may_move(state, RUN_CANCELLED);
    run_row_dispose(&row);
    if (!live) {
        *err = over_already;
        return false;
    }
    if (!turn_begin(host, err))
        return false;
    if (!run_cancel(host->store, run, state, &end, actor, err) || !over(host, run, RUN_CANCELLED, err)) {
        turn_spoil(host, err);
        return false;
    }
    queue_tell_end(host, run);
    return true;
}

// ---- its life

bool queue_new(struct host *host, struct err *err)
{
    struct queue *queue = xcalloc(1, sizeof *queue);
    queue->host = host;
    queue->at_ms = INT64_MAX;
    host->queue = queue;
    return alarm_new(&queue->alarm, host->loop, on_time, queue, err);
}

void queue_close(struct host *host)
{
    alarm_free(host->queue->alarm);
    xfree(host->queue);
    host->queue = NULL;
}
