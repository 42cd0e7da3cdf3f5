// core.waiting: what internal/waiting.lua needs of the run's socket: sleeping, calling other robots, giving a result. In
// the worker.
#include "worker/bind/bind.h"
#include "worker/bind/talk.h"

#include "lib/manifest/manifest.h"

enum { SCOPE_MAX = 200, KEY_MAX = 400, ROBOT_MAX = 64 };

// Arguments 1 to 3: scope, key, position.
struct place {
    struct text scope, key;
    int64_t position;
};

static struct place check_place(lua_State *L)
{
    const struct place place = {
        .scope = talk_text(L, 1, "scope", SIZE_MAX),
        .key = talk_text(L, 2, "key", SIZE_MAX),
        .position = bind_integer(L, 3, "position", 0, INT64_MAX),
    };
    if (place.scope.length > SCOPE_MAX)
        bind_fail(L, ERR_KEY_TOO_LONG, place.scope.data, N(SCOPE_MAX));
    if (place.key.length > KEY_MAX)
        bind_fail(L, ERR_KEY_TOO_LONG, place.key.data, N(KEY_MAX));
    return place;
}

// sleep(scope, key, position, until_ms, for_ms) → ms left
static int take_sleep(lua_State *L)
{
    const struct place place = check_place(L);
    const int64_t until_ms = bind_integer(L, 4, "until_ms", 0, INT64_MAX);
    const int64_t for_ms = bind_integer(L, 5, "for_ms", 0, INT64_MAX / 2);
    struct json_document *document = NULL;
    struct message_SLEPT slept;
    struct frame frame;
    talk_say(L, MESSAGE_OF(SLEEP, .scope = place.scope, .key = place.key, .position = place.position,
                           .until_ms = until_ms, .for_ms = for_ms));
    talk_hear(L, MESSAGE_SLEPT, &slept, &document, &frame);
    json_document_free(document);
    lua_pushinteger(L, slept.left_ms);
    return 1;
}

// call(scope, key, position, robot, given, files) → run, state, kept result, fault as JSON
static int take_call(lua_State *L)
{
    const struct place place = check_place(L);
    const struct text robot = talk_text(L, 4, "robot", SIZE_MAX);
    if (robot.length > ROBOT_MAX)
        return bind_fail(L, ERR_ROBOT_NOT_PERMITTED, robot.data);
    talk_say(L, MESSAGE_OF(ROBOT_CALL, .scope = place.scope, .key = place.key, .position = place.position,
                           .robot = robot, .given = bind_text(L, 5, "given"),
                           .files = bind_text(L, 6, "files")));
    struct json_document *document = NULL;
    struct message_ROBOT_CALLED called;
    struct frame frame;
    struct err err;
    talk_hear(L, MESSAGE_ROBOT_CALLED, &called, &document, &frame);
    const bool problem = talk_problem(called.problem, &err);
    lua_pushinteger(L, called.run);
    lua_pushlstring(L, called.state.data, called.state.length);
    lua_pushlstring(L, called.result.data, called.result.length);
    lua_pushlstring(L, called.fault.data, called.fault.length);
    json_document_free(document);
    return problem ? bind_raise(L, &err) : 4;
}

// result(kept)
static int take_result(lua_State *L)
{
    talk_say(L, MESSAGE_OF(RESULT, .result = bind_text(L, 1, "result")));
    return 0;
}

// pause(ms)
static int take_pause(lua_State *L)
{
    talk_pause(L, bind_integer(L, 1, "ms", 0, INT64_MAX));
    return 0;
}

// duration(text) → ms; nothing for what is none
static int take_duration(lua_State *L)
{
    int64_t ms;
    if (!duration_from_text(bind_text(L, 1, "duration"), &ms))
        return 0;
    lua_pushinteger(L, ms);
    return 1;
}

static const luaL_Reg functions[] = {
    {"sleep", take_sleep}, {"call", take_call},         {"result", take_result},
    {"pause", take_pause}, {"duration", take_duration}, {NULL, NULL},
};

int luaopen_waiting(lua_State *L)
{
    luaL_newlib(L, functions);
    return 1;
}
