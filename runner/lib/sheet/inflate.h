// Unpacks a deflate stream (RFC 1951) piece by piece, and sums up what comes out (CRC-32). In the worker.
//
// ISA-L's inflater: docs/decisions has the measurements. Memory is constant; what the stream claims sizes nothing.
#ifndef RENKI_SHEET_INFLATE_H
#define RENKI_SHEET_INFLATE_H

#include "lib/base/err.h"

struct inflater;

enum inflated {
    INFLATED_SOME,   // *got bytes, at least one
    INFLATED_ALL,    // the stream is over, and gave nothing more
    INFLATED_HUNGRY, // what it was fed with is used up
    INFLATED_BROKEN,
};

struct inflater *inflater_new(void);
void inflater_free(struct inflater *inflater);
DEFINE_SCOPED(inflater)

// What comes next of the stream; borrowed until inflater_next says INFLATED_HUNGRY.
void inflater_feed(struct inflater *inflater, struct text packed);
// Fills up to `room` bytes, at least one.
enum inflated inflater_next(struct inflater *inflater, char *into, size_t room, size_t *got);
// Of all that has come out.
uint32_t inflater_sum(const struct inflater *inflater);

#endif
