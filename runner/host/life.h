// A robot has a life: owner, deputy, review date, retirement. In the host.
//
// 1. Past its review date it is reminded of. Where nobody active owns it (owner or deputy, as the settings list people),
//    people are asked, warned, and then it takes no new scheduled runs (life_stage.h). Somebody keeps it by a new date in
//    its manifest, or by `renki keep`.
// 2. Retiring ends its schedules, and the logins that nobody else uses, in one transaction; its runs and all that is
//    known of them stay. A retired robot does not start.
#ifndef RENKI_HOST_LIFE_H
#define RENKI_HOST_LIFE_H

#include "host/session.h"

enum { LIFE_KEEP_DAYS_MAX = 1100, LIFE_TOLD_AGAIN_MS = 7 * 24 * 3600 * 1000 };

// ROBOT_RETIRED. Before every start.
bool life_check(struct host *host, const char *robot, struct err *err) MUST_CHECK;
// The same for a run that a schedule planned, whose pin is there: ROBOT_UNOWNED. Raises the alert that is due; begins a
// turn for it.
bool life_check_scheduled(struct session *session, struct err *err) MUST_CHECK;
// One object: where the robot stands. `manifest` NULL: it is wrong.
bool life_write(struct json_writer *out, struct host *host, const char *robot,
                const struct manifest *manifest, struct err *err) MUST_CHECK;
// Until that day (YYYY-MM-DD). LIFE_UNTIL, LIFE_NOT_ACTIVE. Wants the turn begun, here and below.
bool life_keep(struct host *host, const char *robot, const char *until, const char *actor, const char *why,
               struct err *err) MUST_CHECK;
// Writes what ended: schedules, logins, and logins that others use and stay. ROBOT_BUSY, ROBOT_RETIRED.
bool life_retire(struct json_writer *out, struct host *host, const char *robot,
                 const struct manifest *manifest, const char *actor, const char *why,
                 struct err *err) MUST_CHECK;
// Its schedules stay paused and its logins gone. ROBOT_NOT_RETIRED.
bool life_revive(struct host *host, const char *robot, const char *actor, struct err *err) MUST_CHECK;

#endif
