// Which requests are answered, and by whom. Nothing else is. In the host.
#include "host/requests.h"

static const struct {
    const char *name;
    request_handler handler;
    bool needs_workspace;
} requests[] = {
    {"workspace.init", request_workspace_init, false},
    {"workspace.open", request_workspace_open, false},
    {"host.serve", request_host_serve, true},
    {"host.reload", request_host_reload, true},
    {"host.drain", request_host_drain, true},
    {"robot.new", request_robot_new, true},
    {"robot.list", request_robot_list, true},
    {"robot.inputs", request_robot_inputs, true},
    {"robot.save", request_robot_save, true},
    {"robot.conflicts", request_robot_conflicts, true},
    {"robot.check", request_robot_check, true},
    {"robot.test", request_robot_test, true},
    {"version.history", request_version_history, true},
    {"version.diff", request_version_diff, true},
    {"version.blame", request_version_blame, true},
    {"version.restore", request_version_restore, true},
    {"schedule.list", request_schedule_list, true},
    {"schedule.show", request_schedule_show, true},
    {"schedule.next", request_schedule_next, true},
    {"schedule.pause", request_schedule_pause, true},
    {"schedule.resume", request_schedule_resume, true},
    {"schedule.run", request_schedule_run, true},
    {"schedule.backfill", request_schedule_backfill, true},
    {"schedule.approve", request_schedule_approve, true},
    {"schedule.call_off", request_schedule_call_off, true},
    {"run.start", request_run_start, true},
    {"run.resume", request_run_resume, true},
    {"run.cancel", request_run_cancel, true},
    {"run.list", request_run_list, true},
    {"run.show", request_run_show, true},
    {"run.log", request_run_log, true},
    {"run.retry", request_run_retry, true},
    {"queue.list", request_queue_list, true},
    {"queue.move", request_queue_move, true},
    {"queue.close", request_queue_close, true},
    {"items.queues", request_items_queues, true},
    {"items.list", request_items_list, true},
    {"items.show", request_items_show, true},
    {"items.retry", request_items_retry, true},
    {"items.close", request_items_close, true},
    {"items.import", request_items_import, true},
    {"fake.start", request_fake_start, true},
    {"task.list", request_task_list, true},
    {"task.show", request_task_show, true},
    {"task.answer", request_task_answer, true},
    {"secret.key", request_secret_key, true},
    {"secret.set", request_secret_set, true},
    {"secret.list", request_secret_list, true},
    {"secret.remove", request_secret_remove, true},
    {"secret.thaw", request_secret_thaw, true},
    {"alert.list", request_alert_list, true},
    {"hosts.list", request_hosts_list, true},
    {"hosts.drain", request_hosts_drain, true},
    {"review.list", request_review_list, true},
    {"review.approve", request_review_approve, true},
    {"review.reject", request_review_reject, true},
    {"emergency.list", request_emergency_list, true},
    {"emergency.words", request_emergency_words, true},
    {"emergency.allow", request_emergency_allow, true},
    {"people.list", request_people_list, true},
    {"life.list", request_life_list, true},
    {"life.keep", request_life_keep, true},
    {"life.retire", request_life_retire, true},
    {"life.revive", request_life_revive, true},
    {"evidence.make", request_evidence_make, true},
    {"evidence.drop", request_evidence_drop, true},
    {"sync.now", request_sync_now, true},
    {"robot.promote", request_robot_promote, true},
    {"doctor", request_doctor, true},
    {"store.copy", request_store_copy, false},
};

request_handler request_find(struct text name, bool *needs_workspace)
{
    for (size_t i = 0; i < COUNT_OF(requests); i++)
        if (text_is(name, requests[i].name)) {
            *needs_workspace = requests[i].needs_workspace;
            return requests[i].handler;
        }
    return NULL;
}
