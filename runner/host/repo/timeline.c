// See timeline.h. Walks from a commit to those that are known, parents first and without recursion, and compares raw
// trees: libgit2's own trees cost more to make than to read.
#include "host/repo/timeline.h"

#include "lib/base/clock.h"

#include <stdlib.h>

enum { TREES_KEPT = 6, NAME_BYTES_MAX = 512, SAVE_AFTER = 32 };

struct step {
    git_oid id, tree, *parents;
    int64_t time;
    size_t parent_count;
};

struct timeline_walk {
    git_oid head;
    struct step *steps; // a commit stands above the one that waits for it
    size_t count, room;
    struct kept_tree {
        git_oid id;
        git_odb_object *object;
    } trees[TREES_KEPT]; // those last read: a commit's trees are mostly its child's
    size_t next_tree;
};

// ---- the arrays

static void *room_for(void *array, size_t *room, size_t count, size_t size)
{
    if (count < *room)
        return array;
    *room = *room ? 2 * *room : 256;
    return xreallocarray(array, *room, size);
}

static bool is_commit(const void *owner, uint32_t place, const void *key)
{
    return git_oid_equal(&((const struct timeline *)owner)->commits[place].id, key);
}

static bool is_name(const void *owner, uint32_t place, const void *key)
{
    return text_is(*(const struct text *)key, ((const struct timeline *)owner)->names[place]);
}

uint32_t timeline_place(const struct timeline *timeline, const git_oid *id)
{
    return places_find(&timeline->by_id, places_hash(id->id, sizeof id->id), is_commit, timeline, id);
}

static uint32_t find_name(const struct timeline *timeline, struct text name)
{
    return places_find(&timeline->by_name, places_hash(name.data, name.length), is_name, timeline, &name);
}

uint32_t timeline_name(const struct timeline *timeline, const char *name)
{
    return find_name(timeline, text_from(name));
}

uint32_t timeline_add_name(struct timeline *timeline, struct text name)
{
    uint32_t place = find_name(timeline, name);
    if (place != NO_PLACE)
        return place;
    place = (uint32_t)timeline->name_count;
    timeline->names =
        room_for(timeline->names, &timeline->name_room, timeline->name_count, sizeof *timeline->names);
    timeline->names[timeline->name_count++] = xstrndup(name.data, name.length);
    places_add(&timeline->by_name, places_hash(name.data, name.length), place);
    return place;
}

void timeline_add_commit(struct timeline *timeline, const struct timeline_commit *commit)
{
    const uint32_t hash = places_hash(commit->id.id, sizeof commit->id.id);
    timeline->commits = room_for(timeline->commits, &timeline->commit_room, timeline->commit_count,
                                 sizeof *timeline->commits);
    places_add(&timeline->by_id, hash, (uint32_t)timeline->commit_count);
    timeline->commits[timeline->commit_count++] = *commit;
}

static void add_parent(struct timeline *timeline, uint32_t place)
{
    timeline->parents = room_for(timeline->parents, &timeline->parent_room, timeline->parent_count,
                                 sizeof *timeline->parents);
    timeline->parents[timeline->parent_count++] = place;
}

// ---- the walk

static void walk_free(struct timeline_walk *walk)
{
    if (!walk)
        return;
    for (size_t i = 0; i < walk->count; i++)
        xfree(walk->steps[i].parents);
    for (size_t i = 0; i < TREES_KEPT; i++)
        git_odb_object_free(walk->trees[i].object);
    xfree(walk->steps);
    xfree(walk);
}

void timeline_free(struct timeline *timeline)
{
    if (!timeline)
        return;
    for (size_t i = 0; i < timeline->name_count; i++)
        xfree(timeline->names[i]);
    walk_free(timeline->walk);
    places_dispose(&timeline->by_id);
    places_dispose(&timeline->by_name);
    xfree(timeline->commits);
    xfree(timeline->parents);
    xfree(timeline->changes);
    xfree(timeline->names);
    xfree(timeline);
}

struct noting {
    struct repo *repo;
    struct timeline *timeline;
    struct err *err;
};

static bool limit(struct err *err)
{
    return fail(err, ERR_HISTORY_LIMIT, N(TIMELINE_COMMITS_MAX), N(TIMELINE_CHANGES_MAX));
}

// *found is false where the commit is not there, or is none.
static bool push(struct noting *noting, const git_oid *id, bool *found)
{
    struct timeline_walk *walk = noting->timeline->walk;
    git_commit *commit = NULL;
    *found = git_commit_lookup(&commit, noting->repo->repository, id) == 0;
    if (!*found)
        return true;
    if (walk->count + noting->timeline->commit_count >= TIMELINE_COMMITS_MAX) {
        git_commit_free(commit);
        return limit(noting->err);
    }
    const size_t parents = git_commit_parentcount(commit);
    struct step step = {.id = *id, .tree = *git_commit_tree_id(commit), .time = git_commit_time(commit)};
    step.parent_count = parents < TIMELINE_PARENTS_MAX ? parents : TIMELINE_PARENTS_MAX;
    step.parents = xcalloc(step.parent_count, sizeof *step.parents);
    for (size_t i = 0; i < step.parent_count; i++)
        step.parents[i] = *git_commit_parent_id(commit, (unsigned)i);
    git_commit_free(commit);
    walk->steps = room_for(walk->steps, &walk->room, walk->count, sizeof *walk->steps);
    walk->steps[walk->count++] = step;
    return true;
}

// ---- trees, raw

// Empty for what is no tree, or not there. Borrowed until the next but one is read.
static struct text tree_text(struct noting *noting, const git_oid *id)
{
    struct timeline_walk *walk = noting->timeline->walk;
    struct kept_tree *kept = NULL;
    if (git_oid_is_zero(id))
        return TEXT_OF("");
    for (size_t i = 0; i < TREES_KEPT && !kept; i++)
        if (walk->trees[i].object && git_oid_equal(&walk->trees[i].id, id))
            kept = &walk->trees[i];
    const bool is_new = !kept;
    if (is_new)
        kept = &walk->trees[walk->next_tree];
    if (kept == &walk->trees[walk->next_tree]) // the one that is lent is not the next to go
        walk->next_tree = (walk->next_tree + 1) % TREES_KEPT;
    if (is_new) {
        git_odb_object_free(STEAL(kept->object));
        kept->id = *id;
        if (git_odb_read(&kept->object, noting->repo->objects, id) != 0)
            return TEXT_OF("");
    }
    return git_odb_object_type(kept->object) == GIT_OBJECT_TREE
               ? text_of(git_odb_object_data(kept->object), git_odb_object_size(kept->object))
               : TEXT_OF("");
}

struct entry {
    struct text whole, name;
    bool folder;
    git_oid id;
};

// "40000 name\0" and the 20 bytes of an id. False at the end, and where the tree is broken.
static bool next_entry(struct entry *out, struct text *rest)
{
    const char *const begin = rest->data;
    struct text mode;
    if (!text_cut(rest, ' ', &mode) || !text_cut(rest, '\0', &out->name) || rest->length < GIT_OID_RAWSZ)
        return false;
    out->folder = text_is(mode, "40000");
    git_oid_fromraw(&out->id, (const unsigned char *)rest->data);
    *rest = text_of(rest->data + GIT_OID_RAWSZ, rest->length - GIT_OID_RAWSZ);
    out->whole = text_of(begin, (size_t)(rest->data - begin));
    return true;
}

// The tree at `path` ("examples/office/robots") below `tree`; all zero when there is none.
static git_oid tree_at(struct noting *noting, const git_oid *tree, const char *path)
{
    struct text rest = text_from(path), part;
    git_oid at = *tree;
    while (text_cut(&rest, '/', &part)) {
        struct text entries = tree_text(noting, &at);
        struct entry entry;
        memset(&at, 0, sizeof at);
        while (next_entry(&entry, &entries))
            if (entry.folder && text_equal(entry.name, part)) {
                at = entry.id;
                break;
            }
    }
    return at;
}

// As git sorts them: a folder as if its name ended with a slash.
static int compare_entries(const struct entry *a, const struct entry *b)
{
    const size_t shorter = a->name.length < b->name.length ? a->name.length : b->name.length;
    const int order = memcmp(a->name.data, b->name.data, shorter);
    if (order != 0)
        return order;
    const int next_a = a->name.length > shorter ? (unsigned char)a->name.data[shorter] : a->folder ? '/' : 0;
    const int next_b = b->name.length > shorter ? (unsigned char)b->name.data[shorter] : b->folder ? '/' : 0;
    return next_a - next_b;
}

static bool note(struct noting *noting, const char *folder, struct text name, const git_oid *id)
{
    struct timeline *timeline = noting->timeline;
    SCOPED_BUF(path, NAME_BYTES_MAX);
    if (!gitobject_name_is_safe(name) || !buf_append_string(&path, folder) || !buf_append_text(&path, name))
        return true; // nothing of ours is called so
    if (timeline->change_count == TIMELINE_CHANGES_MAX)
        return limit(noting->err);
    timeline->changes = room_for(timeline->changes, &timeline->change_room, timeline->change_count,
                                 sizeof *timeline->changes);
    timeline->changes[timeline->change_count++] =
        (struct timeline_change){timeline_add_name(timeline, buf_text(&path)), *id};
    return true;
}

// Entries at the front that are the same are most of a large folder: they are passed over as bytes.
static void pass_same(struct text *before, struct text *after)
{
    struct text rest = *before;
    struct entry entry;
    while (next_entry(&entry, &rest)) {
        const size_t length = entry.whole.length;
        if (after->length < length || memcmp(after->data, entry.whole.data, length) != 0)
            return;
        *after = text_of(after->data + length, after->length - length);
        *before = rest;
    }
}

// Notes each entry of a folder that was added, changed or taken away.
static bool note_folder(struct noting *noting, const char *folder, const git_oid *was, const git_oid *is)
{
    static const git_oid none;
    struct text before = tree_text(noting, was), after = tree_text(noting, is);
    struct entry a, b;
    bool good = true;
    pass_same(&before, &after);
    bool has_a = next_entry(&a, &before), has_b = next_entry(&b, &after);
    while (good && (has_a || has_b)) {
        const int order = !has_a ? 1 : !has_b ? -1 : compare_entries(&a, &b);
        if (order < 0)
            good = note(noting, folder, a.name, &none);
        else if (order > 0 || !git_oid_equal(&a.id, &b.id))
            good = note(noting, folder, b.name, &b.id);
        if (order <= 0)
            has_a = next_entry(&a, &before);
        if (order >= 0)
            has_b = next_entry(&b, &after);
    }
    return good;
}

static bool note_robots(struct noting *noting, const git_oid *was, const git_oid *is)
{
    if (git_oid_equal(was, is))
        return true;
    const git_oid lib_was = tree_at(noting, was, "lib"), lib_is = tree_at(noting, is, "lib");
    return note_folder(noting, "robots/", was, is) &&
           (git_oid_equal(&lib_was, &lib_is) || note_folder(noting, "robots/lib/", &lib_was, &lib_is));
}

// The topmost step's parents are known: it is noted and taken off.
static bool finish_step(struct noting *noting)
{
    static const git_oid none;
    struct timeline *timeline = noting->timeline;
    struct step *step = &timeline->walk->steps[timeline->walk->count - 1];
    SCOPED_TEXT char *robots = xasprintf("%srobots", noting->repo->prefix);
    SCOPED_TEXT char *schedules = xasprintf("%sschedules", noting->repo->prefix);
    struct timeline_commit commit = {.id = step->id, .time = step->time};
    commit.parents = (uint32_t)timeline->parent_count;
    commit.changes = (uint32_t)timeline->change_count;
    commit.robots = tree_at(noting, &step->tree, robots);
    commit.schedules = tree_at(noting, &step->tree, schedules);
    for (size_t i = 0; i < step->parent_count; i++) {
        const uint32_t place = timeline_place(timeline, &step->parents[i]);
        if (place != NO_PLACE)
            add_parent(timeline, place);
    }
    commit.parent_count = (uint32_t)timeline->parent_count - commit.parents;
    const struct timeline_commit *first =
        commit.parent_count ? &timeline->commits[timeline->parents[commit.parents]] : NULL;
    if (!note_robots(noting, first ? &first->robots : &none, &commit.robots) ||
        (!git_oid_equal(first ? &first->schedules : &none, &commit.schedules) &&
         !note_folder(noting, "schedules/", first ? &first->schedules : &none, &commit.schedules)))
        return false;
    commit.change_count = (uint32_t)timeline->change_count - commit.changes;
    timeline_add_commit(timeline, &commit);
    xfree(step->parents);
    timeline->walk->count--;
    return true;
}

// Pushes the parents that are not known, or finishes the topmost commit.
static bool take_step(struct noting *noting)
{
    struct timeline *timeline = noting->timeline;
    const size_t at = timeline->walk->count - 1;
    if (timeline_place(timeline, &timeline->walk->steps[at].id) != NO_PLACE) { // met on another way
        xfree(timeline->walk->steps[at].parents);
        timeline->walk->count--;
        return true;
    }
    for (size_t i = 0; i < timeline->walk->steps[at].parent_count; i++) {
        const git_oid parent = timeline->walk->steps[at].parents[i];
        bool found = false;
        if (timeline_place(timeline, &parent) != NO_PLACE)
            continue;
        if (!push(noting, &parent, &found))
            return false;
        if (found)
            return true;
    }
    return finish_step(noting);
}

static bool walk_on(struct noting *noting, bool *ready, int64_t ms)
{
    struct timeline *timeline = noting->timeline;
    const int64_t until = clock_monotonic_ms() + ms;
    while (timeline->walk->count) {
        if (!take_step(noting))
            return false;
        if (clock_monotonic_ms() >= until && timeline->walk->count)
            return true;
    }
    *ready = true;
    return true;
}

static bool walk_begin(struct noting *noting, const git_oid *head)
{
    bool found;
    walk_free(noting->timeline->walk);
    noting->timeline->walk = xcalloc(1, sizeof *noting->timeline->walk);
    noting->timeline->walk->head = *head;
    return push(noting, head, &found) && (found || repo_failed(noting->err, "HEAD"));
}

bool timeline_of(struct repo *repo, struct timeline **out, bool *ready, const git_oid *head, int64_t ms,
                 struct err *err)
{
    if (!repo->timeline && !(repo->timeline = timeline_load(repo)))
        repo->timeline = xcalloc(1, sizeof *repo->timeline);
    struct timeline *timeline = *out = repo->timeline;
    struct noting noting = {repo, timeline, err};
    *ready = timeline_place(timeline, head) != NO_PLACE;
    if (*ready)
        return true;
    const bool on = timeline->walk && git_oid_equal(&timeline->walk->head, head);
    const bool good = (on || walk_begin(&noting, head)) && walk_on(&noting, ready, ms);
    if (!good || *ready)
        walk_free(STEAL(timeline->walk));
    if (good && *ready && timeline->commit_count >= timeline->saved + SAVE_AFTER)
        timeline_save(repo, timeline);
    return good;
}
