// lib/sheet/stream.c, spool.c and splice.c: pages of rows, read back by our own reader.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// cmocka needs the four above
#include <cmocka.h>

#include "lib/sheet/writer.h"
#include "support/book.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

static char folder[] = "/tmp/renki-stream-XXXXXX";
#define ALL_BYTES_MAX ((size_t)64 << 20)

static int enter(void **state)
{
    (void)state;
    return mkdtemp(folder) && chdir(folder) == 0 ? 0 : -1;
}

static int leave(void **state) // fails when a test left a file
{
    (void)state;
    return chdir("/") == 0 && rmdir(folder) == 0 ? 0 : -1;
}

static const struct sheet_look general = {0}, money = {UINT32_C(1) << STYLE_MONEY, NULL};

static struct reference at(uint32_t row, uint32_t column)
{
    return (struct reference){row, column};
}

static void read_page(struct buf *out, const char *path, size_t page)
{
    struct err err;
    assert_true(page_text(out, open(path, O_RDONLY | O_CLOEXEC), page, &err));
}

static void the_cells_of_a_row_come_in_any_order(void **state)
{
    (void)state;
    struct err err;
    struct sheet_writer *writer;
    size_t page;
    SCOPED_BUF(out, 4000);
    assert_true(sheet_writer_open(&writer, "order.xlsx", &err));
    assert_true(sheet_writer_rows_page(writer, TEXT_OF("P"), &page, &err));
    assert_true(sheet_write_text(writer, page, at(2, 3), TEXT_OF("c"), general, &err));
    assert_true(sheet_write_text(writer, page, at(2, 1), TEXT_OF("first"), general, &err));
    assert_true(sheet_write_number(writer, page, at(2, 28), TEXT_OF("4"), money, &err));
    assert_true(sheet_write_text(writer, page, at(2, 1), TEXT_OF("a"), general, &err));
    assert_true(sheet_write_text(writer, page, at(2, 2), TEXT_OF(""), money, &err)); // a look alone
    assert_true(sheet_write_boolean(writer, page, at(5, 2), true, general, &err));
    assert_true(sheet_writer_close(writer, &err));
    read_page(&out, "order.xlsx", 0);
    assert_string_equal(buf_string(&out), "A2=s:a;C2=s:c;AB2=n:4;B5=b:yes;");
    unlink("order.xlsx");
}

// Random letters, so that what is stored can't be compressed, and text of each kind.
static struct text some_text(char *room, size_t length, unsigned *seed)
{
    static const char *const pieces[] = {"&", "ä", "_x0041_", "€", "<a>", "\n", "\x02", "😀"};
    size_t filled = 0;
    while (filled < length) {
        const unsigned value = (unsigned)rand_r(seed);
        if (value % 11 == 0) {
            const char *piece = pieces[value / 11 % COUNT_OF(pieces)];
            memcpy(room + filled, piece, strlen(piece));
            filled += strlen(piece);
        } else {
            room[filled++] = (char)(' ' + value / 11 % 95);
        }
    }
    return text_of(room, filled);
}

static void write_any(struct sheet_writer *writer, size_t page, struct reference place, unsigned *seed)
{
    struct err err;
    char text[400], number[40];
    const unsigned kind = (unsigned)rand_r(seed) % 6;
    const int value = rand_r(seed);
    if (kind < 2) {
        const struct text written = some_text(text, (size_t)value % 200, seed);
        assert_true(sheet_write_text(writer, page, place, written, general, &err));
    } else if (kind == 2) {
        // Quarters: libxlsxwriter writes 9.3 as 9.300000000000001, the same float.
        snprintf(number, sizeof number, "%d.%s", value - (1 << 30), value % 2 ? "25" : "5");
        assert_true(sheet_write_number(writer, page, place, text_from(number), money, &err));
    } else if (kind == 3) {
        assert_true(sheet_write_boolean(writer, page, place, value % 2, general, &err));
    } else if (kind == 4) {
        const struct moment moment = {{(int16_t)(1900 + value % 200), (int8_t)(1 + value % 12), 9},
                                      (int8_t)(value % 24),
                                      (int8_t)(value % 60),
                                      (int8_t)(value % 59),
                                      0};
        assert_true(sheet_write_moment(writer, page, place, moment, sheet_look_of(STYLE_MOMENT), &err));
    } else {
        assert_true(sheet_write_formula(writer, page, place, TEXT_OF("=IF(A1<2,\"&\",3)"), TEXT_OF("3"),
                                        money, &err));
    }
}

// Two streamed pages and two free ones that libxlsxwriter writes, all with the same cells.
static void a_page_of_rows_holds_what_a_free_page_does(void **state)
{
    (void)state;
    enum { ROWS = 2000, COLUMNS = 7 };
    struct err err;
    struct sheet_writer *writer;
    size_t pages[4];
    SCOPED_BUF(first, ALL_BYTES_MAX);
    assert_true(sheet_writer_open(&writer, "same.xlsx", &err));
    assert_true(sheet_writer_rows_page(writer, TEXT_OF("Rows 1"), &pages[0], &err));
    assert_true(sheet_writer_free_page(writer, TEXT_OF("Free 1"), &pages[1], &err));
    assert_true(sheet_writer_rows_page(writer, TEXT_OF("Rows 2"), &pages[2], &err));
    assert_true(sheet_writer_free_page(writer, TEXT_OF("Free 2"), &pages[3], &err));
    for (uint32_t row = 1; row <= ROWS; row++)
        for (size_t i = 0; i < COUNT_OF(pages); i++)
            for (uint32_t column = 1; column <= COLUMNS; column++) {
                unsigned seed = row * COLUMNS + column;
                write_any(writer, pages[i], at(row, column), &seed);
            }
    assert_true(sheet_writer_close(writer, &err));
    read_page(&first, "same.xlsx", pages[0]);
    assert_true(first.length > 500000); // many chunks
    for (size_t i = 1; i < COUNT_OF(pages); i++) {
        SCOPED_BUF(other, ALL_BYTES_MAX);
        read_page(&other, "same.xlsx", pages[i]);
        assert_true(text_equal(buf_text(&first), buf_text(&other)));
    }
    unlink("same.xlsx");
}

static void what_can_not_be_written_leaves_the_row_whole(void **state)
{
    (void)state;
    struct err err;
    struct sheet_writer *writer;
    size_t page;
    static char letters[SHEET_CELL_CHARACTERS_MAX + 1];
    SCOPED_BUF(out, 4 * sizeof letters);
    memset(letters, 'x', sizeof letters);
    assert_true(sheet_writer_open(&writer, "wrong.xlsx", &err));
    assert_true(sheet_writer_rows_page(writer, TEXT_OF("P"), &page, &err));
    assert_true(sheet_write_text(writer, page, at(1, 1), TEXT_OF("a"), general, &err));
    assert_false(sheet_write_text(writer, page, at(1, 2), TEXT_OF("\xFF"), general, &err));
    assert_int_equal(err.code, ERR_SHEET_WRITE_WRONG);
    assert_false(sheet_write_text(writer, page, at(2, 1), text_of(letters, sizeof letters), general, &err));
    assert_int_equal(err.code, ERR_SHEET_LONG_TEXT);
    assert_true(
        sheet_write_text(writer, page, at(3, 1), text_of(letters, sizeof letters - 1), general, &err));
    assert_false(sheet_write_text(writer, page, at(2, 1), TEXT_OF("above"), general, &err));
    assert_true(sheet_writer_close(writer, &err));
    read_page(&out, "wrong.xlsx", 0);
    assert_int_equal(out.length, strlen("A1=s:a;A3=s:;") + SHEET_CELL_CHARACTERS_MAX);
    unlink("wrong.xlsx");
}

// No file may grow beyond a limit: what a full disk does.
static void a_full_disk_is_told_and_leaves_nothing(void **state)
{
    (void)state;
    struct err err = {0};
    struct rlimit before, small;
    struct sheet_writer *writer;
    size_t page;
    char text[220];
    bool good = true;
    unsigned seed = 1;
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    small = (struct rlimit){300 * 1024, before.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    assert_true(sheet_writer_open(&writer, "full.xlsx", &err));
    assert_true(sheet_writer_rows_page(writer, TEXT_OF("P"), &page, &err));
    for (uint32_t row = 1; good && row <= 20000; row++)
        good = sheet_write_text(writer, page, at(row, 1), some_text(text, 200, &seed), general, &err);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    assert_false(good);
    assert_int_equal(err.code, ERR_SHEET_WRITE);
    sheet_writer_free(writer);
    assert_int_equal(access("full.xlsx", F_OK), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_cells_of_a_row_come_in_any_order),
        cmocka_unit_test(a_page_of_rows_holds_what_a_free_page_does),
        cmocka_unit_test(what_can_not_be_written_leaves_the_row_whole),
        cmocka_unit_test(a_full_disk_is_told_and_leaves_nothing),
    };
    return cmocka_run_group_tests(tests, enter, leave);
}
