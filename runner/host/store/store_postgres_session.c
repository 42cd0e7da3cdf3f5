// See store_postgres_session.h.
#include "host/store/store_postgres_session.h"

#include "lib/base/clock.h"
#include "lib/base/log.h"

#include <sodium.h>
#include <stdio.h>
#include <time.h>

enum {
    HURRY_MS = 3000,      // the longest that is waited when the host is about to end
    OPENING_MS = 5000,    // and when it starts
    PAUSE_MOST_MS = 2000, // between two tries
    LOCK_MS = 3000,
    LOCK_PAUSE_MS = 50,
    COLLISIONS_MAX = 20,
    CLOCK_MS = 30000,   // how long the server's clock is believed without asking again
    IDLE_MOST_MS = 5000 // then the server ends a transaction whose host says nothing more: a lease is longer
};

bool session_integer(void *owner, const struct row *row, struct err *err)
{
    (void)err;
    *(int64_t *)owner = row->values[0].integer;
    return true;
}

enum postgres_outcome session_ask(struct database *database, const char *text, const struct value *parameters,
                                  size_t count, row_handler on_row, void *owner, struct err *err)
{
    struct postgres_rows *rows = NULL;
    (void)!postgres_send_once(database->postgres, text, parameters, count); // sync tells
    enum postgres_outcome outcome = postgres_sync(database->postgres, &rows, err);
    if (outcome == POSTGRES_GOOD && on_row && !postgres_hand(rows, on_row, owner, err))
        outcome = POSTGRES_FAILED;
    postgres_rows_free(rows);
    return outcome;
}

// ---- the server's clock, by this machine's that also counts while it sleeps

static int64_t ticks_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_BOOTTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

// The measure of a quick answer is kept before that of a slow one; by and by doubt grows, for clocks drift.
static enum postgres_outcome ask_clock(struct database *database, struct err *err)
{
    int64_t there_ms = 0;
    const int64_t before_ms = ticks_ms();
    const enum postgres_outcome outcome =
        session_ask(database, "SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint", NULL, 0,
                    session_integer, &there_ms, err);
    const int64_t after_ms = ticks_ms(), doubt_ms = (after_ms - before_ms + 1) / 2;
    const int64_t grown_ms = database->clock_doubt_ms + (after_ms - database->clock_measured_ms) / 10000;
    database->clock_asked_ms = after_ms;
    if (outcome != POSTGRES_GOOD || (database->clock_measured_ms && doubt_ms > grown_ms))
        return outcome;
    database->clock_offset_ms = there_ms - before_ms - doubt_ms;
    database->clock_doubt_ms = doubt_ms;
    database->clock_measured_ms = after_ms;
    return outcome;
}

void session_refresh_clock(struct database *database)
{
    struct err ignored;
    if (ticks_ms() - database->clock_asked_ms > CLOCK_MS && postgres_connected(database->postgres))
        (void)ask_clock(database, &ignored);
}

int64_t session_now_ms(struct database *database)
{
    const int64_t now_ms = ticks_ms() + database->clock_offset_ms;
    if (now_ms > database->clock_last_ms)
        database->clock_last_ms = now_ms;
    return database->clock_last_ms;
}

// ---- connections

// The one before this may still be at work on the server, with its locks.
static const char end_former[] = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
                                 " WHERE application_name = $1 AND pid <> pg_backend_pid()";

static enum postgres_outcome name_session(struct database *database, struct err *err)
{
    char name[80];
    snprintf(name, sizeof name, "renki %s", database->token);
    const struct value value = VALUE_OF_TEXT(text_from(name));
    const enum postgres_outcome outcome = session_ask(database, end_former, &value, 1, NULL, NULL, err);
    SCOPED_TEXT char *settings = xasprintf("SELECT set_config('application_name', $1, false),"
                                           " set_config('idle_in_transaction_session_timeout', '%d', false)",
                                           database->alone ? 0 : IDLE_MOST_MS);
    return outcome != POSTGRES_GOOD ? outcome : session_ask(database, settings, &value, 1, NULL, NULL, err);
}

// Every host holds this lock with others; who wants to be alone takes it whole.
static enum postgres_outcome take_hosts_lock(struct database *database, struct err *err)
{
    int64_t taken = 0;
    const char *statement = database->alone ? "SELECT pg_try_advisory_lock(1919250018)"
                                            : "SELECT pg_try_advisory_lock_shared(1919250018)";
    // A connection that was closed a moment ago may still hold it.
    for (int waited_ms = 0; waited_ms < LOCK_MS; waited_ms += LOCK_PAUSE_MS) {
        const enum postgres_outcome outcome =
            session_ask(database, statement, NULL, 0, session_integer, &taken, err);
        if (outcome != POSTGRES_GOOD || taken)
            return outcome;
        postgres_pause(database->postgres, LOCK_PAUSE_MS);
    }
    (void)fail(err, ERR_STORE_LOCKED, postgres_shown(database->postgres),
               database->alone ? "renki serve, renki run" : "renki store copy");
    return POSTGRES_FAILED;
}

enum postgres_outcome session_connect(struct database *database, struct err *err)
{
    enum postgres_outcome outcome = postgres_connect(database->postgres, err);
    if (outcome == POSTGRES_GOOD)
        outcome = name_session(database, err);
    if (outcome == POSTGRES_GOOD)
        outcome = take_hosts_lock(database, err);
    database->clock_measured_ms = 0; // it may be another server
    if (outcome == POSTGRES_GOOD)
        outcome = ask_clock(database, err);
    if (outcome != POSTGRES_GOOD)
        postgres_disconnect(database->postgres);
    database->gave_up = database->gave_up && outcome != POSTGRES_GOOD;
    return outcome;
}

struct patience patience_new(const struct database *database, int64_t most_ms)
{
    const int64_t bound_ms = database->gave_up ? 0 : database->hurries ? HURRY_MS : most_ms;
    return (struct patience){.began_ms = clock_monotonic_ms(), .most_ms = bound_ms};
}

bool patience_lasts(struct database *database, struct patience *patience, enum postgres_outcome outcome,
                    const struct err *why)
{
    const int64_t waited_ms = clock_monotonic_ms() - patience->began_ms;
    if (outcome == POSTGRES_AGAIN) {
        postgres_pause(database->postgres, 1 + (int)randombytes_uniform(20));
        return ++patience->collisions < COLLISIONS_MAX;
    }
    if (outcome != POSTGRES_AWAY && outcome != POSTGRES_STALE)
        return false;
    if (!patience->told)
        log_error("store.away", "reason=%s", why->arguments[1]);
    patience->told = true;
    if (patience->tried && waited_ms >= patience->most_ms) {
        database->gave_up = true;
        return false;
    }
    patience->tried = true;
    postgres_pause(database->postgres, patience->pause_ms);
    patience->pause_ms = patience->pause_ms ? 2 * patience->pause_ms : 50;
    if (patience->pause_ms > PAUSE_MOST_MS)
        patience->pause_ms = PAUSE_MOST_MS;
    return true;
}

void patience_end(const struct patience *patience)
{
    if (patience->told)
        log_info("store.back", "ms=%lld", (long long)(clock_monotonic_ms() - patience->began_ms));
}

// ---- opening

static const char make_commits[] =
    "DO $$ BEGIN PERFORM pg_advisory_xact_lock(1919250016);"
    " CREATE TABLE IF NOT EXISTS commits (token TEXT PRIMARY KEY, number BIGINT NOT NULL,"
    " time_ms BIGINT NOT NULL); END $$";

// Rows of hosts that are gone are of no use to anybody.
enum { COMMITS_KEPT_MS = 7 * 24 * 3600 * 1000 };

static enum postgres_outcome enrol(struct database *database, struct err *err)
{
    const struct value old = VALUE_OF_INTEGER(session_now_ms(database) - COMMITS_KEPT_MS);
    (void)!postgres_send_once(database->postgres, "SET client_min_messages = error", NULL, 0);
    (void)!postgres_send_once(database->postgres, make_commits, NULL, 0);
    const enum postgres_outcome outcome = postgres_sync(database->postgres, NULL, err);
    if (outcome != POSTGRES_GOOD)
        return outcome;
    return session_ask(database,
                       "DELETE FROM commits WHERE time_ms < $1 AND number >= 0 AND NOT EXISTS (SELECT 1 FROM "
                       "pg_stat_activity"
                       " WHERE application_name = 'renki ' || token)",
                       &old, 1, NULL, NULL, err);
}

bool session_open(struct database *database, struct err *err)
{
    struct patience patience = patience_new(database, OPENING_MS);
    enum postgres_outcome outcome;
    do {
        outcome = session_connect(database, err);
        if (outcome == POSTGRES_GOOD)
            outcome = enrol(database, err);
    } while (outcome != POSTGRES_GOOD && patience_lasts(database, &patience, outcome, err));
    return outcome == POSTGRES_GOOD;
}
