// Tables that a workbook names: a range with a header and perhaps a totals row. In the worker. ECMA-376 part 1, 18.5.
#ifndef RENKI_SHEET_TABLES_H
#define RENKI_SHEET_TABLES_H

#include "lib/sheet/reference.h"

enum { TABLES_MAX = 1 << 14, TABLE_PART_BYTES_MAX = 64 << 20 };

struct package;

struct sheet_table {
    char *name;
    char *part;                       // where it stands in the package
    size_t page;                      // from 0
    struct range range;               // with header and totals
    uint32_t header_rows, total_rows; // 0 or 1 as a rule
    char **columns;                   // as the file names them, by column
    size_t column_count;
};

struct tables {
    struct sheet_table *items;
    size_t count;
};

void tables_dispose(struct tables *tables);
// Adds the one that the part holds.
bool tables_read(struct tables *tables, struct package *package, const char *part, size_t page,
                 struct err *err) MUST_CHECK;
// Without regard to case; NULL when there is none. `page` SIZE_MAX: on any page.
const struct sheet_table *tables_find(const struct tables *tables, struct text name, size_t page);
// Whether there are rows between header and totals; *body is their range.
bool table_body(const struct sheet_table *table, struct range *body) MUST_CHECK;

#endif
