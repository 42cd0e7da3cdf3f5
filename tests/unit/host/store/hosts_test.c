#include "host/store/hosts.h"
#include "support/stores.h"

static struct store *opened(const char *where)
{
    struct store *store = NULL;
    struct err err;
    assert_true(store_open(&store, where, &err));
    return store;
}

static int64_t joined(struct store *store, const char *identity)
{
    int64_t number = 0;
    struct err err;
    const struct host_row row = {.name = identity, .identity = identity, .version = "1", .serving = true};
    assert_true(store_begin(store, &err) && store_host_add(store, &number, &row, &err) &&
                store_commit(store, &err));
    return number;
}

static bool ended(struct store *store, int64_t number, int64_t before_ms)
{
    bool yes = false;
    struct err err;
    assert_true(store_begin(store, &err) && store_host_end(store, &yes, number, before_ms, &err) &&
                store_commit(store, &err));
    return yes;
}

static bool beats(struct store *store, int64_t number, struct err *err)
{
    bool drained;
    if (!store_begin(store, err))
        return false;
    if (store_host_beat(store, &drained, number, err) && store_commit(store, err))
        return true;
    store_rollback(store);
    return false;
}

static void a_host_that_beats_is_not_gone(void **state)
{
    (void)state;
    const char *where = place_fresh();
    SCOPED(store)
    store = opened(where);
    SCOPED(store)
    other = opened(where);
    const int64_t number = joined(store, "one");
    assert_false(ended(other, number, store_now_ms(other) - 8000));
    assert_true(ended(other, number, store_now_ms(other) + 60000));
    assert_false(ended(other, number, INT64_MAX)); // gone already
}

static void who_was_declared_gone_writes_nothing_until_it_joins_again(void **state)
{
    (void)state;
    struct err err;
    const char *where = place_fresh();
    SCOPED(store)
    first = opened(where);
    SCOPED(store)
    second = opened(where);
    if (!store_is_shared(first))
        return; // one machine: nobody is fenced
    const int64_t number = joined(first, "one");
    assert_true(beats(first, number, &err));
    assert_true(ended(second, number, INT64_MAX));
    assert_false(beats(first, number, &err));
    assert_int_equal(err.code, ERR_HOST_FENCED);
    store_renew(first);
    const int64_t again = joined(first, "one");
    assert_true(again > number);
    assert_true(beats(first, again, &err));
}

static void a_transaction_under_way_is_fenced_too(void **state)
{
    (void)state;
    struct err err;
    bool drained;
    const char *where = place_fresh();
    SCOPED(store)
    first = opened(where);
    SCOPED(store)
    second = opened(where);
    if (!store_is_shared(first))
        return;
    const int64_t number = joined(first, "one");
    assert_true(store_begin(first, &err)); // its first statement comes after it was declared gone
    assert_true(ended(second, number, INT64_MAX));
    assert_false(store_audit(first, "x", "late", 0, TEXT_OF("{}"), &err) &&
                 store_host_beat(first, &drained, number, &err) && store_commit(first, &err));
    assert_int_equal(err.code, ERR_HOST_FENCED);
    store_rollback(first);
}

static bool note(void *owner, int64_t id, const char *identity, struct err *err)
{
    (void)identity, (void)err;
    *(int64_t *)owner = id;
    return true;
}

static void runs_of_hosts_that_are_not_there_are_orphaned(void **state)
{
    (void)state;
    struct err err;
    int64_t run = 0, orphan = 0;
    const char *where = place_fresh();
    SCOPED(store)
    store = opened(where);
    SCOPED(store)
    other = opened(where);
    const int64_t number = joined(store, "one");
    const struct run_new row = {.robot = "r",
                                .tree = "t",
                                .actor = "a",
                                .language = "en",
                                .folder = "f",
                                .host = "one",
                                .inputs = TEXT_OF("{}"),
                                .manifest = TEXT_OF("{}")};
    assert_true(store_begin(store, &err) && store_run_add(store, &run, &row, &err) &&
                store_commit(store, &err));
    assert_true(store_runs_orphaned(store, note, &orphan, &err));
    assert_int_equal(orphan, 0);
    assert_true(ended(other, number, INT64_MAX));
    assert_true(store_runs_orphaned(store, note, &orphan, &err));
    assert_int_equal(orphan, run);
}

static bool compare(void *owner, struct text content, struct err *err)
{
    (void)err;
    *(bool *)owner = text_equal(content, text_of("b3\0a\0b", 6));
    return true;
}

static void a_tree_comes_back_byte_for_byte(void **state)
{
    (void)state;
    struct err err;
    bool kept = true, same = false;
    SCOPED(store)
    store = opened(place_fresh());
    assert_true(store_tree_is_kept(store, &kept, "t", &err) && !kept);
    assert_true(store_begin(store, &err) && store_tree_put(store, "t", text_of("b3\0a\0b", 6), &err) &&
                store_tree_put(store, "t", TEXT_OF("other"), &err) && store_commit(store, &err));
    assert_true(store_tree_is_kept(store, &kept, "t", &err) && kept);
    assert_true(store_tree_find(store, "t", compare, &same, &err) && same);
}

static int run(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_host_that_beats_is_not_gone),
        cmocka_unit_test(who_was_declared_gone_writes_nothing_until_it_joins_again),
        cmocka_unit_test(a_transaction_under_way_is_fenced_too),
        cmocka_unit_test(runs_of_hosts_that_are_not_there_are_orphaned),
        cmocka_unit_test(a_tree_comes_back_byte_for_byte),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

int main(void)
{
    return stores_run(run);
}
