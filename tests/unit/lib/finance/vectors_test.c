// lib/finance against the vectors of the shared data, row by row.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// cmocka needs the four above
#include <cmocka.h>

#include "lib/base/file.h"
#include "lib/calendar/parse.h"
#include "lib/finance/barcode.h"
#include "lib/finance/business.h"
#include "lib/finance/iban.h"
#include "lib/finance/identity.h"
#include "lib/finance/reference.h"

#include <fcntl.h>
#include <stdio.h>

enum { COLUMNS_MAX = 10, FILE_MAX = 1 << 20 };

struct row {
    struct text columns[COLUMNS_MAX];
    size_t count;
};

static int wrong; // rows of the running test that came out otherwise than the file says

static void expect(bool as_expected, const struct row *row)
{
    if (as_expected)
        return;
    wrong++;
    printf("  %.*s %.*s\n", (int)row->columns[0].length, row->columns[0].data, (int)row->columns[1].length,
           row->columns[1].data);
}

static void each_row(const char *name, size_t least_rows, void (*visit)(const struct row *row))
{
    SCOPED_BUF(content, FILE_MAX);
    struct err err = {0};
    SCOPED_TEXT char *path = xasprintf("%s/ids/%s", RENKI_SHARED_DATA, name);
    if (!file_read(&content, AT_FDCWD, path, &err)) {
        puts("the shared data is not here");
        skip();
    }
    struct text rest = buf_text(&content), line;
    size_t rows = 0;
    wrong = 0;
    assert_true(text_cut(&rest, '\n', &line)); // the head
    while (text_cut(&rest, '\n', &line)) {
        struct row row = {0};
        if (!line.length)
            continue;
        while (row.count < COLUMNS_MAX && text_cut(&line, '\t', &row.columns[row.count]))
            row.count++;
        visit(&row);
        rows++;
    }
    assert_true(rows >= least_rows);
    assert_int_equal(wrong, 0);
}

static bool lenient(struct text expected)
{
    return text_is(expected, "lenient");
}

static void visit_iban(const struct row *row)
{
    struct iban iban;
    struct err err = {0};
    const bool valid = iban_parse(&iban, row->columns[1], &err);
    expect(lenient(row->columns[2]) || valid == text_is(row->columns[2], "true"), row);
}

static void visit_iban_example(const struct row *row)
{
    struct iban iban;
    struct err err = {0};
    char printed[IBAN_PRINTED_SIZE];
    // The registry itself groups these two otherwise than by four.
    const bool by_four = !text_is(row->columns[0], "SV") && !text_is(row->columns[0], "VA");
    const bool right = iban_parse(&iban, row->columns[7], &err) &&
                       (!by_four || text_is(row->columns[8], iban_print(printed, &iban))) &&
                       iban_parse(&iban, row->columns[8], &err) && text_is(row->columns[7], iban.code) &&
                       iban.sepa == text_is(row->columns[4], "Yes");
    expect(right, row);
}

static void visit_rf(const struct row *row)
{
    struct rf_reference rf;
    struct err err = {0};
    expect(lenient(row->columns[2]) ||
               rf_parse(&rf, row->columns[1], &err) == text_is(row->columns[2], "true"),
           row);
}

// What an operation gives as text; "error" when it fails.
static const char *reference_outcome(char out[64], struct text op, struct text input)
{
    struct err err = {0};
    struct reference reference;
    struct rf_reference rf;
    bool done = false;
    if (text_is(op, "validate"))
        return reference_parse(&reference, input, &err) ? "true" : "false";
    if (text_is(op, "generate")) {
        done = reference_make(&reference, input, &err);
        memcpy(out, reference.digits, sizeof(reference.digits));
    } else if (text_is(op, "format")) {
        done = reference_print(out, input, &err);
    } else if (text_is(op, "to-rf")) {
        done = reference_parse(&reference, input, &err) && rf_make(&rf, text_from(reference.digits), &err);
        memcpy(out, rf.code, sizeof(rf.code));
    } else if (text_is(op, "from-rf")) {
        done = rf_parse(&rf, input, &err) && rf_national(&reference, &rf, &err);
        memcpy(out, reference.digits, sizeof(reference.digits));
    } else if (text_is(op, "format-rf")) {
        done = rf_parse(&rf, input, &err);
        rf_print(out, &rf);
    }
    return done ? out : "error";
}

static void visit_reference(const struct row *row)
{
    char out[64] = "";
    const bool from_left = row->columns[4].length &&
                           memmem(row->columns[4].data, row->columns[4].length, "from the left", 13) != NULL;
    const bool national_format = text_is(row->columns[1], "format");
    if (national_format && from_left)
        return; // kept in the file as a warning: practice is from the right
    const char *outcome = reference_outcome(out, row->columns[1], row->columns[2]);
    expect(text_is(row->columns[3], outcome), row);
}

static bool date_column(struct text column, struct date date)
{
    struct date expected;
    struct err err = {0};
    return date_parse(&expected, column, &err) && date_compare(expected, date) == 0;
}

static void visit_identity(const struct row *row)
{
    struct identity identity;
    struct err err = {0};
    const struct text expected = row->columns[2];
    const bool valid = identity_parse(&identity, row->columns[1], &err);
    if (lenient(expected))
        return;
    const bool wanted = text_is(expected, "true") || text_is(expected, "temporary");
    bool right = valid == wanted;
    if (right && valid && row->columns[3].length)
        right = date_column(row->columns[3], identity.birth) &&
                text_is(row->columns[4], identity.female ? "female" : "male");
    if (right && text_is(expected, "temporary"))
        right = identity.temporary;
    expect(right, row);
}

static void visit_age(const struct row *row)
{
    struct identity identity;
    struct date on;
    int64_t age;
    struct err err = {0};
    expect(date_parse(&on, row->columns[0], &err) && identity_parse(&identity, row->columns[1], &err) &&
               text_to_int64(row->columns[2], &age) && identity_age(&identity, on) == age,
           row);
}

static void visit_business(const struct row *row)
{
    struct business_id id;
    struct vat_number vat;
    struct tax_number tax;
    struct err err = {0};
    const struct text kind = row->columns[1], value = row->columns[2];
    const bool valid = text_is(kind, "y-tunnus") ? business_id_parse(&id, value, &err)
                       : text_is(kind, "vat")    ? vat_number_parse(&vat, value, &err)
                                                 : tax_number_parse(&tax, value, &err);
    expect(lenient(row->columns[3]) || valid == text_is(row->columns[3], "true"), row);
}

static void visit_barcode(const struct row *row)
{
    struct barcode parsed, made;
    struct err err = {0};
    const bool valid = barcode_parse(&parsed, row->columns[1], &err);
    if (!text_is(row->columns[2], "true")) {
        expect(!valid, row);
        return;
    }
    SCOPED_TEXT char *sum = xasprintf("%lld.%02d", (long long)parsed.cents / 100, (int)(parsed.cents % 100));
    const struct text due = row->columns[6];
    const bool right =
        valid && text_is(row->columns[3], parsed.iban.code) && text_is(row->columns[4], sum) &&
        text_is(row->columns[5], parsed.reference) && parsed.has_due_date == (due.length > 0) &&
        (!due.length || date_column(due, parsed.due_date)) &&
        barcode_make(&made, text_from(parsed.iban.code), parsed.cents, text_from(parsed.reference),
                     parsed.has_due_date ? &parsed.due_date : NULL, &err) &&
        text_is(row->columns[1], made.digits);
    expect(right, row);
}

static void ibans_are_as_the_registry_has_them(void **state)
{
    (void)state;
    each_row("iban.tsv", 100, visit_iban);
    each_row("iban-examples.tsv", 40, visit_iban_example);
}

static void references_are_checked_made_and_converted(void **state)
{
    (void)state;
    each_row("viitenumero.tsv", 90, visit_reference);
    each_row("rf-reference.tsv", 70, visit_rf);
}

static void identity_codes_are_read(void **state)
{
    (void)state;
    each_row("hetu.tsv", 60, visit_identity);
    each_row("hetu-age.tsv", 4, visit_age);
}

static void business_ids_and_vat_numbers_are_checked(void **state)
{
    (void)state;
    each_row("y-tunnus.tsv", 30, visit_business);
}

static void bar_codes_are_read_and_made(void **state)
{
    (void)state;
    each_row("virtual-barcode.tsv", 15, visit_barcode);
}

// 1,848 real invoice lines: every VAT number in their last column is right but one, which has 8 digits.
static void the_vat_numbers_of_a_real_ledger_are_right_but_one(void **state)
{
    (void)state;
    SCOPED_BUF(content, 4 << 20);
    struct err err = {0};
    if (!file_read(&content, AT_FDCWD,
                   RENKI_SHARED_DATA "/helsinki/trafford/supplier-spend-2026-05.sample.csv", &err)) {
        puts("the shared data is not here");
        skip();
    }
    struct text rest = buf_text(&content), line;
    size_t right = 0, bad = 0;
    while (text_cut(&rest, '\n', &line)) {
        line = text_trim(line);
        const char *comma = line.length ? memrchr(line.data, ',', line.length) : NULL;
        struct vat_number vat;
        const struct text last =
            comma ? text_of(comma + 1, (size_t)(line.data + line.length - comma - 1)) : line;
        if (!text_starts(last, "GB"))
            continue;
        if (vat_number_parse(&vat, last, &err)) {
            right++;
            continue;
        }
        bad++;
        assert_true(text_is(last, "GB20084738"));
        assert_int_equal(err.code, ERR_VAT_FORM);
    }
    assert_int_equal(right, 1847);
    assert_int_equal(bad, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ibans_are_as_the_registry_has_them),
        cmocka_unit_test(references_are_checked_made_and_converted),
        cmocka_unit_test(identity_codes_are_read),
        cmocka_unit_test(business_ids_and_vat_numbers_are_checked),
        cmocka_unit_test(bar_codes_are_read_and_made),
        cmocka_unit_test(the_vat_numbers_of_a_real_ledger_are_right_but_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
