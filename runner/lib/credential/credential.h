// Finds what must not get into a repository: private keys, tokens, passwords, personal identity codes.
//
// Pure and bounded: each line is read a few times from left to right, CREDENTIAL_LINE_MAX bytes of it; no state is kept
// between texts. What is found is never given out whole.
#ifndef RENKI_CREDENTIAL_H
#define RENKI_CREDENTIAL_H

#include "lib/base/text.h"

enum { CREDENTIAL_LINE_MAX = 65536, CREDENTIAL_SHOWN_SIZE = 40 };

enum credential_kind {
    CREDENTIAL_KEY,      // a private key
    CREDENTIAL_TOKEN,    // a service's token, or a value that looks random under a name like api_key
    CREDENTIAL_PASSWORD, // given to a name like password, or in an address
    CREDENTIAL_IDENTITY, // a Finnish personal identity code, valid, of a person
    CREDENTIAL_KIND_COUNT
};

struct credential {
    enum credential_kind kind;
    int64_t line;                      // 1 is the first
    bool allowed;                      // the line says "renki: no secret"
    char shown[CREDENTIAL_SHOWN_SIZE]; // enough to find it by: "ghp_…", "password"; never the secret
};

// The first of each line. `visit` returns whether to go on. `is_code`: a value without quotes is an expression, as in Lua.
typedef bool (*credential_visitor)(void *owner, const struct credential *found);
void credential_scan(struct text content, bool is_code, credential_visitor visit, void *owner);
const char *credential_kind_name(enum credential_kind kind); // "key", "token", "password", "identity"

#endif
