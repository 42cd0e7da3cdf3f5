// core.run: what stdlib-lua/run.lua and its kin need of the run's socket. Each function is one message, and where the
// host answers, its answer. In the worker.
#include "worker/run.h"
#include "worker/bind/bind.h"
#include "worker/bind/talk.h"
#include "worker/fault.h"
#include "worker/keep.h"
#include "worker/language.h"
#include "worker/names.h"
#include "worker/worker.h"

#include "lib/base/clock.h"
#include "lib/digest/digest.h"

enum {
    SCOPE_MAX = 200,
    KEY_MAX = 400,
    NOTE_MAX = 8192,
    PROGRESS_MAX = 400,
    LINE_MAX_BYTES = 8192,
    AMOUNT_MAX = 400,
    METHOD_MAX = 32,
    HOST_NAME_MAX_BYTES = 300,
    PATH_MAX_BYTES = 4096,
    ENTRY_KEY_DIGITS = 32
};

void run_log_line(lua_State *L, int64_t level, struct text text)
{
    struct text line;
    const char *source;
    int number = 0;
    fault_robot_line(L, &source, &number);
    do {
        if (!text_cut(&text, '\n', &line))
            line = text_of("", 0);
        line.length = text_utf8_floor(line, LINE_MAX_BYTES);
        talk_say(L, MESSAGE_OF(LOG_LINE, .level = level, .line = number, .text = line));
    } while (text.length);
}

static int take_log(lua_State *L)
{
    const int64_t level = bind_integer(L, 1, "level", RUN_LOG_ERROR, RUN_LOG_DEBUG);
    run_log_line(L, level, talk_text(L, 2, "text", SIZE_MAX));
    return 0;
}

static int take_progress(lua_State *L)
{
    const int64_t done = bind_integer(L, 1, "done", 0, INT64_MAX);
    const int64_t total = bind_integer(L, 2, "total", 0, INT64_MAX);
    const struct text text = talk_text(L, 3, "text", PROGRESS_MAX);
    talk_say(L, MESSAGE_OF(PROGRESS, .done = done, .total = total, .text = text));
    return 0;
}

// Arguments 1 to 3: kind, scope, key. A cut key would be another item's: too long is refused.
struct entry {
    struct text kind, scope, key;
    int64_t position;
};

static struct entry check_entry(lua_State *L)
{
    struct entry entry = {
        .kind = bind_text(L, 1, "kind"),
        .scope = talk_text(L, 2, "scope", SIZE_MAX),
        .key = talk_text(L, 3, "key", SIZE_MAX),
        .position = bind_integer(L, 4, "position", 0, INT64_MAX),
    };
    if (entry.scope.length > SCOPE_MAX)
        bind_fail(L, ERR_KEY_TOO_LONG, entry.scope.data, N(SCOPE_MAX));
    if (entry.key.length > KEY_MAX)
        bind_fail(L, ERR_KEY_TOO_LONG, entry.key.data, N(KEY_MAX));
    return entry;
}

// begin(kind, scope, key, position) → state, note, kept result
static int begin_entry(lua_State *L)
{
    const struct entry entry = check_entry(L);
    talk_say(L, MESSAGE_OF(ENTRY_BEGIN, .kind = entry.kind, .scope = entry.scope, .key = entry.key,
                           .position = entry.position));
    struct json_document *document = NULL;
    struct message_ENTRY_STATE state;
    struct frame frame;
    talk_hear(L, MESSAGE_ENTRY_STATE, &state, &document, &frame);
    lua_pushlstring(L, state.state.data, state.state.length);
    lua_pushlstring(L, state.note.data, state.note.length);
    lua_pushlstring(L, state.result.data, state.result.length);
    json_document_free(document);
    return 3;
}

// done(kind, scope, key, position, state, amount, note, kept result)
static int end_entry(lua_State *L)
{
    const struct entry entry = check_entry(L);
    const struct text state = bind_text(L, 5, "state");
    const struct text amount = talk_text(L, 6, "amount", AMOUNT_MAX);
    const struct text note = talk_text(L, 7, "note", NOTE_MAX);
    const struct text result = bind_text(L, 8, "result");
    talk_say(L, MESSAGE_OF(ENTRY_DONE, .kind = entry.kind, .scope = entry.scope, .key = entry.key,
                           .position = entry.position, .state = state, .amount = amount, .note = note,
                           .result = result));
    talk_stored(L);
    return 0;
}

// about(kind, scope, key, position, call, method, host, path, bytes)
static int take_about(lua_State *L)
{
    const struct entry entry = check_entry(L);
    const int64_t call = bind_integer(L, 5, "call", 1, INT64_MAX);
    const struct text method = talk_text(L, 6, "method", METHOD_MAX);
    const struct text host = talk_text(L, 7, "host", HOST_NAME_MAX_BYTES);
    const struct text path = talk_text(L, 8, "path", PATH_MAX_BYTES);
    const int64_t bytes = bind_integer(L, 9, "bytes", 0, INT64_MAX);
    talk_say(L, MESSAGE_OF(ABOUT, .kind = entry.kind, .scope = entry.scope, .key = entry.key,
                           .position = entry.position, .call = call, .method = method, .host = host,
                           .path = path, .bytes = bytes));
    talk_stored(L);
    return 0;
}

// doubt(kind, scope, key, position, amount): does not come back while a person is asked
static int take_doubt(lua_State *L)
{
    const struct entry entry = check_entry(L);
    const struct text amount = talk_text(L, 5, "amount", AMOUNT_MAX);
    talk_say(L, MESSAGE_OF(DOUBT, .kind = entry.kind, .scope = entry.scope, .key = entry.key,
                           .position = entry.position, .amount = amount));
    talk_stored(L);
    return 0;
}

// ask(scope, key, position, question as JSON) → state, answer as JSON, who, time in ms; does not come back while nobody
// has answered
static int take_ask(lua_State *L)
{
    const struct text scope = talk_text(L, 1, "scope", SIZE_MAX), key = talk_text(L, 2, "key", SIZE_MAX);
    const int64_t position = bind_integer(L, 3, "position", 0, INT64_MAX);
    if (key.length > KEY_MAX || scope.length > SCOPE_MAX)
        return bind_fail(L, ERR_KEY_TOO_LONG, key.data, N(KEY_MAX));
    talk_say(L, MESSAGE_OF(ASK, .scope = scope, .key = key, .position = position,
                           .question = bind_text(L, 4, "question")));
    struct json_document *document = NULL;
    struct message_ASKED asked;
    struct frame frame;
    talk_hear(L, MESSAGE_ASKED, &asked, &document, &frame);
    struct err err;
    const bool problem = text_is(asked.state, "wrong") && talk_problem(asked.answer, &err);
    lua_pushlstring(L, asked.state.data, asked.state.length);
    lua_pushlstring(L, asked.answer.data, asked.answer.length);
    lua_pushlstring(L, asked.actor.data, asked.actor.length);
    lua_pushinteger(L, asked.time_ms);
    json_document_free(document);
    return problem ? bind_raise(L, &err) : 4;
}

// entry_key(seed, scope, key) → a name for it that no other has
static int entry_key(lua_State *L)
{
    char digest[DIGEST_TEXT_SIZE];
    luaL_Buffer whole;
    luaL_buffinit(L, &whole);
    for (int i = 1; i <= 3; i++) {
        const struct text part = bind_text(L, i, "part");
        luaL_addlstring(&whole, part.data, part.length);
        luaL_addchar(&whole, '\0');
    }
    luaL_pushresult(&whole);
    size_t length;
    const char *bytes = lua_tolstring(L, -1, &length);
    digest_text(digest, text_of(bytes, length));
    lua_pushlstring(L, digest, ENTRY_KEY_DIGITS);
    return 1;
}

static int take_expect(lua_State *L)
{
    const struct text items = talk_text(L, 1, "items", 24);
    const struct text sum = talk_text(L, 2, "sum", AMOUNT_MAX);
    talk_say(L, MESSAGE_OF(EXPECT, .items = items, .sum = sum));
    return 0;
}

static int take_exception(lua_State *L)
{
    const struct text text = talk_text(L, 1, "text", NOTE_MAX);
    talk_say(L, MESSAGE_OF(EXCEPTION, .text = text));
    return 0;
}

static int take_attachment(lua_State *L)
{
    const struct text path = talk_text(L, 1, "path", 400);
    const struct text title = talk_text(L, 2, "title", 400);
    talk_say(L, MESSAGE_OF(ATTACH, .path = path, .title = title));
    talk_stored(L);
    return 0;
}

// claim(key) → ours, run, time in ms
static int take_claim(lua_State *L)
{
    const struct text key = talk_text(L, 1, "key", SIZE_MAX);
    if (key.length > KEY_MAX)
        return bind_fail(L, ERR_KEY_TOO_LONG, key.data, N(KEY_MAX));
    talk_say(L, MESSAGE_OF(CLAIM, .key = key));
    struct json_document *document = NULL;
    struct message_CLAIMED claimed;
    struct frame frame;
    talk_hear(L, MESSAGE_CLAIMED, &claimed, &document, &frame);
    json_document_free(document);
    lua_pushboolean(L, claimed.ours);
    lua_pushinteger(L, claimed.run);
    lua_pushinteger(L, claimed.time_ms);
    return 3;
}

// Pushes the value as kept text, at most so many bytes.
static void push_kept(lua_State *L, int index, size_t most)
{
    struct err err;
    struct buf out = buf_new(most);
    const bool done = keep_write(L, &out, index, &err);
    if (done)
        lua_pushlstring(L, out.data, out.length);
    buf_dispose(&out);
    if (!done)
        bind_raise(L, &err);
}

// finding(table): a line of `renki check` or `renki test`
static int take_finding(lua_State *L)
{
    bind_table(L, 1, "finding");
    push_kept(L, 1, 65536);
    talk_say(L, MESSAGE_OF(FINDING, .finding = text_from(lua_tostring(L, -1))));
    return 0;
}

// ---- Values

// keep(value) → text
static int keep(lua_State *L)
{
    luaL_checkany(L, 1);
    push_kept(L, 1, KEEP_BYTES_MAX);
    return 1;
}

static int unkeep(lua_State *L)
{
    struct err err;
    return keep_push(L, bind_text(L, 1, "kept"), &err) ? 1 : bind_raise(L, &err);
}

// keep_class(class, write, read)
static int keep_class(lua_State *L)
{
    lua_settop(L, 3);
    lua_getfield(L, LUA_REGISTRYINDEX, KEEP_CLASSES);
    if (lua_isnil(L, -1)) {
        lua_newtable(L);
        lua_pushvalue(L, -1);
        lua_setfield(L, LUA_REGISTRYINDEX, KEEP_CLASSES);
    }
    lua_createtable(L, 2, 0);
    lua_pushvalue(L, 2);
    lua_rawseti(L, -2, 1);
    lua_pushvalue(L, 3);
    lua_rawseti(L, -2, 2);
    lua_setfield(L, -2, bind_text(L, 1, "class").data);
    return 0;
}

// plain(json text) → value; for what the host sends
static int plain(lua_State *L)
{
    struct err err;
    struct json_document *document = NULL;
    if (!json_parse(&document, bind_text(L, 1, "json"), &err))
        return bind_raise(L, &err);
    keep_push_plain(L, json_root(document));
    json_document_free(document);
    return 1;
}

// ---- The run and the robot's files

static int start(lua_State *L)
{
    lua_getfield(L, LUA_REGISTRYINDEX, RUN_REGISTRY);
    return 1;
}

static int load_file(lua_State *L)
{
    language_push_file(L, bind_text(L, 1, "name").data);
    return 1;
}

// sources() → file → text
static int sources(lua_State *L)
{
    lua_newtable(L);
    lua_getfield(L, LUA_REGISTRYINDEX, LANGUAGE_SOURCES);
    for (lua_pushnil(L); lua_next(L, 2);) {
        lua_pushvalue(L, -2);
        lua_insert(L, -2);
        lua_rawset(L, 1);
    }
    lua_settop(L, 1);
    return 1;
}

static int environment(lua_State *L)
{
    lua_getfield(L, LUA_REGISTRYINDEX, LANGUAGE_ENVIRONMENT);
    return 1;
}

static int modules(lua_State *L)
{
    lua_getfield(L, LUA_REGISTRYINDEX, LANGUAGE_PUBLIC);
    return 1;
}

// Forgets the workplace's modules, so that the next robot loads them afresh.
static int forget_modules(lua_State *L)
{
    lua_getfield(L, LUA_REGISTRYINDEX, LANGUAGE_LOADED);
    for (lua_pushnil(L); lua_next(L, -2);) {
        lua_pop(L, 1);
        lua_pushvalue(L, -1);
        lua_pushnil(L);
        lua_rawset(L, -4);
    }
    return 0;
}

// guard(table, what it is called) → the table
static int guard(lua_State *L)
{
    lua_settop(L, 2);
    lua_pushvalue(L, 1);
    names_guard(L, bind_text(L, 2, "thing").data);
    return 1;
}

// upvalues: known names, what the table is called
static int known_field(lua_State *L)
{
    lua_pushvalue(L, 2);
    if (lua_rawget(L, lua_upvalueindex(1)) != LUA_TNIL)
        return 0; // known, but nothing was given
    return names_raise_field(L, lua_tostring(L, lua_upvalueindex(2)), 2, lua_upvalueindex(1));
}

// fields(table, what it is called, known) → the table: reading a name that is not in known raises
static int fields(lua_State *L)
{
    lua_settop(L, 3);
    lua_newtable(L);
    lua_pushvalue(L, 3);
    lua_pushvalue(L, 2);
    lua_pushcclosure(L, known_field, 2);
    lua_setfield(L, -2, "__index");
    lua_setmetatable(L, 1);
    lua_pushvalue(L, 1);
    names_guard(L, bind_text(L, 2, "thing").data);
    return 1;
}

// fault(code name, argument …) → a fault to be thrown with error()
static int make_fault(lua_State *L)
{
    struct err err;
    enum err_code code;
    const char *arguments[CATALOGUE_ARGUMENTS_MAX + 1] = {NULL};
    if (!err_from_name(&code, bind_text(L, 1, "code").data))
        return bind_argument(L, 1, "code", "an error's name");
    for (int i = 2; i <= lua_gettop(L) && i - 2 < CATALOGUE_ARGUMENTS_MAX; i++)
        arguments[i - 2] = lua_isstring(L, i) ? lua_tostring(L, i) : fault_text(L, i);
    err_fail(&err, code, arguments);
    fault_push(L, &err);
    return 1;
}

static int is_fault(lua_State *L)
{
    lua_pushboolean(L, fault_test(L, 1));
    return 1;
}

// try(f, …) → true, results… | false, fault
static int try(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TFUNCTION);
    lua_pushcfunction(L, fault_handler);
    lua_insert(L, 1);
    const int status = lua_pcall(L, lua_gettop(L) - 2, LUA_MULTRET, 1);
    if (status != LUA_OK && !fault_test(L, -1))
        fault_from_value(L);
    lua_pushboolean(L, status == LUA_OK);
    lua_replace(L, 1);
    return lua_gettop(L);
}

static int get_field(lua_State *L)
{
    lua_gettable(L, 1);
    return 1;
}

// class_of(value) → the name of its class, or of its type
static int class_of(lua_State *L)
{
    luaL_checkany(L, 1);
    if (luaL_getmetafield(L, 1, "__name") != LUA_TSTRING)
        lua_pushstring(L, luaL_typename(L, 1));
    return 1;
}

// nearest(wanted, names) → the nearest one that may be meant, or nil
static int nearest(lua_State *L)
{
    const struct text wanted = bind_text(L, 1, "wanted");
    bind_table(L, 2, "names");
    const size_t count = lua_rawlen(L, 2);
    const char **names = lua_newuserdatauv(L, (count + 1) * sizeof *names, 0);
    size_t known = 0;
    for (size_t i = 1; i <= count; i++) {
        if (lua_rawgeti(L, 2, (lua_Integer)i) == LUA_TSTRING)
            names[known++] = lua_tostring(L, -1); // lives on in the list
        lua_pop(L, 1);
    }
    lua_pushstring(L, text_nearest(wanted.data, names, known));
    return 1;
}

// has_field(module, name): what its __index finds counts too
static int has_field(lua_State *L)
{
    lua_settop(L, 2);
    lua_pushcfunction(L, get_field);
    lua_insert(L, 1);
    lua_pushboolean(L, lua_pcall(L, 2, 1, 0) == LUA_OK && !lua_isnil(L, -1));
    return 1;
}

static int is_removed(lua_State *L)
{
    lua_pushboolean(L, names_are_removed(bind_text(L, 1, "name").data));
    return 1;
}

static int describe(lua_State *L)
{
    luaL_checkany(L, 1);
    bind_describe(L, 1);
    return 1;
}

static int phrase(lua_State *L)
{
    enum phrase phrase;
    const char *arguments[CATALOGUE_ARGUMENTS_MAX + 1] = {NULL};
    if (!phrase_from_name(&phrase, bind_text(L, 1, "phrase").data))
        return bind_argument(L, 1, "phrase", "a phrase's name");
    for (int i = 2; i <= lua_gettop(L) && i - 2 < CATALOGUE_ARGUMENTS_MAX; i++)
        arguments[i - 2] = luaL_checkstring(L, i);
    struct buf out = buf_new(FAULT_TEXT_MAX);
    (void)phrase_append_(&out, worker_of(L)->language, phrase, arguments);
    lua_pushstring(L, buf_string(&out));
    buf_dispose(&out);
    return 1;
}

static int now_ms(lua_State *L)
{
    lua_pushinteger(L, clock_monotonic_ms());
    return 1;
}

static int run_language(lua_State *L)
{
    lua_pushstring(L, language_name(worker_of(L)->language));
    return 1;
}

static int is_rehearsal(lua_State *L)
{
    lua_pushboolean(L, worker_of(L)->dry_run);
    return 1;
}

static const luaL_Reg functions[] = {
    {"log", take_log},
    {"progress", take_progress},
    {"begin_entry", begin_entry},
    {"end_entry", end_entry},
    {"about", take_about},
    {"doubt", take_doubt},
    {"ask", take_ask},
    {"entry_key", entry_key},
    {"expect", take_expect},
    {"exception", take_exception},
    {"attach", take_attachment},
    {"claim", take_claim},
    {"finding", take_finding},
    {"keep", keep},
    {"unkeep", unkeep},
    {"keep_class", keep_class},
    {"plain", plain},
    {"start", start},
    {"load", load_file},
    {"sources", sources},
    {"environment", environment},
    {"modules", modules},
    {"forget_modules", forget_modules},
    {"guard", guard},
    {"fields", fields},
    {"fault", make_fault},
    {"is_fault", is_fault},
    {"try", try},
    {"class_of", class_of},
    {"nearest", nearest},
    {"has_field", has_field},
    {"is_removed", is_removed},
    {"describe", describe},
    {"phrase", phrase},
    {"now_ms", now_ms},
    {"language", run_language},
    {"is_rehearsal", is_rehearsal},
    {NULL, NULL},
};

int luaopen_run(lua_State *L)
{
    luaL_newlib(L, functions);
    return 1;
}
