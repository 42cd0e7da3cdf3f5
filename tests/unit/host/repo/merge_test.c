// Merges by libgit2 beside those by the git program: the same tree, or the same files in conflict.
//
// A case is three sets of files, "name:lines|name:lines". In lines a blank ends a line, as does the end unless it is "~";
// "_" is a blank, "^" a carriage return, "%" a NUL byte. A name after "*" is executable.
#include "support/unit.h"

#include "host/repo/save_own.h"
#include "lib/base/file.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static struct err err;
static char folder[64];
static struct repo *repo;

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *place)
{
    (void)status, (void)kind, (void)place;
    return remove(path);
}

static int tear_down(void **state)
{
    (void)state;
    repo_free(repo);
    return nftw(folder, remove_one, 32, FTW_DEPTH | FTW_PHYS);
}

static int set_up(void **state)
{
    bool made;
    (void)state;
    snprintf(folder, sizeof folder, "/tmp/renki-merge-XXXXXX");
    assert_non_null(mkdtemp(folder));
    assert_true(repo_make(&made, folder, &err) && made && repo_open(&repo, folder, &err));
    return 0;
}

// ---- the cases

enum expected {
    CLEAN,    // both merge, to the same tree
    CONFLICT, // both refuse, for the same files
    NAMED,    // both refuse; git names further files of its own making (x~HEAD), or other sides of a rename
    DIFFERS   // the table in docs/decisions/0021 says how, and why that does no harm
};

#define NINE "1 2 3 4 5 6 7 8 9"
#define LONG "a1 a2 a3 a4 a5 a6 a7 a8 a9 b1 b2 b3 b4 b5 b6 b7 b8 b9"

static const struct merge_case {
    const char *name, *base, *ours, *theirs;
    enum expected expected;
} cases[] = {
    // files come and go
    {"nothing happens", "f:" NINE, "f:" NINE, "f:" NINE, CLEAN},
    {"ours adds", "f:1", "f:1|g:2", "f:1", CLEAN},
    {"theirs adds", "f:1", "f:1", "f:1|g:2", CLEAN},
    {"both add different files", "f:1", "f:1|g:2", "f:1|h:3", CLEAN},
    {"both add the same", "f:1", "f:1|g:2", "f:1|g:2", CLEAN},
    {"both add otherwise", "f:1", "f:1|g:2", "f:1|g:3", CONFLICT},
    {"both add with much in common", "f:1", "f:1|g:" NINE " x", "f:1|g:" NINE " y", CONFLICT},
    {"both add, one executable", "f:1", "f:1|g:2", "f:1|*g:2", DIFFERS},
    {"both add an empty file", "f:1", "f:1|g:~", "f:1|g:~", CLEAN},
    {"one adds it empty", "f:1", "f:1|g:~", "f:1|g:2", CLEAN},
    {"ours deletes", "f:1|g:2", "f:1", "f:1|g:2", CLEAN},
    {"theirs deletes", "f:1|g:2", "f:1|g:2", "f:1", CLEAN},
    {"both delete", "f:1|g:2", "f:1", "f:1", CLEAN},
    {"ours deletes what theirs changes", "f:1|g:" NINE, "f:1", "f:1|g:" NINE " x", CONFLICT},
    {"theirs deletes what ours changes", "f:1|g:" NINE, "f:1|g:" NINE " x", "f:1", CONFLICT},
    {"ours deletes a folder, theirs adds to it", "f:1|d/g:2", "f:1", "f:1|d/g:2|d/h:3", CLEAN},
    {"names that differ in case only", "f:1", "f:1|A:2", "f:1|a:3", CLEAN},
    // lines
    {"first line and last line", "f:" NINE, "f:x 2 3 4 5 6 7 8 9", "f:1 2 3 4 5 6 7 8 y", CLEAN},
    {"adjacent lines", "f:" NINE, "f:1 2 3 x 5 6 7 8 9", "f:1 2 3 4 y 6 7 8 9", CONFLICT},
    {"a line between", "f:" NINE, "f:1 2 3 x 5 6 7 8 9", "f:1 2 3 4 5 y 7 8 9", CLEAN},
    {"the same line in the same way", "f:" NINE, "f:1 2 x 4 5 6 7 8 9", "f:1 2 x 4 5 6 7 8 9", CLEAN},
    {"the same line otherwise", "f:" NINE, "f:1 2 x 4 5 6 7 8 9", "f:1 2 y 4 5 6 7 8 9", CONFLICT},
    {"the same and more", "f:" NINE, "f:1 2 x 4 5 6 7 8 9", "f:1 2 x 4 5 6 y 8 9", CLEAN},
    {"one appends, one puts before", "f:" NINE, "f:" NINE " x", "f:y " NINE, CLEAN},
    {"both append otherwise", "f:" NINE, "f:" NINE " x", "f:" NINE " y", CONFLICT},
    {"both append the same", "f:" NINE, "f:" NINE " x", "f:" NINE " x", CLEAN},
    {"a line goes, another changes", "f:" NINE, "f:1 3 4 5 6 7 8 9", "f:1 2 3 4 5 6 7 y 9", CLEAN},
    {"a line goes that the other changes", "f:" NINE, "f:1 2 3 4 6 7 8 9", "f:1 2 3 4 y 6 7 8 9", CONFLICT},
    {"both delete the same line", "f:" NINE, "f:1 2 3 4 6 7 8 9", "f:1 2 3 4 6 7 8 9", CLEAN},
    {"both delete overlapping lines", "f:" NINE, "f:1 2 6 7 8 9", "f:1 2 3 7 8 9", CONFLICT},
    {"both insert, apart", "f:" NINE, "f:1 2 x 3 4 5 6 7 8 9", "f:1 2 3 4 5 6 7 y 8 9", CLEAN},
    {"both insert at one place", "f:" NINE, "f:1 2 3 4 x 5 6 7 8 9", "f:1 2 3 4 y 5 6 7 8 9", CONFLICT},
    {"all is replaced, a line is changed", "f:" NINE, "f:a b c", "f:1 2 3 4 y 6 7 8 9", CONFLICT},
    {"a file is emptied, and changed", "f:" NINE, "f:~", "f:1 2 3 4 y 6 7 8 9", CONFLICT},
    {"an empty file is filled by one", "f:~|g:1", "f:1|g:1", "f:~|g:2", CLEAN},
    {"an empty file is filled by both", "f:~", "f:1", "f:2", CONFLICT},
    {"repeated blocks", "f:a { x } a { x } a { x }", "f:a { y } a { x } a { x }", "f:a { x } a { x } a { z }",
     CLEAN},
    {"a block moves, a line in it changes", "f:" LONG,
     "f:b1 b2 b3 b4 b5 b6 b7 b8 b9 a1 a2 a3 a4 a5 a6 a7 a8 a9",
     "f:a1 a2 a3 a4 x a6 a7 a8 a9 b1 b2 b3 b4 b5 b6 b7 b8 b9", CONFLICT},
    {"lines like markers", "f:<<<<<<<_a 2 ======= 4 >>>>>>>_b", "f:<<<<<<<_x 2 ======= 4 >>>>>>>_b",
     "f:<<<<<<<_a 2 ======= 4 >>>>>>>_y", CLEAN},
    {"one file in conflict, one not", "f:" NINE "|g:" NINE, "f:x 2 3 4 5 6 7 8 9|g:x 2 3 4 5 6 7 8 9",
     "f:y 2 3 4 5 6 7 8 9|g:1 2 3 4 5 6 7 8 y", CONFLICT},
    {"two files in conflict", "f:1|g:1", "f:2|g:2", "f:3|g:3", CONFLICT},
    // blanks, ends of lines
    {"blanks and words in one line", "f:" NINE, "f:1 2 __3 4 5 6 7 8 9", "f:1 2 x 4 5 6 7 8 9", CONFLICT},
    {"blanks in other lines", "f:" NINE, "f:1_ 2_ 3 4 5 6 7 8 9", "f:1 2 3 4 5 6 7 x 9", CLEAN},
    {"all indented, a line changed", "f:" NINE, "f:_1 _2 _3 _4 _5 _6 _7 _8 _9", "f:1 2 x 4 5 6 7 8 9",
     CONFLICT},
    {"CRLF for all lines, a line changed", "f:" NINE, "f:1^ 2^ 3^ 4^ 5^ 6^ 7^ 8^ 9^", "f:1 2 x 4 5 6 7 8 9",
     CONFLICT},
    {"CRLF on both sides", "f:1^ 2^ 3^ 4^ 5^ 6^", "f:x^ 2^ 3^ 4^ 5^ 6^", "f:1^ 2^ 3^ 4^ 5^ y^", CLEAN},
    {"CRLF in one line", "f:" NINE, "f:1^ 2 3 4 5 6 7 8 9", "f:1 2 3 4 5 6 7 8 y^", CLEAN},
    {"no newline at the end, the first line changed", "f:1 2 3 4 5~", "f:x 2 3 4 5~", "f:1 2 3 4 5~", CLEAN},
    {"no newline at the end, both changed apart", "f:1 2 3 4 5 6~", "f:x 2 3 4 5 6~", "f:1 2 3 4 y 6~",
     CLEAN},
    {"one adds the newline, one changes the first line", "f:1 2 3 4 5~", "f:1 2 3 4 5", "f:x 2 3 4 5~",
     CLEAN},
    {"both change the last line without newline", "f:1 2 3~", "f:1 2 x~", "f:1 2 y~", CONFLICT},
    {"one adds the newline, one a line", "f:1 2 3~", "f:1 2 3", "f:1 2 3 4", CONFLICT},
    // letters
    {"UTF-8 in different lines", "f:ä 2 3 4 ö", "f:å 2 3 4 ö", "f:ä 2 3 4 ø", CLEAN},
    {"UTF-8 in one line", "f:ä 2 3", "f:å 2 3", "f:ø 2 3", CONFLICT},
    {"names in UTF-8", "ä:1|ö/å:1 2 3", "ä:2|ö/å:1 2 3", "ä:1|ö/å:1 2 x", CLEAN},
    {"a byte order mark comes", "f:1 2 3 4 5",
     "f:\xEF\xBB\xBF"
     "1 2 3 4 5",
     "f:1 2 3 4 y", CLEAN},
    {"Latin-1", "f:\xE4 2 3 4 \xF6", "f:\xE5 2 3 4 \xF6", "f:\xE4 2 3 4 \xF8", CLEAN},
    // bytes
    {"bytes changed by one", "f:%1", "f:%2", "f:%1", CLEAN},
    {"bytes changed by both", "f:%1", "f:%2", "f:%3", CONFLICT},
    {"bytes changed by both in the same way", "f:%1", "f:%2", "f:%2", CLEAN},
    {"bytes changed and deleted", "f:%1|g:1", "f:%2|g:1", "g:1", CONFLICT},
    {"text becomes bytes, a line changed", "f:" NINE, "f:%", "f:1 2 x 4 5 6 7 8 9", CONFLICT},
    // modes
    {"ours makes it executable", "f:1", "*f:1", "f:1", CLEAN},
    {"both make it executable", "f:1", "*f:1", "*f:1", CLEAN},
    {"mode by one, content by the other", "f:" NINE, "*f:" NINE, "f:" NINE " x", CLEAN},
    {"mode by both, content by both", "f:" NINE, "*f:x 2 3 4 5 6 7 8 9", "*f:1 2 3 4 5 6 7 8 y", CLEAN},
    {"mode by one, both change content", "f:" NINE, "*f:x 2 3 4 5 6 7 8 9", "f:1 2 3 4 5 6 7 8 y", CLEAN},
    {"mode by one, deleted by the other", "f:1|g:2", "*f:1|g:2", "g:2", CONFLICT},
    // files and folders
    {"a file becomes a folder", "f:1|g:1", "f/x:2|g:1", "f:1|g:2", CLEAN},
    {"a file becomes a folder, and is changed", "f:" NINE "|g:1", "f/x:2|g:1", "f:" NINE " y|g:1", NAMED},
    {"a folder becomes a file, something is added in it", "d/f:1|g:1", "d:2|g:1", "d/f:1|d/h:3|g:1", NAMED},
    {"one adds a file, one a folder of that name", "g:1", "g:1|d:2", "g:1|d/f:3", NAMED},
    // renames
    {"ours renames", "f:" LONG, "g:" LONG, "f:" LONG, CLEAN},
    {"ours renames, theirs changes", "f:" LONG, "g:" LONG, "f:" LONG " x", CLEAN},
    {"theirs renames, ours changes", "f:" LONG, "f:" LONG " x", "g:" LONG, CLEAN},
    {"both rename to the same", "f:" LONG, "g:" LONG, "g:" LONG, CLEAN},
    {"both rename to the same and change apart", "f:" LONG, "g:x " LONG, "g:" LONG " y", DIFFERS},
    {"both rename otherwise", "f:" LONG, "g:" LONG, "h:" LONG, CONFLICT},
    {"ours renames, theirs deletes", "f:" LONG "|k:1", "g:" LONG "|k:1", "k:1", NAMED},
    {"ours renames and changes, theirs changes apart", "f:" LONG, "g:x " LONG, "f:" LONG " y", CLEAN},
    {"ours renames and changes, theirs changes the same", "f:" LONG, "g:" LONG " x", "f:" LONG " y", NAMED},
    {"ours renames, theirs adds under that name", "f:" LONG, "g:" LONG, "f:" LONG "|g:1", NAMED},
    {"two names are exchanged", "f:" LONG "|g:" NINE, "f:" NINE "|g:" LONG, "f:" LONG " x|g:" NINE, CONFLICT},
    {"a file moves to another folder, and is changed", "a/f:" LONG, "b/f:" LONG, "a/f:" LONG " x", CLEAN},
    {"a folder moves, something is added in it", "a/f:" LONG "|a/g:" NINE "|k:1",
     "b/f:" LONG "|b/g:" NINE "|k:1", "a/f:" LONG "|a/g:" NINE "|a/h:new|k:1", DIFFERS},
    {"one copies, one changes", "f:" LONG, "f:" LONG "|g:" LONG, "f:" LONG " x", CLEAN},
};

// ---- making trees of them

static void append(struct buf *out, char c)
{
    static const char from[] = " _^%", to[] = "\n \r\0";
    const char *at = strchr(from, c);
    assert_true(buf_append_char(out, at ? to[at - from] : c));
}

static git_tree *tree_of(const char *spec)
{
    git_index *index = NULL;
    git_oid id;
    git_tree *tree = NULL;
    struct text rest = text_from(spec), file;
    assert_int_equal(git_index_new(&index), 0);
    while (text_cut(&rest, '|', &file)) {
        SCOPED_BUF(content, 10000);
        struct text name;
        assert_true(text_cut(&file, ':', &name));
        const bool executable = text_starts(name, "*"), open_end = text_ends(file, "~");
        SCOPED_TEXT char *path = xstrndup(name.data + executable, name.length - executable);
        git_index_entry entry = {.path = path,
                                 .mode = executable ? GIT_FILEMODE_BLOB_EXECUTABLE : GIT_FILEMODE_BLOB};
        for (size_t i = 0; i < file.length - open_end; i++)
            append(&content, file.data[i]);
        if (!open_end)
            append(&content, ' ');
        assert_int_equal(
            git_blob_create_from_buffer(&entry.id, repo->repository, buf_text(&content).data, content.length),
            0);
        assert_int_equal(git_index_add(index, &entry), 0);
    }
    assert_int_equal(git_index_write_tree_to(&id, index, repo->repository), 0);
    assert_int_equal(git_tree_lookup(&tree, repo->repository, &id), 0);
    git_index_free(index);
    return tree;
}

static git_oid commit_of(git_tree *tree, const git_oid *parent)
{
    git_oid id;
    git_signature *person = NULL;
    git_commit *above = NULL;
    assert_int_equal(git_signature_new(&person, "Test", "test@localhost", 1000000000, 0), 0);
    if (parent)
        assert_int_equal(git_commit_lookup(&above, repo->repository, parent), 0);
    const git_commit *parents[] = {above};
    assert_int_equal(git_commit_create(&id, repo->repository, NULL, person, person, NULL, "x", tree,
                                       parent ? 1 : 0, parents),
                     0);
    git_commit_free(above);
    git_signature_free(person);
    return id;
}

// ---- both results as text: the tree's id, or "conflict" and the files, sorted

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void write_sorted(char *out, size_t size, char **names, size_t count)
{
    qsort(names, count, sizeof *names, by_name);
    int length = snprintf(out, size, "conflict");
    for (size_t i = 0; i < count; i++) {
        if (i == 0 || strcmp(names[i], names[i - 1]) != 0)
            length += snprintf(out + length, size - (size_t)length, " %s", names[i]);
    }
    for (size_t i = 0; i < count; i++)
        xfree(names[i]);
}

static void ours(char *out, size_t size, git_tree *base, git_tree *branch, git_tree *mine)
{
    git_oid merged;
    git_index *conflicts = NULL;
    const git_index_entry *sides[3];
    git_index_conflict_iterator *each = NULL;
    char *names[100];
    size_t count = 0;
    assert_true(merge_three(repo, &merged, &conflicts, base, branch, mine, &err));
    if (!conflicts) {
        git_oid_tostr(out, size, &merged);
        return;
    }
    assert_int_equal(git_index_conflict_iterator_new(&each, conflicts), 0);
    while (git_index_conflict_next(&sides[0], &sides[1], &sides[2], each) == 0)
        for (size_t i = 0; i < 3; i++)
            if (sides[i])
                names[count++] = xstrdup(sides[i]->path);
    git_index_conflict_iterator_free(each);
    git_index_free(conflicts);
    write_sorted(out, size, names, count);
}

static void gits(char *out, size_t size, const git_oid *branch, const git_oid *mine)
{
    char a[REPO_ID_SIZE], b[REPO_ID_SIZE], line[1000], *names[100];
    size_t count = 0;
    git_oid_tostr(a, sizeof a, branch);
    git_oid_tostr(b, sizeof b, mine);
    SCOPED_TEXT char *command =
        xasprintf("git -C %s -c core.quotePath=false merge-tree --write-tree --name-only --no-messages %s %s",
                  folder, a, b);
    FILE *pipe = popen(command, "r");
    assert_non_null(pipe);
    assert_non_null(fgets(out, (int)size, pipe));
    out[strcspn(out, "\n")] = '\0';
    while (fgets(line, sizeof line, pipe) && count < COUNT_OF(names)) {
        line[strcspn(line, "\n")] = '\0';
        if (*line)
            names[count++] = xstrdup(line);
    }
    const int status = pclose(pipe);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) <= 1);
    if (WEXITSTATUS(status) == 1)
        write_sorted(out, size, names, count);
}

static bool is_as_expected(enum expected expected, const char *here, const char *there)
{
    const bool same = strcmp(here, there) == 0, conflict = strncmp(here, "conflict", 8) == 0,
               conflict_there = strncmp(there, "conflict", 8) == 0;
    switch (expected) {
    case CLEAN:
        return same && !conflict;
    case CONFLICT:
        return same && conflict;
    case NAMED:
        return !same && conflict && conflict_there;
    case DIFFERS:
        return !same && conflict != conflict_there;
    }
    return false;
}

static void merges_are_what_git_makes_of_them_and_leave_a_valid_repository(void **state)
{
    size_t wrong = 0;
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct merge_case *each = &cases[i];
        char here[1000], there[1000];
        git_tree *base = tree_of(each->base), *branch = tree_of(each->ours), *mine = tree_of(each->theirs);
        const git_oid first = commit_of(base, NULL), left = commit_of(branch, &first),
                      right = commit_of(mine, &first);
        ours(here, sizeof here, base, branch, mine);
        gits(there, sizeof there, &left, &right);
        if (!is_as_expected(each->expected, here, there)) {
            print_error("%s\n  here:  %s\n  there: %s\n", each->name, here, there);
            wrong++;
        }
        git_tree_free(base);
        git_tree_free(branch);
        git_tree_free(mine);
    }
    assert_int_equal(wrong, 0);
    assert_true(COUNT_OF(cases) >= 60);
    SCOPED_TEXT char *command = xasprintf("git -C %s fsck --strict --no-dangling", folder);
    assert_int_equal(system(command), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(merges_are_what_git_makes_of_them_and_leave_a_valid_repository,
                                        set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
