// The host: requests of command lines, runs and their record. Its own process, started as `renki host`.
//
// It never runs Lua, never parses what robots or people hand over, and knows no secret in clear: readers, workers and
// the gateway do. Its rule: nothing is told "done" before it is on disk.
#include "host/hooks.h"
#include "host/host.h"
#include "host/web.h"

#include "host/alerts.h"
#include "host/approvals.h"
#include "host/client.h"
#include "host/hosts.h"
#include "host/identity.h"
#include "host/leftovers.h"
#include "host/listen.h"
#include "host/logs.h"
#include "host/pins.h"
#include "host/places.h"
#include "host/queue.h"
#include "host/reader.h"
#include "host/roles.h"
#include "host/schedules.h"
#include "host/service.h"
#include "host/session.h"
#include "host/sync.h"
#include "host/turn.h"
#include "host/watches.h"
#include "lib/base/file.h"
#include "lib/base/log.h"
#include "lib/calendar/zone.h"
#include "lib/process/place.h"
#include "lib/process/process.h"
#include "lib/sandbox/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SETTINGS_BYTES_MAX = 262144, PLACES_OWN = 8, SHARES_MAX = 64 };

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
           hosts_join(host, err);
}

// What needs more than the workspace is looked up now.
static void look_around(struct host *host)
{
    const struct passwd *account = getpwuid(geteuid());
    host->account = xstrdup(account ? account->pw_name : N(geteuid()));
    host->cores = sysconf(_SC_NPROCESSORS_ONLN);
    host->landlock_abi = sandbox_landlock_abi();
    host->places = places_for_runs(host->settings, host->cores);
    host->stdlib = place_of_stdlib();
    host->calendars_place = place_of(PLACE_CALENDARS);
    host->key_path = place_of_key(host->settings, host->credentials);
}

// From here on the host opens nothing but the workspace, its repository and the time zones; other roles are started by
// the launcher. Landlock binds the thread that calls it, so this comes before libuv or SQLite make any.
static bool confine(struct host *host, struct err *err)
{
    struct err none;
    const struct repo *repo = host_repo(host, &none); // without one, what needs it says so later
    const struct store_reach *reach = store_reach(host->store);
    const char *shared = host->settings->artifacts;
    struct sandbox_place places[PLACES_OWN + STORE_PORTS_MAX + STORE_FILES_MAX + SHARES_MAX] = {
        {".renki", SANDBOX_STATE, false},    // store, artifacts, logs, runs, the socket
        {".", SANDBOX_READ, false},          // robots as they are being written
        {"robots", SANDBOX_FOLDER, true},    // `renki new robot`, what comes from the remote
        {"schedules", SANDBOX_FOLDER, true}, // likewise
        {ZONES_FOLDER, SANDBOX_READ, true},  // what day it is
        {repo ? repo_folder(repo) : ".git", SANDBOX_FOLDER, true}, // objects, references of pins and drafts
        {shared ? shared : ".renki/artifacts", SANDBOX_FOLDER, true}, // what hosts share of files
        {host->calendars_place ? host->calendars_place : ".", SANDBOX_READ, true}, // closed days
    };
    size_t count = PLACES_OWN;
    // Files that arrive in shares are claimed, and put away when their run is over.
    for (const struct json *share = json_first(host->settings->shares);
         share && count < PLACES_OWN + SHARES_MAX; share = json_next(share))
        places[count++] = (struct sandbox_place){json_string_or(share, "/nowhere"), SANDBOX_FOLDER, true};
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
    char environment[ENVIRONMENT_NAME_MAX + 1];
    if (!environment_read(environment, "", &err)) {
        open_failed(opening, &err);
        return;
    }
    if (!settings_read(&host->settings, json, environment, &problems)) {
        for (size_t i = 0; i < problems.count; i++)
            err_note(&problems.items[i], "renki.lua");
        opened(opening, &problems);
        problems_dispose(&problems);
        return;
    }
    look_around(host);
    if (!open_store(host, &err)) {
        open_failed(opening, &err);
        return;
    }
    leftovers_sweep(host);
    if (confine(host, &err))
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
    if (!host->clients && !host->serving && !host->keepings && !host->copying)
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
    schedules_free(host);
    if (host->store)
        store_hurry(host->store);
    session_stop_all(host);
    watches_free(host);
    turn_flush(host);
    alerts_close(host);
    hosts_leave(host);
    web_stop(host);
    roles_stop(host);
    session_remove_spares(host);
    if (host->store) {
        struct err ignored;
        if (!store_tidy(host->store, &ignored))
            log_error("store.tidy", "error=%s", err_name(ignored.code));
    }
    store_free(host->store);
    repo_free(host->repo);
    approvals_free(host);
    xfree(host->account);
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
    host.identity = identity_of_this();
    host.turn = turn_new(&host);
    host.roles = roles_new(&host);
    host.alerts = alerts_new(&host);
    host.hooks = hooks_new();
    host.web = web_new(&host);
    host.pins = pins_new();
    if (!queue_new(&host, &err))
        return EXIT_FAILURE;
    host.hosts = hosts_new(&host);
    host.sync = sync_new(&host);
    host.logs = logs_new(&host);
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
