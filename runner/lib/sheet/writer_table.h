// Excel's tables: a range with a name, headers, arrows, stripes and totals that people can sort, filter and extend.
// In the worker.
#ifndef RENKI_SHEET_WRITER_TABLE_H
#define RENKI_SHEET_WRITER_TABLE_H

#include "lib/sheet/writer.h"

enum sheet_total { TOTAL_NONE, TOTAL_SUM, TOTAL_AVERAGE, TOTAL_COUNT, TOTAL_MIN, TOTAL_MAX, TOTAL_KINDS };
extern const char *const sheet_total_names[TOTAL_KINDS + 1]; // "none", "sum" …, ended by NULL
bool sheet_total_from_name(enum sheet_total *out, struct text name) MUST_CHECK;

struct written_table {
    const char *name;               // as sheet_writer_table_name gives it
    struct range range;             // headers, rows (one at least) and totals
    const char *const *headers;     // the texts of its first row
    const enum sheet_total *totals; // of each column; NULL: no row of totals
    const char *label;              // of the totals, in the first column; NULL: none
    bool no_filter, no_stripes;
};
enum { TABLE_HEADER_MAX = 255 };

// Whether headers can be those of an Excel table: each there, at most 255 letters, no two the same.
bool sheet_headers_for_table(const char *const *headers, size_t count) MUST_CHECK;
// A name for a table that Excel takes and no table of the workbook has, made from `wanted`; the caller frees it.
char *sheet_writer_table_name(const struct sheet_writer *writer, struct text wanted);
// Makes what is written on the page a table. The cells of headers and totals must stand there as it says.
bool sheet_writer_table(struct sheet_writer *writer, size_t page, const struct written_table *table,
                        struct err *err) MUST_CHECK;
// Appends "SUBTOTAL(109,Table[Column])": the total of what the filter shows. Without a table `column` is a range as it
// stands, else a header. False when the buffer is full.
bool sheet_total_formula(struct buf *out, enum sheet_total total, const char *table,
                         const char *column) MUST_CHECK;

#endif
