// What is different between two versions of a robot, file by file and line by line. In the host.
//
// 1. A *side* is a tree { robots: { NAME, lib: those modules that it requires }, schedules: { NAME.lua } }, of a commit or
//    of the working files; it is written to the object database, but no reference keeps it.
// 2. Files that were renamed are found by their content (libgit2). What is no text, or larger than a file of a robot may
//    be, is told by its size.
#ifndef RENKI_HOST_REPO_COMPARE_H
#define RENKI_HOST_REPO_COMPARE_H

#include "host/repo/repo.h"

#define REPO_EMPTY_TREE                                                                                      \
    "4b825dc642cb6eb9a060e54bf8d69288fbee4904" // a side with nothing in it; git knows it always

// `commit` NULL: the working files. A robot that is not there has an empty side.
bool repo_side(struct repo *repo, char tree[REPO_ID_SIZE], const char *robot, const char *commit,
               struct err *err) MUST_CHECK;

// A file of a side, or of a commit, by its path from the workspace: its content is appended, its id is given. *found is
// false when there is no such file.
bool repo_side_file(struct repo *repo, char id[REPO_ID_SIZE], struct buf *out, bool *found, const char *side,
                    const char *path, struct err *err) MUST_CHECK;

// The tree of a folder of a side; false where there is none.
bool repo_side_folder(struct repo *repo, char id[REPO_ID_SIZE], const char *side, const char *path);
// What stands in a folder of a side, nothing where there is none.
typedef bool (*side_visitor)(void *owner, const char *name, const char *id, bool folder, struct err *err);
bool repo_side_each(struct repo *repo, const char *side, const char *path, side_visitor visit, void *owner,
                    struct err *err) MUST_CHECK;
// Makes working files below a path what is committed there: changes are lost.
bool repo_discard(struct repo *repo, const char *path, struct err *err) MUST_CHECK;

enum compare_kind { COMPARE_CHANGED, COMPARE_ADDED, COMPARE_REMOVED, COMPARE_RENAMED };
struct compare_file {
    enum compare_kind kind;
    const char *path, *was; // was: where it was renamed
    bool binary;            // no lines are told
    int64_t bytes, bytes_before;
};
struct compare_line {
    char origin;                // ' ', '-', '+'; '\\': the line before has no line end
    int old_number, new_number; // -1: not on that side
    struct text text;           // without its end
};
// All return whether to go on; NULL for those that nobody wants.
struct compare_visitor {
    bool (*file)(void *owner, const struct compare_file *file);
    bool (*hunk)(void *owner, int old_start, int old_count, int new_start, int new_count);
    bool (*line)(void *owner, const struct compare_line *line);
};
// Files in order of their paths. REPO_FAILED.
bool repo_diff(struct repo *repo, const char *before, const char *after,
               const struct compare_visitor *visitor, void *owner, struct err *err) MUST_CHECK;

#endif
