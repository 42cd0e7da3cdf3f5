// The store copied from SQLite to PostgreSQL and back: all of it or nothing, and only while nobody else is there.
#include "support/stores.h"

#include "host/store/copy.h"

#include <sodium.h>

static struct err err;
static char there[256], back[256];

static bool opened(void *owner, const struct store *from, const struct store *to, struct err *ignored)
{
    (void)owner, (void)from, (void)to, (void)ignored;
    return true;
}

static void take_table(void *owner, const char *table, int64_t rows)
{
    (void)table, (void)rows;
    ++*(int *)owner;
}

static bool copy(const char *from, const char *to, struct store_copy *out)
{
    int tables = 0;
    *out =
        (struct store_copy){.from = from, .to = to, .opened = opened, .table = take_table, .owner = &tables};
    const bool good = store_copy(out, &err);
    assert_true(!good || tables == out->tables);
    return good;
}

static int64_t add_run(struct store *store, const char *robot)
{
    int64_t id = 0;
    const struct run_new run = {.robot = robot,
                                .tree = "00",
                                .actor = "aino",
                                .language = "en",
                                .folder = "00",
                                .host = "h",
                                .inputs = TEXT_OF("{}"),
                                .manifest = TEXT_OF("{}")};
    const struct entry entry = {.kind = TEXT_OF("item"),
                                .scope = TEXT_OF("rows"),
                                .key = {"a\0\xff", 3},
                                .state = TEXT_OF("done"),
                                .amount = TEXT_OF("1.20"),
                                .note = TEXT_OF(""),
                                .result = {"\0\x01\x80", 3}};
    assert_true(store_begin(store, &err));
    assert_true(store_run_add(store, &id, &run, &err));
    assert_true(store_entry_put(store, id, &entry, &err));
    assert_true(store_secret_put(store, "ledger", id, TEXT_OF("{}"), TEXT_OF("\x01\x02"), "aino", &err));
    return id;
}

static void fill(const char *where)
{
    struct store *store = NULL;
    assert_true(store_open(&store, where, &err));
    for (int i = 0; i < 700; i++) // more than a page
        (void)add_run(store, i % 2 ? "hello" : "päivä");
    assert_true(store_commit(store, &err));
    store_free(store);
}

static bool take_entry(void *owner, const struct entry *entry, struct err *ignored)
{
    (void)ignored;
    *(bool *)owner =
        text_equal(entry->result, (struct text){"\0\x01\x80", 3}) && text_is(entry->amount, "1.20");
    return true;
}

static void file_of(char out[256], const char *name)
{
    static const char *const suffixes[] = {"", "-wal", "-shm"};
    snprintf(out, 256, "%s/%s", place_folder, name);
    for (size_t i = 0; i < COUNT_OF(suffixes); i++) {
        SCOPED_TEXT char *path = xasprintf("%s%s", out, suffixes[i]);
        unlink(path);
    }
}

// From a file to the other kind of place, and to another file.
static int begin(void **state)
{
    (void)state;
    (void)place_fresh();
    file_of(there, "there.sqlite");
    file_of(back, "back.sqlite");
    fill(there);
    return 0;
}

static void all_comes_over_and_back(void **state)
{
    struct store_copy first, second;
    struct store *store = NULL;
    struct run_row row;
    bool found = false;
    int64_t rows = 0;
    (void)state;
    if (!copy(there, place_where, &first) || !copy(place_where, back, &second))
        fail_msg("%s: %s, %s", err_name(err.code), err.arguments[0], err.arguments[1]);
    assert_true(first.rows > 2800);
    assert_int_equal(first.rows, second.rows);
    assert_int_equal(first.audit_rows, 1400);
    const char *const places[] = {place_where, back};
    for (size_t i = 0; i < COUNT_OF(places); i++) {
        assert_true(store_open(&store, places[i], &err));
        assert_true(store_run_load(store, &row, 699, &err));
        assert_string_equal(row.robot, "päivä");
        run_row_dispose(&row);
        assert_true(store_entry_find(store, 699, TEXT_OF("rows"), (struct text){"a\0\xff", 3}, take_entry,
                                     &found, &err));
        assert_true(found);
        assert_int_equal(add_run(store, "next"), 701); // numbers go on
        assert_true(store_commit(store, &err));
        assert_true(store_audit_verify(store, &rows, &err));
        assert_int_equal(rows, 1402);
        store_free(store);
    }
}

static void numbers_that_were_given_are_not_given_again(void **state)
{
    struct store_copy copied;
    struct store *store = NULL;
    (void)state;
    assert_true(store_open(&store, there, &err));
    store_free(store);
    SCOPED_TEXT char *line = xasprintf("python3 -c 'import sqlite3, sys; d = sqlite3.connect(sys.argv[1]); "
                                       "d.execute(\"PRAGMA foreign_keys=ON\"); "
                                       "d.execute(\"DELETE FROM runs WHERE id = 700\"); d.commit()' %s",
                                       there);
    assert_int_equal(system(line), 0);
    assert_true(copy(there, place_where, &copied));
    assert_true(copy(place_where, back, &copied));
    assert_true(store_open(&store, back, &err));
    assert_int_equal(add_run(store, "next"), 701);
    store_free(store);
}

static void a_target_that_holds_something_is_left_alone(void **state)
{
    struct store_copy copied;
    struct store *store = NULL;
    (void)state;
    assert_true(store_open(&store, place_where, &err));
    const int64_t id = add_run(store, "mine");
    assert_true(store_commit(store, &err));
    store_free(store);
    assert_false(copy(there, place_where, &copied));
    assert_int_equal(err.code, ERR_STORE_NOT_EMPTY);
    assert_true(store_open(&store, place_where, &err));
    assert_int_equal(add_run(store, "mine"), id + 1);
    store_free(store);
}

static void nobody_is_there_meanwhile(void **state)
{
    struct store_copy copied;
    struct store *store = NULL;
    (void)state;
    assert_true(store_open(&store, there, &err));
    assert_false(copy(there, place_where, &copied));
    assert_int_equal(err.code, ERR_STORE_LOCKED);
    store_free(store);
    assert_true(store_open(&store, place_where, &err));
    assert_false(copy(there, place_where, &copied));
    assert_int_equal(err.code, ERR_STORE_LOCKED);
    store_free(store);
}

static void a_damaged_log_is_not_copied(void **state)
{
    struct store_copy copied;
    struct run_row row;
    struct store *store = NULL;
    (void)state;
    SCOPED_TEXT char *line =
        xasprintf("python3 -c 'import sqlite3, sys; d = sqlite3.connect(sys.argv[1]); "
                  "d.execute(\"UPDATE audit SET actor = 7 WHERE number = 3\"); d.commit()' %s",
                  there);
    assert_int_equal(system(line), 0);
    assert_false(copy(there, place_where, &copied));
    assert_int_equal(err.code, ERR_AUDIT_BROKEN);
    assert_true(store_open(&store, place_where, &err));
    assert_false(store_run_load(store, &row, 1, &err));
    assert_int_equal(err.code, ERR_RUN_UNKNOWN);
    store_free(store);
}

static void nothing_is_not_copied(void **state)
{
    struct store_copy copied;
    (void)state;
    assert_false(copy(back, place_where, &copied));
    assert_int_equal(err.code, ERR_FILE_MISSING);
    struct store *store = NULL;
    assert_true(store_open(&store, back, &err));
    store_free(store);
    assert_false(copy(back, place_where, &copied));
    assert_int_equal(err.code, ERR_STORE_NOTHING);
}

static int run(void)
{
#define TEST(name) cmocka_unit_test_setup(name, begin)
    const struct CMUnitTest tests[] = {
        TEST(all_comes_over_and_back),
        TEST(numbers_that_were_given_are_not_given_again),
        TEST(a_target_that_holds_something_is_left_alone),
        TEST(nobody_is_there_meanwhile),
        TEST(a_damaged_log_is_not_copied),
        TEST(nothing_is_not_copied),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

int main(void)
{
    return sodium_init() < 0 ? 1 : stores_run(run);
}
