// See business.h.
#include "lib/finance/business.h"

#include "lib/finance/written.h"

// The check digit of seven digits, or -1 for those that are never given out.
static int business_check(const char *digits)
{
    static const int weights[] = {7, 9, 10, 5, 8, 4, 2};
    int sum = 0;
    for (size_t i = 0; i < COUNT_OF(weights); i++)
        sum += weights[i] * (digits[i] - '0');
    return sum % 11 == 0 ? 0 : sum % 11 == 1 ? -1 : 11 - sum % 11;
}

bool business_id_parse(struct business_id *out, struct text text, struct err *err)
{
    struct written written;
    if (!written_clean(&written, text))
        return fail(err, ERR_BUSINESS_ID_FORM, SHOWN(text));
    char *last = written.characters + 7;
    if (written.length == 9 && *last == '-')
        memmove(last, last + 1, 2), written.length--;
    if (written.length != 8 || !written_is_digits(written.characters, 8))
        return fail(err, ERR_BUSINESS_ID_FORM, SHOWN(text));
    const int expected = business_check(written.characters);
    if (expected < 0)
        return fail(err, ERR_BUSINESS_ID_NEVER, SHOWN(text));
    if (*last - '0' != expected)
        return fail(err, ERR_BUSINESS_ID_CHECK, SHOWN(text), N(expected));
    memcpy(out->code, written.characters, 7);
    out->code[7] = '-';
    out->code[8] = *last;
    out->code[9] = '\0';
    return true;
}

static bool finnish_vat(struct vat_number *out, const char *number, struct err *err)
{
    struct business_id id;
    if (!business_id_parse(&id, text_from(number), err))
        return false;
    memcpy(out->code + 2, id.code, 7);
    memcpy(out->code + 9, id.code + 8, 2);
    return true;
}

// HM Revenue and Customs: weights 8 to 2, then the two check digits; numbers given since 2010 have 55 added.
static bool british_check(const char *digits)
{
    int sum = (digits[7] - '0') * 10 + digits[8] - '0';
    for (int i = 0; i < 7; i++)
        sum += (8 - i) * (digits[i] - '0');
    return sum % 97 == 0 || (sum + 55) % 97 == 0;
}

// GD and HA with three digits; false for every other form.
static bool british_public(struct vat_number *out, const char *number)
{
    if (strlen(number) != 5 || !written_is_digits(number + 2, 3))
        return false;
    const bool low = number[2] < '5';
    out->kind = low ? VAT_GOVERNMENT : VAT_HEALTH;
    return strncmp(number, low ? "GD" : "HA", 2) == 0;
}

static bool british_vat(struct vat_number *out, const char *number, struct text text, struct err *err)
{
    const size_t length = strlen(number);
    const bool numeric = (length == 9 || length == 12) && written_is_digits(number, length);
    if (!numeric && !british_public(out, number))
        return fail(err, ERR_VAT_FORM, SHOWN(text));
    if (numeric) {
        out->kind = length == 12 ? VAT_BRANCH : VAT_BUSINESS;
        if (!british_check(number))
            return fail(err, ERR_VAT_CHECK, SHOWN(text));
    }
    memcpy(out->code + 2, number, length + 1);
    return true;
}

bool vat_number_parse(struct vat_number *out, struct text text, struct err *err)
{
    struct written written;
    if (!written_clean(&written, text))
        return fail(err, ERR_VAT_FORM, SHOWN(text));
    const char *number = written.characters + (written.length < 2 ? written.length : 2);
    struct vat_number vat = {0};
    memcpy(vat.country, written.characters, written.length < 2 ? written.length : 2);
    memcpy(vat.code, vat.country, 2);
    if (strcmp(vat.country, "FI") == 0) {
        if (!finnish_vat(&vat, number, err))
            return false;
    } else if (strcmp(vat.country, "GB") == 0 || strcmp(vat.country, "XI") == 0) {
        if (!british_vat(&vat, number, text, err))
            return false;
    } else {
        return fail(err, ERR_VAT_COUNTRY, SHOWN(text));
    }
    *out = vat;
    return true;
}

const char *vat_kind_name(enum vat_kind kind)
{
    static const char *const names[] = {"business", "branch", "government", "health"};
    return names[kind];
}

bool tax_number_parse(struct tax_number *out, struct text text, struct err *err)
{
    struct written written;
    if (!written_clean(&written, text) || written.length != 12 || !written_is_digits(written.characters, 12))
        return fail(err, ERR_TAX_NUMBER_FORM, SHOWN(text));
    memcpy(out->digits, written.characters, sizeof(out->digits));
    return true;
}
