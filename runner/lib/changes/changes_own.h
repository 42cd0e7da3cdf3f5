// The inside of changes, for the sources of this folder only.
#ifndef RENKI_CHANGES_OWN_H
#define RENKI_CHANGES_OWN_H

#include "lib/changes/changes.h"

enum { VALUE_SIZE = CHANGE_VALUE_MAX + 8, KEY_SIZE = 200 };

void add_change(struct changes *changes, enum change_reach reach, const char *about, enum phrase phrase,
                const char *const *arguments);
#define ADD(changes, reach, about, phrase, ...)                                                              \
    add_change(changes, reach, about, phrase, (const char *const[]){__VA_ARGS__ __VA_OPT__(, ) NULL})

// ---- values.c
bool same_value(const struct json *a, const struct json *b);
// A value as people read it: a text as it is, "{ … }" as JSON, cut; "" for none.
const char *value_words(char out[VALUE_SIZE], const struct json *value);
// How the member `key` of what is called `name` is called.
const char *field_words(struct buf *out, const struct changes *changes, enum phrase words, const char *name,
                        const char *key);
// A sentence for the value called `key`, where it differs.
void compare_value(struct changes *changes, enum change_reach reach, const char *about, const char *key,
                   const struct json *before, const struct json *after);
// Likewise for each member of two tables, called as `words` says of `name` and the key; those that `passes` says no to are
// left out.
typedef bool (*key_filter)(const char *key);
void compare_members(struct changes *changes, const char *about, enum phrase words, const char *name,
                     const struct json *before, const struct json *after, key_filter passes);

// ---- permit_changes.c
void compare_permits(struct changes *changes, const struct json *before, const struct json *after);

#endif
