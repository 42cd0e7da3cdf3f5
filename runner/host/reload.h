// renki.lua read anew while the host serves. In the host.
//
// 1. What is wrong leaves all former settings in force and is told.
// 2. Runs that live go on with what they began with; those that start afterwards get a gateway and a zygote with the new
//    settings. `store`, `user`, `sandbox` and `key` hold until the host starts next.
// 3. The record says who did it and which settings changed.
#ifndef RENKI_HOST_RELOAD_H
#define RENKI_HOST_RELOAD_H

#include "host/client.h"

// Takes the answer: { changed: [name], fixed: [name] }.
void reload(struct host *host, const char *actor, struct answer *answer);

#endif
