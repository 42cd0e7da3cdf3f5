// Turns a manifest, schedule or settings file into plain data: evaluates it in an empty environment and hands the table
// back as JSON; of a calendar (NAME.ics) its days. A process of its own, so that the host runs no Lua and parses none.
//
// 1. There is nothing to call: no library, no metatables; what a file can do is make tables and texts.
// 2. It still can compute: a million instructions, 200 ms of computing, a second in all and 16 MB end it. The first is an
//    error in the file; the others end the process, which says so before.
// 3. It sees no file at all: an empty mount view or Landlock without a place, and no call that opens one.
#include "lib/base/log.h"
#include "lib/ics/ics.h"
#include "lib/process/process.h"
#include "worker/plain.h"
#include "worker/worker.h"

#include <errno.h>
#include <lauxlib.h>
#include <signal.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

enum {
    INSTRUCTIONS_MAX = 1000000,
    MEMORY_MAX = 16 << 20,
    ADDRESS_SPACE_SPARE = 64 << 20,
    COMPUTING_MS = 200,
    WALL_MS = 5000, // for what waits instead of computing
    FRAME_ROOM = 1024,
    ENDED_BY_LIMIT = 3,
};

// The answer of a process that a limit ends, made ahead; handlers have no other way to it.
static struct last_words {
    char room[FRAME_ROOM + 1];
    size_t length;
} too_long, too_large;

static void end_with(const struct last_words *words)
{
    (void)wire_write(PROCESS_SOCKET, text_of(words->room, words->length), NULL, 0);
    syscall(SYS_exit_group, ENDED_BY_LIMIT);
}

static void on_clock(int signal)
{
    (void)signal;
    end_with(&too_long);
}

static void on_memory(size_t bytes)
{
    (void)bytes;
    end_with(&too_large);
}

// ---- sealing

static bool shut_in(struct err *err)
{
    const struct sandbox_limits limits = {
#ifndef RENKI_SANITIZED
        .memory_bytes = MEMORY_MAX + ADDRESS_SPACE_SPARE,
#endif
        .cpu_seconds = 10,
        .open_files = 16,
    };
    const struct sigaction action = {.sa_handler = on_clock};
    if (sigaction(SIGALRM, &action, NULL) != 0 || sigaction(SIGPROF, &action, NULL) != 0)
        return fail(err, ERR_SANDBOX_LAYER, "signals", strerror(errno));
    return sandbox_seclude(SANDBOX_READER, &limits, err);
}

// ---- answering

static void prepare(struct last_words *words, const char *name, struct err *reason)
{
    SCOPED_BUF(frame, FRAME_ROOM);
    (void)err_note(reason, "%s", name);
    words->length = wire_encode_failed(&frame, reason) ? frame.length : 0;
    memcpy(words->room, buf_string(&frame), words->length);
}

static void prepare_last_words(const char *name)
{
    struct err err;
    (void)fail(&err, ERR_READ_TOO_LONG);
    prepare(&too_long, name, &err);
    (void)fail(&err, ERR_READ_TOO_LARGE, "bytes", N(MEMORY_MAX));
    prepare(&too_large, name, &err);
}

static bool arm_clocks(int computing_ms, int wall_ms, struct err *err)
{
    const struct itimerval computing = {.it_value = {.tv_usec = computing_ms * 1000}};
    const struct itimerval wall = {.it_value = {.tv_sec = wall_ms / 1000}};
    return setitimer(ITIMER_PROF, &computing, NULL) == 0 && setitimer(ITIMER_REAL, &wall, NULL) == 0
               ? true
               : fail(err, ERR_SYSTEM, "setitimer", strerror(errno));
}

// ---- reading

static void on_count(lua_State *L, lua_Debug *where)
{
    (void)where;
    lua_pushlightuserdata(L, &too_long); // no text of the file can be this
    lua_error(L);
}

// "manifest.lua:12: unexpected symbol near '='" is line 12 and the rest.
static bool lua_failed(lua_State *L, enum err_code code, const char *name, char *where, size_t where_size,
                       struct err *err)
{
    size_t length;
    const char *said = lua_tolstring(L, -1, &length);
    if (lua_touserdata(L, -1) == &too_long)
        return fail(err, ERR_READ_TOO_LONG);
    struct text rest = text_of(said ? said : "", said ? length : 0), number;
    const size_t name_length = strlen(name);
    int64_t line;
    if (text_starts(rest, name) && rest.length > name_length && rest.data[name_length] == ':') {
        rest = text_of(rest.data + name_length + 1, rest.length - name_length - 1);
        if (text_cut(&rest, ':', &number) && text_to_int64(number, &line))
            snprintf(where, where_size, "%s, line %lld", name, (long long)line);
    }
    SCOPED_TEXT char *reason = text_copy(text_trim(rest));
    return fail(err, code, reason);
}

static bool evaluate(struct buf *out, lua_State *L, const char *name, struct text source, char *where,
                     size_t where_size, struct err *err)
{
    SCOPED_TEXT char *chunk = xasprintf("=%s", name);
    if (!text_is_utf8(source) || memchr(source.data, '\0', source.length))
        return fail(err, ERR_READ_SYNTAX, "the file is not UTF-8 text");
    if (luaL_loadbufferx(L, source.data, source.length, chunk, "t") != LUA_OK)
        return lua_failed(L, ERR_READ_SYNTAX, name, where, where_size, err);
    lua_newtable(L); // the empty environment
    lua_setupvalue(L, -2, 1);
    lua_sethook(L, on_count, LUA_MASKCOUNT, INSTRUCTIONS_MAX);
    if (lua_pcall(L, 0, 1, 0) != LUA_OK)
        return lua_failed(L, ERR_READ_ERROR, name, where, where_size, err);
    if (!lua_istable(L, -1))
        return fail(err, ERR_READ_NOT_TABLE, lua_typename(L, lua_type(L, -1)));
    return plain_write(out, L, err);
}

static bool read_lua(struct buf *out, const char *name, struct text source, char *where, size_t where_size,
                     struct err *err)
{
    lua_State *L = lua_newstate(limits_allocate, NULL);
    require(L);
    const bool read = evaluate(out, L, name, source, where, where_size, err);
    lua_close(L);
    return read;
}

static bool answer(struct wire *host, struct text name, struct text source, struct err *err)
{
    SCOPED_BUF(data, PLAIN_BYTES_MAX);
    SCOPED_BUF(failed, FRAME_HEADER_SIZE + FRAME_MAX);
    SCOPED_TEXT char *plain_name = text_copy(name);
    struct err reason;
    char where[400];
    snprintf(where, sizeof where, "%.399s", plain_name);
    prepare_last_words(plain_name);
    if (!arm_clocks(COMPUTING_MS, WALL_MS, err))
        return false;
    memory_budget_set(MEMORY_MAX);
    const bool read = text_ends(name, ".ics")
                          ? ics_read(&data, source, &reason)
                          : read_lua(&data, plain_name, source, where, sizeof where, &reason);
    memory_budget_set(0);
    if (!arm_clocks(0, 0, err))
        return false;
    if (read)
        return wire_send(host, MESSAGE_OF(READ_DONE, .data = buf_text(&data)), err);
    (void)err_note(&reason, "%s", where);
    if (!wire_encode_failed(&failed, &reason))
        return fail(err, ERR_FRAME_ENCODE, "READ_FAILED", "arguments");
    return wire_write(host->fd, buf_text(&failed), NULL, 0) == (long)failed.length
               ? true
               : fail(err, ERR_WIRE_CLOSED, "host");
}

int reader_main(void)
{
    struct err err;
    struct frame frame;
    if (!process_begin("reader", LOG_LEVEL_INFO))
        return 1;
    struct wire host = wire_new(PROCESS_SOCKET, ROLE_READER, ROLE_HOST, false);
    if (!shut_in(&err)) {
        log_error("reader.not_sealed", "error=%s layer=\"%s\" reason=\"%s\"", err_name(err.code),
                  err.arguments[0], err.arguments[1]);
        return 1;
    }
    memory_on_exhausted(on_memory);
    while (wire_receive(&host, &frame, -1, &err)) {
        struct message_READ message;
        SCOPED(json_document)
        document = NULL;
        if (frame.type != MESSAGE_READ || !wire_decode(&document, &message, &frame, &err) ||
            !answer(&host, message.name, message.source, &err))
            return 1;
    }
    return err.code == ERR_WIRE_CLOSED ? 0 : 1;
}
