// One run: receives it, runs it, tells its end. In the worker, already sealed.
//
// What a run does depends on its kind; each is a module of the library with a function `serve`: "run" runs the robot,
// "test" its tests, "check" reads it, "fake" answers for a legacy system.
#include "worker/run.h"
#include "worker/fault.h"
#include "worker/keep.h"
#include "worker/language.h"
#include "worker/worker.h"

#include "lib/base/clock.h"
#include "lib/base/log.h"

#include <stdio.h>
#include <time.h>
#include <unistd.h>

enum { EXIT_HOST_GONE = 3, SOURCES_MAX = 10000 };

static const struct kind {
    const char *name, *module;
    bool tests; // may require "test" and "fake"
} kinds[] = {
    {"run", "run", false},
    {"test", "internal.testing", true},
    {"check", "internal.check", true},
    {"fake", "internal.faking", true},
};

// The host is gone or does not keep to the protocol: nobody is left to tell.
void run_abandon(const struct err *err)
{
    log_error("worker.abandoned", "error=%s detail=\"%s\"", err_name(err->code),
              err->count ? err->arguments[0] : "");
    _exit(EXIT_HOST_GONE);
}

static int64_t cpu_ms(void)
{
    struct timespec time;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

static void write_cost(struct buf *out, int64_t started_ms)
{
    struct json_writer writer = json_writer_new(out);
    json_begin_object(&writer);
    json_write_key(&writer, "cpu_ms");
    json_write_integer(&writer, cpu_ms());
    json_write_key(&writer, "memory_bytes");
    json_write_integer(&writer, (int64_t)memory_peak());
    json_write_key(&writer, "time_ms");
    json_write_integer(&writer, clock_monotonic_ms() - started_ms);
    json_end_object(&writer);
}

// ENDED with the fault on top of the stack (or none), and out.
static void end(struct worker *worker, const char *state, bool has_fault)
{
    struct err err;
    struct buf fault = buf_new(65536), cost = buf_new(4096);
    struct json_writer writer = json_writer_new(&fault);
    if (has_fault)
        fault_write(worker->lua, -1, &writer);
    else
        json_write_null(&writer);
    write_cost(&cost, worker->started_ms);
    const struct text told = json_writer_done(&writer) ? buf_text(&fault) : TEXT_OF("null");
    if (!wire_send(&worker->host,
                   MESSAGE_OF(ENDED, .state = text_from(state), .fault = told, .cost = buf_text(&cost)),
                   &err))
        run_abandon(&err);
    _exit(0);
}

void run_park(lua_State *L)
{
    end(worker_of(L), "waiting", false);
    __builtin_unreachable();
}

// ---- Receiving

static void keep_start(lua_State *L, const struct message_RUN_START *start)
{
    lua_newtable(L);
    lua_pushinteger(L, start->run);
    lua_setfield(L, -2, "number");
    lua_pushinteger(L, start->attempt);
    lua_setfield(L, -2, "attempt");
    lua_pushlstring(L, start->kind.data, start->kind.length);
    lua_setfield(L, -2, "kind");
    lua_pushlstring(L, start->robot.data, start->robot.length);
    lua_setfield(L, -2, "robot");
    lua_pushlstring(L, start->language.data, start->language.length);
    lua_setfield(L, -2, "language");
    lua_pushlstring(L, start->inputs.data, start->inputs.length);
    lua_setfield(L, -2, "inputs");
    lua_pushlstring(L, start->options.data, start->options.length);
    lua_setfield(L, -2, "options");
    lua_setfield(L, LUA_REGISTRYINDEX, RUN_REGISTRY);
}

static bool option_is_set(struct text options, const char *name)
{
    SCOPED(json_document)
    document = NULL;
    struct err err;
    bool set = false;
    if (json_parse(&document, options, &err))
        (void)json_boolean(json_get(json_root(document), name), &set);
    return set;
}

static bool take_start(struct worker *worker, const struct frame *frame, struct err *err)
{
    SCOPED(json_document)
    document = NULL;
    struct message_RUN_START start;
    if (!wire_decode(&document, &start, frame, err))
        return false;
    worker->run = start.run;
    worker->language = language_from_name(start.language.data);
    worker->dry_run = option_is_set(start.options, "dry_run");
    snprintf(worker->kind, sizeof worker->kind, "%.*s", (int)start.kind.length, start.kind.data);
    keep_start(worker->lua, &start);
    return true;
}

static bool take_source(struct worker *worker, const struct frame *frame, struct err *err)
{
    SCOPED(json_document)
    document = NULL;
    struct message_SOURCE source;
    if (!wire_decode(&document, &source, frame, err))
        return false;
    language_add_source(worker->lua, source.name, source.text);
    return true;
}

// RUN_START, SOURCE …, GO.
static bool receive_run(struct worker *worker, struct err *err)
{
    struct frame frame;
    bool started = false;
    for (int count = 0; count < SOURCES_MAX; count++) {
        if (!wire_receive(&worker->host, &frame, -1, err))
            return false;
        bool taken = true;
        if (frame.type == MESSAGE_RUN_START && !started)
            taken = started = take_start(worker, &frame, err);
        else if (frame.type == MESSAGE_SOURCE && started)
            taken = take_source(worker, &frame, err);
        else if (frame.type == MESSAGE_GO && started)
            return true;
        else
            return fail(err, ERR_FRAME_OUT_OF_TURN, "host", message_name(frame.type));
        if (!taken)
            return false;
    }
    return fail(err, ERR_FRAME_OUT_OF_TURN, "host", "SOURCE");
}

// ---- Running

static const struct kind *find_kind(const char *name)
{
    for (size_t i = 0; i < COUNT_OF(kinds); i++)
        if (strcmp(kinds[i].name, name) == 0)
            return &kinds[i];
    return NULL;
}

static int serve(lua_State *L)
{
    const struct kind *kind = find_kind(worker_of(L)->kind);
    if (kind->tests)
        language_allow_tests(L);
    language_push_module(L, kind->module);
    lua_getfield(L, -1, "serve");
    lua_call(L, 0, 0);
    return 0;
}

void run_serve(lua_State *L)
{
    struct worker *worker = worker_of(L);
    struct err err;
    worker->started_ms = clock_monotonic_ms();
    worker->host = wire_new(WORKER_HOST, ROLE_WORKER, ROLE_HOST, false);
    limits_watch(&worker->host, NULL);
    if (!receive_run(worker, &err))
        run_abandon(&err);
    if (!find_kind(worker->kind)) {
        fail(&err, ERR_FRAME_MALFORMED, "RUN_START", "kind");
        run_abandon(&err);
    }
    const enum role peer = strcmp(worker->kind, "fake") == 0 ? ROLE_FAKE : ROLE_GATEWAY;
    worker->gateway = wire_new(WORKER_GATEWAY, ROLE_WORKER, peer, false);
    limits_watch(&worker->host, &worker->gateway);
    language_seed(L);
    if (!wire_send(&worker->host, MESSAGE_OF(STARTED), &err))
        run_abandon(&err);

    lua_settop(L, 0);
    lua_pushcfunction(L, fault_handler);
    lua_pushcfunction(L, serve);
    const bool done = lua_pcall(L, 0, 0, 1) == LUA_OK;
    if (!done && !fault_test(L, -1)) // the handler itself ran out of room
        fault_from_value(L);
    end(worker, done ? "done" : "failed", !done);
    __builtin_unreachable();
}
