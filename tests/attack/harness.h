// A host for hostile workers: starts the real zygote, has it fork sealed workers, and lets each do what a test names.
//
// A test program holds both ends. As `zygote` it is the real zygote with two seams: the language (a bare Lua state) and
// the run (`attack_find` by name, native code inside the sealed worker). Everything between is the product.
// Started as root it goes on as nobody: no role runs as root.
#ifndef RENKI_TESTS_ATTACK_HARNESS_H
#define RENKI_TESTS_ATTACK_HARNESS_H

#include "lib/process/process.h"
#include "worker/worker.h"

// What a hostile worker does: 0 when it got nothing, else a number that tells what it got. `text` comes from the test.
struct attack {
    const char *name;
    int (*act)(lua_State *L, const char *text);
};
extern const struct attack attacks[]; // ended by a NULL name; each test program has its own

struct zygote_process {
    struct process process;
    struct wire wire;
    char *runs; // temporary, removed at the end
    char layers[8192];
    int64_t heap_kilobytes;
};
struct zygote_options {
    const char *role;   // NULL: "zygote"
    const char *stdlib; // NULL: none is read
    const char *shares; // JSON; NULL: none
    bool reduced;
};
// False with what the zygote said in `failure`.
bool zygote_begin(struct zygote_process *zygote, const struct zygote_options *options, struct err *failure);
void zygote_end(struct zygote_process *zygote);

struct worker_process {
    struct wire wire;
    int gateway, pidfd;
    pid_t pid;
    char *folder; // outside
};
struct worker_options {
    int64_t memory_bytes, cpu_ms, file_bytes; // 0: 64 MB, 20 s, 1 MB
    const char *shares;                       // JSON; NULL: none
};
// Has a worker forked in a new folder; its attack begins with worker_attack.
void worker_begin(struct worker_process *worker, struct zygote_process *zygote,
                  const struct worker_options *options);
void worker_attack(struct worker_process *worker, const char *attack, const char *text);

// How it ended. `exit`: its code, or -signal. `got`: what the attack returned, -1 when it never did.
struct ending {
    int exit;
    int64_t got;
    char what[33], source[256]; // of STOPPED; empty when there was none
    int64_t value, line;
};
struct ending worker_end(struct worker_process *worker);
// All of it in one.
struct ending attack_once(struct zygote_process *zygote, const struct worker_options *options,
                          const char *attack, const char *text);

// For main: plays a role when it was started as one, else becomes an ordinary user and returns.
void harness_main(int count, char **arguments);

#endif
