// See identity.h.
#include "lib/finance/identity.h"

#include "lib/finance/written.h"

enum { CODE_LENGTH = 11 };

static const struct {
    int century;
    const char *signs;
} centuries[] = {{1800, "+"}, {1900, "-YXWVU"}, {2000, "ABCDEF"}};

static int number_at(const char *digits, size_t count)
{
    int value = 0;
    for (size_t i = 0; i < count; i++)
        value = value * 10 + (digits[i] - '0');
    return value;
}

static int century_of(char sign)
{
    for (size_t i = 0; i < COUNT_OF(centuries); i++)
        if (strchr(centuries[i].signs, sign))
            return centuries[i].century;
    return -1;
}

static bool has_form(const char *code, size_t length)
{
    return length == CODE_LENGTH && written_is_digits(code, 6) && written_is_digits(code + 7, 3);
}

bool identity_parse(struct identity *out, struct text text, struct err *err)
{
    static const char check_characters[] = "0123456789ABCDEFHJKLMNPRSTUVWXY";
    struct written written;
    text = text_trim(text);
    // A blank inside is no print format of this code.
    if (!written_clean(&written, text) || written.length != text.length ||
        !has_form(written.characters, written.length))
        return fail(err, ERR_IDENTITY_FORM);
    const char *code = written.characters;
    const int century = century_of(code[6]);
    if (century < 0)
        return fail(err, ERR_IDENTITY_SIGN);
    const struct date birth = {(int16_t)(century + number_at(code + 4, 2)), (int8_t)number_at(code + 2, 2),
                               (int8_t)number_at(code, 2)};
    if (!date_valid(birth))
        return fail(err, ERR_IDENTITY_DATE);
    const int individual = number_at(code + 7, 3);
    if (individual < 2)
        return fail(err, ERR_IDENTITY_NUMBER);
    if (code[10] != check_characters[(number_at(code, 6) * 1000 + individual) % 31])
        return fail(err, ERR_IDENTITY_CHECK);
    *out = (struct identity){.birth = birth, .female = individual % 2 == 0, .temporary = individual >= 900};
    memcpy(out->code, code, sizeof(out->code));
    return true;
}

int identity_age(const struct identity *identity, struct date on)
{
    return date_whole_years(identity->birth, on);
}
