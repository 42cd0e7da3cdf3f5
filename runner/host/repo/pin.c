// Pins: the content of a run, of what is committed or of a draft, kept by a reference, and read again. In the host.
#include "host/repo/save_own.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static void scoped_tree_free(git_tree **tree)
{
    git_tree_free(*tree);
}
#define SCOPED_TREE __attribute__((cleanup(scoped_tree_free))) git_tree *

// ---- which robots there are

static int is_robot(const struct dirent *entry)
{
    return robot_name_is_valid(entry->d_name);
}

bool repo_robots(struct repo *repo, repo_robot_visitor visit, void *owner, struct err *err)
{
    struct dirent **list = NULL;
    const int count = scandirat(repo->folder, "robots", &list, is_robot, alphasort);
    bool good = true;
    for (int i = 0; i < count; i++) {
        struct stat status;
        SCOPED_TEXT char *path = xasprintf("robots/%s", list[i]->d_name);
        if (good && fstatat(repo->folder, path, &status, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(status.st_mode))
            good = visit(owner, list[i]->d_name, err);
        free(list[i]);
    }
    if (count >= 0)
        free(list);
    return good;
}

enum { NAMES_MAX = 1000 };
struct names {
    char *names[NAMES_MAX];
    size_t count;
};

static bool collect(void *owner, const char *name, struct err *err)
{
    struct names *names = owner;
    (void)err;
    if (names->count < NAMES_MAX)
        names->names[names->count++] = xstrdup(name);
    return true;
}

static bool unknown(struct repo *repo, const char *robot, struct err *err)
{
    struct names *names = xcalloc(1, sizeof *names);
    if (repo_robots(repo, collect, names, err)) {
        const char *nearest = text_nearest(robot, (const char *const *)names->names, names->count);
        (void)(nearest ? fail(err, ERR_ROBOT_UNKNOWN_NEAR, robot, nearest)
                       : fail(err, ERR_ROBOT_UNKNOWN, robot));
    }
    for (size_t i = 0; i < names->count; i++)
        xfree(names->names[i]);
    xfree(names);
    return false;
}

static bool is_in_working_folder(const struct repo *repo, const char *robot)
{
    struct stat status;
    SCOPED_TEXT char *path = xasprintf("robots/%s", robot);
    return fstatat(repo->folder, path, &status, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(status.st_mode);
}

// ---- making

// The commit of HEAD, or the one that is named. False: there is none.
static bool find_commit(const struct repo *repo, git_oid *out, const char *commit)
{
    return commit ? git_oid_fromstr(out, commit) == 0
                  : git_reference_name_to_id(out, repo->repository, "HEAD") == 0;
}

static git_tree *tree_of_commit(const struct repo *repo, const git_oid *id)
{
    git_commit *commit = NULL;
    git_tree *tree = NULL;
    if (git_commit_lookup(&commit, repo->repository, id) == 0 && git_commit_tree(&tree, commit) != 0)
        tree = NULL;
    git_commit_free(commit);
    return tree;
}

// The committed tree at `path`; *out is NULL when there is none.
static bool committed_tree(const struct repo *repo, git_tree **out, const git_oid *commit, const char *path,
                           struct err *err)
{
    *out = NULL;
    SCOPED_TREE head = tree_of_commit(repo, commit);
    if (!head)
        return repo_failed(err, path);
    SCOPED_TEXT char *whole = xasprintf("%s%s", repo->prefix, path);
    git_tree_entry *entry = NULL;
    if (git_tree_entry_bypath(&entry, head, whole) != 0)
        return true;
    const bool is_tree = git_tree_entry_type(entry) == GIT_OBJECT_TREE;
    const int found = is_tree ? git_tree_lookup(out, repo->repository, git_tree_entry_id(entry)) : 0;
    git_tree_entry_free(entry);
    return found == 0 ? true : repo_failed(err, path);
}

bool repo_robots_of(struct repo *repo, const char *commit, repo_robot_visitor visit, void *owner,
                    struct err *err)
{
    git_oid id;
    git_tree *robots = NULL;
    if (!find_commit(repo, &id, commit))
        return commit ? repo_failed(err, commit) : true;
    bool good = committed_tree(repo, &robots, &id, "robots", err);
    for (size_t i = 0; good && i < git_tree_entrycount(robots); i++) {
        const git_tree_entry *entry = git_tree_entry_byindex(robots, i);
        if (git_tree_entry_type(entry) == GIT_OBJECT_TREE && robot_name_is_valid(git_tree_entry_name(entry)))
            good = visit(owner, git_tree_entry_name(entry), err);
    }
    git_tree_free(robots);
    return good;
}

static bool insert(git_treebuilder *builder, const char *name, const git_oid *id)
{
    return !id || git_treebuilder_insert(NULL, builder, name, id, GIT_FILEMODE_TREE) == 0;
}

static const char *const folders[] = {
    [REPO_COMMITTED] = "pins", [REPO_BRANCH] = "pins", [REPO_DRAFT] = "drafts", [REPO_LOOSE] = NULL};

// Two hosts may pin the same content at the same moment: the one that finds the reference locked waits for the other.
enum { LOCK_TRIES = 500 };

bool repo_keep(struct repo *repo, const char *name, const git_oid *id)
{
    for (int tries = 0; tries < LOCK_TRIES; tries++) {
        git_reference *reference = NULL;
        git_oid kept;
        if (git_reference_name_to_id(&kept, repo->repository, name) == 0)
            return true;
        const int made = git_reference_create(&reference, repo->repository, name, id, 1, NULL);
        git_reference_free(reference);
        struct err busy;
        if (made != GIT_ELOCKED || !save_lock_wait(repo, name, tries, &busy))
            return made == 0;
    }
    return false;
}

static bool keep(struct repo *repo, const char *tree, enum repo_pin_kind kind, struct err *err)
{
    git_oid id;
    if (!folders[kind])
        return true;
    SCOPED_TEXT char *name = xasprintf("refs/renki/%s/%s", folders[kind], tree);
    return git_oid_fromstr(&id, tree) == 0 && repo_keep(repo, name, &id) ? true : repo_failed(err, name);
}

// Writes the tree { robot, lib }; `lib` is all of robots/lib, or NULL.
static bool write_content(struct repo *repo, char out[REPO_ID_SIZE], const git_oid *robot, const git_oid *lib,
                          struct err *err)
{
    git_treebuilder *builder = NULL;
    git_oid id, modules;
    bool has;
    if (!content_lib(repo, &modules, &has, robot, lib, err))
        return false;
    const bool good = git_treebuilder_new(&builder, repo->repository, NULL) == 0 &&
                      insert(builder, "robot", robot) && insert(builder, "lib", has ? &modules : NULL) &&
                      git_treebuilder_write(&id, builder) == 0;
    git_treebuilder_free(builder);
    if (good)
        git_oid_tostr(out, REPO_ID_SIZE, &id);
    return good ? true : repo_failed(err, "refs/renki");
}

static bool write_working(struct repo *repo, char tree[REPO_ID_SIZE], const char *robot, const char *path,
                          struct err *err)
{
    git_oid robot_id, lib_id;
    bool has_robot, has_lib;
    if (!working_write(repo, &robot_id, &has_robot, path, err) ||
        !working_write(repo, &lib_id, &has_lib, "robots/lib", err))
        return false;
    return has_robot ? write_content(repo, tree, &robot_id, has_lib ? &lib_id : NULL, err)
                     : unknown(repo, robot, err);
}

static bool uncommitted(struct repo *repo, const char *robot, struct err *err)
{
    return is_in_working_folder(repo, robot) ? fail(err, ERR_ROBOT_UNCOMMITTED, robot)
                                             : unknown(repo, robot, err);
}

static bool write_committed(struct repo *repo, char tree[REPO_ID_SIZE], const git_oid *commit,
                            const char *robot, struct err *err)
{
    SCOPED_TREE robot_tree = NULL;
    SCOPED_TREE lib_tree = NULL;
    SCOPED_TEXT char *path = xasprintf("robots/%s", robot);
    if (!committed_tree(repo, &robot_tree, commit, path, err) ||
        !committed_tree(repo, &lib_tree, commit, "robots/lib", err))
        return false;
    if (!robot_tree)
        return uncommitted(repo, robot, err);
    if (!write_content(repo, tree, git_tree_id(robot_tree), lib_tree ? git_tree_id(lib_tree) : NULL, err))
        return false;
    content_remember(repo, tree, commit, robot);
    return true;
}

bool repo_content(struct repo *repo, char tree[REPO_ID_SIZE], const char *robot, const char *commit,
                  struct err *err)
{
    git_oid id;
    if (!robot_name_is_valid(robot))
        return unknown(repo, robot, err);
    if (!find_commit(repo, &id, commit))
        return uncommitted(repo, robot, err);
    return content_known(repo, tree, &id, robot) || write_committed(repo, tree, &id, robot, err);
}

// Working files against the part of the content that they are the source of.
static bool compare_part(struct repo *repo, const git_tree *content, const char *part, const char *path,
                         bool more, struct err *err)
{
    const git_tree_entry *entry = git_tree_entry_byname(content, part);
    SCOPED_TREE tree = NULL;
    if (!entry)
        return true;
    if (git_tree_lookup(&tree, repo->repository, git_tree_entry_id(entry)) != 0)
        return repo_failed(err, path);
    return working_compare(repo, path, tree, more, err);
}

// Modules that the robot does not require may differ.
static bool compare_working(struct repo *repo, const char *tree, const char *robot, struct err *err)
{
    git_oid id;
    SCOPED_TREE content = NULL;
    SCOPED_TEXT char *path = xasprintf("robots/%s", robot);
    if (git_oid_fromstr(&id, tree) != 0 || git_tree_lookup(&content, repo->repository, &id) != 0)
        return repo_failed(err, path);
    return compare_part(repo, content, "robot", path, false, err) &&
           compare_part(repo, content, "lib", "robots/lib", true, err);
}

bool repo_pin(struct repo *repo, char tree[REPO_ID_SIZE], const char *robot, enum repo_pin_kind kind,
              struct err *err)
{
    if (!robot_name_is_valid(robot))
        return unknown(repo, robot, err);
    SCOPED_TEXT char *path = xasprintf("robots/%s", robot);
    if (kind == REPO_DRAFT || kind == REPO_LOOSE)
        return write_working(repo, tree, robot, path, err) && keep(repo, tree, kind, err);
    return repo_content(repo, tree, robot, NULL, err) &&
           (kind == REPO_BRANCH || compare_working(repo, tree, robot, err)) && keep(repo, tree, kind, err);
}

bool repo_pin_folder(struct repo *repo, char tree[REPO_ID_SIZE], const char *folder, struct err *err)
{
    struct text rest = text_from(folder), part;
    while (text_cut(&rest, '/', &part))
        if (part.length == 0 || text_is(part, ".") || text_is(part, ".."))
            return fail(err, ERR_ROBOT_FOLDER, folder);
    return write_working(repo, tree, folder, folder, err);
}

// ---- reading

struct reading {
    struct repo *repo;
    struct repo_budget budget;
    repo_visitor visit;
    void *owner;
    struct err *err;
};

static bool read_tree(struct reading *reading, const git_oid *id, const char *path, int depth);

static bool read_blob(struct reading *reading, const git_oid *id, const char *path)
{
    git_blob *blob = NULL;
    if (!repo_blob(reading->repo, &blob, id, path, reading->err))
        return false;
    const struct text content = text_of(git_blob_rawcontent(blob), (size_t)git_blob_rawsize(blob));
    const bool good = repo_budget_take(&reading->budget, path, content.length, reading->err) &&
                      reading->visit(reading->owner, path, content, reading->err);
    git_blob_free(blob);
    return good;
}

static bool read_entry(struct reading *reading, const git_tree_entry *entry, const char *path, int depth)
{
    if (!gitobject_name_is_safe(text_from(git_tree_entry_name(entry))))
        return fail(reading->err, ERR_REPO_NAME, path);
    switch (git_tree_entry_filemode_raw(entry)) {
    case GIT_FILEMODE_BLOB:
    case GIT_FILEMODE_BLOB_EXECUTABLE:
        return read_blob(reading, git_tree_entry_id(entry), path);
    case GIT_FILEMODE_TREE:
        return read_tree(reading, git_tree_entry_id(entry), path, depth + 1);
    default: // links, submodules, modes that git itself never writes
        return fail(reading->err, ERR_REPO_NAME, path);
    }
}

static bool read_tree(struct reading *reading, const git_oid *id, const char *path, int depth)
{
    if (depth > REPO_DEPTH_MAX)
        return fail(reading->err, ERR_REPO_LIMIT, path, N(REPO_FILES_MAX), N(REPO_BYTES_MAX >> 20),
                    N(REPO_DEPTH_MAX));
    SCOPED_TREE tree = NULL;
    if (git_tree_lookup(&tree, reading->repo->repository, id) != 0)
        return repo_failed(reading->err, path);
    bool good = true;
    for (size_t i = 0; good && i < git_tree_entrycount(tree); i++) {
        const git_tree_entry *entry = git_tree_entry_byindex(tree, i);
        SCOPED_TEXT char *inner = xasprintf("%s%s%s", path, *path ? "/" : "", git_tree_entry_name(entry));
        good = read_entry(reading, entry, inner, depth);
    }
    return good;
}

bool repo_read(struct repo *repo, const char *tree, repo_visitor visit, void *owner, struct err *err)
{
    struct reading reading = {repo, repo_budget_new(), visit, owner, err};
    git_oid id;
    if (git_oid_fromstr(&id, tree) != 0)
        return repo_failed(err, tree);
    return read_tree(&reading, &id, "", 0);
}
