// See calls.h.
//
// The caller moves to waiting and then looks whether the called run is over; that one ends and then looks whether the
// caller waits. Each holds the caller's row while it looks, so that one of them sees the other, on PostgreSQL too.
#include "host/calls.h"

#include "host/call_files.h"
#include "host/handlers.h"
#include "host/permitted.h"
#include "host/queue.h"
#include "host/store/calls.h"
#include "host/turn.h"

enum {
    CHILDREN_MAX = 1000,
    IN_WORKER_MS = 5000, // a shorter rest of a sleep is waited for by the worker
    RECORD_BYTES_MAX = 16384,
    CAUSE_MAX = 4096
};

static bool malformed(struct err *err, const char *message, const char *field)
{
    return fail(err, ERR_FRAME_MALFORMED, message, field);
}

static bool is_run(const struct session *session, const char *message, struct err *err)
{
    return session->kind == SESSION_RUN || malformed(err, message, "kind");
}

static bool end_run(struct session *session, const struct err *why)
{
    turn_spoil(session->host, why);
    session_kill(session, why);
    return true;
}

// ---- the answer ROBOT_CALLED

struct called {
    struct session *session;
    int64_t run;
    char *state, *fault, *result;
    size_t result_length;
};

static void called_free(struct called *called)
{
    xfree(called->state);
    xfree(called->fault);
    xfree(called->result);
    xfree(called);
}

static void send_called(void *owner, const struct err *failed)
{
    struct called *called = owner;
    struct session *session = called->session;
    session->unanswered--;
    if (failed)
        session_kill(session, failed);
    else if (session->channel)
        channel_send(session->channel,
                     MESSAGE_OF(ROBOT_CALLED, .problem = TEXT_OF("null"), .run = called->run,
                                .state = text_from(called->state), .fault = text_from(called->fault),
                                .result = text_of(called->result, called->result_length)));
    called_free(called);
    session_settle(session);
}

static void answer_after_commit(struct called *called)
{
    called->session->unanswered++;
    turn_after(called->session->host, send_called, called);
}

static bool refuse(struct session *session, const struct err *problem)
{
    SCOPED_BUF(body, RECORD_BYTES_MAX);
    struct json_writer writer = json_writer_new(&body);
    err_write(&writer, problem);
    require(json_writer_done(&writer));
    channel_send(session->channel, MESSAGE_OF(ROBOT_CALLED, .problem = buf_text(&body), .state = TEXT_OF(""),
                                              .fault = TEXT_OF("null"), .result = TEXT_OF("")));
    return true;
}

// ---- what the journal knows

struct known {
    bool found;
    char state[16];
    int64_t number; // of the entry's note: the called run, or the time until which it sleeps
    char *result;
    size_t result_length;
};

static bool take_known(void *owner, const struct entry *entry, struct err *err)
{
    struct known *known = owner;
    (void)err;
    known->found = true;
    snprintf(known->state, sizeof known->state, "%.*s", (int)entry->state.length, entry->state.data);
    if (!text_to_int64(entry->note, &known->number))
        known->number = 0;
    known->result = text_copy(entry->result);
    known->result_length = entry->result.length;
    return true;
}

static bool put_entry(struct session *session, const struct message_ENTRY_DONE *place, const char *state,
                      int64_t number, struct text result, struct err *err)
{
    struct message_ENTRY_DONE entry = *place;
    char note[INTEGER_TEXT_SIZE];
    entry.state = text_from(state);
    entry.amount = TEXT_OF("");
    entry.note = text_from(integer_text(note, number));
    entry.result = result;
    return session_put_entry(session, &entry, err);
}

// ---- who may be called

// Up the line of callers: none may be called again, and the line may not be too long.
static bool check_line(struct session *session, const char *robot, struct err *err)
{
    SCOPED_BUF(chain, 1024);
    struct run_row row;
    int64_t id = session->id;
    for (int depth = 1; id; depth++) {
        if (depth >= CALL_DEPTH_MAX)
            return fail(err, ERR_CALL_DEPTH, robot, N(CALL_DEPTH_MAX));
        if (!store_run_load(session->host->store, &row, id, err))
            return false;
        const bool cycle = strcmp(row.robot, robot) == 0;
        const bool noted = buf_printf(&chain, "%s%s", depth > 1 ? " ← " : "", row.robot);
        id = row.parent;
        run_row_dispose(&row);
        require(noted); // robots' names have 64 letters at most
        if (cycle)
            return fail(err, ERR_CALL_CYCLE, robot, buf_string(&chain));
    }
    return true;
}

// ---- calling

static bool write_cause(struct buf *out, const struct session *caller)
{
    struct json_writer writer = json_writer_new(out);
    json_begin_object(&writer);
    json_write_key(&writer, "call");
    json_write_integer(&writer, caller->id);
    json_write_key(&writer, "robot");
    json_write_string(&writer, caller->robot);
    json_end_object(&writer);
    return json_writer_done(&writer);
}

// Where its files lie in this host's folder alone, it starts the run itself; else any daemon may, where the caller is a
// daemon's.
static bool queue_child(int64_t *child, struct session *caller, const char *robot, struct text given,
                        struct err *err)
{
    struct host *host = caller->host;
    const struct call_files *files = caller->handing;
    const bool here = (files && !settings_share_files(host->settings)) || !caller->served;
    SCOPED_BUF(cause, CAUSE_MAX);
    require(write_cause(&cause, caller));
    const struct run_new row = {
        .robot = robot,
        .tree = "",
        .actor = caller->actor,
        .language = language_name(caller->language),
        .folder = files ? call_files_folder(files) : "",
        .host = here ? host->identity : "",
        .dry_run = caller->dry_run,
        .served = caller->served,
        .parent = caller->id,
        .inputs = given,
        .manifest = TEXT_OF("{}"),
        .cause = buf_text(&cause),
    };
    return turn_begin(host, err) && run_queue(host->store, child, &row, err) &&
           (!files || call_files_record(caller->handing, *child, err));
}

static bool is_of_the_robot(enum err_code code)
{
    return code == ERR_CALL_DEPTH || code == ERR_CALL_CYCLE || code == ERR_FILE_UNREADABLE ||
           code == ERR_FILE_NOT_PLAIN || code == ERR_FILE_TOO_LARGE || code == ERR_LIMIT_PASSED ||
           code == ERR_ROBOT_NOT_PERMITTED;
}

static bool call(struct session *session, const struct message_ROBOT_CALL *message,
                 const struct message_ENTRY_DONE *place, const struct frame *frame, const struct json *files,
                 struct err *err)
{
    int64_t child = 0;
    SCOPED_TEXT char *robot = text_copy(message->robot);
    bool good = permitted_robot(session, message->robot, err) && check_line(session, robot, err);
    if (good && json_count(files) > 0 && !session->handing)
        return call_files_hand(session, frame, files, calls_on_call);
    good = good && (!session->handing || call_files_handed(session->handing, err)) &&
           queue_child(&child, session, robot, message->given, err) &&
           put_entry(session, place, "waiting", child, TEXT_OF(""), err);
    if (!good) {
        if (err->code == ERR_FRAME_MALFORMED)
            return false;
        return is_of_the_robot(err->code) ? refuse(session, err) : end_run(session, err);
    }
    session_park(session, "run", 0);
    queue_at(session->host, 1);
    return true;
}

// ---- what came of it

// A fault as the caller needs it, { code, arguments }: the rest of it stands in the called run's record.
static char *short_fault(struct text fault)
{
    SCOPED(json_document)
    document = NULL;
    struct err ignored;
    struct buf out = buf_new(RECORD_BYTES_MAX);
    struct json_writer writer = json_writer_new(&out);
    if (!fault.length || !json_parse(&document, fault, &ignored))
        return xstrdup("null");
    const struct json *root = json_root(document);
    json_begin_object(&writer);
    json_write_key(&writer, "code");
    json_write_string(&writer, json_string_or(json_get(root, "code"), "ROBOT_FAILED"));
    json_write_key(&writer, "arguments");
    if (json_get(root, "arguments"))
        json_write_value(&writer, json_get(root, "arguments"));
    else
        json_write_null(&writer);
    json_end_object(&writer);
    if (json_writer_done(&writer))
        return buf_steal(&out);
    buf_dispose(&out);
    return xstrdup("null");
}

static bool take_called(void *owner, struct text state, struct text fault, struct text result)
{
    struct called *called = owner;
    called->state = text_copy(state);
    called->fault = short_fault(fault);
    called->result = text_copy(result);
    called->result_length = result.length;
    return true;
}

static bool is_over(const char *state)
{
    enum run_state known;
    return run_state_from_name(&known, state) && known >= RUN_DONE;
}

// The called run was begun in an earlier attempt: its end is this step's result, or it is waited for still.
static bool tell(struct session *session, const struct message_ENTRY_DONE *place, int64_t child,
                 struct err *err)
{
    struct called *called = xcalloc(1, sizeof *called);
    *called = (struct called){.session = session, .run = child};
    if (!store_called(session->host->store, child, take_called, called, err)) {
        called_free(called);
        return end_run(session, err);
    }
    if (called->state && !is_over(called->state)) {
        called_free(called);
        session_park(session, "run", 0);
        return true;
    }
    if (!called->state) // its row was pruned
        (void)take_called(called, TEXT_OF("failed"), TEXT_OF(""), TEXT_OF(""));
    const bool done = strcmp(called->state, "done") == 0;
    if (!turn_begin(session->host, err) ||
        !put_entry(session, place, done ? "done" : "failed", child,
                   done ? text_of(called->result, called->result_length) : TEXT_OF(""), err)) {
        called_free(called);
        return end_run(session, err);
    }
    answer_after_commit(called);
    return true;
}

static bool tell_known(struct session *session, const struct known *known)
{
    struct called *called = xcalloc(1, sizeof *called);
    *called = (struct called){.session = session, .run = known->number};
    (void)take_called(called, TEXT_OF("done"), TEXT_OF(""), text_of(known->result, known->result_length));
    answer_after_commit(called);
    return true;
}

bool calls_on_call(struct session *session, struct frame *frame, struct err *err)
{
    SCOPED(json_document)
    document = NULL;
    SCOPED(json_document)
    files = NULL;
    struct message_ROBOT_CALL message;
    struct known known = {.found = false};
    if (!wire_decode(&document, &message, frame, err) || !is_run(session, "ROBOT_CALL", err) ||
        !json_parse(&files, message.files, err))
        return false;
    const struct message_ENTRY_DONE place = {
        .kind = TEXT_OF("call"), .scope = message.scope, .key = message.key, .position = message.position};
    if (!store_entry_find(session->host->store, session->id, message.scope, message.key, take_known, &known,
                          err))
        return end_run(session, err);
    SCOPED_TEXT char *result = known.result;
    if (known.found && strcmp(known.state, "done") == 0)
        return tell_known(session, &known);
    if (known.found && strcmp(known.state, "waiting") == 0)
        return tell(session, &place, known.number, err);
    return call(session, &message, &place, frame, json_root(files), err);
}

bool calls_on_result(struct session *session, struct frame *frame, struct err *err)
{
    SCOPED(json_document)
    document = NULL;
    struct message_RESULT message;
    if (!wire_decode(&document, &message, frame, err) || !is_run(session, "RESULT", err))
        return false;
    if (!turn_begin(session->host, err) ||
        !store_result_put(session->host->store, session->id, message.result, err))
        return end_run(session, err);
    return true;
}

// ---- sleeping

struct slept {
    struct session *session;
    int64_t left_ms;
};

static void send_slept(void *owner, const struct err *failed)
{
    struct slept *slept = owner;
    struct session *session = slept->session;
    session->unanswered--;
    if (failed)
        session_kill(session, failed);
    else if (session->channel)
        channel_send(session->channel, MESSAGE_OF(SLEPT, .left_ms = slept->left_ms));
    xfree(slept);
    session_settle(session);
}

// The time is written down when it is first asked for.
static bool need_time(struct session *session, struct known *known, const struct message_SLEEP *message,
                      struct err *err)
{
    const struct message_ENTRY_DONE place = {.kind = TEXT_OF("sleep"),
                                             .scope = message->scope,
                                             .key = message->key,
                                             .position = message->position};
    if (!store_entry_find(session->host->store, session->id, message->scope, message->key, take_known, known,
                          err))
        return false;
    if (known->found)
        return true;
    known->number =
        message->until_ms ? message->until_ms : store_now_ms(session->host->store) + message->for_ms;
    return turn_begin(session->host, err) &&
           put_entry(session, &place, "done", known->number, TEXT_OF(""), err);
}

bool calls_on_sleep(struct session *session, struct frame *frame, struct err *err)
{
    SCOPED(json_document)
    document = NULL;
    struct message_SLEEP message;
    struct known known = {.found = false};
    if (!wire_decode(&document, &message, frame, err) || !is_run(session, "SLEEP", err))
        return false;
    if (message.until_ms < 0 || message.for_ms < 0 || message.for_ms > INT64_MAX / 4)
        return malformed(err, "SLEEP", "until_ms or for_ms");
    if (!need_time(session, &known, &message, err))
        return end_run(session, err);
    xfree(known.result);
    const int64_t left_ms = known.number - store_now_ms(session->host->store);
    if (left_ms > IN_WORKER_MS) {
        session_park(session, "sleep", known.number);
        return true;
    }
    struct slept *slept = xcalloc(1, sizeof *slept);
    *slept = (struct slept){session, left_ms > 0 ? left_ms : 0};
    session->unanswered++;
    turn_after(session->host, send_slept, slept);
    return true;
}

// ---- when a run is over

static bool cancel_children(struct host *host, int64_t run, struct err *err)
{
    size_t count = 0;
    int64_t *children = xcalloc(CHILDREN_MAX, sizeof *children);
    bool good = store_children_live(host->store, children, &count, CHILDREN_MAX, run, err);
    for (size_t i = 0; good && i < count; i++) {
        struct session *session = session_find(host, children[i]);
        if (session)
            session_cancel(session, "renki");
        else if (!queue_cancel(host, children[i], "renki", err))
            good = err->code == ERR_RUN_OVER && store_run_request_cancel(host->store, children[i], err);
    }
    xfree(children);
    return good;
}

bool calls_over(struct host *host, const struct run_row *run, enum run_state state, struct err *err)
{
    if (state == RUN_CANCELLED && !cancel_children(host, run->id, err))
        return false;
    return run->parent == 0 ||
           (store_run_hold(host->store, run->parent, err) && queue_wake(host, run->parent, "renki", err));
}

bool calls_answered(struct session *session, bool *answered, struct err *err)
{
    struct store *store = session->host->store;
    return store_run_hold(store, session->id, err) && store_call_answered(store, answered, session->id, err);
}
