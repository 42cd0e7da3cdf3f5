// Profiles made into programs for the kernel by libseccomp, and the signal that a refused call becomes.
#include "lib/base/log.h"
#include "lib/sandbox/profile.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

enum {
    INSTRUCTIONS_MAX = BPF_MAXINSNS,
    TRAPPED_BY_SECCOMP = 1, // SYS_SECCOMP of the kernel's siginfo.h, which the C library's does not have
};

struct sandbox_filter {
    size_t count;
    struct sock_filter instructions[];
};

static bool refused(struct err *err, const char *step, int reason)
{
    SCOPED_TEXT char *text = xasprintf("%s: %s", step, strerror(reason));
    return fail(err, ERR_SANDBOX_LAYER, "seccomp", text);
}

static uint32_t action_of(enum sandbox_verdict verdict)
{
    switch (verdict) {
    case SANDBOX_ALLOW:
        return SCMP_ACT_ALLOW;
    case SANDBOX_REFUSE:
        return SCMP_ACT_ERRNO(EPERM);
    case SANDBOX_ABSENT:
        return SCMP_ACT_ERRNO(ENOSYS);
    case SANDBOX_RULES_END:
        break;
    }
    return SCMP_ACT_KILL_PROCESS;
}

static bool add_rule(scmp_filter_ctx context, const struct sandbox_rule *rule, struct err *err)
{
    const int call = seccomp_syscall_resolve_name(rule->call);
    require(call != __NR_SCMP_ERROR); // a name that libseccomp does not know is ours, misspelt
    if (call < 0)
        return true; // not on this processor
    struct scmp_arg_cmp comparisons[COUNT_OF(rule->conditions)];
    for (unsigned i = 0; i < rule->condition_count; i++)
        comparisons[i] = SCMP_CMP64(rule->conditions[i].argument, SCMP_CMP_MASKED_EQ,
                                    rule->conditions[i].mask, rule->conditions[i].value);
    const int result =
        seccomp_rule_add_array(context, action_of(rule->verdict), call, rule->condition_count, comparisons);
    return result == 0 ? true : refused(err, rule->call, -result);
}

static bool add_rules(scmp_filter_ctx context, const struct sandbox_profile_row *profile, struct err *err)
{
    for (const struct sandbox_rule *const *group = profile->groups; *group; group++)
        for (const struct sandbox_rule *rule = *group; rule->verdict != SANDBOX_RULES_END; rule++)
            if (!add_rule(context, rule, err))
                return false;
    return true;
}

// libseccomp 2.5 writes to a descriptor only.
static bool export(struct sandbox_filter **out, scmp_filter_ctx context, struct err *err)
{
    const int file = memfd_create("filter", MFD_CLOEXEC);
    if (file < 0)
        return refused(err, "memfd_create", errno);
    const int result = seccomp_export_bpf(context, file);
    const off_t size = result == 0 ? lseek(file, 0, SEEK_END) : -1;
    const bool fits = size > 0 && (size_t)size <= INSTRUCTIONS_MAX * sizeof(struct sock_filter);
    if (fits) {
        struct sandbox_filter *filter = xmalloc(sizeof *filter + (size_t)size);
        filter->count = (size_t)size / sizeof(struct sock_filter);
        *out = filter;
    }
    const bool done = fits && pread(file, (*out)->instructions, (size_t)size, 0) == size;
    if (fits && !done)
        xfree(STEAL(*out));
    close(file);
    return done ? true : refused(err, "seccomp_export_bpf", result ? -result : EIO);
}

bool sandbox_filter_new(struct sandbox_filter **out, enum sandbox_profile profile, struct err *err)
{
    const scmp_filter_ctx context = seccomp_init(SCMP_ACT_TRAP);
    if (!context)
        return refused(err, "seccomp_init", ENOMEM);
    // x32 numbers and int 0x80 on x86-64; and a tree of comparisons instead of a list
    const int result = seccomp_attr_set(context, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS) ||
                       seccomp_attr_set(context, SCMP_FLTATR_CTL_OPTIMIZE, 2);
    const bool done = result == 0
                          ? add_rules(context, sandbox_profile_row(profile), err) && export(out, context, err)
                          : refused(err, "seccomp_attr_set", EINVAL);
    seccomp_release(context);
    return done;
}

void sandbox_filter_free(struct sandbox_filter *filter)
{
    xfree(filter);
}

bool sandbox_filter_apply(const struct sandbox_filter *filter, struct err *err)
{
    const struct sock_fprog program = {
        .len = (unsigned short)filter->count,
        .filter = (struct sock_filter *)(uintptr_t)filter->instructions,
    };
    if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) != 0)
        return refused(err, "seccomp", errno);
    return true;
}

// Signal handlers have no other way to know.
static void (*on_trap)(int call);

static void log_trap(int call)
{
    log_error("sandbox.refused", "call=%d", call);
}

static void answer_eperm(ucontext_t *context)
{
#if defined(__x86_64__)
    context->uc_mcontext.gregs[REG_RAX] = -EPERM;
#elif defined(__aarch64__)
    context->uc_mcontext.regs[0] = (unsigned long long)-EPERM;
#else
#error "which register holds a call's result?"
#endif
}

static void handle(int signal, siginfo_t *info, void *context)
{
    (void)signal;
    if (info->si_code != TRAPPED_BY_SECCOMP)
        _exit(128 + SIGSYS); // somebody sent it
    const int errno_before = errno;
    on_trap(info->si_syscall);
    answer_eperm(context);
    errno = errno_before;
}

bool sandbox_on_trap(void (*handler)(int call), struct err *err)
{
    on_trap = handler ? handler : log_trap;
    struct sigaction action = {.sa_sigaction = handle, .sa_flags = SA_SIGINFO | SA_ONSTACK};
    return sigaction(SIGSYS, &action, NULL) == 0 ? true : refused(err, "sigaction", errno);
}

char *sandbox_call_name(int call)
{
    char *name = seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE, call);
    char *copy = name ? xstrdup(name) : NULL;
    free(name);
    return copy;
}
