// See life.h: where a robot stands, and what people are told of it. life_retire.c ends it.
#include "host/life.h"

#include "host/alerts.h"
#include "host/life_stage.h"
#include "host/people.h"
#include "host/store/lives.h"
#include "host/today.h"
#include "host/turn.h"
#include "lib/calendar/parse.h"

#include <stdio.h>

enum { CONTENT_MAX = 8192, DATE_TEXT_SIZE = 16 };

// Where a robot stands today.
struct standing {
    bool reviewed; // it has a review date at all
    bool owner_active;
    struct date review, stops;
    enum life_stage stage;
};

struct looking {
    const struct settings *settings;
    bool found;
};

static void look_whether_active(void *owner, const char *login)
{
    struct looking *looking = owner;
    struct person person;
    looking->found =
        looking->found || (person_find(&person, looking->settings, login) && person.listed && person.active);
}

// Where nobody is listed, nobody can be known to have left.
static bool is_active(const struct settings *settings, const char *name)
{
    struct looking looking = {.settings = settings};
    if (!settings->people)
        return name != NULL;
    if (name)
        people_each(settings, name, look_whether_active, &looking);
    return looking.found;
}

static bool read_date(struct date *out, const char *text)
{
    struct err ignored;
    return text[0] && date_parse(out, text_from(text), &ignored);
}

static struct standing stand(struct host *host, const struct manifest *manifest, const struct life_row *life)
{
    struct standing standing = {.reviewed = manifest->review_set, .review = manifest->review};
    struct date kept;
    if (read_date(&kept, life->kept_until) &&
        (!standing.reviewed || date_compare(kept, standing.review) > 0)) {
        standing.review = kept;
        standing.reviewed = true;
    }
    standing.owner_active =
        is_active(host->settings, manifest->owner) || is_active(host->settings, manifest->deputy);
    if (standing.reviewed)
        standing.stage = life_stage(&standing.stops, &host->settings->life, standing.review,
                                    standing.owner_active, today(host));
    return standing;
}

static void date_to_text(char out[DATE_TEXT_SIZE], struct date date)
{
    snprintf(out, DATE_TEXT_SIZE, "%04d-%02d-%02d", date.year, date.month, date.day);
}

// ---- before a start

bool life_check(struct host *host, const char *robot, struct err *err)
{
    struct life_row life;
    int64_t retired_ms;
    if (!store_life_retired(host->store, &retired_ms, robot, err))
        return false;
    if (!retired_ms)
        return true;
    if (!store_life_load(host->store, &life, robot, err))
        return false;
    (void)fail(err, ERR_ROBOT_RETIRED, robot, life.retired_by, life.retired_why);
    life_row_dispose(&life);
    return false;
}

static enum phrase words_of(enum life_stage stage)
{
    static const enum phrase words[] = {[LIFE_FINE] = PHRASE_LIFE_FINE,
                                        [LIFE_PAST] = PHRASE_LIFE_PAST,
                                        [LIFE_ASKED] = PHRASE_LIFE_ASKED,
                                        [LIFE_WARNED] = PHRASE_LIFE_WARNED,
                                        [LIFE_STOPPED] = PHRASE_LIFE_STOPPED};
    return words[stage];
}

// Once when a stage begins, and once a week while it lasts.
static bool tell(struct session *session, const struct life_row *life, const struct standing *standing,
                 struct err *err)
{
    struct host *host = session->host;
    char review[DATE_TEXT_SIZE], stops[DATE_TEXT_SIZE];
    SCOPED_BUF(words, CONTENT_MAX);
    if (standing->stage == LIFE_FINE ||
        (life->stage == standing->stage && store_now_ms(host->store) - life->told_ms < LIFE_TOLD_AGAIN_MS))
        return true;
    date_to_text(review, standing->review);
    date_to_text(stops, standing->stops);
    phrase_append(&words, host->settings->language, words_of(standing->stage), review, stops);
    const struct alert alert = {
        .kind = ALERT_REVIEW, .run = session->id, .subject = session->robot, .detail = buf_string(&words)};
    return turn_begin(host, err) && alert_raise(host, &alert, err) &&
           store_life_told(host->store, session->robot, (int64_t)standing->stage, err);
}

bool life_check_scheduled(struct session *session, struct err *err)
{
    struct host *host = session->host;
    struct life_row life;
    char review[DATE_TEXT_SIZE];
    if (!store_life_load(host->store, &life, session->robot, err))
        return false;
    const struct standing standing = stand(host, session->pin->manifest, &life);
    const bool told = tell(session, &life, &standing, err);
    life_row_dispose(&life);
    if (!told || standing.stage != LIFE_STOPPED)
        return told;
    date_to_text(review, standing.review);
    return fail(err, ERR_ROBOT_UNOWNED, session->robot, review);
}

// ---- for people

static void write_text(struct json_writer *out, const char *key, const char *text)
{
    json_write_key(out, key);
    json_write_string(out, text && text[0] ? text : NULL);
}

static void write_date(struct json_writer *out, const char *key, bool there, struct date date)
{
    char text[DATE_TEXT_SIZE] = "";
    if (there)
        date_to_text(text, date);
    write_text(out, key, text);
}

static void write_standing(struct json_writer *out, struct host *host, const struct manifest *manifest,
                           const struct life_row *life)
{
    const struct standing standing = stand(host, manifest, life);
    write_text(out, "title", manifest_words(manifest->title, host->settings->language, ""));
    write_text(out, "owner", manifest->owner);
    write_text(out, "deputy", manifest->deputy);
    json_write_key(out, "owner_active");
    json_write_boolean(out, standing.owner_active);
    write_date(out, "review", standing.reviewed, standing.review);
    write_text(out, "stage", life_stage_name(standing.stage));
    write_date(out, "stops", standing.reviewed && !standing.owner_active, standing.stops);
}

bool life_write(struct json_writer *out, struct host *host, const char *robot,
                const struct manifest *manifest, struct err *err)
{
    struct life_row life;
    if (!store_life_load(host->store, &life, robot, err))
        return false;
    json_begin_object(out);
    write_text(out, "robot", robot);
    if (manifest)
        write_standing(out, host, manifest, &life);
    write_text(out, "kept_by", life.kept_by);
    write_text(out, "kept_why", life.kept_why);
    write_text(out, "retired_by", life.retired_by);
    write_text(out, "retired_why", life.retired_why);
    json_write_key(out, "retired_ms");
    json_write_integer(out, life.retired_ms);
    json_end_object(out);
    life_row_dispose(&life);
    return true;
}

// ---- keeping

static bool may_keep(struct host *host, struct date until, const char *written, const char *actor,
                     struct err *err)
{
    const int64_t days = (int64_t)date_to_days(until) - date_to_days(today(host));
    if (days <= 0 || days > LIFE_KEEP_DAYS_MAX)
        return fail(err, ERR_LIFE_UNTIL, written, N(LIFE_KEEP_DAYS_MAX));
    return person_is_active(host->settings, actor) || fail(err, ERR_LIFE_NOT_ACTIVE, actor);
}

bool life_keep(struct host *host, const char *robot, const char *until, const char *actor, const char *why,
               struct err *err)
{
    struct date date;
    char day[DATE_TEXT_SIZE];
    SCOPED_BUF(content, CONTENT_MAX);
    struct json_writer writer = json_writer_new(&content);
    if (!read_date(&date, until))
        return fail(err, ERR_LIFE_UNTIL, until, N(LIFE_KEEP_DAYS_MAX));
    date_to_text(day, date);
    if (!may_keep(host, date, until, actor, err) ||
        !store_life_keep(host->store, robot, day, actor, why, err))
        return false;
    json_begin_object(&writer);
    write_text(&writer, "robot", robot);
    write_text(&writer, "until", day);
    write_text(&writer, "why", why);
    json_end_object(&writer);
    require(json_writer_done(&writer));
    return store_audit(host->store, actor, "robot.kept", 0, buf_text(&content), err);
}
