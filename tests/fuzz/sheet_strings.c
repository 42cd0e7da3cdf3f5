// The shared texts of a workbook from anybody.
// links: sheet
#include "workbook.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    walk_workbook(PART_TEXTS, text_of((const char *)data, size));
    return 0;
}
