// Base64 by RFC 4648. In every process.
#ifndef RENKI_BASE_BASE64_H
#define RENKI_BASE_BASE64_H

#include "lib/base/buf.h"

enum base64_form {
    BASE64_PLAIN, // with "+/" and padding
    BASE64_URL,   // with "-_", without padding
    BASE64_LINES, // plain, CR LF after every 76 characters and at the end (RFC 2045)
};

// Appends the form of `bytes`; false when the buffer is full. Pieces of a longer text can be written one after another
// when their length is a multiple of 57 (BASE64_LINES) or 3.
bool base64_append(struct buf *out, struct text bytes, enum base64_form form) MUST_CHECK;
size_t base64_size(size_t bytes, enum base64_form form);

enum { BASE64_LINE_BYTES = 57 }; // that make 76 characters

#endif
