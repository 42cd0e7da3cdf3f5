// Who wrote a robot's content, as far as nobody has approved it. In the host.
#ifndef RENKI_HOST_REPO_AUTHORS_H
#define RENKI_HOST_REPO_AUTHORS_H

#include "host/repo/repo.h"

enum {
    AUTHORS_COMMITS_MAX = 20000 // commits that are looked at
};

enum author_kind { AUTHOR_WROTE, AUTHOR_COMMITTED };

// One of those who wrote; name and address as the commit has them, anybody's text.
typedef void (*author_visitor)(void *owner, enum author_kind kind, struct text name, struct text email);
// Whether some former content counts as approved, so that what came before it does not matter.
typedef bool (*base_judge)(void *owner, const char *tree);

struct authors_query {
    const char *robot, *tree;
    author_visitor visit;
    base_judge is_base;
    void (*again)(
        void *owner); // the content was there before: who wrote in between is forgotten; NULL: they count
    void *owner;
};
// Walks from the newest commit of the branches that has this content back to contents that are a base, and visits author,
// co-authors and committer of each commit on the way that changed it: not of a merge that took one side's as it was. `base`
// is the first of those contents, "" when there is none. *found is false when no commit of a branch has the content.
bool repo_authors(struct repo *repo, bool *found, char base[REPO_ID_SIZE], const struct authors_query *query,
                  struct err *err) MUST_CHECK;

#endif
