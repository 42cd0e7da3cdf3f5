// See session.h. What the worker says: looked up in a table, decoded in full, acted on. In the host.
//
// Whatever a robot can say wrong ends its own run: a handler that fails closes the channel with the reason.
#include "host/artifact.h"
#include "host/calls.h"
#include "host/fault.h"
#include "host/items.h"
#include "host/run_log.h"
#include "host/seen.h"
#include "host/session.h"
#include "host/turn.h"
#include "lib/base/log.h"
#include "lib/decimal/decimal.h"

enum { STEPS_MAX = 10000, ITEMS_MAX = 1000000, EXCEPTIONS_MAX = 10000, JOURNAL_MAX = 256 << 20 };

static bool malformed(struct err *err, const char *message, const char *field)
{
    return fail(err, ERR_FRAME_MALFORMED, message, field);
}

static void end_unless_committed(void *owner, const struct err *failed)
{
    struct session *session = owner;
    session->unanswered--;
    if (failed)
        session_kill(session, failed);
    session_settle(session);
}

// A write that failed, now or at the commit, ends the run with the database's reason; the worker hears nothing.
static bool stored(struct session *session, bool good, const struct err *err)
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

static bool is_recorded(const struct session *session)
{
    return session->kind == SESSION_RUN;
}

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
        return malformed(err, "LOG_LINE", "level");
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

// ---- steps and items

struct known {
    struct session *session;
    bool sent;
};

static bool send_known(void *owner, const struct entry *entry, struct err *err)
{
    struct known *known = owner;
    (void)err;
    channel_send(known->session->channel, MESSAGE_OF(ENTRY_STATE, .state = entry->state, .note = entry->note,
                                                     .result = entry->result));
    known->sent = true;
    return true;
}

static bool is_entry_kind(struct text kind)
{
    return text_is(kind, "step") || text_is(kind, "item");
}

static bool on_entry_begin(struct session *session, struct frame *frame, struct err *err)
{
    SCOPED(json_document)
    document = NULL;
    struct message_ENTRY_BEGIN message;
    struct known known = {session, false};
    int64_t first;
    if (!wire_decode(&document, &message, frame, err))
        return false;
    if (!is_entry_kind(message.kind))
        return malformed(err, "ENTRY_BEGIN", "kind");
    if (!seen_add(session->seen, message.scope, message.key, message.position, &first)) {
        channel_send(session->channel, MESSAGE_OF(ENTRY_STATE, .state = TEXT_OF("twice"),
                                                  .note = text_from(N(first)), .result = TEXT_OF("")));
        return true;
    }
    if (is_recorded(session) && (session->attempt > 1 || session->has_journal) &&
        !store_entry_find(session->host->store, session->id, message.scope, message.key, send_known, &known,
                          err))
        return stored(session, false, err);
    if (!known.sent)
        channel_send(session->channel, MESSAGE_OF(ENTRY_STATE, .state = TEXT_OF("new"), .note = TEXT_OF(""),
                                                  .result = TEXT_OF("")));
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

static bool send_problem(struct session *session, const struct err *problem)
{
    SCOPED_BUF(body, 16384);
    struct json_writer writer = json_writer_new(&body);
    err_write(&writer, problem);
    require(json_writer_done(&writer));
    channel_send(session->channel, MESSAGE_OF(STORED, .problem = buf_text(&body)));
    return true;
}

// Counts what the run's journal holds; what passes a limit ends the run.
bool session_within_limits(struct session *session, struct text kind, size_t bytes)
{
    const bool is_step = text_is(kind, "step");
    struct err why;
    session->journal_bytes += (int64_t)bytes;
    if (is_step ? ++session->steps > STEPS_MAX : ++session->items > ITEMS_MAX)
        (void)(is_step ? fail(&why, ERR_STOPPED_STEPS, N(STEPS_MAX))
                       : fail(&why, ERR_STOPPED_ITEMS, N(ITEMS_MAX)));
    else if (session->journal_bytes > JOURNAL_MAX)
        (void)fail(&why, ERR_STOPPED_JOURNAL, N(JOURNAL_MAX >> 20));
    else
        return true;
    session_kill(session, &why);
    return false;
}

static bool is_entry_state(struct text state)
{
    return text_is(state, "done") || text_is(state, "exception") || text_is(state, "failed");
}

static bool is_amount(struct text amount)
{
    struct decimal value;
    struct err ignored;
    return amount.length == 0 || decimal_parse(&value, amount, &ignored);
}

bool session_put_entry(struct session *session, const struct message_ENTRY_DONE *message, struct err *err)
{
    const struct entry entry = {
        .kind = message->kind,
        .scope = message->scope,
        .key = message->key,
        .state = message->state,
        .amount = message->amount,
        .note = message->note,
        .result = message->result,
        .position = message->position,
        .attempt = session->attempt,
    };
    return turn_begin(session->host, err) && store_entry_put(session->host->store, session->id, &entry, err);
}

static bool on_entry_done(struct session *session, struct frame *frame, struct err *err)
{
    SCOPED(json_document)
    document = NULL;
    struct message_ENTRY_DONE message;
    int64_t first;
    if (!wire_decode(&document, &message, frame, err))
        return false;
    if (!is_entry_kind(message.kind) || !is_entry_state(message.state) || !is_amount(message.amount))
        return malformed(err, "ENTRY_DONE", "kind, state or amount");
    if (!seen_add(session->seen, message.scope, message.key, message.position, &first)) {
        SCOPED_TEXT char *key = text_copy(message.key);
        struct err twice;
        (void)fail(&twice, ERR_ENTRY_TWICE, key, N(first), N(message.position));
        return send_problem(session, &twice);
    }
    if (!session_within_limits(session, message.kind,
                               message.result.length + message.note.length + message.key.length))
        return true;
    if (is_recorded(session) && !session_put_entry(session, &message, err))
        return stored(session, false, err);
    session->unanswered++;
    turn_after(session->host, send_stored, session);
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
    if (!is_amount(message.sum) || (message.items.length && !text_to_int64(message.items, &items)))
        return malformed(err, "EXPECT", "items or sum");
    if (!is_recorded(session))
        return true;
    return stored(session,
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
    if (!is_recorded(session) || ++session->exceptions > EXCEPTIONS_MAX)
        return true;
    return stored(session,
                  turn_begin(session->host, err) && store_exception_add(session->host->store, session->id,
                                                                        session->attempt, message.text, err),
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
    if (!is_recorded(session))
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
        return stored(session, false, err);
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
    if (!artifact_take(session, message.path, message.title, &problem)) {
        turn_spoil(session->host, &problem);
        return send_problem(session, &problem);
    }
    session->unanswered++;
    turn_after(session->host, send_stored, session);
    return true;
}

static bool on_finding(struct session *session, struct frame *frame, struct err *err)
{
    SCOPED(json_document)
    document = NULL;
    struct message_FINDING message;
    if (!wire_decode(&document, &message, frame, err))
        return false;
    if (session->kind == SESSION_RUN)
        return malformed(err, "FINDING", "kind");
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
        return malformed(err, "ENDED", "state");
    channel_phase(session->channel, PHASE_END);
    session->ended = true;
    session->end_done = text_is(message.state, "done");
    xfree(session->cost);
    session->cost = text_copy(message.cost);
    if (!session->fault && !text_is(message.fault, "null"))
        session->fault = text_copy(message.fault);
    return true;
}

// ---- the table

static bool (*const handlers[MESSAGE_COUNT])(struct session *, struct frame *, struct err *) = {
    [MESSAGE_STARTED] = on_started,
    [MESSAGE_LOG_LINE] = on_log_line,
    [MESSAGE_PROGRESS] = on_progress,
    [MESSAGE_ENTRY_BEGIN] = on_entry_begin,
    [MESSAGE_ENTRY_DONE] = on_entry_done,
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
