// The audit log: one row a deed, written in the transaction of the deed, each chained to the one before. In the host.
//
// There is one chain, whichever host writes. Rows are kept in memory until the commit and chained there, under a lock
// that ends with the transaction: those that write none (steps, items) never wait for others.
//
// The content stands beside and may be pruned without breaking the chain (lib/chain).
#include "host/store/store_own.h"
#include "lib/chain/chain.h"

struct audit_row {
    struct chain_row row;
    unsigned char chain_hash[CHAIN_HASH_SIZE];
};

static bool take_last(void *owner, const struct row *row, struct err *err)
{
    struct audit_row *last = owner;
    (void)err;
    last->row.number = row->values[0].integer;
    if (row->values[1].text.length == CHAIN_HASH_SIZE)
        memcpy(last->chain_hash, row->values[1].text.data, CHAIN_HASH_SIZE);
    return true;
}

// ---- rows that wait for the commit

enum { PENDING_MAX = 4096 };

struct audit_pending {
    int64_t time_ms, run;
    char *actor, *event, *content;
    size_t content_length;
};

void audit_forget_pending(struct store *store)
{
    for (size_t i = 0; i < store->pending_count; i++) {
        struct audit_pending *pending = &store->pending[i];
        xfree(pending->actor);
        xfree(pending->event);
        xfree(pending->content);
    }
    store->pending_count = 0;
}

static bool append(struct store *store, struct audit_row *last, const struct audit_pending *pending,
                   struct err *err)
{
    struct audit_row next = {.row = {.number = last->row.number + 1,
                                     .time_ms = pending->time_ms,
                                     .run = pending->run,
                                     .actor = text_from(pending->actor),
                                     .event = text_from(pending->event)}};
    const struct text content = text_of(pending->content, pending->content_length);
    chain_content(next.row.content_hash, content);
    chain_next(next.chain_hash, last->chain_hash, &next.row);
    *last = next;
    return RUN(store,
               "INSERT INTO audit (number, time_ms, actor, event, run, content, content_hash, chain_hash)"
               " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
               NULL, NULL, VALUE_OF_INTEGER(next.row.number), VALUE_OF_INTEGER(next.row.time_ms),
               VALUE_OF_TEXT(next.row.actor), VALUE_OF_TEXT(next.row.event), VALUE_OF_INTEGER(next.row.run),
               VALUE_OF_TEXT(content),
               VALUE_OF_BYTES(text_of((const char *)next.row.content_hash, CHAIN_HASH_SIZE)),
               VALUE_OF_BYTES(text_of((const char *)next.chain_hash, CHAIN_HASH_SIZE)));
}

bool audit_append_pending(void *owner, struct err *err)
{
    struct store *store = owner;
    struct audit_row last = {0};
    if (!store->pending_count)
        return true;
    if (!store->backend->lock(store->database, DATABASE_LOCK_AUDIT, err) ||
        !RUN(store, "SELECT number, chain_hash FROM audit ORDER BY number DESC LIMIT 1", take_last, &last))
        return false;
    for (size_t i = 0; i < store->pending_count; i++)
        if (!append(store, &last, &store->pending[i], err))
            return false;
    return true;
}

static struct audit_pending *pending_add(struct store *store)
{
    if (store->pending_count == store->pending_capacity) {
        store->pending_capacity = store->pending_capacity ? 2 * store->pending_capacity : 16;
        store->pending = xreallocarray(store->pending, store->pending_capacity, sizeof *store->pending);
    }
    return &store->pending[store->pending_count++];
}

bool store_audit(struct store *store, const char *actor, const char *event, int64_t run, struct text content,
                 struct err *err)
{
    require(store->begun);
    if (store->pending_count == PENDING_MAX) { // a very large transaction holds the chain from here on
        if (!audit_append_pending(store, err))
            return false;
        audit_forget_pending(store);
    }
    *pending_add(store) = (struct audit_pending){
        .time_ms = store_now_ms(store),
        .run = run,
        .actor = xstrdup(actor),
        .event = xstrdup(event),
        .content = text_copy(content),
        .content_length = content.length,
    };
    return true;
}

static bool same(struct text stored, const unsigned char hash[CHAIN_HASH_SIZE])
{
    return stored.length == CHAIN_HASH_SIZE && memcmp(stored.data, hash, CHAIN_HASH_SIZE) == 0;
}

static bool verify_row(void *owner, const struct row *row, struct err *err)
{
    struct audit_row *last = owner;
    struct audit_row next = {.row = {.number = row->values[0].integer,
                                     .time_ms = row->values[1].integer,
                                     .actor = row->values[2].text,
                                     .event = row->values[3].text,
                                     .run = row->values[4].integer}};
    chain_content(next.row.content_hash, row->values[5].text);
    chain_next(next.chain_hash, last->chain_hash, &next.row);
    if (next.row.number != last->row.number + 1 || !same(row->values[6].text, next.row.content_hash) ||
        !same(row->values[7].text, next.chain_hash))
        return fail(err, ERR_AUDIT_BROKEN, N(last->row.number + 1));
    last->row.number = next.row.number;
    memcpy(last->chain_hash, next.chain_hash, CHAIN_HASH_SIZE);
    return true;
}

bool store_audit_verify(struct store *store, int64_t *rows, struct err *err)
{
    struct audit_row last = {0};
    if (!store->backend->each(store->database,
                              "SELECT number, time_ms, actor, event, run, content, content_hash, chain_hash"
                              " FROM audit ORDER BY number",
                              NULL, 0, verify_row, &last, err))
        return false;
    *rows = last.row.number;
    return true;
}
