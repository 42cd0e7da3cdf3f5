// Asks a reader process to turn a manifest or settings file into plain data. In the host, which never runs Lua itself.
#ifndef RENKI_HOST_READER_H
#define RENKI_HOST_READER_H

#include "host/host.h"

enum {
    READER_MS = 20000
}; // for one file; a machine may have much else to do, and computing has its own bound
// `json` is borrowed; `failed` is NULL when it worked. Always called once, from the loop.
typedef void (*reader_done)(void *owner, struct text json, const struct err *failed);
// `name` is how messages call the file: "renki.lua".
void reader_read(struct host *host, const char *name, struct text source, reader_done done, void *owner);
// Hands READ_DONE or READ_FAILED to `done`; false when the frame is neither in order.
bool reader_take(struct frame *frame, reader_done done, void *owner, struct err *err) MUST_CHECK;

#endif
