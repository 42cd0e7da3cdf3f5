// What the host remembers: runs, what was done in them, secrets, the audit log. In the host.
//
// 1. All writing happens between store_begin and store_commit; the host shares one such transaction among all that
//    came in one turn of its loop, and tells nobody "stored" before it is committed.
// 2. Every change of a run's state goes through store_run_move, store_run_start or store_run_end, which write its audit
//    row beside it; runs.c is their only caller.
// 3. Audit rows are written at store_commit, in the order of store_audit: reads before it do not show them.
// 4. Times are milliseconds since 1970 (UTC); amounts are decimals as written. Texts given are borrowed for the call.
#ifndef RENKI_HOST_STORE_H
#define RENKI_HOST_STORE_H

#include "lib/json/json.h"

struct store;

// `where`: the path of the SQLite file, ":memory:" in tests, or "postgresql://…".
bool store_open(struct store **out, const char *where, struct err *err) MUST_CHECK;
bool store_is_server(const char *where);
void store_free(struct store *store);
DEFINE_SCOPED(store)

bool store_begin(struct store *store, struct err *err) MUST_CHECK;  // fine when begun already
bool store_commit(struct store *store, struct err *err) MUST_CHECK; // after a failure nothing of it is there
void store_rollback(struct store *store);
bool store_begun(const struct store *store);
bool store_verify(struct store *store, struct err *err) MUST_CHECK; // reads everything: for `renki doctor`
bool store_tidy(struct store *store, struct err *err) MUST_CHECK; // gives free space back, a little at a time
// Milliseconds since 1970 by the clock that rules: the database server's, where several hosts share it.
int64_t store_now_ms(struct store *store);
void store_rest(struct store *store);                 // nothing goes on: memory is given back
const char *store_version(const struct store *store); // "sqlite 3.40.1"
const char *store_place(const struct store *store);   // for people; without the password
// What it opens besides the workspace once the host is sealed.
enum { STORE_PORTS_MAX = 16, STORE_FILES_MAX = 8 };
struct store_reach {
    uint16_t ports[STORE_PORTS_MAX]; // of TCP
    size_t port_count;
    const char *files[STORE_FILES_MAX]; // certificates, read at each connection; borrowed
    size_t file_count;
};
const struct store_reach *store_reach(const struct store *store);
// A database server that goes away is waited for, up to 90 s at a time; `tick` is called about once a second meanwhile.
void store_while_away(struct store *store, void (*tick)(void *owner), void *owner);
void store_hurry(struct store *store); // from now on 3 s at most: the host is about to end

// ---- runs
// What else there is of a run when its row is read: what there is nothing of need not be asked for.
enum recorded {
    RECORDED_INPUTS = 1,
    RECORDED_ENTRIES = 2,
    RECORDED_EXCEPTIONS = 4,
    RECORDED_ARTIFACTS = 8,
    RECORDED_QUESTIONS = 16,
    RECORDED_CALLS = 32,
    RECORDED_TAKEN = 64,  // items of queues, taken and not settled
    RECORDED_HOLDS = 128, // places at outside systems
};

struct run_row {
    int64_t id, attempt;
    char *robot, *state, *tree, *actor, *language, *folder, *host, *inputs, *manifest, *expect_items,
        *expect_sum, *schedule, *lane, *overlap, *waiting_for, *cause;
    bool draft, dry_run, cancel_requested, served, record;
    int64_t created_ms, started_ms, planned_ms, failures, deaths, priority, parent, recorded;
};
void run_row_dispose(struct run_row *row);

// `tree` "": it is prepared when its turn comes, and `inputs` is then what is given, [[name, value], …].
struct run_new {
    const char *robot, *tree, *actor, *language, *folder;
    const char *host; // who may start it: a host's identity, or "" for any daemon
    bool draft, dry_run, record;
    bool served; // a daemon's: goes on by itself when its host dies
    bool taken;  // its host starts it at once
    int64_t priority, parent;
    struct text inputs, manifest, cause; // JSON; cause empty: a person started it
};
bool store_run_add(struct store *store, int64_t *id, const struct run_new *run, struct err *err) MUST_CHECK;
// Folders of the runs that may go on.
typedef bool (*store_folder_visitor)(void *owner, struct text folder, struct err *err);
bool store_run_folders(struct store *store, store_folder_visitor visit, void *owner,
                       struct err *err) MUST_CHECK;
// RUN_UNKNOWN when there is none.
bool store_run_load(struct store *store, struct run_row *out, int64_t id, struct err *err) MUST_CHECK;
// Changes the state where it is `from` now, and writes the audit row; *moved is false when it was another by then.
bool store_run_move(struct store *store, bool *moved, int64_t id, const char *from, const char *to,
                    const char *actor, struct text content, struct err *err) MUST_CHECK;
// The same, with what else its start changes in the row.
struct run_started {
    int64_t attempt;
    const char *host;
    const char *environment, *mode; // NULL: none
};
bool store_run_start(struct store *store, bool *moved, int64_t id, const char *from, const char *to,
                     const struct run_started *with, const char *actor, struct err *err) MUST_CHECK;
// The fault it ended with (JSON, the caller's), NULL for none.
bool store_run_fault(struct store *store, char **out, int64_t id, struct err *err) MUST_CHECK;
// The same, with what an end leaves: JSON, empty texts for none.
struct run_end {
    struct text fault, cost, summary;
};
bool store_run_end(struct store *store, bool *moved, int64_t id, const char *from, const char *to,
                   const struct run_end *with, const char *actor, struct err *err) MUST_CHECK;
bool store_run_expect(struct store *store, int64_t id, struct text items, struct text sum,
                      struct err *err) MUST_CHECK;
bool store_run_request_cancel(struct store *store, int64_t id, struct err *err) MUST_CHECK;
typedef bool (*store_run_visitor)(void *owner, int64_t id, const char *host, struct err *err);
// Runs of this host whose cancelling another host asked for.
bool store_runs_to_cancel(struct store *store, const char *host, store_run_visitor visit, void *owner,
                          struct err *err) MUST_CHECK;
// Runs that some host is to start or runs, and those that wait for what only their host can tell: of every host.
bool store_runs_live(struct store *store, store_run_visitor visit, void *owner, struct err *err) MUST_CHECK;
// Which of these runs are over, at most STORE_RUNS_ASKED at a time, in one statement: `over` has room for as many.
enum { STORE_RUNS_ASKED = 32 };
bool store_runs_over(struct store *store, int64_t *over, size_t *over_count, const int64_t *runs,
                     size_t count, struct err *err) MUST_CHECK;
bool store_run_count_live(struct store *store, int64_t *count, const char *robot, struct err *err) MUST_CHECK;

// ---- the queue
// A run that a schedule plans: one for each schedule and planned time, whoever plans it.
struct run_plan {
    const char *robot, *schedule, *actor, *language;
    const char *lane, *overlap; // "" for none
    int64_t planned_ms;         // the key, as the rule and the calendar say
    int64_t due_ms;             // when it is queued: with jitter
    int64_t priority;
    bool needs_approval;
    struct text given, cause; // JSON: [[name, value], …]; what started it and why then
};
// *id is 0 when it is there already.
bool store_run_plan(struct store *store, int64_t *id, const struct run_plan *plan,
                    struct err *err) MUST_CHECK;
struct run_due {
    int64_t id, planned_ms;
    struct text robot, schedule, lane, overlap; // borrowed for the call
};
typedef bool (*store_due_visitor)(void *owner, const struct run_due *due, struct err *err);
bool store_runs_due(struct store *store, int64_t now_ms, int64_t missed_before_ms, int64_t most,
                    store_due_visitor visit, void *owner, struct err *err) MUST_CHECK;
// Waiting runs whose time has come are queued; *count: how many.
bool store_runs_wake(struct store *store, int64_t *count, int64_t now_ms, const char *host, bool serving,
                     struct err *err) MUST_CHECK;
bool store_run_waits(struct store *store, int64_t id, const char *what, int64_t due_ms,
                     struct err *err) MUST_CHECK;
bool store_run_queued(struct store *store, int64_t id,
                      struct err *err) MUST_CHECK; // behind the others of its rank
bool store_run_for(struct store *store, int64_t id, const char *host, struct err *err) MUST_CHECK;
// The first that may start now is taken for this host: *id, 0 when there is none. `serving`: any daemon's too.
bool store_queue_take(struct store *store, int64_t *id, int64_t now_ms, const char *host, bool serving,
                      struct err *err) MUST_CHECK;
// How many may be there to take, looked at without writing.
bool store_queue_length(struct store *store, int64_t *count, const char *host, bool serving,
                        struct err *err) MUST_CHECK;
// Back to the queue, not before then; `what` it waits for is shown to people.
bool store_queue_defer(struct store *store, int64_t id, int64_t not_before_ms, const char *what,
                       struct err *err) MUST_CHECK;
// One that was deferred may be taken at once.
bool store_queue_release(struct store *store, int64_t id, struct err *err) MUST_CHECK;
// What waits for this may be looked at again.
bool store_queue_recall(struct store *store, const char *what, struct err *err) MUST_CHECK;
// When something of the queue is due next, planned (and not missed), waiting or deferred; INT64_MAX: nothing.
bool store_queue_next_ms(struct store *store, int64_t *due_ms, int64_t missed_before_ms, const char *host,
                         bool serving, struct err *err) MUST_CHECK;
// Another run of the lane that is ahead of this one and not over; 0: none.
bool store_lane_holder(struct store *store, int64_t *holder, int64_t id, const char *lane,
                       struct err *err) MUST_CHECK;
// Tree, inputs, manifest and folder of a run that was planned.
bool store_run_prepared(struct store *store, int64_t id, const struct run_new *run,
                        struct err *err) MUST_CHECK;
bool store_run_failed_again(struct store *store, int64_t id, struct err *err) MUST_CHECK; // counts a failure
// Counts the deaths of processes under it, in a row without anything done.
bool store_run_died(struct store *store, int64_t id, bool something_done, struct err *err) MUST_CHECK;

// What may keep a robot from starting: how often it has crashed running in this version, since when it is retired (0: it
// is not). See suspension.h and life.h.
struct hindrances {
    int64_t crashes, retired_ms;
};
bool store_hindrances(struct store *store, struct hindrances *out, const char *robot, const char *tree,
                      struct err *err) MUST_CHECK;
bool store_crashes(struct store *store, int64_t *count, const char *robot, const char *tree,
                   struct err *err) MUST_CHECK;
bool store_crash_add(struct store *store, int64_t *count, const char *robot, const char *tree,
                     struct err *err) MUST_CHECK;
bool store_crashes_clear(struct store *store, const char *robot, const char *tree,
                         struct err *err) MUST_CHECK;

// ---- how long runs wait for their turn
// What its manifest allows.
bool store_run_may_queue(struct store *store, int64_t id, int64_t most_ms, struct err *err) MUST_CHECK;
// Those that this host could take and that have waited for longer, at most so many; `most_ms` of those whose manifest says
// nothing.
typedef bool (*store_overdue_visitor)(void *owner, int64_t run, int64_t waited_ms, struct err *err);
bool store_queue_overdue(struct store *store, int64_t most_ms, const char *host, bool serving, int64_t most,
                         store_overdue_visitor visit, void *owner, struct err *err) MUST_CHECK;
// One that was taken: *waited_ms is 0 when it may still start.
bool store_run_waited(struct store *store, int64_t *waited_ms, int64_t id, struct err *err) MUST_CHECK;

// ---- by hand
// Before or after others of the queue; *moved is false when it waits for no turn.
bool store_run_set_priority(struct store *store, bool *moved, int64_t id, int64_t priority,
                            struct err *err) MUST_CHECK;
// The priority with which a run is before all that wait.
bool store_queue_foremost(struct store *store, int64_t *priority, struct err *err) MUST_CHECK;
// Somebody has seen to a run that did not end well.
bool store_run_close(struct store *store, int64_t id, const char *actor, const char *why,
                     struct err *err) MUST_CHECK;

// ---- what a run is given and leaves behind
bool store_input_add(struct store *store, int64_t run, const char *name, const char *file, int64_t size_bytes,
                     const char *sha256, struct err *err) MUST_CHECK;

bool store_input_count(struct store *store, int64_t *count, int64_t run, struct err *err) MUST_CHECK;

struct entry {
    struct text kind, scope, key, state, amount, note, result;
    int64_t position, attempt;
};
// Hands the entry to `visit` (borrowed) if there is one.
typedef bool (*store_entry_visitor)(void *owner, const struct entry *entry, struct err *err);
bool store_entry_find(struct store *store, int64_t run, struct text scope, struct text key,
                      store_entry_visitor visit, void *owner, struct err *err) MUST_CHECK;
bool store_entry_put(struct store *store, int64_t run, const struct entry *entry, struct err *err) MUST_CHECK;
// Where the last step of this scope stands that is done or in doubt; 0: there is none.
bool store_entries_end(struct store *store, int64_t *position, int64_t run, struct text scope,
                       struct err *err) MUST_CHECK;
// Hands over the step of this scope that is done, or in doubt, at this position. Reads the scope.
bool store_entry_at(struct store *store, int64_t run, struct text scope, int64_t position,
                    store_entry_visitor visit, void *owner, struct err *err) MUST_CHECK;
// An effect that is about to leave: its entry is put with its state, and a note of the call beside it.
struct about {
    int64_t call, bytes;
    struct text method, host, path;
};
bool store_about_add(struct store *store, int64_t run, const struct entry *entry, const struct about *about,
                     struct err *err) MUST_CHECK;
// Gives an entry that is there another state, amount, note and result: what a person says of it.
bool store_entry_settle(struct store *store, int64_t run, const struct entry *entry,
                        struct err *err) MUST_CHECK;
// Every item's state and amount (nothing else is filled), for control totals.
bool store_items(struct store *store, int64_t run, store_entry_visitor visit, void *owner,
                 struct err *err) MUST_CHECK;

bool store_exception_add(struct store *store, int64_t run, int64_t attempt, struct text text,
                         struct err *err) MUST_CHECK;
struct call {
    int64_t run, attempt, call, port, status, sent_bytes, received_bytes, started_ms, duration_ms;
    struct text kind, method, host, path, outcome, login, problem;
};
bool store_call_add(struct store *store, const struct call *call, struct err *err) MUST_CHECK;
struct artifact {
    int64_t run, attempt, size_bytes;
    const char *name, *path, *sha256; // path from the workspace's folder
    struct text title;
};
bool store_artifact_put(struct store *store, const struct artifact *artifact, struct err *err) MUST_CHECK;
// Whose the key is afterwards: *holder is `run` when it was free or the run's already.
bool store_claim(struct store *store, int64_t *holder, int64_t *time_ms, const char *robot, struct text key,
                 int64_t run, struct err *err) MUST_CHECK;
// The same without taking it: 0 when it is free.
bool store_claim_holder(struct store *store, int64_t *holder, int64_t *time_ms, const char *robot,
                        struct text key, struct err *err) MUST_CHECK;
// How many mails of the robot's runs were sent since then (ms since 1970).
bool store_mails_since(struct store *store, int64_t *count, const char *robot, int64_t since_ms,
                       struct err *err) MUST_CHECK;
bool store_draft_add(struct store *store, const char *tree, const char *robot, struct err *err) MUST_CHECK;

// ---- secrets: sealed boxes only
bool store_secret_put(struct store *store, const char *name, int64_t version, struct text origin,
                      struct text box, const char *actor, struct err *err) MUST_CHECK;
// 0 when there was none yet.
bool store_secret_version(struct store *store, int64_t *version, const char *name,
                          struct err *err) MUST_CHECK;
typedef bool (*store_secret_visitor)(void *owner, int64_t version, struct text box, struct err *err);
// SECRET_UNKNOWN when there is none. Notes the use.
bool store_secret_use(struct store *store, const char *name, store_secret_visitor visit, void *owner,
                      struct err *err) MUST_CHECK;
bool store_secret_remove(struct store *store, const char *name, const char *actor,
                         struct err *err) MUST_CHECK;

// ---- manners towards outside systems
// Takes one of `most` places for the run; *taken is true, too, where it has one. Places of runs that are over are free.
bool store_hold_take(struct store *store, bool *taken, const char *what, int64_t run, int64_t most,
                     struct err *err) MUST_CHECK;
// The runs that wait for what it held may start.
bool store_holds_release(struct store *store, int64_t run, struct err *err) MUST_CHECK;
enum { STORE_HOLDS_MAX = 200 }; // systems that a run can hold a place of
// How a login fares: refused so often running; frozen since then, 0: not; how often a person thawed it.
struct freeze {
    int64_t refused, since_ms, thaws;
};
// All 0 when nothing is known of it.
bool store_freeze_load(struct store *store, struct freeze *out, const char *login,
                       struct err *err) MUST_CHECK;
// Of every login that was refused or thawed, FREEZES_MAX at most.
enum { FREEZES_MAX = 1000 };
typedef bool (*store_freeze_visitor)(void *owner, const char *login, const struct freeze *freeze,
                                     struct err *err);
bool store_freezes_each(struct store *store, store_freeze_visitor visit, void *owner,
                        struct err *err) MUST_CHECK;
// Once more; *out is how it stands now.
bool store_freeze_refused(struct store *store, struct freeze *out, const char *login, int64_t run,
                          const char *reason, struct err *err) MUST_CHECK;
bool store_freeze_accepted(struct store *store, const char *login, struct err *err) MUST_CHECK;
bool store_freeze_begin(struct store *store, const char *login, struct err *err) MUST_CHECK;
// Counts anew; the runs that wait for it may start. *out is all 0 when nothing was known of it.
bool store_freeze_thaw(struct store *store, struct freeze *out, const char *login,
                       struct err *err) MUST_CHECK;

// ---- webhooks
// *is_new is false where the signature was used before; it is kept for so long.
bool store_hook_use(struct store *store, bool *is_new, const char *hook, const char *signature,
                    int64_t keep_ms, struct err *err) MUST_CHECK;

// ---- alerts
struct alert_new {
    const char *kind;
    int64_t run;
    struct text subject, title, hint;
    bool mail, webhook; // to be sent that way
};
bool store_alert_add(struct store *store, const struct alert_new *alert, struct err *err) MUST_CHECK;
struct alert_row {
    int64_t id, run, created_ms;
    struct text kind, subject, title, hint; // borrowed
};
typedef bool (*store_alert_visitor)(void *owner, const struct alert_row *alert, struct err *err);
// Alerts that go out as one message.
struct alert_batch {
    int64_t message; // 0: there are none
    int64_t count, attempts;
    bool mail, webhook; // which ways
};
// Claims at most so many for `lease_ms` and hands them over.
bool store_alerts_claim(struct store *store, struct alert_batch *out, int64_t most, int64_t lease_ms,
                        store_alert_visitor visit, void *owner, struct err *err) MUST_CHECK;
bool store_alerts_sent(struct store *store, int64_t message, bool mail, bool webhook,
                       struct err *err) MUST_CHECK;
// To be tried again in so many ms.
bool store_alerts_failed(struct store *store, int64_t message, int64_t again_ms, const char *problem,
                         struct err *err) MUST_CHECK;
// How many messages went out since then, and when the first of them; 0: none.
bool store_alerts_since(struct store *store, int64_t *messages, int64_t *first_ms, int64_t since_ms,
                        struct err *err) MUST_CHECK;
// How many wait to be sent, and when the first of them may.
bool store_alerts_waiting(struct store *store, int64_t *count, int64_t *next_ms, struct err *err) MUST_CHECK;

// ---- audit
bool store_audit(struct store *store, const char *actor, const char *event, int64_t run, struct text content,
                 struct err *err) MUST_CHECK;
// Recomputes the chain; AUDIT_BROKEN names the first row that does not fit.
bool store_audit_verify(struct store *store, int64_t *rows, struct err *err) MUST_CHECK;

// ---- for people and programs: rows as JSON
enum store_view {
    STORE_RUNS, // newest first, `key` is the most
    STORE_RUN,  // key: the run, here and below
    STORE_INPUTS,
    STORE_COUNTS,     // entries by kind and state
    STORE_UNDONE,     // items and steps that failed or are exceptions, the first 100
    STORE_EXCEPTIONS, // items' and others, the first 1000
    STORE_CALLS,
    STORE_CALL_COUNTS, // by host and outcome
    STORE_HELD,        // calls that a rehearsal held back
    STORE_ARTIFACTS,
    STORE_AUDIT,
    STORE_TASKS,     // open questions; key 1: all there were, newest first
    STORE_TASK,      // key: the question
    STORE_QUESTIONS, // of a run
    STORE_SECRETS,
    STORE_ALERTS, // newest first, `key` is the most
    STORE_QUEUE,  // runs that run, wait their turn or wait for something, in that order; key: the most
    STORE_DEAD,   // those that failed, were refused or are in doubt and nobody has seen to; likewise
    STORE_TROUBLE, // one row: unserved, dead, alerts, schedules; how many runs no host takes, need somebody; alerts not sent
    STORE_STATES, // how many runs are in each state that is no end
};
// Writes an array of objects.
bool store_view(struct store *store, struct json_writer *out, enum store_view view, int64_t key,
                struct err *err) MUST_CHECK;

#endif
