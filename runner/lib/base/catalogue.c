// See catalogue.h.
#include "lib/base/catalogue.h"

static const struct {
    const char *name, *text[LANGUAGE_COUNT];
} phrases[PHRASE_COUNT] = {
#define PHRASE(name_, en, fi, sv) [PHRASE_##name_] = {.name = #name_, .text = {en, fi, sv}},
#include "lib/base/phrases.def"
#undef PHRASE
};

enum language language_from_name(const char *name)
{
    if (name && strncmp(name, "fi", 2) == 0)
        return LANGUAGE_FI;
    if (name && strncmp(name, "sv", 2) == 0)
        return LANGUAGE_SV;
    return LANGUAGE_EN;
}

const char *language_name(enum language language)
{
    static const char *const names[LANGUAGE_COUNT] = {"en", "fi", "sv"};
    return names[language];
}

// ":row|rows}" at *s: the word for `argument`. *s goes behind it.
static bool append_word(struct buf *out, const char **s, const char *argument)
{
    const char *const one = *s + 1, *const bar = strchr(one, '|'), *const end = strchr(one, '}');
    if (!check(bar && end && bar < end))
        return false;
    *s = end + 1;
    return strcmp(argument, "1") == 0 ? buf_append(out, one, (size_t)(bar - one))
                                      : buf_append(out, bar + 1, (size_t)(end - bar - 1));
}

bool catalogue_fill(struct buf *out, const char *template, const char *const *arguments, size_t count)
{
    for (const char *s = template; *s;) {
        if (s[0] == '{' && s[1] >= '1' && s[1] <= '0' + CATALOGUE_ARGUMENTS_MAX &&
            (s[2] == '}' || s[2] == ':')) {
            const size_t index = (size_t)(s[1] - '1');
            const char *argument = index < count ? arguments[index] : "";
            const bool is_word = s[2] == ':';
            s += is_word ? 2 : 3;
            if (!(is_word ? append_word(out, &s, argument) : buf_append_string(out, argument)))
                return false;
            continue;
        }
        const size_t plain = 1 + strcspn(s + 1, "{");
        if (!buf_append(out, s, plain))
            return false;
        s += plain;
    }
    return true;
}

const char *phrase_text(enum language language, enum phrase phrase)
{
    return phrases[phrase].text[language];
}

bool phrase_append_(struct buf *out, enum language language, enum phrase phrase, const char *const *arguments)
{
    size_t count = 0;
    while (arguments[count])
        count++;
    return catalogue_fill(out, phrase_text(language, phrase), arguments, count);
}

bool phrase_from_name(enum phrase *out, const char *name)
{
    for (size_t i = 0; i < PHRASE_COUNT; i++)
        if (strcmp(phrases[i].name, name) == 0) {
            *out = (enum phrase)i;
            return true;
        }
    return false;
}
