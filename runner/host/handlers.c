// See handlers.h.
#include "host/handlers.h"

#include "host/turn.h"
#include "lib/decimal/decimal.h"

bool handler_malformed(struct err *err, const char *message, const char *field)
{
    return fail(err, ERR_FRAME_MALFORMED, message, field);
}

bool session_is_recorded(const struct session *session)
{
    return session->kind == SESSION_RUN;
}

static void end_unless_committed(void *owner, const struct err *failed)
{
    struct session *session = owner;
    session->unanswered--;
    if (failed)
        session_kill(session, failed);
    session_settle(session);
}

bool handler_stored(struct session *session, bool good, const struct err *err)
{
    if (good) {
        session->unanswered++;
        turn_after(session->host, end_unless_committed, session);
    } else {
        turn_spoil(session->host, err);
        session_kill(session, err);
    }
    return true;
}

static void send_stored(void *owner, const struct err *failed)
{
    struct session *session = owner;
    session->unanswered--;
    if (failed)
        session_kill(session, failed);
    else if (session->channel)
        channel_send(session->channel, MESSAGE_OF(STORED, .problem = TEXT_OF("null")));
    session_settle(session);
}

bool handler_answer_stored(struct session *session)
{
    session->unanswered++;
    turn_after(session->host, send_stored, session);
    return true;
}

bool handler_send_problem(struct session *session, const struct err *problem)
{
    SCOPED_BUF(body, 16384);
    struct json_writer writer = json_writer_new(&body);
    err_write(&writer, problem);
    require(json_writer_done(&writer));
    channel_send(session->channel, MESSAGE_OF(STORED, .problem = buf_text(&body)));
    return true;
}

bool handler_is_amount(struct text amount)
{
    struct decimal value;
    struct err ignored;
    return amount.length == 0 || decimal_parse(&value, amount, &ignored);
}

// ---- later

void later_begin(struct later *later, struct session *session, const struct frame *frame,
                 message_handler handle)
{
    *later = (struct later){.session = session,
                            .handle = handle,
                            .type = frame->type,
                            .head = xstrndup(frame->head.data, frame->head.length),
                            .bytes = xstrndup(frame->bytes.data, frame->bytes.length),
                            .head_length = frame->head.length,
                            .bytes_length = frame->bytes.length};
    session->unanswered++;
}

void later_handle(const struct later *later)
{
    struct session *session = later->session;
    struct err err;
    struct frame frame = {.type = later->type,
                          .head = text_of(later->head, later->head_length),
                          .bytes = text_of(later->bytes, later->bytes_length)};
    if (session->channel && !session->lost && !later->handle(session, &frame, &err))
        session_kill(session, &err);
}

void later_end(struct later *later)
{
    xfree(later->head);
    xfree(later->bytes);
    later->session->unanswered--;
    session_settle(later->session);
}
