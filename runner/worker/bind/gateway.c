// core.gateway: calls to the outside over the run's socket to the gateway, many at a time. In the worker.
//
//   start -> started  http(), mail()   answer, body frames     wait() gives number and answer
//                                      CALL_FAILED, disk full  wait() gives number, nil, fault
//                                      cancel()                forgotten; what still comes for it is passed over
//
// 1. What calls gather lies in a userdata (`calls`) of the registry, so that nothing is lost when Lua raises.
// 2. An answer goes to memory or, when it is good (2xx) and `save` names a file, piece by piece into that file, which
//    has its name only once it is whole.
// 3. The gateway sends at most CALL_WINDOW bytes ahead of a call; what was taken is granted anew by CALL_MORE.
// 4. A body larger than what the gateway keeps (UPLOAD_ALONE) rests the whole socket while the other side is slow:
//    internal/calls.lua makes such calls alone.
#include "worker/bind/gateway_body.h"
#include "worker/bind/json.h"
#include "worker/fault.h"
#include "worker/worker.h"

#include "lib/base/clock.h"
#include "lib/base/file.h"
#include "lib/xml/url.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

enum {
    CREDIT_STEP = 256 << 10,      // granted anew at once
    UPLOAD_ALONE = 1 << 20,       // as the gateway's UPLOAD_KEEP
    MEMORY_ANSWER_MAX = 1 << 30,  // the manifest's limits are far below
    WAIT_MS_MAX = 60 * 60 * 1000, // of one wait()
    ANSWER_FIELDS = 9,            // of an answer's table, with those that internal/response.lua adds
    FILE_MODE = 0600
};

#define CALLS_CLASS "gateway.calls"

struct call {
    struct call *next;
    int64_t number, taken, size; // taken: not yet granted anew; size: of the body
    struct buf body;
    char *save, *partial; // where a good answer goes, and its name until it is whole
    int file;             // -1: the answer stays in memory
};

// User value 1: answers by number, as tables.
struct calls {
    int64_t last_number;
    struct call *first;
};

static struct calls *push_calls(lua_State *L)
{
    lua_getfield(L, LUA_REGISTRYINDEX, CALLS_CLASS ".value");
    return lua_touserdata(L, -1);
}

static void call_free(struct call *call)
{
    if (call->file >= 0) {
        close(call->file);
        unlink(call->partial); // a whole one has another name by now
    }
    buf_dispose(&call->body);
    xfree(call->save);
    xfree(call->partial);
    xfree(call);
}

static struct call *find(struct calls *calls, int64_t number)
{
    for (struct call *call = calls->first; call; call = call->next)
        if (call->number == number)
            return call;
    return NULL;
}

static void take_out(struct calls *calls, struct call *call)
{
    for (struct call **at = &calls->first; *at; at = &(*at)->next)
        if (*at == call) {
            *at = call->next;
            break;
        }
}

// Takes it from the list, its answer too.
static void forget(lua_State *L, struct calls *calls, struct call *call)
{
    take_out(calls, call);
    push_calls(L);
    lua_getiuservalue(L, -1, 1);
    lua_pushnil(L);
    lua_rawseti(L, -2, call->number);
    lua_pop(L, 2);
    call_free(call);
}

static int calls_gc(lua_State *L)
{
    struct calls *calls = luaL_checkudata(L, 1, CALLS_CLASS);
    while (calls->first) {
        struct call *call = calls->first;
        calls->first = call->next;
        call_free(call);
    }
    return 0;
}

// ---- Starting

static struct wire *open_wire(lua_State *L)
{
    struct worker *worker = worker_of(L);
    if (strcmp(worker->kind, "run") != 0)
        bind_fail(L, ERR_OUTSIDE_NONE);
    return &worker->gateway;
}

static void say(lua_State *L, enum message_type type, const void *message)
{
    struct err err;
    if (!wire_send(open_wire(L), type, message, &err))
        bind_raise(L, &err);
}

// Fields of the call's table at 1; what is pushed stays on the stack, so that it lives as long as the call is made.
static struct text field_text(lua_State *L, const char *name)
{
    struct text text = {"", 0};
    if (lua_getfield(L, 1, name) == LUA_TSTRING)
        text.data = lua_tolstring(L, -1, &text.length);
    return text;
}

static struct text field_json(lua_State *L, const char *name)
{
    struct text text;
    lua_getfield(L, 1, name);
    bind_json_encode(L, -1, 0);
    text.data = lua_tolstring(L, -1, &text.length);
    return text;
}

static struct call *add(struct calls *calls)
{
    struct call *call = xcalloc(1, sizeof *call);
    *call = (struct call){
        .next = calls->first, .number = ++calls->last_number, .body = buf_new(MEMORY_ANSWER_MAX), .file = -1};
    calls->first = call;
    return call;
}

static void cancel(lua_State *L, struct calls *calls, struct call *call)
{
    const int64_t number = call->number;
    forget(L, calls, call);
    say(L, MESSAGE_OF(CALL_CANCEL, .call = number));
}

// The body, from the field `body` at `index`. The call is cancelled when it can't be sent as it was announced.
static void send_body(lua_State *L, int index, struct calls *calls, struct call *call, int64_t size)
{
    struct err err;
    if (body_send(L, index, size, open_wire(L), call->number, &err))
        return;
    if (err.code != ERR_WIRE_CLOSED)
        cancel(L, calls, call);
    bind_raise(L, &err);
}

// http{ method, url, headers_json, login, options_json, body, save } → number
static int start_http(lua_State *L)
{
    bind_table(L, 1, "call");
    lua_settop(L, 1);
    struct calls *calls = push_calls(L);
    const bool has_body = lua_getfield(L, 1, "body") == LUA_TTABLE;
    const int64_t size = has_body ? body_size(L, 3) : 0;
    const struct message_HTTP_CALL message = {.call = calls->last_number + 1,
                                              .method = field_text(L, "method"),
                                              .url = field_text(L, "url"),
                                              .headers = field_text(L, "headers_json"),
                                              .login = field_text(L, "login"),
                                              .options = field_text(L, "options_json"),
                                              .has_body = has_body,
                                              .body_bytes = size};
    const struct text save = field_text(L, "save");
    say(L, MESSAGE_HTTP_CALL, &message); // counts only once it is sent
    struct call *call = add(calls);
    call->save = save.length ? text_copy(save) : NULL;
    if (has_body)
        send_body(L, 3, calls, call, size);
    lua_pushinteger(L, call->number);
    return 1;
}

// mail{ to, cc, bcc, reply_to, subject, content_type, body } → number
static int start_mail(lua_State *L)
{
    bind_table(L, 1, "mail");
    lua_settop(L, 1);
    struct calls *calls = push_calls(L);
    lua_getfield(L, 1, "body");
    bind_table(L, 3, "body");
    const int64_t size = body_size(L, 3);
    const struct message_MAIL_CALL message = {.call = calls->last_number + 1,
                                              .to = field_json(L, "to"),
                                              .cc = field_json(L, "cc"),
                                              .bcc = field_json(L, "bcc"),
                                              .reply_to = field_text(L, "reply_to"),
                                              .subject = field_text(L, "subject"),
                                              .content_type = field_text(L, "content_type"),
                                              .body_bytes = size};
    say(L, MESSAGE_MAIL_CALL, &message);
    struct call *call = add(calls);
    send_body(L, 3, calls, call, size);
    lua_pushinteger(L, call->number);
    return 1;
}

// next() → the number that the next call will have
static int next_number(lua_State *L)
{
    lua_pushinteger(L, push_calls(L)->last_number + 1);
    return 1;
}

// ---- What comes back. A function for each message: true with the call's end in *over.

struct arrival {
    lua_State *L;
    struct calls *calls;
    struct call *over; // whose answer is whole, or failed
    bool at_once;      // it came in one frame: its table is on the stack, `body` is in the frame
    struct text body;
    bool failed; // `err` tells
    bool ours;   // the failure is the worker's: the gateway still works on the call
    struct err err;
};

static void push_answer(lua_State *L, int64_t number)
{
    push_calls(L);
    lua_getiuservalue(L, -1, 1);
    lua_rawgeti(L, -1, number);
    lua_replace(L, -3);
    lua_pop(L, 1);
}

static void keep_answer(lua_State *L, int64_t number)
{
    push_calls(L);
    lua_getiuservalue(L, -1, 1);
    lua_pushvalue(L, -3);
    lua_rawseti(L, -2, number);
    lua_pop(L, 3);
}

static void set_text(lua_State *L, const char *field, struct text text)
{
    lua_pushlstring(L, text.data, text.length);
    lua_setfield(L, -2, field);
}

static bool open_file(struct call *call, struct err *err)
{
    call->partial = xasprintf("%s.%lld.part", call->save, (long long)call->number);
    call->file =
        openat(AT_FDCWD, call->partial, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, FILE_MODE);
    return call->file >= 0 || fail(err, ERR_FILE_UNWRITABLE, call->save, strerror(errno));
}

static bool write_file(struct call *call, struct text part, struct err *err)
{
    while (part.length) {
        const ssize_t written = write(call->file, part.data, part.length);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return fail(err, ERR_FILE_UNWRITABLE, call->save, strerror(errno));
        part = text_of(part.data + written, part.length - (size_t)written);
    }
    return true;
}

static bool take(struct call *call, struct text part, struct err *err)
{
    call->size += (int64_t)part.length;
    call->taken += (int64_t)part.length;
    if (call->file >= 0)
        return write_file(call, part, err);
    return buf_append_text(&call->body, part) || fail(err, ERR_LIMIT_PASSED, "body", N(MEMORY_ANSWER_MAX));
}

static bool finish_file(struct call *call, struct err *err)
{
    if (call->file < 0)
        return true;
    if (renameat(AT_FDCWD, call->partial, AT_FDCWD, call->save) != 0)
        return fail(err, ERR_FILE_UNWRITABLE, call->save, strerror(errno));
    close(call->file);
    call->file = -1;
    return true;
}

// Before more is sent: false when the connection is gone.
static bool grant(struct arrival *arrival, struct call *call)
{
    if (call->taken < CREDIT_STEP)
        return true;
    const int64_t bytes = call->taken;
    call->taken = 0;
    return wire_send(&worker_of(arrival->L)->gateway,
                     MESSAGE_OF(CALL_MORE, .call = call->number, .bytes = bytes), &arrival->err);
}

// A part of the body, from the head's frame or its own.
static bool take_part(struct arrival *arrival, struct call *call, struct text part, bool last)
{
    const bool taken = take(call, part, &arrival->err) && (!last || finish_file(call, &arrival->err));
    if (!taken || last) {
        arrival->failed = arrival->ours = !taken;
        arrival->over = call;
        return true;
    }
    return grant(arrival, call);
}

static void push_head(lua_State *L, const struct message_HTTP_HEAD *head)
{
    lua_createtable(L, 0, ANSWER_FIELDS);
    lua_pushinteger(L, head->status);
    lua_setfield(L, -2, "status");
    set_text(L, "url", head->url);
    lua_pushboolean(L, head->held);
    lua_setfield(L, -2, "held");
    set_text(L, "head", text_of(head->part.data, (size_t)head->head_bytes));
}

static bool on_head(struct arrival *arrival, const struct frame *frame)
{
    struct message_HTTP_HEAD head;
    SCOPED(json_document)
    document = NULL;
    if (!wire_decode(&document, &head, frame, &arrival->err))
        return false;
    if (head.head_bytes < 0 || (uint64_t)head.head_bytes > head.part.length)
        return fail(&arrival->err, ERR_FRAME_MALFORMED, "HTTP_HEAD", "head_bytes");
    struct call *call = find(arrival->calls, head.call);
    if (!call)
        return true;
    const struct text part =
        text_of(head.part.data + head.head_bytes, head.part.length - (size_t)head.head_bytes);
    push_head(arrival->L, &head);
    if (head.last && !call->save) {
        arrival->over = call;
        arrival->at_once = true;
        arrival->body = part;
        return true;
    }
    keep_answer(arrival->L, head.call);
    const bool good = head.status >= 200 && head.status < 300;
    if (call->save && good && !open_file(call, &arrival->err)) {
        arrival->failed = arrival->ours = true;
        arrival->over = call;
        return true;
    }
    return take_part(arrival, call, part, head.last);
}

static bool on_body(struct arrival *arrival, const struct frame *frame)
{
    struct message_CALL_BODY body;
    SCOPED(json_document)
    document = NULL;
    if (!wire_decode(&document, &body, frame, &arrival->err))
        return false;
    struct call *call = find(arrival->calls, body.call);
    return !call || take_part(arrival, call, body.part, body.last);
}

static bool on_mail(struct arrival *arrival, const struct frame *frame)
{
    struct message_MAIL_DONE mail;
    SCOPED(json_document)
    document = NULL;
    lua_State *L = arrival->L;
    if (!wire_decode(&document, &mail, frame, &arrival->err))
        return false;
    arrival->over = find(arrival->calls, mail.call);
    if (!arrival->over)
        return true;
    lua_createtable(L, 0, 3);
    lua_pushboolean(L, mail.held);
    lua_setfield(L, -2, "held");
    set_text(L, "message_id", mail.message_id);
    keep_answer(L, mail.call);
    return true;
}

static void read_failure(struct err *err, const struct message_CALL_FAILED *failed,
                         const struct json *arguments)
{
    enum err_code code;
    const char *texts[CATALOGUE_ARGUMENTS_MAX + 1] = {NULL};
    size_t count = 0;
    if (!err_from_name(&code, failed->code.data))
        code = ERR_SYSTEM;
    for (const struct json *item = json_first(arguments); item && count < CATALOGUE_ARGUMENTS_MAX;
         item = json_next(item))
        texts[count++] = json_string_or(item, "");
    err_fail(err, code, texts);
    if (failed->where.length)
        err_note(err, "%.*s", (int)failed->where.length, failed->where.data);
}

static bool on_failed(struct arrival *arrival, const struct frame *frame)
{
    struct message_CALL_FAILED failed;
    SCOPED(json_document)
    document = NULL;
    SCOPED(json_document)
    arguments = NULL;
    if (!wire_decode(&document, &failed, frame, &arrival->err) ||
        !json_parse(&arguments, failed.arguments, &arrival->err))
        return false;
    arrival->over = find(arrival->calls, failed.call);
    arrival->failed = arrival->over != NULL;
    if (arrival->over)
        read_failure(&arrival->err, &failed, json_root(arguments));
    return true;
}

static bool (*const handlers[MESSAGE_COUNT])(struct arrival *arrival, const struct frame *frame) = {
    [MESSAGE_HTTP_HEAD] = on_head,
    [MESSAGE_CALL_BODY] = on_body,
    [MESSAGE_MAIL_DONE] = on_mail,
    [MESSAGE_CALL_FAILED] = on_failed,
};

// False: the time is over (WIRE_TIMEOUT) or the connection is gone.
static bool next_end(struct arrival *arrival, struct wire *wire, int64_t deadline_ms)
{
    while (!arrival->over) {
        struct frame frame;
        const int64_t left_ms = deadline_ms < 0 ? -1 : deadline_ms - clock_monotonic_ms();
        const int timeout_ms = deadline_ms < 0 ? -1 : left_ms > 0 ? (int)left_ms : 0;
        if (!wire_receive(wire, &frame, timeout_ms, &arrival->err))
            return false;
        if (!handlers[frame.type])
            return fail(&arrival->err, ERR_FRAME_OUT_OF_TURN, "gateway", message_name(frame.type));
        if (!handlers[frame.type](arrival, &frame))
            return false;
    }
    return true;
}

static int push_failure(struct arrival *arrival)
{
    lua_State *L = arrival->L;
    struct calls *calls = arrival->calls;
    lua_pushinteger(L, arrival->over->number);
    lua_pushnil(L);
    fault_push(L, &arrival->err);
    if (arrival->ours)
        cancel(L, calls, arrival->over);
    else
        forget(L, calls, arrival->over);
    return 3;
}

static int push_at_once(struct arrival *arrival)
{
    lua_State *L = arrival->L;
    set_text(L, "body", arrival->body);
    lua_pushinteger(L, arrival->over->number);
    lua_insert(L, -2);
    take_out(arrival->calls, arrival->over);
    call_free(arrival->over);
    return 2;
}

static int push_success(struct arrival *arrival)
{
    lua_State *L = arrival->L;
    struct call *call = arrival->over;
    lua_pushinteger(L, call->number);
    push_answer(L, call->number);
    lua_pushinteger(L, call->size);
    lua_setfield(L, -2, "size");
    if (call->partial)
        set_text(L, "saved", text_from(call->save));
    set_text(L, "body", buf_text(&call->body));
    forget(L, arrival->calls, call);
    return 2;
}

// wait(milliseconds) → number, answer | number, nil, fault | nothing: none ended in time. Without milliseconds it
// waits until one ends; 0 only looks.
static int wait_for_end(lua_State *L)
{
    const int64_t most_ms = bind_integer_or(L, 1, "milliseconds", 0, WAIT_MS_MAX, -1);
    struct wire *wire = open_wire(L);
    struct arrival arrival = {.L = L, .calls = push_calls(L)};
    if (!next_end(&arrival, wire, most_ms < 0 ? -1 : clock_monotonic_ms() + most_ms))
        return arrival.err.code == ERR_WIRE_TIMEOUT ? 0 : bind_raise(L, &arrival.err);
    return arrival.failed    ? push_failure(&arrival)
           : arrival.at_once ? push_at_once(&arrival)
                             : push_success(&arrival);
}

// cancel(number): nothing comes back for it any more
static int cancel_call(lua_State *L)
{
    const int64_t number = bind_integer(L, 1, "number", 1, INT64_MAX);
    struct calls *calls = push_calls(L);
    struct call *call = find(calls, number);
    if (call)
        cancel(L, calls, call);
    return 0;
}

// ---- Bodies and files

// size(body) → bytes, whether the call must be made alone
static int measure(lua_State *L)
{
    bind_table(L, 1, "body");
    const int64_t size = body_size(L, 1);
    lua_pushinteger(L, size);
    lua_pushboolean(L, size > UPLOAD_ALONE);
    return 2;
}

// read(body) → text
static int read_whole(lua_State *L)
{
    bind_table(L, 1, "body");
    body_push(L, 1);
    return 1;
}

// write(path, bytes)
static int write_whole(lua_State *L)
{
    struct err err;
    const struct text path = bind_text(L, 1, "path"), bytes = bind_text(L, 2, "bytes");
    return file_write(AT_FDCWD, path.data, bytes, FILE_MODE, &err) ? 0 : bind_raise(L, &err);
}

// resolve(base, reference) → address
static int resolve(lua_State *L)
{
    struct err err;
    char *url = NULL;
    if (!url_resolve(&url, bind_text(L, 1, "base").data, bind_text(L, 2, "reference").data, &err))
        return bind_raise(L, &err);
    lua_pushstring(L, url);
    xfree(url);
    return 1;
}

// now() → milliseconds since 1970
static int now(lua_State *L)
{
    lua_pushinteger(L, clock_realtime_ms());
    return 1;
}

static const luaL_Reg functions[] = {
    {"http", start_http}, {"mail", start_mail},  {"wait", wait_for_end}, {"cancel", cancel_call},
    {"size", measure},    {"read", read_whole},  {"write", write_whole}, {"resolve", resolve},
    {"now", now},         {"next", next_number}, {NULL, NULL},
};

int luaopen_gateway(lua_State *L)
{
    static const luaL_Reg metamethods[] = {{"__gc", calls_gc}, {NULL, NULL}};
    bind_class(L, CALLS_CLASS, NULL, metamethods);
    struct calls *calls = lua_newuserdatauv(L, sizeof *calls, 1);
    *calls = (struct calls){0, NULL};
    luaL_setmetatable(L, CALLS_CLASS);
    lua_newtable(L);
    lua_setiuservalue(L, -2, 1);
    lua_setfield(L, LUA_REGISTRYINDEX, CALLS_CLASS ".value");
    luaL_newlib(L, functions);
    return 1;
}
