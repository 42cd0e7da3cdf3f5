// See steps.h.
#include "host/steps.h"

#include "host/handlers.h"
#include "host/logs.h"
#include "host/questions.h"
#include "host/seen.h"
#include "host/turn.h"
#include "lib/base/log.h"

enum { STEPS_MAX = 10000, ITEMS_MAX = 1000000, JOURNAL_MAX = 256 << 20, NOTE_BYTES = 200 };

static bool is_kind(struct text kind)
{
    return text_is(kind, "step") || text_is(kind, "item") || text_is(kind, "effect");
}

// ---- beginning

// What an earlier attempt left, for one ENTRY_BEGIN.
struct known {
    struct session *session;
    int64_t position; // where the robot comes with it now
    bool sent, ordered;
};

static bool send_state(struct session *session, struct text state, struct text note, struct text result)
{
    channel_send(session->channel, MESSAGE_OF(ENTRY_STATE, .state = state, .note = note, .result = result));
    return true;
}

static bool send_known(void *owner, const struct entry *entry, struct err *err)
{
    struct known *known = owner;
    (void)err;
    known->sent = true;
    if (known->ordered && entry->position != known->position && !text_is(entry->state, "failed"))
        return send_state(known->session, TEXT_OF("moved"), text_from(N(entry->position)), TEXT_OF(""));
    return send_state(known->session, entry->state, entry->note, entry->result);
}

static bool send_other(void *owner, const struct entry *entry, struct err *err)
{
    struct known *known = owner;
    (void)err;
    known->sent = true;
    return send_state(known->session, TEXT_OF("order"), entry->key, TEXT_OF(""));
}

// Whether an earlier attempt came this far: beyond, no step can stand where this one comes. Asked once a scope, for to
// look for what stands at a position is to read the scope.
static bool may_be_taken(struct session *session, struct text scope, int64_t position)
{
    struct err ignored;
    if (session->journal_scope && text_is(scope, session->journal_scope))
        return position <= session->journal_end;
    xfree(session->journal_scope);
    session->journal_scope =
        store_entries_end(session->host->store, &session->journal_end, session->id, scope, &ignored)
            ? text_copy(scope)
            : NULL;
    return !session->journal_scope || position <= session->journal_end;
}

static bool find_known(struct known *known, const struct message_ENTRY_BEGIN *message, struct err *err)
{
    struct session *session = known->session;
    struct store *store = session->host->store;
    if (!session_is_recorded(session) || (session->attempt == 1 && !session->has_journal))
        return true;
    if (!store_entry_find(store, session->id, message->scope, message->key, send_known, known, err))
        return false;
    return known->sent || !known->ordered || !may_be_taken(session, message->scope, message->position) ||
           store_entry_at(store, session->id, message->scope, message->position, send_other, known, err);
}

bool steps_on_begin(struct session *session, struct frame *frame, struct err *err)
{
    SCOPED(json_document)
    document = NULL;
    struct message_ENTRY_BEGIN message;
    int64_t first;
    if (!wire_decode(&document, &message, frame, err))
        return false;
    if (!is_kind(message.kind) && !text_is(message.kind, "ask"))
        return handler_malformed(err, "ENTRY_BEGIN", "kind");
    if (!seen_add(session->seen, message.scope, message.key, message.position, &first))
        return send_state(session, TEXT_OF("twice"), text_from(N(first)), TEXT_OF(""));
    const bool ordered = text_is(message.kind, "step") || text_is(message.kind, "ask");
    struct known known = {session, message.position, false, ordered};
    if (!find_known(&known, &message, err))
        return handler_stored(session, false, err);
    return known.sent || send_state(session, TEXT_OF("new"), TEXT_OF(""), TEXT_OF(""));
}

// ---- effects

static bool put_about(struct session *session, const struct message_ABOUT *message, struct err *err)
{
    const struct entry entry = {
        .kind = message->kind,
        .scope = message->scope,
        .key = message->key,
        .state = TEXT_OF("about"),
        .position = message->position,
        .attempt = session->attempt,
    };
    const struct about about = {
        .call = message->call,
        .bytes = message->bytes,
        .method = message->method,
        .host = message->host,
        .path = message->path,
    };
    return turn_begin(session->host, err) &&
           store_about_add(session->host->store, session->id, &entry, &about, err);
}

static bool has_room(struct session *session, size_t bytes)
{
    struct err why;
    session->journal_bytes += (int64_t)bytes;
    if (session->journal_bytes <= JOURNAL_MAX)
        return true;
    (void)fail(&why, ERR_STOPPED_JOURNAL, N(JOURNAL_MAX >> 20));
    session_kill(session, &why);
    return false;
}

bool steps_on_about(struct session *session, struct frame *frame, struct err *err)
{
    SCOPED(json_document)
    document = NULL;
    struct message_ABOUT message;
    if (!wire_decode(&document, &message, frame, err))
        return false;
    if (!is_kind(message.kind))
        return handler_malformed(err, "ABOUT", "kind");
    if (!has_room(session, message.path.length + NOTE_BYTES))
        return true;
    if (session_is_recorded(session) && !put_about(session, &message, err))
        return handler_stored(session, false, err);
    return handler_answer_stored(session);
}

bool steps_on_doubt(struct session *session, struct frame *frame, struct err *err)
{
    SCOPED(json_document)
    document = NULL;
    struct message_DOUBT message;
    if (!wire_decode(&document, &message, frame, err))
        return false;
    if (!is_kind(message.kind) || !handler_is_amount(message.amount) || !session_is_recorded(session))
        return handler_malformed(err, "DOUBT", "kind or amount");
    const struct entry entry = {.kind = message.kind,
                                .scope = message.scope,
                                .key = message.key,
                                .amount = message.amount,
                                .position = message.position};
    if (!questions_doubt(session, &entry, err))
        return handler_stored(session, false, err);
    log_info("run.doubt", "run=%lld attempt=%lld", (long long)session->id, (long long)session->attempt);
    session_park(session, "doubt", 0);
    return true;
}

// ---- ending

bool session_within_limits(struct session *session, struct text kind, size_t bytes)
{
    const bool is_step = text_is(kind, "step");
    struct err why;
    if (is_step ? ++session->steps > STEPS_MAX : ++session->items > ITEMS_MAX)
        (void)(is_step ? fail(&why, ERR_STOPPED_STEPS, N(STEPS_MAX))
                       : fail(&why, ERR_STOPPED_ITEMS, N(ITEMS_MAX)));
    else
        return has_room(session, bytes);
    session_kill(session, &why);
    return false;
}

static bool is_end(struct text state)
{
    return text_is(state, "done") || text_is(state, "exception") || text_is(state, "failed") ||
           text_is(state, "doubt");
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
    return turn_begin(session->host, err) && logs_write(session, err) &&
           store_entry_put(session->host->store, session->id, &entry, err);
}

static bool refuse_twice(struct session *session, struct text key, int64_t first, int64_t second)
{
    SCOPED_TEXT char *name = text_copy(key);
    struct err twice;
    (void)fail(&twice, ERR_ENTRY_TWICE, name, N(first), N(second));
    return handler_send_problem(session, &twice);
}

bool steps_on_done(struct session *session, struct frame *frame, struct err *err)
{
    SCOPED(json_document)
    document = NULL;
    struct message_ENTRY_DONE message;
    int64_t first;
    if (!wire_decode(&document, &message, frame, err))
        return false;
    if (!is_kind(message.kind) || !is_end(message.state) || !handler_is_amount(message.amount))
        return handler_malformed(err, "ENTRY_DONE", "kind, state or amount");
    if (!seen_add(session->seen, message.scope, message.key, message.position, &first))
        return refuse_twice(session, message.key, first, message.position);
    if (!session_within_limits(session, message.kind,
                               message.result.length + message.note.length + message.key.length))
        return true;
    if (session_is_recorded(session) && !session_put_entry(session, &message, err))
        return handler_stored(session, false, err);
    return handler_answer_stored(session);
}
