// See totals.h. Accounted for is what is done or handed to a person (exception); what failed is not, nor what
// is in doubt: begun and torn off (about), or failed after something was done (doubt).
#include "host/totals.h"

#include "host/store/items.h"

#include "lib/decimal/decimal.h"

enum counted { COUNT_DONE, COUNT_EXCEPTION, COUNT_FAILED, COUNT_DOUBT, COUNTED };
static const char *const names[] = {[COUNT_DONE] = "done",
                                    [COUNT_EXCEPTION] = "exception",
                                    [COUNT_FAILED] = "failed",
                                    [COUNT_DOUBT] = "doubt"};

struct totals {
    int64_t counts[COUNTED];
    struct decimal sums[COUNTED];
    bool has_amounts, overflown;
};

static bool add_item(void *owner, const struct entry *entry, struct err *err)
{
    struct totals *totals = owner;
    struct decimal amount;
    for (size_t i = 0; i < COUNTED; i++) {
        if (!text_is(entry->state, names[i]) && !(i == COUNT_DOUBT && text_is(entry->state, "about")))
            continue;
        totals->counts[i]++;
        if (entry->amount.length == 0)
            continue;
        totals->has_amounts = true;
        if (!decimal_parse(&amount, entry->amount, err) ||
            !decimal_add(&totals->sums[i], &totals->sums[i], &amount, err))
            totals->overflown = true;
    }
    return true;
}

static void write_decimal(struct json_writer *out, const struct decimal *value, bool known)
{
    SCOPED_BUF(text, DECIMAL_TEXT_MAX);
    if (known && decimal_text(&text, value))
        json_write_text(out, buf_text(&text));
    else
        json_write_null(out);
}

static void write_counts(struct json_writer *out, const struct totals *totals, int64_t left)
{
    json_write_key(out, "items");
    json_begin_object(out);
    for (size_t i = 0; i < COUNTED; i++) {
        json_write_key(out, names[i]);
        json_write_integer(out, totals->counts[i]);
    }
    json_write_key(out, "left");
    json_write_integer(out, left);
    json_end_object(out);
}

static void write_sums(struct json_writer *out, const struct totals *totals)
{
    json_write_key(out, "sums");
    json_begin_object(out);
    for (size_t i = 0; i < COUNTED; i++) {
        json_write_key(out, names[i]);
        write_decimal(out, &totals->sums[i], totals->has_amounts && !totals->overflown);
    }
    json_end_object(out);
}

struct expected {
    const char *items, *sum; // as written; NULL: nothing was said
};

// Expected less accounted for, both in items and in money.
struct balance {
    bool declared_items, declared_sum, known;
    int64_t items;
    struct decimal sum;
};

static struct balance weigh(const struct totals *totals, const struct expected *expected)
{
    struct balance balance = {.known = !totals->overflown};
    const int64_t accounted = totals->counts[COUNT_DONE] + totals->counts[COUNT_EXCEPTION];
    struct decimal sum;
    struct err err;
    balance.declared_items = expected->items && text_to_int64(text_from(expected->items), &balance.items);
    balance.items -= balance.declared_items ? accounted : 0;
    balance.declared_sum = expected->sum && decimal_parse(&balance.sum, text_from(expected->sum), &err);
    balance.known = balance.known &&
                    decimal_add(&sum, &totals->sums[COUNT_DONE], &totals->sums[COUNT_EXCEPTION], &err) &&
                    (!balance.declared_sum || decimal_subtract(&balance.sum, &balance.sum, &sum, &err));
    return balance;
}

static void write_balance(struct json_writer *out, const struct balance *balance,
                          const struct expected *expected)
{
    const bool declared = balance->declared_items || balance->declared_sum;
    json_write_key(out, "expected");
    json_begin_object(out);
    json_write_key(out, "items");
    json_write_string(out, expected->items);
    json_write_key(out, "sum");
    json_write_string(out, expected->sum);
    json_end_object(out);
    json_write_key(out, "balanced");
    if (declared)
        json_write_boolean(out, balance->items == 0 && (!balance->declared_sum ||
                                                        (balance->known && decimal_is_zero(&balance->sum))));
    else
        json_write_null(out);
    json_write_key(out, "difference");
    json_begin_object(out);
    json_write_key(out, "items");
    if (balance->declared_items)
        json_write_integer(out, balance->items);
    else
        json_write_null(out);
    json_write_key(out, "sum");
    write_decimal(out, &balance->sum, balance->declared_sum && balance->known);
    json_end_object(out);
}

bool totals_write(struct json_writer *out, struct store *store, const struct run_row *run, struct err *err)
{
    struct totals totals = {.has_amounts = false};
    for (size_t i = 0; i < COUNTED; i++)
        decimal_from_int64(&totals.sums[i], 0);
    if ((run->recorded & RECORDED_ENTRIES) && !store_items(store, run->id, add_item, &totals, err))
        return false;
    const struct expected expected = {run->expect_items, run->expect_sum};
    const struct balance balance = weigh(&totals, &expected);
    const int64_t missing =
        balance.declared_items ? balance.items - totals.counts[COUNT_FAILED] - totals.counts[COUNT_DOUBT] : 0;
    json_begin_object(out);
    write_counts(out, &totals, missing > 0 ? missing : 0);
    write_sums(out, &totals);
    write_balance(out, &balance, &expected);
    json_end_object(out);
    return true;
}

// ---- queues

struct queue_totals {
    struct totals totals; // what was closed by hand counts as settled by a person
    int64_t counts[ITEM_STATE_COUNT];
    struct decimal left; // of what is new or taken
};

static bool add_amounts(struct queue_totals *queue, struct decimal *sum, struct text amount, int64_t count,
                        struct err *err)
{
    struct decimal value, times;
    if (amount.length == 0)
        return true;
    queue->totals.has_amounts = true;
    decimal_from_int64(&times, count);
    if (!decimal_parse(&value, amount, err) || !decimal_multiply(&value, &value, &times, err) ||
        !decimal_add(sum, sum, &value, err))
        queue->totals.overflown = true;
    return true;
}

static bool add_state(void *owner, enum item_state state, struct text amount, int64_t count, struct err *err)
{
    static const enum counted as[ITEM_STATE_COUNT] = {[ITEM_DONE] = COUNT_DONE,
                                                      [ITEM_EXCEPTION] = COUNT_EXCEPTION,
                                                      [ITEM_FAILED] = COUNT_FAILED,
                                                      [ITEM_ABANDONED] = COUNT_EXCEPTION};
    struct queue_totals *queue = owner;
    queue->counts[state] += count;
    if (state == ITEM_NEW || state == ITEM_TAKEN)
        return add_amounts(queue, &queue->left, amount, count, err);
    queue->totals.counts[as[state]] += count;
    return add_amounts(queue, &queue->totals.sums[as[state]], amount, count, err);
}

static void write_queue(struct json_writer *out, const struct queue_totals *queue,
                        const struct expected *expected)
{
    const struct balance balance = weigh(&queue->totals, expected);
    json_write_key(out, "items");
    json_begin_object(out);
    for (size_t i = 0; i < ITEM_STATE_COUNT; i++) {
        json_write_key(out, item_state_names[i]);
        json_write_integer(out, queue->counts[i]);
    }
    json_write_key(out, "left");
    json_write_integer(out, queue->counts[ITEM_NEW] + queue->counts[ITEM_TAKEN]);
    json_end_object(out);
    write_sums(out, &queue->totals);
    json_write_key(out, "sum_left");
    write_decimal(out, &queue->left, queue->totals.has_amounts && !queue->totals.overflown);
    write_balance(out, &balance, expected);
}

bool totals_write_queue(struct json_writer *out, struct store *store, struct text name, struct text items,
                        struct text sum, struct err *err)
{
    SCOPED_TEXT char *expected_items = items.length ? text_copy(items) : NULL;
    SCOPED_TEXT char *expected_sum = sum.length ? text_copy(sum) : NULL;
    const struct expected expected = {expected_items, expected_sum};
    struct queue_totals *queue = xcalloc(1, sizeof *queue);
    for (size_t i = 0; i < COUNTED; i++)
        decimal_from_int64(&queue->totals.sums[i], 0);
    decimal_from_int64(&queue->left, 0);
    const bool good = store_items_amounts(store, name, add_state, queue, err);
    json_begin_object(out);
    json_write_key(out, "name");
    json_write_text(out, name);
    if (good)
        write_queue(out, queue, &expected);
    json_end_object(out);
    xfree(queue);
    return good;
}

struct queues {
    struct json_writer *out;
    struct store *store;
};

static bool write_one(void *owner, struct text name, struct text items, struct text sum, struct err *err)
{
    const struct queues *queues = owner;
    return totals_write_queue(queues->out, queues->store, name, items, sum, err);
}

bool totals_write_queues(struct json_writer *out, struct store *store, const struct run_row *run,
                         struct err *err)
{
    struct queues queues = {out, store};
    json_begin_array(out);
    const bool good =
        !(run->recorded & RECORDED_ENTRIES) || store_queues_of_run(store, run->id, write_one, &queues, err);
    json_end_array(out);
    return good;
}
