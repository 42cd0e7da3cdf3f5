// Words of people on a robot's content, as signed tags of git. In the host.
//
// 1. An approval is an annotated tag of the content's tree at refs/renki/approvals/TREE/PERSON, a rejection one at
//    refs/renki/rejections/TREE/PERSON; signed as git signs with ssh keys. Anybody who writes references can put one there:
//    what it is worth is decided by its signature, each time it is used, never by its being there.
// 2. A tag's id names its bytes for ever, so what was found of it (not whose key it is) is remembered by that id.
// 3. All that counts stands in what is signed: the tree, the person, the kind, the time.
#ifndef RENKI_HOST_REPO_APPROVALS_H
#define RENKI_HOST_REPO_APPROVALS_H

#include "host/repo/repo.h"
#include "lib/sshsig/sshsig.h"

enum {
    APPROVAL_PERSON_MAX = 64,
    APPROVAL_WHY_MAX = 400,
    APPROVAL_TAG_MAX = 8192, // bytes of a tag
    APPROVALS_MAX = 200      // references of one tree that are looked at
};

enum approval_fault {
    APPROVAL_GOOD,
    APPROVAL_NO_TAG,     // the reference names something else
    APPROVAL_UNREADABLE, // a tag, but no word of this kind
    APPROVAL_MOVED,      // of another tree or person than its reference says
    APPROVAL_UNSIGNED,
    APPROVAL_FORGED, // its signature is not one of what stands there
    // decided by approvals.c of the host:
    APPROVAL_KEY_UNKNOWN, // signed by a key that is nobody's here
    APPROVAL_KEY_OTHERS, // signed by somebody else's key, or by a host's where the person has registered keys
    APPROVAL_UNLISTED    // by somebody whom the settings do not name
};

struct approval {
    char tag[REPO_ID_SIZE];
    char person[APPROVAL_PERSON_MAX + 1];  // as the reference says
    char account[APPROVAL_PERSON_MAX + 1]; // who told the host; "": signed by the person
    char why[APPROVAL_WHY_MAX + 1];        // of a rejection
    bool rejects;
    int64_t time_ms;
    enum approval_fault fault;
    struct sshsig_key key; // that signed it; when GOOD
};

// Every reference of this tree, in order of names. The record is lent. Errors: REPO_FAILED.
typedef void (*approval_visitor)(void *owner, const struct approval *approval);
bool repo_words_on(struct repo *repo, const char *tree, approval_visitor visit, void *owner,
                   struct err *err) MUST_CHECK;

// The tag without its signature: what is to be signed. `name` and `email` stand in commits (settings see to it); `account`
// and `why` may be NULL. False: the buffer is full.
struct approval_words {
    const char *tree, *robot, *person, *name, *email, *account, *why;
    bool rejects;
    int64_t time_ms;
};
bool approval_payload(struct buf *out, const struct approval_words *words) MUST_CHECK;
// What a payload, or a whole tag, says of itself; `fault` tells what is wrong with it.
void approval_read(struct approval *out, struct text object);

// Writes the signed tag and puts the reference of its tree and person on it. REPO_FAILED.
bool repo_approval_add(struct repo *repo, char tag[REPO_ID_SIZE], const char *tree, const char *person,
                       bool rejects, struct text object, struct err *err) MUST_CHECK;

#endif
