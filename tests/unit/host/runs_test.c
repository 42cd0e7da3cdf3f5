// The states of a run: every pair, allowed and forbidden; and control totals to the cent.
#include "support/unit.h"

#include "host/runs.h"
#include "host/seen.h"
#include "host/totals.h"

#include <sodium.h>

static struct err err;

static struct store *opened(int64_t *id)
{
    struct store *store = NULL;
    const struct run_new run = {.robot = "hello",
                                .tree = "00",
                                .actor = "aino",
                                .language = "en",
                                .folder = "00",
                                .host = "h",
                                .inputs = TEXT_OF("{}"),
                                .manifest = TEXT_OF("{}")};
    assert_true(store_open(&store, ":memory:", &err));
    assert_true(store_begin(store, &err));
    assert_true(run_queue(store, id, &run, &err));
    return store;
}

static void only_the_moves_of_the_drawing_are_allowed(void **state)
{
    static const char *const allowed[RUN_STATE_COUNT] = {
        // planned, queued, running, waiting, in doubt, done, failed, cancelled, refused, missed, skipped
        [RUN_PLANNED] = ".Q.....C.MS", [RUN_QUEUED] = "..R...FCX.S",    [RUN_RUNNING] = ".Q.WIDFCX..",
        [RUN_WAITING] = ".Q....FC...", [RUN_IN_DOUBT] = ".Q....FC...",  [RUN_DONE] = "...........",
        [RUN_FAILED] = ".Q.........",  [RUN_CANCELLED] = ".Q.........", [RUN_REFUSED] = ".Q.........",
        [RUN_MISSED] = "...........",  [RUN_SKIPPED] = "...........",
    };
    (void)state;
    for (int from = 0; from < RUN_STATE_COUNT; from++)
        for (int to = 0; to < RUN_STATE_COUNT; to++)
            assert_int_equal(run_may_move((enum run_state)from, (enum run_state)to),
                             allowed[from][to] != '.');
}

static void every_state_has_a_name_that_reads_back(void **state)
{
    (void)state;
    for (int i = 0; i < RUN_STATE_COUNT; i++) {
        enum run_state read;
        assert_true(run_state_from_name(&read, run_state_name((enum run_state)i)));
        assert_int_equal(read, i);
    }
}

static const struct run_started first_start = {1, "h", "test", "production"},
                                second_start = {2, "h", NULL, "development"};

static void a_run_ends_once(void **state)
{
    const struct run_end end = {{NULL, 0}, {NULL, 0}, {NULL, 0}};
    int64_t id = 0;
    (void)state;
    struct store *store = opened(&id);
    assert_false(run_finish(store, id, &end, "aino", &err)); // it never ran
    assert_int_equal(err.code, ERR_RUN_STATE);
    assert_true(run_start(store, id, &first_start, "aino", &err));
    assert_true(run_finish(store, id, &end, "aino", &err));
    assert_false(run_fail(store, id, RUN_RUNNING, &end, "aino", &err));
    assert_false(run_resume(store, id, RUN_DONE, "h", "aino", &err));
    assert_int_equal(err.code, ERR_RUN_NOT_RESUMABLE);
    store_free(store);
}

static void a_failed_run_is_resumed_with_its_next_attempt(void **state)
{
    const struct run_end end = {TEXT_OF("{\"class\":\"failure\"}"), {NULL, 0}, {NULL, 0}};
    struct run_row row;
    int64_t id = 0;
    (void)state;
    struct store *store = opened(&id);
    assert_true(run_start(store, id, &first_start, "aino", &err));
    assert_true(run_fail(store, id, RUN_RUNNING, &end, "aino", &err));
    assert_true(run_resume(store, id, RUN_FAILED, "h", "aino", &err));
    assert_true(run_start(store, id, &second_start, "aino", &err));
    assert_true(store_run_load(store, &row, id, &err));
    assert_string_equal(row.state, "running");
    assert_int_equal(row.attempt, 2);
    run_row_dispose(&row);
    store_free(store);
}

static void put(struct store *store, int64_t run, const char *key, const char *state, const char *amount)
{
    const struct entry entry = {.kind = TEXT_OF("item"),
                                .scope = TEXT_OF("items"),
                                .key = text_from(key),
                                .state = text_from(state),
                                .amount = text_from(amount),
                                .note = TEXT_OF(""),
                                .result = TEXT_OF(""),
                                .position = 1,
                                .attempt = 1};
    assert_true(store_entry_put(store, run, &entry, &err));
}

static void totals_of(char *out, size_t size, struct store *store, int64_t id)
{
    SCOPED_BUF(text, 65536);
    struct json_writer writer = json_writer_new(&text);
    struct run_row row;
    assert_true(store_run_load(store, &row, id, &err));
    assert_true(totals_write(&writer, store, &row, &err));
    run_row_dispose(&row);
    snprintf(out, size, "%s", buf_string(&text));
}

static void sums_are_exact_and_a_cent_is_noticed(void **state)
{
    char totals[2000];
    int64_t id = 0;
    (void)state;
    struct store *store = opened(&id);
    put(store, id, "1", "done", "0.10");
    put(store, id, "2", "done", "0.20");
    put(store, id, "3", "exception", "-1204551.30");
    assert_true(store_run_expect(store, id, TEXT_OF("3"), TEXT_OF("-1204551.00"), &err));
    totals_of(totals, sizeof totals, store, id);
    assert_non_null(strstr(totals, "\"balanced\":true"));
    assert_non_null(strstr(totals, "\"done\":\"0.30\""));
    assert_true(store_run_expect(store, id, TEXT_OF("3"), TEXT_OF("-1204551.01"), &err));
    totals_of(totals, sizeof totals, store, id);
    assert_non_null(strstr(totals, "\"balanced\":false"));
    assert_non_null(strstr(totals, "\"sum\":\"-0.01\""));
    store_free(store);
}

static void an_item_that_failed_or_never_came_is_no_balance(void **state)
{
    char totals[2000];
    int64_t id = 0;
    (void)state;
    struct store *store = opened(&id);
    put(store, id, "1", "done", "");
    put(store, id, "2", "failed", "");
    assert_true(store_run_expect(store, id, TEXT_OF("4"), TEXT_OF(""), &err));
    totals_of(totals, sizeof totals, store, id);
    assert_non_null(strstr(totals, "{\"done\":1,\"exception\":0,\"failed\":1,\"doubt\":0,\"left\":2}"));
    assert_non_null(strstr(totals, "\"balanced\":false"));
    store_free(store);
}

static void an_item_in_doubt_is_neither_done_nor_left(void **state)
{
    char totals[2000];
    int64_t id = 0;
    (void)state;
    struct store *store = opened(&id);
    put(store, id, "1", "done", "1.00");
    put(store, id, "2", "about", "");
    put(store, id, "3", "doubt", "2.00");
    assert_true(store_run_expect(store, id, TEXT_OF("3"), TEXT_OF("3.00"), &err));
    totals_of(totals, sizeof totals, store, id);
    assert_non_null(strstr(totals, "{\"done\":1,\"exception\":0,\"failed\":0,\"doubt\":2,\"left\":0}"));
    assert_non_null(strstr(totals, "\"balanced\":false"));
    store_free(store);
}

static void a_run_without_expectations_neither_balances_nor_not(void **state)
{
    char totals[2000];
    int64_t id = 0;
    (void)state;
    struct store *store = opened(&id);
    totals_of(totals, sizeof totals, store, id);
    assert_non_null(strstr(totals, "\"balanced\":null"));
    store_free(store);
}

static void a_key_at_another_position_was_seen_before(void **state)
{
    int64_t first = -1;
    (void)state;
    struct seen *seen = seen_new();
    for (int i = 0; i < 5000; i++) {
        char key[20];
        snprintf(key, sizeof key, "%d", i);
        assert_true(seen_add(seen, TEXT_OF("items"), text_from(key), i, &first));
    }
    assert_true(seen_add(seen, TEXT_OF("items"), TEXT_OF("17"), 17, &first)); // begun, then done
    assert_false(seen_add(seen, TEXT_OF("items"), TEXT_OF("17"), 18, &first));
    assert_int_equal(first, 17);
    assert_true(seen_add(seen, TEXT_OF("other"), TEXT_OF("17"), 18, &first));
    assert_true(seen_add(seen, TEXT_OF("items1"), TEXT_OF("7"), 18, &first)); // not "items" and "17"
    seen_free(seen);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_the_moves_of_the_drawing_are_allowed),
        cmocka_unit_test(every_state_has_a_name_that_reads_back),
        cmocka_unit_test(a_run_ends_once),
        cmocka_unit_test(a_failed_run_is_resumed_with_its_next_attempt),
        cmocka_unit_test(sums_are_exact_and_a_cent_is_noticed),
        cmocka_unit_test(an_item_that_failed_or_never_came_is_no_balance),
        cmocka_unit_test(an_item_in_doubt_is_neither_done_nor_left),
        cmocka_unit_test(a_run_without_expectations_neither_balances_nor_not),
        cmocka_unit_test(a_key_at_another_position_was_seen_before),
    };
    if (sodium_init() < 0)
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
