// See trigger_webhook.h.
#include "host/trigger_webhook.h"

#include "host/schedules_own.h"

#include <stdio.h>

enum { INPUTS_MAX = 200000 };

struct found {
    struct schedule_row row;
    struct opened_schedule opened;
};

static void found_dispose(struct found *found)
{
    opened_schedule_dispose(&found->opened);
    schedule_row_dispose(&found->row);
}

static bool find(struct found *out, bool *there, struct host *host, const char *name, struct err *err)
{
    *there = false;
    if (!host->schedules || !store_schedule_find(host->store, there, &out->row, name, err))
        return host->schedules == NULL;
    if (!*there || !out->row.definition[0] || !out->row.stamp) {
        *there = false;
        return true;
    }
    if (!schedule_open_row(&out->opened, host->schedules, &out->row, err))
        return false;
    *there = schedule_facts(out->opened.schedule)->kind == SCHEDULE_WEBHOOK;
    return true;
}

bool trigger_webhook_find(struct host *host, bool *there, struct hook_rules *out, const char *name,
                          struct err *err)
{
    struct found found = {0};
    const bool good = find(&found, there, host, name, err);
    if (good && *there) {
        const struct schedule_facts *facts = schedule_facts(found.opened.schedule);
        *out = (struct hook_rules){.github = facts->webhook.github,
                                   .paused = found.row.paused_ms != 0,
                                   .window_ms = facts->webhook.window_ms};
        snprintf(out->secret, sizeof out->secret, "%s", facts->webhook.secret);
    }
    found_dispose(&found);
    return good;
}

// ["name","value"], as if a person had typed name=value.
static bool write_pair(struct buf *out, struct text name, const struct json *value, struct err *err)
{
    struct text text;
    const enum json_kind kind = json_kind(value);
    if (kind == JSON_TRUE || kind == JSON_FALSE)
        text = text_from(kind == JSON_TRUE ? "true" : "false");
    else if (!json_text(value, &text) && !json_number_text(value, &text)) {
        SCOPED_TEXT char *written = text_copy(name);
        return fail(err, ERR_HOOK_PAYLOAD, written);
    }
    return (!out->length || buf_append_char(out, ',')) && buf_append_char(out, '[') &&
                   json_append_quoted(out, name) && buf_append_char(out, ',') &&
                   json_append_quoted(out, text) && buf_append_char(out, ']')
               ? true
               : fail(err, ERR_LIMIT_PASSED, "inputs", N(INPUTS_MAX));
}

// With `inputs` only what the schedule names, under the robot's name for it; else everything of the payload.
static bool write_inputs(struct buf *out, const struct json *payload, const struct json *names,
                         struct err *err)
{
    if (!names) {
        for (const struct json *member = json_first(payload); member; member = json_next(member))
            if (json_kind(member) != JSON_NULL && !write_pair(out, json_key(member), member, err))
                return false;
        return true;
    }
    for (const struct json *name = json_first(names); name; name = json_next(name)) {
        const struct json *value = json_get(payload, json_string_or(name, ""));
        if (json_kind(value) != JSON_NULL && !write_pair(out, json_key(name), value, err))
            return false;
    }
    return true;
}

bool trigger_webhook_start(struct host *host, int64_t *run, const char *name, struct text payload,
                           struct err *err)
{
    struct found found = {0};
    SCOPED_BUF(inputs, INPUTS_MAX);
    SCOPED(json_document)
    document = NULL;
    bool there;
    *run = 0;
    if (!json_parse(&document, payload.length ? payload : TEXT_OF("{}"), err) ||
        json_kind(json_root(document)) != JSON_OBJECT)
        return fail(err, ERR_HOOK_PAYLOAD, name);
    bool good = find(&found, &there, host, name, err);
    if (good && there) {
        const struct schedule *schedule = found.opened.schedule;
        const struct started by_webhook = {.by = "webhook", .actor = "webhook"};
        struct started started = by_webhook;
        good = write_inputs(&inputs, json_root(document), schedule_facts(schedule)->webhook.inputs, err);
        started.inputs = buf_text(&inputs);
        good = good && schedule_start(host->schedules, run, &found.row, schedule, &started, err);
    }
    found_dispose(&found);
    return good;
}
