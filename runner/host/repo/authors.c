// See authors.h. History is followed as `git log -- PATH` does: where a merge took one parent's content as it was, only
// that parent is followed.
#include "host/repo/authors.h"

#include "host/repo/repo_own.h"

struct walk {
    struct repo *repo;
    const struct authors_query *query;
    git_oid *waiting, *seen; // seen: open addressing, zero for free
    size_t count, room, seen_count, seen_room;
    char *base;
    struct err *err;
};

// ---- commits that were seen

static bool is_seen(struct walk *walk, const git_oid *id)
{
    size_t at = 0;
    memcpy(&at, id->id, sizeof at);
    for (at %= walk->seen_room; !git_oid_is_zero(&walk->seen[at]); at = (at + 1) % walk->seen_room)
        if (git_oid_equal(&walk->seen[at], id))
            return true;
    walk->seen[at] = *id;
    walk->seen_count++;
    return false;
}

static void grow_seen(struct walk *walk)
{
    git_oid *former = walk->seen;
    const size_t room = walk->seen_room;
    walk->seen_room = room ? 2 * room : 256;
    walk->seen = xcalloc(walk->seen_room, sizeof *walk->seen);
    walk->seen_count = 0;
    for (size_t i = 0; i < room; i++)
        if (!git_oid_is_zero(&former[i]))
            (void)is_seen(walk, &former[i]);
    xfree(former);
}

static bool push(struct walk *walk, const git_oid *id)
{
    if (walk->seen_count * 2 >= walk->seen_room)
        grow_seen(walk);
    if (is_seen(walk, id))
        return true;
    if (walk->seen_count > AUTHORS_COMMITS_MAX)
        return fail(walk->err, ERR_LIMIT_PASSED, "commits", N(AUTHORS_COMMITS_MAX));
    if (walk->count == walk->room) {
        walk->room = walk->room ? 2 * walk->room : 64;
        walk->waiting = xreallocarray(walk->waiting, walk->room, sizeof *walk->waiting);
    }
    walk->waiting[walk->count++] = *id;
    return true;
}

// ---- who wrote a commit

// "Co-authored-by: Name <mail>"
static void tell_co_author(const struct walk *walk, struct text line)
{
    struct text rest = line, key, name, email;
    if (text_cut(&rest, ':', &key) && text_equal_ascii_case(key, TEXT_OF("co-authored-by")) &&
        text_cut(&rest, '<', &name) && text_cut(&rest, '>', &email))
        walk->query->visit(walk->query->owner, AUTHOR_WROTE, text_trim(name), text_trim(email));
}

static void tell_authors(const struct walk *walk, const git_commit *commit)
{
    const git_signature *author = git_commit_author(commit), *committer = git_commit_committer(commit);
    const struct authors_query *query = walk->query;
    struct text rest = text_from(git_commit_message(commit)), line;
    query->visit(query->owner, AUTHOR_WROTE, text_from(author->name), text_from(author->email));
    query->visit(query->owner, AUTHOR_COMMITTED, text_from(committer->name), text_from(committer->email));
    while (text_cut(&rest, '\n', &line))
        tell_co_author(walk, line);
}

// ---- the walk

// "" when the commit has no such robot, or none that can be read.
static void content_at(const struct walk *walk, char tree[REPO_ID_SIZE], const git_oid *commit)
{
    char id[REPO_ID_SIZE];
    struct err ignored;
    git_oid_tostr(id, sizeof id, commit);
    if (!repo_content(walk->repo, tree, walk->query->robot, id, &ignored))
        tree[0] = '\0';
}

static bool is_base(struct walk *walk, const char *tree)
{
    if (!tree[0] || strcmp(tree, walk->query->tree) == 0 || !walk->query->is_base(walk->query->owner, tree))
        return false;
    if (!walk->base[0])
        memcpy(walk->base, tree, REPO_ID_SIZE);
    return true;
}

// The content was there before, and what came after it was taken back.
static bool begin_again(struct walk *walk, const git_oid *id)
{
    walk->count = 0;
    walk->base[0] = '\0';
    walk->query->again(walk->query->owner);
    return push(walk, id);
}

static bool push_parents(struct walk *walk, const git_commit *commit)
{
    for (unsigned i = 0; i < git_commit_parentcount(commit); i++) {
        const git_oid *id = git_commit_parent_id(commit, i);
        char tree[REPO_ID_SIZE];
        content_at(walk, tree, id);
        if (walk->query->again && strcmp(tree, walk->query->tree) == 0)
            return begin_again(walk, id);
        if (tree[0] && !is_base(walk, tree) && !push(walk, id))
            return false;
    }
    return true;
}

// A parent with the same content; NULL when the commit changed it.
static const git_oid *same_parent(const struct walk *walk, const git_commit *commit, const char *tree)
{
    for (unsigned i = 0; i < git_commit_parentcount(commit); i++) {
        char before[REPO_ID_SIZE];
        content_at(walk, before, git_commit_parent_id(commit, i));
        if (strcmp(before, tree) == 0)
            return git_commit_parent_id(commit, i);
    }
    return NULL;
}

static bool look_at(struct walk *walk, const git_oid *id)
{
    git_commit *commit = NULL;
    char tree[REPO_ID_SIZE];
    content_at(walk, tree, id);
    if (git_commit_lookup(&commit, walk->repo->repository, id) != 0)
        return repo_failed(walk->err, "robots");
    const git_oid *same = same_parent(walk, commit, tree);
    if (!same)
        tell_authors(walk, commit);
    const bool good = same ? push(walk, same) : push_parents(walk, commit);
    git_commit_free(commit);
    return good;
}

// The newest commit with this content, of the branch or of another one.
static bool find_begin(struct walk *walk, bool *found, git_oid *out)
{
    git_revwalk *revisions = NULL;
    size_t count = 0;
    *found = false;
    bool good = git_revwalk_new(&revisions, walk->repo->repository) == 0 &&
                git_revwalk_sorting(revisions, GIT_SORT_TIME) == 0 && git_revwalk_push_head(revisions) == 0 &&
                git_revwalk_push_glob(revisions, "refs/heads/*") == 0;
    while (good && !*found && count++ < AUTHORS_COMMITS_MAX && git_revwalk_next(out, revisions) == 0) {
        char tree[REPO_ID_SIZE];
        content_at(walk, tree, out);
        *found = strcmp(tree, walk->query->tree) == 0;
    }
    git_revwalk_free(revisions);
    return good ? true : repo_failed(walk->err, "HEAD");
}

bool repo_authors(struct repo *repo, bool *found, char base[REPO_ID_SIZE], const struct authors_query *query,
                  struct err *err)
{
    struct walk walk = {.repo = repo, .query = query, .base = base, .err = err};
    git_oid id;
    base[0] = '\0';
    bool good = find_begin(&walk, found, &id) && (!*found || push(&walk, &id));
    while (good && walk.count) {
        id = walk.waiting[--walk.count];
        good = look_at(&walk, &id);
    }
    xfree(walk.waiting);
    xfree(walk.seen);
    return good;
}
