// See store.h. Statements in the SQL that SQLite and PostgreSQL share, over the functions of database.h.
#include "host/store/store.h"

#include "host/store/database.h"
#include "host/store/migrations.h"
#include "host/store/store_own.h"

#define INTEGER(number) VALUE_OF_INTEGER(number)
#define TEXT(borrowed) VALUE_OF_TEXT(borrowed)
#define STRING(string) VALUE_OF_TEXT(text_from(string))
#define OPTIONAL(borrowed) ((borrowed).length ? VALUE_OF_TEXT(borrowed) : (struct value){.kind = VALUE_NULL})

bool store_is_server(const char *where)
{
    return text_starts(text_from(where), "postgresql://") || text_starts(text_from(where), "postgres://");
}

static bool open_as(struct store **out, const char *where, bool alone, struct err *err)
{
    SCOPED(store)
    store = xcalloc(1, sizeof *store);
    store->backend = store_is_server(where) ? &database_postgres : &database_sqlite;
    if (!store->backend->open(&store->database, where, alone, err) ||
        !migrations_apply(store->backend, store->database, err))
        return false;
    *out = STEAL(store);
    return true;
}

bool store_open(struct store **out, const char *where, struct err *err)
{
    return open_as(out, where, false, err);
}

bool store_open_alone(struct store **out, const char *where, struct err *err)
{
    return open_as(out, where, true, err);
}

void store_free(struct store *store)
{
    if (!store)
        return;
    if (store->database)
        store->backend->close(store->database);
    audit_forget_pending(store);
    xfree(store->pending);
    xfree(store);
}

bool store_begun(const struct store *store)
{
    return store->begun;
}

bool store_begin(struct store *store, struct err *err)
{
    if (!store->begun)
        store->begun = store->backend->begin(store->database, err);
    return store->begun;
}

void store_rollback(struct store *store)
{
    store->backend->rollback(store->database);
    audit_forget_pending(store);
    store->begun = false;
}

bool store_commit(struct store *store, struct err *err)
{
    if (!store->begun)
        return true;
    if (!store->backend->commit(store->database, audit_append_pending, store, err)) {
        store_rollback(store);
        return false;
    }
    audit_forget_pending(store);
    store->begun = false;
    return true;
}

int64_t store_now_ms(struct store *store)
{
    return store->backend->now_ms(store->database);
}

bool store_verify(struct store *store, struct err *err)
{
    return store->backend->verify(store->database, err);
}

bool store_tidy(struct store *store, struct err *err)
{
    return store->backend->tidy(store->database, err);
}

void store_rest(struct store *store)
{
    store->backend->rest(store->database);
}

const char *store_version(const struct store *store)
{
    return store->backend->version(store->database);
}

const char *store_place(const struct store *store)
{
    return store->backend->place(store->database);
}

const struct store_reach *store_reach(const struct store *store)
{
    return store->backend->reach(store->database);
}

void store_while_away(struct store *store, void (*tick)(void *owner), void *owner)
{
    store->backend->while_away(store->database, tick, owner);
}

void store_hurry(struct store *store)
{
    store->backend->hurry(store->database);
}

bool store_run_statement(struct store *store, const char *statement, const struct value *parameters,
                         size_t count, row_handler on_row, void *owner, struct err *err)
{
    return store->backend->run(store->database, statement, parameters, count, on_row, owner, err);
}

bool store_take_integer(void *owner, const struct row *row, struct err *err)
{
    (void)err;
    *(int64_t *)owner = row->values[0].integer;
    return true;
}

static bool take_moved(void *owner, const struct row *row, struct err *err)
{
    (void)row, (void)err;
    *(bool *)owner = true;
    return true;
}

// ---- runs

bool store_run_add(struct store *store, int64_t *id, const struct run_new *run, struct err *err)
{
    const char *statement =
        "INSERT INTO runs (robot, state, tree, draft, dry_run, actor, language, folder, host, inputs,"
        " manifest, created_ms, queued_ms, record, served, taken, priority, parent, cause)"
        " VALUES (?1, 'queued', ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?11, ?12, ?13, ?14, ?15, ?16, ?17)"
        " RETURNING id";
    SCOPED_BUF(content, 4096);
    struct json_writer writer = json_writer_new(&content);
    json_begin_object(&writer);
    json_write_key(&writer, "robot");
    json_write_string(&writer, run->robot);
    json_write_key(&writer, "tree");
    json_write_string(&writer, run->tree);
    json_write_key(&writer, "draft");
    json_write_boolean(&writer, run->draft);
    json_write_key(&writer, "dry_run");
    json_write_boolean(&writer, run->dry_run);
    json_end_object(&writer);
    require(json_writer_done(&writer));
    return RUN(store, statement, store_take_integer, id, STRING(run->robot), STRING(run->tree),
               INTEGER(run->draft), INTEGER(run->dry_run), STRING(run->actor), STRING(run->language),
               STRING(run->folder), STRING(run->host), TEXT(run->inputs), TEXT(run->manifest),
               INTEGER(store_now_ms(store)), INTEGER(run->record), INTEGER(run->served), INTEGER(run->taken),
               INTEGER(run->priority), INTEGER(run->parent),
               TEXT(run->cause.length ? run->cause : TEXT_OF("{}"))) &&
           store_audit(store, run->actor, "run.queued", *id, buf_text(&content), err);
}

static char *copy(const struct row *row, size_t column)
{
    return row->values[column].kind == VALUE_NULL ? NULL : text_copy(row->values[column].text);
}

static bool take_run(void *owner, const struct row *row, struct err *err)
{
    (void)err;
    *(struct run_row *)owner = (struct run_row){
        .id = row->values[0].integer,
        .attempt = row->values[1].integer,
        .robot = copy(row, 2),
        .state = copy(row, 3),
        .tree = copy(row, 4),
        .actor = copy(row, 5),
        .language = copy(row, 6),
        .folder = copy(row, 7),
        .host = copy(row, 8),
        .inputs = copy(row, 9),
        .manifest = copy(row, 10),
        .expect_items = copy(row, 11),
        .expect_sum = copy(row, 12),
        .draft = row->values[13].integer != 0,
        .dry_run = row->values[14].integer != 0,
        .cancel_requested = row->values[15].integer != 0,
        .created_ms = row->values[16].integer,
        .started_ms = row->values[17].integer,
        .schedule = copy(row, 18),
        .lane = copy(row, 19),
        .overlap = copy(row, 20),
        .waiting_for = copy(row, 21),
        .served = row->values[22].integer != 0,
        .record = row->values[23].integer != 0,
        .planned_ms = row->values[24].integer,
        .failures = row->values[25].integer,
        .priority = row->values[26].integer,
        .parent = row->values[27].integer,
        .deaths = row->values[28].integer,
        .cause = copy(row, 29),
        .recorded = row->values[30].integer,
    };
    return true;
}

void run_row_dispose(struct run_row *row)
{
    char *texts[] = {row->robot,    row->state,        row->tree,        row->actor,
                     row->language, row->folder,       row->host,        row->inputs,
                     row->manifest, row->expect_items, row->expect_sum,  row->schedule,
                     row->lane,     row->overlap,      row->waiting_for, row->cause};
    for (size_t i = 0; i < COUNT_OF(texts); i++)
        xfree(texts[i]);
    *row = (struct run_row){0};
}

bool store_run_load(struct store *store, struct run_row *out, int64_t id, struct err *err)
{
    const char *statement =
        "SELECT id, attempt, robot, state, tree, actor, language, folder, host, inputs, manifest, "
        "expect_items,"
        " expect_sum, draft, dry_run, cancel_requested, created_ms, started_ms, schedule, lane, overlap,"
        " waiting_for, served, record, planned_ms, failures, priority, parent, deaths, cause,"
        " CASE WHEN EXISTS (SELECT 1 FROM inputs WHERE run = ?1) THEN 1 ELSE 0 END"
        " + CASE WHEN EXISTS (SELECT 1 FROM entries WHERE run = ?1) THEN 2 ELSE 0 END"
        " + CASE WHEN EXISTS (SELECT 1 FROM exceptions WHERE run = ?1) THEN 4 ELSE 0 END"
        " + CASE WHEN EXISTS (SELECT 1 FROM artifacts WHERE run = ?1) THEN 8 ELSE 0 END"
        " + CASE WHEN EXISTS (SELECT 1 FROM questions WHERE run = ?1) THEN 16 ELSE 0 END"
        " + CASE WHEN EXISTS (SELECT 1 FROM calls WHERE run = ?1) THEN 32 ELSE 0 END"
        " + CASE WHEN EXISTS (SELECT 1 FROM work_items WHERE run = ?1 AND state = 'taken') THEN 64 ELSE 0 END"
        " + CASE WHEN EXISTS (SELECT 1 FROM holds WHERE run = ?1) THEN 128 ELSE 0 END"
        " FROM runs WHERE id = ?1";
    *out = (struct run_row){0};
    if (!RUN(store, statement, take_run, out, INTEGER(id)))
        return false;
    return out->id ? true : fail(err, ERR_RUN_UNKNOWN, N(id));
}

static bool audit_move(struct store *store, int64_t id, const char *to, const char *actor,
                       struct text content, struct err *err)
{
    SCOPED_TEXT char *event = xasprintf("run.%s", to);
    return store_audit(store, actor, event, id, content.length ? content : TEXT_OF("{}"), err);
}

bool store_run_move(struct store *store, bool *moved, int64_t id, const char *from, const char *to,
                    const char *actor, struct text content, struct err *err)
{
    *moved = false;
    if (!RUN(store, "UPDATE runs SET state = ?3 WHERE id = ?1 AND state = ?2 RETURNING id", take_moved, moved,
             INTEGER(id), STRING(from), STRING(to)))
        return false;
    return !*moved || audit_move(store, id, to, actor, content, err);
}

static bool write_started(struct buf *out, const char *environment, const char *mode)
{
    struct json_writer writer = json_writer_new(out);
    json_begin_object(&writer);
    if (*environment) {
        json_write_key(&writer, "environment");
        json_write_string(&writer, environment);
    }
    if (*mode) {
        json_write_key(&writer, "mode");
        json_write_string(&writer, mode);
    }
    json_end_object(&writer);
    return json_writer_done(&writer);
}

bool store_run_start(struct store *store, bool *moved, int64_t id, const char *from, const char *to,
                     const struct run_started *with, const char *actor, struct err *err)
{
    const char *environment = with->environment ? with->environment : "",
               *mode = with->mode ? with->mode : "";
    SCOPED_BUF(content, 4096);
    *moved = false;
    if (!write_started(&content, environment, mode))
        return fail(err, ERR_LIMIT_PASSED, "environment", N(4096));
    if (!RUN(store,
             "UPDATE runs SET state = ?3, attempt = ?4, host = ?5, started_ms = ?6, ended_ms = NULL,"
             " fault = NULL, cost = NULL, summary = NULL, due_ms = NULL, cancel_requested = 0,"
             " waiting_for = '', environment = ?7, mode = ?8 WHERE id = ?1 AND state = ?2 RETURNING id",
             take_moved, moved, INTEGER(id), STRING(from), STRING(to), INTEGER(with->attempt),
             STRING(with->host), INTEGER(store_now_ms(store)), STRING(environment), STRING(mode)))
        return false;
    if (*moved && with->attempt > 1 &&
        !RUN(store, "DELETE FROM exceptions WHERE run = ?1 AND attempt < ?2", NULL, NULL, INTEGER(id),
             INTEGER(with->attempt)))
        return false;
    return !*moved || audit_move(store, id, to, actor, buf_text(&content), err);
}

static bool take_fault(void *owner, const struct row *row, struct err *err)
{
    (void)err;
    *(char **)owner = copy(row, 0);
    return true;
}

bool store_run_fault(struct store *store, char **out, int64_t id, struct err *err)
{
    *out = NULL;
    return RUN(store, "SELECT fault FROM runs WHERE id = ?1", take_fault, out, INTEGER(id));
}

bool store_run_end(struct store *store, bool *moved, int64_t id, const char *from, const char *to,
                   const struct run_end *with, const char *actor, struct err *err)
{
    *moved = false;
    return RUN(store,
               "UPDATE runs SET state = ?3, ended_ms = ?4, fault = ?5, cost = ?6, summary = ?7"
               " WHERE id = ?1 AND state = ?2 RETURNING id",
               take_moved, moved, INTEGER(id), STRING(from), STRING(to), INTEGER(store_now_ms(store)),
               OPTIONAL(with->fault), OPTIONAL(with->cost), OPTIONAL(with->summary)) &&
           (!*moved || audit_move(store, id, to, actor, with->fault, err));
}

bool store_run_expect(struct store *store, int64_t id, struct text items, struct text sum, struct err *err)
{
    return RUN(store, "UPDATE runs SET expect_items = ?2, expect_sum = ?3 WHERE id = ?1", NULL, NULL,
               INTEGER(id), OPTIONAL(items), OPTIONAL(sum));
}

bool store_run_request_cancel(struct store *store, int64_t id, struct err *err)
{
    return RUN(store, "UPDATE runs SET cancel_requested = 1 WHERE id = ?1", NULL, NULL, INTEGER(id));
}

struct visit_run {
    store_run_visitor visit;
    void *owner;
};

static bool hand_run(void *owner, const struct row *row, struct err *err)
{
    const struct visit_run *visitor = owner;
    SCOPED_TEXT char *host = copy(row, 1);
    return visitor->visit(visitor->owner, row->values[0].integer, host, err);
}

bool store_runs_to_cancel(struct store *store, const char *host, store_run_visitor visit, void *owner,
                          struct err *err)
{
    struct visit_run visitor = {visit, owner};
    return RUN(store,
               "SELECT id, host FROM runs WHERE cancel_requested = 1 AND host = ?1"
               " AND state IN ('queued', 'running', 'waiting')",
               hand_run, &visitor, STRING(host));
}

bool store_runs_live(struct store *store, store_run_visitor visit, void *owner, struct err *err)
{
    struct visit_run visitor = {visit, owner};
    return RUN(store,
               "SELECT id, host FROM runs WHERE state IN ('queued', 'running', 'waiting') AND host <> ''"
               " AND (state <> 'waiting' OR served = 0)",
               hand_run, &visitor);
}

struct over {
    int64_t *runs;
    size_t count;
};

static bool take_over(void *owner, const struct row *row, struct err *err)
{
    struct over *over = owner;
    (void)err;
    over->runs[over->count++] = row->values[0].integer;
    return true;
}

bool store_runs_over(struct store *store, int64_t *over, size_t *over_count, const int64_t *runs,
                     size_t count, struct err *err)
{
    struct over found = {.runs = over};
    struct value ids[STORE_RUNS_ASKED];
    require(count <= STORE_RUNS_ASKED);
    for (size_t i = 0; i < STORE_RUNS_ASKED; i++)
        ids[i] = INTEGER(i < count ? runs[i] : 0); // no run has 0
    const bool good = store_run_statement(
        store,
        "SELECT id FROM runs WHERE id IN (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15,"
        " ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24, ?25, ?26, ?27, ?28, ?29, ?30, ?31, ?32)"
        " AND state NOT IN ('planned', 'queued', 'running', 'waiting', 'in doubt')",
        ids, STORE_RUNS_ASKED, take_over, &found, err);
    *over_count = found.count;
    return good;
}

bool store_run_count_live(struct store *store, int64_t *count, const char *robot, struct err *err)
{
    return RUN(store, "SELECT count(*) FROM runs WHERE robot = ?1 AND state IN ('queued', 'waiting')",
               store_take_integer, count, STRING(robot));
}

static bool take_hindrances(void *owner, const struct row *row, struct err *err)
{
    (void)err;
    *(struct hindrances *)owner =
        (struct hindrances){.crashes = row->values[0].integer, .retired_ms = row->values[1].integer};
    return true;
}

bool store_hindrances(struct store *store, struct hindrances *out, const char *robot, const char *tree,
                      struct err *err)
{
    *out = (struct hindrances){0};
    return RUN(store,
               "SELECT coalesce((SELECT running FROM crashes WHERE robot = ?1 AND tree = ?2), 0),"
               " coalesce((SELECT retired_ms FROM lives WHERE robot = ?1), 0)",
               take_hindrances, out, STRING(robot), STRING(tree));
}

bool store_crashes(struct store *store, int64_t *count, const char *robot, const char *tree, struct err *err)
{
    *count = 0;
    return RUN(store, "SELECT running FROM crashes WHERE robot = ?1 AND tree = ?2", store_take_integer, count,
               STRING(robot), STRING(tree));
}

bool store_crash_add(struct store *store, int64_t *count, const char *robot, const char *tree,
                     struct err *err)
{
    return RUN(store,
               "INSERT INTO crashes (robot, tree, running, time_ms) VALUES (?1, ?2, 1, ?3)"
               " ON CONFLICT (robot, tree) DO UPDATE SET running = crashes.running + 1, time_ms = ?3",
               NULL, NULL, STRING(robot), STRING(tree), INTEGER(store_now_ms(store))) &&
           store_crashes(store, count, robot, tree, err);
}

bool store_crashes_clear(struct store *store, const char *robot, const char *tree, struct err *err)
{
    return RUN(store, "DELETE FROM crashes WHERE robot = ?1 AND tree = ?2", NULL, NULL, STRING(robot),
               STRING(tree));
}

// ---- what a run is given and leaves behind

bool store_input_add(struct store *store, int64_t run, const char *name, const char *file, int64_t size_bytes,
                     const char *sha256, struct err *err)
{
    return RUN(store, "INSERT INTO inputs (run, name, file, size_bytes, sha256) VALUES (?1, ?2, ?3, ?4, ?5)",
               NULL, NULL, INTEGER(run), STRING(name), STRING(file), INTEGER(size_bytes), STRING(sha256));
}

bool store_input_count(struct store *store, int64_t *count, int64_t run, struct err *err)
{
    return RUN(store, "SELECT count(*) FROM inputs WHERE run = ?1", store_take_integer, count, INTEGER(run));
}

bool store_exception_add(struct store *store, int64_t run, int64_t attempt, struct text text, struct err *err)
{
    return RUN(store, "INSERT INTO exceptions (run, attempt, text, time_ms) VALUES (?1, ?2, ?3, ?4)", NULL,
               NULL, INTEGER(run), INTEGER(attempt), TEXT(text), INTEGER(store_now_ms(store)));
}

bool store_call_add(struct store *store, const struct call *call, struct err *err)
{
    return RUN(
        store,
        "INSERT INTO calls (run, attempt, call, kind, method, host, port, path, outcome, status, sent_bytes,"
        " received_bytes, started_ms, duration_ms, login, problem)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)",
        NULL, NULL, INTEGER(call->run), INTEGER(call->attempt), INTEGER(call->call), TEXT(call->kind),
        TEXT(call->method), TEXT(call->host), INTEGER(call->port), TEXT(call->path), TEXT(call->outcome),
        INTEGER(call->status), INTEGER(call->sent_bytes), INTEGER(call->received_bytes),
        INTEGER(call->started_ms), INTEGER(call->duration_ms), TEXT(call->login), TEXT(call->problem));
}

bool store_artifact_put(struct store *store, const struct artifact *artifact, struct err *err)
{
    return RUN(store,
               "INSERT INTO artifacts (run, name, title, path, size_bytes, sha256, attempt, time_ms)"
               " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)"
               " ON CONFLICT (run, name) DO UPDATE SET title = excluded.title, path = excluded.path,"
               " size_bytes = excluded.size_bytes, sha256 = excluded.sha256, attempt = excluded.attempt,"
               " time_ms = excluded.time_ms",
               NULL, NULL, INTEGER(artifact->run), STRING(artifact->name), TEXT(artifact->title),
               STRING(artifact->path), INTEGER(artifact->size_bytes), STRING(artifact->sha256),
               INTEGER(artifact->attempt), INTEGER(store_now_ms(store)));
}

static bool take_pair(void *owner, const struct row *row, struct err *err)
{
    (void)err;
    ((int64_t *)owner)[0] = row->values[0].integer;
    ((int64_t *)owner)[1] = row->values[1].integer;
    return true;
}

bool store_claim_holder(struct store *store, int64_t *holder, int64_t *time_ms, const char *robot,
                        struct text key, struct err *err)
{
    int64_t pair[2] = {0, 0};
    if (!RUN(store, "SELECT run, time_ms FROM claims WHERE robot = ?1 AND key = ?2", take_pair, pair,
             STRING(robot), TEXT(key)))
        return false;
    *holder = pair[0];
    *time_ms = pair[1];
    return true;
}

bool store_claim(struct store *store, int64_t *holder, int64_t *time_ms, const char *robot, struct text key,
                 int64_t run, struct err *err)
{
    return RUN(store,
               "INSERT INTO claims (robot, key, run, time_ms) VALUES (?1, ?2, ?3, ?4)"
               " ON CONFLICT (robot, key) DO NOTHING",
               NULL, NULL, STRING(robot), TEXT(key), INTEGER(run), INTEGER(store_now_ms(store))) &&
           store_claim_holder(store, holder, time_ms, robot, key, err);
}

bool store_mails_since(struct store *store, int64_t *count, const char *robot, int64_t since_ms,
                       struct err *err)
{
    *count = 0;
    return RUN(store,
               "SELECT count(*) FROM runs JOIN calls ON calls.run = runs.id WHERE runs.robot = ?1"
               " AND calls.kind = 'mail' AND calls.outcome = 'done' AND calls.started_ms >= ?2",
               store_take_integer, count, STRING(robot), INTEGER(since_ms));
}

bool store_draft_add(struct store *store, const char *tree, const char *robot, struct err *err)
{
    return RUN(store,
               "INSERT INTO drafts (tree, robot, time_ms) VALUES (?1, ?2, ?3) ON CONFLICT (tree) DO NOTHING",
               NULL, NULL, STRING(tree), STRING(robot), INTEGER(store_now_ms(store)));
}

// ---- secrets

static bool audit_secret(struct store *store, const char *event, const char *name, int64_t version,
                         const char *actor, struct err *err)
{
    SCOPED_BUF(content, 4096);
    struct json_writer writer = json_writer_new(&content);
    json_begin_object(&writer);
    json_write_key(&writer, "name");
    json_write_string(&writer, name);
    json_write_key(&writer, "version");
    json_write_integer(&writer, version);
    json_end_object(&writer);
    require(json_writer_done(&writer));
    return store_audit(store, actor, event, 0, buf_text(&content), err);
}

bool store_secret_put(struct store *store, const char *name, int64_t version, struct text origin,
                      struct text box, const char *actor, struct err *err)
{
    return RUN(store,
               "INSERT INTO secrets (name, version, origin, box, actor, set_ms) VALUES (?1, ?2, ?3, ?4, ?5, "
               "?6)"
               " ON CONFLICT (name) DO UPDATE SET version = excluded.version, origin = excluded.origin,"
               " box = excluded.box, actor = excluded.actor, set_ms = excluded.set_ms",
               NULL, NULL, STRING(name), INTEGER(version), TEXT(origin), VALUE_OF_BYTES(box), STRING(actor),
               INTEGER(store_now_ms(store))) &&
           audit_secret(store, "secret.set", name, version, actor, err);
}

bool store_secret_version(struct store *store, int64_t *version, const char *name, struct err *err)
{
    *version = 0;
    return RUN(store, "SELECT version FROM secrets WHERE name = ?1", store_take_integer, version,
               STRING(name));
}

struct visit_secret {
    store_secret_visitor visit;
    void *owner;
    bool found;
};

static bool hand_secret(void *owner, const struct row *row, struct err *err)
{
    struct visit_secret *visitor = owner;
    visitor->found = true;
    return visitor->visit(visitor->owner, row->values[0].integer, row->values[1].text, err);
}

bool store_secret_use(struct store *store, const char *name, store_secret_visitor visit, void *owner,
                      struct err *err)
{
    struct visit_secret visitor = {visit, owner, false};
    if (!RUN(store, "SELECT version, box FROM secrets WHERE name = ?1", hand_secret, &visitor, STRING(name)))
        return false;
    if (!visitor.found)
        return fail(err, ERR_SECRET_UNKNOWN, name);
    return RUN(store, "UPDATE secrets SET used_ms = ?2 WHERE name = ?1", NULL, NULL, STRING(name),
               INTEGER(store_now_ms(store)));
}

bool store_secret_remove(struct store *store, const char *name, const char *actor, struct err *err)
{
    int64_t version = 0;
    if (!RUN(store, "DELETE FROM secrets WHERE name = ?1 RETURNING version", store_take_integer, &version,
             STRING(name)))
        return false;
    return version ? audit_secret(store, "secret.removed", name, version, actor, err)
                   : fail(err, ERR_SECRET_UNKNOWN, name);
}
