// The handlers of requests, one for each row of requests.c; and what several of them need. In the host.
#ifndef RENKI_HOST_REQUESTS_H
#define RENKI_HOST_REQUESTS_H

#include "host/client.h"

#define HANDLER(name)                                                                                        \
    bool name(struct host *host, struct answer *answer, const struct json *body, struct frame *frame,        \
              struct err *err)
// request_workspace.c
HANDLER(request_workspace_init); // { folder, user, author } → { folder, files, repository }
HANDLER(request_workspace_open); // { folder, log, credentials } → { folder, language }
HANDLER(request_host_serve); // { beat_ms } → events (service.h) → { given_back }; serves .renki/host.sock
HANDLER(request_host_reload); // { actor } → { changed, fixed }
HANDLER(request_host_drain);  // { now } → {}: ends serving
// request_robot.c
HANDLER(request_robot_new);    // { robot } → { folder, files }
HANDLER(request_robot_list);   // {} → { robots }
HANDLER(request_robot_inputs); // { robot, draft } → { inputs: [{ name, type, required }] }
HANDLER(
    request_robot_check); // { robots, language } → events "finding" → { robots: [{ robot, state, fault }] }
HANDLER(request_robot_test); // likewise
// request_versions.c
HANDLER(request_version_history); // { robot, most, language } → { robot, versions, total }
// request_save.c
// { robots, message, actor } saves working files, { base, files: [{ path, content | base64 | gone, executable }], message,
// actor } what is sent → { end, commit, changes, left, conflicts: [{ path, base, branch, mine, text }], kept, allowed, waits }
HANDLER(request_robot_save);
HANDLER(request_robot_conflicts); // { all, actor } → { conflicts: [{ reference, time_ms, paths }] }
HANDLER(request_version_blame);   // { robot, file } → { robot, file, versions, lines, cut }
// request_restore.c
HANDLER(
    request_version_restore); // { robot, version, message, with_lib, force, actor } → { commit, kept, same }
// request_diff.c
HANDLER(request_version_diff); // { robot, a, b, language } → { before, after, changes, files, more_files }
// request_schedule.c
HANDLER(request_schedule_list);     // { after, most } → { schedules }
HANDLER(request_schedule_show);     // { schedule } → { …, definition, problem, runs, next }
HANDLER(request_schedule_next);     // { schedule, count } → { times }
HANDLER(request_schedule_pause);    // { schedule, why, actor } → { schedule }
HANDLER(request_schedule_resume);   // { schedule, actor } → { schedule }
HANDLER(request_schedule_run);      // { schedule, actor } → { schedule, run }
HANDLER(request_schedule_backfill); // { schedule, from, to, count_only, actor } → { schedule, count }
HANDLER(request_schedule_approve);  // { schedule, time, actor } → { schedule, due_ms, local }
HANDLER(request_schedule_call_off); // { schedule, time, why, actor } → { schedule, due_ms, local }
// request_run.c
HANDLER(
    request_run_start); // { robot, given, files, dry_run, draft, record, actor, language } → events → report
HANDLER(request_run_resume); // { run, actor, language, record } → events → report
HANDLER(
    request_run_retry); // { run, actor } → {}: as resume, by any host that serves, and nobody waits for it
HANDLER(request_run_cancel); // { run, actor } → { run, state }
HANDLER(request_run_list);   // { most } → { runs }
HANDLER(request_run_show);   // { run } → report
HANDLER(request_run_log);    // { run, follow } → events "log" → {}
// request_queue.c
HANDLER(request_queue_list);  // { most, dead } → { serving, draining, places, busy, most, runs }
HANDLER(request_queue_move);  // { run, first | priority, actor } → {}
HANDLER(request_queue_close); // { run, why, actor } → {}
// request_items.c
HANDLER(request_items_queues); // {} → { queues }
HANDLER(request_items_list);   // { queue, state, after, most, data } → { queue, items, totals }
HANDLER(request_items_show);   // { queue, key } → { queue, item, changes }
HANDLER(
    request_items_retry); // { queue, key, data, fields: [[name, text], …], actor } → { queue, key, state }
HANDLER(request_items_close); // { queue, key, why, actor } → { queue, key, state }
HANDLER(
    request_items_import); // { queue, items: [{ key, data, amount, due, priority, note }], actor } → { added, there }
// request_fake.c
HANDLER(
    request_fake_start); // { folder, free_ports, files: [[name, path], …] } → event "listening" → { fault }
// request_task.c
HANDLER(request_task_list);   // { all } → { tasks }
HANDLER(request_task_show);   // { task } → { task: [row] }
HANDLER(request_task_answer); // { task, given: [[name, value]] or verdict, result, actor } → {}
// request_secret.c
HANDLER(request_secret_key);    // {} → { public_key }
HANDLER(request_secret_set);    // { name, version, origin, box, actor } → { version }
HANDLER(request_secret_list);   // {} → { secrets }
HANDLER(request_secret_remove); // { name, actor } → {}
HANDLER(request_secret_thaw);   // { name, actor } → {}
// request_alerts.c
HANDLER(request_alert_list); // { most } → { alerts }
// request_host.c
HANDLER(request_hosts_list);  // {} → { this, now_ms, hosts }
HANDLER(request_hosts_drain); // { host, undo, actor } → {}
// request_review.c
HANDLER(
    request_review_list); // { robot } → { production, robots: [{ robot, tree, state, base, could, words, … }], emergencies }
// request_approve.c
HANDLER(
    request_review_approve); // { robot, as, tree, draft, signed } → { robot, tree, person, tag | payload }
HANDLER(request_review_reject); // the same with why
// request_people.c
HANDLER(request_people_list); // {} → { people: [{ login, name, email, listed, active, keys, groups }] }
// request_promote.c
HANDLER(request_robot_promote); // { robot, to, dry_run, actor } → see the file
// request_emergency.c
HANDLER(request_emergency_list);  // { robot } → { emergencies }
HANDLER(request_emergency_words); // { robot, as, why } or { run, as } → { payload }
HANDLER(request_emergency_allow); // { run, as, signed } → { run, person }
// request_sync.c
HANDLER(request_sync_now); // {} → { branch, moved, from, to, commits, approvals, pushed, left }
// request_people.c
HANDLER(
    request_people_list); // {} → { people: [{ login, name, email, listed, active, keys, groups }], host_key, account, signers }
// request_store.c
HANDLER(request_store_copy); // { folder, from, to } → events "table" → { tables, rows, audit }
// request_life.c
HANDLER(request_life_list);   // {} → { robots: [see life_write] }
HANDLER(request_life_keep);   // { robot, until, why, actor } → {}
HANDLER(request_life_retire); // { robot, why, actor } → { robot, why, schedules, logins, kept }
HANDLER(request_life_revive); // { robot, actor } → {}
// request_evidence.c
HANDLER(request_evidence_make); // { run, actor, language } → see evidence.h
HANDLER(request_evidence_drop); // { folder } → {}
// request_doctor.c
HANDLER(request_doctor); // {} → { checks: [{ name, state, detail, code, arguments }] }

// A text of the body; REQUEST_MALFORMED when it is not there.
bool body_text(const char **out, const struct json *body, const char *key, struct err *err) MUST_CHECK;
bool body_integer(int64_t *out, const struct json *body, const char *key, struct err *err) MUST_CHECK;
bool body_flag(const struct json *body, const char *key);
enum language body_language(const struct json *body);
const char *body_actor(const struct json *body);

#endif
