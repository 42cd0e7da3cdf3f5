// Alerts, as rows that a sender claims. In the host.
//
// mail and webhook: 0 not to be sent that way, 1 to be sent, 2 sent. A claim is `next_ms` in the future: whoever claimed it
// and died lets another try then.
#include "host/store/store_own.h"

#define INTEGER(number) VALUE_OF_INTEGER(number)
#define TEXT(borrowed) VALUE_OF_TEXT(borrowed)
#define STRING(string) VALUE_OF_TEXT(text_from(string))

bool store_alert_add(struct store *store, const struct alert_new *alert, struct err *err)
{
    return RUN(store,
               "INSERT INTO alerts (kind, run, subject, title, hint, created_ms, mail, webhook)"
               " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
               NULL, NULL, STRING(alert->kind), INTEGER(alert->run), TEXT(alert->subject), TEXT(alert->title),
               TEXT(alert->hint), INTEGER(store_now_ms(store)), INTEGER(alert->mail),
               INTEGER(alert->webhook));
}

static bool take_batch(void *owner, const struct row *row, struct err *err)
{
    struct alert_batch *batch = owner;
    (void)err;
    batch->message = row->values[0].integer;
    batch->mail = row->values[1].integer == 1;
    batch->webhook = row->values[2].integer == 1;
    return true;
}

struct visit_alert {
    store_alert_visitor visit;
    void *owner;
    struct alert_batch *batch;
};

static bool hand_alert(void *owner, const struct row *row, struct err *err)
{
    struct visit_alert *visitor = owner;
    const struct alert_row alert = {.id = row->values[0].integer,
                                    .run = row->values[1].integer,
                                    .created_ms = row->values[2].integer,
                                    .kind = row->values[3].text,
                                    .subject = row->values[4].text,
                                    .title = row->values[5].text,
                                    .hint = row->values[6].text};
    visitor->batch->count++;
    if (row->values[7].integer > visitor->batch->attempts)
        visitor->batch->attempts = row->values[7].integer;
    return visitor->visit(visitor->owner, &alert, err);
}

bool store_alerts_claim(struct store *store, struct alert_batch *out, int64_t most, int64_t lease_ms,
                        store_alert_visitor visit, void *owner, struct err *err)
{
    struct visit_alert visitor = {visit, owner, out};
    const int64_t now_ms = store_now_ms(store);
    *out = (struct alert_batch){0};
    if (!RUN(store,
             "SELECT id, mail, webhook FROM alerts WHERE sent_ms IS NULL AND next_ms <= ?1"
             " AND (mail = 1 OR webhook = 1) ORDER BY id LIMIT 1",
             take_batch, out, INTEGER(now_ms)))
        return false;
    if (!out->message)
        return true;
    // Those that go the same way go together.
    return RUN(store,
               "UPDATE alerts SET next_ms = ?2, message = ?3, attempts = attempts + 1 WHERE next_ms <= ?1"
               " AND id IN (SELECT id FROM alerts WHERE sent_ms IS NULL AND next_ms <= ?1"
               " AND (mail = 1) = (?4 = 1) AND (webhook = 1) = (?5 = 1) ORDER BY id LIMIT ?6)"
               " RETURNING id, run, created_ms, kind, subject, title, hint, attempts",
               hand_alert, &visitor, INTEGER(now_ms), INTEGER(now_ms + lease_ms), INTEGER(out->message),
               INTEGER(out->mail), INTEGER(out->webhook), INTEGER(most));
}

bool store_alerts_sent(struct store *store, int64_t message, bool mail, bool webhook, struct err *err)
{
    return RUN(store,
               "UPDATE alerts SET mail = CASE WHEN ?2 = 1 AND mail = 1 THEN 2 ELSE mail END,"
               " webhook = CASE WHEN ?3 = 1 AND webhook = 1 THEN 2 ELSE webhook END"
               " WHERE message = ?1 AND sent_ms IS NULL",
               NULL, NULL, INTEGER(message), INTEGER(mail), INTEGER(webhook)) &&
           RUN(store,
               "UPDATE alerts SET sent_ms = ?2, problem = '' WHERE message = ?1 AND sent_ms IS NULL"
               " AND mail <> 1 AND webhook <> 1",
               NULL, NULL, INTEGER(message), INTEGER(store_now_ms(store)));
}

bool store_alerts_failed(struct store *store, int64_t message, int64_t again_ms, const char *problem,
                         struct err *err)
{
    return RUN(store, "UPDATE alerts SET next_ms = ?2, problem = ?3 WHERE message = ?1 AND sent_ms IS NULL",
               NULL, NULL, INTEGER(message), INTEGER(store_now_ms(store) + again_ms), STRING(problem));
}

static bool take_hour(void *owner, const struct row *row, struct err *err)
{
    (void)err;
    ((int64_t *)owner)[0] = row->values[0].integer;
    ((int64_t *)owner)[1] = row->values[1].integer;
    return true;
}

bool store_alerts_since(struct store *store, int64_t *messages, int64_t *first_ms, int64_t since_ms,
                        struct err *err)
{
    int64_t hour[2] = {0, 0};
    if (!RUN(store,
             "SELECT count(DISTINCT message), coalesce(min(sent_ms), 0) FROM alerts WHERE sent_ms > ?1",
             take_hour, hour, INTEGER(since_ms)))
        return false;
    *messages = hour[0];
    *first_ms = hour[1];
    return true;
}

bool store_alerts_waiting(struct store *store, int64_t *count, int64_t *next_ms, struct err *err)
{
    int64_t pair[2] = {0, 0};
    if (!RUN(store,
             "SELECT count(*), coalesce(min(next_ms), 0) FROM alerts WHERE sent_ms IS NULL"
             " AND (mail = 1 OR webhook = 1)",
             take_hour, pair))
        return false;
    *count = pair[0];
    *next_ms = pair[1];
    return true;
}
