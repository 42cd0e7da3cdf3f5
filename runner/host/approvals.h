// Whether a robot's content is approved: words of people that bear good signatures, against the settings' rules. In the
// host.
//
// 1. Judged anew at each use, of the tree that is about to run: signatures by bytes (remembered by a tag's id), keys and
//    groups by the settings as they are now.
// 2. A word counts when it is signed by a key that its person has registered; or, where the person has none, by this host's
//    key or one that `approval.signers` lists. Of a person's two words the later counts.
// 3. Who wrote the content since it was last approved can't approve it. At the start of a run authors and co-authors count;
//    when somebody wants to approve, committers too: so a rebase does not take back what was approved.
// 4. A rejection by somebody who may approve holds until that person approves, or is no longer active.
#ifndef RENKI_HOST_APPROVALS_H
#define RENKI_HOST_APPROVALS_H

#include "host/approval_rules.h"
#include "host/host.h"
#include "host/people.h"
#include "host/repo/approvals.h"

void approvals_free(struct host *host);   // what is known of them
void approvals_forget(struct host *host); // words came: who wrote what nobody had approved is found anew

// Whether this content of the robot may run in production: APPROVAL_MISSING (names who could), APPROVAL_REJECTED. Fine in
// development.
bool approvals_check(struct host *host, const char *robot, const char *tree, const struct manifest *manifest,
                     struct err *err) MUST_CHECK;

// Writes down that it was refused, and why (in the turn's transaction); `run` 0: it has no row yet.
bool approvals_tell_refused(struct host *host, const char *robot, const char *tree, const char *actor,
                            int64_t run, const struct err *why, struct err *err) MUST_CHECK;

// All that is known of it, as members of an object that is being written: state, words, needs, authors, base (the content
// approved before it, "" for none, given too).
bool approvals_write(struct host *host, struct json_writer *writer, char base[REPO_ID_SIZE],
                     const char *robot, const char *tree, const struct manifest *manifest,
                     struct err *err) MUST_CHECK;

// Whether this person may say it now: APPROVAL_AUTHOR, APPROVAL_NOT_YOURS. A rejection only wants that they may approve or
// wrote it.
bool approvals_may(struct host *host, const char *robot, const char *tree, const struct manifest *manifest,
                   const struct person *person, bool rejects, struct err *err) MUST_CHECK;
// The tag that a person's word becomes, signed by the host: APPROVAL_SIGN where the person has keys; and one that the
// person has signed. Both write the reference and the audit row (in the turn's transaction).
struct approval_said {
    const char *robot, *tree, *why; // why: of a rejection; NULL of an approval
    const struct person *person;
};
bool approvals_sign(struct host *host, char tag[REPO_ID_SIZE], const struct approval_said *said,
                    struct err *err) MUST_CHECK;
// APPROVAL_SIGNATURE when it is not theirs, or of something else.
bool approvals_take(struct host *host, char tag[REPO_ID_SIZE], const struct approval_said *said,
                    struct text object, struct err *err) MUST_CHECK;
// What the person is to sign; false when the buffer is full.
bool approvals_payload(struct buf *out, const struct host *host, const struct approval_said *said,
                       bool by_host) MUST_CHECK;

// The host's key, borrowed; made on first need. And as a line.
struct signer;
bool approvals_signer(struct host *host, struct signer **out, struct err *err) MUST_CHECK;
bool approvals_host_key(struct host *host, char out[SSHSIG_LINE_SIZE], struct err *err) MUST_CHECK;

#endif
