// See marks.h. Runs in the worker. The same search in three ways: AVX2 where the processor has it, SSE2 as every x86-64
// has it, plain C elsewhere.
#include "lib/csv/marks.h"

#include <string.h>

enum { BLOCK = 64 };

#define INLINE static inline __attribute__((always_inline))

// Writes eight positions at a time, wanted or not: the spare room takes what is too much.
INLINE uint32_t write_positions(uint16_t *out, uint64_t bits, size_t block)
{
    const uint32_t count = (uint32_t)__builtin_popcountll(bits);
    for (uint32_t done = 0; done < count; done += MARKS_SPARE)
        for (uint32_t i = 0; i < MARKS_SPARE; i++) {
            out[done + i] = (uint16_t)(block * BLOCK + (bits ? (size_t)__builtin_ctzll(bits) : 0));
            bits &= bits - 1;
        }
    return count;
}

// How many bytes of the last block belong to the text, as a mask: what stands behind it is no mark.
INLINE uint64_t within(size_t left)
{
    return left >= BLOCK ? UINT64_MAX : UINT64_MAX >> (BLOCK - left);
}

#if defined(__x86_64__)
#include <immintrin.h>

#define AVX2 __attribute__((target("avx2,bmi,popcnt")))

AVX2 static uint32_t find_avx2(struct marks *marks, const char *at, size_t length)
{
    __m256i wanted[MARKS_BYTES];
    uint32_t count = 0;
    for (unsigned k = 0; k < MARKS_BYTES; k++)
        wanted[k] = _mm256_set1_epi8(marks->bytes[k]);
    for (size_t block = 0; block * BLOCK < length; block++, at += BLOCK) {
        const __m256i low = _mm256_loadu_si256((const __m256i *)(const void *)at);
        const __m256i high = _mm256_loadu_si256((const __m256i *)(const void *)(at + BLOCK / 2));
        __m256i low_hit = _mm256_cmpeq_epi8(low, wanted[0]), high_hit = _mm256_cmpeq_epi8(high, wanted[0]);
        for (unsigned k = 1; k < MARKS_BYTES; k++) {
            low_hit = _mm256_or_si256(low_hit, _mm256_cmpeq_epi8(low, wanted[k]));
            high_hit = _mm256_or_si256(high_hit, _mm256_cmpeq_epi8(high, wanted[k]));
        }
        const uint64_t bits = (uint32_t)_mm256_movemask_epi8(low_hit) |
                              (uint64_t)(uint32_t)_mm256_movemask_epi8(high_hit) << (BLOCK / 2);
        count += write_positions(marks->positions + count, bits & within(length - block * BLOCK), block);
    }
    return count;
}

INLINE uint64_t bits_of(const struct marks *marks, const char *at)
{
    uint64_t bits = 0;
    for (unsigned part = 0; part < BLOCK / 16; part++) {
        const __m128i lane = _mm_loadu_si128((const __m128i *)(const void *)(at + (size_t)16 * part));
        __m128i hit = _mm_cmpeq_epi8(lane, _mm_set1_epi8(marks->bytes[0]));
        for (unsigned k = 1; k < MARKS_BYTES; k++)
            hit = _mm_or_si128(hit, _mm_cmpeq_epi8(lane, _mm_set1_epi8(marks->bytes[k])));
        bits |= (uint64_t)(uint32_t)_mm_movemask_epi8(hit) << (16 * part);
    }
    return bits;
}
#else
INLINE uint64_t bits_of(const struct marks *marks, const char *at)
{
    uint64_t bits = 0;
    for (unsigned k = 0; k < BLOCK; k++)
        bits |= (uint64_t)(memchr(marks->bytes, at[k], MARKS_BYTES) != NULL) << k;
    return bits;
}
#endif

static uint32_t find_plainly(struct marks *marks, const char *at, size_t length)
{
    uint32_t count = 0;
    for (size_t block = 0; block * BLOCK < length; block++, at += BLOCK)
        count += write_positions(marks->positions + count,
                                 bits_of(marks, at) & within(length - block * BLOCK), block);
    return count;
}

bool marks_find(struct marks *marks)
{
    marks->at = marks->count = 0;
    while (!marks->count && marks->next_batch < marks->length) {
        const size_t left = marks->length - marks->next_batch,
                     length = left < MARKS_BATCH ? left : MARKS_BATCH;
        const char *at = marks->data + marks->next_batch;
        marks->batch = marks->next_batch;
        marks->next_batch += length;
#if defined(__x86_64__)
        if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") &&
            __builtin_cpu_supports("popcnt")) {
            marks->count = find_avx2(marks, at, length);
            continue;
        }
#endif
        marks->count = find_plainly(marks, at, length);
    }
    return marks->count > 0;
}

void marks_start(struct marks *marks, const char *data, size_t length, size_t position)
{
    marks->data = data;
    marks->length = length;
    marks->at = marks->count = 0;
    marks->next_batch = position;
}
