// The branch and the approvals of a remote, followed: references move here, and nowhere else on behalf of a remote. In the
// host.
//
// 1. A branch moves by compare-and-swap: forward to what the remote has, or, where both sides have new commits, to a merge
//    of them. A remote whose history was written anew is refused: refs/renki/remotes/BRANCH is where it stood.
// 2. Working files below robots/ and schedules/ follow as they do after a save (follow.c): those that somebody changed
//    stay. Nothing else is ever written.
// 3. An approval that is here is never replaced nor removed: what the remote has instead of it is kept beside it, and all
//    are looked at when they are needed.
#include "host/repo/save_own.h"

enum { PERSON_MAX = 64 };

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

static char *remote_reference(const char *branch)
{
    return xasprintf("refs/renki/remotes/%s", branch);
}

// Whether what the remote had once is not in what it has now; an error counts as that.
static bool is_written_anew(struct repo *repo, const char *branch, const git_oid *id)
{
    git_oid last;
    SCOPED_TEXT char *name = remote_reference(branch);
    return git_reference_name_to_id(&last, repo->repository, name) == 0 && !git_oid_equal(&last, id) &&
           git_graph_descendant_of(repo->repository, id, &last) != 1;
}

static bool find_way(struct repo *repo, enum repo_way *out, const char *branch, const char *reference,
                     const git_oid *id, struct err *err)
{
    git_oid before;
    *out = REPO_WAY_SAME;
    if (is_written_anew(repo, branch, id)) {
        *out = REPO_WAY_ANEW;
        return true;
    }
    if (git_reference_name_to_id(&before, repo->repository, reference) != 0)
        *out = REPO_WAY_FORWARD;
    else if (!git_oid_equal(&before, id)) {
        const int after = git_graph_descendant_of(repo->repository, id, &before);
        const int behind = git_graph_descendant_of(repo->repository, &before, id);
        if (after < 0 || behind < 0)
            return repo_failed(err, branch);
        *out = after ? REPO_WAY_FORWARD : behind ? REPO_WAY_BACK : REPO_WAY_APART;
    }
    return true;
}

bool repo_compare(struct repo *repo, enum repo_way *out, const char *branch, const char *commit,
                  struct err *err)
{
    git_oid id;
    SCOPED_TEXT char *reference = NULL;
    return read_ids(&id, &reference, branch, commit, err) && find_way(repo, out, branch, reference, &id, err);
}

// ---- following

struct joining {
    struct repo *repo;
    const char *branch;
    char *reference;
    git_oid before, id, target; // of the branch here (zero: none), of the remote; where the branch goes
    git_tree *now, *wanted;     // now NULL: no branch
    struct err *err;
};

static bool find_trees(struct joining *joining)
{
    return (git_oid_is_zero(&joining->before) ||
            commit_tree_of(joining->repo, &joining->now, &joining->before, joining->err)) &&
           commit_tree_of(joining->repo, &joining->wanted, &joining->target, joining->err);
}

static bool commit_merge(struct joining *joining, const git_oid *tree_id)
{
    git_repository *repository = joining->repo->repository;
    git_signature *host = NULL;
    git_tree *tree = NULL;
    git_commit *ours = NULL, *theirs = NULL;
    bool good = git_signature_now(&host, "renki", "renki@localhost.invalid") == 0 &&
                git_tree_lookup(&tree, repository, tree_id) == 0 &&
                git_commit_lookup(&ours, repository, &joining->before) == 0 &&
                git_commit_lookup(&theirs, repository, &joining->id) == 0;
    const git_commit *parents[] = {ours, theirs};
    good = good && git_commit_create(&joining->target, repository, NULL, host, host, NULL,
                                     "merge what came from the remote\n", tree, 2, parents) == 0;
    git_commit_free(ours);
    git_commit_free(theirs);
    git_tree_free(tree);
    git_signature_free(host);
    return good ? true : repo_failed(joining->err, joining->branch);
}

// Both sides have new commits: a merge where no line was changed by both, else nothing.
static bool merge(struct joining *joining)
{
    git_oid base_id, merged;
    git_tree *base = NULL, *ours = NULL, *theirs = NULL;
    git_index *conflicts = NULL;
    struct repo *repo = joining->repo;
    if (git_merge_base(&base_id, repo->repository, &joining->before, &joining->id) != 0)
        return fail(joining->err, ERR_SYNC_REFUSED, joining->branch, "history was written anew");
    bool good = commit_tree_of(repo, &base, &base_id, joining->err) &&
                commit_tree_of(repo, &ours, &joining->before, joining->err) &&
                commit_tree_of(repo, &theirs, &joining->id, joining->err) &&
                merge_three(repo, &merged, &conflicts, base, ours, theirs, joining->err);
    if (good && conflicts)
        good = fail(joining->err, ERR_SYNC_REFUSED, joining->branch,
                    "both sides changed the same lines, and a person must merge them");
    good = good && commit_merge(joining, &merged);
    git_index_free(conflicts);
    git_tree_free(base);
    git_tree_free(ours);
    git_tree_free(theirs);
    return good;
}

// "robots/…" and "schedules/…", from the workspace; NULL for all else.
static const char *followed_path(const struct repo *repo, const git_diff_delta *delta)
{
    const char *path = delta->new_file.path ? delta->new_file.path : delta->old_file.path;
    const size_t prefix = strlen(repo->prefix);
    if (strncmp(path, repo->prefix, prefix) != 0)
        return NULL;
    path += prefix;
    return strncmp(path, "robots/", 7) == 0 || strncmp(path, "schedules/", 10) == 0 ? path : NULL;
}

// What was there before the branch moves is the base of working files that have yet to follow.
static bool note_bases(struct joining *joining)
{
    static const git_oid none = {{0}};
    struct bases bases;
    git_diff *diff = NULL;
    git_diff_options options = GIT_DIFF_OPTIONS_INIT;
    options.flags = GIT_DIFF_SKIP_BINARY_CHECK;
    if (git_diff_tree_to_tree(&diff, joining->repo->repository, joining->now, joining->wanted, &options) != 0)
        return repo_failed(joining->err, "diff");
    bool good = bases_read(&bases, joining->repo, joining->err);
    for (size_t i = 0; good && i < git_diff_num_deltas(diff); i++) {
        const git_diff_delta *delta = git_diff_get_delta(diff, i);
        const char *path = followed_path(joining->repo, delta);
        if (path)
            bases_default(&bases, path, delta->status == GIT_DELTA_ADDED ? &none : &delta->old_file.id);
    }
    if (good) {
        good = bases_write(&bases, joining->repo, joining->err);
        bases_dispose(&bases);
    }
    git_diff_free(diff);
    return good;
}

static bool move(struct joining *joining, struct buf *left)
{
    git_reference *made = NULL;
    struct repo_saved saved = {0};
    const bool current = is_current(joining->repo, joining->reference);
    if (!find_trees(joining) || (current && !note_bases(joining)))
        return false;
    for (int done = GIT_ELOCKED, tries = 0; done != 0; tries++) {
        done = git_reference_create_matching(&made, joining->repo->repository, joining->reference,
                                             &joining->target, true, &joining->before, "sync");
        git_reference_free(made);
        if (done == GIT_ELOCKED && !save_lock_wait(joining->repo, joining->reference, tries, joining->err))
            return false;
        if (done != 0 && done != GIT_ELOCKED)
            return repo_failed(joining->err, joining->reference);
    }
    const bool good = !current || follow(joining->repo, &saved, joining->wanted, NULL, joining->err);
    for (size_t i = 0; i < saved.left_count; i++) // the first of them are enough to know
        (void)!(buf_append_string(left, i ? ", " : "") && buf_append_string(left, saved.left[i]));
    repo_saved_dispose(&saved);
    return good;
}

static bool note_remote(struct repo *repo, const char *branch, const git_oid *id, struct err *err)
{
    SCOPED_TEXT char *name = remote_reference(branch);
    for (int tries = 0;; tries++) {
        git_reference *made = NULL;
        const int done = git_reference_create(&made, repo->repository, name, id, true, "sync");
        git_reference_free(made);
        if (done != GIT_ELOCKED)
            return done == 0 ? true : repo_failed(err, name);
        if (!save_lock_wait(repo, name, tries, err))
            return false;
    }
}

bool repo_note_remote(struct repo *repo, const char *branch, const char *commit, struct err *err)
{
    git_oid id;
    SCOPED_TEXT char *reference = NULL;
    return read_ids(&id, &reference, branch, commit, err) && note_remote(repo, branch, &id, err);
}

static bool join(struct joining *joining, struct buf *left, bool may_merge)
{
    enum repo_way way;
    if (!find_way(joining->repo, &way, joining->branch, joining->reference, &joining->id, joining->err))
        return false;
    (void)!git_reference_name_to_id(&joining->before, joining->repo->repository, joining->reference);
    joining->target = joining->id;
    if (way == REPO_WAY_ANEW)
        return fail(joining->err, ERR_SYNC_REFUSED, joining->branch, "history was written anew");
    if (way == REPO_WAY_APART && !may_merge)
        return fail(joining->err, ERR_SYNC_REFUSED, joining->branch, "the branch here has gone another way");
    if (way == REPO_WAY_APART && !merge(joining))
        return false;
    if ((way == REPO_WAY_FORWARD || way == REPO_WAY_APART) && !move(joining, left))
        return false;
    return note_remote(joining->repo, joining->branch, &joining->id, joining->err);
}

bool repo_follow(struct repo *repo, struct buf *left, const char *branch, const char *commit, bool may_merge,
                 struct err *err)
{
    struct joining joining = {.repo = repo, .branch = branch, .err = err};
    struct save_lock lock;
    if (!read_ids(&joining.id, &joining.reference, branch, commit, err) ||
        !save_lock_take(&lock, repo, err)) {
        xfree(joining.reference);
        return false;
    }
    const bool good = join(&joining, left, may_merge);
    save_lock_give(&lock);
    git_tree_free(joining.now);
    git_tree_free(joining.wanted);
    xfree(joining.reference);
    return good;
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
    for (size_t i = 0; i < name.length; i++) {
        const char c = name.data[i];
        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || strchr("._-", c)))
            return false;
    }
    return name.length > 0 && name.length <= PERSON_MAX && name.data[0] != '.' && name.data[0] != '-';
}

static bool is_id(struct text text)
{
    return text.length == GITOBJECT_HEX && strspn(text.data, "0123456789abcdef") >= GITOBJECT_HEX;
}

bool repo_approval_name(struct text *tree, const char *name)
{
    static const char *const folders[] = {"refs/renki/approvals/", "refs/renki/rejections/"};
    struct text rest = {0}, person;
    int valid = 0;
    for (size_t i = 0; i < COUNT_OF(folders); i++)
        if (strncmp(name, folders[i], strlen(folders[i])) == 0)
            rest = text_from(name + strlen(folders[i]));
    if (!text_cut(&rest, '/', tree) || !is_id(*tree) || !text_cut(&rest, ',', &person) ||
        !is_person(person) || (rest.data && !is_id(rest)))
        return false;
    return git_reference_name_is_valid(&valid, name) == 0 && valid;
}

bool repo_keep_approval(struct repo *repo, bool *fresh, const char *name, const char *tag, struct err *err)
{
    git_oid id, here;
    *fresh = false;
    if (git_oid_fromstr(&id, tag) != 0)
        return fail(err, ERR_SYNC_REFUSED, name, "a reference with an odd name");
    if (git_reference_name_to_id(&here, repo->repository, name) != 0) {
        *fresh = true;
        return repo_keep(repo, name, &id) ? true : repo_failed(err, name);
    }
    if (git_oid_equal(&here, &id))
        return true;
    SCOPED_TEXT char *beside = xasprintf("%s,%s", name, tag);
    *fresh = git_reference_name_to_id(&here, repo->repository, beside) != 0;
    return !*fresh || repo_keep(repo, beside, &id) ? true : repo_failed(err, beside);
}
