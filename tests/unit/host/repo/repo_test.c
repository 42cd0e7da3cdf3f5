// Pins: what is committed runs, what differs is refused, hostile trees are not read.
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

static int set_up(void **state)
{
    static const char *const paths[] = {"robots/hello/robot.lua", "robots/hello/manifest.lua",
                                        "robots/lib/names.lua"};
    bool made;
    (void)state;
    snprintf(folder, sizeof folder, "/tmp/renki-repo-XXXXXX");
    assert_non_null(mkdtemp(folder));
    SCOPED_TEXT char *robot = xasprintf("%s/robots/hello", folder);
    SCOPED_TEXT char *lib = xasprintf("%s/robots/lib", folder);
    assert_true(file_make_folder(robot, &err) && file_make_folder(lib, &err));
    write_file("robots/hello/robot.lua", "require \"lib.names\"\n");
    write_file("robots/hello/manifest.lua", "return {}\n");
    write_file("robots/lib/names.lua", "return {}\n");
    assert_true(repo_make(&made, folder, &err) && made);
    assert_true(repo_commit_first(folder, paths, COUNT_OF(paths), "aino", "first", &err));
    return 0;
}

static struct repo *opened(void)
{
    struct repo *repo = NULL;
    assert_true(repo_open(&repo, folder, &err));
    return repo;
}

struct listing {
    char text[1000];
};

static bool list(void *owner, const char *path, struct text content, struct err *ignored)
{
    struct listing *listing = owner;
    (void)ignored;
    const size_t length = strlen(listing->text);
    snprintf(listing->text + length, sizeof listing->text - length, "%s:%zu ", path, content.length);
    return true;
}

static void a_committed_robot_is_pinned_with_the_modules_of_the_workplace(void **state)
{
    char tree[REPO_ID_SIZE], again[REPO_ID_SIZE];
    struct listing listing = {""};
    (void)state;
    SCOPED(repo)
    repo = opened();
    assert_true(repo_pin(repo, tree, "hello", REPO_COMMITTED, &err));
    assert_true(repo_read(repo, tree, list, &listing, &err));
    assert_string_equal(listing.text, "lib/names.lua:10 robot/manifest.lua:10 robot/robot.lua:20 ");
    assert_true(repo_pin(repo, again, "hello", REPO_DRAFT, &err));
    assert_string_equal(tree, again); // the same content is the same tree
}

static void a_changed_file_is_refused_by_name_and_runs_as_a_draft(void **state)
{
    char before[REPO_ID_SIZE], draft[REPO_ID_SIZE];
    (void)state;
    SCOPED(repo)
    repo = opened();
    assert_true(repo_pin(repo, before, "hello", REPO_COMMITTED, &err));
    write_file("robots/hello/robot.lua", "run:log \"other\"\n");
    assert_false(repo_pin(repo, draft, "hello", REPO_COMMITTED, &err));
    assert_int_equal(err.code, ERR_ROBOT_DIFFERS);
    assert_string_equal(err.arguments[0], "robots/hello/robot.lua");
    assert_true(repo_pin(repo, draft, "hello", REPO_DRAFT, &err));
    assert_string_not_equal(before, draft);
}

static void a_new_file_and_a_missing_one_are_differences_too(void **state)
{
    char tree[REPO_ID_SIZE];
    (void)state;
    SCOPED(repo)
    repo = opened();
    write_file("robots/hello/new.lua", "return {}\n");
    assert_false(repo_pin(repo, tree, "hello", REPO_COMMITTED, &err));
    assert_string_equal(err.arguments[0], "robots/hello/new.lua");
    SCOPED_TEXT char *path = xasprintf("%s/robots/hello/new.lua", folder);
    SCOPED_TEXT char *gone = xasprintf("%s/robots/hello/robot.lua", folder);
    unlink(path);
    unlink(gone);
    assert_false(repo_pin(repo, tree, "hello", REPO_COMMITTED, &err));
    assert_string_equal(err.arguments[0], "robots/hello/robot.lua");
}

static void listed(char text[1000], struct repo *repo, enum repo_pin_kind kind, char tree[REPO_ID_SIZE])
{
    struct listing listing = {""};
    assert_true(repo_pin(repo, tree, "hello", kind, &err));
    assert_true(repo_read(repo, tree, list, &listing, &err));
    memcpy(text, listing.text, sizeof listing.text);
}

static void only_modules_that_are_required_belong_to_the_content(void **state)
{
    char before[REPO_ID_SIZE], after[REPO_ID_SIZE], text[1000];
    (void)state;
    SCOPED_TEXT char *inner = xasprintf("%s/robots/lib/deep/er", folder);
    assert_true(file_make_folder(inner, &err));
    write_file("robots/lib/other.lua", "return 1\n");
    write_file("robots/lib/names.lua", "require 'lib.deep.er.one'\n");
    write_file("robots/lib/deep/er/one.lua", "require 'lib.names'\n");
    write_file("robots/lib/deep/two.lua", "return 2\n");
    SCOPED(repo)
    repo = opened();
    listed(text, repo, REPO_DRAFT, before);
    assert_string_equal(text,
                        "lib/deep/er/one.lua:20 lib/names.lua:26 robot/manifest.lua:10 robot/robot.lua:20 ");
    write_file("robots/lib/other.lua", "return 2\n");
    assert_true(repo_pin(repo, after, "hello", REPO_DRAFT, &err));
    assert_string_equal(before, after);
    write_file("robots/lib/deep/er/one.lua", "require 'lib.names' --\n");
    assert_true(repo_pin(repo, after, "hello", REPO_DRAFT, &err));
    assert_string_not_equal(before, after);
}

static void who_does_not_say_what_is_required_gets_all_modules(void **state)
{
    static const char *const sources[] = {"require(name)\n", "pcall(require, 'a')\n", "require 'lib.gone'\n"};
    char tree[REPO_ID_SIZE], text[1000];
    (void)state;
    write_file("robots/lib/other.lua", "return 1\n");
    SCOPED(repo)
    repo = opened();
    for (size_t i = 0; i < COUNT_OF(sources); i++) {
        write_file("robots/hello/robot.lua", sources[i]);
        listed(text, repo, REPO_DRAFT, tree);
        assert_non_null(strstr(text, "lib/names.lua:10 lib/other.lua:9 "));
    }
    write_file("robots/hello/robot.lua", "require 'sheet'\n");
    listed(text, repo, REPO_DRAFT, tree);
    assert_string_equal(text, "robot/manifest.lua:10 robot/robot.lua:16 ");
}

static void content_is_of_the_branch_whatever_the_working_files_are(void **state)
{
    char before[REPO_ID_SIZE], tree[REPO_ID_SIZE];
    (void)state;
    SCOPED(repo)
    repo = opened();
    assert_true(repo_pin(repo, before, "hello", REPO_COMMITTED, &err));
    write_file("robots/lib/unneeded.lua", "return 1\n"); // no difference to this robot
    assert_true(repo_pin(repo, tree, "hello", REPO_COMMITTED, &err));
    write_file("robots/lib/names.lua", "return { 1 }\n");
    assert_false(repo_pin(repo, tree, "hello", REPO_COMMITTED, &err));
    assert_int_equal(err.code, ERR_ROBOT_DIFFERS);
    for (int i = 0; i < 2; i++) { // the second time from memory
        assert_true(repo_pin(repo, tree, "hello", REPO_BRANCH, &err));
        assert_string_equal(tree, before);
        assert_true(repo_content(repo, tree, "hello", NULL, &err));
        assert_string_equal(tree, before);
    }
    assert_false(repo_content(repo, tree, "hello", "0123456789012345678901234567890123456789", &err));
    assert_false(repo_content(repo, tree, "helo", NULL, &err));
    assert_int_equal(err.code, ERR_ROBOT_UNKNOWN_NEAR);
}

static void unknown_robots_name_the_nearest_and_odd_names_reach_no_file(void **state)
{
    static const char *const names[] = {"../hello", "lib", "Hello", "hello/robot.lua", "", ".git", "hello\n"};
    char tree[REPO_ID_SIZE];
    (void)state;
    SCOPED(repo)
    repo = opened();
    assert_false(repo_pin(repo, tree, "helo", REPO_COMMITTED, &err));
    assert_int_equal(err.code, ERR_ROBOT_UNKNOWN_NEAR);
    assert_string_equal(err.arguments[1], "hello");
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        assert_false(repo_pin(repo, tree, names[i], REPO_DRAFT, &err));
        assert_true(err.code == ERR_ROBOT_UNKNOWN || err.code == ERR_ROBOT_UNKNOWN_NEAR);
    }
}

static void a_link_is_no_part_of_a_robot(void **state)
{
    char tree[REPO_ID_SIZE];
    (void)state;
    SCOPED(repo)
    repo = opened();
    SCOPED_TEXT char *path = xasprintf("%s/robots/hello/secret.lua", folder);
    assert_int_equal(symlink("/etc/passwd", path), 0);
    assert_false(repo_pin(repo, tree, "hello", REPO_DRAFT, &err));
    assert_int_equal(err.code, ERR_REPO_NAME);
    assert_false(repo_pin(repo, tree, "hello", REPO_COMMITTED, &err));
}

// A tree made object by object, past every check that git itself would do.
static void hostile_tree(char out[REPO_ID_SIZE], const char *name, const char *mode)
{
    git_repository *repository = NULL;
    git_odb *objects = NULL;
    git_oid blob, tree;
    char raw[400];
    assert_int_equal(git_repository_open(&repository, folder), 0);
    assert_int_equal(git_repository_odb(&objects, repository), 0);
    assert_int_equal(git_odb_write(&blob, objects, "x", 1, GIT_OBJECT_BLOB), 0);
    const int head = snprintf(raw, sizeof raw, "%s %s", mode, name);
    memcpy(raw + head + 1, blob.id, GIT_OID_RAWSZ);
    assert_int_equal(git_odb_write(&tree, objects, raw, (size_t)head + 1 + GIT_OID_RAWSZ, GIT_OBJECT_TREE),
                     0);
    git_oid_tostr(out, REPO_ID_SIZE, &tree);
    git_odb_free(objects);
    git_repository_free(repository);
}

static void hostile_trees_are_not_read(void **state)
{
    static const struct {
        const char *name, *mode;
    } cases[] = {
        {"robot.lua", "120000"}, {"robot.lua", "160000"}, {"robot.lua", "100666"},
        {".git", "100644"},      {".GIT", "100644"},      {".git.", "100644"},
        {".git ", "100644"},     {"git~1", "100644"},     {"..", "100644"},
        {"a\\b", "100644"},      {"a\nb", "100644"},      {".g\xE2\x80\x8Cit", "100644"},
        {"a\xFF", "100644"},
    };
    char tree[REPO_ID_SIZE];
    (void)state;
    SCOPED(repo)
    repo = opened();
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct listing listing = {""};
        hostile_tree(tree, cases[i].name, cases[i].mode);
        assert_false(repo_read(repo, tree, list, &listing, &err));
        assert_string_equal(listing.text, "");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_committed_robot_is_pinned_with_the_modules_of_the_workplace, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_changed_file_is_refused_by_name_and_runs_as_a_draft, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_new_file_and_a_missing_one_are_differences_too, set_up, tear_down),
        cmocka_unit_test_setup_teardown(only_modules_that_are_required_belong_to_the_content, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(who_does_not_say_what_is_required_gets_all_modules, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(content_is_of_the_branch_whatever_the_working_files_are, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(unknown_robots_name_the_nearest_and_odd_names_reach_no_file, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_link_is_no_part_of_a_robot, set_up, tear_down),
        cmocka_unit_test_setup_teardown(hostile_trees_are_not_read, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
