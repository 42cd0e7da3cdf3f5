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
