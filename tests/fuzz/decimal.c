// Numbers from anybody, two lines of them: nothing crashes or lasts, and arithmetic keeps its laws.
#include "lib/decimal/decimal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void reads_back(const struct decimal *value)
{
    struct decimal back;
    struct err err;
    SCOPED_BUF(plain, DECIMAL_TEXT_MAX);
    SCOPED_BUF(scientific, DECIMAL_TEXT_MAX);
    SCOPED_BUF(engineering, DECIMAL_TEXT_MAX);
    require(decimal_text(&plain, value) && decimal_parse(&back, buf_text(&plain), &err));
    require(decimal_compare(&back, value) == 0);
    require(decimal_scientific(&scientific, value) && decimal_parse(&back, buf_text(&scientific), &err));
    require(decimal_compare(&back, value) == 0 && back.exponent == value->exponent);
    require(decimal_engineering(&engineering, value) && decimal_parse(&back, buf_text(&engineering), &err));
    require(decimal_compare(&back, value) == 0);
}

static void formats_and_reads_back(const struct decimal *value)
{
    static const struct decimal_style style = {",", "\u00A0", "\u2212", "", "\u00A0€"};
    struct decimal back;
    struct err err;
    SCOPED_BUF(out, 2 * DECIMAL_TEXT_MAX);
    require(decimal_format(&out, value, &style));
    if (decimal_parse_amount(&back, buf_text(&out), ',', &err))
        require(decimal_compare(&back, value) == 0);
}

static void keeps_the_laws(const struct decimal *a, const struct decimal *b)
{
    struct decimal sum, product, quotient, left, back;
    struct err err;
    if (decimal_add(&sum, a, b, &err) && decimal_subtract(&back, &sum, b, &err))
        require(decimal_compare(&back, a) == 0);
    if (decimal_divide_whole(&quotient, &left, a, b, &err) &&
        decimal_multiply(&product, &quotient, b, &err) && decimal_add(&back, &product, &left, &err))
        require(decimal_compare(&back, a) == 0);
    if (decimal_divide_floor(&quotient, &left, a, b, &err) &&
        decimal_multiply(&product, &quotient, b, &err) && decimal_add(&back, &product, &left, &err))
        require(decimal_compare(&back, a) == 0);
    if (decimal_divide(&quotient, a, b, 7, DECIMAL_FLOOR, &err) &&
        decimal_divide(&left, a, b, 7, DECIMAL_CEILING, &err))
        require(decimal_compare(&quotient, &left) <= 0);
    if (decimal_divide_to_precision(&quotient, a, b, 34, DECIMAL_HALF_EVEN, &err))
        require(decimal_digits(&quotient) <= 34);
    if (decimal_remainder_near(&left, a, b, &err) && decimal_add(&sum, &left, &left, &err)) {
        decimal_abs(&sum, &sum); // twice what is left is at most b
        decimal_abs(&back, b);
        require(decimal_compare(&sum, &back) <= 0);
    }
    require(decimal_compare(a, b) == -decimal_compare(b, a));
}

static void rounds(const struct decimal *value)
{
    struct decimal rounded, again;
    struct err err;
    for (int mode = 0; mode < DECIMAL_ROUNDING_COUNT; mode++) {
        if (decimal_round(&rounded, value, 2, (enum decimal_rounding)mode, &err))
            require(decimal_round(&again, &rounded, 2, (enum decimal_rounding)mode, &err) &&
                    decimal_compare(&again, &rounded) == 0);
        if (decimal_round_to_precision(&rounded, value, 5, (enum decimal_rounding)mode, &err))
            require(decimal_digits(&rounded) <= 5);
    }
    decimal_reduce(&rounded, value);
    require(decimal_compare(&rounded, value) == 0);
    int64_t integer;
    if (decimal_to_int64(value, &integer)) {
        decimal_from_int64(&again, integer);
        require(decimal_compare(&again, value) == 0);
    }
    if (decimal_power(&rounded, value, 2, &err) && decimal_multiply(&again, value, value, &err))
        require(decimal_compare(&rounded, &again) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct text rest = text_of((const char *)data, size), line;
    struct decimal values[2], amount;
    struct err err;
    size_t count = 0;
    while (count < 2 && text_cut(&rest, '\n', &line)) {
        for (const char *point = ",."; *point; point++)
            if (decimal_parse_amount(&amount, line, *point, &err))
                reads_back(&amount);
        if (decimal_parse_amount(&amount, line, 0, &err))
            reads_back(&amount);
        if (decimal_parse(&values[count], line, &err)) {
            reads_back(&values[count]);
            formats_and_reads_back(&values[count]);
            rounds(&values[count++]);
        }
    }
    if (count == 2)
        keeps_the_laws(&values[0], &values[1]);
    return 0;
}
