// The zygote and the gateway: started when a run first needs them, kept while the host lives. In the host.
#ifndef RENKI_HOST_ROLES_H
#define RENKI_HOST_ROLES_H

#include "host/host.h"

struct roles *roles_new(struct host *host);
void roles_stop(struct host *host); // ends both; the loop frees the rest
void roles_free(struct roles *roles);

enum { ROLES_ZYGOTE = 1, ROLES_GATEWAY = 2 };
// Calls back, at once or later, when these are ready; `failed` is NULL then.
typedef void (*roles_done)(void *owner, const struct err *failed);
void roles_need(struct host *host, unsigned which, roles_done done, void *owner);

// A zygote is replaced after so many forks, at this age, and after any crash of a worker it made.
enum { ZYGOTE_FORKS_MAX = 1000, ZYGOTE_AGE_MAX_MS = 24 * 60 * 60 * 1000 };
bool zygote_is_worn(int64_t forks, int64_t age_ms);
// A FORK was sent to the zygote: which one that was. Each is told of once by roles_worker_gone.
int64_t roles_forked(struct host *host);
void roles_worker_gone(struct host *host, int64_t generation);
void roles_worker_crashed(struct host *host, int64_t generation);

struct channel *roles_zygote(struct host *host); // NULL when it is not ready
struct channel *roles_gateway(struct host *host);
// A run was opened at the gateway: which one that was, for its RUN_CLOSE; each is told of once by roles_run_closed.
int64_t roles_run_opened(struct host *host);
struct channel *roles_gateway_of(struct host *host, int64_t generation); // NULL when it is gone
// The newest and those that live on for the runs that are open at them: what a gateway is told of logins and rates, all are.
void roles_each_gateway(struct host *host, void (*visit)(void *owner, struct channel *gateway), void *owner);
void roles_run_closed(struct host *host, int64_t generation);
// The settings have changed: what starts from now on gets a new zygote and gateway; what lives goes on with the old.
void roles_renew(struct host *host);
const char *roles_public_key(struct host *host);             // the gateway's, as it gave it; "" before
const char *roles_layers(struct host *host, unsigned which); // JSON of the self-test; "null" before
int64_t roles_heap_kilobytes(struct host *host);

#endif
