// See gateway_body.h. A file is opened twice, to be measured and to be sent: no descriptor is held while Lua may raise.
#include "worker/bind/gateway_body.h"

#include "lib/base/base64.h"
#include "lib/base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    FRAME_PART = 192 << 10,             // bytes of one CALL_BODY, at most 256 KB
    READ_BYTES = BASE64_LINE_BYTES << 9 // of a file at a time: whole lines of base64
};

// An item of the list; what it points to stays in the list.
struct part {
    struct text text;
    const char *path; // NULL: a text
    bool base64;
};

// Pushes nothing.
static struct part part_at(lua_State *L, int list, lua_Integer place)
{
    struct part part = {.path = NULL};
    if (lua_rawgeti(L, list, place) == LUA_TTABLE) {
        lua_getfield(L, -1, "file");
        part.path = lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : "";
        lua_getfield(L, -2, "base64");
        part.base64 = lua_toboolean(L, -1);
        lua_pop(L, 2);
    } else if (lua_type(L, -1) == LUA_TSTRING)
        part.text.data = lua_tolstring(L, -1, &part.text.length);
    lua_pop(L, 1);
    return part;
}

static int open_part(const char *path, int64_t *size, struct err *err)
{
    const int file = openat(AT_FDCWD, path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    struct stat status;
    if (file < 0) {
        (void)file_unreadable(err, path, errno);
        return -1;
    }
    if (fstat(file, &status) == 0 && S_ISREG(status.st_mode)) {
        *size = status.st_size;
        return file;
    }
    close(file);
    (void)fail(err, ERR_FILE_UNREADABLE, path, strerror(EISDIR));
    return -1;
}

static int64_t part_size(lua_State *L, const struct part *part)
{
    struct err err;
    int64_t size = (int64_t)part->text.length;
    if (!part->path)
        return size;
    const int file = open_part(part->path, &size, &err);
    if (file < 0)
        bind_raise(L, &err);
    close(file);
    if (size > BODY_BYTES_MAX)
        bind_fail(L, ERR_FILE_TOO_LARGE, part->path, N(BODY_BYTES_MAX >> 20));
    return part->base64 ? (int64_t)base64_size((size_t)size, BASE64_LINES) : size;
}

static lua_Integer part_count(lua_State *L, int index)
{
    const lua_Integer count = (lua_Integer)lua_rawlen(L, index);
    if (count > BODY_PARTS_MAX)
        bind_fail(L, ERR_LIMIT_PASSED, "body", N(BODY_PARTS_MAX));
    return count;
}

int64_t body_size(lua_State *L, int index)
{
    int64_t size = 0;
    index = lua_absindex(L, index);
    const lua_Integer count = part_count(L, index);
    for (lua_Integer i = 1; i <= count; i++) {
        const struct part part = part_at(L, index, i);
        size += part_size(L, &part);
        if (size > BODY_BYTES_MAX)
            bind_fail(L, ERR_LIMIT_PASSED, "body", N(BODY_BYTES_MAX));
    }
    return size;
}

// ---- Where it goes: frames, or one text

struct target {
    struct wire *wire; // NULL: everything stays in `gathered`
    int64_t call, left;
    struct buf gathered;
};

static bool flush(struct target *target, bool last, struct err *err)
{
    const bool sent = wire_send(
        target->wire,
        MESSAGE_OF(CALL_BODY, .call = target->call, .last = last, .part = buf_text(&target->gathered)), err);
    buf_clear(&target->gathered);
    return sent;
}

// More than was announced is refused: `path` has grown.
static bool put(struct target *target, struct text text, const char *path, struct err *err)
{
    if ((int64_t)text.length > target->left)
        return fail(err, ERR_FILE_CHANGED, path ? path : "");
    target->left -= (int64_t)text.length;
    while (text.length) {
        const size_t room = target->wire ? FRAME_PART - target->gathered.length : text.length;
        const size_t taken = text.length < room ? text.length : room;
        require(buf_append(&target->gathered, text.data, taken));
        text = text_of(text.data + taken, text.length - taken);
        if (target->wire && target->gathered.length == FRAME_PART && !flush(target, false, err))
            return false;
    }
    return true;
}

// Fills `out` unless the file ends: base64 is cut into whole lines.
static bool read_piece(int file, struct buf *out)
{
    buf_clear(out);
    while (out->length < READ_BYTES) {
        char *space = buf_reserve(out, READ_BYTES - out->length);
        require(space);
        const ssize_t got = read(file, space, READ_BYTES - out->length);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return got == 0;
        out->length += (size_t)got;
    }
    return true;
}

static bool put_file(struct target *target, const struct part *part, int file, struct err *err)
{
    SCOPED_BUF(piece, READ_BYTES);
    SCOPED_BUF(encoded, base64_size(READ_BYTES, BASE64_LINES));
    do {
        if (!read_piece(file, &piece))
            return fail(err, ERR_FILE_UNREADABLE, part->path, strerror(errno));
        buf_clear(&encoded);
        if (part->base64)
            require(base64_append(&encoded, buf_text(&piece), BASE64_LINES));
        if (!put(target, buf_text(part->base64 ? &encoded : &piece), part->path, err))
            return false;
    } while (piece.length == READ_BYTES);
    return true;
}

static bool put_part(struct target *target, const struct part *part, struct err *err)
{
    int64_t size;
    if (!part->path)
        return put(target, part->text, NULL, err);
    const int file = open_part(part->path, &size, err);
    if (file < 0)
        return false;
    const bool done = put_file(target, part, file, err);
    close(file);
    return done;
}

static bool put_all(lua_State *L, int index, struct target *target, struct err *err)
{
    struct part part = {.path = NULL};
    index = lua_absindex(L, index);
    const lua_Integer count = (lua_Integer)lua_rawlen(L, index);
    for (lua_Integer i = 1; i <= count; i++) {
        part = part_at(L, index, i);
        if (!put_part(target, &part, err))
            return false;
    }
    return target->left == 0 || fail(err, ERR_FILE_CHANGED, part.path ? part.path : "");
}

bool body_send(lua_State *L, int index, int64_t size, struct wire *wire, int64_t call, struct err *err)
{
    struct target target = {.wire = wire, .call = call, .left = size, .gathered = buf_new(FRAME_PART)};
    const bool done = put_all(L, index, &target, err) && flush(&target, true, err);
    buf_dispose(&target.gathered);
    return done;
}

void body_push(lua_State *L, int index)
{
    struct err err;
    const int64_t size = body_size(L, index);
    struct target target = {.left = size, .gathered = buf_new((size_t)size)};
    const bool done = put_all(L, index, &target, &err);
    if (done)
        lua_pushlstring(L, buf_text(&target.gathered).data, target.gathered.length);
    buf_dispose(&target.gathered);
    if (!done)
        bind_raise(L, &err);
}
