// See compare.h.
#include "host/repo/compare.h"

#include "host/repo/repo_own.h"
#include "host/repo/walk.h"
#include "lib/base/file.h"

#include <stdlib.h>

enum { RENAMES_MAX = 400, CONTEXT_LINES = 3 };

static void scoped_tree_free(git_tree **tree)
{
    git_tree_free(*tree);
}
#define SCOPED_TREE __attribute__((cleanup(scoped_tree_free))) git_tree *

// ---- a side

// What a folder being built gets: nothing where the id is NULL.
struct child {
    const char *name;
    const git_oid *id;
    git_filemode_t mode;
};

static bool build(struct repo *repo, git_oid *out, const struct child *children, size_t count,
                  struct err *err)
{
    git_treebuilder *builder = NULL;
    bool good = git_treebuilder_new(&builder, repo->repository, NULL) == 0;
    for (size_t i = 0; good && i < count; i++)
        good = !children[i].id ||
               git_treebuilder_insert(NULL, builder, children[i].name, children[i].id, children[i].mode) == 0;
    good = good && git_treebuilder_write(out, builder) == 0;
    git_treebuilder_free(builder);
    return good ? true : repo_failed(err, "side");
}

// The entry at a path of the workspace in a commit; NULL when there is none of this kind.
static git_tree_entry *entry_at(const struct repo *repo, const char *commit, const char *path,
                                git_object_t kind)
{
    git_object *tree = NULL;
    git_tree_entry *entry = NULL;
    SCOPED_TEXT char *spec = xasprintf("%s^{tree}", commit);
    SCOPED_TEXT char *whole = xasprintf("%s%s", repo->prefix, path);
    if (git_revparse_single(&tree, repo->repository, spec) == 0 &&
        git_tree_entry_bypath(&entry, (git_tree *)tree, whole) == 0 && git_tree_entry_type(entry) != kind) {
        git_tree_entry_free(entry);
        entry = NULL;
    }
    git_object_free(tree);
    return entry;
}

struct parts {
    git_oid robot, lib, schedule;
    bool has_robot, has_lib, has_schedule;
};

static void take_part(struct repo *repo, git_oid *out, bool *has, const char *commit, const char *path,
                      git_object_t kind)
{
    git_tree_entry *entry = entry_at(repo, commit, path, kind);
    *has = entry != NULL;
    if (entry)
        *out = *git_tree_entry_id(entry);
    git_tree_entry_free(entry);
}

// The content that is pinned: { robot, lib }.
static bool take_content(struct repo *repo, struct parts *parts, const char *tree, struct err *err)
{
    git_oid id;
    SCOPED_TREE content = NULL;
    if (git_oid_fromstr(&id, tree) != 0 || git_tree_lookup(&content, repo->repository, &id) != 0)
        return repo_failed(err, tree);
    const git_tree_entry *robot = git_tree_entry_byname(content, "robot"),
                         *lib = git_tree_entry_byname(content, "lib");
    parts->has_robot = robot != NULL;
    parts->has_lib = lib != NULL;
    if (robot)
        parts->robot = *git_tree_entry_id(robot);
    if (lib)
        parts->lib = *git_tree_entry_id(lib);
    return true;
}

static bool take_working_schedule(struct repo *repo, struct parts *parts, const char *path, struct err *err)
{
    struct err ignored;
    SCOPED_BUF(content, REPO_FILE_BYTES_MAX);
    parts->has_schedule =
        walk_kind_of(repo->folder, path) == WALK_FILE && file_read(&content, repo->folder, path, &ignored);
    if (!parts->has_schedule)
        return true;
    const struct text text = buf_text(&content);
    return git_blob_create_from_buffer(&parts->schedule, repo->repository, text.data, text.length) == 0
               ? true
               : repo_failed(err, path);
}

static bool is_missing(const struct err *err)
{
    return err->code == ERR_ROBOT_UNKNOWN || err->code == ERR_ROBOT_UNKNOWN_NEAR ||
           err->code == ERR_ROBOT_UNCOMMITTED;
}

static bool take_parts(struct repo *repo, struct parts *parts, const char *robot, const char *commit,
                       const char *schedule, struct err *err)
{
    char tree[REPO_ID_SIZE];
    const bool found =
        commit ? repo_content(repo, tree, robot, commit, err) : repo_pin(repo, tree, robot, REPO_LOOSE, err);
    if (found ? !take_content(repo, parts, tree, err) : !is_missing(err))
        return false;
    if (!commit)
        return take_working_schedule(repo, parts, schedule, err);
    take_part(repo, &parts->schedule, &parts->has_schedule, commit, schedule, GIT_OBJECT_BLOB);
    return true;
}

bool repo_side(struct repo *repo, char tree[REPO_ID_SIZE], const char *robot, const char *commit,
               struct err *err)
{
    struct parts parts = {0};
    git_oid robots, schedules, whole;
    SCOPED_TEXT char *schedule = xasprintf("schedules/%s.lua", robot);
    if (!take_parts(repo, &parts, robot, commit, schedule, err))
        return false;
    const struct child in_robots[] = {{robot, parts.has_robot ? &parts.robot : NULL, GIT_FILEMODE_TREE},
                                      {"lib", parts.has_lib ? &parts.lib : NULL, GIT_FILEMODE_TREE}};
    const struct child in_schedules[] = {
        {schedule + strlen("schedules/"), parts.has_schedule ? &parts.schedule : NULL, GIT_FILEMODE_BLOB}};
    const struct child in_whole[] = {
        {"robots", parts.has_robot || parts.has_lib ? &robots : NULL, GIT_FILEMODE_TREE},
        {"schedules", parts.has_schedule ? &schedules : NULL, GIT_FILEMODE_TREE}};
    if (!build(repo, &robots, in_robots, COUNT_OF(in_robots), err) ||
        !build(repo, &schedules, in_schedules, COUNT_OF(in_schedules), err) ||
        !build(repo, &whole, in_whole, COUNT_OF(in_whole), err))
        return false;
    git_oid_tostr(tree, REPO_ID_SIZE, &whole);
    return true;
}

static bool append_blob(struct repo *repo, struct buf *out, const git_oid *id, const char *path,
                        struct err *err)
{
    git_blob *blob = NULL;
    if (!repo_blob(repo, &blob, id, path, err))
        return false;
    const bool fits = buf_append(out, git_blob_rawcontent(blob), (size_t)git_blob_rawsize(blob));
    git_blob_free(blob);
    return fits ? true : fail(err, ERR_FILE_TOO_LARGE, path, N(out->maximum >> 20));
}

static bool tree_of(struct repo *repo, git_tree **out, const char *tree, struct err *err)
{
    git_oid id;
    return git_oid_fromstr(&id, tree) == 0 && git_tree_lookup(out, repo->repository, &id) == 0
               ? true
               : repo_failed(err, tree);
}

// The top of a side, or of a commit; *path is where the file stands in it, for the caller to free.
static bool top_of(struct repo *repo, git_tree **top, char **path, const char *side, const char *file,
                   struct err *err)
{
    git_object *object = NULL;
    git_oid id;
    if (git_oid_fromstr(&id, side) != 0 ||
        git_object_lookup(&object, repo->repository, &id, GIT_OBJECT_ANY) != 0)
        return repo_failed(err, side);
    const bool is_commit = git_object_type(object) == GIT_OBJECT_COMMIT;
    const bool good = git_object_peel((git_object **)top, object, GIT_OBJECT_TREE) == 0;
    git_object_free(object);
    *path = good ? xasprintf("%s%s", is_commit ? repo->prefix : "", file) : NULL;
    return good ? true : repo_failed(err, side);
}

bool repo_side_file(struct repo *repo, char id[REPO_ID_SIZE], struct buf *out, bool *found, const char *side,
                    const char *path, struct err *err)
{
    git_tree_entry *entry = NULL;
    SCOPED_TREE top = NULL;
    SCOPED_TEXT char *place = NULL;
    if (!top_of(repo, &top, &place, side, path, err))
        return false;
    *found = git_tree_entry_bypath(&entry, top, place) == 0 && git_tree_entry_type(entry) == GIT_OBJECT_BLOB;
    bool good = true;
    if (*found) {
        git_oid_tostr(id, REPO_ID_SIZE, git_tree_entry_id(entry));
        good = append_blob(repo, out, git_tree_entry_id(entry), path, err);
    }
    git_tree_entry_free(entry);
    return good;
}

bool repo_side_folder(struct repo *repo, char id[REPO_ID_SIZE], const char *side, const char *path)
{
    struct err ignored;
    git_tree_entry *entry = NULL;
    SCOPED_TREE top = NULL;
    const bool found = tree_of(repo, &top, side, &ignored) && git_tree_entry_bypath(&entry, top, path) == 0 &&
                       git_tree_entry_type(entry) == GIT_OBJECT_TREE;
    if (found)
        git_oid_tostr(id, REPO_ID_SIZE, git_tree_entry_id(entry));
    git_tree_entry_free(entry);
    return found;
}

bool repo_side_each(struct repo *repo, const char *side, const char *path, side_visitor visit, void *owner,
                    struct err *err)
{
    char id[REPO_ID_SIZE];
    SCOPED_TREE folder = NULL;
    if (!repo_side_folder(repo, id, side, path))
        return true;
    bool good = tree_of(repo, &folder, id, err);
    for (size_t i = 0; good && i < git_tree_entrycount(folder); i++) {
        const git_tree_entry *entry = git_tree_entry_byindex(folder, i);
        git_oid_tostr(id, REPO_ID_SIZE, git_tree_entry_id(entry));
        good =
            visit(owner, git_tree_entry_name(entry), id, git_tree_entry_type(entry) == GIT_OBJECT_TREE, err);
    }
    return good;
}

bool repo_discard(struct repo *repo, const char *path, struct err *err)
{
    SCOPED_TEXT char *whole = xasprintf("%s%s", repo->prefix, path);
    char *paths[] = {whole};
    git_checkout_options options = GIT_CHECKOUT_OPTIONS_INIT;
    options.checkout_strategy =
        GIT_CHECKOUT_FORCE | GIT_CHECKOUT_REMOVE_UNTRACKED | GIT_CHECKOUT_DISABLE_PATHSPEC_MATCH;
    options.paths = (git_strarray){paths, COUNT_OF(paths)};
    return git_checkout_head(repo->repository, &options) == 0 ? true : repo_failed(err, path);
}

// ---- comparing

struct comparing {
    const struct compare_visitor *visitor;
    void *owner;
};

enum { STOPPED = 1 }; // what libgit2 hands back when a callback has had enough

static int on_file(const git_diff_delta *delta, float progress, void *payload)
{
    static const enum compare_kind kinds[] = {[GIT_DELTA_ADDED] = COMPARE_ADDED,
                                              [GIT_DELTA_DELETED] = COMPARE_REMOVED,
                                              [GIT_DELTA_RENAMED] = COMPARE_RENAMED};
    const struct comparing *comparing = payload;
    struct compare_file file = {.path = delta->status == GIT_DELTA_DELETED ? delta->old_file.path
                                                                           : delta->new_file.path,
                                .binary = delta->flags & GIT_DIFF_FLAG_BINARY,
                                .bytes = (int64_t)delta->new_file.size,
                                .bytes_before = (int64_t)delta->old_file.size};
    (void)progress;
    if ((size_t)delta->status < COUNT_OF(kinds))
        file.kind = kinds[delta->status];
    file.was = file.kind == COMPARE_RENAMED ? delta->old_file.path : NULL;
    return comparing->visitor->file(comparing->owner, &file) ? 0 : STOPPED;
}

static int on_hunk(const git_diff_delta *delta, const git_diff_hunk *hunk, void *payload)
{
    const struct comparing *comparing = payload;
    (void)delta;
    return comparing->visitor->hunk(comparing->owner, hunk->old_start, hunk->old_lines, hunk->new_start,
                                    hunk->new_lines)
               ? 0
               : STOPPED;
}

// libgit2 marks a missing end of the last line with lines of its own.
static char origin_of(char origin)
{
    switch (origin) {
    case GIT_DIFF_LINE_CONTEXT:
    case GIT_DIFF_LINE_ADDITION:
    case GIT_DIFF_LINE_DELETION:
        return origin;
    default:
        return '\\';
    }
}

static int on_line(const git_diff_delta *delta, const git_diff_hunk *hunk, const git_diff_line *line,
                   void *payload)
{
    const struct comparing *comparing = payload;
    struct compare_line told = {origin_of(line->origin), line->old_lineno, line->new_lineno,
                                text_of(line->content, line->content_len)};
    (void)delta, (void)hunk;
    if (told.origin == '\\')
        told.text = TEXT_OF("");
    while (told.text.length && (text_ends(told.text, "\n") || text_ends(told.text, "\r")))
        told.text.length--;
    return comparing->visitor->line(comparing->owner, &told) ? 0 : STOPPED;
}

bool repo_diff(struct repo *repo, const char *before, const char *after,
               const struct compare_visitor *visitor, void *owner, struct err *err)
{
    git_diff *diff = NULL;
    git_diff_options options = GIT_DIFF_OPTIONS_INIT;
    git_diff_find_options renames = GIT_DIFF_FIND_OPTIONS_INIT;
    struct comparing comparing = {visitor, owner};
    SCOPED_TREE one = NULL;
    SCOPED_TREE other = NULL;
    if (!tree_of(repo, &one, before, err) || !tree_of(repo, &other, after, err))
        return false;
    options.context_lines = CONTEXT_LINES;
    options.max_size = REPO_FILE_BYTES_MAX;
    options.flags = GIT_DIFF_INDENT_HEURISTIC; // as git itself
    renames.flags = GIT_DIFF_FIND_RENAMES;
    renames.rename_limit = RENAMES_MAX;
    const int done =
        git_diff_tree_to_tree(&diff, repo->repository, one, other, &options) != 0 ||
                git_diff_find_similar(diff, &renames) != 0
            ? -1
            : git_diff_foreach(diff, visitor->file ? on_file : NULL, NULL, visitor->hunk ? on_hunk : NULL,
                               visitor->line ? on_line : NULL, &comparing);
    git_diff_free(diff);
    return done == 0 || done == STOPPED ? true : repo_failed(err, "diff");
}
