// What the store keeps of the outside: alerts to be sent, places that runs hold, logins that were refused, signatures of
// webhooks that were used. On every back end.
#include "support/stores.h"

static struct err err;
static struct store *store;

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

// ---- alerts

static void add_alert(const char *title, bool mail, bool webhook)
{
    const struct alert_new alert = {.kind = "failed",
                                    .run = 7,
                                    .subject = TEXT_OF("rents"),
                                    .title = text_from(title),
                                    .hint = TEXT_OF(""),
                                    .mail = mail,
                                    .webhook = webhook};
    assert_true(store_alert_add(store, &alert, &err));
}

static bool collect(void *owner, const struct alert_row *alert, struct err *why)
{
    (void)why;
    struct buf *titles = owner;
    assert_true(text_is(alert->subject, "rents"));
    return buf_append_text(titles, alert->title);
}

static struct alert_batch claimed(int64_t most, const char *titles)
{
    struct alert_batch batch;
    SCOPED_BUF(found, 1000);
    assert_true(store_alerts_claim(store, &batch, most, 60000, collect, &found, &err));
    assert_string_equal(buf_string(&found), titles);
    return batch;
}

static void an_alert_is_claimed_by_one_and_sent_each_way_once(void **state)
{
    int64_t count, next_ms, first_ms;
    (void)state;
    add_alert("a", true, true);
    const struct alert_batch first = claimed(1, "a");
    assert_true(first.mail && first.webhook);
    assert_int_equal(first.attempts, 1);
    assert_int_equal(claimed(1, "").message, 0); // another host gets nothing
    assert_true(store_alerts_sent(store, first.message, true, false, &err));
    assert_true(store_alerts_failed(store, first.message, 0, "closed", &err));
    const struct alert_batch second = claimed(1, "a");
    assert_true(!second.mail && second.webhook); // the mail is out
    assert_int_equal(second.attempts, 2);
    assert_true(store_alerts_sent(store, second.message, false, true, &err));
    assert_true(store_alerts_waiting(store, &count, &next_ms, &err));
    assert_int_equal(count, 0);
    assert_true(store_alerts_since(store, &count, &first_ms, 0, &err));
    assert_int_equal(count, 1);
    assert_true(first_ms > 0);
}

static void what_goes_the_same_way_goes_together(void **state)
{
    int64_t count, next_ms;
    (void)state;
    add_alert("a", true, false);
    add_alert("b", true, true);
    add_alert("c", true, false);
    add_alert("d", false, false); // kept, not sent
    assert_true(store_alerts_waiting(store, &count, &next_ms, &err));
    assert_int_equal(count, 3);
    const struct alert_batch batch = claimed(200, "ac");
    assert_int_equal(batch.count, 2);
    assert_int_equal(claimed(200, "b").count, 1);
}

// ---- places, logins, signatures

static int64_t queued(void)
{
    int64_t id = 0;
    const struct run_new run = {.robot = "rents",
                                .tree = "00",
                                .actor = "aino",
                                .language = "en",
                                .folder = "",
                                .host = "",
                                .inputs = TEXT_OF("{}"),
                                .manifest = TEXT_OF("{}")};
    assert_true(store_run_add(store, &id, &run, &err));
    return id;
}

static void places_are_given_up_and_taken_again(void **state)
{
    const int64_t one = queued(), two = queued(), three = queued();
    bool taken;
    (void)state;
    assert_true(store_hold_take(store, &taken, "system ledger", one, 2, &err) && taken);
    assert_true(store_hold_take(store, &taken, "system ledger", two, 2, &err) && taken);
    assert_true(store_hold_take(store, &taken, "system ledger", three, 2, &err));
    assert_false(taken);
    assert_true(store_queue_defer(store, three, INT64_MAX / 2, "system ledger", &err));
    assert_true(store_holds_release(store, one, &err));
    int64_t next_ms;
    assert_true(store_queue_next_ms(store, &next_ms, 0, "", true, &err));
    assert_int_equal(next_ms, INT64_MAX); // the third is not put off any more
    assert_true(store_hold_take(store, &taken, "system ledger", three, 2, &err) && taken);
}

static void refusals_count_until_one_success_or_a_person(void **state)
{
    struct freeze freeze;
    (void)state;
    assert_true(store_freeze_refused(store, &freeze, "bank", 1, "401", &err));
    assert_true(store_freeze_refused(store, &freeze, "bank", 2, "401", &err));
    assert_int_equal(freeze.refused, 2);
    assert_true(store_freeze_accepted(store, "bank", &err));
    assert_true(store_freeze_refused(store, &freeze, "bank", 3, "401", &err));
    assert_int_equal(freeze.refused, 1);
    assert_true(store_freeze_begin(store, "bank", &err));
    assert_true(store_freeze_accepted(store, "bank", &err)); // one that was under way changes nothing
    assert_true(store_freeze_load(store, &freeze, "bank", &err));
    assert_true(freeze.since_ms > 0);
    assert_true(store_freeze_thaw(store, &freeze, "bank", &err));
    assert_true(freeze.since_ms == 0 && freeze.refused == 0 && freeze.thaws == 1);
}

static void a_signature_counts_once_as_long_as_it_is_kept(void **state)
{
    bool is_new;
    (void)state;
    assert_true(store_hook_use(store, &is_new, "push", "aa", 60000, &err) && is_new);
    assert_true(store_hook_use(store, &is_new, "push", "aa", 60000, &err));
    assert_false(is_new);
    assert_true(store_hook_use(store, &is_new, "other", "aa", 60000, &err) && is_new);
    assert_true(store_hook_use(store, &is_new, "push", "bb", -1, &err) && is_new);
    assert_true(store_hook_use(store, &is_new, "push", "bb", 60000, &err) && is_new); // it had run out
}

static int run(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(an_alert_is_claimed_by_one_and_sent_each_way_once, open_it, close_it),
        cmocka_unit_test_setup_teardown(what_goes_the_same_way_goes_together, open_it, close_it),
        cmocka_unit_test_setup_teardown(places_are_given_up_and_taken_again, open_it, close_it),
        cmocka_unit_test_setup_teardown(refusals_count_until_one_success_or_a_person, open_it, close_it),
        cmocka_unit_test_setup_teardown(a_signature_counts_once_as_long_as_it_is_kept, open_it, close_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

int main(void)
{
    return stores_run(run);
}
