// See key.h. crypto_box_seal of libsodium (X25519, XSalsa20-Poly1305, anonymous sender).
#include "lib/seal/key.h"

#include "lib/base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

struct seal_key {
    unsigned char *secret; // sodium_malloc: locked, guarded, wiped when freed
    unsigned char public[crypto_box_PUBLICKEYBYTES];
    char public_text[SEAL_PUBLIC_SIZE];
};

enum { KEY_DIGITS = 2 * crypto_box_SECRETKEYBYTES };

bool seal_start(struct err *err)
{
    return sodium_init() >= 0 || fail(err, ERR_SYSTEM, "sodium_init", "no randomness");
}

static bool read_key(struct seal_key *key, int file, const char *path, struct err *err)
{
    struct stat status;
    if (fstat(file, &status) != 0 || !S_ISREG(status.st_mode))
        return fail(err, ERR_KEY_FILE, path, "no regular file");
    if (status.st_mode & 077)
        return fail(err, ERR_KEY_FILE, path, "others may read it");
    char *digits = sodium_malloc(KEY_DIGITS + 1);
    require(digits);
    size_t length = 0;
    const ssize_t got = read(file, digits, KEY_DIGITS);
    digits[got > 0 ? got : 0] = '\0';
    const bool good = got == KEY_DIGITS &&
                      sodium_hex2bin(key->secret, crypto_box_SECRETKEYBYTES, digits, KEY_DIGITS, NULL,
                                     &length, NULL) == 0 &&
                      length == crypto_box_SECRETKEYBYTES;
    sodium_free(digits);
    return good || fail(err, ERR_KEY_FILE, path, "no key in it");
}

// Made under a name of its own and linked into place, so that two gateways that start together agree on one key.
static bool make_key(const char *path, struct err *err)
{
    SCOPED_TEXT char *folder = xstrdup(path);
    char *slash = strrchr(folder, '/');
    if (slash && slash != folder) {
        *slash = '\0';
        if (!file_make_folder(folder, err))
            return false;
    }
    unsigned char *secret = sodium_malloc(crypto_box_SECRETKEYBYTES);
    char *digits = sodium_malloc(KEY_DIGITS + 1);
    require(secret && digits);
    unsigned char public[crypto_box_PUBLICKEYBYTES];
    crypto_box_keypair(public, secret);
    sodium_bin2hex(digits, KEY_DIGITS + 1, secret, crypto_box_SECRETKEYBYTES);
    SCOPED_TEXT char *temporary = xasprintf("%s.%d.new", path, (int)getpid());
    const int file = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0400);
    bool good = file >= 0 && write(file, digits, KEY_DIGITS) == KEY_DIGITS && fsync(file) == 0 &&
                (link(temporary, path) == 0 || errno == EEXIST);
    const int reason = errno;
    sodium_free(digits);
    sodium_free(secret);
    if (file >= 0) {
        close(file);
        unlink(temporary);
    }
    return good || fail(err, ERR_KEY_FILE, path, strerror(reason));
}

bool seal_key_open(struct seal_key **out, const char *path, struct err *err)
{
    if (!seal_start(err))
        return false;
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (file < 0 && errno == ENOENT) {
        if (!make_key(path, err))
            return false;
        file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    }
    if (file < 0)
        return fail(err, ERR_KEY_FILE, path, strerror(errno));
    SCOPED(seal_key)
    key = xcalloc(1, sizeof *key);
    key->secret = sodium_malloc(crypto_box_SECRETKEYBYTES);
    require(key->secret);
    const bool good = read_key(key, file, path, err);
    close(file);
    if (!good)
        return false;
    crypto_scalarmult_base(key->public, key->secret);
    sodium_bin2hex(key->public_text, sizeof key->public_text, key->public, sizeof key->public);
    *out = STEAL(key);
    return true;
}

void seal_key_free(struct seal_key *key)
{
    if (!key)
        return;
    sodium_free(key->secret);
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
