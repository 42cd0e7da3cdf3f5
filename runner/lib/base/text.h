// Borrowed text: a pointer and a length, never owned, not ended by NUL. In every process.
#ifndef RENKI_BASE_TEXT_H
#define RENKI_BASE_TEXT_H

#include "lib/base/memory.h"

#include <stdint.h>
#include <string.h>

struct text {
    const char *data;
    size_t length;
};

#define TEXT_OF(literal) ((struct text){"" literal "", sizeof(literal) - 1})

static inline struct text text_from(const char *s)
{
    return (struct text){s, s ? strlen(s) : 0};
}
static inline struct text text_of(const char *data, size_t length)
{
    return (struct text){data, length};
}
// A copy that ends with NUL; the caller frees it.
char *text_copy(struct text text);

bool text_equal(struct text a, struct text b);
bool text_is(struct text a, const char *b);
// Letters A to Z only; for names of headers, methods and suffixes.
bool text_equal_ascii_case(struct text a, struct text b);
bool text_starts(struct text text, const char *prefix);
bool text_ends(struct text text, const char *suffix);
// Without blanks, tabs and line ends at both ends.
struct text text_trim(struct text text);
// Cuts at the first `separator`: the part before goes to *part, text keeps the rest. False when nothing is left;
// a text without separator is one last part.
bool text_cut(struct text *text, char separator, struct text *part);
// Position of `c`, or -1.
ptrdiff_t text_find(struct text text, char c);

// Whole decimal integers only, range checked; false otherwise, *out untouched.
bool text_to_int64(struct text text, int64_t *out) MUST_CHECK;

// UTF-8 by RFC 3629: no overlong forms, no surrogates, at most U+10FFFF.
bool text_is_utf8(struct text text);
// How many bytes at the start of text are whole characters of valid UTF-8.
size_t text_utf8_valid(struct text text);
// The code point at the start of text and its length in bytes; 0 when malformed or empty.
size_t text_utf8_decode(struct text text, uint32_t *code_point);
// Writes the UTF-8 form (1 to 4 bytes); 0 for what is no scalar value.
size_t text_utf8_encode(uint32_t code_point, char out[4]);
// How many bytes of text, at most `bytes`, end at a character's border.
size_t text_utf8_floor(struct text text, size_t bytes);

// The nearest of `count` names (by edits, case ignored), or NULL when none is near enough to be meant.
const char *text_nearest(const char *wanted, const char *const *names, size_t count);

// A number as text in the caller's buffer: N(5) can stand where a text is wanted.
#define INTEGER_TEXT_SIZE 24
const char *integer_text(char buffer[INTEGER_TEXT_SIZE], long long number);
#define N(number) integer_text((char[INTEGER_TEXT_SIZE]){0}, (long long)(number))

#endif
