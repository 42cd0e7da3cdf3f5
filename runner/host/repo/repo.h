// Robots under version control: pins what a run runs, and reads it from the pinned tree. In the host.
//
// 1. A pin is the id of a tree { robot: robots/NAME, lib: those modules of robots/lib that it requires } whose content
//    can never change (decision 0019): a robot's *content*. It is kept by the reference refs/renki/pins/ID (refs/renki/drafts/ID for drafts), so that no clean-up of the repository takes it.
// 2. A pin is made of what is committed; working files that differ refuse it, so that nobody believes to run what they
//    see. A draft is made of the working files instead, and its exact content is kept.
// 3. Trees come from outside too: only plain files and folders, names and sizes within the limits below.
//
// No hooks run, no configuration but the repository's own is read, object hashes are checked.
#ifndef RENKI_HOST_REPO_H
#define RENKI_HOST_REPO_H

#include "lib/base/buf.h"
#include "lib/base/err.h"

enum {
    REPO_FILES_MAX = 10000,
    REPO_BYTES_MAX = 8 << 20,
    REPO_FILE_BYTES_MAX = 1 << 20,
    REPO_DEPTH_MAX = 16,
    REPO_ID_SIZE = 41, // with NUL
    ROBOT_NAME_MAX = 64
};

struct repo;

// `workspace` is a folder inside a repository, or its top. REPO_NONE, REPO_OWNER, REPO_FAILED.
bool repo_open(struct repo **out, const char *workspace, struct err *err) MUST_CHECK;
void repo_free(struct repo *repo);
DEFINE_SCOPED(repo)
const char *repo_library_version(void); // of libgit2
// Where the repository keeps its objects and references; borrowed.
const char *repo_folder(const struct repo *repo);

// Makes the folder a repository, unless it is inside one already (*made false then).
bool repo_make(bool *made, const char *workspace, struct err *err) MUST_CHECK;
// Commits these files (paths from the workspace), in a repository that has no commit yet.
bool repo_commit_first(const char *workspace, const char *const *paths, size_t count, const char *author,
                       const char *message, struct err *err) MUST_CHECK;

// Small letters, digits and dashes, beginning with a letter, at most ROBOT_NAME_MAX; never "lib".
bool robot_name_is_valid(const char *name);

enum repo_pin_kind {
    REPO_COMMITTED, // what is committed, where the working files are the same
    REPO_BRANCH,    // what is committed, whatever the working files are
    REPO_DRAFT,     // the working files, kept
    REPO_LOOSE      // the working files, for a check or a test: no reference keeps them
};
// ROBOT_UNKNOWN (names the nearest), ROBOT_UNCOMMITTED, ROBOT_DIFFERS (names the file), REPO_NAME, REPO_LIMIT.
bool repo_pin(struct repo *repo, char tree[REPO_ID_SIZE], const char *robot, enum repo_pin_kind kind,
              struct err *err) MUST_CHECK;

// A robot's content in a commit (NULL: in the newest of the branch). It is written to the object database, but no
// reference keeps it. Errors as repo_pin.
bool repo_content(struct repo *repo, char tree[REPO_ID_SIZE], const char *robot, const char *commit,
                  struct err *err) MUST_CHECK;

// The working files of any folder of the workspace ("examples/city"), as a loose pin. ROBOT_FOLDER when it leads out.
bool repo_pin_folder(struct repo *repo, char tree[REPO_ID_SIZE], const char *folder,
                     struct err *err) MUST_CHECK;

// Each file of a pin: "robot/robot.lua", "lib/names.lua". Borrowed until the visitor returns.
typedef bool (*repo_visitor)(void *owner, const char *path, struct text content, struct err *err);
bool repo_read(struct repo *repo, const char *tree, repo_visitor visit, void *owner,
               struct err *err) MUST_CHECK;

// Whether this repository has the tree; all of it as bytes for another host; and back, kept as a pin. ROBOT_TREE_MISSING
// when the bytes are not that tree.
bool repo_has(struct repo *repo, const char *tree);
bool repo_lend(struct repo *repo, struct buf *out, const char *tree, struct err *err) MUST_CHECK;
bool repo_borrow(struct repo *repo, const char *tree, struct text content, struct err *err) MUST_CHECK;

// ---- What was fetched from a remote into a quarantine. SYNC_REFUSED, and then no reference has moved.
// Takes over `commit` with all it names; *count new ones. `branch` is for messages.
bool repo_take_commits(struct repo *repo, size_t *count, const char *quarantine, const char *branch,
                       const char *commit, struct err *err) MUST_CHECK;
// Takes over an approval or rejection: a tag on the tree that the reference's name says.
bool repo_take_approval(struct repo *repo, const char *quarantine, const char *name, const char *tag,
                        struct err *err) MUST_CHECK;

enum repo_way {
    REPO_WAY_SAME,
    REPO_WAY_FORWARD, // it contains what is here, or there is no such branch here
    REPO_WAY_BACK,    // what is here contains it
    REPO_WAY_APART,
    REPO_WAY_ANEW // the remote stood elsewhere once, and that is not in it now
};
// How a commit that is here stands to the branch.
bool repo_compare(struct repo *repo, enum repo_way *out, const char *branch, const char *commit,
                  struct err *err) MUST_CHECK;
// Moves the branch to a commit that was taken over, or, with `may_merge`, to a merge with it where both sides have new
// commits. Files of robots and schedules follow where the branch is the one that is checked out; names of those that could
// not, because they were changed, are appended to `left`. SAVE_BUSY while somebody saves.
bool repo_follow(struct repo *repo, struct buf *left, const char *branch, const char *commit, bool may_merge,
                 struct err *err) MUST_CHECK;
// Where the branch of the remote stood last: what it has later must contain that. repo_follow notes it too.
bool repo_note_remote(struct repo *repo, const char *branch, const char *commit, struct err *err) MUST_CHECK;
// The branch's commit; false and empty where there is none.
bool repo_branch_at(struct repo *repo, char out[REPO_ID_SIZE], const char *branch);
// Whether it is refs/renki/approvals/TREE/PERSON or refs/renki/rejections/…, perhaps with ",TAG" behind it: the tag's id,
// where that person's word at the other side is another one. *tree is the tree's part.
bool repo_approval_name(struct text *tree, const char *name);
// Keeps an approval that was taken over. One of that name that is here stays, and another is kept beside it, as NAME,TAG:
// all of them are looked at when they are needed.
bool repo_keep_approval(struct repo *repo, bool *fresh, const char *name, const char *tag,
                        struct err *err) MUST_CHECK;

// All approvals and rejections; `tree` is what each is of.
typedef bool (*repo_approval_visitor)(void *owner, const char *name, const char *id, const char *tree,
                                      struct err *err);
bool repo_approvals(struct repo *repo, repo_approval_visitor visit, void *owner, struct err *err) MUST_CHECK;
// The commit that takes the content of an approval along, made when it is not there; false: the tree is not here.
bool repo_approval_content(struct repo *repo, char out[REPO_ID_SIZE], const char *tree) MUST_CHECK;

// Names of the robots in the working folder, in order; and in a commit (NULL: the newest of the branch; none where there is
// none).
typedef bool (*repo_robot_visitor)(void *owner, const char *name, struct err *err);
bool repo_robots(struct repo *repo, repo_robot_visitor visit, void *owner, struct err *err) MUST_CHECK;
bool repo_robots_of(struct repo *repo, const char *commit, repo_robot_visitor visit, void *owner,
                    struct err *err) MUST_CHECK;

#endif
