// renki.lua as a struct; see manifest.h.
#include "lib/manifest/schema.h"

#include "lib/manners/manners.h"
#include "lib/permit/permit.h"

#include <stdio.h>

enum { DRAIN_MS = 30000, MERGED_BYTES_MAX = 4 << 20 };

void settings_free(struct settings *settings)
{
    if (!settings)
        return;
    json_document_free(settings->document);
    json_document_free(settings->given);
    xfree(settings);
}

enum { MISSED_AFTER_MS = 60 * 1000 };

static int64_t duration_of(const struct json *value, int64_t otherwise)
{
    struct text text;
    int64_t ms;
    return json_text(value, &text) && duration_from_text(text, &ms) ? ms : otherwise;
}

// Shares are folders of the machine, named in full.
static void check_shares(const struct json *shares, struct problems *problems)
{
    for (const struct json *share = json_first(shares); share; share = json_next(share)) {
        const char *path = json_string_or(share, "");
        char where[SCHEMA_PATH_MAX];
        if (path[0] != '/')
            fail(problems_add(problems), ERR_SETTINGS_SHARE,
                 schema_join(where, "shares", json_key(share).data), path);
    }
}

static void check_manner(const struct json *system, const char *path, const char *key, enum err_code wrong,
                         struct problems *problems)
{
    char where[SCHEMA_PATH_MAX], shown[SCHEMA_SHOWN_MAX];
    struct text text;
    struct hours hours;
    struct rate rate;
    const struct json *value = json_get(system, key);
    if (!json_text(value, &text)) // absent, or told already
        return;
    if (wrong == ERR_SETTINGS_HOURS ? !hours_read(&hours, text) : !rate_read(&rate, text))
        fail(problems_add(problems), wrong, schema_join(where, path, key), schema_show(shown, value));
}

static void check_systems(const struct json *systems, struct problems *problems)
{
    for (const struct json *system = json_first(systems); system; system = json_next(system)) {
        char path[SCHEMA_PATH_MAX];
        schema_join(path, "systems", json_key(system).data);
        check_manner(system, path, "hours", ERR_SETTINGS_HOURS, problems);
        check_manner(system, path, "calls", ERR_SETTINGS_RATE, problems);
    }
}

static void check_alerts(const struct json *root, struct problems *problems)
{
    const struct json *alerts = json_get(root, "alerts");
    static const char *const kinds[] = {"failed", "refused",   "missed",     "late",     "in doubt",
                                        "frozen", "suspended", "schedule",   "task",     "overdue task",
                                        "sync",   "review",    "unapproved", "emergency"};
    for (const struct json *on = json_first(json_get(alerts, "on")); on; on = json_next(on)) {
        char shown[SCHEMA_SHOWN_MAX];
        bool known = false;
        for (size_t i = 0; i < COUNT_OF(kinds); i++)
            known = known || strcmp(json_string_or(on, ""), kinds[i]) == 0;
        if (!known)
            fail(problems_add(problems), ERR_MANIFEST_CHOICE, "alerts.on", schema_show(shown, on),
                 "failed, refused, missed, late, in doubt, frozen, suspended, schedule, task, overdue task, "
                 "sync, review");
    }
    if (alerts && !json_get(alerts, "mail") && !json_get(alerts, "webhook"))
        fail(problems_add(problems), ERR_MANIFEST_MISSING, "alerts.mail");
    if (json_get(alerts, "mail") && !json_get(root, "mail")) // the server that sends them
        fail(problems_add(problems), ERR_MANIFEST_MISSING, "mail");
}

// A region is a part of what is signed, an address of every request.
static bool is_region(const char *text)
{
    return *text && strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-") == strlen(text);
}

static bool is_bucket(const struct json *artifacts)
{
    struct err err;
    struct origin origin;
    const char *place = json_string_or(json_get(artifacts, "s3"), "");
    if (json_count(artifacts) != 3 || !*json_string_or(json_get(artifacts, "login"), "") ||
        !is_region(json_string_or(json_get(artifacts, "region"), "")) ||
        !origin_read(&origin, text_from(place), &err))
        return false;
    const bool good = strcmp(origin.path, "/") != 0; // the bucket's name
    origin_dispose(&origin);
    return good;
}

static void check_artifacts(const struct json *artifacts, struct problems *problems)
{
    char shown[SCHEMA_SHOWN_MAX];
    struct text path;
    if (json_text(artifacts, &path) && !text_starts(path, "/"))
        fail(problems_add(problems), ERR_SETTINGS_SHARE, "artifacts", path.data);
    else if (artifacts && json_kind(artifacts) != JSON_TEXT && !is_bucket(artifacts))
        fail(problems_add(problems), ERR_SETTINGS_BUCKET, schema_show(shown, artifacts));
}

bool settings_share_files(const struct settings *settings)
{
    return settings->artifacts || settings->bucket;
}

const struct life_rule life_rule_default = {
    .warn_days = 14, .stop_days = 30, .month_end_from = 25, .month_end_to = 10};

static void read_life(struct life_rule *out, const struct json *life)
{
    *out = (struct life_rule){
        .warn_days = json_int64_or(json_get(life, "warn_days"), life_rule_default.warn_days),
        .stop_days = json_int64_or(json_get(life, "stop_days"), life_rule_default.stop_days),
        .month_end_from = json_int64_or(json_get(life, "month_end_from"), life_rule_default.month_end_from),
        .month_end_to = json_int64_or(json_get(life, "month_end_to"), life_rule_default.month_end_to),
    };
}

static void read_fields(struct settings *settings, const struct json *root)
{
    struct text text;
    settings->environment = json_string_or(json_get(root, "environment"), NULL);
    settings->user = json_string_or(json_get(root, "user"), NULL);
    settings->store = json_string_or(json_get(root, "store"), NULL);
    settings->artifacts = json_string_or(json_get(root, "artifacts"), NULL);
    settings->bucket = settings->artifacts ? NULL : json_get(root, "artifacts");
    settings_read_remote(settings, json_get(root, "remote"));
    settings->key = json_string_or(json_get(root, "key"), NULL);
    settings->reduced = strcmp(json_string_or(json_get(root, "sandbox"), ""), "reduced") == 0;
    settings->production = strcmp(json_string_or(json_get(root, "mode"), ""), "production") == 0;
    settings->language = language_from_name(json_string_or(json_get(root, "language"), "en"));
    settings->timezone = json_string_or(json_get(root, "timezone"), "Europe/Helsinki");
    settings->queued_runs = json_int64_or(json_get(root, "queued_runs"), QUEUED_RUNS);
    if (!json_text(json_get(root, "drain"), &text) || !duration_from_text(text, &settings->drain_ms))
        settings->drain_ms = DRAIN_MS;
    settings->places = json_int64_or(json_get(root, "places"), 0);
    settings->shares = json_get(root, "shares");
    settings->missed_after_ms =
        duration_of(json_get(json_get(root, "schedules"), "missed_after"), MISSED_AFTER_MS);
    settings->mail = json_get(root, "mail");
    settings->systems = json_get(root, "systems");
    settings->alerts = json_get(root, "alerts");
    read_life(&settings->life, json_get(root, "life"));
    settings->people = json_get(root, "people");
    settings->groups = json_get(root, "groups");
    settings->approval = json_get(root, "approval");
    settings->web_listen = json_string_or(json_get(json_get(root, "web"), "listen"), NULL);
}

static const struct run_limits no_most = {INT64_MAX, INT64_MAX, INT64_MAX, INT64_MAX, INT64_MAX,
                                          INT64_MAX, INT64_MAX, INT64_MAX, INT64_MAX};

// `document` is taken, also where it is wrong.
static bool read_document(struct settings **out, struct json_document *document, struct problems *problems)
{
    SCOPED(settings)
    settings = xcalloc(1, sizeof *settings);
    const size_t before = problems->total;
    const struct json *root = json_root(document);
    settings->document = document;
    schema_check(root, settings_rules, "", problems);
    settings->limits = run_limits_most;
    limits_read(&settings->limits, json_get(root, "limits"), &no_most, problems);
    check_shares(json_get(root, "shares"), problems);
    check_systems(json_get(root, "systems"), problems);
    check_alerts(root, problems);
    check_artifacts(json_get(root, "artifacts"), problems);
    settings_check_approval(json_get(root, "approval"), json_get(root, "groups"), problems);
    settings_check_people(json_get(root, "people"), json_get(root, "groups"), problems);
    settings_check_remote(json_get(root, "remote"), problems);
    read_fields(settings, root);
    if (problems->total > before)
        return false;
    *out = STEAL(settings);
    return true;
}

// The settings as they are in one environment; what is wrong names it.
static bool read_environment(struct settings **out, const struct json *root, const struct json *environment,
                             struct problems *problems)
{
    SCOPED_BUF(merged, MERGED_BYTES_MAX);
    struct json_document *document = NULL;
    struct err err;
    const size_t before = problems->count;
    if (!settings_merge(&merged, root, environment))
        return fail(problems_add(problems), ERR_LIMIT_PASSED, "renki.lua", N(MERGED_BYTES_MAX));
    if (!json_parse(&document, buf_text(&merged), &err)) {
        *problems_add(problems) = err;
        return false;
    }
    const bool good = read_document(out, document, problems);
    for (size_t i = before; i < problems->count; i++)
        err_note(&problems->items[i], "environments.%s", json_key(environment).data);
    return good;
}

static bool read_environments(struct settings **out, const struct json *root, const struct json *chosen,
                              struct problems *problems)
{
    const struct json *each = json_first(json_get(root, "environments"));
    const size_t before = problems->total;
    SCOPED(settings)
    settings = NULL;
    for (; each; each = json_next(each)) {
        SCOPED(settings)
        one = NULL;
        if (read_environment(&one, root, each, problems) && each == chosen)
            settings = STEAL(one);
    }
    *out = problems->total > before ? NULL : STEAL(settings);
    return *out;
}

bool settings_read(struct settings **out, struct text json, const char *environment,
                   struct problems *problems)
{
    SCOPED(json_document)
    given = NULL;
    struct err err;
    const size_t before = problems->total;
    if (!json_parse(&given, json.length ? json : TEXT_OF("{}"), &err)) {
        *problems_add(problems) = err;
        return false;
    }
    const struct json *chosen = settings_choose(json_root(given), environment, problems);
    if (problems->total > before)
        return false;
    if (!chosen)
        return read_document(out, STEAL(given), problems);
    if (!read_environments(out, json_root(given), chosen, problems))
        return false;
    (*out)->given = STEAL(given);
    return true;
}

bool settings_of_environment(struct settings **out, const struct settings *settings, const char *environment,
                             struct err *err)
{
    struct problems problems = {0};
    const struct json *root = settings->given ? json_root(settings->given) : json_root(settings->document);
    const struct json *chosen = settings_choose(root, environment, &problems);
    const bool good = chosen && read_environment(out, root, chosen, &problems);
    if (!good)
        *err = problems.items[0];
    problems_dispose(&problems);
    return good;
}
