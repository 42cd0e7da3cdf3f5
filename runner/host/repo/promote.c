// See promote.h.
#include "host/repo/promote.h"

#include "host/repo/repo_own.h"

enum { MODULES_MAX = 10000, ROBOTS_TEXT_MAX = 300 };

struct promoting {
    struct repo *repo;
    const struct repo_promoting *what;
    struct repo_promoted *out;
    struct err *err;
    git_commit *parent;
    git_tree *before, *after; // of the other branch
    git_tree *content;
    char **paths; // in the repository, of `entries`
    git_tree_entry **entries;
    size_t count;
};

void repo_promoted_dispose(struct repo_promoted *promoted)
{
    for (size_t i = 0; i < promoted->change_count; i++)
        xfree(promoted->changes[i].path);
    xfree(promoted->changes);
    for (size_t i = 0; i < promoted->shared_count; i++) {
        xfree(promoted->shared[i].module);
        xfree(promoted->shared[i].robots);
    }
    *promoted = (struct repo_promoted){0};
}

// ---- what is brought

static bool failed(const struct promoting *promoting)
{
    return repo_failed(promoting->err, promoting->what->robot);
}

// Takes the path.
static bool add(struct promoting *promoting, char *path, const git_tree_entry *entry)
{
    promoting->paths = xreallocarray(promoting->paths, promoting->count + 1, sizeof *promoting->paths);
    promoting->entries = xreallocarray(promoting->entries, promoting->count + 1, sizeof *promoting->entries);
    promoting->paths[promoting->count] = path;
    promoting->entries[promoting->count] = NULL;
    if (git_tree_entry_dup(&promoting->entries[promoting->count++], entry) != 0)
        return failed(promoting);
    return promoting->count <= MODULES_MAX ||
           fail(promoting->err, ERR_LIMIT_PASSED, "robots/lib", N(MODULES_MAX));
}

static int take_module(const char *root, const git_tree_entry *entry, void *payload)
{
    struct promoting *promoting = payload;
    if (git_tree_entry_type(entry) != GIT_OBJECT_BLOB)
        return 0;
    char *path = xasprintf("%srobots/lib/%s%s", promoting->repo->prefix, root, git_tree_entry_name(entry));
    return add(promoting, path, entry) ? 0 : GIT_EUSER;
}

static bool take_modules(struct promoting *promoting)
{
    git_tree *lib = NULL;
    const git_tree_entry *entry = git_tree_entry_byname(promoting->content, "lib");
    if (!entry)
        return true;
    if (git_tree_lookup(&lib, promoting->repo->repository, git_tree_entry_id(entry)) != 0)
        return failed(promoting);
    const int walked = git_tree_walk(lib, GIT_TREEWALK_PRE, take_module, promoting);
    git_tree_free(lib);
    return walked == 0 || (walked != GIT_EUSER && failed(promoting));
}

static bool take_content(struct promoting *promoting)
{
    git_oid id;
    if (!repo_content(promoting->repo, promoting->out->tree, promoting->what->robot, NULL, promoting->err))
        return false;
    if (git_oid_fromstr(&id, promoting->out->tree) != 0 ||
        git_tree_lookup(&promoting->content, promoting->repo->repository, &id) != 0)
        return failed(promoting);
    const git_tree_entry *robot = git_tree_entry_byname(promoting->content, "robot");
    if (!robot)
        return failed(promoting);
    return add(promoting, xasprintf("%srobots/%s", promoting->repo->prefix, promoting->what->robot), robot) &&
           take_modules(promoting);
}

static bool find_branch(struct promoting *promoting)
{
    git_oid id;
    return (git_oid_fromstr(&id, promoting->what->onto) == 0 &&
            git_commit_lookup(&promoting->parent, promoting->repo->repository, &id) == 0 &&
            git_commit_tree(&promoting->before, promoting->parent) == 0) ||
           failed(promoting);
}

static bool make_tree(struct promoting *promoting)
{
    git_oid id;
    git_tree_update *updates = xcalloc(promoting->count, sizeof *updates);
    for (size_t i = 0; i < promoting->count; i++)
        updates[i] = (git_tree_update){GIT_TREE_UPDATE_UPSERT, *git_tree_entry_id(promoting->entries[i]),
                                       git_tree_entry_filemode(promoting->entries[i]), promoting->paths[i]};
    const bool good = git_tree_create_updated(&id, promoting->repo->repository, promoting->before,
                                              promoting->count, updates) == 0 &&
                      git_tree_lookup(&promoting->after, promoting->repo->repository, &id) == 0;
    xfree(updates);
    return good || failed(promoting);
}

// ---- what changes

static bool take_changes(struct promoting *promoting)
{
    git_diff *diff = NULL;
    git_diff_options options = GIT_DIFF_OPTIONS_INIT;
    struct repo_promoted *out = promoting->out;
    const size_t prefix = strlen(promoting->repo->prefix);
    options.flags = GIT_DIFF_SKIP_BINARY_CHECK;
    if (git_diff_tree_to_tree(&diff, promoting->repo->repository, promoting->before, promoting->after,
                              &options) != 0)
        return failed(promoting);
    const size_t count = git_diff_num_deltas(diff);
    out->changes = xcalloc(count, sizeof *out->changes);
    for (; out->change_count < count; out->change_count++) {
        const git_diff_delta *delta = git_diff_get_delta(diff, out->change_count);
        out->changes[out->change_count] = (struct repo_change){
            xstrdup(delta->new_file.path + prefix), delta->status == GIT_DELTA_ADDED     ? REPO_ADDED
                                                    : delta->status == GIT_DELTA_DELETED ? REPO_DELETED
                                                                                         : REPO_CHANGED};
    }
    git_diff_free(diff);
    return true;
}

struct sharing {
    struct promoting *promoting;
    const char *module; // inside robots/lib
    struct buf robots;
};

static bool take_other(void *owner, const char *robot, struct err *err)
{
    struct sharing *sharing = owner;
    struct promoting *promoting = sharing->promoting;
    char tree[REPO_ID_SIZE];
    git_oid id;
    git_tree *content = NULL;
    git_tree_entry *entry = NULL;
    SCOPED_TEXT char *path = xasprintf("lib/%s", sharing->module);
    if (strcmp(robot, promoting->what->robot) == 0)
        return true;
    if (!repo_content(promoting->repo, tree, robot, promoting->what->onto, err))
        return false;
    if (git_oid_fromstr(&id, tree) != 0 || git_tree_lookup(&content, promoting->repo->repository, &id) != 0)
        return repo_failed(err, robot);
    if (git_tree_entry_bypath(&entry, content, path) == 0) // names that do not fit are left out
        (void)!buf_printf(&sharing->robots, "%s%s", sharing->robots.length ? ", " : "", robot);
    git_tree_entry_free(entry);
    git_tree_free(content);
    return true;
}

// Modules that are changed or gone; a new one is nobody's there.
static bool take_shared(struct promoting *promoting)
{
    static const char lib[] = "robots/lib/";
    struct repo_promoted *out = promoting->out;
    bool good = true;
    for (size_t i = 0; good && i < out->change_count && out->shared_count < PROMOTE_SHARED_MAX; i++) {
        const struct repo_change *change = &out->changes[i];
        struct sharing sharing = {.promoting = promoting, .robots = buf_new(ROBOTS_TEXT_MAX)};
        if (strncmp(change->path, lib, sizeof lib - 1) != 0 || change->kind == REPO_ADDED)
            continue;
        sharing.module = change->path + sizeof lib - 1;
        good = repo_robots_of(promoting->repo, promoting->what->onto, take_other, &sharing, promoting->err);
        if (good && sharing.robots.length)
            out->shared[out->shared_count++] =
                (struct repo_shared){xstrdup(sharing.module), xstrdup(buf_string(&sharing.robots))};
        buf_dispose(&sharing.robots);
    }
    return good;
}

// ---- the commit

static bool make_commit(struct promoting *promoting)
{
    git_oid id;
    git_signature *person = NULL;
    struct repo *repo = promoting->repo;
    const git_commit *parents[] = {promoting->parent};
    char content[REPO_ID_SIZE];
    const bool good = git_signature_now(&person, promoting->what->name, promoting->what->mail) == 0 &&
                      git_commit_create(&id, repo->repository, NULL, person, person, NULL,
                                        promoting->what->message, promoting->after, 1, parents) == 0;
    git_signature_free(person);
    if (!good)
        return failed(promoting);
    git_oid_tostr(promoting->out->commit, REPO_ID_SIZE, &id);
    return repo_content(repo, content, promoting->what->robot, promoting->out->commit, promoting->err) &&
           (strcmp(content, promoting->out->tree) == 0 ||
            fail(promoting->err, ERR_PROMOTE_CONTENT, promoting->what->robot));
}

bool repo_promote(struct repo *repo, struct repo_promoted *out, const struct repo_promoting *what,
                  struct err *err)
{
    struct promoting promoting = {.repo = repo, .what = what, .out = out, .err = err};
    *out = (struct repo_promoted){0};
    bool good = find_branch(&promoting) && take_content(&promoting) && make_tree(&promoting);
    const bool same = good && git_oid_equal(git_tree_id(promoting.before), git_tree_id(promoting.after));
    if (good && !same)
        good = take_changes(&promoting) && take_shared(&promoting) && make_commit(&promoting);
    for (size_t i = 0; i < promoting.count; i++) {
        xfree(promoting.paths[i]);
        git_tree_entry_free(promoting.entries[i]);
    }
    xfree(promoting.paths);
    xfree(promoting.entries);
    git_tree_free(promoting.before);
    git_tree_free(promoting.after);
    git_tree_free(promoting.content);
    git_commit_free(promoting.parent);
    return good;
}

// ---- the branch

bool repo_branch_is_good(const char *branch)
{
    int valid = 0;
    SCOPED_TEXT char *reference = xasprintf("refs/heads/%s", branch);
    return git_reference_name_is_valid(&valid, reference) == 0 && valid;
}

bool repo_branch_move(struct repo *repo, bool *moved, const char *branch, const char *before,
                      const char *commit, struct err *err)
{
    git_oid id, former = {{0}};
    git_reference *made = NULL;
    SCOPED_TEXT char *reference = xasprintf("refs/heads/%s", branch);
    *moved = false;
    if (git_oid_fromstr(&id, commit) != 0 || (before && git_oid_fromstr(&former, before) != 0))
        return repo_failed(err, branch);
    const int done =
        git_reference_create_matching(&made, repo->repository, reference, &id, true, &former, "promote");
    git_reference_free(made);
    *moved = done == 0;
    return done == 0 || done == GIT_EMODIFIED || done == GIT_ELOCKED ? true : repo_failed(err, reference);
}
