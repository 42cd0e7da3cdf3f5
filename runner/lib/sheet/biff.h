// The records of an old Excel workbook: type, length, bytes; long ones go on in records of the type CONTINUE. In the
// worker. [MS-XLS] 2.1 for BIFF8, "Excel 97 and 95 file format" of OpenOffice.org for BIFF2 to BIFF5.
#ifndef RENKI_SHEET_BIFF_H
#define RENKI_SHEET_BIFF_H

#include "lib/encoding/encoding.h"
#include "lib/sheet/bytes.h"
#include "lib/sheet/ole.h"

// Versions: Excel 2, 3, 4, 5 and 95 (5), 97 to 2003 (8).
enum biff_version { BIFF2 = 2, BIFF3 = 3, BIFF4 = 4, BIFF5 = 5, BIFF8 = 8 };

enum biff_type {
    BIFF_EOF = 0x0A,
    BIFF_DATEMODE = 0x22,
    BIFF_FILEPASS = 0x2F,
    BIFF_CONTINUE = 0x3C,
    BIFF_CODEPAGE = 0x42,
    BIFF_COLINFO = 0x7D,
    BIFF_BOUNDSHEET = 0x85,
    BIFF_MULRK = 0xBD,
    BIFF_RSTRING = 0xD6,
    BIFF_XF = 0xE0,
    BIFF_MERGECELLS = 0xE5,
    BIFF_SST = 0xFC,
    BIFF_LABELSST = 0xFD,
    BIFF_DIMENSIONS = 0x200,
    BIFF_NUMBER = 0x203,
    BIFF_LABEL = 0x204,
    BIFF_BOOLERR = 0x205,
    BIFF_STRING = 0x207,
    BIFF_ROW = 0x208,
    BIFF_RK = 0x27E,
    BIFF_FORMULA = 0x06,
    BIFF_FORMULA3 = 0x206,
    BIFF_FORMULA4 = 0x406,
    BIFF_FORMAT = 0x41E,
    BIFF_BOF = 0x809,
    // of older versions only
    BIFF2_INTEGER = 0x02,
    BIFF2_NUMBER = 0x03,
    BIFF2_LABEL = 0x04,
    BIFF2_BOOLERR = 0x05,
    BIFF2_STRING = 0x07,
    BIFF2_BOF = 0x09,
    BIFF2_FORMAT = 0x1E,
    BIFF3_BOF = 0x209,
    BIFF3_XF = 0x243,
    BIFF4_BOF = 0x409,
    BIFF4_XF = 0x443,
};

// What a BOF record begins.
enum { BIFF_GLOBALS = 0x05, BIFF_WORKSHEET = 0x10, BIFF_WORKSPACE = 0x100 };

enum { BIFF_RECORD_BYTES_MAX = 65535 };

struct biff {
    const struct ole_stream *stream;
    enum biff_version version;       // of texts
    const struct encoding *encoding; // of texts before BIFF8
    char *window;
    uint64_t window_at;
    size_t window_length;
    uint64_t next; // where the next record begins
    // the present record
    uint16_t type;
    uint64_t at;               // where it begins
    const unsigned char *data; // valid until the next one
    size_t length, taken;      // taken: how far the functions below have read it
};

// Borrows the stream.
struct biff biff_new(const struct ole_stream *stream);
void biff_dispose(struct biff *biff);
void biff_seek(struct biff *biff, uint64_t offset); // the next record is the one there
// *more is false at the end of the stream. SHEET_BROKEN_XLS when a record goes beyond it.
bool biff_next(struct biff *biff, bool *more, struct err *err) MUST_CHECK;
// Fails when the record has fewer bytes.
bool biff_require(const struct biff *biff, size_t length, struct err *err) MUST_CHECK;

// Appends a text as UTF-8, from byte `at` of the record on; its length stands before it in `length_bytes` bytes. It may
// go on in CONTINUE records, and then the present record is the last of them.
bool biff_text(struct biff *biff, size_t at, unsigned length_bytes, struct buf *out,
               struct err *err) MUST_CHECK;
// The same for the next of many BIFF8 texts that follow each other; *more is false when there is none.
bool biff_next_text(struct biff *biff, struct buf *out, bool *more, struct err *err) MUST_CHECK;

#endif
