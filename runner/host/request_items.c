// Requests about queues of work items: what they hold, and what a person does to an item. In the host.
#include "host/items.h"
#include "host/requests.h"
#include "host/totals.h"
#include "host/turn.h"
#include "lib/base/log.h"
#include "lib/calendar/parse.h"
#include "lib/decimal/decimal.h"
#include "lib/permit/permit.h"

enum { LIST_MAX = 1000, IMPORT_MAX = 1000 };

static bool body_queue(struct text *out, const struct json *body, struct err *err)
{
    const char *name;
    if (!body_text(&name, body, "queue", err))
        return false;
    *out = text_from(name);
    return permit_name_ok(*out) ? true : fail(err, ERR_QUEUE_NAME, name);
}

// ---- reading

struct listing {
    struct json_writer *out;
    struct store *store;
};

static bool write_totals(void *owner, struct text queue, struct text items, struct text sum, struct err *err)
{
    const struct listing *listing = owner;
    return totals_write_queue(listing->out, listing->store, queue, items, sum, err);
}

static bool write_all_totals(struct json_writer *out, struct store *store, const struct json *queues,
                             struct err *err)
{
    struct listing listing = {out, store};
    json_begin_array(out);
    bool good = true;
    for (const struct json *queue = json_first(queues); good && queue; queue = json_next(queue))
        good = store_queue_find(store, text_from(json_string_or(json_get(queue, "name"), "")), write_totals,
                                &listing, err);
    json_end_array(out);
    return good;
}

bool request_items_queues(struct host *host, struct answer *answer, const struct json *body,
                          struct frame *frame, struct err *err)
{
    SCOPED_BUF(list, BODY_MAX / 2);
    SCOPED_BUF(out, BODY_MAX);
    SCOPED(json_document)
    queues = NULL;
    struct json_writer lister = json_writer_new(&list), writer = json_writer_new(&out);
    (void)body, (void)frame;
    if (!store_queues_write(host->store, &lister, err))
        return false;
    if (!json_writer_done(&lister))
        return fail(err, ERR_LIMIT_PASSED, "queues", "450 KB");
    if (!json_parse(&queues, buf_text(&list), err))
        return false;
    json_begin_object(&writer);
    json_write_key(&writer, "queues");
    json_write_value(&writer, json_root(queues));
    json_write_key(&writer, "totals");
    if (!write_all_totals(&writer, host->store, json_root(queues), err))
        return false;
    json_end_object(&writer);
    return answer_written(answer, &writer, "items", err);
}

static bool write_list(struct buf *out, struct json_writer *writer, struct store *store,
                       const struct item_filter *filter, struct err *err)
{
    struct listing listing = {writer, store};
    buf_clear(out);
    *writer = json_writer_new(out);
    json_begin_object(writer);
    json_write_key(writer, "queue");
    json_write_text(writer, filter->queue);
    json_write_key(writer, "items");
    if (!store_items_write(store, writer, filter, err))
        return false;
    if (filter->after == 0) {
        json_write_key(writer, "totals");
        if (!store_queue_find(store, filter->queue, write_totals, &listing, err))
            return false;
    }
    json_end_object(writer);
    return true;
}

// Large data takes fewer items to fill an answer: it is halved until they fit.
bool request_items_list(struct host *host, struct answer *answer, const struct json *body,
                        struct frame *frame, struct err *err)
{
    SCOPED_BUF(out, BODY_MAX);
    struct json_writer writer;
    struct item_filter filter = {
        .state = text_from(json_string_or(json_get(body, "state"), "")),
        .after = json_int64_or(json_get(body, "after"), 0),
        .most = json_int64_or(json_get(body, "most"), LIST_MAX),
        .with_data = body_flag(body, "data"),
    };
    enum item_state state;
    (void)frame;
    if (!body_queue(&filter.queue, body, err))
        return false;
    if (filter.state.length && !item_state_from_name(&state, filter.state))
        return fail(err, ERR_ITEM_STATE_UNKNOWN, filter.state.data);
    if (filter.most > LIST_MAX)
        filter.most = LIST_MAX;
    do {
        if (!write_list(&out, &writer, host->store, &filter, err))
            return false;
        filter.most /= 2;
    } while (!json_writer_done(&writer) && filter.most >= 1);
    return answer_written(answer, &writer, "items", err);
}

bool request_items_show(struct host *host, struct answer *answer, const struct json *body,
                        struct frame *frame, struct err *err)
{
    SCOPED_BUF(out, BODY_MAX);
    struct json_writer writer = json_writer_new(&out);
    struct text queue;
    const char *key;
    (void)frame;
    if (!body_queue(&queue, body, err) || !body_text(&key, body, "key", err))
        return false;
    json_begin_object(&writer);
    json_write_key(&writer, "queue");
    json_write_text(&writer, queue);
    if (!store_item_write(host->store, &writer, queue, text_from(key), err))
        return false;
    json_end_object(&writer);
    return answer_written(answer, &writer, "items", err);
}

// ---- by hand

// A new value of a field takes the kind of the old one, as far as it can: {"$decimal": …}, a date, a number, true.
static void write_field(struct json_writer *out, const struct json *old, struct text value)
{
    const struct json *inner = json_first(old);
    struct decimal number;
    struct date day;
    struct err ignored;
    if (json_kind(old) == JSON_OBJECT && json_count(old) == 1 &&
        ((text_is(json_key(inner), "$decimal") && decimal_parse(&number, value, &ignored)) ||
         (text_is(json_key(inner), "$date") && date_parse(&day, value, &ignored)))) {
        json_begin_object(out);
        json_write_key_text(out, json_key(inner));
        json_write_lossy(out, value);
        json_end_object(out);
        return;
    }
    SCOPED(json_document)
    parsed = NULL;
    const enum json_kind kind = json_kind(old);
    const bool plain = kind == JSON_NUMBER || kind == JSON_TRUE || kind == JSON_FALSE;
    if (plain && json_parse(&parsed, value, &ignored) && json_kind(json_root(parsed)) < JSON_TEXT)
        json_write_value(out, json_root(parsed));
    else
        json_write_lossy(out, value);
}

static const struct json *changed_field(const struct json *fields, struct text name)
{
    struct text key;
    for (const struct json *pair = json_first(fields); pair; pair = json_next(pair))
        if (json_text(json_at(pair, 0), &key) && text_equal(key, name))
            return json_at(pair, 1);
    return NULL;
}

static bool has_field(const struct json *data, struct text name)
{
    for (const struct json *member = json_first(data); member; member = json_next(member))
        if (text_equal(json_key(member), name))
            return true;
    return false;
}

struct editing {
    const struct json *fields;
    struct buf *out;
};

static bool edit(void *owner, const struct item *item, struct err *err)
{
    struct editing *editing = owner;
    SCOPED(json_document)
    document = NULL;
    struct text name, value;
    if (!json_parse(&document, item->data, err))
        return false;
    const struct json *data = json_root(document);
    for (const struct json *pair = json_first(editing->fields); pair; pair = json_next(pair))
        if (!json_text(json_at(pair, 0), &name) || !json_text(json_at(pair, 1), &value) ||
            json_kind(data) != JSON_OBJECT || !has_field(data, name))
            return fail(err, ERR_ITEM_FIELD, json_string_or(json_at(pair, 0), "?"));
    struct json_writer writer = json_writer_new(editing->out);
    json_begin_object(&writer);
    for (const struct json *member = json_first(data); member; member = json_next(member)) {
        const struct json *changed = changed_field(editing->fields, json_key(member));
        json_write_key_text(&writer, json_key(member));
        if (changed && json_text(changed, &value))
            write_field(&writer, member, value);
        else
            json_write_value(&writer, member);
    }
    json_end_object(&writer);
    return json_writer_done(&writer) ? true : fail(err, ERR_ITEM_TOO_LARGE, "", N(ITEM_DATA_MAX));
}

// The data that a person gives, whole or by fields; empty: none.
static bool new_data(struct buf *out, struct host *host, const struct item_hand *hand,
                     const struct json *body, struct err *err)
{
    SCOPED(json_document)
    document = NULL;
    const char *whole = json_string_or(json_get(body, "data"), NULL);
    struct editing editing = {json_get(body, "fields"), out};
    if (json_count(editing.fields))
        return store_item_find(host->store, hand->queue, hand->key, edit, &editing, err);
    if (!whole)
        return true;
    return json_parse(&document, text_from(whole), err) &&
           (buf_append_string(out, whole) || fail(err, ERR_ITEM_TOO_LARGE, "", N(ITEM_DATA_MAX)));
}

struct told {
    struct answer *answer;
    char *body;
};

static void tell(void *owner, const struct err *failed)
{
    struct told *told = owner;
    if (failed)
        answer_fail(told->answer, failed);
    else
        answer_done(told->answer, text_from(told->body));
    xfree(told->body);
    xfree(told);
}

static bool tell_after_commit(struct host *host, struct answer *answer, struct buf *out,
                              const struct json_writer *writer, struct err *err)
{
    if (!json_writer_done(writer))
        return fail(err, ERR_LIMIT_PASSED, "items", "900 KB");
    struct told *told = xcalloc(1, sizeof *told);
    *told = (struct told){answer, buf_steal(out)};
    turn_after(host, tell, told);
    return true;
}

static bool tell_state(struct host *host, struct answer *answer, const struct item_hand *hand,
                       const char *state, struct err *err)
{
    struct buf out = buf_new(4096);
    struct json_writer writer = json_writer_new(&out);
    json_begin_object(&writer);
    json_write_key(&writer, "queue");
    json_write_text(&writer, hand->queue);
    json_write_key(&writer, "key");
    json_write_text(&writer, hand->key);
    json_write_key(&writer, "state");
    json_write_string(&writer, state);
    json_end_object(&writer);
    const bool good = tell_after_commit(host, answer, &out, &writer, err);
    buf_dispose(&out);
    return good;
}

static bool read_hand(struct item_hand *hand, const struct json *body, struct err *err)
{
    const char *key;
    if (!body_queue(&hand->queue, body, err) || !body_text(&key, body, "key", err))
        return false;
    hand->key = text_from(key);
    hand->data = TEXT_OF("");
    hand->actor = body_actor(body);
    hand->why = text_from(json_string_or(json_get(body, "why"), ""));
    return true;
}

bool request_items_retry(struct host *host, struct answer *answer, const struct json *body,
                         struct frame *frame, struct err *err)
{
    struct item_hand hand;
    SCOPED_BUF(data, ITEM_DATA_MAX);
    (void)frame;
    if (!read_hand(&hand, body, err) || !new_data(&data, host, &hand, body, err))
        return false;
    hand.data = buf_text(&data);
    if (!turn_begin(host, err) || !store_item_retry(host->store, &hand, err)) {
        turn_spoil(host, err);
        return false;
    }
    items_tell_added(host, hand.queue);
    log_info("item.retry", "queue=%.*s by=%s", (int)hand.queue.length, hand.queue.data, hand.actor);
    return tell_state(host, answer, &hand, "new", err);
}

bool request_items_close(struct host *host, struct answer *answer, const struct json *body,
                         struct frame *frame, struct err *err)
{
    struct item_hand hand;
    (void)frame;
    if (!read_hand(&hand, body, err))
        return false;
    if (!turn_begin(host, err) || !store_item_close(host->store, &hand, err)) {
        turn_spoil(host, err);
        return false;
    }
    return tell_state(host, answer, &hand, "abandoned", err);
}

// ---- importing

static bool read_imported(struct item_new *item, struct buf *data, const struct json *row, struct err *err)
{
    struct decimal amount;
    struct err ignored;
    struct json_writer writer = json_writer_new(data);
    item->key = text_from(json_string_or(json_get(row, "key"), ""));
    item->amount = text_from(json_string_or(json_get(row, "amount"), ""));
    item->note = text_from(json_string_or(json_get(row, "note"), ""));
    item->priority = json_int64_or(json_get(row, "priority"), 0);
    item->due_ms = json_int64_or(json_get(row, "due_ms"), ITEM_NO_DUE);
    json_write_value(&writer, json_get(row, "data"));
    if (item->key.length == 0 || item->key.length > ITEM_KEY_MAX)
        return fail(err, ERR_KEY_TOO_LONG, item->key.data, N(ITEM_KEY_MAX));
    if (item->amount.length && !decimal_parse(&amount, item->amount, &ignored))
        return fail(err, ERR_AMOUNT_WRONG, item->key.data, item->amount.data);
    if (!json_writer_done(&writer))
        return fail(err, ERR_ITEM_TOO_LARGE, item->key.data, N(ITEM_DATA_MAX));
    item->data = buf_text(data);
    return true;
}

// All are read before the first is added: what can't be read leaves nothing of its batch. `store` NULL: only reads.
static bool import_all(struct store *store, int64_t *added, struct text queue, const struct json *rows,
                       struct err *err)
{
    SCOPED_BUF(data, ITEM_DATA_MAX);
    for (const struct json *row = json_first(rows); row; row = json_next(row)) {
        bool fresh = false;
        struct item_new item = {.queue = queue};
        buf_clear(&data);
        if (!read_imported(&item, &data, row, err) || (store && !store_item_add(store, &fresh, &item, err)))
            return false;
        *added += fresh;
    }
    return true;
}

static bool audit_import(struct host *host, struct text queue, int64_t added, const char *actor,
                         struct err *err)
{
    SCOPED_BUF(content, 1024);
    struct json_writer writer = json_writer_new(&content);
    json_begin_object(&writer);
    json_write_key(&writer, "queue");
    json_write_text(&writer, queue);
    json_write_key(&writer, "added");
    json_write_integer(&writer, added);
    json_end_object(&writer);
    require(json_writer_done(&writer));
    return store_audit(host->store, actor, "items.import", 0, buf_text(&content), err);
}

bool request_items_import(struct host *host, struct answer *answer, const struct json *body,
                          struct frame *frame, struct err *err)
{
    const struct json *rows = json_get(body, "items");
    int64_t added = 0, there = 0;
    struct text queue;
    (void)frame;
    if (!body_queue(&queue, body, err))
        return false;
    if (json_kind(rows) != JSON_ARRAY || json_count(rows) > IMPORT_MAX)
        return fail(err, ERR_REQUEST_MALFORMED, "items");
    if (!store_items_number(host->store, &there, queue, QUEUE_ITEMS_MAX, err))
        return false;
    if (there + (int64_t)json_count(rows) > QUEUE_ITEMS_MAX)
        return fail(err, ERR_ITEMS_TOO_MANY, queue.data, N(QUEUE_ITEMS_MAX));
    if (!import_all(NULL, &added, queue, rows, err))
        return false;
    if (!turn_begin(host, err) || !import_all(host->store, &added, queue, rows, err) ||
        !audit_import(host, queue, added, body_actor(body), err)) {
        turn_spoil(host, err);
        return false;
    }
    items_tell_added(host, queue);
    struct buf out = buf_new(256);
    struct json_writer writer = json_writer_new(&out);
    json_begin_object(&writer);
    json_write_key(&writer, "added");
    json_write_integer(&writer, added);
    json_write_key(&writer, "there");
    json_write_integer(&writer, (int64_t)json_count(rows) - added);
    json_end_object(&writer);
    const bool good = tell_after_commit(host, answer, &out, &writer, err);
    buf_dispose(&out);
    return good;
}
