// Confining a process: Landlock, seccomp, namespaces with a mount view, capabilities, limits. In every role but the
// command line.
//
// A *profile* is what one kind of process may do; profiles.c lists its system calls, each with its reason. A *place* is
// a part of the file system that Landlock leaves open. A *view* is the file system that the zygote and its workers see.
//
// 1. Fail closed: whatever a layer refuses is an error that the caller must end on. Nothing is skipped because a kernel
//    lacks it, except what `reduced` names.
// 2. Order (each step refuses those before it): open what needs rights · namespaces · view · capabilities · Landlock ·
//    seccomp. All of it before the first thread: Landlock binds the thread that calls it, and user namespaces are
//    refused to a process with threads.
// 3. A call outside the profile does not happen; SIGSYS tells its number to the handler of sandbox_on_trap. Worker,
//    reader and viewer end by it. The others log "sandbox.refused call=NUMBER" and go on, the call having failed with EPERM: their
//    libraries ask for things that another release of the C library may do differently.
//
// A role without a mount view (host, gateway, fake) needs one call, after it has opened what needs rights:
//     const struct sandbox_place places[] = {{".renki", SANDBOX_STATE}, {"/etc", SANDBOX_READ}};
//     if (!sandbox_confine(&(struct sandbox){SANDBOX_HOST, places, COUNT_OF(places), reduced}, &err)) …
// Children inherit Landlock and seccomp: whoever starts other roles opens the launcher of lib/process first.
#ifndef RENKI_SANDBOX_H
#define RENKI_SANDBOX_H

#include "lib/base/err.h"

#include <sys/resource.h>

enum sandbox_profile {
    SANDBOX_HOST,
    SANDBOX_HOST_CONNECTED, // and TCP to the ports among its places: its database is a server
    SANDBOX_GATEWAY,
    SANDBOX_FAKE,
    SANDBOX_ZYGOTE,          // all that a worker may, and what sealing a worker needs
    SANDBOX_ZYGOTE_MOUNTING, // and a mount view for each worker, where the kernel has no Landlock
    SANDBOX_WORKER,
    SANDBOX_READER,
    SANDBOX_VIEWER,
    SANDBOX_SYNC,
    SANDBOX_SYNC_INDEX, // its step that unpacks: without a network
    SANDBOX_WEB,
    SANDBOX_PROFILE_COUNT
};

enum sandbox_access {
    SANDBOX_READ,   // read files and folders
    SANDBOX_WRITE,  // and write, make, remove files and folders; rename within one folder (a share of a run)
    SANDBOX_FOLDER, // and rename across the folders below it (the folder of a run)
    SANDBOX_STATE,  // and make unix sockets (the host's own folder)
};

struct sandbox_place {
    const char *path; // a folder with all below it, or one file; links are followed
    enum sandbox_access access;
    bool optional; // may be missing
    uint16_t
        port; // with `path` NULL: TCP connections to this port, where the kernel can tell ports apart (ABI 4)
};

struct sandbox {
    enum sandbox_profile profile;
    const struct sandbox_place *places;
    size_t place_count;
    bool reduced; // the administrator accepts a kernel without Landlock
};

// NO_NEW_PRIVS, no capabilities, Landlock, seccomp, DUMPABLE 0; the whole of it for host, gateway and fake.
bool sandbox_confine(const struct sandbox *sandbox, struct err *err) MUST_CHECK;

// What the C library's resolver and TLS read; for the gateway's places.
extern const struct sandbox_place sandbox_resolver_places[];
extern const size_t sandbox_resolver_place_count;

// ---- Landlock (landlock.c)
enum { SANDBOX_ABI_OF_PORTS = 4 }; // Linux 6.7: from then on TCP ports are told apart
// The kernel's ABI; 0 where it has none.
int sandbox_landlock_abi(void);
// Leaves only `places` open: handles every right that the ABI knows; TCP and scopes as the profile says.
bool sandbox_landlock(enum sandbox_profile profile, const struct sandbox_place *places, size_t count,
                      struct err *err) MUST_CHECK;

// ---- seccomp (filter.c, profiles.c)
// The profile as a program for the kernel; building takes a millisecond, so the zygote builds it once.
struct sandbox_filter;
bool sandbox_filter_new(struct sandbox_filter **out, enum sandbox_profile profile,
                        struct err *err) MUST_CHECK;
void sandbox_filter_free(struct sandbox_filter *filter);
DEFINE_SCOPED(sandbox_filter)
// For this process, for ever. NO_NEW_PRIVS must be set.
bool sandbox_filter_apply(const struct sandbox_filter *filter, struct err *err) MUST_CHECK;
// What to do with a call outside the profile, in a signal handler; when it returns, the call fails with EPERM. To be
// set before the filter is applied. `handler` NULL: log and go on.
bool sandbox_on_trap(void (*handler)(int call), struct err *err) MUST_CHECK;
// "socket"; NULL for a number without a name. Not for signal handlers.
char *sandbox_call_name(int call);

// ---- namespaces and what is seen (view.c)
// Own user, mount, network, ipc and uts namespaces, for a process of an ordinary user with one thread.
bool sandbox_namespaces(struct err *err) MUST_CHECK;
// One folder of the view.
struct sandbox_bind {
    const char *source; // absolute path outside
    const char *target; // "runs" or "shares/inbox"
    bool writable;
};
// An empty read-only root with the folders bound into it, nothing else; "/" is the current folder afterwards.
bool sandbox_view(const struct sandbox_bind *binds, size_t count, struct err *err) MUST_CHECK;

// What one run sees where there is no Landlock: a view of its own inside the view, without further maps. The folder is
// then SANDBOX_COVERED_FOLDER; `hidden` and the folder's siblings are covered by an empty folder, `read_only` can't be
// written any more. Needs SANDBOX_ZYGOTE_MOUNTING at most; privileges are to be dropped afterwards.
#define SANDBOX_COVERED_FOLDER "/run"
struct sandbox_cover {
    const char *runs, *folder;
    const char *const *hidden;
    size_t hidden_count;
    const char *const *read_only;
    size_t read_only_count;
};
bool sandbox_cover(const struct sandbox_cover *cover, struct err *err) MUST_CHECK;

// ---- privileges and limits (limits.c)
// No capability in any set, none to gain: NO_NEW_PRIVS.
bool sandbox_drop_privileges(struct err *err) MUST_CHECK;
struct sandbox_limits {
    rlim_t memory_bytes; // address space on top of what the process has (sandbox_own_bytes); 0: no limit
    rlim_t own_bytes;    // from sandbox_own_bytes
    rlim_t cpu_seconds;  // SIGXCPU at it, SIGKILL two seconds after; 0: no limit
    rlim_t file_bytes;   // of one file; SIGXFSZ beyond
    rlim_t open_files;   // descriptors
};
// And always: one process, 8 MB stack, no core, no locked memory.
bool sandbox_limits(const struct sandbox_limits *limits, struct err *err) MUST_CHECK;
// The whole of it for a role that opens nothing by name and has no peer but its parent (reader, viewer): an empty view or
// Landlock without a place, the limits (own_bytes is found here), seccomp. Signal handlers are to be set before.
bool sandbox_seclude(enum sandbox_profile profile, const struct sandbox_limits *limits,
                     struct err *err) MUST_CHECK;
// The size of this process's address space, from /proc.
bool sandbox_own_bytes(rlim_t *out, struct err *err) MUST_CHECK;

#endif
