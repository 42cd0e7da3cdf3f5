// See cell.h. Runs in the worker.
#include "lib/sheet/cell.h"

const struct cell *sheet_row_cell(const struct sheet_row *row, uint32_t column)
{
    // Most rows have no holes: then the cell stands at its own place.
    if (column <= row->count && row->cells[column - 1].column == column)
        return &row->cells[column - 1];
    size_t low = 0, high = row->count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (row->cells[middle].column < column)
            low = middle + 1;
        else
            high = middle;
    }
    return low < row->count && row->cells[low].column == column ? &row->cells[low] : NULL;
}
