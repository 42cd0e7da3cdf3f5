// What each role may ask of the kernel, read from top to bottom. A call that stands in no list of a profile does not
// happen. Names that this processor's kernel lacks are passed over.
#include "lib/sandbox/profile.h"

#include <fcntl.h>
#include <linux/futex.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/socket.h>

#define END                                                                                                  \
    {                                                                                                        \
        .verdict = SANDBOX_RULES_END                                                                         \
    }
#define ALLOW(name)                                                                                          \
    {                                                                                                        \
        .call = name, .verdict = SANDBOX_ALLOW                                                               \
    }
#define ALLOW_IF(name, argument_, mask_, value_)                                                             \
    {                                                                                                        \
        .call = name, .verdict = SANDBOX_ALLOW, .condition_count = 1, .conditions = {                        \
            {argument_, mask_, value_}                                                                       \
        }                                                                                                    \
    }
#define ALLOW_IF_BOTH(name, argument_, mask_, value_, argument2, mask2, value2)                              \
    {                                                                                                        \
        .call = name, .verdict = SANDBOX_ALLOW, .condition_count = 2, .conditions = {                        \
            {argument_, mask_, value_},                                                                      \
            {argument2, mask2, value2}                                                                       \
        }                                                                                                    \
    }
#define REFUSE(name)                                                                                         \
    {                                                                                                        \
        .call = name, .verdict = SANDBOX_REFUSE                                                              \
    }
#define REFUSE_IF(name, argument_, mask_, value_)                                                            \
    {                                                                                                        \
        .call = name, .verdict = SANDBOX_REFUSE, .condition_count = 1, .conditions = {                       \
            {argument_, mask_, value_}                                                                       \
        }                                                                                                    \
    }
#define ABSENT(name)                                                                                         \
    {                                                                                                        \
        .call = name, .verdict = SANDBOX_ABSENT                                                              \
    }

#define ALL UINT32_MAX // the kernel looks at 32 bits of commands and flags
#define MODE_SET_ID 07000
#define SOCKET_TYPE ((uint32_t) ~(SOCK_CLOEXEC | SOCK_NONBLOCK)) // without its flags
#define O_MAKES (O_CREAT | (O_TMPFILE & ~O_DIRECTORY))
#define O_CHANGES (O_WRONLY | O_RDWR | O_MAKES | O_TRUNC)

// ---- Every role ---------------------------------------------------------------------------------------------------

// Descriptors that are open already.
static const struct sandbox_rule opened[] = {
    ALLOW("read"),
    ALLOW("write"),
    ALLOW("readv"),
    ALLOW("writev"),
    ALLOW("lseek"),
    ALLOW("close"),
    ALLOW("fstat"),
    ALLOW("pread64"),
    ALLOW("fsync"),
    ALLOW("fdatasync"),
    ALLOW("getdents64"),
    ALLOW("pwrite64"),
    END,
};

// malloc and what the C library does by itself: locks, signals' return, clocks, its end.
static const struct sandbox_rule libc[] = {
    ALLOW("brk"),
    ALLOW("munmap"),
    ALLOW("mremap"),
    ALLOW("madvise"),
    ALLOW_IF("mprotect", 2, PROT_EXEC, 0), // no new code
    ALLOW("futex"),
    ALLOW("rt_sigreturn"),
    ALLOW("rt_sigprocmask"),
    ALLOW("restart_syscall"),
    ALLOW("getrandom"),
    ALLOW("clock_gettime"),
    ALLOW("gettimeofday"),
    ALLOW("time"),
    ALLOW("clock_nanosleep"),
    ALLOW("nanosleep"),
    ALLOW("getpid"),
    ALLOW("gettid"),
    ALLOW("sched_yield"),
    ALLOW("exit"),
    ALLOW("exit_group"),
    ALLOW_IF("fcntl", 1, ALL, F_GETFL),
    ALLOW_IF("fcntl", 1, ALL, F_GETFD),
    ALLOW_IF("fcntl", 1, ALL, F_SETFD),
    END,
};

// The sockets to the peers, given by the parent.
static const struct sandbox_rule peers[] = {
    ALLOW("recvmsg"), ALLOW("sendmsg"), ALLOW("poll"), ALLOW("ppoll"), END,
};

// ---- Worker, reader, viewer, zygote ---------------------------------------------------------------------------------------

// No file is mapped, nothing becomes code: no dlopen.
static const struct sandbox_rule memory_anonymous[] = {
    ALLOW_IF_BOTH("mmap", 2, PROT_EXEC, 0, 3, MAP_ANONYMOUS, MAP_ANONYMOUS),
    END,
};

// The run's folder and its shares, bounded by Landlock; nothing set-uid. rename and the like are what the C library
// calls on x86-64 where unlinkat and its kin would do.
static const struct sandbox_rule folder[] = {
    ALLOW_IF("openat", 2, O_MAKES, 0),
    ALLOW_IF("openat", 3, MODE_SET_ID, 0),
    ALLOW_IF("mkdirat", 2, MODE_SET_ID, 0),
    ALLOW_IF("mkdir", 1, MODE_SET_ID, 0),
    ALLOW("unlinkat"),
    ALLOW("unlink"),
    ALLOW("rmdir"),
    ALLOW("renameat"),
    ALLOW("rename"),
    ALLOW("ftruncate"),
    ALLOW("newfstatat"),
    END,
};

// Libraries ask and live without. abort() then ends by a fault of its own.
static const struct sandbox_rule asked[] = {
    REFUSE("tgkill"),
    REFUSE("ioctl"),
    REFUSE("readlink"),
    REFUSE("readlinkat"),
    REFUSE("access"),
    REFUSE("faccessat"),
    REFUSE("getcwd"),
    REFUSE("sched_getaffinity"),
    REFUSE("faccessat2"),
    REFUSE("sysinfo"),
    REFUSE("uname"),
    REFUSE("statx"),
    END,
};
static const struct sandbox_rule asked_when_sealed[] = {
    REFUSE("prctl"),
    REFUSE("rt_sigaction"),
    END,
};

// How large is the file? The C library asks so of a descriptor too; of a name it learns nothing where none is open.
static const struct sandbox_rule opened_size[] = {
    ALLOW("newfstatat"),
    END,
};

// A manifest that computes is stopped by a clock.
static const struct sandbox_rule clocks[] = {
    ALLOW("setitimer"),
    END,
};

// What a build with sanitizers asks by itself; nothing in the product.
static const struct sandbox_rule sanitizers[] = {
#ifdef RENKI_SANITIZED
    ALLOW_IF("sigaltstack", 0, UINT64_MAX, 0), // before each longjmp and exit: which stack is this?
#endif
    END,
};

// What the zygote needs to fork a worker, and the worker to seal itself in, before its own filter takes these away.
static const struct sandbox_rule sealing[] = {
    // exactly this fork: a child of the host, told of by a descriptor
    ALLOW_IF("clone", 0, UINT64_MAX, CLONE_PARENT | CLONE_PIDFD),
    ALLOW("getppid"),
    ALLOW("prctl"),
    ALLOW("dup3"),
    ALLOW("close_range"),
    ALLOW("fchdir"),
    ALLOW("prlimit64"),
    ALLOW("rt_sigaction"),
    ALLOW("sigaltstack"),
    ALLOW("landlock_create_ruleset"),
    ALLOW("landlock_add_rule"),
    ALLOW("landlock_restrict_self"),
    ALLOW("seccomp"),
    END,
};

// A mount view for each worker: only bind mounts, and namespaces for files alone.
static const struct sandbox_rule mounting[] = {
    ALLOW_IF("unshare", 0, UINT64_MAX, CLONE_NEWUSER | CLONE_NEWNS),
    ALLOW_IF("mount", 3, MS_BIND, MS_BIND),
    ALLOW("capset"),
    END,
};

// ---- Host, gateway, fake ------------------------------------------------------------------------------------------

// libuv and its threads. clone3 hides its flags from filters, so threads are made by clone, and nothing but threads.
static const struct sandbox_rule loop[] = {
    ALLOW("epoll_create1"),
    ALLOW("epoll_ctl"),
    ALLOW("epoll_wait"),
    ALLOW("epoll_pwait"),
    ALLOW("eventfd2"),
    ALLOW("pipe2"),
    ALLOW("select"),
    ALLOW("pselect6"),
    ALLOW_IF("clone", 0, CLONE_THREAD, CLONE_THREAD),
    ABSENT("clone3"),
    ABSENT("io_uring_setup"),
    ALLOW("rseq"), // a thread that can't register what the first one did ends the process
    ALLOW("set_robust_list"),
    ALLOW("sched_getaffinity"),
    ALLOW("rt_sigaction"),
    ALLOW("sigaltstack"),
    ALLOW("tgkill"), // raise and abort; signals to others are Landlock's business
    ALLOW_IF("fcntl", 1, ALL, F_SETFL),
    ALLOW_IF("fcntl", 1, ALL, F_DUPFD_CLOEXEC),
    ALLOW_IF("ioctl", 1, ALL, FIONBIO),
    ALLOW_IF("ioctl", 1, ALL, FIONREAD),
    ALLOW_IF("ioctl", 1, ALL, FIOCLEX),
    ALLOW_IF("ioctl", 1, ALL, TCGETS), // "is it a terminal?"
    ALLOW("getrusage"),
    ALLOW("uname"),
    ALLOW("sysinfo"),
    ALLOW("clock_getres"),
    ALLOW("getppid"),
    ALLOW("getuid"),
    ALLOW("geteuid"),
    ALLOW("getgid"),
    ALLOW("getegid"),
    REFUSE("prctl"), // names of threads
    END,
};

// Sockets that are there, whatever their kind.
static const struct sandbox_rule sockets[] = {
    ALLOW("sendto"),     ALLOW("recvfrom"),   ALLOW("sendmmsg"),    ALLOW("recvmmsg"),    ALLOW("shutdown"),
    ALLOW("getsockopt"), ALLOW("setsockopt"), ALLOW("getsockname"), ALLOW("getpeername"), END,
};

// Files may be mapped, never as code.
static const struct sandbox_rule memory_files[] = {
    ALLOW_IF("mmap", 2, PROT_EXEC, 0),
    END,
};

// Reading files, where Landlock lets it.
static const struct sandbox_rule files_read[] = {
    ALLOW("newfstatat"), ALLOW("statx"),    ALLOW("access"),     ALLOW("faccessat"),
    ALLOW("faccessat2"), ALLOW("readlink"), ALLOW("readlinkat"), ALLOW("getcwd"),
    ALLOW("fstatfs"),    ALLOW("statfs"),   ALLOW("fadvise64"),  END,
};
static const struct sandbox_rule open_read_only[] = {
    ALLOW_IF("openat", 2, O_CHANGES, 0),
    END,
};

// The store (SQLite locks, maps and truncates), repositories, artifacts, folders of runs.
static const struct sandbox_rule files_write[] = {
    ALLOW_IF("openat", 2, O_MAKES, 0),
    ALLOW_IF("openat", 3, MODE_SET_ID, 0),
    ALLOW("openat2"), // what runs made is opened by it
    ALLOW_IF("mkdirat", 2, MODE_SET_ID, 0),
    ALLOW_IF("mkdir", 1, MODE_SET_ID, 0),
    ALLOW("unlinkat"),
    ALLOW("unlink"),
    ALLOW("rmdir"),
    ALLOW("renameat"),
    ALLOW("renameat2"),
    ALLOW("rename"),
    ALLOW("linkat"), // libgit2 puts objects into place by a link
    ALLOW("link"),
    ALLOW("ftruncate"),
    ALLOW("fallocate"),
    ALLOW("copy_file_range"),
    ALLOW("sendfile"),
    ALLOW("sync_file_range"),
    ALLOW("pwritev"),
    ALLOW("preadv"),
    ALLOW("flock"),
    ALLOW_IF("fcntl", 1, ALL, F_SETLK),
    ALLOW_IF("fcntl", 1, ALL, F_SETLKW),
    ALLOW_IF("fcntl", 1, ALL, F_GETLK),
    ALLOW_IF("fcntl", 1, ALL, F_OFD_SETLK),
    ALLOW_IF("fcntl", 1, ALL, F_OFD_SETLKW),
    ALLOW_IF("fchmod", 1, MODE_SET_ID, 0),
    ALLOW_IF("chmod", 1, MODE_SET_ID, 0),
    ALLOW_IF("fchmodat", 2, MODE_SET_ID, 0),
    ALLOW("utimensat"),
    ALLOW("umask"),
    REFUSE("symlink"), // libgit2 tries whether there are any
    REFUSE("symlinkat"),
    REFUSE("fchown"), // SQLite, for root only
    END,
};

// Its own socket for command lines, pairs of sockets for runs, its children's ends.
static const struct sandbox_rule host_only[] = {
    ALLOW_IF("socket", 0, ALL, AF_UNIX),
    ALLOW_IF("socketpair", 0, ALL, AF_UNIX),
    ALLOW("bind"),
    ALLOW("listen"),
    ALLOW("accept4"),
    ALLOW("connect"),
    ALLOW("wait4"),
    ALLOW("waitid"),
    ALLOW("pidfd_send_signal"),
    ALLOW("pidfd_open"),
    ALLOW("kill"), // of pid 0 signals: is it alive?
    ALLOW("dup3"),
    ALLOW_IF("prlimit64", 2, UINT64_MAX, 0), // asking only
    ALLOW("inotify_init1"),                  // which schedules change, which files arrive in shares
    ALLOW("inotify_add_watch"),
    ALLOW("inotify_rm_watch"),
    ALLOW("timerfd_create"), // what is due when the clock is set, or after sleep
    ALLOW("timerfd_settime"),
    ALLOW("mlock"), // its signing key stays out of swap
    ALLOW("munlock"),
    END,
};

// The database server. Of other ports Landlock keeps it, where the kernel can.
static const struct sandbox_rule database_server[] = {
    ALLOW_IF_BOTH("socket", 0, ALL, AF_INET, 1, SOCKET_TYPE, SOCK_STREAM),
    ALLOW_IF_BOTH("socket", 0, ALL, AF_INET6, 1, SOCKET_TYPE, SOCK_STREAM),
    END,
};

// Sockets to the world, of which the permits decide; netlink is how the resolver learns of addresses.
static const struct sandbox_rule gateway_only[] = {
    ALLOW_IF("socket", 0, ALL, AF_INET),
    ALLOW_IF("socket", 0, ALL, AF_INET6),
    ALLOW_IF_BOTH("socket", 0, ALL, AF_NETLINK, 2, ALL, 0),
    REFUSE_IF("socket", 0, ALL, AF_UNIX),    // the name service cache daemon
    ALLOW_IF("socketpair", 0, ALL, AF_UNIX), // curl wakes its own poll
    ALLOW("connect"),
    ALLOW("mlock"), // opened secrets stay out of swap
    ALLOW("munlock"),
    ALLOW_IF("bind", 2, ALL, 12), // sizeof(struct sockaddr_nl): the resolver's netlink socket only
    END,
};

// Listeners are opened before; what is caught of mail is written to one folder.
static const struct sandbox_rule fake_only[] = {
    ALLOW("accept4"),
    ALLOW_IF("openat", 2, O_MAKES, 0),
    ALLOW_IF("openat", 3, MODE_SET_ID, 0),
    ALLOW_IF("fchmod", 1, MODE_SET_ID, 0),
    ALLOW("renameat"),
    ALLOW("unlinkat"),
    ALLOW("newfstatat"),
    END,
};

// Its listener is open; it accepts, and opens nothing: no file, no socket.
static const struct sandbox_rule web_only[] = {
    ALLOW("accept4"),
    REFUSE("openat"), // the C library looks for zone data and the names of errors
    REFUSE("socket"), REFUSE("connect"), END,
};

// ---- The profiles -------------------------------------------------------------------------------------------------

enum { TCP_BIND = 1, TCP_CONNECT = 2, ABSTRACT_SOCKETS = 1, SIGNALS = 2 };

static const struct sandbox_profile_row profiles[SANDBOX_PROFILE_COUNT] = {
    // The host signals runs, which are outside its own Landlock domain.
    [SANDBOX_HOST] = {"host",
                      {TCP_BIND | TCP_CONNECT, ABSTRACT_SOCKETS},
                      {opened, libc, peers, loop, sockets, memory_files, files_read, files_write, host_only}},
    [SANDBOX_HOST_CONNECTED] = {"host with a database server",
                                {TCP_BIND | TCP_CONNECT, ABSTRACT_SOCKETS},
                                {opened, libc, peers, loop, sockets, memory_files, files_read, files_write,
                                 host_only, database_server}},
    [SANDBOX_GATEWAY] = {"gateway",
                         {TCP_BIND, ABSTRACT_SOCKETS | SIGNALS},
                         {opened, libc, peers, loop, sockets, memory_files, files_read, open_read_only,
                          gateway_only}},
    // A git remote, and a quarantine to fetch it into.
    [SANDBOX_SYNC] = {"sync",
                      {TCP_BIND, ABSTRACT_SOCKETS | SIGNALS},
                      {opened, libc, peers, loop, sockets, memory_files, files_read, files_write,
                       gateway_only}},
    [SANDBOX_SYNC_INDEX] = {"sync that unpacks",
                            {TCP_BIND | TCP_CONNECT, ABSTRACT_SOCKETS | SIGNALS},
                            {opened, libc, peers, loop, memory_files, files_read, files_write}},
    [SANDBOX_FAKE] = {"fake",
                      {TCP_BIND | TCP_CONNECT, ABSTRACT_SOCKETS | SIGNALS},
                      {opened, libc, peers, loop, sockets, memory_files, fake_only}},
    [SANDBOX_ZYGOTE] = {"zygote",
                        {TCP_BIND | TCP_CONNECT, ABSTRACT_SOCKETS | SIGNALS},
                        {opened, libc, peers, memory_anonymous, folder, asked, sealing}},
    [SANDBOX_ZYGOTE_MOUNTING] = {"zygote that mounts",
                                 {TCP_BIND | TCP_CONNECT, ABSTRACT_SOCKETS | SIGNALS},
                                 {opened, libc, peers, memory_anonymous, folder, asked, sealing, mounting}},
    [SANDBOX_WORKER] = {"worker",
                        {TCP_BIND | TCP_CONNECT, ABSTRACT_SOCKETS | SIGNALS},
                        {opened, libc, peers, memory_anonymous, folder, asked, asked_when_sealed,
                         sanitizers}},
    [SANDBOX_READER] = {"reader",
                        {TCP_BIND | TCP_CONNECT, ABSTRACT_SOCKETS | SIGNALS},
                        {opened, libc, peers, memory_anonymous, clocks, asked, asked_when_sealed,
                         sanitizers}},
    [SANDBOX_WEB] = {"web",
                     {TCP_BIND | TCP_CONNECT, ABSTRACT_SOCKETS | SIGNALS},
                     {opened, libc, peers, loop, sockets, memory_anonymous, web_only}},
    // A spreadsheet and the socket it is shown on are all it holds.
    [SANDBOX_VIEWER] = {"viewer",
                        {TCP_BIND | TCP_CONNECT, ABSTRACT_SOCKETS | SIGNALS},
                        {opened, libc, peers, memory_anonymous, opened_size, asked, asked_when_sealed,
                         sanitizers}},
};

const struct sandbox_profile_row *sandbox_profile_row(enum sandbox_profile profile)
{
    return &profiles[profile];
}

// Whole folders, for the files in them are replaced by others under the same name while the gateway runs.
const struct sandbox_place sandbox_resolver_places[] = {
    {"/etc", SANDBOX_READ, true},
    {"/usr/share/ca-certificates", SANDBOX_READ, true},
    {"/usr/local/share/ca-certificates", SANDBOX_READ, true},
    {"/usr/lib/ssl", SANDBOX_READ, true},
    {"/run/systemd/resolve", SANDBOX_READ, true},
};
const size_t sandbox_resolver_place_count = COUNT_OF(sandbox_resolver_places);
