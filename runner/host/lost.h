// Runs whose host is gone: a daemon's go on at whichever host, others are their person's to resume. Also those whose end
// this host could not record, for the store was away or full. In the host.
#ifndef RENKI_HOST_LOST_H
#define RENKI_HOST_LOST_H

#include "host/host.h"

// In the turn's transaction; begins it when there is one to give back.
bool lost_give_back(struct host *host, struct err *err) MUST_CHECK;

// What the row of a run says was not brought up to date: this host, which has no session of it any more, still has it.
void lost_note(struct host *host);
// Gives back what was noted, a second later or when the store takes it. In the turn's transaction, which is begun.
bool lost_give_back_own(struct host *host, struct err *err) MUST_CHECK;

#endif
