// A connection to a PostgreSQL server: statements are sent without waiting, answered together. In the host.
//
//     postgres_new(&postgres, "postgresql://renki@db.example/renki", &err); postgres_connect(postgres, &err);
//     postgres_send(postgres, "INSERT …", values, 2); postgres_send(postgres, "SELECT …", NULL, 0);
//     if (postgres_sync(postgres, &rows, &err) == POSTGRES_GOOD) postgres_hand(rows, on_row, owner, &err);
//
// 1. postgres_connect comes first while nothing is sealed: it reads what libpq reads (service and password files) and
//    looks names up. Later ones use what was found then: addresses, the password.
// 2. Nothing waits for ever: each wait is bounded, and calls `while_away` about once a second.
// 3. The password is in no message and no log.
#ifndef RENKI_HOST_POSTGRES_H
#define RENKI_HOST_POSTGRES_H

#include "host/store/database.h"

enum postgres_outcome {
    POSTGRES_GOOD,
    POSTGRES_AWAY,   // the connection is gone, or never was
    POSTGRES_AGAIN,  // the transaction collided with another; once more, and it may pass
    POSTGRES_STALE,  // a division by zero: by the store's guard, see store_postgres.c
    POSTGRES_FAILED, // all else
};

struct postgres;
struct postgres_rows;

bool postgres_new(struct postgres **out, const char *where, struct err *err) MUST_CHECK;
void postgres_free(struct postgres *postgres);
DEFINE_SCOPED(postgres)

enum postgres_outcome postgres_connect(struct postgres *postgres, struct err *err) MUST_CHECK;
bool postgres_connected(const struct postgres *postgres);
void postgres_disconnect(struct postgres *postgres);

// `statement` is a literal in the store's words: translated and prepared once. False when the connection is gone.
bool postgres_send(struct postgres *postgres, const char *statement, const struct value *parameters,
                   size_t count) MUST_CHECK;
// One in PostgreSQL's own words, not prepared; `text` may go afterwards.
bool postgres_send_once(struct postgres *postgres, const char *text, const struct value *parameters,
                        size_t count) MUST_CHECK;
size_t postgres_unanswered(const struct postgres *postgres); // statements sent since the last sync
// Waits until all is answered. The last statement's rows to *rows if it is not NULL. After a failure what came behind
// the statement that failed was not done.
enum postgres_outcome postgres_sync(struct postgres *postgres, struct postgres_rows **rows,
                                    struct err *err) MUST_CHECK;
bool postgres_hand(const struct postgres_rows *rows, row_handler on_row, void *owner,
                   struct err *err) MUST_CHECK;
size_t postgres_count(const struct postgres_rows *rows);
void postgres_rows_free(struct postgres_rows *rows);
void postgres_while_away(struct postgres *postgres, void (*tick)(void *owner), void *owner);
void postgres_pause(const struct postgres *postgres, int milliseconds); // with ticks
const char *postgres_shown(const struct postgres *postgres);            // the address without password
const char *postgres_version(const struct postgres *postgres);          // "postgresql 15.4"
const struct store_reach *postgres_reach(const struct postgres *postgres);

#endif
