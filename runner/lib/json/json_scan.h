// The loops over bytes that reader and writer share.
#ifndef RENKI_JSON_SCAN_H
#define RENKI_JSON_SCAN_H

#include "lib/base/text.h"

#include <endian.h>

// Everything but quotes, backslashes, control bytes and what is not ASCII may stand in a text as it is.
static inline bool scan_is_plain(unsigned char c)
{
    return c >= 0x20 && c < 0x80 && c != '"' && c != '\\';
}

// The first byte that is not plain, or `end`. Eight bytes at a time: a byte that is not plain sets its top bit; the
// borrows of the subtractions reach only bytes above it, so the lowest top bit is always a true one.
static inline const char *scan_plain(const char *at, const char *end)
{
    const uint64_t ones = 0x0101010101010101, tops = ones << 7;
    for (uint64_t word; end - at >= 8; at += 8) {
        memcpy(&word, at, sizeof word);
        word = le64toh(word);
        const uint64_t odd =
            (word | ((word ^ ones * '"') - ones) | ((word ^ ones * '\\') - ones) | (word - ones * 0x20)) &
            tops;
        if (odd)
            return at + __builtin_ctzll(odd) / 8;
    }
    while (at < end && scan_is_plain((unsigned char)*at))
        at++;
    return at;
}

static inline const char *scan_digits(const char *at, const char *end)
{
    while (at < end && *at >= '0' && *at <= '9')
        at++;
    return at;
}

// The end of the number that begins at `at` (RFC 8259 section 6), or NULL when none does.
static inline const char *scan_number(const char *at, const char *end)
{
    if (at < end && *at == '-')
        at++;
    const char *whole = at;
    at = scan_digits(at, end);
    if (at == whole || (*whole == '0' && at - whole > 1))
        return NULL;
    if (at < end && *at == '.') {
        const char *fraction = ++at;
        at = scan_digits(at, end);
        if (at == fraction)
            return NULL;
    }
    if (at < end && (*at == 'e' || *at == 'E')) {
        at++;
        if (at < end && (*at == '+' || *at == '-'))
            at++;
        const char *exponent = at;
        at = scan_digits(at, end);
        if (at == exponent)
            return NULL;
    }
    return at;
}

#endif
