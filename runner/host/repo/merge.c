// Three trees into one, by libgit2; and what stands in the way, as text. In the host.
//
// Renames are followed as git follows them. A file whose lines both changed differently is a conflict and never decided
// here. Nothing of the repository's configuration (merge drivers) has a say.
#include "host/repo/save_own.h"

enum { MARKER_LENGTH = 7 };

static bool merge_with(struct repo *repo, git_index **out, git_tree *base, git_tree *branch, git_tree *mine,
                       unsigned flags)
{
    git_merge_options options = GIT_MERGE_OPTIONS_INIT;
    options.flags = flags;
    return git_merge_trees(out, repo->repository, base, branch, mine, &options) == 0;
}

// ---- a file here, a folder there

// libgit2 merges a file and a folder of one name without a word, and keeps one of them.
struct clash {
    git_tree *base, *here, *there;
    git_index *found; // NULL: none
};

static bool entry_at(git_index_entry *out, git_tree *tree, const char *path)
{
    git_tree_entry *entry = NULL;
    if (!tree || git_tree_entry_bypath(&entry, tree, path) != 0)
        return false;
    const bool file = git_tree_entry_type(entry) != GIT_OBJECT_TREE;
    *out = (git_index_entry){
        .path = path, .mode = git_tree_entry_filemode(entry), .id = *git_tree_entry_id(entry)};
    git_tree_entry_free(entry);
    return file;
}

// Whether the other tree has a file, new or changed, where this path has a folder.
static bool has_file_above(const struct clash *clash, const char *path)
{
    git_index_entry entry, before;
    SCOPED_TEXT char *above = xstrdup(path);
    for (char *slash; (slash = strrchr(above, '/'));) {
        *slash = '\0';
        if (entry_at(&entry, clash->there, above) &&
            (!entry_at(&before, clash->base, above) || !git_oid_equal(&entry.id, &before.id)))
            return true;
    }
    return false;
}

static int look_for_clash(const git_diff_delta *delta, float progress, void *owner)
{
    struct clash *clash = owner;
    git_index_entry base, here;
    const char *path = delta->new_file.path;
    (void)progress;
    if (delta->status == GIT_DELTA_DELETED || !has_file_above(clash, path) ||
        !entry_at(&here, clash->here, path))
        return 0;
    const bool before = entry_at(&base, clash->base, path);
    if (!clash->found && git_index_new(&clash->found) != 0)
        return -1;
    return git_index_conflict_add(clash->found, before ? &base : NULL, NULL, &here);
}

static bool find_clash(struct repo *repo, struct clash *clash)
{
    git_diff *diff = NULL;
    git_diff_options options = GIT_DIFF_OPTIONS_INIT;
    options.flags = GIT_DIFF_SKIP_BINARY_CHECK;
    const bool good =
        git_diff_tree_to_tree(&diff, repo->repository, clash->base, clash->here, &options) == 0 &&
        git_diff_foreach(diff, look_for_clash, NULL, NULL, NULL, clash) == 0;
    git_diff_free(diff);
    return good;
}

// *found is the conflicts; NULL without.
static bool find_clashes(struct repo *repo, git_index **found, git_tree *base, git_tree *branch,
                         git_tree *mine)
{
    struct clash clash = {base, mine, branch, NULL};
    bool good = find_clash(repo, &clash);
    clash.here = branch;
    clash.there = mine;
    good = good && (clash.found || find_clash(repo, &clash));
    *found = clash.found;
    return good;
}

bool merge_three(struct repo *repo, git_oid *merged, git_index **conflicts, git_tree *base, git_tree *branch,
                 git_tree *mine, struct err *err)
{
    git_index *index = NULL;
    if (!find_clashes(repo, conflicts, base, branch, mine))
        return repo_failed(err, "merge");
    if (*conflicts)
        return true;
    if (!merge_with(repo, &index, base, branch, mine, GIT_MERGE_FIND_RENAMES))
        return repo_failed(err, "merge");
    if (git_index_has_conflicts(index)) {
        *conflicts = index;
        return true;
    }
    const bool good = git_index_write_tree_to(merged, index, repo->repository) == 0;
    git_index_free(index);
    return good ? true : repo_failed(err, "merge");
}

// ---- telling

static bool take_side(struct repo *repo, const git_index_entry *entry, char **out, size_t *length)
{
    git_blob *blob = NULL;
    *length = 0;
    if (!entry)
        return true;
    if (git_blob_lookup(&blob, repo->repository, &entry->id) != 0)
        return false;
    *length = (size_t)git_blob_rawsize(blob);
    *out = xmalloc(*length + 1);
    memcpy(*out, git_blob_rawcontent(blob), *length);
    (*out)[*length] = '\0';
    git_blob_free(blob);
    return true;
}

static bool mark(struct repo *repo, struct repo_conflict *conflict, const git_index_entry *base,
                 const git_index_entry *branch, const git_index_entry *mine, enum language language)
{
    git_merge_file_result result = {0};
    git_merge_file_options options = GIT_MERGE_FILE_OPTIONS_INIT;
    options.our_label = phrase_text(language, PHRASE_SAVE_SIDE_OTHERS);
    options.their_label = phrase_text(language, PHRASE_SAVE_SIDE_MINE);
    if (!branch || !mine || git_blob_data_is_binary(conflict->branch, conflict->branch_length) ||
        git_blob_data_is_binary(conflict->mine, conflict->mine_length))
        return true;
    if (git_merge_file_from_index(&result, repo->repository, base, branch, mine, &options) != 0)
        return false;
    if (result.ptr) {
        conflict->marked = xstrndup(result.ptr, result.len);
        conflict->marked_length = result.len;
    }
    git_merge_file_result_free(&result);
    return true;
}

static bool tell(struct repo *repo, struct repo_saved *out, const git_index_entry *base,
                 const git_index_entry *branch, const git_index_entry *mine, enum language language)
{
    const char *path = mine ? mine->path : branch ? branch->path : base->path;
    const size_t prefix = strlen(repo->prefix);
    struct repo_conflict *conflict = &out->conflicts[out->conflict_count++];
    *conflict = (struct repo_conflict){
        .path = xstrdup(strncmp(path, repo->prefix, prefix) == 0 ? path + prefix : path)};
    return take_side(repo, base, &conflict->base, &conflict->base_length) &&
           take_side(repo, branch, &conflict->branch, &conflict->branch_length) &&
           take_side(repo, mine, &conflict->mine, &conflict->mine_length) &&
           mark(repo, conflict, base, branch, mine, language);
}

bool merge_tell(struct repo *repo, struct repo_saved *out, git_index *conflicts, enum language language,
                struct err *err)
{
    const git_index_entry *base, *branch, *mine;
    git_index_conflict_iterator *each = NULL;
    int more;
    out->conflicts = xcalloc(SAVE_CONFLICTS_MAX, sizeof *out->conflicts);
    bool good = git_index_conflict_iterator_new(&each, conflicts) == 0;
    while (good && (more = git_index_conflict_next(&base, &branch, &mine, each)) != GIT_ITEROVER) {
        if (out->conflict_count == SAVE_CONFLICTS_MAX)
            break;
        good = more == 0 && tell(repo, out, base, branch, mine, language);
    }
    git_index_conflict_iterator_free(each);
    return good ? true : repo_failed(err, "merge");
}

// ---- markers that are left

static bool is_marker(struct text line, char c)
{
    for (size_t i = 0; i < MARKER_LENGTH; i++)
        if (i >= line.length || line.data[i] != c)
            return false;
    return line.length == MARKER_LENGTH || line.data[MARKER_LENGTH] == ' ' ||
           line.data[MARKER_LENGTH] == '\r';
}

bool merge_has_markers(struct text content, int64_t *line)
{
    static const char order[] = "<=>";
    struct text part;
    size_t found = 0;
    for (int64_t number = 1; text_cut(&content, '\n', &part); number++) {
        if (!is_marker(part, order[found]))
            continue;
        if (found == 0)
            *line = number;
        if (++found == sizeof order - 1)
            return true;
    }
    return false;
}
