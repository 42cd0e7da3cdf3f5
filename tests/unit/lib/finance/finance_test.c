// lib/finance: what each refusal says, and what the vectors do not hold.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// cmocka needs the four above
#include <cmocka.h>

#include "lib/finance/barcode.h"
#include "lib/finance/business.h"
#include "lib/finance/iban.h"
#include "lib/finance/identity.h"
#include "lib/finance/reference.h"
#include "lib/finance/vat.h"

static void an_iban_says_what_is_wrong_with_it(void **state)
{
    (void)state;
    static const struct {
        const char *written;
        enum err_code code;
    } cases[] = {
        {"", ERR_IBAN_COUNTRY},
        {"F", ERR_IBAN_COUNTRY},
        {"ZZ21 1234 5600 0007 85", ERR_IBAN_COUNTRY},
        {"FI21 1234 5600 0007 8", ERR_IBAN_LENGTH},
        {"FI21 1234 5600 0007 8O", ERR_IBAN_STRUCTURE},
        {"FI21 1234 5600 0007 86", ERR_IBAN_CHECK},
        {"FI21/1234/5600/0007/85", ERR_IBAN_CHARACTER},
        {"\xEF\xBC\xA6I2112345600000785", ERR_IBAN_CHARACTER},
        {"FI211234560000078511111111111111111111111111111111111111111111111111111", ERR_IBAN_CHARACTER},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct iban iban;
        struct err err = {0};
        assert_false(iban_parse(&iban, text_from(cases[i].written), &err));
        assert_int_equal(err.code, cases[i].code);
    }
}

static void the_blanks_of_print_are_passed_over(void **state)
{
    (void)state;
    static const char *const forms[] = {
        "FI21 1234 5600 0007 85", "fi2112345600000785", "FI21-1234-5600-0007-85",
        "IBAN FI21\u00A01234\u00A05600\u202F0007 85", " FI2112345600000785\n"};
    for (size_t i = 0; i < COUNT_OF(forms); i++) {
        struct iban iban;
        struct err err = {0};
        assert_true(iban_parse(&iban, text_from(forms[i]), &err));
        assert_string_equal(iban.code, "FI2112345600000785");
        assert_string_equal(iban.country_name, "Finland");
    }
}

static void a_reference_says_which_check_digit_would_be_right(void **state)
{
    (void)state;
    struct reference reference;
    struct rf_reference rf;
    struct err err = {0};
    assert_false(reference_parse(&reference, TEXT_OF("1234562"), &err));
    assert_int_equal(err.code, ERR_REFERENCE_CHECK);
    assert_string_equal(err.arguments[1], "1");
    assert_true(rf_make(&rf, TEXT_OF("abc 1"), &err));
    assert_false(rf_national(&reference, &rf, &err));
    assert_int_equal(err.code, ERR_REFERENCE_CHARACTER);
    assert_false(rf_make(&rf, TEXT_OF("1234567890123456789012"), &err));
    assert_int_equal(err.code, ERR_RF_FORM);
}

static void vat_numbers_have_their_kinds(void **state)
{
    (void)state;
    static const struct {
        const char *written, *code, *kind;
    } cases[] = {
        {"FI02012566", "FI02012566", "business"},       {"gb 980 7806 84", "GB980780684", "business"},
        {"GB980780684001", "GB980780684001", "branch"}, {"XI980780684", "XI980780684", "business"},
        {"GBGD001", "GBGD001", "government"},           {"GBHA500", "GBHA500", "health"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct vat_number vat;
        struct err err = {0};
        assert_true(vat_number_parse(&vat, text_from(cases[i].written), &err));
        assert_string_equal(vat.code, cases[i].code);
        assert_string_equal(vat_kind_name(vat.kind), cases[i].kind);
    }
}

static void wrong_vat_numbers_say_why(void **state)
{
    (void)state;
    static const struct {
        const char *written;
        enum err_code code;
    } cases[] = {
        {"", ERR_VAT_COUNTRY},
        {"F", ERR_VAT_COUNTRY},
        {"DE123456789", ERR_VAT_COUNTRY},
        {"GB20084738", ERR_VAT_FORM},
        {"GB980780685", ERR_VAT_CHECK},
        {"GBGD500", ERR_VAT_FORM},
        {"GBHA499", ERR_VAT_FORM},
        {"GBGD01", ERR_VAT_FORM},
        {"FI0201256", ERR_BUSINESS_ID_FORM},
        {"FI02012567", ERR_BUSINESS_ID_CHECK},
        {"GB98078068400", ERR_VAT_FORM},
        {"GB", ERR_VAT_FORM},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct vat_number vat;
        struct err err = {0};
        assert_false(vat_number_parse(&vat, text_from(cases[i].written), &err));
        assert_int_equal(err.code, cases[i].code);
    }
}

static void a_business_id_that_is_never_given_out_is_told_apart(void **state)
{
    (void)state;
    struct business_id id;
    struct err err = {0};
    // 2 * 6 is 12, which leaves 1.
    assert_false(business_id_parse(&id, TEXT_OF("0000006-0"), &err));
    assert_int_equal(err.code, ERR_BUSINESS_ID_NEVER);
    assert_true(business_id_parse(&id, TEXT_OF("02012566"), &err));
    assert_string_equal(id.code, "0201256-6");
    assert_false(business_id_parse(&id, TEXT_OF("0201256-7"), &err));
    assert_string_equal(err.arguments[1], "6");
}

static void an_identity_code_is_never_repeated_in_an_error(void **state)
{
    (void)state;
    static const struct {
        const char *written;
        enum err_code code;
    } cases[] = {
        {"131052-308", ERR_IDENTITY_FORM},
        {"131052-3080", ERR_IDENTITY_CHECK},
        {"131052G308T", ERR_IDENTITY_SIGN},
        {"321052-308T", ERR_IDENTITY_DATE},
        {"131052-001X", ERR_IDENTITY_NUMBER},
        {"131052 -308T", ERR_IDENTITY_FORM},
        {"131052-3\0"
         "8T",
         ERR_IDENTITY_FORM},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct identity identity;
        struct err err = {0};
        assert_false(identity_parse(&identity, text_from(cases[i].written), &err));
        assert_int_equal(err.code, cases[i].code);
        assert_int_equal(err.count, 0);
    }
}

static void bar_codes_that_cannot_be_made_say_why(void **state)
{
    (void)state;
    const struct text iban = TEXT_OF("FI2112345600000785"), reference = TEXT_OF("1234561");
    const struct date early = {1999, 12, 31};
    struct barcode code;
    struct err err = {0};
    assert_false(barcode_make(&code, TEXT_OF("AL47212110090000000235698741"), 1, reference, NULL, &err));
    assert_int_equal(err.code, ERR_BARCODE_ACCOUNT);
    assert_false(barcode_make(&code, iban, 100000000, reference, NULL, &err));
    assert_int_equal(err.code, ERR_BARCODE_SUM);
    assert_false(barcode_make(&code, iban, -1, reference, NULL, &err));
    assert_int_equal(err.code, ERR_BARCODE_SUM);
    assert_false(barcode_make(&code, iban, 1, reference, &early, &err));
    assert_int_equal(err.code, ERR_BARCODE_DATE);
    assert_false(barcode_make(&code, iban, 1, TEXT_OF("RF03SW3EZRUFBK"), NULL, &err));
    assert_int_equal(err.code, ERR_BARCODE_REFERENCE);
    assert_false(barcode_make(&code, iban, 1, TEXT_OF("1234562"), NULL, &err));
    assert_int_equal(err.code, ERR_REFERENCE_CHECK);
}

static void the_vat_rate_follows_the_day(void **state)
{
    (void)state;
    static const struct {
        const char *kind;
        struct date on;
        const char *percent;
    } cases[] = {
        {"general", {1994, 6, 1}, "22"},   {"general", {2010, 6, 30}, "22"},
        {"general", {2010, 7, 1}, "23"},   {"general", {2012, 12, 31}, "23"},
        {"general", {2013, 1, 1}, "24"},   {"general", {2024, 8, 31}, "24"},
        {"general", {2024, 9, 1}, "25.5"}, {"reduced", {2012, 12, 31}, "13"},
        {"reduced", {2025, 12, 31}, "14"}, {"reduced", {2026, 1, 1}, "13.5"},
        {"low", {2012, 1, 1}, "9"},        {"low", {2026, 5, 1}, "10"},
        {"zero", {1, 1, 1}, "0"},
    };
    const char *percent;
    struct err err = {0};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_true(vat_rate(&percent, text_from(cases[i].kind), cases[i].on, &err));
        assert_string_equal(percent, cases[i].percent);
    }
    assert_false(vat_rate(&percent, TEXT_OF("general"), (struct date){1994, 5, 31}, &err));
    assert_int_equal(err.code, ERR_VAT_RATE_DATE);
    assert_false(vat_rate(&percent, TEXT_OF("genral"), (struct date){2026, 5, 31}, &err));
    assert_string_equal(err.arguments[1], "general");
}

static void read_decimal(struct decimal *out, const char *written)
{
    struct err err = {0};
    assert_true(decimal_parse(out, text_from(written), &err));
}

static void the_tax_inside_a_price_is_as_the_parking_system_has_it(void **state)
{
    (void)state;
    // gross, percent, tax rounded up to 4 places (then shown with 2)
    static const struct {
        const char *gross, *percent, *tax, *shown;
    } cases[] = {
        {"30.00", "25.5", "6.0957", "6.10"}, {"48.40", "25.5", "9.8343", "9.83"},
        {"60", "25.5", "12.1913", "12.19"},  {"720.01", "25.5", "146.2969", "146.30"},
        {"30.00", "24", "5.8065", "5.81"},   {"-30.00", "25.5", "-6.0957", "-6.10"},
        {"10.00", "0", "0.0000", "0.00"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct decimal gross, percent, tax, shown;
        struct err err = {0};
        SCOPED_BUF(out, DECIMAL_TEXT_MAX);
        read_decimal(&gross, cases[i].gross);
        read_decimal(&percent, cases[i].percent);
        assert_true(vat_inside(&tax, &gross, &percent, 4, DECIMAL_UP, &err));
        assert_true(decimal_text(&out, &tax));
        assert_string_equal(buf_string(&out), cases[i].tax);
        buf_clear(&out);
        assert_true(decimal_round(&shown, &tax, 2, DECIMAL_HALF_EVEN, &err) && decimal_text(&out, &shown));
        assert_string_equal(buf_string(&out), cases[i].shown);
    }
}

static void the_tax_upon_a_price_is_rounded_as_invoices_do(void **state)
{
    (void)state;
    struct decimal net, percent, tax;
    struct err err = {0};
    SCOPED_BUF(out, DECIMAL_TEXT_MAX);
    read_decimal(&net, "10.10");
    read_decimal(&percent, "25.5");
    assert_true(vat_upon(&tax, &net, &percent, 2, DECIMAL_HALF_UP, &err) && decimal_text(&out, &tax));
    assert_string_equal(buf_string(&out), "2.58");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_iban_says_what_is_wrong_with_it),
        cmocka_unit_test(the_blanks_of_print_are_passed_over),
        cmocka_unit_test(a_reference_says_which_check_digit_would_be_right),
        cmocka_unit_test(vat_numbers_have_their_kinds),
        cmocka_unit_test(wrong_vat_numbers_say_why),
        cmocka_unit_test(a_business_id_that_is_never_given_out_is_told_apart),
        cmocka_unit_test(an_identity_code_is_never_repeated_in_an_error),
        cmocka_unit_test(bar_codes_that_cannot_be_made_say_why),
        cmocka_unit_test(the_vat_rate_follows_the_day),
        cmocka_unit_test(the_tax_inside_a_price_is_as_the_parking_system_has_it),
        cmocka_unit_test(the_tax_upon_a_price_is_rounded_as_invoices_do),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
