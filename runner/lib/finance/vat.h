// Finnish VAT rates by date, and the tax inside a price.
//
// The rate follows the day of delivery, for a prepayment the day of payment.
#ifndef RENKI_FINANCE_VAT_H
#define RENKI_FINANCE_VAT_H

#include "lib/calendar/date.h"
#include "lib/decimal/decimal.h"

// "general" (since 1994-06-01); "reduced" (since 2010-07-01: food, restaurants, feed; since 2025 also books, sport,
// transport, accommodation, medicine); "low" (since 2010-07-01: until 2024 those, since then newspapers and
// periodicals); "zero".
// The rate as text for an exact decimal: "25.5". Errors: VAT_RATE_KIND (with the nearest), VAT_RATE_DATE (too early).
bool vat_rate(const char **out, struct text kind, struct date on, struct err *err) MUST_CHECK;

// The tax inside a gross price, gross * percent / (100 + percent), to `places`; and upon a net price. `percent` may be
// 0 and is not negative. Errors: those of the arithmetic (numbers beyond decimal's limits).
bool vat_inside(struct decimal *tax, const struct decimal *gross, const struct decimal *percent, int places,
                enum decimal_rounding rounding, struct err *err) MUST_CHECK;
bool vat_upon(struct decimal *tax, const struct decimal *net, const struct decimal *percent, int places,
              enum decimal_rounding rounding, struct err *err) MUST_CHECK;

#endif
