// host/store/emergencies.c
#include "support/stores.h"

#include "host/store/emergencies.h"

static struct err err;

static struct store *with_one(int64_t run)
{
    struct store *store = NULL;
    const struct emergency_row row = {
        .run = run,
        .robot = (char[]){"pay"},
        .tree = (char[]){"abc"},
        .why = (char[]){"salaries"},
        .asked = {(char[]){"administrator"}, (char[]){"renki"}, (char[]){""}, 0}};
    assert_true(store_open(&store, place_fresh(), &err));
    assert_true(store_begin(store, &err) && store_emergency_add(store, &row, &err) &&
                store_commit(store, &err));
    return store;
}

static bool count(void *owner, const struct emergency_row *row, struct err *failed)
{
    (void)row, (void)failed;
    ++*(int *)owner;
    return true;
}

static void what_was_asked_is_allowed_once(void **state)
{
    const struct emergency_word first = {(char[]){"head"}, (char[]){""}, (char[]){"signed"}, 0};
    const struct emergency_word second = {(char[]){"other"}, (char[]){""}, (char[]){""}, 0};
    struct emergency_row row;
    bool found, changed;
    int listed = 0, elsewhere = 0;
    (void)state;
    struct store *store = with_one(7);
    assert_true(store_emergency_load(store, &row, &found, 8, &err) && !found);
    emergency_row_dispose(&row);
    assert_true(store_begin(store, &err));
    assert_true(store_emergency_allow(store, &changed, 8, &first, &err) && !changed);
    assert_true(store_emergency_allow(store, &changed, 7, &first, &err) && changed);
    assert_true(store_emergency_allow(store, &changed, 7, &second, &err) && !changed);
    assert_true(store_commit(store, &err));
    assert_true(store_emergency_load(store, &row, &found, 7, &err) && found);
    assert_string_equal(row.asked.by, "administrator");
    assert_string_equal(row.allowed.by, "head");
    assert_string_equal(row.allowed.signed_, "signed");
    assert_true(row.asked.time_ms > 0 && row.allowed.time_ms >= row.asked.time_ms);
    emergency_row_dispose(&row);
    assert_true(store_emergencies(store, NULL, 10, count, &listed, &err) && listed == 1);
    assert_true(store_emergencies(store, "rents", 10, count, &elsewhere, &err) && elsewhere == 0);
    store_free(store);
}

static int run_all(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(what_was_asked_is_allowed_once)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

int main(void)
{
    return stores_run(run_all);
}
