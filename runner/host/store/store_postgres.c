// The store's database in PostgreSQL, shared by the hosts of a fleet. In the host; see postgres.h for the connection.
//
// The database may go away for a while. A transaction that was under way is then played again on a new connection
// (transcript.h), and the host goes on as if nothing had been. Two things keep that exact:
// 1. Did a COMMIT whose answer was lost happen? Every connection's transactions are counted in its row of `commits`,
//    by the first statement of each: it divides by zero where the number is not the one before. So of a transaction and its
//    repetition only one can commit, also when the server still has the first one on its desk, and the row tells which.
//    (pg_xact_status can't: after a crash the server gives numbers of lost transactions to others.)
// 2. A number drawn from a sequence was told already. It is written again as it was, and the sequence is moved past it.
//
// What nobody waits for (no row handler) is sent together with what comes after it: a transaction that only writes costs
// one round trip.
#include "host/store/dialect.h"
#include "host/store/store_postgres_session.h"
#include "lib/base/log.h"

#include <sodium.h>

enum {
    AWAY_MS = 90000,    // the longest that a transaction waits for the database
    TOGETHER_MAX = 256, // statements sent before their answers are taken
    PAGE = 500,         // rows at a time in reading much
    FENCED = -2,        // in `commits`: another host has declared this one gone (hosts.c)
};

// ---- a transaction

static bool begin_sent(struct database *database)
{
    static const char guard[] =
        "INSERT INTO commits (token, number, time_ms) VALUES (?1, ?2 + 1, ?3) ON CONFLICT (token) DO UPDATE"
        " SET number = CASE WHEN commits.number = ?2 THEN excluded.number ELSE commits.number / 0 END,"
        " time_ms = excluded.time_ms";
    if (database->sent)
        return true;
    database->sent = postgres_send(database->postgres, "BEGIN", NULL, 0) &&
                     postgres_send(database->postgres, guard,
                                   (const struct value[]){VALUE_OF_TEXT(text_from(database->token)),
                                                          VALUE_OF_INTEGER(database->committed),
                                                          VALUE_OF_INTEGER(session_now_ms(database))},
                                   3);
    return database->sent;
}

static bool hash_row(void *owner, const struct row *row, struct err *err)
{
    crypto_generichash_state *state = owner;
    (void)err;
    for (size_t i = 0; i < row->count; i++) {
        const struct value *value = &row->values[i];
        const int64_t head[3] = {(int64_t)value->kind, value->integer, (int64_t)value->text.length};
        crypto_generichash_update(state, (const unsigned char *)head, sizeof head);
        crypto_generichash_update(state, (const unsigned char *)value->text.data, value->text.length);
    }
    return true;
}

static void digest(unsigned char out[TRANSCRIPT_DIGEST_SIZE], const struct postgres_rows *rows)
{
    crypto_generichash_state state;
    UNSET struct err none;
    crypto_generichash_init(&state, NULL, 0, TRANSCRIPT_DIGEST_SIZE);
    require(postgres_hand(rows, hash_row, &state, &none));
    crypto_generichash_final(&state, out, TRANSCRIPT_DIGEST_SIZE);
}

static bool draws_id(const struct transcript_entry *entry)
{
    static const char begin[] = "INSERT INTO ";
    return entry->asked && strncmp(entry->statement, begin, strlen(begin)) == 0 &&
           text_ends(text_from(entry->statement), " RETURNING id");
}

static void note_answer(struct transcript_entry *entry, const struct postgres_rows *rows)
{
    UNSET struct err none;
    entry->answered = true;
    digest(entry->digest, rows);
    if (draws_id(entry))
        (void)!postgres_hand(rows, session_integer, &entry->id, &none);
}

// ---- playing it again

// The sequence is drawn from until it is past the id; drawing never gives one to two, setting it could.
static bool send_with_id(struct database *database, const struct transcript_entry *entry)
{
    static const char draw[] =
        "SELECT nextval(s) FROM (SELECT pg_get_serial_sequence($1, 'id')::regclass AS s) AS sequence,"
        " generate_series(coalesce(pg_sequence_last_value(s), 0) + 1, $2)";
    char *table = NULL;
    SCOPED_TEXT char *translated = dialect_statement(text_from(entry->statement));
    SCOPED_TEXT char *text = dialect_with_id(&table, translated, entry->count + 1);
    if (!text)
        return postgres_send(database->postgres, entry->statement, entry->parameters, entry->count);
    const struct value position[] = {VALUE_OF_TEXT(text_from(table)), VALUE_OF_INTEGER(entry->id)};
    struct value *parameters = xcalloc(entry->count + 1, sizeof *parameters);
    memcpy(parameters, entry->parameters, entry->count * sizeof *parameters);
    parameters[entry->count] = VALUE_OF_INTEGER(entry->id);
    const bool sent = postgres_send_once(database->postgres, draw, position, COUNT_OF(position)) &&
                      postgres_send_once(database->postgres, text, parameters, entry->count + 1);
    xfree(parameters);
    xfree(table);
    return sent;
}

static bool send_entry(struct database *database, const struct transcript_entry *entry)
{
    return begin_sent(database) &&
           (entry->id ? send_with_id(database, entry)
                      : postgres_send(database->postgres, entry->statement, entry->parameters, entry->count));
}

// An entry that somebody asked for is answered before the next is sent.
static enum postgres_outcome play_entry(struct database *database, const struct transcript_entry *entry,
                                        struct postgres_rows **rows, struct err *err)
{
    unsigned char now[TRANSCRIPT_DIGEST_SIZE];
    const bool sent = send_entry(database, entry);
    if (sent && !entry->asked)
        return POSTGRES_GOOD;
    const enum postgres_outcome outcome = postgres_sync(database->postgres, rows, err);
    if (outcome != POSTGRES_GOOD || !entry->answered)
        return outcome;
    digest(now, *rows);
    if (memcmp(now, entry->digest, sizeof now) == 0)
        return POSTGRES_GOOD;
    (void)fail(err, ERR_STORE_CHANGED, postgres_shown(database->postgres));
    return POSTGRES_FAILED;
}

static enum postgres_outcome play(struct database *database, struct postgres_rows **last, struct err *err)
{
    enum postgres_outcome outcome = POSTGRES_GOOD;
    for (size_t i = 0; outcome == POSTGRES_GOOD && i < database->transcript.count; i++) {
        postgres_rows_free(STEAL(*last));
        outcome = play_entry(database, &database->transcript.entries[i], last, err);
    }
    return outcome;
}

static void end_on_server(struct database *database)
{
    struct err ignored;
    struct postgres *postgres = database->postgres;
    if (postgres_unanswered(postgres))
        (void)!postgres_sync(postgres, NULL, &ignored);
    if (database->sent && postgres_connected(postgres))
        (void)!session_ask(database, "ROLLBACK", NULL, 0, NULL, NULL, &ignored);
    database->sent = false;
}

// *committed when its COMMIT turns out to have been done.
static enum postgres_outcome again(struct database *database, struct postgres_rows **last, bool *committed,
                                   struct err *err)
{
    int64_t number = -1;
    const struct value token = VALUE_OF_TEXT(text_from(database->token));
    end_on_server(database);
    enum postgres_outcome outcome =
        postgres_connected(database->postgres) ? POSTGRES_GOOD : session_connect(database, err);
    if (outcome == POSTGRES_GOOD)
        outcome = session_ask(database, "SELECT number FROM commits WHERE token = $1", &token, 1,
                              session_integer, &number, err);
    if (outcome != POSTGRES_GOOD)
        return outcome;
    if (number == FENCED) {
        (void)fail(err, ERR_HOST_FENCED, postgres_shown(database->postgres), "fenced");
        return POSTGRES_FAILED;
    }
    *committed = database->committing && number == database->committed + 1;
    if (*committed)
        return POSTGRES_GOOD;
    if (!database->transcript.broken_off)
        return play(database, last, err);
    (void)fail(err, ERR_STORE_AWAY, postgres_shown(database->postgres), "too much was under way");
    return POSTGRES_FAILED;
}

static bool give_up(struct database *database, const struct err *why)
{
    database->failed = true;
    database->why = *why;
    end_on_server(database);
    return false;
}

// ---- the back end's functions

static bool lasting_failed(struct database *database, enum postgres_outcome outcome)
{
    database->last_outcome = outcome;
    return false;
}

// The last statements before a commit: whoever commits says them again if need be.
static bool run_last(struct database *database, const char *statement, const struct value *parameters,
                     size_t count, row_handler on_row, void *owner, struct err *err)
{
    struct postgres_rows *rows = NULL;
    const bool sent = begin_sent(database) && postgres_send(database->postgres, statement, parameters, count);
    if (sent && !on_row)
        return true;
    const enum postgres_outcome outcome = postgres_sync(database->postgres, &rows, err);
    if (outcome != POSTGRES_GOOD)
        return lasting_failed(database, outcome);
    const bool good = postgres_hand(rows, on_row, owner, err);
    postgres_rows_free(rows);
    return good ? true : lasting_failed(database, POSTGRES_FAILED);
}

// A statement of its own, outside a transaction; repeated only where that changes nothing.
static bool run_alone(struct database *database, const char *statement, const struct value *parameters,
                      size_t count, row_handler on_row, void *owner, struct err *err)
{
    struct patience patience = patience_new(database, AWAY_MS);
    struct postgres_rows *rows = NULL;
    enum postgres_outcome outcome;
    do {
        outcome = postgres_connected(database->postgres) ? POSTGRES_GOOD : session_connect(database, err);
        if (outcome == POSTGRES_GOOD) {
            (void)!postgres_send(database->postgres, statement, parameters, count);
            outcome = postgres_sync(database->postgres, &rows, err);
        }
    } while (outcome != POSTGRES_GOOD && text_starts(text_from(statement), "SELECT") &&
             patience_lasts(database, &patience, outcome, err));
    if (outcome != POSTGRES_GOOD)
        return false;
    patience_end(&patience);
    const bool good = !on_row || postgres_hand(rows, on_row, owner, err);
    postgres_rows_free(rows);
    return good;
}

// The outcome of the transcript's last entry; whatever it takes, within bounds.
static bool persevere(struct database *database, enum postgres_outcome outcome, struct postgres_rows **rows,
                      struct err *err)
{
    struct patience patience = patience_new(database, AWAY_MS);
    bool committed = false;
    while (outcome != POSTGRES_GOOD) {
        if (!patience_lasts(database, &patience, outcome, err))
            return give_up(database, err);
        outcome = again(database, rows, &committed, err);
    }
    patience_end(&patience);
    return true;
}

static bool run_begun(struct database *database, const char *statement, const struct value *parameters,
                      size_t count, row_handler on_row, void *owner, struct err *err)
{
    struct transcript *transcript = &database->transcript;
    struct postgres_rows *rows = NULL;
    enum postgres_outcome outcome = POSTGRES_GOOD;
    struct transcript_entry *entry = transcript_add(transcript, statement, parameters, count, on_row != NULL);
    const size_t index = transcript->count;
    const bool sent = begin_sent(database) && postgres_send(database->postgres, statement, parameters, count);
    const bool enough = postgres_unanswered(database->postgres) >= TOGETHER_MAX;
    if (!sent || on_row || enough)
        outcome = postgres_sync(database->postgres, &rows, err);
    if (!persevere(database, outcome, &rows, err)) {
        postgres_rows_free(rows);
        return false;
    }
    if (entry && on_row)
        note_answer(&transcript->entries[index - 1], rows);
    const bool good = !on_row || postgres_hand(rows, on_row, owner, err);
    postgres_rows_free(rows);
    return good;
}

static bool postgres_run(struct database *database, const char *statement, const struct value *parameters,
                         size_t count, row_handler on_row, void *owner, struct err *err)
{
    if (database->failed) {
        *err = database->why;
        return false;
    }
    if (database->lasting)
        return run_last(database, statement, parameters, count, on_row, owner, err);
    if (!database->begun)
        return run_alone(database, statement, parameters, count, on_row, owner, err);
    return run_begun(database, statement, parameters, count, on_row, owner, err);
}

static bool postgres_begin(struct database *database, struct err *err)
{
    (void)err; // the first statement meets what is wrong
    database->begun = true;
    database->sent = database->committing = database->failed = false;
    session_refresh_clock(database);
    return true;
}

static void end_transaction(struct database *database)
{
    transcript_clear(&database->transcript);
    database->begun = database->sent = database->committing = database->failed = false;
}

static void postgres_rollback(struct database *database)
{
    end_on_server(database);
    end_transaction(database);
}

static enum postgres_outcome finish(struct database *database, database_last last, void *owner,
                                    struct err *err)
{
    database->lasting = true;
    database->last_outcome = POSTGRES_FAILED;
    const bool said = !last || last(owner, err);
    database->lasting = false;
    if (!said)
        return database->last_outcome;
    if (!database->sent)
        return POSTGRES_GOOD; // nothing was done
    database->committing = true;
    (void)!postgres_send(database->postgres, "COMMIT", NULL, 0);
    return postgres_sync(database->postgres, NULL, err);
}

static bool postgres_commit(struct database *database, database_last last, void *owner, struct err *err)
{
    struct patience patience = patience_new(database, AWAY_MS);
    struct postgres_rows *rows = NULL;
    bool committed = false;
    if (database->failed) {
        *err = database->why;
        return false;
    }
    enum postgres_outcome outcome = finish(database, last, owner, err);
    while (outcome != POSTGRES_GOOD) {
        if (!patience_lasts(database, &patience, outcome, err))
            return give_up(database, err);
        outcome = again(database, &rows, &committed, err);
        postgres_rows_free(STEAL(rows));
        if (outcome == POSTGRES_GOOD && !committed)
            outcome = finish(database, last, owner, err);
    }
    patience_end(&patience);
    database->committed += database->sent || committed;
    end_transaction(database);
    return true;
}

static bool postgres_lock(struct database *database, enum database_lock lock, struct err *err)
{
    static const char *const statements[] = {
        [DATABASE_LOCK_SCHEMA] = "SELECT pg_advisory_xact_lock(1919250016)",
        [DATABASE_LOCK_AUDIT] = "SELECT pg_advisory_xact_lock(1919250017)",
        [DATABASE_LOCK_LANES] = "SELECT pg_advisory_xact_lock(1919250019)",
    };
    return postgres_run(database, statements[lock], NULL, 0, NULL, NULL, err);
}

static bool postgres_script(struct database *database, const char *statements, struct err *err)
{
    struct text script = text_from(statements), statement;
    database->transcript.broken_off = true; // not played again
    while (dialect_cut(&script, &statement)) {
        SCOPED_TEXT char *text = dialect_statement(statement);
        if (begin_sent(database) && postgres_send_once(database->postgres, text, NULL, 0))
            continue;
        return fail(err, ERR_STORE_AWAY, postgres_shown(database->postgres), "");
    }
    return postgres_sync(database->postgres, NULL, err) == POSTGRES_GOOD;
}

// Page by page, whatever there is.
static bool postgres_each(struct database *database, const char *statement, const struct value *parameters,
                          size_t count, row_handler on_row, void *owner, struct err *err)
{
    struct err ignored;
    SCOPED_TEXT char *fetch = xasprintf("FETCH %d FROM page", PAGE);
    SCOPED_TEXT char *translated = dialect_statement(text_from(statement));
    SCOPED_TEXT char *declare = xasprintf("DECLARE page NO SCROLL CURSOR FOR %s", translated);
    struct postgres_rows *rows = NULL;
    size_t found = PAGE;
    bool good =
        (postgres_connected(database->postgres) || session_connect(database, err) == POSTGRES_GOOD) &&
        (database->begun ? begin_sent(database) : postgres_send_once(database->postgres, "BEGIN", NULL, 0)) &&
        postgres_send_once(database->postgres, declare, parameters, count);
    while (good && found == PAGE) {
        (void)!postgres_send_once(database->postgres, fetch, NULL, 0);
        good = postgres_sync(database->postgres, &rows, err) == POSTGRES_GOOD;
        found = postgres_count(rows);
        good = good && postgres_hand(rows, on_row, owner, err);
        postgres_rows_free(STEAL(rows));
    }
    if (postgres_connected(database->postgres))
        (void)!session_ask(database, database->begun ? "CLOSE page" : "ROLLBACK", NULL, 0, NULL, NULL,
                           &ignored);
    return good;
}

static void postgres_close(struct database *database)
{
    if (!database)
        return;
    postgres_free(database->postgres);
    transcript_dispose(&database->transcript);
    xfree(database);
}

static void draw_token(struct database *database)
{
    unsigned char token[TOKEN_BYTES];
    randombytes_buf(token, sizeof token);
    sodium_bin2hex(database->token, sizeof database->token, token, sizeof token);
    database->committed = 0;
}

static void renew(struct database *database)
{
    require(!database->begun);
    postgres_disconnect(database->postgres);
    draw_token(database);
}

static const char *token(const struct database *database)
{
    return database->token;
}

static bool postgres_open(struct database **out, const char *where, bool alone, struct err *err)
{
    struct database *database = xcalloc(1, sizeof *database);
    database->alone = alone;
    draw_token(database);
    if (!postgres_new(&database->postgres, where, err) || !session_open(database, err)) {
        postgres_close(database);
        return false;
    }
    *out = database;
    return true;
}

static bool postgres_verify(struct database *database, struct err *err)
{
    int64_t ignored;
    return run_alone(database, "SELECT count(*) FROM schema", NULL, 0, session_integer, &ignored, err);
}

// Autovacuum does it.
static bool postgres_tidy(struct database *database, struct err *err)
{
    (void)database, (void)err;
    return true;
}

static void postgres_rest(struct database *database)
{
    (void)database;
}

static bool postgres_sequence(struct database *database, const char *table, int64_t *drawn, struct err *err)
{
    const struct value name = VALUE_OF_TEXT(text_from(table));
    *drawn = 0;
    return postgres_run(database,
                        "SELECT coalesce(max(last_value), 0) FROM pg_sequences"
                        " WHERE schemaname = current_schema() AND sequencename = ?1 || '_id_seq'",
                        &name, 1, session_integer, drawn, err);
}

static bool postgres_set_sequence(struct database *database, const char *table, int64_t drawn,
                                  struct err *err)
{
    const struct value values[] = {VALUE_OF_TEXT(text_from(table)), VALUE_OF_INTEGER(drawn)};
    return postgres_run(database, "SELECT setval(pg_get_serial_sequence(?1, 'id'), ?2)", values, 2, NULL,
                        NULL, err);
}

static void hurry(struct database *database)
{
    database->hurries = true;
}

static const char *version(const struct database *database)
{
    return postgres_version(database->postgres);
}

static const char *place(const struct database *database)
{
    return postgres_shown(database->postgres);
}

static const struct store_reach *reach(const struct database *database)
{
    return postgres_reach(database->postgres);
}

static void while_away(struct database *database, void (*tick)(void *owner), void *owner)
{
    postgres_while_away(database->postgres, tick, owner);
}

const struct database_backend database_postgres = {
    .name = "postgresql",
    .open = postgres_open,
    .close = postgres_close,
    .begin = postgres_begin,
    .commit = postgres_commit,
    .rollback = postgres_rollback,
    .run = postgres_run,
    .each = postgres_each,
    .lock = postgres_lock,
    .script = postgres_script,
    .verify = postgres_verify,
    .tidy = postgres_tidy,
    .rest = postgres_rest,
    .now_ms = session_now_ms,
    .version = version,
    .tables = "SELECT relname FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace"
              " WHERE nspname = current_schema() AND relkind = 'r' ORDER BY pg_class.oid",
    .sequence = postgres_sequence,
    .set_sequence = postgres_set_sequence,
    .place = place,
    .reach = reach,
    .while_away = while_away,
    .hurry = hurry,
    .token = token,
    .renew = renew,
};
