// Reference numbers of bills: the Finnish national one and the international RF (ISO 11649).
//
// National: 4 to 20 digits with the check digit (weights 7 3 1 from the right); leading zeros do not count. Printed in
// groups of five from the right. RF: RF, two check digits, 1 to 21 letters and digits; printed in fours from the left.
#ifndef RENKI_FINANCE_REFERENCE_H
#define RENKI_FINANCE_REFERENCE_H

#include "lib/base/err.h"

enum { REFERENCE_MAX = 20, REFERENCE_PRINTED_SIZE = 28, RF_MAX = 25, RF_PRINTED_SIZE = 36 };

struct reference {
    char digits[REFERENCE_MAX + 1]; // without leading zeros
};

struct rf_reference {
    char code[RF_MAX + 1]; // "RF332348236"
};

// Errors: REFERENCE_CHARACTER, REFERENCE_LENGTH, REFERENCE_CHECK.
bool reference_parse(struct reference *out, struct text written, struct err *err) MUST_CHECK;
// Adds the check digit to a base of 3 to 19 digits. Errors: REFERENCE_CHARACTER, REFERENCE_LENGTH.
bool reference_make(struct reference *out, struct text base, struct err *err) MUST_CHECK;
// Any digits, at most 20, in groups; the check digit is not asked. Errors: as reference_make.
bool reference_print(char out[REFERENCE_PRINTED_SIZE], struct text written, struct err *err) MUST_CHECK;

// Errors: RF_FORM, RF_CHECK.
bool rf_parse(struct rf_reference *out, struct text written, struct err *err) MUST_CHECK;
// Adds "RF" and check digits to 1 to 21 letters and digits. Error: RF_FORM.
bool rf_make(struct rf_reference *out, struct text base, struct err *err) MUST_CHECK;
// The national reference inside; false (REFERENCE_CHARACTER …) when it is none.
bool rf_national(struct reference *out, const struct rf_reference *rf, struct err *err) MUST_CHECK;
const char *rf_print(char out[RF_PRINTED_SIZE], const struct rf_reference *rf);

#endif
