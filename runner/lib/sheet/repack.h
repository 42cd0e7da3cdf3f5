// Writes a package anew with some of its parts changed. In the worker.
//
// Entries that are not changed are copied as they lie in the file: their compressed bytes, order and times.
#ifndef RENKI_SHEET_REPACK_H
#define RENKI_SHEET_REPACK_H

#include "lib/sheet/spool.h"

struct repack_change {
    const char *part; // "xl/workbook.xml"; added when the package has none of that name
    bool remove;
    struct text content; // borrowed
    // Instead of `content`, what is compressed already and was ended (spool_end). Borrowed.
    const struct spooled *spooled;
    const struct sheet_spool *spool;
};

// Reads from `source` (seekable; its position does not matter) and writes to `target`, an empty file. Both stay open.
bool repack(int source, int target, const struct repack_change *changes, size_t count,
            struct err *err) MUST_CHECK;

#endif
