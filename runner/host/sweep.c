// See sweep.h. Between sweeps a single file is bounded by RLIMIT_FSIZE.
#include "host/sweep.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

enum { DEPTH_MAX = 16 };

struct sum {
    int64_t bytes, files;
};

static void add_up(struct sum *sum, int folder, int depth)
{
    const int copy = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *directory = copy >= 0 ? fdopendir(copy) : NULL;
    if (!directory)
        return;
    for (const struct dirent *entry; (entry = readdir(directory));) {
        struct stat status;
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0 ||
            fstatat(folder, entry->d_name, &status, AT_SYMLINK_NOFOLLOW) != 0)
            continue;
        sum->files++;
        sum->bytes += S_ISREG(status.st_mode) ? (int64_t)status.st_blocks * 512 : 0;
        const int inner = S_ISDIR(status.st_mode) && depth < DEPTH_MAX
                              ? openat(folder, entry->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
                              : -1;
        if (inner >= 0) {
            add_up(sum, inner, depth + 1);
            close(inner);
        }
    }
    closedir(directory);
}

bool sweep_has_room(void)
{
    struct statvfs status;
    return statvfs(".renki", &status) != 0 ||
           (int64_t)status.f_bavail * (int64_t)status.f_frsize >= (int64_t)SWEEP_FLOOR_MB << 20;
}

void sweep(struct session *session)
{
    struct sum sum = {0, 0};
    const struct run_limits *limits = &session->pin->manifest->limits;
    add_up(&sum, session->folder_fd, 0);
    sum.bytes -= session->input_bytes;
    sum.files -= session->input_files;
    if (sum.bytes > limits->output_bytes)
        session_limit(session, "output");
    else if (sum.files > limits->files)
        session_limit(session, "files");
    else if (!sweep_has_room())
        session_limit(session, "disk");
}
