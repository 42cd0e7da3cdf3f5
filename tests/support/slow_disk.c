// A machine on which each file that is to be kept takes nine seconds: linked into a second renki, for the test that a host
// goes on meanwhile. Where it keeps its store elsewhere, only files that runs are given and attach are synced.
#include <time.h>

int __real_fsync(int fd); // NOLINT: the linker's name
int __wrap_fsync(int fd); // NOLINT

int __wrap_fsync(int fd) // NOLINT
{
    nanosleep(&(struct timespec){.tv_sec = 9}, NULL);
    return __real_fsync(fd);
}
