// What people read, in three languages, from one catalogue: errors.def and phrases.def. In every process.
//
// Templates hold {1} … {6} for their arguments, so that each language may order them as it likes; {1:row|rows} is the first
// word when that argument is 1, else the second.
#ifndef RENKI_BASE_CATALOGUE_H
#define RENKI_BASE_CATALOGUE_H

#include "lib/base/buf.h"

enum language { LANGUAGE_EN, LANGUAGE_FI, LANGUAGE_SV, LANGUAGE_COUNT };

// "fi", "fi_FI.UTF-8", "sv-FI" …; what is not known is English.
enum language language_from_name(const char *name);
const char *language_name(enum language language); // "en", "fi", "sv"

enum phrase {
#define PHRASE(name, en, fi, sv) PHRASE_##name,
#include "lib/base/phrases.def"
#undef PHRASE
    PHRASE_COUNT
};

enum { CATALOGUE_ARGUMENTS_MAX = 6 };

// Appends a template with its arguments put in; false when the buffer is full.
bool catalogue_fill(struct buf *out, const char *template, const char *const *arguments,
                    size_t count) MUST_CHECK;

// Appends a phrase: phrase_append(&out, LANGUAGE_FI, PHRASE_RUN_DONE, "12", "412").
#define phrase_append(out, language, phrase, ...)                                                            \
    phrase_append_(out, language, phrase, (const char *const[]){__VA_ARGS__ __VA_OPT__(, ) NULL})
bool phrase_append_(struct buf *out, enum language language, enum phrase phrase,
                    const char *const *arguments);
// The template itself, for phrases without arguments.
const char *phrase_text(enum language language, enum phrase phrase);
// By its name in phrases.def ("RUN_DONE"), for Lua; false when there is none.
bool phrase_from_name(enum phrase *out, const char *name) MUST_CHECK;

#endif
