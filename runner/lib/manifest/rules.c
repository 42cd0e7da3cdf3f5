// The keys of manifests and settings, and what each may be. In the host.
#include "lib/manifest/schema.h"

const char *const input_type_names[] = {"text", "number", "decimal", "boolean", "choice",
                                        "date", "month",  "file",    "list",    NULL};
static const char *const element_types[] = {"text",   "number", "decimal", "boolean",
                                            "choice", "date",   "month",   NULL};
static const char *const sandboxes[] = {"full", "reduced", NULL};
static const char *const modes[] = {"development", "production", NULL};
static const char *const languages[] = {"en", "fi", "sv", NULL};

static const struct rule input_rules[] = {
    {"type", RULE_CHOICE, true, .choices = input_type_names},
    {"of", RULE_CHOICE, .choices = element_types},
    {"label", RULE_WORDS},
    {"help", RULE_WORDS},
    {"default", RULE_ANY},
    {"required", RULE_BOOLEAN},
    {"choices", RULE_TEXTS},
    {"accept", RULE_TEXTS},
    {"min", RULE_ANY},
    {"max", RULE_ANY},
    {"pattern", RULE_TEXT},
    {NULL, RULE_END},
};

static const struct rule limit_rules[] = {
    {"memory", RULE_SIZE},
    {"cpu", RULE_DURATION},
    {"time", RULE_DURATION},
    {"output", RULE_SIZE},
    {"files", RULE_WHOLE, .least = 1, .most = 1000000},
    {"calls", RULE_WHOLE, .least = 0, .most = 100000000},
    {"mails", RULE_WHOLE, .least = 0, .most = 1000000},
    {"answer", RULE_SIZE},
    {"queued", RULE_DURATION},
    {"spending", RULE_TEXT}, // an exact decimal; manifest.c
    {NULL, RULE_END},
};

static const struct rule retry_rules[] = {
    {"attempts", RULE_WHOLE, true, .least = 1, .most = 20},
    {"wait", RULE_DURATION},
    {"factor", RULE_NUMBER},
    {"most", RULE_DURATION},
    {"jitter", RULE_WHOLE, .least = 0, .most = 100},
    {"on", RULE_TEXTS},
    {NULL, RULE_END},
};

static const struct rule benefit_rules[] = {
    {"minutes_per_item", RULE_NUMBER, true},
    {"measured", RULE_DATE},
    {NULL, RULE_END},
};

const struct rule manifest_rules[] = {
    {"title", RULE_WORDS, true},
    {"description", RULE_WORDS},
    {"owner", RULE_TEXT, true},
    {"deputy", RULE_TEXT},
    {"review", RULE_DATE},
    {"inputs", RULE_TABLES, .fields = input_rules},
    {"permits", RULE_ANY}, // lib/permit
    {"limits", RULE_TABLE, .fields = limit_rules},
    {"runs_at_once", RULE_WHOLE, .least = 1, .most = 1000},
    {"retry", RULE_TABLE, .fields = retry_rules},
    {"benefit", RULE_TABLE, .fields = benefit_rules},
    {NULL, RULE_END},
};

static const char *const tls_versions[] = {"1.0", "1.1", "1.2", "1.3", NULL};
static const char *const mail_tls[] = {"starttls", "none", NULL};

static const struct rule system_rules[] = {
    {"origin", RULE_TEXT, true},
    {"networks", RULE_ANY}, // a text or a list of texts; the gateway reads them
    {"calls_at_once", RULE_WHOLE, .least = 1, .most = 64},
    {"per_second", RULE_NUMBER},
    {"calls", RULE_TEXT},
    {"runs_at_once", RULE_WHOLE, .least = 1, .most = 1000},
    {"freeze_after", RULE_WHOLE, .least = 1, .most = 100},
    {"hours", RULE_TEXT},
    {"address", RULE_TEXT},
    {"ca", RULE_TEXT},
    {"tls", RULE_CHOICE, .choices = tls_versions},
    {"proxy", RULE_TEXT},
    {NULL, RULE_END},
};

static const struct rule mail_rules[] = {
    {"server", RULE_TEXT, true},
    {"from", RULE_TEXT, true},
    {"login", RULE_TEXT},
    {"freeze_after", RULE_WHOLE, .least = 1, .most = 100},
    {"tls", RULE_CHOICE, .choices = mail_tls},
    {"networks", RULE_ANY},
    {"ca", RULE_TEXT},
    {NULL, RULE_END},
};

static const struct rule remote_rules[] = {
    {"url", RULE_TEXT, true},  {"branch", RULE_TEXT},  {"every", RULE_DURATION},
    {"login", RULE_TEXT},                              // a secret of the kind basic, bearer or ssh_key
    {"ca", RULE_TEXT},                                 // a private authority, instead of the public ones
    {"host_keys", RULE_TEXTS},                         // "ssh-ed25519 AAAA…"
    {"push", RULE_BOOLEAN},    {"webhook", RULE_TEXT}, // a login of the kind signature whose origin is hook:remote
    {NULL, RULE_END},
};

static const struct rule alert_mail_rules[] = {
    {"to", RULE_TEXTS, true},
    {NULL, RULE_END},
};

static const struct rule alert_webhook_rules[] = {
    {"url", RULE_TEXT, true},
    {"secret", RULE_TEXT}, // a login of the kind signature
    {NULL, RULE_END},
};

static const struct rule web_rules[] = {
    {"listen", RULE_TEXT, true},
    {NULL, RULE_END},
};

static const struct rule alert_rules[] = {
    {"mail", RULE_TABLE, .fields = alert_mail_rules},
    {"webhook", RULE_TABLE, .fields = alert_webhook_rules},
    {"on", RULE_TEXTS},
    {"most_per_hour", RULE_WHOLE, .least = 1, .most = 1000},
    {NULL, RULE_END},
};

static const struct rule schedule_settings_rules[] = {
    {"missed_after", RULE_DURATION},
    {NULL, RULE_END},
};

static const struct rule person_rules[] = {
    {"name", RULE_TEXT, true}, {"email", RULE_TEXT, true}, {"keys", RULE_TEXTS},
    {"active", RULE_BOOLEAN},  {NULL, RULE_END},
};

static const struct rule life_rules[] = {
    {"warn_days", RULE_WHOLE, .least = 1, .most = 365},
    {"stop_days", RULE_WHOLE, .least = 1, .most = 730},
    {"month_end_from", RULE_WHOLE, .least = 15, .most = 31},
    {"month_end_to", RULE_WHOLE, .least = 1, .most = 14},
    {NULL, RULE_END},
};

static const char *const approval_cases[] = {"outside", "login", "mail", "spending", NULL};

const struct rule approval_more_rules[] = {
    {"when", RULE_CHOICE, true, .choices = approval_cases},
    {"approvers", RULE_WHOLE, .least = 1, .most = 10},
    {"group", RULE_TEXT},
    {"above", RULE_TEXT},
    {NULL, RULE_END},
};

static const struct rule approval_rules[] = {
    {"approvers", RULE_WHOLE, .least = 1, .most = 10},
    {"group", RULE_TEXT},
    {"more", RULE_ANY}, // a list; settings_approval.c
    {"signers", RULE_TEXTS},
    {NULL, RULE_END},
};

const struct rule settings_rules[] = {
    {"user", RULE_TEXT, .everywhere = true},
    {"store", RULE_TEXT},
    {"artifacts", RULE_ANY} /* a folder or a bucket: settings.c */,
    {"remote", RULE_TABLE, .fields = remote_rules},
    {"key", RULE_TEXT},
    {"sandbox", RULE_CHOICE, .choices = sandboxes},
    {"mode", RULE_CHOICE, .choices = modes},
    {"language", RULE_CHOICE, .choices = languages, .everywhere = true},
    {"timezone", RULE_TEXT, .everywhere = true},
    {"queued_runs", RULE_WHOLE, .least = 1, .most = 1000000},
    {"drain", RULE_DURATION},
    {"places", RULE_WHOLE, .least = 1, .most = 1000},
    {"shares", RULE_NAMED},
    {"mail", RULE_TABLE, .fields = mail_rules},
    {"systems", RULE_TABLES, .fields = system_rules},
    {"alerts", RULE_TABLE, .fields = alert_rules},
    {"web", RULE_TABLE, .fields = web_rules},
    {"limits", RULE_TABLE, .fields = limit_rules},
    {"schedules", RULE_TABLE, .fields = schedule_settings_rules},
    {"people", RULE_TABLES, .fields = person_rules, .everywhere = true},
    {"groups", RULE_LISTS, .everywhere = true},
    {"life", RULE_TABLE, .fields = life_rules, .everywhere = true},
    {"approval", RULE_TABLE, .fields = approval_rules},
    {"environment", RULE_TEXT, .everywhere = true},
    {"environments", RULE_ANY, .everywhere = true}, // settings_environments.c
    {"promotions", RULE_TEXTS, .everywhere = true}, // likewise
    {NULL, RULE_END},
};
