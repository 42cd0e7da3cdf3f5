// The store's database in SQLite: write-ahead log, synchronous=FULL, incremental vacuum. In the host; the only file
// that names SQLite.
//
// A power cut loses nothing that was committed: synchronous=FULL syncs the log at each commit. Several hosts may have
// the file open: writers wait for each other up to BUSY_WAIT_MS.
#include "host/store/database.h"

#include "host/store/store.h"
#include "lib/base/clock.h"

#include <sqlite3.h>

enum { BUSY_WAIT_MS = 5000, STATEMENTS_MAX = 512, VACUUM_PAGES = 64 };

struct prepared {
    const char *text; // the literal's address is the key
    sqlite3_stmt *statement;
};

struct database {
    sqlite3 *handle;
    char *path, *version;
    struct prepared prepared[STATEMENTS_MAX];
    size_t prepared_count;
};

// SQLite's result codes in the words of errors.def.
static const struct {
    int code;
    enum err_code error;
} errors[] = {
    {SQLITE_BUSY, ERR_STORE_LOCKED},        {SQLITE_LOCKED, ERR_STORE_LOCKED},
    {SQLITE_CORRUPT, ERR_STORE_CORRUPT},    {SQLITE_NOTADB, ERR_STORE_CORRUPT},
    {SQLITE_READONLY, ERR_STORE_READ_ONLY}, {SQLITE_CANTOPEN, ERR_STORE_READ_ONLY},
    {SQLITE_PERM, ERR_STORE_READ_ONLY},     {SQLITE_FULL, ERR_STORE_FULL},
};

static bool failed(struct database *database, int code, struct err *err)
{
    const char *reason = sqlite3_errmsg(database->handle);
    for (size_t i = 0; i < COUNT_OF(errors); i++)
        if ((code & 0xFF) == errors[i].code)
            return fail(err, errors[i].error, database->path, reason);
    return fail(err, ERR_STORE_FAILED, database->path, reason);
}

static void sqlite_close(struct database *database)
{
    if (!database)
        return;
    for (size_t i = 0; i < database->prepared_count; i++)
        sqlite3_finalize(database->prepared[i].statement);
    sqlite3_close(database->handle);
    xfree(database->path);
    xfree(database->version);
    xfree(database);
}

static bool sqlite_script(struct database *database, const char *statements, struct err *err)
{
    const int code = sqlite3_exec(database->handle, statements, NULL, NULL, NULL);
    return code == SQLITE_OK ? true : failed(database, code, err);
}

static const char settings[] = "PRAGMA journal_mode=WAL;"
                               "PRAGMA synchronous=FULL;"
                               "PRAGMA foreign_keys=ON;"
                               "PRAGMA trusted_schema=OFF;"
                               "PRAGMA cell_size_check=ON;"
                               "PRAGMA journal_size_limit=16777216;"
                               "PRAGMA cache_size=-1024;"
                               "PRAGMA temp_store=MEMORY;";

static int note_table(void *owner, int count, char **values, char **names)
{
    (void)count, (void)values, (void)names;
    *(bool *)owner = true;
    return 0;
}

// auto_vacuum counts only before the first table; said later, it would write the file each time that it is opened.
static bool settle(struct database *database, struct err *err)
{
    bool tables = false;
    const int code =
        sqlite3_exec(database->handle, "SELECT 1 FROM sqlite_master LIMIT 1", note_table, &tables, NULL);
    if (code != SQLITE_OK)
        return failed(database, code, err);
    return (tables || sqlite_script(database, "PRAGMA auto_vacuum=INCREMENTAL", err)) &&
           sqlite_script(database, settings, err);
}

static bool sqlite_open(struct database **out, const char *path, bool alone, struct err *err)
{
    struct database *database = xcalloc(1, sizeof *database);
    database->path = xstrdup(path);
    database->version = xasprintf("sqlite %s", sqlite3_libversion());
    const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_NOFOLLOW;
    const int code = sqlite3_open_v2(path, &database->handle, flags, NULL);
    bool opened = code == SQLITE_OK ? true : failed(database, code, err);
    if (opened) {
        sqlite3_extended_result_codes(database->handle, 1);
        sqlite3_busy_timeout(database->handle, BUSY_WAIT_MS);
        sqlite3_db_config(database->handle, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
        opened = (!alone || sqlite_script(database, "PRAGMA locking_mode=EXCLUSIVE", err)) &&
                 settle(database, err);
    }
    if (!opened) {
        sqlite_close(database);
        return false;
    }
    *out = database;
    return true;
}

// Rows are locked by BEGIN IMMEDIATE, all of them.
static char *without_row_locks(const char *text)
{
    static const char *const locks[] = {" FOR UPDATE SKIP LOCKED", " FOR UPDATE"};
    char *own = xstrdup(text);
    for (size_t i = 0; i < COUNT_OF(locks); i++)
        for (char *at; (at = strstr(own, locks[i])) != NULL;)
            memmove(at, at + strlen(locks[i]), strlen(at + strlen(locks[i])) + 1);
    return own;
}

static sqlite3_stmt *prepare(struct database *database, const char *text, struct err *err)
{
    for (size_t i = 0; i < database->prepared_count; i++)
        if (database->prepared[i].text == text)
            return database->prepared[i].statement;
    require(database->prepared_count < STATEMENTS_MAX);
    sqlite3_stmt *statement = NULL;
    SCOPED_TEXT char *own = without_row_locks(text);
    const int code =
        sqlite3_prepare_v3(database->handle, own, -1, SQLITE_PREPARE_PERSISTENT, &statement, NULL);
    if (code != SQLITE_OK) {
        (void)failed(database, code, err);
        return NULL;
    }
    database->prepared[database->prepared_count++] = (struct prepared){text, statement};
    return statement;
}

static void bind(sqlite3_stmt *statement, int index, const struct value *value)
{
    const char *data = value->text.data ? value->text.data : "";
    switch (value->kind) {
    case VALUE_NULL:
        sqlite3_bind_null(statement, index);
        break;
    case VALUE_INTEGER:
        sqlite3_bind_int64(statement, index, value->integer);
        break;
    case VALUE_TEXT:
        sqlite3_bind_text64(statement, index, data, value->text.length, SQLITE_STATIC, SQLITE_UTF8);
        break;
    case VALUE_BYTES:
        sqlite3_bind_blob64(statement, index, data, value->text.length, SQLITE_STATIC);
        break;
    }
}

static struct value column(sqlite3_stmt *statement, int index)
{
    switch (sqlite3_column_type(statement, index)) {
    case SQLITE_INTEGER:
        return VALUE_OF_INTEGER(sqlite3_column_int64(statement, index));
    case SQLITE_NULL:
        return (struct value){.kind = VALUE_NULL};
    case SQLITE_BLOB: {
        const void *data = sqlite3_column_blob(statement, index);
        return VALUE_OF_BYTES(text_of(data, (size_t)sqlite3_column_bytes(statement, index)));
    }
    default: {
        const char *data = (const char *)sqlite3_column_text(statement, index);
        return VALUE_OF_TEXT(text_of(data, (size_t)sqlite3_column_bytes(statement, index)));
    }
    }
}

static bool hand_row(sqlite3_stmt *statement, row_handler on_row, void *owner, struct err *err)
{
    UNSET struct row row;
    row.count = (size_t)sqlite3_column_count(statement);
    require(row.count <= DATABASE_COLUMNS_MAX);
    for (size_t i = 0; i < row.count; i++) {
        row.names[i] = sqlite3_column_name(statement, (int)i);
        row.values[i] = column(statement, (int)i);
    }
    return on_row(owner, &row, err);
}

static bool sqlite_run(struct database *database, const char *text, const struct value *parameters,
                       size_t count, row_handler on_row, void *owner, struct err *err)
{
    sqlite3_stmt *statement = prepare(database, text, err);
    if (!statement)
        return false;
    for (size_t i = 0; i < count; i++)
        bind(statement, (int)i + 1, &parameters[i]);
    int code;
    bool good = true;
    while (good && (code = sqlite3_step(statement)) == SQLITE_ROW)
        good = !on_row || hand_row(statement, on_row, owner, err);
    if (good && code != SQLITE_DONE)
        good = failed(database, code, err);
    sqlite3_reset(statement);
    sqlite3_clear_bindings(statement);
    return good;
}

static bool sqlite_begin(struct database *database, struct err *err)
{
    return sqlite_run(database, "BEGIN IMMEDIATE", NULL, 0, NULL, NULL, err);
}

static bool sqlite_commit(struct database *database, database_last last, void *owner, struct err *err)
{
    return (!last || last(owner, err)) && sqlite_run(database, "COMMIT", NULL, 0, NULL, NULL, err);
}

// Who has begun writes alone.
static bool sqlite_lock(struct database *database, enum database_lock lock, struct err *err)
{
    (void)database, (void)lock, (void)err;
    return true;
}

// A full disk may have rolled back already; then there is nothing to do.
static void sqlite_rollback(struct database *database)
{
    struct err ignored;
    if (!sqlite3_get_autocommit(database->handle))
        (void)!sqlite_run(database, "ROLLBACK", NULL, 0, NULL, NULL, &ignored);
}

static bool verdict(void *owner, const struct row *row, struct err *err)
{
    const struct database *database = owner;
    if (text_is(row->values[0].text, "ok"))
        return true;
    SCOPED_TEXT char *reason = text_copy(row->values[0].text);
    return fail(err, ERR_STORE_CORRUPT, database->path, reason);
}

static bool sqlite_verify(struct database *database, struct err *err)
{
    return sqlite_run(database, "PRAGMA quick_check(1)", NULL, 0, verdict, database, err);
}

static bool sqlite_tidy(struct database *database, struct err *err)
{
    SCOPED_TEXT char *statement = xasprintf("PRAGMA incremental_vacuum(%d)", VACUUM_PAGES);
    return sqlite_script(database, statement, err);
}

static void sqlite_rest(struct database *database)
{
    sqlite3_db_release_memory(database->handle);
}

static int64_t sqlite_now_ms(struct database *database)
{
    (void)database;
    return clock_realtime_ms();
}

static const char *sqlite_version(const struct database *database)
{
    return database->version;
}

static bool take_integer(void *owner, const struct row *row, struct err *err)
{
    (void)err;
    *(int64_t *)owner = row->values[0].integer;
    return true;
}

static bool sqlite_sequence(struct database *database, const char *table, int64_t *drawn, struct err *err)
{
    const struct value name = VALUE_OF_TEXT(text_from(table));
    *drawn = 0;
    return sqlite_run(database, "SELECT seq FROM sqlite_sequence WHERE name = ?1", &name, 1, take_integer,
                      drawn, err);
}

static bool sqlite_set_sequence(struct database *database, const char *table, int64_t drawn, struct err *err)
{
    const struct value values[] = {VALUE_OF_TEXT(text_from(table)), VALUE_OF_INTEGER(drawn)};
    return sqlite_run(database, "DELETE FROM sqlite_sequence WHERE name = ?1", values, 1, NULL, NULL, err) &&
           sqlite_run(database, "INSERT INTO sqlite_sequence (name, seq) VALUES (?1, ?2)", values, 2, NULL,
                      NULL, err);
}

static const char *sqlite_place(const struct database *database)
{
    return database->path;
}

static const struct store_reach *sqlite_reach(const struct database *database)
{
    static const struct store_reach none;
    (void)database;
    return &none;
}

static void sqlite_while_away(struct database *database, void (*tick)(void *owner), void *owner)
{
    (void)database, (void)tick, (void)owner; // a file does not go away
}

// One machine's: nobody is fenced.
static const char *token(const struct database *database)
{
    (void)database;
    return "";
}

static void renew(struct database *database)
{
    (void)database;
}

static void sqlite_hurry(struct database *database)
{
    (void)database;
}

const struct database_backend database_sqlite = {
    .name = "sqlite",
    .open = sqlite_open,
    .close = sqlite_close,
    .begin = sqlite_begin,
    .commit = sqlite_commit,
    .rollback = sqlite_rollback,
    .run = sqlite_run,
    .each = sqlite_run,
    .lock = sqlite_lock,
    .script = sqlite_script,
    .verify = sqlite_verify,
    .tidy = sqlite_tidy,
    .rest = sqlite_rest,
    .now_ms = sqlite_now_ms,
    .version = sqlite_version,
    .tables =
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%' ORDER BY rowid",
    .sequence = sqlite_sequence,
    .set_sequence = sqlite_set_sequence,
    .place = sqlite_place,
    .reach = sqlite_reach,
    .while_away = sqlite_while_away,
    .hurry = sqlite_hurry,
    .token = token,
    .renew = renew,
};
