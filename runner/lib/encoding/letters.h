// UTF-8 text by characters (code points). In every process.
//
// A byte that is no UTF-8 counts as one character and is kept as it is.
#ifndef RENKI_ENCODING_LETTERS_H
#define RENKI_ENCODING_LETTERS_H

#include "lib/base/buf.h"

size_t letters_count(struct text text);
// Characters `first` to `last`, counted from 1, from the end when negative, as Lua's string.sub; borrowed from `text`.
struct text letters_part(struct text text, int64_t first, int64_t last);
// Bytes of the first `count` characters; all when there are fewer.
size_t letters_bytes(struct text text, size_t count);

// Append with Unicode's simple case mapping: one letter for one, so ß has no capital. False: the buffer is full.
bool letters_upper(struct buf *out, struct text text) MUST_CHECK;
bool letters_lower(struct buf *out, struct text text) MUST_CHECK;
// The same for one code point; itself where it has no small letter.
uint32_t letter_lower(uint32_t code_point);
// Whether the texts are the same but for case.
bool letters_same(struct text a, struct text b);

// Blanks are all of Unicode's white space, the no-break ones too, zero width space and byte order mark.
struct text letters_trim_left(struct text text);
struct text letters_trim_right(struct text text);
// Appends with every run of blanks made one plain blank and none at the ends. False: the buffer is full.
bool letters_squeeze(struct buf *out, struct text text) MUST_CHECK;

#endif
