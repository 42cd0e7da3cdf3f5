// Bytes of the parts of a package, compressed as they come and kept in one temporary file without a name. In the worker.
//
// Each piece ends at a byte's border and looks back to nothing (a full flush, RFC 1951), so the pieces of a part can be
// put behind each other, whatever was written between them.
#ifndef RENKI_SHEET_SPOOL_H
#define RENKI_SHEET_SPOOL_H

#include "lib/base/err.h"

#include <sys/types.h>

struct sheet_spool;

struct spool_piece {
    uint64_t offset, length; // in the temporary file
};

// What one part has there; begins as {0} and is disposed of.
struct spooled {
    struct spool_piece *pieces;
    size_t count;
    uint64_t bytes, packed; // before and after compression
    uint32_t crc;           // of the bytes before, as zip files have it
};

enum { SPOOL_CHUNK_BYTES = 128 * 1024 }; // a good length for one call of spool_add

// `beside`: the name that the temporary file has for an instant; `path`: what is written, for messages. Nothing is made
// before the first bytes come.
struct sheet_spool *sheet_spool_new(const char *beside, const char *path);
void sheet_spool_free(struct sheet_spool *spool);
DEFINE_SCOPED(sheet_spool)
// ERR_SHEET_WRITE when the disk is full.
bool spool_add(struct sheet_spool *spool, struct spooled *to, struct text bytes, struct err *err) MUST_CHECK;
// The end of a part: nothing is added to it afterwards.
bool spool_end(struct sheet_spool *spool, struct spooled *part, struct err *err) MUST_CHECK;
// `behind` follows `to`, and is empty then.
void spool_join(struct spooled *to, struct spooled *behind);
// Reads packed bytes from `at` on; how many, 0 at the end, -1 with errno.
ssize_t spool_read(const struct sheet_spool *spool, const struct spooled *from, uint64_t at, void *out,
                   size_t size);
void spooled_dispose(struct spooled *spooled);

#endif
