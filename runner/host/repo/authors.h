// Who wrote a robot's content, as far as nobody has approved it. In the host.
#ifndef RENKI_HOST_REPO_AUTHORS_H
#define RENKI_HOST_REPO_AUTHORS_H

#include "host/repo/repo.h"

enum {
    AUTHORS_COMMITS_MAX = 100000, // commits that are looked at
    AUTHORS_LIST_MAX = 65536      // bytes of all names
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
    void *owner;
};
// Walks from the newest commit of the branch that has this content back to contents that are a base, and visits author,
// co-authors and committer of each commit on the way that changed it: not of a merge that took one side's as it was. `base`
// is the first of those contents, "" when there is none. *found is false when no commit of the branch has the content.
bool repo_authors(struct repo *repo, bool *found, char base[REPO_ID_SIZE], const struct authors_query *query,
                  struct err *err) MUST_CHECK;

// What differs between two contents: "robot/robot.lua", 'A' added, 'D' removed, 'M' changed. `before` may be "".
typedef void (*change_visitor)(void *owner, char kind, const char *path);
bool repo_changes(struct repo *repo, const char *before, const char *after, change_visitor visit, void *owner,
                  struct err *err) MUST_CHECK;

#endif
