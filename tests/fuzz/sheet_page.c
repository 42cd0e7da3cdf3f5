// A page of a workbook from anybody: rows, cells, merged ranges.
// links: sheet
#include "workbook.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    walk_workbook(PART_PAGE, text_of((const char *)data, size));
    return 0;
}
