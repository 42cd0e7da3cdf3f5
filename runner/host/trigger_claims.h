// Files of shares that a run is to have: taken, copied, put away. In the host, which moves and copies them and never looks
// inside.
//
// 1. Taking a file is renaming it into .renki-claimed/HOST-wTOKEN-NAME: of several hosts that see it only one can. Then it
//    is copied to the folder that is to be the run's (and shared), beside the loop, CLAIMS_AT_ONCE at a time.
// 2. When all is there the run's row is written, and the claim renamed to HOST-RUN-NAME in the turn that writes it. When
//    the turn fails, the file goes back under its name; when the host dies before, its next start puts back what it finds
//    claimed without a run.
// 3. When the run is over the file goes to the share's folder for what is done, or to failed/.
#ifndef RENKI_HOST_TRIGGER_CLAIMS_H
#define RENKI_HOST_TRIGGER_CLAIMS_H

#include "host/schedules_own.h"

struct trigger_claims;
// `room` is called when a claim is over: another may be taken.
struct trigger_claims *trigger_claims_new(struct schedules *schedules, void (*room)(void *owner),
                                          void *owner);
void trigger_claims_free(struct trigger_claims *claims);
// Once: what an earlier process of this host left behind.
void trigger_claims_recover(struct trigger_claims *claims);
// Takes the file of the schedule's share, at this path. False: not now; it is to be asked for again.
bool trigger_claim(struct trigger_claims *claims, const char *schedule, const struct schedule_facts *facts,
                   const char *share, const char *file);
// This workspace on this machine, as its claims name it.
const char *trigger_claims_place(const struct trigger_claims *claims);
const char *trigger_share_path(const struct host *host, const char *share); // NULL: the settings name none

#endif
