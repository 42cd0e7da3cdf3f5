// See key.h. crypto_box_seal of libsodium (X25519, XSalsa20-Poly1305, anonymous sender).
#include "lib/seal/key.h"

#include "lib/seal/key_file.h"

#include <sodium.h>

struct seal_key {
    unsigned char *secret; // of key_file.h
    unsigned char public[crypto_box_PUBLICKEYBYTES];
    char public_text[SEAL_PUBLIC_SIZE];
};

_Static_assert(KEY_FILE_BYTES == crypto_box_SECRETKEYBYTES, "a key's file holds the private half");

bool seal_start(struct err *err)
{
    return sodium_init() >= 0 || fail(err, ERR_SYSTEM, "sodium_init", "no randomness");
}

bool seal_key_open(struct seal_key **out, const char *path, struct err *err)
{
    unsigned char *secret;
    if (!seal_start(err) || !key_file_open(&secret, path, err))
        return false;
    struct seal_key *key = xcalloc(1, sizeof *key);
    key->secret = secret;
    crypto_scalarmult_base(key->public, key->secret);
    sodium_bin2hex(key->public_text, sizeof key->public_text, key->public, sizeof key->public);
    *out = key;
    return true;
}

void seal_key_free(struct seal_key *key)
{
    if (!key)
        return;
    key_file_free(key->secret);
    xfree(key);
}

const char *seal_key_public(const struct seal_key *key)
{
    return key->public_text;
}

bool seal_bytes(struct buf *out, const char *public_key, struct text plain, struct err *err)
{
    unsigned char public[crypto_box_PUBLICKEYBYTES];
    size_t length = 0;
    if (!seal_start(err))
        return false;
    if (sodium_hex2bin(public, sizeof public, public_key, strlen(public_key), NULL, &length, NULL) != 0 ||
        length != sizeof public)
        return fail(err, ERR_KEY_FILE, public_key, "no public key");
    char *room = buf_reserve(out, plain.length + crypto_box_SEALBYTES);
    if (!room)
        return fail(err, ERR_LIMIT_PASSED, "secret", N(out->maximum));
    if (crypto_box_seal((unsigned char *)room, (const unsigned char *)plain.data, plain.length, public) != 0)
        return fail(err, ERR_KEY_FILE, public_key, "no public key");
    out->length += plain.length + crypto_box_SEALBYTES;
    return true;
}

bool seal_open_bytes(char **out, size_t *length, const struct seal_key *key, struct text box)
{
    if (box.length < crypto_box_SEALBYTES)
        return false;
    const size_t size = box.length - crypto_box_SEALBYTES;
    char *plain = sodium_malloc(size + 1);
    require(plain);
    if (crypto_box_seal_open((unsigned char *)plain, (const unsigned char *)box.data, box.length, key->public,
                             key->secret) != 0) {
        sodium_free(plain);
        return false;
    }
    plain[size] = '\0';
    *out = plain;
    *length = size;
    return true;
}

void seal_wiped_free(char *plain)
{
    if (plain)
        sodium_free(plain);
}
