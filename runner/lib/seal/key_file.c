// See key_file.h.
#include "lib/seal/key_file.h"

#include "lib/base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

enum { KEY_DIGITS = 2 * KEY_FILE_BYTES };

static bool read_secret(unsigned char *secret, int file, const char *path, struct err *err)
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
                      sodium_hex2bin(secret, KEY_FILE_BYTES, digits, KEY_DIGITS, NULL, &length, NULL) == 0 &&
                      length == KEY_FILE_BYTES;
    sodium_free(digits);
    return good || fail(err, ERR_KEY_FILE, path, "no key in it");
}

// Made under a name of its own and linked into place, so that two processes that start together agree on one key.
static bool make_file(const char *path, struct err *err)
{
    SCOPED_TEXT char *folder = xstrdup(path);
    char *slash = strrchr(folder, '/');
    if (slash && slash != folder) {
        *slash = '\0';
        if (!file_make_folder(folder, err))
            return false;
    }
    unsigned char *secret = sodium_malloc(KEY_FILE_BYTES);
    char *digits = sodium_malloc(KEY_DIGITS + 1);
    require(secret && digits);
    randombytes_buf(secret, KEY_FILE_BYTES);
    sodium_bin2hex(digits, KEY_DIGITS + 1, secret, KEY_FILE_BYTES);
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

bool key_file_open(unsigned char **secret, const char *path, struct err *err)
{
    if (sodium_init() < 0)
        return fail(err, ERR_SYSTEM, "sodium_init", "no randomness");
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (file < 0 && errno == ENOENT) {
        if (!make_file(path, err))
            return false;
        file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    }
    if (file < 0)
        return fail(err, ERR_KEY_FILE, path, strerror(errno));
    unsigned char *read_here = sodium_malloc(KEY_FILE_BYTES);
    require(read_here);
    const bool good = read_secret(read_here, file, path, err);
    close(file);
    if (good)
        *secret = read_here;
    else
        sodium_free(read_here);
    return good;
}

void key_file_free(unsigned char *secret)
{
    sodium_free(secret);
}
