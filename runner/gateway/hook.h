// Signatures of webhooks that came in: the host asks, for only the gateway can open the secret. In the gateway.
#ifndef RENKI_GATEWAY_HOOK_H
#define RENKI_GATEWAY_HOOK_H

#include "gateway/gateway.h"

// HOOK_SECRET and HOOK_CHECK of the host, which come one after the other.
bool hook_take_secret(struct gateway *gateway, struct frame *frame, struct err *err) MUST_CHECK;
bool hook_check(struct gateway *gateway, struct frame *frame, struct err *err) MUST_CHECK;

#endif
