// What has no sentence of its own: a key, what it is now and what it was.
#include "lib/changes/changes_own.h"

#include <stdio.h>

enum { JSON_MOST = 262144 };

static bool to_json(struct buf *out, const struct json *value)
{
    struct json_writer writer = json_writer_new(out);
    json_write_value(&writer, value);
    return json_writer_done(&writer);
}

static bool same_members(const struct json *a, const struct json *b)
{
    for (const struct json *member = json_first(a), *other = json_first(b); member && other;
         member = json_next(member), other = json_next(other)) {
        SCOPED_TEXT char *key = text_copy(json_key(member));
        const struct json *twin = json_kind(a) == JSON_OBJECT ? json_get(b, key) : other;
        if (!twin || !same_value(member, twin))
            return false;
    }
    return true;
}

// In tables the order says nothing, in lists it does.
bool same_value(const struct json *a, const struct json *b)
{
    if (!a || !b || json_kind(a) != json_kind(b))
        return !a && !b;
    if (json_kind(a) == JSON_OBJECT || json_kind(a) == JSON_ARRAY)
        return json_count(a) == json_count(b) && same_members(a, b);
    SCOPED_BUF(one, JSON_MOST);
    SCOPED_BUF(other, JSON_MOST);
    return to_json(&one, a) && to_json(&other, b) && text_equal(buf_text(&one), buf_text(&other));
}

const char *value_words(char out[VALUE_SIZE], const struct json *value)
{
    SCOPED_BUF(json, JSON_MOST);
    struct text text = TEXT_OF("");
    if (value && !json_text(value, &text)) {
        (void)to_json(&json, value);
        text = buf_text(&json);
    }
    const size_t length = text_utf8_floor(text, CHANGE_VALUE_MAX);
    (void)snprintf(out, VALUE_SIZE, "%.*s%s", (int)length, text.data, length < text.length ? "…" : "");
    return out;
}

// Of { en = "…", fi = "…" } the text that the reader knows; anything else is itself.
static const struct json *in_words_of(enum language language, const struct json *value)
{
    const char *const order[] = {language_name(language), "en", "fi", "sv"};
    const struct json *found = NULL;
    size_t known = 0;
    for (size_t i = COUNT_OF(order); i-- > 0;) {
        const struct json *text = json_kind(value) == JSON_OBJECT ? json_get(value, order[i]) : NULL;
        found = text ? text : found;
        known += i > 0 && text;
    }
    return found && known == json_count(value) ? found : value;
}

void compare_value(struct changes *changes, enum change_reach reach, const char *about, const char *key,
                   const struct json *before, const struct json *after)
{
    char was[VALUE_SIZE], is[VALUE_SIZE];
    if (same_value(before, after))
        return;
    const struct json *a = in_words_of(changes->language, before), *b = in_words_of(changes->language, after);
    const bool only_others = same_value(a, b); // it is another language that differs
    value_words(was, only_others ? before : a);
    value_words(is, only_others ? after : b);
    if (!before)
        ADD(changes, reach, about, PHRASE_CHANGE_NEW, key, is);
    else if (!after)
        ADD(changes, reach, about, PHRASE_CHANGE_GONE, key, was);
    else
        ADD(changes, reach, about, PHRASE_CHANGE_VALUE, key, is, was);
}

const char *field_words(struct buf *out, const struct changes *changes, enum phrase words, const char *name,
                        const char *key)
{
    if (!phrase_append(out, changes->language, words, name, key))
        out->length = text_utf8_floor(buf_text(out), out->length);
    return buf_string(out);
}

struct comparing {
    struct changes *changes;
    const char *about, *name;
    enum phrase words;
    const struct json *before, *after;
};

static void compare_member(const struct comparing *comparing, const char *key)
{
    SCOPED_BUF(called, KEY_SIZE);
    compare_value(comparing->changes, CHANGE_OTHER, comparing->about,
                  field_words(&called, comparing->changes, comparing->words, comparing->name, key),
                  json_get(comparing->before, key), json_get(comparing->after, key));
}

void compare_members(struct changes *changes, const char *about, enum phrase words, const char *name,
                     const struct json *before, const struct json *after, key_filter passes)
{
    const struct comparing comparing = {changes, about, name, words, before, after};
    const struct json *const sides[] = {after, before};
    for (size_t side = 0; side < COUNT_OF(sides); side++)
        for (const struct json *member = json_first(sides[side]); member; member = json_next(member)) {
            SCOPED_TEXT char *key = text_copy(json_key(member));
            const bool told = side == 1 && json_get(after, key);
            if (!told && (!passes || passes(key)))
                compare_member(&comparing, key);
        }
}
