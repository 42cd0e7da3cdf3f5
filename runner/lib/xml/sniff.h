// Which charset a page is written in. In the worker.
#ifndef RENKI_XML_SNIFF_H
#define RENKI_XML_SNIFF_H

#include "lib/xml/decode.h"

// How far a meta element is looked for. The standard asks for 1024 bytes at least; old pages put scripts before it.
enum { SNIFF_BYTES_MAX = 64 << 10 };

// By a byte order mark or a meta element (HTML standard, "prescan a byte stream to determine its encoding").
// False: the page says nothing.
bool sniff_page(struct charset *out, struct text bytes) MUST_CHECK;
// In the standard's order: mark, `header` (the charset of Content-Type, or NULL), meta; then UTF-8 if the bytes are
// valid, else windows-1252.
void sniff_charset(struct charset *out, struct text bytes, const char *header);

#endif
