// What comes from other hosts and from remotes: the same tree, or nothing.
#include "support/unit.h"

#include "host/repo/repo.h"
#include "lib/base/file.h"

#include <fcntl.h>
#include <ftw.h>
#include <git2.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static struct err err;
static char folder[64];

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *place)
{
    (void)status, (void)kind, (void)place;
    return remove(path);
}

static int tear_down(void **state)
{
    (void)state;
    return nftw(folder, remove_one, 32, FTW_DEPTH | FTW_PHYS);
}

static void write_file(const char *name, const char *content)
{
    SCOPED_TEXT char *path = xasprintf("%s/%s", folder, name);
    assert_true(file_write(AT_FDCWD, path, text_from(content), 0644, &err));
}

static struct repo *opened(const char *name)
{
    struct repo *repo = NULL;
    SCOPED_TEXT char *path = xasprintf("%s/%s", folder, name);
    assert_true(repo_open(&repo, path, &err));
    return repo;
}

static void make(const char *name)
{
    static const char *const paths[] = {"robots/hello/robot.lua"};
    bool made;
    SCOPED_TEXT char *top = xasprintf("%s/%s", folder, name);
    SCOPED_TEXT char *robot = xasprintf("%s/robots/hello", top);
    SCOPED_TEXT char *file = xasprintf("%s/robots/hello/robot.lua", name);
    assert_true(file_make_folder(top, &err));
    SCOPED_TEXT char *robots = xasprintf("%s/robots", top);
    assert_true(file_make_folder(robots, &err) && file_make_folder(robot, &err));
    write_file(file, name);
    assert_true(repo_make(&made, top, &err) && repo_commit_first(top, paths, 1, "aino", "first", &err));
}

static int set_up(void **state)
{
    (void)state;
    snprintf(folder, sizeof folder, "/tmp/renki-adopt-XXXXXX");
    assert_non_null(mkdtemp(folder));
    make("here");
    make("there");
    return 0;
}

// ---- pins

static void a_pin_that_was_lent_is_the_same_tree_elsewhere(void **state)
{
    char tree[REPO_ID_SIZE];
    (void)state;
    SCOPED(repo)
    here = opened("here");
    SCOPED(repo)
    there = opened("there");
    SCOPED_BUF(content, 100000);
    assert_true(repo_pin(here, tree, "hello", REPO_COMMITTED, &err));
    assert_false(repo_has(there, tree));
    assert_true(repo_lend(here, &content, tree, &err));
    assert_true(repo_borrow(there, tree, buf_text(&content), &err));
    assert_true(repo_has(there, tree));
}

static void bytes_that_are_not_the_tree_are_not_taken(void **state)
{
    char tree[REPO_ID_SIZE];
    (void)state;
    SCOPED(repo)
    here = opened("here");
    SCOPED_BUF(content, 100000);
    assert_true(repo_pin(here, tree, "hello", REPO_COMMITTED, &err));
    assert_true(repo_lend(here, &content, tree, &err));
    for (size_t length = 0; length < content.length; length += 7) {
        SCOPED(repo)
        there = opened("there");
        if (length == 0)
            content.data[content.length > 3 ? 3 : 0] ^= 1; // of the topmost tree
        assert_false(repo_borrow(there, tree, text_of(content.data, length), &err));
        assert_int_equal(err.code, ERR_ROBOT_TREE_MISSING);
    }
}

// ---- remotes

// A commit of one tree with this entry, in a quarantine of its own; its id.
static void quarantine_with(char commit[REPO_ID_SIZE], const char *mode, const char *name, bool with_blob)
{
    git_repository *repository = NULL;
    git_odb *objects = NULL;
    git_oid blob, tree, id;
    char line[512], shown[GIT_OID_HEXSZ + 1];
    SCOPED_TEXT char *path = xasprintf("%s/quarantine", folder);
    SCOPED_BUF(entries, 1000);
    assert_int_equal(git_repository_init(&repository, path, true), 0);
    assert_int_equal(git_repository_odb(&objects, repository), 0);
    assert_int_equal(git_odb_hash(&blob, name, strlen(name), GIT_OBJECT_BLOB), 0);
    if (with_blob)
        assert_int_equal(git_odb_write(&blob, objects, name, strlen(name), GIT_OBJECT_BLOB), 0);
    assert_true(buf_printf(&entries, "%s %s", mode, name) && buf_append(&entries, "", 1) &&
                buf_append(&entries, blob.id, GIT_OID_RAWSZ));
    assert_int_equal(git_odb_write(&tree, objects, entries.data, entries.length, GIT_OBJECT_TREE), 0);
    git_oid_tostr(shown, sizeof shown, &tree);
    snprintf(line, sizeof line, "tree %s\nauthor a <a@b> 1 +0000\ncommitter a <a@b> 1 +0000\n\nx\n", shown);
    assert_int_equal(git_odb_write(&id, objects, line, strlen(line), GIT_OBJECT_COMMIT), 0);
    git_oid_tostr(commit, REPO_ID_SIZE, &id);
    git_odb_free(objects);
    git_repository_free(repository);
}

static bool adopts(const char *branch, const char *commit)
{
    SCOPED(repo)
    here = opened("here");
    SCOPED_TEXT char *quarantine = xasprintf("%s/quarantine", folder);
    SCOPED_BUF(left, 4000);
    char before[REPO_ID_SIZE], after[REPO_ID_SIZE];
    size_t count;
    repo_branch_at(here, before, branch);
    if (!repo_take_commits(here, &count, quarantine, branch, commit, &err) ||
        !repo_follow(here, &left, branch, commit, false, &err))
        return false;
    repo_branch_at(here, after, branch);
    return strcmp(before, after) != 0;
}

static void only_plain_files_with_safe_names_are_taken_over(void **state)
{
    static const struct {
        const char *mode, *name, *why;
    } cases[] = {
        {"120000", "x", "a link"},
        {"160000", "x", "a submodule"},
        {"100666", "x", "a link"},
        {"100644", "..", "a name that is not safe"},
        {"100644", ".git", "a name that is not safe"},
        {"100644", "a\\b", "a name that is not safe"},
        {"40000", "x", "an object is missing"}, // a file that is said to be a folder
    };
    char commit[REPO_ID_SIZE];
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        quarantine_with(commit, cases[i].mode, cases[i].name, true);
        assert_false(adopts("fresh", commit));
        assert_int_equal(err.code, ERR_SYNC_REFUSED);
        assert_string_equal(err.arguments[1], cases[i].why);
    }
    quarantine_with(commit, "100644", "x", true);
    assert_true(adopts("fresh", commit));
    assert_false(adopts("fresh", commit)); // it is there
}

static void what_is_not_whole_is_taken_over_once_it_is(void **state)
{
    char commit[REPO_ID_SIZE];
    (void)state;
    quarantine_with(commit, "100644", "y", false);
    assert_false(adopts("fresh", commit));
    assert_string_equal(err.arguments[1], "an object is missing");
    quarantine_with(commit, "100644", "y", true);
    assert_true(adopts("fresh", commit));
}

static void a_branch_only_moves_forward(void **state)
{
    char commit[REPO_ID_SIZE], other[REPO_ID_SIZE];
    (void)state;
    quarantine_with(commit, "100644", "x", true);
    assert_true(adopts("fresh", commit));
    quarantine_with(other, "100644", "z", true);
    assert_false(adopts("fresh", other));
    assert_string_equal(err.arguments[1], "history was written anew");
    assert_false(adopts("../../HEAD", other));
    assert_int_equal(err.code, ERR_SYNC_REFUSED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_pin_that_was_lent_is_the_same_tree_elsewhere, set_up, tear_down),
        cmocka_unit_test_setup_teardown(bytes_that_are_not_the_tree_are_not_taken, set_up, tear_down),
        cmocka_unit_test_setup_teardown(only_plain_files_with_safe_names_are_taken_over, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_not_whole_is_taken_over_once_it_is, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_branch_only_moves_forward, set_up, tear_down),
    };
    git_libgit2_init(); // for what the tests do themselves
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    git_libgit2_shutdown();
    return failed;
}
