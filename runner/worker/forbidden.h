// System calls that no worker may make; all must be refused by its filter. In the zygote's self-test and in tests/attack.
// The list is for proof, the filter does not need it: what is not allowed there is refused, listed here or not.
#ifndef RENKI_WORKER_FORBIDDEN_H
#define RENKI_WORKER_FORBIDDEN_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/syscall.h>

struct forbidden_call {
    const char *name;
    long number;
    bool forks;
};

enum { FORBIDDEN_MAX = 256 };

#define FORBID(name)                                                                                         \
    {                                                                                                        \
#name, SYS_##name, false                                                                             \
    }
#define FORBID_FORK(name)                                                                                    \
    {                                                                                                        \
#name, SYS_##name, true                                                                              \
    }

// clang-format off
static const struct forbidden_call forbidden_calls[FORBIDDEN_MAX] = {
    FORBID(socket),
    FORBID(socketpair),
    FORBID(connect),
    FORBID(bind),
    FORBID(listen),
    FORBID(accept),
    FORBID(accept4),
    FORBID(sendto),
    FORBID(recvfrom),
    FORBID(sendmmsg),
    FORBID(recvmmsg),
    FORBID(shutdown),
    FORBID(getsockopt),
    FORBID(setsockopt),
    FORBID(getsockname),
    FORBID(getpeername),
    FORBID(execve),
    FORBID(execveat),
#ifdef SYS_fork
    FORBID_FORK(fork),
#endif
#ifdef SYS_vfork
    FORBID_FORK(vfork),
#endif
    FORBID_FORK(clone),
    FORBID_FORK(clone3),
    FORBID(kill),
    FORBID(tkill),
    FORBID(rt_sigqueueinfo),
    FORBID(rt_tgsigqueueinfo),
    FORBID(pidfd_send_signal),
    FORBID(pidfd_open),
    FORBID(pidfd_getfd),
    FORBID(ptrace),
    FORBID(process_vm_readv),
    FORBID(process_vm_writev),
    FORBID(process_madvise),
    FORBID(kcmp),
    FORBID(mount),
    FORBID(umount2),
    FORBID(pivot_root),
    FORBID(chroot),
    FORBID(unshare),
    FORBID(setns),
    FORBID(move_mount),
    FORBID(open_tree),
    FORBID(fsopen),
    FORBID(fsconfig),
    FORBID(fsmount),
    FORBID(fspick),
    FORBID(mount_setattr),
#ifdef SYS_symlink
    FORBID(symlink),
#endif
    FORBID(symlinkat),
#ifdef SYS_link
    FORBID(link),
#endif
    FORBID(linkat),
#ifdef SYS_mknod
    FORBID(mknod),
#endif
    FORBID(mknodat),
#ifdef SYS_chmod
    FORBID(chmod),
#endif
    FORBID(fchmod),
    FORBID(fchmodat),
#ifdef SYS_chown
    FORBID(chown),
#endif
    FORBID(fchown),
#ifdef SYS_lchown
    FORBID(lchown),
#endif
    FORBID(fchownat),
    FORBID(setxattr),
    FORBID(lsetxattr),
    FORBID(fsetxattr),
    FORBID(removexattr),
#ifdef SYS_utime
    FORBID(utime),
#endif
#ifdef SYS_utimes
    FORBID(utimes),
#endif
    FORBID(utimensat),
#ifdef SYS_futimesat
    FORBID(futimesat),
#endif
    FORBID(truncate),
    FORBID(renameat2),
    FORBID(openat2),
    FORBID(open_by_handle_at),
    FORBID(name_to_handle_at),
    FORBID(chdir),
    FORBID(fchdir),
    FORBID(umask),
    FORBID(flock),
    FORBID(memfd_create),
    FORBID(memfd_secret),
    FORBID(userfaultfd),
    FORBID(io_uring_setup),
    FORBID(io_uring_enter),
    FORBID(io_uring_register),
    FORBID(io_setup),
    FORBID(bpf),
    FORBID(perf_event_open),
    FORBID(keyctl),
    FORBID(add_key),
    FORBID(request_key),
    FORBID(shmget),
    FORBID(shmat),
    FORBID(shmctl),
    FORBID(semget),
    FORBID(semop),
    FORBID(msgget),
    FORBID(msgsnd),
    FORBID(mq_open),
    FORBID(mq_unlink),
#ifdef SYS_inotify_init
    FORBID(inotify_init),
#endif
    FORBID(inotify_init1),
    FORBID(fanotify_init),
#ifdef SYS_eventfd
    FORBID(eventfd),
#endif
    FORBID(eventfd2),
    FORBID(timerfd_create),
#ifdef SYS_signalfd
    FORBID(signalfd),
#endif
    FORBID(signalfd4),
#ifdef SYS_epoll_create
    FORBID(epoll_create),
#endif
    FORBID(epoll_create1),
#ifdef SYS_pipe
    FORBID(pipe),
#endif
    FORBID(pipe2),
    FORBID(dup),
#ifdef SYS_dup2
    FORBID(dup2),
#endif
    FORBID(dup3),
    FORBID(close_range),
    FORBID(splice),
    FORBID(tee),
    FORBID(vmsplice),
    FORBID(sendfile),
    FORBID(copy_file_range),
    FORBID(init_module),
    FORBID(finit_module),
    FORBID(delete_module),
    FORBID(kexec_load),
    FORBID(reboot),
    FORBID(swapon),
    FORBID(swapoff),
    FORBID(acct),
    FORBID(quotactl),
    FORBID(syslog),
#ifdef SYS_iopl
    FORBID(iopl),
#endif
#ifdef SYS_ioperm
    FORBID(ioperm),
#endif
#ifdef SYS_modify_ldt
    FORBID(modify_ldt),
#endif
    FORBID(personality),
    FORBID(sethostname),
    FORBID(setdomainname),
    FORBID(settimeofday),
    FORBID(clock_settime),
    FORBID(clock_adjtime),
    FORBID(adjtimex),
    FORBID(setuid),
    FORBID(setgid),
    FORBID(setreuid),
    FORBID(setregid),
    FORBID(setresuid),
    FORBID(setresgid),
    FORBID(setgroups),
    FORBID(setfsuid),
    FORBID(setfsgid),
    FORBID(capset),
    FORBID(prctl),
#ifdef SYS_arch_prctl
    FORBID(arch_prctl),
#endif
    FORBID(seccomp),
    FORBID(landlock_create_ruleset),
    FORBID(landlock_add_rule),
    FORBID(landlock_restrict_self),
    FORBID(setrlimit),
    FORBID(prlimit64),
    FORBID(setpriority),
    FORBID(sched_setscheduler),
    FORBID(sched_setaffinity),
    FORBID(ioprio_set),
    FORBID(mlock),
    FORBID(mlockall),
    FORBID(mbind),
    FORBID(set_mempolicy),
    FORBID(migrate_pages),
    FORBID(move_pages),
    FORBID(pkey_mprotect),
    FORBID(pkey_alloc),
    FORBID(remap_file_pages),
    FORBID(setpgid),
    FORBID(setsid),
    FORBID(wait4),
    FORBID(waitid),
    FORBID(setitimer),
#ifdef SYS_alarm
    FORBID(alarm),
#endif
    FORBID(timer_create),
#ifndef RENKI_SANITIZED // which asks for it
    FORBID(sigaltstack),
#endif
    FORBID(rt_sigaction),
    FORBID(vhangup),
    FORBID(lookup_dcookie),
    FORBID(fallocate),
    FORBID(sync),
    FORBID(syncfs),
#ifdef SYS_select
    FORBID(select),
#endif
    FORBID(pselect6),
    FORBID(getrusage),
    FORBID(times),
    FORBID(getppid),
#ifdef SYS_readlink
    FORBID(readlink),
#endif
    FORBID(readlinkat),
#ifdef SYS_access
    FORBID(access),
#endif
    FORBID(faccessat),
    FORBID(faccessat2),
    FORBID(getcwd),
    FORBID(sysinfo),
    FORBID(uname),
    FORBID(statx),
    FORBID(sched_getaffinity),
    FORBID(ioctl),
    FORBID(tgkill),
    {NULL, 0, false},
};
// clang-format on

#endif
