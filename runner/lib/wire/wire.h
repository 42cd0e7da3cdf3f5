// Frames and messages: all that renki's processes say to each other. In every process.
//
// A frame is three little-endian 32-bit numbers (message type, length of the head, length of the bytes), the head (a
// JSON object with exactly the message's fields) and raw bytes. At most FRAME_MAX in all.
//
// 1. The receiver looks the message up before it looks inside: known type, right sender, right phase, right lengths.
// 2. Decoding is total: every field there, of its kind, within its limit, and nothing else.
// 3. Whatever is wrong ends the peer that sent it, never the receiver. Descriptors that a message may not carry are
//    closed; sockets to robots are read without a control buffer, so that passed descriptors vanish.
#ifndef RENKI_WIRE_H
#define RENKI_WIRE_H

#include "lib/json/json.h"

enum role {
    ROLE_CLI = 1,
    ROLE_HOST = 2,
    ROLE_ZYGOTE = 4,
    ROLE_WORKER = 8,
    ROLE_READER = 16,
    ROLE_GATEWAY = 32,
    ROLE_FAKE = 64,
    ROLE_LAUNCHER = 128,
    ROLE_VIEWER = 256,
    ROLE_SYNC = 512,
    ROLE_WEB = 1024
};
enum phase { PHASE_START = 1, PHASE_RUN = 2, PHASE_END = 4 };
const char *role_name(enum role role);

enum { FRAME_MAX = 1 << 20, FRAME_HEADER_SIZE = 12, FRAME_FDS_MAX = 32 };
// Bytes of a call's body that the gateway may send before the first CALL_MORE, and the most in one CALL_BODY.
enum { CALL_WINDOW = 1 << 20, CALL_BODY_MAX = 262144 };
// Of one robot within 24 hours, whichever of its runs sends them: the host counts, the gateway holds back.
enum { MAILS_A_DAY = 1000 };

enum message_type {
    MESSAGE_NONE,
#define MESSAGE(name, from, to, when, fields) MESSAGE_##name,
#include "lib/wire/messages.def"
#undef MESSAGE
    MESSAGE_COUNT
};

// struct message_LOG_LINE { int64_t level; int64_t line; struct text text; } and so on: texts are borrowed.
#define TEXT(name, most) struct text name;
#define JSON(name, most) struct text name;
#define BYTES(name, most) struct text name;
#define INT(name) int64_t name;
#define BOOL(name) bool name;
#define FDS(most)
#define MESSAGE(name_, from_, to_, when_, fields)                                                            \
    struct message_##name_ {                                                                                 \
        char empty_[0];                                                                                      \
        fields                                                                                               \
    };
#include "lib/wire/messages.def"
#undef MESSAGE
#undef TEXT
#undef JSON
#undef BYTES
#undef INT
#undef BOOL
#undef FDS

const char *message_name(enum message_type type);

struct frame {
    enum message_type type;
    struct text head, bytes; // borrowed from the buffer it was found in
    int fds[FRAME_FDS_MAX];  // the receiver's; what it does not take (sets to -1), frame_close_fds closes
    size_t fd_count;
};
void frame_close_fds(struct frame *frame);

// Appends the frame of a message to `out`. Fails only by a field over its limit or text that is no UTF-8:
// FRAME_ENCODE, which names message and field.
bool wire_encode(struct buf *out, enum message_type type, const void *message, struct err *err) MUST_CHECK;
#define MESSAGE_OF(name, ...)                                                                                \
    MESSAGE_##name, &(struct message_##name)                                                                 \
    {                                                                                                        \
        __VA_ARGS__                                                                                          \
    }

// Looks for a frame at the start of `in`. True with frame->type MESSAGE_NONE: not whole yet. False: malformed, from the
// wrong sender or out of turn; the connection must end. *size_bytes is what to drop from `in` when done with the frame.
bool wire_find(struct frame *frame, size_t *size_bytes, struct text in, enum role from, enum role to,
               unsigned phase, struct err *err) MUST_CHECK;
// Reads the fields into `message` (struct message_X of frame->type). Its texts live in *document and in the frame.
bool wire_decode(struct json_document **document, void *message, const struct frame *frame,
                 struct err *err) MUST_CHECK;

// ---- A blocking connection, for processes without an event loop: worker, zygote, reader, command line.
struct wire {
    int fd;
    enum role self, peer;
    unsigned phase;
    bool take_fds; // read with a control buffer
    // For signal handlers: inside a send that may be half done; waiting for the peer with nothing half done.
    volatile bool sending, waiting;
    struct buf in, out;
    size_t used_bytes;      // of `in`, by the frame handed out last
    int fds[FRAME_FDS_MAX]; // received, not yet handed out with a frame
    size_t fd_count;
};
// Takes the descriptor.
struct wire wire_new(int fd, enum role self, enum role peer, bool take_fds);
void wire_dispose(struct wire *wire);
// Waits for the next frame (borrowed until the next call). WIRE_CLOSED when the peer went away; FRAME_… when it
// misbehaved. `timeout_ms` below 0 waits for ever; WIRE_TIMEOUT otherwise.
bool wire_receive(struct wire *wire, struct frame *frame, int timeout_ms, struct err *err) MUST_CHECK;
// A frame that must be of this type, decoded. Other types are an error.
bool wire_expect(struct wire *wire, enum message_type type, void *message, struct json_document **document,
                 struct frame *frame, int timeout_ms, struct err *err) MUST_CHECK;
// Sends and waits until the kernel has it. Up to FRAME_FDS_MAX descriptors, which stay the caller's.
bool wire_send(struct wire *wire, enum message_type type, const void *message, struct err *err) MUST_CHECK;
bool wire_send_fds(struct wire *wire, enum message_type type, const void *message, const int *fds,
                   size_t count, struct err *err) MUST_CHECK;

// ---- What both kinds of connection share.
// One sendmsg(2) with descriptors beside the first byte; returns as that.
long wire_write(int fd, struct text bytes, const int *fds, size_t fd_count);
// One recvmsg(2) into `in` (room is made); descriptors go to fds (with CLOEXEC) or, with fds NULL, vanish. Returns as that.
long wire_read(int fd, struct buf *in, int *fds, size_t *fd_count);
// An error in a message: its name, and its arguments as a JSON array, which err_to_record appends; it fails only by the
// buffer's maximum. False when there is no error of that name.
bool err_to_record(struct buf *arguments, const struct err *err) MUST_CHECK;
bool err_from_record(struct err *out, struct text code, struct text arguments) MUST_CHECK;
// Writes { code, arguments, where } of an error.
void err_write(struct json_writer *writer, const struct err *err);
// The frame of READ_FAILED, of reader and viewer.
bool wire_encode_failed(struct buf *frame, const struct err *err) MUST_CHECK;
// How many descriptors a message may carry.
size_t message_fds_most(enum message_type type);

#endif
