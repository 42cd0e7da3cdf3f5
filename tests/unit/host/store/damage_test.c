// A damaged file, a full disk, a file that can't be written: told in words, and nothing is written over. SQLite only.
#include "support/unit.h"

#include "host/store/store.h"

#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PAGE = 4096 };

static struct err err;
static char folder[] = "/tmp/renki-damage-XXXXXX", path[64];

static void add_runs(struct store *store, int count)
{
    const struct run_new run = {.robot = "hello",
                                .tree = "00",
                                .actor = "aino",
                                .language = "en",
                                .folder = "00",
                                .host = "h",
                                .inputs = TEXT_OF("{\"note\":\"a text that fills the pages of the file\"}"),
                                .manifest = TEXT_OF("{}")};
    assert_true(store_begin(store, &err));
    for (int i = 0; i < count; i++) {
        int64_t id;
        assert_true(store_run_add(store, &id, &run, &err));
    }
    assert_true(store_commit(store, &err));
}

static int begin(void **state)
{
    struct store *store = NULL;
    (void)state;
    snprintf(path, sizeof path, "%s/store.sqlite", folder);
    if (!store_open(&store, path, &err))
        return -1;
    add_runs(store, 500);
    store_free(store);
    return 0;
}

static int end(void **state)
{
    (void)state;
    unlink(path);
    return 0;
}

static void digest(unsigned char out[32])
{
    unsigned char piece[PAGE];
    crypto_generichash_state hash;
    ssize_t size;
    const int fd = open(path, O_RDONLY);
    crypto_generichash_init(&hash, NULL, 0, 32);
    while ((size = read(fd, piece, sizeof piece)) > 0)
        crypto_generichash_update(&hash, piece, (unsigned long long)size);
    crypto_generichash_final(&hash, out, 32);
    close(fd);
}

static void spoil(int page)
{
    char garbage[PAGE];
    memset(garbage, 0x5A, sizeof garbage);
    const int fd = open(path, O_WRONLY);
    assert_int_equal(pwrite(fd, garbage, PAGE, (off_t)page * PAGE), PAGE);
    close(fd);
}

static int pages(void)
{
    struct stat status;
    assert_int_equal(stat(path, &status), 0);
    return (int)(status.st_size / PAGE);
}

// Whichever page it is, whoever reads everything finds it, and the rest of the file stays as it is.
static void a_damaged_page_is_told_and_left_alone(void **state)
{
    unsigned char before[32], after[32];
    (void)state;
    const int count = pages();
    assert_true(count > 20);
    for (int page = 1; page < count; page += count / 8) {
        struct store *store = NULL;
        assert_int_equal(end(NULL), 0);
        assert_int_equal(begin(NULL), 0);
        spoil(page);
        digest(before);
        const bool good = store_open(&store, path, &err) && store_verify(store, &err);
        store_free(store);
        digest(after);
        // page 2 is SQLite's list of free pages and their owners
        if (good && page != 1)
            fail_msg("page %d was damaged and nobody noticed", page);
        assert_true(good || err.code == ERR_STORE_CORRUPT);
        assert_memory_equal(before, after, sizeof before);
    }
}

static void a_file_without_leave_to_write_is_told(void **state)
{
    struct store *store = NULL;
    (void)state;
    if (geteuid() == 0)
        skip_saying("root may write everywhere");
    chmod(path, 0444);
    chmod(folder, 0555);
    assert_false(store_open(&store, path, &err));
    chmod(folder, 0755);
    assert_int_equal(err.code, ERR_STORE_READ_ONLY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_damaged_page_is_told_and_left_alone, begin, end),
        cmocka_unit_test_setup_teardown(a_file_without_leave_to_write_is_told, begin, end),
    };
    if (sodium_init() < 0 || !mkdtemp(folder))
        return 1;
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    return failed + (rmdir(folder) != 0);
}
