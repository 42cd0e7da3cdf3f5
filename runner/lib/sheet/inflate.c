// See inflate.h. Runs in the worker; the only file that knows ISA-L.
#include "lib/sheet/inflate.h"

#include <isa-l/crc.h>
#include <isa-l/igzip_lib.h>

enum { PIECE_MAX = 1 << 30 }; // the library counts in 32 bits

struct inflater {
    struct inflate_state state;
    struct text packed; // not yet given to the library
    uint32_t sum;
};

struct inflater *inflater_new(void)
{
    struct inflater *inflater = xcalloc(1, sizeof *inflater);
    isal_inflate_init(&inflater->state);
    inflater->packed = text_of("", 0);
    return inflater;
}

void inflater_free(struct inflater *inflater)
{
    xfree(inflater);
}

void inflater_feed(struct inflater *inflater, struct text packed)
{
    inflater->packed = packed;
}

enum inflated inflater_next(struct inflater *inflater, char *into, size_t room, size_t *got)
{
    struct inflate_state *state = &inflater->state;
    const uint32_t given =
        inflater->packed.length < PIECE_MAX ? (uint32_t)inflater->packed.length : PIECE_MAX;
    const uint32_t wanted = room < PIECE_MAX ? (uint32_t)room : PIECE_MAX;
    *got = 0;
    if (state->block_state == ISAL_BLOCK_FINISH)
        return INFLATED_ALL;
    state->next_in = (uint8_t *)(uintptr_t)inflater->packed.data; // only read from
    state->avail_in = given;
    state->next_out = (uint8_t *)into;
    state->avail_out = wanted;
    if (isal_inflate(state) < ISAL_DECOMP_OK)
        return INFLATED_BROKEN;
    const size_t taken = given - state->avail_in;
    if (taken) // before the first bytes come there is nothing to count in
        inflater->packed = text_of(inflater->packed.data + taken, inflater->packed.length - taken);
    *got = wanted - state->avail_out;
    if (*got) {
        inflater->sum = crc32_gzip_refl(inflater->sum, (const uint8_t *)into, *got);
        return INFLATED_SOME;
    }
    return state->block_state == ISAL_BLOCK_FINISH ? INFLATED_ALL : INFLATED_HUNGRY;
}

uint32_t inflater_sum(const struct inflater *inflater)
{
    return inflater->sum;
}
