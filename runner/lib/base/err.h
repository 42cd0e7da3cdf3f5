// Errors: listed once in errors.def, carried by value, rendered in the reader's language. In every process.
//
// What can fail returns bool (true is done), takes its out-parameters first and `struct err *err` last:
//     if (!thing_open(&thing, path, err)) return false;
//     return fail(err, ERR_FILE_MISSING, path);
// All arguments are texts; numbers go through N(…). Callers add where it happened: err_note(err, "row %d", n).
#ifndef RENKI_BASE_ERR_H
#define RENKI_BASE_ERR_H

#include "lib/base/catalogue.h"

// What becomes of it: a failure is technical and may be retried, an exception is a fact of business for a person,
// a bug is an error in a robot's text, refused is against a rule, a limit ended the run.
enum err_class { CLASS_FAILURE, CLASS_EXCEPTION, CLASS_BUG, CLASS_REFUSED, CLASS_LIMIT };

enum err_code {
    ERR_NONE,
#define ERROR(name, class, en, fi, sv, hint_en, hint_fi, hint_sv) ERR_##name,
#include "lib/base/errors.def"
#undef ERROR
    ERR_COUNT
};

enum { ERR_ARGUMENT_MAX = 400, ERR_WHERE_MAX = 300 }; // bytes; longer texts are cut at a character's border

struct err {
    enum err_code code;
    size_t count;
    char arguments[CATALOGUE_ARGUMENTS_MAX][ERR_ARGUMENT_MAX];
    char where[ERR_WHERE_MAX]; // "inputs.xlsx, row 12", outermost first; empty when nobody said
};

// Sets the error and is false, so that `return fail(…)` says it in one line.
#undef fail // cmocka has a macro of this name; ours is the one tests mean
#define fail(err, code, ...) err_fail(err, code, (const char *const[]){__VA_ARGS__ __VA_OPT__(, ) NULL})
void err_set(struct err *err, enum err_code code, const char *const *arguments) __attribute__((cold));
static inline bool err_fail(struct err *err, enum err_code code, const char *const *arguments)
{
    err_set(err, code, arguments);
    return false; // here, so that compiler and analyzer know it in every caller
}
// Puts a place before those already noted. False too, for `return err_note(err, …)`.
bool err_note(struct err *err, const char *format, ...) PRINTF_LIKE(2, 3) __attribute__((cold));
static inline void err_clear(struct err *err)
{
    err->code = ERR_NONE;
    err->count = 0;
    err->where[0] = '\0';
}

enum err_class err_class(enum err_code code);
const char *err_class_name(enum err_class class); // "failure", "exception", "bug", "refused", "limit"
// The name in errors.def without ERR_, for records and programs ("FILE_MISSING").
const char *err_name(enum err_code code);
bool err_from_name(enum err_code *out, const char *name) MUST_CHECK;

// "where: what happened" and, apart, what to do (may be empty). Both append; false when the buffer is full.
bool err_message(struct buf *out, const struct err *err, enum language language) MUST_CHECK;
bool err_hint(struct buf *out, const struct err *err, enum language language) MUST_CHECK;

#endif
