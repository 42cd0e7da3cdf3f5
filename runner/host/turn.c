// See turn.h. The commit is done where libuv has handled all input of a turn (check); an idle handle keeps the loop from
// waiting while a transaction is open.
//
// The commit waits for the disk on the loop's thread: what comes meanwhile stays in the sockets and shares the next
// commit. Measured with synchronous=FULL, that batches better than a writer thread, whose hand-over costs more than
// the 0.3 ms that a sync takes.
#include "host/turn.h"

#include "host/hosts.h"
#include "lib/base/log.h"

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
    if (failed)
        log_error("store.commit", "error=%s reason=%s", err_name(err.code),
                  err.count > 1 ? err.arguments[1] : "");
    if (failed && err.code == ERR_HOST_FENCED)
        hosts_fenced(host);
    tell(turn, failed ? &err : NULL);
}

static void on_check(uv_check_t *check)
{
    struct turn *turn = check->data;
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
