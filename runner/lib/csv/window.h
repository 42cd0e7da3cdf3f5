// The decoded file as a window that slides over it. Used by the CSV reader alone.
//
// 1. The file is read in blocks, never mapped: a file that another program cuts short while it is read ends early, and
//    ends no process.
// 2. UTF-8, which most files are, is read straight into the window and checked there; other encodings are decoded.
// 3. While a file whose encoding nobody told has shown nothing but ASCII, its encoding is still open: the first block
//    with other bytes decides.
#ifndef RENKI_CSV_WINDOW_H
#define RENKI_CSV_WINDOW_H

#include "lib/encoding/encoding.h"

#include <sys/types.h>

enum { CSV_BLOCK_BYTES = 256 << 10 };

struct csv_window {
    struct buf text;            // MARKS_PADDING zero bytes stand behind it
    bool at_end;                // no more bytes will come
    bool has_nul, has_replaced; // seen in the text so far: a zero byte; a sign for bytes that mean nothing
    uint64_t bytes_read;
    const char *encoding; // its name

    int descriptor; // -1: memory. Borrowed.
    struct text memory;
    off_t offset; // of the descriptor: several readers may share one
    char *block;  // bytes that are to be decoded; only for descriptors
    struct decoder decoder;
    bool lenient, open_encoding;
};

struct csv_window csv_window_new(int descriptor, struct text memory, bool lenient);
void csv_window_dispose(struct csv_window *window);
// Reads the first block. `label`: the encoding, or NULL to find it by looking.
bool csv_window_begin(struct csv_window *window, const char *label, struct err *err) MUST_CHECK;
// Drops `used` bytes at the front and reads on, at least as much as is left: what is scanned again is linear in all.
// Errors: LIMIT_PASSED where a row does not fit, CSV_BYTES without its line, SYSTEM.
bool csv_window_slide(struct csv_window *window, size_t used, struct err *err) MUST_CHECK;
// Looks through the rest of the file, where its encoding is still open, for bytes that decide.
bool csv_window_settle(struct csv_window *window, struct err *err) MUST_CHECK;

#endif
