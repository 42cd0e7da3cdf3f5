// Working files: compared with what is committed, or written as a draft's tree. In the host.
//
// Files are opened one folder at a time without following links, so that nothing outside robots/ is ever read.
#include "host/repo/repo_own.h"
#include "host/repo/walk.h"
#include "lib/base/file.h"

#include <errno.h>

struct walk {
    struct repo *repo;
    struct repo_budget budget;
    bool more; // files that the tree has not are no difference
    struct err *err;
};

static bool too_deep(struct walk *walk, const char *path)
{
    return fail(walk->err, ERR_REPO_LIMIT, path, N(REPO_FILES_MAX), N(REPO_BYTES_MAX >> 20),
                N(REPO_DEPTH_MAX));
}

// Files that git ignores (editors' backups) are no part of a robot.
bool working_is_ignored(const struct repo *repo, const char *path)
{
    int ignored = 0;
    SCOPED_TEXT char *whole = xasprintf("%s%s", repo->prefix, path);
    return git_ignore_path_is_ignored(&ignored, repo->repository, whole) == 0 && ignored;
}

static bool read_working(struct walk *walk, struct buf *out, int folder, const char *name, const char *path)
{
    if (!file_read(out, folder, name, walk->err))
        return walk->err->code == ERR_FILE_TOO_LARGE // by its whole path, not its name alone
                   ? fail(walk->err, ERR_FILE_TOO_LARGE, path, N(REPO_FILE_BYTES_MAX >> 20))
                   : false;
    return repo_budget_take(&walk->budget, path, out->length, walk->err);
}

static bool usable(struct walk *walk, int folder, const char *name, const char *path, enum walk_kind *kind)
{
    *kind = walk_kind_of(folder, name);
    if (*kind == WALK_OTHER || !gitobject_name_is_safe(text_from(name)))
        return fail(walk->err, ERR_REPO_NAME, path);
    return true;
}

// ---- comparing

static bool differs(struct walk *walk, const char *path)
{
    return fail(walk->err, ERR_ROBOT_DIFFERS, path);
}

static bool same_file(struct walk *walk, int folder, const char *name, const char *path,
                      const git_tree_entry *entry)
{
    SCOPED_BUF(content, REPO_FILE_BYTES_MAX);
    git_oid id;
    if (!read_working(walk, &content, folder, name, path))
        return false;
    const struct text text = buf_text(&content);
    if (git_odb_hash(&id, text.data, text.length, GIT_OBJECT_BLOB) != 0)
        return repo_failed(walk->err, path);
    return git_oid_equal(&id, git_tree_entry_id(entry)) ? true : differs(walk, path);
}

static bool same_folder(struct walk *walk, int folder, const char *path, git_tree *tree, int depth);

static bool same_subfolder(struct walk *walk, int folder, const char *name, const char *path,
                           const git_tree_entry *entry, int depth)
{
    SCOPED_FD inner = walk_enter(folder, name);
    if (inner < 0)
        return differs(walk, path);
    git_tree *tree = NULL;
    if (git_tree_lookup(&tree, walk->repo->repository, git_tree_entry_id(entry)) != 0)
        return repo_failed(walk->err, path);
    const bool same = same_folder(walk, inner, path, tree, depth + 1);
    git_tree_free(tree);
    return same;
}

static bool all_are_there(struct walk *walk, int folder, const char *path, const git_tree *tree)
{
    for (size_t i = 0; i < git_tree_entrycount(tree); i++) {
        const char *name = git_tree_entry_name(git_tree_entry_byindex(tree, i));
        struct stat status;
        SCOPED_TEXT char *place = xasprintf("%s/%s", path, name);
        if (fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) != 0)
            return differs(walk, place);
    }
    return true;
}

static bool has_files(struct walk *walk, int folder, const char *name, const char *path, int depth);

static bool same_entry(struct walk *walk, int folder, const char *name, const char *path, git_tree *tree,
                       int depth)
{
    const git_tree_entry *entry = git_tree_entry_byname(tree, name);
    const enum walk_kind kind = walk_kind_of(folder, name);
    if (!entry) // an empty folder is nothing to git
        return walk->more || working_is_ignored(walk->repo, path) ||
                       (kind == WALK_FOLDER && !has_files(walk, folder, name, path, depth))
                   ? true
                   : differs(walk, path);
    const git_object_t type = git_tree_entry_type(entry);
    if (kind == WALK_FILE && type == GIT_OBJECT_BLOB)
        return same_file(walk, folder, name, path, entry);
    if (kind == WALK_FOLDER && type == GIT_OBJECT_TREE)
        return same_subfolder(walk, folder, name, path, entry, depth);
    return differs(walk, path);
}

static bool has_files(struct walk *walk, int folder, const char *name, const char *path, int depth)
{
    SCOPED_FD inner = walk_enter(folder, name);
    SCOPED_NAMES names = {.count = -1};
    if (inner < 0 || depth >= REPO_DEPTH_MAX ||
        (names.count = scandirat(inner, ".", &names.list, walk_is_name, alphasort)) < 0)
        return true;
    for (int i = 0; i < names.count; i++) {
        SCOPED_TEXT char *place = xasprintf("%s/%s", path, names.list[i]->d_name);
        if (working_is_ignored(walk->repo, place))
            continue;
        if (walk_kind_of(inner, names.list[i]->d_name) != WALK_FOLDER ||
            has_files(walk, inner, names.list[i]->d_name, place, depth + 1))
            return true;
    }
    return false;
}

static bool same_folder(struct walk *walk, int folder, const char *path, git_tree *tree, int depth)
{
    if (depth > REPO_DEPTH_MAX)
        return too_deep(walk, path);
    SCOPED_NAMES names = {NULL, -1}; // apart: an initializer may be written after its call
    names.count = scandirat(folder, ".", &names.list, walk_is_name, alphasort);
    if (names.count < 0)
        return fail(walk->err, ERR_FILE_UNREADABLE, path, strerror(errno));
    for (int i = 0; i < names.count; i++) {
        SCOPED_TEXT char *place = xasprintf("%s/%s", path, names.list[i]->d_name);
        if (!same_entry(walk, folder, names.list[i]->d_name, place, tree, depth))
            return false;
    }
    return all_are_there(walk, folder, path, tree);
}

bool working_compare(struct repo *repo, const char *path, git_tree *tree, bool more, struct err *err)
{
    struct walk walk = {.repo = repo, .budget = repo_budget_new(), .more = more, .err = err};
    SCOPED_FD folder = walk_enter(repo->folder, path);
    return folder < 0 ? differs(&walk, path) : same_folder(&walk, folder, path, tree, 1);
}

// ---- writing

static bool write_folder(struct walk *walk, git_oid *out, size_t *files, int folder, const char *path,
                         int depth);

static bool write_file(struct walk *walk, git_oid *out, int folder, const char *name, const char *path)
{
    SCOPED_BUF(content, REPO_FILE_BYTES_MAX);
    if (!read_working(walk, &content, folder, name, path))
        return false;
    const struct text text = buf_text(&content);
    return git_blob_create_from_buffer(out, walk->repo->repository, text.data, text.length) == 0
               ? true
               : repo_failed(walk->err, path);
}

static bool write_entry(struct walk *walk, git_treebuilder *builder, int folder, const char *name,
                        const char *path, int depth)
{
    git_oid id;
    enum walk_kind kind;
    size_t files = 1;
    if (!usable(walk, folder, name, path, &kind))
        return false;
    if (kind == WALK_FILE) {
        if (!write_file(walk, &id, folder, name, path))
            return false;
    } else {
        SCOPED_FD inner = walk_enter(folder, name);
        if (inner < 0)
            return fail(walk->err, ERR_FILE_UNREADABLE, path, strerror(errno));
        if (!write_folder(walk, &id, &files, inner, path, depth + 1))
            return false;
    }
    const git_filemode_t mode = kind == WALK_FILE ? GIT_FILEMODE_BLOB : GIT_FILEMODE_TREE;
    return files == 0 || git_treebuilder_insert(NULL, builder, name, &id, mode) == 0
               ? true
               : repo_failed(walk->err, path);
}

static bool write_entries(struct walk *walk, git_treebuilder *builder, int folder, const char *path,
                          int depth)
{
    SCOPED_NAMES names = {NULL, -1}; // apart: an initializer may be written after its call
    names.count = scandirat(folder, ".", &names.list, walk_is_name, alphasort);
    if (names.count < 0)
        return fail(walk->err, ERR_FILE_UNREADABLE, path, strerror(errno));
    for (int i = 0; i < names.count; i++) {
        SCOPED_TEXT char *place = xasprintf("%s/%s", path, names.list[i]->d_name);
        if (!working_is_ignored(walk->repo, place) &&
            !write_entry(walk, builder, folder, names.list[i]->d_name, place, depth))
            return false;
    }
    return true;
}

static bool write_folder(struct walk *walk, git_oid *out, size_t *files, int folder, const char *path,
                         int depth)
{
    if (depth > REPO_DEPTH_MAX)
        return too_deep(walk, path);
    git_treebuilder *builder = NULL;
    if (git_treebuilder_new(&builder, walk->repo->repository, NULL) != 0)
        return repo_failed(walk->err, path);
    bool good = write_entries(walk, builder, folder, path, depth);
    if (good && git_treebuilder_write(out, builder) != 0)
        good = repo_failed(walk->err, path);
    *files = git_treebuilder_entrycount(builder);
    git_treebuilder_free(builder);
    return good;
}

bool working_write(struct repo *repo, git_oid *out, bool *found, const char *path, struct err *err)
{
    struct walk walk = {.repo = repo, .budget = repo_budget_new(), .err = err};
    SCOPED_FD folder = walk_enter(repo->folder, path);
    *found = folder >= 0;
    if (folder < 0)
        return errno == ENOENT ? true : fail(err, ERR_FILE_UNREADABLE, path, strerror(errno));
    size_t files;
    return write_folder(&walk, out, &files, folder, path, 1);
}
