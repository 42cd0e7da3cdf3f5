// The rows and cells of a page in the form in which nearly every program writes them:
//
//     <row r="7" spans="1:3"><c r="A7" s="1" t="s"><v>12</v></c>…</row>
//
// A page has millions of them, so they are told from the bytes directly. Whatever looks any other way, right or wrong, is
// PLAIN_OTHER: then the general scanner reads that row and decides. In the worker.
#ifndef RENKI_SHEET_PLAIN_H
#define RENKI_SHEET_PLAIN_H

#include "lib/sheet/cell.h"

enum plain {
    PLAIN_TAKEN,
    PLAIN_STOP, // the row's end tag, instead of a cell
    PLAIN_MORE, // the bytes end before one can tell
    PLAIN_OTHER,
};

struct plain_row {
    uint32_t number; // 0: not told
    bool hidden, empty;
};

enum plain_type { PLAIN_NUMBER, PLAIN_SHARED, PLAIN_TEXT, PLAIN_BOOLEAN, PLAIN_ERROR, PLAIN_DATE };

struct plain_cell {
    uint32_t column; // 0: not told
    uint32_t style;
    enum plain_type type;
    struct text value; // as it stands in the part
    bool small;        // of numbers and the like: `number` is the value, as sheet_number_small has it
    struct sheet_number number;
    bool coded;   // of texts: it may hold character references, line ends to be put right or _xHHHH_
    bool letters; // of texts: it has bytes beyond ASCII
};

// The digits of a row's number with the quote behind them, for the references of its cells.
struct plain_place {
    char digits[8];
    size_t length;
};
struct plain_place plain_place(uint32_t row); // at most SHEET_ROWS_MAX

// Each takes what it tells of from the front of `ahead`, with blanks before it; `ahead` is left as it was when there is none.
enum plain plain_row(struct plain_row *out, struct text *ahead);
enum plain plain_cell(struct plain_cell *out, struct text *ahead, const struct plain_place *place);
// One shared text, <si><t>…</t></si>: its value, coded, letters.
enum plain plain_shared_text(struct plain_cell *out, struct text *ahead);

#endif
