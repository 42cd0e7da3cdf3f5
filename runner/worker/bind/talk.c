// See talk.h.
#include "worker/bind/talk.h"

#include "worker/bind/bind.h"
#include "worker/fault.h"
#include "worker/run.h"
#include "worker/worker.h"

enum { PAUSE_MOST_MS = 60 * 1000 };

struct text talk_text(lua_State *L, int index, const char *name, size_t most)
{
    struct text text = bind_text(L, index, name);
    if (text_is_utf8(text))
        return text_of(text.data, text_utf8_floor(text, most));
    text = text_from(fault_text(L, index));
    lua_replace(L, index);
    return text_of(text.data, text_utf8_floor(text, most));
}

void talk_say(lua_State *L, enum message_type type, const void *message)
{
    struct err err;
    if (wire_send(&worker_of(L)->host, type, message, &err))
        return;
    if (err.code == ERR_FRAME_ENCODE)
        bind_raise(L, &err);
    run_abandon(&err);
}

void talk_hear(lua_State *L, enum message_type type, void *message, struct json_document **document,
               struct frame *frame)
{
    struct err err;
    if (wire_expect(&worker_of(L)->host, type, message, document, frame, -1, &err))
        return;
    if (frame->type == MESSAGE_PARK)
        run_park(L);
    run_abandon(&err);
}

void talk_pause(lua_State *L, int64_t wait_ms)
{
    struct err err;
    struct frame frame;
    const int timeout_ms = wait_ms > PAUSE_MOST_MS ? PAUSE_MOST_MS : (int)wait_ms;
    if (wire_receive(&worker_of(L)->host, &frame, timeout_ms, &err))
        (void)fail(&err, ERR_FRAME_OUT_OF_TURN, "host", message_name(frame.type));
    else if (err.code == ERR_WIRE_TIMEOUT)
        return;
    run_abandon(&err);
}

bool talk_problem(struct text json, struct err *err)
{
    SCOPED(json_document)
    document = NULL;
    enum err_code code;
    if (!json_parse(&document, json, err))
        return true;
    const struct json *problem = json_root(document);
    if (json_kind(problem) == JSON_NULL)
        return false;
    if (!err_from_name(&code, json_string_or(json_get(problem, "code"), "")))
        code = ERR_SYSTEM;
    const char *arguments[CATALOGUE_ARGUMENTS_MAX + 1] = {NULL};
    size_t count = 0;
    const struct json *list = json_get(problem, "arguments");
    for (const struct json *item = json_first(list); item && count < CATALOGUE_ARGUMENTS_MAX;
         item = json_next(item))
        arguments[count++] = json_string_or(item, "");
    err_fail(err, code, arguments);
    return true;
}

void talk_stored(lua_State *L)
{
    struct json_document *document = NULL;
    struct message_STORED stored;
    struct frame frame;
    struct err err;
    talk_hear(L, MESSAGE_STORED, &stored, &document, &frame);
    const bool problem = talk_problem(stored.problem, &err);
    json_document_free(document);
    if (problem)
        bind_raise(L, &err);
}
