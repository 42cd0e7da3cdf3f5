// See logs.h.
#include "host/logs.h"

#include "host/hosts.h"
#include "host/kept.h"
#include "host/run_log.h"
#include "host/store/logs.h"
#include "host/turn.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"

#include <fcntl.h>
#include <unistd.h>

enum {
    FLUSH_MS = 500,
    SWEEP_MS = 30000,
    LEFT_BEHIND_MS = 60000, // whoever ended the run had so long to keep its log
    RUNS_MAX = 64,          // that are to be kept; the sweep finds others
    PARTS_AT_ONCE = 4,
    FILE_BYTES_MAX = 64 << 20 // what is more goes to another file
};

struct keeping {
    struct log_file file; // `after` and `last` of what is in `fd`
    int64_t run;
    int fd;
};

struct logs {
    struct host *host;
    uv_timer_t timer; // between the slices of gathering
    int64_t runs[RUNS_MAX];
    size_t count;
    struct keeping *keeping; // NULL: none
    int64_t swept_ms;
};

bool logs_are_shared(const struct host *host)
{
    return hosts_are_shared(host) && settings_share_files(host->settings);
}

// ---- lines of live runs

bool logs_write_last(struct session *session, struct err *err)
{
    struct host *host = session->host;
    if (!session->log || !logs_are_shared(host))
        return true;
    for (struct text piece; (piece = run_log_take(session->log)).length;)
        if (!turn_begin(host, err) || !store_log_add(host->store, session->id, piece, err))
            return false;
    return true;
}

static void on_written(void *owner, const struct err *failed)
{
    struct session *session = owner;
    session->unanswered--;
    session->log_flushing = false;
    if (session->log)
        run_log_settle(session->log, !failed);
    session_settle(session);
}

bool logs_write(struct session *session, struct err *err)
{
    if (!session->log || !logs_are_shared(session->host) || !run_log_has_unsent(session->log))
        return true;
    if (!session->log_flushing) {
        session->log_flushing = true;
        session->unanswered++;
        turn_after(session->host, on_written, session);
    }
    return logs_write_last(session, err);
}

void logs_flush(struct session *session, int64_t now_ms)
{
    struct err err;
    if (session->lost || now_ms < session->log_flush_ms)
        return;
    session->log_flush_ms = now_ms + FLUSH_MS;
    if (!logs_write(session, &err))
        turn_spoil(session->host, &err);
}

// ---- keeping those of runs that are over

static void next(struct logs *logs);

static void finish(struct logs *logs, const struct err *failed)
{
    struct keeping *keeping = STEAL(logs->keeping);
    if (failed)
        log_error("log.keep", "run=%lld error=%s", (long long)keeping->run, err_name(failed->code));
    close(keeping->fd);
    xfree(keeping->file.path);
    xfree(keeping);
    logs->host->copying--;
    next(logs);
    host_rest(logs->host);
}

static void on_recorded(void *owner, const struct err *failed)
{
    finish(owner, failed);
}

static void on_kept(void *owner, const char *place, const struct copied *content, const struct err *failed)
{
    struct logs *logs = owner;
    struct host *host = logs->host;
    struct keeping *keeping = logs->keeping;
    struct err err;
    if (failed) {
        finish(logs, failed);
        return;
    }
    keeping->file.path = xstrdup(place);
    keeping->file.size_bytes = content->size_bytes;
    memcpy(keeping->file.sha256, content->sha256, sizeof keeping->file.sha256);
    if (!turn_begin(host, &err) || !store_log_keep(host->store, keeping->run, &keeping->file, &err))
        turn_spoil(host, &err);
    turn_after(host, on_recorded, logs);
}

static bool gather_part(void *owner, int64_t part, struct text lines, struct err *err)
{
    struct keeping *keeping = owner;
    if (write(keeping->fd, lines.data, lines.length) != (ssize_t)lines.length)
        return fail(err, ERR_FILE_UNWRITABLE, ".renki/logs", "write");
    keeping->file.last = part;
    keeping->file.size_bytes += (int64_t)lines.length;
    return true;
}

static void keep(struct logs *logs)
{
    const struct keeping *keeping = logs->keeping;
    SCOPED_TEXT char *name =
        xasprintf("%lld-%lld.jsonl", (long long)keeping->run, (long long)keeping->file.last);
    if (keeping->file.last == 0 || lseek(keeping->fd, 0, SEEK_SET) != 0)
        finish(logs, NULL); // another host was first
    else
        kept_put(logs->host, keeping->fd, "logs", name, keeping->file.size_bytes, on_kept, logs);
}

static void on_timer(uv_timer_t *timer)
{
    struct logs *logs = timer->data;
    struct keeping *keeping = logs->keeping;
    struct err err;
    const int64_t before = keeping->file.last ? keeping->file.last : keeping->file.after,
                  size = keeping->file.size_bytes;
    if (!store_log_parts(logs->host->store, keeping->run, before, PARTS_AT_ONCE, gather_part, keeping, &err))
        finish(logs, &err);
    else if (keeping->file.size_bytes == size || size > FILE_BYTES_MAX)
        keep(logs);
    else
        uv_timer_start(&logs->timer, on_timer, 1, 0);
}

// The last of its files: what comes after it is to be kept.
static bool find_last(struct logs *logs, int64_t *last, int64_t run, struct err *err)
{
    struct log_file file;
    for (*last = 0; store_log_file(logs->host->store, &file, run, *last, err);) {
        xfree(file.path);
        if (file.last == 0)
            return true;
        *last = file.last;
    }
    return false;
}

static void next(struct logs *logs)
{
    struct err err;
    int64_t after;
    if (logs->keeping || logs->count == 0)
        return;
    const int64_t run = logs->runs[--logs->count];
    const int fd = open(".renki/logs", O_RDWR | O_TMPFILE | O_CLOEXEC, 0600);
    if (fd < 0 || !find_last(logs, &after, run, &err)) {
        log_error("log.keep", "run=%lld error=\"not begun\"", (long long)run);
        if (fd >= 0)
            close(fd);
        return;
    }
    logs->keeping = xcalloc(1, sizeof *logs->keeping);
    *logs->keeping = (struct keeping){.run = run, .fd = fd, .file.after = after};
    logs->host->copying++;
    uv_timer_start(&logs->timer, on_timer, 1, 0);
}

void logs_over(struct host *host, int64_t run)
{
    struct logs *logs = host->logs;
    if (!logs_are_shared(host) || logs->count == RUNS_MAX)
        return;
    logs->runs[logs->count++] = run;
    next(logs);
}

void logs_sweep(struct host *host)
{
    struct logs *logs = host->logs;
    const int64_t now_ms = clock_monotonic_ms();
    int64_t run = 0;
    struct err err;
    if (!host->serving || !logs_are_shared(host) || now_ms - logs->swept_ms < SWEEP_MS || logs->keeping)
        return;
    logs->swept_ms = now_ms;
    if (!store_log_unkept(host->store, &run, store_now_ms(host->store) - LEFT_BEHIND_MS, &err))
        log_error("log.sweep", "error=%s", err_name(err.code));
    else if (run) {
        logs->swept_ms = 0; // there may be more
        logs_over(host, run);
    }
}

struct logs *logs_new(struct host *host)
{
    struct logs *logs = xcalloc(1, sizeof *logs);
    logs->host = host;
    require(uv_timer_init(host->loop, &logs->timer) == 0);
    logs->timer.data = logs;
    return logs;
}
