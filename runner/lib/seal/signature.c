// See signature.h.
#include "lib/seal/signature.h"

#include <sodium.h>

static void sign(unsigned char out[crypto_auth_hmacsha256_BYTES], struct text key, struct text timestamp,
                 struct text body)
{
    crypto_auth_hmacsha256_state state;
    crypto_auth_hmacsha256_init(&state, (const unsigned char *)key.data, key.length);
    if (timestamp.length) {
        crypto_auth_hmacsha256_update(&state, (const unsigned char *)timestamp.data, timestamp.length);
        crypto_auth_hmacsha256_update(&state, (const unsigned char *)".", 1);
    }
    crypto_auth_hmacsha256_update(&state, (const unsigned char *)body.data, body.length);
    crypto_auth_hmacsha256_final(&state, out);
    memory_wipe(&state, sizeof state);
}

void signature_make(char out[SIGNATURE_SIZE], struct text key, struct text timestamp, struct text body)
{
    unsigned char bytes[crypto_auth_hmacsha256_BYTES];
    sign(bytes, key, timestamp, body);
    sodium_bin2hex(out, SIGNATURE_SIZE, bytes, sizeof bytes);
}

bool signature_is(struct text key, struct text timestamp, struct text body, struct text hex)
{
    unsigned char wanted[crypto_auth_hmacsha256_BYTES], given[crypto_auth_hmacsha256_BYTES];
    size_t length = 0;
    sign(wanted, key, timestamp, body);
    const bool read = sodium_hex2bin(given, sizeof given, hex.data, hex.length, NULL, &length, NULL) == 0 &&
                      hex.length == 2 * sizeof given && length == sizeof given;
    return read && sodium_memcmp(wanted, given, sizeof wanted) == 0;
}
