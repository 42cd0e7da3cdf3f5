// Namespaces of one's own without being root, and the file system that is seen in them.
//
// The order matters: maps are refused to a process that is not dumpable, mounting is refused once Landlock is on, and
// /proc is gone after the view is made.
#include "lib/sandbox/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <unistd.h>

static bool refused(struct err *err, const char *layer, const char *step)
{
    SCOPED_TEXT char *reason = xasprintf("%s: %s", step, strerror(errno));
    return fail(err, ERR_SANDBOX_LAYER, layer, reason);
}

static bool write_map(const char *path, const char *content, struct err *err)
{
    const int file = open(path, O_WRONLY | O_CLOEXEC);
    const bool done = file >= 0 && write(file, content, strlen(content)) == (ssize_t)strlen(content);
    if (!done)
        refused(err, "namespaces", path);
    if (file >= 0)
        close(file);
    return done;
}

bool sandbox_namespaces(struct err *err)
{
    char users[64], groups[64];
    snprintf(users, sizeof users, "%u %u 1\n", geteuid(), geteuid());
    snprintf(groups, sizeof groups, "%u %u 1\n", getegid(), getegid());
    if (unshare(CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS) != 0)
        return refused(err, "namespaces", "unshare");
    return write_map("/proc/self/setgroups", "deny", err) && write_map("/proc/self/uid_map", users, err) &&
           write_map("/proc/self/gid_map", groups, err);
}

// Where the new root is mounted before it becomes the root: there on every system, and no longer needed.
#define STAGE "/proc"
#define NOTHING "/nothing" // an empty folder, to cover others with

static bool make_folders(char *path, struct err *err)
{
    for (char *slash = strchr(path + sizeof STAGE, '/');; slash = strchr(slash + 1, '/')) {
        if (slash)
            *slash = '\0';
        if (mkdir(path, 0755) != 0 && errno != EEXIST)
            return refused(err, "mount view", path);
        if (!slash)
            return true;
        *slash = '/';
    }
}

// struct mount_attr and mount_setattr(2), since Linux 5.12: also what is mounted below, and no flag is lost.
static bool restrict_mount(const char *path, bool writable)
{
    const struct mount_attr attributes = {.attr_set = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV |
                                                      MOUNT_ATTR_NOEXEC | (writable ? 0 : MOUNT_ATTR_RDONLY)};
    if (mount_setattr(AT_FDCWD, path, AT_RECURSIVE, (struct mount_attr *)(uintptr_t)&attributes,
                      sizeof attributes) == 0)
        return true;
    struct statvfs now;
    if (errno != ENOSYS || statvfs(path, &now) != 0)
        return false;
    unsigned long flags = MS_NOSUID | MS_NODEV | MS_NOEXEC | (writable ? 0 : MS_RDONLY);
    flags |= (now.f_flag & ST_RDONLY ? MS_RDONLY : 0) | (now.f_flag & ST_NOATIME ? MS_NOATIME : 0) |
             (now.f_flag & ST_NODIRATIME ? MS_NODIRATIME : 0) | (now.f_flag & ST_RELATIME ? MS_RELATIME : 0);
    return mount(NULL, path, NULL, MS_REMOUNT | MS_BIND | flags, NULL) == 0;
}

static bool bind_folder(const struct sandbox_bind *bind, struct err *err)
{
    SCOPED_TEXT char *target = xasprintf(STAGE "/%s", bind->target);
    if (!make_folders(target, err))
        return false;
    if (mount(bind->source, target, NULL, MS_BIND | MS_REC, NULL) != 0 ||
        !restrict_mount(target, bind->writable))
        return refused(err, "mount view", bind->source);
    return true;
}

bool sandbox_view(const struct sandbox_bind *binds, size_t count, struct err *err)
{
    if (mount(NULL, "/", NULL, MS_REC | MS_SLAVE, NULL) != 0 ||
        mount("renki", STAGE, "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, "mode=0755,size=1m,nr_inodes=1k") !=
            0)
        return refused(err, "mount view", "tmpfs");
    for (size_t i = 0; i < count; i++)
        if (!bind_folder(&binds[i], err))
            return false;
    if (mkdir(STAGE SANDBOX_COVERED_FOLDER, 0700) != 0 || mkdir(STAGE NOTHING, 0500) != 0)
        return refused(err, "mount view", "mkdir");
    // pivot_root(2), NOTES: the old root lies over the new one until it is detached
    if (chdir(STAGE) != 0 || syscall(SYS_pivot_root, ".", ".") != 0 || umount2(".", MNT_DETACH) != 0 ||
        chdir("/") != 0)
        return refused(err, "mount view", "pivot_root");
    if (mount(NULL, "/", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) !=
        0)
        return refused(err, "mount view", "read-only root");
    return true;
}

static bool cover_by(const char *source, const char *target, unsigned long flags, struct err *err)
{
    return mount(source, target, NULL, MS_BIND | flags, NULL) == 0 ? true
                                                                   : refused(err, "mount view", target);
}

bool sandbox_cover(const struct sandbox_cover *cover, struct err *err)
{
    if (unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0)
        return refused(err, "namespaces", "unshare");
    for (size_t i = 0; i < cover->read_only_count; i++)
        if (!cover_by(NULL, cover->read_only[i],
                      MS_REMOUNT | MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_RELATIME, err))
            return false;
    for (size_t i = 0; i < cover->hidden_count; i++)
        if (!cover_by(NOTHING, cover->hidden[i], 0, err))
            return false;
    return cover_by(cover->folder, SANDBOX_COVERED_FOLDER, 0, err) && cover_by(NOTHING, cover->runs, 0, err);
}
