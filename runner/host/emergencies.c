// See emergencies.h.
#include "host/emergencies.h"

#include "host/alerts.h"
#include "host/runs.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"

#define ADMINISTRATORS "administrators"

enum { LISTED_MAX = 500, SIGNED_AGO_MAX_MS = 15 * 60 * 1000 };

// ---- who

static bool is_administrator(const struct settings *settings, const char *login)
{
    struct person person;
    return person_find(&person, settings, login) && person.listed && person.active &&
           group_has(settings, ADMINISTRATORS, login);
}

struct others {
    const struct host *host;
    const char *without; // NULL: nobody
    struct buf *out;
};

static void add_other(void *owner, const char *login)
{
    const struct others *others = owner;
    if (is_administrator(others->host->settings, login) &&
        (!others->without || strcmp(others->without, login) != 0))
        (void)!buf_printf(others->out, "%s%s", others->out->length ? ", " : "", login);
}

// "administrator, treasurer"; "-" when there is nobody.
static void write_others(struct buf *out, const struct host *host, const char *without)
{
    struct others others = {host, without, out};
    if (json_get(host->settings->groups, ADMINISTRATORS))
        people_each(host->settings, ADMINISTRATORS, add_other, &others);
    if (!out->length)
        (void)!buf_append_char(out, '-');
}

// ---- what is signed

static bool write_words(struct buf *out, const struct emergency_said *said)
{
    return buf_printf(out, "renki emergency\n\nRobot: %s\nTree: %s\nRun: %lld\nPerson: %s\nWhy: %s\nTime: ",
                      said->robot, said->tree, (long long)said->run, said->person->login, said->why);
}

bool emergency_payload(struct buf *out, const struct emergency_said *said)
{
    return write_words(out, said) && buf_printf(out, "%lld\n", (long long)clock_realtime_ms());
}

static bool is_of_now(struct text time)
{
    const int64_t now = clock_realtime_ms();
    int64_t said;
    return text_to_int64(text_trim(time), &said) && said <= now + SIGNED_AGO_MAX_MS &&
           said >= now - SIGNED_AGO_MAX_MS;
}

static bool is_signed(const struct emergency_said *said)
{
    SCOPED_BUF(words, EMERGENCY_SIGNED_MAX);
    struct sshsig_key key;
    struct text message, armor;
    const struct text whole = text_from(said->signature);
    return whole.length <= EMERGENCY_SIGNED_MAX && write_words(&words, said) &&
           sshsig_split(&message, &armor, whole) && text_starts(message, buf_string(&words)) &&
           is_of_now(text_of(message.data + words.length, message.length - words.length)) &&
           sshsig_verify(&key, armor, EMERGENCY_NAMESPACE, message) && keys_have(said->person->keys, &key);
}

// One line, nothing that a terminal obeys.
static bool is_line(const char *why)
{
    for (const char *at = why; *at; at++)
        if ((unsigned char)*at < 0x20 || *at == 0x7F)
            return false;
    return *why && strlen(why) <= EMERGENCY_WHY_MAX;
}

bool emergency_may(const struct host *host, const struct emergency_said *said, struct err *err)
{
    SCOPED_BUF(who, ERR_ARGUMENT_MAX);
    if (!said->why || !is_line(said->why))
        return fail(err, ERR_EMERGENCY_WHY);
    if (!is_administrator(host->settings, said->person->login)) {
        write_others(&who, host, NULL);
        return fail(err, ERR_EMERGENCY_WHO, said->person->login, buf_string(&who));
    }
    if (said->person->keys && !said->signature)
        return fail(err, ERR_APPROVAL_SIGN, said->person->login);
    return !said->signature || is_signed(said) || fail(err, ERR_APPROVAL_SIGNATURE, said->person->login);
}

// ---- what is said

static struct emergency_word word_of(const struct host *host, const struct emergency_said *said,
                                     char **account, char **by)
{
    const bool own = said->signature || strcmp(said->person->login, host->account) == 0;
    *account = xstrdup(own ? "" : host->account);
    *by = xstrdup(said->person->login);
    return (struct emergency_word){*by, *account, NULL, 0};
}

static bool audit(struct host *host, const struct emergency_said *said, const char *event,
                  const char *account, struct err *err)
{
    SCOPED_BUF(content, 8192);
    struct json_writer writer = json_writer_new(&content);
    const struct {
        const char *key, *value;
    } texts[] = {{"robot", said->robot},
                 {"tree", said->tree},
                 {*account ? "account" : "by", *account ? account : said->person->login},
                 {"why", said->why}};
    json_begin_object(&writer);
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        json_write_key(&writer, texts[i].key);
        json_write_string(&writer, texts[i].value);
    }
    json_end_object(&writer);
    require(json_writer_done(&writer));
    log_info(event, "run=%lld robot=%s person=%s", (long long)said->run, said->robot, said->person->login);
    return store_audit(host->store, said->person->login, event, said->run, buf_text(&content), err);
}

static bool tell(struct host *host, const struct emergency_said *said, const char *asked, struct err *err)
{
    SCOPED_TEXT char *detail = asked ? xasprintf("%s + %s: %s", asked, said->person->login, said->why)
                                     : xasprintf("%s: %s", said->person->login, said->why);
    const struct alert alert = {
        .kind = ALERT_EMERGENCY, .run = said->run, .subject = said->robot, .detail = detail};
    return alert_raise(host, &alert, err);
}

bool emergency_ask(struct host *host, const struct emergency_said *said, struct err *err)
{
    SCOPED_TEXT char *account = NULL, *by = NULL;
    SCOPED_TEXT char *robot = xstrdup(said->robot), *tree = xstrdup(said->tree), *why = xstrdup(said->why),
                     *signature = xstrdup(said->signature ? said->signature : "");
    struct emergency_row row = {.run = said->run, .robot = robot, .tree = tree, .why = why};
    row.asked = word_of(host, said, &account, &by);
    row.asked.signed_ = signature;
    return store_emergency_add(host->store, &row, err) &&
           audit(host, said, "emergency.asked", account, err) && tell(host, said, NULL, err);
}

bool emergency_allow(struct host *host, const struct emergency_said *said, struct err *err)
{
    SCOPED_TEXT char *account = NULL, *by = NULL,
                     *signature = xstrdup(said->signature ? said->signature : "");
    SCOPED_BUF(who, ERR_ARGUMENT_MAX);
    struct emergency_row row;
    bool found = false, changed = false;
    if (!store_emergency_load(host->store, &row, &found, said->run, err))
        return false;
    SCOPED_TEXT char *asked = xstrdup(found ? row.asked.by : "");
    emergency_row_dispose(&row);
    if (!found)
        return fail(err, ERR_EMERGENCY_NONE, N(said->run));
    if (strcmp(asked, said->person->login) == 0) {
        write_others(&who, host, asked);
        return fail(err, ERR_EMERGENCY_SAME, asked, N(said->run), buf_string(&who));
    }
    struct emergency_word word = word_of(host, said, &account, &by);
    word.signed_ = signature;
    if (!store_emergency_allow(host->store, &changed, said->run, &word, err))
        return false;
    if (!changed)
        return fail(err, ERR_EMERGENCY_NONE, N(said->run));
    return store_queue_release(host->store, said->run, err) &&
           audit(host, said, "emergency.allowed", account, err) && tell(host, said, asked, err);
}

// ---- what it is worth

static enum emergency_state state_of(const struct host *host, const struct emergency_row *row,
                                     const char *tree)
{
    if (strcmp(row->tree, tree) != 0 || !is_administrator(host->settings, row->asked.by))
        return EMERGENCY_NOT;
    if (!row->allowed.by[0])
        return store_now_ms(host->store) < row->asked.time_ms + EMERGENCY_WAIT_MS ? EMERGENCY_WAITS
                                                                                  : EMERGENCY_TOO_LATE;
    return strcmp(row->allowed.by, row->asked.by) != 0 && is_administrator(host->settings, row->allowed.by)
               ? EMERGENCY_ALLOWED
               : EMERGENCY_NOT;
}

bool emergency_of(struct host *host, enum emergency_state *out, int64_t *until_ms, int64_t run,
                  const char *tree, struct err *err)
{
    struct emergency_row row;
    bool found = false;
    if (!store_emergency_load(host->store, &row, &found, run, err))
        return false;
    *out = found ? state_of(host, &row, tree) : EMERGENCY_NOT;
    *until_ms = row.asked.time_ms + EMERGENCY_WAIT_MS;
    emergency_row_dispose(&row);
    return true;
}

// ---- for people

static bool write_row(void *owner, const struct emergency_row *row, struct err *err)
{
    struct json_writer *out = owner;
    const struct {
        const char *key, *value;
    } texts[] = {{"robot", row->robot},
                 {"tree", row->tree},
                 {"why", row->why},
                 {"asked_by", row->asked.by},
                 {"asked_account", row->asked.account},
                 {"asked_signed", row->asked.signed_},
                 {"allowed_by", row->allowed.by},
                 {"allowed_account", row->allowed.account},
                 {"allowed_signed", row->allowed.signed_}};
    const struct {
        const char *key;
        int64_t value;
    } numbers[] = {{"run", row->run}, {"asked_ms", row->asked.time_ms}, {"allowed_ms", row->allowed.time_ms}};
    (void)err;
    json_begin_object(out);
    for (size_t i = 0; i < COUNT_OF(numbers); i++) {
        json_write_key(out, numbers[i].key);
        json_write_integer(out, numbers[i].value);
    }
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        json_write_key(out, texts[i].key);
        json_write_string(out, texts[i].value);
    }
    json_end_object(out);
    return true;
}

bool emergency_write(struct json_writer *out, struct host *host, int64_t run, struct err *err)
{
    struct emergency_row row;
    bool found = false;
    json_write_key(out, "emergency");
    const bool good = store_emergency_load(host->store, &row, &found, run, err);
    if (found)
        (void)!write_row(out, &row, err);
    else
        json_write_null(out);
    emergency_row_dispose(&row);
    return good;
}

bool emergencies_write(struct json_writer *out, struct host *host, const char *robot, struct err *err)
{
    json_write_key(out, "emergencies");
    json_begin_array(out);
    const bool good = store_emergencies(host->store, robot, LISTED_MAX, write_row, out, err);
    json_end_array(out);
    return good;
}
