// `renki serve`: readiness, the beat that a watchdog listens to, and draining. In the host.
//
// Its answer stays open as long as the host serves; the command that asked hears these events and tells systemd:
//     ready   {}                                  the socket listens, zygote and gateway are there
//     beat    { running, queued, waiting, doubt } every `beat_ms`: the loop turns and the store has answered,
//                                                 or is waited for, no longer than its bound
//     reloading {}, reloaded { problems }         see reload.h
//     drain   { running, most_ms }                no new runs are taken; those that run may finish within most_ms
// and, when it is over, { given_back }: runs that did not finish. They are queued again: any host that serves the
// workspace goes on with them, from what they have recorded.
#ifndef RENKI_HOST_SERVICE_H
#define RENKI_HOST_SERVICE_H

#include "host/client.h"

struct service;

// Takes the answer, unless it returns false. `beat_ms` 0: nobody wants a beat.
bool service_begin(struct host *host, struct answer *answer, int64_t beat_ms, struct err *err) MUST_CHECK;
void service_free(struct service *service); // stops its handles; accepts NULL
// Since when it serves, ms since 1970; 0: it does not.
int64_t service_since_ms(const struct host *host);
// Whether the host serves and takes no new runs any more.
bool service_drains(const struct host *host);
// The first time: runs may finish within the bound of the settings. The second time: they are given back at once.
void service_drain(struct host *host);
void service_give_back(struct host *host); // at once
// renki.lua is being read anew; it was, or (problems) the former settings stay in force. Nothing where none is served.
void service_tell_reloading(const struct host *host);
void service_tell_reloaded(const struct host *host, const struct problems *problems);
// A run has gone: perhaps it was the last.
void service_rest(struct host *host);

#endif
