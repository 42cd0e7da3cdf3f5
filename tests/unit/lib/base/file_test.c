// lib/base/file.c
#include "support/unit.h"

#include "lib/base/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

struct folder {
    char path[64];
    int fd;
};

static int make_folder(void **state)
{
    struct folder *folder = xcalloc(1, sizeof *folder);
    snprintf(folder->path, sizeof folder->path, "/tmp/renki-file-XXXXXX");
    if (!mkdtemp(folder->path))
        return -1;
    folder->fd = open(folder->path, O_DIRECTORY | O_CLOEXEC);
    *state = folder;
    return folder->fd < 0 ? -1 : 0;
}

static int remove_folder(void **state)
{
    struct folder *folder = *state;
    DIR *entries = fdopendir(folder->fd);
    for (const struct dirent *entry; (entry = readdir(entries));)
        if (unlinkat(folder->fd, entry->d_name, 0) != 0)
            (void)unlinkat(folder->fd, entry->d_name, AT_REMOVEDIR);
    closedir(entries);
    const int result = rmdir(folder->path); // fails, and so does the test, when something was left behind
    xfree(folder);
    return result;
}

static size_t count_entries(const struct folder *folder)
{
    DIR *entries = opendir(folder->path);
    size_t count = 0;
    for (const struct dirent *entry; (entry = readdir(entries));)
        count += entry->d_name[0] != '.';
    closedir(entries);
    return count;
}

static void a_draft_has_its_name_only_when_it_is_finished(void **state)
{
    const struct folder *folder = *state;
    struct err err;
    struct file_draft draft;
    SCOPED_BUF(out, 100);
    assert_true(file_begin(&draft, folder->fd, "f", 0600, &err));
    assert_true(file_add(&draft, TEXT_OF("one "), &err) && file_add(&draft, TEXT_OF("two"), &err));
    assert_int_equal(faccessat(folder->fd, "f", F_OK, 0), -1);
    assert_true(file_finish(&draft, &err));
    assert_true(file_read(&out, folder->fd, "f", &err));
    assert_string_equal(buf_string(&out), "one two");
    file_drop(&draft);
    assert_true(file_begin(&draft, folder->fd, "g", 0600, &err) && file_add(&draft, TEXT_OF("x"), &err));
    file_drop(&draft);
    file_drop(&draft);
    assert_int_equal(count_entries(folder), 1);
    assert_false(file_begin(&draft, folder->fd, "none/g", 0600, &err));
    assert_int_equal(draft.fd, -1);
}

static void what_is_written_is_read_again(void **state)
{
    const struct folder *folder = *state;
    const struct text content = {"a\0b\n", 4};
    struct err err;
    struct stat status;
    SCOPED_BUF(out, 100);
    assert_true(file_write(folder->fd, "f", content, 0600, &err));
    assert_true(file_read(&out, folder->fd, "f", &err));
    assert_true(text_equal(buf_text(&out), content));
    assert_int_equal(fstatat(folder->fd, "f", &status, 0), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
    assert_int_equal(count_entries(folder), 1);
}

static void a_file_is_replaced_whole_readers_of_the_old_keep_it(void **state)
{
    const struct folder *folder = *state;
    struct err err;
    char old[4] = "";
    assert_true(file_write(folder->fd, "f", TEXT_OF("old"), 0600, &err));
    const int reader = openat(folder->fd, "f", O_RDONLY | O_CLOEXEC);
    assert_true(file_write(folder->fd, "f", TEXT_OF("new"), 0600, &err));
    assert_int_equal(read(reader, old, 3), 3);
    assert_string_equal(old, "old");
    close(reader);
    SCOPED_BUF(out, 100);
    assert_true(file_read(&out, folder->fd, "f", &err));
    assert_string_equal(buf_string(&out), "new");
}

static void a_write_that_fails_leaves_the_old_file_and_nothing_else(void **state)
{
    const struct folder *folder = *state;
    struct err err;
    assert_int_equal(mkdirat(folder->fd, "f", 0700), 0); // a folder can't be replaced by a file
    assert_false(file_write(folder->fd, "f", TEXT_OF("new"), 0600, &err));
    assert_int_equal(err.code, ERR_FILE_UNWRITABLE);
    assert_int_equal(count_entries(folder), 1);
    assert_false(file_write(folder->fd, "no/f", TEXT_OF("new"), 0600, &err));
    assert_int_equal(err.code, ERR_FILE_UNWRITABLE);
}

static void a_file_at_the_limit_is_read_one_byte_more_is_not(void **state)
{
    const struct folder *folder = *state;
    struct err err;
    assert_true(file_write(folder->fd, "f", TEXT_OF("12345678"), 0600, &err));
    SCOPED_BUF(enough, 8);
    assert_true(file_read(&enough, folder->fd, "f", &err));
    SCOPED_BUF(too_small, 7);
    assert_false(file_read(&too_small, folder->fd, "f", &err));
    assert_int_equal(err.code, ERR_FILE_TOO_LARGE);
}

static void only_regular_files_are_read_and_nothing_is_waited_for(void **state)
{
    const struct folder *folder = *state;
    struct err err;
    SCOPED_BUF(out, 100);
    assert_int_equal(mkdirat(folder->fd, "d", 0700), 0);
    assert_int_equal(mkfifoat(folder->fd, "fifo", 0600), 0);
    assert_false(file_read(&out, folder->fd, "d", &err));
    assert_int_equal(err.code, ERR_FILE_UNREADABLE);
    assert_false(file_read(&out, folder->fd, "fifo", &err)); // nobody writes to it
    assert_int_equal(err.code, ERR_FILE_UNREADABLE);
    assert_false(file_read(&out, folder->fd, "none", &err));
    assert_int_equal(err.code, ERR_FILE_MISSING);
}

static void why_a_file_is_not_read_is_told(void **state)
{
    struct err err;
    (void)state;
    assert_false(file_unreadable(&err, "a.csv", ENOENT));
    assert_int_equal(err.code, ERR_FILE_MISSING);
    assert_false(file_unreadable(&err, "a.csv", EMFILE));
    assert_int_equal(err.code, ERR_FILES_OPEN);
    assert_false(file_unreadable(&err, "a.csv", EACCES));
    assert_int_equal(err.code, ERR_FILE_UNREADABLE);
}

static void folders_are_made_with_those_above_them(void **state)
{
    const struct folder *folder = *state;
    struct err err;
    SCOPED_TEXT char *above = xasprintf("%s/a", folder->path);
    SCOPED_TEXT char *below = xasprintf("%s/a/b", folder->path);
    SCOPED_TEXT char *file = xasprintf("%s/f", folder->path);
    SCOPED_TEXT char *in_file = xasprintf("%s/f/b", folder->path);
    assert_true(file_make_folder(below, &err));
    assert_true(file_make_folder(below, &err)); // there already
    assert_true(file_write(AT_FDCWD, file, TEXT_OF(""), 0600, &err));
    assert_false(file_make_folder(file, &err)); // was taken for a folder once
    assert_int_equal(err.code, ERR_FILE_UNWRITABLE);
    assert_false(file_make_folder(in_file, &err));
    assert_int_equal(err.code, ERR_FILE_UNWRITABLE);
    assert_int_equal(rmdir(below), 0);
    assert_int_equal(rmdir(above), 0);
}

#define in_a_folder(test) cmocka_unit_test_setup_teardown(test, make_folder, remove_folder)

int main(void)
{
    const struct CMUnitTest tests[] = {
        in_a_folder(what_is_written_is_read_again),
        in_a_folder(a_draft_has_its_name_only_when_it_is_finished),
        in_a_folder(a_file_is_replaced_whole_readers_of_the_old_keep_it),
        in_a_folder(a_write_that_fails_leaves_the_old_file_and_nothing_else),
        in_a_folder(a_file_at_the_limit_is_read_one_byte_more_is_not),
        in_a_folder(only_regular_files_are_read_and_nothing_is_waited_for),
        cmocka_unit_test(why_a_file_is_not_read_is_told),
        in_a_folder(folders_are_made_with_those_above_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
