// Reads many files by one reader process, one after the other: the schedules of a workspace. In the host.
//
// What a file does to its reader it does to those after it, so only files of one kind and one author's trust share one:
// manifests, which decide what a robot may, are read by reader.h, each by a process of its own. A process that dies or
// stands still is replaced; the file that did it twice is told as READER_DIED, the others are read by the next one.
#ifndef RENKI_HOST_READERS_H
#define RENKI_HOST_READERS_H

#include "host/reader.h"

struct readers;

// How many files may be asked for before the first answer comes; asking for more is our own bug.
enum { READERS_ASKED_MAX = 128 };

struct readers *readers_new(struct host *host);
// As reader_read; answers come in the order of asking, from the loop. `source` is copied.
void readers_read(struct readers *readers, const char *name, struct text source, reader_done done,
                  void *owner);
size_t readers_asked(const struct readers *readers); // and not answered yet
// The host ends: nobody is answered any more.
void readers_free(struct readers *readers);

#endif
