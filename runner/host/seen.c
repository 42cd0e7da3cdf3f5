// See seen.h. Open addressing, at most two thirds full.
#include "host/seen.h"

#include <sodium.h>

enum { HASH_SIZE = 16, FIRST_SIZE = 64 };

struct slot {
    unsigned char hash[HASH_SIZE];
    int64_t position;
    bool used;
};

struct seen {
    unsigned char key[crypto_generichash_KEYBYTES];
    struct slot *slots;
    size_t size, count; // size is a power of two
};

struct seen *seen_new(void)
{
    struct seen *seen = xcalloc(1, sizeof *seen);
    randombytes_buf(seen->key, sizeof seen->key);
    seen->size = FIRST_SIZE;
    seen->slots = xcalloc(seen->size, sizeof *seen->slots);
    return seen;
}

void seen_free(struct seen *seen)
{
    if (!seen)
        return;
    xfree(seen->slots);
    xfree(seen);
}

static struct slot *find(struct slot *slots, size_t size, const unsigned char hash[HASH_SIZE])
{
    size_t at;
    memcpy(&at, hash, sizeof at);
    for (;; at++) {
        struct slot *slot = &slots[at & (size - 1)];
        if (!slot->used || memcmp(slot->hash, hash, HASH_SIZE) == 0)
            return slot;
    }
}

static void grow(struct seen *seen)
{
    struct slot *slots = xcalloc(2 * seen->size, sizeof *slots);
    for (size_t i = 0; i < seen->size; i++)
        if (seen->slots[i].used)
            *find(slots, 2 * seen->size, seen->slots[i].hash) = seen->slots[i];
    xfree(seen->slots);
    seen->slots = slots;
    seen->size *= 2;
}

bool seen_add(struct seen *seen, struct text scope, struct text key, int64_t position, int64_t *first)
{
    unsigned char hash[crypto_generichash_BYTES_MIN];
    crypto_generichash_state state;
    _Static_assert(sizeof hash == HASH_SIZE, "the shortest hash is what is kept");
    crypto_generichash_init(&state, seen->key, sizeof seen->key, HASH_SIZE);
    crypto_generichash_update(&state, (const unsigned char *)&scope.length, sizeof scope.length);
    crypto_generichash_update(&state, (const unsigned char *)scope.data, scope.length);
    crypto_generichash_update(&state, (const unsigned char *)key.data, key.length);
    crypto_generichash_final(&state, hash, HASH_SIZE);
    struct slot *slot = find(seen->slots, seen->size, hash);
    if (slot->used) {
        *first = slot->position;
        return slot->position == position;
    }
    *slot = (struct slot){.position = position, .used = true};
    memcpy(slot->hash, hash, HASH_SIZE);
    if (++seen->count * 3 > seen->size * 2)
        grow(seen);
    return true;
}
