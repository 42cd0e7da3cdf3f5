// The store's session on a PostgreSQL server: connecting with the hosts' lock held, the server's clock, and how long it is
// waited for when it is away. In the host; the inside of store_postgres*.c.
#ifndef RENKI_HOST_STORE_POSTGRES_SESSION_H
#define RENKI_HOST_STORE_POSTGRES_SESSION_H

#include "host/store/database.h"
#include "host/store/postgres.h"
#include "host/store/transcript.h"

enum { TOKEN_BYTES = 16 };

struct database {
    struct postgres *postgres;
    struct transcript transcript;
    bool begun, sent, committing; // a transaction; its BEGIN, its COMMIT was sent
    bool lasting; // the last statements of a commit are being said: they are not in the transcript
    bool alone, gave_up, hurries;
    enum postgres_outcome last_outcome; // of a failure while lasting
    bool failed;
    struct err why;
    char token[2 * TOKEN_BYTES + 1];
    int64_t committed; // transactions under this token
    int64_t clock_offset_ms, clock_doubt_ms, clock_measured_ms, clock_asked_ms, clock_last_ms;
};

// A row handler: the first column, to the int64_t that is the owner.
bool session_integer(void *owner, const struct row *row, struct err *err) MUST_CHECK;
// Sends, waits, hands the rows of the last statement.
enum postgres_outcome session_ask(struct database *database, const char *text, const struct value *parameters,
                                  size_t count, row_handler on_row, void *owner, struct err *err) MUST_CHECK;

// Connects once: named by the token, with whatever the former connection still does ended, and the hosts' lock.
enum postgres_outcome session_connect(struct database *database, struct err *err) MUST_CHECK;
// For the first time: waits a little for the server, and makes the table `commits`.
bool session_open(struct database *database, struct err *err) MUST_CHECK;

int64_t session_now_ms(struct database *database);
// Asks for the server's time again where it was asked long ago.
void session_refresh_clock(struct database *database);

// How long something is tried; after it was given up once, each further try is short until the database is back.
struct patience {
    int64_t began_ms, most_ms;
    int pause_ms, collisions;
    bool tried, told;
};

struct patience patience_new(const struct database *database, int64_t most_ms);
// Whether to try once more, after a pause.
bool patience_lasts(struct database *database, struct patience *patience, enum postgres_outcome outcome,
                    const struct err *why) MUST_CHECK;
void patience_end(const struct patience *patience);

#endif
