// See schedules_own.h. Each due time becomes a row of runs, with what started it as its cause: JSON that is kept as long
// as the run, so that years later it still says why it ran when it did.
#include "host/fault.h"
#include "host/queue.h"
#include "host/runs.h"
#include "host/schedules_own.h"
#include "host/turn.h"
#include "lib/calendar/instant.h"

enum { CAUSE_MAX = 16384, GIVEN_JSON_MAX = 262144, WORDS_MAX = 1024, KEYS_TRIED_MAX = 1000 };

// ---- the cause

static void write_local(struct json_writer *writer, const struct zone *zone, int64_t due_ms)
{
    SCOPED_BUF(text, 64);
    const struct instant instant = {.microseconds = due_ms * 1000, .zone = zone};
    json_write_key(writer, "local");
    if (instant_write_iso(&text, instant))
        json_write_text(writer, buf_text(&text));
    else
        json_write_null(writer);
}

static void write_words(struct json_writer *writer, const struct occurrence *occurrence)
{
    json_write_key(writer, "why");
    if (occurrence->moved == MOVED_NOT && occurrence->shown == WALL_ONCE) {
        json_write_null(writer);
        return;
    }
    json_begin_object(writer);
    for (enum language language = 0; language < LANGUAGE_COUNT; language++) {
        SCOPED_BUF(words, WORDS_MAX);
        json_write_key(writer, language_name(language));
        json_write_text(writer,
                        occurrence_words(&words, occurrence, language) ? buf_text(&words) : TEXT_OF(""));
    }
    json_end_object(writer);
}

void occurrence_write(struct json_writer *writer, const struct occurrence *occurrence, int64_t due_ms)
{
    json_write_key(writer, "due_ms");
    json_write_integer(writer, due_ms);
    json_write_key(writer, "rule_ms");
    json_write_integer(writer, occurrence->rule_ms);
    write_local(writer, occurrence->zone, due_ms);
    write_words(writer, occurrence);
}

static void begin_cause(struct json_writer *writer, const char *by, const char *schedule)
{
    json_begin_object(writer);
    json_write_key(writer, "by");
    json_write_string(writer, by);
    json_write_key(writer, "schedule");
    json_write_string(writer, schedule);
}

static bool cause_of_step(struct buf *out, const char *by, const char *schedule, const struct plan_step *step,
                          struct err *err)
{
    struct json_writer writer = json_writer_new(out);
    begin_cause(&writer, by, schedule);
    occurrence_write(&writer, &step->occurrence, step->due_ms);
    if (step->passed) {
        json_write_key(&writer, "passed");
        json_write_integer(&writer, step->passed);
        json_write_key(&writer, "more");
        json_write_boolean(&writer, step->more);
    }
    json_end_object(&writer);
    return json_writer_done(&writer) ? true : fail(err, ERR_LIMIT_PASSED, "cause", N(CAUSE_MAX));
}

// ---- what the run is given: [[name, value], …], values as a person would write them

static void append_value(struct buf *out, const struct json *value, int64_t earlier)
{
    struct text text;
    bool flag, good = true;
    if (earlier && json_text(value, &text) && text_is(text, "{run}"))
        good = buf_printf(out, "%lld", (long long)earlier);
    else if (json_text(value, &text) || json_number_text(value, &text))
        good = buf_append_text(out, text);
    else if (json_boolean(value, &flag))
        good = buf_append_string(out, flag ? "true" : "false");
    else
        for (const struct json *member = json_first(value); good && member; member = json_next(member)) {
            good = out->length == 0 || buf_append_char(out, ';');
            append_value(out, member, earlier);
        }
    (void)good; // what does not fit is refused by the manifest's own limits
}

static bool write_given(struct buf *out, const struct json *inputs, int64_t earlier, struct text more,
                        struct err *err)
{
    bool good = buf_append_char(out, '[');
    for (const struct json *input = json_first(inputs); good && input; input = json_next(input)) {
        SCOPED_BUF(value, GIVEN_JSON_MAX);
        append_value(&value, input, earlier);
        good = buf_append_string(out, out->length > 1 ? ",[" : "[") &&
               json_append_quoted(out, json_key(input)) && buf_append_char(out, ',') &&
               json_append_quoted(out, buf_text(&value)) && buf_append_char(out, ']');
    }
    if (good && more.length)
        good = (out->length == 1 || buf_append_char(out, ',')) && buf_append_text(out, more);
    good = good && buf_append_char(out, ']');
    return good ? true : fail(err, ERR_LIMIT_PASSED, "inputs", N(GIVEN_JSON_MAX));
}

// ---- rows

struct settling {
    struct schedules *schedules;
    const struct schedule_row *row;
    const struct schedule *schedule;
    int64_t now_ms, handled_ms, planned_ms, due_ms, missed;
    bool done;
};

static const char *const overlap_names[] = {[OVERLAP_WAIT] = "wait",
                                            [OVERLAP_SKIP] = "skip",
                                            [OVERLAP_PARALLEL] = "parallel",
                                            [OVERLAP_REPLACE] = "replace"};

// *id is 0 when there is a row of that key.
static bool add_row(int64_t *id, struct schedules *schedules, const struct schedule_row *row,
                    const struct schedule *schedule, int64_t planned_ms, int64_t due_ms, struct text cause,
                    const struct started *beside, const char *actor, bool approved, struct err *err)
{
    const struct schedule_facts *facts = schedule_facts(schedule);
    SCOPED_BUF(given, GIVEN_JSON_MAX);
    SCOPED_TEXT char *lane =
        facts->overlap == OVERLAP_PARALLEL ? xstrdup("") : xasprintf("schedule/%s", row->name);
    if (!write_given(&given, facts->inputs, beside ? beside->earlier : 0,
                     beside ? beside->inputs : TEXT_OF(""), err))
        return false;
    const struct run_plan plan = {.robot = facts->robot,
                                  .schedule = row->name,
                                  .actor = actor,
                                  .language = language_name(schedules->host->settings->language),
                                  .lane = lane,
                                  .overlap = overlap_names[facts->overlap],
                                  .planned_ms = planned_ms,
                                  .due_ms = due_ms,
                                  .priority = facts->priority,
                                  .needs_approval = facts->approve && !approved,
                                  .given = buf_text(&given),
                                  .cause = cause};
    return run_plan(schedules->host->store, id, &plan, err);
}

static bool plan_step_row(int64_t *id, struct settling *settling, const struct plan_step *step,
                          const char *by, int64_t due_ms, bool approved, struct err *err)
{
    SCOPED_BUF(cause, CAUSE_MAX);
    return cause_of_step(&cause, by, settling->row->name, step, err) &&
           add_row(id, settling->schedules, settling->row, settling->schedule, step->occurrence.due_ms,
                   due_ms, buf_text(&cause), NULL, "renki", approved, err);
}

// Why it does not run, as the fault of its row.
static char *fault_in(const struct settling *settling, const struct err *why)
{
    return fault_of(why, settling->schedules->host->settings->language);
}

static bool find_row(int64_t *id, struct planned_row *found, struct settling *settling,
                     const struct plan_step *step, struct err *err)
{
    if (*id) {
        *found = (struct planned_row){.id = *id, .planned = true};
        return true;
    }
    return store_planned_find(settling->schedules->host->store, found, settling->row->name,
                              step->occurrence.due_ms, err);
}

static bool miss_row(struct settling *settling, int64_t run, const struct plan_step *step, enum err_code code,
                     struct err *err)
{
    SCOPED_BUF(when, 64);
    struct err reason;
    const struct instant instant = {.microseconds = step->due_ms * 1000, .zone = step->occurrence.zone};
    if (!instant_write_iso(&when, instant))
        return fail(err, ERR_DATE_RANGE);
    (void)fail(&reason, code, settling->row->name, buf_string(&when), N(step->passed));
    settling->missed++;
    SCOPED_TEXT char *fault = fault_in(settling, &reason);
    return run_miss(settling->schedules->host->store, run, text_from(fault), "renki", err);
}

static bool do_miss(struct settling *settling, const struct plan_step *step, struct err *err)
{
    int64_t id;
    struct planned_row found;
    return plan_step_row(&id, settling, step, "time", step->due_ms, false, err) &&
           find_row(&id, &found, settling, step, err) &&
           (!found.planned || miss_row(settling, found.id, step, ERR_SCHEDULE_MISSED, err));
}

static bool do_catch_up(struct settling *settling, const struct plan_step *step, struct err *err)
{
    int64_t id;
    struct planned_row found;
    SCOPED_BUF(cause, CAUSE_MAX);
    if (!plan_step_row(&id, settling, step, "missed", settling->now_ms, false, err) ||
        !find_row(&id, &found, settling, step, err))
        return false;
    if (!found.planned)
        return true;
    if (schedule_facts(settling->schedule)->approve && !found.approved)
        return miss_row(settling, found.id, step, ERR_SCHEDULE_UNAPPROVED, err);
    settling->missed++;
    queue_at(settling->schedules->host, 1);
    return cause_of_step(&cause, "missed", settling->row->name, step, err) &&
           store_planned_now(settling->schedules->host->store, found.id, settling->now_ms, buf_text(&cause),
                             err);
}

static bool do_skip(struct settling *settling, const struct plan_step *step, struct err *err)
{
    int64_t id;
    SCOPED_BUF(words, WORDS_MAX);
    struct err reason;
    if (!plan_step_row(&id, settling, step, "time", step->due_ms, false, err))
        return false;
    if (!id)
        return true;
    if (!occurrence_words(&words, &step->occurrence, settling->schedules->host->settings->language))
        return fail(err, ERR_LIMIT_PASSED, "why", N(WORDS_MAX));
    (void)fail(&reason, ERR_SCHEDULE_CLOSED, settling->row->name, buf_string(&words));
    SCOPED_TEXT char *fault = fault_in(settling, &reason);
    return run_skip(settling->schedules->host->store, id, RUN_PLANNED, text_from(fault), "renki", err);
}

static bool watch_row(struct settling *settling, int64_t run, int64_t due_ms, bool unapproved,
                      struct err *err)
{
    struct store *store = settling->schedules->host->store;
    const int64_t late_ms = schedule_facts(settling->schedule)->late_ms;
    if (late_ms && !store_watch_add(store, run, "late", due_ms + late_ms, err))
        return false;
    return !unapproved || store_watch_add(store, run, "approval",
                                          due_ms + schedules_grace_ms(settling->schedules->host), err);
}

static bool do_due(struct settling *settling, const struct plan_step *step, struct err *err)
{
    int64_t id;
    if (step->occurrence.due_ms == settling->row->planned_ms)
        return true; // its row was there before it was due
    struct decision decision;
    if (!store_decision_find(settling->schedules->host->store, &decision, settling->row->name,
                             step->occurrence.due_ms, err))
        return false;
    if (strcmp(decision.kind, "call-off") == 0)
        return true;
    const bool approved = strcmp(decision.kind, "approve") == 0;
    if (!plan_step_row(&id, settling, step, "time", step->due_ms, approved, err))
        return false;
    queue_at(settling->schedules->host, 1);
    return id == 0 || watch_row(settling, id, step->due_ms,
                                schedule_facts(settling->schedule)->approve && !approved, err);
}

static bool call_off_row(struct settling *settling, int64_t id, const struct decision *decision,
                         struct err *err)
{
    struct err reason;
    (void)fail(&reason, ERR_SCHEDULE_CALLED_OFF, decision->actor, decision->why);
    SCOPED_TEXT char *fault = fault_in(settling, &reason);
    const struct run_end end = {.fault = text_from(fault)};
    return run_cancel(settling->schedules->host->store, id, RUN_PLANNED, &end, decision->actor, err);
}

// What runs already under this key, or was called off, is not planned again: the next one is.
static bool do_ahead(struct settling *settling, const struct plan_step *step, struct err *err)
{
    struct store *store = settling->schedules->host->store;
    struct decision decision;
    struct planned_row found;
    int64_t id;
    if (!store_decision_find(store, &decision, settling->row->name, step->occurrence.due_ms, err))
        return false;
    const bool approved = strcmp(decision.kind, "approve") == 0, off = strcmp(decision.kind, "call-off") == 0;
    if (!plan_step_row(&id, settling, step, "time", step->due_ms, approved, err) ||
        !find_row(&id, &found, settling, step, err))
        return false;
    if (off && id && !call_off_row(settling, id, &decision, err))
        return false;
    settling->done = found.planned && !off;
    if (!settling->done)
        return true;
    settling->planned_ms = step->occurrence.due_ms;
    settling->due_ms = step->due_ms;
    return id == 0 || watch_row(settling, id, step->due_ms,
                                schedule_facts(settling->schedule)->approve && !approved, err);
}

static bool do_end(struct settling *settling, const struct plan_step *step, struct err *err)
{
    (void)step, (void)err;
    settling->done = true;
    return true;
}

static bool (*const doings[])(struct settling *settling, const struct plan_step *step, struct err *err) = {
    [PLAN_END] = do_end,           [PLAN_AHEAD] = do_ahead, [PLAN_DUE] = do_due,
    [PLAN_CATCH_UP] = do_catch_up, [PLAN_MISS] = do_miss,   [PLAN_SKIP] = do_skip,
};

// What is behind us is handled; of what is ahead only what does not run.
static void note_handled(struct settling *settling, const struct plan_step *step)
{
    if (!settling->done && (step->kind != PLAN_SKIP || step->due_ms <= settling->now_ms))
        settling->handled_ms = step->occurrence.due_ms;
}

bool schedule_settle(struct schedules *schedules, const struct schedule_row *row,
                     const struct schedule *schedule, struct err *err)
{
    struct settling settling = {.schedules = schedules,
                                .row = row,
                                .schedule = schedule,
                                .now_ms = schedules_now_ms(schedules->host),
                                .handled_ms = row->handled_ms};
    struct plan plan;
    plan_begin(&plan, row->name, schedule, schedules->calendars, row->handled_ms, settling.now_ms,
               schedules_grace_ms(schedules->host));
    while (!settling.done) {
        struct plan_step step;
        if (!plan_next(&step, &plan, err) || !doings[step.kind](&settling, &step, err))
            return false;
        note_handled(&settling, &step);
    }
    if (settling.due_ms)
        queue_at(schedules->host, settling.due_ms);
    return store_schedule_moved(schedules->host->store, row->name, settling.handled_ms, settling.planned_ms,
                                settling.due_ms, err) &&
           (settling.missed == 0 || schedule_tell_missed(schedules, row, settling.missed, err));
}

// ---- runs beside the rule

// Under a key of its own: the first free one from there on.
static bool add_beside(int64_t *run, struct schedules *schedules, const struct schedule_row *row,
                       const struct schedule *schedule, int64_t planned_ms, struct text cause,
                       const struct started *beside, const char *actor, struct err *err)
{
    const int64_t now_ms = schedules_now_ms(schedules->host);
    *run = 0;
    for (int64_t key = planned_ms; *run == 0 && key < planned_ms + KEYS_TRIED_MAX; key++)
        if (!add_row(run, schedules, row, schedule, key, now_ms, cause, beside, actor, true, err))
            return false;
    queue_at(schedules->host, 1);
    return *run ? true : fail(err, ERR_LIMIT_PASSED, "runs", N(KEYS_TRIED_MAX));
}

bool schedule_start(struct schedules *schedules, int64_t *run, const struct schedule_row *row,
                    const struct schedule *schedule, const struct started *started, struct err *err)
{
    SCOPED_BUF(cause, CAUSE_MAX);
    struct json_writer writer = json_writer_new(&cause);
    const int64_t now_ms = schedules_now_ms(schedules->host);
    begin_cause(&writer, started->by, row->name);
    json_write_key(&writer, "due_ms");
    json_write_integer(&writer, now_ms);
    write_local(&writer, schedule_facts(schedule)->zone, now_ms);
    json_end_object(&writer);
    require(json_writer_done(&writer));
    if (started->facts.length) {
        cause.length--; // the object goes on
        if (!buf_append_char(&cause, ',') || !buf_append_text(&cause, started->facts) ||
            !buf_append_char(&cause, '}'))
            return fail(err, ERR_LIMIT_PASSED, "cause", N(CAUSE_MAX));
    }
    return add_beside(run, schedules, row, schedule, now_ms, buf_text(&cause), started, started->actor, err);
}

bool schedule_make_up(struct schedules *schedules, int64_t *run, const struct schedule_row *row,
                      const struct schedule *schedule, const struct occurrence *occurrence, const char *actor,
                      struct err *err)
{
    SCOPED_BUF(cause, CAUSE_MAX);
    const struct plan_step step = {.occurrence = *occurrence, .due_ms = occurrence->due_ms};
    return cause_of_step(&cause, "backfill", row->name, &step, err) &&
           add_beside(run, schedules, row, schedule, occurrence->due_ms, buf_text(&cause), NULL, actor, err);
}
