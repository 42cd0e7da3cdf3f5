// See session.h. What state a run ends in, what is told of it, whether it is tried again.
#include "host/ending.h"

#include "host/calls.h"
#include "host/emergencies.h"
#include "host/fault.h"
#include "host/freezes.h"
#include "host/hooks.h"
#include "host/keep.h"
#include "host/logs.h"
#include "host/lost.h"
#include "host/manners.h"
#include "host/over.h"
#include "host/questions.h"
#include "host/queue.h"
#include "host/retry.h"
#include "host/roles.h"
#include "host/run_log.h"
#include "host/seen.h"
#include "host/shared.h"
#include "host/suspension.h"
#include "host/totals.h"
#include "host/turn.h"
#include "host/watches.h"
#include "lib/base/log.h"

#include <errno.h>
#include <signal.h>
#include <sodium.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SUMMARY_MAX = 65536 };

// ---- the report

// Most runs leave little: what there is nothing of is not asked for.
static const struct {
    const char *key;
    enum store_view view;
    int64_t needs; // one of these; 0: always asked for
} report_views[] = {
    {"run", STORE_RUN, 0},
    {"inputs", STORE_INPUTS, RECORDED_INPUTS},
    {"counts", STORE_COUNTS, RECORDED_ENTRIES},
    {"undone", STORE_UNDONE, RECORDED_ENTRIES},
    {"exceptions", STORE_EXCEPTIONS, RECORDED_ENTRIES | RECORDED_EXCEPTIONS},
    {"artifacts", STORE_ARTIFACTS, RECORDED_ARTIFACTS},
    {"questions", STORE_QUESTIONS, RECORDED_QUESTIONS},
    {"held", STORE_HELD, RECORDED_CALLS},
    {"calls", STORE_CALL_COUNTS, RECORDED_CALLS},
};

static bool write_views(struct json_writer *writer, struct store *store, const struct run_row *run,
                        struct err *err)
{
    bool good = true;
    for (size_t i = 0; good && i < COUNT_OF(report_views); i++) {
        json_write_key(writer, report_views[i].key);
        if (!report_views[i].needs || (report_views[i].needs & run->recorded))
            good = store_view(store, writer, report_views[i].view, run->id, err);
        else {
            json_begin_array(writer);
            json_end_array(writer);
        }
    }
    return good;
}

bool session_report(struct host *host, struct buf *out, int64_t run, struct err *err)
{
    struct json_writer writer = json_writer_new(out);
    struct run_row row;
    if (!store_run_load(host->store, &row, run, err))
        return false;
    json_begin_object(&writer);
    json_write_key(&writer, "folder");
    json_write_string(&writer, host->folder);
    bool good = write_views(&writer, host->store, &row, err);
    json_write_key(&writer, "totals");
    good = good && totals_write(&writer, host->store, &row, err);
    json_write_key(&writer, "queues");
    good =
        good && totals_write_queues(&writer, host->store, &row, err) &&
        (!host->settings->production || emergency_write(&writer, host, run, err)); // elsewhere there are none
    json_end_object(&writer);
    run_row_dispose(&row);
    if (good && !json_writer_done(&writer))
        return fail(err, ERR_LIMIT_PASSED, "report", "900 KB");
    return good;
}

static bool write_unrecorded(struct buf *out, const struct session *session, enum run_state state)
{
    struct json_writer writer = json_writer_new(out);
    SCOPED(json_document)
    fault = NULL;
    struct err ignored;
    json_begin_object(&writer);
    json_write_key(&writer, "robot");
    json_write_string(&writer, session->robot);
    json_write_key(&writer, "state");
    json_write_string(&writer, run_state_name(state));
    json_write_key(&writer, "fault");
    if (session->fault && json_parse(&fault, text_from(session->fault), &ignored))
        json_write_value(&writer, json_root(fault));
    else
        json_write_null(&writer);
    json_end_object(&writer);
    return json_writer_done(&writer);
}

static void answer_all(struct session *session, struct text body)
{
    for (size_t i = 0; i < session->watchers.count; i++)
        answer_done(session->watchers.items[i], body);
    answer_list_dispose(&session->watchers);
}

static void fail_all(struct session *session, const struct err *err)
{
    for (size_t i = 0; i < session->watchers.count; i++)
        answer_fail(session->watchers.items[i], err);
    answer_list_dispose(&session->watchers);
}

static void report_to_watchers(struct session *session)
{
    SCOPED_BUF(body, BODY_MAX);
    struct err err;
    if (session_report(session->host, &body, session->id, &err))
        answer_all(session, buf_text(&body));
    else
        fail_all(session, &err);
}

// ---- the state

static enum run_state decide(struct session *session)
{
    if (session->ended && session->end_done && !session->fault)
        return RUN_DONE;
    if (session->cancelling)
        return RUN_CANCELLED;
    // What it waits for is on disk, so however its worker ended, it waits.
    if (session->parked && !session->fault)
        return strcmp(session->parked, "doubt") == 0 ? RUN_IN_DOUBT : RUN_WAITING;
    if (session->yielding && !session->fault)
        return RUN_QUEUED;
    if (!session->fault) {
        struct err err;
        (void)fail(&err, ERR_STOPPED_DIED);
        session->fault = session->died
                             ? fault_of_stop(session, session->died, session->died_value, TEXT_OF(""), 0)
                             : fault_of(&err, session->language);
    }
    SCOPED_TEXT char *class = fault_member(session->fault, "class");
    return strcmp(class, "refused") == 0 ? RUN_REFUSED : RUN_FAILED;
}

static bool is_tried_again(struct session *session, enum run_state state)
{
    if (state != RUN_FAILED)
        return false;
    const struct retry retry = retry_decide(&session->pin->manifest->retry, session->fault,
                                            session->failures + 1, randombytes_random());
    session->retry_wait_ms = retry.wait_ms;
    if (retry.again)
        log_info("run.retry", "run=%lld kind=%s wait_ms=%lld", (long long)session->id,
                 retry_kind_names[retry.kind], (long long)retry.wait_ms);
    return retry.again;
}

// One of renki's own processes died under it (killed, out of memory), or the store was away and what was being recorded
// could not be; not the robot's doing: a daemon's run goes on from its journal at once. One that comes no
// further in so many attempts may itself be what kills them.
enum { DEATHS_MAX = 25 };

static bool goes_on(const struct session *session, enum run_state state)
{
    static const char *const deaths[] = {"STOPPED_DIED",  "ROLE_DIED",  "WIRE_CLOSED", "SPAWN",
                                         "STORE_CHANGED", "STORE_AWAY", "STORE_LOCKED"};
    SCOPED_TEXT char *code = fault_member(session->fault, "code");
    for (size_t i = 0; i < COUNT_OF(deaths); i++)
        if (strcmp(code, deaths[i]) == 0)
            return state == RUN_FAILED && session->served && !session->crashed &&
                   session->deaths < DEATHS_MAX;
    return false;
}

// What it called may be over by now: then it goes on at once.
static bool look_at_calls(struct session *session, struct err *err)
{
    bool answered = false;
    if (strcmp(session->parked, "run") != 0)
        return true;
    if (!calls_answered(session, &answered, err))
        return false;
    if (answered)
        session->parked_until_ms = store_now_ms(session->host->store);
    return true;
}

static bool wait_for(struct session *session, const struct run_end *end, struct err *err)
{
    struct store *store = session->host->store;
    if (session->parked && !look_at_calls(session, err))
        return false;
    if (session->parked)
        return run_wait(store, session->id, session->parked, session->parked_until_ms, end, session->actor,
                        err);
    return store_run_failed_again(store, session->id, err) &&
           run_wait(store, session->id, "retry", store_now_ms(store) + session->retry_wait_ms, end,
                    session->actor, err);
}

static bool move(struct session *session, enum run_state state, const struct run_end *end, struct err *err)
{
    struct store *store = session->host->store;
    switch (state) {
    case RUN_DONE:
        return run_finish(store, session->id, end, session->actor, err);
    case RUN_FAILED:
        return run_fail(store, session->id, RUN_RUNNING, end, session->actor, err);
    case RUN_REFUSED:
        return run_refuse(store, session->id, RUN_RUNNING, end, session->actor, err);
    case RUN_CANCELLED:
        return run_cancel(store, session->id, RUN_RUNNING, end, session->actor, err);
    case RUN_WAITING:
        return wait_for(session, end, err);
    case RUN_IN_DOUBT:
        return run_doubt(store, session->id, end, session->actor, err);
    case RUN_QUEUED:
        return store_run_died(store, session->id, session->steps + session->items > 0, err) &&
               run_yield(store, session->id, "renki", err);
    case RUN_PLANNED:
    case RUN_RUNNING:
    case RUN_MISSED:
    case RUN_SKIPPED:
    case RUN_STATE_COUNT:
        break;
    }
    return true;
}

static bool is_over(enum run_state state)
{
    return state == RUN_DONE || state == RUN_FAILED || state == RUN_REFUSED || state == RUN_CANCELLED;
}

static bool waits_for_person(const struct session *session)
{
    return session->parked &&
           (strcmp(session->parked, "question") == 0 || strcmp(session->parked, "doubt") == 0);
}

// Somebody may have answered while its worker was on its way out.
static bool ask_again(struct session *session, struct err *err)
{
    bool woken = false;
    if (session->end_state != RUN_WAITING && session->end_state != RUN_IN_DOUBT)
        return true;
    if (waits_for_person(session) &&
        !questions_parked(&woken, session->host, session->id, session->actor, err))
        return false;
    session->end_state = woken ? RUN_QUEUED : session->end_state;
    return true;
}

static bool record_end_of(struct session *session, const struct run_row *row, enum run_state state,
                          struct err *err)
{
    SCOPED_BUF(summary, SUMMARY_MAX);
    struct json_writer writer = json_writer_new(&summary);
    if (!totals_write(&writer, session->host->store, row, err))
        return false;
    const struct run_end end = {
        .fault = text_from(session->fault),
        .cost = text_from(session->cost),
        .summary = buf_text(&summary),
    };
    run_log_end(session->log, session->language);
    return logs_write_last(session, err) && move(session, state, &end, err) && ask_again(session, err) &&
           (is_over(state) ? over_row(session->host, row, state, err)
                           : manners_release(session->host, session->id, err));
}

static bool record_end(struct session *session, enum run_state state, struct err *err)
{
    struct run_row row;
    if (!turn_begin(session->host, err) || !store_run_load(session->host->store, &row, session->id, err))
        return false;
    const bool good = record_end_of(session, &row, state, err);
    run_row_dispose(&row);
    return good;
}

// ---- after it is on disk

static void tell_waiting(const struct session *session)
{
    SCOPED_BUF(body, BODY_MAX);
    struct json_writer writer = json_writer_new(&body);
    SCOPED(json_document)
    fault = NULL;
    struct err ignored;
    json_begin_object(&writer);
    json_write_key(&writer, "for");
    json_write_string(&writer, session->parked ? session->parked : "retry");
    json_write_key(&writer, "attempt");
    json_write_integer(&writer, session->failures + 1);
    json_write_key(&writer, "attempts");
    json_write_integer(&writer, session->pin->manifest->retry.attempts);
    json_write_key(&writer, "wait_ms");
    json_write_integer(&writer, session->retry_wait_ms);
    json_write_key(&writer, "fault");
    if (session->fault && json_parse(&fault, text_from(session->fault), &ignored))
        json_write_value(&writer, json_root(fault));
    else
        json_write_null(&writer);
    json_end_object(&writer);
    if (json_writer_done(&writer))
        session_event(session, "waiting", buf_text(&body));
}

static void leave(struct session *session)
{
    struct host *host = session->host;
    session_free(session);
    session_start_next(host);
    host_rest(host);
}

// It is not over: whoever watches waits on; the run goes on in a session of its own (queue.h).
static void leave_waiting(struct session *session)
{
    struct host *host = session->host;
    if (session->end_state != RUN_QUEUED)
        tell_waiting(session);
    if (session->end_state != RUN_QUEUED && waits_for_person(session))
        report_to_watchers(session); // it may take days
    else
        watches_keep(host, session->id, &session->watchers);
    if (session->end_state == RUN_WAITING)
        queue_at(host, session->parked ? session->parked_until_ms
                                       : store_now_ms(session->host->store) + session->retry_wait_ms);
    leave(session);
}

static void on_end_stored(void *owner, const struct err *failed)
{
    struct session *session = owner;
    if (failed && session->served) { // whoever watches waits on
        lost_note(session->host);
        watches_keep(session->host, session->id, &session->watchers);
        leave(session);
        return;
    }
    if (failed) {
        // The row stays "running" under a host that will be gone: the next host finds it, nothing was lost.
        fail_all(session, failed);
        leave(session);
        return;
    }
    run_log_close(session->log, session->language);
    session->log = NULL;
    if (!is_over(session->end_state)) {
        leave_waiting(session);
        return;
    }
    if (session->end_state == RUN_DONE || session->end_state == RUN_REFUSED) {
        session_remove_folder(session);
        shared_forget(session);
    }
    logs_over(session->host, session->id);
    report_to_watchers(session);
    leave(session);
}

static void end_unrecorded(struct session *session, enum run_state state)
{
    SCOPED_BUF(body, BODY_MAX);
    session_remove_folder(session);
    if (write_unrecorded(&body, session, state))
        answer_all(session, buf_text(&body));
    leave(session);
}

void session_finish_watchers(struct session *session)
{
    end_unrecorded(session, RUN_CANCELLED);
}

// Its people hear of the run's end from the store (watches_ask); what it was given is in the shared folder.
void session_leave_lost(struct session *session)
{
    log_info("run.left", "run=%lld robot=%s", (long long)session->id, session->robot);
    watches_keep(session->host, session->id, &session->watchers);
    if (settings_share_files(session->host->settings))
        session_remove_folder(session);
    leave(session);
}

void session_end(struct session *session)
{
    struct err err;
    if (session->lost) {
        session_leave_lost(session);
        return;
    }
    enum run_state state = decide(session);
    log_info("run.ended", "run=%lld robot=%s state=%s attempt=%lld", (long long)session->id, session->robot,
             run_state_name(state), (long long)session->attempt);
    if (session->kind != SESSION_RUN) {
        end_unrecorded(session, state);
        return;
    }
    bool suspended = false;
    const bool counted = suspension_count(session, &suspended, &err);
    if (!suspended && goes_on(session, state))
        state = RUN_QUEUED;
    else if (!suspended && is_tried_again(session, state))
        state = RUN_WAITING;
    session->end_state = state;
    if (!counted || !record_end(session, state, &err)) {
        turn_spoil(session->host, &err);
        log_error("run.end", "run=%lld error=%s", (long long)session->id, err_name(err.code));
        on_end_stored(session, &err);
        return;
    }
    turn_after(session->host, on_end_stored, session);
}

// ---- when it may end

static void leave_gateway(struct session *session)
{
    if (session->gateway_open)
        roles_run_closed(session->host, session->gateway);
    session->gateway_open = false;
}

void session_settle(struct session *session)
{
    if (session->stage != SESSION_RUNNING || session->channel || session->forking || session->exit_poll ||
        session->release_pending || session->unanswered > 0)
        return;
    if (session->gateway_open) {
        struct channel *gateway = roles_gateway_of(session->host, session->gateway);
        if (gateway && !session->closing)
            channel_send(gateway, MESSAGE_OF(RUN_CLOSE, .run = session->id));
        session->closing = true;
        if (gateway)
            return; // RUN_CLOSED brings us here again
        leave_gateway(session);
    }
    if (session->finished)
        return;
    session->finished = true;
    session->stage = SESSION_ENDING;
    session_end(session);
}

// ---- what zygote and gateway say

static void on_poll_closed(uv_handle_t *handle)
{
    struct session *session = handle->data;
    xfree(session->exit_poll);
    session->exit_poll = NULL;
    session_settle(session);
}

// The worker is the host's child, though the zygote made it. Killed by the kernel for its computing (deep inside C no
// handler runs) or for a forbidden entry, it had no time to say so.
static void lay_to_rest(struct session *session)
{
    siginfo_t how = {0};
    struct rusage used = {0};
    if (syscall(SYS_waitid, P_PIDFD, session->pidfd, &how, WEXITED, &used) != 0) {
        log_error("run.wait", "run=%lld reason=%s", (long long)session->id, strerror(errno));
        return;
    }
    log_debug("run.worker", "run=%lld code=%d status=%d", (long long)session->id, how.si_code, how.si_status);
    if (how.si_code == CLD_EXITED)
        return;
    const int64_t cpu_ms = (used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1000 +
                           (used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1000;
    if (how.si_status != SIGKILL) {
        session->died = "crash";
        session->died_value = how.si_status;
        session_crashed(session);
    } else if (session->pin && session->pin->manifest && cpu_ms >= session->pin->manifest->limits.cpu_ms)
        session->died = "cpu";
}

void session_crashed(struct session *session)
{
    session->crashed = true;
    roles_worker_crashed(session->host, session->zygote);
}

static void on_worker_exit(uv_poll_t *poll, int status, int events)
{
    struct session *session = poll->data;
    (void)status, (void)events;
    if (session->gone)
        return;
    session->gone = true;
    lay_to_rest(session);
    roles_worker_gone(session->host, session->zygote);
    uv_close((uv_handle_t *)poll, on_poll_closed);
}

static bool on_forked(struct session *session, int *pidfd)
{
    session->forking = false;
    session->pidfd = *pidfd;
    *pidfd = -1;
    session->exit_poll = xcalloc(1, sizeof *session->exit_poll);
    require(uv_poll_init(session->host->loop, session->exit_poll, session->pidfd) == 0);
    session->exit_poll->data = session;
    uv_poll_start(session->exit_poll, UV_READABLE, on_worker_exit);
    session_signal_if_unwanted(session);
    return true;
}

static bool on_fork_failed(struct session *session, struct text reason)
{
    struct err err;
    SCOPED_TEXT char *words = text_copy(reason);
    session->forking = false;
    roles_worker_gone(session->host, session->zygote);
    (void)fail(&err, ERR_SPAWN, "worker", words);
    session_kill(session, &err);
    return true;
}

bool session_on_zygote(struct host *host, struct frame *frame, struct err *err)
{
    SCOPED(json_document)
    document = NULL;
    if (frame->type == MESSAGE_FORKED) {
        struct message_FORKED forked;
        if (!wire_decode(&document, &forked, frame, err))
            return false;
        struct session *session = session_find(host, forked.run);
        if (!session || !session->forking || frame->fd_count != 1)
            return fail(err, ERR_FRAME_MALFORMED, "FORKED", "run");
        return on_forked(session, &frame->fds[0]);
    }
    if (frame->type == MESSAGE_FORK_FAILED) {
        struct message_FORK_FAILED failed;
        if (!wire_decode(&document, &failed, frame, err))
            return false;
        struct session *session = session_find(host, failed.run);
        if (!session || !session->forking)
            return fail(err, ERR_FRAME_MALFORMED, "FORK_FAILED", "run");
        return on_fork_failed(session, failed.reason);
    }
    return fail(err, ERR_FRAME_OUT_OF_TURN, "zygote", message_name(frame->type));
}

static bool on_call_done(struct host *host, const struct message_CALL_DONE *message, struct err *err)
{
    struct session *session = session_find(host, message->run);
    if (!session || session->kind != SESSION_RUN || session->lost)
        return true; // it has ended by another way
    const struct call call = {
        .run = message->run,
        .attempt = session->attempt,
        .call = message->call,
        .port = message->port,
        .status = message->status,
        .sent_bytes = message->sent_bytes,
        .received_bytes = message->received_bytes,
        .started_ms = message->started_ms,
        .duration_ms = message->duration_ms,
        .kind = message->kind,
        .method = message->method,
        .host = message->host,
        .path = message->path,
        .outcome = message->outcome,
        .login = message->login,
        .problem = message->problem,
    };
    if (!turn_begin(host, err) || !store_call_add(host->store, &call, err)) {
        turn_spoil(host, err);
        session_kill(session, err);
    }
    return true;
}

static void on_run_closed(struct host *host, int64_t run)
{
    struct session *session = session_find(host, run);
    if (!session)
        return;
    leave_gateway(session);
    session_settle(session);
}

static void on_run_broken(struct host *host, const struct message_RUN_BROKEN *message)
{
    struct session *session = session_find(host, message->run);
    struct err err;
    SCOPED_TEXT char *reason = text_copy(message->reason);
    if (!session)
        return;
    (void)fail(&err, ERR_STOPPED_BROKEN, reason);
    session_kill(session, &err);
}

bool session_on_gateway(struct host *host, struct frame *frame, struct err *err)
{
    SCOPED(json_document)
    document = NULL;
    if (frame->type == MESSAGE_CALL_DONE) {
        struct message_CALL_DONE message;
        return wire_decode(&document, &message, frame, err) && on_call_done(host, &message, err);
    }
    if (frame->type == MESSAGE_RUN_CLOSED) {
        struct message_RUN_CLOSED message;
        if (!wire_decode(&document, &message, frame, err))
            return false;
        on_run_closed(host, message.run);
        return true;
    }
    if (frame->type == MESSAGE_RUN_BROKEN) {
        struct message_RUN_BROKEN message;
        if (!wire_decode(&document, &message, frame, err))
            return false;
        on_run_broken(host, &message);
        return true;
    }
    if (frame->type == MESSAGE_HOOK_CHECKED)
        return hooks_on_checked(host, frame, err);
    if (frame->type == MESSAGE_KEEP_DONE)
        return keep_on_done(host, frame, err);
    if (frame->type == MESSAGE_LOGIN_REFUSED)
        return freezes_on_refused(host, frame, err);
    if (frame->type == MESSAGE_LOGIN_ACCEPTED)
        return freezes_on_accepted(host, frame, err);
    if (frame->type == MESSAGE_RECORDING) {
        struct message_RECORDING message;
        if (!wire_decode(&document, &message, frame, err))
            return false;
        const struct session *session = session_find(host, message.run);
        if (session)
            session_event(session, "recording", message.part);
        return true;
    }
    return fail(err, ERR_FRAME_OUT_OF_TURN, "gateway", message_name(frame->type));
}

// A zygote that dies takes no worker with it: they are the host's children. Only forks it had not answered are lost.
void session_on_role_lost(struct host *host, enum role role, int64_t generation)
{
    struct err err;
    (void)fail(&err, ERR_ROLE_DIED, role_name(role));
    if (role == ROLE_GATEWAY) {
        hooks_forget(host);
        keep_on_lost(host, generation);
    }
    for (struct session *session = host->sessions, *next; session; session = next) {
        next = session->next;
        if (session->stage != SESSION_RUNNING)
            continue;
        if (role == ROLE_ZYGOTE && session->forking && session->zygote == generation) {
            session->forking = false;
            session_kill(session, &err);
        } else if (role == ROLE_GATEWAY && session->gateway_open && session->gateway == generation) {
            leave_gateway(session);
            if (!session->ended)
                session_kill(session, &err);
            else
                session_settle(session);
        }
    }
}
