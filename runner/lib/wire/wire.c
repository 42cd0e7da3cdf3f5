// See wire.h. One table of messages and fields, made from messages.def, drives encoding and decoding.
#include "lib/wire/wire.h"

#include <stdalign.h>
#include <unistd.h>

enum field_kind { FIELD_END, FIELD_TEXT, FIELD_JSON, FIELD_BYTES, FIELD_INT, FIELD_BOOL, FIELD_FDS };

struct field {
    enum field_kind kind;
    const char *name;
    const char *key; // as it stands in a head behind another one: ,"name":
    size_t most;
};

enum { FIELDS_MAX = 20 };

struct message_row {
    const char *name;
    unsigned from, to, when;
    struct field fields[FIELDS_MAX];
};

#define CLI ROLE_CLI
#define HOST ROLE_HOST
#define ZYGOTE ROLE_ZYGOTE
#define WORKER ROLE_WORKER
#define READER ROLE_READER
#define GATEWAY ROLE_GATEWAY
#define FAKE ROLE_FAKE
#define LAUNCHER ROLE_LAUNCHER
#define VIEWER ROLE_VIEWER
#define SYNC ROLE_SYNC
#define WEB ROLE_WEB
#define START PHASE_START
#define RUN PHASE_RUN
#define END PHASE_END

#define KEY(name_) ",\"" #name_ "\":"
#define TEXT(name_, most_) {FIELD_TEXT, #name_, KEY(name_), most_},
#define JSON(name_, most_) {FIELD_JSON, #name_, KEY(name_), most_},
#define BYTES(name_, most_) {FIELD_BYTES, #name_, KEY(name_), most_},
#define INT(name_) {FIELD_INT, #name_, KEY(name_), 0},
#define BOOL(name_) {FIELD_BOOL, #name_, KEY(name_), 0},
#define FDS(most_) {FIELD_FDS, "descriptors", NULL, most_},
#define MESSAGE(name_, from_, to_, when_, fields_)                                                           \
    [MESSAGE_##name_] = {#name_, from_, to_, when_, {fields_{FIELD_END, NULL, NULL, 0}}},
static const struct message_row rows[MESSAGE_COUNT] = {
#include "lib/wire/messages.def"
};
#undef MESSAGE
#undef KEY
#undef TEXT
#undef JSON
#undef BYTES
#undef INT
#undef BOOL
#undef FDS

const char *role_name(enum role role)
{
    switch (role) {
    case ROLE_CLI:
        return "command line";
    case ROLE_HOST:
        return "host";
    case ROLE_ZYGOTE:
        return "zygote";
    case ROLE_WORKER:
        return "worker";
    case ROLE_READER:
        return "reader";
    case ROLE_GATEWAY:
        return "gateway";
    case ROLE_FAKE:
        return "fake";
    case ROLE_LAUNCHER:
        return "launcher";
    case ROLE_WEB:
        return "web";
    case ROLE_VIEWER:
        return "viewer";
    case ROLE_SYNC:
        return "remote";
    }
    return "?";
}

const char *message_name(enum message_type type)
{
    return type > MESSAGE_NONE && type < MESSAGE_COUNT ? rows[type].name : "?";
}

// A field's place follows from the kinds before it, exactly as the compiler lays out struct message_X.
static size_t place(size_t *end, enum field_kind kind)
{
    const size_t size = kind == FIELD_INT    ? sizeof(int64_t)
                        : kind == FIELD_BOOL ? sizeof(bool)
                                             : sizeof(struct text);
    const size_t align = kind == FIELD_INT    ? alignof(int64_t)
                         : kind == FIELD_BOOL ? alignof(bool)
                                              : alignof(struct text);
    const size_t start = (*end + align - 1) / align * align;
    *end = start + size;
    return start;
}

static bool bad_encode(struct err *err, const struct message_row *row, const struct field *field)
{
    return fail(err, ERR_FRAME_ENCODE, row->name, field->name);
}

static void put_u32(char *out, size_t value)
{
    for (int i = 0; i < 4; i++)
        out[i] = (char)(value >> (8 * i) & 0xFF);
}

static uint32_t get_u32(const char *in)
{
    const unsigned char *s = (const unsigned char *)in;
    return (uint32_t)s[0] | (uint32_t)s[1] << 8 | (uint32_t)s[2] << 16 | (uint32_t)s[3] << 24;
}

static bool encode_value(struct buf *out, const struct field *field, const char *at)
{
    const struct text *text = (const struct text *)(const void *)at;
    switch (field->kind) {
    case FIELD_INT:
        return buf_append_string(out, N(*(const int64_t *)(const void *)at));
    case FIELD_BOOL:
        return buf_append_string(out, *(const bool *)at ? "true" : "false");
    case FIELD_TEXT:
        return json_append_quoted(out, *text);
    case FIELD_JSON: // travels as text, so that the receiver can parse it apart, or never
        return json_append_quoted(out, text->data ? *text : TEXT_OF("null"));
    case FIELD_BYTES:
    case FIELD_FDS:
    case FIELD_END:
        break;
    }
    return false;
}

// The head: an object of the fields in their order. Written without json_writer, for every call, log line and step is
// one: the form is fixed, only texts need care.
static bool encode_fields(struct buf *out, struct text *bytes, const struct message_row *row,
                          const char *message, struct err *err)
{
    size_t end = 0;
    bool first = true;
    for (const struct field *field = row->fields; field->kind != FIELD_END; field++) {
        if (field->kind == FIELD_FDS)
            continue;
        const char *at = message + place(&end, field->kind);
        const struct text *text = (const struct text *)(const void *)at;
        const bool is_text =
            field->kind == FIELD_TEXT || field->kind == FIELD_JSON || field->kind == FIELD_BYTES;
        if (is_text && text->length > field->most)
            return bad_encode(err, row, field);
        if (field->kind == FIELD_BYTES) {
            *bytes = *text;
            continue;
        }
        if (!buf_append_string(out, field->key + first) || !encode_value(out, field, at))
            return bad_encode(err, row, field);
        first = false;
    }
    return true;
}

bool wire_encode(struct buf *out, enum message_type type, const void *message, struct err *err)
{
    require(type > MESSAGE_NONE && type < MESSAGE_COUNT);
    const struct message_row *row = &rows[type];
    const size_t start = out->length;
    struct text bytes = {NULL, 0};
    if (!buf_reserve(out, FRAME_HEADER_SIZE))
        return fail(err, ERR_FRAME_ENCODE, row->name, "queue");
    out->length += FRAME_HEADER_SIZE;

    const bool opened = buf_append_char(out, '{');
    if (opened && !encode_fields(out, &bytes, row, message, err)) {
        out->length = start;
        return false;
    }
    const bool closed = opened && buf_append_char(out, '}');
    const size_t head_length = out->length - start - FRAME_HEADER_SIZE;
    if (!closed || head_length + bytes.length > FRAME_MAX || !buf_append_text(out, bytes)) {
        out->length = start;
        return fail(err, ERR_FRAME_ENCODE, row->name, "frame");
    }
    put_u32(out->data + start, type);
    put_u32(out->data + start + 4, head_length);
    put_u32(out->data + start + 8, bytes.length);
    return true;
}

static size_t bytes_most(const struct message_row *row)
{
    for (const struct field *field = row->fields; field->kind != FIELD_END; field++)
        if (field->kind == FIELD_BYTES)
            return field->most;
    return 0;
}

size_t message_fds_most(enum message_type type)
{
    for (const struct field *field = rows[type].fields; field->kind != FIELD_END; field++)
        if (field->kind == FIELD_FDS)
            return field->most;
    return 0;
}

bool wire_find(struct frame *frame, size_t *size_bytes, struct text in, enum role from, enum role to,
               unsigned phase, struct err *err)
{
    *frame = (struct frame){.type = MESSAGE_NONE};
    *size_bytes = 0;
    if (in.length < FRAME_HEADER_SIZE)
        return true;
    const uint32_t type = get_u32(in.data), head = get_u32(in.data + 4), bytes = get_u32(in.data + 8);
    if (type <= MESSAGE_NONE || type >= MESSAGE_COUNT)
        return fail(err, ERR_FRAME_UNKNOWN, role_name(from), N(type));
    const struct message_row *row = &rows[type];
    if (!(row->from & from) || !(row->to & to) || !(row->when & phase))
        return fail(err, ERR_FRAME_OUT_OF_TURN, role_name(from), row->name);
    if (head > FRAME_MAX || bytes > bytes_most(row) || head + bytes > FRAME_MAX)
        return fail(err, ERR_FRAME_TOO_LARGE, role_name(from), row->name);
    const size_t size = FRAME_HEADER_SIZE + (size_t)head + bytes;
    if (in.length < size)
        return true;
    frame->type = (enum message_type)type;
    frame->head = text_of(in.data + FRAME_HEADER_SIZE, head);
    frame->bytes = text_of(in.data + FRAME_HEADER_SIZE + head, bytes);
    *size_bytes = size;
    return true;
}

static bool bad_decode(struct err *err, const struct message_row *row, const char *field)
{
    return fail(err, ERR_FRAME_MALFORMED, row->name, field);
}

static bool decode_field(char *at, const struct field *field, const struct json *value)
{
    struct text *text = (struct text *)(void *)at;
    switch (field->kind) {
    case FIELD_INT: {
        struct text written;
        return json_number_text(value, &written) && text_to_int64(written, (int64_t *)(void *)at);
    }
    case FIELD_BOOL:
        return json_boolean(value, (bool *)at);
    case FIELD_TEXT:
    case FIELD_JSON:
        return json_text(value, text) && text->length <= field->most;
    case FIELD_BYTES:
    case FIELD_FDS:
    case FIELD_END:
        break;
    }
    return false;
}

bool wire_decode(struct json_document **document, void *message, const struct frame *frame, struct err *err)
{
    const struct message_row *row = &rows[frame->type];
    SCOPED(json_document)
    parsed = NULL;
    struct err inner;
    if (!json_parse(&parsed, frame->head, &inner))
        return bad_decode(err, row, "head");
    const struct json *head = json_root(parsed), *member = json_first(head);
    size_t end = 0, seen = 0;
    for (const struct field *field = row->fields; field->kind != FIELD_END; field++) {
        if (field->kind == FIELD_FDS)
            continue;
        char *at = (char *)message + place(&end, field->kind);
        if (field->kind == FIELD_BYTES) {
            *(struct text *)(void *)at = frame->bytes;
            continue;
        }
        // Heads are written in the order of the fields; all else is looked for.
        const bool in_order = text_is(json_key(member), field->name);
        if (!decode_field(at, field, in_order ? member : json_get(head, field->name)))
            return bad_decode(err, row, field->name);
        member = json_next(member);
        seen++;
    }
    if (json_kind(head) != JSON_OBJECT || json_count(head) != seen)
        return bad_decode(err, row, "head");
    *document = STEAL(parsed);
    return true;
}

void frame_close_fds(struct frame *frame)
{
    for (size_t i = 0; i < frame->fd_count; i++)
        if (frame->fds[i] >= 0)
            close(frame->fds[i]);
    frame->fd_count = 0;
}
