// The folder schedules/: which files are new, changed or gone since they were last read. In the host.
//
// 1. A file is read again when its stamp (size, time of change, inode) is another one, and only then: a start with
//    100,000 files that nobody touched looks at each but opens none. One that was not in order is read at each start.
// 2. inotify tells of changes, by name; what comes together within SETTLE_MS is looked at together, so that an editor
//    that writes beside and renames, or deletes and writes, makes one reading. Where very much changes, or the folder
//    itself comes or goes, all of it is looked at.
// 3. The host only reads bytes here. What they mean is found out by the reader role (readers.h).
#include "host/readers.h"
#include "host/schedules_own.h"
#include "host/turn.h"
#include "lib/base/log.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    SETTLE_MS = 100,
    CHANGED_MAX = 1000,           // names noted between two looks; beyond, the whole folder is looked at
    FILES_MAX = 200000,           // schedules of a workspace
    FILE_BYTES_MAX = 65536,       // of one schedule
    LOOKED_AT_ALWAYS_MAX = 10000, // folders of this size are looked at for each command, not only when told
    RETRY_MS = 1000
};

#define FOLDER "schedules"

struct found {
    char *name;
    int64_t stamp;
};

struct found_list {
    struct found *items;
    size_t count, room;
};

struct waiter {
    struct waiter *next;
    schedules_done done;
    void *owner;
};

struct schedule_files {
    struct schedules *schedules;
    struct readers *readers;
    uv_timer_t settle;
    uv_fs_event_t folder, above; // watches of the folder, and of the workspace, where it may appear
    bool watched, above_watched;
    char *changed[CHANGED_MAX];
    size_t changed_count;
    bool all; // the whole folder is to be looked at
    struct found_list to_read;
    size_t next, reading; // of to_read: the next one; how many are at the reader
    int64_t known;        // files there were at the last look at the folder; -1: never looked
    struct waiter *waiters;
    bool again; // somebody asked while files were being read: looked at once more before they are told
};

struct reading {
    struct schedule_files *files;
    char *name;
    int64_t stamp;
};

// ---- names and stamps

// Of "NAME.lua" the name; NULL for all else, and for what editors leave about.
static char *name_of_file(const char *file)
{
    const struct text text = text_from(file);
    if (!text_ends(text, ".lua") || text.length < 5)
        return NULL;
    SCOPED_TEXT char *name = xstrndup(file, text.length - 4);
    return robot_name_is_valid(name) ? STEAL(name) : NULL;
}

static int64_t stamp_of(const struct stat *status)
{
    const uint64_t parts[] = {(uint64_t)status->st_size, (uint64_t)status->st_ino,
                              (uint64_t)status->st_mtim.tv_sec, (uint64_t)status->st_mtim.tv_nsec};
    uint64_t hash = 0x9e3779b97f4a7c15u;
    for (size_t i = 0; i < COUNT_OF(parts); i++) {
        hash = (hash ^ parts[i]) * 0xff51afd7ed558ccdu;
        hash ^= hash >> 32;
    }
    return (int64_t)(hash >> 1) | 1; // never 0: that is a file that is gone
}

static void add_found(struct found_list *list, char *name, int64_t stamp)
{
    if (list->count == list->room) {
        list->room = list->room ? 2 * list->room : 64;
        list->items = xreallocarray(list->items, list->room, sizeof *list->items);
    }
    list->items[list->count++] = (struct found){name, stamp};
}

static void dispose_found(struct found_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        xfree(list->items[i].name);
    xfree(list->items);
    *list = (struct found_list){0};
}

static int compare_found(const void *a, const void *b)
{
    return strcmp(((const struct found *)a)->name, ((const struct found *)b)->name);
}

static void sort_found(struct found_list *list)
{
    if (list->count)
        qsort(list->items, list->count, sizeof *list->items, compare_found);
}

// ---- looking

static bool look_at(struct found_list *list, int folder, const char *file)
{
    struct stat status;
    SCOPED_TEXT char *name = name_of_file(file);
    if (!name || fstatat(folder, file, &status, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISREG(status.st_mode))
        return false;
    add_found(list, STEAL(name), stamp_of(&status));
    return true;
}

// No folder is no schedules.
static bool list_folder(struct found_list *list, struct err *err)
{
    DIR *folder = opendir(FOLDER);
    if (!folder)
        return errno == ENOENT || errno == ENOTDIR ? true
                                                   : fail(err, ERR_FILE_UNREADABLE, FOLDER, strerror(errno));
    const struct dirent *entry;
    while ((entry = readdir(folder)) && list->count <= FILES_MAX)
        (void)look_at(list, dirfd(folder), entry->d_name);
    closedir(folder);
    sort_found(list);
    return list->count <= FILES_MAX ? true : fail(err, ERR_LIMIT_PASSED, FOLDER, N(FILES_MAX));
}

static bool take_known(void *owner, const char *name, int64_t stamp, struct err *err)
{
    (void)err;
    add_found(owner, xstrdup(name), stamp);
    return true;
}

static bool forget(struct schedule_files *files, const char *name, struct err *err)
{
    return turn_begin(files->schedules->host, err) && schedules_take_gone(files->schedules, name, err);
}

static void want(struct schedule_files *files, struct found *found)
{
    add_found(&files->to_read, STEAL(found->name), found->stamp);
}

// Both sorted by name.
static bool compare(struct schedule_files *files, struct found_list *there, struct found_list *known,
                    struct err *err)
{
    size_t i = 0, j = 0;
    while (i < there->count || j < known->count) {
        const int order = i == there->count   ? 1
                          : j == known->count ? -1
                                              : strcmp(there->items[i].name, known->items[j].name);
        if (order > 0 && !forget(files, known->items[j].name, err))
            return false;
        if (order < 0 || (order == 0 && there->items[i].stamp != known->items[j].stamp))
            want(files, &there->items[i]);
        i += order <= 0;
        j += order >= 0;
    }
    return true;
}

static bool look_at_all(struct schedule_files *files, struct err *err)
{
    struct found_list there = {0}, known = {0};
    bool good = list_folder(&there, err) &&
                store_schedules_each(files->schedules->host->store, take_known, &known, err);
    sort_found(&known);
    if (good) {
        files->known = (int64_t)there.count;
        good = compare(files, &there, &known, err);
    }
    dispose_found(&there);
    dispose_found(&known);
    return good;
}

static bool look_at_changed(struct schedule_files *files, struct err *err)
{
    struct found_list there = {0};
    bool good = true;
    const int folder = open(FOLDER, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    for (size_t i = 0; i < files->changed_count; i++) {
        struct schedule_row row;
        bool found = false;
        SCOPED_TEXT char *name = name_of_file(files->changed[i]);
        const bool is_there = folder >= 0 && look_at(&there, folder, files->changed[i]);
        if (!name || !good)
            continue;
        good = store_schedule_find(files->schedules->host->store, &found, &row, name, err);
        if (good && is_there && (!found || row.stamp != there.items[there.count - 1].stamp))
            want(files, &there.items[there.count - 1]);
        else if (good && !is_there && found && row.stamp != 0)
            good = forget(files, name, err);
        if (found)
            schedule_row_dispose(&row);
    }
    if (folder >= 0)
        close(folder);
    dispose_found(&there);
    return good;
}

// ---- reading

static void read_more(struct schedule_files *files);

static void tell_waiters(struct schedule_files *files, const struct err *failed)
{
    struct waiter *waiters = STEAL(files->waiters);
    while (waiters) {
        struct waiter *waiter = waiters;
        waiters = waiter->next;
        waiter->done(waiter->owner, failed);
        xfree(waiter);
    }
}

static void settle_later(struct schedule_files *files, uint64_t ms);
static void look(struct schedule_files *files);

static void on_stored(void *owner, const struct err *failed)
{
    struct schedule_files *files = owner;
    if (failed) {
        files->all = true;
        settle_later(files, RETRY_MS);
    }
    if (files->again && !failed) {
        files->again = false;
        look(files);
    } else
        tell_waiters(files, failed);
}

static void finish(struct schedule_files *files)
{
    dispose_found(&files->to_read);
    files->next = 0;
    turn_after(files->schedules->host, on_stored, files);
}

static void take(struct schedule_files *files, const char *name, int64_t stamp, struct text json,
                 const struct err *failed)
{
    struct host *host = files->schedules->host;
    struct err err;
    if (!turn_begin(host, &err) || !schedules_take_file(files->schedules, name, stamp, json, failed, &err)) {
        log_error("schedule.read", "name=%s error=%s", name, err_name(err.code));
        turn_spoil(host, &err);
    }
}

static void on_read(void *owner, struct text json, const struct err *failed)
{
    struct reading *reading = owner;
    struct schedule_files *files = reading->files;
    take(files, reading->name, reading->stamp, json, failed);
    xfree(reading->name);
    xfree(reading);
    files->reading--;
    read_more(files);
}

static bool read_source(struct buf *source, int64_t *stamp, const char *path, struct err *err)
{
    struct stat status;
    const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0 || fstat(fd, &status) != 0 || !S_ISREG(status.st_mode)) {
        const int reason = errno;
        if (fd >= 0)
            close(fd);
        return fail(err, ERR_FILE_UNREADABLE, path, strerror(fd < 0 ? reason : EINVAL));
    }
    *stamp = stamp_of(&status);
    char *room = buf_reserve(source, FILE_BYTES_MAX + 1);
    const ssize_t length = read(fd, room, FILE_BYTES_MAX + 1);
    close(fd);
    if (length < 0)
        return fail(err, ERR_FILE_UNREADABLE, path, strerror(errno));
    if (length > FILE_BYTES_MAX)
        return fail(err, ERR_LIMIT_PASSED, path, N(FILE_BYTES_MAX));
    source->length += (size_t)length;
    return true;
}

static void read_one(struct schedule_files *files, const struct found *found)
{
    SCOPED_BUF(source, FILE_BYTES_MAX + 1);
    SCOPED_TEXT char *path = xasprintf(FOLDER "/%s.lua", found->name);
    int64_t stamp = found->stamp;
    struct err err;
    if (!read_source(&source, &stamp, path, &err)) {
        if (access(path, F_OK) == 0) // one that went meanwhile is told of by the next event
            take(files, found->name, stamp, TEXT_OF(""), &err);
        return;
    }
    struct reading *reading = xcalloc(1, sizeof *reading);
    *reading = (struct reading){files, xstrdup(found->name), stamp};
    files->reading++;
    readers_read(files->readers, path, buf_text(&source), on_read, reading);
}

static void read_more(struct schedule_files *files)
{
    while (files->next < files->to_read.count && readers_asked(files->readers) < READERS_ASKED_MAX - 1)
        read_one(files, &files->to_read.items[files->next++]);
    if (files->reading == 0 && files->next == files->to_read.count)
        finish(files);
}

// ---- being told

static void watch(struct schedule_files *files);

static bool is_busy(const struct schedule_files *files)
{
    return files->reading > 0 || files->next < files->to_read.count;
}

static void look(struct schedule_files *files)
{
    struct err err;
    if (is_busy(files)) {
        settle_later(files, SETTLE_MS); // what is being read is read to its end first
        return;
    }
    watch(files);
    const bool good = files->all ? look_at_all(files, &err) : look_at_changed(files, &err);
    for (size_t i = 0; i < files->changed_count; i++)
        xfree(files->changed[i]);
    files->changed_count = 0;
    files->all = false;
    if (!good) {
        log_error("schedule.look", "error=%s", err_name(err.code));
        turn_spoil(files->schedules->host, &err);
        tell_waiters(files, &err);
        return;
    }
    read_more(files);
}

static void on_settled(uv_timer_t *timer)
{
    look(timer->data);
}

static void settle_later(struct schedule_files *files, uint64_t ms)
{
    uv_timer_start(&files->settle, on_settled, ms, 0);
}

static void note_changed(struct schedule_files *files, const char *file)
{
    for (size_t i = 0; i < files->changed_count; i++)
        if (strcmp(files->changed[i], file) == 0)
            return;
    if (files->changed_count == CHANGED_MAX)
        files->all = true;
    else
        files->changed[files->changed_count++] = xstrdup(file);
}

static void on_folder(uv_fs_event_t *handle, const char *file, int events, int status)
{
    struct schedule_files *files = handle->data;
    (void)events;
    if (status != 0 || !file)
        files->all = true;
    else if (strcmp(file, FOLDER) == 0)
        files->all = true; // the folder itself went, or moved
    else {
        SCOPED_TEXT char *name = name_of_file(file);
        if (strcmp(file, "calendars") == 0)
            schedule_calendars_look(files->schedules->own_calendars);
        if (!name)
            return;
        note_changed(files, file);
    }
    if (!uv_is_active((uv_handle_t *)&files->settle))
        settle_later(files, SETTLE_MS);
}

static void on_above(uv_fs_event_t *handle, const char *file, int events, int status)
{
    struct schedule_files *files = handle->data;
    (void)events, (void)status;
    if (file && strcmp(file, FOLDER) != 0)
        return;
    uv_fs_event_stop(&files->folder);
    files->watched = false;
    files->all = true;
    if (!uv_is_active((uv_handle_t *)&files->settle))
        settle_later(files, SETTLE_MS);
}

// Again where the folder has come back: a watch is of what was there, not of a name.
static void watch(struct schedule_files *files)
{
    if (!files->above_watched)
        files->above_watched = uv_fs_event_start(&files->above, on_above, ".", 0) == 0;
    if (!files->watched)
        files->watched = uv_fs_event_start(&files->folder, on_folder, FOLDER, 0) == 0;
}

// ---- its life

struct schedule_files *schedule_files_new(struct schedules *schedules)
{
    struct schedule_files *files = xcalloc(1, sizeof *files);
    uv_loop_t *loop = schedules->host->loop;
    files->schedules = schedules;
    files->readers = readers_new(schedules->host);
    files->known = -1;
    require(uv_timer_init(loop, &files->settle) == 0 && uv_fs_event_init(loop, &files->folder) == 0 &&
            uv_fs_event_init(loop, &files->above) == 0);
    files->settle.data = files->folder.data = files->above.data = files;
    return files;
}

void schedule_files_sync(struct schedule_files *files, schedules_done done, void *owner)
{
    struct waiter *waiter = xcalloc(1, sizeof *waiter);
    *waiter = (struct waiter){files->waiters, done, owner};
    files->waiters = waiter;
    if (files->known < LOOKED_AT_ALWAYS_MAX)
        files->all = true;
    if (is_busy(files))
        files->again = true;
    else
        look(files);
}

static void on_closed(uv_handle_t *handle)
{
    if (handle->type == UV_TIMER) // the last of the three
        xfree(handle->data);
}

void schedule_files_free(struct schedule_files *files)
{
    struct err err;
    (void)fail(&err, ERR_WIRE_CLOSED, "host");
    tell_waiters(files, &err);
    readers_free(files->readers);
    dispose_found(&files->to_read);
    for (size_t i = 0; i < files->changed_count; i++)
        xfree(files->changed[i]);
    uv_close((uv_handle_t *)&files->folder, on_closed);
    uv_close((uv_handle_t *)&files->above, on_closed);
    uv_close((uv_handle_t *)&files->settle, on_closed);
}
