// The hash chain of the audit log. In the host, which writes it, and in the viewer, which checks an excerpt.
//
// content hash = BLAKE2b-256 of the row's content;
// chain hash   = BLAKE2b-256 of the previous row's chain hash (32 zero bytes before the first), followed by
//                "LENGTH:" and the bytes of: "number,time,run" in decimal digits, the actor, the event; then the content hash.
// Whoever changes, removes, inserts or swaps a row breaks every later hash. The content may be taken out; its hash stays.
#ifndef RENKI_CHAIN_H
#define RENKI_CHAIN_H

#include "lib/base/text.h"

enum { CHAIN_HASH_SIZE = 32, CHAIN_TEXT_SIZE = 65 };

struct chain_row {
    int64_t number, time_ms, run;
    struct text actor, event;
    unsigned char content_hash[CHAIN_HASH_SIZE];
};

void chain_content(unsigned char out[CHAIN_HASH_SIZE], struct text content);
void chain_next(unsigned char out[CHAIN_HASH_SIZE], const unsigned char previous[CHAIN_HASH_SIZE],
                const struct chain_row *row);
// 64 lower-case hexadecimal digits and NUL; and back, false for anything else.
void chain_hash_text(char out[CHAIN_TEXT_SIZE], const unsigned char hash[CHAIN_HASH_SIZE]);
bool chain_hash_read(unsigned char out[CHAIN_HASH_SIZE], struct text text) MUST_CHECK;

#endif
