// lib/encoding/lines.c
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// cmocka needs the four above
#include <cmocka.h>

#include "lib/base/file.h"
#include "lib/encoding/lines.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static char folder[] = "/tmp/renki-lines-XXXXXX";

static int make_folder(void **state)
{
    (void)state;
    return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
    (void)state;
    SCOPED_TEXT char *path = xasprintf("%s/file", folder);
    unlink(path);
    return rmdir(folder);
}

static struct line_reader *open_with(struct text content, const char *encoding)
{
    struct line_reader *reader = NULL;
    struct err err = {0};
    SCOPED_TEXT char *path = xasprintf("%s/file", folder);
    assert_true(file_write(AT_FDCWD, path, content, 0600, &err));
    assert_true(line_reader_open(&reader, AT_FDCWD, path,
                                 encoding ? encoding_find(text_from(encoding)) : NULL, ENCODING_STRICT,
                                 &err));
    return reader;
}

static void expect_lines(struct text content, const char *encoding, const char *const *lines)
{
    SCOPED(line_reader)
    reader = open_with(content, encoding);
    struct text line;
    struct err err = {0};
    bool found;
    for (; *lines; lines++) {
        assert_true(line_reader_next(reader, &line, &found, &err) && found);
        assert_true(text_is(line, *lines));
    }
    assert_true(line_reader_next(reader, &line, &found, &err));
    assert_false(found);
    assert_true(line_reader_next(reader, &line, &found, &err));
    assert_false(found);
}

static void lines_end_in_every_usual_way(void **state)
{
    (void)state;
    expect_lines(TEXT_OF(""), NULL, (const char *const[]){NULL});
    expect_lines(TEXT_OF("a\nb\n"), NULL, (const char *const[]){"a", "b", NULL});
    expect_lines(TEXT_OF("a\r\n\r\nb"), NULL, (const char *const[]){"a", "", "b", NULL});
    expect_lines(TEXT_OF("a\rb\r"), NULL, (const char *const[]){"a", "b", NULL});
    expect_lines(TEXT_OF("\n"), NULL, (const char *const[]){"", NULL});
    expect_lines(TEXT_OF("90 blanks count  \r\n"), "iso-8859-1",
                 (const char *const[]){"90 blanks count  ", NULL});
}

static void the_encoding_is_named_or_guessed(void **state)
{
    (void)state;
    expect_lines(TEXT_OF("\xC4ij\xE4l\xE4\r\n"), "iso-8859-1", (const char *const[]){"Äijälä", NULL});
    expect_lines(TEXT_OF("\xC4ij\xE4l\xE4\r\n"), NULL, (const char *const[]){"Äijälä", NULL});
    expect_lines(text_of("\xFF\xFE"
                         "a\0\r\0\n\0b\0",
                         10),
                 NULL, (const char *const[]){"a", "b", NULL});
}

static void a_byte_that_is_no_text_names_its_line(void **state)
{
    (void)state;
    SCOPED(line_reader)
    reader = open_with(TEXT_OF("good\nb\xE4"
                               "d\n"),
                       "utf-8");
    struct text line;
    struct err err = {0};
    bool found = true;
    while (found && line_reader_next(reader, &line, &found, &err))
        ;
    assert_int_equal(err.code, ERR_ENCODING_BYTES);
    assert_non_null(strstr(err.where, "line "));
}

// Lines of every length around the size of a piece, so that each place is once the border between two.
static void lines_are_whole_across_the_borders_of_pieces(void **state)
{
    (void)state;
    SCOPED_BUF(content, 4 << 20);
    enum { COUNT = 3000 };
    for (int i = 0; i < COUNT; i++)
        assert_true(buf_printf(&content, "%0*d\xE4\r\n", i % 97 + 1, i));
    SCOPED(line_reader)
    reader = open_with(buf_text(&content), "windows-1252");
    for (int i = 0; i < COUNT; i++) {
        struct text line;
        struct err err = {0};
        bool found;
        SCOPED_TEXT char *expected = xasprintf("%0*dä", i % 97 + 1, i);
        assert_true(line_reader_next(reader, &line, &found, &err) && found);
        assert_true(text_is(line, expected));
    }
}

static void a_line_without_end_is_refused_before_it_fills_the_memory(void **state)
{
    (void)state;
    SCOPED_BUF(content, 4 << 20);
    while (content.length < LINE_BYTES_MAX + 10)
        assert_true(buf_append_string(&content, "0123456789012345678901234567890123456789"));
    SCOPED(line_reader)
    reader = open_with(buf_text(&content), "utf-8");
    struct text line;
    struct err err = {0};
    bool found;
    assert_false(line_reader_next(reader, &line, &found, &err));
    assert_int_equal(err.code, ERR_LIMIT_PASSED);
}

static void only_files_are_read(void **state)
{
    (void)state;
    struct line_reader *reader = NULL;
    struct err err = {0};
    assert_false(line_reader_open(&reader, AT_FDCWD, "/nowhere/x", NULL, ENCODING_STRICT, &err));
    assert_int_equal(err.code, ERR_FILE_MISSING);
    assert_false(line_reader_open(&reader, AT_FDCWD, folder, NULL, ENCODING_STRICT, &err));
    assert_int_equal(err.code, ERR_FILE_UNREADABLE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_end_in_every_usual_way),
        cmocka_unit_test(the_encoding_is_named_or_guessed),
        cmocka_unit_test(a_byte_that_is_no_text_names_its_line),
        cmocka_unit_test(lines_are_whole_across_the_borders_of_pieces),
        cmocka_unit_test(a_line_without_end_is_refused_before_it_fills_the_memory),
        cmocka_unit_test(only_files_are_read),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
