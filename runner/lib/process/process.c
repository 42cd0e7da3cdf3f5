// See process.h. A fork with a pidfd: the child only moves descriptors and execs.
#include "lib/process/process.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { LAUNCHER_MS = 10000 };

// Not by clone3, which hides its flags from filters: a unit with RestrictNamespaces= has none.
static pid_t clone_with_pidfd(int *pidfd, unsigned long flags)
{
    const unsigned long signal = flags & CLONE_PARENT ? 0 : SIGCHLD; // of a sibling: as its own
    return (pid_t)syscall(SYS_clone, CLONE_PIDFD | flags | signal, NULL, pidfd, NULL, NULL);
}

static int log_fd = -1; // of the children

void process_log_to(int fd)
{
    log_fd = fd;
}

// In the child: only system calls.
static void become(const char *role, int socket)
{
    char *const arguments[] = {(char *)(uintptr_t) "renki", (char *)(uintptr_t)role, NULL};
    // The zygote's forks are without most libraries, so nothing may be looked up there later (worker/libraries.h).
    char *const bind_now = strcmp(role, "zygote") == 0 ? (char *)(uintptr_t) "LD_BIND_NOW=1" : NULL;
    char *const environment[] = {(char *)(uintptr_t) "LC_ALL=C", bind_now, NULL};
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    setsid();
    const int nothing = open("/dev/null", O_RDWR);
    if (socket == PROCESS_SOCKET)
        fcntl(socket, F_SETFD, 0);
    else if (dup2(socket, PROCESS_SOCKET) < 0)
        _exit(126);
    if (nothing >= 0) {
        dup2(nothing, 0);
        dup2(nothing, 1);
    }
    if (log_fd >= 0)
        dup2(log_fd, STDERR_FILENO);
    close_range(PROCESS_SOCKET + 1, ~0U, CLOSE_RANGE_CLOEXEC);
    execve("/proc/self/exe", arguments, environment);
    _exit(127);
}

// Takes no descriptor; the pidfd is the caller's. `flags` CLONE_PARENT makes it a sibling.
static pid_t spawn(int *pidfd, const char *role, int socket, unsigned long flags)
{
    const pid_t pid = clone_with_pidfd(pidfd, flags);
    if (pid == 0)
        become(role, socket);
    if (pid > 0)
        fcntl(*pidfd, F_SETFD, FD_CLOEXEC);
    return pid;
}

// ---- the launcher

static struct wire launcher = {.fd = -1}; // of this process; opened once

static bool ask_launcher(struct process *out, const char *role, int socket, struct err *err)
{
    struct message_LAUNCHED launched;
    struct frame frame;
    SCOPED(json_document)
    document = NULL;
    if (!wire_send_fds(&launcher, MESSAGE_OF(LAUNCH, .role = text_from(role)), &socket, 1, err) ||
        !wire_expect(&launcher, MESSAGE_LAUNCHED, &launched, &document, &frame, LAUNCHER_MS, err))
        return false;
    if (launched.pid < 0 || frame.fd_count != 1) {
        frame_close_fds(&frame);
        return fail(err, ERR_SPAWN, role, strerror((int)-launched.pid));
    }
    out->pid = (pid_t)launched.pid;
    out->pidfd = frame.fds[0];
    return true;
}

bool process_open_launcher(struct err *err)
{
    struct process process;
    if (launcher.fd >= 0)
        return true;
    if (!process_start(&process, "launcher", err))
        return false;
    close(process.pidfd); // it ends with its parent, and its socket tells when it is gone
    launcher = wire_new(process.socket, ROLE_HOST, ROLE_LAUNCHER, true);
    return true;
}

static bool is_role(struct text role)
{
    static const char *const roles[] = {"zygote", "reader", "gateway", "fake", "remote", "web"};
    for (size_t i = 0; i < COUNT_OF(roles); i++)
        if (text_is(role, roles[i]))
            return true;
    return false;
}

static bool launch(struct wire *parent, struct frame *frame, struct err *err)
{
    struct message_LAUNCH message;
    SCOPED(json_document)
    document = NULL;
    int pidfd = -1;
    if (frame->type != MESSAGE_LAUNCH || !wire_decode(&document, &message, frame, err) ||
        frame->fd_count != 1 || !is_role(message.role))
        return false;
    SCOPED_TEXT char *role = text_copy(message.role);
    const pid_t pid = spawn(&pidfd, role, frame->fds[0], CLONE_PARENT);
    const int64_t answer = pid > 0 ? pid : -errno;
    frame_close_fds(frame);
    const bool sent =
        wire_send_fds(parent, MESSAGE_OF(LAUNCHED, .pid = answer), &pidfd, pid > 0 ? 1 : 0, err);
    if (pid > 0)
        close(pidfd);
    return sent;
}

int launcher_main(void)
{
    struct frame frame;
    struct err err;
    if (!process_begin("launcher", LOG_LEVEL_INFO))
        return 1;
    struct wire parent = wire_new(PROCESS_SOCKET, ROLE_LAUNCHER, ROLE_HOST, true);
    while (wire_receive(&parent, &frame, -1, &err))
        if (!launch(&parent, &frame, &err))
            return 1;
    return err.code == ERR_WIRE_CLOSED ? 0 : 1;
}

// ---- starting, waiting

static bool spawn_here(struct process *out, const char *role, int socket, struct err *err)
{
    out->pid = spawn(&out->pidfd, role, socket, 0);
    return out->pid > 0 ? true : fail(err, ERR_SPAWN, role, strerror(errno));
}

bool process_start(struct process *out, const char *role, struct err *err)
{
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
        return fail(err, ERR_SPAWN, role, strerror(errno));
    *out = (struct process){.pidfd = -1, .socket = pair[0]};
    const bool done =
        launcher.fd >= 0 ? ask_launcher(out, role, pair[1], err) : spawn_here(out, role, pair[1], err);
    close(pair[1]);
    if (!done)
        close(pair[0]);
    return done;
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
