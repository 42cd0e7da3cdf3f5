// What somebody saves, as two trees of the repository: base, what it was made from, and mine. In the host.
//
// Both are worked out in an index that is only in memory. Only the workspace's folders of robots and schedules, and its
// settings, are ever saved: not what else the repository holds.
#include "host/repo/save_own.h"

const char *const repo_roots[] = {"renki.lua", "robots", "schedules", NULL};

static bool read_into(git_index *index, git_tree *tree)
{
    return !tree || git_index_read_tree(index, tree) == 0;
}

static bool write_tree(const struct saving *saving, git_tree **out, git_index *index)
{
    git_oid id;
    return git_index_write_tree_to(&id, index, saving->repo->repository) == 0 &&
           git_tree_lookup(out, saving->repo->repository, &id) == 0;
}

static bool put(git_index *index, const char *whole, const git_oid *id, bool executable)
{
    const git_index_entry entry = {
        .path = whole, .id = *id, .mode = executable ? GIT_FILEMODE_BLOB_EXECUTABLE : GIT_FILEMODE_BLOB};
    return git_index_add(index, &entry) == 0;
}

static void take_out(git_index *index, const char *whole)
{
    (void)git_index_remove(index, whole, 0);
    (void)git_index_remove_directory(index, whole, 0);
}

bool tree_file_is_executable(git_tree *tree, const char *whole)
{
    git_tree_entry *entry = NULL;
    const bool is = tree && git_tree_entry_bypath(&entry, tree, whole) == 0 &&
                    git_tree_entry_filemode(entry) == GIT_FILEMODE_BLOB_EXECUTABLE;
    git_tree_entry_free(entry);
    return is;
}

// What the working files were made from: the branch, but for paths that are noted.
static bool apply_bases(struct saving *saving, git_index *index)
{
    struct bases bases;
    if (!bases_read(&bases, saving->repo, saving->err))
        return false;
    bool good = true;
    for (size_t i = 0; good && i < bases.count; i++) {
        SCOPED_TEXT char *whole = xasprintf("%s%s", saving->repo->prefix, bases.items[i].path);
        if (git_oid_is_zero(&bases.items[i].id))
            take_out(index, whole);
        else
            good = put(index, whole, &bases.items[i].id, tree_file_is_executable(saving->now, whole));
    }
    bases_dispose(&bases);
    return good ? true : repo_failed(saving->err, "bases");
}

bool saving_base(struct saving *saving)
{
    git_oid id;
    git_index *index = NULL;
    if (saving->what->base)
        return git_oid_fromstr(&id, saving->what->base) == 0
                   ? commit_tree_of(saving->repo, &saving->base, &id, saving->err)
                   : repo_failed(saving->err, saving->what->base);
    if (!saving->now && !saving->what->roots)
        return true;
    bool good = git_index_new(&index) == 0 && read_into(index, saving->now);
    if (!good)
        (void)repo_failed(saving->err, "base");
    good = good && (!saving->what->roots || apply_bases(saving, index));
    if (good && !write_tree(saving, &saving->base, index))
        good = repo_failed(saving->err, "base");
    git_index_free(index);
    return good;
}

bool repo_path_is_saved(const char *path)
{
    struct text rest = text_from(path), part;
    size_t depth = 0;
    for (size_t i = 0; repo_roots[i]; i++) {
        const size_t length = strlen(repo_roots[i]);
        if (strncmp(path, repo_roots[i], length) == 0 && (path[length] == '/' || path[length] == '\0'))
            depth = 1;
    }
    if (!depth || text_ends(rest, "/"))
        return false;
    while (text_cut(&rest, '/', &part))
        if (!gitobject_name_is_safe(part) || ++depth > REPO_DEPTH_MAX)
            return false;
    return true;
}

// A tree of long ago may hold what could never be saved today, links, names, sizes: it is read once, and judged so.
static bool pass(void *owner, const char *path, struct text content, struct err *err)
{
    (void)owner, (void)path, (void)content, (void)err;
    return true;
}

static bool apply_tree(const struct saving *saving, git_index *index, const char *whole, const char *id)
{
    git_oid oid;
    git_tree *tree = NULL;
    git_index *from = NULL;
    bool good = git_oid_fromstr(&oid, id) == 0 &&
                git_tree_lookup(&tree, saving->repo->repository, &oid) == 0 && git_index_new(&from) == 0 &&
                git_index_read_tree(from, tree) == 0;
    for (size_t i = 0; good && i < git_index_entrycount(from); i++) {
        git_index_entry entry = *git_index_get_byindex(from, i);
        SCOPED_TEXT char *path = xasprintf("%s/%s", whole, entry.path);
        entry.path = path;
        good = git_index_add(index, &entry) == 0;
    }
    git_index_free(from);
    git_tree_free(tree);
    return good;
}

static bool apply_file(const struct saving *saving, git_index *index, const char *whole,
                       const struct repo_edit *edit)
{
    git_oid id;
    if (!edit->content.data)
        return git_oid_fromstr(&id, edit->id) == 0 && put(index, whole, &id, edit->executable);
    return git_blob_create_from_buffer(&id, saving->repo->repository, edit->content.data,
                                       edit->content.length) == 0 &&
           put(index, whole, &id, edit->executable);
}

static bool apply_edit(struct saving *saving, git_index *index, const struct repo_edit *edit)
{
    if (!repo_path_is_saved(edit->path))
        return fail(saving->err, ERR_SAVE_PATH, edit->path);
    if (edit->content.length > REPO_FILE_BYTES_MAX)
        return fail(saving->err, ERR_FILE_TOO_LARGE, edit->path, N(REPO_FILE_BYTES_MAX >> 20));
    SCOPED_TEXT char *whole = xasprintf("%s%s", saving->repo->prefix, edit->path);
    bool good = true;
    take_out(index, whole);
    switch (edit->kind) {
    case REPO_EDIT_FILE:
        good = apply_file(saving, index, whole, edit);
        break;
    case REPO_EDIT_TREE:
        if (!repo_read(saving->repo, edit->id, pass, NULL, saving->err))
            return false;
        good = apply_tree(saving, index, whole, edit->id);
        break;
    case REPO_EDIT_GONE:
        break;
    }
    return good ? true : repo_failed(saving->err, edit->path);
}

static bool apply_root(struct saving *saving, git_index *index, const char *root)
{
    if (!repo_path_is_saved(root))
        return fail(saving->err, ERR_SAVE_PATH, root);
    SCOPED_TEXT char *whole = xasprintf("%s%s", saving->repo->prefix, root);
    take_out(index, whole);
    return scan_into(saving->repo, index, saving->base, root, saving->err);
}

static bool apply_all(struct saving *saving, git_index *index)
{
    const struct repo_saving *what = saving->what;
    bool good = true;
    if (what->edit_count > SAVE_EDITS_MAX)
        return fail(saving->err, ERR_REPO_LIMIT, "files", N(SAVE_EDITS_MAX), N(REPO_BYTES_MAX >> 20),
                    N(REPO_DEPTH_MAX));
    for (size_t i = 0; good && i < what->edit_count; i++)
        good = apply_edit(saving, index, &what->edits[i]);
    for (size_t i = 0; good && i < what->root_count; i++)
        good = apply_root(saving, index, what->roots[i]);
    return good;
}

bool saving_mine(struct saving *saving)
{
    git_index *index = NULL;
    bool good = git_index_new(&index) == 0 && read_into(index, saving->base);
    if (!good)
        (void)repo_failed(saving->err, "files");
    good = good && apply_all(saving, index);
    if (good && !write_tree(saving, &saving->mine, index))
        good = repo_failed(saving->err, "files");
    git_index_free(index);
    return good;
}
