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

struct channel *roles_zygote(struct host *host); // NULL when it is not ready
struct channel *roles_gateway(struct host *host);
const char *roles_public_key(struct host *host);             // the gateway's, as it gave it; "" before
const char *roles_layers(struct host *host, unsigned which); // JSON of the self-test; "null" before
int64_t roles_heap_kilobytes(struct host *host);

#endif
