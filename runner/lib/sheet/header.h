// Columns by the names in a header row. In the worker.
//
// 1. Names are trimmed, line ends in them are blanks. One that comes again gets a number: "Sum", "Sum_2", "Sum_3".
// 2. A column is found by its exact name, else by the same letters without regard to case, blanks and punctuation, else
//    by its aliases in the same two ways.
#ifndef RENKI_SHEET_HEADER_H
#define RENKI_SHEET_HEADER_H

#include "lib/sheet/cell.h"

struct header {
    char **names;   // by column - 1; NULL where a column has no name
    uint32_t count; // up to the last named column
};

struct column_wish {
    const char *name;           // as the robot calls it
    const char *const *aliases; // other names that the file may have
    size_t alias_count;
    bool optional;
};

void header_read(struct header *out, const struct sheet_row *row);
void header_dispose(struct header *header);

// The column of that name, from 1; 0 when there is none.
uint32_t header_find(const struct header *header, const char *name);
// The nearest name for a message, or NULL.
const char *header_nearest(const struct header *header, const char *name);
// Fills columns[i] for each wish (0 for an optional one that is not there). One error, SHEET_COLUMNS_MISSING, names all
// that are missing, the nearest names, and what there is. SHEET_COLUMN_TWICE: two wishes mean one column.
bool header_choose(uint32_t *columns, const struct header *header, const struct column_wish *wishes,
                   size_t count, struct err *err) MUST_CHECK;

#endif
