// Lua files from anybody: each name that is found stands in the source, in quotes or brackets, after its word.
// links: require
#include "lib/require/require.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_name(void *owner, struct text name)
{
    const struct text *source = owner;
    require(name.length <= REQUIRE_NAME_MAX);
    require(name.data > source->data && name.data + name.length < source->data + source->length);
    require(strchr("'\"[\n\r", name.data[-1]) && strchr("'\"]", name.data[name.length]));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct text source = text_of((const char *)data, size);
    (void)!require_scan(source, check_name, &source);
    return 0;
}
