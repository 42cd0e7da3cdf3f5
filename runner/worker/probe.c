// The self-test: two forks seal themselves in as a worker does and try the forbidden.
//
// 1. The first leaves seccomp out: files, network and other processes must be out of reach by mount view, namespaces
//    and Landlock alone, as far as this kernel's Landlock goes.
// 2. The second is sealed in whole: every call of the list must be refused, and the files again.
// 3. What they found comes back in a shared page; a fork that dies before its end has found nothing.
#include "worker/probe.h"

#include "lib/process/process.h"
#include "worker/forbidden.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

enum { ATTEMPTS_MAX = 40, RANDOM_BYTES = 8, SECRET = 0x5EC2E7 };

struct attempt {
    const char *name;
    bool (*refused)(const struct probe *probe);
    int landlock_abi; // tried without seccomp only where Landlock has this ABI …
    bool namespaces;  // … or where there are namespaces
};

struct findings {
    bool finished, sealed, calling;
    bool refused[ATTEMPTS_MAX];
    bool calls_refused[FORBIDDEN_MAX];
};

// What the forks find in their shared memory, and what they look for.
static volatile int trapped;
static char other_run[200];

static void note_trap(int call)
{
    (void)call;
    trapped++;
}

// ---- attempts; each is true when it was refused

static bool opened(const char *path, int flags)
{
    const int file = open(path, flags | O_CLOEXEC, 0600);
    if (file >= 0)
        close(file);
    return file >= 0;
}

// Without Landlock the folders of the view can be listed: there is nothing in them but what the run was given.
static bool listed(const struct probe *probe, const char *path)
{
    return probe->landlock_abi > 0 && opened(path, O_RDONLY | O_DIRECTORY);
}

static bool system_files(const struct probe *probe)
{
    return !opened("/etc/passwd", O_RDONLY) && !opened("/proc/self/maps", O_RDONLY) &&
           !opened("/proc/1/environ", O_RDONLY) && !listed(probe, "/") && !opened("/dev/null", O_RDWR) &&
           !opened("/tmp", O_RDWR | O_TMPFILE);
}

static bool other_runs(const struct probe *probe)
{
    char relative[300];
    snprintf(relative, sizeof relative, "..%s", strrchr(other_run, '/'));
    return !opened(other_run, O_RDONLY) && !opened(relative, O_RDONLY) && !opened(other_run, O_WRONLY) &&
           !listed(probe, probe->runs) && unlink(other_run) != 0 && rename(other_run, "stolen") != 0;
}

static bool links(const struct probe *probe)
{
    (void)probe;
    return syscall(SYS_symlinkat, "/etc/passwd", AT_FDCWD, "link") != 0 &&
           syscall(SYS_linkat, AT_FDCWD, other_run, AT_FDCWD, "hard", 0) != 0;
}

static bool special_files(const struct probe *probe)
{
    (void)probe;
    return syscall(SYS_mknodat, AT_FDCWD, "fifo", S_IFIFO | 0600, 0) != 0 &&
           syscall(SYS_mknodat, AT_FDCWD, "device", S_IFCHR | 0600, 0x103) != 0;
}

static bool run_a_program(const struct probe *probe)
{
    (void)probe;
    char *const none[] = {NULL};
    const int file = open("program", O_WRONLY | O_CREAT | O_CLOEXEC, 0700);
    if (file < 0 || write(file, "#!/program\n", 11) != 11 || close(file) != 0)
        return false;
    const bool refused = execve("program", none, none) != 0 && errno != ENOENT;
    return unlink("program") == 0 && refused;
}

static bool reach_network(int kind)
{
    const struct sockaddr_in loopback = {
        .sin_family = AF_INET, .sin_port = htons(9), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    const int end = (int)syscall(SYS_socket, AF_INET, kind | SOCK_CLOEXEC, 0);
    if (end < 0)
        return false;
    errno = 0;
    const bool reached = syscall(SYS_connect, end, &loopback, sizeof loopback) == 0 || errno == ECONNREFUSED;
    close(end);
    return reached;
}

static bool network(const struct probe *probe)
{
    (void)probe;
    return !reach_network(SOCK_STREAM);
}

static bool datagrams(const struct probe *probe)
{
    (void)probe;
    return !reach_network(SOCK_DGRAM);
}

static bool signals(const struct probe *probe)
{
    return syscall(SYS_kill, probe->seal.parent, 0) != 0;
}

static bool memory_of_others(const struct probe *probe)
{
    char byte;
    const struct iovec here = {&byte, 1}, there = {(void *)(uintptr_t)probe->runs, 1};
    return syscall(SYS_process_vm_readv, probe->seal.parent, &here, 1, &there, 1, 0) < 0 &&
           syscall(SYS_ptrace, 16 /* PTRACE_ATTACH */, probe->seal.parent, NULL, NULL) != 0;
}

static bool mounting(const struct probe *probe)
{
    (void)probe;
    return syscall(SYS_mount, "none", ".", "tmpfs", 0, NULL) != 0 && syscall(SYS_chroot, ".") != 0;
}

static bool new_code(const struct probe *probe)
{
    (void)probe;
    void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return page == MAP_FAILED;
}

enum { NEVER_ALONE = 1000 }; // only seccomp refuses it

static const struct attempt attempts[] = {
    {"files of the system", system_files, 1, true},
    {"files of other runs", other_runs, 1, false},
    {"symbolic and hard links", links, 1, false},
    {"pipes and devices", special_files, 1, false},
    {"running a program", run_a_program, 1, true},
    {"connections", network, 4, true},
    {"datagrams", datagrams, NEVER_ALONE, true},
    {"signals to other processes", signals, 6, false},
    {"memory of other processes", memory_of_others, 1, true},
    {"mounting", mounting, 1, false},
    {"new code", new_code, NEVER_ALONE, false},
};

// ---- the two forks

static bool must_refuse(const struct attempt *attempt, const struct probe *probe, bool with_seccomp)
{
    return with_seccomp || (probe->landlock_abi && probe->landlock_abi >= attempt->landlock_abi) ||
           (probe->namespaces && attempt->namespaces);
}

static void try_calls(struct findings *findings)
{
    for (size_t i = 0; forbidden_calls[i].name; i++) {
        const int before = trapped;
        errno = 0;
        const long result = syscall(forbidden_calls[i].number, 0, 0, 0, 0, 0, 0);
        if (result == 0 && forbidden_calls[i].forks)
            _exit(1); // the child that should not be
        findings->calls_refused[i] = trapped > before || (result == -1 && errno == EPERM);
    }
}

static void try_everything(const struct probe *probe, struct seal *seal, struct findings *findings,
                           bool with_seccomp) __attribute__((noreturn));
static void try_everything(const struct probe *probe, struct seal *seal, struct findings *findings,
                           bool with_seccomp)
{
    struct err err;
    if (with_seccomp && layer_is_there(LAYER_SECCOMP) && !sandbox_filter_apply(probe->outer_filter, &err))
        _exit(1);
    if (!seal_worker(NULL, seal, &err))
        _exit(1);
    findings->sealed = true;
    for (size_t i = 0; i < COUNT_OF(attempts); i++)
        findings->refused[i] = !must_refuse(&attempts[i], probe, with_seccomp) || attempts[i].refused(probe);
    findings->calling = with_seccomp;
    if (with_seccomp)
        try_calls(findings);
    findings->finished = true;
    _exit(0);
}

static bool fork_probe(const struct probe *probe, const char *folder, struct findings *findings,
                       bool with_seccomp, struct err *err)
{
    struct seal seal = probe->seal;
    int host[2], gateway[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, host) != 0 ||
        socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, gateway) != 0)
        return fail(err, ERR_SYSTEM, "socketpair", strerror(errno));
    seal.host = host[0];
    seal.gateway = gateway[0];
    seal.folder = folder;
    seal.parent = getpid();
    seal.limits = (struct limits){64 << 20, 10000, 1 << 20};
    seal.on_trap = note_trap;
    if (!with_seccomp)
        seal.filter = NULL;
    const struct probe inside = {probe->runs,         probe->lua,        seal,
                                 probe->outer_filter, probe->namespaces, probe->landlock_abi};
    const pid_t child = fork();
    if (child == 0)
        try_everything(&inside, &seal, findings, with_seccomp);
    for (int i = 0; i < 2; i++) {
        close(host[i]);
        close(gateway[i]);
    }
    const int how = child > 0 ? process_wait(&(struct process){.pid = child}) : 0;
    // Somebody's or the kernel's doing, which says nothing of the sandbox, unless a call that should be forbidden did it.
    if (child < 0 || (how == -SIGKILL && !findings->calling))
        return fail(err, ERR_ROLE_DIED, "zygote");
    if (how == 0 && findings->finished)
        return true;
    return fail(err, ERR_SANDBOX_SELF_TEST,
                findings->sealed ? "a fork, which did not finish" : "a fork, which was not sealed");
}

// ---- what is told

static void tell(struct json_writer *writer, const char *name, bool ok, const char *detail)
{
    json_begin_object(writer);
    json_write_key(writer, "name");
    json_write_string(writer, name);
    json_write_key(writer, "ok");
    json_write_boolean(writer, ok);
    json_write_key(writer, "detail");
    json_write_string(writer, detail);
    json_end_object(writer);
}

// The first thing that was not refused, or NULL.
static const char *missed(const struct findings *findings, bool with_seccomp)
{
    for (size_t i = 0; i < COUNT_OF(attempts); i++)
        if (!findings->refused[i])
            return attempts[i].name;
    for (size_t i = 0; with_seccomp && forbidden_calls[i].name; i++)
        if (!findings->calls_refused[i])
            return forbidden_calls[i].name;
    return NULL;
}

static bool report(struct buf *layers, const struct probe *probe, const struct findings *without,
                   const struct findings *sealed, struct err *err)
{
    struct json_writer writer = json_writer_new(layers);
    char landlock[64], calls[64];
    size_t call_count = 0;
    while (forbidden_calls[call_count].name)
        call_count++;
    snprintf(landlock, sizeof landlock, "ABI %d", probe->landlock_abi);
    snprintf(calls, sizeof calls, "%zu system calls tried", call_count);
    json_begin_array(&writer);
    tell(&writer, "namespaces", probe->namespaces,
         "user, mount, network, ipc, uts; nothing mounted but runs and shares");
    tell(&writer, "Landlock", probe->landlock_abi > 0, landlock);
    tell(&writer, "seccomp", true, calls);
    for (size_t i = 0; i < COUNT_OF(attempts); i++) {
        const bool twice = must_refuse(&attempts[i], probe, false);
        tell(&writer, attempts[i].name, without->refused[i] && sealed->refused[i],
             twice ? "refused, also without seccomp" : "refused by seccomp");
    }
    json_end_array(&writer);
    return json_writer_done(&writer) ? true : fail(err, ERR_LIMIT_PASSED, "layers", N(layers->maximum));
}

// ---- their folders

static bool random_name(char out[2 * RANDOM_BYTES + 1])
{
    unsigned char bytes[RANDOM_BYTES];
    if (syscall(SYS_getrandom, bytes, sizeof bytes, 0) != (long)sizeof bytes)
        return false;
    for (size_t i = 0; i < sizeof bytes; i++)
        snprintf(out + 2 * i, 3, "%02x", bytes[i]);
    return true;
}

static bool make_other_run(void)
{
    const int file = open(other_run, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    const int secret = SECRET;
    if (file < 0)
        return false;
    const bool written = write(file, &secret, sizeof secret) == (ssize_t)sizeof secret;
    return close(file) == 0 && written;
}

static bool run_both(struct buf *layers, const struct probe *probe, const char *folder, struct err *err)
{
    struct findings *findings =
        mmap(NULL, 2 * sizeof *findings, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (findings == MAP_FAILED)
        return fail(err, ERR_SYSTEM, "mmap", strerror(errno));
    bool done = true;
    for (int with_seccomp = 0; done && with_seccomp < 2; with_seccomp++) {
        done = fork_probe(probe, folder, &findings[with_seccomp], with_seccomp, err);
        const char *name = missed(&findings[with_seccomp], with_seccomp);
        if (done && name)
            done = fail(err, ERR_SANDBOX_SELF_TEST, name);
    }
    done = done && report(layers, probe, &findings[0], &findings[1], err);
    munmap(findings, 2 * sizeof *findings);
    return done;
}

bool probe_run(struct buf *layers, const struct probe *probe, struct err *err)
{
    char name[2 * RANDOM_BYTES + 1];
    if (!random_name(name))
        return fail(err, ERR_SYSTEM, "getrandom", strerror(errno));
    SCOPED_TEXT char *folder = xasprintf("%s/selftest-%s", probe->runs, name);
    SCOPED_TEXT char *other = xasprintf("%s/selftest-%s-other", probe->runs, name);
    snprintf(other_run, sizeof other_run, "%s/secret", other);
    if (mkdir(folder, 0700) != 0 || mkdir(other, 0700) != 0 || !make_other_run()) {
        rmdir(folder);
        rmdir(other);
        return fail(err, ERR_FILE_UNWRITABLE, probe->runs, strerror(errno));
    }
    const bool done = run_both(layers, probe, folder, err);
    unlink(other_run);
    rmdir(other);
    rmdir(folder);
    return done;
}
