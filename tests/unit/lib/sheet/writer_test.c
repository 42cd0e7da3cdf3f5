// lib/sheet/writer.c: what is written is read back by our own reader.
#include "support/unit.h"

#include "lib/sheet/writer.h"
#include "lib/sheet/writer_drawing.h"
#include "lib/sheet/writer_layout.h"
#include "lib/sheet/writer_rules.h"
#include "lib/sheet/writer_table.h"
#include "support/book.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static char folder[] = "/tmp/renki-writer-XXXXXX";

static int enter(void **state)
{
    (void)state;
    return mkdtemp(folder) && chdir(folder) == 0 ? 0 : -1;
}

static int leave(void **state)
{
    (void)state;
    return chdir("/") == 0 && rmdir(folder) == 0 ? 0 : -1;
}

static const struct sheet_look general = {0};

static struct reference at(uint32_t row, uint32_t column)
{
    return (struct reference){row, column};
}

static void read_page(struct buf *out, const char *path, size_t page)
{
    struct err err;
    assert_true(page_text(out, open(path, O_RDONLY | O_CLOEXEC), page, &err));
}

static void every_kind_of_cell_comes_back(void **state)
{
    (void)state;
    struct err err;
    struct sheet_writer *writer;
    size_t page;
    SCOPED_BUF(out, 4000);
    assert_true(sheet_writer_open(&writer, "all.xlsx", &err));
    assert_true(sheet_writer_free_page(writer, TEXT_OF("Päivä"), &page, &err));
    assert_true(sheet_write_moment(writer, page, at(2, 2), (struct moment){.date = {2026, 1, 1}},
                                   sheet_look_of(STYLE_DATE), &err));
    assert_true(sheet_write_moment(writer, page, at(2, 3), (struct moment){.date = {2026, 1, 1}, .hour = 18},
                                   sheet_look_of(STYLE_MOMENT), &err));
    assert_true(sheet_write_text(writer, page, at(1, 1), TEXT_OF("=1+1 ä <&>"), general, &err));
    assert_true(
        sheet_write_number(writer, page, at(1, 2), TEXT_OF("-12.30"), sheet_look_of(STYLE_MONEY), &err));
    assert_true(sheet_write_number(writer, page, at(1, 3), TEXT_OF("1234567890123456789"), general, &err));
    assert_true(sheet_write_boolean(writer, page, at(1, 4), true, general, &err));
    assert_true(sheet_write_formula(writer, page, at(3, 1), TEXT_OF("=1+1"), TEXT_OF("2"), general, &err));
    assert_true(sheet_write_number(writer, page, at(3, 2), TEXT_OF("0.5"),
                                   (struct sheet_look){0, "0.0 \"d\""}, &err));
    assert_true(sheet_writer_close(writer, &err));
    read_page(&out, "all.xlsx", 0);
    assert_string_equal(buf_string(&out),
                        "A1=s:=1+1 ä <&>;B1=n:-12.3;C1=s:1234567890123456789;D1=b:yes;B2=d:2026-01-01;"
                        "C2=d:2026-01-01T18:00:00;A3=n:2;B3=n:0.5;");
    assert_int_equal(access(".all.xlsx.part", F_OK), -1);
    unlink("all.xlsx");
}

static void pages_of_rows_and_free_pages_stand_in_one_workbook(void **state)
{
    (void)state;
    struct err err;
    struct sheet_writer *writer;
    size_t rows, loose;
    SCOPED_BUF(out, 4000);
    assert_true(sheet_writer_open(&writer, "two.xlsx", &err));
    assert_true(sheet_writer_rows_page(writer, TEXT_OF("Rows"), &rows, &err));
    assert_true(sheet_writer_free_page(writer, TEXT_OF("Free"), &loose, &err));
    assert_true(sheet_write_text(writer, loose, at(5, 1), TEXT_OF("below"), general, &err));
    for (uint32_t i = 1; i <= 3; i++)
        assert_true(sheet_write_text(writer, rows, at(i, 1), TEXT_OF("r"), general, &err));
    assert_false(sheet_write_text(writer, rows, at(1, 2), TEXT_OF("too late"), general, &err));
    assert_int_equal(err.code, ERR_SHEET_ROW_WRITTEN);
    assert_true(sheet_write_text(writer, loose, at(1, 1), TEXT_OF("above"), general, &err));
    sheet_writer_freeze(writer, rows, at(2, 1));
    assert_true(sheet_writer_filter(writer, rows, (struct range){at(1, 1), at(3, 1)}, &err));
    const struct chart_series series = {.name = "Sums", .values_page = rows, .values = {at(1, 1), at(3, 1)}};
    assert_true(sheet_writer_chart(
        writer, loose,
        &(struct sheet_chart){
            .kind = CHART_COLUMN, .title = "T", .series = &series, .series_count = 1, .place = at(7, 1)},
        &err));
    assert_true(sheet_writer_close(writer, &err));
    read_page(&out, "two.xlsx", 0);
    read_page(&out, "two.xlsx", 1);
    assert_string_equal(buf_string(&out), "A1=s:r;A2=s:r;A3=s:r;A1=s:above;A5=s:below;");
    unlink("two.xlsx");
}

static void a_workbook_that_is_not_closed_leaves_nothing(void **state)
{
    (void)state;
    struct err err;
    struct sheet_writer *writer;
    size_t page;
    assert_true(sheet_writer_open(&writer, "none.xlsx", &err));
    assert_true(sheet_writer_rows_page(writer, TEXT_OF("P"), &page, &err));
    assert_true(sheet_write_text(writer, page, at(1, 1), TEXT_OF("x"), general, &err));
    sheet_writer_free(writer);
    assert_int_equal(access("none.xlsx", F_OK), -1);
}

static void what_can_not_be_written_is_told(void **state)
{
    (void)state;
    struct err err;
    struct sheet_writer *writer;
    size_t page;
    assert_false(sheet_writer_open(&writer, "report.xls", &err));
    assert_true(sheet_writer_open(&writer, "no/such/folder.xlsx", &err));
    assert_false(sheet_writer_free_page(writer, TEXT_OF("a/b"), &page, &err));
    assert_false(sheet_writer_free_page(writer, TEXT_OF(""), &page, &err));
    assert_true(sheet_writer_free_page(writer, TEXT_OF("P"), &page, &err));
    assert_false(sheet_writer_free_page(writer, TEXT_OF("P"), &page, &err));
    assert_false(sheet_write_text(writer, page, at(1, 1), TEXT_OF("\xFF"), general, &err));
    assert_false(sheet_write_number(writer, page, at(1, 1), TEXT_OF("abc"), general, &err));
    assert_false(sheet_write_text(writer, page, at(1048577, 1), TEXT_OF("x"), general, &err));
    assert_false(sheet_writer_close(writer, &err));
    assert_int_equal(err.code, ERR_SHEET_WRITE);
}

static void page_names_are_those_that_excel_takes(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        enum err_code code;
    } cases[] = {
        {"1234567890123456789012345678901", ERR_NONE},
        {"12345678901234567890123456789012", ERR_SHEET_PAGE_NAME_LONG},
        {"ääkkösiä ääkkösiä ääkkösiä ääkk", ERR_NONE},
        {"a:b", ERR_SHEET_PAGE_NAME},
        {"a[b", ERR_SHEET_PAGE_NAME},
        {"a]b", ERR_SHEET_PAGE_NAME},
        {"a*b", ERR_SHEET_PAGE_NAME},
        {"a?b", ERR_SHEET_PAGE_NAME},
        {"a/b", ERR_SHEET_PAGE_NAME},
        {"a\\b", ERR_SHEET_PAGE_NAME},
        {"'a", ERR_SHEET_PAGE_NAME},
        {"a'", ERR_SHEET_PAGE_NAME},
        {"", ERR_SHEET_PAGE_NAME},
        {"History", ERR_SHEET_PAGE_NAME},
        {"a'b", ERR_NONE},
        {"Äiti", ERR_NONE},
        {"äITI", ERR_SHEET_PAGE_NAME_TAKEN},
        {"a\x01z", ERR_SHEET_WRITE_WRONG},
    };
    struct err err;
    struct sheet_writer *writer;
    size_t page;
    assert_true(sheet_writer_open(&writer, "names.xlsx", &err));
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const bool made = sheet_writer_free_page(writer, text_from(cases[i].name), &page, &err);
        assert_int_equal(made ? ERR_NONE : err.code, cases[i].code);
    }
    sheet_writer_free(writer);
}

static void a_number_keeps_its_digits_or_becomes_text(void **state)
{
    (void)state;
    static const char *const numbers[] = {"0.1",  "8.41", "9.95",  "999999999999.99",      "123456789012345",
                                          "0.07", "-0.3", "1e-12", "100000000000000000000"};
    struct err err;
    struct sheet_writer *writer;
    size_t page;
    SCOPED_BUF(out, 4000);
    assert_true(sheet_writer_open(&writer, "digits.xlsx", &err));
    assert_true(sheet_writer_rows_page(writer, TEXT_OF("P"), &page, &err));
    for (uint32_t i = 0; i < COUNT_OF(numbers); i++)
        assert_true(sheet_write_number(writer, page, at(i + 1, 1), text_from(numbers[i]), general, &err));
    assert_true(sheet_write_number(writer, page, at(20, 1), TEXT_OF("12345678901234.56"), general, &err));
    assert_true(sheet_writer_close(writer, &err));
    read_page(&out, "digits.xlsx", 0);
    assert_string_equal(buf_string(&out),
                        "A1=n:0.1;A2=n:8.41;A3=n:9.95;A4=n:999999999999.99;A5=n:123456789012345;A6=n:0.07;"
                        "A7=n:-0.3;A8=n:1e-12;A9=n:100000000000000000000;A20=s:12345678901234.56;");
    unlink("digits.xlsx");
}

static void text_of_every_kind_is_read_back_or_refused(void **state)
{
    (void)state;
    struct err err;
    struct sheet_writer *writer;
    size_t page;
    SCOPED_BUF(out, 4000);
    SCOPED_TEXT char *most = xcalloc(WRITER_TEXT_MAX + 2, 1);
    memset(most, 'x', WRITER_TEXT_MAX + 1);
    assert_true(sheet_writer_open(&writer, "text.xlsx", &err));
    assert_true(sheet_writer_rows_page(writer, TEXT_OF("P"), &page, &err));
    static const char *const texts[] = {
        "=1+1", "+358 40", "-", "@SUM(A1)", "https://example.org/", " blanks ", "1.5", "two\nlines"};
    for (uint32_t i = 0; i < COUNT_OF(texts); i++)
        assert_true(sheet_write_text(writer, page, at(1, i + 1), text_from(texts[i]), general, &err));
    assert_true(sheet_write_text(writer, page, at(2, 1), text_of(most, WRITER_TEXT_MAX), general, &err));
    assert_false(sheet_write_text(writer, page, at(2, 2), text_of(most, WRITER_TEXT_MAX + 1), general, &err));
    assert_int_equal(err.code, ERR_SHEET_LONG_TEXT);
    assert_false(sheet_write_text(writer, page, at(2, 2), text_of("a\0b", 3), general, &err));
    assert_false(sheet_write_text(writer, page, at(1, SHEET_COLUMNS_MAX + 1), TEXT_OF("x"), general, &err));
    assert_int_equal(err.code, ERR_SHEET_FULL);
    assert_true(sheet_writer_close(writer, &err));
    SCOPED_BUF(all, 100000);
    read_page(&all, "text.xlsx", 0);
    assert_non_null(strstr(buf_string(&all),
                           "A1=s:=1+1;B1=s:+358 40;C1=s:-;D1=s:@SUM(A1);E1=s:https://example.org/;"
                           "F1=s: blanks ;G1=s:1.5;H1=s:two\nlines;A2=s:xxx"));
    assert_true(all.length > WRITER_TEXT_MAX);
    unlink("text.xlsx");
}

static void days_that_excel_does_not_know_are_text(void **state)
{
    (void)state;
    static const struct date days[] = {{1, 1, 1},     {1899, 12, 31}, {1900, 1, 1},
                                       {1900, 2, 28}, {1900, 3, 1},   {9999, 12, 31}};
    struct err err;
    struct sheet_writer *writer;
    size_t page;
    SCOPED_BUF(out, 4000);
    assert_true(sheet_writer_open(&writer, "days.xlsx", &err));
    assert_true(sheet_writer_rows_page(writer, TEXT_OF("P"), &page, &err));
    for (uint32_t i = 0; i < COUNT_OF(days); i++)
        assert_true(sheet_write_moment(writer, page, at(i + 1, 1), (struct moment){.date = days[i]},
                                       sheet_look_of(STYLE_DATE), &err));
    assert_true(sheet_writer_close(writer, &err));
    read_page(&out, "days.xlsx", 0);
    assert_string_equal(buf_string(&out), "A1=s:0001-01-01;A2=s:1899-12-31;A3=d:1900-01-01;A4=d:1900-02-28;"
                                          "A5=d:1900-03-01;A6=d:9999-12-31;");
    unlink("days.xlsx");
}

static void a_page_of_rows_can_be_a_table(void **state)
{
    (void)state;
    struct err err;
    struct sheet_writer *writer;
    size_t page;
    static const char *const headers[] = {"Name", "Sum [€]"};
    static const enum sheet_total totals[] = {TOTAL_NONE, TOTAL_SUM};
    SCOPED_BUF(out, 4000);
    SCOPED_BUF(formula, 200);
    assert_true(sheet_writer_open(&writer, "table.xlsx", &err));
    assert_true(sheet_writer_rows_page(writer, TEXT_OF("P"), &page, &err));
    SCOPED_TEXT char *name = sheet_writer_table_name(writer, TEXT_OF("Sums of 2026"));
    assert_string_equal(name, "Sums_of_2026");
    assert_true(sheet_total_formula(&formula, TOTAL_SUM, name, headers[1]));
    assert_string_equal(buf_string(&formula), "SUBTOTAL(109,Sums_of_2026[Sum '[€']])");
    for (uint32_t i = 0; i < COUNT_OF(headers); i++)
        assert_true(sheet_write_text(writer, page, at(1, i + 1), text_from(headers[i]), general, &err));
    assert_true(sheet_write_number(writer, page, at(2, 2), TEXT_OF("1.10"), general, &err));
    assert_true(sheet_write_text(writer, page, at(3, 1), TEXT_OF("Total"), general, &err));
    assert_true(
        sheet_write_formula(writer, page, at(3, 2), buf_text(&formula), TEXT_OF("1.10"), general, &err));
    const struct written_table table = {
        .name = name, .range = {at(1, 1), at(3, 2)}, .headers = headers, .totals = totals, .label = "Total"};
    assert_true(sheet_writer_table(writer, page, &table, &err));
    SCOPED_TEXT char *second = sheet_writer_table_name(writer, TEXT_OF("sums of 2026"));
    assert_string_equal(second, "sums_of_2026_2");
    assert_true(sheet_writer_close(writer, &err));
    read_page(&out, "table.xlsx", 0);
    assert_string_equal(buf_string(&out), "A1=s:Name;B1=s:Sum [€];B2=n:1.1;A3=s:Total;B3=n:1.10;");
    unlink("table.xlsx");
}

static void names_of_tables_are_those_that_excel_takes(void **state)
{
    (void)state;
    static const struct {
        const char *wanted, *name;
    } cases[] = {{"Laskut", "Laskut"}, {"A1", "Table_A1"},      {"R1C1", "Table_R1C1"},
                 {"c", "Table_c"},     {"2026", "Table_2026"},  {"Äyrit – ja", "Äyrit___ja"},
                 {"", "Table_"},       {"XFD10", "Table_XFD10"}};
    struct err err;
    struct sheet_writer *writer;
    assert_true(sheet_writer_open(&writer, "names.xlsx", &err));
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        SCOPED_TEXT char *name = sheet_writer_table_name(writer, text_from(cases[i].wanted));
        assert_string_equal(name, cases[i].name);
    }
    sheet_writer_free(writer);
    static const char *const same[] = {"Summa", "SUMMA"}, *const empty[] = {"a", ""},
                             *const good[] = {"a", "b"};
    assert_false(sheet_headers_for_table(same, 2));
    assert_false(sheet_headers_for_table(empty, 2));
    assert_true(sheet_headers_for_table(good, 2));
}

static void links_go_to_the_web_or_into_the_workbook(void **state)
{
    (void)state;
    static const struct {
        const char *link;
        bool good;
    } cases[] = {{"https://example.org/?a=1&b=internal:c", true},
                 {"mailto:finance@example.org", true},
                 {"P", true},
                 {"P!B7", true},
                 {"Q!B7", false},
                 {"file:///etc/passwd", false},
                 {"javascript:alert(1)", false},
                 {"\\\\server\\share", false},
                 {"internal:P!A1", false},
                 {"external:a.xlsx", false},
                 {"https://example.org/a b", false}};
    struct err err;
    struct sheet_writer *writer;
    size_t page;
    assert_true(sheet_writer_open(&writer, "links.xlsx", &err));
    assert_true(sheet_writer_free_page(writer, TEXT_OF("P"), &page, &err));
    for (uint32_t i = 0; i < COUNT_OF(cases); i++) {
        assert_int_equal(sheet_write_link(writer, page, at(i + 1, 1), text_from(cases[i].link),
                                          TEXT_OF("here"), general, &err),
                         cases[i].good);
        if (!cases[i].good)
            assert_int_equal(err.code, ERR_SHEET_LINK);
    }
    assert_true(sheet_writer_close(writer, &err));
    unlink("links.xlsx");
}

static void a_word_at_the_head_of_a_page_is_what_it_says(void **state)
{
    (void)state;
    SCOPED_BUF(out, PAPER_TEXT_MAX);
    assert_true(sheet_paper_text(&out, 'C', TEXT_OF("R&D {page}/{pages} {what}")));
    assert_string_equal(buf_string(&out), "&CR&&D &P/&N {what}");
}

// A disk without room: what could not be kept is told, and no file stands under the name.
static bool write_much(struct sheet_writer *writer, struct err *err)
{
    size_t page;
    unsigned seed = 1;
    bool good = sheet_writer_rows_page(writer, TEXT_OF("P"), &page, err);
    for (uint32_t row = 1; row <= 20000 && good; row++) {
        char text[41] = "";
        for (size_t i = 0; i + 1 < sizeof text; i++)
            text[i] = (char)('A' + (seed = seed * 1103515245 + 12345) / 65536 % 50);
        good = sheet_write_text(writer, page, at(row, 1), text_from(text), general, err);
    }
    if (good)
        return sheet_writer_close(writer, err);
    sheet_writer_free(writer);
    return false;
}

static void rows_that_find_no_room_are_told(void **state)
{
    (void)state;
    struct err err;
    struct sheet_writer *writer;
    struct rlimit before;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &(struct rlimit){100000, before.rlim_max}), 0);
    assert_true(sheet_writer_open(&writer, "full.xlsx", &err));
    const bool written = write_much(writer, &err);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    assert_false(written);
    assert_int_equal(err.code, ERR_SHEET_WRITE);
    assert_int_equal(access("full.xlsx", F_OK), -1);
    assert_int_equal(access(".full.xlsx.part", F_OK), -1);
}

static void write_whole(const char *first, uint32_t rows)
{
    struct err err;
    struct sheet_writer *writer;
    size_t page;
    assert_true(sheet_writer_open(&writer, "kept.xlsx", &err));
    assert_true(sheet_writer_rows_page(writer, TEXT_OF("P"), &page, &err));
    for (uint32_t i = 1; i <= rows; i++)
        assert_true(sheet_write_text(writer, page, at(i, 1), text_from(first), general, &err));
    assert_true(sheet_writer_close(writer, &err));
}

// Temporary files of writers that were killed; a run's folder goes with its run.
static void remove_rest(void)
{
    DIR *here = opendir(".");
    assert_non_null(here);
    for (const struct dirent *entry; (entry = readdir(here));)
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            assert_int_equal(unlink(entry->d_name), 0);
    closedir(here);
}

// Killed at whatever instant: under the name is the whole workbook of before, or the whole new one.
static void a_writer_that_is_killed_leaves_the_workbook_of_before(void **state)
{
    (void)state;
    enum { KILLS = 25, NANOSECONDS = 400000, ROWS = 2000 };
    write_whole("old", 1);
    for (long i = 0; i < KILLS; i++) {
        const pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0) {
            write_whole("new", ROWS);
            _exit(0);
        }
        nanosleep(&(struct timespec){.tv_nsec = i * NANOSECONDS}, NULL);
        kill(child, SIGKILL);
        assert_int_equal(waitpid(child, NULL, 0), child);
        SCOPED_BUF(out, 100000);
        read_page(&out, "kept.xlsx", 0);
        const bool is_old = strcmp(buf_string(&out), "A1=s:old;") == 0;
        assert_true(is_old ||
                    (text_starts(buf_text(&out), "A1=s:new;") && text_ends(buf_text(&out), "A2000=s:new;")));
    }
    write_whole("last", 1); // what a killed one left is in nobody's way
    unlink("kept.xlsx");
    remove_rest();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_of_cell_comes_back),
        cmocka_unit_test(pages_of_rows_and_free_pages_stand_in_one_workbook),
        cmocka_unit_test(a_workbook_that_is_not_closed_leaves_nothing),
        cmocka_unit_test(what_can_not_be_written_is_told),
        cmocka_unit_test(page_names_are_those_that_excel_takes),
        cmocka_unit_test(a_number_keeps_its_digits_or_becomes_text),
        cmocka_unit_test(text_of_every_kind_is_read_back_or_refused),
        cmocka_unit_test(days_that_excel_does_not_know_are_text),
        cmocka_unit_test(a_page_of_rows_can_be_a_table),
        cmocka_unit_test(names_of_tables_are_those_that_excel_takes),
        cmocka_unit_test(links_go_to_the_web_or_into_the_workbook),
        cmocka_unit_test(a_word_at_the_head_of_a_page_is_what_it_says),
        cmocka_unit_test(rows_that_find_no_room_are_told),
        cmocka_unit_test(a_writer_that_is_killed_leaves_the_workbook_of_before),
    };
    return cmocka_run_group_tests(tests, enter, leave);
}
