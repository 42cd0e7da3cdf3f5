// See items.h. The statements behind queues of work items.
//
// An item that another host's transaction is about to take is passed over (FOR UPDATE SKIP LOCKED, PostgreSQL; in SQLite
// there is only one writer at a time).
#include "host/store/items.h"

#include "host/store/store_own.h"

#define INTEGER(number) VALUE_OF_INTEGER(number)
#define TEXT(borrowed) VALUE_OF_TEXT(borrowed)
#define OPTIONAL(borrowed) ((borrowed).length ? VALUE_OF_TEXT(borrowed) : (struct value){.kind = VALUE_NULL})

const char *const item_state_names[ITEM_STATE_COUNT] = {
    [ITEM_NEW] = "new",       [ITEM_TAKEN] = "taken",
    [ITEM_DONE] = "done",     [ITEM_EXCEPTION] = "exception",
    [ITEM_FAILED] = "failed", [ITEM_ABANDONED] = "abandoned",
};

bool item_state_from_name(enum item_state *out, struct text name)
{
    for (size_t i = 0; i < ITEM_STATE_COUNT; i++)
        if (text_is(name, item_state_names[i])) {
            *out = (enum item_state)i;
            return true;
        }
    return false;
}

static bool take_flag(void *owner, const struct row *row, struct err *err)
{
    (void)row, (void)err;
    *(bool *)owner = true;
    return true;
}

// ---- adding

static bool need_queue(struct store *store, struct text queue, struct err *err)
{
    return RUN(store, "INSERT INTO queues (name, created_ms) VALUES (?1, ?2) ON CONFLICT (name) DO NOTHING",
               NULL, NULL, TEXT(queue), INTEGER(store_now_ms(store)));
}

bool store_item_add(struct store *store, bool *added, const struct item_new *item, struct err *err)
{
    *added = false;
    return need_queue(store, item->queue, err) &&
           RUN(store,
               "INSERT INTO work_items (queue, key, state, data, amount, note, priority, due_ms, added_by,"
               " created_ms, changed_ms) VALUES (?1, ?2, 'new', ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?9)"
               " ON CONFLICT (queue, key) DO NOTHING RETURNING number",
               take_flag, added, TEXT(item->queue), TEXT(item->key), TEXT(item->data), TEXT(item->amount),
               TEXT(item->note), INTEGER(item->priority), INTEGER(item->due_ms), INTEGER(item->run),
               INTEGER(store_now_ms(store)));
}

bool store_items_number(struct store *store, int64_t *count, struct text queue, int64_t most, struct err *err)
{
    *count = 0;
    return RUN(store,
               "SELECT count(*) FROM (SELECT 1 AS one FROM work_items WHERE queue = ?1 LIMIT ?2) AS counted",
               store_take_integer, count, TEXT(queue), INTEGER(most));
}

// ---- taking and ending

struct visit_item {
    store_item_visitor visit;
    void *owner;
    bool found;
};

static bool hand_item(void *owner, const struct row *row, struct err *err)
{
    struct visit_item *visitor = owner;
    const struct item item = {
        .number = row->values[0].integer,
        .tries = row->values[1].integer,
        .priority = row->values[2].integer,
        .due_ms = row->values[3].integer,
        .run = row->values[4].integer,
        .former = row->values[5].integer,
        .key = row->values[6].text,
        .state = row->values[7].text,
        .amount = row->values[8].text,
        .note = row->values[9].text,
        .data = row->values[10].text,
    };
    visitor->found = true;
    return visitor->visit(visitor->owner, &item, err);
}

bool store_item_take(struct store *store, struct text queue, int64_t run, store_item_visitor visit,
                     void *owner, struct err *err)
{
    struct visit_item visitor = {visit, owner, false};
    const int64_t now_ms = store_now_ms(store);
    if (!RUN(
            store,
            "SELECT number, tries, priority, due_ms, run, run, key, state, amount, note, data FROM work_items"
            " WHERE run = ?2 AND state = 'taken' AND queue = ?1 ORDER BY number LIMIT 1",
            hand_item, &visitor, TEXT(queue), INTEGER(run)))
        return false;
    return visitor.found ||
           RUN(store,
               "UPDATE work_items SET state = 'taken', former = run, run = ?2, tries = tries + 1,"
               " changed_ms = ?3, not_before_ms = 0 WHERE number = (SELECT number FROM work_items"
               " WHERE queue = ?1 AND state = 'new' AND not_before_ms <= ?3"
               " ORDER BY priority DESC, due_ms, number LIMIT 1 FOR UPDATE SKIP LOCKED)"
               " RETURNING number, tries, priority, due_ms, run, former, key, state, amount, note, data",
               hand_item, &visitor, TEXT(queue), INTEGER(run), INTEGER(now_ms));
}

bool store_item_look(struct store *store, struct text queue, int64_t after, store_item_visitor visit,
                     void *owner, struct err *err)
{
    struct visit_item visitor = {visit, owner, false};
    return RUN(store,
               "SELECT number, tries, priority, due_ms, run, former, key, state, amount, note, data"
               " FROM work_items WHERE queue = ?1 AND state = 'new' AND number > ?2 ORDER BY number LIMIT 1",
               hand_item, &visitor, TEXT(queue), INTEGER(after));
}

bool store_item_find(struct store *store, struct text queue, struct text key, store_item_visitor visit,
                     void *owner, struct err *err)
{
    struct visit_item visitor = {visit, owner, false};
    return RUN(store,
               "SELECT number, tries, priority, due_ms, run, former, key, state, amount, note, data"
               " FROM work_items WHERE queue = ?1 AND key = ?2",
               hand_item, &visitor, TEXT(queue), TEXT(key));
}

bool store_item_again_ms(struct store *store, int64_t *due_ms, struct text queue, int64_t run,
                         struct err *err)
{
    *due_ms = 0;
    return RUN(store,
               "SELECT not_before_ms FROM work_items WHERE queue = ?1 AND state = 'new' AND not_before_ms > 0"
               " AND run = ?2 ORDER BY not_before_ms LIMIT 1",
               store_take_integer, due_ms, TEXT(queue), INTEGER(run));
}

bool store_item_past(struct store *store, struct text queue, int64_t run, int64_t after,
                     store_item_visitor visit, void *owner, struct err *err)
{
    struct visit_item visitor = {visit, owner, false};
    SCOPED_TEXT char *scope = xasprintf("queue %.*s", (int)queue.length, queue.data);
    return RUN(store,
               "SELECT position, 0, 0, 0, run, 0, key, state, amount, note, result FROM entries"
               " WHERE run = ?1 AND scope = ?2 AND kind = 'item' AND state IN ('done', 'exception')"
               " AND substr(scope, 1, 6) = 'queue ' AND position > ?3 ORDER BY position LIMIT 1",
               hand_item, &visitor, INTEGER(run), TEXT(text_from(scope)), INTEGER(after));
}

bool store_item_end(struct store *store, bool *ended, const struct item_end *end, struct err *err)
{
    *ended = false;
    return RUN(store,
               "UPDATE work_items SET state = ?3, note = ?5, changed_ms = ?6, not_before_ms = ?7,"
               " amount = CASE WHEN ?4 = '' THEN amount ELSE ?4 END"
               " WHERE queue = ?1 AND key = ?2 AND run = ?8 AND state = 'taken' RETURNING number",
               take_flag, ended, TEXT(end->queue), TEXT(end->key), TEXT(end->state), TEXT(end->amount),
               TEXT(end->note), INTEGER(store_now_ms(store)), INTEGER(end->not_before_ms), INTEGER(end->run));
}

struct visit_release {
    store_release_visitor visit;
    void *owner;
};

static bool hand_release(void *owner, const struct row *row, struct err *err)
{
    const struct visit_release *visitor = owner;
    (void)err;
    visitor->visit(visitor->owner, row->values[0].text);
    return true;
}

bool store_items_release(struct store *store, int64_t run, store_release_visitor visit, void *owner,
                         struct err *err)
{
    struct visit_release visitor = {visit, owner};
    return RUN(store,
               "UPDATE work_items SET state = 'new', changed_ms = ?2 WHERE run = ?1 AND state = 'taken'"
               " RETURNING queue",
               hand_release, &visitor, INTEGER(run), INTEGER(store_now_ms(store)));
}

static bool count_row(void *owner, const struct row *row, struct err *err)
{
    (void)row, (void)err;
    ++*(int64_t *)owner;
    return true;
}

bool store_item_inherit(struct store *store, int64_t *copied, struct text queue, struct text key,
                        int64_t from, int64_t to, struct err *err)
{
    SCOPED_TEXT char *list = xasprintf("queue %.*s", (int)queue.length, queue.data);
    SCOPED_TEXT char *scope = xasprintf("%s/%.*s", list, (int)key.length, key.data);
    *copied = 0;
    // What is done in it, and what is in doubt of it, with what was noted before it left.
    return RUN(store,
               "INSERT INTO entries (run, kind, scope, key, position, state, amount, note, result, attempt,"
               " time_ms) SELECT ?2, kind, scope, key, position, state, amount, note, result, attempt,"
               " time_ms FROM entries WHERE run = ?1 AND ((scope = ?3 AND kind = 'step' AND state IN"
               " ('done', 'about', 'doubt')) OR (scope = ?4 AND key = ?5 AND state IN ('about', 'doubt')))"
               " ON CONFLICT (run, scope, key) DO NOTHING RETURNING run",
               count_row, copied, INTEGER(from), INTEGER(to), TEXT(text_from(scope)), TEXT(text_from(list)),
               TEXT(key)) &&
           RUN(store,
               "INSERT INTO abouts (run, attempt, call, scope, key, method, host, path, bytes, time_ms)"
               " SELECT ?2, attempt, -call, scope, key, method, host, path, bytes, time_ms FROM abouts"
               " WHERE run = ?1 AND (scope = ?3 OR (scope = ?4 AND key = ?5))"
               " ON CONFLICT (run, attempt, call) DO NOTHING",
               NULL, NULL, INTEGER(from), INTEGER(to), TEXT(text_from(scope)), TEXT(text_from(list)),
               TEXT(key));
}

// ---- the queue as a whole

struct visit_amount {
    store_item_amount_visitor visit;
    void *owner;
};

static bool hand_amount(void *owner, const struct row *row, struct err *err)
{
    const struct visit_amount *visitor = owner;
    enum item_state state;
    return !item_state_from_name(&state, row->values[0].text) ||
           visitor->visit(visitor->owner, state, row->values[1].text, row->values[2].integer, err);
}

bool store_items_amounts(struct store *store, struct text queue, store_item_amount_visitor visit, void *owner,
                         struct err *err)
{
    struct visit_amount visitor = {visit, owner};
    return RUN(store,
               "SELECT state, amount, count(*) FROM work_items WHERE queue = ?1 GROUP BY state, amount",
               hand_amount, &visitor, TEXT(queue));
}

static bool take_count(void *owner, const struct row *row, struct err *err)
{
    int64_t *counts = owner;
    enum item_state state;
    (void)err;
    if (item_state_from_name(&state, row->values[0].text))
        counts[state] = row->values[1].integer;
    return true;
}

bool store_items_counts(struct store *store, int64_t counts[ITEM_STATE_COUNT], struct text queue,
                        struct err *err)
{
    memset(counts, 0, ITEM_STATE_COUNT * sizeof *counts);
    return RUN(store, "SELECT state, count(*) FROM work_items WHERE queue = ?1 GROUP BY state", take_count,
               counts, TEXT(queue));
}

bool store_items_newest(struct store *store, int64_t *number, struct text queue, struct err *err)
{
    *number = 0;
    return RUN(store, "SELECT coalesce(max(number), 0) FROM work_items WHERE queue = ?1 AND state = 'new'",
               store_take_integer, number, TEXT(queue));
}

bool store_queue_expect(struct store *store, struct text queue, struct text items, struct text sum,
                        struct err *err)
{
    return need_queue(store, queue, err) &&
           RUN(store, "UPDATE queues SET expect_items = ?2, expect_sum = ?3 WHERE name = ?1", NULL, NULL,
               TEXT(queue), OPTIONAL(items), OPTIONAL(sum));
}

struct visit_queue {
    store_queue_visitor visit;
    void *owner;
    bool found;
};

static bool hand_queue(void *owner, const struct row *row, struct err *err)
{
    struct visit_queue *visitor = owner;
    visitor->found = true;
    return visitor->visit(visitor->owner, row->values[0].text, row->values[1].text, row->values[2].text, err);
}

bool store_queue_find(struct store *store, struct text queue, store_queue_visitor visit, void *owner,
                      struct err *err)
{
    struct visit_queue visitor = {visit, owner, false};
    if (!RUN(store,
             "SELECT name, coalesce(expect_items, ''), coalesce(expect_sum, '') FROM queues WHERE name = ?1",
             hand_queue, &visitor, TEXT(queue)))
        return false;
    if (visitor.found)
        return true;
    SCOPED_TEXT char *name = text_copy(queue);
    return fail(err, ERR_QUEUE_UNKNOWN, name);
}

bool store_queues_of_run(struct store *store, int64_t run, store_queue_visitor visit, void *owner,
                         struct err *err)
{
    struct visit_queue visitor = {visit, owner, false};
    return RUN(store,
               "SELECT name, coalesce(expect_items, ''), coalesce(expect_sum, '') FROM queues WHERE EXISTS"
               " (SELECT 1 FROM entries WHERE run = ?1 AND kind = 'item' AND scope = 'queue ' || queues.name)"
               " ORDER BY name LIMIT 20",
               hand_queue, &visitor, INTEGER(run));
}

// ---- by hand

static bool audit_hand(struct store *store, const char *event, const struct item_hand *hand,
                       const struct item *before, struct err *err)
{
    SCOPED_BUF(content, 16384);
    struct json_writer writer = json_writer_new(&content);
    json_begin_object(&writer);
    json_write_key(&writer, "queue");
    json_write_text(&writer, hand->queue);
    json_write_key(&writer, "key");
    json_write_text(&writer, hand->key);
    json_write_key(&writer, "from");
    json_write_text(&writer, before->state);
    json_write_key(&writer, "edited");
    json_write_boolean(&writer, hand->data.length > 0);
    json_write_key(&writer, "why");
    json_write_lossy(&writer, hand->why);
    json_end_object(&writer);
    return json_writer_done(&writer) ? store_audit(store, hand->actor, event, 0, buf_text(&content), err)
                                     : fail(err, ERR_LIMIT_PASSED, "why", "2 KB");
}

// What it was goes beside it, for good.
static bool keep_before(struct store *store, const char *what, const struct item_hand *hand,
                        const struct item *before, struct err *err)
{
    return RUN(store,
               "INSERT INTO item_changes (item, time_ms, actor, what, state, note, data, why)"
               " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
               NULL, NULL, INTEGER(before->number), INTEGER(store_now_ms(store)),
               TEXT(text_from(hand->actor)), TEXT(text_from(what)), TEXT(before->state), TEXT(before->note),
               TEXT(before->data), TEXT(hand->why));
}

struct by_hand {
    struct store *store;
    const struct item_hand *hand;
    const char *what, *event;
    bool of_new; // one that nobody has taken may be touched
};

// The run that has it may still end it.
static bool is_free(struct store *store, bool *is, int64_t run, struct err *err)
{
    int64_t live = 0;
    const bool good = RUN(store,
                          "SELECT count(*) FROM runs WHERE id = ?1 AND state IN ('queued', 'running',"
                          " 'waiting', 'in doubt')",
                          store_take_integer, &live, INTEGER(run));
    *is = live == 0;
    return good;
}

static bool keep_if_allowed(void *owner, const struct item *item, struct err *err)
{
    const struct by_hand *by = owner;
    bool allowed = !text_is(item->state, by->of_new ? "abandoned" : "new") && !text_is(item->state, "done");
    if (text_is(item->state, "taken") && !is_free(by->store, &allowed, item->run, err))
        return false;
    if (allowed)
        return keep_before(by->store, by->what, by->hand, item, err) &&
               audit_hand(by->store, by->event, by->hand, item, err);
    SCOPED_TEXT char *key = text_copy(item->key);
    SCOPED_TEXT char *state = text_copy(item->state);
    return fail(err, ERR_ITEM_STATE, key, state);
}

static bool before(struct store *store, struct by_hand *by, struct err *err)
{
    struct visit_item visitor = {keep_if_allowed, by, false};
    if (!RUN(store,
             "SELECT number, tries, priority, due_ms, run, former, key, state, amount, note, data"
             " FROM work_items WHERE queue = ?1 AND key = ?2",
             hand_item, &visitor, TEXT(by->hand->queue), TEXT(by->hand->key)))
        return false;
    if (visitor.found)
        return true;
    SCOPED_TEXT char *key = text_copy(by->hand->key);
    SCOPED_TEXT char *queue = text_copy(by->hand->queue);
    return fail(err, ERR_ITEM_UNKNOWN, key, queue);
}

// With other data it is another piece of work: what was done for the old one is not passed over (run 0).
bool store_item_retry(struct store *store, const struct item_hand *hand, struct err *err)
{
    struct by_hand by = {store, hand, "retry", "item.retry", false};
    return before(store, &by, err) &&
           RUN(store,
               "UPDATE work_items SET state = 'new', note = '', not_before_ms = 0, changed_ms = ?4,"
               " data = CASE WHEN ?3 = '' THEN data ELSE ?3 END, run = CASE WHEN ?3 = '' THEN run ELSE 0 END"
               " WHERE queue = ?1 AND key = ?2",
               NULL, NULL, TEXT(hand->queue), TEXT(hand->key), TEXT(hand->data),
               INTEGER(store_now_ms(store)));
}

bool store_item_close(struct store *store, const struct item_hand *hand, struct err *err)
{
    struct by_hand by = {store, hand, "close", "item.close", true};
    return before(store, &by, err) &&
           RUN(store,
               "UPDATE work_items SET state = 'abandoned', note = ?3, not_before_ms = 0, changed_ms = ?4"
               " WHERE queue = ?1 AND key = ?2",
               NULL, NULL, TEXT(hand->queue), TEXT(hand->key), TEXT(hand->why), INTEGER(store_now_ms(store)));
}

// ---- for people and programs

bool store_queues_write(struct store *store, struct json_writer *out, struct err *err)
{
    json_begin_array(out);
    const bool good = RUN(store,
                          "SELECT queues.name AS name, count(CASE WHEN state = 'new' THEN 1 END) AS new,"
                          " count(CASE WHEN state = 'taken' THEN 1 END) AS taken,"
                          " count(CASE WHEN state = 'done' THEN 1 END) AS done,"
                          " count(CASE WHEN state = 'exception' THEN 1 END) AS exception,"
                          " count(CASE WHEN state = 'failed' THEN 1 END) AS failed,"
                          " count(CASE WHEN state = 'abandoned' THEN 1 END) AS abandoned,"
                          " min(CASE WHEN state = 'new' THEN work_items.created_ms END) AS oldest_ms,"
                          " count(CASE WHEN state IN ('new', 'taken') AND due_ms < ?1 THEN 1 END) AS overdue,"
                          " max(expect_items) AS expect_items, max(expect_sum) AS expect_sum"
                          " FROM queues LEFT JOIN work_items ON work_items.queue = queues.name"
                          " GROUP BY queues.name ORDER BY queues.name",
                          store_write_row, out, INTEGER(store_now_ms(store)));
    json_end_array(out);
    return good;
}

bool store_items_write(struct store *store, struct json_writer *out, const struct item_filter *filter,
                       struct err *err)
{
    json_begin_array(out);
    const bool good =
        RUN(store,
            "SELECT number, key, state, CASE WHEN ?5 = 1 THEN data END AS \"data!\", amount, note, priority,"
            " CASE WHEN due_ms = 9223372036854775807 THEN NULL ELSE due_ms END AS due_ms, tries, run,"
            " created_ms, changed_ms FROM work_items WHERE queue = ?1 AND number > ?2"
            " AND (?3 = '' OR state = ?3) ORDER BY number LIMIT ?4",
            store_write_row, out, TEXT(filter->queue), INTEGER(filter->after), TEXT(filter->state),
            INTEGER(filter->most), INTEGER(filter->with_data));
    json_end_array(out);
    return good;
}

bool store_item_write(struct store *store, struct json_writer *out, struct text queue, struct text key,
                      struct err *err)
{
    json_write_key(out, "item");
    json_begin_array(out);
    bool good = RUN(store,
                    "SELECT number, key, state, data AS \"data!\", amount, note, priority,"
                    " CASE WHEN due_ms = 9223372036854775807 THEN NULL ELSE due_ms END AS due_ms, tries, run,"
                    " added_by, created_ms, changed_ms FROM work_items WHERE queue = ?1 AND key = ?2",
                    store_write_row, out, TEXT(queue), TEXT(key));
    json_end_array(out);
    json_write_key(out, "changes");
    json_begin_array(out);
    good = good && RUN(store,
                       "SELECT item_changes.time_ms, actor, what, item_changes.state, item_changes.note, why,"
                       " item_changes.data AS \"data!\" FROM item_changes JOIN work_items"
                       " ON work_items.number = item_changes.item WHERE queue = ?1 AND key = ?2"
                       " ORDER BY item_changes.time_ms LIMIT 100",
                       store_write_row, out, TEXT(queue), TEXT(key));
    json_end_array(out);
    return good;
}
