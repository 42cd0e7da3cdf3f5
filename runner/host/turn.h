// One transaction a turn of the loop (group commit). In the host.
//
// 1. Whoever writes calls turn_begin first; all that is written in one turn of the loop is committed together.
// 2. What may be told only when it is on disk goes to turn_after, which calls back after the commit, in order.
// 3. When the database fails, the whole turn is rolled back and every callback hears the error: nobody is told
//    "stored" who was not.
#ifndef RENKI_HOST_TURN_H
#define RENKI_HOST_TURN_H

#include "host/host.h"

struct turn *turn_new(struct host *host);
void turn_close(struct turn *turn); // stops its handles; freed by the loop

// False when the database can't be written or this turn has failed already.
bool turn_begin(struct host *host, struct err *err) MUST_CHECK;
// A write failed: nothing of this turn will be kept. Errors that are not the database's are passed over.
void turn_spoil(struct host *host, const struct err *why);
// Whether it is such an error.
bool turn_is_spoilt_by(enum err_code code);
// `failed` is NULL when all is on disk.
typedef void (*turn_done)(void *owner, const struct err *failed);
void turn_after(struct host *host, turn_done done, void *owner);
// Commits now, out of turn: before the process ends.
void turn_flush(struct host *host);

#endif
