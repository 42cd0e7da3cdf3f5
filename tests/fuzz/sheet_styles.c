// The styles of a workbook from anybody: which numbers are dates.
// links: sheet
#include "workbook.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    walk_workbook(PART_STYLES, text_of((const char *)data, size));
    return 0;
}
