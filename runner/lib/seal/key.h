// The gateway's key pair: boxes are sealed to its public half, only the gateway holds the other. In the gateway; the
// public half also in host and command line.
//
// The file holds the private half in hexadecimal digits, mode 0400, outside the workspace. In memory it lives in pages
// of their own, locked, never in a core file, wiped at the end.
#ifndef RENKI_SEAL_KEY_H
#define RENKI_SEAL_KEY_H

#include "lib/base/err.h"

struct seal_key;

// Before anything of libsodium is used; all functions of these two headers do it themselves. May be called again.
bool seal_start(struct err *err) MUST_CHECK;

enum { SEAL_PUBLIC_SIZE = 65 }; // 64 hexadecimal digits and NUL

// Opens the file, or makes it (and its folder) when it is missing. Fails with KEY_FILE: also when others may read it.
bool seal_key_open(struct seal_key **out, const char *path, struct err *err) MUST_CHECK;
void seal_key_free(struct seal_key *key);
DEFINE_SCOPED(seal_key)
// Borrowed from the key.
const char *seal_key_public(const struct seal_key *key);

// Seals to a public key; what was sealed is the caller's to wipe. `out` must have room for 48 bytes more than `plain`.
bool seal_bytes(struct buf *out, const char *public_key, struct text plain, struct err *err) MUST_CHECK;
// Opens into memory that seal_wiped_free gives back wiped. False: for another key, or changed.
bool seal_open_bytes(char **out, size_t *length, const struct seal_key *key, struct text box) MUST_CHECK;
void seal_wiped_free(char *plain);

#endif
