// lib/sheet/header.c
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// cmocka needs the four above
#include <cmocka.h>

#include "lib/sheet/header.h"

static struct header header_of(const char *const *names, size_t count)
{
    struct cell cells[8];
    struct header header;
    assert_true(count <= COUNT_OF(cells));
    for (size_t i = 0; i < count; i++)
        cells[i] = (struct cell){.column = (uint32_t)i + 1, .kind = CELL_TEXT, .text = text_from(names[i])};
    header_read(&header, &(struct sheet_row){.cells = cells, .count = count, .number = 1});
    return header;
}

static void names_that_come_twice_are_numbered(void **state)
{
    (void)state;
    struct header header =
        header_of((const char *const[]){"Sum", " Sum ", "Sum_2", "\u00A0Sum\uFEFF", "Pay\nday"}, 5);
    assert_string_equal(header.names[0], "Sum");
    assert_string_equal(header.names[1], "Sum_2");
    assert_string_equal(header.names[2], "Sum_2_2");
    assert_string_equal(header.names[3], "Sum_3");
    assert_string_equal(header.names[4], "Pay day");
    header_dispose(&header);
}

static void a_column_is_found_by_name_then_loosely_then_by_alias(void **state)
{
    (void)state;
    struct header header = header_of((const char *const[]){"Lasku nro", "SUMMA", "summa", "Päiväys"}, 4);
    struct err err;
    uint32_t columns[3];
    static const char *const aliases[] = {"Invoice no.", "Lasku nro."};
    const struct column_wish wishes[] = {
        {"Invoice", aliases, 2, false}, {"summa", NULL, 0, false}, {"Note", NULL, 0, true}};
    assert_int_equal(header_find(&header, "PÄIVÄYS"), 4);
    const struct column_wish twice[] = {{"lasku nro", NULL, 0, false}, {"Lasku-nro", NULL, 0, true}};
    assert_false(header_choose(columns, &header, twice, 2, &err));
    assert_int_equal(err.code, ERR_SHEET_COLUMN_TWICE);
    assert_int_equal(header_find(&header, "Summa"), 2);
    assert_true(header_choose(columns, &header, wishes, 3, &err));
    assert_int_equal(columns[0], 1);
    assert_int_equal(columns[1], 3);
    assert_int_equal(columns[2], 0);
    header_dispose(&header);
}

static void all_missing_columns_are_told_at_once(void **state)
{
    (void)state;
    struct header header = header_of((const char *const[]){"Invoice", "Amount"}, 2);
    struct err err;
    uint32_t columns[2];
    const struct column_wish wishes[] = {{"Invoices", NULL, 0, false}, {"Supplier", NULL, 0, false}};
    assert_false(header_choose(columns, &header, wishes, 2, &err));
    assert_int_equal(err.code, ERR_SHEET_COLUMNS_MISSING);
    assert_string_equal(err.arguments[0], "Invoices (Invoice?), Supplier");
    assert_string_equal(err.arguments[1], "Invoice, Amount");
    header_dispose(&header);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_that_come_twice_are_numbered),
        cmocka_unit_test(a_column_is_found_by_name_then_loosely_then_by_alias),
        cmocka_unit_test(all_missing_columns_are_told_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
