// Finds where something stands in an array by its content: a table of places beside the array. For this folder.
#ifndef RENKI_HOST_REPO_PLACES_H
#define RENKI_HOST_REPO_PLACES_H

#include "lib/base/memory.h"

#include <stdint.h>

enum { NO_PLACE = UINT32_MAX };

struct places {
    struct place_slot {
        uint32_t hash, next; // next: place + 1; 0: free
    } * slots;
    size_t size, used; // size: a power of two
};
void places_dispose(struct places *places);

// Whether the array's element at `place` is `key`.
typedef bool (*place_is)(const void *owner, uint32_t place, const void *key);
// NO_PLACE when it is not there.
uint32_t places_find(const struct places *places, uint32_t hash, place_is is, const void *owner,
                     const void *key);
// `place` must not be there yet.
void places_add(struct places *places, uint32_t hash, uint32_t place);
uint32_t places_hash(const void *data, size_t length);

#endif
