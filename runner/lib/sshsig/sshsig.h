// Signatures in OpenSSH's format, Ed25519 only. Pure, but for signer.h. In the host.
//
// Glossary: the *armor* is the text between "-----BEGIN SSH SIGNATURE-----" and its END; the *namespace* says what is
// signed, so that a signature of one thing can't pass for one of another: "git" for commits and tags.
#ifndef RENKI_SSHSIG_H
#define RENKI_SSHSIG_H

#include "lib/base/err.h"

enum {
    SSHSIG_KEY_BYTES = 32,
    SSHSIG_SEED_BYTES = 32,
    SSHSIG_ARMOR_MAX = 4096, // longer ones are not read
    SSHSIG_LINE_SIZE = 100   // of a public key as a line, with NUL
};

struct sshsig_key {
    unsigned char bytes[SSHSIG_KEY_BYTES];
};

bool sshsig_key_equal(const struct sshsig_key *a, const struct sshsig_key *b);
// "ssh-ed25519 AAAA… comment", as in a .pub file. False: another kind, or no key.
bool sshsig_key_read(struct sshsig_key *out, struct text line) MUST_CHECK;
// "ssh-ed25519 AAAA…".
void sshsig_key_write(char out[SSHSIG_LINE_SIZE], const struct sshsig_key *key);
void sshsig_key_of_seed(struct sshsig_key *out, const unsigned char seed[SSHSIG_SEED_BYTES]);

// Appends the armor, which ends with a line end. False: the buffer is full.
bool sshsig_make(struct buf *armor, const unsigned char seed[SSHSIG_SEED_BYTES], const char *namespace,
                 struct text message) MUST_CHECK;
// Whether `armor` is a good signature of this message for this purpose; whose key made it goes to *key. Whether the key is
// anybody's is for the caller to say.
bool sshsig_verify(struct sshsig_key *key, struct text armor, const char *namespace,
                   struct text message) MUST_CHECK;

// Takes a signed object of git apart where its signature stands at the end (a tag): at the last line that begins one. False:
// there is none.
bool sshsig_split(struct text *message, struct text *armor, struct text object) MUST_CHECK;

#endif
