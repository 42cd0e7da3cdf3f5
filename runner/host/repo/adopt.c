// What was fetched into a quarantine, taken over into the workspace's repository. In the host.
//
// The quarantine is another process's, and nothing in it is believed but bytes that hash to the id asked for: of it only
// the object database is opened. An object is written after all that it names, so one that is there is whole, also when
// this was torn off. Trees have plain files and folders with safe names, or the whole is refused. The branch moves
// forward only, and only from where it was when this began.
#include "host/repo/repo_own.h"

enum { OBJECTS_MAX = 1000000, TREE_DEPTH_MAX = 64, OBJECT_BYTES_MAX = 64 << 20, COMMITS_MAX = 200000 };
enum { BYTES_MAX = 1 << 30 };

struct adopting {
    struct repo *repo;
    git_odb *from;
    const char *what;
    size_t objects, bytes;
    struct err *err;
};

static bool refuse(const struct adopting *adopting, const char *why)
{
    return fail(adopting->err, ERR_SYNC_REFUSED, adopting->what, why);
}

static bool is_here(const struct adopting *adopting, const git_oid *id)
{
    return git_odb_exists(adopting->repo->objects, id);
}

static bool read_object(struct adopting *adopting, git_odb_object **out, const git_oid *id, git_object_t kind)
{
    size_t length;
    git_object_t found;
    if (git_odb_read_header(&length, &found, adopting->from, id) != 0 || found != kind)
        return refuse(adopting, "an object is missing");
    if (length > OBJECT_BYTES_MAX || ++adopting->objects > OBJECTS_MAX ||
        (adopting->bytes += length) > BYTES_MAX)
        return refuse(adopting, "size");
    return git_odb_read(out, adopting->from, id) == 0 ? true : refuse(adopting, "an object is broken");
}

static bool write_object(struct adopting *adopting, const git_oid *id, git_odb_object *object)
{
    git_oid written;
    if (git_odb_write(&written, adopting->repo->objects, git_odb_object_data(object),
                      git_odb_object_size(object), git_odb_object_type(object)) != 0)
        return repo_failed(adopting->err, adopting->what);
    return git_oid_equal(id, &written) ? true : refuse(adopting, "an object is not what it is called");
}

static bool adopt_blob(struct adopting *adopting, const git_oid *id)
{
    git_odb_object *object = NULL;
    if (is_here(adopting, id))
        return true;
    const bool good =
        read_object(adopting, &object, id, GIT_OBJECT_BLOB) && write_object(adopting, id, object);
    git_odb_object_free(object);
    return good;
}

static bool adopt_tree(struct adopting *adopting, const git_oid *id, int depth);

// "100644 name\0" and the 20 bytes of an id.
static bool adopt_entry(struct adopting *adopting, struct text *rest, int depth)
{
    struct text mode, name;
    git_oid id;
    if (!text_cut(rest, ' ', &mode) || !text_cut(rest, '\0', &name) || rest->length < GIT_OID_RAWSZ)
        return refuse(adopting, "a tree is broken");
    git_oid_fromraw(&id, (const unsigned char *)rest->data);
    *rest = text_of(rest->data + GIT_OID_RAWSZ, rest->length - GIT_OID_RAWSZ);
    if (!repo_name_is_safe(name))
        return refuse(adopting, "a name that is not safe");
    if (text_is(mode, "40000"))
        return adopt_tree(adopting, &id, depth + 1);
    if (text_is(mode, "100644") || text_is(mode, "100755"))
        return adopt_blob(adopting, &id);
    return refuse(adopting, text_is(mode, "160000") ? "a submodule" : "a link");
}

static bool adopt_tree(struct adopting *adopting, const git_oid *id, int depth)
{
    git_odb_object *object = NULL;
    if (is_here(adopting, id))
        return true;
    if (depth > TREE_DEPTH_MAX)
        return refuse(adopting, "depth");
    bool good = read_object(adopting, &object, id, GIT_OBJECT_TREE);
    struct text rest = good ? text_of(git_odb_object_data(object), git_odb_object_size(object)) : TEXT_OF("");
    while (good && rest.length)
        good = adopt_entry(adopting, &rest, depth);
    good = good && write_object(adopting, id, object);
    git_odb_object_free(object);
    return good;
}

// ---- commits: their parents first, without recursion

struct pending {
    git_oid *ids;
    size_t count, capacity;
};

static bool push(struct adopting *adopting, struct pending *pending, const git_oid *id)
{
    if (pending->count == COMMITS_MAX)
        return refuse(adopting, "size");
    if (pending->count == pending->capacity) {
        pending->capacity = pending->capacity ? 2 * pending->capacity : 64;
        pending->ids = xreallocarray(pending->ids, pending->capacity, sizeof *pending->ids);
    }
    pending->ids[pending->count++] = *id;
    return true;
}

static bool take_id(git_oid *id, struct text line, const char *word)
{
    const size_t skip = strlen(word);
    return text_starts(line, word) && line.length == skip + GIT_OID_HEXSZ &&
           git_oid_fromstrn(id, line.data + skip, GIT_OID_HEXSZ) == 0;
}

// Adopts the commit, unless parents of it have to come first: those are pushed.
static bool adopt_commit(struct adopting *adopting, struct pending *pending, const git_oid *id,
                         git_odb_object *object)
{
    struct text rest = text_of(git_odb_object_data(object), git_odb_object_size(object)), line;
    const size_t before = pending->count;
    git_oid tree, parent;
    if (!text_cut(&rest, '\n', &line) || !take_id(&tree, line, "tree "))
        return refuse(adopting, "a commit is broken");
    while (text_cut(&rest, '\n', &line) && take_id(&parent, line, "parent "))
        if (!is_here(adopting, &parent) && !push(adopting, pending, &parent))
            return false;
    if (pending->count > before)
        return true;
    pending->count--;
    return adopt_tree(adopting, &tree, 0) && write_object(adopting, id, object);
}

static bool adopt_commits(struct adopting *adopting, const git_oid *newest)
{
    struct pending pending = {0};
    bool good = push(adopting, &pending, newest);
    while (good && pending.count) {
        git_odb_object *object = NULL;
        const git_oid id = pending.ids[pending.count - 1];
        if (is_here(adopting, &id)) {
            pending.count--;
            continue;
        }
        good = read_object(adopting, &object, &id, GIT_OBJECT_COMMIT) &&
               adopt_commit(adopting, &pending, &id, object);
        git_odb_object_free(object);
    }
    xfree(pending.ids);
    return good;
}

// ---- moving the branch

// Files of robots and schedules follow, where nobody has changed them.
static bool update_files(struct repo *repo, const git_oid *id, struct err *err)
{
    git_object *commit = NULL;
    SCOPED_TEXT char *robots = xasprintf("%srobots", repo->prefix);
    SCOPED_TEXT char *schedules = xasprintf("%sschedules", repo->prefix);
    char *paths[] = {robots, schedules};
    git_checkout_options options = GIT_CHECKOUT_OPTIONS_INIT;
    options.checkout_strategy = GIT_CHECKOUT_SAFE | GIT_CHECKOUT_DISABLE_PATHSPEC_MATCH;
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

static bool move_branch(struct adopting *adopting, const char *reference, const git_oid *id, bool *moved)
{
    struct repo *repo = adopting->repo;
    git_reference *made = NULL;
    git_oid before;
    const bool known = git_reference_name_to_id(&before, repo->repository, reference) == 0;
    *moved = !known || !git_oid_equal(&before, id);
    if (!*moved)
        return true;
    if (known && git_graph_descendant_of(repo->repository, id, &before) != 1)
        return refuse(adopting, "the branch here has gone another way");
    if (is_current(repo, reference) && !update_files(repo, id, adopting->err))
        return false;
    if (!known)
        memset(&before, 0, sizeof before);
    const int done =
        git_reference_create_matching(&made, repo->repository, reference, id, true, &before, "sync");
    git_reference_free(made);
    return done == 0 ? true : repo_failed(adopting->err, reference);
}

bool repo_adopt(struct repo *repo, bool *moved, const char *quarantine, const char *branch,
                const char *commit, struct err *err)
{
    struct adopting adopting = {.repo = repo, .what = branch, .err = err};
    git_oid id;
    SCOPED_TEXT char *objects = xasprintf("%s/objects", quarantine);
    SCOPED_TEXT char *reference = xasprintf("refs/heads/%s", branch);
    int valid = 0;
    if (git_oid_fromstr(&id, commit) != 0 || git_reference_name_is_valid(&valid, reference) != 0 || !valid)
        return refuse(&adopting, "its name");
    if (git_odb_open(&adopting.from, objects) != 0)
        return repo_failed(err, quarantine);
    const bool good = adopt_commits(&adopting, &id) && move_branch(&adopting, reference, &id, moved);
    git_odb_free(adopting.from);
    return good;
}
