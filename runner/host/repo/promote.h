// A robot brought to another branch: its folder and the modules that it requires, as they are saved here. In the host.
//
// 1. The commit is made on the branch's newest one and moves nothing: it is for the caller to push it, or to put the branch
//    on it.
// 2. Its content there is the very one that it has here, so that what people said of it counts there; or it is refused.
// 3. Schedules, other robots and modules that it does not require stay as they are there.
#ifndef RENKI_HOST_REPO_PROMOTE_H
#define RENKI_HOST_REPO_PROMOTE_H

#include "host/repo/save.h"

enum { PROMOTE_SHARED_MAX = 100 };

struct repo_promoting {
    const char *robot;
    const char *onto;        // the newest commit of the other branch
    const char *name, *mail; // author and committer
    const char *message;
};
struct repo_shared { // a module that changes for other robots there, too
    char *module, *robots;
};
struct repo_promoted {
    char tree[REPO_ID_SIZE];   // the content
    char commit[REPO_ID_SIZE]; // "": it is the same there already
    struct repo_change *changes;
    size_t change_count;
    struct repo_shared shared[PROMOTE_SHARED_MAX];
    size_t shared_count;
};
// PROMOTE_CONTENT, ROBOT_UNKNOWN, REPO_FAILED. *out is to be disposed of in any case.
bool repo_promote(struct repo *repo, struct repo_promoted *out, const struct repo_promoting *what,
                  struct err *err) MUST_CHECK;
void repo_promoted_dispose(struct repo_promoted *promoted);

// Puts a branch that is not checked out on a commit, from where it was (NULL: it was not there). *moved is false when it is
// elsewhere by now.
bool repo_branch_move(struct repo *repo, bool *moved, const char *branch, const char *before,
                      const char *commit, struct err *err) MUST_CHECK;
bool repo_branch_is_good(const char *branch);

#endif
