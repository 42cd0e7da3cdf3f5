// The store: what is committed stays, what is rolled back was never there, states move only as they may.
#include "support/stores.h"

static struct err err;

static struct store *opened(const char *path)
{
    struct store *store = NULL;
    if (!store_open(&store, path, &err))
        fail_msg("%s: %s, %s", err_name(err.code), err.arguments[0], err.arguments[1]);
    return store;
}

static int64_t add_run(struct store *store)
{
    int64_t id = 0;
    const struct run_new run = {
        .robot = "hello",
        .tree = "0123456789012345678901234567890123456789",
        .actor = "aino",
        .language = "en",
        .folder = "00",
        .host = "boot/1/2",
        .inputs = TEXT_OF("{}"),
        .manifest = TEXT_OF("{}"),
    };
    assert_true(store_begin(store, &err));
    assert_true(store_run_add(store, &id, &run, &err));
    return id;
}

static void a_run_that_is_committed_is_there_after_opening_again(void **state)
{
    struct run_row row;
    (void)state;
    const char *path = place_fresh();
    struct store *store = opened(path);
    const int64_t id = add_run(store);
    assert_true(store_commit(store, &err));
    store_free(store);
    store = opened(path);
    assert_true(store_run_load(store, &row, id, &err));
    assert_string_equal(row.robot, "hello");
    assert_string_equal(row.state, "queued");
    run_row_dispose(&row);
    store_free(store);
}

static void what_is_rolled_back_was_never_there(void **state)
{
    struct run_row row;
    (void)state;
    struct store *store = opened(place_fresh());
    const int64_t id = add_run(store);
    store_rollback(store);
    assert_false(store_run_load(store, &row, id, &err));
    assert_int_equal(err.code, ERR_RUN_UNKNOWN);
    store_free(store);
}

static void a_state_moves_only_from_where_it_is(void **state)
{
    bool moved;
    (void)state;
    struct store *store = opened(place_fresh());
    const int64_t id = add_run(store);
    assert_true(store_run_move(store, &moved, id, "running", "done", "aino", TEXT_OF(""), &err));
    assert_false(moved);
    assert_true(store_run_move(store, &moved, id, "queued", "running", "aino", TEXT_OF(""), &err));
    assert_true(moved);
    assert_true(store_commit(store, &err));
    store_free(store);
}

static bool take_entry(void *owner, const struct entry *entry, struct err *ignored)
{
    (void)ignored;
    snprintf(owner, 100, "%.*s %.*s %.*s", (int)entry->state.length, entry->state.data,
             (int)entry->amount.length, entry->amount.data, (int)entry->result.length, entry->result.data);
    return true;
}

static void an_entry_that_is_put_again_replaces_the_earlier_one(void **state)
{
    char found[100] = "";
    (void)state;
    struct store *store = opened(place_fresh());
    const int64_t id = add_run(store);
    struct entry entry = {.kind = TEXT_OF("item"),
                          .scope = TEXT_OF("rows"),
                          .key = TEXT_OF("4711"),
                          .state = TEXT_OF("failed"),
                          .amount = TEXT_OF("1.20"),
                          .note = TEXT_OF("no answer"),
                          .result = TEXT_OF(""),
                          .position = 3,
                          .attempt = 1};
    assert_true(store_entry_put(store, id, &entry, &err));
    entry.state = TEXT_OF("done");
    entry.result = text_of("a\0b", 3);
    assert_true(store_entry_put(store, id, &entry, &err));
    assert_true(store_entry_find(store, id, TEXT_OF("rows"), TEXT_OF("4711"), take_entry, found, &err));
    assert_memory_equal(found, "done 1.20 a", 11);
    found[0] = '\0';
    assert_true(store_entry_find(store, id, TEXT_OF("rows"), TEXT_OF("4712"), take_entry, found, &err));
    assert_string_equal(found, "");
    store_free(store);
}

static bool add_position(void *owner, const struct entry *entry, struct err *ignored)
{
    (void)ignored;
    ((int64_t *)owner)[0]++;
    ((int64_t *)owner)[1] += entry->position;
    return true;
}

static void every_item_is_visited_once_however_many(void **state)
{
    static const int64_t numbers[] = {0, 1, 999, 1000, 1001, 2500};
    (void)state;
    struct store *store = opened(place_fresh());
    for (size_t i = 0; i < COUNT_OF(numbers); i++) {
        int64_t found[2] = {0, 0};
        const int64_t run = add_run(store);
        for (int64_t number = 0; number < numbers[i]; number++) {
            const struct entry item = {.kind = TEXT_OF("item"),
                                       .scope = number % 2 ? TEXT_OF("rows") : TEXT_OF(""),
                                       .key = number ? text_from(N(number)) : TEXT_OF(""),
                                       .state = TEXT_OF("done"),
                                       .amount = TEXT_OF(""),
                                       .note = TEXT_OF(""),
                                       .result = TEXT_OF(""),
                                       .position = number};
            assert_true(store_entry_put(store, run, &item, &err));
        }
        assert_true(store_items(store, run, add_position, found, &err));
        assert_int_equal(found[0], numbers[i]);
        assert_int_equal(found[1], numbers[i] * (numbers[i] - 1) / 2);
    }
    store_free(store);
}

static void a_key_is_claimed_by_one_run_only(void **state)
{
    int64_t holder, time_ms;
    (void)state;
    struct store *store = opened(place_fresh());
    const int64_t first = add_run(store), second = add_run(store);
    assert_true(store_claim(store, &holder, &time_ms, "hello", TEXT_OF("file 1"), first, &err));
    assert_int_equal(holder, first);
    assert_true(store_claim(store, &holder, &time_ms, "hello", TEXT_OF("file 1"), second, &err));
    assert_int_equal(holder, first);
    assert_true(store_claim(store, &holder, &time_ms, "hello", TEXT_OF("file 1"), first, &err));
    assert_int_equal(holder, first);
    assert_true(store_claim_holder(store, &holder, &time_ms, "other", TEXT_OF("file 1"), &err));
    assert_int_equal(holder, 0);
    store_free(store);
}

static void add_mail(struct store *store, int64_t run, int64_t number, const char *outcome,
                     int64_t started_ms)
{
    const struct call call = {.run = run,
                              .attempt = 1,
                              .call = number,
                              .kind = TEXT_OF("mail"),
                              .method = TEXT_OF("SEND"),
                              .host = TEXT_OF("mail.example"),
                              .path = TEXT_OF("desk@city.example"),
                              .outcome = text_from(outcome),
                              .started_ms = started_ms};
    assert_true(store_call_add(store, &call, &err));
}

static void mails_count_over_all_runs_of_a_robot(void **state)
{
    int64_t count;
    (void)state;
    struct store *store = opened(place_fresh());
    const int64_t first = add_run(store), second = add_run(store);
    add_mail(store, first, 1, "done", 1000);
    add_mail(store, first, 2, "done", 2000);
    add_mail(store, second, 1, "refused", 3000);
    add_mail(store, second, 2, "done", 3000);
    assert_true(store_mails_since(store, &count, "hello", 2000, &err));
    assert_int_equal(count, 2);
    assert_true(store_mails_since(store, &count, "another", 0, &err));
    assert_int_equal(count, 0);
    store_free(store);
}

static void the_audit_log_notices_every_kind_of_edit(void **state)
{
    static const char *const edits[] = {
        "UPDATE audit SET actor = 'eino' WHERE number = 2",
        "UPDATE audit SET event = 'run.done' WHERE number = 2",
        "UPDATE audit SET time_ms = time_ms + 1 WHERE number = 3",
        "UPDATE audit SET content = '{}' WHERE number = 1",
        "UPDATE audit SET run = 9 WHERE number = 2",
        "DELETE FROM audit WHERE number = 2",
        "UPDATE audit SET number = number + 1 WHERE number = 3",
    };
    int64_t rows = 0;
    (void)state;
    for (size_t i = 0; i < COUNT_OF(edits); i++) {
        struct store *store = opened(place_fresh());
        for (int run = 0; run < 3; run++)
            (void)add_run(store);
        assert_true(store_commit(store, &err));
        assert_true(store_audit_verify(store, &rows, &err));
        assert_int_equal(rows, 3);
        place_edit(edits[i]);
        assert_false(store_audit_verify(store, &rows, &err));
        assert_int_equal(err.code, ERR_AUDIT_BROKEN);
        store_free(store);
    }
}

static void a_file_that_is_no_database_is_told_and_left_alone(void **state)
{
    static const char content[] =
        "these are not the bytes of a database, but somebody needs them all the same";
    char path[64], after[sizeof content];
    struct store *store = NULL;
    (void)state;
    if (place_on_server)
        return;
    snprintf(path, sizeof path, "/tmp/renki-none-%d.sqlite", (int)getpid());
    FILE *file = fopen(path, "w");
    fputs(content, file);
    fclose(file);
    assert_false(store_open(&store, path, &err));
    assert_int_equal(err.code, ERR_STORE_CORRUPT);
    file = fopen(path, "r");
    assert_int_equal(fread(after, 1, sizeof after - 1, file), sizeof after - 1);
    fclose(file);
    assert_memory_equal(after, content, sizeof after - 1);
    unlink(path);
}

static void a_database_of_a_newer_renki_is_refused(void **state)
{
    struct store *store;
    (void)state;
    const char *path = place_fresh();
    store = opened(path);
    store_free(store);
    place_edit("INSERT INTO schema VALUES (99)");
    assert_false(store_open(&store, path, &err));
    assert_int_equal(err.code, ERR_STORE_NEWER);
}

static void rows_become_json(void **state)
{
    SCOPED_BUF(out, 65536);
    struct json_writer writer = json_writer_new(&out);
    (void)state;
    struct store *store = opened(place_fresh());
    (void)add_run(store);
    assert_true(store_view(store, &writer, STORE_RUNS, 10, &err));
    assert_true(json_writer_done(&writer));
    assert_non_null(strstr(buf_string(&out), "\"robot\":\"hello\",\"state\":\"queued\",\"draft\":false"));
    store_free(store);
}

static int run(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_run_that_is_committed_is_there_after_opening_again),
        cmocka_unit_test(what_is_rolled_back_was_never_there),
        cmocka_unit_test(a_state_moves_only_from_where_it_is),
        cmocka_unit_test(an_entry_that_is_put_again_replaces_the_earlier_one),
        cmocka_unit_test(mails_count_over_all_runs_of_a_robot),
        cmocka_unit_test(every_item_is_visited_once_however_many),
        cmocka_unit_test(a_key_is_claimed_by_one_run_only),
        cmocka_unit_test(the_audit_log_notices_every_kind_of_edit),
        cmocka_unit_test(a_file_that_is_no_database_is_told_and_left_alone),
        cmocka_unit_test(a_database_of_a_newer_renki_is_refused),
        cmocka_unit_test(rows_become_json),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

int main(void)
{
    return stores_run(run);
}
