// Walking over working files, one folder at a time and without following links; for the files of repo/. In the host.
#ifndef RENKI_HOST_REPO_WALK_H
#define RENKI_HOST_REPO_WALK_H

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static inline int walk_is_name(const struct dirent *entry)
{
    return strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
}

struct walk_names {
    struct dirent **list;
    int count; // -1: none
};

static inline void scoped_walk_names_dispose(struct walk_names *names)
{
    for (int i = 0; i < names->count; i++)
        free(names->list[i]);
    if (names->count >= 0)
        free(names->list);
}
// Set to { NULL, -1 }, then .count = scandirat(…): apart, for an initializer may be written after its call.
#define SCOPED_NAMES __attribute__((cleanup(scoped_walk_names_dispose))) struct walk_names

static inline void scoped_walk_close(const int *fd)
{
    if (*fd >= 0)
        close(*fd);
}
#define SCOPED_FD __attribute__((cleanup(scoped_walk_close))) const int

enum walk_kind { WALK_FILE, WALK_FOLDER, WALK_OTHER };

static inline enum walk_kind walk_kind_of(int folder, const char *name)
{
    struct stat status;
    if (fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) != 0)
        return WALK_OTHER;
    return S_ISREG(status.st_mode) ? WALK_FILE : S_ISDIR(status.st_mode) ? WALK_FOLDER : WALK_OTHER;
}

// The folder inside, or -1.
static inline int walk_enter(int folder, const char *name)
{
    return openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

#endif
