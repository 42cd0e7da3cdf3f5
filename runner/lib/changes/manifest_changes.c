// Two manifests: permits, limits, inputs, and all that they say beside.
#include "lib/changes/changes_own.h"

#include "lib/decimal/decimal.h"
#include "lib/manifest/manifest.h"

#include <stdio.h>

// ---- limits

enum measure { SIZE, DURATION, COUNTED };
static const struct {
    const char *key;
    enum measure measure;
    enum phrase phrase;
    size_t offset; // of what holds when nothing is said
} limits[] = {
    {"memory", SIZE, PHRASE_CHANGE_LIMIT_MEMORY, offsetof(struct run_limits, memory_bytes)},
    {"cpu", DURATION, PHRASE_CHANGE_LIMIT_CPU, offsetof(struct run_limits, cpu_ms)},
    {"time", DURATION, PHRASE_CHANGE_LIMIT_TIME, offsetof(struct run_limits, time_ms)},
    {"output", SIZE, PHRASE_CHANGE_LIMIT_OUTPUT, offsetof(struct run_limits, output_bytes)},
    {"files", COUNTED, PHRASE_CHANGE_LIMIT_FILES, offsetof(struct run_limits, files)},
    {"calls", COUNTED, PHRASE_CHANGE_LIMIT_CALLS, offsetof(struct run_limits, calls)},
    {"mails", COUNTED, PHRASE_CHANGE_LIMIT_MAILS, offsetof(struct run_limits, mails)},
    {"answer", SIZE, PHRASE_CHANGE_LIMIT_ANSWER, offsetof(struct run_limits, answer_bytes)},
};

static int64_t usual(size_t index)
{
    return *(const int64_t *)(const void *)((const char *)&run_limits_default + limits[index].offset);
}

static int64_t measured(size_t index, const struct json *value)
{
    struct text text;
    int64_t number;
    const bool good = limits[index].measure == COUNTED ? json_int64(value, &number)
                      : !json_text(value, &text)       ? false
                      : limits[index].measure == SIZE  ? size_from_text(text, &number)
                                                       : duration_from_text(text, &number);
    return good ? number : usual(index);
}

// As written, or what holds when nothing is: "256 MB".
static const char *limit_words(char out[VALUE_SIZE], size_t index, const struct json *value)
{
    enum { MB = 1 << 20, MINUTE = 60000 };
    if (value)
        return value_words(out, value);
    static const char *const units[] = {[SIZE] = " MB", [DURATION] = " min", [COUNTED] = ""};
    const int64_t unit = limits[index].measure == SIZE ? MB : limits[index].measure == DURATION ? MINUTE : 1;
    (void)snprintf(out, VALUE_SIZE, "%s%s", N(usual(index) / unit), units[limits[index].measure]);
    return out;
}

static void compare_limits(struct changes *changes, const struct json *before, const struct json *after)
{
    for (size_t i = 0; i < COUNT_OF(limits); i++) {
        const struct json *a = json_get(before, limits[i].key), *b = json_get(after, limits[i].key);
        const int64_t was = measured(i, a), is = measured(i, b);
        char was_words[VALUE_SIZE], is_words[VALUE_SIZE];
        if (was != is)
            ADD(changes, is > was ? CHANGE_WIDER : CHANGE_NARROWER, "limits", limits[i].phrase,
                limit_words(is_words, i, b), limit_words(was_words, i, a));
    }
}

// An amount of money. A robot that does not say what it may spend may spend anything.
static const char spending_key[] = "spending";

static void compare_spending(struct changes *changes, const struct json *before, const struct json *after)
{
    struct decimal was_amount, is_amount;
    struct text was, is;
    struct err ignored;
    const bool was_said = json_text(before, &was) && decimal_parse(&was_amount, was, &ignored);
    const bool is_said = json_text(after, &is) && decimal_parse(&is_amount, is, &ignored);
    char was_words[VALUE_SIZE], is_words[VALUE_SIZE];
    value_words(was_words, before);
    value_words(is_words, after);
    if (was_said && is_said) {
        const int order = decimal_compare(&is_amount, &was_amount);
        if (order)
            ADD(changes, order > 0 ? CHANGE_WIDER : CHANGE_NARROWER, "limits", PHRASE_CHANGE_SPENDING,
                is_words, was_words);
    } else if (is_said)
        ADD(changes, CHANGE_NARROWER, "limits", PHRASE_CHANGE_SPENDING_NEW, is_words);
    else if (was_said)
        ADD(changes, CHANGE_WIDER, "limits", PHRASE_CHANGE_SPENDING_GONE, was_words);
}

static bool is_other_limit(const char *key)
{
    for (size_t i = 0; i < COUNT_OF(limits); i++)
        if (strcmp(key, limits[i].key) == 0)
            return false;
    return strcmp(key, spending_key) != 0;
}

// ---- inputs

static void compare_inputs(struct changes *changes, const struct json *before, const struct json *after)
{
    for (const struct json *input = json_first(after); input; input = json_next(input)) {
        SCOPED_TEXT char *name = text_copy(json_key(input));
        const struct json *was = json_get(before, name);
        if (was)
            compare_members(changes, "inputs", PHRASE_FIELD_INPUT, name, was, input, NULL);
        else
            ADD(changes, CHANGE_OTHER, "inputs", PHRASE_CHANGE_INPUT_NEW, name,
                json_string_or(json_get(input, "type"), ""));
    }
    for (const struct json *input = json_first(before); input; input = json_next(input)) {
        SCOPED_TEXT char *name = text_copy(json_key(input));
        if (!json_get(after, name))
            ADD(changes, CHANGE_OTHER, "inputs", PHRASE_CHANGE_INPUT_GONE, name);
    }
}

// ---- the rest

static const struct {
    const char *key;
    enum phrase name;
} fields[] = {
    {"owner", PHRASE_FIELD_OWNER},
    {"deputy", PHRASE_FIELD_DEPUTY},
    {"review", PHRASE_FIELD_REVIEW},
    {"title", PHRASE_FIELD_TITLE},
    {"description", PHRASE_FIELD_DESCRIPTION},
    {"runs_at_once", PHRASE_FIELD_RUNS_AT_ONCE},
};

static bool has_no_sentence(const char *key)
{
    static const char *const tables[] = {"permits", "limits", "inputs", "retry", "benefit"};
    for (size_t i = 0; i < COUNT_OF(fields); i++)
        if (strcmp(key, fields[i].key) == 0)
            return false;
    for (size_t i = 0; i < COUNT_OF(tables); i++)
        if (strcmp(key, tables[i]) == 0)
            return false;
    return true;
}

void changes_describe(struct changes *changes, const struct json *before, const struct json *after)
{
    compare_permits(changes, json_get(before, "permits"), json_get(after, "permits"));
    compare_limits(changes, json_get(before, "limits"), json_get(after, "limits"));
    compare_spending(changes, json_get(json_get(before, "limits"), spending_key),
                     json_get(json_get(after, "limits"), spending_key));
    compare_members(changes, "limits", PHRASE_FIELD_LIMIT, "", json_get(before, "limits"),
                    json_get(after, "limits"), is_other_limit);
    compare_inputs(changes, json_get(before, "inputs"), json_get(after, "inputs"));
    for (size_t i = 0; i < COUNT_OF(fields); i++)
        compare_value(changes, CHANGE_OTHER, "robot", phrase_text(changes->language, fields[i].name),
                      json_get(before, fields[i].key), json_get(after, fields[i].key));
    compare_members(changes, "robot", PHRASE_FIELD_RETRY, "", json_get(before, "retry"),
                    json_get(after, "retry"), NULL);
    compare_members(changes, "robot", PHRASE_FIELD_BENEFIT, "", json_get(before, "benefit"),
                    json_get(after, "benefit"), NULL);
    compare_members(changes, "robot", PHRASE_FIELD_KEY, "", before, after, has_no_sentence);
}
