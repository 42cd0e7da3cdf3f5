// See repo.h. Opening, making and the first commit; rules for names. The only folder that names libgit2.
#include "host/repo/repo_own.h"
#include "host/repo/timeline.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

enum { OBJECT_MAX = 16 << 20 };

bool repo_failed(struct err *err, const char *what)
{
    const git_error *error = git_error_last();
    return fail(err, ERR_REPO_FAILED, what, error && error->message ? error->message : "?");
}

const char *repo_library_version(void)
{
    return LIBGIT2_VERSION;
}

const char *repo_folder(const struct repo *repo)
{
    return git_repository_commondir(repo->repository);
}

// Nothing outside the repository has a say: no system-wide or personal configuration, no templates with hooks.
static void library_begin(void)
{
    static const int levels[] = {GIT_CONFIG_LEVEL_PROGRAMDATA, GIT_CONFIG_LEVEL_SYSTEM, GIT_CONFIG_LEVEL_XDG,
                                 GIT_CONFIG_LEVEL_GLOBAL};
    git_libgit2_init();
    for (size_t i = 0; i < COUNT_OF(levels); i++)
        git_libgit2_opts(GIT_OPT_SET_SEARCH_PATH, levels[i], "");
    git_libgit2_opts(GIT_OPT_SET_TEMPLATE_PATH, "");
    git_libgit2_opts(GIT_OPT_ENABLE_STRICT_OBJECT_CREATION, 1);
    git_libgit2_opts(GIT_OPT_ENABLE_STRICT_HASH_VERIFICATION, 1);
    git_libgit2_opts(GIT_OPT_ENABLE_FSYNC_GITDIR, 1);
    git_libgit2_opts(GIT_OPT_SET_OWNER_VALIDATION, 1);
    git_libgit2_opts(GIT_OPT_SET_PACK_MAX_OBJECT_SIZE, (size_t)OBJECT_MAX);
}

static bool open_repository(git_repository **out, const char *workspace, struct err *err)
{
    switch (git_repository_open_ext(out, workspace, 0, NULL)) {
    case 0:
        return true;
    case GIT_ENOTFOUND:
        return fail(err, ERR_REPO_NONE, workspace);
    case GIT_EOWNER:
        return fail(err, ERR_REPO_OWNER, workspace);
    default:
        return repo_failed(err, workspace);
    }
}

// The workspace as a path inside the repository, with a slash at the end unless it is the top.
static bool find_prefix(char **out, git_repository *repository, const char *workspace, struct err *err)
{
    const char *top = git_repository_workdir(repository);
    if (!top)
        return fail(err, ERR_REPO_NONE, workspace);
    SCOPED_TEXT char *real_top = realpath(top, NULL), *real = realpath(workspace, NULL);
    if (!real_top || !real)
        return fail(err, ERR_FILE_UNREADABLE, workspace, strerror(errno));
    const size_t length = strlen(real_top);
    if (strncmp(real, real_top, length) != 0 || (real[length] != '/' && real[length] != '\0'))
        return fail(err, ERR_REPO_NONE, workspace);
    *out = real[length] ? xasprintf("%s/", real + length + 1) : xstrdup("");
    return true;
}

bool repo_open(struct repo **out, const char *workspace, struct err *err)
{
    library_begin();
    SCOPED(repo)
    repo = xcalloc(1, sizeof *repo);
    repo->folder = open(workspace, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (repo->folder < 0)
        return fail(err, ERR_FILE_UNREADABLE, workspace, strerror(errno));
    if (!open_repository(&repo->repository, workspace, err) ||
        !find_prefix(&repo->prefix, repo->repository, workspace, err))
        return false;
    if (git_repository_odb(&repo->objects, repo->repository) != 0)
        return repo_failed(err, workspace);
    *out = STEAL(repo);
    return true;
}

void repo_free(struct repo *repo)
{
    if (!repo)
        return;
    timeline_free(repo->timeline);
    git_odb_free(repo->objects);
    git_repository_free(repo->repository);
    if (repo->folder >= 0)
        close(repo->folder);
    xfree(repo->known);
    xfree(repo->libs);
    xfree(repo->tags);
    xfree(repo->prefix);
    xfree(repo);
    git_libgit2_shutdown();
}

bool repo_make(bool *made, const char *workspace, struct err *err)
{
    library_begin();
    git_repository *repository = NULL;
    struct err why;
    *made = false;
    bool good = open_repository(&repository, workspace, &why);
    if (!good && why.code == ERR_REPO_NONE) {
        git_repository_init_options options = GIT_REPOSITORY_INIT_OPTIONS_INIT;
        options.flags = GIT_REPOSITORY_INIT_NO_REINIT | GIT_REPOSITORY_INIT_MKDIR;
        options.initial_head = "main";
        good = git_repository_init_ext(&repository, workspace, &options) == 0;
        *made = good;
        if (!good)
            (void)repo_failed(err, workspace);
    } else if (!good)
        *err = why;
    git_repository_free(repository);
    git_libgit2_shutdown();
    return good;
}

static bool add_paths(git_index *index, const char *prefix, const char *const *paths, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        SCOPED_TEXT char *path = xasprintf("%s%s", prefix, paths[i]);
        if (git_index_add_bypath(index, path) != 0)
            return false;
    }
    return git_index_write(index) == 0;
}

static bool commit(struct repo *repo, const char *const *paths, size_t count, const char *author,
                   const char *message)
{
    git_index *index = NULL;
    git_tree *tree = NULL;
    git_signature *signature = NULL;
    git_oid tree_id, commit_id;
    SCOPED_TEXT char *mail = xasprintf("%s@localhost", author);
    const bool good = git_repository_index(&index, repo->repository) == 0 &&
                      add_paths(index, repo->prefix, paths, count) &&
                      git_index_write_tree(&tree_id, index) == 0 &&
                      git_tree_lookup(&tree, repo->repository, &tree_id) == 0 &&
                      git_signature_now(&signature, author, mail) == 0 &&
                      git_commit_create(&commit_id, repo->repository, "HEAD", signature, signature, NULL,
                                        message, tree, 0, NULL) == 0;
    git_signature_free(signature);
    git_tree_free(tree);
    git_index_free(index);
    return good;
}

bool repo_commit_first(const char *workspace, const char *const *paths, size_t count, const char *author,
                       const char *message, struct err *err)
{
    SCOPED(repo)
    repo = NULL;
    if (!repo_open(&repo, workspace, err))
        return false;
    return commit(repo, paths, count, author, message) ? true : repo_failed(err, workspace);
}

bool robot_name_is_valid(const char *name)
{
    const size_t length = strlen(name);
    return length > 0 && length <= ROBOT_NAME_MAX && name[0] >= 'a' && name[0] <= 'z' &&
           strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-") == length && strcmp(name, "lib") != 0;
}

bool repo_budget_take(struct repo_budget *budget, const char *path, size_t bytes, struct err *err)
{
    if (bytes > REPO_FILE_BYTES_MAX)
        return fail(err, ERR_FILE_TOO_LARGE, path, N(REPO_FILE_BYTES_MAX >> 20));
    if (budget->files == 0)
        return fail(err, ERR_REPO_LIMIT, path, N(REPO_FILES_MAX), N(REPO_BYTES_MAX >> 20), N(REPO_DEPTH_MAX));
    if (bytes > budget->bytes)
        return fail(err, ERR_REPO_LIMIT, path, N(REPO_FILES_MAX), N(REPO_BYTES_MAX >> 20), N(REPO_DEPTH_MAX));
    budget->files--;
    budget->bytes -= bytes;
    return true;
}

bool repo_blob(struct repo *repo, git_blob **out, const git_oid *id, const char *path, struct err *err)
{
    size_t length;
    git_object_t kind;
    if (git_odb_read_header(&length, &kind, repo->objects, id) != 0)
        return repo_failed(err, path);
    if (length > REPO_FILE_BYTES_MAX)
        return fail(err, ERR_FILE_TOO_LARGE, path, N(REPO_FILE_BYTES_MAX >> 20));
    return git_blob_lookup(out, repo->repository, id) == 0 ? true : repo_failed(err, path);
}
