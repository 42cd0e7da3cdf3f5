// Who wrote each line of a robot's file, by its versions. In the host.
//
// Lines are handed from a version to the one before it where that has them too, as git blame does; the walk passes only
// versions of the robot (versions.h), so that 10,000 commits of others cost nothing. Lines of the working file that no
// version has are nobody's yet. A file that was given another name begins anew, one whose robot was does so too.
#ifndef RENKI_HOST_REPO_BLAME_H
#define RENKI_HOST_REPO_BLAME_H

#include "host/repo/versions.h"

enum { BLAME_LINES_MAX = 20000, BLAME_DIFFS_MAX = 2000 };

struct blame_line {
    const struct version *version; // NULL: not saved
    struct text text;              // without its end
};
typedef bool (*blame_visitor)(void *owner, const struct blame_line *line, struct err *err);
// The lines of the working file, in order; `file` is a path within the robot, "robot.lua". Wants repo_versions_prepare.
// VERSION_NO_FILE, BLAME_LIMIT, REPO_FAILED.
bool repo_blame(struct repo *repo, const char *robot, const char *file, blame_visitor visit, void *owner,
                struct err *err) MUST_CHECK;

#endif
