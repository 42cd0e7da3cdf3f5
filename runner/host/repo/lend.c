// Pins as bytes: what a host lends to others through the store, and what it borrows. In the host.
//
// The content is each object of the tree as git hashes it: 't' or 'b', its length in decimal digits, NUL, its bytes.
// Whatever comes from outside is written under its own hash, so it can't stand in for anything else; repo_read then
// judges names, kinds and sizes as it does of every tree.
#include "host/repo/repo_own.h"

struct lending {
    struct repo *repo;
    struct repo_budget budget;
    struct buf *out;
    struct err *err;
};

static bool too_much(struct err *err, const char *path)
{
    return fail(err, ERR_REPO_LIMIT, path, N(REPO_FILES_MAX), N(REPO_BYTES_MAX >> 20), N(REPO_DEPTH_MAX));
}

static bool lend_tree(struct lending *lending, const git_oid *id, const char *name, int depth);

static bool append_object(const struct lending *lending, const git_oid *id, char kind, const char *name)
{
    git_odb_object *object = NULL;
    if (git_odb_read(&object, lending->repo->objects, id) != 0)
        return repo_failed(lending->err, name);
    const size_t length = git_odb_object_size(object);
    const bool good = buf_append_char(lending->out, kind) && buf_printf(lending->out, "%zu", length) &&
                      buf_append_char(lending->out, '\0') &&
                      buf_append(lending->out, git_odb_object_data(object), length);
    git_odb_object_free(object);
    return good ? true : too_much(lending->err, name);
}

static bool lend_blob(struct lending *lending, const git_oid *id, const char *name)
{
    size_t length = 0;
    git_object_t kind;
    if (git_odb_read_header(&length, &kind, lending->repo->objects, id) != 0)
        return repo_failed(lending->err, name);
    return repo_budget_take(&lending->budget, name, length, lending->err) &&
           append_object(lending, id, 'b', name);
}

static bool lend_entry(struct lending *lending, const git_tree_entry *entry, int depth)
{
    const char *name = git_tree_entry_name(entry);
    switch (git_tree_entry_type(entry)) {
    case GIT_OBJECT_BLOB:
        return lend_blob(lending, git_tree_entry_id(entry), name);
    case GIT_OBJECT_TREE:
        return lend_tree(lending, git_tree_entry_id(entry), name, depth + 1);
    default:
        return fail(lending->err, ERR_REPO_NAME, name);
    }
}

static bool lend_tree(struct lending *lending, const git_oid *id, const char *name, int depth)
{
    git_tree *tree = NULL;
    if (depth > REPO_DEPTH_MAX)
        return too_much(lending->err, name);
    if (git_tree_lookup(&tree, lending->repo->repository, id) != 0)
        return repo_failed(lending->err, name);
    bool good = append_object(lending, id, 't', name);
    for (size_t i = 0; good && i < git_tree_entrycount(tree); i++)
        good = lend_entry(lending, git_tree_entry_byindex(tree, i), depth);
    git_tree_free(tree);
    return good;
}

bool repo_lend(struct repo *repo, struct buf *out, const char *tree, struct err *err)
{
    struct lending lending = {repo, repo_budget_new(), out, err};
    git_oid id;
    if (git_oid_fromstr(&id, tree) != 0)
        return repo_failed(err, tree);
    return lend_tree(&lending, &id, tree, 0);
}

bool repo_has(struct repo *repo, const char *tree)
{
    git_oid id;
    return git_oid_fromstr(&id, tree) == 0 && git_odb_exists(repo->objects, &id);
}

static bool borrow_object(struct repo *repo, struct text *rest)
{
    struct text digits;
    int64_t length;
    git_oid id;
    const char kind = rest->data[0];
    *rest = text_of(rest->data + 1, rest->length - 1);
    if ((kind != 't' && kind != 'b') || !text_cut(rest, '\0', &digits) || !text_to_int64(digits, &length) ||
        length < 0 || (size_t)length > rest->length)
        return false;
    if (git_odb_write(&id, repo->objects, rest->data, (size_t)length,
                      kind == 't' ? GIT_OBJECT_TREE : GIT_OBJECT_BLOB) != 0)
        return false;
    *rest = text_of(rest->data + length, rest->length - (size_t)length);
    return true;
}

bool repo_borrow(struct repo *repo, const char *tree, struct text content, struct err *err)
{
    git_oid id;
    SCOPED_TEXT char *name = xasprintf("refs/renki/pins/%s", tree);
    bool good = git_oid_fromstr(&id, tree) == 0;
    while (good && content.length)
        good = borrow_object(repo, &content);
    if (!good || !repo_has(repo, tree) || !repo_keep(repo, name, &id))
        return fail(err, ERR_ROBOT_TREE_MISSING, tree);
    return true;
}
