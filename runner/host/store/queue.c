// Runs that are planned, wait their turn or wait for something: the statements behind host/queue.c. In the host.
//
// A run is taken by one statement that finds and marks it, so that two hosts never start the same one; what another
// host's transaction is about to take is passed over (FOR UPDATE SKIP LOCKED, PostgreSQL; in SQLite there is only one
// writer at a time).
#include "host/store/store_own.h"

#define INTEGER(number) VALUE_OF_INTEGER(number)
#define TEXT(borrowed) VALUE_OF_TEXT(borrowed)
#define STRING(string) VALUE_OF_TEXT(text_from(string))

enum { CONTENT_MAX = 1 << 20, LANE_TRIES = 8 };

bool store_run_plan(struct store *store, int64_t *id, const struct run_plan *plan, struct err *err)
{
    *id = 0;
    return RUN(
        store,
        "INSERT INTO runs (robot, state, tree, draft, dry_run, actor, language, folder, host, inputs,"
        " manifest, created_ms, served, schedule, planned_ms, due_ms, lane, overlap, priority, approval,"
        " cause) VALUES (?1, 'planned', '', 0, 0, ?2, ?3, '', '', ?4, '{}', ?5, 1, ?6, ?7, ?8, ?9, ?10,"
        " ?11, ?12, ?13) ON CONFLICT (schedule, planned_ms) WHERE planned_ms IS NOT NULL DO NOTHING"
        " RETURNING id",
        store_take_integer, id, STRING(plan->robot), STRING(plan->actor), STRING(plan->language),
        TEXT(plan->given), INTEGER(store_now_ms(store)), STRING(plan->schedule), INTEGER(plan->planned_ms),
        INTEGER(plan->due_ms), STRING(plan->lane), STRING(plan->overlap), INTEGER(plan->priority),
        STRING(plan->needs_approval ? "needed" : ""), TEXT(plan->cause));
}

// ---- due

struct due {
    store_due_visitor visit;
    void *owner;
    struct json_writer writer;
    int64_t count;
};

static bool hand_due(void *owner, const struct row *row, struct err *err)
{
    struct due *due = owner;
    const struct run_due run = {.id = row->values[0].integer,
                                .planned_ms = row->values[1].integer,
                                .robot = row->values[2].text,
                                .schedule = row->values[3].text,
                                .lane = row->values[4].text,
                                .overlap = row->values[5].text};
    json_write_integer(&due->writer, run.id);
    due->count++;
    return due->visit(due->owner, &run, err);
}

bool store_runs_due(struct store *store, int64_t now_ms, int64_t missed_before_ms, int64_t most,
                    store_due_visitor visit, void *owner, struct err *err)
{
    SCOPED_BUF(content, CONTENT_MAX);
    struct due due = {.visit = visit, .owner = owner, .writer = json_writer_new(&content)};
    json_begin_object(&due.writer);
    json_write_key(&due.writer, "runs");
    json_begin_array(&due.writer);
    if (!RUN(
            store,
            "UPDATE runs SET state = 'queued', queued_ms = ?1, due_ms = NULL WHERE id IN (SELECT id FROM runs"
            " WHERE state = 'planned' AND due_ms <= ?1 AND due_ms >= ?3 AND approval <> 'needed' ORDER BY "
            "due_ms LIMIT ?2"
            " FOR UPDATE SKIP LOCKED) RETURNING id, planned_ms, robot, schedule, lane, overlap",
            hand_due, &due, INTEGER(now_ms), INTEGER(most), INTEGER(missed_before_ms)))
        return false;
    json_end_array(&due.writer);
    json_end_object(&due.writer);
    require(json_writer_done(&due.writer));
    return due.count == 0 || store_audit(store, "renki", "runs.due", 0, buf_text(&content), err);
}

static bool count_woken(void *owner, const struct row *row, struct err *err)
{
    int64_t *count = owner;
    (void)row, (void)err;
    ++*count;
    return true;
}

bool store_runs_wake(struct store *store, int64_t *count, int64_t now_ms, const char *host, bool serving,
                     struct err *err)
{
    *count = 0;
    return RUN(store,
               "UPDATE runs SET state = 'queued', queued_ms = ?1, due_ms = NULL, waiting_for = '', taken = 0"
               " WHERE state = 'waiting' AND due_ms <= ?1 AND (host = ?2 OR (host = '' AND ?3 = 1))"
               " RETURNING id",
               count_woken, count, INTEGER(now_ms), STRING(host), INTEGER(serving)) &&
           (*count == 0 || store_audit(store, "renki", "runs.woken", 0, TEXT_OF("{}"), err));
}

// ---- waiting and turns

bool store_run_waits(struct store *store, int64_t id, const char *what, int64_t due_ms, struct err *err)
{
    return RUN(store,
               "UPDATE runs SET waiting_for = ?2, due_ms = ?3, taken = 0,"
               " host = CASE WHEN served = 1 THEN '' ELSE host END WHERE id = ?1",
               NULL, NULL, INTEGER(id), STRING(what),
               due_ms ? INTEGER(due_ms) : (struct value){.kind = VALUE_NULL});
}

bool store_run_queued(struct store *store, int64_t id, struct err *err)
{
    return RUN(store,
               "UPDATE runs SET queued_ms = ?2, due_ms = NULL, waiting_for = '', taken = 0 WHERE id = ?1",
               NULL, NULL, INTEGER(id), INTEGER(store_now_ms(store)));
}

bool store_run_for(struct store *store, int64_t id, const char *host, struct err *err)
{
    return RUN(store,
               "UPDATE runs SET host = ?2, served = CASE WHEN ?2 = '' THEN 1 ELSE served END WHERE id = ?1",
               NULL, NULL, INTEGER(id), STRING(host));
}

struct taken {
    int64_t id, in_lane;
};

static bool hand_taken(void *owner, const struct row *row, struct err *err)
{
    (void)err;
    *(struct taken *)owner = (struct taken){row->values[0].integer, row->values[1].integer};
    return true;
}

// Another host may have taken another run of the lane in a transaction that this one could not see. Under the lock, one
// of the two sees the other, and gives its run back.
static bool keep_in_lane(struct store *store, struct taken *taken, struct err *err)
{
    int64_t others = 0;
    if (!store->backend->lock(store->database, DATABASE_LOCK_LANES, err) ||
        !RUN(store,
             "SELECT count(*) FROM runs AS first JOIN runs AS other ON other.lane = first.lane"
             " AND other.id <> first.id WHERE first.id = ?1 AND (other.state IN ('running', 'waiting',"
             " 'in doubt') OR (other.state = 'queued' AND other.taken = 1))",
             store_take_integer, &others, INTEGER(taken->id)))
        return false;
    const int64_t id = taken->id;
    if (others)
        taken->id = 0;
    return !others || RUN(store,
                          "UPDATE runs SET taken = 0, host = CASE WHEN served = 1 THEN '' ELSE host END"
                          " WHERE id = ?1",
                          NULL, NULL, INTEGER(id));
}

static bool take(struct store *store, struct taken *taken, int64_t now_ms, const char *host, bool serving,
                 struct err *err)
{
    return RUN(
        store,
        "UPDATE runs SET taken = 1, host = ?2, not_before_ms = 0 WHERE id = (SELECT id FROM runs AS first"
        " WHERE state = 'queued' AND taken = 0 AND not_before_ms <= ?1"
        " AND (host = ?2 OR (host = '' AND ?3 = 1))"
        " AND (lane = '' OR NOT EXISTS (SELECT 1 FROM runs AS other WHERE other.lane = first.lane"
        " AND other.lane <> '' AND other.id <> first.id AND (other.state IN ('running', 'waiting', 'in "
        "doubt')"
        " OR (other.state = 'queued' AND other.taken = 1))))"
        " ORDER BY priority DESC, queued_ms, id LIMIT 1 FOR UPDATE SKIP LOCKED)"
        " RETURNING id, CASE WHEN lane = '' THEN 0 ELSE 1 END",
        hand_taken, taken, INTEGER(now_ms), STRING(host), INTEGER(serving));
}

bool store_queue_take(struct store *store, int64_t *id, int64_t now_ms, const char *host, bool serving,
                      struct err *err)
{
    struct taken taken = {0};
    for (int tries = 0; tries < LANE_TRIES; tries++) {
        taken = (struct taken){0};
        if (!take(store, &taken, now_ms, host, serving, err) ||
            (taken.in_lane && !keep_in_lane(store, &taken, err)))
            return false;
        if (taken.id || !taken.in_lane)
            break;
    }
    *id = taken.id;
    return true;
}

bool store_queue_length(struct store *store, int64_t *count, const char *host, bool serving, struct err *err)
{
    *count = 0;
    return RUN(store,
               "SELECT count(*) FROM (SELECT 1 AS one FROM runs WHERE state = 'queued' AND taken = 0"
               " AND (host = ?1 OR (host = '' AND ?2 = 1)) LIMIT 100) AS waiting",
               store_take_integer, count, STRING(host), INTEGER(serving));
}

bool store_queue_defer(struct store *store, int64_t id, int64_t not_before_ms, const char *what,
                       struct err *err)
{
    return RUN(store,
               "UPDATE runs SET taken = 0, not_before_ms = ?2, waiting_for = ?3,"
               " host = CASE WHEN served = 1 THEN '' ELSE host END WHERE id = ?1 AND state = 'queued'",
               NULL, NULL, INTEGER(id), INTEGER(not_before_ms), STRING(what));
}

bool store_queue_release(struct store *store, int64_t id, struct err *err)
{
    return RUN(store,
               "UPDATE runs SET not_before_ms = 0, waiting_for = '' WHERE id = ?1 AND state = 'queued'", NULL,
               NULL, INTEGER(id));
}

bool store_queue_recall(struct store *store, const char *what, struct err *err)
{
    return RUN(
        store,
        "UPDATE runs SET not_before_ms = 0, waiting_for = '' WHERE state = 'queued' AND not_before_ms > 0"
        " AND waiting_for = ?1",
        NULL, NULL, STRING(what));
}

bool store_queue_next_ms(struct store *store, int64_t *due_ms, int64_t missed_before_ms, const char *host,
                         bool serving, struct err *err)
{
    *due_ms = INT64_MAX;
    return RUN(
        store,
        "SELECT min(due) FROM ("
        "SELECT min(due_ms) AS due FROM runs WHERE state = 'planned' AND approval <> 'needed'"
        " AND due_ms >= ?3 AND ?2 = 1"
        " UNION ALL SELECT min(due_ms) FROM runs WHERE state = 'waiting'"
        " AND (host = ?1 OR (host = '' AND ?2 = 1))"
        " UNION ALL SELECT min(next_ms) FROM questions WHERE state = 'open' AND ?2 = 1"
        " UNION ALL SELECT min(not_before_ms) FROM runs WHERE state = 'queued' AND not_before_ms > 0"
        " AND taken = 0 AND (host = ?1 OR (host = '' AND ?2 = 1))) AS times HAVING min(due) IS NOT NULL",
        store_take_integer, due_ms, STRING(host), INTEGER(serving), INTEGER(missed_before_ms));
}

bool store_lane_holder(struct store *store, int64_t *holder, int64_t id, const char *lane, struct err *err)
{
    *holder = 0;
    return RUN(store,
               "SELECT id FROM runs WHERE lane = ?2 AND lane <> '' AND id <> ?1"
               " AND (state IN ('running', 'waiting', 'in doubt') OR (state = 'queued' AND id < ?1))"
               " ORDER BY id LIMIT 1",
               store_take_integer, holder, INTEGER(id), STRING(lane));
}

bool store_run_prepared(struct store *store, int64_t id, const struct run_new *run, struct err *err)
{
    return RUN(store, "UPDATE runs SET tree = ?2, inputs = ?3, manifest = ?4, folder = ?5 WHERE id = ?1",
               NULL, NULL, INTEGER(id), STRING(run->tree), TEXT(run->inputs), TEXT(run->manifest),
               STRING(run->folder));
}

bool store_run_failed_again(struct store *store, int64_t id, struct err *err)
{
    return RUN(store, "UPDATE runs SET failures = failures + 1 WHERE id = ?1", NULL, NULL, INTEGER(id));
}

bool store_run_died(struct store *store, int64_t id, bool something_done, struct err *err)
{
    return RUN(store, "UPDATE runs SET deaths = CASE WHEN ?2 = 1 THEN 0 ELSE deaths + 1 END WHERE id = ?1",
               NULL, NULL, INTEGER(id), INTEGER(something_done));
}

// ---- how long they wait

bool store_run_may_queue(struct store *store, int64_t id, int64_t most_ms, struct err *err)
{
    return RUN(store, "UPDATE runs SET queued_most_ms = ?2 WHERE id = ?1", NULL, NULL, INTEGER(id),
               INTEGER(most_ms));
}

struct visit_overdue {
    store_overdue_visitor visit;
    void *owner;
};

static bool hand_overdue(void *owner, const struct row *row, struct err *err)
{
    const struct visit_overdue *visitor = owner;
    return visitor->visit(visitor->owner, row->values[0].integer, row->values[1].integer, err);
}

bool store_queue_overdue(struct store *store, int64_t most_ms, const char *host, bool serving, int64_t most,
                         store_overdue_visitor visit, void *owner, struct err *err)
{
    struct visit_overdue visitor = {visit, owner};
    return RUN(store,
               "SELECT id, ?1 - queued_ms FROM runs WHERE state = 'queued' AND taken = 0"
               " AND queued_ms + CASE WHEN queued_most_ms > 0 THEN queued_most_ms ELSE ?2 END < ?1"
               " AND (host = ?3 OR (host = '' AND ?4 = 1)) ORDER BY id LIMIT ?5 FOR UPDATE SKIP LOCKED",
               hand_overdue, &visitor, INTEGER(store_now_ms(store)), INTEGER(most_ms), STRING(host),
               INTEGER(serving), INTEGER(most));
}

bool store_run_waited(struct store *store, int64_t *waited_ms, int64_t id, struct err *err)
{
    *waited_ms = 0;
    return RUN(store,
               "SELECT ?2 - queued_ms FROM runs WHERE id = ?1 AND queued_most_ms > 0"
               " AND queued_ms + queued_most_ms < ?2",
               store_take_integer, waited_ms, INTEGER(id), INTEGER(store_now_ms(store)));
}

// ---- folders

struct visit_folder {
    store_folder_visitor visit;
    void *owner;
};

static bool hand_folder(void *owner, const struct row *row, struct err *err)
{
    const struct visit_folder *visitor = owner;
    return visitor->visit(visitor->owner, row->values[0].text, err);
}

bool store_run_folders(struct store *store, store_folder_visitor visit, void *owner, struct err *err)
{
    struct visit_folder visitor = {visit, owner};
    return RUN(store,
               "SELECT folder FROM runs WHERE folder <> '' AND state NOT IN ('done', 'missed', 'skipped')",
               hand_folder, &visitor);
}

// ---- by hand

bool store_run_set_priority(struct store *store, bool *moved, int64_t id, int64_t priority, struct err *err)
{
    int64_t changed = 0;
    const bool good = RUN(store,
                          "UPDATE runs SET priority = ?2 WHERE id = ?1 AND state IN ('planned', 'queued',"
                          " 'waiting', 'in doubt') RETURNING id",
                          store_take_integer, &changed, INTEGER(id), INTEGER(priority));
    *moved = changed != 0;
    return good;
}

bool store_queue_foremost(struct store *store, int64_t *priority, struct err *err)
{
    *priority = 1;
    return RUN(store,
               "SELECT max(priority) + 1 FROM runs WHERE state = 'queued' HAVING max(priority) IS NOT NULL",
               store_take_integer, priority);
}

bool store_run_close(struct store *store, int64_t id, const char *actor, const char *why, struct err *err)
{
    return RUN(store,
               "INSERT INTO closed (run, actor, why, time_ms) VALUES (?1, ?2, ?3, ?4) ON CONFLICT (run)"
               " DO UPDATE SET actor = excluded.actor, why = excluded.why, time_ms = excluded.time_ms",
               NULL, NULL, INTEGER(id), STRING(actor), STRING(why), INTEGER(store_now_ms(store)));
}
