// The locks of a save. In the host.
//
// Saves take turns by flock on GIT/renki.lock, which ends with its holder. git is kept from the index as it asks for: by a
// file index.lock. Ours is a hard link of renki.lock, so that one left behind by a host that was killed is known by its
// inode and taken over, while git's is never touched. The branch's lock is libgit2's; one older than any write takes was
// left by somebody who died.
#include "host/repo/save_own.h"
#include "lib/base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { TRIES_MAX = 300, WAIT_US = 10000, STALE_S = 30 };

static bool busy(struct err *err, const char *lock)
{
    return fail(err, ERR_SAVE_BUSY, lock);
}

static bool take_turn(struct save_lock *lock, struct err *err)
{
    lock->fd = open(lock->own, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
    if (lock->fd < 0)
        return fail(err, ERR_FILE_UNWRITABLE, lock->own, strerror(errno));
    for (int tries = 0; flock(lock->fd, LOCK_EX | LOCK_NB) != 0; tries++) {
        if (tries == TRIES_MAX)
            return busy(err, lock->own);
        usleep(WAIT_US);
    }
    return true;
}

static bool is_ours(const struct save_lock *lock)
{
    struct stat own, found;
    return fstat(lock->fd, &own) == 0 && lstat(lock->index, &found) == 0 && own.st_ino == found.st_ino &&
           own.st_dev == found.st_dev;
}

static bool take_index(struct save_lock *lock, struct err *err)
{
    for (int tries = 0; link(lock->own, lock->index) != 0 && !is_ours(lock); tries++) {
        const int reason = errno;
        if (reason != EEXIST || tries == TRIES_MAX) {
            SCOPED_TEXT char *index = STEAL(lock->index); // it is another's
            return reason == EEXIST ? busy(err, index)
                                    : fail(err, ERR_FILE_UNWRITABLE, index, strerror(reason));
        }
        usleep(WAIT_US);
    }
    return true;
}

bool save_lock_take(struct save_lock *out, struct repo *repo, struct err *err)
{
    const char *folder = git_repository_path(repo->repository);
    *out = (struct save_lock){
        .fd = -1, .own = xasprintf("%srenki.lock", folder), .index = xasprintf("%sindex.lock", folder)};
    if (take_turn(out, err) && take_index(out, err))
        return true;
    save_lock_give(out);
    return false;
}

void save_lock_give(struct save_lock *lock)
{
    if (lock->fd >= 0 && lock->index && is_ours(lock))
        unlink(lock->index);
    if (lock->fd >= 0)
        close(lock->fd);
    lock->fd = -1;
    xfree(lock->own);
    xfree(lock->index);
    lock->own = lock->index = NULL;
}

static bool is_stale(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && time(NULL) - status.st_mtime > STALE_S;
}

bool save_lock_wait(struct repo *repo, const char *branch, int tries, struct err *err)
{
    SCOPED_TEXT char *path = xasprintf("%s%s.lock", git_repository_commondir(repo->repository), branch);
    if (tries < TRIES_MAX) {
        if (is_stale(path) && unlink(path) == 0)
            log_info("repo.lock_removed", "branch=%s", branch);
        else
            usleep(WAIT_US);
        return true;
    }
    return busy(err, path);
}
