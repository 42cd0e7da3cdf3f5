// The request doctor: what this machine gives renki, layer by layer. In the host.
#include "host/hosts.h"
#include "host/keep.h"
#include "host/places.h"
#include "host/requests.h"
#include "host/roles.h"
#include "host/service.h"
#include "host/sweep.h"
#include "host/sync.h"
#include "lib/base/clock.h"
#include "lib/sandbox/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <sys/statvfs.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

enum { CLOCK_LEAST_YEAR = 2025 };

struct examination {
    struct host *host;
    struct answer *answer;
    struct buf out;
    struct json_writer writer;
    struct err zygote, gateway, bucket;
    int probe_fd;
};

// One check: "ok", "warning" or "failed", what was found, and the error that says what to do.
static void report(struct examination *examination, const char *name, const char *state, const char *detail,
                   const struct err *err)
{
    struct json_writer *writer = &examination->writer;
    json_begin_object(writer);
    json_write_key(writer, "name");
    json_write_string(writer, name);
    json_write_key(writer, "state");
    json_write_string(writer, state);
    json_write_key(writer, "detail");
    json_write_lossy(writer, text_from(detail));
    json_write_key(writer, "problem");
    if (err)
        err_write(writer, err);
    else
        json_write_null(writer);
    json_end_object(writer);
}

static void report_result(struct examination *examination, const char *name, bool good, const char *detail,
                          const struct err *err)
{
    report(examination, name, good ? "ok" : "failed", detail, good ? NULL : err);
}

static void check_kernel(struct examination *examination)
{
    struct utsname system;
    if (uname(&system) == 0)
        report(examination, "kernel", "ok", system.release, NULL);
}

static void check_libraries(struct examination *examination)
{
    SCOPED_TEXT char *versions =
        xasprintf("%s, libgit2 %s, libuv %s, libsodium %s", store_version(examination->host->store),
                  repo_library_version(), uv_version_string(), sodium_version_string());
    report(examination, "libraries", "ok", versions, NULL);
}

static void check_store(struct examination *examination)
{
    struct err err;
    int64_t rows = 0;
    const bool good = store_verify(examination->host->store, &err);
    SCOPED_TEXT char *where =
        xasprintf("%s, %s", store_version(examination->host->store), store_place(examination->host->store));
    report_result(examination, "store", good, where, &err);
    const bool whole = store_audit_verify(examination->host->store, &rows, &err);
    SCOPED_TEXT char *count = xasprintf("%lld", (long long)rows);
    report_result(examination, "audit", whole, count, &err);
}

static void check_repository(struct examination *examination)
{
    struct err err;
    const bool good = host_repo(examination->host, &err) != NULL;
    report_result(examination, "git", good, examination->host->folder, &err);
}

static void check_environment(struct examination *examination)
{
    const struct settings *settings = examination->host->settings;
    SCOPED_TEXT char *detail =
        xasprintf("%s%s%s", settings->environment ? settings->environment : "",
                  settings->environment ? ", " : "", settings->production ? "production" : "development");
    report(examination, settings->environment ? "environment" : "mode", "ok", detail, NULL);
}

// Hosts that share the store, and whether they have a place for files.
static void check_hosts(struct examination *examination)
{
    struct host *host = examination->host;
    struct err err;
    size_t others = 0;
    if (!hosts_are_shared(host))
        return;
    const bool good = hosts_count_others(host, &others, &err);
    SCOPED_TEXT char *count = xasprintf("%zu", others + 1);
    report_result(examination, "hosts", good, count, &err);
    if (good && !settings_share_files(host->settings)) {
        (void)fail(&err, ERR_HOST_FILES_ALONE, "artifacts");
        report(examination, "artifacts", "warning", ".renki/artifacts", &err);
    } else if (good && host->settings->artifacts)
        report(examination, "artifacts", "ok", host->settings->artifacts, NULL);
}

// Whether the host's own sandbox lets it connect to its database's port and to no other.
static void check_ports(struct examination *examination)
{
    struct host *host = examination->host;
    const struct store_reach *reach = store_reach(host->store);
    struct err err;
    SCOPED_BUF(ports, 100);
    for (size_t i = 0; i < reach->port_count; i++)
        (void)(buf_append_string(&ports, i ? ", " : "") && buf_append_string(&ports, N(reach->ports[i])));
    const bool told_apart = host->landlock_abi >= SANDBOX_ABI_OF_PORTS;
    (void)fail(&err, ERR_PORTS_OPEN, N(host->landlock_abi));
    if (reach->port_count)
        report(examination, "host: ports", told_apart ? "ok" : "warning", buf_string(&ports),
               told_apart ? NULL : &err);
}

static void check_remote(struct examination *examination)
{
    char when[CLOCK_TEXT_SIZE] = "";
    const struct host *host = examination->host;
    const struct err *problem = sync_problem(host);
    if (!host->settings->remote)
        return;
    if (sync_last_ms(host))
        clock_text(when, sync_last_ms(host));
    report(examination, "remote", problem->code == ERR_NONE ? "ok" : "warning", when,
           problem->code == ERR_NONE ? NULL : problem);
}

static void check_disk(struct examination *examination)
{
    struct statvfs status;
    struct err err;
    if (statvfs(".renki", &status) != 0)
        return;
    const int64_t room_mb = (int64_t)status.f_bavail * (int64_t)status.f_frsize >> 20;
    SCOPED_TEXT char *room = xasprintf("%lld MB", (long long)room_mb);
    (void)fail(&err, ERR_DISK_LOW, N(SWEEP_FLOOR_MB));
    report_result(examination, "disk", room_mb >= SWEEP_FLOOR_MB, room, &err);
}

static void check_clock(struct examination *examination)
{
    char now[CLOCK_TEXT_SIZE];
    struct err err;
    struct tm utc;
    const time_t seconds = (time_t)(clock_realtime_ms() / 1000);
    gmtime_r(&seconds, &utc);
    clock_text(now, clock_realtime_ms());
    (void)fail(&err, ERR_CLOCK_WRONG, now);
    report_result(examination, "clock", utc.tm_year + 1900 >= CLOCK_LEAST_YEAR, now, &err);
}

// ---- the service

static bool read_row(struct json_document **out, struct host *host, enum store_view view, struct err *err)
{
    SCOPED_BUF(rows, BODY_MAX);
    struct json_writer writer = json_writer_new(&rows);
    return store_view(host->store, &writer, view, 0, err) && json_writer_done(&writer) &&
           json_parse(out, buf_text(&rows), err);
}

static int64_t count_of_state(const struct json *rows, const char *state)
{
    for (const struct json *row = json_first(rows); row; row = json_next(row))
        if (strcmp(json_string_or(json_get(row, "state"), ""), state) == 0)
            return json_int64_or(json_get(row, "count"), 0);
    return 0;
}

static void report_queue(struct examination *examination, const struct json *states)
{
    const struct host *host = examination->host;
    char since[CLOCK_TEXT_SIZE] = "";
    struct err err;
    if (service_since_ms(host))
        clock_text(since, service_since_ms(host));
    SCOPED_TEXT char *detail = xasprintf(
        "%s%s; %lld running, %zu places; %lld queued, %lld waiting, %lld in doubt",
        since[0] ? "since " : "not serving", since, (long long)count_of_state(states, "running"),
        host->places, (long long)count_of_state(states, "queued"),
        (long long)count_of_state(states, "waiting"), (long long)count_of_state(states, "in doubt"));
    (void)fail(&err, ERR_SERVICE_STOPS);
    report(examination, "service", host->draining ? "warning" : "ok", detail, host->draining ? &err : NULL);
}

static void report_trouble(struct examination *examination, const struct json *trouble)
{
    static const struct {
        const char *name, *key;
        enum err_code code;
    } kinds[] = {{"queue", "unserved", ERR_RUNS_UNSERVED},
                 {"dead runs", "dead", ERR_RUNS_DEAD},
                 {"alerts", "alerts", ERR_ALERTS_UNSENT},
                 {"schedules", "schedules", ERR_SCHEDULES_WRONG},
                 {"shares", "shares", ERR_SHARES_CLOSED}};
    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        const int64_t count = json_int64_or(json_get(trouble, kinds[i].key), 0);
        const bool is_waiting = i == 0 && examination->host->serving; // they only wait for a place
        struct err err;
        (void)fail(&err, kinds[i].code, N(count));
        if (count > 0 && !is_waiting)
            report(examination, kinds[i].name, "warning", N(count), &err);
    }
}

static void check_service(struct examination *examination)
{
    struct err err;
    SCOPED(json_document)
    states = NULL;
    SCOPED(json_document)
    trouble = NULL;
    if (!read_row(&states, examination->host, STORE_STATES, &err) ||
        !read_row(&trouble, examination->host, STORE_TROUBLE, &err)) {
        report(examination, "service", "failed", "", &err);
        return;
    }
    report_queue(examination, json_root(states));
    report_trouble(examination, json_first(json_root(trouble)));
}

// What a role told of its self-test: [{ name, ok, detail }], one line each.
static void report_layers(struct examination *examination, const char *role, const char *layers)
{
    SCOPED(json_document)
    document = NULL;
    struct err err;
    if (!json_parse(&document, text_from(layers), &err))
        return;
    for (const struct json *layer = json_first(json_root(document)); layer; layer = json_next(layer)) {
        const char *name = json_string_or(json_get(layer, "name"), "?");
        bool good = false;
        (void)json_boolean(json_get(layer, "ok"), &good);
        (void)fail(&err, ERR_LAYER_MISSING, name);
        SCOPED_TEXT char *whole = xasprintf("%s: %s", role, name);
        report_result(examination, whole, good, json_string_or(json_get(layer, "detail"), ""), &err);
    }
}

static void check_role(struct examination *examination, const char *name, unsigned which,
                       const struct err *failed)
{
    const bool good = failed->code == ERR_NONE;
    SCOPED_TEXT char *heap = xasprintf("%lld KB", (long long)roles_heap_kilobytes(examination->host));
    report_result(examination, name, good, which == ROLES_ZYGOTE ? heap : "", failed);
    if (good)
        report_layers(examination, name, roles_layers(examination->host, which));
}

static void finish(struct examination *examination)
{
    check_role(examination, "sandbox", ROLES_ZYGOTE, &examination->zygote);
    check_role(examination, "gateway", ROLES_GATEWAY, &examination->gateway);
    json_end_array(&examination->writer);
    json_end_object(&examination->writer);
    require(json_writer_done(&examination->writer));
    answer_done(examination->answer, buf_text(&examination->out));
    buf_dispose(&examination->out);
    xfree(examination);
}

// ---- a bucket is tried: a small file is written, read back and removed

static const char probe_content[] = "world";
static const char probe_sha256[] = "486ea46224d1bb4fb680f34f7c9ad96a8f24ec88be73ea8e5a6c65260e9cb8a7";

// Each host has its own: they may be tried at once.
static void with_probe(struct examination *examination,
                       void (*what)(struct host *, const struct kept_file *, int, keep_done, void *),
                       keep_done done)
{
    SCOPED_TEXT char *name = keep_name(examination->host->identity);
    SCOPED_TEXT char *key = xasprintf("doctor/%s", name);
    what(examination->host, &(struct kept_file){key, sizeof probe_content - 1, probe_sha256},
         examination->probe_fd, done, examination);
}

static void remove_probe(struct host *host, const struct kept_file *probe, int fd, keep_done done,
                         void *owner)
{
    (void)fd;
    keep_remove(host, probe->key, done, owner);
}

static void on_probe_removed(void *owner, const struct err *failed)
{
    struct examination *examination = owner;
    const char *place = json_string_or(json_get(examination->host->settings->bucket, "s3"), "");
    close(examination->probe_fd);
    if (failed && examination->bucket.code == ERR_NONE)
        examination->bucket = *failed;
    report_result(examination, "artifacts", examination->bucket.code == ERR_NONE, place,
                  &examination->bucket);
    finish(examination);
}

static void on_probe_read(void *owner, const struct err *failed)
{
    struct examination *examination = owner;
    if (failed)
        examination->bucket = *failed;
    with_probe(examination, remove_probe, on_probe_removed);
}

static void on_probe_written(void *owner, const struct err *failed)
{
    struct examination *examination = owner;
    if (!failed) {
        with_probe(examination, keep_get, on_probe_read);
        return;
    }
    examination->bucket = *failed;
    on_probe_removed(examination, NULL);
}

static void try_bucket(struct examination *examination)
{
    static const char path[] = ".renki/probe";
    examination->probe_fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    unlink(path);
    if (examination->probe_fd >= 0 &&
        write(examination->probe_fd, probe_content, sizeof probe_content - 1) == sizeof probe_content - 1) {
        with_probe(examination, keep_put, on_probe_written);
        return;
    }
    struct err err;
    (void)fail(&err, ERR_FILE_UNWRITABLE, path, strerror(errno));
    on_probe_written(examination, &err);
}

static void on_gateway(void *owner, const struct err *failed)
{
    struct examination *examination = owner;
    if (failed)
        examination->gateway = *failed;
    if (!failed && examination->host->settings->bucket)
        try_bucket(examination);
    else
        finish(examination);
}

static void on_zygote(void *owner, const struct err *failed)
{
    struct examination *examination = owner;
    if (failed)
        examination->zygote = *failed;
    roles_need(examination->host, ROLES_GATEWAY, on_gateway, examination);
}

bool request_doctor(struct host *host, struct answer *answer, const struct json *body, struct frame *frame,
                    struct err *err)
{
    (void)body, (void)frame, (void)err;
    struct examination *examination = xcalloc(1, sizeof *examination);
    *examination = (struct examination){.host = host, .answer = answer, .out = buf_new(BODY_MAX)};
    examination->writer = json_writer_new(&examination->out);
    json_begin_object(&examination->writer);
    json_write_key(&examination->writer, "checks");
    json_begin_array(&examination->writer);
    check_kernel(examination);
    check_libraries(examination);
    check_store(examination);
    check_repository(examination);
    check_environment(examination);
    check_ports(examination);
    check_hosts(examination);
    check_remote(examination);
    check_disk(examination);
    check_clock(examination);
    check_service(examination);
    roles_need(host, ROLES_ZYGOTE, on_zygote, examination);
    return true;
}
