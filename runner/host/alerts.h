// Alerts: what people are told without asking. A row in the transaction of what it tells, sent by mail and webhook through
// the gateway. In the host.
//
//   alerts.c         raising: which words, and whether the settings want it sent
//   alert_sender.c   sending: a few at a time, tried again until they are out, never more than so many an hour
//
//     raised ── claimed by a host (alert_sender.c) ── sent
//                  └────── could not: again later ──┘
//
// 1. An alert is kept and shown (`renki alerts`) whatever the settings say; they decide what is sent, and where to.
// 2. Only a host that serves sends. Of several hosts one claims an alert; when that host dies, another sends it after a
//    while: rather twice than not at all.
// 3. Many at once, and what the hour's bound held back, go out as one message that counts them.
#ifndef RENKI_HOST_ALERTS_H
#define RENKI_HOST_ALERTS_H

#include "host/host.h"
#include "host/runs.h"

enum alert_kind {
    ALERT_FAILED,     // a run failed and is not tried again; subject: the robot; detail: the fault's words
    ALERT_REFUSED,    // a run was refused; likewise
    ALERT_MISSED,     // it was due and did not run; subject: the schedule; detail: when it was due
    ALERT_LATE,       // it is due and has not started; likewise
    ALERT_IN_DOUBT,   // whether a step was done is not known; subject: the robot; detail: the step
    ALERT_FROZEN,     // a login; subject: its name; detail: the system's answer
    ALERT_SUSPENDED,  // a robot that crashed three times running; subject: the robot
    ALERT_SCHEDULE,   // a schedule's file can't be read; subject: the schedule; detail: why
    ALERT_TASK,       // a person is asked, or reminded; subject: the task's title; detail: whose it is
    ALERT_OVERDUE,    // a person's task was not answered in time; subject: its title; detail: whose it is
    ALERT_SYNC,       // what the git remote has is refused; subject: its address; detail: why
    ALERT_UNAPPROVED, // what was due was not approved; subject: the robot; detail: the fault's words
    ALERT_EMERGENCY, // a run that is not approved was asked for, or allowed; subject: the robot; detail: who and why
    ALERT_REVIEW, // a robot is past its review date; subject: the robot; detail: what becomes of it
    ALERT_KIND_COUNT
};
const char *
alert_kind_name(enum alert_kind kind); // as in the settings: "failed", "in doubt", "overdue task" …

struct alert {
    enum alert_kind kind;
    int64_t run;                  // 0: of none
    const char *subject, *detail; // detail NULL: none
};
// In the turn's transaction (turn_begin).
bool alert_raise(struct host *host, const struct alert *alert, struct err *err) MUST_CHECK;
// In over.c's list.
bool alert_of_end(struct host *host, const struct run_row *run, enum run_state state,
                  struct err *err) MUST_CHECK;

// ---- alert_sender.c
struct alerts *alerts_new(struct host *host);
void alerts_close(struct host *host); // stops its timer; freed by the loop
// Sends what waits, when the host serves and the settings say where to.
void alerts_look(struct host *host);

#endif
