// core.test: what tests of robots need beyond the robot's own: files of the run's folder, and the manifest's inputs
// checked as the host does. In the worker.
#include "lib/calendar/date.h"
#include "lib/manifest/manifest.h"
#include "worker/bind/values.h"
#include "worker/keep.h"
#include "worker/plain.h"
#include "worker/worker.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH_BYTES_MAX = 400, INPUTS_MAX = 200, INPUTS_BYTES_MAX = 400000 };

// Relative, downwards, no empty parts.
static bool path_ok(struct text path)
{
    struct text rest = path, part;
    if (path.length == 0 || path.length > PATH_BYTES_MAX || path.data[0] == '/')
        return false;
    while (text_cut(&rest, '/', &part))
        if (part.length == 0 || text_is(part, "..") || text_is(part, ".") ||
            memchr(part.data, 0, part.length))
            return false;
    return true;
}

// mkdirat and openat are what a worker may call.
static bool make_folders(struct text path)
{
    char above[PATH_BYTES_MAX + 1];
    for (size_t i = 1; i < path.length; i++) {
        if (path.data[i] != '/')
            continue;
        snprintf(above, sizeof above, "%.*s", (int)i, path.data);
        if (mkdirat(AT_FDCWD, above, 0700) != 0 && errno != EEXIST)
            return false;
    }
    return true;
}

static bool write_all(int file, struct text content)
{
    while (content.length) {
        const ssize_t written = write(file, content.data, content.length);
        if (written < 0)
            return false;
        content = text_of(content.data + written, content.length - (size_t)written);
    }
    return true;
}

// write_file(path, content)
static int write_file(lua_State *L)
{
    const struct text path = bind_text(L, 1, "path"), content = bind_text(L, 2, "content");
    if (!path_ok(path))
        return bind_argument(L, 1, "path", "a path below the run's folder");
    const int file =
        make_folders(path) ? openat(AT_FDCWD, path.data, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600) : -1;
    const bool done = file >= 0 && write_all(file, content);
    const int reason = errno;
    if (file >= 0)
        close(file);
    return done ? 0 : bind_fail(L, ERR_FILE_UNWRITABLE, path.data, strerror(reason));
}

static void set_words(lua_State *L, const char *field, const struct err *problem,
                      bool (*words)(struct buf *, const struct err *, enum language))
{
    struct buf out = buf_new(4096);
    const bool fits = words(&out, problem, worker_of(L)->language);
    lua_pushstring(L, fits ? buf_string(&out) : err_name(problem->code));
    buf_dispose(&out);
    lua_setfield(L, -2, field);
}

// "limits.memory": noted by a caller, or the first argument of the errors about keys.
static const char *problem_place(const struct err *problem)
{
    return problem->where[0] || problem->count == 0 ? problem->where : problem->arguments[0];
}

// { { message, hint, code, where }, … }
static void push_problems(lua_State *L, const struct problems *problems)
{
    lua_createtable(L, (int)problems->count, 0);
    for (size_t i = 0; i < problems->count; i++) {
        lua_createtable(L, 0, 3);
        set_words(L, "message", &problems->items[i], err_message);
        set_words(L, "hint", &problems->items[i], err_hint);
        lua_pushstring(L, err_name(problems->items[i].code));
        lua_setfield(L, -2, "code");
        lua_pushstring(L, problem_place(&problems->items[i]));
        lua_setfield(L, -2, "where");
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
}

// The manifest in the table at `index`. False with what is wrong in `problems`.
static bool read_manifest(lua_State *L, int index, struct manifest **out, struct problems *problems)
{
    SCOPED_BUF(json, PLAIN_BYTES_MAX);
    struct err err;
    lua_pushvalue(L, index);
    const bool plain = plain_write(&json, L, &err);
    lua_settop(L, index);
    if (!plain) {
        *problems_add(problems) = err;
        return false;
    }
    return manifest_read(out, buf_text(&json), &run_limits_most, problems);
}

// manifest_problems(manifest) → { { message, hint, code, where }, … }
static int manifest_problems(lua_State *L)
{
    bind_table(L, 1, "manifest");
    lua_settop(L, 1);
    struct manifest *manifest = NULL;
    struct problems problems = {NULL, 0, 0};
    (void)read_manifest(L, 1, &manifest, &problems);
    push_problems(L, &problems);
    problems_dispose(&problems);
    manifest_free(manifest);
    return 1;
}

// Texts of the table at `index`, borrowed from it; what is no text is not there.
static size_t take_given(lua_State *L, int index, struct given given[INPUTS_MAX])
{
    size_t count = 0;
    lua_pushnil(L);
    while (count < INPUTS_MAX && lua_next(L, index)) {
        if (lua_type(L, -2) == LUA_TSTRING && lua_type(L, -1) == LUA_TSTRING) {
            given[count].name = lua_tostring(L, -2);
            given[count].value.data = lua_tolstring(L, -1, &given[count].value.length);
            count++;
        }
        lua_pop(L, 1);
    }
    return count;
}

// inputs(manifest, given texts, today) → inputs as the host sends them | nil, problems
static int check_inputs(lua_State *L)
{
    struct given given[INPUTS_MAX];
    struct date today;
    if (!bind_date_test(L, 3, &today))
        return bind_argument(L, 3, "today", "a date");
    bind_table(L, 1, "manifest");
    bind_table(L, 2, "given");
    lua_pushvalue(L, 1);
    lua_replace(L, 3); // manifest, given, manifest
    struct manifest *manifest = NULL;
    struct problems problems = {NULL, 0, 0};
    struct buf json = buf_new(INPUTS_BYTES_MAX);
    const bool done = read_manifest(L, 3, &manifest, &problems) &&
                      inputs_check(&json, manifest, given, take_given(L, 2, given), today, &problems);
    if (done)
        lua_pushstring(L, buf_string(&json));
    else
        lua_pushnil(L);
    push_problems(L, &problems);
    problems_dispose(&problems);
    manifest_free(manifest);
    buf_dispose(&json);
    return 2;
}

static const luaL_Reg functions[] = {
    {"write_file", write_file},
    {"manifest_problems", manifest_problems},
    {"inputs", check_inputs},
    {NULL, NULL},
};

int luaopen_test(lua_State *L)
{
    luaL_newlib(L, functions);
    return 1;
}
