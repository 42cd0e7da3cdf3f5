// What day it is where the workspace is. In the host.
#ifndef RENKI_HOST_TODAY_H
#define RENKI_HOST_TODAY_H

#include "host/host.h"

// In the settings' time zone; UTC when the machine does not know the zone.
struct date today(struct host *host);

#endif
