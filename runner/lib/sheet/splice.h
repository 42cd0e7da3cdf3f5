// Puts rows that were streamed into the package that libxlsxwriter wrote without them. In the worker.
//
// The package has every part; a page's part has all but its rows: the <sheetData> between its head and its end. What
// stands in that element is dropped. All other parts are copied as they are, byte for byte.
#ifndef RENKI_SHEET_SPLICE_H
#define RENKI_SHEET_SPLICE_H

#include "lib/sheet/reference.h"
#include "lib/sheet/spool.h"

// The part of a page beside its rows, with links, merged cells and the like.
#define SPLICE_FRAME_MAX ((size_t)64 << 20)

struct splice {
    char *part;          // "xl/worksheets/sheet1.xml"
    struct range range;  // what the rows take; {0}: nothing
    struct spooled rows; // becomes the whole part
};

// Writes the package at `path` anew; on failure what is there is no package.
bool sheet_splice(const char *path, struct sheet_spool *spool, struct splice *splices, size_t count,
                  struct err *err) MUST_CHECK;

#endif
