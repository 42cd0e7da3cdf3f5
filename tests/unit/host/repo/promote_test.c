// A robot goes to another branch as the content that it is; what else is there stays.
#include "support/unit.h"

#include "host/repo/promote.h"
#include "lib/base/file.h"

#include <fcntl.h>
#include <ftw.h>
#include <git2.h>
#include <stdio.h>
#include <stdlib.h>
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
    SCOPED_TEXT char *above = xstrndup(path, (size_t)(strrchr(path, '/') - path));
    assert_true(file_make_folder(above, &err));
    assert_true(file_write(AT_FDCWD, path, text_from(content), 0644, &err));
}

static void delete_file(const char *name)
{
    SCOPED_TEXT char *path = xasprintf("%s/%s", folder, name);
    assert_int_equal(unlink(path), 0);
}

static struct repo *opened(void)
{
    struct repo *repo = NULL;
    assert_true(repo_open(&repo, folder, &err));
    return repo;
}

static void save(struct repo *repo, char commit[REPO_ID_SIZE])
{
    static const char *const roots[] = {"robots", NULL};
    struct repo_saved saved;
    const struct repo_saving saving = {
        .login = "aino", .name = "A", .mail = "a@b", .roots = roots, .root_count = 1};
    assert_true(repo_save(repo, &saved, &saving, &err));
    assert_int_equal(saved.end, REPO_SAVED);
    memcpy(commit, saved.commit, REPO_ID_SIZE);
    repo_saved_dispose(&saved);
}

// The branch "production" stands at the first commit: two robots that require one module.
static int set_up(void **state)
{
    char first[REPO_ID_SIZE];
    bool made, moved;
    (void)state;
    snprintf(folder, sizeof folder, "/tmp/renki-promote-XXXXXX");
    assert_non_null(mkdtemp(folder));
    assert_true(repo_make(&made, folder, &err));
    write_file("robots/rents/robot.lua", "require \"lib.names\"\n");
    write_file("robots/rents/manifest.lua", "return {}\n");
    write_file("robots/rents/old.lua", "return {}\n");
    write_file("robots/taxes/robot.lua", "require \"lib.names\"\n");
    write_file("robots/lib/names.lua", "return 1\n");
    write_file("robots/lib/only.lua", "return 1\n");
    SCOPED(repo)
    repo = opened();
    save(repo, first);
    assert_true(repo_branch_move(repo, &moved, "production", NULL, first, &err) && moved);
    return 0;
}

static bool promote(struct repo *repo, struct repo_promoted *out, const char *robot)
{
    char onto[REPO_ID_SIZE];
    assert_true(repo_branch_at(repo, onto, "production"));
    const struct repo_promoting what = {
        .robot = robot, .onto = onto, .name = "A", .mail = "a@b", .message = "rents: promote\n"};
    return repo_promote(repo, out, &what, &err);
}

static const struct repo_change *change_of(const struct repo_promoted *promoted, const char *path)
{
    for (size_t i = 0; i < promoted->change_count; i++)
        if (strcmp(promoted->changes[i].path, path) == 0)
            return &promoted->changes[i];
    return NULL;
}

static void its_folder_and_its_modules_are_replaced_and_nothing_else(void **state)
{
    struct repo_promoted promoted;
    char now[REPO_ID_SIZE], content[REPO_ID_SIZE], former[REPO_ID_SIZE], taxes[REPO_ID_SIZE];
    bool moved;
    (void)state;
    SCOPED(repo)
    repo = opened();
    assert_true(promote(repo, &promoted, "rents"));
    assert_string_equal(promoted.commit, ""); // the same there already
    repo_promoted_dispose(&promoted);

    write_file("robots/rents/robot.lua", "require \"lib.names\"\nrequire \"lib.more\"\n");
    write_file("robots/taxes/robot.lua", "require \"lib.names\"\n-- other\n");
    write_file("robots/lib/names.lua", "return 2\n");
    write_file("robots/lib/more.lua", "return 2\n");
    write_file("robots/lib/only.lua", "return 2\n");
    delete_file("robots/rents/old.lua");
    save(repo, now);
    assert_true(promote(repo, &promoted, "rents"));
    assert_int_equal(promoted.change_count, 4);
    assert_int_equal(change_of(&promoted, "robots/rents/robot.lua")->kind, REPO_CHANGED);
    assert_int_equal(change_of(&promoted, "robots/rents/old.lua")->kind, REPO_DELETED);
    assert_int_equal(change_of(&promoted, "robots/lib/names.lua")->kind, REPO_CHANGED);
    assert_int_equal(change_of(&promoted, "robots/lib/more.lua")->kind, REPO_ADDED);
    assert_int_equal(promoted.shared_count, 1);
    assert_string_equal(promoted.shared[0].module, "names.lua");
    assert_string_equal(promoted.shared[0].robots, "taxes");

    assert_true(repo_content(repo, content, "rents", NULL, &err));
    assert_string_equal(promoted.tree, content);
    assert_true(repo_content(repo, content, "rents", promoted.commit, &err));
    assert_string_equal(promoted.tree, content);
    assert_true(repo_content(repo, taxes, "taxes", NULL, &err));
    assert_true(repo_content(repo, content, "taxes", promoted.commit, &err));
    assert_string_not_equal(taxes, content);

    assert_true(repo_branch_at(repo, former, "production"));
    assert_true(repo_branch_move(repo, &moved, "production", now, promoted.commit, &err) && !moved);
    assert_true(repo_branch_move(repo, &moved, "production", former, promoted.commit, &err) && moved);
    repo_promoted_dispose(&promoted);
    assert_true(promote(repo, &promoted, "rents"));
    assert_string_equal(promoted.commit, "");
    repo_promoted_dispose(&promoted);
}

static void what_would_be_another_content_there_is_refused(void **state)
{
    struct repo_promoted promoted;
    char now[REPO_ID_SIZE];
    (void)state;
    SCOPED(repo)
    repo = opened();
    write_file("robots/rents/robot.lua", "local name = \"lib.\" .. \"names\"\nrequire(name)\n");
    delete_file("robots/lib/only.lua");
    save(repo, now);
    assert_false(promote(repo, &promoted, "rents"));
    assert_int_equal(err.code, ERR_PROMOTE_CONTENT);
    repo_promoted_dispose(&promoted);
    assert_false(promote(repo, &promoted, "nobody"));
    assert_int_equal(err.code, ERR_ROBOT_UNKNOWN);
    repo_promoted_dispose(&promoted);
}

static void names_of_branches_are_git_s(void **state)
{
    (void)state;
    assert_true(repo_branch_is_good("production"));
    assert_true(repo_branch_is_good("city/production"));
    assert_false(repo_branch_is_good("../main"));
    assert_false(repo_branch_is_good("a b"));
    assert_false(repo_branch_is_good("main.lock"));
    assert_false(repo_branch_is_good(""));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(its_folder_and_its_modules_are_replaced_and_nothing_else, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(what_would_be_another_content_there_is_refused, set_up, tear_down),
        cmocka_unit_test(names_of_branches_are_git_s),
    };
    git_libgit2_init(); // for what the tests do themselves
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    git_libgit2_shutdown();
    return failed;
}
