// What an encoding is made of; shared by the sources of this folder only.
#ifndef RENKI_ENCODING_TABLES_H
#define RENKI_ENCODING_TABLES_H

#include "lib/encoding/encoding.h"

enum encoding_kind { ENCODING_UTF8, ENCODING_UTF16, ENCODING_TABLE };

enum { ENCODING_NOTHING = 0xFFFF, REPLACEMENT = 0xFFFD };

struct encoding_back {
    uint16_t code_point;
    uint8_t byte;
};

struct encoding {
    const char *name;
    enum encoding_kind kind;
    bool mark;       // write a byte order mark
    bool big_endian; // UTF-16
    const uint16_t *forth;
    const struct encoding_back *back; // sorted by code point
    size_t back_count;
};

#endif
