// Saving: changes become a commit of the branch that is checked out, and the working files follow. In the host.
//
// Glossary: *base* is what somebody's files were made from, *mine* those files, *the branch* what others have saved.
//
// 1. The commit is made in the object database, and the branch moves to it by compare-and-swap, forward only: when it has
//    moved meanwhile, base, branch and mine are merged anew. Files that are the same in base and mine are the branch's.
// 2. Where both changed the same lines nothing is saved: the conflict is told, and mine is kept by a reference
//    refs/renki/conflicts/LOGIN/ID until that person saves those files again.
// 3. A working file follows the branch where nobody changed it. One that was changed stays, and what it was made from is
//    noted in .renki/bases, so that its next save is merged with what the branch got meanwhile.
// 4. git's index is kept in step, so that `git status` is clean after a save. The order is: locks, note of what is to
//    follow, branch, working files, index; whoever dies on the way leaves work for the next save and loses nothing.
#ifndef RENKI_HOST_REPO_SAVE_H
#define RENKI_HOST_REPO_SAVE_H

#include "host/repo/repo.h"

enum {
    SAVE_EDITS_MAX = 10000,
    SAVE_MESSAGE_MAX = 10000, // bytes
    SAVE_PERSON_MAX = 200,    // bytes of a name, of an address
    SAVE_CONFLICTS_MAX = 100,
    SAVE_FILES_MAX = 100000, // working files that are looked at
};

// What of a workspace is saved: "renki.lua", "robots", "schedules"; ended by NULL.
extern const char *const repo_roots[];
// Whether a path is one of them or below one, without names that are not safe.
bool repo_path_is_saved(const char *path);

enum repo_edit_kind {
    REPO_EDIT_FILE, // `content`, or where it is NULL the blob `id`
    REPO_EDIT_TREE, // a folder becomes the tree `id`, with nothing else in it
    REPO_EDIT_GONE  // a file or a folder
};
struct repo_edit {
    const char *path; // from the workspace: "robots/rents/robot.lua"
    enum repo_edit_kind kind;
    bool executable;
    const char *id;
    struct text content;
};

// Each file of mine that differs from its base, with its content; at the end once with `path` NULL. False stops the save.
typedef bool (*repo_inspector)(void *owner, const char *path, struct text content, struct err *err);

struct repo_saving {
    const char *login;       // whose conflicts are kept
    const char *name, *mail; // author and committer
    const char *message;     // NULL: made of what changed, in `language`
    enum language language;  // also of what stands beside marks of a conflict
    // Either working files, below these paths of the workspace ("robots/rents", "renki.lua"; missing ones were deleted),
    const char *const *roots;
    size_t root_count;
    // or edits, made from the commit `base`; NULL: from the branch as it is.
    const struct repo_edit *edits;
    size_t edit_count;
    const char *base;
    repo_inspector inspect; // may be NULL
    void *owner;
};

enum repo_save_end { REPO_SAVED, REPO_UNCHANGED, REPO_CONFLICTS };
enum repo_change_kind { REPO_ADDED, REPO_CHANGED, REPO_DELETED };
struct repo_change {
    char *path; // from the workspace
    enum repo_change_kind kind;
};
// Sides that are not there (deleted) are NULL; `marked` is the text with markers, NULL where it is no text.
struct repo_conflict {
    char *path;
    char *base, *branch, *mine, *marked;
    size_t base_length, branch_length, mine_length, marked_length;
};
struct repo_saved {
    enum repo_save_end end;
    char commit[REPO_ID_SIZE];   // the branch's newest now; "" before the first
    struct repo_change *changes; // what this commit changed
    size_t change_count;
    char **left; // working files that the branch has otherwise now, because somebody changed them
    size_t left_count;
    struct repo_conflict *conflicts;
    size_t conflict_count;
    char *kept; // the reference that keeps mine; NULL without conflicts
};
void repo_saved_dispose(struct repo_saved *saved);

// Errors: SAVE_BUSY (git is at work), SAVE_MIDST (a merge by git is not over), SAVE_NO_BRANCH, SAVE_PATH, REPO_NAME,
// REPO_LIMIT, FILE_TOO_LARGE, SAVE_MARKERS, REPO_FAILED, what `inspect` says. *out is to be disposed of in any case.
bool repo_save(struct repo *repo, struct repo_saved *out, const struct repo_saving *saving,
               struct err *err) MUST_CHECK;

// Conflicts of a person (NULL: of everybody) that wait: the reference, when, the paths, each ended by a line end.
typedef bool (*repo_conflict_visitor)(void *owner, const char *reference, int64_t time_ms, const char *paths,
                                      struct err *err);
bool repo_conflicts(struct repo *repo, const char *login, repo_conflict_visitor visit, void *owner,
                    struct err *err) MUST_CHECK;

#endif
