// The compound file that an old Office document is: streams by name, in sectors. In the worker. [MS-CFB].
//
// 1. Nothing is sized by what a file claims: chains end after as many sectors as the file has, whatever they point at.
// 2. Only streams at the root are found: deeper ones belong to things that were embedded.
#ifndef RENKI_SHEET_OLE_H
#define RENKI_SHEET_OLE_H

#include "lib/base/err.h"

#define OLE_FILE_BYTES_MAX ((uint64_t)1 << 30)
enum { OLE_ENTRIES_MAX = 1 << 16 };

struct ole;
struct ole_stream;

// Takes the descriptor, also on failure.
bool ole_open(struct ole **out, int descriptor, struct err *err) MUST_CHECK;
void ole_free(struct ole *ole);
DEFINE_SCOPED(ole)
// Whether there is a stream or a folder of that name at the root; letters' case doesn't matter.
bool ole_has(const struct ole *ole, const char *name);

// The container must live longer. SHEET_BROKEN_XLS when there is none of that name, or its sectors are not all there.
bool ole_stream_open(struct ole_stream **out, const struct ole *ole, const char *name,
                     struct err *err) MUST_CHECK;
// A file without a container, as one stream. The descriptor is borrowed.
bool ole_stream_open_file(struct ole_stream **out, int descriptor, struct err *err) MUST_CHECK;
void ole_stream_free(struct ole_stream *stream);
DEFINE_SCOPED(ole_stream)
uint64_t ole_stream_size(const struct ole_stream *stream);
// All of `length` bytes, or an error.
bool ole_stream_read(const struct ole_stream *stream, uint64_t offset, void *into, size_t length,
                     struct err *err) MUST_CHECK;

#endif
