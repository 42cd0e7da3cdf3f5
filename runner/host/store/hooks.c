// Signatures of webhooks that were used: none counts twice. In the host.
#include "host/store/store_own.h"

#define INTEGER(number) VALUE_OF_INTEGER(number)
#define STRING(string) VALUE_OF_TEXT(text_from(string))

static bool take_true(void *owner, const struct row *row, struct err *err)
{
    (void)row, (void)err;
    *(bool *)owner = true;
    return true;
}

bool store_hook_use(struct store *store, bool *is_new, const char *hook, const char *signature,
                    int64_t keep_ms, struct err *err)
{
    const int64_t now_ms = store_now_ms(store);
    *is_new = false;
    return RUN(store, "DELETE FROM hook_signatures WHERE until_ms < ?1", NULL, NULL, INTEGER(now_ms)) &&
           RUN(store,
               "INSERT INTO hook_signatures (hook, signature, until_ms) VALUES (?1, ?2, ?3)"
               " ON CONFLICT (hook, signature) DO NOTHING RETURNING until_ms",
               take_true, is_new, STRING(hook), STRING(signature), INTEGER(now_ms + keep_ms));
}
