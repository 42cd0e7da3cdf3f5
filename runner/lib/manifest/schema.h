// Checks data against a table of rules; for the sources of this folder and of lib/schedule.
#ifndef RENKI_MANIFEST_SCHEMA_H
#define RENKI_MANIFEST_SCHEMA_H

#include "lib/base/buf.h"
#include "lib/manifest/manifest.h"

enum rule_kind {
    RULE_END, // ends a table
    RULE_TEXT,
    RULE_WHOLE,  // least to most
    RULE_NUMBER, // not negative
    RULE_BOOLEAN,
    RULE_DATE, // "2027-10-01"
    RULE_SIZE,
    RULE_DURATION,
    RULE_WORDS,  // a text, or texts by language
    RULE_CHOICE, // one of `choices`
    RULE_TEXTS,  // a list of texts
    RULE_TABLE,  // with `fields`
    RULE_TABLES, // names, each a table with `fields`
    RULE_NAMED,  // names, each a text
    RULE_LISTS,  // names, each a list of texts
    RULE_ANY,    // checked elsewhere
};

struct rule {
    const char *key;
    enum rule_kind kind;
    bool required;
    const struct rule *fields;
    const char *const *choices; // ended by NULL
    int64_t least, most;
    bool everywhere; // of settings: no environment has its own
};

// Tables of rules.c.
extern const struct rule manifest_rules[], settings_rules[], approval_more_rules[];
extern const char *const input_type_names[]; // by enum input_type, ended by NULL

// Adds a problem for each thing that is wrong. `path` is where the value stands: "" for the whole.
void schema_check(const struct json *value, const struct rule *rules, const char *path,
                  struct problems *problems);
// The same for what is only a part of the whole: keys that are required may be missing in it and in its tables.
void schema_check_part(const struct json *value, const struct rule *rules, const char *path,
                       struct problems *problems);
// NULL when there is none.
const struct rule *schema_find(const struct rule *rules, struct text key);
// What a value is, short, for messages: `12`, `"abc"`, `{…}`.
enum { SCHEMA_SHOWN_MAX = 100 };
const char *schema_show(char out[SCHEMA_SHOWN_MAX], const struct json *value);
// "limits" and "memory" → "limits.memory".
enum { SCHEMA_PATH_MAX = 200 };
const char *schema_join(char out[SCHEMA_PATH_MAX], const char *path, const char *key);

// settings_people.c: people and groups that passed the check; what the table of rules can't say is a problem.
void settings_check_people(const struct json *people, const struct json *groups, struct problems *problems);
// settings_remote.c: likewise; and what stands there.
void settings_check_remote(const struct json *remote, struct problems *problems);
void settings_read_remote(struct settings *settings, const struct json *remote);

// settings_approval.c: likewise.
void settings_check_approval(const struct json *approval, const struct json *groups,
                             struct problems *problems);
// An exact decimal that is not negative.
bool amount_is_valid(struct text amount) MUST_CHECK;

// settings_environments.c: which environment it is, by what the host's file says ("" or NULL: nothing) and the settings;
// NULL where they have none, or something is wrong. All that is wrong with environments is a problem.
const struct json *settings_choose(const struct json *root, const char *told, struct problems *problems);
// The settings of that environment; false when `out` is full.
bool settings_merge(struct buf *out, const struct json *root, const struct json *environment) MUST_CHECK;

// Reads limits that passed the check; what is above `most` is a problem. `limits` holds the defaults before.
void limits_read(struct run_limits *limits, const struct json *value, const struct run_limits *most,
                 struct problems *problems);

// Reads what passed the check; what the table of rules can't say is a problem. `rule` holds the defaults before.
void retry_read(struct retry_rule *rule, const struct json *value, struct problems *problems);

// A text against a pattern: letters as they are, %d digit, %a letter, %l small, %u capital, %w letter or digit, %s blank,
// . anything, [abc] [a-z] [^…] sets, each followed by * + or ? if so wanted; % before a sign takes it as it is. The
// whole text must match. Time is bounded by pattern × text.
bool pattern_ok(const char *pattern); // well formed
bool pattern_matches(const char *pattern, struct text text);

// inputs.c: whether a default fits its input.
bool input_default_ok(const struct input *input, struct err *err) MUST_CHECK;

#endif
