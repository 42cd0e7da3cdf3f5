// The SHA-256 of a file, a text or what comes bit by bit, as lower-case hexadecimal digits. In every process.
#ifndef RENKI_DIGEST_H
#define RENKI_DIGEST_H

#include "lib/base/err.h"

enum { DIGEST_TEXT_SIZE = 65 };

// Reads the file in pieces; only regular files. `directory` as in openat(2). Errors: FILE_MISSING, FILE_UNREADABLE.
bool digest_file(char out[DIGEST_TEXT_SIZE], int directory, const char *path, struct err *err) MUST_CHECK;
void digest_text(char out[DIGEST_TEXT_SIZE], struct text text);

struct digest;
struct digest *digest_new(void);
void digest_add(struct digest *digest, struct text text);
void digest_end(char out[DIGEST_TEXT_SIZE], struct digest *digest); // takes it

#endif
