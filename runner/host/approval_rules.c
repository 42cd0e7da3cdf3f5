// See approval_rules.h.
#include "host/approval_rules.h"

#include "lib/decimal/decimal.h"

static bool has_login(const struct json *list)
{
    for (const struct json *permit = json_first(list); permit; permit = json_next(permit))
        if (json_get(permit, "login"))
            return true;
    return false;
}

static bool is_outside(const struct manifest *manifest)
{
    return json_count(json_get(manifest->permits, "http")) > 0 ||
           json_count(json_get(manifest->permits, "mail")) > 0;
}

static bool uses_login(const struct manifest *manifest)
{
    return has_login(json_get(manifest->permits, "http"));
}

static bool mails(const struct manifest *manifest)
{
    return json_count(json_get(manifest->permits, "mail")) > 0;
}

// Anything but reading, as far as the method tells.
static bool writes_outside(const struct manifest *manifest)
{
    const struct json *list = json_get(manifest->permits, "http");
    for (const struct json *permit = json_first(list); permit; permit = json_next(permit)) {
        const char *methods = json_string_or(json_get(permit, "1"), json_string_or(json_at(permit, 0), ""));
        if (strcmp(methods, "GET") != 0 && strcmp(methods, "HEAD") != 0)
            return true;
    }
    return false;
}

static bool spends_above(const struct manifest *manifest, const char *above)
{
    struct decimal most, limit;
    struct err ignored;
    if (!manifest->spending)
        return writes_outside(manifest);
    return !decimal_parse(&most, text_from(manifest->spending), &ignored) ||
           !decimal_parse(&limit, text_from(above), &ignored) || decimal_compare(&most, &limit) > 0;
}

static bool applies(const struct json *rule, const struct manifest *manifest)
{
    static const struct {
        const char *when;
        bool (*is_so)(const struct manifest *);
    } cases[] = {{"outside", is_outside}, {"login", uses_login}, {"mail", mails}};
    const char *when = json_string_or(json_get(rule, "when"), "");
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        if (strcmp(when, cases[i].when) == 0)
            return cases[i].is_so(manifest);
    return spends_above(manifest, json_string_or(json_get(rule, "above"), "0"));
}

static void add(struct approval_needs *out, const struct json *rule, const char *group)
{
    if (out->count < APPROVAL_NEEDS_MAX)
        out->items[out->count++] = (struct approval_need){json_int64_or(json_get(rule, "approvers"), 1),
                                                          json_string_or(json_get(rule, "group"), group),
                                                          json_string_or(json_get(rule, "when"), NULL)};
}

void approval_needs_of(struct approval_needs *out, const struct settings *settings,
                       const struct manifest *manifest)
{
    const struct json *approval = settings->approval;
    const char *group = json_string_or(json_get(approval, "group"), NULL);
    out->count = 0;
    add(out, approval, NULL);
    for (const struct json *rule = manifest ? json_first(json_get(approval, "more")) : NULL; rule;
         rule = json_next(rule))
        if (applies(rule, manifest))
            add(out, rule, group);
}
