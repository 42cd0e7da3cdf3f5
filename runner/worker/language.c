// See worker.h and language.h. Two worlds share one Lua state: the library (stdlib-lua and bindings) with the real
// globals, and the robot with an environment of its own, made from the allow-list below; nothing that a robot changes
// in its world is seen by the library. In the zygote, before any fork.
#include "worker/language.h"

#include "worker/bind/bind.h"
#include "worker/environment.h"
#include "worker/fault.h"
#include "worker/names.h"
#include "worker/worker.h"

#include "lib/base/file.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <unistd.h>

enum { MODULE_SIZE_MAX = 1 << 20, MODULE_NAME_MAX = 100, MODULES_MAX = 200, MODULE_PATH_MAX = 4400 };

struct worker *worker_of(lua_State *L)
{
    return *(struct worker **)lua_getextraspace(L);
}

// ---- Modules

static bool name_ok(struct text name)
{
    for (size_t i = 0; i < name.length; i++) {
        const char c = name.data[i];
        const bool dot = c == '.' && i > 0 && i + 1 < name.length && name.data[i - 1] != '.';
        if (!dot && c != '_' && !(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9'))
            return false;
    }
    return name.length > 0 && name.length <= MODULE_NAME_MAX;
}

// Runs the chunk on top of the stack as a module; nothing returned counts as true.
static void run_chunk(lua_State *L, const char *name)
{
    lua_pushstring(L, name);
    lua_call(L, 1, 1);
    if (lua_isnil(L, -1)) {
        lua_pop(L, 1);
        lua_pushboolean(L, 1);
    }
}

// True with the module pushed; raises when it is being loaded.
static bool push_loaded(lua_State *L, int loaded, const char *name)
{
    if (lua_getfield(L, loaded, name) == LUA_TNIL) {
        lua_pop(L, 1);
        return false;
    }
    if (lua_touserdata(L, -1) == worker_of(L))
        bind_fail(L, ERR_MODULE_LOOP, name);
    return true;
}

static void mark_loading(lua_State *L, int loaded, const char *name)
{
    lua_pushlightuserdata(L, worker_of(L)); // no module's value
    lua_setfield(L, loaded, name);
}

// require of the library: what is there already (bindings, earlier modules), else the file of that name.
// upvalues: the folder, the modules
static int library_require(lua_State *L)
{
    const char *name = luaL_checkstring(L, 1);
    const int modules = lua_upvalueindex(2);
    if (push_loaded(L, modules, name))
        return 1;
    mark_loading(L, modules, name);
    const char *path =
        lua_pushfstring(L, "%s/%s.lua", lua_tostring(L, lua_upvalueindex(1)), luaL_gsub(L, name, ".", "/"));
    struct err err;
    struct buf source = buf_new(MODULE_SIZE_MAX);
    if (!file_read(&source, AT_FDCWD, path, &err)) {
        buf_dispose(&source);
        return bind_raise(L, &err);
    }
    const char *chunk = lua_pushfstring(L, "=renki:%s", name);
    const int status = luaL_loadbufferx(L, source.data ? source.data : "", source.length, chunk, "t");
    buf_dispose(&source);
    if (status != LUA_OK)
        return lua_error(L);
    run_chunk(L, name);
    lua_pushvalue(L, -1);
    lua_setfield(L, modules, name);
    return 1;
}

void language_push_module(lua_State *L, const char *name)
{
    lua_getfield(L, LUA_REGISTRYINDEX, LANGUAGE_MODULES);
    if (!push_loaded(L, lua_gettop(L), name))
        bind_fail(L, ERR_MODULE_UNKNOWN_OF, name, "");
    lua_remove(L, -2);
}

bool language_source(lua_State *L, const char *name, struct text *out)
{
    lua_getfield(L, LUA_REGISTRYINDEX, LANGUAGE_SOURCES);
    lua_pushstring(L, name);
    const bool there = lua_rawget(L, -2) == LUA_TSTRING;
    if (there)
        out->data = lua_tolstring(L, -1, &out->length);
    lua_pop(L, 2);
    return there;
}

void language_add_source(lua_State *L, struct text name, struct text source)
{
    lua_getfield(L, LUA_REGISTRYINDEX, LANGUAGE_SOURCES);
    lua_pushlstring(L, name.data, name.length);
    lua_pushlstring(L, source.data, source.length);
    lua_rawset(L, -3);
    lua_pop(L, 1);
}

void language_push_file(lua_State *L, const char *name)
{
    struct text source;
    if (!language_source(L, name, &source))
        bind_fail(L, ERR_SOURCE_MISSING, name);
    const char *chunk = lua_pushfstring(L, "@%s", name);
    if (luaL_loadbufferx(L, source.data, source.length, chunk, "t") != LUA_OK) {
        fault_from_syntax(L);
        lua_error(L);
    }
    lua_remove(L, -2);
    lua_getfield(L, LUA_REGISTRYINDEX, LANGUAGE_ENVIRONMENT);
    lua_setupvalue(L, -2, 1);
}

// require of robots: public modules of the library, then files under lib/ ("lib.vat"). upvalues: public modules, sources, loaded
static int robot_require(lua_State *L)
{
    const struct text name = bind_text(L, 1, "name");
    if (!name_ok(name))
        return bind_fail(L, ERR_MODULE_NAME, name.data);
    lua_settop(L, 1);
    if (push_loaded(L, lua_upvalueindex(1), name.data) || push_loaded(L, lua_upvalueindex(3), name.data))
        return 1;
    const char *file = lua_pushfstring(L, "%s.lua", luaL_gsub(L, name.data, ".", "/"));
    struct text source;
    if (!text_starts(name, "lib.") || !language_source(L, file, &source))
        names_raise_module(L, 1, lua_upvalueindex(1), lua_upvalueindex(2));
    mark_loading(L, lua_upvalueindex(3), name.data);
    language_push_file(L, file);
    run_chunk(L, name.data);
    lua_pushvalue(L, -1);
    lua_setfield(L, lua_upvalueindex(3), name.data);
    return 1;
}

// ---- The library

static const struct binding {
    const char *name;
    lua_CFunction open;
    bool robots;
} bindings[] = {
#define ROBOTS(name) {#name, luaopen_##name, true},
#define LIBRARY(name) {#name, luaopen_##name, false},
#include "worker/bind/bindings.def"
#undef ROBOTS
#undef LIBRARY
};

// What building the state works on, all of it at these places of the stack.
enum { AT_FOLDER = 1, AT_MODULES, AT_PUBLIC, AT_REQUIRE };

static bool file_is_there(const char *folder, const char *name)
{
    char path[MODULE_PATH_MAX];
    snprintf(path, sizeof path, "%s/%s.lua", folder, name);
    return access(path, R_OK) == 0;
}

// Each binding is core.NAME, and NAME too where the library has no Lua file of that name.
static void open_bindings(lua_State *L)
{
    char core[MODULE_NAME_MAX];
    for (size_t i = 0; i < COUNT_OF(bindings); i++) {
        const struct binding *binding = &bindings[i];
        lua_pushcfunction(L, binding->open);
        lua_pushstring(L, binding->name);
        lua_call(L, 1, 1);
        snprintf(core, sizeof core, "core.%s", binding->name);
        lua_pushvalue(L, -1);
        lua_setfield(L, AT_MODULES, core);
        if (!file_is_there(lua_tostring(L, AT_FOLDER), binding->name)) {
            lua_pushvalue(L, -1);
            lua_setfield(L, AT_MODULES, binding->name);
            if (binding->robots) {
                lua_pushvalue(L, -1);
                lua_setfield(L, AT_PUBLIC, binding->name);
            }
        }
        lua_pop(L, 1);
    }
}

// Modules that robots never require: `run` is a global, the others are for tests.
static bool is_hidden(const char *name)
{
    static const char *const hidden[] = {"run", "test", "fake"};
    for (size_t i = 0; i < COUNT_OF(hidden); i++)
        if (strcmp(hidden[i], name) == 0)
            return true;
    return false;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(a, b);
}

// The *.lua files of a folder by name, so that loading has one order. How many there are, -1 without the folder.
static int list_folder(const char *path, char names[MODULES_MAX][MODULE_NAME_MAX])
{
    DIR *folder = opendir(path);
    if (!folder)
        return -1;
    int count = 0;
    for (const struct dirent *entry; count < MODULES_MAX && (entry = readdir(folder));) {
        const struct text name = text_from(entry->d_name);
        if (text_ends(name, ".lua") && name.length - 4 < MODULE_NAME_MAX)
            snprintf(names[count++], MODULE_NAME_MAX, "%.*s", (int)name.length - 4, name.data);
    }
    closedir(folder);
    qsort(names, (size_t)count, MODULE_NAME_MAX, by_name);
    return count;
}

static void load_folder(lua_State *L, const char *path, const char *prefix)
{
    // In a userdata: a module that does not load leaves by lua_error.
    char(*names)[MODULE_NAME_MAX] = lua_newuserdatauv(L, MODULES_MAX * sizeof *names, 0);
    const int count = list_folder(path, names);
    for (int i = 0; i < count; i++) {
        lua_pushvalue(L, AT_REQUIRE);
        const char *name = lua_pushfstring(L, "%s%s", prefix, names[i]);
        lua_pushvalue(L, -1);
        lua_insert(L, -3);
        lua_call(L, 1, 1);
        if (!prefix[0] && !is_hidden(name)) {
            lua_pushvalue(L, -1);
            lua_setfield(L, AT_PUBLIC, names[i]);
        }
        lua_pop(L, 2);
    }
    lua_pop(L, 1);
}

static void guard_all(lua_State *L, int modules)
{
    lua_pushnil(L);
    while (lua_next(L, modules)) {
        if (lua_istable(L, -1))
            names_guard(L, lua_tostring(L, -2));
        lua_pop(L, 1);
    }
}

static void set_registry(lua_State *L, int index, const char *name)
{
    lua_pushvalue(L, index);
    lua_setfield(L, LUA_REGISTRYINDEX, name);
}

static void new_registry(lua_State *L, const char *name)
{
    lua_newtable(L);
    lua_setfield(L, LUA_REGISTRYINDEX, name);
}

// argument: the folder of the library
static int build(lua_State *L)
{
    environment_open_libraries(L);
    lua_newtable(L);
    set_registry(L, AT_MODULES, LANGUAGE_MODULES);
    lua_newtable(L);
    set_registry(L, AT_PUBLIC, LANGUAGE_PUBLIC);
    new_registry(L, LANGUAGE_SOURCES);
    new_registry(L, LANGUAGE_LOADED);
    open_bindings(L);

    lua_pushvalue(L, AT_FOLDER);
    lua_pushvalue(L, AT_MODULES);
    lua_pushcclosure(L, library_require, 2);
    lua_pushvalue(L, AT_REQUIRE);
    lua_setglobal(L, "require");
    load_folder(L, lua_tostring(L, AT_FOLDER), "");
    load_folder(L, lua_pushfstring(L, "%s/internal", lua_tostring(L, AT_FOLDER)), "internal.");
    environment_hide_strings(L);
    guard_all(L, AT_PUBLIC);

    environment_make(L, AT_PUBLIC);
    lua_pushvalue(L, AT_PUBLIC);
    lua_getfield(L, LUA_REGISTRYINDEX, LANGUAGE_SOURCES);
    lua_getfield(L, LUA_REGISTRYINDEX, LANGUAGE_LOADED);
    lua_pushcclosure(L, robot_require, 3);
    lua_setfield(L, -2, "require");
    lua_setfield(L, LUA_REGISTRYINDEX, LANGUAGE_ENVIRONMENT);
    return 0;
}

lua_State *language_new(const char *stdlib, struct err *err)
{
    lua_State *L = lua_newstate(limits_allocate, NULL);
    require(L);
    *(struct worker **)lua_getextraspace(L) = xcalloc(1, sizeof(struct worker));
    worker_of(L)->lua = L;
    lua_pushcfunction(L, fault_handler);
    lua_pushcfunction(L, build);
    lua_pushstring(L, stdlib);
    if (lua_pcall(L, 1, 0, 1) != LUA_OK) {
        fail(err, ERR_LIBRARY_BROKEN, fault_text(L, -1));
        return NULL;
    }
    lua_settop(L, 0);
    lua_gc(L, LUA_GCCOLLECT);
    return L;
}

static void publish(lua_State *L, const char *name)
{
    lua_getfield(L, LUA_REGISTRYINDEX, LANGUAGE_PUBLIC);
    language_push_module(L, name);
    names_guard(L, name);
    lua_setfield(L, -2, name);
    lua_pop(L, 1);
}

void language_allow_tests(lua_State *L)
{
    publish(L, "test");
    publish(L, "fake");
}

void language_seed(lua_State *L)
{
    int64_t seed;
    require(getrandom(&seed, sizeof seed, 0) == sizeof seed);
    lua_getglobal(L, "math");
    lua_getfield(L, -1, "randomseed");
    lua_pushinteger(L, seed);
    lua_call(L, 1, 0);
    lua_pop(L, 1);
}
