// Files that arrive in shares start robots; see triggers.h. In the host, which moves and copies them by descriptor and
// never looks inside.
//
// 1. A file is taken when its size and time of change have stood still for as long as the schedule says. What is hidden,
//    or named as copying programs name what is not whole (.part, .tmp, ~), is not looked at.
// 2. Taking it is renaming it into .renki-claimed/HOST-RUN-NAME: of several hosts that see the same file only one can.
//    The run's row, its copy of the file and the claim become true together: when the transaction fails, the file goes
//    back under its name; when the host dies in between, the next start of it sees that the claim has no run.
// 3. When the run is over the file goes to the share's folder for what is done, or to failed/.
// 4. inotify tells of arrivals on this machine; shares are often on others, so that folders are looked at every
//    RESCAN_MS besides, as long as there is a schedule that waits for files.
#include "host/artifact.h"
#include "host/queue.h"
#include "host/schedules_own.h"
#include "host/session.h"
#include "host/triggers.h"
#include "host/turn.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

enum {
    RESCAN_MS = 15000,
    SETTLE_MS = 50,
    FILES_LOOKED_AT_MAX = 10000, // of one share in one look
    ARRIVALS_MAX = 1000,         // files that are watched until they stand still
    SCHEDULES_MAX = 200,
    SHARES_MAX = 64,
    FILE_NAME_BYTES_MAX = 200, // with host and run before it, it still is a name
    FILE_BYTES_MAX = 1 << 30,
    FACTS_MAX = 16384
};

#define CLAIMED ".renki-claimed"

struct arrival {
    char *schedule, *file;
    int64_t size_bytes, changed_ns, since_ms;
    bool seen; // in this look
};

struct share_watch {
    uv_fs_event_t event;
    char *path;
};

struct trigger_files {
    struct schedules *schedules;
    uv_timer_t timer;
    char host[17]; // this workspace on this machine
    struct arrival arrivals[ARRIVALS_MAX];
    size_t arrival_count;
    struct share_watch *watches[SHARES_MAX];
    size_t watch_count;
    bool recovered;
};

// ---- names

static void name_host(char out[17], const struct host *host)
{
    struct utsname machine;
    uint64_t hash = 0xcbf29ce484222325u;
    const char *parts[] = {uname(&machine) == 0 ? machine.nodename : "", host->folder};
    for (size_t i = 0; i < COUNT_OF(parts); i++)
        for (const char *at = parts[i]; *at; at++)
            hash = (hash ^ (unsigned char)*at) * 0x100000001b3u;
    snprintf(out, 17, "%016llx", (unsigned long long)hash);
}

static char *claimed_path(const char *share, const char *host, int64_t run, const char *file)
{
    return xasprintf("%s/" CLAIMED "/%s-%lld-%s", share, host, (long long)run, file);
}

static bool is_whole(const char *file)
{
    static const char *const unfinished[] = {".part", ".tmp", ".partial", ".crdownload", ".filepart", "~"};
    const struct text name = text_from(file);
    if (file[0] == '.' || file[0] == '~' || name.length > FILE_NAME_BYTES_MAX || !text_is_utf8(name))
        return false;
    for (size_t i = 0; i < COUNT_OF(unfinished); i++)
        if (text_ends(name, unfinished[i]))
            return false;
    return true;
}

static const char *share_path(const struct host *host, const char *share)
{
    return json_string_or(json_get(host->settings->shares, share), NULL);
}

// ---- putting away

struct moving {
    char *share, *claimed, *file, *folder; // folder NULL: back to the share itself
    int64_t run;
};

static void moving_free(struct moving *moving)
{
    xfree(moving->share);
    xfree(moving->claimed);
    xfree(moving->file);
    xfree(moving->folder);
    xfree(moving);
}

static void move(const struct moving *moving)
{
    SCOPED_TEXT char *folder =
        moving->folder ? xasprintf("%s/%s", moving->share, moving->folder) : xstrdup(moving->share);
    SCOPED_TEXT char *plain = xasprintf("%s/%s", folder, moving->file);
    SCOPED_TEXT char *numbered = xasprintf("%s/%lld-%s", folder, (long long)moving->run, moving->file);
    if (moving->folder && mkdir(folder, 0770) != 0 && errno != EEXIST)
        log_error("trigger.folder", "path=\"%s\" reason=\"%s\"", folder, strerror(errno));
    if (rename(moving->claimed, access(plain, F_OK) == 0 ? numbered : plain) != 0 && errno != ENOENT)
        log_error("trigger.move", "file=\"%s\" reason=\"%s\"", moving->claimed, strerror(errno));
}

static void on_over_stored(void *owner, const struct err *failed)
{
    struct moving *moving = owner;
    if (!failed)
        move(moving);
    moving_free(moving);
}

// Of a run's cause; NULL when no file started it.
static struct moving *moving_of(struct host *host, int64_t run, const struct json *cause, bool well)
{
    const char *file = json_string_or(json_get(cause, "file"), NULL),
               *share = json_string_or(json_get(cause, "share"), NULL),
               *claimer = json_string_or(json_get(cause, "host"), NULL),
               *done = json_string_or(json_get(cause, "done"), "done");
    const char *path = share ? share_path(host, share) : NULL;
    if (!file || !claimer || !path)
        return NULL;
    struct moving *moving = xcalloc(1, sizeof *moving);
    *moving = (struct moving){.share = xstrdup(path),
                              .claimed = claimed_path(path, claimer, run, file),
                              .file = xstrdup(file),
                              .folder = xstrdup(!well               ? "failed"
                                                : strchr(done, '/') ? "done"
                                                                    : done),
                              .run = run};
    return moving;
}

void trigger_files_put_away(struct host *host, int64_t run, const struct json *cause, bool well)
{
    struct moving *moving = moving_of(host, run, cause, well);
    if (moving)
        turn_after(host, on_over_stored, moving);
}

// ---- claiming

static void on_claim_stored(void *owner, const struct err *failed)
{
    struct moving *moving = owner;
    if (failed)
        move(moving); // back under its name
    moving_free(moving);
}

static bool copy_in(struct host *host, int64_t run, const struct schedule_facts *facts, const char *claimed,
                    const char *file, struct err *err)
{
    char path[INPUT_PATH_MAX], sha256[SHA256_SIZE];
    int64_t size_bytes;
    const struct input input = {.name = facts->file.input};
    struct session *folder = session_new(host); // only for its folder
    const int from = open(claimed, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    bool good = from >= 0 ? true : fail(err, ERR_FILE_UNREADABLE, file, strerror(errno));
    good = good && session_make_folder(folder, err);
    if (good && mkdirat(folder->folder_fd, "in", 0700) != 0)
        good = fail(err, ERR_FILE_UNWRITABLE, "in", strerror(errno));
    good = good &&
           copy_file(from, folder->folder_fd, input_file_path(path, &input, text_from(file)), FILE_BYTES_MAX,
                     &size_bytes, sha256, err) &&
           store_run_folder(host->store, run, folder->folder, err) &&
           store_run_for(host->store, run, host->identity, err) && // its copy is on this machine
           store_input_add(host->store, run, facts->file.input, file, size_bytes, sha256, err);
    if (!good && folder->folder_fd >= 0)
        session_remove_folder(folder);
    session_free(folder);
    if (from >= 0)
        close(from);
    return good;
}

static bool write_facts(struct buf *out, const struct trigger_files *files,
                        const struct schedule_facts *facts, const char *file)
{
    return buf_append_string(out, "\"file\":") && json_append_quoted(out, text_from(file)) &&
           buf_append_string(out, ",\"share\":") && json_append_quoted(out, text_from(facts->file.share)) &&
           buf_append_string(out, ",\"done\":") &&
           json_append_quoted(out, text_from(facts->file.done ? facts->file.done : "done")) &&
           buf_printf(out, ",\"host\":\"%s\"", files->host);
}

static bool write_input(struct buf *out, const struct schedule_facts *facts, const char *file)
{
    return !facts->file.input ||
           (buf_append_char(out, '[') && json_append_quoted(out, text_from(facts->file.input)) &&
            buf_append_char(out, ',') && json_append_quoted(out, text_from(file)) &&
            buf_append_char(out, ']'));
}

// Its row first, for the run's number; then the rename, which only one host can do.
static bool claim(struct trigger_files *files, const struct schedule_row *row,
                  const struct schedule *schedule, const char *share, const char *file, struct err *err)
{
    struct host *host = files->schedules->host;
    const struct schedule_facts *facts = schedule_facts(schedule);
    int64_t run;
    SCOPED_BUF(about, FACTS_MAX);
    SCOPED_BUF(input, FACTS_MAX);
    if (!write_facts(&about, files, facts, file) || !write_input(&input, facts, file))
        return fail(err, ERR_LIMIT_PASSED, "cause", N(FACTS_MAX));
    const struct started started = {
        .by = "file", .actor = "renki", .facts = buf_text(&about), .inputs = buf_text(&input)};
    if (!turn_begin(host, err) || !schedule_start(files->schedules, &run, row, schedule, &started, err))
        return false;
    SCOPED_TEXT char *from = xasprintf("%s/%s", share, file);
    SCOPED_TEXT char *folder = xasprintf("%s/" CLAIMED, share);
    struct moving *back = xcalloc(1, sizeof *back);
    *back = (struct moving){.share = xstrdup(share),
                            .claimed = claimed_path(share, files->host, run, file),
                            .file = xstrdup(file),
                            .run = run};
    if ((mkdir(folder, 0770) != 0 && errno != EEXIST) || rename(from, back->claimed) != 0) {
        const bool taken = errno == ENOENT; // by another host
        if (!taken)
            (void)fail(err, ERR_SCHEDULE_SHARE, facts->file.share, strerror(errno));
        moving_free(back);
        return store_planned_delete(host->store, run, err) && taken;
    }
    turn_after(host, on_claim_stored, back);
    log_info("trigger.file", "schedule=%s run=%lld file=\"%s\"", row->name, (long long)run, file);
    return !facts->file.input || copy_in(host, run, facts, back->claimed, file, err);
}

// ---- looking

static struct arrival *find_arrival(struct trigger_files *files, const char *schedule, const char *file)
{
    for (size_t i = 0; i < files->arrival_count; i++)
        if (strcmp(files->arrivals[i].file, file) == 0 && strcmp(files->arrivals[i].schedule, schedule) == 0)
            return &files->arrivals[i];
    if (files->arrival_count == ARRIVALS_MAX)
        return NULL; // its turn comes when others have been taken
    struct arrival *arrival = &files->arrivals[files->arrival_count++];
    *arrival = (struct arrival){.schedule = xstrdup(schedule), .file = xstrdup(file), .size_bytes = -1};
    return arrival;
}

// Whether it has stood still long enough; else *wait_ms is lowered to when that may be.
static bool stands_still(struct arrival *arrival, const struct stat *status, int64_t stable_ms,
                         int64_t *wait_ms)
{
    const int64_t now_ms = clock_monotonic_ms(),
                  changed_ns = status->st_mtim.tv_sec * 1000000000LL + status->st_mtim.tv_nsec;
    arrival->seen = true;
    if (arrival->size_bytes != status->st_size || arrival->changed_ns != changed_ns) {
        arrival->size_bytes = status->st_size;
        arrival->changed_ns = changed_ns;
        arrival->since_ms = now_ms;
    }
    const int64_t left_ms = arrival->since_ms + stable_ms - now_ms;
    if (left_ms > 0 && left_ms < *wait_ms)
        *wait_ms = left_ms;
    return left_ms <= 0;
}

static void look_at_file(struct trigger_files *files, const struct schedule_row *row,
                         const struct schedule *schedule, const char *share, int folder, const char *file,
                         int64_t *wait_ms)
{
    struct stat status;
    struct err err;
    const struct schedule_facts *facts = schedule_facts(schedule);
    if (!is_whole(file) || fnmatch(facts->file.pattern, file, FNM_PERIOD) != 0 ||
        fstatat(folder, file, &status, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISREG(status.st_mode))
        return;
    struct arrival *arrival = find_arrival(files, row->name, file);
    if (!arrival || !stands_still(arrival, &status, facts->file.stable_ms, wait_ms))
        return;
    arrival->seen = false; // it is looked at no more
    if (!claim(files, row, schedule, share, file, &err)) {
        log_error("trigger.claim", "file=\"%s\" error=%s", file, err_name(err.code));
        turn_spoil(files->schedules->host, &err);
    }
}

static void watch_share(struct trigger_files *files, const char *share);

static void look_at_share(struct trigger_files *files, const struct schedule_row *row,
                          const struct schedule *schedule, int64_t *wait_ms)
{
    const char *share = share_path(files->schedules->host, schedule_facts(schedule)->file.share);
    DIR *folder = share ? opendir(share) : NULL;
    const struct dirent *entry;
    if (!folder) {
        log_error("trigger.share", "schedule=%s share=%s", row->name, schedule_facts(schedule)->file.share);
        return;
    }
    watch_share(files, share);
    for (int i = 0; i < FILES_LOOKED_AT_MAX && (entry = readdir(folder)); i++)
        look_at_file(files, row, schedule, share, dirfd(folder), entry->d_name, wait_ms);
    closedir(folder);
}

struct waiting {
    char *names[SCHEDULES_MAX];
    size_t count;
};

static bool collect(void *owner, const char *name, int64_t stamp, struct err *err)
{
    struct waiting *waiting = owner;
    (void)stamp, (void)err;
    if (waiting->count < SCHEDULES_MAX)
        waiting->names[waiting->count++] = xstrdup(name);
    return true;
}

static void look_for(struct trigger_files *files, const char *name, int64_t *wait_ms)
{
    struct schedule_row row;
    struct err err;
    SCOPED_SCHEDULE(opened);
    if (!store_schedule_load(files->schedules->host->store, &row, name, &err))
        return;
    if (schedule_open_row(&opened, files->schedules, &row, &err) &&
        schedule_is_open(opened.schedule, schedules_now_ms(files->schedules->host)))
        look_at_share(files, &row, opened.schedule, wait_ms);
    schedule_row_dispose(&row);
}

static void forget_unseen(struct trigger_files *files)
{
    size_t kept = 0;
    for (size_t i = 0; i < files->arrival_count; i++) {
        struct arrival *arrival = &files->arrivals[i];
        if (arrival->seen) {
            files->arrivals[kept] = *arrival;
            files->arrivals[kept++].seen = false;
            continue;
        }
        xfree(arrival->schedule);
        xfree(arrival->file);
    }
    files->arrival_count = kept;
}

// ---- claims whose run never came to be

static void recover_claim(struct trigger_files *files, const char *share, const char *claimed)
{
    struct host *host = files->schedules->host;
    struct err err;
    struct text rest = text_from(claimed), claimer, number;
    int64_t run;
    SCOPED_TEXT char *cause = NULL;
    SCOPED(json_document)
    document = NULL;
    if (!text_cut(&rest, '-', &claimer) || !text_is(claimer, files->host) || !text_cut(&rest, '-', &number) ||
        !text_to_int64(number, &run) || !store_run_cause(host->store, &cause, run, &err))
        return;
    SCOPED_TEXT char *file = text_copy(rest);
    if (cause && json_parse(&document, text_from(cause), &err) &&
        strcmp(json_string_or(json_get(json_root(document), "file"), ""), file) == 0) {
        struct run_row row;
        enum run_state state;
        if (!store_run_load(host->store, &row, run, &err))
            return;
        if (run_state_from_name(&state, row.state) && state >= RUN_DONE)
            trigger_files_put_away(host, run, json_root(document), state == RUN_DONE);
        run_row_dispose(&row);
        return;
    }
    SCOPED_TEXT char *path = claimed_path(share, files->host, run, file);
    const struct moving back = {.share = (char *)(uintptr_t)share, .claimed = path, .file = file, .run = run};
    move(&back);
}

static void recover(struct trigger_files *files)
{
    const struct settings *settings = files->schedules->host->settings;
    files->recovered = true;
    for (const struct json *share = json_first(settings->shares); share; share = json_next(share)) {
        SCOPED_TEXT char *path = xasprintf("%s/" CLAIMED, json_string_or(share, "/nowhere"));
        DIR *folder = opendir(path);
        const struct dirent *entry;
        while (folder && (entry = readdir(folder)))
            recover_claim(files, json_string_or(share, ""), entry->d_name);
        if (folder)
            closedir(folder);
    }
}

// ---- when to look

static void on_time(uv_timer_t *timer)
{
    struct trigger_files *files = timer->data;
    struct host *host = files->schedules->host;
    struct waiting waiting = {.count = 0};
    struct err err;
    int64_t wait_ms = RESCAN_MS;
    if (host->draining)
        return;
    if (!store_schedules_of_trigger(host->store, "file", collect, &waiting, &err))
        log_error("trigger.files", "error=%s", err_name(err.code));
    if (waiting.count && !files->recovered)
        recover(files);
    for (size_t i = 0; i < waiting.count; i++) {
        look_for(files, waiting.names[i], &wait_ms);
        xfree(waiting.names[i]);
    }
    forget_unseen(files);
    if (waiting.count) // without a schedule that waits for files nothing is looked at
        uv_timer_start(&files->timer, on_time, (uint64_t)wait_ms + 1, 0);
}

void trigger_files_look(struct trigger_files *files)
{
    uv_timer_start(&files->timer, on_time, SETTLE_MS, 0);
}

static void on_arrival(uv_fs_event_t *event, const char *file, int events, int status)
{
    struct trigger_files *files = event->data;
    (void)events, (void)status;
    if (file && is_whole(file) && uv_timer_get_due_in(&files->timer) > SETTLE_MS)
        trigger_files_look(files);
}

static void watch_share(struct trigger_files *files, const char *share)
{
    for (size_t i = 0; i < files->watch_count; i++)
        if (strcmp(files->watches[i]->path, share) == 0)
            return;
    if (files->watch_count == SHARES_MAX)
        return;
    struct share_watch *watch = xcalloc(1, sizeof *watch);
    watch->path = xstrdup(share);
    require(uv_fs_event_init(files->schedules->host->loop, &watch->event) == 0);
    watch->event.data = files;
    (void)uv_fs_event_start(&watch->event, on_arrival, share, 0); // where it can't, the slow look finds them
    files->watches[files->watch_count++] = watch;
}

struct trigger_files *trigger_files_new(struct schedules *schedules)
{
    struct trigger_files *files = xcalloc(1, sizeof *files);
    files->schedules = schedules;
    name_host(files->host, schedules->host);
    require(uv_timer_init(schedules->host->loop, &files->timer) == 0);
    files->timer.data = files;
    return files;
}

static void on_watch_closed(uv_handle_t *handle)
{
    struct share_watch *watch = (struct share_watch *)handle; // its first member
    xfree(watch->path);
    xfree(watch);
}

static void on_timer_closed(uv_handle_t *handle)
{
    xfree(handle->data);
}

void trigger_files_free(struct trigger_files *files)
{
    if (!files)
        return;
    forget_unseen(files);
    for (size_t i = 0; i < files->watch_count; i++)
        uv_close((uv_handle_t *)&files->watches[i]->event, on_watch_closed);
    uv_close((uv_handle_t *)&files->timer, on_timer_closed);
}
