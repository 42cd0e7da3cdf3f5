// lib/csv/sniff.c: what files look like that offices have.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// cmocka needs the four above
#include <cmocka.h>

#include "lib/csv/reader.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const struct csv_options anything = {.dialect = {.quote = '"', .find_quote = true}};

static struct csv_reader *open_string(struct text bytes)
{
    struct csv_reader *reader = NULL;
    struct err err;
    assert_true(csv_reader_open_text(&reader, bytes, &anything, &err));
    return reader;
}

static void delimiters_are_found(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        char delimiter;
        size_t columns; // of the last row
    } cases[] = {
        {"a;b\n\"1;2\";3\n", ';', 2},
        {"a,b\n\"1,2\",3\n", ',', 2},
        {"a~b\n1~2\n", '~', 2},
        {"a^b^c\n1^2^3\n", '^', 3},
        {"a|b\n1,5|2,5\n", '|', 2},
        {"a;b;c\n", ';', 3}, // a header alone
        {"Nimi, osoite;Summa\n", ';', 2},
        {"Tapahtuma;Aika\nMaksu;31.12.2025, 12:30\nMaksu;1.1.2026, 13:30\n", ';', 2},
        {"Nimi;Summa\nVirtanen, Matti;12,50\nKorhonen, Liisa;1,00\n", ';', 2},
        {"Summa,Vero\n\"12,50\",\"2,50\"\n\"1,00\",\"0,20\"\n", ',', 2},
        {"12,50;13,50\n1,50;2,50\n", ';', 2},
        {"\n\n\nNimi;Summa\nx;1\n", ';', 2},
        {"Raportti 1.1.2026\nTulostettu: klo 12, Matti\n\nNimi;Summa;Vero\nx;1;2\ny;3;4\nz;3;4\n", ';', 3},
        // One column: commas of numbers and of prose below a name that has none
        {"Summa\n12,50\n13,75\n", '\x1f', 1},
        {"Nimi\nVirtanen, Matti\nKorhonen, Liisa\n", '\x1f', 1},
        {"Nimi\nMatti\nLiisa\n", ',', 1},
        {"Nimi", ',', 1},
        // but these are rows
        {"1,2\n3,4\n", ',', 2},
        {"x\n1,2,3\n3,4,5\n", ',', 3},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct err err;
        const struct csv_row *row;
        size_t columns = 0;
        SCOPED(csv_reader)
        reader = open_string(text_from(cases[i].bytes));
        const struct csv_found *found = csv_reader_found(reader);
        if (found->dialect.delimiter != cases[i].delimiter)
            print_message("%s: %c\n", cases[i].bytes, found->dialect.delimiter);
        assert_int_equal(found->dialect.delimiter, cases[i].delimiter);
        assert_int_equal(found->single, cases[i].columns == 1);
        while (csv_reader_next(reader, &row, &err) && row)
            columns = row->count;
        assert_int_equal(columns, cases[i].columns);
    }
}

static void the_line_of_excel_that_names_the_delimiter_is_no_row(void **state)
{
    (void)state;
    static const char *const files[] = {"sep=|\r\na;b|c\r\n1|2\r\n", "\"sep=|\"\na;b|c\n1|2\n",
                                        "SEP=|\na;b|c\n1|2\n"};
    for (size_t i = 0; i < COUNT_OF(files); i++) {
        struct err err;
        const struct csv_row *row;
        SCOPED(csv_reader)
        reader = open_string(text_from(files[i]));
        assert_true(csv_reader_next(reader, &row, &err) && row);
        assert_int_equal(row->line, 2);
        assert_int_equal(row->count, 2);
        assert_true(text_is(row->cells[0], "a;b"));
        assert_int_equal(csv_reader_found(reader)->header, 2);
    }
    SCOPED(csv_reader)
    other = open_string(TEXT_OF("sep=x y\na;b\n")); // no such line
    struct err err;
    const struct csv_row *row;
    assert_true(csv_reader_next(other, &row, &err) && row && row->line == 1);
}

static void quotes_and_escapes_of_other_programs_are_found(void **state)
{
    (void)state;
    static const struct {
        const char *bytes, *cell; // cell: the first of the second row
        char quote, escape;
    } cases[] = {
        {"'a';'b'\n'x;y';'2'\n", "x;y", '\'', '\0'},
        {"a;b\n\"5\\\" pipe; long\";2\n", "5\" pipe; long", '"', '\\'},
        {"a;b\n\"C:\\\";2\n", "C:\\", '"', '\0'},
        {"a;b\nit's;2\n", "it's", '"', '\0'},
        {"a;b\n'=1;2\n'=2;3\n", "'=1", '"', '\0'}, // defused text is not quoted
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct err err;
        const struct csv_row *row;
        SCOPED(csv_reader)
        reader = open_string(text_from(cases[i].bytes));
        assert_int_equal(csv_reader_found(reader)->dialect.quote, cases[i].quote);
        assert_int_equal(csv_reader_found(reader)->dialect.escape, cases[i].escape);
        assert_true(csv_reader_next(reader, &row, &err) && csv_reader_next(reader, &row, &err) && row);
        assert_true(text_is(row->cells[0], cases[i].cell));
    }
}

static void the_header_stands_below_the_lines_of_a_title(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t header;
    } cases[] = {
        {"Nimi;Summa\nx;1\n", 1},
        {"\n\nNimi;Summa\nx;1\n", 3},
        {"Raportti\n\nNimi;Summa\nx;1\ny;2\n", 3},
        {"Sum of Invoice,\nSupplier Name,Total\nTransport,2837397.00\nEngage,2069817.84\n", 2},
        {"Nimi;\nx;1\ny;2\n", 1}, // a column without a name is no title
        {"Nimi\nx;1\ny;2\n", 1},
        {"", 0},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        SCOPED(csv_reader)
        reader = open_string(text_from(cases[i].bytes));
        assert_int_equal(csv_reader_found(reader)->header, cases[i].header);
    }
}

static void numbers_tell_their_marks(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        enum csv_decimal decimal;
        enum csv_thousands thousands;
    } cases[] = {
        {"a;b\n1,50;x\n", CSV_DECIMAL_COMMA, CSV_THOUSANDS_UNKNOWN},
        {"a;b\n1.50;1.234\n", CSV_DECIMAL_POINT, CSV_THOUSANDS_UNKNOWN},
        {"a;b\n1 234,50;31.12.2025\n", CSV_DECIMAL_COMMA, CSV_THOUSANDS_SPACE},
        {"a;b\n\"1,234.50\";2.5\n", CSV_DECIMAL_POINT, CSV_THOUSANDS_COMMA},
        {"a;b\n1;2\n", CSV_DECIMAL_UNKNOWN, CSV_THOUSANDS_UNKNOWN},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        SCOPED(csv_reader)
        reader = open_string(text_from(cases[i].bytes));
        assert_int_equal(csv_reader_found(reader)->decimal, cases[i].decimal);
        assert_int_equal(csv_reader_found(reader)->thousands, cases[i].thousands);
    }
}

static void a_first_cell_longer_than_the_sample_does_no_harm(void **state)
{
    (void)state;
    SCOPED_BUF(bytes, 1 << 20);
    struct err err;
    const struct csv_row *row;
    assert_true(buf_append_string(&bytes, "a;b\n\""));
    memset(buf_reserve(&bytes, 200000), ',', 200000);
    bytes.length += 200000;
    assert_true(buf_append_string(&bytes, "\";2"));
    SCOPED(csv_reader)
    reader = open_string(buf_text(&bytes));
    assert_true(csv_reader_next(reader, &row, &err) && csv_reader_next(reader, &row, &err) && row);
    assert_int_equal(row->count, 2);
    assert_int_equal(row->cells[0].length, 200000);
}

// 300 KB of ASCII, then a letter: the first look cannot know.
static void an_encoding_that_shows_late_is_found_when_it_shows(void **state)
{
    (void)state;
    static const struct {
        const char *letters, *encoding;
    } cases[] = {{"\xE4ij\xE4l\xE4", "windows-1252"}, {"\xC3\xA4ij\xC3\xA4l\xC3\xA4", "utf-8"}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct err err;
        struct csv_reader *reader;
        const struct csv_row *row;
        struct text last = {0};
        FILE *file = tmpfile();
        for (int line = 0; line < 20000; line++)
            fputs("plain;1234567890\n", file);
        fprintf(file, "%s;1\n", cases[i].letters);
        fflush(file);
        assert_true(csv_reader_open_file(&reader, fileno(file), &anything, &err));
        while (csv_reader_next(reader, &row, &err) && row)
            last = row->cells[0];
        assert_true(row == NULL && text_is(last, "äijälä"));
        assert_string_equal(csv_reader_found(reader)->encoding, cases[i].encoding);
        csv_reader_free(reader);
        assert_true(csv_reader_open_file(&reader, fileno(file), &anything, &err));
        assert_true(csv_reader_settle(reader, &err));
        assert_string_equal(csv_reader_found(reader)->encoding, cases[i].encoding);
        csv_reader_free(reader);
        fclose(file);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(delimiters_are_found),
        cmocka_unit_test(the_line_of_excel_that_names_the_delimiter_is_no_row),
        cmocka_unit_test(quotes_and_escapes_of_other_programs_are_found),
        cmocka_unit_test(the_header_stands_below_the_lines_of_a_title),
        cmocka_unit_test(numbers_tell_their_marks),
        cmocka_unit_test(a_first_cell_longer_than_the_sample_does_no_harm),
        cmocka_unit_test(an_encoding_that_shows_late_is_found_when_it_shows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
