// Logins that systems refuse: after some refusals in a row a login is not used any more, so that no account is locked by
// a robot that keeps trying. In the gateway.
//
//   unproven -> proven   account_accepted()      many calls at once
//   any -> unproven      account_refused()       one call at a time finds out; the others wait for it
//   any -> frozen        account_refused() at its bound, or the host says so
//   frozen -> unproven   the host says that a person thawed it, or set a new password
//
// The host counts for the whole fleet and over restarts; what is counted here only makes it quick.
#ifndef RENKI_GATEWAY_FREEZE_H
#define RENKI_GATEWAY_FREEZE_H

#include "gateway/call.h"

struct account;

// Made when it is first asked for; lives as long as the gateway.
struct account *account_of(struct gateway *gateway, const char *login);
void accounts_free(struct gateway *gateway);
// Fails with LOGIN_FROZEN.
bool account_check(const struct account *account, struct err *err) MUST_CHECK;
// Calls `go` at once or when it is the call's turn; or fails the call with LOGIN_FROZEN.
void account_enter(struct account *account, struct call *call, void (*go)(struct call *call));
// The call is over: it waits no longer, and the next one may try. Fine when it never entered.
void account_leave(struct call *call);
// The system took the login, or refused it with this status; `most`: refusals in a row that freeze it.
void account_accepted(struct account *account, const struct run *run);
void account_refused(struct account *account, const struct run *run, const char *host, int64_t status,
                     int64_t most);
// LOGIN_STATE of the host.
bool account_told(struct gateway *gateway, struct frame *frame, struct err *err) MUST_CHECK;

#endif
