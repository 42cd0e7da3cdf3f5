// A manifest as a struct; see manifest.h. What the table of rules can't say is checked here: types and their options
// together, limits against those of the settings.
#include "lib/manifest/schema.h"

#include "lib/calendar/parse.h"
#include "lib/permit/permit.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#define MB ((int64_t)1 << 20)
#define MINUTE ((int64_t)60000)

const struct run_limits run_limits_default = {
    .memory_bytes = 256 * MB,
    .cpu_ms = 2 * MINUTE,
    .time_ms = 15 * MINUTE,
    .output_bytes = 100 * MB,
    .files = 2000,
    .calls = 100000,
    .mails = 200,
    .answer_bytes = 100 * MB,
};

const struct run_limits run_limits_most = {
    .memory_bytes = 4096 * MB,
    .cpu_ms = 240 * MINUTE,
    .time_ms = 1440 * MINUTE,
    .output_bytes = 10240 * MB,
    .files = 100000,
    .calls = 1000000,
    .mails = 1000,
    .answer_bytes = 1024 * MB,
    .queued_ms = 7 * 1440 * MINUTE,
};

const char *input_type_name(enum input_type type)
{
    return input_type_names[type];
}

// ---- limits

static const struct limit_row {
    const char *key;
    size_t offset;
    bool (*read)(struct text, int64_t *); // NULL: a whole number
} limit_rows[] = {
    {"memory", offsetof(struct run_limits, memory_bytes), size_from_text},
    {"cpu", offsetof(struct run_limits, cpu_ms), duration_from_text},
    {"time", offsetof(struct run_limits, time_ms), duration_from_text},
    {"output", offsetof(struct run_limits, output_bytes), size_from_text},
    {"files", offsetof(struct run_limits, files), NULL},
    {"calls", offsetof(struct run_limits, calls), NULL},
    {"mails", offsetof(struct run_limits, mails), NULL},
    {"answer", offsetof(struct run_limits, answer_bytes), size_from_text},
    {"queued", offsetof(struct run_limits, queued_ms), duration_from_text},
};

// "4 GB", "2 min", "200": a limit as the manifest writes it.
static const char *limit_words(char out[40], const struct limit_row *row, int64_t value)
{
    if (row->read == size_from_text)
        snprintf(out, 40, "%s MB", N(value / MB));
    else if (row->read == duration_from_text)
        snprintf(out, 40, value % MINUTE ? "%s s" : "%s min",
                 N(value % MINUTE ? value / 1000 : value / MINUTE));
    else
        snprintf(out, 40, "%s", N(value));
    return out;
}

static void read_limit(struct run_limits *limits, const struct limit_row *row, const struct json *value,
                       const struct run_limits *most, struct problems *problems)
{
    int64_t *field = (int64_t *)(void *)((char *)limits + row->offset);
    const int64_t highest = *(const int64_t *)(const void *)((const char *)most + row->offset);
    struct text text;
    int64_t asked;
    char asked_words[40], most_words[40];
    const bool good =
        row->read ? json_text(value, &text) && row->read(text, &asked) : json_int64(value, &asked);
    if (!good)
        return; // the table of rules has said so
    if (asked > highest)
        fail(problems_add(problems), ERR_MANIFEST_LIMIT, row->key, limit_words(asked_words, row, asked),
             limit_words(most_words, row, highest));
    else
        *field = asked;
}

void limits_read(struct run_limits *limits, const struct json *value, const struct run_limits *most,
                 struct problems *problems)
{
    for (size_t i = 0; i < COUNT_OF(limit_rows); i++) {
        const struct json *given = json_get(value, limit_rows[i].key);
        if (given)
            read_limit(limits, &limit_rows[i], given, most, problems);
    }
}

// ---- inputs

static bool type_from_name(enum input_type *out, const char *name)
{
    for (size_t i = 0; input_type_names[i]; i++)
        if (strcmp(input_type_names[i], name) == 0) {
            *out = (enum input_type)i;
            return true;
        }
    return false;
}

// Which options go with which types; what is not here goes with all.
static const struct {
    const char *option;
    unsigned types; // bits by enum input_type
} option_types[] = {
    {"of", 1U << INPUT_LIST},
    {"choices", 1U << INPUT_CHOICE | 1U << INPUT_LIST},
    {"accept", 1U << INPUT_FILE},
    {"pattern", 1U << INPUT_TEXT | 1U << INPUT_LIST},
    {"min", ~(1U << INPUT_BOOLEAN | 1U << INPUT_CHOICE | 1U << INPUT_FILE)},
    {"max", ~(1U << INPUT_BOOLEAN | 1U << INPUT_CHOICE | 1U << INPUT_FILE)},
    {"default", ~(1U << INPUT_FILE)},
};

static void check_options(const struct input *input, const struct json *value, struct problems *problems)
{
    char where[SCHEMA_PATH_MAX], path[SCHEMA_PATH_MAX];
    snprintf(path, sizeof path, "inputs.%s", input->name);
    for (size_t i = 0; i < COUNT_OF(option_types); i++)
        if (json_get(value, option_types[i].option) && !(option_types[i].types >> input->type & 1))
            fail(problems_add(problems), ERR_MANIFEST_INPUT_OPTION,
                 schema_join(where, path, option_types[i].option), input_type_name(input->type));
    const bool chooses =
        input->type == INPUT_CHOICE || (input->type == INPUT_LIST && input->of == INPUT_CHOICE);
    if (chooses && json_count(input->choices) == 0)
        fail(problems_add(problems), ERR_MANIFEST_MISSING, schema_join(where, path, "choices"));
    if (input->pattern && !pattern_ok(input->pattern))
        fail(problems_add(problems), ERR_MANIFEST_PATTERN, schema_join(where, path, "pattern"),
             input->pattern);
    struct err err;
    if (input->fallback && !input_default_ok(input, &err)) {
        err_note(&err, "inputs.%s.default", input->name);
        *problems_add(problems) = err;
    }
}

static bool name_ok(struct text name)
{
    for (size_t i = 0; i < name.length; i++) {
        const char c = name.data[i];
        if (!((c >= 'a' && c <= 'z') || c == '_' || (i > 0 && c >= '0' && c <= '9')))
            return false;
    }
    return name.length > 0 && name.length <= 60;
}

static void read_input(struct input *input, const struct json *value, struct problems *problems)
{
    const struct text name = json_key(value);
    *input = (struct input){.name = name.data, .of = INPUT_TEXT, .required = true};
    if (!name_ok(name))
        fail(problems_add(problems), ERR_MANIFEST_INPUT_NAME, name.data);
    if (!type_from_name(&input->type, json_string_or(json_get(value, "type"), "")))
        return; // said already
    (void)type_from_name(&input->of, json_string_or(json_get(value, "of"), "text"));
    input->label = json_get(value, "label");
    input->help = json_get(value, "help");
    input->fallback = json_get(value, "default");
    input->choices = json_get(value, "choices");
    input->accept = json_get(value, "accept");
    input->least = json_get(value, "min");
    input->most = json_get(value, "max");
    input->pattern = json_string_or(json_get(value, "pattern"), NULL);
    input->required = input->fallback == NULL;
    (void)json_boolean(json_get(value, "required"), &input->required);
    check_options(input, value, problems);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct input *)a)->name, ((const struct input *)b)->name);
}

static void read_inputs(struct manifest *manifest, const struct json *value, struct problems *problems)
{
    manifest->inputs = xcalloc(json_count(value) + 1, sizeof *manifest->inputs);
    for (const struct json *member = json_first(value); member; member = json_next(member))
        if (json_kind(member) == JSON_OBJECT && json_kind(value) == JSON_OBJECT)
            read_input(&manifest->inputs[manifest->input_count++], member, problems);
    qsort(manifest->inputs, manifest->input_count, sizeof *manifest->inputs, by_name);
}

// ---- the whole

static void read_permits(struct manifest *manifest, const struct json *value, struct problems *problems)
{
    SCOPED(permits)
    permits = NULL;
    struct err err;
    manifest->permits = value;
    if (!permits_read(&permits, value, &err)) {
        err_note(&err, "permits");
        *problems_add(problems) = err;
    }
}

static void read_rest(struct manifest *manifest, const struct json *root)
{
    struct text text;
    struct err err;
    manifest->title = json_get(root, "title");
    manifest->owner = json_string_or(json_get(root, "owner"), NULL);
    manifest->deputy = json_string_or(json_get(root, "deputy"), NULL);
    manifest->benefit = json_get(root, "benefit");
    if (json_text(json_get(root, "review"), &text))
        manifest->review_set = date_parse(&manifest->review, text, &err);
}

void manifest_free(struct manifest *manifest)
{
    if (!manifest)
        return;
    json_document_free(manifest->document);
    xfree(manifest->inputs);
    xfree(manifest);
}

static void read_spending(struct manifest *manifest, const struct json *value, struct problems *problems)
{
    char shown[SCHEMA_SHOWN_MAX];
    manifest->spending = json_string_or(value, NULL);
    if (manifest->spending && !amount_is_valid(text_from(manifest->spending)))
        fail(problems_add(problems), ERR_MANIFEST_AMOUNT, "limits.spending", schema_show(shown, value));
}

bool manifest_read(struct manifest **out, struct text json, const struct run_limits *most,
                   struct problems *problems)
{
    SCOPED(manifest)
    manifest = xcalloc(1, sizeof *manifest);
    struct err err;
    const size_t before = problems->total;
    if (!json_parse(&manifest->document, json, &err)) {
        *problems_add(problems) = err;
        return false;
    }
    const struct json *root = json_root(manifest->document);
    schema_check(root, manifest_rules, "", problems);
    manifest->limits = run_limits_default;
    limits_read(&manifest->limits, json_get(root, "limits"), most, problems);
    read_spending(manifest, json_get(json_get(root, "limits"), "spending"), problems);
    manifest->runs_at_once = json_int64_or(json_get(root, "runs_at_once"), 0);
    manifest->retry = retry_rule_default;
    retry_read(&manifest->retry, json_get(root, "retry"), problems);
    read_inputs(manifest, json_get(root, "inputs"), problems);
    read_permits(manifest, json_get(root, "permits"), problems);
    read_rest(manifest, root);
    if (problems->total > before)
        return false;
    *out = STEAL(manifest);
    return true;
}

const struct input *manifest_input(const struct manifest *manifest, const char *name)
{
    for (size_t i = 0; i < manifest->input_count; i++)
        if (strcmp(manifest->inputs[i].name, name) == 0)
            return &manifest->inputs[i];
    return NULL;
}

const char *manifest_words(const struct json *words, enum language language, const char *otherwise)
{
    const char *const order[] = {language_name(language), "en", "fi", "sv"};
    if (json_kind(words) != JSON_OBJECT)
        return json_string_or(words, otherwise);
    for (size_t i = 0; i < COUNT_OF(order); i++)
        if (json_get(words, order[i]))
            return json_string_or(json_get(words, order[i]), otherwise);
    return otherwise;
}
