// The worker's parts and who calls whom. In the zygote and, after its fork, in the worker.
//
//   zygote.c    makes the mount view, loads the language once, forks a worker for each run      zygote_main
//   seal.c      what a fork does before the first byte of the robot is read                     seal_worker
//   probe.c     forks that try the forbidden before the first run may start                     probe_run
//   limits.c    memory, computing time and signals: a limit ends the run                        limits_…
//   language.c  the Lua state: allow-list, modules, require                                     language_new
//   environment.c  what a robot may name; names.c: what is not known, and the nearest that is
//   fault.c     what stops a robot, in one shape; translate.c: Lua's own messages in plain words
//   keep.c      results as JSON and back, exactly; text.c: values as text, without addresses
//   run.c       one run: receives it, runs it, tells its end                                    run_serve
//   plain.c     a Lua table as JSON                                                             plain_write
//   reader.c    one manifest, schedule or settings file to plain data                           reader_main
// Chunk names tell whose a line is: '@' begins those of a robot's files ("@robot.lua", "@lib/x.lua"), '=' those of
// stdlib-lua. A limit is told with the innermost line of the robot.
#ifndef RENKI_WORKER_H
#define RENKI_WORKER_H

#include "lib/sandbox/sandbox.h"
#include "lib/wire/wire.h"

#include <lua.h>
#include <sys/types.h>

// In every worker these stand at fixed numbers; all other descriptors are closed.
enum { WORKER_HOST = 3, WORKER_GATEWAY = 4, WORKER_FOLDER = 5 };

// Roles, called by main.c; the exit code.
int zygote_main(void);
int reader_main(void);

// ---- language.c
// The state that every run is a fork of: allow-list, bindings, all of stdlib-lua loaded from the folder. Uses
// limits_allocate. Never freed. NULL and err when a module of the library does not load.
lua_State *language_new(const char *stdlib, struct err *err) MUST_CHECK;

// ---- limits.c
// Lua's allocator: counts against memory_budget_set, never returns NULL for growth (the run ends instead).
void *limits_allocate(void *unused, void *block, size_t old_size, size_t new_size);
// Arms everything for one run: the state whose line is told, signals, memory. `host` is where STOPPED is written.
struct limits {
    int64_t memory_bytes, cpu_ms, file_bytes;
};
// `on_trap`: what to do with a forbidden system call; NULL ends the run.
bool limits_arm(lua_State *L, int host, const struct limits *limits, void (*on_trap)(int call),
                struct err *err) MUST_CHECK;
// Tells signal handlers of the run's connections, so that a robot that waits for an answer is stopped at once and no
// message is cut in two. Called by run_serve when it has them.
void limits_watch(const struct wire *to_host, const struct wire *to_gateway);
// Ends the process: a limit or a forbidden call, told to the host as STOPPED with the robot's line. Safe in signal
// handlers.
void limits_stop(const char *what, int64_t value) __attribute__((noreturn));
// Before limits_arm: the worker could not seal itself in.
void limits_not_sealed(int host, const struct err *err) __attribute__((noreturn));

// tests/attack builds these files once more with RENKI_TEST_LAYERS, takes one layer away and proves that the others
// hold. In the product the condition is a constant.
enum layer { LAYER_NAMESPACES = 1, LAYER_LANDLOCK = 2, LAYER_SECCOMP = 4, LAYER_SELF_TEST = 8 };
#ifdef RENKI_TEST_LAYERS
extern unsigned test_layers_removed;
#define layer_is_there(layer) (!(test_layers_removed & (layer)))
#else
#define layer_is_there(layer) true
#endif

// ---- seal.c
struct shares;
// What a fork is given; see sandbox.md §2 for the order of its steps.
struct seal {
    int host, gateway; // descriptors, wherever they are
    pid_t parent;
    const char *folder; // of the run, as the worker sees it
    const struct sandbox_place *shares;
    size_t share_count;
    struct limits limits;
    rlim_t own_bytes;
    bool covered;     // no Landlock in this kernel: a mount view is made for each run
    const char *runs; // with `covered`: what else there is to cover
    const struct shares *known;
    const struct sandbox_filter *filter; // NULL: the self-test leaves it out
    void (*on_trap)(int call);           // the self-test's; NULL: the run ends
};
// False when any step failed: the process must end.
// Moves `host` and `gateway` to their fixed numbers.
bool seal_worker(lua_State *L, struct seal *seal, struct err *err) MUST_CHECK;

// ---- run.c
// Serves one run on the host's socket (WORKER_HOST) and the gateway's (WORKER_GATEWAY), already sealed. Ends by _exit.
void run_serve(lua_State *L) __attribute__((noreturn));

// What bindings need of the run; one per process.
struct worker {
    struct wire host, gateway;
    lua_State *lua;
    int64_t run, started_ms; // of the monotonic clock
    enum language language;
    char kind[16]; // "run", "test", "check", "fake"
    bool dry_run;
};
struct worker *worker_of(lua_State *L);

#endif
