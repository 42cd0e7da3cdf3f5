// See questions.h.
#include "host/questions.h"

#include "host/alerts.h"
#include "host/artifact.h"
#include "host/fault.h"
#include "host/handlers.h"
#include "host/over.h"
#include "host/queue.h"
#include "host/today.h"
#include "host/turn.h"
#include "host/watches.h"
#include "lib/base/log.h"
#include "lib/calendar/parse.h"

enum {
    EVIDENCE_MAX = 400000,
    FORM_MAX = 220000,
    ANSWER_MAX = 400000,
    FILES_MAX = 20,
    GIVEN_MAX = 200,
    DUE_AT_ONCE = 1000,                    // questions that one transaction sees to
    DOUBT_DEPUTY_MS = 24 * 60 * 60 * 1000, // then the deputy is asked
    DUE_DAYS_MAX = 1100
};

// ---- the row of a new one

static struct question new_question(const struct session *session, const char *kind, struct text scope,
                                    struct text key, int64_t position)
{
    return (struct question){
        .run = session->id,
        .position = position,
        .kind = xstrdup(kind),
        .scope = text_copy(scope),
        .key = text_copy(key),
        .entry = xstrdup(kind),
        .state = xstrdup("open"),
        .title = text_copy(key),
        .text = xstrdup(""),
        .person = xstrdup(""),
        .escalate = xstrdup(""),
        .fields = xstrdup(""),
        .files = xstrdup(""),
        .otherwise = xstrdup(""),
        .amount = xstrdup(""),
        .evidence = xstrdup(""),
        .answer = xstrdup(""),
        .actor = xstrdup(""),
        .asked_ms = store_now_ms(session->host->store),
        .next = xstrdup(""),
    };
}

static void set(char **at, const char *value)
{
    xfree(*at);
    *at = xstrdup(value);
}

static void plan(struct question *question, const char *next, int64_t next_ms)
{
    set(&question->next, next);
    question->next_ms = next_ms;
}

// What the audit log keeps of it: never the values of an answer.
static bool audit(struct host *host, const struct question *question, const char *event, const char *actor,
                  const char *verdict, struct err *err)
{
    SCOPED_BUF(content, 8192);
    struct json_writer writer = json_writer_new(&content);
    json_begin_object(&writer);
    json_write_key(&writer, "question");
    json_write_integer(&writer, question->id);
    json_write_key(&writer, "key");
    json_write_lossy(&writer, text_from(question->key));
    json_write_key(&writer, "to");
    json_write_lossy(&writer, text_from(question->person));
    json_write_key(&writer, "answer");
    json_write_string(&writer, verdict);
    json_end_object(&writer);
    return !json_writer_done(&writer) ||
           store_audit(host->store, actor, event, question->run, buf_text(&content), err);
}

static bool add(struct session *session, struct question *question, struct err *err)
{
    struct host *host = session->host;
    if (!turn_begin(host, err) || !store_question_add(host->store, &question->id, question, err))
        return false;
    if (question->id == 0)
        return true; // it is asked already
    queue_at(host, question->next_ms);
    return audit(host, question, "question.asked", session->actor, NULL, err);
}

// ---- was it done?

static bool take_evidence(struct question *question, struct host *host, struct err *err)
{
    struct buf out = buf_new(EVIDENCE_MAX);
    struct json_writer writer = json_writer_new(&out);
    if (!store_evidence(host->store, &writer, question->run, text_from(question->scope),
                        text_from(question->key), err)) {
        buf_dispose(&out);
        return false;
    }
    if (!json_writer_done(&writer)) {
        buf_dispose(&out);
        return true;
    }
    xfree(question->evidence);
    question->evidence = buf_steal(&out);
    return true;
}

bool questions_doubt(struct session *session, const struct entry *entry, struct err *err)
{
    const struct manifest *manifest = session->pin->manifest;
    struct question question = new_question(session, "doubt", entry->scope, entry->key, entry->position);
    xfree(question.entry);
    xfree(question.amount);
    question.entry = text_copy(entry->kind);
    question.amount = text_copy(entry->amount);
    set(&question.person, manifest->owner ? manifest->owner : "");
    if (manifest->deputy) {
        set(&question.escalate, manifest->deputy);
        plan(&question, "escalate", question.asked_ms + DOUBT_DEPUTY_MS);
    }
    const struct alert alert = {
        .kind = ALERT_IN_DOUBT, .run = session->id, .subject = session->robot, .detail = question.title};
    const bool good = take_evidence(&question, session->host, err) && add(session, &question, err) &&
                      (question.id == 0 || alert_raise(session->host, &alert, err));
    question_dispose(&question);
    return good;
}

bool questions_parked(bool *woken, struct host *host, int64_t run, const char *actor, struct err *err)
{
    int64_t open = 0;
    *woken = false;
    if (!store_question_open(host->store, &open, run, err))
        return false;
    if (open)
        return true;
    *woken = true;
    return queue_wake(host, run, actor, err);
}

// ---- forms

// The fields are checked by what checks a manifest's inputs; the document that it reads is made for that alone.
static bool read_form(struct manifest **out, const char *fields, struct problems *problems)
{
    SCOPED_BUF(text, FORM_MAX);
    SCOPED(json_document)
    document = NULL;
    struct err err;
    if (!json_parse(&document, text_from(fields), &err)) {
        *problems_add(problems) = err;
        return false;
    }
    struct json_writer writer = json_writer_new(&text);
    json_begin_object(&writer);
    json_write_key(&writer, "title");
    json_write_string(&writer, "form");
    json_write_key(&writer, "owner");
    json_write_string(&writer, "form");
    json_write_key(&writer, "inputs");
    json_write_value(&writer, json_get(json_root(document), "inputs"));
    json_end_object(&writer);
    if (!json_writer_done(&writer)) {
        (void)fail(problems_add(problems), ERR_LIMIT_PASSED, "fields", N(FORM_MAX));
        return false;
    }
    return manifest_read(out, buf_text(&text), &run_limits_most, problems);
}

static char *check_form(struct host *host, const struct manifest *form, const struct given *given,
                        size_t count, struct problems *problems)
{
    struct buf out = buf_new(ANSWER_MAX);
    if (inputs_check(&out, form, given, count, today(host), problems))
        return buf_steal(&out);
    buf_dispose(&out);
    return NULL;
}

// otherwise: null, "fail", or an object name → text, which must be an answer that a person could give.
static bool take_otherwise(struct question *question, struct host *host, const struct json *value,
                           const struct manifest *form, struct problems *problems)
{
    struct given given[GIVEN_MAX];
    size_t count = 0;
    if (!value || json_kind(value) == JSON_NULL)
        return true;
    if (json_kind(value) == JSON_TEXT) {
        set(&question->otherwise, "\"fail\"");
        return true;
    }
    for (const struct json *member = json_first(value); member && count < GIVEN_MAX;
         member = json_next(member)) {
        given[count].name = json_key(member).data;
        if (json_text(member, &given[count].value))
            count++;
    }
    char *answer = check_form(host, form, given, count, problems);
    if (!answer)
        return false;
    xfree(question->otherwise);
    question->otherwise = answer;
    return true;
}

// "2 d" from now on, or a day: until its end.
static bool take_due(struct question *question, struct host *host, const char *due, struct problems *problems)
{
    int64_t wait_ms;
    struct date day;
    struct err err;
    if (due[0] == '\0')
        return true;
    if (duration_from_text(text_from(due), &wait_ms))
        question->due_ms = question->asked_ms + wait_ms;
    else if (date_parse(&day, text_from(due), &err))
        question->due_ms = day_end_ms(host, day);
    const int64_t left_ms = question->due_ms - question->asked_ms;
    if (left_ms > 0 && left_ms <= DUE_DAYS_MAX * 86400000LL)
        return true;
    (void)fail(problems_add(problems), ERR_QUESTION_DUE, due);
    return false;
}

// Three quarters of the time have passed: whoever is asked is reminded; then it is due.
static void plan_form(struct question *question, const char *deputy)
{
    if (!question->escalate[0] && deputy)
        set(&question->escalate, deputy);
    if (question->due_ms)
        plan(question, "remind", question->due_ms - (question->due_ms - question->asked_ms) / 4);
}

static bool take_files(struct question *question, struct session *session, const struct json *paths,
                       struct problems *problems)
{
    struct buf names = buf_new(FILES_MAX * 512);
    struct json_writer writer = json_writer_new(&names);
    struct err err;
    bool good = json_count(paths) <= FILES_MAX || fail(&err, ERR_LIMIT_PASSED, "files", N(FILES_MAX));
    json_begin_array(&writer);
    for (const struct json *path = json_first(paths); path && good; path = json_next(path)) {
        struct text text;
        good = json_text(path, &text) && artifact_take(session, text, TEXT_OF(""), &err);
        if (good)
            json_write_lossy(&writer, text);
    }
    json_end_array(&writer);
    if (!good || !json_writer_done(&writer)) {
        *problems_add(problems) = err;
        buf_dispose(&names);
        return false;
    }
    xfree(question->files);
    question->files = buf_steal(&names);
    return true;
}

static char *written(const struct json *value)
{
    struct buf out = buf_new(FORM_MAX);
    struct json_writer writer = json_writer_new(&out);
    json_write_value(&writer, value);
    if (json_writer_done(&writer))
        return buf_steal(&out);
    buf_dispose(&out);
    return xstrdup("");
}

static bool fill(struct question *question, struct session *session, const struct json *asked,
                 struct problems *problems)
{
    SCOPED(manifest)
    form = NULL;
    struct host *host = session->host;
    const struct manifest *manifest = session->pin->manifest;
    set(&question->title, json_string_or(json_get(asked, "title"), question->key));
    set(&question->text, json_string_or(json_get(asked, "text"), ""));
    set(&question->person, json_string_or(json_get(asked, "to"), manifest->owner));
    set(&question->escalate, json_string_or(json_get(asked, "escalate"), ""));
    xfree(question->fields);
    question->fields = written(json_get(asked, "fields"));
    if (!read_form(&form, question->fields, problems) ||
        !take_due(question, host, json_string_or(json_get(asked, "due"), ""), problems) ||
        !take_otherwise(question, host, json_get(asked, "otherwise"), form, problems) ||
        !take_files(question, session, json_get(asked, "files"), problems))
        return false;
    plan_form(question, manifest->deputy);
    return true;
}

static bool send_wrong(struct session *session, struct problems *problems)
{
    SCOPED_BUF(body, 16384);
    struct json_writer writer = json_writer_new(&body);
    err_write(&writer, &problems->items[0]);
    require(json_writer_done(&writer));
    channel_send(session->channel, MESSAGE_OF(ASKED, .state = TEXT_OF("wrong"), .answer = buf_text(&body)));
    return true;
}

static bool send_answer(struct session *session, const struct question *question)
{
    channel_send(session->channel,
                 MESSAGE_OF(ASKED, .state = text_from(question->state), .answer = text_from(question->answer),
                            .actor = text_from(question->actor), .time_ms = question->answered_ms));
    return true;
}

static bool put_asked(struct session *session, const struct question *question, struct err *err)
{
    const struct entry entry = {.kind = TEXT_OF("ask"),
                                .scope = text_from(question->scope),
                                .key = text_from(question->key),
                                .state = TEXT_OF("asked"),
                                .position = question->position,
                                .attempt = session->attempt};
    return store_entry_put(session->host->store, session->id, &entry, err);
}

static bool tell_asked(struct host *host, const struct question *question, struct err *err)
{
    const struct alert alert = {
        .kind = ALERT_TASK, .run = question->run, .subject = question->title, .detail = question->person};
    return alert_raise(host, &alert, err);
}

static bool ask(struct session *session, const struct message_ASK *message, struct err *err)
{
    struct problems problems = {0};
    SCOPED(json_document)
    document = NULL;
    struct question question = new_question(session, "ask", message->scope, message->key, message->position);
    bool good = json_parse(&document, message->question, err) && turn_begin(session->host, err);
    if (good && !fill(&question, session, json_root(document), &problems))
        send_wrong(session, &problems);
    else if (good && (good = add(session, &question, err) && put_asked(session, &question, err) &&
                             tell_asked(session->host, &question, err)))
        session_park(session, "question", 0);
    problems_dispose(&problems);
    question_dispose(&question);
    return good;
}

// The files that the question shows are kept first.
static bool send_files_ahead(struct session *session, const struct message_ASK *message,
                             const struct frame *frame)
{
    struct err ignored; // told when the question is read
    struct text paths[FILES_MAX];
    size_t count = 0;
    SCOPED(json_document)
    document = NULL;
    if (!json_parse(&document, message->question, &ignored))
        return false;
    for (const struct json *path = json_first(json_get(json_root(document), "files"));
         path && count < FILES_MAX; path = json_next(path))
        if (json_text(path, &paths[count]))
            count++;
    return artifact_ahead(session, frame, paths, count, questions_on_ask);
}

bool questions_on_ask(struct session *session, struct frame *frame, struct err *err)
{
    SCOPED(json_document)
    document = NULL;
    struct message_ASK message;
    struct question question;
    if (!wire_decode(&document, &message, frame, err))
        return false;
    if (!session_is_recorded(session))
        return handler_malformed(err, "ASK", "kind");
    if (send_files_ahead(session, &message, frame))
        return true;
    if (!store_question_find(session->host->store, &question, session->id, "ask", message.scope, message.key,
                             err))
        return handler_stored(session, false, err);
    bool good = true;
    if (question.id == 0)
        good = ask(session, &message, err);
    else if (strcmp(question.state, "open") == 0)
        session_park(session, "question", 0);
    else
        send_answer(session, &question);
    question_dispose(&question);
    return good || handler_stored(session, false, err);
}

// ---- answers

static bool settle_entry(struct host *host, const struct question *question, const char *state,
                         const char *actor, const char *result, struct err *err)
{
    SCOPED_TEXT char *note = xasprintf("%s: %s", actor, state);
    SCOPED_BUF(kept, ANSWER_MAX);
    if (result && !json_append_quoted(&kept, text_from(result)))
        return fail(err, ERR_LIMIT_PASSED, "result", N(ANSWER_MAX));
    const struct entry entry = {.scope = text_from(question->scope),
                                .key = text_from(question->key),
                                .state = text_from(state),
                                .amount = text_from(question->amount),
                                .note = text_from(note),
                                .result = kept.length ? buf_text(&kept) : TEXT_OF("null")};
    return store_entry_settle(host->store, question->run, &entry, err);
}

static bool wake(struct host *host, int64_t run, const char *actor, struct err *err)
{
    return queue_wake(host, run, actor, err) && store_run_for(host->store, run, "", err);
}

struct ending {
    struct host *host;
    int64_t run;
};

static void on_given_up(void *owner, const struct err *failed)
{
    struct ending *ending = owner;
    if (!failed)
        watches_end(ending->host, ending->run);
    xfree(ending);
}

static bool give_up(struct host *host, const struct question *question, const char *actor, struct err *err)
{
    struct err why;
    (void)fail(&why, ERR_DOUBT_GIVEN_UP, question->key, actor);
    SCOPED_TEXT char *fault = fault_of(&why, host->settings->language);
    const struct run_end end = {.fault = text_from(fault)};
    if (!run_fail(host->store, question->run, RUN_IN_DOUBT, &end, actor, err) ||
        !over(host, question->run, RUN_FAILED, err))
        return false;
    struct ending *ending = xcalloc(1, sizeof *ending);
    *ending = (struct ending){host, question->run};
    turn_after(host, on_given_up, ending);
    return true;
}

// A call's answer was not kept; that it was made is all there is.
static const char *done_state(const struct question *question)
{
    return strcmp(question->entry, "effect") == 0 ? "answered" : "done";
}

static bool apply(struct host *host, const struct question *question, const struct saying *saying,
                  struct err *err)
{
    const char *actor = saying->actor;
    if (strcmp(saying->verdict, "give up") == 0)
        return give_up(host, question, actor, err);
    const bool undone = strcmp(saying->verdict, "not done") == 0;
    return settle_entry(host, question, undone ? "failed" : done_state(question), actor, saying->result,
                        err) &&
           wake(host, question->run, actor, err);
}

static char *verdict_json(const struct saying *saying)
{
    struct buf out = buf_new(ANSWER_MAX);
    struct json_writer writer = json_writer_new(&out);
    json_begin_object(&writer);
    json_write_key(&writer, "was");
    json_write_string(&writer, saying->verdict);
    json_write_key(&writer, "result");
    json_write_string(&writer, saying->result);
    json_end_object(&writer);
    if (json_writer_done(&writer))
        return buf_steal(&out);
    buf_dispose(&out);
    return NULL;
}

static bool is_verdict(const char *verdict)
{
    return strcmp(verdict, "done") == 0 || strcmp(verdict, "not done") == 0 ||
           strcmp(verdict, "give up") == 0;
}

// The answer as JSON; NULL with what is wrong.
static char *answer_of(struct host *host, const struct question *question, const struct saying *saying,
                       struct problems *problems)
{
    const bool doubt = strcmp(question->kind, "doubt") == 0;
    if (doubt != is_verdict(saying->verdict) || (doubt && saying->given_count)) {
        (void)fail(problems_add(problems), doubt ? ERR_QUESTION_VERDICT : ERR_QUESTION_FORM, N(question->id));
        return NULL;
    }
    if (doubt)
        return verdict_json(saying);
    SCOPED(manifest)
    form = NULL;
    return read_form(&form, question->fields, problems)
               ? check_form(host, form, saying->given, saying->given_count, problems)
               : NULL;
}

static bool is_answerable(struct host *host, const struct question *question, bool gives_up, struct err *err)
{
    struct run_row row;
    enum run_state state;
    if (strcmp(question->state, "open") != 0)
        return fail(err, ERR_QUESTION_ANSWERED, N(question->id), question->actor);
    if (!store_run_load(host->store, &row, question->run, err))
        return false;
    const bool waits = run_state_from_name(&state, row.state) &&
                       (state == RUN_WAITING || state == RUN_IN_DOUBT || (state == RUN_RUNNING && !gives_up));
    SCOPED_TEXT char *name = xstrdup(row.state);
    run_row_dispose(&row);
    return waits || fail(err, ERR_QUESTION_OVER, N(question->id), N(question->run), name);
}

static bool write_answer(struct host *host, const struct question *question, const struct saying *saying,
                         const char *json, struct err *err)
{
    bool moved = false;
    const struct question_answer answer = {
        .state = "answered",
        .actor = saying->actor,
        .stands_in = !text_equal_ascii_case(text_from(saying->actor), text_from(question->person)),
        .answer = text_from(json),
    };
    if (!turn_begin(host, err) || !store_question_answer(host->store, &moved, question->id, &answer, err))
        return false;
    if (!moved)
        return fail(err, ERR_QUESTION_ANSWERED, N(question->id), "?");
    return audit(host, question, "question.answered", saying->actor,
                 saying->verdict[0] ? saying->verdict : "answered", err) &&
           apply(host, question, saying, err);
}

bool questions_answer(struct host *host, int64_t id, const struct saying *saying, struct problems *problems)
{
    struct question question;
    struct err err = {.code = ERR_NONE};
    const bool gives_up = strcmp(saying->verdict, "give up") == 0;
    bool good = store_question_load(host->store, &question, id, &err) &&
                is_answerable(host, &question, gives_up, &err);
    SCOPED_TEXT char *json = good ? answer_of(host, &question, saying, problems) : NULL;
    good = json && write_answer(host, &question, saying, json, &err);
    if (err.code != ERR_NONE) {
        turn_spoil(host, &err);
        *problems_add(problems) = err;
    }
    question_dispose(&question);
    return good;
}

// ---- by time

static bool expire(struct host *host, const struct question *question, struct err *err)
{
    bool moved = false;
    const struct question_answer answer = {
        .state = "expired", .actor = "renki", .answer = text_from(question->otherwise)};
    if (!store_question_answer(host->store, &moved, question->id, &answer, err))
        return false;
    if (!moved)
        return true; // answered meanwhile
    log_info("question.expired", "run=%lld question=%lld", (long long)question->run, (long long)question->id);
    const struct alert alert = {
        .kind = ALERT_OVERDUE, .run = question->run, .subject = question->title, .detail = question->person};
    return audit(host, question, "question.expired", "renki", "otherwise", err) &&
           alert_raise(host, &alert, err) && settle_entry(host, question, "done", "renki", NULL, err) &&
           wake(host, question->run, "renki", err);
}

static bool remind(struct host *host, const struct question *question, struct err *err)
{
    bool moved = false;
    const char *next = question->otherwise[0] ? "otherwise" : question->escalate[0] ? "escalate" : "overdue";
    if (!store_question_next(host->store, &moved, question, next, question->due_ms, question->person, err))
        return false;
    log_info("question.remind", "run=%lld question=%lld", (long long)question->run, (long long)question->id);
    const struct alert alert = {
        .kind = ALERT_TASK, .run = question->run, .subject = question->title, .detail = question->person};
    return !moved ||
           (audit(host, question, "question.reminded", "renki", NULL, err) && alert_raise(host, &alert, err));
}

static bool escalate(struct host *host, const struct question *question, struct err *err)
{
    bool moved = false;
    const char *person = question->escalate[0] ? question->escalate : question->person;
    if (!store_question_next(host->store, &moved, question, "", 0, person, err))
        return false;
    const struct alert alert = {
        .kind = ALERT_OVERDUE, .run = question->run, .subject = question->title, .detail = person};
    log_info("question.escalate", "run=%lld question=%lld", (long long)question->run,
             (long long)question->id);
    return !moved || (audit(host, question, "question.escalated", "renki", NULL, err) &&
                      alert_raise(host, &alert, err));
}

static const struct {
    const char *next;
    bool (*act)(struct host *host, const struct question *question, struct err *err);
} acts[] = {{"remind", remind}, {"escalate", escalate}, {"overdue", escalate}, {"otherwise", expire}};

static bool act(struct host *host, const struct question *question, struct err *err)
{
    for (size_t i = 0; i < COUNT_OF(acts); i++)
        if (strcmp(acts[i].next, question->next) == 0)
            return acts[i].act(host, question, err);
    return true;
}

bool questions_due(struct host *host, int64_t now_ms, struct err *err)
{
    for (int count = 0; count < DUE_AT_ONCE; count++) {
        struct question question;
        if (!store_question_due(host->store, &question, now_ms, err))
            return false;
        const bool found = question.id != 0;
        const bool good = !found || act(host, &question, err);
        question_dispose(&question);
        if (!good || !found)
            return good;
    }
    return true;
}
