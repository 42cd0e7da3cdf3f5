// See err.h.
#include "lib/base/err.h"

#include <stdarg.h>
#include <stdio.h>

static const struct {
    const char *name;
    enum err_class class;
    const char *text[LANGUAGE_COUNT], *hint[LANGUAGE_COUNT];
} errors[ERR_COUNT] = {
    [ERR_NONE] = {.name = "NONE", .text = {"", "", ""}, .hint = {"", "", ""}},
#define ERROR(name_, class_, en, fi, sv, hint_en, hint_fi, hint_sv)                                          \
    [ERR_##name_] = {#name_, CLASS_##class_, {en, fi, sv}, {hint_en, hint_fi, hint_sv}},
#include "lib/base/errors.def"
#undef ERROR
};

static void copy_cut(char *out, size_t size, const char *s)
{
    const struct text text = text_from(s);
    const size_t length = text_utf8_floor(text, size - 1);
    memcpy(out, s, length);
    out[length] = '\0';
}

void err_set(struct err *err, enum err_code code, const char *const *arguments)
{
    err_clear(err);
    err->code = code;
    for (size_t i = 0; arguments[i]; i++) {
        require(i < CATALOGUE_ARGUMENTS_MAX);
        copy_cut(err->arguments[i], ERR_ARGUMENT_MAX, arguments[i]);
        err->count = i + 1;
    }
}

bool err_note(struct err *err, const char *format, ...)
{
    char place[ERR_WHERE_MAX], whole[2 * ERR_WHERE_MAX];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(place, sizeof place, format, arguments);
    va_end(arguments);
    snprintf(whole, sizeof whole, "%s%s%s", place, err->where[0] ? ", " : "", err->where);
    copy_cut(err->where, sizeof err->where, whole);
    return false;
}

enum err_class err_class(enum err_code code)
{
    return errors[code].class;
}

const char *err_class_name(enum err_class class)
{
    static const char *const names[] = {
        [CLASS_FAILURE] = "failure", [CLASS_EXCEPTION] = "exception", [CLASS_BUG] = "bug",
        [CLASS_REFUSED] = "refused", [CLASS_LIMIT] = "limit",
    };
    return names[class];
}

const char *err_name(enum err_code code)
{
    return errors[code].name;
}

bool err_from_name(enum err_code *out, const char *name)
{
    for (size_t i = 1; i < ERR_COUNT; i++)
        if (strcmp(errors[i].name, name) == 0) {
            *out = (enum err_code)i;
            return true;
        }
    return false;
}

static const struct {
    const char *given, *said[LANGUAGE_COUNT];
} reasons[] = {
#define REASON(given, en, fi, sv) {given, {en, fi, sv}},
#include "lib/base/reasons.def"
#undef REASON
};

// A reason that the system or a library gave stands among the arguments in English: said in the reader's words.
static const char *in_words(const char *argument, enum language language)
{
    for (size_t i = 0; i < COUNT_OF(reasons); i++)
        if (strcmp(reasons[i].given, argument) == 0)
            return reasons[i].said[language];
    return argument;
}

static bool fill(struct buf *out, const char *template, const struct err *err, enum language language)
{
    const char *arguments[CATALOGUE_ARGUMENTS_MAX];
    for (size_t i = 0; i < err->count; i++)
        arguments[i] = in_words(err->arguments[i], language);
    return catalogue_fill(out, template, arguments, err->count);
}

bool err_message(struct buf *out, const struct err *err, enum language language)
{
    if (err->where[0] && (!buf_append_string(out, err->where) || !buf_append_string(out, ": ")))
        return false;
    return fill(out, errors[err->code].text[language], err, language);
}

bool err_hint(struct buf *out, const struct err *err, enum language language)
{
    return fill(out, errors[err->code].hint[language], err, language);
}
