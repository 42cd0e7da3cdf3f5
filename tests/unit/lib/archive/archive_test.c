// lib/archive/archive.c; what it wrote is read by lib/sheet's package.
#include "support/unit.h"

#include "lib/archive/archive.h"
#include "lib/sheet/package.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

struct place {
    char folder[40];
    char *path;
};

static struct place place_new(void)
{
    struct place place = {.folder = "/tmp/renki-archive-XXXXXX"};
    assert_non_null(mkdtemp(place.folder));
    place.path = xasprintf("%s/out.zip", place.folder);
    return place;
}

static void place_dispose(struct place *place)
{
    unlink(place->path);
    assert_int_equal(rmdir(place->folder), 0); // nothing else is left in it
    xfree(place->path);
}

static void assert_part(struct package *package, const char *name, const char *content)
{
    SCOPED(part)
    part = NULL;
    struct err err;
    char text[64] = "";
    size_t got;
    assert_true(part_open(&part, package, text_from(name), &err));
    assert_true(part_read(part, text, sizeof text - 1, &got, &err));
    assert_string_equal(text, content);
}

static void what_was_added_is_read_back(void **state)
{
    (void)state;
    struct err err;
    struct stat status;
    struct place place = place_new();
    SCOPED_TEXT char *source = xasprintf("%s/source", place.folder);
    struct archive *archive;
    const int file = open(source, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    assert_int_equal(write(file, "of a file", 9), 9);
    assert_true(archive_new(&archive, place.path, &err));
    assert_true(archive_add_text(archive, "a text.txt", TEXT_OF("a text"), 1000000000, &err));
    assert_true(archive_add_file(archive, "folder/päivä.bin", file, 1000000000, &err));
    assert_int_equal(access(place.path, F_OK), -1); // not before it is whole
    assert_true(archive_finish(archive, &err));
    archive_free(archive);
    unlink(source);
    assert_int_equal(stat(place.path, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);

    SCOPED(package)
    package = NULL;
    assert_true(package_open_file(&package, open(place.path, O_RDONLY | O_CLOEXEC), &err));
    assert_int_equal(package_count(package), 2);
    assert_string_equal(package_name(package, 1), "folder/päivä.bin");
    assert_part(package, "a text.txt", "a text");
    assert_part(package, "folder/päivä.bin", "of a file");
    place_dispose(&place);
}

static void one_that_is_given_up_leaves_nothing(void **state)
{
    (void)state;
    struct err err;
    struct place place = place_new();
    struct archive *archive;
    assert_true(archive_new(&archive, place.path, &err));
    assert_true(archive_add_text(archive, "a", TEXT_OF("a"), 0, &err));
    archive_free(archive);
    assert_int_equal(access(place.path, F_OK), -1);
    place_dispose(&place);
}

static void a_folder_that_is_not_there_is_told(void **state)
{
    (void)state;
    struct err err;
    struct archive *archive = NULL;
    const bool made = archive_new(&archive, "/nowhere/at/all.zip", &err) &&
                      archive_add_text(archive, "a", TEXT_OF("a"), 0, &err) && archive_finish(archive, &err);
    archive_free(archive);
    assert_false(made);
    assert_int_equal(err.code, ERR_FILE_UNWRITABLE);
    assert_string_equal(err.arguments[0], "/nowhere/at/all.zip");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_added_is_read_back),
        cmocka_unit_test(one_that_is_given_up_leaves_nothing),
        cmocka_unit_test(a_folder_that_is_not_there_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
