// Bank account numbers by ISO 13616: length and structure of every country in the registry, check digits.
//
// The national check digits inside the number are not looked at. The word IBAN in front is passed over, and so are
// hyphens and points between groups, as some countries print them.
#ifndef RENKI_FINANCE_IBAN_H
#define RENKI_FINANCE_IBAN_H

#include "lib/base/err.h"

enum { IBAN_MAX = 34, IBAN_PRINTED_SIZE = 48 };

struct iban {
    char code[IBAN_MAX + 1];  // "FI2112345600000785"
    const char *country_name; // "Finland", for ever
    bool sepa;
};

// Errors: IBAN_CHARACTER, IBAN_COUNTRY, IBAN_LENGTH, IBAN_STRUCTURE, IBAN_CHECK.
bool iban_parse(struct iban *out, struct text written, struct err *err) MUST_CHECK;
// "FI21 1234 5600 0007 85".
const char *iban_print(char out[IBAN_PRINTED_SIZE], const struct iban *iban);

#endif
