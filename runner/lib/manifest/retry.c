// retry = { attempts, wait, factor, most, jitter, on }; see manifest.h.
#include "lib/manifest/schema.h"

#include <stdio.h>

enum { FACTOR_MOST = 10 };

const char *const retry_kind_names[] = {
    [RETRY_TIMEOUT] = "timeout", [RETRY_UNREACHABLE] = "unreachable",
    [RETRY_BUSY] = "busy",       [RETRY_SERVER] = "server",
    [RETRY_STORE] = "store",     [RETRY_DISK] = "disk",
    [RETRY_FILE] = "file",       [RETRY_CRASH] = "crash",
    [RETRY_ITEMS] = "items",     [RETRY_KIND_COUNT] = NULL,
};

const struct retry_rule retry_rule_default = {
    .attempts = 1,
    .wait_ms = 60000,
    .most_ms = 3600000,
    .factor = 2,
    .jitter_percent = 20,
    .kinds = (1U << RETRY_KIND_COUNT) - 1,
};

static void list_kinds(char out[300])
{
    size_t used = 0;
    for (size_t i = 0; retry_kind_names[i]; i++)
        used += (size_t)snprintf(out + used, 300 - used, "%s%s", i ? ", " : "", retry_kind_names[i]);
}

static void read_kind(struct retry_rule *rule, const struct json *name, struct problems *problems)
{
    char shown[SCHEMA_SHOWN_MAX], known[300];
    for (size_t i = 0; retry_kind_names[i]; i++)
        if (strcmp(json_string_or(name, ""), retry_kind_names[i]) == 0) {
            rule->kinds |= 1U << i;
            return;
        }
    list_kinds(known);
    fail(problems_add(problems), ERR_MANIFEST_CHOICE, "retry.on", schema_show(shown, name), known);
}

static void read_duration(int64_t *ms, const struct json *value)
{
    struct text text;
    int64_t read;
    if (json_text(value, &text) && duration_from_text(text, &read))
        *ms = read;
}

void retry_read(struct retry_rule *rule, const struct json *value, struct problems *problems)
{
    char shown[SCHEMA_SHOWN_MAX];
    const struct json *on = json_get(value, "on"), *factor = json_get(value, "factor");
    rule->attempts = json_int64_or(json_get(value, "attempts"), rule->attempts);
    rule->jitter_percent = json_int64_or(json_get(value, "jitter"), rule->jitter_percent);
    read_duration(&rule->wait_ms, json_get(value, "wait"));
    read_duration(&rule->most_ms, json_get(value, "most"));
    if (factor && json_double(factor, &rule->factor) && !(rule->factor >= 1 && rule->factor <= FACTOR_MOST))
        fail(problems_add(problems), ERR_MANIFEST_RANGE, "retry.factor", schema_show(shown, factor), "1–10");
    if (on)
        rule->kinds = 0;
    for (const struct json *name = json_first(on); name; name = json_next(name))
        read_kind(rule, name, problems);
}
