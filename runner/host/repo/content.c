// Content: the tree { robot, lib } of a robot, with those modules of robots/lib that it requires. In the host.
//
// Found by following `require` from each Lua file of the robot, its tests too, and from each module so found. Where a file
// does not say what it requires, or names a module that is not there, all of robots/lib belongs to the content: the run
// then says what is wrong as it always did.
#include "host/repo/repo_own.h"
#include "lib/require/require.h"

struct module {
    char *path; // inside robots/lib: "names.lua"
    git_oid id;
    git_filemode_t mode;
};

struct following {
    struct repo *repo;
    git_tree *lib;
    struct repo_budget budget;
    struct module *modules;
    size_t count;
    bool all;
    struct err *err;
};

static bool is_taken(const struct following *following, const char *path)
{
    for (size_t i = 0; i < following->count; i++)
        if (strcmp(following->modules[i].path, path) == 0)
            return true;
    return false;
}

// "lib.ledger.lines" is ledger/lines.lua of robots/lib.
static char *path_of(struct text name)
{
    char *path = xasprintf("%.*s.lua", (int)(name.length - 4), name.data + 4);
    for (char *at = path; at < path + name.length - 4; at++)
        if (*at == '.')
            *at = '/';
    return path;
}

static void take_module(void *owner, struct text name)
{
    struct following *following = owner;
    git_tree_entry *entry = NULL;
    if (!text_starts(name, "lib."))
        return;
    char *path = path_of(name);
    if (following->all || is_taken(following, path)) {
        xfree(path);
        return;
    }
    if (git_tree_entry_bypath(&entry, following->lib, path) != 0 ||
        git_tree_entry_type(entry) != GIT_OBJECT_BLOB || following->count == REPO_FILES_MAX) {
        following->all = true;
        xfree(path);
    } else {
        following->modules =
            xreallocarray(following->modules, following->count + 1, sizeof *following->modules);
        following->modules[following->count++] =
            (struct module){path, *git_tree_entry_id(entry), git_tree_entry_filemode(entry)};
    }
    git_tree_entry_free(entry);
}

static bool follow_blob(struct following *following, const git_oid *id, const char *path)
{
    git_blob *blob = NULL;
    if (!repo_blob(following->repo, &blob, id, path, following->err))
        return false;
    const struct text source = text_of(git_blob_rawcontent(blob), (size_t)git_blob_rawsize(blob));
    const bool good = repo_budget_take(&following->budget, path, source.length, following->err);
    if (good && !require_scan(source, take_module, following))
        following->all = true;
    git_blob_free(blob);
    return good;
}

static bool follow_tree(struct following *following, const git_oid *id, const char *path, int depth)
{
    git_tree *tree = NULL;
    if (depth > REPO_DEPTH_MAX)
        return fail(following->err, ERR_REPO_LIMIT, path, N(REPO_FILES_MAX), N(REPO_BYTES_MAX >> 20),
                    N(REPO_DEPTH_MAX));
    if (git_tree_lookup(&tree, following->repo->repository, id) != 0)
        return repo_failed(following->err, path);
    bool good = true;
    for (size_t i = 0; good && !following->all && i < git_tree_entrycount(tree); i++) {
        const git_tree_entry *entry = git_tree_entry_byindex(tree, i);
        const char *name = git_tree_entry_name(entry);
        if (git_tree_entry_type(entry) == GIT_OBJECT_TREE)
            good = follow_tree(following, git_tree_entry_id(entry), name, depth + 1);
        else if (git_tree_entry_type(entry) == GIT_OBJECT_BLOB && text_ends(text_from(name), ".lua"))
            good = follow_blob(following, git_tree_entry_id(entry), name);
    }
    git_tree_free(tree);
    return good;
}

// The tree of the modules that were found. *has is false when there are none.
static bool write_modules(const struct following *following, git_oid *out, bool *has)
{
    git_tree_update *updates = xcalloc(following->count + 1, sizeof *updates);
    for (size_t i = 0; i < following->count; i++)
        updates[i] = (git_tree_update){GIT_TREE_UPDATE_UPSERT, following->modules[i].id,
                                       following->modules[i].mode, following->modules[i].path};
    *has = following->count > 0;
    const int made =
        *has ? git_tree_create_updated(out, following->repo->repository, NULL, following->count, updates) : 0;
    xfree(updates);
    return made == 0 ? true : repo_failed(following->err, "robots/lib");
}

static bool follow(struct repo *repo, git_oid *out, bool *has, const git_oid *robot, const git_oid *lib,
                   struct err *err)
{
    struct following following = {.repo = repo, .budget = repo_budget_new(), .err = err};
    *has = true;
    if (git_tree_lookup(&following.lib, repo->repository, lib) != 0)
        return repo_failed(err, "robots/lib");
    bool good = follow_tree(&following, robot, "robot", 1);
    for (size_t i = 0; good && !following.all && i < following.count; i++) // grows while it is walked
        good = follow_blob(&following, &following.modules[i].id, following.modules[i].path);
    if (good && following.all)
        *out = *lib;
    else if (good)
        good = write_modules(&following, out, has);
    for (size_t i = 0; i < following.count; i++)
        xfree(following.modules[i].path);
    xfree(following.modules);
    git_tree_free(following.lib);
    return good;
}

// ---- what was found, remembered

enum { KNOWN_MAX = 1024 };

struct known_lib {
    git_oid robot, lib, out;
    bool known, has;
};

// Most commits change neither.
bool content_lib(struct repo *repo, git_oid *out, bool *has, const git_oid *robot, const git_oid *lib,
                 struct err *err)
{
    *has = false;
    if (!lib)
        return true;
    if (!repo->libs)
        repo->libs = xcalloc(KNOWN_MAX, sizeof *repo->libs);
    struct known_lib *known = &repo->libs[(robot->id[0] << 8 | (robot->id[1] ^ lib->id[0])) % KNOWN_MAX];
    if (!known->known || !git_oid_equal(&known->robot, robot) || !git_oid_equal(&known->lib, lib)) {
        known->known = false;
        if (!follow(repo, &known->out, &known->has, robot, lib, err))
            return false;
        known->robot = *robot;
        known->lib = *lib;
        known->known = true;
    }
    *out = known->out;
    *has = known->has;
    return true;
}

struct known_content {
    git_oid commit;
    char robot[ROBOT_NAME_MAX + 1], tree[REPO_ID_SIZE];
};

static struct known_content *place_of(struct repo *repo, const git_oid *commit, const char *robot)
{
    size_t hash = commit->id[0];
    if (!repo->known)
        repo->known = xcalloc(KNOWN_MAX, sizeof *repo->known);
    for (const char *at = robot; *at; at++)
        hash = hash * 31 + (unsigned char)*at;
    return &repo->known[hash % KNOWN_MAX];
}

bool content_known(struct repo *repo, char tree[REPO_ID_SIZE], const git_oid *commit, const char *robot)
{
    const struct known_content *known = place_of(repo, commit, robot);
    const bool same =
        known->tree[0] && git_oid_equal(&known->commit, commit) && strcmp(known->robot, robot) == 0;
    if (same)
        memcpy(tree, known->tree, REPO_ID_SIZE);
    return same;
}

void content_remember(struct repo *repo, const char tree[REPO_ID_SIZE], const git_oid *commit,
                      const char *robot)
{
    struct known_content *known = place_of(repo, commit, robot);
    known->commit = *commit;
    memcpy(known->robot, robot, strlen(robot) + 1); // a valid name fits
    memcpy(known->tree, tree, REPO_ID_SIZE);
}
