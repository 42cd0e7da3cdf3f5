// lib/decimal against Cowlishaw's test cases: every row of class basic, and each row of class full that knows no NaN,
// no infinity and no exponent beyond ours.
#include "support/unit.h"

#include "lib/base/file.h"
#include "lib/decimal/decimal.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>

enum column {
    ID,
    SOURCE,
    OPERATION,
    PRECISION,
    ROUNDING,
    EMAX,
    EMIN,
    CLAMP,
    OPERANDS,
    RESULT,
    CONDITIONS,
    CLASS,
    COLUMNS
};

struct row {
    struct text column[COLUMNS];
    int precision, emin;
    enum decimal_rounding rounding;
    struct decimal a, b;
};

typedef bool operation(struct decimal *out, const struct row *row, struct err *err);

// The specification's last step, done once on the exact result: to the precision, or to the smallest exponent there is.
static bool finish(struct decimal *out, const struct decimal *exact, const struct row *row, struct err *err)
{
    const int adjusted = exact->exponent + decimal_digits(exact) - 1, tiny = row->emin - row->precision + 1;
    if (adjusted < row->emin && exact->exponent < tiny)
        return decimal_quantize(out, exact, tiny, row->rounding, err);
    return decimal_round_to_precision(out, exact, row->precision, row->rounding, err);
}

// An exact zero of two numbers is negative where rounding goes down and one of them was.
static void sign_zero(struct decimal *sum, const struct row *row, bool one_negative)
{
    if (decimal_is_zero(sum) && row->rounding == DECIMAL_FLOOR && one_negative)
        sum->negative = true;
}

static bool do_add(struct decimal *out, const struct row *row, struct err *err)
{
    if (!decimal_add(out, &row->a, &row->b, err))
        return false;
    sign_zero(out, row, row->a.negative || row->b.negative);
    return finish(out, out, row, err);
}
static bool do_subtract(struct decimal *out, const struct row *row, struct err *err)
{
    if (!decimal_subtract(out, &row->a, &row->b, err))
        return false;
    sign_zero(out, row, row->a.negative || !row->b.negative);
    return finish(out, out, row, err);
}
static bool do_multiply(struct decimal *out, const struct row *row, struct err *err)
{
    return decimal_multiply(out, &row->a, &row->b, err) && finish(out, out, row, err);
}
// Rounded twice: first with what 05UP keeps for a second time, then as the row says.
static bool do_divide(struct decimal *out, const struct row *row, struct err *err)
{
    return decimal_divide_to_precision(out, &row->a, &row->b, row->precision + 2, DECIMAL_05UP, err) &&
           finish(out, out, row, err);
}
static bool do_divide_whole(struct decimal *out, const struct row *row, struct err *err)
{
    return decimal_divide_whole(out, NULL, &row->a, &row->b, err);
}
static bool do_remainder(struct decimal *out, const struct row *row, struct err *err)
{
    return decimal_divide_whole(NULL, out, &row->a, &row->b, err) && finish(out, out, row, err);
}
static bool do_remainder_near(struct decimal *out, const struct row *row, struct err *err)
{
    return decimal_remainder_near(out, &row->a, &row->b, err) && finish(out, out, row, err);
}
static bool do_quantize(struct decimal *out, const struct row *row, struct err *err)
{
    return decimal_quantize(out, &row->a, row->b.exponent, row->rounding, err);
}
static bool do_rescale(struct decimal *out, const struct row *row, struct err *err)
{
    int64_t exponent = 0;
    return decimal_to_int64(&row->b, &exponent) &&
           decimal_quantize(out, &row->a, (int)exponent, row->rounding, err);
}
static bool do_compare(struct decimal *out, const struct row *row, struct err *err)
{
    (void)err;
    decimal_from_int64(out, decimal_compare(&row->a, &row->b));
    return true;
}
static bool do_abs(struct decimal *out, const struct row *row, struct err *err)
{
    decimal_abs(out, &row->a);
    return finish(out, out, row, err);
}
static bool do_plus(struct decimal *out, const struct row *row, struct err *err)
{
    struct decimal zero = {.exponent = row->a.exponent};
    struct row sum = *row;
    sum.b = zero;
    return do_add(out, &sum, err);
}
static bool do_minus(struct decimal *out, const struct row *row, struct err *err)
{
    struct decimal zero = {.exponent = row->a.exponent};
    struct row difference = *row;
    difference.b = row->a;
    difference.a = zero;
    return do_subtract(out, &difference, err);
}
static bool do_to_integral(struct decimal *out, const struct row *row, struct err *err)
{
    return decimal_quantize(out, &row->a, row->a.exponent > 0 ? row->a.exponent : 0, row->rounding, err);
}
static bool do_reduce(struct decimal *out, const struct row *row, struct err *err)
{
    if (!finish(out, &row->a, row, err))
        return false;
    decimal_reduce(out, out);
    return true;
}
// Of equal numbers the specification takes the one with the smaller (or, of negative ones, the larger) exponent for
// the lesser, and -0 for less than 0.
static bool first_is_greater(const struct row *row)
{
    const int compared = decimal_compare(&row->a, &row->b);
    if (compared || row->a.negative != row->b.negative)
        return compared > 0 || (compared == 0 && row->b.negative);
    return row->a.negative ? row->a.exponent < row->b.exponent : row->a.exponent > row->b.exponent;
}
static bool do_max(struct decimal *out, const struct row *row, struct err *err)
{
    return finish(out, first_is_greater(row) ? &row->a : &row->b, row, err);
}
static bool do_min(struct decimal *out, const struct row *row, struct err *err)
{
    return finish(out, first_is_greater(row) ? &row->b : &row->a, row, err);
}
static bool do_power(struct decimal *out, const struct row *row, struct err *err)
{
    int64_t exponent = 0;
    if (!decimal_to_int64(&row->b, &exponent))
        return fail(err, ERR_DECIMAL_POWER, "a fraction");
    if (!decimal_power(out, &row->a, llabs(exponent), err))
        return false;
    if (exponent < 0) {
        struct row inverse = *row;
        decimal_from_int64(&inverse.a, 1);
        decimal_copy(&inverse.b, out);
        return do_divide(out, &inverse, err);
    }
    return finish(out, out, row, err);
}
static bool do_string(struct decimal *out, const struct row *row, struct err *err)
{
    return finish(out, &row->a, row, err);
}

static const struct {
    const char *name;
    operation *run;
} operations[] = {
    {"add", do_add},
    {"subtract", do_subtract},
    {"multiply", do_multiply},
    {"divide", do_divide},
    {"divideint", do_divide_whole},
    {"remainder", do_remainder},
    {"remaindernear", do_remainder_near},
    {"quantize", do_quantize},
    {"rescale", do_rescale},
    {"compare", do_compare},
    {"abs", do_abs},
    {"plus", do_plus},
    {"minus", do_minus},
    {"tointegral", do_to_integral},
    {"tointegralx", do_to_integral},
    {"reduce", do_reduce},
    {"max", do_max},
    {"min", do_min},
    {"power", do_power},
    {"tosci", do_string},
    {"toeng", do_string},
    {"apply", do_string},
};

static operation *operation_named(struct text name)
{
    for (size_t i = 0; i < COUNT_OF(operations); i++)
        if (text_is(name, operations[i].name))
            return operations[i].run;
    fail_msg("no operation %.*s", (int)name.length, name.data);
    return NULL;
}

static int integer(struct text text)
{
    int64_t value = 0;
    assert_true(text_to_int64(text, &value));
    return (int)value;
}

// half_up -> half-up
static enum decimal_rounding rounding_named(struct text name)
{
    SCOPED_TEXT char *ours = text_copy(name);
    for (char *c = ours; *c; c++)
        *c = *c == '_' ? '-' : *c;
    enum decimal_rounding rounding;
    assert_true(decimal_rounding_from_name(&rounding, text_from(ours)));
    return rounding;
}

static bool read_operands(struct row *row, struct err *err)
{
    struct text rest = row->column[OPERANDS];
    struct decimal *const values[] = {&row->a, &row->b};
    struct text operand;
    for (size_t i = 0; i < 2 && text_cut(&rest, ' ', &operand); i++)
        if (!decimal_parse(values[i], operand, err))
            return false;
    return true;
}

static bool cut_row(struct row *row, struct text line)
{
    for (size_t i = 0; i < COLUMNS; i++)
        if (!text_cut(&line, '\t', &row->column[i]))
            return false;
    row->precision = integer(row->column[PRECISION]);
    row->emin = integer(row->column[EMIN]);
    row->rounding = rounding_named(row->column[ROUNDING]);
    return true;
}

// Ours to answer: the result is a number and no context cut its exponent down.
static bool has_finite_answer(const struct row *row)
{
    struct decimal result;
    struct err err;
    SCOPED_TEXT char *conditions = text_copy(row->column[CONDITIONS]);
    return decimal_parse(&result, row->column[RESULT], &err) && !strstr(conditions, "overflow") &&
           !strstr(conditions, "clamped");
}

static bool answer(struct buf *out, const struct row *row, struct err *err)
{
    struct decimal result;
    if (!operation_named(row->column[OPERATION])(&result, row, err))
        return false;
    return text_is(row->column[OPERATION], "toeng") ? decimal_engineering(out, &result)
                                                    : decimal_scientific(out, &result);
}

struct counts {
    size_t passed, failed, skipped;
};

static void try_row(struct counts *counts, struct row *row, bool strict)
{
    struct err err = {0};
    SCOPED_BUF(got, DECIMAL_TEXT_MAX);
    const bool known =
        (strict || has_finite_answer(row)) && read_operands(row, &err) && answer(&got, row, &err);
    if (!known && !strict) {
        counts->skipped++;
    } else if (known && text_equal(buf_text(&got), row->column[RESULT])) {
        counts->passed++;
    } else {
        counts->failed++;
        print_error("%.*s: got %s %s\n", (int)(row->column[CLASS].data - row->column[ID].data),
                    row->column[ID].data, buf_string(&got), err_name(err.code));
    }
}

static void try_class(const char *class, bool strict, size_t least)
{
    struct err err;
    SCOPED_BUF(table, 8 << 20);
    if (!file_read(&table, AT_FDCWD, RENKI_SHARED_DATA "/decimal/vectors.tsv", &err))
        skip_saying("no shared test data here");
    struct text rest = buf_text(&table), line;
    struct counts counts = {0};
    assert_true(text_cut(&rest, '\n', &line)); // the header
    while (text_cut(&rest, '\n', &line)) {
        struct row row = {.precision = 0};
        if (cut_row(&row, line) && text_is(row.column[CLASS], class))
            try_row(&counts, &row, strict);
    }
    print_message("%s: %zu passed, %zu failed, %zu skipped\n", class, counts.passed, counts.failed,
                  counts.skipped);
    assert_int_equal(counts.failed, 0);
    assert_true(counts.passed >= least);
}

static void every_basic_row_gives_the_exact_result(void **state)
{
    (void)state;
    try_class("basic", true, 4000);
}

// Skipped: NaN, infinity, overflow and clamped exponents, exponents and lengths beyond our limits, powers of fractions.
static void every_other_row_that_money_knows_gives_the_exact_result(void **state)
{
    (void)state;
    try_class("full", false, 500);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_basic_row_gives_the_exact_result),
        cmocka_unit_test(every_other_row_that_money_knows_gives_the_exact_result),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
