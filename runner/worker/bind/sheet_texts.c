// See sheet_texts.h. In the worker.
#include "worker/bind/sheet_texts.h"

#include "lib/csv/reader.h"

#include <assert.h>

enum {
    TEXTS_BITS = 12,
    TEXTS = 1 << TEXTS_BITS,
    BYTES_MAX = 32, // what four words tell, two from each end; may overlap
    WORD = 8,
    TRIED = 1024,      // after so many
    FOUND_LEAST = 256, // fewer than these found, and
    LEFT = 1 << 16,    // so many pass by
};
static_assert((int)BYTES_MAX <= (int)CSV_CELL_SPARE, "words are read beyond the end of a cell");

struct words {
    uint64_t first, second, before_last, last, length;
};

struct kept_texts {
    struct words words[TEXTS]; // length one more than it is: 0 is nothing
};

struct kept_texts *kept_texts_new(void)
{
    return xcalloc(1, sizeof(struct kept_texts));
}

void kept_texts_free(struct kept_texts *kept)
{
    xfree(kept);
}

void kept_texts_push_table(lua_State *L)
{
    lua_createtable(L, TEXTS, 0);
}

static uint64_t word(const char *at)
{
    uint64_t value;
    memcpy(&value, at, sizeof value);
    return value;
}

// The bytes that belong to the text, of a word that begins at its byte `from`.
static uint64_t own_bytes(uint64_t value, size_t from, size_t length)
{
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    value = __builtin_bswap64(value);
#endif
    const size_t own = length > from ? length - from : 0;
    return own >= WORD ? value : own ? value & (UINT64_MAX >> (64 - 8 * own)) : 0;
}

static struct words words_of(struct text text)
{
    const char *data = text.data;
    const size_t length = text.length;
    struct words words = {own_bytes(word(data), 0, length), 0, 0, 0, length + 1};
    if (length > WORD)
        words.second = own_bytes(word(data + WORD), WORD, length);
    if (length > (size_t)2 * WORD) {
        words.before_last = own_bytes(word(data + (size_t)2 * WORD), (size_t)2 * WORD, length);
        words.last = own_bytes(word(data + (size_t)3 * WORD), (size_t)3 * WORD, length);
    }
    return words;
}

static unsigned place_of(const struct words *words)
{
    // Each word by an odd number of its own, so that none undoes another; the upper bits are mixed best.
    const uint64_t mixed = (words->first ^ (words->length << 56)) * 0x9E3779B97F4A7C15u +
                           (words->second ^ words->before_last >> 7) * 0xC2B2AE3D27D4EB4Fu +
                           (words->before_last ^ words->last) * 0x165667B19E3779F9u;
    return (unsigned)((mixed ^ mixed >> 29) * 0x9E3779B97F4A7C15u >> (64 - TEXTS_BITS));
}

static bool same(const struct words *a, const struct words *b)
{
    return !((a->first ^ b->first) | (a->second ^ b->second) | (a->before_last ^ b->before_last) |
             (a->last ^ b->last) | (a->length ^ b->length));
}

static void judge(struct text_use *use)
{
    if (use->found < FOUND_LEAST)
        use->left = LEFT;
    use->asked = use->found = 0;
}

void kept_texts_push(lua_State *L, struct kept_texts *kept, int table, struct text_use *use, struct text text)
{
    if (use->left || text.length > BYTES_MAX) {
        use->left -= use->left > 0;
        lua_pushlstring(L, text.data, text.length);
        return;
    }
    const struct words words = words_of(text);
    const unsigned place = place_of(&words);
    if (++use->asked == TRIED)
        judge(use);
    if (same(&kept->words[place], &words)) {
        use->found++;
        lua_rawgeti(L, table, place + 1);
        return;
    }
    lua_pushlstring(L, text.data, text.length);
    lua_pushvalue(L, -1);
    lua_rawseti(L, table, place + 1);
    kept->words[place] = words;
}
