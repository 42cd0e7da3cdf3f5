// Logs of runs as hosts share them: parts in order, the file that takes their place, and two hosts that keep one log.
#include "support/stores.h"

#include "host/store/logs.h"

static struct err err;

static struct store *opened(const char *where)
{
    struct store *store = NULL;
    assert_true(store_open(&store, where, &err));
    return store;
}

static int64_t add_run(struct store *store)
{
    int64_t id = 0;
    const struct run_new run = {.robot = "r",
                                .tree = "00",
                                .actor = "bookkeeper",
                                .language = "en",
                                .folder = "00",
                                .host = "h",
                                .inputs = TEXT_OF("{}"),
                                .manifest = TEXT_OF("{}")};
    assert_true(store_begin(store, &err) && store_run_add(store, &id, &run, &err));
    return id;
}

struct found {
    int64_t last;
    char lines[100];
};

static bool collect(void *owner, int64_t part, struct text lines, struct err *ignored)
{
    struct found *found = owner;
    (void)ignored;
    assert_true(part > found->last);
    found->last = part;
    strncat(found->lines, lines.data, lines.length);
    return true;
}

static struct found parts_of(struct store *store, int64_t run, int64_t after, int64_t most)
{
    struct found found = {.last = 0};
    assert_true(store_log_parts(store, run, after, most, collect, &found, &err));
    return found;
}

static void keep(struct store *store, int64_t run, int64_t after, int64_t last, const char *path)
{
    const struct log_file file = {
        .after = after, .last = last, .size_bytes = 3, .sha256 = "ab", .path = (char *)(uintptr_t)path};
    assert_true(store_log_keep(store, run, &file, &err));
}

static void parts_come_in_order_and_their_numbers_never_again(void **state)
{
    (void)state;
    SCOPED(store)
    store = opened(place_fresh());
    const int64_t run = add_run(store), other = add_run(store);
    assert_true(store_log_add(store, run, TEXT_OF("one"), &err));
    assert_true(store_log_add(store, other, TEXT_OF("of another"), &err));
    assert_true(store_log_add(store, run, TEXT_OF("two"), &err));
    assert_string_equal(parts_of(store, run, 0, 10).lines, "onetwo");
    assert_string_equal(parts_of(store, run, 0, 1).lines, "one");
    assert_string_equal(parts_of(store, run, 1, 10).lines, "two");
    keep(store, run, 0, 2, "place");
    assert_int_equal(parts_of(store, run, 0, 10).last, 0);
    assert_true(store_log_add(store, run, TEXT_OF("three"), &err));
    assert_int_equal(parts_of(store, run, 0, 10).last, 3);
    assert_string_equal(parts_of(store, other, 0, 10).lines, "of another");
    assert_true(store_commit(store, &err));
}

static void what_two_hosts_keep_is_there_once(void **state)
{
    (void)state;
    SCOPED(store)
    store = opened(place_fresh());
    struct log_file file;
    const int64_t run = add_run(store);
    for (int i = 0; i < 4; i++)
        assert_true(store_log_add(store, run, TEXT_OF("x"), &err));
    keep(store, run, 0, 2, "first");
    keep(store, run, 0, 4, "second"); // holds what the first holds, too
    assert_int_equal(parts_of(store, run, 0, 10).last, 4);
    assert_true(store_log_file(store, &file, run, 0, &err));
    assert_int_equal(file.last, 2);
    assert_string_equal(file.path, "first");
    xfree(file.path);
    assert_true(store_log_file(store, &file, run, 2, &err));
    assert_int_equal(file.last, 0);
    keep(store, run, 2, 4, "third");
    assert_true(store_log_file(store, &file, run, 2, &err));
    assert_string_equal(file.path, "third");
    assert_string_equal(file.sha256, "ab");
    xfree(file.path);
    assert_true(store_commit(store, &err));
}

static void only_runs_that_are_over_are_kept_by_others(void **state)
{
    (void)state;
    SCOPED(store)
    store = opened(place_fresh());
    int64_t found = 0;
    bool there = false, moved = false;
    const int64_t run = add_run(store);
    assert_true(store_log_is_there(store, &there, run, &err) && !there);
    assert_true(store_log_add(store, run, TEXT_OF("x"), &err));
    assert_true(store_log_is_there(store, &there, run, &err) && there);
    assert_true(store_log_unkept(store, &found, INT64_MAX, &err) && found == 0);
    const struct run_end end = {.fault = TEXT_OF("")};
    assert_true(store_run_end(store, &moved, run, "queued", "refused", &end, "renki", &err) && moved);
    assert_true(store_log_unkept(store, &found, store_now_ms(store) - 60000, &err) && found == 0);
    assert_true(store_log_unkept(store, &found, store_now_ms(store) + 60000, &err) && found == run);
    keep(store, run, 0, 1, "place");
    assert_true(store_log_is_there(store, &there, run, &err) && there);
    assert_true(store_log_unkept(store, &found, store_now_ms(store) + 60000, &err) && found == 0);
    assert_true(store_commit(store, &err));
}

static int run(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parts_come_in_order_and_their_numbers_never_again),
        cmocka_unit_test(what_two_hosts_keep_is_there_once),
        cmocka_unit_test(only_runs_that_are_over_are_kept_by_others),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

int main(void)
{
    return stores_run(run);
}
