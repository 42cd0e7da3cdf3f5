// What the store needs of a database: statements, rows, transactions. In the host; seen by store/ alone.
//
// The store's statements are written once, in the SQL that SQLite and PostgreSQL share; a back end is a struct of
// functions. Parameters are ?1, ?2 …; a statement is text that lives for ever (a literal), so that it is prepared once.
// FOR UPDATE SKIP LOCKED may end one: SQLite, where one transaction writes at a time, goes without.
#ifndef RENKI_HOST_DATABASE_H
#define RENKI_HOST_DATABASE_H

#include "lib/base/err.h"

enum value_kind { VALUE_NULL, VALUE_INTEGER, VALUE_TEXT, VALUE_BYTES };

struct value {
    enum value_kind kind;
    int64_t integer;
    struct text text; // of VALUE_TEXT and VALUE_BYTES; borrowed
};
#define VALUE_OF_INTEGER(number) ((struct value){.kind = VALUE_INTEGER, .integer = (number)})
#define VALUE_OF_TEXT(borrowed) ((struct value){.kind = VALUE_TEXT, .text = (borrowed)})
#define VALUE_OF_BYTES(borrowed) ((struct value){.kind = VALUE_BYTES, .text = (borrowed)})

enum { DATABASE_COLUMNS_MAX = 64 };
struct row {
    size_t count;
    const char *names[DATABASE_COLUMNS_MAX];
    struct value values[DATABASE_COLUMNS_MAX]; // borrowed until the handler returns
};
// False stops the statement; `err` says why.
typedef bool (*row_handler)(void *owner, const struct row *row, struct err *err);

// What only one transaction at a time may do, whichever host it is of.
enum database_lock { DATABASE_LOCK_SCHEMA, DATABASE_LOCK_AUDIT, DATABASE_LOCK_LANES };

// Writes what comes last in a transaction and depends on others; see commit.
typedef bool (*database_last)(void *owner, struct err *err);

struct database;
struct store_reach; // store.h
struct database_backend {
    const char *name;
    // Opens or makes it. STORE_LOCKED, STORE_CORRUPT, STORE_READ_ONLY, STORE_FULL or STORE_FAILED, here and below.
    // `alone`: STORE_LOCKED when a host has it open, and none can open it meanwhile.
    bool (*open)(struct database **out, const char *where, bool alone, struct err *err);
    void (*close)(struct database *database);
    bool (*begin)(struct database *database, struct err *err); // for writing; waits for other hosts a while
    // `last` may be NULL. It is called again when the database went away meanwhile and the transaction is repeated.
    bool (*commit)(struct database *database, database_last last, void *owner, struct err *err);
    void (*rollback)(struct database *database);
    bool (*run)(struct database *database, const char *statement, const struct value *parameters,
                size_t count, row_handler on_row, void *owner, struct err *err);
    // The same for reading much: the rows are not gathered first, and the handler runs no statement here.
    bool (*each)(struct database *database, const char *statement, const struct value *parameters,
                 size_t count, row_handler on_row, void *owner, struct err *err);
    bool (*lock)(struct database *database, enum database_lock lock, struct err *err); // until its end
    bool (*script)(struct database *database, const char *statements, struct err *err);
    bool (*verify)(struct database *database, struct err *err); // reads all of it
    bool (*tidy)(struct database *database, struct err *err);   // gives back a little free space
    void (*rest)(struct database *database); // gives back the memory that the next statement does not need
    int64_t (*now_ms)(struct database *database); // the clock that rules
    const char *(*version)(const struct database *database);
    // Under what its transactions are counted, in the table `commits`; "" where no other machine's host writes.
    const char *(*token)(const struct database *database);
    void (*renew)(struct database *database); // after HOST_FENCED: a new token
    const char *tables; // a statement: the names of all tables, those that others refer to first
    // What was drawn last for a table's ids, 0 for none; and what was.
    bool (*sequence)(struct database *database, const char *table, int64_t *drawn, struct err *err);
    bool (*set_sequence)(struct database *database, const char *table, int64_t drawn, struct err *err);
    const char *(*place)(const struct database *database); // for people: no password
    const struct store_reach *(*reach)(const struct database *database);
    // Called about once a second while the database is waited for.
    void (*while_away)(struct database *database, void (*tick)(void *owner), void *owner);
    void (*hurry)(struct database *database); // from now on it is waited for a few seconds at most
};
extern const struct database_backend database_sqlite, database_postgres;

#endif
