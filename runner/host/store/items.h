// Work items: named queues that robots fill and empty, whichever run and host they are in. In the host.
//
// Glossary: a *queue* is a name; an *item* is what is to be done once, found by its *key* in the queue; a run *takes* an
// item (it is leased to it) and *ends* it as done, exception or failed; *again* gives it back for another try.
//
// 1. Two runs never have the same item: taking is one statement that finds and marks it.
// 2. An item that is taken belongs to its run until the run ends it or is over (store_items_release).
// 3. The steps done inside an item go with it: a run that takes it after another finds them in its own journal.
// 4. Writing happens in the transaction of the turn, as all of the store's.
#ifndef RENKI_HOST_STORE_ITEMS_H
#define RENKI_HOST_STORE_ITEMS_H

#include "host/store/store.h"

#define ITEM_NO_DUE INT64_MAX

enum { QUEUE_NAME_MAX = 64, ITEM_KEY_MAX = 400, ITEM_DATA_MAX = 1000000, QUEUE_ITEMS_MAX = 1000000 };

enum item_state {
    ITEM_NEW,
    ITEM_TAKEN,
    ITEM_DONE,
    ITEM_EXCEPTION,
    ITEM_FAILED,
    ITEM_ABANDONED,
    ITEM_STATE_COUNT
};
extern const char *const item_state_names[ITEM_STATE_COUNT];
bool item_state_from_name(enum item_state *out, struct text name) MUST_CHECK;

struct item_new {
    struct text queue, key, data, amount, note; // data: JSON; amount: a decimal as written, or empty
    int64_t due_ms;                             // ITEM_NO_DUE for none
    int64_t priority;                           // higher ones first
    int64_t run;                                // who adds it; 0: a person
};
// *added is false when the key is there already; nothing is changed then.
bool store_item_add(struct store *store, bool *added, const struct item_new *item,
                    struct err *err) MUST_CHECK;
// At most `most` are counted.
bool store_items_number(struct store *store, int64_t *count, struct text queue, int64_t most,
                        struct err *err) MUST_CHECK;

struct item {
    int64_t number; // in the order of adding, across queues
    int64_t tries, priority, due_ms, run, former;
    struct text key, state, amount, note, data; // borrowed for the call
};
typedef bool (*store_item_visitor)(void *owner, const struct item *item, struct err *err);

// What this run has taken already, else the next one that may be: by priority, what is due first, then as added.
// `visit` is not called when there is none.
bool store_item_take(struct store *store, struct text queue, int64_t run, store_item_visitor visit,
                     void *owner, struct err *err) MUST_CHECK;
// For a rehearsal: the next new one after that number, left as it is.
bool store_item_look(struct store *store, struct text queue, int64_t after, store_item_visitor visit,
                     void *owner, struct err *err) MUST_CHECK;
bool store_item_find(struct store *store, struct text queue, struct text key, store_item_visitor visit,
                     void *owner, struct err *err) MUST_CHECK;
// When the first item that this run failed at may be tried again, ms since 1970; 0: there is none.
bool store_item_again_ms(struct store *store, int64_t *due_ms, struct text queue, int64_t run,
                         struct err *err) MUST_CHECK;
// The next item that this run ended earlier, after that number: `data` is its result.
bool store_item_past(struct store *store, struct text queue, int64_t run, int64_t after,
                     store_item_visitor visit, void *owner, struct err *err) MUST_CHECK;
struct item_end {
    struct text queue, key, state, amount, note;
    int64_t run, not_before_ms; // of "again"
};
// `state`: done, exception, failed or new (again). *ended is false when the run does not have it.
bool store_item_end(struct store *store, bool *ended, const struct item_end *end, struct err *err) MUST_CHECK;
// The run is over: what it still has becomes new again. What is in doubt of it goes with it: whoever takes it next asks
// (store_item_inherit).
// `visit` hears the queue of each.
typedef void (*store_release_visitor)(void *owner, struct text queue);
bool store_items_release(struct store *store, int64_t run, store_release_visitor visit, void *owner,
                         struct err *err) MUST_CHECK;
// What steps inside an item did in another run, and what is in doubt of it, becomes part of this one's journal; *copied:
// how many.
bool store_item_inherit(struct store *store, int64_t *copied, struct text queue, struct text key,
                        int64_t from, int64_t to, struct err *err) MUST_CHECK;

// ---- the queue as a whole
typedef bool (*store_item_amount_visitor)(void *owner, enum item_state state, struct text amount,
                                          int64_t count, struct err *err);
// Each amount that occurs in a state, and how often.
bool store_items_amounts(struct store *store, struct text queue, store_item_amount_visitor visit, void *owner,
                         struct err *err) MUST_CHECK;
bool store_items_counts(struct store *store, int64_t counts[ITEM_STATE_COUNT], struct text queue,
                        struct err *err) MUST_CHECK;
// The number of the newest that is new; 0: none is.
bool store_items_newest(struct store *store, int64_t *number, struct text queue, struct err *err) MUST_CHECK;
// What it must come to; empty texts: nothing is said.
bool store_queue_expect(struct store *store, struct text queue, struct text items, struct text sum,
                        struct err *err) MUST_CHECK;
typedef bool (*store_queue_visitor)(void *owner, struct text queue, struct text items, struct text sum,
                                    struct err *err);
// QUEUE_UNKNOWN when there is none.
bool store_queue_find(struct store *store, struct text queue, store_queue_visitor visit, void *owner,
                      struct err *err) MUST_CHECK;
// Those with items that the run ended, at most 20.
bool store_queues_of_run(struct store *store, int64_t run, store_queue_visitor visit, void *owner,
                         struct err *err) MUST_CHECK;

// ---- by hand; each writes what was before beside it, and the audit log
struct item_hand {
    struct text queue, key, data; // data empty: as it is
    const char *actor;
    struct text why;
};
// From taken only where the run that has it is over. ITEM_UNKNOWN; ITEM_STATE names the state that stands in the way.
bool store_item_retry(struct store *store, const struct item_hand *hand, struct err *err) MUST_CHECK;
bool store_item_close(struct store *store, const struct item_hand *hand, struct err *err) MUST_CHECK;

// ---- for people and programs: arrays of objects
struct item_filter {
    struct text queue, state; // state empty: all
    int64_t after, most;      // numbers above `after`
    bool with_data;
};
// { name, new, taken, done, exception, failed, abandoned, oldest_ms, overdue, expect_items, expect_sum }
bool store_queues_write(struct store *store, struct json_writer *out, struct err *err) MUST_CHECK;
bool store_items_write(struct store *store, struct json_writer *out, const struct item_filter *filter,
                       struct err *err) MUST_CHECK;
// One, with what was done to it by hand.
bool store_item_write(struct store *store, struct json_writer *out, struct text queue, struct text key,
                      struct err *err) MUST_CHECK;

#endif
