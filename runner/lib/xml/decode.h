// Bytes of documents and pages to UTF-8. In the worker.
//
// A charset is found by its label, as in HTML pages and XML declarations: all that lib/encoding knows, and the
// multi-byte charsets that only pages of the web use, whose converters are opened once by decode_start.
#ifndef RENKI_XML_DECODE_H
#define RENKI_XML_DECODE_H

#include "lib/base/err.h"

// Before the sandbox closes: iconv_open fails afterwards.
void decode_start(void);

struct charset {
    const char *name; // a constant such as "windows-1252"
    const struct encoding *encoding;
    void *converter; // iconv's, when lib/encoding has no such charset
};

// By label as browsers read them (iso-8859-1 means windows-1252) or strictly, as XML does. False: nobody knows it.
bool charset_find_web(struct charset *out, struct text label) MUST_CHECK;
bool charset_find(struct charset *out, struct text label) MUST_CHECK;
// By a byte order mark (UTF-8, UTF-16, UTF-32); false: there is none.
bool charset_from_mark(struct charset *out, struct text bytes) MUST_CHECK;

// Appends as UTF-8. `lossy`: what has no meaning becomes U+FFFD; else it is ERR_ENCODING_BYTES with the offset.
bool charset_decode(struct buf *out, const struct charset *charset, struct text bytes, bool lossy,
                    struct err *err) MUST_CHECK;
// Whether text can be written in it (forms are sent in the charset of their page).
bool charset_writes(const struct charset *charset);

#endif
