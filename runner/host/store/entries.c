// The journal of runs: what was begun, sent and done in them. In the host.
#include "host/store/store_own.h"

#define INTEGER(number) VALUE_OF_INTEGER(number)
#define TEXT(borrowed) VALUE_OF_TEXT(borrowed)

enum { ITEMS_AT_ONCE = 1000 };

struct visit_entry {
    store_entry_visitor visit;
    void *owner;
};

static bool hand_entry(void *owner, const struct row *row, struct err *err)
{
    const struct visit_entry *visitor = owner;
    const struct entry entry = {
        .kind = row->values[0].text,
        .state = row->values[1].text,
        .amount = row->values[2].text,
        .note = row->values[3].text,
        .result = row->values[4].text,
        .position = row->values[5].integer,
        .attempt = row->values[6].integer,
        .key = row->values[7].text,
    };
    return visitor->visit(visitor->owner, &entry, err);
}

bool store_entry_find(struct store *store, int64_t run, struct text scope, struct text key,
                      store_entry_visitor visit, void *owner, struct err *err)
{
    struct visit_entry visitor = {visit, owner};
    return RUN(store,
               "SELECT kind, state, amount, note, result, position, attempt, key FROM entries"
               " WHERE run = ?1 AND scope = ?2 AND key = ?3",
               hand_entry, &visitor, INTEGER(run), TEXT(scope), TEXT(key));
}

bool store_entry_put(struct store *store, int64_t run, const struct entry *entry, struct err *err)
{
    return RUN(
        store,
        "INSERT INTO entries (run, kind, scope, key, position, state, amount, note, result, attempt, time_ms)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)"
        " ON CONFLICT (run, scope, key) DO UPDATE SET position = excluded.position, state = excluded.state,"
        " amount = excluded.amount, note = excluded.note, result = excluded.result,"
        " attempt = excluded.attempt, time_ms = excluded.time_ms",
        NULL, NULL, INTEGER(run), TEXT(entry->kind), TEXT(entry->scope), TEXT(entry->key),
        INTEGER(entry->position), TEXT(entry->state), TEXT(entry->amount), TEXT(entry->note),
        VALUE_OF_BYTES(entry->result), INTEGER(entry->attempt), INTEGER(store_now_ms(store)));
}

// Where the next page of a run's items begins: behind this one.
struct page {
    struct visit_entry visitor;
    char *scope, *key;
    size_t scope_length, key_length;
    int count;
};

static bool hand_item(void *owner, const struct row *row, struct err *err)
{
    struct page *page = owner;
    if (++page->count == ITEMS_AT_ONCE) {
        xfree(page->scope);
        xfree(page->key);
        page->scope = text_copy(row->values[8].text);
        page->scope_length = row->values[8].text.length;
        page->key = text_copy(row->values[7].text);
        page->key_length = row->values[7].text.length;
    }
    return hand_entry(&page->visitor, row, err);
}

static bool next_items(struct store *store, int64_t run, struct page *page, struct err *err)
{
    page->count = 0;
    if (!page->scope)
        return RUN(store,
                   "SELECT kind, state, amount, '', '', position, attempt, key, scope FROM entries"
                   " WHERE run = ?1 AND kind = 'item' ORDER BY scope, key LIMIT ?2",
                   hand_item, page, INTEGER(run), INTEGER(ITEMS_AT_ONCE));
    return RUN(store,
               "SELECT kind, state, amount, '', '', position, attempt, key, scope FROM entries"
               " WHERE run = ?1 AND kind = 'item' AND (scope, key) > (?3, ?4) ORDER BY scope, key LIMIT ?2",
               hand_item, page, INTEGER(run), INTEGER(ITEMS_AT_ONCE),
               TEXT(text_of(page->scope, page->scope_length)), TEXT(text_of(page->key, page->key_length)));
}

// A page at a time: a server's answer is held in memory, and a run may have a million items.
bool store_items(struct store *store, int64_t run, store_entry_visitor visit, void *owner, struct err *err)
{
    struct page page = {.visitor = {visit, owner}};
    bool good;
    do
        good = next_items(store, run, &page, err);
    while (good && page.count == ITEMS_AT_ONCE);
    xfree(page.scope);
    xfree(page.key);
    return good;
}

bool store_entries_end(struct store *store, int64_t *position, int64_t run, struct text scope,
                       struct err *err)
{
    *position = 0;
    return RUN(store,
               "SELECT coalesce(max(position), 0) FROM entries WHERE run = ?1 AND scope = ?2"
               " AND kind NOT IN ('item', 'effect') AND state <> 'failed'",
               store_take_integer, position, INTEGER(run), TEXT(scope));
}

bool store_entry_at(struct store *store, int64_t run, struct text scope, int64_t position,
                    store_entry_visitor visit, void *owner, struct err *err)
{
    struct visit_entry visitor = {visit, owner};
    return RUN(store,
               "SELECT kind, state, amount, note, result, position, attempt, key FROM entries"
               " WHERE run = ?1 AND scope = ?2 AND position = ?3 AND kind NOT IN ('item', 'effect')"
               " AND state <> 'failed' LIMIT 1",
               hand_entry, &visitor, INTEGER(run), TEXT(scope), INTEGER(position));
}

bool store_about_add(struct store *store, int64_t run, const struct entry *entry, const struct about *about,
                     struct err *err)
{
    return store_entry_put(store, run, entry, err) &&
           RUN(store,
               "INSERT INTO abouts (run, attempt, call, scope, key, method, host, path, bytes, time_ms)"
               " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
               NULL, NULL, INTEGER(run), INTEGER(entry->attempt), INTEGER(about->call), TEXT(entry->scope),
               TEXT(entry->key), TEXT(about->method), TEXT(about->host), TEXT(about->path),
               INTEGER(about->bytes), INTEGER(store_now_ms(store)));
}

bool store_entry_settle(struct store *store, int64_t run, const struct entry *entry, struct err *err)
{
    return RUN(store,
               "UPDATE entries SET state = ?4, amount = ?5, note = ?6, result = ?7, time_ms = ?8"
               " WHERE run = ?1 AND scope = ?2 AND key = ?3",
               NULL, NULL, INTEGER(run), TEXT(entry->scope), TEXT(entry->key), TEXT(entry->state),
               TEXT(entry->amount), TEXT(entry->note), VALUE_OF_BYTES(entry->result),
               INTEGER(store_now_ms(store)));
}
