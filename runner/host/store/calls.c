// See calls.h.
#include "host/store/calls.h"

#include "host/store/store_own.h"

#define INTEGER(number) VALUE_OF_INTEGER(number)

bool store_result_put(struct store *store, int64_t run, struct text result, struct err *err)
{
    return RUN(store,
               "INSERT INTO results (run, result) VALUES (?1, ?2)"
               " ON CONFLICT (run) DO UPDATE SET result = excluded.result",
               NULL, NULL, INTEGER(run), VALUE_OF_BYTES(result));
}

struct visit_called {
    store_called_visitor visit;
    void *owner;
};

static bool hand_called(void *owner, const struct row *row, struct err *err)
{
    const struct visit_called *visitor = owner;
    struct text texts[3];
    (void)err;
    for (size_t i = 0; i < COUNT_OF(texts); i++)
        texts[i] = row->values[i].kind == VALUE_NULL ? TEXT_OF("") : row->values[i].text;
    return visitor->visit(visitor->owner, texts[0], texts[1], texts[2]);
}

bool store_called(struct store *store, int64_t run, store_called_visitor visit, void *owner, struct err *err)
{
    struct visit_called visitor = {visit, owner};
    return RUN(store,
               "SELECT runs.state, runs.fault, results.result FROM runs LEFT JOIN results"
               " ON results.run = runs.id WHERE runs.id = ?1",
               hand_called, &visitor, INTEGER(run));
}

bool store_call_answered(struct store *store, bool *answered, int64_t run, struct err *err)
{
    int64_t count = 0;
    const bool good =
        RUN(store,
            "SELECT count(*) FROM runs WHERE parent = ?1 AND state NOT IN ('planned', 'queued', 'running',"
            " 'waiting', 'in doubt') AND EXISTS (SELECT 1 FROM entries WHERE entries.run = ?1"
            " AND entries.kind = 'call' AND entries.state = 'waiting'"
            " AND entries.note = CAST(runs.id AS TEXT))",
            store_take_integer, &count, INTEGER(run));
    *answered = count > 0;
    return good;
}

struct children {
    int64_t *ids;
    size_t *count, most;
};

static bool take_child(void *owner, const struct row *row, struct err *err)
{
    const struct children *children = owner;
    (void)err;
    if (*children->count < children->most)
        children->ids[(*children->count)++] = row->values[0].integer;
    return true;
}

bool store_children_live(struct store *store, int64_t *ids, size_t *count, size_t most, int64_t run,
                         struct err *err)
{
    struct children children = {ids, count, most};
    *count = 0;
    return RUN(store,
               "SELECT id FROM runs WHERE parent = ?1 AND parent <> 0 AND state IN ('planned', 'queued',"
               " 'running', 'waiting', 'in doubt') ORDER BY id",
               take_child, &children, INTEGER(run));
}

bool store_run_parent(struct store *store, int64_t *parent, int64_t run, struct err *err)
{
    *parent = 0;
    return RUN(store, "SELECT parent FROM runs WHERE id = ?1", store_take_integer, parent, INTEGER(run));
}

bool store_run_hold(struct store *store, int64_t run, struct err *err)
{
    return RUN(store, "UPDATE runs SET waiting_for = waiting_for WHERE id = ?1", NULL, NULL, INTEGER(run));
}
