// What the files of saving share; seen by nobody else. In the host.
#ifndef RENKI_HOST_REPO_SAVE_OWN_H
#define RENKI_HOST_REPO_SAVE_OWN_H

#include "host/repo/repo_own.h"
#include "host/repo/save.h"

// A save under way.
struct saving {
    struct repo *repo;
    const struct repo_saving *what;
    struct repo_saved *out;
    struct err *err;
    git_reference *head;
    const char *branch;          // "refs/heads/main"
    bool born;                   // has a commit
    git_oid newest;              // of the branch
    git_tree *base, *now, *mine; // NULL: nothing; now: the branch's
};

// ---- mine.c: saving->base and saving->mine
bool saving_base(struct saving *saving) MUST_CHECK;
bool saving_mine(struct saving *saving) MUST_CHECK;
bool tree_file_is_executable(git_tree *tree, const char *whole);

// ---- save.c
bool commit_tree_of(struct repo *repo, git_tree **out, const git_oid *id, struct err *err) MUST_CHECK;

// ---- locks.c: one save at a time, and none while git writes its index
struct save_lock {
    int fd;            // renki.lock, held by flock; -1: not held
    char *own, *index; // renki.lock and index.lock
};
bool save_lock_take(struct save_lock *out, struct repo *repo, struct err *err) MUST_CHECK;
void save_lock_give(struct save_lock *lock); // accepts one that is not held
// The branch's own lock was there: waits a moment. False, SAVE_BUSY, when it stays.
bool save_lock_wait(struct repo *repo, const char *branch, int tries, struct err *err) MUST_CHECK;

// ---- bases.c: what working files were made from, where that is not what the branch has
struct base {
    char *path; // from the workspace
    git_oid id; // zero: there was no such file
    // Of a save that may have been torn off: `after` is the base instead if the branch has this commit. Zero: none.
    git_oid after, commit;
};
struct bases {
    struct base *items;
    size_t count;
};
bool bases_read(struct bases *out, struct repo *repo, struct err *err) MUST_CHECK;
bool bases_write(const struct bases *bases, struct repo *repo, struct err *err) MUST_CHECK;
void bases_dispose(struct bases *bases);
const struct base *bases_find(const struct bases *bases, const char *path);
void bases_set(struct bases *bases, const char *path, const git_oid *id);
// Unless there is one already.
void bases_default(struct bases *bases, const char *path, const git_oid *id);
// The path, which is noted, is to be as `after` once the branch has `commit`.
void bases_expect(struct bases *bases, const char *path, const git_oid *after, const git_oid *commit);
void bases_drop(struct bases *bases, const char *path);

// ---- scan.c: working files, put into an index that is only in memory
// `known` is the tree that they are compared with. Files that git ignores are left out unless `known` has them.
bool scan_into(struct repo *repo, git_index *index, git_tree *known, const char *root,
               struct err *err) MUST_CHECK;
// The folder that holds the path's last part, opened without following links, and that part. `make`: and made.
// -1 with errno.
int place_open(const struct repo *repo, const char *path, bool make, const char **name);
// The id of a working file's content; zero when there is none; *other when something else has its name.
bool working_id(struct repo *repo, const char *path, git_oid *id, bool *other, struct err *err) MUST_CHECK;

// ---- merge.c
// *merged is the tree, or, with conflicts, *conflicts the index that holds them (the caller frees it). `base` may be NULL.
bool merge_three(struct repo *repo, git_oid *merged, git_index **conflicts, git_tree *base, git_tree *branch,
                 git_tree *mine, struct err *err) MUST_CHECK;
bool merge_tell(struct repo *repo, struct repo_saved *out, git_index *conflicts, enum language language,
                struct err *err) MUST_CHECK;
// Whether lines are left of what merge_tell marked.
bool merge_has_markers(struct text content, int64_t *line);

// ---- conflicts.c
bool conflict_keep(struct repo *repo, struct repo_saved *out, const struct repo_saving *saving,
                   git_tree *base, git_tree *mine, struct err *err) MUST_CHECK;
// What was saved now settles the person's conflicts in those files.
bool conflict_settle(struct repo *repo, const struct repo_saving *saving, struct err *err) MUST_CHECK;

// ---- follow.c
// Working files and index of all noted paths follow `tree`; those that somebody changed are told in out->left. `mine` is
// what was read of the working files now; NULL: nothing was.
bool follow(struct repo *repo, struct repo_saved *out, git_tree *tree, git_tree *mine,
            struct err *err) MUST_CHECK;
// The id of a file of a tree, by its path in the repository; zero when it has none. `tree` may be NULL.
void tree_file_id(git_oid *out, git_tree *tree, const char *whole);
// Writes one working file, whole or not at all; content.data NULL removes it. *done is false where this host may not write.
bool follow_write(struct repo *repo, const char *path, struct text content, bool executable, bool *done,
                  struct err *err) MUST_CHECK;

#endif
