// Any text, saved by anybody: what is found has a line of it and a kind, and is shown as text.
// links: credential
#include "lib/credential/credential.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool look(void *owner, const struct credential *found)
{
    int64_t *last = owner;
    require(found->line > *last && found->kind < CREDENTIAL_KIND_COUNT);
    require(strlen(found->shown) < CREDENTIAL_SHOWN_SIZE && *credential_kind_name(found->kind));
    *last = found->line;
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    int64_t last = 0, again = 0;
    credential_scan(text_of((const char *)data, size), true, look, &last);
    credential_scan(text_of((const char *)data, size), false, look, &again);
    return 0;
}
