// What people write, cleaned: shared by the sources of this folder only.
#ifndef RENKI_FINANCE_WRITTEN_H
#define RENKI_FINANCE_WRITTEN_H

#include "lib/base/err.h"

enum { WRITTEN_MAX = 60 }; // characters that any of these numbers may have, with room for what is too long

struct written {
    char characters[WRITTEN_MAX + 1]; // ASCII, NUL-ended
    size_t length;
};

// Copies without blanks (ASCII, U+00A0, U+202F), letters as capitals. False when a character other than printable
// ASCII comes or when it is longer than WRITTEN_MAX.
bool written_clean(struct written *out, struct text text) MUST_CHECK;
bool written_is_digits(const char *characters, size_t length);
// A short copy of the text for a message, in the caller's buffer.
enum { WRITTEN_SHOWN_MAX = 81 };
const char *written_shown(char out[WRITTEN_SHOWN_MAX], struct text text);
#define SHOWN(text) written_shown((char[WRITTEN_SHOWN_MAX]){0}, (text))
// Appends `length` characters in groups of `size`, counted from the left (or right) with a blank between.
void written_group(char *out, const char *characters, size_t length, size_t size, bool from_right);

// The remainder of digits and letters (A is 10 … Z is 35) by 97, as ISO 7064 MOD 97-10 has it; goes on from `remainder`.
unsigned mod97(const char *characters, size_t length, unsigned remainder);

#endif
