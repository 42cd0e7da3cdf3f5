// What goes to a remote: approvals and rejections, and the content that they are about. In the host.
//
// A tag on a tree takes the tree itself along when it is pushed, not what is below it (libgit2), and a server takes no
// reference to what is not whole. So each tree that is approved has a commit, made of the tree alone: the same on every
// host, so that all push the same, and something that ordinary git can check out.
#include "host/repo/repo_own.h"

#include <string.h>

struct walking {
    struct repo *repo;
    repo_approval_visitor visit;
    void *owner;
    struct err *err;
};

bool repo_approval_content(struct repo *repo, char out[REPO_ID_SIZE], const char *tree)
{
    git_oid id;
    git_odb_object *object = NULL;
    git_oid tree_id;
    SCOPED_TEXT char *commit = xasprintf("tree %s\nauthor renki <renki@localhost.invalid> 0 +0000\n"
                                         "committer renki <renki@localhost.invalid> 0 +0000\n\n"
                                         "content of approvals\n",
                                         tree);
    const bool good = git_oid_fromstr(&tree_id, tree) == 0 &&
                      git_odb_read(&object, repo->objects, &tree_id) == 0 &&
                      git_odb_object_type(object) == GIT_OBJECT_TREE &&
                      git_odb_write(&id, repo->objects, commit, strlen(commit), GIT_OBJECT_COMMIT) == 0;
    git_odb_object_free(object);
    if (good)
        git_oid_tostr(out, REPO_ID_SIZE, &id);
    return good;
}

static int on_reference(git_reference *reference, void *payload)
{
    const struct walking *walking = payload;
    struct text tree;
    const char *name = git_reference_name(reference);
    const git_oid *id = git_reference_target(reference);
    bool good = true;
    if (id && repo_approval_name(&tree, name)) {
        char hex[REPO_ID_SIZE];
        SCOPED_TEXT char *of = text_copy(tree);
        git_oid_tostr(hex, sizeof hex, id);
        good = walking->visit(walking->owner, name, hex, of, walking->err);
    }
    git_reference_free(reference);
    return good ? 0 : GIT_EUSER;
}

bool repo_approvals(struct repo *repo, repo_approval_visitor visit, void *owner, struct err *err)
{
    struct walking walking = {repo, visit, owner, err};
    const int result = git_reference_foreach(repo->repository, on_reference, &walking);
    return result == 0 ? true : result == GIT_EUSER ? false : repo_failed(err, "refs/renki");
}
