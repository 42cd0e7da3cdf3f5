// See leftovers.h.
#include "host/leftovers.h"

#include "host/session.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    AT_ONCE = 1000,
    NAME_SIZE = 40, // 32 digits, perhaps ".part"
    DIGITS = 32,
    DAY_SECONDS = 24 * 3600,
    OLD_SECONDS = 2 * DAY_SECONDS,
    TREE_DEPTH = 32
};

#define RUNS ".renki/runs"
#define SWEPT ".renki/swept"

struct leftovers {
    char names[AT_ONCE][NAME_SIZE];
    bool kept[AT_ONCE];
    size_t count;
};

static bool is_older(const struct stat *status, int64_t seconds)
{
    return status->st_mtime < clock_realtime_ms() / 1000 - seconds;
}

static bool is_folder_name(const char *name)
{
    const size_t digits = strspn(name, "0123456789abcdef");
    return digits == DIGITS && (!name[digits] || strcmp(name + digits, ".part") == 0);
}

static DIR *open_runs(void)
{
    struct stat status;
    if (stat(RUNS, &status) != 0 || chmod(RUNS, 0700) != 0)
        return NULL;
    DIR *folder = opendir(RUNS);
    if (chmod(RUNS, status.st_mode & 07777) != 0)
        log_error("leftovers.mode", "reason=\"%s\"", strerror(errno));
    return folder;
}

static void find_old(struct leftovers *leftovers)
{
    DIR *folder = open_runs();
    const struct dirent *entry;
    struct stat status;
    while (folder && leftovers->count < AT_ONCE && (entry = readdir(folder)))
        if (is_folder_name(entry->d_name) &&
            fstatat(dirfd(folder), entry->d_name, &status, AT_SYMLINK_NOFOLLOW) == 0 &&
            S_ISDIR(status.st_mode) && is_older(&status, OLD_SECONDS))
            snprintf(leftovers->names[leftovers->count++], NAME_SIZE, "%s", entry->d_name);
    if (folder)
        closedir(folder);
}

static bool keep(void *owner, struct text name, struct err *err)
{
    struct leftovers *leftovers = owner;
    (void)err;
    for (size_t i = 0; i < leftovers->count; i++)
        if (text_is(name, leftovers->names[i]))
            leftovers->kept[i] = true;
    return true;
}

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *place)
{
    (void)status, (void)place;
    return kind == FTW_DP ? rmdir(path) : unlink(path);
}

static void remove_old(const struct leftovers *leftovers)
{
    for (size_t i = 0; i < leftovers->count; i++) {
        if (leftovers->kept[i])
            continue;
        SCOPED_TEXT char *path = xasprintf(RUNS "/%s", leftovers->names[i]);
        const bool gone = nftw(path, remove_one, TREE_DEPTH, FTW_DEPTH | FTW_PHYS | FTW_MOUNT) == 0;
        log_info("leftovers.removed", "gone=%d", gone);
    }
}

void leftovers_sweep(struct host *host)
{
    struct stat status;
    struct err err;
    if (stat(SWEPT, &status) == 0 && !is_older(&status, DAY_SECONDS))
        return;
    const int swept = open(SWEPT, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (swept < 0)
        return; // a workspace that can't be written, or an earlier renki's
    futimens(swept, NULL);
    close(swept);
    struct leftovers *leftovers = xcalloc(1, sizeof *leftovers);
    find_old(leftovers);
    if (leftovers->count == 0 || store_run_folders(host->store, keep, leftovers, &err))
        remove_old(leftovers);
    xfree(leftovers);
}
