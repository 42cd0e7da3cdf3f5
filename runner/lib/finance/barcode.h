// The virtual bar code of Finnish bills: 54 digits, version 4 with a national reference, version 5 with an RF one
// (Finance Finland, "Bank bar code guide").
#ifndef RENKI_FINANCE_BARCODE_H
#define RENKI_FINANCE_BARCODE_H

#include "lib/calendar/date.h"
#include "lib/finance/iban.h"
#include "lib/finance/reference.h"

enum { BARCODE_DIGITS = 54, BARCODE_CENTS_MAX = 99999999 };

struct barcode {
    char digits[BARCODE_DIGITS + 1];
    struct iban iban;           // Finnish
    int64_t cents;              // 0 where the bill leaves the sum to the payer
    char reference[RF_MAX + 1]; // national digits, or RF…
    bool has_due_date;
    struct date due_date; // 2000 to 2099
};

// Account and reference must be right too. Errors: BARCODE_FORM, BARCODE_VERSION, BARCODE_DATE and those of
// iban_parse, reference_parse, rf_parse.
bool barcode_parse(struct barcode *out, struct text written, struct err *err) MUST_CHECK;
// `reference` as people write it, national or RF (then with digits only); `due_date` NULL: none.
// Errors: those of the parts, BARCODE_ACCOUNT (not Finnish), BARCODE_SUM, BARCODE_REFERENCE, BARCODE_DATE.
bool barcode_make(struct barcode *out, struct text iban, int64_t cents, struct text reference,
                  const struct date *due_date, struct err *err) MUST_CHECK;

#endif
