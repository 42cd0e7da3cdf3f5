// The store's inside, shared by the files of store/ and seen by nobody else. In the host.
#ifndef RENKI_HOST_STORE_OWN_H
#define RENKI_HOST_STORE_OWN_H

#include "host/store/database.h"
#include "host/store/store.h"

struct audit_pending;
struct store {
    const struct database_backend *backend;
    struct database *database;
    bool begun;
    struct audit_pending *pending; // audit rows of the transaction under way, in order
    size_t pending_count, pending_capacity;
};

// STORE_LOCKED when a host has it open; none can open it meanwhile.
bool store_open_alone(struct store **out, const char *where, struct err *err) MUST_CHECK;

bool store_run_statement(struct store *store, const char *statement, const struct value *parameters,
                         size_t count, row_handler on_row, void *owner, struct err *err) MUST_CHECK;
// ---- audit.c: rows are chained when the transaction commits, so that only then one waits for another's
bool audit_append_pending(void *store, struct err *err) MUST_CHECK; // a database_last
void audit_forget_pending(struct store *store);

// A row handler: the first column to an int64_t.
bool store_take_integer(void *owner, const struct row *row, struct err *err);
// A row handler: the row as an object, to a struct json_writer. A column named `x!` holds JSON and is copied as such, `x?`
// is true or false.
bool store_write_row(void *owner, const struct row *row, struct err *err);

// ---- view.c: the statement's rows as an array of objects; `key` is its parameter
bool store_view_rows(struct store *store, struct json_writer *out, const char *statement, int64_t key,
                     struct err *err) MUST_CHECK;
// view.c: a row handler that writes the row as an object to a json_writer.
bool store_write_row(void *owner, const struct row *row, struct err *err);

// RUN(store, statement, on_row, owner, parameters…) with `err` of the function around it.
#define RUN(store, statement, on_row, owner, ...)                                                            \
    store_run_statement(                                                                                     \
        store, statement, (const struct value[]){__VA_ARGS__ __VA_OPT__(, )(struct value){0}},               \
        sizeof((const struct value[]){__VA_ARGS__ __VA_OPT__(, )(struct value){0}}) / sizeof(struct value) - \
            1,                                                                                               \
        on_row, owner, err)

#endif
