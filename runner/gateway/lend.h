// Lending a login to the process that talks to the git remote. In the gateway.
//
// The gateway alone opens boxes. What it opens goes to one descriptor, which the host made but can't read from, and only
// where the login's origin covers the address: a login of the remote is of no use for another.
#ifndef RENKI_GATEWAY_LEND_H
#define RENKI_GATEWAY_LEND_H

#include "gateway/gateway.h"

// Handles LEND. False on a malformed message.
bool lend_login(struct gateway *gateway, struct frame *frame, struct err *err) MUST_CHECK;

#endif
