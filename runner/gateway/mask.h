// Finds a secret in what comes back, however it is written, and masks it. In the gateway.
//
// Servers echo: the password in an error page, the whole request in a trace. Looked for are the value, its base64 (as
// it is, and as Basic does with the user's name), its URL, JSON and HTML spellings. Masked bytes become stars, so that
// lengths stay. A secret cut in two by the network is found: what might be its beginning waits for the next part.
#ifndef RENKI_GATEWAY_MASK_H
#define RENKI_GATEWAY_MASK_H

#include "lib/seal/secret.h"

struct mask;

struct mask *mask_new(const struct secret *secret);
void mask_free(struct mask *mask); // wipes
// Masks in place; true when something was found.
bool mask_text(const struct mask *mask, char *data, size_t length);
// Takes `part` behind what waits in `waiting` and returns how many bytes at the front of `waiting` are final; the caller
// takes and consumes them. `last`: nothing waits any more.
size_t mask_stream(const struct mask *mask, struct buf *waiting, struct text part, bool last, bool *found);

#endif
