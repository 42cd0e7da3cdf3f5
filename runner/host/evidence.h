// The evidence of a run: all that is known of it, as files that the command line packs into one. In the host.
//
// 1. Files are made in a folder of their own below .renki/evidence, a page a turn of the loop, and signed by their digests:
//    SHA256SUMS names every file, SHA256SUMS.sig is this host's signature over it (OpenSSH's format, `ssh-keygen -Y verify`).
//    The key is .renki/keys/signing; allowed_signers has its public half, and those of people.
// 2. Digests of what the run attached are those of its record: a file that was changed since does not fit them.
// 3. The folder goes when the command line says so, or after EVIDENCE_KEEP_S when somebody makes evidence again.
#ifndef RENKI_HOST_EVIDENCE_H
#define RENKI_HOST_EVIDENCE_H

#include "host/client.h"

enum { EVIDENCE_FILES_MAX = 12000, EVIDENCE_KEEP_S = 3600, EVIDENCE_NAME_MAX = 300 };
#define EVIDENCE_NAMESPACE "renki-evidence" // of its signature; lib/sshsig says what that is

// Answers { folder, run, robot, files: [{ name, path, size_bytes, sha256 }], missing: [{ name, sha256, why }],
// no_commits } (a text, or null).
// EVIDENCE_TOO_EARLY while the run has not ended, RUN_UNKNOWN. Takes the answer when it is true.
bool evidence_make(struct host *host, struct answer *answer, int64_t run, const char *actor,
                   enum language language, struct err *err) MUST_CHECK;
// The folder that an answer named; others are not touched.
void evidence_drop(const char *folder);

#endif
