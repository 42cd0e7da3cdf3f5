// What was fetched into a quarantine, taken over into the workspace's repository. In the host.
//
// The quarantine is another process's, and nothing in it is believed but bytes that hash to the id asked for: of it only
// the object database is opened. An object is written after all that it names, so one that is there is whole, also when
// this was torn off. Trees have plain files and folders with safe names, or the whole is refused. The branch moves
// forward only, and only from where it was when this began (branch.c).
#include "host/repo/repo_own.h"
#include "host/repo/tree_files.h"

enum { OBJECTS_MAX = 1000000, OBJECT_BYTES_MAX = 64 << 20, COMMITS_MAX = 200000 };
enum { BYTES_MAX = 1 << 30 };

struct adopting {
    struct repo *repo;
    git_odb *from;
    const char *what;
    size_t objects, bytes, commits;
    struct tree_files *files;
    struct err *err;
};

static bool refuse(const struct adopting *adopting, const char *why)
{
    return fail(adopting->err, ERR_SYNC_REFUSED, adopting->what, why);
}

// Whether it is here; false with an error when it is here as something else.
static bool look(const struct adopting *adopting, bool *here, const git_oid *id, git_object_t kind)
{
    size_t length;
    git_object_t found = GIT_OBJECT_INVALID;
    *here = git_odb_read_header(&length, &found, adopting->repo->objects, id) == 0;
    return !*here || found == kind ? true : refuse(adopting, "an object is not what it is called");
}

static bool read_object(struct adopting *adopting, git_odb_object **out, const git_oid *id, git_object_t kind)
{
    size_t length;
    git_object_t found;
    if (git_odb_read_header(&length, &found, adopting->from, id) != 0 || found != kind)
        return refuse(adopting, "an object is missing");
    if (length > OBJECT_BYTES_MAX || ++adopting->objects > OBJECTS_MAX ||
        (adopting->bytes += length) > BYTES_MAX)
        return refuse(adopting, "it is too large");
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

static struct text bytes_of(git_odb_object *object)
{
    return text_of(git_odb_object_data(object), git_odb_object_size(object));
}

// What is read of it by name is looked at also when it is here: it came under another name then.
static bool adopt_attributes(struct adopting *adopting, const git_oid *id)
{
    git_odb_object *object = NULL;
    if (!read_object(adopting, &object, id, GIT_OBJECT_BLOB))
        return false;
    const char *wrong = gitobject_attributes_check(bytes_of(object));
    const bool good = wrong ? refuse(adopting, wrong) : write_object(adopting, id, object);
    git_odb_object_free(object);
    return good;
}

static bool adopt_blob(struct adopting *adopting, const git_oid *id)
{
    git_odb_object *object = NULL;
    bool here;
    if (!look(adopting, &here, id, GIT_OBJECT_BLOB))
        return false;
    if (here)
        return true;
    const bool good =
        read_object(adopting, &object, id, GIT_OBJECT_BLOB) && write_object(adopting, id, object);
    git_odb_object_free(object);
    return good;
}

static bool adopt_tree(struct adopting *adopting, const git_oid *id, int depth);

static bool adopt_entry(struct adopting *adopting, struct gitobject_tree *tree, int depth)
{
    struct gitobject_entry entry;
    git_oid id;
    const char *wrong = gitobject_entry_take(&entry, tree);
    if (wrong)
        return refuse(adopting, wrong);
    git_oid_fromraw(&id, entry.id);
    if (entry.is_folder)
        return adopt_tree(adopting, &id, depth + 1);
    return text_equal_ascii_case(entry.name, TEXT_OF(".gitattributes")) ? adopt_attributes(adopting, &id)
                                                                        : adopt_blob(adopting, &id);
}

static bool adopt_entries(struct adopting *adopting, git_odb_object *object, int depth)
{
    struct gitobject_tree *tree = xcalloc(1, sizeof *tree); // too large for a frame of each folder
    bool good = true;
    tree->rest = bytes_of(object);
    while (good && tree->rest.length)
        good = adopt_entry(adopting, tree, depth);
    xfree(tree);
    return good;
}

static bool adopt_tree(struct adopting *adopting, const git_oid *id, int depth)
{
    git_odb_object *object = NULL;
    bool here;
    if (!look(adopting, &here, id, GIT_OBJECT_TREE))
        return false;
    if (here)
        return true;
    if (depth > TREE_FOLDERS_DEPTH_MAX)
        return refuse(adopting, "folders too deep");
    const bool good = read_object(adopting, &object, id, GIT_OBJECT_TREE) &&
                      adopt_entries(adopting, object, depth) && write_object(adopting, id, object);
    git_odb_object_free(object);
    return good;
}

// With all that is in it, as what a commit or an approval is about.
static bool adopt_whole_tree(struct adopting *adopting, const git_oid *id)
{
    if (!adopt_tree(adopting, id, 0))
        return false;
    const char *wrong = tree_files_check(adopting->files, id);
    return wrong ? refuse(adopting, wrong) : true;
}

// ---- commits: their parents first, without recursion

struct pending {
    git_oid *ids;
    size_t count, capacity;
};

static bool push(struct adopting *adopting, struct pending *pending, const git_oid *id)
{
    if (pending->count == COMMITS_MAX)
        return refuse(adopting, "too many commits");
    if (pending->count == pending->capacity) {
        pending->capacity = pending->capacity ? 2 * pending->capacity : 64;
        pending->ids = xreallocarray(pending->ids, pending->capacity, sizeof *pending->ids);
    }
    pending->ids[pending->count++] = *id;
    return true;
}

static void id_of(git_oid *out, struct text hex)
{
    git_oid_fromstrn(out, hex.data, hex.length); // its form has been looked at
}

// Adopts the commit, unless parents of it have to come first: those are pushed.
static bool adopt_commit(struct adopting *adopting, struct pending *pending, const git_oid *id,
                         git_odb_object *object)
{
    struct gitobject_commit commit;
    const size_t before = pending->count;
    git_oid tree, parent;
    bool here;
    const char *wrong = gitobject_commit_read(&commit, bytes_of(object));
    if (wrong)
        return refuse(adopting, wrong);
    for (size_t i = 0; i < commit.parent_count; i++) {
        id_of(&parent, commit.parents[i]);
        if (!look(adopting, &here, &parent, GIT_OBJECT_COMMIT) ||
            (!here && !push(adopting, pending, &parent)))
            return false;
    }
    if (pending->count > before)
        return true;
    pending->count--;
    id_of(&tree, commit.tree);
    adopting->commits++;
    return adopt_whole_tree(adopting, &tree) && write_object(adopting, id, object);
}

static bool adopt_commits(struct adopting *adopting, const git_oid *newest)
{
    struct pending pending = {0};
    bool good = push(adopting, &pending, newest), here;
    while (good && pending.count) {
        git_odb_object *object = NULL;
        const git_oid id = pending.ids[pending.count - 1];
        good = look(adopting, &here, &id, GIT_OBJECT_COMMIT);
        if (good && here) {
            pending.count--;
            continue;
        }
        good = good && read_object(adopting, &object, &id, GIT_OBJECT_COMMIT) &&
               adopt_commit(adopting, &pending, &id, object);
        git_odb_object_free(object);
    }
    xfree(pending.ids);
    return good;
}

// ---- approvals: a tag on a tree

static bool adopt_tag(struct adopting *adopting, const git_oid *id, struct text tree_id)
{
    git_odb_object *object = NULL;
    struct gitobject_tag tag;
    git_oid tree;
    bool here;
    if (!look(adopting, &here, id, GIT_OBJECT_TAG))
        return false;
    if (here)
        return true;
    bool good = read_object(adopting, &object, id, GIT_OBJECT_TAG);
    const char *wrong = good ? gitobject_tag_read(&tag, bytes_of(object)) : NULL;
    if (wrong)
        good = refuse(adopting, wrong);
    else if (good && (!text_is(tag.kind, "tree") || !text_equal(tag.target, tree_id)))
        good = refuse(adopting, "an approval of something else than its name says");
    if (good)
        id_of(&tree, tree_id);
    good = good && adopt_whole_tree(adopting, &tree) && write_object(adopting, id, object);
    git_odb_object_free(object);
    return good;
}

// ---- what others call

static bool begin(struct adopting *adopting, git_oid *id, const char *quarantine, const char *hex)
{
    SCOPED_TEXT char *objects = xasprintf("%s/objects", quarantine);
    if (git_oid_fromstr(id, hex) != 0)
        return refuse(adopting, "a reference with an odd name");
    adopting->files = tree_files_new(adopting->repo->objects);
    return git_odb_open(&adopting->from, objects) == 0 ? true : repo_failed(adopting->err, quarantine);
}

static void end(struct adopting *adopting)
{
    git_odb_free(adopting->from);
    tree_files_free(adopting->files);
}

bool repo_take_commits(struct repo *repo, size_t *count, const char *quarantine, const char *branch,
                       const char *commit, struct err *err)
{
    struct adopting adopting = {.repo = repo, .what = branch, .err = err};
    git_oid id;
    const bool good = begin(&adopting, &id, quarantine, commit) && adopt_commits(&adopting, &id);
    *count = adopting.commits;
    end(&adopting);
    return good;
}

bool repo_take_approval(struct repo *repo, const char *quarantine, const char *name, const char *tag,
                        struct err *err)
{
    struct adopting adopting = {.repo = repo, .what = name, .err = err};
    git_oid id;
    struct text tree;
    const char *beside = strchr(name, ',');
    if (!repo_approval_name(&tree, name) || (beside && strcmp(beside + 1, tag) != 0))
        return refuse(&adopting, "a reference with an odd name");
    const bool good = begin(&adopting, &id, quarantine, tag) && adopt_tag(&adopting, &id, tree);
    end(&adopting);
    return good;
}
