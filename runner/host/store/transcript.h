// What a transaction has done so far, so that it can be done again when the database went away in the midst of it. In
// the host.
//
// 1. Each statement is kept with copies of its parameters, and a digest of the rows it gave to those who asked: played
//    again it must give the same, for what was decided on them stands.
// 2. Past its limits nothing more is kept: the transaction then can't be played again.
#ifndef RENKI_HOST_TRANSCRIPT_H
#define RENKI_HOST_TRANSCRIPT_H

#include "host/store/database.h"

enum { TRANSCRIPT_STATEMENTS_MAX = 20000, TRANSCRIPT_BYTES_MAX = 64 << 20, TRANSCRIPT_DIGEST_SIZE = 16 };

struct transcript_entry {
    const char *statement;    // borrowed for ever
    struct value *parameters; // the transcript's own
    size_t count;
    bool asked, answered; // somebody wants its rows, and has them
    unsigned char digest[TRANSCRIPT_DIGEST_SIZE];
    int64_t id; // that it drew from a sequence; 0: none
};

struct transcript {
    struct transcript_entry *entries;
    size_t count, capacity, bytes;
    bool broken_off; // its limits were passed
};

// The new last entry, borrowed until the next is added; NULL when the limits are passed.
struct transcript_entry *transcript_add(struct transcript *transcript, const char *statement,
                                        const struct value *parameters, size_t count, bool asked);
void transcript_clear(struct transcript *transcript);
void transcript_dispose(struct transcript *transcript);

#endif
