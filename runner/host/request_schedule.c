// Requests about schedules: list, show, next, pause, resume, run, backfill, approve, call off. In the host.
//
// Before each, the folder is looked at, so that what a person has just written is what is answered; what a request
// changes is told when it is on disk.
#include "host/requests.h"
#include "host/schedules.h"
#include "host/store/schedules.h"
#include "host/store/troubles.h"
#include "host/turn.h"

enum {
    PAGE_MOST = 1000,  // schedules in one answer
    PAGE_BYTES = 1500, // of one in an answer, with room for its cause and problem
    RUNS_SHOWN = 10,
    TIMES_SHOWN = 5,
    OUT_MAX = BODY_MAX
};

// What is done once the files are read: appends the answer's JSON.
typedef bool (*schedule_act)(struct host *host, struct json_writer *out, const struct json *body,
                             struct err *err);

struct asked {
    struct host *host;
    struct answer *answer;
    struct json_document *body;
    schedule_act act;
    bool writes;
    char *reply;
};

static void asked_free(struct asked *asked)
{
    json_document_free(asked->body);
    xfree(asked->reply);
    xfree(asked);
}

static void on_stored(void *owner, const struct err *failed)
{
    struct asked *asked = owner;
    if (failed)
        answer_fail(asked->answer, failed);
    else
        answer_done(asked->answer, text_from(asked->reply));
    asked_free(asked);
}

static bool act(struct asked *asked, struct err *err)
{
    SCOPED_BUF(out, OUT_MAX);
    struct json_writer writer = json_writer_new(&out);
    if (asked->writes && !turn_begin(asked->host, err))
        return false;
    json_begin_object(&writer);
    if (!asked->act(asked->host, &writer, json_root(asked->body), err))
        return false;
    json_end_object(&writer);
    if (!json_writer_done(&writer))
        return fail(err, ERR_LIMIT_PASSED, "schedules", "900 KB");
    asked->reply = buf_steal(&out);
    return true;
}

static void on_synced(void *owner, const struct err *failed)
{
    struct asked *asked = owner;
    struct err err;
    if (failed || !act(asked, &err)) {
        if (!failed && asked->writes)
            turn_spoil(asked->host, &err);
        answer_fail(asked->answer, failed ? failed : &err);
        asked_free(asked);
    } else if (asked->writes)
        turn_after(asked->host, on_stored, asked);
    else
        on_stored(asked, NULL);
}

static bool begin(struct host *host, struct answer *answer, const struct json *body, schedule_act act_,
                  bool writes, struct err *err)
{
    struct asked *asked = xcalloc(1, sizeof *asked);
    SCOPED_BUF(copy, BODY_MAX); // the body is gone when the files are read
    struct json_writer writer = json_writer_new(&copy);
    json_write_value(&writer, body);
    *asked = (struct asked){.host = host, .answer = answer, .act = act_, .writes = writes};
    if (!json_parse(&asked->body, buf_text(&copy), err)) {
        xfree(asked);
        return false;
    }
    schedules_sync(host, on_synced, asked);
    return true;
}

// ---- reading

static int64_t within(int64_t number, int64_t least, int64_t most)
{
    return number < least ? least : number > most ? most : number;
}

static bool act_list(struct host *host, struct json_writer *out, const struct json *body, struct err *err)
{
    const int64_t most = within(json_int64_or(json_get(body, "most"), PAGE_MOST), 1, BODY_MAX / PAGE_BYTES);
    json_write_key(out, "schedules");
    return store_schedules_page(host->store, out, json_string_or(json_get(body, "after"), ""), most, err);
}

static void write_row(struct json_writer *out, const struct schedule_row *row)
{
    const struct {
        const char *key, *value;
    } texts[] = {{"name", row->name},
                 {"robot", row->robot},
                 {"paused_by", row->paused_by},
                 {"paused_why", row->paused_why}};
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        json_write_key(out, texts[i].key);
        json_write_lossy(out, text_from(texts[i].value));
    }
    json_write_key(out, "paused_ms");
    json_write_integer(out, row->paused_ms);
    json_write_key(out, "due_ms");
    json_write_integer(out, row->due_ms);
    json_write_key(out, "trigger");
    json_write_boolean(out, row->trigger);
}

static void write_parsed(struct json_writer *out, const char *key, const char *json)
{
    SCOPED(json_document)
    document = NULL;
    struct err ignored;
    json_write_key(out, key);
    if (json[0] && json_parse(&document, text_from(json), &ignored))
        json_write_value(out, json_root(document));
    else
        json_write_null(out);
}

// None of a schedule that has none, or can't say: what is wrong is told as its problem.
static void write_next(struct host *host, struct json_writer *out, const char *name)
{
    SCOPED_BUF(times, BODY_MAX);
    SCOPED(json_document)
    document = NULL;
    struct json_writer writer = json_writer_new(&times);
    struct err ignored;
    if (schedules_next(host, &writer, name, TIMES_SHOWN, &ignored) &&
        json_parse(&document, buf_text(&times), &ignored)) {
        json_write_value(out, json_root(document));
        return;
    }
    json_begin_array(out);
    json_end_array(out);
}

static bool show(struct host *host, struct json_writer *out, const struct schedule_row *row, struct err *err)
{
    write_row(out, row);
    write_parsed(out, "definition", row->definition);
    write_parsed(out, "problem", row->problem);
    json_write_key(out, "troubles");
    if (!store_troubles_write(host->store, out, row->name, err))
        return false;
    json_write_key(out, "runs");
    if (!store_schedule_runs(host->store, out, row->name, RUNS_SHOWN, err))
        return false;
    json_write_key(out, "next");
    write_next(host, out, row->name);
    return true;
}

static bool act_show(struct host *host, struct json_writer *out, const struct json *body, struct err *err)
{
    const char *name;
    struct schedule_row row;
    if (!body_text(&name, body, "schedule", err) || !store_schedule_load(host->store, &row, name, err))
        return false;
    const bool good = show(host, out, &row, err);
    schedule_row_dispose(&row);
    return good;
}

// Of one schedule; without a name what is planned of all of them.
static bool act_next(struct host *host, struct json_writer *out, const struct json *body, struct err *err)
{
    const char *name = json_string_or(json_get(body, "schedule"), NULL);
    const int64_t count = within(json_int64_or(json_get(body, "count"), TIMES_SHOWN), 1, PAGE_MOST);
    json_write_key(out, "times");
    return name ? schedules_next(host, out, name, count, err)
                : store_schedules_planned(host->store, out, count, err);
}

// ---- changing

static void write_done(struct json_writer *out, const char *name)
{
    json_write_key(out, "schedule");
    json_write_string(out, name);
}

static bool why_of(const char **why, const struct json *body, struct err *err)
{
    *why = json_string_or(json_get(body, "why"), "");
    return text_trim(text_from(*why)).length ? true : fail(err, ERR_SCHEDULE_WHY);
}

static bool act_pause(struct host *host, struct json_writer *out, const struct json *body, struct err *err)
{
    const char *name, *why;
    if (!body_text(&name, body, "schedule", err) || !why_of(&why, body, err))
        return false;
    write_done(out, name);
    return schedules_pause(host, name, body_actor(body), why, err);
}

static bool act_resume(struct host *host, struct json_writer *out, const struct json *body, struct err *err)
{
    const char *name;
    if (!body_text(&name, body, "schedule", err))
        return false;
    write_done(out, name);
    return schedules_resume(host, name, body_actor(body), err);
}

static bool act_run(struct host *host, struct json_writer *out, const struct json *body, struct err *err)
{
    const char *name;
    int64_t run;
    if (!body_text(&name, body, "schedule", err) ||
        !schedules_run_now(host, &run, name, body_actor(body), err))
        return false;
    write_done(out, name);
    json_write_key(out, "run");
    json_write_integer(out, run);
    return true;
}

static bool act_backfill(struct host *host, struct json_writer *out, const struct json *body, struct err *err)
{
    const char *name;
    int64_t count;
    const struct schedule_span span = {json_string_or(json_get(body, "from"), ""),
                                       json_string_or(json_get(body, "to"), ""),
                                       body_flag(body, "count_only")};
    if (!body_text(&name, body, "schedule", err) ||
        !schedules_backfill(host, &count, name, &span, body_actor(body), err))
        return false;
    write_done(out, name);
    json_write_key(out, "count");
    json_write_integer(out, count);
    return true;
}

static bool decide(struct host *host, struct json_writer *out, const struct json *body, bool call_off,
                   struct err *err)
{
    const char *name, *why = "";
    const char *time = json_string_or(json_get(body, "time"), "");
    if (!body_text(&name, body, "schedule", err) || (call_off && !why_of(&why, body, err)))
        return false;
    write_done(out, name);
    return schedules_decide(host, out, name, time, body_actor(body), call_off ? why : NULL, err);
}

static bool act_approve(struct host *host, struct json_writer *out, const struct json *body, struct err *err)
{
    return decide(host, out, body, false, err);
}

static bool act_call_off(struct host *host, struct json_writer *out, const struct json *body, struct err *err)
{
    return decide(host, out, body, true, err);
}

// ---- the handlers

#define REQUEST(name, act, writes)                                                                           \
    bool request_schedule_##name(struct host *host, struct answer *answer, const struct json *body,          \
                                 struct frame *frame, struct err *err)                                       \
    {                                                                                                        \
        (void)frame;                                                                                         \
        return begin(host, answer, body, act, writes, err);                                                  \
    }

REQUEST(list, act_list, false)
REQUEST(show, act_show, false)
REQUEST(next, act_next, false)
REQUEST(pause, act_pause, true)
REQUEST(resume, act_resume, true)
REQUEST(run, act_run, true)
REQUEST(backfill, act_backfill, true)
REQUEST(approve, act_approve, true)
REQUEST(call_off, act_call_off, true)
