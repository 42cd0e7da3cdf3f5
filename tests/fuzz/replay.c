// Runs a fuzzer's function on files and on all files of folders: its corpus, without a fuzzer. Then a short run of its own:
// each input again with a few bytes changed, the same ones each time.
#include "lib/base/file.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv) __attribute__((weak));

enum { INPUT_BYTES_MAX = 16 << 20, CHANGED_RUNS = 100, CHANGED_BYTES_MAX = 256 << 10, CHANGES_MAX = 8 };

// In a block of its own size, so that the sanitizer sees one byte too far.
static void run(struct text input)
{
    uint8_t *exact = xmalloc(input.length);
    if (input.length)
        memcpy(exact, input.data, input.length);
    LLVMFuzzerTestOneInput(exact, input.length);
    xfree(exact);
}

// xorshift64*: the same numbers for the same input, on every machine.
static size_t below(uint64_t *seed, size_t limit)
{
    *seed ^= *seed == 0;
    *seed ^= *seed >> 12;
    *seed ^= *seed << 25;
    *seed ^= *seed >> 27;
    return (size_t)((*seed * 0x2545F4914F6CDD1D) >> 33) % limit;
}

// Bytes are changed, doubled or left out; now and then the end is cut off.
static void run_changed(struct text input, uint64_t *seed)
{
    static const char telling[] = {0, (char)0xFF, 0x7F, (char)0x80, '<', '>', '"', '&', '0', '9', '-', ' '};
    char *bytes = xmalloc(2 * input.length + CHANGES_MAX);
    size_t length = input.length;
    memcpy(bytes, input.data, length);
    for (size_t left = 1 + below(seed, CHANGES_MAX); left && length; left--) {
        const size_t at = below(seed, length), kind = below(seed, 8), count = 1 + below(seed, length - at);
        if (kind < 4)
            bytes[at] = kind ? telling[below(seed, sizeof telling)] : (char)below(seed, 256);
        else if (kind == 4 && length + count <= 2 * input.length) {
            memmove(bytes + at + count, bytes + at, length - at);
            length += count;
        } else if (kind == 5) {
            memmove(bytes + at, bytes + at + count, length - at - count);
            length -= count;
        } else
            bytes[at] ^= (char)(1 << below(seed, 8));
    }
    run(text_of(bytes, below(seed, 8) ? length : below(seed, length + 1)));
    xfree(bytes);
}

static size_t replay_file(const char *path)
{
    struct err err;
    SCOPED_BUF(content, INPUT_BYTES_MAX);
    if (!file_read(&content, AT_FDCWD, path, &err)) {
        fprintf(stderr, "%s: %s\n", path, err_name(err.code));
        return 0;
    }
    run(buf_text(&content));
    uint64_t seed = 0;
    for (size_t i = 0; i < content.length; i++)
        seed = seed * 31 + (unsigned char)content.data[i];
    for (int i = 0; i < CHANGED_RUNS && content.length && content.length <= CHANGED_BYTES_MAX; i++)
        run_changed(buf_text(&content), &seed);
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
