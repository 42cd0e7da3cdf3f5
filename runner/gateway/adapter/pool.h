// Connections, and who may share them. In the gateway.
//
// A pool is one curl multi handle on the event loop. Robots, logins and versions of a login never share one; NTLM and
// Negotiate belong to connections, so such pools are a run's own. Within a pool curl shares by origin.
#ifndef RENKI_GATEWAY_POOL_H
#define RENKI_GATEWAY_POOL_H

#include "gateway/gateway.h"

struct transfer;

// Once, before the gateway confines itself: the library is loaded, the bundle of certificates found.
bool pools_start(struct gateway *gateway, struct err *err) MUST_CHECK;

// `login` NULL: without one.
struct pool *pool_for(struct run *run, const struct login *login);
struct pool *pool_for_bucket(struct gateway *gateway, const struct secret *secret);
struct gateway *pool_gateway(const struct pool *pool);
struct transfer **pool_kept(struct pool *pool); // transfer.c's list
void pool_enter(struct pool *pool);             // one more is under way in it
void pool_leave(struct pool *pool);
bool pool_add(struct pool *pool, void *easy);
void pool_remove(struct pool *pool, void *easy);

// Does what curl wants done at once; called before each wait.
void pools_kick(struct gateway *gateway);
// Closes pools that nobody used for a while.
void pools_sweep(struct gateway *gateway);
// Drops what belongs to the run: cookies, connections of its own.
void pool_end_run(struct run *run);

// A run's cookies, by login and jar; NULL for jar 0 without a session of a form login. A CURLSH *.
void *jar_of(struct run *run, const struct login *login, int64_t number);

#endif
