// The host: requests of command lines, runs and their record. Its own process, started as `renki host`.
//
// It never runs Lua, never parses what robots or people hand over, and knows no secret in clear: readers, workers and
// the gateway do. Its rule: nothing is told "done" before it is on disk.
#include "host/host.h"

#include "host/alerts.h"
#include "host/client.h"
#include "host/listen.h"
#include "host/pins.h"
#include "host/places.h"
#include "host/queue.h"
#include "host/reader.h"
#include "host/roles.h"
#include "host/service.h"
#include "host/session.h"
#include "host/turn.h"
#include "host/watches.h"
#include "lib/base/file.h"
#include "lib/base/log.h"
#include "lib/calendar/zone.h"
#include "lib/process/process.h"
#include "lib/sandbox/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SETTINGS_BYTES_MAX = 262144, STATUS_MAX = 4096, RUNS_PER_CORE = 4, PLACES_OWN = 5 };

// ---- who is this host, and is another still there?

// The start time of a process (field 22 of /proc/PID/stat, after the name, which may hold anything), or empty: also for
// one that has ended and only waits to be buried.
static struct text start_time(struct buf *room, int64_t pid)
{
    struct err ignored;
    SCOPED_TEXT char *path = xasprintf("/proc/%lld/stat", (long long)pid);
    if (!file_read(room, AT_FDCWD, path, &ignored))
        return TEXT_OF("");
    const char *name_end = strrchr(buf_string(room), ')');
    struct text rest = text_from(name_end ? name_end + 1 : ""), part = TEXT_OF("");
    rest = text_trim(rest);
    for (int field = 3; field <= 22; field++)
        if (!text_cut(&rest, ' ', &part) || (field == 3 && (text_is(part, "Z") || text_is(part, "X"))))
            return TEXT_OF("");
    return part;
}

static char *identity_of(int64_t pid)
{
    SCOPED_BUF(boot, STATUS_MAX);
    SCOPED_BUF(status, STATUS_MAX);
    struct err ignored;
    if (!file_read(&boot, AT_FDCWD, "/proc/sys/kernel/random/boot_id", &ignored))
        return xstrdup("");
    const struct text id = text_trim(buf_text(&boot)), start = start_time(&status, pid);
    return xasprintf("%.*s/%lld/%.*s", (int)id.length, id.data, (long long)pid, (int)start.length,
                     start.data);
}

static bool is_gone(const char *identity)
{
    struct text rest = text_from(identity), boot, pid_text;
    int64_t pid;
    if (!text_cut(&rest, '/', &boot) || !text_cut(&rest, '/', &pid_text) || !text_to_int64(pid_text, &pid))
        return true;
    SCOPED_TEXT char *now = identity_of(pid);
    return strcmp(now, identity) != 0;
}

// ---- runs whose host is gone

struct lost {
    int64_t *runs;
    size_t count;
};

static bool collect_lost(void *owner, int64_t id, const char *identity, struct err *err)
{
    struct lost *lost = owner;
    (void)err;
    if (!is_gone(identity))
        return true;
    lost->runs = xreallocarray(lost->runs, lost->count + 1, sizeof *lost->runs);
    lost->runs[lost->count++] = id;
    return true;
}

// A daemon's run goes on from its journal, at whichever host; another one's is its person's to resume.
static bool mark_lost(struct host *host, int64_t run, struct err *err)
{
    struct run_row row;
    enum run_state state;
    bool good = true;
    if (!store_run_load(host->store, &row, run, err))
        return false;
    log_info("run.lost", "run=%lld state=%s", (long long)run, row.state);
    if (run_state_from_name(&state, row.state)) {
        if (state == RUN_WAITING && strcmp(row.waiting_for, "retry") != 0)
            good = store_run_for(host->store, run, "", err); // whatever it waits for comes to any host
        else if (!row.served)
            good = run_lost(host->store, run, state, err);
        else if (state == RUN_RUNNING)
            good = run_yield(host->store, run, "renki", err);
        else
            good = store_run_queued(host->store, run, err) && store_run_for(host->store, run, "", err);
    }
    run_row_dispose(&row);
    return good;
}

static bool find_lost(struct host *host, struct err *err)
{
    struct lost lost = {NULL, 0};
    bool good = store_runs_live(host->store, collect_lost, &lost, err);
    if (good && lost.count) {
        good = turn_begin(host, err);
        for (size_t i = 0; good && i < lost.count; i++)
            good = mark_lost(host, lost.runs[i], err);
        if (!good)
            turn_spoil(host, err);
    }
    xfree(lost.runs);
    return good;
}

// ---- opening the workspace

struct opening {
    struct host *host;
    host_opened done;
    void *owner;
};

static void opened(struct opening *opening, const struct problems *problems)
{
    opening->host->open = problems == NULL;
    opening->done(opening->owner, problems);
    xfree(opening);
}

static void open_failed(struct opening *opening, const struct err *why)
{
    struct problems problems = {0};
    *problems_add(&problems) = *why;
    opened(opening, &problems);
    problems_dispose(&problems);
}

static bool open_store(struct host *host, struct err *err)
{
    static const char *const folders[] = {".renki", ".renki/runs", ".renki/artifacts", ".renki/logs"};
    const char *where;
    for (size_t i = 0; i < COUNT_OF(folders); i++)
        if (!file_make_folder(folders[i], err))
            return false;
    // Not even its owner, whom the workers are, can list it: without Landlock, a run would still not know of another.
    if (chmod(".renki/runs", 0300) != 0)
        return fail(err, ERR_FILE_UNWRITABLE, ".renki/runs", strerror(errno));
    return place_of_store(&where, host->settings, err) && store_open(&host->store, where, err) &&
           find_lost(host, err);
}

// What needs more than the workspace is looked up now.
static void look_around(struct host *host)
{
    const long cores = sysconf(_SC_NPROCESSORS_ONLN);
    host->places = (size_t)(cores > 0 ? cores : 1) * RUNS_PER_CORE;
    host->stdlib = place_of_stdlib();
    host->key_path = place_of_key(host->settings, host->credentials);
}

// From here on the host opens nothing but the workspace, its repository and the time zones; other roles are started by
// the launcher. Landlock binds the thread that calls it, so this comes before libuv or SQLite make any.
static bool confine(struct host *host, struct err *err)
{
    struct err none;
    const struct repo *repo = host_repo(host, &none); // without one, what needs it says so later
    const struct store_reach *reach = store_reach(host->store);
    struct sandbox_place places[PLACES_OWN + STORE_PORTS_MAX + STORE_FILES_MAX] = {
        {".renki", SANDBOX_STATE, false},                          // store, artifacts, logs, runs, the socket
        {".", SANDBOX_READ, false},                                // robots as they are being written
        {"robots", SANDBOX_FOLDER, true},                          // `renki new robot`
        {ZONES_FOLDER, SANDBOX_READ, true},                        // what day it is
        {repo ? repo_folder(repo) : ".git", SANDBOX_FOLDER, true}, // objects, references of pins and drafts
    };
    size_t count = PLACES_OWN;
    for (size_t i = 0; i < reach->port_count; i++)
        places[count++] = (struct sandbox_place){.port = reach->ports[i]};
    for (size_t i = 0; i < reach->file_count; i++) // certificates of its database server
        places[count++] = (struct sandbox_place){reach->files[i], SANDBOX_READ, true};
    return sandbox_confine(&(struct sandbox){reach->port_count ? SANDBOX_HOST_CONNECTED : SANDBOX_HOST,
                                             places, count, host->settings->reduced},
                           err);
}

static void with_settings(struct opening *opening, struct text json)
{
    struct host *host = opening->host;
    struct problems problems = {0};
    struct err err;
    if (!settings_read(&host->settings, json, &problems)) {
        for (size_t i = 0; i < problems.count; i++)
            err_note(&problems.items[i], "renki.lua");
        opened(opening, &problems);
        problems_dispose(&problems);
        return;
    }
    look_around(host);
    if (open_store(host, &err) && confine(host, &err))
        opened(opening, NULL);
    else
        open_failed(opening, &err);
}

static void on_settings(void *owner, struct text json, const struct err *failed)
{
    if (failed)
        open_failed(owner, failed);
    else
        with_settings(owner, json);
}

static bool enter(struct host *host, const char *folder, struct err *err)
{
    if (chdir(folder) != 0)
        return fail(err, ERR_FILE_UNREADABLE, folder, strerror(errno));
    char *real = realpath(".", NULL);
    if (!real || access("renki.lua", F_OK) != 0) {
        free(real);
        return fail(err, ERR_WORKSPACE_NONE, folder);
    }
    xfree(host->folder);
    host->folder = real;
    return true;
}

void host_open(struct host *host, const char *folder, host_opened done, void *owner)
{
    struct err err;
    SCOPED_BUF(source, SETTINGS_BYTES_MAX);
    if (host->open) {
        done(owner, NULL);
        return;
    }
    struct opening *opening = xcalloc(1, sizeof *opening);
    *opening = (struct opening){host, done, owner};
    if (!enter(host, folder, &err) || !file_read(&source, AT_FDCWD, "renki.lua", &err))
        open_failed(opening, &err);
    else
        reader_read(host, "renki.lua", buf_text(&source), on_settings, opening);
}

struct repo *host_repo(struct host *host, struct err *err)
{
    if (!host->repo && !repo_open(&host->repo, ".", err))
        return NULL;
    return host->repo;
}

// ---- the process

void host_rest(struct host *host)
{
    service_rest(host);
    if (!host->clients && !host->serving)
        uv_stop(host->loop);
}

static void on_signal(uv_signal_t *signal, int number)
{
    struct host *host = signal->data;
    log_info("host.signal", "number=%d", number);
    if (host->service)
        service_drain(host);
    else
        uv_stop(host->loop);
}

static void end(struct host *host)
{
    service_free(STEAL(host->service));
    session_stop_all(host);
    watches_free(host);
    turn_flush(host);
    alerts_close(host);
    roles_stop(host);
    session_remove_spares(host);
    if (host->store) {
        struct err ignored;
        if (!store_tidy(host->store, &ignored))
            log_error("store.tidy", "error=%s", err_name(ignored.code));
    }
    store_free(host->store);
    repo_free(host->repo);
}

int host_main(void)
{
    struct host host = {.listener_fd = -1};
    uv_loop_t loop;
    uv_signal_t terminate;
    uv_timer_t ticker;
    struct err err;
    if (!process_begin("host", LOG_LEVEL_ERROR) || !process_open_launcher(&err) || sodium_init() < 0 ||
        uv_loop_init(&loop) != 0)
        return EXIT_FAILURE;
    host.loop = &loop;
    host.identity = identity_of(getpid());
    host.turn = turn_new(&host);
    host.roles = roles_new(&host);
    host.alerts = alerts_new(&host);
    host.pins = pins_new();
    host.queue = queue_new(&host);
    host.ticker = &ticker;
    uv_timer_init(&loop, &ticker);
    uv_signal_init(&loop, &terminate);
    ticker.data = terminate.data = &host;
    uv_signal_start(&terminate, on_signal, SIGTERM);
    client_new(&host, PROCESS_SOCKET);
    uv_run(&loop, UV_RUN_DEFAULT);
    end(&host);
    return EXIT_SUCCESS;
}
