// Addresses in pages made whole (RFC 3986, section 5). In the worker.
#ifndef RENKI_XML_URL_H
#define RENKI_XML_URL_H

#include "lib/base/err.h"

enum { URL_BYTES_MAX = 64 << 10 };

// `reference` seen from `base` ("" when there is none); *out is the caller's. What an address can't hold is written
// with % first, as browsers do: blanks, letters beyond ASCII (as UTF-8). Errors: ERR_URL_WRONG, ERR_LIMIT_PASSED.
bool url_resolve(char **out, const char *base, const char *reference, struct err *err) MUST_CHECK;
// Appends application/x-www-form-urlencoded bytes: a blank becomes "+".
bool url_append_form_encoded(struct buf *out, struct text bytes) MUST_CHECK;

#endif
