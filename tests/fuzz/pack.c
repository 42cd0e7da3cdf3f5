// Git packs: gone over within the limits, whatever they claim.
#include "lib/pack/pack.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct pack_limits narrow = {10, 1000, 5000, 3}, wide = {100000, 1 << 20, 1 << 22, 4095};
    const struct text pack = text_of((const char *)data, size);
    // What passes narrow limits passes wide ones.
    if (!pack_check(pack, &narrow) && pack_check(pack, &wide))
        __builtin_trap();
    return 0;
}
