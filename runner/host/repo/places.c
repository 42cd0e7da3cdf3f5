// See places.h. Open addressing; a slot keeps the hash, so that growing needs no look at the array.
#include "host/repo/places.h"

enum { FIRST_SIZE = 256 };

void places_dispose(struct places *places)
{
    xfree(places->slots);
    *places = (struct places){0};
}

// FNV-1a, its upper half mixed into the lower, which chooses the slot.
uint32_t places_hash(const void *data, size_t length)
{
    const unsigned char *bytes = data;
    uint64_t hash = 0xcbf29ce484222325u;
    for (size_t i = 0; i < length; i++)
        hash = (hash ^ bytes[i]) * 0x100000001b3u;
    return (uint32_t)(hash ^ hash >> 32);
}

uint32_t places_find(const struct places *places, uint32_t hash, place_is is, const void *owner,
                     const void *key)
{
    for (size_t i = 0, at = hash; i < places->size; i++, at++) {
        const struct place_slot *slot = &places->slots[at & (places->size - 1)];
        if (slot->next == 0)
            break;
        if (slot->hash == hash && is(owner, slot->next - 1, key))
            return slot->next - 1;
    }
    return NO_PLACE;
}

static void put(struct places *places, uint32_t hash, uint32_t next)
{
    size_t at = hash;
    while (places->slots[at & (places->size - 1)].next)
        at++;
    places->slots[at & (places->size - 1)] = (struct place_slot){hash, next};
}

static void grow(struct places *places)
{
    struct places larger = {.size = places->size ? places->size * 2 : FIRST_SIZE, .used = places->used};
    larger.slots = xcalloc(larger.size, sizeof *larger.slots);
    for (size_t i = 0; i < places->size; i++)
        if (places->slots[i].next)
            put(&larger, places->slots[i].hash, places->slots[i].next);
    places_dispose(places);
    *places = larger;
}

void places_add(struct places *places, uint32_t hash, uint32_t place)
{
    if (2 * (places->used + 1) > places->size)
        grow(places);
    put(places, hash, place + 1);
    places->used++;
}
