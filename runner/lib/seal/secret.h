// A secret: what is public about it, how it is sealed, how the gateway opens it. See README.md for the kinds.
//
// 1. The store holds the public part and the box; the box repeats the public part, so that swapped rows, swapped
//    origins and old versions are noticed when it is opened.
// 2. A value has 8 to 32 768 bytes: shorter ones can be guessed and can't be told from other text in an answer.
// 3. Opened secrets lie in locked memory and are wiped with it.
#ifndef RENKI_SEAL_SECRET_H
#define RENKI_SEAL_SECRET_H

#include "lib/json/json.h"
#include "lib/permit/permit.h"
#include "lib/seal/key.h"

enum secret_kind {
    SECRET_BASIC,
    SECRET_BEARER,
    SECRET_HEADER,
    SECRET_FORM,
    SECRET_CLIENT_CERTIFICATE,
    SECRET_NTLM,
    SECRET_NEGOTIATE,
    SECRET_SIGNATURE, // signs bodies (signature.h); never goes out itself
    SECRET_SSH_KEY    // of a git remote; lent to the process that talks to it
};
enum { SECRET_LEAST = 8, SECRET_MOST = 32768, SECRET_BOX_MAX = 65536, SECRET_PUBLIC_MAX = 16384 };

const char *secret_kind_name(enum secret_kind kind);

// Checks the public part: { "name", "kind", "origin", "username"?, "header"?, "form"? }. Errors: SECRET_….
bool secret_check(const struct json *public_part, struct err *err) MUST_CHECK;
// Checks public part and value and appends the box to `out` (born with SECRET_BOX_MAX). The value stays the caller's to
// wipe.
bool secret_seal(struct buf *out, const char *public_key, const struct json *public_part, int64_t version,
                 struct text value, struct err *err) MUST_CHECK;

// Opened; all of it for the gateway's eyes only.
struct secret {
    const char *name, *username, *header; // NULL where the kind has none
    enum secret_kind kind;
    bool for_mail; // its origin is smtp:// or smtps://
    bool for_ssh;  // its origin is ssh://
    struct origin origin;
    const char *origin_text;
    const char *form_url;           // kind form
    const struct json *form_fields; // [[name, value], …]
    struct text value;              // ended by NUL
    int64_t version;
    struct json_document *document; // public part
    char *plain;                    // holds the value
};
// Fails with SECRET_BOX when it is not the box of this name and version for this key.
bool secret_open(struct secret **out, const struct seal_key *key, struct text box, const char *name,
                 int64_t version, struct err *err) MUST_CHECK;
void secret_free(struct secret *secret);
DEFINE_SCOPED(secret)

#endif
