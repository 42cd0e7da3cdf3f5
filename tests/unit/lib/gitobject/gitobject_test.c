// What strangers' trees, commits and tags are read as.
#include "lib/gitobject/gitobject.h"

#include "support/unit.h"

static const char id[] = "12345678901234567890"; // 20 bytes
#define HEX "0123456789abcdef0123456789abcdef01234567"
#define PERSON "A Test <a@b.example> 1700000000 +0200"

static void names_that_could_mean_another_file_are_refused(void **state)
{
    static const char *const good[] = {"robot.lua", "a",     ".gitignore", ".github", "git",
                                       "gi",        "ä.txt", "a~1",        "..a"};
    static const char *const bad[] = {"",           ".",       "..",       ".git",    ".GIT",   ".git.",
                                      ".git ",      ".git. .", ".git::$X", "git~1",   "GIT~12", "gi7eba~1",
                                      "gitmod~1",   "a/b",     "a\\b",     "a\nb",    "\x7f",   "\xff",
                                      ".g\u200cit", "\ufeff",  "a\u202eb", "\xc2\x9b"};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(good); i++)
        assert_true(gitobject_name_is_safe(text_from(good[i])));
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        assert_false(gitobject_name_is_safe(text_from(bad[i])));
    char longest[GITOBJECT_NAME_MAX + 2];
    memset(longest, 'a', sizeof longest);
    assert_true(gitobject_name_is_safe(text_of(longest, GITOBJECT_NAME_MAX)));
    assert_false(gitobject_name_is_safe(text_of(longest, GITOBJECT_NAME_MAX + 1)));
    assert_false(gitobject_name_is_safe(text_of("a\0b", 3)));
}

// "mode name" with an id each, up to NULL; the first reason, or NULL.
static const char *reason_of(const char *const *entries)
{
    static char bytes[8192];
    size_t length = 0;
    const char *wrong = NULL;
    for (; *entries; entries++) {
        const size_t size = strlen(*entries) + 1;
        memcpy(bytes + length, *entries, size);
        memcpy(bytes + length + size, id, 20);
        length += size + 20;
    }
    struct gitobject_tree *tree = xcalloc(1, sizeof *tree);
    struct gitobject_entry entry;
    tree->rest = text_of(bytes, length);
    while (!wrong && tree->rest.length)
        wrong = gitobject_entry_take(&entry, tree);
    xfree(tree);
    return wrong;
}

static void a_tree_is_in_order_and_has_each_name_once(void **state)
{
    static const struct {
        const char *entries[5], *wrong;
    } cases[] = {
        {{"100644 a", "40000 b", "100755 c"}, NULL},
        {{"100644 a", "100644 a.b", "100644 a0"}, NULL},
        {{"100644 a.b", "40000 a", "100644 a0"}, NULL}, // a folder sorts as "a/"
        {{"100644 a", "100644 a"}, "a tree out of order"},
        {{"100644 b", "100644 a"}, "a tree out of order"},
        {{"100644 a", "40000 a"}, "a tree out of order"},
        {{"100644 a", "100644 a.b", "40000 a"}, "a tree out of order"},
        {{"100644 a", "100644 a-", "100644 a-b", "40000 a"}, "a tree out of order"},
        {{"120000 a"}, "a link"},
        {{"100664 a"}, "a link"},
        {{"0100644 a"}, "a link"},
        {{"160000 a"}, "a submodule"},
        {{"100644 .gitmodules"}, "a submodule"},
        {{"100644 .GITmodules"}, "a submodule"},
        {{"100644 .git"}, "a name that is not safe"},
        {{"100644"}, "a tree is broken"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const char *wrong = reason_of(cases[i].entries);
        if (cases[i].wrong)
            assert_string_equal(wrong, cases[i].wrong);
        else
            assert_null(wrong);
    }
}

static void a_tree_that_is_cut_off_is_broken(void **state)
{
    static const char bytes[] = "100644 a\0"
                                "1234567890";
    struct gitobject_tree *tree = xcalloc(1, sizeof *tree);
    struct gitobject_entry entry;
    (void)state;
    for (size_t length = 1; length < sizeof bytes; length++) {
        *tree = (struct gitobject_tree){.rest = text_of(bytes, length)};
        assert_string_equal(gitobject_entry_take(&entry, tree), "a tree is broken");
    }
    xfree(tree);
}

static const char *commit_reason(const char *object)
{
    struct gitobject_commit commit;
    return gitobject_commit_read(&commit, text_from(object));
}

static void a_commit_says_who_and_what(void **state)
{
    struct gitobject_commit commit;
    static const char object[] =
        "tree " HEX "\nparent " HEX "\nauthor " PERSON "\ncommitter " PERSON
        "\ngpgsig -----BEGIN SSH SIGNATURE-----\n abc\n -----END SSH SIGNATURE-----\n"
        "\nwords\n";
    (void)state;
    assert_null(gitobject_commit_read(&commit, text_from(object)));
    assert_true(text_is(commit.tree, HEX));
    assert_int_equal(commit.parent_count, 1);
    assert_true(text_is(commit.author.name, "A Test"));
    assert_true(text_is(commit.author.email, "a@b.example"));
    assert_int_equal(commit.author.seconds, 1700000000);
    assert_true(commit.has_signature);
    assert_true(text_is(commit.message, "words\n"));
}

static void what_git_would_not_take_is_refused(void **state)
{
#define COMMIT(author, rest) "tree " HEX "\nauthor " author "\ncommitter " PERSON "\n" rest
    static const struct {
        const char *object, *wrong;
    } cases[] = {
        {"", "a commit is broken"},
        {"tree " HEX, "a commit is broken"},
        {"tree 0\n", "a commit is broken"},
        {"tree " HEX "\nauthor " PERSON "\ncommitter " PERSON, "a commit is broken"},
        {COMMIT(PERSON, "author " PERSON "\n\nx\n"), "a commit is broken"},
        {COMMIT(PERSON, " goes on\n\nx\n"), "a commit is broken"},
        {COMMIT(PERSON, "head without end"), "a commit is broken"},
        {COMMIT("<a@b> 1 +0000", "\nx\n"), "a person that git would not take"},
        {COMMIT("A<a@b> 1 +0000", "\nx\n"), "a person that git would not take"},
        {COMMIT("A <a@b>1 +0000", "\nx\n"), "a person that git would not take"},
        {COMMIT("A <a@b> 01 +0000", "\nx\n"), "a person that git would not take"},
        {COMMIT("A <a@b> -1 +0000", "\nx\n"), "a person that git would not take"},
        {COMMIT("A <a@b> 99999999999999 +0000", "\nx\n"), "a person that git would not take"},
        {COMMIT("A <a@b> 1 0000", "\nx\n"), "a person that git would not take"},
        {COMMIT("A <a<b> 1 +0000", "\nx\n"), "a person that git would not take"},
        {COMMIT("\x1b <a@b> 1 +0000", "\nx\n"), "control characters"},
        {COMMIT(PERSON, "\n\x1b[2J\n"), "control characters"},
        {COMMIT(PERSON, "\n\xff\n"), "control characters"},
        {COMMIT(PERSON, "\n\u202e\n"), "control characters"},
        {COMMIT(PERSON, "\nwords\n"), NULL},
        {COMMIT(PERSON, "encoding UTF-16\n\nx\n"), "a commit is broken"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const char *wrong = commit_reason(cases[i].object);
        if (cases[i].wrong) {
            assert_non_null(wrong);
            assert_string_equal(wrong, cases[i].wrong);
        } else
            assert_null(wrong);
    }
}

static void a_tag_says_what_it_is_of(void **state)
{
    struct gitobject_tag tag;
    (void)state;
    assert_null(gitobject_tag_read(
        &tag, text_from("object " HEX "\ntype tree\ntag approval\ntagger " PERSON "\n\nyes\n")));
    assert_true(text_is(tag.kind, "tree"));
    assert_true(text_is(tag.target, HEX));
    assert_true(text_is(tag.message, "yes\n"));
    assert_string_equal(gitobject_tag_read(&tag, text_from("object " HEX "\ntype tree\ntag x\n\nyes\n")),
                        "a tag is broken");
    assert_string_equal(
        gitobject_tag_read(&tag, text_from("object " HEX "\ntype tree\ntag x\ntagger A <a@b> x\n\n")),
        "a person that git would not take");
}

static void attributes_have_lines_that_end(void **state)
{
    static char lines[3000];
    (void)state;
    memset(lines, 'a', sizeof lines);
    assert_non_null(gitobject_attributes_check(text_of(lines, 2048)));
    assert_null(gitobject_attributes_check(text_of(lines, 2047)));
    lines[1500] = '\n';
    assert_null(gitobject_attributes_check(text_of(lines, sizeof lines)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_that_could_mean_another_file_are_refused),
        cmocka_unit_test(a_tree_is_in_order_and_has_each_name_once),
        cmocka_unit_test(a_tree_that_is_cut_off_is_broken),
        cmocka_unit_test(a_commit_says_who_and_what),
        cmocka_unit_test(what_git_would_not_take_is_refused),
        cmocka_unit_test(a_tag_says_what_it_is_of),
        cmocka_unit_test(attributes_have_lines_that_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
