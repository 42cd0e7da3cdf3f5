// Signatures of webhooks: HMAC-SHA256 in hexadecimal digits. In the gateway.
//
// What is signed is "timestamp.body", so that an old message can't pass for a new one; without a timestamp it is the body
// alone, as GitHub and others sign.
#ifndef RENKI_SEAL_SIGNATURE_H
#define RENKI_SEAL_SIGNATURE_H

#include "lib/base/text.h"

enum { SIGNATURE_SIZE = 65 }; // with NUL

void signature_make(char out[SIGNATURE_SIZE], struct text key, struct text timestamp, struct text body);
// Takes the same time for each wrong one.
bool signature_is(struct text key, struct text timestamp, struct text body, struct text hex) MUST_CHECK;

#endif
