// What waits in the store: which run is taken next, what holds one back, what is due. On every back end.
#include "support/stores.h"

static struct err err;
static struct store *store;
static const char *const me = "boot/1/2";

static int open_it(void **state)
{
    (void)state;
    assert_true(store_open(&store, place_fresh(), &err));
    assert_true(store_begin(store, &err));
    return 0;
}

static int close_it(void **state)
{
    (void)state;
    assert_true(store_commit(store, &err));
    store_free(store);
    return 0;
}

static int64_t queue(const char *host, int64_t priority)
{
    int64_t id = 0;
    const struct run_new run = {.robot = "rents",
                                .tree = "00",
                                .actor = "aino",
                                .language = "en",
                                .folder = "",
                                .host = host,
                                .served = host[0] == '\0',
                                .priority = priority,
                                .inputs = TEXT_OF("{}"),
                                .manifest = TEXT_OF("{}")};
    assert_true(store_run_add(store, &id, &run, &err));
    return id;
}

static int64_t plan(const char *lane, int64_t planned_ms, int64_t due_ms, bool needs_approval)
{
    int64_t id = 0;
    const struct run_plan run = {.robot = "rents",
                                 .schedule = "monthly",
                                 .actor = "renki",
                                 .language = "en",
                                 .lane = lane,
                                 .overlap = "wait",
                                 .planned_ms = planned_ms,
                                 .due_ms = due_ms,
                                 .needs_approval = needs_approval,
                                 .given = TEXT_OF("[]"),
                                 .cause = TEXT_OF("{}")};
    assert_true(store_run_plan(store, &id, &run, &err));
    return id;
}

static int64_t take(const char *host, bool serving)
{
    int64_t id = -1;
    assert_true(store_queue_take(store, &id, store_now_ms(store), host, serving, &err));
    return id;
}

static bool collect(void *owner, const struct run_due *due, struct err *why)
{
    int64_t *sum = owner;
    (void)why;
    assert_true(text_is(due->schedule, "monthly"));
    *sum += due->id;
    return true;
}

static int64_t fall_due(int64_t now_ms)
{
    int64_t sum = 0;
    assert_true(store_runs_due(store, now_ms, 0, 100, collect, &sum, &err));
    return sum;
}

static void the_most_urgent_is_taken_first_and_each_once(void **state)
{
    (void)state;
    const int64_t first = queue("", 0), second = queue("", 0), urgent = queue("", 5);
    assert_int_equal(take(me, true), urgent);
    assert_int_equal(take(me, true), first);
    assert_int_equal(take(me, true), second);
    assert_int_equal(take(me, true), 0);
}

static void a_private_host_takes_only_its_own(void **state)
{
    (void)state;
    const int64_t any = queue("", 0), own = queue(me, 0);
    assert_int_equal(take(me, false), own);
    assert_int_equal(take(me, false), 0);
    assert_int_equal(take("boot/3/4", true), any);
}

static void a_deferred_run_waits_for_its_time_or_what_it_waits_for(void **state)
{
    (void)state;
    const int64_t run = queue("", 0);
    int64_t due_ms = 0;
    assert_int_equal(take(me, true), run);
    const int64_t later_ms = store_now_ms(store) + 60000;
    assert_true(store_queue_defer(store, run, later_ms, "system ledger", &err));
    assert_int_equal(take(me, true), 0);
    assert_true(store_queue_next_ms(store, &due_ms, 0, me, true, &err));
    assert_int_equal(due_ms, later_ms);
    assert_true(store_queue_recall(store, "system bank", &err));
    assert_int_equal(take(me, true), 0);
    assert_true(store_queue_recall(store, "system ledger", &err));
    assert_int_equal(take(me, true), run);
}

static void runs_of_a_lane_come_one_after_another(void **state)
{
    bool moved;
    (void)state;
    const int64_t first = plan("schedule/monthly", 1000, 1000, false);
    const int64_t second = plan("schedule/monthly", 2000, 2000, false);
    assert_int_equal(fall_due(5000), first + second);
    assert_int_equal(take(me, true), first);
    assert_int_equal(take(me, true), 0);
    assert_true(store_run_move(store, &moved, first, "queued", "running", "renki", TEXT_OF(""), &err));
    assert_int_equal(take(me, true), 0);
    assert_true(store_run_move(store, &moved, first, "running", "waiting", "renki", TEXT_OF(""), &err));
    assert_int_equal(take(me, true), 0); // it is not over yet
    assert_true(store_run_move(store, &moved, first, "waiting", "failed", "renki", TEXT_OF(""), &err));
    assert_int_equal(take(me, true), second);
}

static void a_due_run_is_planned_once_whoever_plans_it(void **state)
{
    (void)state;
    assert_int_not_equal(plan("", 1000, 1500, false), 0);
    assert_int_equal(plan("", 1000, 1500, false), 0);
    assert_int_not_equal(plan("", 2000, 2500, false), 0);
}

static void what_is_due_is_queued_and_what_lacks_approval_is_not(void **state)
{
    int64_t due_ms = 0;
    (void)state;
    const int64_t due = plan("", 1000, 1500, false);
    (void)plan("", 2000, 2500, true);
    const int64_t later = plan("", 3000, 3500, false);
    int64_t missed = 0; // what was due too long ago is for its schedule to decide
    assert_true(store_runs_due(store, 3000, 2600, 100, collect, &missed, &err));
    assert_int_equal(missed, 0);
    assert_int_equal(fall_due(1499), 0);
    assert_int_equal(fall_due(3000), due);
    assert_int_equal(fall_due(3000), 0);
    assert_true(store_queue_next_ms(store, &due_ms, 0, me, true, &err));
    assert_int_equal(due_ms, 3500);
    assert_true(store_queue_next_ms(store, &due_ms, 0, me, false, &err)); // a private host plans nothing
    assert_true(due_ms == INT64_MAX);
    assert_int_equal(fall_due(3500), later);
}

static void a_waiting_run_wakes_at_its_time(void **state)
{
    int64_t count = 0;
    bool moved;
    (void)state;
    const int64_t run = queue("", 0);
    assert_true(store_run_move(store, &moved, run, "queued", "running", "renki", TEXT_OF(""), &err));
    assert_true(store_run_move(store, &moved, run, "running", "waiting", "renki", TEXT_OF(""), &err));
    assert_true(store_run_waits(store, run, "sleep", 9000, &err));
    assert_true(store_runs_wake(store, &count, 8999, me, true, &err));
    assert_int_equal(count, 0);
    assert_true(store_runs_wake(store, &count, 9000, me, true, &err));
    assert_int_equal(count, 1);
    assert_int_equal(take(me, true), run);
}

static void a_run_without_a_time_sleeps_until_it_is_woken(void **state)
{
    int64_t count = 0;
    bool moved;
    (void)state;
    const int64_t run = queue("", 0);
    assert_true(store_run_move(store, &moved, run, "queued", "running", "renki", TEXT_OF(""), &err));
    assert_true(store_run_move(store, &moved, run, "running", "waiting", "renki", TEXT_OF(""), &err));
    assert_true(store_run_waits(store, run, "question", 0, &err));
    assert_true(store_runs_wake(store, &count, INT64_MAX, me, true, &err));
    assert_int_equal(count, 0);
}

static void a_run_is_put_before_all_that_wait(void **state)
{
    int64_t foremost = 0;
    bool moved = false;
    (void)state;
    (void)queue("", 5);
    const int64_t run = queue("", 0);
    assert_true(store_queue_foremost(store, &foremost, &err));
    assert_int_equal(foremost, 6);
    assert_true(store_run_set_priority(store, &moved, run, foremost, &err));
    assert_true(moved);
    assert_int_equal(take(me, true), run);
    assert_true(store_run_move(store, &moved, run, "queued", "running", "renki", TEXT_OF(""), &err));
    assert_true(store_run_set_priority(store, &moved, run, 1, &err));
    assert_false(moved); // it waits for no turn any more
}

static void those_that_are_over_are_told_of_many(void **state)
{
    bool moved;
    (void)state;
    const int64_t waits = queue("", 0), ended = queue("", 0), other = queue("", 0);
    const int64_t asked[] = {waits, ended};
    int64_t over[STORE_RUNS_ASKED];
    size_t count = 1;
    assert_true(store_runs_over(store, over, &count, asked, COUNT_OF(asked), &err));
    assert_int_equal(count, 0);
    assert_true(store_run_move(store, &moved, ended, "queued", "cancelled", "renki", TEXT_OF(""), &err));
    assert_true(store_run_move(store, &moved, other, "queued", "cancelled", "renki", TEXT_OF(""), &err));
    assert_true(store_runs_over(store, over, &count, asked, COUNT_OF(asked), &err));
    assert_int_equal(count, 1);
    assert_int_equal(over[0], ended);
}

static struct json_document *view(enum store_view what, int64_t key)
{
    SCOPED_BUF(out, 65536);
    struct json_document *document = NULL;
    struct json_writer writer = json_writer_new(&out);
    assert_true(store_view(store, &writer, what, key, &err));
    assert_true(json_writer_done(&writer) && json_parse(&document, buf_text(&out), &err));
    return document;
}

static size_t dead(void)
{
    SCOPED(json_document)
    document = view(STORE_DEAD, 10);
    return json_count(json_root(document));
}

static void the_queue_is_shown_in_the_order_of_its_turns(void **state)
{
    bool moved;
    (void)state;
    const int64_t usual = queue("", 0), urgent = queue("", 5), live = queue("", 0);
    assert_true(store_run_move(store, &moved, live, "queued", "running", "renki", TEXT_OF(""), &err));
    const int64_t order[] = {live, urgent, usual};
    SCOPED(json_document)
    shown = view(STORE_QUEUE, 10);
    SCOPED(json_document)
    first = view(STORE_QUEUE, 1);
    const struct json *run = json_first(json_root(shown));
    for (size_t i = 0; i < COUNT_OF(order); i++, run = json_next(run))
        assert_int_equal(json_int64_or(json_get(run, "id"), 0), order[i]);
    assert_null(run);
    assert_int_equal(json_count(json_root(first)), 1);
    SCOPED(json_document)
    trouble = view(STORE_TROUBLE, 0);
    assert_int_equal(json_int64_or(json_get(json_first(json_root(trouble)), "unserved"), -1), 2);
    assert_int_equal(json_int64_or(json_get(json_first(json_root(trouble)), "dead"), -1), 0);
    SCOPED(json_document)
    states = view(STORE_STATES, 0);
    assert_int_equal(json_count(json_root(states)), 2);
}

static void fail_it(int64_t run, const char *from)
{
    bool moved;
    const struct run_end end = {.fault = TEXT_OF("{}")};
    assert_true(store_run_end(store, &moved, run, from, "failed", &end, "renki", &err) && moved);
}

static void what_failed_is_listed_until_somebody_has_seen_to_it(void **state)
{
    bool moved;
    (void)state;
    const int64_t run = queue("", 0);
    assert_int_equal(dead(), 0);
    fail_it(run, "queued");
    assert_int_equal(dead(), 1);
    assert_true(store_run_close(store, run, "aino", "booked by hand", &err));
    assert_int_equal(dead(), 0);
    assert_true(store_run_close(store, run, "aino", "and once more", &err));
    const int64_t closed_ms = store_now_ms(store);
    while (store_now_ms(store) == closed_ms)
        ;
    assert_true(store_run_move(store, &moved, run, "failed", "queued", "renki", TEXT_OF(""), &err));
    fail_it(run, "queued");
    assert_int_equal(dead(), 1); // it failed again
}

static int run(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_most_urgent_is_taken_first_and_each_once, open_it, close_it),
        cmocka_unit_test_setup_teardown(a_private_host_takes_only_its_own, open_it, close_it),
        cmocka_unit_test_setup_teardown(a_deferred_run_waits_for_its_time_or_what_it_waits_for, open_it,
                                        close_it),
        cmocka_unit_test_setup_teardown(runs_of_a_lane_come_one_after_another, open_it, close_it),
        cmocka_unit_test_setup_teardown(a_due_run_is_planned_once_whoever_plans_it, open_it, close_it),
        cmocka_unit_test_setup_teardown(what_is_due_is_queued_and_what_lacks_approval_is_not, open_it,
                                        close_it),
        cmocka_unit_test_setup_teardown(a_waiting_run_wakes_at_its_time, open_it, close_it),
        cmocka_unit_test_setup_teardown(a_run_is_put_before_all_that_wait, open_it, close_it),
        cmocka_unit_test_setup_teardown(those_that_are_over_are_told_of_many, open_it, close_it),
        cmocka_unit_test_setup_teardown(the_queue_is_shown_in_the_order_of_its_turns, open_it, close_it),
        cmocka_unit_test_setup_teardown(what_failed_is_listed_until_somebody_has_seen_to_it, open_it,
                                        close_it),
        cmocka_unit_test_setup_teardown(a_run_without_a_time_sleeps_until_it_is_woken, open_it, close_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

int main(void)
{
    return stores_run(run);
}
