// Logins that systems refused, for the whole fleet: counted in the store, told to every gateway. In the host.
//
// What is counted, when a login freezes and who thaws it: gateway/freeze.h.
#ifndef RENKI_HOST_FREEZES_H
#define RENKI_HOST_FREEZES_H

#include "host/host.h"

// From session_on_gateway: LOGIN_REFUSED and LOGIN_ACCEPTED.
bool freezes_on_refused(struct host *host, struct frame *frame, struct err *err) MUST_CHECK;
bool freezes_on_accepted(struct host *host, struct frame *frame, struct err *err) MUST_CHECK;
// Before a run that may use the login is opened at the gateway.
bool freezes_tell(struct host *host, const char *login, struct err *err) MUST_CHECK;
// What other hosts heard of logins, told to this one's gateways.
void freezes_share(struct host *host);
// A person says that it may be used again; *thawed is false where it was not frozen. In the turn's transaction.
bool freezes_thaw(struct host *host, bool *thawed, const char *login, const char *actor,
                  struct err *err) MUST_CHECK;

#endif
