// A secret of 32 bytes in a file of its own: hexadecimal digits, mode 0400. In the gateway and the host.
#ifndef RENKI_SEAL_KEY_FILE_H
#define RENKI_SEAL_KEY_FILE_H

#include "lib/base/err.h"

enum { KEY_FILE_BYTES = 32 };

// Opens the file, or makes it of random bytes (and its folder) when it is missing. *secret lies in pages of its own, locked,
// never in a core file; key_file_free wipes it. Fails with KEY_FILE: also when others may read the file.
bool key_file_open(unsigned char **secret, const char *path, struct err *err) MUST_CHECK;
void key_file_free(unsigned char *secret); // accepts NULL

#endif
