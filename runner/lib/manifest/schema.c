// See schema.h: one table of checks by kind of rule.
#include "lib/manifest/schema.h"

#include "lib/calendar/parse.h"

#include <stdio.h>

void problems_dispose(struct problems *problems)
{
    xfree(problems->items);
    *problems = (struct problems){NULL, 0, 0};
}

struct err *problems_add(struct problems *problems)
{
    problems->total++;
    if (problems->count < PROBLEMS_MAX) {
        problems->items = xreallocarray(problems->items, ++problems->count, sizeof *problems->items);
        err_clear(&problems->items[problems->count - 1]);
        return &problems->items[problems->count - 1];
    }
    return &problems->items[PROBLEMS_MAX - 1]; // the last one kept is the last one found
}

const char *schema_show(char out[SCHEMA_SHOWN_MAX], const struct json *value)
{
    struct text text;
    if (json_text(value, &text))
        snprintf(out, SCHEMA_SHOWN_MAX, "\"%.*s\"", (int)text_utf8_floor(text, SCHEMA_SHOWN_MAX - 8),
                 text.data);
    else if (json_number_text(value, &text))
        snprintf(out, SCHEMA_SHOWN_MAX, "%.*s", (int)text_utf8_floor(text, SCHEMA_SHOWN_MAX - 8), text.data);
    else if (json_kind(value) == JSON_TRUE || json_kind(value) == JSON_FALSE)
        snprintf(out, SCHEMA_SHOWN_MAX, "%s", json_kind(value) == JSON_TRUE ? "true" : "false");
    else
        snprintf(out, SCHEMA_SHOWN_MAX, "%s", json_kind(value) == JSON_NULL ? "nil" : "{…}");
    return out;
}

const char *schema_join(char out[SCHEMA_PATH_MAX], const char *path, const char *key)
{
    snprintf(out, SCHEMA_PATH_MAX, "%s%s%s", path, path[0] ? "." : "", key);
    return out;
}

// ---- one check a kind of rule: whether the value is such a one

static bool is_table(const struct json *value)
{
    return json_kind(value) == JSON_OBJECT || (json_kind(value) == JSON_ARRAY && json_count(value) == 0);
}

static bool is_text(const struct json *value)
{
    struct text text;
    return json_text(value, &text) && text.length > 0;
}

static bool check_text(const struct json *value, const struct rule *rule)
{
    (void)rule;
    return is_text(value);
}

static bool check_whole(const struct json *value, const struct rule *rule)
{
    int64_t number;
    return json_int64(value, &number) && number >= rule->least && number <= rule->most;
}

static bool check_number(const struct json *value, const struct rule *rule)
{
    (void)rule;
    double number;
    return json_double(value, &number) && number >= 0;
}

static bool check_boolean(const struct json *value, const struct rule *rule)
{
    (void)rule;
    bool boolean;
    return json_boolean(value, &boolean);
}

static bool check_date(const struct json *value, const struct rule *rule)
{
    (void)rule;
    struct text text;
    struct date date;
    struct err err;
    return json_text(value, &text) && date_parse(&date, text, &err);
}

static bool check_size(const struct json *value, const struct rule *rule)
{
    (void)rule;
    struct text text;
    int64_t bytes;
    return json_text(value, &text) && size_from_text(text, &bytes);
}

static bool check_duration(const struct json *value, const struct rule *rule)
{
    (void)rule;
    struct text text;
    int64_t ms;
    return json_text(value, &text) && duration_from_text(text, &ms);
}

static bool check_words(const struct json *value, const struct rule *rule)
{
    (void)rule;
    if (json_kind(value) != JSON_OBJECT)
        return is_text(value);
    for (const struct json *member = json_first(value); member; member = json_next(member)) {
        const struct text key = json_key(member);
        if (!is_text(member) || !(text_is(key, "en") || text_is(key, "fi") || text_is(key, "sv")))
            return false;
    }
    return json_count(value) > 0;
}

static bool check_choice(const struct json *value, const struct rule *rule)
{
    struct text text;
    for (size_t i = 0; json_text(value, &text) && rule->choices[i]; i++)
        if (text_is(text, rule->choices[i]))
            return true;
    return false;
}

static bool check_texts(const struct json *value, const struct rule *rule)
{
    (void)rule;
    if (json_kind(value) != JSON_ARRAY && !is_table(value))
        return false;
    for (const struct json *member = json_first(value); member; member = json_next(member))
        if (!is_text(member))
            return false;
    return json_kind(value) == JSON_ARRAY || json_count(value) == 0;
}

static bool check_named(const struct json *value, const struct rule *rule)
{
    (void)rule;
    for (const struct json *member = json_first(value); member; member = json_next(member))
        if (!is_text(member))
            return false;
    return is_table(value);
}

static bool check_lists(const struct json *value, const struct rule *rule)
{
    for (const struct json *member = json_first(value); member; member = json_next(member))
        if (!check_texts(member, rule))
            return false;
    return is_table(value);
}

static bool check_table(const struct json *value, const struct rule *rule)
{
    (void)rule;
    return is_table(value);
}

static bool check_any(const struct json *value, const struct rule *rule)
{
    (void)rule;
    return value != NULL;
}

static const struct {
    bool (*fits)(const struct json *, const struct rule *);
    enum err_code wrong;
} kinds[] = {
    [RULE_TEXT] = {check_text, ERR_MANIFEST_TEXT},
    [RULE_WHOLE] = {check_whole, ERR_MANIFEST_WHOLE},
    [RULE_NUMBER] = {check_number, ERR_MANIFEST_NUMBER},
    [RULE_BOOLEAN] = {check_boolean, ERR_MANIFEST_BOOLEAN},
    [RULE_DATE] = {check_date, ERR_MANIFEST_DATE},
    [RULE_SIZE] = {check_size, ERR_MANIFEST_SIZE},
    [RULE_DURATION] = {check_duration, ERR_MANIFEST_DURATION},
    [RULE_WORDS] = {check_words, ERR_MANIFEST_WORDS},
    [RULE_CHOICE] = {check_choice, ERR_MANIFEST_CHOICE},
    [RULE_TEXTS] = {check_texts, ERR_MANIFEST_TEXTS},
    [RULE_TABLE] = {check_table, ERR_MANIFEST_TABLE},
    [RULE_TABLES] = {check_table, ERR_MANIFEST_TABLE},
    [RULE_NAMED] = {check_named, ERR_MANIFEST_NAMED},
    [RULE_LISTS] = {check_lists, ERR_MANIFEST_LISTS},
    [RULE_ANY] = {check_any, ERR_MANIFEST_TABLE},
};

// ---- tables

enum { NAMES_MAX = 32, LIST_MAX = 300 };

static void list_names(char out[LIST_MAX], const char *const *names)
{
    size_t used = 0;
    out[0] = '\0';
    for (size_t i = 0; names[i] && used + strlen(names[i]) + 3 < LIST_MAX; i++)
        used += (size_t)snprintf(out + used, LIST_MAX - used, "%s%s", i ? ", " : "", names[i]);
}

static void unknown_key(const char *key, const struct rule *rules, const char *path,
                        struct problems *problems)
{
    const char *names[NAMES_MAX + 1] = {NULL};
    size_t count = 0;
    for (; rules[count].key && count < NAMES_MAX; count++)
        names[count] = rules[count].key;
    char where[SCHEMA_PATH_MAX], known[LIST_MAX];
    schema_join(where, path, key);
    const char *nearest = text_nearest(key, names, count);
    list_names(known, names);
    if (nearest)
        fail(problems_add(problems), ERR_MANIFEST_KEY, where, nearest);
    else
        fail(problems_add(problems), ERR_MANIFEST_KEY_OF, where, known);
}

static void check_keys(const struct json *value, const struct rule *rules, const char *path, bool part,
                       struct problems *problems);

static void check_value(const struct json *value, const struct rule *rule, const char *where, bool part,
                        struct problems *problems)
{
    char shown[SCHEMA_SHOWN_MAX], more[LIST_MAX] = "";
    if (!kinds[rule->kind].fits(value, rule)) {
        if (rule->kind == RULE_CHOICE)
            list_names(more, rule->choices);
        else if (rule->kind == RULE_WHOLE)
            snprintf(more, sizeof more, "%s–%s", N(rule->least), N(rule->most));
        fail(problems_add(problems), kinds[rule->kind].wrong, where, schema_show(shown, value), more);
        return;
    }
    if (rule->kind == RULE_TABLE)
        check_keys(value, rule->fields, where, part, problems);
    for (const struct json *member = rule->kind == RULE_TABLES ? json_first(value) : NULL; member;
         member = json_next(member)) {
        char inner[SCHEMA_PATH_MAX];
        check_keys(member, rule->fields, schema_join(inner, where, json_key(member).data), false, problems);
    }
}

const struct rule *schema_find(const struct rule *rules, struct text key)
{
    for (; rules->key; rules++)
        if (text_is(key, rules->key))
            return rules;
    return NULL;
}

static void check_keys(const struct json *value, const struct rule *rules, const char *path, bool part,
                       struct problems *problems)
{
    char where[SCHEMA_PATH_MAX], shown[SCHEMA_SHOWN_MAX];
    if (!is_table(value)) {
        fail(problems_add(problems), ERR_MANIFEST_TABLE, path[0] ? path : "return", schema_show(shown, value),
             "");
        return;
    }
    for (const struct json *member = json_first(value); member; member = json_next(member)) {
        const struct text key = json_key(member);
        const struct rule *rule = schema_find(rules, key);
        if (rule)
            check_value(member, rule, schema_join(where, path, rule->key), part, problems);
        else
            unknown_key(key.data, rules, path, problems);
    }
    for (const struct rule *rule = rules; rule->key && !part; rule++)
        if (rule->required && !json_get(value, rule->key))
            fail(problems_add(problems), ERR_MANIFEST_MISSING, schema_join(where, path, rule->key));
}

void schema_check(const struct json *value, const struct rule *rules, const char *path,
                  struct problems *problems)
{
    check_keys(value, rules, path, false, problems);
}

void schema_check_part(const struct json *value, const struct rule *rules, const char *path,
                       struct problems *problems)
{
    check_keys(value, rules, path, true, problems);
}
