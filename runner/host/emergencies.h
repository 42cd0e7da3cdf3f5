// Emergency runs: what nobody approved runs all the same, once two administrators have said so. In the host.
//
//   asked (run.start) ── its run waits in the queue ── allowed by another ── it starts
//                          └── a day later: refused
//
// 1. Who says it is an active person of the group `administrators`. Who has registered keys signs; for the others the
//    account that the host runs as may speak, and the row says so.
// 2. Judged anew at each start of the run: both are administrators still, and the tree is the one they spoke of.
// 3. It stays to be seen: in the run, in `renki review` of the robot, in the audit log; and it raises alerts.
#ifndef RENKI_HOST_EMERGENCIES_H
#define RENKI_HOST_EMERGENCIES_H

#include "host/host.h"
#include "host/people.h"
#include "host/store/emergencies.h"

enum { EMERGENCY_WHY_MAX = 400, EMERGENCY_SIGNED_MAX = 4096, EMERGENCY_WAIT_MS = 24 * 60 * 60 * 1000 };
#define EMERGENCY_NAMESPACE "renki"

enum emergency_state {
    EMERGENCY_NOT, // the run is none, or no longer counts as one
    EMERGENCY_WAITS,
    EMERGENCY_ALLOWED,
    EMERGENCY_TOO_LATE
};
// `until_ms`: when waiting ends.
bool emergency_of(struct host *host, enum emergency_state *out, int64_t *until_ms, int64_t run,
                  const char *tree, struct err *err) MUST_CHECK;

// What a person says: to ask for a run (run 0), or to allow it.
struct emergency_said {
    int64_t run;
    const char *robot, *tree, *why;
    const struct person *person;
    const char *signature; // what the person signed, with its signature; NULL: nothing
};
// The text to be signed.
bool emergency_payload(struct buf *out, const struct emergency_said *said) MUST_CHECK;
// Whether this person may say it: EMERGENCY_WHO, EMERGENCY_WHY, APPROVAL_SIGN, APPROVAL_SIGNATURE.
bool emergency_may(const struct host *host, const struct emergency_said *said, struct err *err) MUST_CHECK;

// Both in the turn's transaction, after emergency_may: rows, audit log, alerts. EMERGENCY_NONE, EMERGENCY_SAME.
bool emergency_ask(struct host *host, const struct emergency_said *said, struct err *err) MUST_CHECK;
bool emergency_allow(struct host *host, const struct emergency_said *said, struct err *err) MUST_CHECK;

// The member `emergency` of an object that is being written: null, or who asked, who allowed, why; and all of a robot
// (NULL: of all robots), the newest first, as `emergencies`.
bool emergency_write(struct json_writer *out, struct host *host, int64_t run, struct err *err) MUST_CHECK;
bool emergencies_write(struct json_writer *out, struct host *host, const char *robot,
                       struct err *err) MUST_CHECK;

#endif
