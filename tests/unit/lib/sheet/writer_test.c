// lib/sheet/writer.c: what is written is read back by our own reader.
#include "support/unit.h"

#include "lib/sheet/writer.h"
#include "support/book.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
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

static const struct sheet_look general = {STYLE_GENERAL, NULL};

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
                                   (struct sheet_look){STYLE_DATE, NULL}, &err));
    assert_true(sheet_write_moment(writer, page, at(2, 3), (struct moment){.date = {2026, 1, 1}, .hour = 18},
                                   (struct sheet_look){STYLE_MOMENT, NULL}, &err));
    assert_true(sheet_write_text(writer, page, at(1, 1), TEXT_OF("=1+1 ä <&>"), general, &err));
    assert_true(sheet_write_number(writer, page, at(1, 2), TEXT_OF("-12.30"),
                                   (struct sheet_look){STYLE_MONEY, NULL}, &err));
    assert_true(sheet_write_number(writer, page, at(1, 3), TEXT_OF("1234567890123456789"), general, &err));
    assert_true(sheet_write_boolean(writer, page, at(1, 4), true, general, &err));
    assert_true(sheet_write_formula(writer, page, at(3, 1), TEXT_OF("=1+1"), TEXT_OF("2"), general, &err));
    assert_true(sheet_write_number(writer, page, at(3, 2), TEXT_OF("0.5"),
                                   (struct sheet_look){STYLE_GENERAL, "0.0 \"d\""}, &err));
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
    assert_int_equal(err.code, ERR_SHEET_WRITE_WRONG);
    assert_true(sheet_write_text(writer, loose, at(1, 1), TEXT_OF("above"), general, &err));
    sheet_writer_freeze(writer, rows, at(2, 1));
    assert_true(sheet_writer_filter(writer, rows, (struct range){at(1, 1), at(3, 1)}, &err));
    const struct chart_series series = {.name = "Sums", .values = {at(1, 1), at(3, 1)}};
    assert_true(sheet_writer_chart(writer, loose,
                                   &(struct sheet_chart){.kind = CHART_COLUMN,
                                                         .title = "T",
                                                         .data_page = rows,
                                                         .series = &series,
                                                         .series_count = 1,
                                                         .place = at(7, 1)},
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_of_cell_comes_back),
        cmocka_unit_test(pages_of_rows_and_free_pages_stand_in_one_workbook),
        cmocka_unit_test(a_workbook_that_is_not_closed_leaves_nothing),
        cmocka_unit_test(what_can_not_be_written_is_told),
    };
    return cmocka_run_group_tests(tests, enter, leave);
}
