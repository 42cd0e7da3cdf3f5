// lib/csv/reader.c and sniff.c: our own traps. Files and cases of other suites are in shared_test.c.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// cmocka needs the four above
#include <cmocka.h>

#include "lib/csv/reader.h"

#include <stdio.h>
#include <unistd.h>

static const struct csv_options anything = {.dialect = {.quote = '"'}};

static struct csv_reader *open_string(const char *s, size_t length, const struct csv_options *options)
{
    struct csv_reader *reader = NULL;
    struct err err;
    assert_true(csv_reader_open_text(&reader, text_of(s, length), options, &err));
    return reader;
}

// Rows as "a|b/c|d/" so that an expectation is one text.
static void assert_rows(const char *input, const struct csv_options *options, const char *expected)
{
    SCOPED(csv_reader)
    reader = open_string(input, strlen(input), options);
    SCOPED_BUF(out, 4096);
    const struct csv_row *row;
    struct err err = {0};
    while (true) {
        assert_true(csv_reader_next(reader, &row, &err));
        if (!row)
            break;
        for (size_t i = 0; i < row->count; i++) {
            assert_true(i == 0 || buf_append_char(&out, '|'));
            assert_true(buf_append_text(&out, row->cells[i]));
        }
        assert_true(buf_append_char(&out, '/'));
    }
    assert_string_equal(buf_string(&out), expected);
}

// `line`: the last argument of the error.
static enum err_code error_of(const char *input, size_t length, const struct csv_options *options,
                              char line[32])
{
    struct err err = {0};
    const struct csv_row *row;
    struct csv_reader *reader = NULL;
    if (csv_reader_open_text(&reader, text_of(input, length), options, &err))
        while (csv_reader_next(reader, &row, &err) && row)
            ;
    csv_reader_free(reader);
    if (line)
        snprintf(line, 32, "%s", err.count ? err.arguments[err.count - 1] : "");
    return err.code;
}

static void delimiter_and_line_ends_are_found_by_looking(void **state)
{
    (void)state;
    assert_rows("a;b\r\n1;2\r\n", &anything, "a|b/1|2/");
    assert_rows("a\tb\n1\t2", &anything, "a|b/1|2/");
    assert_rows("a,b\r1,2\r", &anything, "a|b/1|2/");
    assert_rows("Saldo;Summa\n1,50;2,50\n", &anything, "Saldo|Summa/1,50|2,50/");
    assert_rows("12,50;13,50\n1,50;2,50\n", &anything, "12,50|13,50/1,50|2,50/");
    assert_rows("nimi\nmaa\n", &anything, "nimi/maa/");
    assert_rows("", &anything, "");
}

static void quotes_are_as_rfc_4180_has_them(void **state)
{
    (void)state;
    assert_rows("\"a\"\"b\",\"c,\nd\"\n\"\",x\n", &anything, "a\"b|c,\nd/|x/");
    assert_rows("a,\"\"\n", &anything, "a|/");
    assert_rows("\"\"\nb\n", &anything, "/b/");
    assert_rows("5\" pipe,1\n6\" pipe,2\n", &anything, "5\" pipe|1/6\" pipe|2/");
}

static void the_decimal_mark_is_found(void **state)
{
    (void)state;
    SCOPED(csv_reader)
    comma = open_string("a;b\n1,50;x\n", 11, &anything);
    assert_int_equal(csv_reader_found(comma)->decimal, CSV_DECIMAL_COMMA);
    SCOPED(csv_reader)
    point = open_string("a;b\n1.50;1.234\n", 15, &anything);
    assert_int_equal(csv_reader_found(point)->decimal, CSV_DECIMAL_POINT);
}

static void damage_fails_with_its_line(void **state)
{
    (void)state;
    char line[32];
    assert_int_equal(error_of("a;b\n1;\"2\n3;4", 12, &anything, line), ERR_CSV_QUOTE_OPEN);
    assert_string_equal(line, "2");
    assert_int_equal(error_of("a;b\n1;\0\n", 8, &anything, line), ERR_CSV_NUL);
    assert_string_equal(line, "2");
    assert_int_equal(error_of("a;b\n\"x\ny\";1\n\"p\"q\";2\n", 20, &anything, line), ERR_CSV_QUOTE_STRAY);
    assert_string_equal(line, "4");
    // Proper UTF-8 on line 2, a lone byte on line 3: no older encoding, but damage.
    assert_int_equal(error_of("nimi;maa\n\xC3\x84ij\xC3\xA4;FI\n\xD6hman;FI\n", 28, &anything, line),
                     ERR_CSV_BYTES);
    assert_string_equal(line, "3");
}

static void a_lenient_reader_reports_damage_and_goes_on(void **state)
{
    (void)state;
    const struct csv_options lenient = {.dialect = {.quote = '"'}, .encoding = "utf-8", .lenient = true};
    const struct csv_problem *problems;
    const struct csv_row *row = NULL;
    struct err err;
    SCOPED(csv_reader)
    reader = open_string("a;b\n\xFF;1\n\"p\"q\";2\n3;\"4", 20, &lenient);
    for (size_t i = 0; i < 4; i++)
        assert_true(csv_reader_next(reader, &row, &err) && row);
    assert_true(text_is(row->cells[1], "4"));
    assert_true(csv_reader_next(reader, &row, &err) && !row);
    assert_int_equal(csv_reader_problems(reader, &problems), 3);
    assert_int_equal(problems[0].kind, CSV_PROBLEM_BYTES);
    assert_int_equal(problems[0].line, 2);
    assert_int_equal(problems[1].kind, CSV_PROBLEM_QUOTE_STRAY);
    assert_int_equal(problems[2].kind, CSV_PROBLEM_QUOTE_OPEN);
    assert_int_equal(problems[2].line, 4);
}

// The kinds and lines of all problems, as "short 2/cut 4/".
static void assert_problems(const char *input, size_t expected_width, const char *expected)
{
    static const char *const names[] = {"open", "stray", "nul", "bytes", "short", "long", "cut"};
    const struct csv_options lenient = {.dialect = {.quote = '"'}, .encoding = "utf-8", .lenient = true};
    const struct csv_problem *problems;
    const struct csv_row *row;
    struct err err;
    SCOPED_BUF(out, 4096);
    SCOPED(csv_reader)
    reader = open_string(input, strlen(input), &lenient);
    csv_reader_expect(reader, expected_width);
    while (csv_reader_next(reader, &row, &err) && row)
        ;
    const size_t count = csv_reader_problems(reader, &problems);
    for (size_t i = 0; i < count; i++)
        assert_true(buf_printf(&out, "%s %zu/", names[problems[i].kind], problems[i].line));
    assert_string_equal(buf_string(&out), expected);
}

static void rows_of_other_widths_are_told_with_their_lines(void **state)
{
    (void)state;
    assert_problems("a;b\n1;2\n3\n4;5;6\n7;8;\n", 2, "short 3/long 4/");
    assert_problems("a;b;c\n1;2;3\n4;5", 3, "cut 3/");
    assert_problems("a;b;c\n1;2;3\n4;5\n", 3, "short 3/");
    assert_problems("a;b;c\n1;2\n4;5", 3, "short 2/short 3/");
    assert_problems("a;b;c\n\n1;2;3\n\n", 3, "");
    assert_problems("a;b;c\n1;2;3\n4;\"5\n", 3, "open 3/short 3/");
}

static enum err_code strict_error(const char *input, size_t width)
{
    struct err err = {0};
    const struct csv_row *row;
    SCOPED(csv_reader)
    reader = open_string(input, strlen(input), &anything);
    csv_reader_expect(reader, width);
    while (csv_reader_next(reader, &row, &err) && row)
        ;
    return err.code;
}

static void a_strict_reader_fails_where_something_would_be_lost(void **state)
{
    (void)state;
    assert_int_equal(strict_error("a;b\n1;2;3\n", 2), ERR_CSV_ROW_TOO_WIDE);
    assert_int_equal(strict_error("a;b\n1;2\n3", 2), ERR_CSV_CUT);
    assert_int_equal(strict_error("a;b\n1\n3;4\n", 2), ERR_NONE);
    assert_int_equal(strict_error("a;b\n1;2;;\n", 2), ERR_NONE);
}

static void only_the_chosen_columns_are_handed_out(void **state)
{
    (void)state;
    static const uint32_t columns[] = {1, 3};
    const struct csv_row *row;
    struct err err;
    const char *input = "a;b;c;d\n1;\"2\"\"\";3;4;5\n6;7\n";
    SCOPED(csv_reader)
    reader = open_string(input, strlen(input), &anything);
    csv_reader_choose(reader, columns, COUNT_OF(columns));
    assert_true(csv_reader_next(reader, &row, &err) && row->filled == 2 && row->count == 4);
    assert_true(text_is(row->cells[0], "b") && text_is(row->cells[1], "d"));
    assert_true(csv_reader_next(reader, &row, &err) && row->filled == 2 && row->count == 5 && row->last == 5);
    assert_true(text_is(row->cells[0], "2\"") && text_is(row->cells[1], "4"));
    assert_true(csv_reader_next(reader, &row, &err) && row->filled == 1 && row->count == 2);
    assert_true(text_is(row->cells[0], "7"));
}

static void doubled_line_ends_and_end_marks_of_dos_are_no_data(void **state)
{
    (void)state;
    assert_rows("a;b\r\r\n\"1\";\"2\"\r\r\n", &anything, "a|b/1|2/");
    assert_rows("a;b\r\n1;2\r\n\x1A", &anything, "a|b/1|2/");
    assert_rows("a;b\n1;2\r\n3;4\n", &anything, "a|b/1|2/3|4/");
}

static void a_file_cut_within_a_letter_is_told(void **state)
{
    (void)state;
    char line[32];
    const char *input = "nimi;maa\n\xC3\x84ij\xC3\xA4;FI\nB\xC3\xA5t;F\xC3";
    assert_int_equal(error_of(input, strlen(input), &anything, line), ERR_CSV_BYTES);
    assert_string_equal(line, "3");
}

static void limits_are_kept(void **state)
{
    (void)state;
    SCOPED_BUF(bytes, 1 << 21);
    const struct csv_options commas = {.dialect = {.delimiter = ',', .quote = '"'}};
    char *room = buf_reserve(&bytes, CSV_CELL_BYTES_MAX + 1);
    memset(room, ',', CSV_COLUMNS_MAX);
    assert_int_equal(error_of(room, CSV_COLUMNS_MAX - 1, &commas, NULL), ERR_NONE);
    assert_int_equal(error_of(room, CSV_COLUMNS_MAX, &commas, NULL), ERR_CSV_TOO_WIDE);
    memset(room, 'x', CSV_CELL_BYTES_MAX + 1);
    assert_int_equal(error_of(room, CSV_CELL_BYTES_MAX, &commas, NULL), ERR_NONE);
    assert_int_equal(error_of(room, CSV_CELL_BYTES_MAX + 1, &commas, NULL), ERR_CSV_CELL_TOO_LONG);
}

static void rows_that_cross_the_window_come_whole(void **state)
{
    (void)state;
    FILE *file = tmpfile();
    char cell[600];
    memset(cell, 'x', sizeof cell);
    for (int i = 0; i < 4000; i++)
        fprintf(file, "%d;\"%.*s\"\"\n%.*s\"\r\n", i, i % 600, cell, (i * 7) % 600, cell);
    fflush(file);
    lseek(fileno(file), 0, SEEK_SET);
    struct csv_reader *reader;
    struct err err;
    const struct csv_row *row;
    assert_true(csv_reader_open_file(&reader, fileno(file), &anything, &err));
    for (int i = 0; i < 4000; i++) {
        int64_t number;
        assert_true(csv_reader_next(reader, &row, &err) && row);
        assert_int_equal(row->count, 2);
        assert_int_equal(row->line, 2 * i + 1);
        assert_true(text_to_int64(row->cells[0], &number) && number == i);
        assert_int_equal(row->cells[1].length, i % 600 + 2 + (i * 7) % 600);
    }
    assert_true(csv_reader_next(reader, &row, &err) && !row);
    csv_reader_free(reader);
    fclose(file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(delimiter_and_line_ends_are_found_by_looking),
        cmocka_unit_test(quotes_are_as_rfc_4180_has_them),
        cmocka_unit_test(the_decimal_mark_is_found),
        cmocka_unit_test(damage_fails_with_its_line),
        cmocka_unit_test(a_lenient_reader_reports_damage_and_goes_on),
        cmocka_unit_test(rows_of_other_widths_are_told_with_their_lines),
        cmocka_unit_test(a_strict_reader_fails_where_something_would_be_lost),
        cmocka_unit_test(only_the_chosen_columns_are_handed_out),
        cmocka_unit_test(doubled_line_ends_and_end_marks_of_dos_are_no_data),
        cmocka_unit_test(a_file_cut_within_a_letter_is_told),
        cmocka_unit_test(limits_are_kept),
        cmocka_unit_test(rows_that_cross_the_window_come_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
