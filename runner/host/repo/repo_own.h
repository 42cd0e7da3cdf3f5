// The repository's inside, shared by the files of repo/ and seen by nobody else. In the host.
#ifndef RENKI_HOST_REPO_OWN_H
#define RENKI_HOST_REPO_OWN_H

#include "host/repo/repo.h"
#include "lib/gitobject/gitobject.h"

#include <git2.h>

struct known_content;
struct known_lib;
struct known_tag;

struct repo {
    git_repository *repository;
    git_odb *objects;
    int folder;                  // descriptor of the workspace
    char *prefix;                // the workspace's place inside the repository: "" or "examples/office/"
    struct timeline *timeline;   // of timeline.h; NULL until it is asked for
    struct known_content *known; // of content.c
    struct known_lib *libs;      // of content.c
    struct known_tag *tags;      // of approvals.c
};

// What a walk may still take.
struct repo_budget {
    size_t files, bytes;
};
static inline struct repo_budget repo_budget_new(void)
{
    return (struct repo_budget){REPO_FILES_MAX, REPO_BYTES_MAX};
}

// A reference keeps the object, so that no clean-up takes it.
bool repo_keep(struct repo *repo, const char *name, const git_oid *id) MUST_CHECK;
// REPO_FAILED with libgit2's own words.
bool repo_failed(struct err *err, const char *what);
// Takes one file from the budget; REPO_LIMIT.
bool repo_budget_take(struct repo_budget *budget, const char *path, size_t bytes, struct err *err) MUST_CHECK;
// A file of at most REPO_FILE_BYTES_MAX, whose size is looked at before anything of it is unpacked; FILE_TOO_LARGE.
bool repo_blob(struct repo *repo, git_blob **out, const git_oid *id, const char *path,
               struct err *err) MUST_CHECK;

// Whether git ignores a file that it does not have.
bool working_is_ignored(const struct repo *repo, const char *path);
// The modules of robots/lib (the tree `lib`; NULL: there is none) that belong to a robot's content; *has is false when
// none does.
bool content_lib(struct repo *repo, git_oid *out, bool *has, const git_oid *robot, const git_oid *lib,
                 struct err *err) MUST_CHECK;
// What a robot's content in a commit was found to be; the robot's name is a valid one.
bool content_known(struct repo *repo, char tree[REPO_ID_SIZE], const git_oid *commit, const char *robot);
void content_remember(struct repo *repo, const char tree[REPO_ID_SIZE], const git_oid *commit,
                      const char *robot);

// Working files against a tree: ROBOT_DIFFERS names the first file that is not the same. With `more` there may be working
// files that the tree has not.
bool working_compare(struct repo *repo, const char *path, git_tree *tree, bool more,
                     struct err *err) MUST_CHECK;
// Writes the working files into the object database. *found is false when there is no such folder.
bool working_write(struct repo *repo, git_oid *out, bool *found, const char *path,
                   struct err *err) MUST_CHECK;

#endif
