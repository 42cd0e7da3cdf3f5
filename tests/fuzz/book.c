// A file from anybody, opened as whatever it is.
// links: sheet
#include "walk.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    walk_file(text_of((const char *)data, size));
    return 0;
}
