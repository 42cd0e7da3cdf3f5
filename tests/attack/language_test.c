// A hostile robot in the robots' own language: the real state, the real run, in a sealed worker.
#include "support/unit.h"

#include "attack/harness.h"
#include "lib/base/clock.h"

#include <stdio.h>
#include <unistd.h>

const struct attack attacks[] = {{NULL, NULL}}; // the hostile part is Lua

enum { LOG_MAX = 8192, ANSWER_MS = 20000 };

static struct zygote_process zygote;

struct told {
    char log[LOG_MAX]; // lines, each ended by a line feed
    char state[17], what[33];
    int64_t line;
};

static void send_robot(struct worker_process *worker, const char *text)
{
    struct err err;
    assert_true(wire_send(&worker->wire,
                          MESSAGE_OF(RUN_START, .run = 1, .attempt = 1, .kind = TEXT_OF("run"),
                                     .robot = TEXT_OF("hostile"), .language = TEXT_OF("en"),
                                     .inputs = TEXT_OF("{}"), .options = TEXT_OF("{}")),
                          &err));
    assert_true(wire_send(&worker->wire,
                          MESSAGE_OF(SOURCE, .name = TEXT_OF("robot.lua"), .text = text_from(text)), &err));
    assert_true(wire_send(&worker->wire, MESSAGE_OF(GO), &err));
}

static void take(struct told *told, const struct frame *frame)
{
    SCOPED(json_document)
    document = NULL;
    struct err err;
    const size_t used = strlen(told->log);
    if (frame->type == MESSAGE_LOG_LINE) {
        struct message_LOG_LINE line;
        assert_true(wire_decode(&document, &line, frame, &err));
        snprintf(told->log + used, sizeof told->log - used, "%s\n", line.text.data);
    } else if (frame->type == MESSAGE_ENDED) {
        struct message_ENDED ended;
        assert_true(wire_decode(&document, &ended, frame, &err));
        snprintf(told->state, sizeof told->state, "%s", ended.state.data);
        if (strcmp(told->state, "done") != 0)
            snprintf(told->log + used, sizeof told->log - used, "%s\n", ended.fault.data);
    } else if (frame->type == MESSAGE_STOPPED) {
        struct message_STOPPED stopped;
        assert_true(wire_decode(&document, &stopped, frame, &err));
        snprintf(told->what, sizeof told->what, "%s", stopped.what.data);
        told->line = stopped.line;
    }
}

static void run_robot(struct told *told, const char *text)
{
    struct worker_process worker;
    struct frame frame;
    struct err err;
    *told = (struct told){0};
    worker_begin(&worker, &zygote, NULL);
    send_robot(&worker, text);
    while (wire_receive(&worker.wire, &frame, ANSWER_MS, &err))
        take(told, &frame);
    (void)worker_end(&worker);
}

static void logs(const char *robot, const char *expected)
{
    struct told told;
    run_robot(&told, robot);
    assert_string_equal(told.log, expected);
    assert_string_equal(told.state, "done");
}

static void what_robots_must_not_have_is_not_there(void **state)
{
    (void)state;
    logs("for _, name in ipairs { 'load', 'loadfile', 'dofile', 'loadstring', 'debug', 'io', 'package',\n"
         "    'coroutine', 'warn' } do\n"
         "  local ok, value = pcall(function() return _G[name] end)\n"
         "  if ok and value ~= nil then run:log('there is ' .. name) end\n"
         "end\n"
         "for _, name in ipairs { 'execute', 'exit', 'getenv', 'remove', 'rename', 'tmpname', 'setlocale' } "
         "do\n"
         "  local ok, value = pcall(function() return os[name] end)\n"
         "  if ok and value ~= nil then run:log('there is os.' .. name) end\n"
         "end\n"
         "local ok, dump = pcall(function() return string.dump end)\n"
         "if ok and dump then run:log 'there is string.dump' end\n"
         "for _, name in ipairs { 'debug', 'io', 'os', 'package', 'string', '_G', 'coroutine', 'ffi' } do\n"
         "  local ok, value = pcall(require, name)\n"
         "  if ok and type(value) == 'table' and (value.getregistry or value.open or value.execute\n"
         "    or value.loadlib or value.dump or value.wrap) then run:log('require gives ' .. name) end\n"
         "end\n"
         "run:log 'tried'",
         "tried\n");
}

static void no_address_reaches_a_robot(void **state)
{
    (void)state;
    logs("local things = { {}, print, function() end, run, require 'decimal', require 'json' }\n"
         "local texts = {}\n"
         "for _, thing in ipairs(things) do\n"
         "  texts[#texts + 1] = tostring(thing)\n"
         "  local ok, text = pcall(string.format, '%p', thing)\n"
         "  if ok then texts[#texts + 1] = tostring(text) end\n"
         "  local ok, text = pcall(string.format, '%s', thing)\n"
         "  if ok then texts[#texts + 1] = text end\n"
         "  local ok, problem = pcall(error, thing)\n"
         "  texts[#texts + 1] = tostring(problem)\n"
         "  local ok, problem = pcall(function() return thing + 1 end)\n"
         "  texts[#texts + 1] = tostring(problem)\n"
         "end\n"
         "local ok, a, b = pcall(math.randomseed)\n"
         "texts[#texts + 1] = tostring(a) .. tostring(b)\n"
         "for _, text in ipairs(texts) do\n"
         "  if text:find '0x%x%x%x%x%x' or text:find '%d%d%d%d%d%d%d%d%d%d%d%d' then run:log(text) end\n"
         "end\n"
         "run:log 'tried'",
         "tried\n");
}

static void two_runs_draw_other_numbers(void **state)
{
    (void)state;
    struct told one, other;
    const char *robot = "run:log('%d %d', math.random(0), math.random(0))";
    run_robot(&one, robot);
    run_robot(&other, robot);
    assert_string_equal(one.state, "done");
    assert_true(strlen(one.log) > 10);
    assert_string_not_equal(one.log, other.log);
}

static void byte_code_is_no_robot(void **state)
{
    (void)state;
    struct told told;
    run_robot(&told, "\x1bLuaT"
                     "rest");
    assert_string_equal(told.state, "failed");
}

static void strings_and_library_stay_as_they_are(void **state)
{
    (void)state;
    logs("local ok = pcall(function() getmetatable('').__index.rep = nil end)\n"
         "pcall(function() string.format = nil end)\n"
         "pcall(function() require('decimal').parse = 1 end)\n"
         "run:log('%s', ('a'):rep(3))\n"
         "run:log('%s', require('decimal')('1.10') + 1 == require('decimal')('2.10'))",
         "aaa\ntrue\n");
}

static void a_finalizer_never_runs(void **state)
{
    (void)state;
    logs("pcall(function()\n"
         "  for i = 1, 1000 do setmetatable({}, { __gc = function() run:log 'ran' end }) end\n"
         "end)\n"
         "local late = {}\n"
         "setmetatable({}, late)\n"
         "late.__gc = function() run:log 'ran' end\n"
         "for i = 1, 2e5 do local t = { i } end\n"
         "run:log 'tried'",
         "tried\n");
}

static void growth_inside_the_robot_s_own_handlers_ends_it(void **state)
{
    (void)state;
    static const char *const robots[] = {
        "local function grow() local s = 'x' while true do s = s .. s end end\n"
        "xpcall(grow, function() return grow() end)",
        "local t = setmetatable({}, { __tostring = function() local s = 'x' while true do s = s .. s end end "
        "})\n"
        "error(t)",
        "local t = setmetatable({}, { __index = function(t, k) local s = 'x' while true do s = s .. s end "
        "end })\n"
        "pcall(function() return t.x end)",
        "table.concat(setmetatable({}, { __len = function() return 1 << 40 end }))\n"
        "local s = ('x'):rep(1 << 20) while true do s = s .. s end",
    };
    for (size_t i = 0; i < COUNT_OF(robots); i++) {
        struct told told;
        run_robot(&told, robots[i]);
        if (strcmp(told.state, "failed") != 0)
            assert_string_equal(told.what, "memory");
    }
}

static void the_zygote_is_small_and_forks_fast(void **state)
{
    (void)state;
    enum { ROUNDS = 50 };
    struct told told;
    run_robot(&told, "run:log 'warm'");
    const int64_t before = clock_monotonic_us();
    for (int i = 0; i < ROUNDS; i++)
        run_robot(&told, "run:log 'hei'");
    const int64_t each_us = (clock_monotonic_us() - before) / ROUNDS;
    print_message("heap %lld KB, a run %lld us from fork to end\n", (long long)zygote.heap_kilobytes,
                  (long long)each_us);
    assert_string_equal(told.log, "hei\n");
    assert_true(zygote.heap_kilobytes < 16 << 10);
}

static int begin(void **state)
{
    (void)state;
    struct err err;
    if (zygote_begin(&zygote, &(struct zygote_options){.stdlib = RENKI_STDLIB}, &err))
        return 0;
    print_error("%s: %s, %s\n", err_name(err.code), err.arguments[0], err.arguments[1]);
    return -1;
}

static int end(void **state)
{
    (void)state;
    zygote_end(&zygote);
    return 0;
}

int main(int count, char **arguments)
{
    harness_main(count, arguments);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_robots_must_not_have_is_not_there),
        cmocka_unit_test(no_address_reaches_a_robot),
        cmocka_unit_test(two_runs_draw_other_numbers),
        cmocka_unit_test(byte_code_is_no_robot),
        cmocka_unit_test(strings_and_library_stay_as_they_are),
        cmocka_unit_test(a_finalizer_never_runs),
        cmocka_unit_test(growth_inside_the_robot_s_own_handlers_ends_it),
        cmocka_unit_test(the_zygote_is_small_and_forks_fast),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
