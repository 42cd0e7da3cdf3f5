// See session.h. What the worker says: looked up in a table, decoded in full, acted on. In the host.
//
// Whatever a robot can say wrong ends its own run: a handler that fails closes the channel with the reason.
#include "host/artifact.h"
#include "host/calls.h"
#include "host/fault.h"
#include "host/handlers.h"
#include "host/items.h"
#include "host/questions.h"
#include "host/run_log.h"
#include "host/session.h"
#include "host/steps.h"
#include "host/turn.h"
#include "lib/base/log.h"
#include "lib/decimal/decimal.h"

enum { EXCEPTIONS_MAX = 10000 };

// ---- beginning

static bool on_started(struct session *session, struct frame *frame, struct err *err)
{
    (void)frame, (void)err;
    channel_phase(session->channel, PHASE_RUN);
    session_event(session, "started", TEXT_OF("{}"));
    return true;
}

// ---- log and progress

static bool on_log_line(struct session *session, struct frame *frame, struct err *err)
{
    SCOPED(json_document)
    document = NULL;
    struct message_LOG_LINE message;
    SCOPED_BUF(line, 65536);
    if (!wire_decode(&document, &message, frame, err))
        return false;
    if (!run_log_level_name(message.level))
        return handler_malformed(err, "LOG_LINE", "level");
    if (run_log_add(session->log, &line, message.level, message.line, message.text))
        session_event(session, "log", buf_text(&line));
    return true;
}

static bool on_progress(struct session *session, struct frame *frame, struct err *err)
{
    SCOPED(json_document)
    document = NULL;
    struct message_PROGRESS message;
    SCOPED_BUF(body, 8192);
    if (!wire_decode(&document, &message, frame, err))
        return false;
    struct json_writer writer = json_writer_new(&body);
    json_begin_object(&writer);
    json_write_key(&writer, "done");
    json_write_integer(&writer, message.done);
    json_write_key(&writer, "total");
    json_write_integer(&writer, message.total);
    json_write_key(&writer, "text");
    json_write_lossy(&writer, message.text);
    json_end_object(&writer);
    if (json_writer_done(&writer))
        session_event(session, "progress", buf_text(&body));
    return true;
}

static bool on_expect(struct session *session, struct frame *frame, struct err *err)
{
    SCOPED(json_document)
    document = NULL;
    struct message_EXPECT message;
    int64_t items;
    if (!wire_decode(&document, &message, frame, err))
        return false;
    if (!handler_is_amount(message.sum) || (message.items.length && !text_to_int64(message.items, &items)))
        return handler_malformed(err, "EXPECT", "items or sum");
    if (!session_is_recorded(session))
        return true;
    return handler_stored(
        session,
        turn_begin(session->host, err) &&
            store_run_expect(session->host->store, session->id, message.items, message.sum, err),
        err);
}

static bool on_exception(struct session *session, struct frame *frame, struct err *err)
{
    SCOPED(json_document)
    document = NULL;
    struct message_EXCEPTION message;
    SCOPED_BUF(body, 65536);
    if (!wire_decode(&document, &message, frame, err))
        return false;
    struct json_writer writer = json_writer_new(&body);
    json_begin_object(&writer);
    json_write_key(&writer, "text");
    json_write_text(&writer, message.text);
    json_end_object(&writer);
    if (json_writer_done(&writer))
        session_event(session, "exception", buf_text(&body));
    if (!session_is_recorded(session) || ++session->exceptions > EXCEPTIONS_MAX)
        return true;
    return handler_stored(
        session,
        turn_begin(session->host, err) &&
            store_exception_add(session->host->store, session->id, session->attempt, message.text, err),
        err);
}

struct claim {
    struct session *session;
    int64_t holder, time_ms;
};

static void send_claimed(void *owner, const struct err *failed)
{
    struct claim *claim = owner;
    struct session *session = claim->session;
    session->unanswered--;
    if (failed)
        session_kill(session, failed);
    else if (session->channel)
        channel_send(session->channel, MESSAGE_OF(CLAIMED, .ours = claim->holder == session->id,
                                                  .run = claim->holder, .time_ms = claim->time_ms));
    xfree(claim);
    session_settle(session);
}

// A rehearsal books nothing, so it must not take the key from the run that does.
static bool take_claim(struct session *session, struct claim *claim, struct text key, struct err *err)
{
    struct store *store = session->host->store;
    claim->holder = session->id;
    if (!session_is_recorded(session))
        return true;
    if (!session->dry_run)
        return turn_begin(session->host, err) &&
               store_claim(store, &claim->holder, &claim->time_ms, session->robot, key, session->id, err);
    if (!store_claim_holder(store, &claim->holder, &claim->time_ms, session->robot, key, err))
        return false;
    claim->holder = claim->holder ? claim->holder : session->id;
    return true;
}

static bool on_claim(struct session *session, struct frame *frame, struct err *err)
{
    SCOPED(json_document)
    document = NULL;
    struct message_CLAIM message;
    if (!wire_decode(&document, &message, frame, err))
        return false;
    struct claim *claim = xcalloc(1, sizeof *claim);
    claim->session = session;
    if (!take_claim(session, claim, message.key, err)) {
        xfree(claim);
        return handler_stored(session, false, err);
    }
    session->unanswered++;
    turn_after(session->host, send_claimed, claim);
    return true;
}

static bool on_attach(struct session *session, struct frame *frame, struct err *err)
{
    SCOPED(json_document)
    document = NULL;
    struct message_ATTACH message;
    struct err problem;
    if (!wire_decode(&document, &message, frame, err))
        return false;
    if (artifact_ahead(session, frame, &message.path, 1, on_attach))
        return true;
    if (!artifact_take(session, message.path, message.title, &problem)) {
        turn_spoil(session->host, &problem);
        return handler_send_problem(session, &problem);
    }
    return handler_answer_stored(session);
}

static bool on_finding(struct session *session, struct frame *frame, struct err *err)
{
    SCOPED(json_document)
    document = NULL;
    struct message_FINDING message;
    if (!wire_decode(&document, &message, frame, err))
        return false;
    if (session->kind == SESSION_RUN)
        return handler_malformed(err, "FINDING", "kind");
    SCOPED_BUF(body, 70000);
    struct json_writer writer = json_writer_new(&body);
    SCOPED(json_document)
    finding = NULL;
    if (!json_parse(&finding, message.finding, err))
        return false;
    json_begin_object(&writer);
    json_write_key(&writer, "robot");
    json_write_string(&writer, session->robot);
    json_write_key(&writer, "finding");
    json_write_value(&writer, json_root(finding));
    json_end_object(&writer);
    if (json_writer_done(&writer))
        session_event(session, "finding", buf_text(&body));
    return true;
}

// ---- the end

static bool on_stopped(struct session *session, struct frame *frame, struct err *err)
{
    SCOPED(json_document)
    document = NULL;
    struct message_STOPPED message;
    if (!wire_decode(&document, &message, frame, err))
        return false;
    channel_phase(session->channel, PHASE_END);
    session->stopped = true;
    SCOPED_TEXT char *what = text_copy(message.what);
    if (strcmp(what, "crash") == 0 || strcmp(what, "call") == 0)
        session_crashed(session);
    // What the host itself wanted is told by its own name: a sweep's "output" comes as SIGUSR1, "time" to the worker.
    const bool ours = session->limit && strcmp(what, "time") == 0;
    xfree(session->fault);
    session->fault =
        fault_of_stop(session, ours ? session->limit : what, message.value, message.source, message.line);
    log_info("run.stopped", "run=%lld what=%s value=%lld line=%lld", (long long)session->id,
             ours ? session->limit : what, (long long)message.value, (long long)message.line);
    return true;
}

static bool on_ended(struct session *session, struct frame *frame, struct err *err)
{
    SCOPED(json_document)
    document = NULL;
    struct message_ENDED message;
    if (!wire_decode(&document, &message, frame, err))
        return false;
    const bool waits = text_is(message.state, "waiting") && session->parked;
    if (!text_is(message.state, "done") && !text_is(message.state, "failed") && !waits)
        return handler_malformed(err, "ENDED", "state");
    channel_phase(session->channel, PHASE_END);
    session->ended = true;
    session->end_done = text_is(message.state, "done");
    xfree(session->cost);
    session->cost = text_copy(message.cost);
    if (!session->fault && !text_is(message.fault, "null"))
        session->fault = fault_as_given(session, message.fault);
    return true;
}

// ---- the table

static bool (*const handlers[MESSAGE_COUNT])(struct session *, struct frame *, struct err *) = {
    [MESSAGE_STARTED] = on_started,
    [MESSAGE_LOG_LINE] = on_log_line,
    [MESSAGE_PROGRESS] = on_progress,
    [MESSAGE_ENTRY_BEGIN] = steps_on_begin,
    [MESSAGE_ENTRY_DONE] = steps_on_done,
    [MESSAGE_EXPECT] = on_expect,
    [MESSAGE_EXCEPTION] = on_exception,
    [MESSAGE_CLAIM] = on_claim,
    [MESSAGE_ATTACH] = on_attach,
    [MESSAGE_FINDING] = on_finding,
    [MESSAGE_STOPPED] = on_stopped,
    [MESSAGE_ENDED] = on_ended,
    [MESSAGE_ITEMS_ADD] = items_on_add,
    [MESSAGE_ITEM_TAKE] = items_on_take,
    [MESSAGE_ITEM_FIND] = items_on_find,
    [MESSAGE_ITEM_PAST] = items_on_past,
    [MESSAGE_ITEM_DONE] = items_on_done,
    [MESSAGE_ITEMS_COUNT] = items_on_count,
    [MESSAGE_ITEMS_EXPECT] = items_on_expect,
    [MESSAGE_ROBOT_CALL] = calls_on_call,
    [MESSAGE_RESULT] = calls_on_result,
    [MESSAGE_SLEEP] = calls_on_sleep,
    [MESSAGE_ABOUT] = steps_on_about,
    [MESSAGE_DOUBT] = steps_on_doubt,
    [MESSAGE_ASK] = questions_on_ask,
};

static bool on_frame(void *owner, struct channel *channel, struct frame *frame, struct err *err)
{
    (void)channel;
    require(handlers[frame->type]); // wire_find lets only messages from workers to hosts through
    if (((struct session *)owner)->lost)
        return true;
    return handlers[frame->type](owner, frame, err);
}

static void on_closed(void *owner, struct channel *channel, const struct err *why)
{
    struct session *session = owner;
    (void)channel;
    session->channel = NULL;
    if (why->code != ERR_WIRE_CLOSED && !session->fault)
        session_kill(session, why);
    session_settle(session);
}

const struct channel_events session_channel_events = {.frame = on_frame, .closed = on_closed};
