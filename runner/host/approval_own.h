// What the files of approvals share: words of people, who wrote a content, and the judgement made of both. In the host.
#ifndef RENKI_HOST_APPROVAL_OWN_H
#define RENKI_HOST_APPROVAL_OWN_H

#include "host/approvals.h"

// ---- approval_words.c

enum { APPROVAL_WORDS_MAX = 64 }; // people whose words are looked at

// One of each person: the one that counts.
struct words {
    struct host *host;
    struct approval items[APPROVAL_WORDS_MAX];
    size_t count;
};
bool words_of(struct host *host, struct words *out, const char *tree, struct err *err) MUST_CHECK;
const struct approval *word_of(const struct words *words, const char *login); // a good one; NULL: none

// ---- approval_authors.c

struct author {
    char *name, *email;
    bool late; // counts only when somebody wants to approve: a committer, or one whose change was taken back
};
struct authorship {
    char robot[ROBOT_NAME_MAX + 1], tree[REPO_ID_SIZE], base[REPO_ID_SIZE];
    struct author *items;
    size_t count;
    bool unknown; // too many, or its commits are not here: nobody can be told apart from them
};
struct authors_known;

// Lent until the next call. `fresh`: everybody who wrote since the last approved content, those of changes that were taken
// back too; else those who wrote it, as found once.
bool authors_of(struct host *host, const struct authorship **out, const char *robot, const char *tree,
                bool fresh, struct err *err) MUST_CHECK;
bool authors_have(const struct host *host, const struct authorship *authorship, const char *login, bool late);
void authors_free(struct authors_known *known);

// ---- approvals.c

struct judgement {
    struct words words;
    const struct authorship *authorship;
    struct approval_needs needs;
    int64_t have[APPROVAL_NEEDS_MAX];
    const struct approval *rejected; // NULL: by nobody
    bool approved;
};
// `manifest` NULL: by the rule that holds for every robot. `fresh` as above.
bool approvals_judge(struct host *host, struct judgement *out, const char *robot, const char *tree,
                     const struct manifest *manifest, bool fresh, struct err *err) MUST_CHECK;
bool approvals_may_count(const struct host *host, const struct judgement *judgement, const char *login,
                         bool late);
// "controller, treasurer", those of groups from which somebody is missing; "-" when there is nobody.
void approvals_who_could(struct buf *out, const struct host *host, const struct judgement *judgement);

#endif
