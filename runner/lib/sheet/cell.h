// What a cell of a spreadsheet holds, whatever file it came from. In the worker.
#ifndef RENKI_SHEET_CELL_H
#define RENKI_SHEET_CELL_H

#include "lib/calendar/date.h"
#include "lib/sheet/number.h"

enum {
    SHEET_ROWS_MAX = 1048576,
    SHEET_COLUMNS_MAX = 16384,
    SHEET_CELL_CHARACTERS_MAX = 32767,
    SHEET_PAGE_NAME_BYTES_MAX = 31 * 4,
};

// What rows are opened with: formulas cost time and memory, so they come on request.
enum rows_with { ROWS_WITH_VALUES, ROWS_WITH_FORMULAS };

enum cell_kind { CELL_EMPTY, CELL_TEXT, CELL_NUMBER, CELL_BOOLEAN, CELL_DATE, CELL_ERROR };

enum cell_date_form {
    CELL_DAY,     // a date without time of day
    CELL_MOMENT,  // date and time
    CELL_TIME,    // a time of day: the serial is below one day
    CELL_ELAPSED, // hours that may pass 24, by its number format
};

struct cell {
    uint32_t column; // from 1
    enum cell_kind kind;
    bool boolean;
    bool percent; // a number that people see as "25 %"; its text is 0.25
    enum cell_date_form form;
    bool small;                 // CELL_NUMBER: `number` is its decimal; most numbers are so
    struct sheet_number number; // by sheet_number_small
    uint32_t shared;            // CELL_TEXT: the number of a shared text, from 1; 0: the cell's own
    struct text text; // the text; a number or a date's serial as the file has it; an error's name ("#N/A")
    struct moment moment; // date and time of CELL_DAY and CELL_MOMENT, time of CELL_TIME
    int64_t elapsed_ms;   // CELL_TIME and CELL_ELAPSED
    struct text formula;  // without the "=", where it was asked for; else empty
};

struct sheet_row {
    // Without empty ones, but for those with a formula where that was asked for; in the order of their columns. Valid
    // until the next row.
    const struct cell *cells;
    size_t count;
    uint32_t number; // as people see it in the margin: from 1; for CSV the line in the file
    uint32_t
        width; // of a CSV file: how many cells the row has, empty ones at its end too; 0 in other formats
    bool hidden;
};

// The cell in a column, or NULL where it is empty.
const struct cell *sheet_row_cell(const struct sheet_row *row, uint32_t column);

#endif
