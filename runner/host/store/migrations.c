// See migrations.h. A step that has been released is never changed; what must change is a new step at the end.
#include "host/store/migrations.h"

static const char *const steps[] = {
    // 1: runs and all that is recorded of them
    "CREATE TABLE runs ("
    " id INTEGER PRIMARY KEY AUTOINCREMENT, robot TEXT NOT NULL, state TEXT NOT NULL, tree TEXT NOT NULL,"
    " draft INTEGER NOT NULL, dry_run INTEGER NOT NULL, actor TEXT NOT NULL, language TEXT NOT NULL,"
    " attempt INTEGER NOT NULL DEFAULT 0, folder TEXT NOT NULL, host TEXT NOT NULL,"
    " cancel_requested INTEGER NOT NULL DEFAULT 0,"
    " inputs TEXT NOT NULL, manifest TEXT NOT NULL, fault TEXT, cost TEXT, summary TEXT,"
    " expect_items TEXT, expect_sum TEXT,"
    " created_ms INTEGER NOT NULL, started_ms INTEGER, ended_ms INTEGER, due_ms INTEGER);"
    "CREATE INDEX runs_by_state ON runs (state);"
    "CREATE INDEX runs_by_robot ON runs (robot, state);"

    "CREATE TABLE inputs (run INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE, name TEXT NOT NULL,"
    " file TEXT NOT NULL, size_bytes INTEGER NOT NULL, sha256 TEXT NOT NULL);"
    "CREATE INDEX inputs_by_run ON inputs (run);"

    "CREATE TABLE entries (run INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE, kind TEXT NOT NULL,"
    " scope TEXT NOT NULL, key TEXT NOT NULL, position INTEGER NOT NULL, state TEXT NOT NULL,"
    " amount TEXT NOT NULL, note TEXT NOT NULL, result BLOB NOT NULL, attempt INTEGER NOT NULL,"
    " time_ms INTEGER NOT NULL, UNIQUE (run, scope, key));"

    "CREATE TABLE exceptions (run INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE,"
    " attempt INTEGER NOT NULL, text TEXT NOT NULL, time_ms INTEGER NOT NULL);"
    "CREATE INDEX exceptions_by_run ON exceptions (run);"

    "CREATE TABLE calls (run INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE, attempt INTEGER NOT NULL,"
    " call INTEGER NOT NULL, kind TEXT NOT NULL, method TEXT NOT NULL, host TEXT NOT NULL,"
    " port INTEGER NOT NULL, path TEXT NOT NULL, outcome TEXT NOT NULL, status INTEGER NOT NULL,"
    " sent_bytes INTEGER NOT NULL, received_bytes INTEGER NOT NULL, started_ms INTEGER NOT NULL,"
    " duration_ms INTEGER NOT NULL, login TEXT NOT NULL, problem TEXT NOT NULL);"
    "CREATE INDEX calls_by_run ON calls (run);"

    "CREATE TABLE artifacts (run INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE, name TEXT NOT NULL,"
    " title TEXT NOT NULL, path TEXT NOT NULL, size_bytes INTEGER NOT NULL, sha256 TEXT NOT NULL,"
    " attempt INTEGER NOT NULL, time_ms INTEGER NOT NULL, UNIQUE (run, name));"

    "CREATE TABLE claims (robot TEXT NOT NULL, key TEXT NOT NULL, run INTEGER NOT NULL,"
    " time_ms INTEGER NOT NULL, PRIMARY KEY (robot, key));"

    "CREATE TABLE secrets (name TEXT PRIMARY KEY, version INTEGER NOT NULL, origin TEXT NOT NULL,"
    " box BLOB NOT NULL, actor TEXT NOT NULL, set_ms INTEGER NOT NULL, used_ms INTEGER);"

    "CREATE TABLE drafts (tree TEXT PRIMARY KEY, robot TEXT NOT NULL, time_ms INTEGER NOT NULL);"

    "CREATE TABLE audit (number INTEGER PRIMARY KEY, time_ms INTEGER NOT NULL, actor TEXT NOT NULL,"
    " event TEXT NOT NULL, run INTEGER, content TEXT NOT NULL, content_hash BLOB NOT NULL,"
    " chain_hash BLOB NOT NULL);",
    // 2: robots that crash
    "CREATE TABLE crashes (robot TEXT NOT NULL, tree TEXT NOT NULL, running INTEGER NOT NULL,"
    " time_ms INTEGER NOT NULL, PRIMARY KEY (robot, tree));",
    // 3: mails of a day
    "CREATE INDEX calls_by_mail ON calls (started_ms) WHERE kind = 'mail';",
    // 4: runs that are planned, wait their turn, or wait for something
    "ALTER TABLE runs ADD COLUMN schedule TEXT NOT NULL DEFAULT '';" // '' unless a schedule planned it
    "ALTER TABLE runs ADD COLUMN planned_ms INTEGER;"                // with it: the key of a due run
    "ALTER TABLE runs ADD COLUMN cause TEXT NOT NULL DEFAULT '{}';"  // JSON: what started it, and why then
    "ALTER TABLE runs ADD COLUMN approval TEXT NOT NULL DEFAULT '';" // '', needed, given
    "ALTER TABLE runs ADD COLUMN lane TEXT NOT NULL DEFAULT '';"     // runs of a lane come one after another
    "ALTER TABLE runs ADD COLUMN overlap TEXT NOT NULL DEFAULT '';"  // wait, skip or replace, in a lane
    "ALTER TABLE runs ADD COLUMN priority INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE runs ADD COLUMN queued_ms INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE runs ADD COLUMN not_before_ms INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE runs ADD COLUMN waiting_for TEXT NOT NULL DEFAULT '';" // retry, sleep, question, run, lane …
    "ALTER TABLE runs ADD COLUMN taken INTEGER NOT NULL DEFAULT 0;"     // its host is about to start it
    "ALTER TABLE runs ADD COLUMN served INTEGER NOT NULL DEFAULT 0;"    // a daemon's: goes on by itself
    "ALTER TABLE runs ADD COLUMN record INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE runs ADD COLUMN failures INTEGER NOT NULL DEFAULT 0;" // attempts that ended in a failure
    "ALTER TABLE runs ADD COLUMN deaths INTEGER NOT NULL DEFAULT 0;"   // in a row, with nothing done between
    "ALTER TABLE runs ADD COLUMN parent INTEGER NOT NULL DEFAULT 0;"   // the run that called this one
    "CREATE UNIQUE INDEX runs_by_plan ON runs (schedule, planned_ms) WHERE planned_ms IS NOT NULL;"
    // One small index a question, so that what is over costs nothing, and no planner takes a worse one.
    "DROP INDEX runs_by_state;"
    "CREATE INDEX runs_in_queue ON runs (taken, priority DESC, queued_ms, id) WHERE state = 'queued';"
    "CREATE INDEX runs_deferred ON runs (not_before_ms) WHERE state = 'queued' AND not_before_ms > 0;"
    "CREATE INDEX runs_planned ON runs (due_ms) WHERE state = 'planned';"
    "CREATE INDEX runs_waiting ON runs (due_ms) WHERE state = 'waiting';"
    "CREATE INDEX runs_held ON runs (host) WHERE state IN ('queued', 'running', 'waiting') AND host <> '';"
    "CREATE INDEX runs_unfinished ON runs (state)"
    " WHERE state IN ('queued', 'running', 'waiting', 'in doubt');" // to count them
    "CREATE INDEX runs_to_cancel ON runs (host) WHERE cancel_requested = 1;"
    "CREATE INDEX runs_in_lane ON runs (lane, state) WHERE lane <> '';"
    "CREATE INDEX runs_by_parent ON runs (parent) WHERE parent <> 0;"
    // what was about to leave a run, and what its steps are asked for in their order
    "CREATE TABLE abouts (run INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE, attempt INTEGER NOT NULL,"
    " call INTEGER NOT NULL, scope TEXT NOT NULL, key TEXT NOT NULL, method TEXT NOT NULL,"
    " host TEXT NOT NULL, path TEXT NOT NULL, bytes INTEGER NOT NULL, time_ms INTEGER NOT NULL,"
    " PRIMARY KEY (run, attempt, call));"
    "CREATE INDEX abouts_by_entry ON abouts (run, scope, key);"
    "CREATE INDEX entries_by_position ON entries (run, scope, position) WHERE kind NOT IN ('item', 'effect');"

    // what people are asked: kind 'ask' (run:ask) or 'doubt' (was it done?); open, answered, or expired where
    // nobody answered in time. next_ms: when something is to be done about it (next: remind, escalate, otherwise)
    "CREATE TABLE questions (id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " run INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE, kind TEXT NOT NULL, scope TEXT NOT NULL,"
    " key TEXT NOT NULL, position INTEGER NOT NULL, entry TEXT NOT NULL, state TEXT NOT NULL,"
    " title TEXT NOT NULL, text TEXT NOT NULL, person TEXT NOT NULL, escalate TEXT NOT NULL,"
    " fields TEXT NOT NULL, files TEXT NOT NULL, otherwise TEXT NOT NULL, amount TEXT NOT NULL,"
    " evidence TEXT NOT NULL, answer TEXT NOT NULL DEFAULT '', actor TEXT NOT NULL DEFAULT '',"
    " stands_in INTEGER NOT NULL DEFAULT 0, asked_ms INTEGER NOT NULL, due_ms INTEGER, next_ms INTEGER,"
    " next TEXT NOT NULL DEFAULT '', answered_ms INTEGER);"
    "CREATE UNIQUE INDEX questions_open ON questions (run, scope, key) WHERE state = 'open';"
    "CREATE INDEX questions_by_run ON questions (run);"
    "CREATE INDEX questions_by_next ON questions (next_ms) WHERE state = 'open';"

    // schedules
    "CREATE TABLE schedules (name TEXT PRIMARY KEY, robot TEXT NOT NULL, trigger_on TEXT NOT NULL,"
    " stamp INTEGER NOT NULL, definition TEXT NOT NULL, calendar INTEGER NOT NULL, problem TEXT NOT NULL,"
    " paused_by TEXT NOT NULL, paused_why TEXT NOT NULL, paused_ms INTEGER,"
    " handled_ms INTEGER NOT NULL, planned_ms INTEGER NOT NULL DEFAULT 0, due_ms INTEGER);"
    "CREATE INDEX schedules_by_due ON schedules (due_ms);"
    "CREATE INDEX schedules_by_trigger ON schedules (trigger_on) WHERE trigger_on <> '';"

    "CREATE TABLE schedule_decisions (schedule TEXT NOT NULL, due_ms INTEGER NOT NULL, kind TEXT NOT NULL,"
    " actor TEXT NOT NULL, why TEXT NOT NULL, time_ms INTEGER NOT NULL, PRIMARY KEY (schedule, due_ms));"

    "CREATE TABLE run_watches (run INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE, what TEXT NOT NULL,"
    " at_ms INTEGER NOT NULL, PRIMARY KEY (run, what));"
    "CREATE INDEX run_watches_by_time ON run_watches (at_ms);"

    // runs that did not end well and that somebody has seen to
    "CREATE TABLE closed (run INTEGER PRIMARY KEY REFERENCES runs ON DELETE CASCADE, actor TEXT NOT NULL,"
    " why TEXT NOT NULL, time_ms INTEGER NOT NULL);"
    // what runs hold of which there are only so many ("system ledger", "robot rents"); logins that are refused
    "CREATE TABLE holds (what TEXT NOT NULL, slot INTEGER NOT NULL, run INTEGER NOT NULL,"
    " PRIMARY KEY (what, slot));"
    "CREATE INDEX holds_by_run ON holds (run);"
    "CREATE TABLE freezes (login TEXT PRIMARY KEY, refused INTEGER NOT NULL,"
    " since_ms INTEGER NOT NULL DEFAULT 0, run INTEGER NOT NULL, reason TEXT NOT NULL,"
    " thaws INTEGER NOT NULL DEFAULT 0);"
    "CREATE TABLE alerts (id INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, run INTEGER NOT NULL,"
    " subject TEXT NOT NULL, title TEXT NOT NULL, hint TEXT NOT NULL, created_ms INTEGER NOT NULL,"
    " mail INTEGER NOT NULL, webhook INTEGER NOT NULL, attempts INTEGER NOT NULL DEFAULT 0,"
    " next_ms INTEGER NOT NULL DEFAULT 0, problem TEXT NOT NULL DEFAULT '',"
    " message INTEGER NOT NULL DEFAULT 0, sent_ms INTEGER);"
    "CREATE INDEX alerts_to_send ON alerts (next_ms) WHERE sent_ms IS NULL;"
    "CREATE INDEX alerts_by_sent ON alerts (sent_ms) WHERE sent_ms IS NOT NULL;"

    // hosts that share the store; `id` is a host's fencing number, `token` its row of `commits` (PostgreSQL)
    "CREATE TABLE hosts (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL, identity TEXT NOT NULL,"
    " token TEXT NOT NULL, version TEXT NOT NULL, serving INTEGER NOT NULL, places INTEGER NOT NULL,"
    " state TEXT NOT NULL," // active, draining, gone
    " started_ms INTEGER NOT NULL, beat_ms INTEGER NOT NULL, ended_ms INTEGER);"
    "CREATE INDEX hosts_by_identity ON hosts (identity);"
    // the files of pinned trees, where several hosts share the store
    "CREATE TABLE trees (tree TEXT PRIMARY KEY, content BLOB NOT NULL, time_ms INTEGER NOT NULL);"
    // work items, and what runs give to those that called them
    "CREATE TABLE queues (name TEXT PRIMARY KEY, expect_items TEXT, expect_sum TEXT,"
    " created_ms INTEGER NOT NULL);"
    "CREATE TABLE work_items (number INTEGER PRIMARY KEY AUTOINCREMENT, queue TEXT NOT NULL,"
    " key TEXT NOT NULL, state TEXT NOT NULL, amount TEXT NOT NULL, note TEXT NOT NULL,"
    " priority INTEGER NOT NULL, due_ms INTEGER NOT NULL, not_before_ms INTEGER NOT NULL DEFAULT 0,"
    " tries INTEGER NOT NULL DEFAULT 0, run INTEGER NOT NULL DEFAULT 0, former INTEGER NOT NULL DEFAULT 0,"
    " added_by INTEGER NOT NULL, created_ms INTEGER NOT NULL, changed_ms INTEGER NOT NULL,"
    " data TEXT NOT NULL," // last: what is looked at in every row stands before it
    " UNIQUE (queue, key));"
    "CREATE INDEX work_items_new ON work_items (queue, priority DESC, due_ms, number) WHERE state = 'new';"
    "CREATE INDEX work_items_again ON work_items (queue, run, not_before_ms)"
    " WHERE state = 'new' AND not_before_ms > 0;"
    "CREATE INDEX work_items_taken ON work_items (run) WHERE state = 'taken';"
    "CREATE INDEX work_items_by_state ON work_items (queue, state);"
    "CREATE TABLE item_changes (item INTEGER NOT NULL REFERENCES work_items ON DELETE CASCADE,"
    " time_ms INTEGER NOT NULL, actor TEXT NOT NULL, what TEXT NOT NULL, state TEXT NOT NULL,"
    " note TEXT NOT NULL, data TEXT NOT NULL, why TEXT NOT NULL);"
    "CREATE INDEX item_changes_by_item ON item_changes (item);"
    "CREATE TABLE results (run INTEGER PRIMARY KEY REFERENCES runs ON DELETE CASCADE, result BLOB NOT NULL);"
    // signatures of webhooks that were used
    "CREATE TABLE hook_signatures (hook TEXT NOT NULL, signature TEXT NOT NULL, until_ms INTEGER NOT NULL,"
    " PRIMARY KEY (hook, signature));"
    "CREATE INDEX hook_signatures_by_until ON hook_signatures (until_ms);",
    // 5: what is told of a run's audit rows
    "CREATE INDEX audit_by_run ON audit (run, number) WHERE run > 0;"
    // shares of schedules that a host can't look into
    "CREATE TABLE schedule_troubles (schedule TEXT NOT NULL, host TEXT NOT NULL, problem TEXT NOT NULL,"
    " since_ms INTEGER NOT NULL, told INTEGER NOT NULL, PRIMARY KEY (schedule, host));"
    // how long a run may wait for its turn; 0: as the settings say
    "ALTER TABLE runs ADD COLUMN queued_most_ms INTEGER NOT NULL DEFAULT 0;"
    // every step wrote a page of it, and only what is done anew after a crash asked it
    "DROP INDEX entries_by_position;"
    // logs of runs, where several hosts share the store: lines on their way to files, and the files
    "CREATE TABLE log_parts (run INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE, part INTEGER NOT NULL,"
    " lines BLOB NOT NULL, PRIMARY KEY (run, part));"
    "CREATE TABLE log_files (run INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE,"
    " last_part INTEGER NOT NULL, size_bytes INTEGER NOT NULL, sha256 TEXT NOT NULL, path TEXT NOT NULL,"
    " PRIMARY KEY (run, last_part));"
    // robots that somebody kept on beyond their review date, or retired
    "CREATE TABLE lives (robot TEXT PRIMARY KEY, retired_by TEXT NOT NULL DEFAULT '',"
    " retired_why TEXT NOT NULL DEFAULT '', retired_ms INTEGER NOT NULL DEFAULT 0,"
    " kept_until TEXT NOT NULL DEFAULT '', kept_by TEXT NOT NULL DEFAULT '',"
    " kept_why TEXT NOT NULL DEFAULT '', stage INTEGER NOT NULL DEFAULT 0,"
    " told_ms INTEGER NOT NULL DEFAULT 0);"
    // under which settings its last attempt began
    "ALTER TABLE runs ADD COLUMN environment TEXT NOT NULL DEFAULT '';" // '' where the settings have none
    "ALTER TABLE runs ADD COLUMN mode TEXT NOT NULL DEFAULT '';"        // development or production
    // a queue's items are read in pages, and added up without being sorted
    "DROP INDEX work_items_by_state;"
    "CREATE INDEX work_items_by_amount ON work_items (queue, state, amount);"
    "CREATE INDEX work_items_in_order ON work_items (queue, number);"
    // a run that goes on passes over what it did of a queue, one by one
    "CREATE INDEX entries_of_queues ON entries (run, scope, position)"
    " WHERE kind = 'item' AND substr(scope, 1, 6) = 'queue ';"
    // runs of what nobody approved, which two administrators wanted; kept when the run is not
    "CREATE TABLE emergencies (run INTEGER PRIMARY KEY, robot TEXT NOT NULL, tree TEXT NOT NULL,"
    " why TEXT NOT NULL, asked_by TEXT NOT NULL, asked_account TEXT NOT NULL, asked_signed TEXT NOT NULL,"
    " asked_ms INTEGER NOT NULL, allowed_by TEXT NOT NULL DEFAULT '',"
    " allowed_account TEXT NOT NULL DEFAULT '', allowed_signed TEXT NOT NULL DEFAULT '',"
    " allowed_ms INTEGER NOT NULL DEFAULT 0);",
};

int64_t migrations_newest(void)
{
    return COUNT_OF(steps);
}

static bool take_version(void *owner, const struct row *row, struct err *err)
{
    (void)err;
    *(int64_t *)owner = row->values[0].integer;
    return true;
}

static bool apply(const struct database_backend *backend, struct database *database, int64_t *version,
                  struct err *err)
{
    if (!backend->lock(database, DATABASE_LOCK_SCHEMA, err) ||
        !backend->script(database, "CREATE TABLE IF NOT EXISTS schema (version INTEGER NOT NULL)", err) ||
        !backend->run(database, "SELECT coalesce(max(version), 0) FROM schema", NULL, 0, take_version,
                      version, err))
        return false;
    for (; *version < migrations_newest(); (*version)++) {
        const struct value next = VALUE_OF_INTEGER(*version + 1);
        if (!backend->script(database, steps[*version], err) ||
            !backend->run(database, "INSERT INTO schema VALUES (?1)", &next, 1, NULL, NULL, err))
            return false;
    }
    return true;
}

bool migrations_apply(const struct database_backend *backend, struct database *database, struct err *err)
{
    int64_t version = 0;
    if (!backend->begin(database, err))
        return false;
    if (!apply(backend, database, &version, err)) {
        backend->rollback(database);
        return false;
    }
    if (version > migrations_newest()) {
        backend->rollback(database);
        return fail(err, ERR_STORE_NEWER, N(version), N(migrations_newest()));
    }
    return backend->commit(database, NULL, NULL, err);
}
