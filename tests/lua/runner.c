// Calls the functions of one test file in the robots' language: lua_runner STDLIB FOLDER NAME_test.lua.
#include "lib/base/file.h"
#include "worker/fault.h"
#include "worker/language.h"
#include "worker/worker.h"

#include <fcntl.h>
#include <lauxlib.h>
#include <stdio.h>

enum { SOURCE_BYTES_MAX = 4 << 20 };

static int load(lua_State *L)
{
    language_push_file(L, lua_tostring(L, 1));
    lua_call(L, 0, 1);
    luaL_checktype(L, -1, LUA_TTABLE);
    return 1;
}

// The names of the tests in the table at 1, in order.
static int sorted_names(lua_State *L)
{
    lua_newtable(L);
    for (lua_pushnil(L); lua_next(L, 1); lua_pop(L, 1)) {
        lua_pushvalue(L, -2);
        lua_rawseti(L, 2, (lua_Integer)lua_rawlen(L, 2) + 1);
    }
    lua_getglobal(L, "table");
    lua_getfield(L, -1, "sort");
    lua_pushvalue(L, 2);
    lua_call(L, 1, 0);
    lua_settop(L, 2);
    return 1;
}

static bool protected_call(lua_State *L, int arguments, int results)
{
    const int handler = lua_gettop(L) - arguments;
    lua_pushcfunction(L, fault_handler);
    lua_insert(L, handler);
    const bool done = lua_pcall(L, arguments, results, handler) == LUA_OK;
    lua_remove(L, handler);
    return done;
}

// Stack: the table of tests, the names. How many failed.
static int run_all(lua_State *L)
{
    int failed = 0;
    const lua_Integer count = (lua_Integer)lua_rawlen(L, 2);
    for (lua_Integer i = 1; i <= count; i++) {
        lua_settop(L, 2);
        lua_rawgeti(L, 2, i);
        const char *name = lua_tostring(L, -1);
        lua_getfield(L, 1, name);
        const bool passed = protected_call(L, 0, 0);
        printf("%s %s\n", passed ? "ok    " : "FAILED", name);
        if (!passed)
            printf("       %s\n", fault_text(L, -1));
        failed += !passed;
    }
    printf("%lld tests, %d failed\n", (long long)count, failed);
    return failed || count == 0;
}

int main(int count, char **arguments)
{
    struct err err;
    if (count != 4) {
        fputs("lua_runner STDLIB FOLDER NAME_test.lua\n", stderr);
        return 2;
    }
    SCOPED_BUF(source, SOURCE_BYTES_MAX);
    SCOPED_TEXT char *path = xasprintf("%s/%s", arguments[2], arguments[3]);
    lua_State *L = language_new(arguments[1], &err);
    if (!L || !file_read(&source, AT_FDCWD, path, &err)) {
        SCOPED_BUF(message, 4096);
        if (err_message(&message, &err, LANGUAGE_EN))
            fprintf(stderr, "%s\n", buf_string(&message));
        return 1;
    }
    language_add_source(L, text_from(arguments[3]), buf_text(&source));
    lua_pushcfunction(L, load);
    lua_pushstring(L, arguments[3]);
    if (!protected_call(L, 1, 1)) {
        fprintf(stderr, "%s\n", fault_text(L, -1));
        return 1;
    }
    lua_pushcfunction(L, sorted_names);
    lua_pushvalue(L, 1);
    if (!protected_call(L, 1, 1))
        return 1;
    const int failed = run_all(L);
    struct worker *worker =
        worker_of(L); // a worker never closes its language; here it shows what was not freed
    lua_close(L);
    xfree(worker);
    return failed;
}
