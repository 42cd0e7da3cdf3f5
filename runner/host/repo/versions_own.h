// The walk over a robot's versions, for blame.c.
#ifndef RENKI_HOST_REPO_VERSIONS_OWN_H
#define RENKI_HOST_REPO_VERSIONS_OWN_H

#include "host/repo/timeline.h"
#include "host/repo/versions.h"

// One commit on the way from the newest, children before parents.
struct version_step {
    uint32_t place;
    bool changed;           // it is a version; others have what their one parent has
    const git_oid *content; // the robot's tree; all zero: none
    uint32_t *parents;      // those that are followed
    size_t parent_count;
};
// False stops the walk.
typedef bool (*step_visitor)(void *owner, const struct version_step *step);
// Nothing in a repository without commits.
void versions_walk(struct repo *repo, const char *robot, step_visitor visit, void *owner);

// All versions, the newest first, over all names that the robot had.
struct history {
    struct history_item {
        uint32_t place;
        enum version_kind kind;
        unsigned what;
        const char *robot, *was;
    } * items;
    size_t count;
};
void history_collect(struct history *history, struct repo *repo, const struct version_query *query);
void history_dispose(struct history *history);
#define SCOPED_HISTORY __attribute__((cleanup(history_dispose))) struct history
void history_describe(struct version *out, const struct repo *repo, const struct history *history,
                      size_t index);

#endif
