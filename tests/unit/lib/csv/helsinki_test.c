// lib/csv against what cities published, as it came: the faults of these files are told in the data's own README.
#include "support/unit.h"

#include "lib/csv/reader.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#define FOLDER RENKI_SHARED_DATA "/helsinki"

enum { PATH_ROOM = 512 };

static const struct csv_options anything = {.dialect = {.quote = '"', .find_quote = true}};

static void skip_without_data(void)
{
    if (access(FOLDER, R_OK) != 0)
        skip_saying("skipped: no shared data");
}

// Opens a file and reads the row that names its columns.
static struct csv_reader *open_file(const char *name, const struct csv_row **header)
{
    char path[PATH_ROOM];
    struct err err;
    struct csv_reader *reader = NULL;
    snprintf(path, sizeof path, FOLDER "/%s", name);
    const int file = open(path, O_RDONLY | O_CLOEXEC);
    assert_true(file >= 0);
    assert_true(csv_reader_open_file(&reader, file, &anything, &err));
    do
        assert_true(csv_reader_next(reader, header, &err) && *header);
    while ((*header)->line < csv_reader_found(reader)->header);
    csv_reader_expect(reader, (*header)->count);
    return reader; // the descriptor lives as long as the test
}

static size_t column_of(const struct csv_row *header, const char *name)
{
    for (size_t i = 0; i < header->count; i++)
        if (text_is(header->cells[i], name))
            return i;
    fail_msg("no column %s", name);
    return 0;
}

static int64_t cents_of(struct text amount)
{
    int64_t cents = 0;
    size_t decimals = 0;
    bool after = false;
    for (size_t i = amount.length && amount.data[0] == '-'; i < amount.length; i++) {
        const char c = amount.data[i];
        assert_true(c == '.' ? !after : c >= '0' && c <= '9');
        after = after || c == '.';
        decimals += after && c != '.';
        cents = c == '.' ? cents : cents * 10 + (c - '0');
    }
    for (; decimals < 2; decimals++)
        cents *= 10;
    assert_true(decimals == 2);
    return amount.length && amount.data[0] == '-' ? -cents : cents;
}

struct totals {
    size_t rows, negative, problems;
    int64_t cents;
};

static struct totals add_up(const char *name, const char *column)
{
    struct totals totals = {0};
    struct err err;
    const struct csv_row *row;
    const struct csv_problem *problems;
    SCOPED(csv_reader)
    reader = open_file(name, &row);
    const size_t place = column_of(row, column);
    while (true) {
        assert_true(csv_reader_next(reader, &row, &err));
        if (!row)
            break;
        const int64_t cents = cents_of(row->cells[place]);
        totals.rows++;
        totals.cents += cents;
        totals.negative += cents < 0;
    }
    totals.problems = csv_reader_problems(reader, &problems);
    return totals;
}

static void the_sums_of_oxford_are_those_that_were_published(void **state)
{
    (void)state;
    static const struct {
        const char *quarter, *column;
        int64_t cents;
    } files[] = {
        {"jan-mar-2014", "amount", 205029088}, {"apr-jun-2014", "Amount", 309354189},
        {"jan-mar-2015", "Amount", 341767997}, {"jan-mar-2016", "amount", 110222155},
        {"jan-mar-2017", "Amount", 158159739}, {"jul-sep-2017", "Amount", 219769241},
        {"oct-dec-2017", "Amount", 238153143}, {"jan-mar-2018", "Amount", 149670559},
    };
    skip_without_data();
    for (size_t i = 0; i < COUNT_OF(files); i++) {
        char name[PATH_ROOM];
        snprintf(name, sizeof name, "oxford/expenditure-over-500-%s.sample.csv", files[i].quarter);
        const struct totals totals = add_up(name, files[i].column);
        assert_int_equal(totals.rows, 400);
        assert_int_equal(totals.cents, files[i].cents);
        assert_int_equal(totals.problems, 0);
    }
}

static void the_ledger_of_trafford_adds_up(void **state)
{
    (void)state;
    skip_without_data();
    const struct totals totals = add_up("trafford/supplier-spend-2026-05.sample.csv", "Amount");
    assert_int_equal(totals.rows, 1848);
    assert_int_equal(totals.cents, 410490438);
    assert_int_equal(totals.negative, 200);
    assert_int_equal(totals.problems, 0);
    assert_int_equal(add_up("trafford/procurement-card-2026-27.sample.csv", "Amount").rows, 500);
}

// One file has CR alone, two have a title line; the header is the same in all.
static void the_header_of_lambeth_is_found_wherever_it_stands(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        size_t line;
        enum csv_line_end line_end;
    } files[] = {
        {"lambeth/2011-11-payments.sample.csv", 2, CSV_LINE_END_CR},
        {"lambeth/2011-12-payments.sample.csv", 1, CSV_LINE_END_LF},
        {"lambeth/2012-01-payments.sample.csv", 2, CSV_LINE_END_LF},
    };
    skip_without_data();
    for (size_t i = 0; i < COUNT_OF(files); i++) {
        struct err err = {0};
        const struct csv_row *row;
        bool total = false;
        SCOPED(csv_reader)
        reader = open_file(files[i].name, &row);
        assert_int_equal(row->line, files[i].line);
        assert_int_equal(csv_reader_found(reader)->dialect.line_end, files[i].line_end);
        assert_true(text_is(row->cells[0], "Supplier Name") && text_is(row->cells[1], "Total"));
        while (csv_reader_next(reader, &row, &err) && row)
            total = text_is(row->cells[0], "Grand Total");
        assert_true(total && err.code == ERR_NONE);
    }
}

static void line_ends_in_the_header_of_the_register_are_part_of_names(void **state)
{
    (void)state;
    struct err err;
    const struct csv_row *row;
    size_t rows = 0, nameless = 0;
    skip_without_data();
    SCOPED(csv_reader)
    reader = open_file("register/tietojarjestelmaluettelo-2013.csv", &row);
    assert_int_equal(row->count, 14);
    assert_true(text_find(row->cells[10], '\n') > 0);
    for (; csv_reader_next(reader, &row, &err) && row; rows++) {
        assert_int_equal(row->count, 14);
        nameless += text_is(row->cells[2], "0");
    }
    assert_int_equal(rows, 1040);
    assert_int_equal(nameless, 30);
}

static void a_report_of_several_tables_is_read_as_it_stands(void **state)
{
    (void)state;
    struct err err;
    const struct csv_row *row;
    size_t rows = 1;
    skip_without_data();
    SCOPED(csv_reader)
    reader = open_file("laske/sales-report-output.csv", &row);
    assert_true(text_is(row->cells[0], "Project address"));
    for (; csv_reader_next(reader, &row, &err) && row; rows++)
        assert_int_equal(row->count, 5);
    assert_int_equal(rows, 18);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_sums_of_oxford_are_those_that_were_published),
        cmocka_unit_test(the_ledger_of_trafford_adds_up),
        cmocka_unit_test(the_header_of_lambeth_is_found_wherever_it_stands),
        cmocka_unit_test(line_ends_in_the_header_of_the_register_are_part_of_names),
        cmocka_unit_test(a_report_of_several_tables_is_read_as_it_stands),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
