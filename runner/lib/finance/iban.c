// See iban.h.
#include "lib/finance/iban.h"

#include "lib/finance/written.h"

#include <stdio.h>
#include <stdlib.h>

struct country {
    const char *code, *name;
    size_t length;
    const char *structure;
    bool sepa;
};

static const struct country countries[] = {
#define IBAN_COUNTRY(code, name, length, structure, sepa) {code, name, length, structure, sepa},
#include "lib/finance/iban_countries.def"
#undef IBAN_COUNTRY
};

static int by_code(const void *key, const void *element)
{
    return strncmp(key, ((const struct country *)element)->code, 2);
}

static bool is_alphanumeric(const char *characters, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (!((characters[i] >= '0' && characters[i] <= '9') ||
              (characters[i] >= 'A' && characters[i] <= 'Z')))
            return false;
    return true;
}

static bool fits(char kind, char c)
{
    const bool digit = c >= '0' && c <= '9';
    return kind == 'c' || (kind == 'n' ? digit : !digit);
}

// The first position (from 0) that does not fit a structure such as "4!a6!n8!n", or -1.
static ptrdiff_t misfit(const char *structure, const char *bban)
{
    ptrdiff_t at = 0;
    while (*structure) {
        char *kind;
        const long count = strtol(structure, &kind, 10);
        kind++; // the "!"
        for (long i = 0; i < count; i++, at++)
            if (!fits(*kind, bban[at]))
                return at;
        structure = kind + 1;
    }
    return -1;
}

// Some countries print hyphens or points between the groups (NO07.8380.08.06006).
static void drop_separators(struct written *written)
{
    size_t kept = 0;
    for (size_t i = 0; i < written->length; i++)
        if (written->characters[i] != '-' && written->characters[i] != '.')
            written->characters[kept++] = written->characters[i];
    written->characters[kept] = '\0';
    written->length = kept;
}

static bool check_digits_fit(const char *code, size_t length)
{
    char expected[12];
    unsigned remainder = mod97(code + 4, length - 4, 0);
    remainder = mod97("00", 2, mod97(code, 2, remainder));
    snprintf(expected, sizeof(expected), "%02u", 98 - remainder);
    return memcmp(code + 2, expected, 2) == 0;
}

bool iban_parse(struct iban *out, struct text text, struct err *err)
{
    struct written written;
    if (!written_clean(&written, text))
        return fail(err, ERR_IBAN_CHARACTER, SHOWN(text));
    drop_separators(&written);
    const size_t word = strncmp(written.characters, "IBAN", 4) == 0 ? 4 : 0;
    const char *code = written.characters + word;
    const size_t length = written.length - word;
    if (!is_alphanumeric(code, length))
        return fail(err, ERR_IBAN_CHARACTER, SHOWN(text));
    const struct country *country =
        length >= 2 ? bsearch(code, countries, COUNT_OF(countries), sizeof(countries[0]), by_code) : NULL;
    if (!country)
        return fail(err, ERR_IBAN_COUNTRY, SHOWN(text));
    if (length != country->length)
        return fail(err, ERR_IBAN_LENGTH, SHOWN(text), country->name, N(country->length), N(length));
    const ptrdiff_t wrong = misfit(country->structure, code + 4);
    if (wrong >= 0)
        return fail(err, ERR_IBAN_STRUCTURE, SHOWN(text), N(wrong + 5), country->name);
    if (!check_digits_fit(code, length))
        return fail(err, ERR_IBAN_CHECK, SHOWN(text));
    *out = (struct iban){.country_name = country->name, .sepa = country->sepa};
    memcpy(out->code, code, length);
    return true;
}

const char *iban_print(char out[IBAN_PRINTED_SIZE], const struct iban *iban)
{
    written_group(out, iban->code, strlen(iban->code), 4, false);
    return out;
}
