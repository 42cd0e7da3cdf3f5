// See versions.h. One pass over the timeline gives what the paths are at each commit; a walk from the newest, by git's
// own rule of what to leave out, gives those that changed them.
#include "host/repo/versions.h"

#include "host/repo/versions_own.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

enum { ROBOT = 0, SCHEDULE = 1, MODULES = 2, PATHS_MAX = VERSION_PATHS_MAX + 2, DIGITS_LEAST = 4 };

// ---- what the paths are at each commit

// Contents of all paths together; each different one is kept once, so that equal numbers mean equal contents.
struct states {
    size_t width; // paths
    git_oid *rows;
    size_t count, room;
    struct places by_content;
};

static const git_oid *row_of(const struct states *states, uint32_t place)
{
    return states->rows + place * states->width;
}

static bool is_row(const void *owner, uint32_t place, const void *key)
{
    const struct states *states = owner;
    return memcmp(row_of(states, place), key, states->width * sizeof(git_oid)) == 0;
}

static uint32_t state_of(struct states *states, const git_oid *row)
{
    const size_t bytes = states->width * sizeof *row;
    const uint32_t hash = places_hash(row, bytes),
                   known = places_find(&states->by_content, hash, is_row, states, row);
    if (known != NO_PLACE)
        return known;
    if (states->count == states->room) {
        states->room = states->room ? 2 * states->room : 64;
        states->rows = xreallocarray(states->rows, states->room * states->width, sizeof *row);
    }
    memcpy(states->rows + states->count * states->width, row, bytes);
    places_add(&states->by_content, hash, (uint32_t)states->count);
    return (uint32_t)states->count++;
}

// One listing: paths, what they are at each commit, and which commits were found.
struct listing {
    struct repo *repo;
    const struct timeline *timeline;
    uint32_t names[PATHS_MAX]; // of the timeline; NO_PLACE: no commit has it
    struct states states;      // 0: nothing there
    uint32_t *state;           // by commit
    uint32_t head;
};

static void listing_dispose(struct listing *listing)
{
    xfree(listing->states.rows);
    places_dispose(&listing->states.by_content);
    xfree(listing->state);
}
#define SCOPED_LISTING __attribute__((cleanup(listing_dispose))) struct listing

static bool change_row(const struct listing *listing, git_oid *row, const struct timeline_commit *commit)
{
    bool changed = false;
    for (uint32_t i = 0; i < commit->change_count; i++) {
        const struct timeline_change *change = &listing->timeline->changes[commit->changes + i];
        for (size_t path = 0; path < listing->states.width; path++)
            if (listing->names[path] == change->name) {
                row[path] = change->id;
                changed = true;
            }
    }
    return changed;
}

static void follow_paths(struct listing *listing)
{
    git_oid row[PATHS_MAX] = {0};
    const struct timeline *timeline = listing->timeline;
    listing->state = xcalloc(timeline->commit_count, sizeof *listing->state);
    (void)state_of(&listing->states, row);
    for (size_t i = 0; i <= listing->head; i++) {
        const struct timeline_commit *commit = &timeline->commits[i];
        const uint32_t before = commit->parent_count ? listing->state[timeline->parents[commit->parents]] : 0;
        memcpy(row, row_of(&listing->states, before), listing->states.width * sizeof *row);
        listing->state[i] = change_row(listing, row, commit) ? state_of(&listing->states, row) : before;
    }
}

// Of all robots and schedules the folders themselves are compared.
static void follow_folders(struct listing *listing)
{
    const struct timeline *timeline = listing->timeline;
    git_oid row[2] = {0};
    listing->state = xcalloc(timeline->commit_count, sizeof *listing->state);
    (void)state_of(&listing->states, row);
    for (size_t i = 0; i <= listing->head; i++) {
        row[0] = timeline->commits[i].robots;
        row[1] = timeline->commits[i].schedules;
        listing->state[i] = state_of(&listing->states, row);
    }
}

static void listing_begin(struct listing *listing, const struct version_query *query, const char *robot)
{
    if (!robot) {
        listing->states.width = 2;
        follow_folders(listing);
        return;
    }
    SCOPED_TEXT char *folder = xasprintf("robots/%s", robot);
    SCOPED_TEXT char *schedule = xasprintf("schedules/%s.lua", robot);
    listing->names[ROBOT] = timeline_name(listing->timeline, folder);
    listing->names[SCHEDULE] = timeline_name(listing->timeline, schedule);
    listing->states.width = MODULES;
    for (size_t i = 0; query->modules && query->modules[i] && listing->states.width < PATHS_MAX; i++) {
        SCOPED_TEXT char *module = xasprintf("robots/lib/%s", query->modules[i]);
        listing->names[listing->states.width++] = timeline_name(listing->timeline, module);
    }
    follow_paths(listing);
}

// ---- which commits changed them

// As git does it: a commit that has the paths of one of its parents is passed over, and only that parent is followed.
struct found {
    uint32_t *parents; // followed ones of each commit, `all` as a mark for every one
    uint32_t *waiting; // how many followed children were not told yet; 0 and not seen: not on the way
    bool *seen, *changed;
};
enum { FOLLOW_ALL = UINT32_MAX - 1, FOLLOW_NONE = UINT32_MAX };

static void simplify(const struct listing *listing, const struct found *found, uint32_t place)
{
    const struct timeline_commit *commit = &listing->timeline->commits[place];
    const uint32_t *parents = listing->timeline->parents + commit->parents, state = listing->state[place];
    found->parents[place] = commit->parent_count ? FOLLOW_ALL : FOLLOW_NONE;
    for (uint32_t i = 0; i < commit->parent_count; i++)
        if (listing->state[parents[i]] == state) {
            found->parents[place] = i;
            return;
        }
    found->changed[place] = commit->parent_count > 0 || state != 0;
}

typedef void (*parent_visitor)(void *owner, uint32_t place);
static void each_followed(const struct listing *listing, const struct found *found, uint32_t place,
                          parent_visitor visit, void *owner)
{
    const struct timeline_commit *commit = &listing->timeline->commits[place];
    for (uint32_t i = 0; i < commit->parent_count; i++)
        if (found->parents[place] == FOLLOW_ALL || found->parents[place] == i)
            visit(owner, listing->timeline->parents[commit->parents + i]);
}

static void count_child(void *owner, uint32_t place)
{
    struct found *found = owner;
    found->seen[place] = true;
    found->waiting[place]++;
}

// ---- in order: no commit before its children, the newest first

struct ready {
    const struct timeline *timeline;
    struct found *found;
    uint32_t *heap;
    size_t count;
};

static bool is_newer(const struct ready *ready, uint32_t a, uint32_t b)
{
    const int64_t x = ready->timeline->commits[a].time, y = ready->timeline->commits[b].time;
    return x != y ? x > y : a > b;
}

static void swap(uint32_t *a, uint32_t *b)
{
    const uint32_t kept = *a;
    *a = *b;
    *b = kept;
}

static void ready_push(struct ready *ready, uint32_t place)
{
    size_t at = ready->count++;
    for (ready->heap[at] = place; at && is_newer(ready, ready->heap[at], ready->heap[(at - 1) / 2]);
         at = (at - 1) / 2)
        swap(&ready->heap[at], &ready->heap[(at - 1) / 2]);
}

static uint32_t ready_pop(struct ready *ready)
{
    const uint32_t first = ready->heap[0];
    ready->heap[0] = ready->heap[--ready->count];
    for (size_t at = 0;;) {
        size_t newest = at;
        for (size_t child = 2 * at + 1; child <= 2 * at + 2 && child < ready->count; child++)
            if (is_newer(ready, ready->heap[child], ready->heap[newest]))
                newest = child;
        if (newest == at)
            return first;
        swap(&ready->heap[at], &ready->heap[newest]);
        at = newest;
    }
}

static void child_told(void *owner, uint32_t place)
{
    struct ready *ready = owner;
    if (--ready->found->waiting[place] == 0)
        ready_push(ready, place);
}

static const git_oid *content_at(const struct listing *listing, uint32_t place, size_t path)
{
    return row_of(&listing->states, listing->state[place]) + path;
}

static void take_parent(void *owner, uint32_t place)
{
    struct version_step *step = owner;
    step->parents[step->parent_count++] = place;
}

static void walk(const struct listing *listing, step_visitor visit, void *owner)
{
    const size_t room = (size_t)listing->head + 1;
    struct found found = {xcalloc(room, sizeof(uint32_t)), xcalloc(room, sizeof(uint32_t)), xcalloc(room, 1),
                          xcalloc(room, 1)};
    struct ready ready = {listing->timeline, &found, xcalloc(room, sizeof(uint32_t)), 0};
    uint32_t parents[TIMELINE_PARENTS_MAX];
    bool on = true;
    found.seen[listing->head] = true;
    for (uint32_t i = listing->head + 1; i-- > 0;) // parents stand before their children
        if (found.seen[i]) {
            simplify(listing, &found, i);
            each_followed(listing, &found, i, count_child, &found);
        }
    for (ready_push(&ready, listing->head); ready.count && on;) {
        const uint32_t place = ready_pop(&ready);
        struct version_step step = {place, found.changed[place], content_at(listing, place, ROBOT), parents,
                                    0};
        each_followed(listing, &found, place, take_parent, &step);
        on = visit(owner, &step);
        each_followed(listing, &found, place, child_told, &ready);
    }
    xfree(found.parents);
    xfree(found.waiting);
    xfree(found.seen);
    xfree(found.changed);
    xfree(ready.heap);
}

struct places_found {
    uint32_t *list;
    size_t count;
};

static bool take_changed(void *owner, const struct version_step *step)
{
    struct places_found *found = owner;
    if (step->changed)
        found->list[found->count++] = step->place;
    return true;
}

// Places of the commits that changed the paths, the newest first; the caller frees them.
static uint32_t *changes_of(const struct listing *listing, size_t *count)
{
    struct places_found found = {xcalloc((size_t)listing->head + 1, sizeof(uint32_t)), 0};
    walk(listing, take_changed, &found);
    *count = found.count;
    return found.list;
}

// ---- a robot that was renamed

static uint32_t first_parent(const struct timeline *timeline, uint32_t place)
{
    const struct timeline_commit *commit = &timeline->commits[place];
    return commit->parent_count ? timeline->parents[commit->parents] : NO_PLACE;
}

// Whether both trees have the same file of this name.
static bool same_file(const struct repo *repo, const git_oid *a, const git_oid *b, const char *name)
{
    git_tree *one = NULL, *other = NULL;
    bool same = false;
    if (git_tree_lookup(&one, repo->repository, a) == 0 &&
        git_tree_lookup(&other, repo->repository, b) == 0) {
        const git_tree_entry *x = git_tree_entry_byname(one, name), *y = git_tree_entry_byname(other, name);
        same = x && y && git_oid_equal(git_tree_entry_id(x), git_tree_entry_id(y));
    }
    git_tree_free(one);
    git_tree_free(other);
    return same;
}

// What a path was at a commit, by walking back; for the few times when a robot appears.
static git_oid walk_back(const struct timeline *timeline, uint32_t place, uint32_t name)
{
    for (; place != NO_PLACE; place = first_parent(timeline, place)) {
        const struct timeline_commit *commit = &timeline->commits[place];
        for (uint32_t i = 0; i < commit->change_count; i++)
            if (timeline->changes[commit->changes + i].name == name)
                return timeline->changes[commit->changes + i].id;
    }
    return (git_oid){0};
}

// The name it had before this commit added it; NULL when it is new.
static const char *former_name(const struct listing *listing, uint32_t place)
{
    const struct timeline *timeline = listing->timeline;
    const struct timeline_commit *commit = &timeline->commits[place];
    const git_oid *now = content_at(listing, place, ROBOT);
    const char *found = NULL;
    for (uint32_t i = 0; i < commit->change_count; i++) {
        const struct timeline_change *change = &timeline->changes[commit->changes + i];
        const char *name = timeline->names[change->name];
        if (!git_oid_is_zero(&change->id) || strncmp(name, "robots/", 7) != 0 ||
            !robot_name_is_valid(name + 7))
            continue;
        const git_oid was = walk_back(timeline, first_parent(timeline, place), change->name);
        if (git_oid_equal(&was, now))
            return name + 7;
        if (!found && same_file(listing->repo, &was, now, "robot.lua"))
            found = name + 7;
    }
    return found;
}

static enum version_kind kind_of(const struct listing *listing, uint32_t place)
{
    const uint32_t parent = first_parent(listing->timeline, place);
    const bool is = !git_oid_is_zero(content_at(listing, place, ROBOT));
    const bool was = parent != NO_PLACE && !git_oid_is_zero(content_at(listing, parent, ROBOT));
    return is == was ? VERSION_CHANGED : is ? VERSION_ADDED : VERSION_REMOVED;
}

static unsigned what_of(const struct listing *listing, uint32_t place)
{
    const uint32_t parent = first_parent(listing->timeline, place);
    unsigned what = 0;
    for (size_t path = 0; path < listing->states.width; path++) {
        static const git_oid none;
        const git_oid *was = parent == NO_PLACE ? &none : content_at(listing, parent, path);
        if (!git_oid_equal(was, content_at(listing, place, path)))
            what |= path == ROBOT      ? VERSION_OF_ROBOT
                    : path == SCHEDULE ? VERSION_OF_SCHEDULE
                                       : VERSION_OF_MODULES;
    }
    return what;
}

// ---- the whole history, over all names that the robot had

void history_dispose(struct history *history)
{
    xfree(history->items);
}

static void add_item(struct history *history, const struct history_item *item)
{
    history->items = xreallocarray(history->items, history->count + 1, sizeof *history->items);
    history->items[history->count++] = *item;
}

// Adds the versions under one name; *former is the name it had before these, *head where to go on.
static void add_named(struct history *history, struct repo *repo, const struct version_query *query,
                      const char *robot, uint32_t *head, const char **former)
{
    size_t count;
    SCOPED_LISTING listing = {.repo = repo, .timeline = repo->timeline, .head = *head};
    listing_begin(&listing, query, robot);
    SCOPED_TEXT uint32_t *list = changes_of(&listing, &count);
    *former = NULL;
    for (size_t i = 0; i < count && !*former; i++) {
        struct history_item item = {list[i], VERSION_CHANGED, 0, robot, NULL};
        if (robot) {
            item.kind = kind_of(&listing, list[i]);
            item.what = what_of(&listing, list[i]);
        }
        if (item.kind == VERSION_ADDED && (item.was = former_name(&listing, list[i])) != NULL) {
            item.kind = VERSION_RENAMED;
            *former = item.was;
            *head = first_parent(repo->timeline, list[i]);
        }
        add_item(history, &item);
    }
}

static bool head_place(struct repo *repo, uint32_t *place)
{
    git_oid head;
    *place = NO_PLACE;
    if (git_reference_name_to_id(&head, repo->repository, "HEAD") == 0 && repo->timeline)
        *place = timeline_place(repo->timeline, &head);
    return *place != NO_PLACE;
}

void history_collect(struct history *history, struct repo *repo, const struct version_query *query)
{
    uint32_t head;
    const char *name = query->robot, *former;
    if (!head_place(repo, &head))
        return;
    for (int renames = 0; renames <= VERSION_RENAMES_MAX; renames++) {
        add_named(history, repo, query, name, &head, &former);
        if (!former)
            return;
        name = former;
    }
}

// ---- what a commit says of itself

// Replaces what a terminal would obey: control characters, and marks of the direction of writing.
static bool is_harmful(uint32_t c)
{
    return c < 0x20 || (c >= 0x7F && c < 0xA0) || (c >= 0x202A && c <= 0x202E) ||
           (c >= 0x2066 && c <= 0x2069) || c == 0x200E || c == 0x200F || c == 0x061C || c == 0x2028 ||
           c == 0x2029;
}

static void take_text(char out[VERSION_TEXT_MAX + 1], const char *text)
{
    const size_t most = (size_t)16 * VERSION_TEXT_MAX;
    out[0] = '\0';
    if (!text)
        return;
    const struct text whole = text_of(text, strnlen(text, most));
    const bool cut = whole.length == most; // perhaps inside a character
    const bool latin = text_utf8_valid(whole) + (cut ? 3 : 0) < whole.length;
    struct text rest = whole;
    size_t used = 0;
    while (rest.length && *rest.data != '\n') {
        char encoded[4];
        uint32_t c = (unsigned char)*rest.data;
        const size_t read = latin ? 1 : text_utf8_decode(rest, &c);
        const size_t length = text_utf8_encode(read == 0 || is_harmful(c) ? 0xFFFD : c, encoded);
        if (used + length > VERSION_TEXT_MAX)
            break;
        memcpy(out + used, encoded, length);
        used += length;
        rest = text_of(rest.data + (read ? read : 1), rest.length - (read ? read : 1));
    }
    out[used] = '\0';
}

// A commit that can't be read (its objects are gone since) is told by its id alone.
static void take_commit(struct version *out, const struct repo *repo, const struct timeline_commit *noted)
{
    git_commit *commit = NULL;
    out->time_ms = noted->time * 1000;
    if (git_commit_lookup(&commit, repo->repository, &noted->id) != 0)
        return;
    const git_signature *author = git_commit_author(commit);
    const char *message = git_commit_message(commit);
    take_text(out->author, author->name);
    take_text(out->mail, author->email);
    take_text(out->subject, message + strspn(message, "\n\r\t "));
    out->time_ms = author->when.time * 1000;
    git_commit_free(commit);
}

static void take_names(struct version *out, const struct timeline *timeline,
                       const struct timeline_commit *commit)
{
    for (uint32_t i = 0; i < commit->change_count; i++) {
        const char *name = timeline->names[timeline->changes[commit->changes + i].name];
        if (strcmp(name, "robots/lib") == 0)
            continue; // its modules are named
        if (out->name_count < VERSION_NAMES_MAX - 1)
            out->names[out->name_count] = name;
        out->name_count++;
    }
}

void history_describe(struct version *out, const struct repo *repo, const struct history *history,
                      size_t index)
{
    const struct history_item *item = &history->items[index];
    const struct timeline_commit *commit = &repo->timeline->commits[item->place];
    const uint32_t parent = first_parent(repo->timeline, item->place);
    *out = (struct version){.kind = item->kind, .what = item->what, .merge = commit->parent_count > 1};
    git_oid_tostr(out->commit, sizeof out->commit, &commit->id);
    if (parent != NO_PLACE)
        git_oid_tostr(out->before, sizeof out->before, &repo->timeline->commits[parent].id);
    take_commit(out, repo, commit);
    if (!item->robot) {
        take_names(out, repo->timeline, commit);
        return;
    }
    out->number = (int64_t)(history->count - index);
    (void)snprintf(out->robot, sizeof out->robot, "%s", item->robot);
    (void)snprintf(out->was, sizeof out->was, "%s", item->was ? item->was : "");
}

// ---- for others

void versions_walk(struct repo *repo, const char *robot, step_visitor visit, void *owner)
{
    const struct version_query query = {.robot = robot};
    SCOPED_LISTING listing = {.repo = repo, .timeline = repo->timeline};
    if (!head_place(repo, &listing.head))
        return;
    listing_begin(&listing, &query, robot);
    walk(&listing, visit, owner);
}

bool repo_versions_prepare(struct repo *repo, bool *ready, int64_t ms, struct err *err)
{
    struct timeline *timeline;
    git_oid head;
    *ready = true;
    if (git_reference_name_to_id(&head, repo->repository, "HEAD") != 0)
        return true; // no commit yet
    return timeline_of(repo, &timeline, ready, &head, ms, err);
}

bool repo_versions(struct repo *repo, int64_t *total, const struct version_query *query,
                   version_visitor visit, void *owner, struct err *err)
{
    SCOPED_HISTORY history = {0};
    history_collect(&history, repo, query);
    *total = (int64_t)history.count;
    for (size_t i = 0; i < history.count && (int64_t)i < query->most; i++) {
        struct version version;
        history_describe(&version, repo, &history, i);
        if (!visit(owner, &version, err))
            return false;
    }
    return true;
}

static bool is_id(struct text text)
{
    if (text.length < DIGITS_LEAST || text.length > GIT_OID_HEXSZ)
        return false;
    for (size_t i = 0; i < text.length; i++)
        if (!isxdigit((unsigned char)text.data[i]))
            return false;
    return true;
}

static bool starts_with_id(const git_oid *id, struct text digits)
{
    char shown[GIT_OID_HEXSZ + 1];
    git_oid_tostr(shown, sizeof shown, id);
    return text_equal_ascii_case(text_of(shown, digits.length), digits);
}

static bool unknown(struct err *err, const struct version_query *query, const char *text, size_t count)
{
    return count ? fail(err, ERR_VERSION_UNKNOWN, query->robot, text, N((int64_t)count))
                 : fail(err, ERR_VERSION_NONE, query->robot);
}

// Any commit is a version too: what the robot was at it.
static bool find_commit(struct repo *repo, struct version *out, const struct version_query *query,
                        const char *text, size_t count, struct err *err)
{
    const struct timeline *timeline = repo->timeline;
    uint32_t found = NO_PLACE;
    for (uint32_t i = 0; i < timeline->commit_count; i++) {
        if (!starts_with_id(&timeline->commits[i].id, text_from(text)))
            continue;
        if (found != NO_PLACE)
            return fail(err, ERR_VERSION_UNCLEAR, text);
        found = i;
    }
    if (found == NO_PLACE)
        return unknown(err, query, text, count);
    struct history_item item = {found, VERSION_CHANGED, 0, query->robot, NULL};
    const struct history one = {&item, 1};
    history_describe(out, repo, &one, 0);
    out->number = 0;
    return true;
}

static bool find_id(struct repo *repo, struct version *out, const struct version_query *query,
                    const struct history *history, const char *text, struct err *err)
{
    size_t found = history->count;
    for (size_t i = 0; i < history->count; i++) {
        if (!starts_with_id(&repo->timeline->commits[history->items[i].place].id, text_from(text)))
            continue;
        if (found < history->count)
            return fail(err, ERR_VERSION_UNCLEAR, text);
        found = i;
    }
    if (found == history->count)
        return find_commit(repo, out, query, text, history->count, err);
    history_describe(out, repo, history, found);
    return true;
}

static size_t index_of_text(const struct repo *repo, const struct history *history, const char *text,
                            int64_t until_ms)
{
    const struct text number = text_from(*text == 'v' ? text + 1 : text);
    int64_t wanted;
    if (until_ms > 0) {
        size_t at = 0;
        while (at < history->count &&
               repo->timeline->commits[history->items[at].place].time * 1000 >= until_ms)
            at++;
        return at;
    }
    if (strcmp(text, "newest") == 0)
        return 0;
    return text_to_int64(number, &wanted) && wanted >= 1 && wanted <= (int64_t)history->count
               ? history->count - (size_t)wanted
               : history->count;
}

bool repo_version_find(struct repo *repo, struct version *out, const struct version_query *query,
                       const char *text, int64_t until_ms, struct err *err)
{
    SCOPED_HISTORY history = {0};
    history_collect(&history, repo, query);
    const size_t at = index_of_text(repo, &history, text, until_ms);
    if (at < history.count) {
        history_describe(out, repo, &history, at);
        return true;
    }
    return until_ms == 0 && history.count && is_id(text_from(text))
               ? find_id(repo, out, query, &history, text, err)
               : unknown(err, query, text, history.count);
}
