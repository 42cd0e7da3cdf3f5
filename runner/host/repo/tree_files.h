// How many files a tree has in all, folders included: a few objects can name more than any disk holds. In the host.
#ifndef RENKI_HOST_REPO_TREE_FILES_H
#define RENKI_HOST_REPO_TREE_FILES_H

#include "lib/base/err.h"

#include <git2.h>

enum { TREE_FILES_MAX = 200000, TREE_FOLDERS_DEPTH_MAX = 64 };

struct tree_files; // remembers what each tree has: a tree is read once

struct tree_files *tree_files_new(git_odb *objects);
void tree_files_free(struct tree_files *files); // accepts NULL
// NULL: it has TREE_FILES_MAX at most; else a reason of reasons.def.
const char *tree_files_check(struct tree_files *files, const git_oid *tree) MUST_CHECK;

#endif
