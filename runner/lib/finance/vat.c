// See vat.h. The table: Finnish Value Added Tax Act 84, 85 and 85 a §, with the dates from which each rate was in force.
#include "lib/finance/vat.h"

#include "lib/finance/written.h"

static const struct {
    const char *kind;
    struct date from;
    const char *percent;
} rates[] = {
    // The latest first in each kind.
    {"general", {2024, 9, 1}, "25.5"}, {"general", {2013, 1, 1}, "24"},   {"general", {2010, 7, 1}, "23"},
    {"general", {1994, 6, 1}, "22"},   {"reduced", {2026, 1, 1}, "13.5"}, {"reduced", {2013, 1, 1}, "14"},
    {"reduced", {2010, 7, 1}, "13"},   {"low", {2013, 1, 1}, "10"},       {"low", {2010, 7, 1}, "9"},
    {"zero", {1, 1, 1}, "0"},
};

static bool unknown_kind(struct text kind, struct err *err)
{
    static const char *const kinds[] = {"general", "reduced", "low", "zero"};
    char asked[WRITTEN_SHOWN_MAX];
    const char *near = text_nearest(written_shown(asked, kind), kinds, COUNT_OF(kinds));
    return fail(err, ERR_VAT_RATE_KIND, asked, near ? near : "general, reduced, low, zero");
}

bool vat_rate(const char **out, struct text kind, struct date on, struct err *err)
{
    bool known = false;
    for (size_t i = 0; i < COUNT_OF(rates); i++) {
        if (!text_is(kind, rates[i].kind))
            continue;
        known = true;
        if (date_compare(rates[i].from, on) <= 0) {
            *out = rates[i].percent;
            return true;
        }
    }
    if (!known)
        return unknown_kind(kind, err);
    SCOPED_TEXT char *day = xasprintf("%d.%d.%d", on.day, on.month, on.year);
    return fail(err, ERR_VAT_RATE_DATE, SHOWN(kind), day);
}

bool vat_inside(struct decimal *tax, const struct decimal *gross, const struct decimal *percent, int places,
                enum decimal_rounding rounding, struct err *err)
{
    struct decimal hundred, whole, product;
    decimal_from_int64(&hundred, 100);
    return decimal_add(&whole, &hundred, percent, err) && decimal_multiply(&product, gross, percent, err) &&
           decimal_divide(tax, &product, &whole, places, rounding, err);
}

bool vat_upon(struct decimal *tax, const struct decimal *net, const struct decimal *percent, int places,
              enum decimal_rounding rounding, struct err *err)
{
    struct decimal hundred, product;
    decimal_from_int64(&hundred, 100);
    return decimal_multiply(&product, net, percent, err) &&
           decimal_divide(tax, &product, &hundred, places, rounding, err);
}
