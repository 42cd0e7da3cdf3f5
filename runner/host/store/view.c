// The store's rows as JSON, for people and programs. In the host.
//
// A column named `x!` holds JSON and is copied as such, `x?` is true or false; the sign is not part of the key.
#include "host/store/store_own.h"

static const char *const statements[] = {
    [STORE_RUNS] = "SELECT id, robot, state, draft AS \"draft?\", dry_run AS \"dry_run?\", actor, attempt,"
                   " created_ms, started_ms, ended_ms, summary AS \"summary!\","
                   " (SELECT count(*) FROM emergencies WHERE run = runs.id) AS \"emergency?\""
                   " FROM runs ORDER BY id DESC LIMIT ?1",
    [STORE_RUN] =
        "SELECT id, robot, state, tree, draft AS \"draft?\", dry_run AS \"dry_run?\", actor, attempt,"
        " environment, mode, created_ms, started_ms, ended_ms, due_ms, inputs AS \"inputs!\", fault AS "
        "\"fault!\","
        " cost AS \"cost!\", summary AS \"summary!\", expect_items, expect_sum FROM runs WHERE id = ?1",
    [STORE_INPUTS] = "SELECT name, file, size_bytes, sha256 FROM inputs WHERE run = ?1 ORDER BY name",
    [STORE_COUNTS] = "SELECT kind, state, count(*) AS count FROM entries WHERE run = ?1 GROUP BY kind, state"
                     " ORDER BY kind, state",
    [STORE_UNDONE] = "SELECT kind, scope, key, position, state, amount, note, attempt FROM entries"
                     " WHERE run = ?1 AND state <> 'done' ORDER BY position LIMIT 100",
    [STORE_EXCEPTIONS] =
        "SELECT key, note AS text, time_ms FROM entries WHERE run = ?1 AND state = 'exception'"
        " UNION ALL SELECT '' AS key, text, time_ms FROM exceptions WHERE run = ?1"
        " ORDER BY 3 LIMIT 1000",
    [STORE_CALLS] = "SELECT attempt, call, kind, method, host, port, path, outcome, status, sent_bytes,"
                    " received_bytes, started_ms, duration_ms, login, problem FROM calls WHERE run = ?1"
                    " ORDER BY started_ms LIMIT 1000",
    [STORE_CALL_COUNTS] =
        "SELECT kind, method, host, outcome, count(*) AS count, sum(duration_ms) AS duration_ms"
        " FROM calls WHERE run = ?1 GROUP BY kind, method, host, outcome ORDER BY 1, 3, 2, 4",
    [STORE_HELD] =
        "SELECT kind, method, host, port, path, sent_bytes FROM calls"
        " WHERE run = ?1 AND outcome = 'held' AND attempt = (SELECT attempt FROM runs WHERE id = ?1)"
        " ORDER BY started_ms LIMIT 1000",
    [STORE_ARTIFACTS] = "SELECT name, title, path, size_bytes, sha256, attempt, time_ms FROM artifacts"
                        " WHERE run = ?1 ORDER BY time_ms, name",
    [STORE_AUDIT] =
        "SELECT number, time_ms, actor, event, content AS \"content!\" FROM audit WHERE run = ?1 AND run > 0"
        " ORDER BY number",
    [STORE_ALERTS] =
        "SELECT id, kind, run, subject, title, hint, created_ms, mail, webhook, attempts, problem,"
        " sent_ms FROM alerts ORDER BY id DESC LIMIT ?1",
    [STORE_TASKS] =
        "SELECT q.id, q.run, r.robot, q.kind, q.key, q.state, q.title, q.person, q.asked_ms, q.due_ms,"
        " q.answered_ms, q.actor, q.stands_in AS \"stands_in?\" FROM questions AS q JOIN runs AS r"
        " ON r.id = q.run WHERE (q.state = 'open' AND r.state IN ('running', 'waiting', 'in doubt'))"
        " OR ?1 = 1 ORDER BY q.id DESC LIMIT 1000",
    [STORE_TASK] =
        "SELECT q.id, q.run, r.robot, r.state AS run_state, q.kind, q.entry, q.scope, q.key, q.state,"
        " q.title, q.text, q.person, q.escalate, q.fields AS \"fields!\", q.files AS \"files!\","
        " q.otherwise AS \"otherwise!\", q.evidence AS \"evidence!\", q.answer AS \"answer!\", q.actor,"
        " q.stands_in AS \"stands_in?\", q.asked_ms, q.due_ms, q.answered_ms FROM questions AS q"
        " JOIN runs AS r ON r.id = q.run WHERE q.id = ?1",
    [STORE_QUESTIONS] =
        "SELECT id, kind, key, state, title, person, answer AS \"answer!\", actor,"
        " stands_in AS \"stands_in?\", asked_ms, answered_ms FROM questions WHERE run = ?1 ORDER BY id",
    [STORE_SECRETS] = "SELECT name, version, origin AS \"origin!\", actor, set_ms, used_ms,"
                      " coalesce((SELECT since_ms FROM freezes WHERE login = name), 0) AS frozen_ms"
                      " FROM secrets WHERE ?1 = 0 ORDER BY name",
    [STORE_QUEUE] =
        "SELECT id, robot, state, priority, actor, schedule, lane, host, taken AS \"taken?\", waiting_for,"
        " created_ms, queued_ms, started_ms, due_ms, not_before_ms, parent, attempt, failures,"
        " (SELECT min(other.id) FROM runs AS other WHERE runs.lane <> '' AND other.lane = runs.lane"
        " AND other.id <> runs.id AND (other.state IN ('running', 'waiting', 'in doubt')"
        " OR (other.state = 'queued' AND other.taken = 1))) AS holder, fault AS \"fault!\""
        " FROM runs WHERE state IN ('running', 'queued', 'waiting', 'in doubt')"
        " ORDER BY CASE state WHEN 'running' THEN 0 WHEN 'queued' THEN 1 ELSE 2 END, priority DESC,"
        " queued_ms, id LIMIT ?1",
    [STORE_DEAD] =
        "SELECT id, robot, state, actor, schedule, created_ms, ended_ms, attempt, failures,"
        " fault AS \"fault!\" FROM runs WHERE state IN ('failed', 'refused', 'in doubt') AND draft = 0"
        " AND dry_run = 0 AND NOT EXISTS (SELECT 1 FROM closed WHERE closed.run = runs.id"
        " AND closed.time_ms >= coalesce(runs.ended_ms, 0)) ORDER BY id DESC LIMIT ?1",
    [STORE_TROUBLE] =
        "SELECT (SELECT count(*) FROM runs WHERE state = 'queued' AND host = '') AS unserved,"
        " (SELECT count(*) FROM runs WHERE state IN ('failed', 'refused', 'in doubt') AND draft = 0"
        " AND dry_run = 0 AND NOT EXISTS (SELECT 1 FROM closed WHERE closed.run = runs.id"
        " AND closed.time_ms >= coalesce(runs.ended_ms, 0))) AS dead,"
        " (SELECT count(*) FROM alerts WHERE sent_ms IS NULL AND problem <> '') AS alerts,"
        " (SELECT count(*) FROM schedules WHERE problem <> '' AND stamp <> 0) AS schedules,"
        " (SELECT count(DISTINCT schedule) FROM schedule_troubles) AS shares WHERE ?1 = 0",
    [STORE_STATES] = "SELECT state, count(*) AS count FROM runs"
                     " WHERE ?1 = 0 AND state IN ('queued', 'running', 'waiting', 'in doubt') GROUP BY state",
};

static void write_json(struct json_writer *out, struct text json)
{
    SCOPED(json_document)
    document = NULL;
    struct err ignored;
    if (json_parse(&document, json, &ignored))
        json_write_value(out, json_root(document));
    else
        json_write_null(out);
}

static void write_value(struct json_writer *out, char sign, const struct value *value)
{
    if (value->kind == VALUE_NULL)
        json_write_null(out);
    else if (sign == '?')
        json_write_boolean(out, value->integer != 0);
    else if (sign == '!')
        write_json(out, value->text);
    else if (value->kind == VALUE_INTEGER)
        json_write_integer(out, value->integer);
    else
        json_write_lossy(out, value->text);
}

bool store_write_row(void *owner, const struct row *row, struct err *err)
{
    struct json_writer *out = owner;
    (void)err;
    json_begin_object(out);
    for (size_t i = 0; i < row->count; i++) {
        struct text name = text_from(row->names[i]);
        const char sign = name.data[name.length - 1];
        name.length -= sign == '?' || sign == '!';
        json_write_key_text(out, name);
        write_value(out, sign, &row->values[i]);
    }
    json_end_object(out);
    return true;
}

bool store_view_rows(struct store *store, struct json_writer *out, const char *statement, int64_t key,
                     struct err *err)
{
    json_begin_array(out);
    const bool good = RUN(store, statement, store_write_row, out, VALUE_OF_INTEGER(key));
    json_end_array(out);
    return good;
}

bool store_view(struct store *store, struct json_writer *out, enum store_view view, int64_t key,
                struct err *err)
{
    return store_view_rows(store, out, statements[view], key, err);
}
