// See digest.h.
#include "lib/digest/digest.h"

#include "lib/base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PIECE_BYTES = 64 << 10 };

static void put(char out[DIGEST_TEXT_SIZE], const unsigned char hash[crypto_hash_sha256_BYTES])
{
    sodium_bin2hex(out, DIGEST_TEXT_SIZE, hash, crypto_hash_sha256_BYTES);
}

void digest_text(char out[DIGEST_TEXT_SIZE], struct text text)
{
    unsigned char hash[crypto_hash_sha256_BYTES];
    crypto_hash_sha256(hash, (const unsigned char *)text.data, text.length);
    put(out, hash);
}

struct digest {
    crypto_hash_sha256_state state;
};

struct digest *digest_new(void)
{
    struct digest *digest = xcalloc(1, sizeof *digest);
    crypto_hash_sha256_init(&digest->state);
    return digest;
}

void digest_add(struct digest *digest, struct text text)
{
    crypto_hash_sha256_update(&digest->state, (const unsigned char *)text.data, text.length);
}

void digest_end(char out[DIGEST_TEXT_SIZE], struct digest *digest)
{
    unsigned char hash[crypto_hash_sha256_BYTES];
    crypto_hash_sha256_final(&digest->state, hash);
    put(out, hash);
    xfree(digest);
}

// The error number, 0 when all was read.
static int hash_all(int fd, unsigned char hash[crypto_hash_sha256_BYTES])
{
    struct stat status;
    if (fd < 0 || fstat(fd, &status) != 0)
        return errno;
    if (!S_ISREG(status.st_mode))
        return S_ISDIR(status.st_mode) ? EISDIR : EINVAL;
    crypto_hash_sha256_state state;
    crypto_hash_sha256_init(&state);
    for (;;) {
        unsigned char piece[PIECE_BYTES];
        const ssize_t got = read(fd, piece, sizeof(piece));
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return errno;
        if (got == 0)
            break;
        crypto_hash_sha256_update(&state, piece, (size_t)got);
    }
    crypto_hash_sha256_final(&state, hash);
    return 0;
}

bool digest_file(char out[DIGEST_TEXT_SIZE], int directory, const char *path, struct err *err)
{
    unsigned char hash[crypto_hash_sha256_BYTES];
    const int fd = openat(directory, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    const int reason = hash_all(fd, hash);
    if (fd >= 0)
        close(fd);
    if (reason)
        return file_unreadable(err, path, reason);
    put(out, hash);
    return true;
}
