// core.fake: the requests that a fake system's clients make, and the answers. Kind "fake" only. In the worker.
#include "worker/bind/bind.h"
#include "worker/fault.h"
#include "worker/keep.h"
#include "worker/run.h"
#include "worker/worker.h"

enum { HEADERS_MAX = 65536, DELAY_MS_MAX = 600000 };

static void set_text(lua_State *L, const char *field, struct text text)
{
    lua_pushlstring(L, text.data, text.length);
    lua_setfield(L, -2, field);
}

static void set_headers(lua_State *L, struct text json)
{
    struct json_document *document = NULL;
    struct err err;
    if (json_parse(&document, json, &err)) // wire_decode has seen that it is JSON
        keep_push_plain(L, json_root(document));
    else
        lua_newtable(L);
    json_document_free(document);
    lua_setfield(L, -2, "headers");
}

// request() → { id, system, method, path, query, headers, body }; nil when the fake process has ended
static int next_request(lua_State *L)
{
    struct worker *worker = worker_of(L);
    struct json_document *document = NULL;
    struct message_FAKE_REQUEST request;
    struct frame frame;
    struct err err;
    if (!wire_expect(&worker->gateway, MESSAGE_FAKE_REQUEST, &request, &document, &frame, -1, &err)) {
        if (err.code != ERR_WIRE_CLOSED)
            run_abandon(&err);
        return 0;
    }
    lua_createtable(L, 0, 8);
    lua_pushinteger(L, request.id);
    lua_setfield(L, -2, "id");
    set_text(L, "system", request.system);
    set_text(L, "method", request.method);
    set_text(L, "path", request.path);
    set_text(L, "query", request.query);
    set_text(L, "body", request.body);
    set_headers(L, request.headers);
    json_document_free(document);
    return 1;
}

// answer(id, status, headers, fault, delay in ms, body)
static int send_answer(lua_State *L)
{
    struct err err;
    const struct text body = bind_text(L, 6, "body");
    struct message_FAKE_ANSWER answer = {
        .id = bind_integer(L, 1, "id", 0, INT64_MAX),
        .status = bind_integer(L, 2, "status", 100, 999),
        .fault = bind_text(L, 4, "fault"),
        .delay_ms = bind_integer(L, 5, "delay", 0, DELAY_MS_MAX),
        .body = body,
    };
    bind_table(L, 3, "headers");
    struct buf headers = buf_new(HEADERS_MAX);
    const bool done = keep_write(L, &headers, 3, &err);
    if (done)
        lua_pushlstring(L, headers.data, headers.length);
    buf_dispose(&headers);
    if (!done)
        return bind_raise(L, &err);
    answer.headers.data = lua_tolstring(L, -1, &answer.headers.length);
    if (!wire_send(&worker_of(L)->gateway, MESSAGE_FAKE_ANSWER, &answer, &err) &&
        err.code == ERR_FRAME_ENCODE)
        return bind_raise(L, &err);
    return 0; // a client that went away is heard of by request()
}

static const luaL_Reg functions[] = {
    {"request", next_request},
    {"answer", send_answer},
    {NULL, NULL},
};

int luaopen_fake(lua_State *L)
{
    luaL_newlib(L, functions);
    return 1;
}
