// See turn.h. The commit is done where libuv has handled all input of a turn (check); an idle handle keeps the loop from
// waiting while a transaction is open.
//
// The commit waits for the disk on the loop's thread: what comes meanwhile stays in the sockets and shares the next
// commit. Measured with synchronous=FULL, that batches better than a writer thread, whose hand-over costs more than
// the 0.3 ms that a sync takes. Many runs that write at once, each waiting for its answer, fall into groups that take
// turns; a short wait for the others brings them into one commit.
#include "host/turn.h"

#include "host/hosts.h"
#include "host/session.h"
#include "host/trees.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"

#include <poll.h>

// How long a commit waits for as many as shared the last ones; and how often it is tried whether twice as many would.
enum { COMPANIONS_US = 200, TRY_MORE = 16, THOUSAND = 1000 };

struct after {
    turn_done done;
    void *owner;
};

struct turn {
    uv_check_t check;
    uv_idle_t idle;
    struct host *host;
    struct after *afters;
    size_t count, capacity;
    size_t shared[2];      // how many shared the last two commits
    int64_t wait_until_us; // for companions; 0: not yet
    unsigned commits;
    bool spoiled, writing;
    struct err why;
    int open_handles;
};

static void on_idle(uv_idle_t *idle)
{
    (void)idle;
}

static void tell(struct turn *turn, const struct err *failed)
{
    // Callbacks may begin the next turn's work, so the list is taken first.
    struct after *afters = STEAL(turn->afters);
    const size_t count = turn->count;
    turn->count = turn->capacity = 0;
    for (size_t i = 0; i < count; i++)
        afters[i].done(afters[i].owner, failed);
    xfree(afters);
}

static void finish(struct turn *turn)
{
    struct host *host = turn->host;
    struct err err;
    bool failed = turn->spoiled;
    if (failed) {
        err = turn->why;
        store_rollback(host->store);
    } else if (host->store && !store_commit(host->store, &err))
        failed = true;
    turn->spoiled = turn->writing = false;
    turn->shared[turn->commits++ % COUNT_OF(turn->shared)] = turn->count;
    turn->wait_until_us = 0;
    if (failed) {
        log_error("store.commit", "error=%s reason=%s", err_name(err.code),
                  err.count > 1 ? err.arguments[1] : "");
        trees_forget(host);
    }
    if (failed && err.code == ERR_HOST_FENCED)
        hosts_fenced(host);
    tell(turn, failed ? &err : NULL);
}

static size_t companions(const struct turn *turn)
{
    const size_t most = turn->shared[0] > turn->shared[1] ? turn->shared[0] : turn->shared[1];
    size_t expected = turn->commits % TRY_MORE == 0 ? 2 * most : most, sessions = 0;
    for (const struct session *session = turn->host->sessions; session && sessions < expected;
         session = session->next)
        sessions++;
    return sessions;
}

// True when input came that may share this commit. One who writes alone never waits.
static bool wait_for_companions(struct turn *turn)
{
    struct pollfd input = {.fd = uv_backend_fd(turn->host->loop), .events = POLLIN};
    if (turn->spoiled || turn->count == 0 || turn->count >= companions(turn))
        return false;
    const int64_t now_us = clock_monotonic_us();
    if (!turn->wait_until_us)
        turn->wait_until_us = now_us + COMPANIONS_US;
    const struct timespec left = {.tv_nsec = (turn->wait_until_us - now_us) * THOUSAND};
    return left.tv_nsec > 0 && ppoll(&input, 1, &left, NULL) > 0;
}

static void on_check(uv_check_t *check)
{
    struct turn *turn = check->data;
    if (wait_for_companions(turn))
        return; // the idle handle has the loop come here again
    while (turn->writing || turn->count)
        finish(turn);
    uv_idle_stop(&turn->idle);
}

struct turn *turn_new(struct host *host)
{
    struct turn *turn = xcalloc(1, sizeof *turn);
    turn->host = host;
    require(uv_check_init(host->loop, &turn->check) == 0 && uv_idle_init(host->loop, &turn->idle) == 0);
    turn->check.data = turn->idle.data = turn;
    uv_check_start(&turn->check, on_check);
    uv_unref((uv_handle_t *)&turn->check);
    turn->open_handles = 2;
    return turn;
}

static void on_closed(uv_handle_t *handle)
{
    struct turn *turn = handle->data;
    if (--turn->open_handles == 0)
        xfree(turn);
}

void turn_close(struct turn *turn)
{
    turn_flush(turn->host);
    uv_close((uv_handle_t *)&turn->check, on_closed);
    uv_close((uv_handle_t *)&turn->idle, on_closed);
}

static void stay_awake(struct turn *turn)
{
    uv_idle_start(&turn->idle, on_idle);
}

bool turn_begin(struct host *host, struct err *err)
{
    struct turn *turn = host->turn;
    if (turn->spoiled) {
        *err = turn->why;
        return false;
    }
    turn->writing = true;
    stay_awake(turn);
    if (store_begin(host->store, err))
        return true;
    turn_spoil(host, err);
    return false;
}

bool turn_is_spoilt_by(enum err_code code)
{
    return code >= ERR_STORE_LOCKED && code <= ERR_STORE_FAILED;
}

void turn_spoil(struct host *host, const struct err *why)
{
    struct turn *turn = host->turn;
    if (turn->spoiled || !turn_is_spoilt_by(why->code))
        return;
    turn->spoiled = turn->writing = true;
    turn->why = *why;
    stay_awake(turn);
}

void turn_after(struct host *host, turn_done done, void *owner)
{
    struct turn *turn = host->turn;
    if (turn->count == turn->capacity) {
        turn->capacity = turn->capacity ? 2 * turn->capacity : 16;
        turn->afters = xreallocarray(turn->afters, turn->capacity, sizeof *turn->afters);
    }
    turn->afters[turn->count++] = (struct after){done, owner};
    stay_awake(turn);
}

void turn_flush(struct host *host)
{
    while (host->turn->writing || host->turn->count)
        finish(host->turn);
}
