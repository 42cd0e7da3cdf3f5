// Saving: a commit that git takes for its own, nothing of anybody's work lost, working files and index in step.
#include "support/unit.h"

#include "host/repo/save.h"
#include "lib/base/file.h"

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static struct err err;
static char folder[64];
static struct repo *repo;
static struct repo_saved saved;

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *place)
{
    (void)status, (void)kind, (void)place;
    return remove(path);
}

static int tear_down(void **state)
{
    (void)state;
    repo_saved_dispose(&saved);
    repo_free(repo);
    return nftw(folder, remove_one, 32, FTW_DEPTH | FTW_PHYS);
}

static void write_file(const char *name, const char *content)
{
    SCOPED_TEXT char *path = xasprintf("%s/%s", folder, name);
    SCOPED_TEXT char *above = xstrndup(path, (size_t)(strrchr(path, '/') - path));
    assert_true(file_make_folder(above, &err));
    assert_true(file_write(AT_FDCWD, path, text_from(content), 0644, &err));
}

static const char *read_file(const char *name)
{
    static char content[10000];
    SCOPED_BUF(out, sizeof content);
    SCOPED_TEXT char *path = xasprintf("%s/%s", folder, name);
    if (!file_read(&out, AT_FDCWD, path, &err))
        return NULL;
    snprintf(content, sizeof content, "%s", buf_string(&out));
    return content;
}

// What the git program prints, as somebody beside renki runs it; fails where it fails.
static const char *git(const char *arguments)
{
    static char out[20000];
    SCOPED_TEXT char *line =
        xasprintf("git -C %s -c user.name=Test -c user.email=test@localhost %s 2>&1", folder, arguments);
    FILE *pipe = popen(line, "r");
    assert_non_null(pipe);
    const size_t length = fread(out, 1, sizeof out - 1, pipe);
    out[length] = '\0';
    const int status = pclose(pipe);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        fail_msg("git %s: %s", arguments, out);
    return out;
}

static int set_up(void **state)
{
    static const char *const paths[] = {"robots/hello/robot.lua", "robots/hello/manifest.lua",
                                        "robots/lib/names.lua"};
    bool made;
    (void)state;
    snprintf(folder, sizeof folder, "/tmp/renki-save-XXXXXX");
    assert_non_null(mkdtemp(folder));
    write_file("robots/hello/robot.lua", "one\ntwo\nthree\nfour\nfive\n");
    write_file("robots/hello/manifest.lua", "return {}\n");
    write_file("robots/lib/names.lua", "return {}\n");
    assert_true(repo_make(&made, folder, &err) && made);
    assert_true(repo_commit_first(folder, paths, COUNT_OF(paths), "aino", "first", &err));
    write_file(".git/info/exclude", ".renki/\n");
    assert_true(repo_open(&repo, folder, &err));
    return 0;
}

// ---- what is saved

static const char *const all[] = {"renki.lua", "robots", "schedules"};

static struct repo_saving as(const char *login)
{
    return (struct repo_saving){.login = login, .name = "Bookkeeper", .mail = "bookkeeper@city.example"};
}

static bool save_working(void)
{
    struct repo_saving saving = as("bookkeeper");
    saving.roots = all;
    saving.root_count = COUNT_OF(all);
    repo_saved_dispose(&saved);
    return repo_save(repo, &saved, &saving, &err);
}

static bool save_edit(const char *base, const char *path, const char *content)
{
    struct repo_saving saving = as("controller");
    const struct repo_edit edit = {
        .path = path, .kind = content ? REPO_EDIT_FILE : REPO_EDIT_GONE, .content = text_from(content)};
    saving.edits = &edit;
    saving.edit_count = 1;
    saving.base = base;
    repo_saved_dispose(&saved);
    return repo_save(repo, &saved, &saving, &err);
}

#define assert_saved(condition)                                                                              \
    do {                                                                                                     \
        if (!(condition))                                                                                    \
            fail_msg("%s: %s %s", #condition, err_name(err.code), err.count ? err.arguments[0] : "");        \
    } while (0)

static void a_save_is_a_commit_by_the_person_that_git_finds_clean(void **state)
{
    (void)state;
    write_file("robots/hello/robot.lua", "one\ntwo\nthree\nfour\nsix\n");
    write_file("robots/new/robot.lua", "run:log \"new\"\n");
    write_file("schedules/new.lua", "return {}\n");
    write_file("renki.lua", "return {}\n");
    assert_saved(save_working());
    assert_int_equal(saved.end, REPO_SAVED);
    assert_int_equal(saved.change_count, 4);
    assert_string_equal(saved.changes[0].path, "renki.lua");
    assert_int_equal(saved.changes[0].kind, REPO_ADDED);
    assert_int_equal(saved.changes[1].kind, REPO_CHANGED);
    assert_string_equal(git("status --porcelain"), "");
    assert_string_equal(git("fsck --strict --no-dangling"), "");
    assert_string_equal(git("log -1 --format=%an,%ae,%cn,%s"),
                        "Bookkeeper,bookkeeper@city.example,Bookkeeper,"
                        "add renki.lua, change robots/hello/robot.lua and 2 more\n");
    assert_string_equal(git("rev-list --count HEAD"), "2\n");
}

static void files_that_are_gone_are_gone_in_the_commit(void **state)
{
    (void)state;
    SCOPED_TEXT char *path = xasprintf("%s/robots/hello/manifest.lua", folder);
    unlink(path);
    assert_saved(save_working());
    assert_int_equal(saved.changes[0].kind, REPO_DELETED);
    assert_string_equal(git("log -1 --format=%s"), "hello: remove manifest.lua\n");
    assert_string_equal(git("status --porcelain"), "");
}

static void nothing_changed_makes_no_commit(void **state)
{
    (void)state;
    assert_saved(save_working());
    assert_int_equal(saved.end, REPO_UNCHANGED);
    assert_string_equal(git("rev-list --count HEAD"), "1\n");
}

static void files_that_git_ignores_and_files_elsewhere_stay_out(void **state)
{
    (void)state;
    write_file(".gitignore", "*~\n");
    write_file("notes.txt", "mine");
    write_file("robots/hello/robot.lua~", "old");
    assert_saved(save_working());
    assert_int_equal(saved.end, REPO_UNCHANGED);
}

static void a_link_and_a_name_that_is_not_safe_are_told_and_stop_the_save(void **state)
{
    (void)state;
    SCOPED_TEXT char *path = xasprintf("%s/robots/hello/passwords", folder);
    assert_int_equal(symlink("/etc/passwd", path), 0);
    assert_false(save_working());
    assert_int_equal(err.code, ERR_REPO_NAME);
    assert_string_equal(err.arguments[0], "robots/hello/passwords");
    unlink(path);
    write_file("robots/hello/a\\b.lua", "x");
    assert_false(save_working());
    assert_int_equal(err.code, ERR_REPO_NAME);
    assert_string_equal(git("rev-list --count HEAD"), "1\n");
}

static void an_edit_leads_nowhere_but_to_robots_schedules_and_settings(void **state)
{
    static const char *const bad[] = {"",          "robots/../x",        "/robots/x",  ".renki/x",
                                      "robots//x", "robots/.git/config", "schedulesx", "examples/x",
                                      "robots/",   "robots/.GIT/x"};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        assert_false(save_edit(NULL, bad[i], "x"));
        assert_int_equal(err.code, ERR_SAVE_PATH);
    }
}

static void a_tree_of_long_ago_that_could_not_be_saved_today_is_no_edit(void **state)
{
    static const struct {
        const char *mode, *name, *object; // what makes the object, by git in the folder
        enum err_code code;
    } cases[] = {
        {"120000", "link", "hash-object -w --stdin </dev/null", ERR_REPO_NAME},
        {"160000", "module", "rev-parse HEAD", ERR_REPO_NAME},
        {"100644", "large", NULL, ERR_FILE_TOO_LARGE},
    };
    (void)state;
    SCOPED_TEXT char *head = xstrdup(git("rev-parse HEAD"));
    SCOPED_TEXT char *large = xasprintf("hash-object -w %s/.renki/large", folder);
    SCOPED_TEXT char *zeros = xcalloc(REPO_FILE_BYTES_MAX + 2, 1);
    memset(zeros, '0', REPO_FILE_BYTES_MAX + 1);
    write_file(".renki/large", zeros);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char tree[REPO_ID_SIZE];
        struct repo_saving saving = as("bookkeeper");
        SCOPED_TEXT char *made =
            xasprintf("update-index --add --cacheinfo %s,%.40s,robots/hello/%s", cases[i].mode,
                      git(cases[i].object ? cases[i].object : large), cases[i].name);
        (void)git(made);
        snprintf(tree, sizeof tree, "%.40s", git("write-tree --prefix=robots/hello/"));
        (void)git("reset -q");
        const struct repo_edit edit = {.path = "robots/hello", .kind = REPO_EDIT_TREE, .id = tree};
        saving.edits = &edit;
        saving.edit_count = 1;
        repo_saved_dispose(&saved);
        assert_false(repo_save(repo, &saved, &saving, &err));
        assert_int_equal(err.code, cases[i].code);
        assert_string_equal(git("rev-parse HEAD"), head);
        assert_string_equal(git("status --porcelain"), "");
    }
}

// ---- together

static void an_edit_from_elsewhere_reaches_the_working_file_that_nobody_changed(void **state)
{
    (void)state;
    assert_saved(save_edit(NULL, "robots/hello/robot.lua", "elsewhere\n"));
    assert_int_equal(saved.end, REPO_SAVED);
    assert_string_equal(read_file("robots/hello/robot.lua"), "elsewhere\n");
    assert_string_equal(git("status --porcelain"), "");
    assert_saved(save_edit(NULL, "robots/hello/robot.lua", NULL));
    assert_null(read_file("robots/hello/robot.lua"));
    assert_string_equal(git("status --porcelain"), "");
}

static void edits_from_one_base_are_merged_line_by_line(void **state)
{
    char base[REPO_ID_SIZE];
    (void)state;
    snprintf(base, sizeof base, "%.40s", git("rev-parse HEAD"));
    assert_saved(save_edit(base, "robots/hello/robot.lua", "ONE\ntwo\nthree\nfour\nfive\n"));
    assert_saved(save_edit(base, "robots/hello/robot.lua", "one\ntwo\nthree\nfour\nFIVE\n"));
    assert_int_equal(saved.end, REPO_SAVED);
    assert_string_equal(read_file("robots/hello/robot.lua"), "ONE\ntwo\nthree\nfour\nFIVE\n");
    assert_string_equal(git("status --porcelain"), "");
}

static void the_same_line_changed_twice_is_a_conflict_and_mine_is_kept_until_it_is_settled(void **state)
{
    char base[REPO_ID_SIZE], head[REPO_ID_SIZE];
    (void)state;
    snprintf(base, sizeof base, "%.40s", git("rev-parse HEAD"));
    assert_saved(save_edit(base, "robots/hello/robot.lua", "ONE\ntwo\nthree\nfour\nfive\n"));
    assert_saved(save_edit(base, "robots/hello/robot.lua", "uno\ntwo\nthree\nfour\nfive\n"));
    assert_int_equal(saved.end, REPO_CONFLICTS);
    assert_int_equal(saved.conflict_count, 1);
    assert_string_equal(saved.conflicts[0].path, "robots/hello/robot.lua");
    assert_string_equal(
        saved.conflicts[0].marked,
        "<<<<<<< saved by others\nONE\n=======\nuno\n>>>>>>> yours\ntwo\nthree\nfour\nfive\n");
    assert_string_equal(read_file("robots/hello/robot.lua"), "ONE\ntwo\nthree\nfour\nfive\n");
    SCOPED_TEXT char *show = xasprintf("show --format= --name-only %s", saved.kept);
    assert_string_equal(git(show), "robots/hello/robot.lua\n");
    assert_string_equal(git("fsck --strict --no-dangling"), "");
    snprintf(head, sizeof head, "%s", saved.commit);
    assert_saved(save_edit(head, "robots/hello/robot.lua", "uno, ONE\ntwo\nthree\nfour\nfive\n"));
    assert_string_equal(git("for-each-ref refs/renki/conflicts"), "");
}

static void a_working_file_made_from_an_older_version_is_merged_with_what_came_meanwhile(void **state)
{
    (void)state;
    write_file("robots/hello/robot.lua", "one\ntwo\nthree\nfour\nmine\n");
    assert_saved(save_edit(NULL, "robots/hello/robot.lua", "theirs\ntwo\nthree\nfour\nfive\n"));
    assert_int_equal(saved.left_count, 1);
    assert_string_equal(read_file("robots/hello/robot.lua"), "one\ntwo\nthree\nfour\nmine\n");
    assert_saved(save_working());
    assert_int_equal(saved.end, REPO_SAVED);
    assert_string_equal(read_file("robots/hello/robot.lua"), "theirs\ntwo\nthree\nfour\nmine\n");
    assert_string_equal(git("status --porcelain"), "");
    assert_string_equal(read_file(".renki/bases"), "");
}

static void a_working_file_in_conflict_shows_both_sides_and_its_next_save_settles_it(void **state)
{
    (void)state;
    write_file("robots/hello/robot.lua", "mine\ntwo\nthree\nfour\nfive\n");
    assert_saved(save_edit(NULL, "robots/hello/robot.lua", "theirs\ntwo\nthree\nfour\nfive\n"));
    assert_saved(save_working());
    assert_int_equal(saved.end, REPO_CONFLICTS);
    assert_string_equal(
        read_file("robots/hello/robot.lua"),
        "<<<<<<< saved by others\ntheirs\n=======\nmine\n>>>>>>> yours\ntwo\nthree\nfour\nfive\n");
    assert_false(save_working());
    assert_int_equal(err.code, ERR_SAVE_MARKERS);
    write_file("robots/hello/robot.lua", "theirs and mine\ntwo\nthree\nfour\nfive\n");
    assert_saved(save_working());
    assert_int_equal(saved.end, REPO_SAVED);
    assert_string_equal(git("for-each-ref refs/renki/conflicts"), "");
    assert_string_equal(git("status --porcelain"), "");
}

static void a_file_deleted_here_and_changed_there_comes_back_and_may_be_deleted_again(void **state)
{
    (void)state;
    SCOPED_TEXT char *path = xasprintf("%s/robots/hello/robot.lua", folder);
    unlink(path);
    assert_saved(save_edit(NULL, "robots/hello/robot.lua", "theirs\n"));
    assert_saved(save_working());
    assert_int_equal(saved.end, REPO_CONFLICTS);
    assert_null(saved.conflicts[0].mine);
    assert_string_equal(read_file("robots/hello/robot.lua"), "theirs\n");
    unlink(path);
    assert_saved(save_working());
    assert_int_equal(saved.end, REPO_SAVED);
    assert_string_equal(git("status --porcelain"), "");
}

static void marks_and_messages_are_in_the_language_of_who_saves(void **state)
{
    static const struct {
        enum language language;
        const char *message, *marked;
    } cases[] = {
        {LANGUAGE_FI, "muuttaa renki.lua\n",
         "<<<<<<< muiden tallentama\ntheirs\n=======\nmine\n>>>>>>> sinun\n"},
        {LANGUAGE_SV, "ändrar renki.lua\n", "<<<<<<< sparat av andra\ntheirs\n=======\nmine\n>>>>>>> ditt\n"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct repo_saving saving = as("bookkeeper");
        saving.roots = all;
        saving.root_count = COUNT_OF(all);
        saving.language = cases[i].language;
        assert_saved(save_edit(NULL, "renki.lua", "first\n"));
        write_file("renki.lua", "mine\n");
        assert_saved(save_edit(NULL, "renki.lua", "theirs\n"));
        repo_saved_dispose(&saved);
        assert_saved(repo_save(repo, &saved, &saving, &err));
        assert_string_equal(read_file("renki.lua"), cases[i].marked);
        write_file("renki.lua", "settled\n");
        repo_saved_dispose(&saved);
        assert_saved(repo_save(repo, &saved, &saving, &err));
        assert_string_equal(git("log -1 --format=%s"), cases[i].message);
    }
}

// ---- beside git

static void a_commit_by_git_beside_is_built_upon(void **state)
{
    (void)state;
    write_file("robots/hello/manifest.lua", "return { title = 1 }\n");
    git("commit -qam beside");
    write_file("robots/hello/robot.lua", "later\n");
    assert_saved(save_working());
    assert_string_equal(git("rev-list --count HEAD"), "3\n");
    assert_string_equal(git("status --porcelain"), "");
}

static void what_git_add_has_taken_is_saved_too(void **state)
{
    (void)state;
    write_file("robots/hello/robot.lua", "staged\n");
    git("add -A");
    assert_saved(save_working());
    assert_string_equal(git("show HEAD:robots/hello/robot.lua"), "staged\n");
    assert_string_equal(git("status --porcelain"), "");
}

static void a_merge_that_is_not_over_refuses_to_be_saved_over(void **state)
{
    (void)state;
    SCOPED_TEXT char *made = xasprintf("%.40s\n", git("rev-parse HEAD"));
    write_file(".git/MERGE_HEAD", made);
    write_file("robots/hello/robot.lua", "later\n");
    assert_false(save_working());
    assert_int_equal(err.code, ERR_SAVE_MIDST);
}

static void an_old_version_checked_out_has_no_branch_to_save_on(void **state)
{
    (void)state;
    git("checkout -q --detach");
    write_file("robots/hello/robot.lua", "later\n");
    assert_false(save_working());
    assert_int_equal(err.code, ERR_SAVE_NO_BRANCH);
}

static void the_index_lock_of_git_is_waited_for_and_never_removed_while_our_own_is(void **state)
{
    (void)state;
    write_file(".git/index.lock", "");
    write_file("robots/hello/robot.lua", "later\n");
    assert_false(save_working());
    assert_int_equal(err.code, ERR_SAVE_BUSY);
    SCOPED_TEXT char *index = xasprintf("%s/.git/index.lock", folder);
    SCOPED_TEXT char *own = xasprintf("%s/.git/renki.lock", folder);
    assert_int_equal(access(index, F_OK), 0);
    unlink(index);
    assert_int_equal(link(own, index), 0); // as a host that was killed leaves it
    assert_saved(save_working());
    assert_int_equal(access(index, F_OK), -1);
}

// ---- hosts at once

enum { WRITERS = 4, SAVES = 15 };

static void write_many(int writer)
{
    for (int i = 0; i < SAVES; i++) {
        SCOPED_TEXT char *path = xasprintf("robots/r%d/f%d.lua", writer, i);
        bool good;
        while (!(good = save_edit(NULL, path, "x\n")) && err.code == ERR_SAVE_BUSY) {
        } // told so after some seconds of a slow disk
        if (!good || saved.end != REPO_SAVED) {
            print_error("%s %s %d\n", path, good ? "" : err_name(err.code), saved.end);
            _exit(1);
        }
    }
    _exit(0);
}

static void saves_of_many_at_once_are_all_there(void **state)
{
    pid_t children[WRITERS];
    (void)state;
    for (int i = 0; i < WRITERS; i++) {
        children[i] = fork();
        if (children[i] == 0)
            write_many(i);
    }
    for (int i = 0; i < WRITERS; i++) {
        int status;
        assert_int_equal(waitpid(children[i], &status, 0), children[i]);
        assert_int_equal(status, 0);
    }
    assert_string_equal(git("rev-list --count HEAD"), "61\n");
    assert_string_equal(git("ls-tree -r --name-only HEAD robots | grep -c /f"), "60\n");
    assert_string_equal(git("status --porcelain"), "");
    assert_string_equal(git("fsck --strict --no-dangling"), "");
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        CASE(a_save_is_a_commit_by_the_person_that_git_finds_clean),
        CASE(files_that_are_gone_are_gone_in_the_commit),
        CASE(nothing_changed_makes_no_commit),
        CASE(files_that_git_ignores_and_files_elsewhere_stay_out),
        CASE(a_link_and_a_name_that_is_not_safe_are_told_and_stop_the_save),
        CASE(an_edit_leads_nowhere_but_to_robots_schedules_and_settings),
        CASE(a_tree_of_long_ago_that_could_not_be_saved_today_is_no_edit),
        CASE(an_edit_from_elsewhere_reaches_the_working_file_that_nobody_changed),
        CASE(edits_from_one_base_are_merged_line_by_line),
        CASE(the_same_line_changed_twice_is_a_conflict_and_mine_is_kept_until_it_is_settled),
        CASE(a_working_file_made_from_an_older_version_is_merged_with_what_came_meanwhile),
        CASE(a_working_file_in_conflict_shows_both_sides_and_its_next_save_settles_it),
        CASE(a_file_deleted_here_and_changed_there_comes_back_and_may_be_deleted_again),
        CASE(marks_and_messages_are_in_the_language_of_who_saves),
        CASE(a_commit_by_git_beside_is_built_upon),
        CASE(what_git_add_has_taken_is_saved_too),
        CASE(a_merge_that_is_not_over_refuses_to_be_saved_over),
        CASE(an_old_version_checked_out_has_no_branch_to_save_on),
        CASE(the_index_lock_of_git_is_waited_for_and_never_removed_while_our_own_is),
        CASE(saves_of_many_at_once_are_all_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
