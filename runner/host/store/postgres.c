// See postgres.h. In the host; the only file that names libpq.
//
// libpq is in pipeline mode all the time: what is sent goes out in one write, and one sync brings all the answers. An
// error skips what was sent behind it, up to the sync: statements whose preparation was skipped so are forgotten.
#include "host/store/postgres.h"

#include "host/store/dialect.h"
#include "host/store/postgres_address.h"
#include "lib/base/clock.h"

#include <libpq-fe.h>
#include <poll.h>
#include <stdio.h>

enum {
    STATEMENTS_MAX = 512,
    PARAMETERS_MAX = 64,
    CONNECT_MS = 5000,
    ANSWER_MS = 60000,
    TICK_MS = 1000,
    NAME_SIZE = 32,
    REASON_MAX = 300,
    VERSION_MIN = 130000,
};
// Types by their numbers in PostgreSQL's pg_type.dat.
enum {
    TYPE_BOOL = 16,
    TYPE_BYTEA = 17,
    TYPE_INT8 = 20,
    TYPE_INT2 = 21,
    TYPE_INT4 = 23,
    TYPE_TEXT = 25,
    TYPE_NUMERIC = 1700
};

struct prepared {
    char *translated;
    char name[NAME_SIZE];
    Oid types[PARAMETERS_MAX]; // 0 where only NULL has been given so far
    bool there;                // on the server
};

struct postgres {
    PGconn *connection;
    struct postgres_address *address;
    char *version;
    const char *statements
        [STATEMENTS_MAX]; // the literals' addresses, close together: they are looked through each time
    struct prepared prepared[STATEMENTS_MAX];
    size_t prepared_count;
    uint64_t names;    // each prepared statement has one of its own
    size_t unanswered; // sent since the last sync
    void (*tick)(void *owner);
    void *tick_owner;
    struct err why; // of the first statement that failed since the last sync
    enum postgres_outcome outcome;
};

struct postgres_rows {
    PGresult *result;
};

// ---- waiting

static void tick(const struct postgres *postgres)
{
    if (postgres->tick)
        postgres->tick(postgres->tick_owner);
}

void postgres_while_away(struct postgres *postgres, void (*function)(void *owner), void *owner)
{
    postgres->tick = function;
    postgres->tick_owner = owner;
}

void postgres_pause(const struct postgres *postgres, int milliseconds)
{
    for (; milliseconds > 0; milliseconds -= TICK_MS) {
        poll(NULL, 0, milliseconds < TICK_MS ? milliseconds : TICK_MS);
        tick(postgres);
    }
}

// False when nothing came in time.
static bool wait_for(const struct postgres *postgres, short events, int64_t until_ms)
{
    struct pollfd socket = {.fd = PQsocket(postgres->connection), .events = events};
    for (int64_t left; (left = until_ms - clock_monotonic_ms()) > 0;) {
        if (poll(&socket, 1, (int)(left < TICK_MS ? left : TICK_MS)) > 0)
            return true;
        tick(postgres);
    }
    return false;
}

// ---- errors

static enum postgres_outcome away(const struct postgres *postgres, const char *reason, struct err *err)
{
    char cut[REASON_MAX];
    struct text words = text_trim(text_from(reason)), line = TEXT_OF("");
    (void)text_cut(&words, '\n', &line); // what follows is libpq's advice
    snprintf(cut, sizeof cut, "%.*s", (int)line.length, line.data);
    (void)fail(err, ERR_STORE_AWAY, postgres_shown(postgres), cut[0] ? cut : "no answer");
    return POSTGRES_AWAY;
}

// By SQLSTATE: PostgreSQL's documentation, appendix A. The first that fits counts.
static const struct {
    const char *begin;
    enum postgres_outcome outcome;
    enum err_code error;
} states[] = {
    {"40", POSTGRES_AGAIN, ERR_STORE_LOCKED}, // serialization failure, deadlock
    {"22012", POSTGRES_STALE, ERR_STORE_FAILED},
    {"57P", POSTGRES_AWAY, ERR_STORE_AWAY}, // shut down, crashed, starting
    {"08", POSTGRES_AWAY, ERR_STORE_AWAY},
    {"53300", POSTGRES_AWAY, ERR_STORE_AWAY}, // too many connections
    {"25P03", POSTGRES_AWAY, ERR_STORE_AWAY}, // idle for too long in a transaction
    {"55P03", POSTGRES_FAILED, ERR_STORE_LOCKED},
    {"53100", POSTGRES_FAILED, ERR_STORE_FULL},
    {"25006", POSTGRES_FAILED, ERR_STORE_READ_ONLY},
    {"42501", POSTGRES_FAILED, ERR_STORE_READ_ONLY},
    {"XX001", POSTGRES_FAILED, ERR_STORE_CORRUPT},
    {"XX002", POSTGRES_FAILED, ERR_STORE_CORRUPT},
    {"", POSTGRES_FAILED, ERR_STORE_FAILED},
};

static void note_failure(struct postgres *postgres, const PGresult *result)
{
    const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE),
               *reason = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    if (postgres->outcome != POSTGRES_GOOD)
        return;
    if (!state) { // libpq's own: the connection
        postgres->outcome = away(postgres, PQresultErrorMessage(result), &postgres->why);
        return;
    }
    size_t i = 0;
    while (!text_starts(text_from(state), states[i].begin))
        i++;
    postgres->outcome = states[i].outcome;
    (void)fail(&postgres->why, states[i].error, postgres_shown(postgres), reason ? reason : state);
}

// ---- connecting

void postgres_disconnect(struct postgres *postgres)
{
    PQfinish(postgres->connection);
    postgres->connection = NULL;
    postgres->unanswered = 0;
    for (size_t i = 0; i < postgres->prepared_count; i++)
        postgres->prepared[i].there = false;
}

bool postgres_connected(const struct postgres *postgres)
{
    return postgres->connection && PQstatus(postgres->connection) == CONNECTION_OK;
}

bool postgres_new(struct postgres **out, const char *where, struct err *err)
{
    struct postgres_address *address = postgres_address_new(where, err);
    if (!address)
        return false;
    *out = xcalloc(1, sizeof **out);
    (*out)->address = address;
    return true;
}

void postgres_free(struct postgres *postgres)
{
    if (!postgres)
        return;
    postgres_disconnect(postgres);
    for (size_t i = 0; i < postgres->prepared_count; i++)
        xfree(postgres->prepared[i].translated);
    postgres_address_free(postgres->address);
    xfree(postgres->version);
    xfree(postgres);
}

static bool handshake(struct postgres *postgres)
{
    const int64_t until_ms = clock_monotonic_ms() + CONNECT_MS;
    PostgresPollingStatusType wants = PGRES_POLLING_WRITING;
    while (wants == PGRES_POLLING_READING || wants == PGRES_POLLING_WRITING) {
        if (!wait_for(postgres, wants == PGRES_POLLING_READING ? POLLIN : POLLOUT, until_ms))
            return false;
        wants = PQconnectPoll(postgres->connection);
    }
    return wants == PGRES_POLLING_OK;
}

static enum postgres_outcome refuse(struct postgres *postgres, enum err_code code, const char *detail,
                                    struct err *err)
{
    (void)fail(err, code, postgres_shown(postgres), detail);
    postgres_disconnect(postgres);
    return POSTGRES_FAILED;
}

// What the store relies on, whatever the server's settings: a host that stands still in a transaction holds nobody up
// for long, no lock is waited for without end, and what is committed is on disk.
static const char *const session_settings[] = {
    "SET idle_in_transaction_session_timeout = 30000",
    "SET lock_timeout = 20000",
    "SET statement_timeout = 0",
    "SET default_transaction_isolation = 'read committed'",
    "SET TIME ZONE 'UTC'",
    ("SELECT set_config('synchronous_commit', 'on', false)"
     " WHERE current_setting('synchronous_commit') = 'off'"),
};

static enum postgres_outcome settle(struct postgres *postgres, struct err *err)
{
    const int version = PQserverVersion(postgres->connection);
    const char *encoding = PQparameterStatus(postgres->connection, "server_encoding");
    SCOPED_TEXT char *version_text = xasprintf("%d.%d", version / 10000, version % 10000);
    if (version < VERSION_MIN)
        return refuse(postgres, ERR_STORE_OLD, version_text, err);
    if (!encoding || strcmp(encoding, "UTF8") != 0)
        return refuse(postgres, ERR_STORE_ENCODING, encoding ? encoding : "?", err);
    xfree(postgres->version);
    postgres->version = xasprintf("postgresql %s", version_text);
    PQenterPipelineMode(postgres->connection);
    for (size_t i = 0; i < COUNT_OF(session_settings); i++)
        if (!postgres_send_once(postgres, session_settings[i], NULL, 0))
            return away(postgres, PQerrorMessage(postgres->connection), err);
    return postgres_sync(postgres, NULL, err);
}

// A server that tells apart "come back later" from "never" does so by words alone before the session has begun.
enum postgres_outcome postgres_connect(struct postgres *postgres, struct err *err)
{
    postgres_disconnect(postgres);
    postgres->connection = postgres_address_connect(postgres->address);
    PQsetnonblocking(postgres->connection, 1);
    if (PQstatus(postgres->connection) == CONNECTION_BAD || !handshake(postgres)) {
        const enum postgres_outcome outcome = away(postgres, PQerrorMessage(postgres->connection), err);
        postgres_disconnect(postgres);
        return outcome;
    }
    postgres_address_found(postgres->address, postgres->connection);
    return settle(postgres, err);
}

// ---- sending

static Oid type_of(const struct value *value)
{
    static const Oid types[] = {
        [VALUE_NULL] = 0, [VALUE_INTEGER] = TYPE_INT8, [VALUE_TEXT] = TYPE_TEXT, [VALUE_BYTES] = TYPE_BYTEA};
    return types[value->kind];
}

// Parameters as PostgreSQL takes them in binary; texts stay where they are, unless they must be written otherwise.
struct arguments {
    const char *data[PARAMETERS_MAX];
    int lengths[PARAMETERS_MAX], formats[PARAMETERS_MAX];
    Oid types[PARAMETERS_MAX];
    unsigned char integers[PARAMETERS_MAX][sizeof(int64_t)];
    char *own[PARAMETERS_MAX];
};

static void put_integer(unsigned char out[sizeof(int64_t)], int64_t number)
{
    for (size_t i = 0; i < sizeof number; i++)
        out[i] = (unsigned char)((uint64_t)number >> (8 * (sizeof number - 1 - i)));
}

static void put_argument(struct arguments *arguments, size_t i, const struct value *value)
{
    size_t length = value->text.length;
    arguments->formats[i] = 1;
    arguments->own[i] = NULL;
    arguments->types[i] = type_of(value);
    arguments->data[i] = value->text.data ? value->text.data : "";
    if (value->kind == VALUE_NULL)
        arguments->data[i] = NULL;
    else if (value->kind == VALUE_INTEGER) {
        put_integer(arguments->integers[i], value->integer);
        arguments->data[i] = (const char *)arguments->integers[i];
        length = sizeof(int64_t);
    } else if (value->kind == VALUE_TEXT && dialect_text_out(&arguments->own[i], &length, value->text))
        arguments->data[i] = arguments->own[i];
    require(length <= INT32_MAX);
    arguments->lengths[i] = (int)length;
}

static void put_arguments(struct arguments *arguments, const struct value *parameters, size_t count)
{
    require(count <= PARAMETERS_MAX);
    for (size_t i = 0; i < count; i++)
        put_argument(arguments, i, &parameters[i]);
}

static void dispose_arguments(struct arguments *arguments, size_t count)
{
    for (size_t i = 0; i < count; i++)
        xfree(arguments->own[i]);
}

static struct prepared *known(struct postgres *postgres, const char *statement)
{
    for (size_t i = 0; i < postgres->prepared_count; i++)
        if (postgres->statements[i] == statement)
            return &postgres->prepared[i];
    require(postgres->prepared_count < STATEMENTS_MAX);
    postgres->statements[postgres->prepared_count] = statement;
    struct prepared *prepared = &postgres->prepared[postgres->prepared_count++];
    prepared->translated = dialect_statement(text_from(statement));
    return prepared;
}

// A parameter that was NULL so far left its type to the server; a text or number given now may be of another.
static bool fits(const struct prepared *prepared, const struct arguments *arguments, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (arguments->types[i] && arguments->types[i] != prepared->types[i])
            return false;
    return prepared->there;
}

static bool prepare(struct postgres *postgres, struct prepared *prepared, const struct arguments *arguments,
                    size_t count)
{
    if (fits(prepared, arguments, count))
        return true;
    for (size_t i = 0; i < count; i++)
        if (arguments->types[i])
            prepared->types[i] = arguments->types[i];
    snprintf(prepared->name, sizeof prepared->name, "s%llu", (unsigned long long)postgres->names++);
    prepared->there = PQsendPrepare(postgres->connection, prepared->name, prepared->translated, (int)count,
                                    prepared->types) == 1;
    return prepared->there;
}

bool postgres_send(struct postgres *postgres, const char *statement, const struct value *parameters,
                   size_t count)
{
    UNSET struct arguments arguments;
    if (!postgres_connected(postgres))
        return false;
    struct prepared *prepared = known(postgres, statement);
    put_arguments(&arguments, parameters, count);
    const bool sent = prepare(postgres, prepared, &arguments, count) &&
                      PQsendQueryPrepared(postgres->connection, prepared->name, (int)count, arguments.data,
                                          arguments.lengths, arguments.formats, 1) == 1;
    dispose_arguments(&arguments, count);
    postgres->unanswered++;
    return sent;
}

bool postgres_send_once(struct postgres *postgres, const char *text, const struct value *parameters,
                        size_t count)
{
    UNSET struct arguments arguments;
    if (!postgres_connected(postgres))
        return false;
    put_arguments(&arguments, parameters, count);
    const bool sent = PQsendQueryParams(postgres->connection, text, (int)count, arguments.types,
                                        arguments.data, arguments.lengths, arguments.formats, 1) == 1;
    dispose_arguments(&arguments, count);
    postgres->unanswered++;
    return sent;
}

size_t postgres_unanswered(const struct postgres *postgres)
{
    return postgres->unanswered;
}

// ---- answers

// The next result, or NULL: between two statements, or when the connection is gone.
static PGresult *next_result(struct postgres *postgres, int64_t until_ms)
{
    while (PQisBusy(postgres->connection)) {
        const int unsent = PQflush(postgres->connection);
        if (unsent < 0 || !wait_for(postgres, unsent ? POLLIN | POLLOUT : POLLIN, until_ms) ||
            !PQconsumeInput(postgres->connection))
            return NULL;
    }
    return PQgetResult(postgres->connection);
}

// False when the connection is gone or nothing came in time. *last is the result of the last statement.
static bool collect(struct postgres *postgres, PGresult **last)
{
    const int64_t until_ms = clock_monotonic_ms() + ANSWER_MS;
    for (int nothing = 0; nothing < 2 && clock_monotonic_ms() < until_ms;) {
        PGresult *result = next_result(postgres, until_ms);
        if (!postgres_connected(postgres)) {
            PQclear(result);
            return false;
        }
        nothing = result ? 0 : nothing + 1;
        const ExecStatusType status = PQresultStatus(result);
        if (result && status == PGRES_PIPELINE_SYNC) {
            PQclear(result);
            return true;
        }
        if (result && (status == PGRES_FATAL_ERROR || status == PGRES_BAD_RESPONSE))
            note_failure(postgres, result);
        if (result) {
            PQclear(*last);
            *last = result;
        }
    }
    return false;
}

static void forget_prepared(struct postgres *postgres)
{
    for (size_t i = 0; i < postgres->prepared_count; i++)
        postgres->prepared[i].there = false;
}

enum postgres_outcome postgres_sync(struct postgres *postgres, struct postgres_rows **rows, struct err *err)
{
    PGresult *last = NULL;
    postgres->outcome = POSTGRES_GOOD;
    postgres->unanswered = 0;
    if (!postgres->connection || PQpipelineSync(postgres->connection) != 1 || !collect(postgres, &last)) {
        PQclear(last);
        const enum postgres_outcome outcome =
            away(postgres, postgres->connection ? PQerrorMessage(postgres->connection) : "", err);
        postgres_disconnect(postgres);
        return outcome;
    }
    if (postgres->outcome != POSTGRES_GOOD) {
        *err = postgres->why;
        forget_prepared(postgres);
        if (postgres->outcome == POSTGRES_AWAY)
            postgres_disconnect(postgres);
    } else if (rows && last) {
        *rows = xcalloc(1, sizeof **rows);
        (*rows)->result = STEAL(last);
    }
    PQclear(last);
    return postgres->outcome;
}

void postgres_rows_free(struct postgres_rows *rows)
{
    if (rows)
        PQclear(rows->result);
    xfree(rows);
}

// ---- rows

static uint64_t unsigned_of(const char *data, size_t length)
{
    uint64_t number = 0;
    for (size_t i = 0; i < length; i++)
        number = number << 8 | (unsigned char)data[i];
    return number;
}

// A whole number of type numeric (sums are): digits of base 10000 after four numbers of two bytes: how many digits,
// the weight of the first, sign, places.
static int64_t numeric_of(const char *data)
{
    const size_t digits = unsigned_of(data, 2);
    const int weight = (int16_t)unsigned_of(data + 2, 2);
    uint64_t number = 0;
    for (int i = 0; i <= weight; i++)
        number = number * 10000 + ((size_t)i < digits ? unsigned_of(data + 8 + 2 * i, 2) : 0);
    return (int64_t)(unsigned_of(data + 4, 2) ? -number : number);
}

static struct value value_of(const PGresult *result, int row, int column)
{
    const char *data = PQgetvalue(result, row, column);
    const size_t length = (size_t)PQgetlength(result, row, column);
    if (PQgetisnull(result, row, column))
        return (struct value){.kind = VALUE_NULL};
    switch (PQftype(result, column)) {
    case TYPE_INT2:
        return VALUE_OF_INTEGER((int16_t)unsigned_of(data, length));
    case TYPE_INT4:
        return VALUE_OF_INTEGER((int32_t)unsigned_of(data, length));
    case TYPE_INT8:
        return VALUE_OF_INTEGER((int64_t)unsigned_of(data, length));
    case TYPE_BOOL:
        return VALUE_OF_INTEGER(data[0]);
    case TYPE_NUMERIC:
        return VALUE_OF_INTEGER(numeric_of(data));
    case TYPE_BYTEA:
        return VALUE_OF_BYTES(text_of(data, length));
    default:
        return VALUE_OF_TEXT(text_of(data, length));
    }
}

static bool hand_row(const PGresult *result, int number, row_handler on_row, void *owner, struct err *err)
{
    char *own[DATABASE_COLUMNS_MAX] = {NULL};
    UNSET struct row row;
    row.count = (size_t)PQnfields(result);
    require(row.count <= DATABASE_COLUMNS_MAX);
    for (size_t i = 0; i < row.count; i++) {
        row.names[i] = PQfname(result, (int)i);
        row.values[i] = value_of(result, number, (int)i);
        struct text *text = &row.values[i].text;
        if (row.values[i].kind == VALUE_TEXT && dialect_text_in(&own[i], &text->length, *text))
            text->data = own[i];
    }
    const bool good = on_row(owner, &row, err);
    for (size_t i = 0; i < row.count; i++)
        xfree(own[i]);
    return good;
}

size_t postgres_count(const struct postgres_rows *rows)
{
    return rows ? (size_t)PQntuples(rows->result) : 0;
}

bool postgres_hand(const struct postgres_rows *rows, row_handler on_row, void *owner, struct err *err)
{
    for (size_t i = 0; i < postgres_count(rows); i++)
        if (!hand_row(rows->result, (int)i, on_row, owner, err))
            return false;
    return true;
}

const char *postgres_shown(const struct postgres *postgres)
{
    return postgres_address_shown(postgres->address);
}

const char *postgres_version(const struct postgres *postgres)
{
    return postgres->version ? postgres->version : "postgresql";
}

const struct store_reach *postgres_reach(const struct postgres *postgres)
{
    return postgres_address_reach(postgres->address);
}
