// The Finnish personal identity code, with all the century signs in use since 2023.
//
// It is personal data: no error of this file repeats the code.
#ifndef RENKI_FINANCE_IDENTITY_H
#define RENKI_FINANCE_IDENTITY_H

#include "lib/calendar/date.h"

struct identity {
    char code[12]; // "131052-308T"
    struct date birth;
    bool female;
    bool temporary; // individual number 900 to 999: given for a while, or for tests
};

// Only blanks around it are passed over. Errors: IDENTITY_FORM, IDENTITY_SIGN, IDENTITY_DATE, IDENTITY_NUMBER,
// IDENTITY_CHECK.
bool identity_parse(struct identity *out, struct text written, struct err *err) MUST_CHECK;
// Whole years on a day, negative before the birth.
int identity_age(const struct identity *identity, struct date on);

#endif
