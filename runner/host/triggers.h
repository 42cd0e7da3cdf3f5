// What starts robots beside time: another robot's end, a file that arrives in a share, items that wait. In the host.
//
//   triggers.c        after another robot, when items wait            trigger_files.c  files that arrive in shares
//                                                                   trigger_claims.c taking them
//
// A trigger makes a row in the queue as a rule of time does: with its cause, in its schedule's lane, not while the
// schedule is paused, not outside `from` and `until`.
#ifndef RENKI_HOST_TRIGGERS_H
#define RENKI_HOST_TRIGGERS_H

#include "host/runs.h"

struct host;
struct schedules;
struct trigger_files;

// The host serves: shares and queues of items are watched from now on.
void triggers_begin(struct schedules *schedules);
// The file of a schedule was read anew, or is gone.
void triggers_changed(struct schedules *schedules);

// A part of over.c: robots that follow this one are queued, files that it worked on are put away.
bool triggers_over(struct host *host, const struct run_row *run, enum run_state state,
                   struct err *err) MUST_CHECK;

// ---- trigger_files.c, for triggers.c
struct trigger_files *trigger_files_new(struct schedules *schedules);
void trigger_files_free(struct trigger_files *files); // accepts NULL
void trigger_files_look(struct trigger_files *files); // soon
// ---- trigger_claims.c
// The run is over: what it claimed goes to the folder for what is done, or what failed, once that is on disk.
void trigger_files_put_away(struct host *host, int64_t run, const struct json *cause, bool well);

// ---- trigger_shares.c, for trigger_files.c
// `why` the share of a schedule can't be looked into from this place (a workspace on a machine); NULL: it can. *wait_ms is
// lowered to when it is to be looked at again.
void trigger_share_note(struct schedules *schedules, const char *schedule, const char *place,
                        const struct err *why, int64_t *wait_ms);

#endif
