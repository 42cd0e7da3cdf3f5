// See quarantine.h. Its name goes first, and at once: half of it must never be taken for all of it.
#include "host/quarantine.h"

#include "lib/base/log.h"

#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { TREE_DEPTH = 32 };

#define FORGOTTEN SYNC_QUARANTINE ".forgotten"

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *place)
{
    (void)status, (void)place;
    return kind == FTW_DP ? rmdir(path) : unlink(path);
}

// True also when it is not there.
static bool remove_tree(const char *path)
{
    struct stat status;
    return lstat(path, &status) != 0 ||
           nftw(path, remove_one, TREE_DEPTH, FTW_DEPTH | FTW_PHYS | FTW_MOUNT) == 0;
}

void quarantine_forget(void)
{
    // A host that was killed here left the one of that name.
    const bool gone = remove_tree(FORGOTTEN) &&
                      (rename(SYNC_QUARANTINE, FORGOTTEN) == 0 || errno == ENOENT) && remove_tree(FORGOTTEN);
    if (!gone)
        log_error("sync.quarantine", "reason=\"%s\"", strerror(errno));
}
