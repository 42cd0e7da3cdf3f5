// The peer of what robots/tables writes: the same rows by a C program with libxlsxwriter in constant memory.
// write_peer FILE ROWS prints the processor seconds.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <xlsxwriter.h>

static const char *const headers[] = {"Invoice", "Supplier", "Account", "Cost centre", "Text",
                                      "Net",     "Tax",      "Sum",     "Open",        "Reference"};

struct formats {
    lxw_format *header, *money;
};

static void write_row(lxw_worksheet *page, lxw_row_t row, lxw_format *money)
{
    char text[40];
    const double net = row / 100.0;
    snprintf(text, sizeof text, "A-%u", row);
    worksheet_write_string(page, row, 0, text, NULL);
    snprintf(text, sizeof text, "Supplier %u", row % 1000);
    worksheet_write_string(page, row, 1, text, NULL);
    worksheet_write_number(page, row, 2, 4000 + row % 100, NULL);
    worksheet_write_number(page, row, 3, row % 500, NULL);
    worksheet_write_string(page, row, 4, "Office supplies and freight", NULL);
    worksheet_write_number(page, row, 5, net, money);
    worksheet_write_number(page, row, 6, 2.55, money);
    worksheet_write_number(page, row, 7, net + 2.55, money);
    worksheet_write_boolean(page, row, 8, row % 7 == 0, NULL);
    worksheet_write_number(page, row, 9, 1000000 + row, NULL);
}

int main(int count, char **arguments)
{
    if (count != 3)
        return 2;
    const lxw_row_t rows = (lxw_row_t)strtoul(arguments[2], NULL, 10);
    lxw_workbook_options options = {.constant_memory = LXW_TRUE};
    lxw_workbook *workbook = workbook_new_opt(arguments[1], &options);
    lxw_worksheet *page = workbook_add_worksheet(workbook, "Invoices");
    const struct formats formats = {workbook_add_format(workbook), workbook_add_format(workbook)};
    format_set_bold(formats.header);
    format_set_num_format(formats.money, "#,##0.00;[Red]-#,##0.00");
    for (lxw_col_t column = 0; column < 10; column++)
        worksheet_write_string(page, 0, column, headers[column], formats.header);
    worksheet_freeze_panes(page, 1, 0);
    worksheet_autofilter(page, 0, 0, rows, 9);
    for (lxw_row_t row = 1; row <= rows; row++)
        write_row(page, row, formats.money);
    if (workbook_close(workbook) != LXW_NO_ERROR)
        return 1;
    printf("%.3f\n", (double)clock() / CLOCKS_PER_SEC);
    return 0;
}
