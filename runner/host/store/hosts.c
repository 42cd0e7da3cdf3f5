// See hosts.h. A host's transactions are numbered in its row of `commits` (store_postgres.c): whoever declares it gone
// spoils that row, so the very first statement of its next transaction fails; one that is under way is waited for.
#include "host/store/hosts.h"

#include "host/store/store_own.h"

#define INTEGER(number) VALUE_OF_INTEGER(number)
#define STRING(string) VALUE_OF_TEXT(text_from(string))

enum { DAY_MS = 24 * 3600 * 1000 };

bool store_is_shared(const struct store *store)
{
    return store->backend->token(store->database)[0] != '\0';
}

void store_renew(struct store *store)
{
    store->backend->renew(store->database);
}

bool store_host_add(struct store *store, int64_t *number, const struct host_row *row, struct err *err)
{
    return RUN(store, "DELETE FROM hosts WHERE state = 'gone' AND ended_ms < ?1", NULL, NULL,
               INTEGER(store_now_ms(store) - 7 * (int64_t)DAY_MS)) &&
           RUN(store,
               "INSERT INTO hosts (name, identity, token, version, serving, places, state, started_ms, "
               "beat_ms)"
               " VALUES (?1, ?2, ?3, ?4, ?5, ?6, 'active', ?7, ?7) RETURNING id",
               store_take_integer, number, STRING(row->name), STRING(row->identity),
               STRING(store->backend->token(store->database)), STRING(row->version), INTEGER(row->serving),
               INTEGER(row->places), INTEGER(store_now_ms(store)));
}

bool store_host_beat(struct store *store, bool *drained, int64_t number, struct err *err)
{
    int64_t draining = 0;
    const bool good = RUN(store,
                          "UPDATE hosts SET beat_ms = ?2 WHERE id = ?1"
                          " RETURNING CASE WHEN state = 'draining' THEN 1 ELSE 0 END AS draining",
                          store_take_integer, &draining, INTEGER(number), INTEGER(store_now_ms(store)));
    *drained = draining != 0;
    return good;
}

bool store_host_serves(struct store *store, int64_t number, struct err *err)
{
    return RUN(store, "UPDATE hosts SET serving = 1 WHERE id = ?1", NULL, NULL, INTEGER(number));
}

bool store_host_leave(struct store *store, int64_t number, struct err *err)
{
    return RUN(store, "DELETE FROM hosts WHERE id = ?1 AND serving = 0", NULL, NULL, INTEGER(number)) &&
           RUN(store, "UPDATE hosts SET state = 'gone', ended_ms = ?2 WHERE id = ?1", NULL, NULL,
               INTEGER(number), INTEGER(store_now_ms(store)));
}

struct visit_host {
    store_host_visitor visit;
    void *owner;
};

static bool hand_host(void *owner, const struct row *row, struct err *err)
{
    const struct visit_host *visitor = owner;
    SCOPED_TEXT char *identity = text_copy(row->values[1].text);
    return visitor->visit(visitor->owner, row->values[0].integer, identity, row->values[2].integer,
                          row->values[3].integer != 0, err);
}

bool store_hosts_others(struct store *store, int64_t number, store_host_visitor visit, void *owner,
                        struct err *err)
{
    struct visit_host visitor = {visit, owner};
    return RUN(
        store,
        "SELECT id, identity, beat_ms, serving FROM hosts WHERE state <> 'gone' AND id <> ?1 ORDER BY id",
        hand_host, &visitor, INTEGER(number));
}

static bool take_token(void *owner, const struct row *row, struct err *err)
{
    (void)err;
    *(char **)owner = text_copy(row->values[0].text);
    return true;
}

bool store_host_end(struct store *store, bool *ended, int64_t number, int64_t before_ms, struct err *err)
{
    SCOPED_TEXT char *token = NULL;
    *ended = false;
    if (!RUN(store,
             "SELECT token FROM hosts WHERE id = ?1 AND state <> 'gone' AND beat_ms < ?2"
             " FOR UPDATE SKIP LOCKED",
             take_token, &token, INTEGER(number), INTEGER(before_ms)))
        return false;
    if (!token)
        return true;
    *ended = true;
    return (token[0] == '\0' ||
            RUN(store,
                "INSERT INTO commits (token, number, time_ms) VALUES (?1, -2, ?2)"
                " ON CONFLICT (token) DO UPDATE SET number = -2, time_ms = excluded.time_ms",
                NULL, NULL, STRING(token), INTEGER(store_now_ms(store)))) &&
           RUN(store, "UPDATE hosts SET state = 'gone', ended_ms = ?2 WHERE id = ?1", NULL, NULL,
               INTEGER(number), INTEGER(store_now_ms(store)));
}

bool store_host_drain(struct store *store, int64_t *number, const char *which, bool drained,
                      const char *actor, struct err *err)
{
    SCOPED_BUF(content, 1024);
    int64_t asked = 0;
    *number = 0;
    if (!text_to_int64(text_from(which), &asked))
        asked = 0;
    if (!RUN(store,
             "UPDATE hosts SET state = ?3 WHERE id = (SELECT id FROM hosts WHERE state <> 'gone'"
             " AND serving = 1 AND (id = ?1 OR name = ?2) ORDER BY id DESC LIMIT 1) RETURNING id",
             store_take_integer, number, INTEGER(asked), STRING(which),
             STRING(drained ? "draining" : "active")))
        return false;
    return *number == 0 || (buf_printf(&content, "{\"host\":%lld}", (long long)*number) &&
                            store_audit(store, actor, drained ? "host.drained" : "host.undrained", 0,
                                        buf_text(&content), err));
}

struct visit_run {
    store_run_visitor visit;
    void *owner;
};

static bool hand_run(void *owner, const struct row *row, struct err *err)
{
    const struct visit_run *visitor = owner;
    SCOPED_TEXT char *host = text_copy(row->values[1].text);
    return visitor->visit(visitor->owner, row->values[0].integer, host, err);
}

bool store_runs_orphaned(struct store *store, store_run_visitor visit, void *owner, struct err *err)
{
    struct visit_run visitor = {visit, owner};
    return RUN(store,
               "SELECT id, host FROM runs WHERE state IN ('queued', 'running', 'waiting') AND host <> ''"
               " AND (state <> 'waiting' OR served = 0) AND NOT EXISTS (SELECT 1 FROM hosts"
               " WHERE hosts.identity = runs.host AND hosts.state <> 'gone')",
               hand_run, &visitor);
}

bool store_hosts_view(struct store *store, struct json_writer *out, struct err *err)
{
    return store_view_rows(
        store, out,
        "SELECT id AS number, name, state, serving AS \"serving?\", places, (SELECT count(*) FROM runs"
        " WHERE runs.host = hosts.identity AND runs.state = 'running' AND hosts.state <> 'gone') AS running,"
        " beat_ms, started_ms, ended_ms, version, identity FROM hosts"
        " WHERE (state <> 'gone' OR ended_ms > ?1) AND (serving = 1 OR EXISTS (SELECT 1 FROM runs"
        " WHERE runs.host = hosts.identity AND runs.state = 'running')) ORDER BY id LIMIT 1000",
        store_now_ms(store) - DAY_MS, err);
}

bool store_input_count_of(struct store *store, int64_t *count, int64_t run, const char *sha256,
                          struct err *err)
{
    *count = 0;
    return RUN(store, "SELECT count(*) FROM inputs WHERE run = ?1 AND sha256 = ?2", store_take_integer, count,
               INTEGER(run), STRING(sha256));
}

// ---- trees

bool store_tree_put(struct store *store, const char *tree, struct text content, struct err *err)
{
    return RUN(store,
               "INSERT INTO trees (tree, content, time_ms) VALUES (?1, ?2, ?3) ON CONFLICT (tree) DO NOTHING",
               NULL, NULL, STRING(tree), VALUE_OF_BYTES(content), INTEGER(store_now_ms(store)));
}

bool store_tree_is_kept(struct store *store, bool *kept, const char *tree, struct err *err)
{
    int64_t count = 0;
    const bool good =
        RUN(store, "SELECT count(*) FROM trees WHERE tree = ?1", store_take_integer, &count, STRING(tree));
    *kept = count > 0;
    return good;
}

struct visit_tree {
    store_tree_visitor visit;
    void *owner;
};

static bool hand_tree(void *owner, const struct row *row, struct err *err)
{
    const struct visit_tree *visitor = owner;
    return visitor->visit(visitor->owner, row->values[0].text, err);
}

bool store_tree_find(struct store *store, const char *tree, store_tree_visitor visit, void *owner,
                     struct err *err)
{
    struct visit_tree visitor = {visit, owner};
    return RUN(store, "SELECT content FROM trees WHERE tree = ?1", hand_tree, &visitor, STRING(tree));
}
