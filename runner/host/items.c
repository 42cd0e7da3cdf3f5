// See items.h. What is told waits for the commit of the turn: a reply is kept until then.
#include "host/items.h"

#include "host/permitted.h"
#include "host/turn.h"
#include "lib/base/clock.h"
#include "lib/decimal/decimal.h"

enum {
    BATCH_MAX = 8192,         // items of one message
    COUNT_AGAIN = 10000,      // items added by a run between two counts of the queue
    PROGRESS_EVERY_MS = 1000, // the queue is counted for the progress bar
    WAIT_IN_WORKER_MS = 5000, // longer ones cost no worker
    LOOK_AGAIN_MS = 50,       // another host has it in hand
    RECORD_BYTES_MAX = 16384,
    NO_DUE_SENT = 0 // how "no due date" is said to workers
};

static bool malformed(struct err *err, const char *message, const char *field)
{
    return fail(err, ERR_FRAME_MALFORMED, message, field);
}

// Tests and checks have a stage of their own (stdlib-lua); their workers never ask.
static bool is_run(const struct session *session, const char *message, struct err *err)
{
    return session->kind == SESSION_RUN || malformed(err, message, "kind");
}

static bool write_problem(struct buf *out, const struct err *problem)
{
    struct json_writer writer = json_writer_new(out);
    err_write(&writer, problem);
    return json_writer_done(&writer);
}

// ---- the answer ITEM

struct reply {
    struct session *session;
    struct message_ITEM item; // its texts are literals, or owned
    char *owned[5];
    size_t owned_count;
    int64_t former; // who had it before, 0: nobody
};

static struct reply *reply_new(struct session *session)
{
    struct reply *reply = xcalloc(1, sizeof *reply);
    reply->session = session;
    reply->item = (struct message_ITEM){.problem = TEXT_OF("null"),
                                        .state = TEXT_OF("none"),
                                        .key = TEXT_OF(""),
                                        .amount = TEXT_OF(""),
                                        .note = TEXT_OF(""),
                                        .data = TEXT_OF(""),
                                        .done = -1,
                                        .total = -1};
    return reply;
}

static struct text keep(struct reply *reply, struct text borrowed)
{
    char *copy = reply->owned[reply->owned_count++] = text_copy(borrowed);
    return text_of(copy, borrowed.length);
}

static bool keep_item(void *owner, const struct item *item, struct err *err)
{
    struct reply *reply = owner;
    (void)err;
    reply->item.number = item->number;
    reply->item.tries = item->tries;
    reply->item.priority = item->priority;
    reply->item.due_ms = item->due_ms == ITEM_NO_DUE ? NO_DUE_SENT : item->due_ms;
    reply->former = item->former;
    reply->item.state = keep(reply, item->state);
    reply->item.key = keep(reply, item->key);
    reply->item.amount = keep(reply, item->amount);
    reply->item.note = keep(reply, item->note);
    reply->item.data = keep(reply, item->data);
    return true;
}

static void reply_free(struct reply *reply)
{
    for (size_t i = 0; i < reply->owned_count; i++)
        xfree(reply->owned[i]);
    xfree(reply);
}

static void send_reply(void *owner, const struct err *failed)
{
    struct reply *reply = owner;
    struct session *session = reply->session;
    session->unanswered--;
    if (failed)
        session_kill(session, failed);
    else if (session->channel)
        channel_send(session->channel, MESSAGE_ITEM, &reply->item);
    reply_free(reply);
    session_settle(session);
}

static void reply_after_commit(struct reply *reply)
{
    reply->session->unanswered++;
    turn_after(reply->session->host, send_reply, reply);
}

// A failed write ends the run, what it may not do is told to its robot.
static bool refuse_item(struct session *session, const struct err *problem)
{
    SCOPED_BUF(body, RECORD_BYTES_MAX);
    require(write_problem(&body, problem));
    channel_send(session->channel,
                 MESSAGE_OF(ITEM, .problem = buf_text(&body), .state = TEXT_OF("none"), .key = TEXT_OF(""),
                            .amount = TEXT_OF(""), .note = TEXT_OF(""), .data = TEXT_OF("")));
    return true;
}

static bool end_run(struct session *session, const struct err *why)
{
    turn_spoil(session->host, why);
    session_kill(session, why);
    return true;
}

// ---- taking

static bool count_progress(struct reply *reply, struct text queue, struct err *err)
{
    struct session *session = reply->session;
    const int64_t now_ms = clock_monotonic_ms();
    int64_t counts[ITEM_STATE_COUNT];
    if (now_ms < session->queue_counted_ms + PROGRESS_EVERY_MS && session->queue_counted_ms)
        return true;
    session->queue_counted_ms = now_ms;
    if (!store_items_counts(session->host->store, counts, queue, err))
        return false;
    reply->item.total = 0;
    for (size_t i = 0; i < ITEM_STATE_COUNT; i++)
        reply->item.total += counts[i];
    reply->item.done = reply->item.total - counts[ITEM_NEW] - counts[ITEM_TAKEN];
    return true;
}

// What steps did inside the item in the run that had it before is passed over in this one.
static bool inherit(struct reply *reply, struct text queue, struct err *err)
{
    struct session *session = reply->session;
    int64_t copied = 0;
    if (!reply->former || reply->former == session->id)
        return true;
    if (!store_item_inherit(session->host->store, &copied, queue, reply->item.key, reply->former, session->id,
                            err))
        return false;
    session->has_journal = session->has_journal || copied > 0;
    xfree(session->journal_scope); // what came may stand in it
    session->journal_scope = NULL;
    return true;
}

static bool is_none(const struct reply *reply)
{
    return text_is(reply->item.state, "none");
}

// Nothing may be taken now. What this run failed at it waits for itself: short waits in the worker, long ones without.
static bool wait_or_none(struct reply *reply, bool *parked, struct text queue, struct err *err)
{
    struct session *session = reply->session;
    int64_t again_ms = 0;
    if (!store_item_again_ms(session->host->store, &again_ms, queue, session->id, err))
        return false;
    if (again_ms == 0)
        return true;
    const int64_t wait_ms = again_ms - store_now_ms(session->host->store);
    *parked = wait_ms > WAIT_IN_WORKER_MS;
    if (*parked)
        session_park(session, "sleep", again_ms);
    reply->item.state = TEXT_OF("wait");
    reply->item.wait_ms = wait_ms > LOOK_AGAIN_MS ? wait_ms : LOOK_AGAIN_MS;
    return true;
}

static bool take(struct reply *reply, bool *parked, struct text queue, int64_t after, struct err *err)
{
    struct session *session = reply->session;
    struct store *store = session->host->store;
    if (session->dry_run)
        return store_item_look(store, queue, after, keep_item, reply, err) &&
               count_progress(reply, queue, err);
    return turn_begin(session->host, err) &&
           store_item_take(store, queue, session->id, keep_item, reply, err) && inherit(reply, queue, err) &&
           count_progress(reply, queue, err) && (!is_none(reply) || wait_or_none(reply, parked, queue, err));
}

// Answers with the next item, once it is this run's on disk.
static bool take_next(struct session *session, struct text queue, int64_t after, struct err *err)
{
    bool parked = false;
    struct reply *reply = reply_new(session);
    if (!take(reply, &parked, queue, after, err)) {
        reply_free(reply);
        return end_run(session, err);
    }
    if (parked)
        reply_free(reply);
    else
        reply_after_commit(reply);
    return true;
}

bool items_on_take(struct session *session, struct frame *frame, struct err *err)
{
    SCOPED(json_document)
    document = NULL;
    struct message_ITEM_TAKE message;
    if (!wire_decode(&document, &message, frame, err) || !is_run(session, "ITEM_TAKE", err))
        return false;
    if (!permitted_queue(session, message.queue, QUEUE_WORK, err))
        return refuse_item(session, err);
    return take_next(session, message.queue, message.after, err);
}

// ---- looking

static bool permitted_any(struct session *session, struct text queue, struct err *err)
{
    return permitted_queue(session, queue, QUEUE_WORK, err) ||
           permitted_queue(session, queue, QUEUE_FILL, err);
}

bool items_on_find(struct session *session, struct frame *frame, struct err *err)
{
    SCOPED(json_document)
    document = NULL;
    struct message_ITEM_FIND message;
    if (!wire_decode(&document, &message, frame, err) || !is_run(session, "ITEM_FIND", err))
        return false;
    if (!permitted_any(session, message.queue, err))
        return refuse_item(session, err);
    struct reply *reply = reply_new(session);
    if (!store_item_find(session->host->store, message.queue, message.key, keep_item, reply, err)) {
        reply_free(reply);
        return end_run(session, err);
    }
    reply_after_commit(reply);
    return true;
}

bool items_on_past(struct session *session, struct frame *frame, struct err *err)
{
    SCOPED(json_document)
    document = NULL;
    struct message_ITEM_PAST message;
    if (!wire_decode(&document, &message, frame, err) || !is_run(session, "ITEM_PAST", err))
        return false;
    struct reply *reply = reply_new(session);
    if (!store_item_past(session->host->store, message.queue, session->id, message.after, keep_item, reply,
                         err)) {
        reply_free(reply);
        return end_run(session, err);
    }
    reply_after_commit(reply);
    return true;
}

// ---- ending one

static bool is_amount(struct text amount)
{
    struct decimal value;
    struct err ignored;
    return amount.length == 0 || decimal_parse(&value, amount, &ignored);
}

static bool is_end(struct text state)
{
    return text_is(state, "done") || text_is(state, "exception") || text_is(state, "failed") ||
           text_is(state, "again");
}

// An item is an entry of its run too, so that the run's totals, its record and what it has in doubt know of it.
static bool journal(struct session *session, const struct message_ITEM_DONE *message, struct err *err)
{
    SCOPED_TEXT char *scope = xasprintf("queue %.*s", (int)message->queue.length, message->queue.data);
    const struct message_ENTRY_DONE entry = {
        .kind = TEXT_OF("item"),
        .scope = text_from(scope),
        .key = message->key,
        .position = message->number,
        .state = message->state,
        .amount = message->amount,
        .note = message->note,
        .result = message->result,
    };
    // What it noted before it failed is over; its next try has an entry of its own.
    const struct entry tried = {
        .scope = entry.scope, .key = entry.key, .state = TEXT_OF("failed"), .note = entry.note};
    return text_is(message->state, "again")
               ? store_entry_settle(session->host->store, session->id, &tried, err)
               : session_put_entry(session, &entry, err);
}

static bool end_item(struct session *session, const struct message_ITEM_DONE *message, struct err *err)
{
    bool ended = session->dry_run;
    const bool again = text_is(message->state, "again");
    const struct item_end end = {
        .queue = message->queue,
        .key = message->key,
        .state = again ? TEXT_OF("new") : message->state,
        .amount = message->amount,
        .note = message->note,
        .run = session->id,
        .not_before_ms = again ? store_now_ms(session->host->store) + message->wait_ms : 0,
    };
    if (!turn_begin(session->host, err) ||
        (!ended && !store_item_end(session->host->store, &ended, &end, err)))
        return false;
    if (ended)
        return journal(session, message, err);
    SCOPED_TEXT char *key = text_copy(message->key);
    return fail(err, ERR_ITEM_NOT_OURS, key);
}

static bool refuse_stored(struct session *session, const struct err *problem)
{
    SCOPED_BUF(body, RECORD_BYTES_MAX);
    require(write_problem(&body, problem));
    channel_send(session->channel, MESSAGE_OF(STORED, .problem = buf_text(&body)));
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

bool items_on_done(struct session *session, struct frame *frame, struct err *err)
{
    SCOPED(json_document)
    document = NULL;
    struct message_ITEM_DONE message;
    if (!wire_decode(&document, &message, frame, err) || !is_run(session, "ITEM_DONE", err))
        return false;
    if (!is_end(message.state) || !is_amount(message.amount) || message.wait_ms < 0)
        return malformed(err, "ITEM_DONE", "state, amount or wait_ms");
    if (!permitted_queue(session, message.queue, QUEUE_WORK, err))
        return message.next ? refuse_item(session, err) : refuse_stored(session, err);
    if (!session_within_limits(session, TEXT_OF("item"),
                               message.result.length + message.note.length + message.key.length))
        return true;
    if (!end_item(session, &message, err)) {
        if (err->code != ERR_ITEM_NOT_OURS)
            return end_run(session, err);
        return message.next ? refuse_item(session, err) : refuse_stored(session, err);
    }
    if (text_is(message.state, "again"))
        items_tell_added(session->host, message.queue);
    if (message.next)
        return take_next(session, message.queue, message.number, err);
    session->unanswered++;
    turn_after(session->host, send_stored, session);
    return true;
}

// ---- adding

struct added {
    struct session *session;
    struct buf fresh;
};

static void send_added(void *owner, const struct err *failed)
{
    struct added *added = owner;
    struct session *session = added->session;
    session->unanswered--;
    if (failed)
        session_kill(session, failed);
    else if (session->channel)
        channel_send(session->channel,
                     MESSAGE_OF(ITEMS_ADDED, .problem = TEXT_OF("null"), .fresh = buf_text(&added->fresh)));
    buf_dispose(&added->fresh);
    xfree(added);
    session_settle(session);
}

static bool refuse_add(struct session *session, const struct err *problem)
{
    SCOPED_BUF(body, RECORD_BYTES_MAX);
    require(write_problem(&body, problem));
    channel_send(session->channel, MESSAGE_OF(ITEMS_ADDED, .problem = buf_text(&body), .fresh = TEXT_OF("")));
    return true;
}

// Cuts one item off `data` by its head [key, bytes, due, priority, amount].
static bool read_item(struct item_new *item, const struct json *head, struct text *data, struct err *err)
{
    int64_t bytes = 0;
    struct err ignored;
    SCOPED(json_document)
    parsed = NULL;
    const bool good = json_text(json_at(head, 0), &item->key) && item->key.length &&
                      item->key.length <= ITEM_KEY_MAX && json_int64(json_at(head, 1), &bytes) && bytes > 0 &&
                      (uint64_t)bytes <= data->length && json_int64(json_at(head, 2), &item->due_ms) &&
                      json_int64(json_at(head, 3), &item->priority) &&
                      json_text(json_at(head, 4), &item->amount) && is_amount(item->amount);
    if (!good)
        return malformed(err, "ITEMS_ADD", "heads");
    item->data = text_of(data->data, (size_t)bytes);
    *data = text_of(data->data + bytes, data->length - (size_t)bytes);
    if (item->due_ms <= 0)
        item->due_ms = ITEM_NO_DUE;
    return json_parse(&parsed, item->data, &ignored) || malformed(err, "ITEMS_ADD", "data");
}

// Whether so many more may come. Counting a large queue takes a moment, so it is done now and then.
static bool has_room(struct session *session, struct text queue, int64_t more, struct err *err)
{
    int64_t count = 0;
    if (session->queue_room >= more && session->queue_of_room && text_is(queue, session->queue_of_room)) {
        session->queue_room -= more;
        return true;
    }
    if (!store_items_number(session->host->store, &count, queue, QUEUE_ITEMS_MAX, err))
        return false;
    xfree(session->queue_of_room);
    session->queue_of_room = text_copy(queue);
    const int64_t room = QUEUE_ITEMS_MAX - count;
    if (room < more)
        return fail(err, ERR_ITEMS_TOO_MANY, session->queue_of_room, N(QUEUE_ITEMS_MAX));
    session->queue_room = (room < COUNT_AGAIN ? room : COUNT_AGAIN) - more;
    return true;
}

static bool add_one(struct session *session, bool *fresh, const struct item_new *item, struct err *err)
{
    if (!session->dry_run)
        return store_item_add(session->host->store, fresh, item, err);
    struct reply *known = reply_new(session);
    const bool good = store_item_find(session->host->store, item->queue, item->key, keep_item, known, err);
    *fresh = is_none(known);
    reply_free(known);
    return good;
}

static bool add_all(struct added *added, const struct message_ITEMS_ADD *message, const struct json *heads,
                    struct err *err)
{
    struct text data = message->data;
    struct item_new item = {.queue = message->queue, .note = TEXT_OF(""), .run = added->session->id};
    if (json_kind(heads) != JSON_ARRAY || json_count(heads) > BATCH_MAX)
        return malformed(err, "ITEMS_ADD", "heads");
    if (!has_room(added->session, message->queue, (int64_t)json_count(heads), err) ||
        !turn_begin(added->session->host, err))
        return false;
    for (const struct json *head = json_first(heads); head; head = json_next(head)) {
        bool fresh = false;
        if (!read_item(&item, head, &data, err) || !add_one(added->session, &fresh, &item, err))
            return false;
        require(buf_append_char(&added->fresh, fresh ? '1' : '0'));
    }
    return data.length == 0 || malformed(err, "ITEMS_ADD", "data");
}

static bool give_up_adding(struct added *added, struct err *err)
{
    struct session *session = added->session;
    buf_dispose(&added->fresh);
    xfree(added);
    if (err->code == ERR_FRAME_MALFORMED)
        return false;
    return err->code == ERR_ITEMS_TOO_MANY ? refuse_add(session, err) : end_run(session, err);
}

bool items_on_add(struct session *session, struct frame *frame, struct err *err)
{
    SCOPED(json_document)
    document = NULL;
    SCOPED(json_document)
    heads = NULL;
    struct message_ITEMS_ADD message;
    if (!wire_decode(&document, &message, frame, err) || !is_run(session, "ITEMS_ADD", err) ||
        !json_parse(&heads, message.heads, err))
        return false;
    if (!permitted_queue(session, message.queue, QUEUE_FILL, err))
        return refuse_add(session, err);
    struct added *added = xcalloc(1, sizeof *added);
    *added = (struct added){session, buf_new(BATCH_MAX)};
    if (!add_all(added, &message, json_root(heads), err))
        return give_up_adding(added, err);
    items_tell_added(session->host, message.queue);
    session->unanswered++;
    turn_after(session->host, send_added, added);
    return true;
}

// ---- counting, and what is expected

static bool write_counts(struct buf *out, const int64_t counts[ITEM_STATE_COUNT])
{
    struct json_writer writer = json_writer_new(out);
    json_begin_object(&writer);
    for (size_t i = 0; i < ITEM_STATE_COUNT; i++) {
        json_write_key(&writer, item_state_names[i]);
        json_write_integer(&writer, counts[i]);
    }
    json_end_object(&writer);
    return json_writer_done(&writer);
}

bool items_on_count(struct session *session, struct frame *frame, struct err *err)
{
    SCOPED(json_document)
    document = NULL;
    struct message_ITEMS_COUNT message;
    int64_t counts[ITEM_STATE_COUNT] = {0};
    SCOPED_BUF(body, 4096);
    SCOPED_BUF(problem, RECORD_BYTES_MAX);
    if (!wire_decode(&document, &message, frame, err) || !is_run(session, "ITEMS_COUNT", err))
        return false;
    const bool permitted = permitted_any(session, message.queue, err);
    require(permitted ? buf_append_string(&problem, "null") : write_problem(&problem, err));
    if (permitted && !store_items_counts(session->host->store, counts, message.queue, err))
        return end_run(session, err);
    require(write_counts(&body, counts));
    channel_send(session->channel,
                 MESSAGE_OF(ITEMS_COUNTED, .problem = buf_text(&problem), .counts = buf_text(&body)));
    return true;
}

bool items_on_expect(struct session *session, struct frame *frame, struct err *err)
{
    SCOPED(json_document)
    document = NULL;
    struct message_ITEMS_EXPECT message;
    int64_t items;
    if (!wire_decode(&document, &message, frame, err) || !is_run(session, "ITEMS_EXPECT", err))
        return false;
    if (!is_amount(message.sum) || (message.items.length && !text_to_int64(message.items, &items)))
        return malformed(err, "ITEMS_EXPECT", "items or sum");
    if (!permitted_any(session, message.queue, err))
        return refuse_stored(session, err);
    if (!session->dry_run &&
        (!turn_begin(session->host, err) ||
         !store_queue_expect(session->host->store, message.queue, message.items, message.sum, err)))
        return end_run(session, err);
    session->unanswered++;
    turn_after(session->host, send_stored, session);
    return true;
}

// ---- the rest of the host

bool items_waiting(struct host *host, int64_t *count, int64_t *newest, const char *queue, struct err *err)
{
    int64_t counts[ITEM_STATE_COUNT];
    if (!store_items_counts(host->store, counts, text_from(queue), err) ||
        !store_items_newest(host->store, newest, text_from(queue), err))
        return false;
    *count = counts[ITEM_NEW];
    return true;
}

void items_listen(struct host *host, items_listener listener)
{
    host->items_listener = listener;
}

struct telling {
    struct host *host;
    char *queue;
};

static void tell_listener(void *owner, const struct err *failed)
{
    struct telling *telling = owner;
    if (!failed)
        telling->host->items_listener(telling->host, telling->queue);
    xfree(telling->queue);
    xfree(telling);
}

void items_tell_added(struct host *host, struct text queue)
{
    if (!host->items_listener)
        return;
    struct telling *telling = xcalloc(1, sizeof *telling);
    *telling = (struct telling){host, text_copy(queue)};
    turn_after(host, tell_listener, telling);
}

static void tell_released(void *owner, struct text queue)
{
    items_tell_added(owner, queue);
}

bool items_over(struct host *host, const struct run_row *run, enum run_state state, struct err *err)
{
    (void)state;
    return !(run->recorded & RECORDED_TAKEN) ||
           store_items_release(host->store, run->id, tell_released, host, err);
}
