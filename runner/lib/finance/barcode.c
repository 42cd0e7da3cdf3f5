// See barcode.h. The layout, from 0: version 1, account 16 (an IBAN without FI), euros 6, cents 2, then for version 4
// three zeros and 20 digits of reference, for version 5 two check digits and 21 digits, at the end yymmdd.
#include "lib/finance/barcode.h"

#include "lib/calendar/pattern.h"
#include "lib/finance/written.h"

#include <inttypes.h>
#include <stdio.h>

enum { ACCOUNT_AT = 1, SUM_AT = 17, REFERENCE_AT = 25, NATIONAL_AT = 28, RF_BASE_AT = 27, DATE_AT = 48 };

static const char *without_zeros(const char *digits)
{
    while (digits[0] == '0' && digits[1])
        digits++;
    return digits;
}

static bool read_reference(struct barcode *out, struct text text, struct err *err)
{
    char part[24] = "";
    if (out->digits[0] == '4') {
        struct reference reference;
        if (strncmp(out->digits + REFERENCE_AT, "000", 3) != 0)
            return fail(err, ERR_BARCODE_FORM, SHOWN(text));
        memcpy(part, out->digits + NATIONAL_AT, DATE_AT - NATIONAL_AT);
        if (!reference_parse(&reference, text_from(part), err))
            return false;
        memcpy(out->reference, reference.digits, sizeof(reference.digits));
        return true;
    }
    char code[RF_MAX + 1];
    struct rf_reference rf;
    memcpy(part, out->digits + RF_BASE_AT, DATE_AT - RF_BASE_AT);
    snprintf(code, sizeof(code), "RF%.2s%s", out->digits + REFERENCE_AT, without_zeros(part));
    if (!rf_parse(&rf, text_from(code), err))
        return false;
    memcpy(out->reference, rf.code, sizeof(rf.code));
    return true;
}

static bool read_date(struct barcode *out, struct err *err)
{
    const char *digits = out->digits + DATE_AT;
    out->has_due_date = strcmp(digits, "000000") != 0;
    if (!out->has_due_date)
        return true;
    char written[9];
    struct moment moment;
    snprintf(written, sizeof(written), "20%s", digits);
    if (!pattern_read(&moment, text_from(written), TEXT_OF("yyyymmdd"), err))
        return fail(err, ERR_BARCODE_DATE, digits);
    out->due_date = moment.date;
    return true;
}

bool barcode_parse(struct barcode *out, struct text text, struct err *err)
{
    struct written written;
    if (!written_clean(&written, text) || written.length != BARCODE_DIGITS ||
        !written_is_digits(written.characters, BARCODE_DIGITS))
        return fail(err, ERR_BARCODE_FORM, SHOWN(text));
    struct barcode barcode = {0};
    memcpy(barcode.digits, written.characters, sizeof(barcode.digits));
    if (barcode.digits[0] != '4' && barcode.digits[0] != '5')
        return fail(err, ERR_BARCODE_VERSION, SHOWN(text));
    char account[19], sum[9];
    snprintf(account, sizeof(account), "FI%.16s", barcode.digits + ACCOUNT_AT);
    snprintf(sum, sizeof(sum), "%.8s", barcode.digits + SUM_AT);
    if (!iban_parse(&barcode.iban, text_from(account), err) ||
        !text_to_int64(text_from(sum), &barcode.cents) || !read_reference(&barcode, text, err) ||
        !read_date(&barcode, err))
        return false;
    *out = barcode;
    return true;
}

// The 23 digits of the reference's place.
static bool write_reference(char out[24], struct text reference, struct err *err)
{
    const struct text trimmed = text_trim(reference);
    if (trimmed.length < 2 || !text_equal_ascii_case(text_of(trimmed.data, 2), TEXT_OF("RF"))) {
        struct reference national;
        if (!reference_parse(&national, reference, err))
            return false;
        snprintf(out, 24, "%0*d%s", (int)(23 - strlen(national.digits)), 0, national.digits);
        return true;
    }
    struct rf_reference rf;
    if (!rf_parse(&rf, reference, err))
        return false;
    const char *base = rf.code + 4;
    if (!written_is_digits(base, strlen(base)))
        return fail(err, ERR_BARCODE_REFERENCE, rf.code);
    char padded[22];
    memset(padded, '0', 21);
    memcpy(padded + 21 - strlen(base), base, strlen(base) + 1);
    snprintf(out, 24, "%.2s%s", rf.code + 2, padded);
    return true;
}

static bool write_date(char out[7], const struct date *date, struct err *err)
{
    const bool fits = !date || (date_valid(*date) && date->year >= 2000 && date->year <= 2099);
    if (!fits)
        return fail(err, ERR_BARCODE_DATE, N(date->year));
    if (date)
        snprintf(out, 7, "%02d%02d%02d", date->year % 100, date->month, date->day);
    else
        memcpy(out, "000000", 7);
    return true;
}

bool barcode_make(struct barcode *out, struct text account, int64_t cents, struct text reference,
                  const struct date *due_date, struct err *err)
{
    struct iban iban;
    char place[24], date[7];
    if (!iban_parse(&iban, account, err))
        return false;
    if (strncmp(iban.code, "FI", 2) != 0)
        return fail(err, ERR_BARCODE_ACCOUNT, iban.code);
    if (cents < 0 || cents > BARCODE_CENTS_MAX)
        return fail(err, ERR_BARCODE_SUM);
    if (!write_reference(place, reference, err) || !write_date(date, due_date, err))
        return false;
    const bool rf = strncmp(place, "000", 3) != 0;
    char digits[BARCODE_DIGITS + 1];
    snprintf(digits, sizeof(digits), "%c%.16s%08" PRId64 "%.23s%.6s", rf ? '5' : '4', iban.code + 2, cents,
             place, date);
    return barcode_parse(out, text_from(digits), err);
}
