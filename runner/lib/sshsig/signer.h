// A key that signs, kept in a file: the host's own. In the host.
//
// The file is one of lib/seal (hexadecimal digits, mode 0400). In memory the key lives in locked pages that are wiped.
#ifndef RENKI_SSHSIG_SIGNER_H
#define RENKI_SSHSIG_SIGNER_H

#include "lib/sshsig/sshsig.h"

struct signer;

// Opens the file, or makes it (and its folder) when it is missing. KEY_FILE.
bool signer_open(struct signer **out, const char *path, struct err *err) MUST_CHECK;
void signer_free(struct signer *signer);
DEFINE_SCOPED(signer)
// Borrowed from the signer.
const struct sshsig_key *signer_key(const struct signer *signer);
// As sshsig_make.
bool signer_sign(const struct signer *signer, struct buf *armor, const char *namespace,
                 struct text message) MUST_CHECK;

#endif
