// See session.h. Places, deadlines, cancelling, parking and the sweep of run folders.
#include "host/session.h"

#include "host/ending.h"
#include "host/fault.h"
#include "host/logs.h"
#include "host/queue.h"
#include "host/roles.h"
#include "host/run_log.h"
#include "host/seen.h"
#include "host/sweep.h"
#include "host/turn.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/loop/channel.h"
#include "lib/permit/permit.h"

#include <malloc.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { TICK_MS = 50, SWEEP_MS = 250, ASK_AGAIN_MS = 500, KILL_AFTER_MS = 1000 };

// How long there is no session before the host is idle: runs that come one after another find their memory again.
enum { QUIET_TICKS = 1000 / TICK_MS };

// A terminal that stands still (Ctrl-S, a pager) misses lines from here on; the run goes on, and its log has them all.
enum { WATCHER_BEHIND_MAX = CHANNEL_QUEUE_MAX / 2 };

struct session *session_new(struct host *host)
{
    struct session *session = xcalloc(1, sizeof *session);
    session->host = host;
    session->folder_fd = session->pidfd = session->peer = -1;
    session->attempt = 1;
    session->next = host->sessions;
    host->sessions = session;
    return session;
}

struct session *session_find(struct host *host, int64_t id)
{
    for (struct session *session = host->sessions; session; session = session->next)
        if (session->id == id)
            return session;
    return NULL;
}

void session_free(struct session *session)
{
    struct host *host = session->host;
    for (struct session **at = &host->sessions; *at; at = &(*at)->next)
        if (*at == session) {
            *at = session->next;
            break;
        }
    struct err gone;
    (void)fail(&gone, ERR_ROLE_DIED, "host");
    for (size_t i = 0; i < session->watchers.count; i++)
        answer_fail(session->watchers.items[i], &gone);
    answer_list_dispose(&session->watchers);
    const int fds[] = {session->folder_fd, session->pidfd, session->peer};
    for (size_t i = 0; i < COUNT_OF(fds); i++)
        if (fds[i] >= 0)
            close(fds[i]);
    char *texts[] = {session->robot,    session->actor, session->tree, session->inputs,
                     session->problems, session->fault, session->cost};
    for (size_t i = 0; i < COUNT_OF(texts); i++)
        xfree(texts[i]);
    run_log_close(session->log, session->language);
    seen_free(session->seen);
    permits_free(session->permits);
    xfree(session->queue_of_room);
    xfree(session->journal_scope);
    pin_release(session->pin);
    xfree(session);
}

void session_event(const struct session *session, const char *name, struct text body)
{
    for (size_t i = 0; i < session->watchers.count; i++)
        if (answer_queued(session->watchers.items[i]) < WATCHER_BEHIND_MAX)
            answer_event(session->watchers.items[i], name, body);
}

// ---- the queue

static struct session *oldest_queued(const struct host *host)
{
    struct session *oldest = NULL; // new ones come to the front
    for (struct session *session = host->sessions; session; session = session->next)
        if (session->stage == SESSION_QUEUED)
            oldest = session;
    return oldest;
}

static size_t busy(const struct host *host)
{
    size_t count = 0;
    for (const struct session *session = host->sessions; session; session = session->next)
        count += session->stage == SESSION_TAKEN || session->stage == SESSION_STARTING ||
                 session->stage == SESSION_RUNNING;
    return count;
}

size_t session_free_places(const struct host *host)
{
    const size_t taken = busy(host);
    return taken < host->places ? host->places - taken : 0;
}

void session_start_next(struct host *host)
{
    for (size_t free_places = session_free_places(host); free_places; free_places--) {
        struct session *session = oldest_queued(host);
        if (!session)
            break;
        session->stage = SESSION_STARTING;
        session_launch(session);
    }
    queue_look(host);
}

// ---- the ticker: deadlines, sweeps, due attempts, cancelling asked for elsewhere

static void signal_worker(const struct session *session, int number)
{
    if (session->pidfd >= 0 && !session->gone)
        syscall(SYS_pidfd_send_signal, session->pidfd, number, NULL, 0);
}

// The first signal has Lua end at its next instruction, the second ends what sits deep in C.
static void ask_to_end(struct session *session, int number)
{
    const int64_t now = clock_monotonic_ms();
    session->asked_by = number;
    if (!session->kill_at_ms) {
        session->ask_again_ms = now + ASK_AGAIN_MS;
        session->kill_at_ms = now + KILL_AFTER_MS;
    }
    signal_worker(session, number);
}

void session_limit(struct session *session, const char *what)
{
    if (session->kill_at_ms || session->gone)
        return;
    log_info("run.limit", "run=%lld what=%s", (long long)session->id, what);
    session->limit = what;
    if (!session->fault)
        session->fault = fault_of_stop(session, what, 0, TEXT_OF(""), 0);
    ask_to_end(session, SIGUSR1);
}

void session_signal_if_unwanted(const struct session *session)
{
    if (session->failed_early || session->cancelling || session->yielding)
        signal_worker(session, SIGKILL);
}

void session_kill(struct session *session, const struct err *why)
{
    if (!session->fault && !session->ended)
        session->fault = fault_of(why, session->language);
    session->failed_early = true;
    if (session->pidfd >= 0)
        signal_worker(session, SIGKILL);
    else if (session->channel)
        channel_close(session->channel); // the worker sees it and ends
    session->kill_at_ms = clock_monotonic_ms();
    session_settle(session);
}

void session_cancel(struct session *session, const char *actor)
{
    log_info("run.cancel", "run=%lld by=%s", (long long)session->id, actor);
    if (session->stage == SESSION_QUEUED) {
        session->stage = SESSION_ENDING;
        session_finish_watchers(session);
        return;
    }
    session->cancelling = true;
    ask_to_end(session, SIGUSR2);
}

static void send_park(void *owner, const struct err *failed)
{
    struct session *session = owner;
    session->unanswered--;
    if (failed)
        session_kill(session, failed);
    else if (session->channel)
        channel_send(session->channel, MESSAGE_OF(PARK));
    session_settle(session);
}

void session_park(struct session *session, const char *what, int64_t until_ms)
{
    session->parked = what;
    session->parked_until_ms = until_ms;
    session->unanswered++;
    turn_after(session->host, send_park, session);
}

void session_yield(struct session *session)
{
    session->yielding = true;
    ask_to_end(session, SIGKILL);
}

void session_lose(struct session *session)
{
    struct err why;
    (void)fail(&why, ERR_RUN_LOST);
    session->lost = true;
    if (session->stage == SESSION_RUNNING)
        session_kill(session, &why);
}

static void watch(struct session *session, int64_t now)
{
    if (session->stage != SESSION_RUNNING || session->gone)
        return;
    if (session->ask_again_ms && now >= session->ask_again_ms) {
        session->ask_again_ms = 0;
        signal_worker(session, session->asked_by);
    }
    if (session->kill_at_ms && now >= session->kill_at_ms) {
        signal_worker(session, SIGKILL);
        session->kill_at_ms = now + KILL_AFTER_MS;
    } else if (!session->kill_at_ms && session->deadline_ms && now >= session->deadline_ms)
        session_limit(session, "time");
    logs_flush(session, now);
    if (now >= session->sweep_at_ms) {
        session->sweep_at_ms = now + SWEEP_MS;
        sweep(session);
    }
}

static bool cancel_asked(void *owner, int64_t id, const char *identity, struct err *err)
{
    struct session *session = session_find(owner, id);
    (void)identity, (void)err;
    if (session && !session->cancelling)
        session_cancel(session, "renki");
    return true;
}

static void on_tick(uv_timer_t *timer)
{
    struct host *host = timer->data;
    const int64_t now = clock_monotonic_ms();
    struct err err;
    static const int every = SWEEP_MS / TICK_MS;
    for (struct session *session = host->sessions, *next; session; session = next) {
        next = session->next;
        watch(session, now);
    }
    if (now / TICK_MS % every == 0 &&
        !store_runs_to_cancel(host->store, host->identity, cancel_asked, host, &err))
        log_error("store.read", "error=%s", err_name(err.code));
    host->quiet_ticks = host->sessions ? 0 : host->quiet_ticks + 1;
    if (host->quiet_ticks == QUIET_TICKS) {
        uv_timer_stop(timer);
        store_rest(host->store);
        malloc_trim(0); // what a burst of runs needed goes back
    }
}

static void wake_ticker(struct host *host)
{
    host->quiet_ticks = 0;
    if (!uv_is_active((uv_handle_t *)host->ticker))
        uv_timer_start(host->ticker, on_tick, TICK_MS, TICK_MS);
}

void session_queue(struct host *host, struct session *session)
{
    session->stage = SESSION_QUEUED;
    wake_ticker(host);
    session_start_next(host);
}

void session_begin(struct session *session)
{
    session->stage = SESSION_STARTING;
    wake_ticker(session->host);
    session_launch(session);
}

void session_stop_all(struct host *host)
{
    for (struct session *session = host->sessions; session; session = session->next) {
        session->cancelling = true;
        signal_worker(session, SIGKILL);
    }
}
