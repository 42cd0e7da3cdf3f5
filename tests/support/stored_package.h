// A zip file of stored parts (APPNOTE 6.3, 4.3), for tests that make workbooks of their own.
#ifndef RENKI_TESTS_STORED_PACKAGE_H
#define RENKI_TESTS_STORED_PACKAGE_H

#include "lib/base/err.h"

struct stored_part {
    const char *name;
    struct text content;
};

static inline void stored_put(struct buf *out, uint32_t value, unsigned bytes)
{
    for (unsigned i = 0; i < bytes; i++)
        require(buf_append_char(out, i < 4 ? (char)(value >> (8 * i)) : 0));
}

static inline uint32_t stored_crc(struct text text)
{
    uint32_t sum = 0xFFFFFFFF;
    for (size_t i = 0; i < text.length; i++) {
        sum ^= (unsigned char)text.data[i];
        for (int bit = 0; bit < 8; bit++)
            sum = sum >> 1 ^ (sum & 1 ? 0xEDB88320 : 0);
    }
    return ~sum;
}

// What the local header and the directory have in common.
static inline void stored_put_header(struct buf *out, const char *name, struct text content)
{
    stored_put(out, 20, 2);
    stored_put(out, 0, 8); // no flags, stored, no time
    stored_put(out, stored_crc(content), 4);
    stored_put(out, (uint32_t)content.length, 4);
    stored_put(out, (uint32_t)content.length, 4);
    stored_put(out, (uint32_t)strlen(name), 2);
    stored_put(out, 0, 2);
}

static inline void stored_package(struct buf *out, const struct stored_part *parts, size_t count)
{
    SCOPED_BUF(directory, 1 << 20);
    for (size_t i = 0; i < count; i++) {
        const uint32_t offset = (uint32_t)out->length;
        stored_put(out, 0x04034b50, 4);
        stored_put_header(out, parts[i].name, parts[i].content);
        require(buf_append_string(out, parts[i].name) && buf_append_text(out, parts[i].content));
        stored_put(&directory, 0x02014b50, 4);
        stored_put(&directory, 20, 2);
        stored_put_header(&directory, parts[i].name, parts[i].content);
        stored_put(&directory, 0, 10);
        stored_put(&directory, offset, 4);
        require(buf_append_string(&directory, parts[i].name));
    }
    const uint32_t start = (uint32_t)out->length;
    require(buf_append_text(out, buf_text(&directory)));
    stored_put(out, 0x06054b50, 4);
    stored_put(out, 0, 4);
    stored_put(out, (uint32_t)count, 2);
    stored_put(out, (uint32_t)count, 2);
    stored_put(out, (uint32_t)directory.length, 4);
    stored_put(out, start, 4);
    stored_put(out, 0, 2);
}

#endif
