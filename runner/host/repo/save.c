// See save.h. Base and mine as trees, merged with the branch, committed, followed. In the host.
#include "host/repo/save_own.h"

enum { TRIES_MAX = 500 };

static void free_tree(git_tree **tree)
{
    git_tree_free(*tree);
    *tree = NULL;
}

void repo_saved_dispose(struct repo_saved *saved)
{
    for (size_t i = 0; i < saved->change_count; i++)
        xfree(saved->changes[i].path);
    for (size_t i = 0; i < saved->left_count; i++)
        xfree(saved->left[i]);
    for (size_t i = 0; i < saved->conflict_count; i++) {
        xfree(saved->conflicts[i].path);
        xfree(saved->conflicts[i].base);
        xfree(saved->conflicts[i].branch);
        xfree(saved->conflicts[i].mine);
        xfree(saved->conflicts[i].marked);
    }
    xfree(saved->changes);
    xfree(saved->left);
    xfree(saved->conflicts);
    xfree(saved->kept);
    *saved = (struct repo_saved){0};
}

// ---- the branch

bool commit_tree_of(struct repo *repo, git_tree **out, const git_oid *id, struct err *err)
{
    git_commit *commit = NULL;
    const bool good =
        git_commit_lookup(&commit, repo->repository, id) == 0 && git_commit_tree(out, commit) == 0;
    git_commit_free(commit);
    return good ? true : repo_failed(err, "commit");
}

static bool find_branch(struct saving *saving)
{
    if (git_repository_state(saving->repo->repository) != GIT_REPOSITORY_STATE_NONE)
        return fail(saving->err, ERR_SAVE_MIDST);
    if (git_reference_lookup(&saving->head, saving->repo->repository, "HEAD") != 0)
        return repo_failed(saving->err, "HEAD");
    saving->branch = git_reference_symbolic_target(saving->head);
    return saving->branch ? true : fail(saving->err, ERR_SAVE_NO_BRANCH);
}

static bool read_branch(struct saving *saving)
{
    free_tree(&saving->now);
    const int found = git_reference_name_to_id(&saving->newest, saving->repo->repository, saving->branch);
    saving->born = found == 0;
    if (found != 0 && found != GIT_ENOTFOUND)
        return repo_failed(saving->err, saving->branch);
    return !saving->born || commit_tree_of(saving->repo, &saving->now, &saving->newest, saving->err);
}

// ---- what differs

static bool each_difference(struct saving *saving, git_tree *from, git_tree *to,
                            bool (*visit)(struct saving *saving, const git_diff_delta *delta, void *owner),
                            void *owner)
{
    git_diff *diff = NULL;
    git_diff_options options = GIT_DIFF_OPTIONS_INIT;
    options.flags = GIT_DIFF_SKIP_BINARY_CHECK;
    bool good = git_diff_tree_to_tree(&diff, saving->repo->repository, from, to, &options) == 0;
    if (!good)
        (void)repo_failed(saving->err, "diff");
    for (size_t i = 0; good && i < git_diff_num_deltas(diff); i++)
        good = visit(saving, git_diff_get_delta(diff, i), owner);
    git_diff_free(diff);
    return good;
}

// The path from the workspace; NULL for one outside of it.
static const char *inner_path(const struct saving *saving, const git_diff_delta *delta)
{
    const char *path = delta->new_file.path ? delta->new_file.path : delta->old_file.path;
    const size_t prefix = strlen(saving->repo->prefix);
    return strncmp(path, saving->repo->prefix, prefix) == 0 ? path + prefix : NULL;
}

static bool inspect(struct saving *saving, const git_diff_delta *delta, void *owner)
{
    git_blob *blob = NULL;
    int64_t line;
    const char *path = inner_path(saving, delta);
    (void)owner;
    if (delta->status == GIT_DELTA_DELETED || !path)
        return true;
    if (git_blob_lookup(&blob, saving->repo->repository, &delta->new_file.id) != 0)
        return repo_failed(saving->err, path);
    const char *bytes = git_blob_rawcontent(blob);
    const struct text content = text_of(bytes ? bytes : "", (size_t)git_blob_rawsize(blob));
    const bool good = merge_has_markers(content, &line)
                          ? fail(saving->err, ERR_SAVE_MARKERS, path, N(line))
                          : !saving->what->inspect ||
                                saving->what->inspect(saving->what->owner, path, content, saving->err);
    git_blob_free(blob);
    return good;
}

static bool inspect_all(struct saving *saving)
{
    return each_difference(saving, saving->base, saving->mine, inspect, NULL) &&
           (!saving->what->inspect ||
            saving->what->inspect(saving->what->owner, NULL, TEXT_OF(""), saving->err));
}

static bool take_change(struct saving *saving, const git_diff_delta *delta, void *owner)
{
    struct repo_saved *out = saving->out;
    const char *path = inner_path(saving, delta);
    (void)owner;
    if (!path)
        return true;
    out->changes = xreallocarray(out->changes, out->change_count + 1, sizeof *out->changes);
    out->changes[out->change_count++] =
        (struct repo_change){xstrdup(path), delta->status == GIT_DELTA_ADDED     ? REPO_ADDED
                                            : delta->status == GIT_DELTA_DELETED ? REPO_DELETED
                                                                                 : REPO_CHANGED};
    return true;
}

static void forget_changes(struct saving *saving)
{
    for (size_t i = 0; i < saving->out->change_count; i++)
        xfree(saving->out->changes[i].path);
    saving->out->change_count = 0;
}

// ---- the commit

// Names and addresses hold no line ends and no angle brackets.
static char *person_text(const char *text)
{
    char *out = xstrndup(text, strnlen(text, SAVE_PERSON_MAX));
    for (char *c = out; *c; c++)
        if ((unsigned char)*c < 0x20 || *c == '<' || *c == '>' || *c == 0x7F)
            *c = ' ';
    return out;
}

enum { SUBJECT_MAX = 72 };
static const enum phrase verbs[] = {[REPO_ADDED] = PHRASE_SAVE_MESSAGE_ADDED,
                                    [REPO_CHANGED] = PHRASE_SAVE_MESSAGE_CHANGED,
                                    [REPO_DELETED] = PHRASE_SAVE_MESSAGE_DELETED};

// "rents: change robot.lua, add tests/new.lua": the first folder below robots, then the files as long as they fit.
static void make_message(const struct saving *saving, struct buf *out)
{
    const struct repo_saved *saved = saving->out;
    const char *first = saved->change_count ? saved->changes[0].path : "";
    const char *rest = strncmp(first, "robots/", 7) == 0 ? strchr(first + 7, '/') : NULL;
    const size_t common = rest ? (size_t)(rest + 1 - first) : 0;
    bool same = common > 0;
    for (size_t i = 0; same && i < saved->change_count; i++)
        same = strncmp(saved->changes[i].path, first, common) == 0;
    bool good = !same || buf_printf(out, "%.*s: ", (int)(common - 8), first + 7);
    for (size_t i = 0; good && i < saved->change_count; i++) {
        const struct repo_change *change = &saved->changes[i];
        SCOPED_BUF(part, SAVE_MESSAGE_MAX);
        good = phrase_append(&part, saving->what->language, verbs[change->kind],
                             change->path + (same ? common : 0));
        if (good && i && out->length + part.length > SUBJECT_MAX - 16) {
            good = buf_append_char(out, ' ') &&
                   phrase_append(out, saving->what->language, PHRASE_SAVE_MORE, N(saved->change_count - i));
            break;
        }
        good = good && buf_printf(out, "%s%s", i ? ", " : "", buf_string(&part));
    }
    require(good);
}

static bool make_commit(struct saving *saving, git_oid *out, git_tree *tree)
{
    git_signature *person = NULL;
    git_commit *parent = NULL;
    git_buf message = {0};
    SCOPED_BUF(made, SAVE_MESSAGE_MAX + 8192);
    SCOPED_TEXT char *name = person_text(saving->what->name), *mail = person_text(saving->what->mail);
    if (!saving->what->message)
        make_message(saving, &made);
    bool good =
        git_message_prettify(&message, saving->what->message ? saving->what->message : buf_string(&made), 0,
                             '#') == 0 &&
        git_signature_now(&person, name, mail) == 0 &&
        git_repository_set_ident(saving->repo->repository, name, mail) == 0 &&
        (!saving->born || git_commit_lookup(&parent, saving->repo->repository, &saving->newest) == 0);
    const git_commit *parents[] = {parent};
    good = good && git_commit_create(out, saving->repo->repository, NULL, person, person, NULL, message.ptr,
                                     tree, saving->born ? 1 : 0, parents) == 0;
    git_buf_dispose(&message);
    git_commit_free(parent);
    git_signature_free(person);
    return good ? true : repo_failed(saving->err, "commit");
}

// ---- moving the branch

struct noting {
    struct bases bases;
    const git_oid *commit;
};

static bool note_one(struct saving *saving, const git_diff_delta *delta, void *owner)
{
    struct noting *noting = owner;
    git_oid none = {{0}}, mine;
    const char *path = inner_path(saving, delta);
    if (!path)
        return true;
    bases_default(&noting->bases, path, delta->status == GIT_DELTA_ADDED ? &none : &delta->old_file.id);
    if (saving->what->roots) {
        tree_file_id(&mine, saving->mine, delta->new_file.path);
        bases_expect(&noting->bases, path, &mine, noting->commit);
    }
    return true;
}

// What was there before the branch moves is the base of working files that have yet to follow.
static bool note_bases(struct saving *saving, git_tree *merged, const git_oid *commit)
{
    struct noting noting = {.commit = commit};
    if (!bases_read(&noting.bases, saving->repo, saving->err))
        return false;
    const bool good = each_difference(saving, saving->now, merged, note_one, &noting) &&
                      bases_write(&noting.bases, saving->repo, saving->err);
    bases_dispose(&noting.bases);
    return good;
}

static bool move_branch(struct saving *saving, const git_oid *commit, int tries, bool *moved)
{
    git_reference *made = NULL;
    git_oid before = saving->newest;
    if (!saving->born)
        memset(&before, 0, sizeof before);
    const int done = git_reference_create_matching(&made, saving->repo->repository, saving->branch, commit,
                                                   true, &before, "save");
    git_reference_free(made);
    *moved = done == 0;
    if (done == 0 || done == GIT_EMODIFIED)
        return true;
    return done == GIT_ELOCKED ? save_lock_wait(saving->repo, saving->branch, tries, saving->err)
                               : repo_failed(saving->err, saving->branch);
}

static bool commit_and_move(struct saving *saving, git_tree *merged, int tries, bool *moved)
{
    git_oid commit;
    forget_changes(saving);
    if (!each_difference(saving, saving->now, merged, take_change, NULL) ||
        !make_commit(saving, &commit, merged) || !note_bases(saving, merged, &commit) ||
        !move_branch(saving, &commit, tries, moved))
        return false;
    if (*moved)
        saving->newest = commit;
    saving->born = saving->born || *moved;
    return true;
}

// ---- how it ends

static bool finish(struct saving *saving, git_tree *merged, enum repo_save_end end)
{
    saving->out->end = end;
    if (saving->born)
        git_oid_tostr(saving->out->commit, REPO_ID_SIZE, &saving->newest);
    return follow(saving->repo, saving->out, merged, saving->what->roots ? saving->mine : NULL,
                  saving->err) &&
           conflict_settle(saving->repo, saving->what, saving->err);
}

// The person sees both sides in the working file; its next save is made from what the branch has.
static bool show_conflict(struct saving *saving, struct bases *bases, const struct repo_conflict *conflict)
{
    git_oid now, mine, branch;
    bool other, done = true;
    const char *path = conflict->path;
    SCOPED_TEXT char *whole = xasprintf("%s%s", saving->repo->prefix, path);
    tree_file_id(&mine, saving->mine, whole);
    tree_file_id(&branch, saving->now, whole);
    if (!working_id(saving->repo, path, &now, &other, saving->err))
        return false;
    if (other || !git_oid_equal(&now, &mine))
        return true;
    if (conflict->marked &&
        !follow_write(saving->repo, path, text_of(conflict->marked, conflict->marked_length),
                      tree_file_is_executable(saving->now, whole), &done, saving->err))
        return false;
    if (!conflict->mine && conflict->branch &&
        !follow_write(saving->repo, path, text_of(conflict->branch, conflict->branch_length),
                      tree_file_is_executable(saving->now, whole), &done, saving->err))
        return false;
    if (done)
        bases_set(bases, path, &branch);
    return true;
}

static bool show_conflicts(struct saving *saving)
{
    struct bases bases;
    bool good = bases_read(&bases, saving->repo, saving->err);
    if (!good)
        return false;
    for (size_t i = 0; good && i < saving->out->conflict_count; i++)
        good = show_conflict(saving, &bases, &saving->out->conflicts[i]);
    good = good && bases_write(&bases, saving->repo, saving->err);
    bases_dispose(&bases);
    return good;
}

static bool tell_conflicts(struct saving *saving, git_index *conflicts)
{
    saving->out->end = REPO_CONFLICTS;
    if (saving->born)
        git_oid_tostr(saving->out->commit, REPO_ID_SIZE, &saving->newest);
    return merge_tell(saving->repo, saving->out, conflicts, saving->what->language, saving->err) &&
           conflict_keep(saving->repo, saving->out, saving->what, saving->base, saving->mine, saving->err) &&
           (!saving->what->roots || show_conflicts(saving));
}

// ---- the whole

static bool is_same(const git_tree *a, const git_oid *b)
{
    return a && git_oid_equal(git_tree_id(a), b);
}

// One try: *over is false when the branch has moved meanwhile.
static bool try_once(struct saving *saving, int tries, bool *over)
{
    git_oid id;
    git_index *conflicts = NULL;
    git_tree *merged = NULL;
    *over = true;
    if (!saving->now || is_same(saving->base, git_tree_id(saving->now)))
        id = *git_tree_id(saving->mine);
    else if (!merge_three(saving->repo, &id, &conflicts, saving->base, saving->now, saving->mine,
                          saving->err))
        return false;
    if (conflicts) {
        const bool told = tell_conflicts(saving, conflicts);
        git_index_free(conflicts);
        return told;
    }
    if (git_tree_lookup(&merged, saving->repo->repository, &id) != 0)
        return repo_failed(saving->err, "merge");
    bool good;
    if (is_same(saving->now, &id) || (!saving->now && git_tree_entrycount(merged) == 0))
        good = finish(saving, merged, REPO_UNCHANGED);
    else
        good = commit_and_move(saving, merged, tries, over) && (!*over || finish(saving, merged, REPO_SAVED));
    git_tree_free(merged);
    return good;
}

static bool save(struct saving *saving)
{
    bool over = false;
    if (!find_branch(saving) || !read_branch(saving) || !saving_base(saving) || !saving_mine(saving) ||
        !inspect_all(saving))
        return false;
    for (int tries = 0; !over; tries++) {
        if (tries == TRIES_MAX)
            return fail(saving->err, ERR_SAVE_BUSY, saving->branch);
        if (!read_branch(saving) || !try_once(saving, tries, &over))
            return false;
    }
    return true;
}

bool repo_save(struct repo *repo, struct repo_saved *out, const struct repo_saving *what, struct err *err)
{
    struct save_lock lock;
    struct saving saving = {.repo = repo, .what = what, .out = out, .err = err};
    *out = (struct repo_saved){0};
    if (!save_lock_take(&lock, repo, err))
        return false;
    const bool good = save(&saving);
    save_lock_give(&lock);
    git_reference_free(saving.head);
    free_tree(&saving.base);
    free_tree(&saving.now);
    free_tree(&saving.mine);
    return good;
}
