// lib/decimal: what decimal.h promises beside the arithmetic of the vectors.
#include "support/unit.h"

#include "lib/base/clock.h"
#include "lib/decimal/decimal.h"

static struct decimal number(const char *written)
{
    struct decimal value;
    struct err err;
    if (!decimal_parse(&value, text_from(written), &err))
        fail_msg("%s: %s", written, err_name(err.code));
    return value;
}

static const char *text_in(struct buf *out, const struct decimal *value)
{
    buf_clear(out);
    assert_true(decimal_text(out, value));
    return buf_string(out);
}
#define assert_decimal(value, expected)                                                                      \
    do {                                                                                                     \
        SCOPED_BUF(text_, DECIMAL_TEXT_MAX);                                                                 \
        assert_string_equal(text_in(&text_, &(value)), expected);                                            \
    } while (0)

static const struct {
    const char *written, *text; // NULL: refused
} forms[] = {
    {"12.30", "12.30"},
    {"-0.05", "-0.05"},
    {"+7", "7"},
    {".5", "0.5"},
    {"5.", "5"},
    {"007.10", "7.10"},
    {"1.2E+3", "1200"},
    {"12e-1", "1.2"},
    {"0E+7", "0"},
    {"1E-7", "0.0000001"},
    {"18446744073709551616", "18446744073709551616"},
    {"123456789012345678901234567890.123456789", "123456789012345678901234567890.123456789"},
    {"1E+41", "1E+41"},
    {"1E+40", "10000000000000000000000000000000000000000"},
    {"", NULL},
    {".", NULL},
    {"1,5", NULL},
    {" 1", NULL},
    {"1 ", NULL},
    {"1e", NULL},
    {"1e+", NULL},
    {"--1", NULL},
    {"0x10", NULL},
    {"NaN", NULL},
    {"Infinity", NULL},
    {"1E+10000", NULL},
    {"1E-99999999999999999999", NULL},
    {"١٢", NULL},
};

static void numbers_are_read_and_written_plainly(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(forms); i++) {
        struct decimal value;
        struct err err;
        const bool read = decimal_parse(&value, text_from(forms[i].written), &err);
        if (read != (forms[i].text != NULL))
            fail_msg("\"%s\" is %s", forms[i].written, read ? "read" : "refused");
        if (read)
            assert_decimal(value, forms[i].text);
    }
}

static void a_number_of_most_digits_is_read_and_one_more_refused(void **state)
{
    (void)state;
    char digits[DECIMAL_DIGITS_MAX + 2];
    memset(digits, '9', sizeof digits);
    struct decimal value;
    struct err err;
    assert_false(decimal_parse(&value, text_of(digits, DECIMAL_DIGITS_MAX + 1), &err));
    assert_int_equal(err.code, ERR_DECIMAL_TOO_LONG);
    assert_true(decimal_parse(&value, text_of(digits, DECIMAL_DIGITS_MAX), &err));
    assert_int_equal(decimal_digits(&value), DECIMAL_DIGITS_MAX);
    const struct decimal one = number("1");
    struct decimal sum = one;
    assert_false(decimal_add(&sum, &value, &one, &err));
    assert_decimal(sum, "1"); // untouched
    assert_false(decimal_multiply(&sum, &value, &value, &err));
}

static void ten_times_a_tenth_is_one(void **state)
{
    (void)state;
    struct decimal sum = number("0"), tenth = number("0.1");
    struct err err;
    for (int i = 0; i < 10; i++)
        assert_true(decimal_add(&sum, &sum, &tenth, &err));
    const struct decimal one = number("1");
    assert_int_equal(decimal_compare(&sum, &one), 0);
    assert_decimal(sum, "1.0");
}

static void sums_that_pass_a_limb_are_exact(void **state)
{
    (void)state;
    struct err err;
    struct decimal a = number("18446744073709551615"), b = number("0.000000000000000001"), sum;
    assert_true(decimal_add(&sum, &a, &a, &err));
    assert_decimal(sum, "36893488147419103230");
    assert_true(decimal_add(&sum, &a, &b, &err));
    assert_decimal(sum, "18446744073709551615.000000000000000001");
    assert_true(decimal_subtract(&sum, &sum, &a, &err));
    assert_decimal(sum, "0.000000000000000001");
    assert_true(decimal_multiply(&sum, &a, &a, &err));
    assert_decimal(sum, "340282366920938463426481119284349108225");
}

static const struct {
    const char *value;
    int places;
    enum decimal_rounding rounding;
    const char *rounded;
} roundings[] = {
    {"2.345", 2, DECIMAL_HALF_UP, "2.35"},
    {"-2.345", 2, DECIMAL_HALF_UP, "-2.35"},
    {"2.345", 2, DECIMAL_HALF_EVEN, "2.34"},
    {"2.355", 2, DECIMAL_HALF_EVEN, "2.36"},
    {"2.345", 2, DECIMAL_HALF_DOWN, "2.34"},
    {"2.341", 2, DECIMAL_UP, "2.35"},
    {"-2.349", 2, DECIMAL_DOWN, "-2.34"},
    {"-2.341", 2, DECIMAL_FLOOR, "-2.35"},
    {"-2.349", 2, DECIMAL_CEILING, "-2.34"},
    {"2.301", 2, DECIMAL_05UP, "2.31"},
    {"2.341", 2, DECIMAL_05UP, "2.34"},
    {"2", 2, DECIMAL_HALF_UP, "2.00"},
    {"1250", -2, DECIMAL_HALF_UP, "1300"},
    {"1250", -2, DECIMAL_HALF_EVEN, "1200"},
    {"49", -2, DECIMAL_HALF_UP, "0"},
    {"50", -2, DECIMAL_HALF_UP, "100"},
    {"1", -100, DECIMAL_UP, NULL},
    {"9.999", 2, DECIMAL_HALF_UP, "10.00"},
    {"0.0004", 2, DECIMAL_HALF_UP, "0.00"},
    {"0.0004", 2, DECIMAL_UP, "0.01"},
    {"18446744073709551615.5", 0, DECIMAL_HALF_UP, "18446744073709551616"},
    {"1234567890123456789012345.675", 2, DECIMAL_HALF_UP, "1234567890123456789012345.68"},
};

static void rounding_is_what_its_name_says(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(roundings); i++) {
        const struct decimal value = number(roundings[i].value);
        struct decimal rounded;
        struct err err;
        assert_true(decimal_round(&rounded, &value, roundings[i].places, roundings[i].rounding, &err));
        if (roundings[i].rounded)
            assert_decimal(rounded, roundings[i].rounded);
        else
            assert_int_equal(decimal_digits(&rounded), 101);
    }
}

static const struct {
    const char *a, *b;
    int places;
    enum decimal_rounding rounding;
    const char *quotient;
} quotients[] = {
    {"100", "3", 2, DECIMAL_HALF_UP, "33.33"},
    {"200", "3", 2, DECIMAL_HALF_UP, "66.67"},
    {"-200", "3", 2, DECIMAL_DOWN, "-66.66"},
    {"1", "8", 2, DECIMAL_HALF_EVEN, "0.12"},
    {"3", "8", 2, DECIMAL_HALF_EVEN, "0.38"},
    {"1", "1000", 2, DECIMAL_HALF_UP, "0.00"},
    {"1", "1E+50", 2, DECIMAL_UP, "0.01"},
    {"5", "1000", 2, DECIMAL_HALF_UP, "0.01"},
    {"0", "7", 3, DECIMAL_HALF_UP, "0.000"},
    {"24.00", "1.24", 4, DECIMAL_HALF_UP, "19.3548"},
    {"1E+30", "7", 0, DECIMAL_DOWN, "142857142857142857142857142857"},
};

static void quotients_have_the_places_that_were_asked_for(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(quotients); i++) {
        const struct decimal a = number(quotients[i].a), b = number(quotients[i].b);
        struct decimal quotient;
        struct err err;
        assert_true(decimal_divide(&quotient, &a, &b, quotients[i].places, quotients[i].rounding, &err));
        assert_decimal(quotient, quotients[i].quotient);
    }
    const struct decimal one = number("1"), zero = number("0.00");
    struct decimal quotient;
    struct err err;
    assert_false(decimal_divide(&quotient, &one, &zero, 2, DECIMAL_HALF_UP, &err));
    assert_int_equal(err.code, ERR_DECIMAL_DIVISION_BY_ZERO);
}

static const struct {
    const char *a, *b, *whole, *left, *floor, *modulo;
} divisions[] = {
    {"7", "2", "3", "1", "3", "1"},
    {"-7", "2", "-3", "-1", "-4", "1"},
    {"7", "-2", "-3", "1", "-4", "-1"},
    {"-7", "-2", "3", "-1", "3", "-1"},
    {"6.30", "0.9", "7", "0.00", "7", "0.00"},
    {"0.05", "1", "0", "0.05", "0", "0.05"},
    {"-0.05", "1", "-0", "-0.05", "-1", "0.95"},
    {"1E+20", "3", "33333333333333333333", "1", "33333333333333333333", "1"},
};

static void whole_division_and_what_is_left_fit_together(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(divisions); i++) {
        const struct decimal a = number(divisions[i].a), b = number(divisions[i].b);
        struct decimal quotient, left;
        struct err err;
        assert_true(decimal_divide_whole(&quotient, &left, &a, &b, &err));
        assert_decimal(quotient, divisions[i].whole);
        assert_decimal(left, divisions[i].left);
        assert_true(decimal_divide_floor(&quotient, &left, &a, &b, &err));
        assert_decimal(quotient, divisions[i].floor);
        assert_decimal(left, divisions[i].modulo);
    }
}

static void powers_are_exact_and_bounded(void **state)
{
    (void)state;
    struct err err;
    struct decimal base = number("1.05"), power;
    assert_true(decimal_power(&power, &base, 5, &err));
    assert_decimal(power, "1.2762815625");
    assert_true(decimal_power(&power, &base, 0, &err));
    assert_decimal(power, "1");
    assert_false(decimal_power(&power, &base, -1, &err));
    assert_false(decimal_power(&power, &base, DECIMAL_POWER_MAX, &err));
    assert_false(decimal_power(&power, &base, INT64_MAX, &err));
    base = number("9");
    assert_false(decimal_power(&power, &base, DECIMAL_POWER_MAX, &err));
}

static void comparing_goes_by_worth_at_any_distance(void **state)
{
    (void)state;
    static const char *const rising[] = {"-1E+9999", "-2",     "-1.5", "-1E-9999", "0.00",
                                         "1E-9999",  "0.1",    "1",    "1.01",     "99999999999999999999.9",
                                         "1E+20",    "1E+9999"};
    for (size_t i = 0; i < COUNT_OF(rising); i++)
        for (size_t j = 0; j < COUNT_OF(rising); j++) {
            const struct decimal a = number(rising[i]), b = number(rising[j]);
            assert_int_equal(decimal_compare(&a, &b), (i > j) - (i < j));
        }
    const struct decimal a = number("1.0"), b = number("1.00000000000000000000000"), zero = number("-0.0"),
                         none = number("0");
    assert_int_equal(decimal_compare(&a, &b), 0);
    assert_int_equal(decimal_compare(&zero, &none), 0);
}

static void integers_go_in_and_out_exactly(void **state)
{
    (void)state;
    static const int64_t integers[] = {0, 1, -1, INT64_MAX, INT64_MIN};
    for (size_t i = 0; i < COUNT_OF(integers); i++) {
        struct decimal value;
        int64_t back = 7;
        decimal_from_int64(&value, integers[i]);
        assert_true(decimal_to_int64(&value, &back) && back == integers[i]);
    }
    static const char *const not_integers[] = {"1.5", "9223372036854775808", "-9223372036854775809", "1E+300",
                                               "1E-300"};
    for (size_t i = 0; i < COUNT_OF(not_integers); i++) {
        const struct decimal value = number(not_integers[i]);
        int64_t back = 7;
        assert_false(decimal_to_int64(&value, &back));
        assert_true(back == 7);
    }
    const struct decimal twelve = number("12.00");
    int64_t back = 0;
    assert_true(decimal_to_int64(&twelve, &back) && back == 12);
}

static const struct {
    const char *written;
    char point;
    const char *text; // NULL: refused; "?": ambiguous
} amounts[] = {
    {"1 234,56 €", 0, "1234.56"},
    {"1\u00A0234,56\u00A0€", 0, "1234.56"},
    {"1\u202F234\u202F567,89", 0, "1234567.89"},
    {"1,234.56", 0, "1234.56"},
    {"1.234,56", 0, "1234.56"},
    {"€1,234.56", 0, "1234.56"},
    {"EUR 1 234", 0, "1234"},
    {"1'234.50 CHF", 0, "1234.50"},
    {"12,50 e", 0, "12.50"},
    {"99:50", 0, NULL},
    {"1 500 kr", 0, "1500"},
    {"\u2212"
     "12,5",
     0, "-12.5"},
    {"-12,5", 0, "-12.5"},
    {"- 12,5", 0, "-12.5"},
    {"12,50-", 0, "-12.50"},
    {"12,50 € -", 0, "-12.50"},
    {"-12,50-", 0, NULL},
    {"(1 234,56)", 0, "-1234.56"},
    {"(12,50) €", 0, "-12.50"},
    {"(12,50", 0, NULL},
    {"-(12,50)", 0, NULL},
    {"+5", 0, "5"},
    {",50", 0, "0.50"},
    {"0,500", 0, "0.500"},
    {"1234,567", 0, "1234.567"},
    {"1,234,567", 0, "1234567"},
    {"1.234.567,8", 0, "1234567.8"},
    {"1,234", 0, "?"},
    {"1.234", 0, "?"},
    {"12.345 €", 0, "?"},
    {"1.234", ',', "1234"},
    {"1.234", '.', "1.234"},
    {"1,234", ',', "1.234"},
    {"1,234,567", ',', NULL},
    {"1 23,4", 0, NULL},
    {"1 2345,6", 0, NULL},
    {"12 34,6", 0, NULL},
    {"1 234.567,8", 0, NULL},
    {"1,234.567,8", 0, NULL},
    {"1.234,567.8", 0, NULL},
    {"1,,5", 0, NULL},
    {"12,", 0, NULL},
    {"", 0, NULL},
    {"€", 0, NULL},
    {"12 € 5", 0, NULL},
    {"12 EUR €", 0, NULL},
    {"abc", 0, NULL},
    {"1E5", 0, NULL},
    {"12%", 0, NULL},
};

static void amounts_are_read_as_people_write_them(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(amounts); i++) {
        struct decimal value;
        struct err err;
        SCOPED_BUF(text, DECIMAL_TEXT_MAX);
        const bool read = decimal_parse_amount(&value, text_from(amounts[i].written), amounts[i].point, &err);
        const char *got = read ? text_in(&text, &value) : err.code == ERR_DECIMAL_AMBIGUOUS ? "?" : NULL;
        if (!got != !amounts[i].text || (got && strcmp(got, amounts[i].text) != 0))
            fail_msg("\"%s\": got %s, expected %s", amounts[i].written, got ? got : "refused",
                     amounts[i].text ? amounts[i].text : "refused");
    }
}

static void amounts_are_written_as_people_read_them(void **state)
{
    (void)state;
    static const struct decimal_style finnish = {",", "\u00A0", "\u2212", "", "\u00A0€"};
    static const struct decimal_style english = {".", ",", "-", "€", ""};
    static const struct {
        const char *value;
        const struct decimal_style *style;
        const char *text;
    } cases[] = {
        {"1234.56", &finnish, "1\u00A0234,56\u00A0€"},
        {"-1234567.80", &finnish,
         "\u2212"
         "1\u00A0234\u00A0567,80\u00A0€"},
        {"1234.56", &english, "€1,234.56"},
        {"-123", &english, "-€123"},
        {"123456", &english, "€123,456"},
        {"0.5", &english, "€0.5"},
        {"-0.00", &english, "€0.00"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct decimal value = number(cases[i].value);
        SCOPED_BUF(out, DECIMAL_TEXT_MAX);
        assert_true(decimal_format(&out, &value, cases[i].style));
        assert_string_equal(buf_string(&out), cases[i].text);
    }
}

static void no_operation_takes_long(void **state)
{
    (void)state;
    char digits[DECIMAL_DIGITS_MAX];
    memset(digits, '7', sizeof digits);
    struct decimal longest, small = number("3E-9999"), large = number("7E+9999"), out;
    struct err err;
    assert_true(decimal_parse(&longest, text_of(digits, sizeof digits), &err));
    const struct decimal *const values[] = {&longest, &small, &large};
    const int64_t start = clock_monotonic_ms();
    bool done = true;
    for (size_t i = 0; i < 9; i++) {
        const struct decimal *a = values[i / 3], *b = values[i % 3];
        done &= decimal_add(&out, a, b, &err) | decimal_multiply(&out, a, b, &err) |
                decimal_divide(&out, a, b, 2000, DECIMAL_UP, &err) |
                decimal_divide_to_precision(&out, a, b, 2000, DECIMAL_UP, &err) |
                decimal_divide_floor(&out, NULL, a, b, &err) | decimal_remainder_near(&out, a, b, &err) |
                decimal_round(&out, a, -2000, DECIMAL_UP, &err) | decimal_power(&out, a, 9999, &err);
    }
    assert_true(clock_monotonic_ms() - start < 500);
    (void)done;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_read_and_written_plainly),
        cmocka_unit_test(a_number_of_most_digits_is_read_and_one_more_refused),
        cmocka_unit_test(ten_times_a_tenth_is_one),
        cmocka_unit_test(sums_that_pass_a_limb_are_exact),
        cmocka_unit_test(rounding_is_what_its_name_says),
        cmocka_unit_test(quotients_have_the_places_that_were_asked_for),
        cmocka_unit_test(whole_division_and_what_is_left_fit_together),
        cmocka_unit_test(powers_are_exact_and_bounded),
        cmocka_unit_test(comparing_goes_by_worth_at_any_distance),
        cmocka_unit_test(integers_go_in_and_out_exactly),
        cmocka_unit_test(amounts_are_read_as_people_write_them),
        cmocka_unit_test(amounts_are_written_as_people_read_them),
        cmocka_unit_test(no_operation_takes_long),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
