// Numbers in the little-endian bytes of old formats. The caller has seen to it that the bytes are there.
#ifndef RENKI_SHEET_BYTES_H
#define RENKI_SHEET_BYTES_H

#include <stdint.h>
#include <string.h>

static inline uint16_t bytes_u16(const void *at)
{
    const unsigned char *b = at;
    return (uint16_t)(b[0] | b[1] << 8);
}

static inline uint32_t bytes_u32(const void *at)
{
    return bytes_u16(at) | (uint32_t)bytes_u16((const char *)at + 2) << 16;
}

static inline uint64_t bytes_u64(const void *at)
{
    return bytes_u32(at) | (uint64_t)bytes_u32((const char *)at + 4) << 32;
}

static inline double bytes_double(const void *at)
{
    const uint64_t bits = bytes_u64(at);
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

#endif
