// Limits of a run: each ends it, none is an error that Lua could catch. In the worker.
//
// 1. Memory: the allocator never returns NULL. At the budget the run is told "memory" with the robot's line and the
//    process ends: no emergency collection, no out-of-memory path in Lua or a library is ever taken.
// 2. Computing, time, cancelling: a signal's handler arms a hook for the next instruction; the hook tells the line and
//    ends the process, through any number of pcalls. A robot that waits for an answer is told of at once; one that is
//    deep in C is told of by the second signal, with the line that called into C.
// 3. Handlers call nothing that allocates: the frame is built in memory set aside, the line is read from the state.
// 4. Nothing is written into the middle of a message (`sending`): then the process just ends, and the host says why.
#include "worker/worker.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { STOPPED_EXIT = 3, FRAME_ROOM = 2048, LEVELS_MAX = 200, SIGNAL_STACK = 64 << 10, PEER_WAIT_MS = 300 };

// A process serves one run; signal handlers have no other way to know of it.
static struct {
    lua_State *lua;
    int host;
    struct limits limits;
    const struct wire *to_host, *to_gateway;
    volatile sig_atomic_t requests[_NSIG]; // how often a signal asked for the end
    volatile sig_atomic_t telling;         // 1: being told, 2: told without a line after reading that failed
    struct message_STOPPED message;
    const char *asked; // what the hook tells
    int64_t asked_value;
} run;

// The innermost line of the robot: chunk names of its files begin with '@'.
static void robot_line(struct message_STOPPED *message)
{
    lua_Debug frame;
    for (int level = 0; run.lua && level < LEVELS_MAX && lua_getstack(run.lua, level, &frame); level++)
        if (lua_getinfo(run.lua, "Sl", &frame) && frame.source[0] == '@') {
            message->source = text_of(frame.source + 1, strnlen(frame.source + 1, 255));
            message->line = frame.currentline > 0 ? frame.currentline : 0;
            return;
        }
}

static void tell(const struct message_STOPPED *message)
{
    static char room[FRAME_ROOM + 1];
    struct buf frame = {room, 0, sizeof room, FRAME_ROOM};
    struct err err;
    struct pollfd ready = {.fd = run.host, .events = POLLOUT};
    if (wire_encode(&frame, MESSAGE_STOPPED, message, &err) && poll(&ready, 1, PEER_WAIT_MS) == 1)
        (void)wire_write(run.host, buf_text(&frame), NULL, 0);
}

static bool half_sent(void)
{
    return run.to_host && run.to_host->sending;
}

static void stop(const char *what, int64_t value)
{
    if (half_sent() || run.telling == 2)
        return;
    if (run.telling++ == 0) {
        run.message =
            (struct message_STOPPED){.what = text_from(what), .value = value, .source = TEXT_OF("")};
        robot_line(&run.message);
    }
    tell(&run.message);
}

// The bare call: a C library in whatever state takes no part.
static void leave(void) __attribute__((noreturn));
static void leave(void)
{
    for (;;)
        syscall(SYS_exit_group, STOPPED_EXIT);
}

void limits_stop(const char *what, int64_t value)
{
    stop(what, value);
    leave();
}

void limits_not_sealed(int host, const struct err *err)
{
    SCOPED_BUF(reason, 250);
    if (!err_message(&reason, err, LANGUAGE_EN))
        buf_clear(&reason); // too long to say; the host knows the rest
    run.host = host;
    tell(&(struct message_STOPPED){.what = TEXT_OF("sandbox"), .source = buf_text(&reason)});
    leave();
}

// ---- memory

static void out_of_memory(size_t bytes)
{
    (void)bytes;
    limits_stop("memory", run.limits.memory_bytes);
}

void *limits_allocate(void *unused, void *block, size_t old_size, size_t new_size)
{
    (void)unused;
    const size_t before = block ? old_size : 0; // for a new block old_size tells its kind
    memory_charge(before, new_size);
    if (new_size == 0) {
        free(block);
        return NULL;
    }
    void *grown = realloc(block, new_size);
    if (!grown && new_size > before)
        memory_exhausted(new_size);
    return grown ? grown : block;
}

// ---- signals

static void stop_in_hook(lua_State *L, lua_Debug *where)
{
    (void)L;
    (void)where;
    limits_stop(run.asked, run.asked_value);
}

static bool waiting(void)
{
    return (run.to_host && run.to_host->waiting) || (run.to_gateway && run.to_gateway->waiting);
}

static void on_limit(int signal)
{
    const int errno_before = errno;
    run.asked = signal == SIGXCPU ? "cpu" : signal == SIGUSR1 ? "time" : "cancel";
    run.asked_value = signal == SIGXCPU ? run.limits.cpu_ms : 0;
    if (run.requests[signal]++ > 0 || waiting())
        limits_stop(run.asked, run.asked_value);
    lua_sethook(run.lua, stop_in_hook, LUA_MASKCALL | LUA_MASKRET | LUA_MASKLINE | LUA_MASKCOUNT, 1);
    errno = errno_before;
}

static void on_output(int signal)
{
    (void)signal;
    limits_stop("output", run.limits.file_bytes);
}

// The handler is reset by then (SA_RESETHAND): returning repeats the fault, and the process dies by its signal.
static void on_crash(int signal)
{
    stop("crash", signal);
}

static void on_forbidden(int call)
{
    limits_stop("call", call);
}

static bool handle(int signal, void (*handler)(int), int flags, struct err *err)
{
    struct sigaction action = {.sa_handler = handler, .sa_flags = flags | SA_ONSTACK};
    sigfillset(&action.sa_mask);
    sigdelset(&action.sa_mask, SIGSEGV); // a state too broken to read its line ends in on_crash again
    sigdelset(&action.sa_mask, SIGBUS);
    return sigaction(signal, &action, NULL) == 0 ? true : fail(err, ERR_SYSTEM, "sigaction", strerror(errno));
}

// Deep recursion in C leaves no stack to say so on.
static bool own_signal_stack(struct err *err)
{
    void *memory =
        mmap(NULL, SIGNAL_STACK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    const stack_t stack = {.ss_sp = memory, .ss_size = SIGNAL_STACK};
    return memory != MAP_FAILED && sigaltstack(&stack, NULL) == 0
               ? true
               : fail(err, ERR_SYSTEM, "sigaltstack", strerror(errno));
}

bool limits_arm(lua_State *L, int host, const struct limits *limits, void (*on_trap)(int), struct err *err)
{
    static const struct {
        int signal;
        void (*handler)(int);
        int flags;
    } signals[] = {
        {SIGXCPU, on_limit, 0},
        {SIGUSR1, on_limit, 0},
        {SIGUSR2, on_limit, 0},
        {SIGXFSZ, on_output, 0},
        {SIGSEGV, on_crash, SA_RESETHAND},
        {SIGBUS, on_crash, SA_RESETHAND},
        {SIGILL, on_crash, SA_RESETHAND},
        {SIGFPE, on_crash, SA_RESETHAND},
    };
    run.lua = L;
    run.host = host;
    run.limits = *limits;
    if (!own_signal_stack(err) || !sandbox_on_trap(on_trap ? on_trap : on_forbidden, err))
        return false;
    for (size_t i = 0; i < COUNT_OF(signals); i++)
        if (!handle(signals[i].signal, signals[i].handler, signals[i].flags, err))
            return false;
    memory_on_exhausted(out_of_memory);
    memory_budget_set((size_t)limits->memory_bytes);
    return true;
}

void limits_watch(const struct wire *to_host, const struct wire *to_gateway)
{
    run.to_host = to_host;
    run.to_gateway = to_gateway;
}
