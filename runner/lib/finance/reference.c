// See reference.h.
#include "lib/finance/reference.h"

#include "lib/finance/written.h"

#include <stdio.h>

enum { BASE_LEAST = 3, RF_BASE_MAX = RF_MAX - 4 };

static char check_digit(const char *digits, size_t length)
{
    static const int weights[] = {7, 3, 1};
    int sum = 0;
    for (size_t i = 0; i < length; i++)
        sum += weights[i % 3] * (digits[length - 1 - i] - '0');
    return (char)('0' + (10 - sum % 10) % 10);
}

// Digits without leading zeros, of which there must be `least` to `most`.
static bool significant(struct written *out, struct text text, size_t least, size_t most, struct err *err)
{
    if (!written_clean(out, text) || !written_is_digits(out->characters, out->length))
        return fail(err, ERR_REFERENCE_CHARACTER, SHOWN(text));
    size_t zeros = 0;
    while (zeros < out->length && out->characters[zeros] == '0')
        zeros++;
    out->length -= zeros;
    memmove(out->characters, out->characters + zeros, out->length + 1);
    if (out->length < least || out->length > most)
        return fail(err, ERR_REFERENCE_LENGTH, SHOWN(text), N(least), N(most), N(out->length));
    return true;
}

bool reference_parse(struct reference *out, struct text text, struct err *err)
{
    struct written written;
    if (!significant(&written, text, BASE_LEAST + 1, REFERENCE_MAX, err))
        return false;
    const char expected = check_digit(written.characters, written.length - 1);
    if (written.characters[written.length - 1] != expected)
        return fail(err, ERR_REFERENCE_CHECK, SHOWN(text), N(expected - '0'));
    memcpy(out->digits, written.characters, written.length + 1);
    return true;
}

bool reference_make(struct reference *out, struct text base, struct err *err)
{
    struct written written;
    if (!significant(&written, base, BASE_LEAST, REFERENCE_MAX - 1, err))
        return false;
    snprintf(out->digits, sizeof(out->digits), "%s%c", written.characters,
             check_digit(written.characters, written.length));
    return true;
}

bool reference_print(char out[REFERENCE_PRINTED_SIZE], struct text text, struct err *err)
{
    struct written written;
    if (!significant(&written, text, 1, REFERENCE_MAX, err))
        return false;
    written_group(out, written.characters, written.length, 5, true);
    return true;
}

static bool is_rf_base(const char *characters, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (!((characters[i] >= '0' && characters[i] <= '9') ||
              (characters[i] >= 'A' && characters[i] <= 'Z')))
            return false;
    return length >= 1 && length <= RF_BASE_MAX;
}

static void rf_put(struct rf_reference *out, const char *base)
{
    const unsigned remainder = mod97("RF00", 4, mod97(base, strlen(base), 0));
    snprintf(out->code, sizeof(out->code), "RF%02u%.*s", 98 - remainder, RF_BASE_MAX, base);
}

bool rf_make(struct rf_reference *out, struct text base, struct err *err)
{
    struct written written;
    if (!written_clean(&written, base) || !is_rf_base(written.characters, written.length))
        return fail(err, ERR_RF_FORM, SHOWN(base));
    rf_put(out, written.characters);
    return true;
}

bool rf_parse(struct rf_reference *out, struct text text, struct err *err)
{
    struct written written;
    if (!written_clean(&written, text) || strncmp(written.characters, "RF", 2) != 0 || written.length < 5 ||
        !written_is_digits(written.characters + 2, 2) ||
        !is_rf_base(written.characters + 4, written.length - 4))
        return fail(err, ERR_RF_FORM, SHOWN(text));
    struct rf_reference expected;
    rf_put(&expected, written.characters + 4);
    if (strcmp(expected.code, written.characters) != 0)
        return fail(err, ERR_RF_CHECK, SHOWN(text));
    *out = expected;
    return true;
}

bool rf_national(struct reference *out, const struct rf_reference *rf, struct err *err)
{
    return reference_parse(out, text_from(rf->code + 4), err);
}

const char *rf_print(char out[RF_PRINTED_SIZE], const struct rf_reference *rf)
{
    written_group(out, rf->code, strlen(rf->code), 4, false);
    return out;
}
