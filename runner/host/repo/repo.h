// Robots under version control: pins what a run runs, and reads it from the pinned tree. In the host.
//
// 1. A pin is the id of a tree { robot: robots/NAME, lib: robots/lib } whose content can never change. It is kept by
//    the reference refs/renki/pins/ID (refs/renki/drafts/ID for drafts), so that no clean-up of the repository takes it.
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
    REPO_DRAFT,     // the working files, kept
    REPO_LOOSE      // the working files, for a check or a test: no reference keeps them
};
// ROBOT_UNKNOWN (names the nearest), ROBOT_UNCOMMITTED, ROBOT_DIFFERS (names the file), REPO_NAME, REPO_LIMIT.
bool repo_pin(struct repo *repo, char tree[REPO_ID_SIZE], const char *robot, enum repo_pin_kind kind,
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

// What was fetched into a quarantine: takes `commit` with all it names, and moves the branch to it, forward only; files of
// robots and schedules follow where the branch is the one that is checked out. SYNC_REFUSED.
bool repo_adopt(struct repo *repo, bool *moved, const char *quarantine, const char *branch,
                const char *commit, struct err *err) MUST_CHECK;

// Names of the robots in the working folder, in order.
typedef bool (*repo_robot_visitor)(void *owner, const char *name, struct err *err);
bool repo_robots(struct repo *repo, repo_robot_visitor visit, void *owner, struct err *err) MUST_CHECK;

#endif
