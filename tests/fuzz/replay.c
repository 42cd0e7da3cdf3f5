// Runs a fuzzer's function on files and on all files of folders: its corpus, without a fuzzer.
#include "lib/base/file.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv) __attribute__((weak));

enum { INPUT_BYTES_MAX = 16 << 20 };

static size_t replay_file(const char *path)
{
    struct err err;
    SCOPED_BUF(content, INPUT_BYTES_MAX);
    if (!file_read(&content, AT_FDCWD, path, &err)) {
        fprintf(stderr, "%s: %s\n", path, err_name(err.code));
        return 0;
    }
    // In a block of its own size, so that the sanitizer sees one byte too far.
    uint8_t *exact = xmalloc(content.length);
    if (content.length)
        memcpy(exact, content.data, content.length);
    LLVMFuzzerTestOneInput(exact, content.length);
    xfree(exact);
    return 1;
}

static size_t replay(const char *path)
{
    DIR *folder = opendir(path);
    if (!folder)
        return replay_file(path);
    size_t count = 0;
    for (const struct dirent *entry; (entry = readdir(folder));) {
        if (entry->d_name[0] == '.')
            continue;
        SCOPED_TEXT char *inside = xasprintf("%s/%s", path, entry->d_name);
        count += replay_file(inside);
    }
    closedir(folder);
    return count;
}

int main(int argc, char **argv)
{
    size_t count = 0;
    if (LLVMFuzzerInitialize)
        LLVMFuzzerInitialize(&argc, &argv);
    for (int i = 1; i < argc; i++)
        count += replay(argv[i]);
    printf("%zu inputs replayed\n", count);
    return count > 0 ? 0 : 1; // a corpus without inputs shows nothing
}
