// See blame.h. Each version gets the lines that its children did not write, and hands on those that it did not either.
#include "host/repo/blame.h"

#include "host/repo/versions_own.h"
#include "host/repo/walk.h"
#include "lib/base/file.h"

enum { UNKNOWN = UINT32_MAX };

// A line of the working file, and which line it is in the version that has it now; both from 0.
struct owed {
    uint32_t line, here;
};

struct share { // what a version was handed
    struct owed *lines;
    size_t count;
};

struct blaming {
    struct repo *repo;
    const char *file;
    struct share *shares; // by place of the commit
    uint32_t *writer;     // by line: the commit; UNKNOWN: nobody yet
    size_t line_count;
    size_t diffs; // done
};

static void hand(struct share *share, const struct owed *lines, size_t count)
{
    if (count == 0)
        return;
    share->lines = xreallocarray(share->lines, share->count + count, sizeof *share->lines);
    memcpy(share->lines + share->count, lines, count * sizeof *lines);
    share->count += count;
}

// ---- which lines of one text stand in the other

struct hunks {
    struct hunk {
        uint32_t old_begin, old_end, new_begin, new_end;
    } * items;
    size_t count;
};

// With no lines of its own on a side, git names the line before.
static int on_hunk(const git_diff_delta *delta, const git_diff_hunk *hunk, void *payload)
{
    struct hunks *hunks = payload;
    const int old_begin = hunk->old_lines ? hunk->old_start - 1 : hunk->old_start;
    const int new_begin = hunk->new_lines ? hunk->new_start - 1 : hunk->new_start;
    (void)delta;
    hunks->items = xreallocarray(hunks->items, hunks->count + 1, sizeof *hunks->items);
    hunks->items[hunks->count++] =
        (struct hunk){(uint32_t)old_begin, (uint32_t)(old_begin + hunk->old_lines), (uint32_t)new_begin,
                      (uint32_t)(new_begin + hunk->new_lines)};
    return 0;
}

static git_diff_options diff_options(void)
{
    git_diff_options options = GIT_DIFF_OPTIONS_INIT;
    options.flags = GIT_DIFF_FORCE_TEXT | GIT_DIFF_INDENT_HEURISTIC;
    options.context_lines = 0;
    return options;
}

// Splits `share` (in order of `here`): what the old text has too goes to `handed`, with its place there; the rest stays.
static void split(struct share *share, struct share *handed, const struct hunks *hunks)
{
    size_t stays = 0, at = 0;
    int64_t shift = 0; // from a line of the new text to that of the old
    for (size_t i = 0; i < share->count; i++) {
        const struct owed owed = share->lines[i];
        for (; at < hunks->count && hunks->items[at].new_end <= owed.here; at++)
            shift = (int64_t)hunks->items[at].old_end - hunks->items[at].new_end;
        const bool is_new = at < hunks->count && owed.here >= hunks->items[at].new_begin;
        if (is_new)
            share->lines[stays++] = owed;
        else
            hand(handed, &(struct owed){owed.line, (uint32_t)(owed.here + shift)}, 1);
    }
    share->count = stays;
}

// ---- versions

// The file in the robot's tree; NULL when it is not there, or too large to be part of a robot.
static git_blob *blob_of(const struct blaming *blaming, const git_oid *robot)
{
    git_tree *tree = NULL;
    git_tree_entry *entry = NULL;
    git_blob *blob = NULL;
    struct err ignored;
    if (!git_oid_is_zero(robot) && git_tree_lookup(&tree, blaming->repo->repository, robot) == 0 &&
        git_tree_entry_bypath(&entry, tree, blaming->file) == 0 &&
        git_tree_entry_type(entry) == GIT_OBJECT_BLOB &&
        !repo_blob(blaming->repo, &blob, git_tree_entry_id(entry), blaming->file, &ignored))
        blob = NULL;
    git_tree_entry_free(entry);
    git_tree_free(tree);
    return blob;
}

static int by_here(const void *a, const void *b)
{
    const struct owed *one = a, *other = b;
    return one->here < other->here ? -1 : one->here > other->here;
}

static void hand_to_parent(struct blaming *blaming, struct share *share, git_blob *now, git_blob *was,
                           struct share *parent)
{
    struct hunks hunks = {0};
    const git_diff_options options = diff_options();
    if (git_oid_equal(git_blob_id(now), git_blob_id(was))) {
        hand(parent, share->lines, share->count);
        share->count = 0;
    } else if (++blaming->diffs <= BLAME_DIFFS_MAX &&
               git_diff_blobs(was, NULL, now, NULL, &options, NULL, NULL, on_hunk, NULL, &hunks) == 0)
        split(share, parent, &hunks);
    xfree(hunks.items);
}

static git_oid robot_at(const struct blaming *blaming, uint32_t place, const char *robot);

struct walking {
    struct blaming *blaming;
    const char *robot;
};

static void take_version(const struct walking *walking, const struct version_step *step, struct share *share)
{
    struct blaming *blaming = walking->blaming;
    git_blob *now = blob_of(blaming, step->content);
    qsort(share->lines, share->count, sizeof *share->lines, by_here);
    for (size_t i = 0; now && i < step->parent_count && share->count; i++) {
        const git_oid content = robot_at(blaming, step->parents[i], walking->robot);
        git_blob *was = blob_of(blaming, &content);
        if (was)
            hand_to_parent(blaming, share, now, was, &blaming->shares[step->parents[i]]);
        git_blob_free(was);
    }
    git_blob_free(now);
    for (size_t i = 0; i < share->count; i++)
        blaming->writer[share->lines[i].line] = step->place;
}

static bool on_step(void *owner, const struct version_step *step)
{
    const struct walking *walking = owner;
    struct share *share = &walking->blaming->shares[step->place];
    if (share->count == 0)
        return true;
    if (step->changed)
        take_version(walking, step, share);
    else if (step->parent_count)
        hand(&walking->blaming->shares[step->parents[0]], share->lines, share->count);
    xfree(share->lines);
    *share = (struct share){0};
    return true;
}

// The robot's tree at a commit.
static git_oid robot_at(const struct blaming *blaming, uint32_t place, const char *robot)
{
    git_tree *robots = NULL;
    git_oid found = {0};
    const git_oid *id = &blaming->repo->timeline->commits[place].robots;
    if (!git_oid_is_zero(id) && git_tree_lookup(&robots, blaming->repo->repository, id) == 0) {
        const git_tree_entry *entry = git_tree_entry_byname(robots, robot);
        if (entry && git_tree_entry_type(entry) == GIT_OBJECT_TREE)
            found = *git_tree_entry_id(entry);
    }
    git_tree_free(robots);
    return found;
}

// ---- the working file

// Its lines that the newest version has are handed to that; the others are nobody's.
static void begin(struct blaming *blaming, const char *robot, struct text content, uint32_t head)
{
    struct hunks hunks = {0};
    struct share all = {0};
    const git_diff_options options = diff_options();
    const git_oid tree = robot_at(blaming, head, robot);
    git_blob *newest = blob_of(blaming, &tree);
    for (uint32_t i = 0; i < blaming->line_count; i++)
        hand(&all, &(struct owed){i, i}, 1);
    if (newest && git_diff_blob_to_buffer(newest, NULL, content.data, content.length, NULL, &options, NULL,
                                          NULL, on_hunk, NULL, &hunks) == 0)
        split(&all, &blaming->shares[head], &hunks);
    git_blob_free(newest);
    xfree(hunks.items);
    xfree(all.lines);
}

static bool list_files(struct buf *out, int folder)
{
    SCOPED_NAMES names = {NULL, -1};
    names.count = scandirat(folder, ".", &names.list, walk_is_name, alphasort);
    for (int i = 0; i < names.count; i++)
        if (walk_kind_of(folder, names.list[i]->d_name) == WALK_FILE &&
            !buf_printf(out, "%s%s", out->length ? ", " : "", names.list[i]->d_name))
            return false;
    return true;
}

static bool no_file(const struct repo *repo, const char *robot, const char *file, struct err *err)
{
    SCOPED_BUF(files, ERR_ARGUMENT_MAX);
    SCOPED_TEXT char *path = xasprintf("robots/%s", robot);
    SCOPED_FD folder = walk_enter(repo->folder, path);
    if (folder < 0)
        return fail(err, ERR_ROBOT_UNKNOWN, robot);
    (void)list_files(&files, folder);
    return fail(err, ERR_VERSION_NO_FILE, robot, file, buf_string(&files));
}

// The folder that a path within the robot ends in, and the last name; -1 where a part is no plain folder. No link is
// followed.
static int enter_folder(const struct repo *repo, const char *robot, const char *file, struct text *name)
{
    SCOPED_TEXT char *top = xasprintf("robots/%s", robot);
    struct text rest = text_from(file);
    int folder = walk_enter(repo->folder, top);
    while (folder >= 0 && text_cut(&rest, '/', name)) {
        SCOPED_TEXT char *part = text_copy(*name);
        if (!gitobject_name_is_safe(*name)) {
            close(folder);
            return -1;
        }
        if (!rest.data)
            return folder;
        const int inner = walk_enter(folder, part);
        close(folder);
        folder = inner;
    }
    return folder;
}

static bool read_working(const struct repo *repo, struct buf *out, const char *robot, const char *file,
                         struct err *err)
{
    struct err ignored;
    struct text name;
    SCOPED_FD folder = enter_folder(repo, robot, file, &name);
    SCOPED_TEXT char *last = folder >= 0 ? text_copy(name) : NULL;
    if (folder < 0 || walk_kind_of(folder, last) != WALK_FILE || !file_read(out, folder, last, &ignored) ||
        memchr(buf_text(out).data, '\0', out->length))
        return no_file(repo, robot, file, err);
    return true;
}

static size_t count_lines(struct text content)
{
    size_t count = content.length && content.data[content.length - 1] != '\n';
    for (size_t i = 0; i < content.length; i++)
        count += content.data[i] == '\n';
    return count;
}

// ---- telling

static bool tell(const struct blaming *blaming, const char *robot, struct text content, blame_visitor visit,
                 void *owner, struct err *err)
{
    const struct version_query query = {.robot = robot};
    SCOPED_HISTORY history = {0};
    struct text rest = content, text;
    struct version version;
    uint32_t known = UNKNOWN;
    bool good = true;
    history_collect(&history, blaming->repo, &query);
    for (size_t i = 0; good && i < blaming->line_count && text_cut(&rest, '\n', &text); i++) {
        const uint32_t place = blaming->writer[i];
        for (size_t at = 0; place != known && at < history.count; at++)
            if (history.items[at].place == place) {
                history_describe(&version, blaming->repo, &history, at);
                known = place;
            }
        if (text_ends(text, "\r"))
            text.length--;
        good = visit(owner, &(struct blame_line){place == known && place != UNKNOWN ? &version : NULL, text},
                     err);
    }
    return good;
}

bool repo_blame(struct repo *repo, const char *robot, const char *file, blame_visitor visit, void *owner,
                struct err *err)
{
    git_oid head;
    struct blaming blaming = {.repo = repo, .file = file};
    SCOPED_BUF(content, REPO_FILE_BYTES_MAX);
    if (!read_working(repo, &content, robot, file, err))
        return false;
    blaming.line_count = count_lines(buf_text(&content));
    if (blaming.line_count > BLAME_LINES_MAX)
        return fail(err, ERR_BLAME_LIMIT, file, N(BLAME_LINES_MAX), N(REPO_FILE_BYTES_MAX >> 10));
    SCOPED_TEXT uint32_t *writer = xcalloc(blaming.line_count + 1, sizeof *writer);
    memset(writer, 0xFF, blaming.line_count * sizeof *writer);
    blaming.writer = writer;
    if (repo->timeline && git_reference_name_to_id(&head, repo->repository, "HEAD") == 0) {
        const size_t count = repo->timeline->commit_count;
        blaming.shares = xcalloc(count, sizeof *blaming.shares);
        begin(&blaming, robot, buf_text(&content), timeline_place(repo->timeline, &head));
        versions_walk(repo, robot, on_step, &(struct walking){&blaming, robot});
        for (size_t i = 0; i < count; i++)
            xfree(blaming.shares[i].lines);
        xfree(blaming.shares);
    }
    return tell(&blaming, robot, buf_text(&content), visit, owner, err);
}
