// Webhooks: what becomes of a request that the web process hands over. In the host.
//
//   1  the schedule of that name must wait for a webhook (404), not be paused (409), and not be asked too often (429)
//   2  the signature's form and its time must be right (401)
//   3  the gateway, which alone can open the secret, says whether it is the right one (401)
//   4  it must not have been used before (409), which holds across hosts
//   5  the payload becomes inputs (400), and a run in the queue: 202 {"run":N}
//
// Nothing tells why a signature is wrong. Refusals are counted in the audit log, one row a minute at most for each hook and
// reason.
#ifndef RENKI_HOST_HOOKS_H
#define RENKI_HOST_HOOKS_H

#include "host/host.h"

struct hooks *hooks_new(void);
// From the web process: HOOK.
bool hooks_on_request(struct host *host, struct frame *frame, struct err *err) MUST_CHECK;
// From the gateway: HOOK_CHECKED.
bool hooks_on_checked(struct host *host, struct frame *frame, struct err *err) MUST_CHECK;
// The gateway has gone, or the web process: nobody waits for these any more.
void hooks_forget(struct host *host);

#endif
