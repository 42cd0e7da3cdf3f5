// Each limit is hit by Lua and by C, is told with the robot's line, can't be caught, and harms no other run.
#include "support/unit.h"

#include "attack/harness.h"
#include "attack/lua.h"
#include "lib/base/clock.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { MEGABYTE = 1 << 20 };

static struct zygote_process zygote;

// ---- what workers do

static int take_by_xmalloc(lua_State *L, const char *text)
{
    (void)L;
    (void)text;
    for (int i = 0; i < 100000; i++)
        memset(xmalloc(MEGABYTE), 1, MEGABYTE);
    return 1;
}

static int xmalloc_from_lua(lua_State *L)
{
    return take_by_xmalloc(L, NULL);
}

static int lua_with_c(lua_State *L, const char *text)
{
    lua_register(L, "take", xmalloc_from_lua);
    return run_lua(L, text);
}

// Around the budget: native code asks the kernel. Its answer is how many megabytes it got.
static int take_by_mmap(lua_State *L, const char *text)
{
    int megabytes = 0;
    (void)L;
    (void)text;
    while (mmap(NULL, MEGABYTE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED)
        megabytes++;
    return megabytes;
}

static int wait_for_the_host(lua_State *L, const char *text)
{
    static struct wire gateway;
    struct frame frame;
    struct err err;
    (void)L;
    (void)text;
    gateway = wire_new(WORKER_GATEWAY, ROLE_WORKER, ROLE_GATEWAY, false);
    limits_watch(NULL, &gateway);
    return wire_receive(&gateway, &frame, -1, &err) ? 1 : 2;
}

static int wait_from_lua(lua_State *L)
{
    return wait_for_the_host(L, NULL);
}

static int lua_that_waits(lua_State *L, const char *text)
{
    lua_register(L, "wait", wait_from_lua);
    return run_lua(L, text);
}

static volatile int deep;

#define FAULTY __attribute__((no_sanitize("address", "undefined"))) // the fault is the test

static FAULTY int recurse(int depth)
{
    volatile char room[4096];
    room[0] = (char)depth;
    if (depth < 0)
        return 0;
    const int more = recurse(depth + 1);
    deep += room[0];
    return more + 1;
}

static int c_stack_from_lua(lua_State *L)
{
    lua_pushinteger(L, recurse(1));
    return 1;
}

static FAULTY int null_from_lua(lua_State *L)
{
    (void)L;
    *(volatile int *)(uintptr_t)deep = 1;
    return 0;
}

static int abort_from_lua(lua_State *L)
{
    (void)L;
    abort();
}

static int lua_that_crashes(lua_State *L, const char *text)
{
    lua_register(L, "c_stack", c_stack_from_lua);
    lua_register(L, "null", null_from_lua);
    lua_register(L, "abort", abort_from_lua);
    return run_lua(L, text);
}

const struct attack attacks[] = {
    {"lua", run_lua},       {"lua with C", lua_with_c},         {"xmalloc", take_by_xmalloc},
    {"mmap", take_by_mmap}, {"lua that waits", lua_that_waits}, {"lua that crashes", lua_that_crashes},
    {NULL, NULL},
};

// ---- what must happen

static void stopped_at(struct ending ending, const char *what, int64_t value, int64_t line)
{
    assert_string_equal(ending.what, what);
    assert_int_equal(ending.value, value);
    assert_string_equal(ending.source, "robot.lua");
    assert_int_equal(ending.line, line);
    assert_int_equal(ending.exit, 3);
}

static void memory_ends_at_the_line_that_asked_and_pcall_catches_nothing(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int line;
    } cases[] = {
        {"local t = {}\nfor i = 1, 1e9 do\n  t[i] = 'x' .. i\nend", 3},
        {"local s = 'x'\nwhile true do\n  pcall(function()\n    s = s .. s\n  end)\nend", 4},
        {"pcall(function()\n  local s = string.rep('x', 1 << 30)\nend)", 2},
        {"local function f()\n  local ok = pcall(string.rep, 'x', 1 << 30)\nend\nf()\nreturn 1", 2},
        {"local rows = {}\nwhile true do\n  rows[#rows + 1] = { 'a', #rows }\nend", 3},
        {"local t = setmetatable({}, { __gc = function() end })\n\nt = table.pack(table.unpack({}, 1, 2e5))\n"
         "while true do\n  t = { t, table.unpack({}, 1, 2e5) }\nend",
         5},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        stopped_at(attack_once(&zygote, &(struct worker_options){.memory_bytes = 32 * MEGABYTE}, "lua",
                               cases[i].text),
                   "memory", 32 * MEGABYTE, cases[i].line);
}

static void memory_of_libraries_counts_too(void **state)
{
    (void)state;
    const struct ending ending = attack_once(&zygote, NULL, "lua with C", "\n\npcall(take)");
    stopped_at(ending, "memory", 64 * MEGABYTE, 3);
}

static void the_kernel_holds_memory_when_the_budget_is_passed_by(void **state)
{
    (void)state;
#ifdef RENKI_SANITIZED
    skip_saying("the sanitizer needs the address space");
#endif
    const struct ending ending =
        attack_once(&zygote, &(struct worker_options){.memory_bytes = 32 * MEGABYTE}, "mmap", NULL);
    assert_in_range(ending.got, 32, 32 + 64);
}

static void a_robot_within_its_memory_is_left_alone(void **state)
{
    (void)state;
    const struct ending ending = attack_once(
        &zygote, NULL, "lua", "for i = 1, 200 do local s = ('x'):rep(1000000) .. i end return true");
    assert_string_equal(ending.what, "");
    assert_int_equal(ending.got, 0);
}

static void computing_ends_out_of_any_loop(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int line;
    } cases[] = {
        {"local x = 0\nwhile true do x = x + 1 end", 2},
        {"while true do\n  pcall(function()\n    while true do end\n  end)\nend", 3},
        {"local function f()\n  return f()\nend\nf()", 2},
        {"repeat until xpcall(function()\n  while true do end\nend, function()\n  while true do end\nend)",
         2},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        stopped_at(attack_once(&zygote, &(struct worker_options){.cpu_ms = 1000}, "lua", cases[i].text),
                   "cpu", 1000, cases[i].line);
}

static void computing_inside_c_is_told_with_the_line_that_called(void **state)
{
    (void)state;
    const char *text = "local s = ('a'):rep(100000)\nlocal p = '.-.-.-.-b'\n\nreturn s:find(p)";
    stopped_at(attack_once(&zygote, &(struct worker_options){.cpu_ms = 1000}, "lua", text), "cpu", 1000, 4);
}

static struct ending signalled(const char *attack, const char *text, int signal)
{
    struct worker_process worker;
    worker_begin(&worker, &zygote, NULL);
    worker_attack(&worker, attack, text);
    usleep(50000);
    assert_int_equal(syscall(SYS_pidfd_send_signal, worker.pidfd, signal, NULL, 0), 0);
    return worker_end(&worker);
}

static void the_host_ends_a_loop_by_a_signal(void **state)
{
    (void)state;
    const char *text = "while true do\n  pcall(function() while true do end end)\nend";
    stopped_at(signalled("lua", text, SIGUSR1), "time", 0, 2);
    stopped_at(signalled("lua", text, SIGUSR2), "cancel", 0, 2);
}

static void a_robot_that_waits_is_ended_at_once(void **state)
{
    (void)state;
    const int64_t before = clock_monotonic_ms();
    stopped_at(signalled("lua that waits", "\n\n\n\nwait()", SIGUSR1), "time", 0, 5);
    assert_true(clock_monotonic_ms() - before < 1000);
}

static void a_second_signal_ends_what_sits_in_c(void **state)
{
    (void)state;
    struct worker_process worker;
    worker_begin(&worker, &zygote, NULL);
    worker_attack(&worker, "lua", "\nreturn ('a'):rep(100000):find('.-.-.-.-b')");
    for (int i = 0; i < 2; i++) {
        usleep(50000);
        assert_int_equal(syscall(SYS_pidfd_send_signal, worker.pidfd, SIGUSR2, NULL, 0), 0);
    }
    stopped_at(worker_end(&worker), "cancel", 0, 2);
}

static void a_file_that_grows_too_large_ends_the_run(void **state)
{
    (void)state;
    const char *text = "local f = io.open('big', 'wb')\nlocal s = ('x'):rep(65536)\nfor i = 1, 100 do\n"
                       "  f:write(s)\nend\nreturn true";
    stopped_at(attack_once(&zygote, &(struct worker_options){.file_bytes = MEGABYTE}, "lua", text), "output",
               MEGABYTE, 4);
}

static void a_crash_is_told_with_its_line_and_dies_by_its_signal(void **state)
{
    (void)state;
    static const char *const texts[] = {"\nc_stack()", "\nnull()", "\nabort()"};
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        const struct ending ending = attack_once(&zygote, NULL, "lua that crashes", texts[i]);
        assert_string_equal(ending.what, "crash");
        assert_int_equal(ending.value, SIGSEGV);
        assert_int_equal(ending.line, 2);
        assert_int_equal(ending.exit, -SIGSEGV);
    }
}

static void deep_recursion_in_lua_is_an_error(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "local function f() return 1 + f() end return not pcall(f)",
        "local t = setmetatable({}, {}) getmetatable(t).__index = function(t, k) return t[k .. 'x'] end\n"
        "return not pcall(function() return t.x end)",
        "local s = ('('):rep(100000) return not load('return ' .. s)",
        "local f = function(x) return x end for i = 1, 300 do local g = f f = function(x) return "
        "(string.gsub('a', "
        "'a', function() return g(x) end)) end end return not pcall(f, 'a')",
    };
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        const struct ending ending =
            attack_once(&zygote, &(struct worker_options){.memory_bytes = 256 * MEGABYTE}, "lua", texts[i]);
        assert_string_equal(ending.what, "");
        assert_int_equal(ending.got, 0);
    }
}

static void other_runs_go_on(void **state)
{
    (void)state;
    struct worker_process other;
    worker_begin(&other, &zygote, NULL);
    (void)attack_once(&zygote, NULL, "xmalloc", NULL);
    (void)attack_once(&zygote, NULL, "lua that crashes", "null()");
    worker_attack(&other, "lua", "return true");
    const struct ending ending = worker_end(&other);
    assert_int_equal(ending.got, 0);
    assert_int_equal(ending.exit, 0);
}

static int begin(void **state)
{
    (void)state;
    struct err err;
    if (zygote_begin(&zygote, &(struct zygote_options){0}, &err))
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
        cmocka_unit_test(memory_ends_at_the_line_that_asked_and_pcall_catches_nothing),
        cmocka_unit_test(memory_of_libraries_counts_too),
        cmocka_unit_test(the_kernel_holds_memory_when_the_budget_is_passed_by),
        cmocka_unit_test(a_robot_within_its_memory_is_left_alone),
        cmocka_unit_test(computing_ends_out_of_any_loop),
        cmocka_unit_test(computing_inside_c_is_told_with_the_line_that_called),
        cmocka_unit_test(the_host_ends_a_loop_by_a_signal),
        cmocka_unit_test(a_robot_that_waits_is_ended_at_once),
        cmocka_unit_test(a_second_signal_ends_what_sits_in_c),
        cmocka_unit_test(a_file_that_grows_too_large_ends_the_run),
        cmocka_unit_test(a_crash_is_told_with_its_line_and_dies_by_its_signal),
        cmocka_unit_test(deep_recursion_in_lua_is_an_error),
        cmocka_unit_test(other_runs_go_on),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
