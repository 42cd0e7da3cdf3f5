// See totals.h. Accounted for is what is done or handed to a person (exception); what failed is not, nor what
// is in doubt: begun and torn off (about), or failed after something was done (doubt).
#include "host/totals.h"

#include "lib/decimal/decimal.h"

enum item_state { ITEM_DONE, ITEM_EXCEPTION, ITEM_FAILED, ITEM_DOUBT, ITEM_STATE_COUNT };
static const char *const names[] = {
    [ITEM_DONE] = "done", [ITEM_EXCEPTION] = "exception", [ITEM_FAILED] = "failed", [ITEM_DOUBT] = "doubt"};

struct totals {
    int64_t counts[ITEM_STATE_COUNT];
    struct decimal sums[ITEM_STATE_COUNT];
    bool has_amounts, overflown;
};

static bool add_item(void *owner, const struct entry *entry, struct err *err)
{
    struct totals *totals = owner;
    struct decimal amount;
    for (size_t i = 0; i < ITEM_STATE_COUNT; i++) {
        if (!text_is(entry->state, names[i]) && !(i == ITEM_DOUBT && text_is(entry->state, "about")))
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
    for (size_t i = 0; i < ITEM_STATE_COUNT; i++) {
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
    for (size_t i = 0; i < ITEM_STATE_COUNT; i++) {
        json_write_key(out, names[i]);
        write_decimal(out, &totals->sums[i], totals->has_amounts && !totals->overflown);
    }
    json_end_object(out);
}

// Expected less accounted for, both in items and in money.
struct balance {
    bool declared_items, declared_sum, known;
    int64_t items;
    struct decimal sum;
};

static struct balance weigh(const struct totals *totals, const struct run_row *run)
{
    struct balance balance = {.known = !totals->overflown};
    const int64_t accounted = totals->counts[ITEM_DONE] + totals->counts[ITEM_EXCEPTION];
    struct decimal sum;
    struct err err;
    balance.declared_items = run->expect_items && text_to_int64(text_from(run->expect_items), &balance.items);
    balance.items -= balance.declared_items ? accounted : 0;
    balance.declared_sum = run->expect_sum && decimal_parse(&balance.sum, text_from(run->expect_sum), &err);
    balance.known = balance.known &&
                    decimal_add(&sum, &totals->sums[ITEM_DONE], &totals->sums[ITEM_EXCEPTION], &err) &&
                    (!balance.declared_sum || decimal_subtract(&balance.sum, &balance.sum, &sum, &err));
    return balance;
}

static void write_balance(struct json_writer *out, const struct balance *balance, const struct run_row *run)
{
    const bool declared = balance->declared_items || balance->declared_sum;
    json_write_key(out, "expected");
    json_begin_object(out);
    json_write_key(out, "items");
    json_write_string(out, run->expect_items);
    json_write_key(out, "sum");
    json_write_string(out, run->expect_sum);
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
    for (size_t i = 0; i < ITEM_STATE_COUNT; i++)
        decimal_from_int64(&totals.sums[i], 0);
    if (!store_items(store, run->id, add_item, &totals, err))
        return false;
    const struct balance balance = weigh(&totals, run);
    const int64_t missing =
        balance.declared_items ? balance.items - totals.counts[ITEM_FAILED] - totals.counts[ITEM_DOUBT] : 0;
    json_begin_object(out);
    write_counts(out, &totals, missing > 0 ? missing : 0);
    write_sums(out, &totals);
    write_balance(out, &balance, run);
    json_end_object(out);
    return true;
}
