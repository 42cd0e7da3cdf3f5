// Files that arrive in shares start robots; see triggers.h. In the host, which never looks inside them.
//
// 1. A file is taken (trigger_claims.h) when its size and time of change have stood still for as long as the schedule
//    says. What is hidden, or named as copying programs name what is not whole (.part, .tmp, ~), is not looked at.
// 2. inotify tells of arrivals on this machine; shares are often on others, so that folders are looked at every
//    RESCAN_MS besides, as long as there is a schedule that waits for files.
#include "host/schedules_own.h"
#include "host/trigger_claims.h"
#include "host/triggers.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"

#include <dirent.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    RESCAN_MS = 15000,
    SETTLE_MS = 50,
    FILES_LOOKED_AT_MAX = 10000, // of one share in one look
    ARRIVALS_MAX = 1000,         // files that are watched until they stand still
    SCHEDULES_MAX = 200,
    SHARES_MAX = 64,
    FILE_NAME_BYTES_MAX = 200 // with host and run before it, it still is a name
};

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
    struct trigger_claims *claims;
    uv_timer_t timer;
    struct arrival arrivals[ARRIVALS_MAX];
    size_t arrival_count;
    struct share_watch *watches[SHARES_MAX];
    size_t watch_count;
};

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
    const struct schedule_facts *facts = schedule_facts(schedule);
    if (!is_whole(file) || fnmatch(facts->file.pattern, file, FNM_PERIOD) != 0 ||
        fstatat(folder, file, &status, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISREG(status.st_mode))
        return;
    struct arrival *arrival = find_arrival(files, row->name, file);
    if (!arrival || !stands_still(arrival, &status, facts->file.stable_ms, wait_ms))
        return;
    if (trigger_claim(files->claims, row->name, facts, share, file))
        arrival->seen = false; // it is looked at no more
}

static void watch_share(struct trigger_files *files, const char *share);

// NULL, and why. What could be opened by its mode is closed by the host's own sandbox, which knows the folder as it was
// when the host began.
static DIR *open_share(const char *name, const char *path, struct err *why)
{
    DIR *folder = NULL;
    const bool may = path && access(path, R_OK | W_OK | X_OK) == 0;
    if (may && (folder = opendir(path)))
        return folder;
    if (may && errno == EACCES)
        (void)fail(why, ERR_SCHEDULE_SHARE_LATER, name);
    else
        (void)fail(why, ERR_SCHEDULE_SHARE, name, strerror(path ? errno : ENOENT));
    return NULL;
}

static void look_at_share(struct trigger_files *files, const struct schedule_row *row,
                          const struct schedule *schedule, int64_t *wait_ms)
{
    const char *share = trigger_share_path(files->schedules->host, schedule_facts(schedule)->file.share);
    const struct dirent *entry;
    struct err why;
    DIR *folder = open_share(schedule_facts(schedule)->file.share, share, &why);
    trigger_share_note(files->schedules, row->name, trigger_claims_place(files->claims), folder ? NULL : &why,
                       wait_ms);
    if (!folder)
        return;
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
    if (waiting.count)
        trigger_claims_recover(files->claims);
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

static void on_room(void *owner)
{
    trigger_files_look(owner);
}

struct trigger_files *trigger_files_new(struct schedules *schedules)
{
    struct trigger_files *files = xcalloc(1, sizeof *files);
    files->schedules = schedules;
    files->claims = trigger_claims_new(schedules, on_room, files);
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
    trigger_claims_free(files->claims);
    for (size_t i = 0; i < files->watch_count; i++)
        uv_close((uv_handle_t *)&files->watches[i]->event, on_watch_closed);
    uv_close((uv_handle_t *)&files->timer, on_timer_closed);
}
