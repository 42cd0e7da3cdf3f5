// Runs whose host is gone: a daemon's go on at whichever host, others are their person's to resume. In the host.
#ifndef RENKI_HOST_LOST_H
#define RENKI_HOST_LOST_H

#include "host/host.h"

// In the turn's transaction; begins it when there is one to give back.
bool lost_give_back(struct host *host, struct err *err) MUST_CHECK;

#endif
