// The history behind a run as one file that git reads: the commits up to the one that held what ran, and what people said of
// that content. In the host, on a thread of its own.
#ifndef RENKI_HOST_REPO_BUNDLE_H
#define RENKI_HOST_REPO_BUNDLE_H

#include "host/repo/repo.h"

enum { BUNDLE_MB_MAX = 256, BUNDLE_COMMITS_MAX = 200000 };

struct repo_bundling {
    const char *robot, *tree; // what ran
    int64_t until_ms;   // when: the newest commit until then that has this content, else any that has it
    const char *branch; // what it is called in the file: "run-12"
    const char *path;   // of the file, which must not be there
};
// A bundle of git's version 2: HEAD and refs/heads/BRANCH are that commit, refs/tags/approvals/TREE/PERSON and …/rejections/…
// the signed words. *found is false where no commit of the branch has this content. EVIDENCE_BUNDLE_LARGE, REPO_FAILED,
// FILE_UNWRITABLE. Nobody else may use `repo` meanwhile.
bool repo_bundle(struct repo *repo, bool *found, const struct repo_bundling *what,
                 struct err *err) MUST_CHECK;

#endif
