// The worker's parts and who calls whom. In the zygote and, after its fork, in the worker.
//
//   zygote.c    makes the mount view, loads the language once, forks a worker for each run      zygote_main
//   seal.c      what a fork does before the first byte of the robot is read                     seal_worker
//   limits.c    memory, computing time and signals: a limit ends the run                        limits_…
//   language.c  the Lua state: allow-list, modules, require                                     language_new
//   run.c       one run: receives it, runs it, tells its end                                    run_serve
//   reader.c    one manifest, schedule or settings file to plain data                           reader_main
// Chunk names tell whose a line is: '@' begins those of a robot's files ("@robot.lua", "@lib/x.lua"), '=' those of
// stdlib-lua. A limit is told with the innermost line of the robot.
#ifndef RENKI_WORKER_H
#define RENKI_WORKER_H

#include "lib/wire/wire.h"

#include <lua.h>

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
void limits_arm(lua_State *L, int host, int64_t memory_bytes);

// ---- run.c
// Serves one run on the host's socket (WORKER_HOST) and the gateway's (WORKER_GATEWAY), already sealed. Ends by _exit.
void run_serve(lua_State *L) __attribute__((noreturn));

// What bindings need of the run; one per process.
struct worker {
    struct wire host, gateway;
    lua_State *lua;
    int64_t run;
    enum language language;
    char kind[16]; // "run", "test", "check", "fake"
    bool dry_run;
};
struct worker *worker_of(lua_State *L);

#endif
