// Places of outside systems that runs hold, and logins that outside systems refused. In the host.
//
// A place is a row by system and number, so that two hosts that reach for the last one meet at its key: one gets it.
#include "host/store/store_own.h"

#define INTEGER(number) VALUE_OF_INTEGER(number)
#define STRING(string) VALUE_OF_TEXT(text_from(string))

// ---- places

// The lowest number that is free; `most` when there is none.
struct free_slot {
    int64_t slot;
};

static bool take_used(void *owner, const struct row *row, struct err *err)
{
    struct free_slot *lowest = owner; // rows come in order
    (void)err;
    if (row->values[0].integer == lowest->slot)
        lowest->slot++;
    return true;
}

static bool find_held(struct store *store, int64_t *count, const char *what, int64_t run, struct err *err)
{
    *count = 0;
    return RUN(store, "SELECT count(*) FROM holds WHERE what = ?1 AND run = ?2", store_take_integer, count,
               STRING(what), INTEGER(run));
}

bool store_hold_take(struct store *store, bool *taken, const char *what, int64_t run, int64_t most,
                     struct err *err)
{
    int64_t held;
    // What died left its place behind.
    if (!RUN(store,
             "DELETE FROM holds WHERE what = ?1 AND NOT EXISTS (SELECT 1 FROM runs WHERE runs.id = holds.run"
             " AND runs.state IN ('queued', 'running'))",
             NULL, NULL, STRING(what)) ||
        !find_held(store, &held, what, run, err))
        return false;
    for (int64_t tries = 0; held == 0 && tries <= most; tries++) {
        struct free_slot lowest = {0};
        if (!RUN(store, "SELECT slot FROM holds WHERE what = ?1 ORDER BY slot", take_used, &lowest,
                 STRING(what)))
            return false;
        if (lowest.slot >= most)
            break;
        if (!RUN(store,
                 "INSERT INTO holds (what, slot, run) VALUES (?1, ?2, ?3)"
                 " ON CONFLICT (what, slot) DO NOTHING",
                 NULL, NULL, STRING(what), INTEGER(lowest.slot), INTEGER(run)) ||
            !find_held(store, &held, what, run, err))
            return false;
    }
    *taken = held > 0;
    return true;
}

struct names {
    char *items[STORE_HOLDS_MAX];
    size_t count;
};

static bool take_name(void *owner, const struct row *row, struct err *err)
{
    struct names *names = owner;
    (void)err;
    if (names->count < STORE_HOLDS_MAX)
        names->items[names->count++] = text_copy(row->values[0].text);
    return true;
}

bool store_holds_release(struct store *store, int64_t run, struct err *err)
{
    struct names names = {.count = 0};
    bool good =
        RUN(store, "DELETE FROM holds WHERE run = ?1 RETURNING what", take_name, &names, INTEGER(run));
    for (size_t i = 0; i < names.count; i++) {
        SCOPED_TEXT char *what = names.items[i];
        good = good && store_queue_recall(store, what, err);
    }
    return good;
}

// ---- logins that were refused

static bool take_freeze(void *owner, const struct row *row, struct err *err)
{
    (void)err;
    *(struct freeze *)owner = (struct freeze){.refused = row->values[0].integer,
                                              .since_ms = row->values[1].integer,
                                              .thaws = row->values[2].integer};
    return true;
}

bool store_freeze_load(struct store *store, struct freeze *out, const char *login, struct err *err)
{
    *out = (struct freeze){0};
    return RUN(store, "SELECT refused, since_ms, thaws FROM freezes WHERE login = ?1", take_freeze, out,
               STRING(login));
}

struct visit_freeze {
    store_freeze_visitor visit;
    void *owner;
};

static bool hand_freeze(void *owner, const struct row *row, struct err *err)
{
    const struct visit_freeze *visitor = owner;
    struct freeze freeze;
    SCOPED_TEXT char *login = text_copy(row->values[3].text);
    return take_freeze(&freeze, row, err) && visitor->visit(visitor->owner, login, &freeze, err);
}

bool store_freezes_each(struct store *store, store_freeze_visitor visit, void *owner, struct err *err)
{
    struct visit_freeze visitor = {visit, owner};
    return RUN(store, "SELECT refused, since_ms, thaws, login FROM freezes ORDER BY login LIMIT ?1",
               hand_freeze, &visitor, INTEGER(FREEZES_MAX));
}

bool store_freeze_refused(struct store *store, struct freeze *out, const char *login, int64_t run,
                          const char *reason, struct err *err)
{
    *out = (struct freeze){0};
    return RUN(store,
               "INSERT INTO freezes (login, refused, run, reason) VALUES (?1, 1, ?2, ?3)"
               " ON CONFLICT (login) DO UPDATE SET refused = freezes.refused + 1, run = excluded.run,"
               " reason = excluded.reason RETURNING refused, since_ms, thaws",
               take_freeze, out, STRING(login), INTEGER(run), STRING(reason));
}

bool store_freeze_accepted(struct store *store, const char *login, struct err *err)
{
    return RUN(store, "UPDATE freezes SET refused = 0 WHERE login = ?1 AND since_ms = 0", NULL, NULL,
               STRING(login));
}

bool store_freeze_begin(struct store *store, const char *login, struct err *err)
{
    return RUN(store, "UPDATE freezes SET since_ms = ?2 WHERE login = ?1 AND since_ms = 0", NULL, NULL,
               STRING(login), INTEGER(store_now_ms(store)));
}

bool store_freeze_thaw(struct store *store, struct freeze *out, const char *login, struct err *err)
{
    SCOPED_TEXT char *what = xasprintf("login %s frozen", login);
    *out = (struct freeze){0};
    return RUN(store,
               "UPDATE freezes SET refused = 0, since_ms = 0, thaws = thaws + 1 WHERE login = ?1"
               " RETURNING refused, since_ms, thaws",
               take_freeze, out, STRING(login)) &&
           store_queue_recall(store, what, err);
}
