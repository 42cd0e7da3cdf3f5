// See bundle.h.
#include "host/repo/bundle.h"

#include "host/repo/repo_own.h"
#include "lib/base/file.h"

#include <fcntl.h>

struct bundle {
    struct repo *repo;
    const struct repo_bundling *what;
    struct err *err;
    git_oid robot; // the tree of robots/NAME in what ran
    git_packbuilder *pack;
    struct buf head;
    struct file_draft draft;
    size_t bytes;
};

static bool failed(const struct bundle *bundle)
{
    return repo_failed(bundle->err, bundle->what->robot);
}

// ---- the commit

static bool read_robot(struct bundle *bundle)
{
    git_oid id;
    git_tree *tree = NULL;
    const git_tree_entry *entry = NULL;
    if (git_oid_fromstr(&id, bundle->what->tree) == 0 &&
        git_tree_lookup(&tree, bundle->repo->repository, &id) == 0)
        entry = git_tree_entry_byname(tree, "robot");
    if (entry)
        bundle->robot = *git_tree_entry_id(entry);
    git_tree_free(tree);
    return entry || failed(bundle);
}

// Its folder first: that is what most commits differ in, and cheap.
static bool has_content(struct bundle *bundle, const git_commit *commit)
{
    git_tree *tree = NULL;
    git_tree_entry *entry = NULL;
    char hex[REPO_ID_SIZE], content[REPO_ID_SIZE];
    struct err ignored;
    SCOPED_TEXT char *path = xasprintf("%srobots/%s", bundle->repo->prefix, bundle->what->robot);
    const bool same = git_commit_tree(&tree, commit) == 0 && git_tree_entry_bypath(&entry, tree, path) == 0 &&
                      git_oid_equal(git_tree_entry_id(entry), &bundle->robot);
    git_tree_entry_free(entry);
    git_tree_free(tree);
    git_oid_tostr(hex, sizeof hex, git_commit_id(commit));
    return same && repo_content(bundle->repo, content, bundle->what->robot, hex, &ignored) &&
           strcmp(content, bundle->what->tree) == 0;
}

static bool find_in(struct bundle *bundle, git_revwalk *walk, git_oid *out, bool *found)
{
    git_oid id;
    size_t count = 0;
    for (bool early = false; !early && count < BUNDLE_COMMITS_MAX && git_revwalk_next(&id, walk) == 0;
         count++) {
        git_commit *commit = NULL;
        if (git_commit_lookup(&commit, bundle->repo->repository, &id) != 0)
            return failed(bundle);
        const bool in_time = git_commit_time(commit) <= bundle->what->until_ms / 1000;
        if ((in_time || !*found) && has_content(bundle, commit)) {
            *found = true;
            *out = id;
            early = in_time;
        }
        git_commit_free(commit);
    }
    return true;
}

static bool find_commit(struct bundle *bundle, git_oid *out, bool *found)
{
    git_revwalk *walk = NULL;
    bool good = git_revwalk_new(&walk, bundle->repo->repository) == 0 || failed(bundle);
    if (good && git_revwalk_sorting(walk, GIT_SORT_TOPOLOGICAL | GIT_SORT_TIME) == 0 &&
        git_revwalk_push_head(walk) == 0) // else nothing was ever saved
        good = find_in(bundle, walk, out, found);
    git_revwalk_free(walk);
    return good;
}

// ---- what is in it

static bool add_reference(struct bundle *bundle, const git_oid *id, const char *name)
{
    char hex[REPO_ID_SIZE];
    git_oid_tostr(hex, sizeof hex, id);
    return buf_printf(&bundle->head, "%s %s\n", hex, name) ||
           fail(bundle->err, ERR_LIMIT_PASSED, "approvals", "1 MB");
}

static bool add_word(struct bundle *bundle, const char *name)
{
    git_oid id;
    SCOPED_TEXT char *tag = xasprintf("refs/tags/%s", name + strlen("refs/renki/"));
    if (git_reference_name_to_id(&id, bundle->repo->repository, name) != 0 ||
        git_packbuilder_insert_recur(bundle->pack, &id, NULL) != 0)
        return failed(bundle);
    return add_reference(bundle, &id, tag);
}

static bool add_words(struct bundle *bundle, const char *kind)
{
    git_reference_iterator *references = NULL;
    const char *name;
    bool good = true;
    SCOPED_TEXT char *pattern = xasprintf("refs/renki/%s/%s/*", kind, bundle->what->tree);
    if (git_reference_iterator_glob_new(&references, bundle->repo->repository, pattern) != 0)
        return failed(bundle);
    while (good && git_reference_next_name(&name, references) == 0)
        good = add_word(bundle, name);
    git_reference_iterator_free(references);
    return good;
}

static bool add_commits(struct bundle *bundle, const git_oid *commit)
{
    git_revwalk *walk = NULL;
    SCOPED_TEXT char *branch = xasprintf("refs/heads/%s", bundle->what->branch);
    const bool good = git_packbuilder_new(&bundle->pack, bundle->repo->repository) == 0 &&
                      git_revwalk_new(&walk, bundle->repo->repository) == 0 &&
                      git_revwalk_push(walk, commit) == 0 &&
                      git_packbuilder_insert_walk(bundle->pack, walk) == 0;
    git_revwalk_free(walk);
    return good ? add_reference(bundle, commit, branch) : failed(bundle);
}

// ---- the file

static int add_bytes(void *bytes, size_t length, void *payload)
{
    struct bundle *bundle = payload;
    bundle->bytes += length;
    if (bundle->bytes > (size_t)BUNDLE_MB_MAX << 20)
        return fail(bundle->err, ERR_EVIDENCE_BUNDLE_LARGE, N(BUNDLE_MB_MAX)) - 1;
    return file_add(&bundle->draft, text_of(bytes, length), bundle->err) ? 0 : -1;
}

static bool write_file(struct bundle *bundle)
{
    err_clear(bundle->err);
    git_packbuilder_set_threads(bundle->pack, 1);
    if (!file_begin(&bundle->draft, AT_FDCWD, bundle->what->path, 0600, bundle->err) ||
        !file_add(&bundle->draft, buf_text(&bundle->head), bundle->err))
        return false;
    if (git_packbuilder_foreach(bundle->pack, add_bytes, bundle) != 0)
        return bundle->err->code != ERR_NONE ? false : failed(bundle);
    return file_finish(&bundle->draft, bundle->err);
}

static bool pack(struct bundle *bundle, const git_oid *commit)
{
    return buf_append_string(&bundle->head, "# v2 git bundle\n") && add_commits(bundle, commit) &&
           add_words(bundle, "approvals") && add_words(bundle, "rejections") &&
           add_reference(bundle, commit, "HEAD") && buf_append_char(&bundle->head, '\n') &&
           write_file(bundle);
}

bool repo_bundle(struct repo *repo, bool *found, const struct repo_bundling *what, struct err *err)
{
    struct bundle bundle = {
        .repo = repo, .what = what, .err = err, .head = buf_new(1 << 20), .draft = file_draft_none()};
    git_oid commit;
    *found = false;
    const bool good =
        read_robot(&bundle) && find_commit(&bundle, &commit, found) && (!*found || pack(&bundle, &commit));
    file_drop(&bundle.draft);
    git_packbuilder_free(bundle.pack);
    buf_dispose(&bundle.head);
    return good;
}
