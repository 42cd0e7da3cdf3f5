// The branch and the approvals of a remote, followed: references move here, and nowhere else on behalf of a remote. In the
// host.
//
// A branch moves forward only, by compare-and-swap. An approval that is here is never replaced nor removed: what the
// remote has instead of it is kept beside it. Files below robots/ and schedules/ follow where nobody has changed them.
#include "host/repo/repo_own.h"

enum { LEFT_MAX = 2000, PERSON_MAX = 64 };

// ---- working files

struct leaving {
    struct buf *left;
    size_t count;
};

// Files that differ here from what was committed stay as they are, and are named.
static int on_conflict(git_checkout_notify_t why, const char *path, const git_diff_file *baseline,
                       const git_diff_file *target, const git_diff_file *workdir, void *payload)
{
    struct leaving *leaving = payload;
    (void)why, (void)baseline, (void)target, (void)workdir;
    if (path && leaving->left->length + strlen(path) + 3 < LEFT_MAX) // the first of them are enough to know
        (void)!(buf_append_text(leaving->left, text_from(leaving->count ? ", " : "")) &&
                buf_append_text(leaving->left, text_from(path)));
    leaving->count++;
    return 0;
}

static bool update_files(struct repo *repo, const git_oid *id, struct buf *left, struct err *err)
{
    git_object *commit = NULL;
    struct leaving leaving = {.left = left};
    SCOPED_TEXT char *robots = xasprintf("%srobots", repo->prefix);
    SCOPED_TEXT char *schedules = xasprintf("%sschedules", repo->prefix);
    char *paths[] = {robots, schedules};
    git_checkout_options options = GIT_CHECKOUT_OPTIONS_INIT;
    options.checkout_strategy =
        GIT_CHECKOUT_SAFE | GIT_CHECKOUT_ALLOW_CONFLICTS | GIT_CHECKOUT_DISABLE_PATHSPEC_MATCH;
    options.disable_filters = 1; // line ends and the like are as they were committed
    options.notify_flags = GIT_CHECKOUT_NOTIFY_CONFLICT;
    options.notify_cb = on_conflict;
    options.notify_payload = &leaving;
    options.paths = (git_strarray){paths, COUNT_OF(paths)};
    const bool good = git_object_lookup(&commit, repo->repository, id, GIT_OBJECT_COMMIT) == 0 &&
                      git_checkout_tree(repo->repository, commit, &options) == 0;
    git_object_free(commit);
    return good ? true : repo_failed(err, "robots");
}

static bool is_current(const struct repo *repo, const char *reference)
{
    git_reference *head = NULL;
    const bool current = git_reference_lookup(&head, repo->repository, "HEAD") == 0 &&
                         git_reference_type(head) == GIT_REFERENCE_SYMBOLIC &&
                         strcmp(git_reference_symbolic_target(head), reference) == 0;
    git_reference_free(head);
    return current;
}

// ---- the branch

static bool read_ids(git_oid *id, char **reference, const char *branch, const char *commit, struct err *err)
{
    int valid = 0;
    *reference = xasprintf("refs/heads/%s", branch);
    if (git_oid_fromstr(id, commit) != 0 || git_reference_name_is_valid(&valid, *reference) != 0 || !valid)
        return fail(err, ERR_SYNC_REFUSED, branch, "a reference with an odd name");
    return true;
}

bool repo_compare(struct repo *repo, enum repo_way *out, const char *branch, const char *commit,
                  struct err *err)
{
    git_oid id, before;
    SCOPED_TEXT char *reference = NULL;
    *out = REPO_WAY_SAME;
    if (!read_ids(&id, &reference, branch, commit, err))
        return false;
    if (git_reference_name_to_id(&before, repo->repository, reference) != 0)
        *out = REPO_WAY_FORWARD;
    else if (!git_oid_equal(&before, &id)) {
        const int after = git_graph_descendant_of(repo->repository, &id, &before);
        const int behind = git_graph_descendant_of(repo->repository, &before, &id);
        if (after < 0 || behind < 0)
            return repo_failed(err, branch);
        *out = after ? REPO_WAY_FORWARD : behind ? REPO_WAY_BACK : REPO_WAY_APART;
    }
    return true;
}

bool repo_follow(struct repo *repo, struct buf *left, const char *branch, const char *commit, struct err *err)
{
    git_reference *made = NULL;
    git_oid id, before = {0};
    enum repo_way way;
    SCOPED_TEXT char *reference = NULL;
    if (!repo_compare(repo, &way, branch, commit, err) || !read_ids(&id, &reference, branch, commit, err))
        return false;
    if (way == REPO_WAY_SAME || way == REPO_WAY_BACK)
        return true;
    if (way == REPO_WAY_APART)
        return fail(err, ERR_SYNC_REFUSED, branch, "the branch here has gone another way");
    (void)!git_reference_name_to_id(&before, repo->repository, reference);
    if (is_current(repo, reference) && !update_files(repo, &id, left, err))
        return false;
    const int done =
        git_reference_create_matching(&made, repo->repository, reference, &id, true, &before, "sync");
    git_reference_free(made);
    return done == 0 ? true : repo_failed(err, reference);
}

bool repo_branch_at(struct repo *repo, char out[REPO_ID_SIZE], const char *branch)
{
    git_oid id;
    SCOPED_TEXT char *reference = xasprintf("refs/heads/%s", branch);
    const bool found = git_reference_name_to_id(&id, repo->repository, reference) == 0;
    if (found)
        git_oid_tostr(out, REPO_ID_SIZE, &id);
    else
        out[0] = '\0';
    return found;
}

// ---- approvals

static bool is_person(struct text name)
{
    for (size_t i = 0; i < name.length; i++)
        if (!strchr("abcdefghijklmnopqrstuvwxyz0123456789._-", name.data[i]))
            return false;
    return name.length > 0 && name.length <= PERSON_MAX && name.data[0] != '.' && name.data[0] != '-';
}

bool repo_approval_name(struct text *tree, const char *name)
{
    static const char *const folders[] = {"refs/renki/approvals/", "refs/renki/rejections/"};
    struct text rest = {0};
    int valid = 0;
    for (size_t i = 0; i < COUNT_OF(folders); i++)
        if (strncmp(name, folders[i], strlen(folders[i])) == 0)
            rest = text_from(name + strlen(folders[i]));
    if (!text_cut(&rest, '/', tree) || tree->length != GITOBJECT_HEX || !is_person(rest))
        return false;
    return strspn(tree->data, "0123456789abcdef") == GITOBJECT_HEX &&
           git_reference_name_is_valid(&valid, name) == 0 && valid;
}

bool repo_keep_approval(struct repo *repo, bool *fresh, const char *name, const char *tag, struct err *err)
{
    git_oid id, here;
    *fresh = false;
    if (git_oid_fromstr(&id, tag) != 0)
        return fail(err, ERR_SYNC_REFUSED, name, "a reference with an odd name");
    if (git_reference_name_to_id(&here, repo->repository, name) != 0) {
        *fresh = true;
        return repo_keep(repo, name, &id);
    }
    if (git_oid_equal(&here, &id))
        return true;
    SCOPED_TEXT char *beside = xasprintf("refs/renki/others/%s/%s", name + strlen("refs/renki/"), tag);
    return repo_keep(repo, beside, &id);
}
