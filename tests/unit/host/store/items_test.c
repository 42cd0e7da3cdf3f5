// Work items: a key is one item, two runs never have the same one, what a run leaves goes back. On every back end.
#include "support/stores.h"

#include "host/store/calls.h"
#include "host/store/items.h"

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

static int64_t add_run(int64_t parent)
{
    int64_t id = 0;
    const struct run_new run = {.robot = "rents",
                                .tree = "00",
                                .actor = "aino",
                                .language = "en",
                                .folder = "",
                                .host = "boot/1/2",
                                .parent = parent,
                                .inputs = TEXT_OF("{}"),
                                .manifest = TEXT_OF("{}")};
    assert_true(store_run_add(store, &id, &run, &err));
    return id;
}

static bool add(const char *key, int64_t priority, int64_t due_ms)
{
    bool added = false;
    const struct item_new item = {.queue = TEXT_OF("letters"),
                                  .key = text_from(key),
                                  .data = TEXT_OF("{\"a\":1}"),
                                  .amount = TEXT_OF("1.10"),
                                  .note = TEXT_OF(""),
                                  .priority = priority,
                                  .due_ms = due_ms ? due_ms : ITEM_NO_DUE};
    assert_true(store_item_add(store, &added, &item, &err));
    return added;
}

static char seen[32];
static int64_t former;

static bool see(void *owner, const struct item *item, struct err *ignored)
{
    (void)owner, (void)ignored;
    snprintf(seen, sizeof seen, "%.*s", (int)item->key.length, item->key.data);
    former = item->former;
    return true;
}

static const char *take(int64_t run)
{
    seen[0] = '\0';
    assert_true(store_item_take(store, TEXT_OF("letters"), run, see, NULL, &err));
    return seen;
}

static bool end(int64_t run, const char *key, const char *item_state, int64_t not_before_ms)
{
    bool ended = false;
    const struct item_end item = {.queue = TEXT_OF("letters"),
                                  .key = text_from(key),
                                  .state = text_from(item_state),
                                  .amount = TEXT_OF(""),
                                  .note = TEXT_OF("note"),
                                  .run = run,
                                  .not_before_ms = not_before_ms};
    assert_true(store_item_end(store, &ended, &item, &err));
    return ended;
}

static void count_release(void *owner, struct text queue)
{
    assert_true(text_is(queue, "letters"));
    ++*(int *)owner;
}

static int release(int64_t run)
{
    int count = 0;
    assert_true(store_items_release(store, run, count_release, &count, &err));
    return count;
}

static void a_key_is_one_item_whatever_its_state(void **state)
{
    (void)state;
    assert_true(add("1", 0, 0));
    assert_false(add("1", 5, 0));
    const int64_t run = add_run(0);
    assert_string_equal(take(run), "1");
    assert_true(end(run, "1", "done", 0));
    assert_false(add("1", 0, 0));
    assert_string_equal(take(run), "");
}

static void what_matters_most_comes_first_then_what_is_due_then_as_added(void **state)
{
    (void)state;
    static const char *const order[] = {"urgent", "due soon", "due late", "first", "second"};
    assert_true(add("first", 0, 0) && add("second", 0, 0) && add("due late", 0, 2000) &&
                add("due soon", 0, 1000) && add("urgent", 1, 0));
    for (size_t i = 0; i < COUNT_OF(order); i++) {
        const int64_t run = add_run(0);
        assert_string_equal(take(run), order[i]);
        assert_string_equal(take(run), order[i]); // its own comes first until it is ended
    }
}

static void what_a_run_leaves_goes_back_and_only_its_own_is_ended(void **state)
{
    (void)state;
    assert_true(add("1", 0, 0));
    const int64_t one = add_run(0), other = add_run(0);
    assert_string_equal(take(one), "1");
    assert_string_equal(take(other), "");
    assert_false(end(other, "1", "done", 0));
    assert_int_equal(release(other), 0);
    assert_int_equal(release(one), 1);
    assert_string_equal(take(other), "1");
    assert_int_equal(former, one);
    assert_false(end(one, "1", "done", 0));
    assert_true(end(other, "1", "done", 0));
}

static void put_step(int64_t run, const char *name, const char *step_state)
{
    const struct entry entry = {.kind = TEXT_OF("step"),
                                .scope = TEXT_OF("queue letters/1"),
                                .key = text_from(name),
                                .state = text_from(step_state),
                                .amount = TEXT_OF(""),
                                .note = TEXT_OF(""),
                                .result = TEXT_OF("7"),
                                .position = 1,
                                .attempt = 1};
    assert_true(store_entry_put(store, run, &entry, &err));
}

static void the_steps_of_an_item_go_with_it(void **state)
{
    int64_t copied;
    (void)state;
    assert_true(add("1", 0, 0));
    const int64_t one = add_run(0), other = add_run(0);
    assert_string_equal(take(one), "1");
    put_step(one, "post", "done");
    put_step(one, "mail", "failed");
    assert_int_equal(release(one), 1);
    assert_string_equal(take(other), "1");
    assert_true(store_item_inherit(store, &copied, TEXT_OF("letters"), TEXT_OF("1"), one, other, &err));
    assert_int_equal(copied, 1);
    assert_true(store_item_inherit(store, &copied, TEXT_OF("letters"), TEXT_OF("1"), one, other, &err));
    assert_int_equal(copied, 0);
}

static void what_is_in_doubt_of_an_item_goes_with_it(void **state)
{
    int64_t copied;
    (void)state;
    assert_true(add("1", 0, 0));
    const int64_t one = add_run(0), other = add_run(0);
    assert_string_equal(take(one), "1");
    put_step(one, "post", "about");
    assert_int_equal(release(one), 1);
    assert_string_equal(take(other), "1");
    assert_true(store_item_inherit(store, &copied, TEXT_OF("letters"), TEXT_OF("1"), one, other, &err));
    assert_int_equal(copied, 1);
}

static void what_is_to_be_tried_again_waits_its_time(void **state)
{
    int64_t again_ms;
    (void)state;
    assert_true(add("1", 0, 0));
    const int64_t one = add_run(0);
    assert_string_equal(take(one), "1");
    const int64_t later = store_now_ms(store) + 60000;
    assert_true(end(one, "1", "new", later));
    assert_string_equal(take(one), "");
    assert_true(store_item_again_ms(store, &again_ms, TEXT_OF("letters"), one, &err));
    assert_int_equal(again_ms, later);
    assert_true(store_item_again_ms(store, &again_ms, TEXT_OF("letters"), add_run(0), &err));
    assert_int_equal(again_ms, 0);
}

static void by_hand_what_stands_in_the_way_is_told_and_what_was_is_kept(void **state)
{
    (void)state;
    struct item_hand hand = {TEXT_OF("letters"), TEXT_OF("1"), TEXT_OF("{\"a\":2}"), "aino", TEXT_OF("")};
    assert_true(add("1", 0, 0));
    assert_false(store_item_retry(store, &hand, &err));
    assert_int_equal(err.code, ERR_ITEM_STATE);
    const int64_t one = add_run(0);
    assert_string_equal(take(one), "1");
    assert_false(store_item_retry(store, &hand, &err)); // its run is live
    assert_true(end(one, "1", "failed", 0));
    assert_true(store_item_retry(store, &hand, &err));
    SCOPED_BUF(out, 4096);
    struct json_writer writer = json_writer_new(&out);
    json_begin_object(&writer);
    assert_true(store_item_write(store, &writer, TEXT_OF("letters"), TEXT_OF("1"), &err));
    json_end_object(&writer);
    assert_non_null(strstr(buf_string(&out), "\"data\":{\"a\":2}"));
    assert_non_null(strstr(buf_string(&out), "\"what\":\"retry\",\"state\":\"failed\""));
    assert_true(store_item_close(store, &hand, &err));
    assert_false(store_item_close(store, &hand, &err));
    hand.key = TEXT_OF("2");
    assert_false(store_item_close(store, &hand, &err));
    assert_int_equal(err.code, ERR_ITEM_UNKNOWN);
}

static void a_caller_is_answered_when_the_called_is_over(void **state)
{
    bool answered, moved;
    int64_t children[2], parent;
    size_t count;
    (void)state;
    const int64_t caller = add_run(0), called = add_run(caller);
    SCOPED_TEXT char *note = xasprintf("%lld", (long long)called);
    const struct entry entry = {.kind = TEXT_OF("call"),
                                .scope = TEXT_OF(""),
                                .key = TEXT_OF("call rents"),
                                .state = TEXT_OF("waiting"),
                                .amount = TEXT_OF(""),
                                .note = text_from(note),
                                .result = TEXT_OF(""),
                                .position = 1,
                                .attempt = 1};
    assert_true(store_entry_put(store, caller, &entry, &err));
    assert_true(store_call_answered(store, &answered, caller, &err));
    assert_false(answered);
    assert_true(store_children_live(store, children, &count, 2, caller, &err));
    assert_int_equal(count, 1);
    assert_true(store_run_parent(store, &parent, called, &err));
    assert_int_equal(parent, caller);
    assert_true(store_run_move(store, &moved, called, "queued", "failed", "renki", TEXT_OF(""), &err));
    assert_true(store_call_answered(store, &answered, caller, &err));
    assert_true(answered);
    assert_true(store_children_live(store, children, &count, 2, caller, &err));
    assert_int_equal(count, 0);
}

static int run(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_key_is_one_item_whatever_its_state, open_it, close_it),
        cmocka_unit_test_setup_teardown(what_matters_most_comes_first_then_what_is_due_then_as_added, open_it,
                                        close_it),
        cmocka_unit_test_setup_teardown(what_a_run_leaves_goes_back_and_only_its_own_is_ended, open_it,
                                        close_it),
        cmocka_unit_test_setup_teardown(the_steps_of_an_item_go_with_it, open_it, close_it),
        cmocka_unit_test_setup_teardown(what_is_in_doubt_of_an_item_goes_with_it, open_it, close_it),
        cmocka_unit_test_setup_teardown(what_is_to_be_tried_again_waits_its_time, open_it, close_it),
        cmocka_unit_test_setup_teardown(by_hand_what_stands_in_the_way_is_told_and_what_was_is_kept, open_it,
                                        close_it),
        cmocka_unit_test_setup_teardown(a_caller_is_answered_when_the_called_is_over, open_it, close_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

int main(void)
{
    return stores_run(run);
}
