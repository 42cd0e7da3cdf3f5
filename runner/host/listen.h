// The socket of a running host, .renki/host.sock: for command lines of the same user. In the host.
#ifndef RENKI_HOST_LISTEN_H
#define RENKI_HOST_LISTEN_H

#include "host/host.h"

// HOST_RUNNING when another host serves this workspace.
bool listen_begin(struct host *host, struct err *err) MUST_CHECK;
void listen_end(struct host *host);

#endif
