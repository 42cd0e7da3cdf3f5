// Conflicts that wait for their person: refs/renki/conflicts/LOGIN/ID. In the host.
//
// What is kept is a commit with all of mine; its parent has what mine was made from, so that `git show` of it is what the
// person changed. Its message names the files, a line each after an empty one, and says where they came from.
#include "host/repo/save_own.h"

static const char from_working[] = "working files", from_request[] = "sent files";

// A login may have what references may not: that is written in hexadecimal digits.
static char *login_folder(const char *login)
{
    int valid = 0;
    SCOPED_TEXT char *name = xasprintf("refs/renki/conflicts/%s", login);
    if (*login && !strchr(login, '/') && git_reference_name_is_valid(&valid, name) == 0 && valid)
        return STEAL(name);
    SCOPED_BUF(out, 1000);
    bool good = buf_append_string(&out, "refs/renki/conflicts/x-");
    for (const char *c = login; good && *c; c++)
        good = buf_printf(&out, "%02x", (unsigned char)*c);
    return xstrdup(buf_string(&out));
}

static bool commit_tree(struct repo *repo, git_oid *out, git_tree *tree, const git_oid *parent,
                        const struct repo_saving *saving, const char *message)
{
    git_signature *person = NULL;
    git_commit *above = NULL;
    bool good = git_signature_now(&person, saving->name, saving->mail) == 0 &&
                (!parent || git_commit_lookup(&above, repo->repository, parent) == 0);
    const git_commit *parents[] = {above};
    good = good && git_commit_create(out, repo->repository, NULL, person, person, NULL, message, tree,
                                     parent ? 1 : 0, parents) == 0;
    git_commit_free(above);
    git_signature_free(person);
    return good;
}

bool conflict_keep(struct repo *repo, struct repo_saved *out, const struct repo_saving *saving,
                   git_tree *base, git_tree *mine, struct err *err)
{
    git_oid base_id, mine_id;
    char id[REPO_ID_SIZE];
    SCOPED_BUF(message, SAVE_MESSAGE_MAX + (SAVE_CONFLICTS_MAX + 2) * 4096);
    bool good = buf_printf(&message, "conflict: %s\n\n", saving->roots ? from_working : from_request);
    for (size_t i = 0; good && i < out->conflict_count; i++)
        good = buf_printf(&message, "%s\n", out->conflicts[i].path);
    good = good && (!base || commit_tree(repo, &base_id, base, NULL, saving, "made from this\n")) &&
           commit_tree(repo, &mine_id, mine, base ? &base_id : NULL, saving, buf_string(&message));
    if (!good)
        return repo_failed(err, "conflicts");
    git_oid_tostr(id, sizeof id, &mine_id);
    SCOPED_TEXT char *folder = login_folder(saving->login);
    out->kept = xasprintf("%s/%s", folder, id);
    return repo_keep(repo, out->kept, &mine_id) ? true : repo_failed(err, "conflicts");
}

// ---- those that wait

struct waiting {
    git_commit *commit;
    const char *paths;
    bool working; // of working files
};

static bool read_waiting(struct waiting *out, git_reference *reference)
{
    git_object *object = NULL;
    *out = (struct waiting){NULL};
    if (git_reference_peel(&object, reference, GIT_OBJECT_COMMIT) != 0)
        return false;
    out->commit = (git_commit *)object;
    const char *message = git_commit_message_raw(out->commit), *blank = strstr(message, "\n\n");
    out->paths = blank ? blank + 2 : "";
    out->working = strstr(message, from_working) == message + strlen("conflict: ");
    return true;
}

bool repo_conflicts(struct repo *repo, const char *login, repo_conflict_visitor visit, void *owner,
                    struct err *err)
{
    SCOPED_TEXT char *folder = login ? login_folder(login) : xstrdup("refs/renki/conflicts");
    SCOPED_TEXT char *pattern = xasprintf("%s/*", folder);
    git_reference_iterator *each = NULL;
    git_reference *reference = NULL;
    if (git_reference_iterator_glob_new(&each, repo->repository, pattern) != 0)
        return repo_failed(err, folder);
    bool good = true;
    while (good && git_reference_next(&reference, each) == 0) {
        struct waiting waiting;
        if (read_waiting(&waiting, reference))
            good = visit(owner, git_reference_name(reference), git_commit_time(waiting.commit) * 1000,
                         waiting.paths, err);
        git_commit_free(waiting.commit);
        git_reference_free(reference);
    }
    git_reference_iterator_free(each);
    return good;
}

// ---- settled

static bool is_below(const char *path, struct text name)
{
    const size_t length = strlen(path);
    return name.length >= length && memcmp(name.data, path, length) == 0 &&
           (name.length == length || name.data[length] == '/');
}

static bool saves(const struct repo_saving *saving, struct text name)
{
    for (size_t i = 0; saving->roots && i < saving->root_count; i++)
        if (is_below(saving->roots[i], name))
            return true;
    for (size_t i = 0; i < saving->edit_count; i++)
        if (is_below(saving->edits[i].path, name))
            return true;
    return false;
}

struct settling {
    struct repo *repo;
    const struct repo_saving *saving;
};

static bool settle(void *owner, const char *reference, int64_t time_ms, const char *paths, struct err *err)
{
    const struct settling *settling = owner;
    git_reference *found = NULL;
    struct waiting waiting;
    struct text rest = text_from(paths), path;
    (void)time_ms;
    if (git_reference_lookup(&found, settling->repo->repository, reference) != 0)
        return true;
    bool all = read_waiting(&waiting, found) && waiting.working == (settling->saving->roots != NULL);
    while (all && text_cut(&rest, '\n', &path))
        all = path.length == 0 || saves(settling->saving, path);
    const bool good = !all || git_reference_delete(found) == 0;
    git_commit_free(waiting.commit);
    git_reference_free(found);
    return good ? true : repo_failed(err, reference);
}

bool conflict_settle(struct repo *repo, const struct repo_saving *saving, struct err *err)
{
    struct settling settling = {repo, saving};
    return repo_conflicts(repo, saving->login, settle, &settling, err);
}
