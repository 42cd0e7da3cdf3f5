// The calendars of closed days that schedules look at: those that come with renki, and the workspace's own in
// schedules/calendars, which come before them. In the host.
//
// Others write these files, so a reader takes them apart (readers.h); here only its answers are kept. When a file
// changes all are read anew, and what looks at a calendar is planned anew by the new ones.
#include "host/alerts.h"
#include "host/readers.h"
#include "host/schedules_own.h"
#include "host/turn.h"
#include "lib/base/file.h"
#include "lib/base/log.h"
#include "lib/process/place.h"

#include <dirent.h>
#include <fcntl.h>

enum { SETTLE_MS = 200, FILE_BYTES_MAX = 262144, WORDS_MAX = 8192 };

#define OWN_FOLDER "schedules/calendars"

struct waiter {
    struct waiter *next;
    schedule_calendars_done done;
    void *owner;
};

struct schedule_calendars {
    struct schedules *schedules;
    struct readers *readers;
    struct calendars *coming; // being read; NULL: nothing is
    char **files;             // paths that are still to be read
    size_t count, next, reading;
    uv_fs_event_t watch;
    uv_timer_t settle;
    bool loaded, again; // again: a file changed while they were read
    struct waiter *waiters;
};

struct reading {
    struct schedule_calendars *own;
    char *name; // "fi-holidays"
};

static void read_more(struct schedule_calendars *own);

static void list_folder(struct schedule_calendars *own, const char *folder)
{
    DIR *entries = folder ? opendir(folder) : NULL;
    const struct dirent *entry;
    while (entries && (entry = readdir(entries)) && own->count < CALENDARS_MAX) {
        const struct text file = text_from(entry->d_name);
        if (file.length <= 4 || !text_ends(file, ".ics") || file.data[0] == '.')
            continue;
        own->files = xreallocarray(own->files, own->count + 1, sizeof *own->files);
        own->files[own->count++] = xasprintf("%s/%s", folder, entry->d_name);
    }
    if (entries)
        closedir(entries);
}

static void tell_waiters(struct schedule_calendars *own)
{
    struct waiter *waiters = STEAL(own->waiters);
    while (waiters) {
        struct waiter *waiter = waiters;
        waiters = waiter->next;
        waiter->done(waiter->owner);
        xfree(waiter);
    }
}

static void finish(struct schedule_calendars *own)
{
    const bool changed = own->loaded;
    calendars_free(own->schedules->calendars);
    own->schedules->calendars = STEAL(own->coming);
    for (size_t i = 0; i < own->count; i++)
        xfree(own->files[i]);
    xfree(STEAL(own->files));
    own->count = own->next = 0;
    own->loaded = true;
    if (changed)
        schedules_calendars_changed(own->schedules);
    tell_waiters(own);
    if (own->again) {
        own->again = false;
        schedule_calendars_look(own);
    }
}

// A calendar that can't be read is as if it were not there: schedules that look at it say so.
static void tell_wrong(struct schedule_calendars *own, const char *name, const struct err *why)
{
    struct host *host = own->schedules->host;
    struct err err;
    SCOPED_BUF(words, WORDS_MAX);
    log_error("calendar.unread", "name=%s error=%s", name, err_name(why->code));
    if (!host->serving || !err_message(&words, why, host->settings->language))
        return;
    const struct alert alert = {.kind = ALERT_SCHEDULE, .subject = name, .detail = buf_string(&words)};
    if (!turn_begin(host, &err) || !alert_raise(host, &alert, &err))
        turn_spoil(host, &err);
}

static void take(struct schedule_calendars *own, const char *name, struct text json, const struct err *failed)
{
    SCOPED(json_document)
    document = NULL;
    struct err err;
    if (failed)
        tell_wrong(own, name, failed);
    else if (!json_parse(&document, json, &err) ||
             !calendars_add(own->coming, text_from(name), json_root(document), &err))
        tell_wrong(own, name, &err);
}

static void on_read(void *owner, struct text json, const struct err *failed)
{
    struct reading *reading = owner;
    struct schedule_calendars *own = reading->own;
    take(own, reading->name, json, failed);
    xfree(reading->name);
    xfree(reading);
    own->reading--;
    read_more(own);
}

static void read_one(struct schedule_calendars *own, const char *path)
{
    SCOPED_BUF(source, FILE_BYTES_MAX);
    struct err err;
    const char *file = strrchr(path, '/') + 1;
    SCOPED_TEXT char *name = xstrndup(file, strlen(file) - 4);
    if (!file_read(&source, AT_FDCWD, path, &err)) {
        tell_wrong(own, name, &err);
        return;
    }
    struct reading *reading = xcalloc(1, sizeof *reading);
    *reading = (struct reading){own, STEAL(name)};
    own->reading++;
    readers_read(own->readers, file, buf_text(&source), on_read, reading);
}

static void read_more(struct schedule_calendars *own)
{
    while (own->next < own->count && readers_asked(own->readers) < READERS_ASKED_MAX - 1)
        read_one(own, own->files[own->next++]);
    if (own->coming && own->reading == 0 && own->next == own->count)
        finish(own);
}

// Later ones take the place of earlier ones of their name, so the workspace's own come last.
static void load(struct schedule_calendars *own)
{
    if (own->coming) {
        own->again = true;
        return;
    }
    own->coming = calendars_new();
    list_folder(own, own->schedules->host->calendars_place);
    list_folder(own, OWN_FOLDER);
    read_more(own);
}

// ---- being told

static void on_settled(uv_timer_t *timer)
{
    schedule_calendars_look(timer->data);
}

static void on_change(uv_fs_event_t *watch, const char *file, int events, int status)
{
    struct schedule_calendars *own = watch->data;
    (void)file, (void)events, (void)status;
    uv_timer_start(&own->settle, on_settled, SETTLE_MS, 0);
}

void schedule_calendars_look(struct schedule_calendars *own)
{
    uv_fs_event_stop(&own->watch);                                  // the folder may be another one by now
    (void)uv_fs_event_start(&own->watch, on_change, OWN_FOLDER, 0); // it need not be there
    load(own);
}

void schedule_calendars_sync(struct schedule_calendars *own, schedule_calendars_done done, void *owner)
{
    if (own->loaded) {
        done(owner);
        return;
    }
    struct waiter *waiter = xcalloc(1, sizeof *waiter);
    *waiter = (struct waiter){own->waiters, done, owner};
    own->waiters = waiter;
    if (!own->coming)
        schedule_calendars_look(own);
}

struct schedule_calendars *schedule_calendars_new(struct schedules *schedules)
{
    struct schedule_calendars *own = xcalloc(1, sizeof *own);
    own->schedules = schedules;
    own->readers = readers_new(schedules->host);
    require(uv_fs_event_init(schedules->host->loop, &own->watch) == 0 &&
            uv_timer_init(schedules->host->loop, &own->settle) == 0);
    own->watch.data = own->settle.data = own;
    return own;
}

static void on_watch_closed(uv_handle_t *handle)
{
    (void)handle;
}

static void on_settle_closed(uv_handle_t *handle) // the last of the two
{
    xfree(handle->data);
}

void schedule_calendars_free(struct schedule_calendars *own)
{
    readers_free(own->readers);
    calendars_free(own->coming);
    for (size_t i = 0; i < own->count; i++)
        xfree(own->files[i]);
    xfree(own->files);
    while (own->waiters) {
        struct waiter *waiter = own->waiters;
        own->waiters = waiter->next;
        xfree(waiter);
    }
    uv_close((uv_handle_t *)&own->watch, on_watch_closed);
    uv_close((uv_handle_t *)&own->settle, on_settle_closed);
}
