// links: wire
// Frames from a peer that says anything: two bytes say who speaks to whom and when, the rest is what came. What is
// decoded can be sent again and comes out the same.
#include "support/messages.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct message_case *row_of(enum message_type type)
{
    for (size_t i = 0; i < COUNT_OF(message_cases); i++)
        if (message_cases[i].type == type)
            return &message_cases[i];
    return NULL;
}

// Encoding escapes what the peer may have written shorter, so a frame near the limit may not go back.
static void send_again(const struct message_case *row, const void *message)
{
    _Alignas(16) char again[MESSAGE_ROOM] = {0};
    struct frame frame;
    size_t size;
    struct err err;
    SCOPED(json_document)
    document = NULL;
    SCOPED_BUF(out, FRAME_HEADER_SIZE + FRAME_MAX);
    if (!wire_encode(&out, row->type, message, &err)) {
        require(err.code == ERR_FRAME_ENCODE);
        return;
    }
    require(wire_find(&frame, &size, buf_text(&out), (enum role)(row->from & -row->from),
                      (enum role)(row->to & -row->to), row->when, &err));
    require(frame.type == row->type && size == out.length);
    require(wire_decode(&document, again, &frame, &err));
    require(row->same(message, again));
}

static void take(const struct frame *frame)
{
    _Alignas(16) char message[MESSAGE_ROOM] = {0};
    const struct message_case *row = row_of(frame->type);
    struct err err;
    SCOPED(json_document)
    document = NULL;
    require(row && row->size <= MESSAGE_ROOM);
    if (wire_decode(&document, message, frame, &err))
        send_again(row, message);
    else
        require(err.code == ERR_FRAME_MALFORMED);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    const enum role from = (enum role)(1U << (data[0] & 7)), to = (enum role)(1U << (data[0] >> 3 & 7));
    const unsigned phase = data[1];
    struct text rest = text_of((const char *)data + 2, size - 2);
    struct frame frame;
    size_t used;
    struct err err;
    while (wire_find(&frame, &used, rest, from, to, phase, &err) && frame.type != MESSAGE_NONE) {
        require(used <= rest.length && used >= FRAME_HEADER_SIZE);
        take(&frame);
        rest = text_of(rest.data + used, rest.length - used);
    }
    return 0;
}
