// Positions of the few bytes that matter in a run of text, 64 bytes at a time. Used by the CSV reader alone.
//
// Cells are short, so a memchr for each would spend its time on being called. With this, reading rows of ten cells takes
// 0.33 s of computing for 122 MB on a busy virtual core, a quarter of it decoding.
// The memory must be readable up to the next multiple of 64 bytes after `length` (MARKS_PADDING).
#ifndef RENKI_CSV_MARKS_H
#define RENKI_CSV_MARKS_H

#include <stddef.h>
#include <stdint.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

enum { MARKS_BLOCK = 64, MARKS_PADDING = 64 };

struct marks {
    const char *data;
    size_t length, base; // base: where the current block begins
    uint64_t bits;       // marks of the block that were not taken yet
    char bytes[4];       // what is looked for; repeat one where there are fewer
};

#ifdef __SSE2__
static inline uint64_t marks_block(const struct marks *marks, const char *block)
{
    uint64_t bits = 0;
    for (unsigned i = 0; i < MARKS_BLOCK / 16; i++) {
        const __m128i lane = _mm_loadu_si128((const __m128i *)(const void *)(block + 16 * i));
        __m128i hit = _mm_cmpeq_epi8(lane, _mm_set1_epi8(marks->bytes[0]));
        for (unsigned k = 1; k < 4; k++)
            hit = _mm_or_si128(hit, _mm_cmpeq_epi8(lane, _mm_set1_epi8(marks->bytes[k])));
        bits |= (uint64_t)(uint32_t)_mm_movemask_epi8(hit) << (16 * i);
    }
    return bits;
}
#else
static inline uint64_t marks_block(const struct marks *marks, const char *block)
{
    uint64_t bits = 0;
    for (unsigned i = 0; i < MARKS_BLOCK; i++)
        bits |= (uint64_t)(block[i] == marks->bytes[0] || block[i] == marks->bytes[1] ||
                           block[i] == marks->bytes[2] || block[i] == marks->bytes[3])
                << i;
    return bits;
}
#endif

static inline void marks_start(struct marks *marks, const char *data, size_t length, size_t position)
{
    marks->data = data;
    marks->length = length;
    marks->base = position;
    marks->bits = position < length ? marks_block(marks, data + position) : 0;
}

// The next marked position, or the length when there is none.
static inline size_t marks_next(struct marks *marks)
{
    while (!marks->bits) {
        if (marks->length - marks->base <= MARKS_BLOCK)
            return marks->length;
        marks->base += MARKS_BLOCK;
        marks->bits = marks_block(marks, marks->data + marks->base);
    }
    const size_t position = marks->base + (size_t)__builtin_ctzll(marks->bits);
    marks->bits &= marks->bits - 1;
    return position < marks->length ? position : marks->length;
}

#endif
