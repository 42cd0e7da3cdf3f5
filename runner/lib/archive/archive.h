// A zip file that is made of texts and files. In the command line.
//
// Entries come in the order in which they are added. Nothing is written before archive_finish, which writes the whole
// under a temporary name, syncs it and gives it its name: it is there whole or not at all.
#ifndef RENKI_ARCHIVE_H
#define RENKI_ARCHIVE_H

#include "lib/base/err.h"

struct archive;

// `path` is where it will be. FILE_UNWRITABLE.
bool archive_new(struct archive **out, const char *path, struct err *err) MUST_CHECK;
void archive_free(struct archive *archive); // without archive_finish nothing is left behind
DEFINE_SCOPED(archive)

// `name` with slashes, in UTF-8; `time_s` since 1970. The text is copied.
bool archive_add_text(struct archive *archive, const char *name, struct text text, int64_t time_s,
                      struct err *err) MUST_CHECK;
// The descriptor is taken, also on failure; it is read by archive_finish.
bool archive_add_file(struct archive *archive, const char *name, int descriptor, int64_t time_s,
                      struct err *err) MUST_CHECK;
// Mode 0600. FILE_UNWRITABLE.
bool archive_finish(struct archive *archive, struct err *err) MUST_CHECK;

#endif
