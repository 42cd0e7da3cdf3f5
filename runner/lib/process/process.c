// See process.h. vfork-like start (CLONE_VFORK | CLONE_PIDFD): the child only moves descriptors and execs.
#include "lib/process/process.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static pid_t clone_with_pidfd(int *pidfd)
{
    struct clone_args arguments = {
        .flags = CLONE_PIDFD,
        .pidfd = (uint64_t)(uintptr_t)pidfd,
        .exit_signal = SIGCHLD,
    };
    return (pid_t)syscall(SYS_clone3, &arguments, sizeof arguments);
}

// In the child: only system calls.
static void become(const char *role, int socket)
{
    char *const arguments[] = {(char *)(uintptr_t) "renki", (char *)(uintptr_t)role, NULL};
    char *const environment[] = {(char *)(uintptr_t) "LC_ALL=C", NULL};
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    const int nothing = open("/dev/null", O_RDWR);
    if (socket == PROCESS_SOCKET)
        fcntl(socket, F_SETFD, 0);
    else if (dup2(socket, PROCESS_SOCKET) < 0)
        _exit(126);
    if (nothing >= 0) {
        dup2(nothing, 0);
        dup2(nothing, 1);
    }
    close_range(PROCESS_SOCKET + 1, ~0U, CLOSE_RANGE_CLOEXEC);
    execve("/proc/self/exe", arguments, environment);
    _exit(127);
}

bool process_start(struct process *out, const char *role, struct err *err)
{
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
        return fail(err, ERR_SPAWN, role, strerror(errno));
    int pidfd = -1;
    const pid_t pid = clone_with_pidfd(&pidfd);
    if (pid == 0)
        become(role, pair[1]);
    const int reason = errno;
    close(pair[1]);
    if (pid < 0) {
        close(pair[0]);
        return fail(err, ERR_SPAWN, role, strerror(reason));
    }
    fcntl(pidfd, F_SETFD, FD_CLOEXEC);
    *out = (struct process){.pid = pid, .pidfd = pidfd, .socket = pair[0]};
    return true;
}

int process_wait(const struct process *process)
{
    int status;
    pid_t ended;
    do
        ended = waitpid(process->pid, &status, 0);
    while (ended < 0 && errno == EINTR);
    if (ended < 0)
        return 255;
    return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

bool process_begin(const char *role, enum log_level level)
{
    log_open(role, level);
    umask(077);
    setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    signal(SIGPIPE, SIG_IGN);
    close_range(PROCESS_SOCKET + 1, ~0U, 0);
    struct stat status;
    return fstat(PROCESS_SOCKET, &status) == 0 && S_ISSOCK(status.st_mode);
}
