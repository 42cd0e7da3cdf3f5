// The keys of a schedule file, and what each may be.
#include "lib/schedule/schedule_own.h"

static const char *const missed[] = {"skip", "once", "all", NULL};
static const char *const overlap[] = {"wait", "skip", "parallel", "replace", NULL};

static const struct rule after_rules[] = {
    {"robot", RULE_TEXT, true},
    {"on", RULE_ANY}, // a text or a list of texts
    {NULL, RULE_END},
};

static const struct rule file_rules[] = {
    {"share", RULE_TEXT, true}, {"pattern", RULE_TEXT, true}, {"stable", RULE_DURATION},
    {"input", RULE_TEXT},       {"done", RULE_TEXT},          {NULL, RULE_END},
};

static const char *const signatures[] = {"renki", "github", NULL};

static const struct rule webhook_rules[] = {
    {"secret", RULE_TEXT, true}, {"window", RULE_DURATION}, {"signature", RULE_CHOICE, .choices = signatures},
    {"inputs", RULE_NAMED},      {NULL, RULE_END},
};

static const struct rule queue_rules[] = {
    {"name", RULE_TEXT, true},
    {"at_least", RULE_WHOLE, .least = 1, .most = 1000000},
    {NULL, RULE_END},
};

const struct rule schedule_rules[] = {
    {"robot", RULE_TEXT, true},
    {"title", RULE_WORDS},
    {"cron", RULE_TEXT},
    {"rrule", RULE_TEXT},
    {"dtstart", RULE_TEXT},
    {"business_day", RULE_ANY},
    {"at", RULE_TEXT},
    {"months", RULE_ANY},
    {"after", RULE_TABLE, .fields = after_rules},
    {"file", RULE_TABLE, .fields = file_rules},
    {"webhook", RULE_TABLE, .fields = webhook_rules},
    {"queue", RULE_TABLE, .fields = queue_rules},
    {"timezone", RULE_TEXT},
    {"calendar", RULE_ANY},
    {"missed", RULE_CHOICE, .choices = missed},
    {"overlap", RULE_CHOICE, .choices = overlap},
    {"jitter", RULE_DURATION},
    {"from", RULE_TEXT},
    {"until", RULE_TEXT},
    {"inputs", RULE_ANY}, // checked against the robot's manifest
    {"priority", RULE_WHOLE, .least = -100, .most = 100},
    {"approve", RULE_BOOLEAN},
    {"late", RULE_DURATION},
    {NULL, RULE_END},
};
