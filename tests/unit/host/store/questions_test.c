// Questions to people and what was about to leave: each asked once, answered once, by time once. On every back end.
#include "support/stores.h"

#include "host/store/questions.h"

static struct err err;
static struct store *store;
static int64_t run;

static int open_it(void **state)
{
    (void)state;
    assert_true(store_open(&store, place_fresh(), &err));
    assert_true(store_begin(store, &err));
    const struct run_new row = {.robot = "rents",
                                .tree = "00",
                                .actor = "aino",
                                .language = "en",
                                .folder = "",
                                .host = "boot/1/2",
                                .inputs = TEXT_OF("{}"),
                                .manifest = TEXT_OF("{}")};
    assert_true(store_run_add(store, &run, &row, &err));
    return 0;
}

static int close_it(void **state)
{
    (void)state;
    assert_true(store_commit(store, &err));
    store_free(store);
    return 0;
}

static char empty[] = "", ask_kind[] = "ask", key[] = "Pay?", aino[] = "aino", remind[] = "remind";

static int64_t ask(int64_t next_ms)
{
    int64_t id = 0;
    const struct question question = {.run = run,
                                      .kind = ask_kind,
                                      .scope = empty,
                                      .key = key,
                                      .entry = ask_kind,
                                      .title = key,
                                      .text = empty,
                                      .person = aino,
                                      .escalate = empty,
                                      .fields = empty,
                                      .files = empty,
                                      .otherwise = empty,
                                      .amount = empty,
                                      .evidence = empty,
                                      .asked_ms = 1000,
                                      .due_ms = 5000,
                                      .next_ms = next_ms,
                                      .next = remind};
    assert_true(store_question_add(store, &id, &question, &err));
    return id;
}

static void an_entry_has_one_open_question_at_most(void **state)
{
    (void)state;
    const int64_t first = ask(0);
    assert_true(first > 0);
    assert_int_equal(ask(0), 0);
    int64_t open = 0;
    assert_true(store_question_open(store, &open, run, &err));
    assert_int_equal(open, first);
}

static void a_question_is_answered_once(void **state)
{
    bool moved;
    (void)state;
    const int64_t id = ask(0);
    const struct question_answer answer = {"answered", "eino", true, TEXT_OF("{}")};
    assert_true(store_question_answer(store, &moved, id, &answer, &err));
    assert_true(moved);
    assert_true(store_question_answer(store, &moved, id, &answer, &err));
    assert_false(moved);
    struct question found;
    assert_true(store_question_find(store, &found, run, "ask", TEXT_OF(""), TEXT_OF("Pay?"), &err));
    assert_int_equal(found.id, id);
    assert_string_equal(found.actor, "eino");
    assert_true(found.stands_in);
    question_dispose(&found);
    assert_true(ask(0) > id); // what is in doubt again is asked again
}

static void what_is_due_is_done_once(void **state)
{
    struct question due;
    bool moved;
    (void)state;
    const int64_t id = ask(4000);
    assert_true(store_question_due(store, &due, 3999, &err));
    assert_int_equal(due.id, 0);
    assert_true(store_question_due(store, &due, 4000, &err));
    assert_int_equal(due.id, id);
    assert_true(store_question_next(store, &moved, &due, "escalate", 5000, "eino", &err));
    assert_true(moved);
    assert_true(store_question_next(store, &moved, &due, "escalate", 5000, "eino", &err));
    assert_false(moved);
    question_dispose(&due);
}

static void what_was_about_to_leave_is_evidence(void **state)
{
    (void)state;
    const struct entry entry = {.kind = TEXT_OF("step"),
                                .scope = TEXT_OF(""),
                                .key = TEXT_OF("pay"),
                                .state = TEXT_OF("about"),
                                .position = 1,
                                .attempt = 1};
    for (int64_t number = 1; number <= 2; number++) {
        const struct about about = {.call = number,
                                    .bytes = 12,
                                    .method = TEXT_OF("POST"),
                                    .host = TEXT_OF("bank.example"),
                                    .path = TEXT_OF("/payments")};
        assert_true(store_about_add(store, run, &entry, &about, &err));
    }
    const struct call call = {.run = run,
                              .attempt = 1,
                              .call = 1,
                              .status = 201,
                              .kind = TEXT_OF("http"),
                              .method = TEXT_OF("POST"),
                              .host = TEXT_OF("bank.example"),
                              .path = TEXT_OF("/payments"),
                              .outcome = TEXT_OF("done"),
                              .login = TEXT_OF(""),
                              .problem = TEXT_OF("")};
    assert_true(store_call_add(store, &call, &err));
    SCOPED_BUF(out, 4096);
    struct json_writer writer = json_writer_new(&out);
    assert_true(store_evidence(store, &writer, run, TEXT_OF(""), TEXT_OF("pay"), &err));
    assert_non_null(strstr(buf_string(&out), "\"outcome\":\"done\",\"status\":201"));
    assert_non_null(strstr(buf_string(&out), "\"outcome\":null,\"status\":null"));
}

static bool take_key(void *owner, const struct entry *entry, struct err *ignored)
{
    (void)ignored;
    snprintf(owner, 40, "%.*s", (int)entry->key.length, entry->key.data);
    return true;
}

static void the_step_at_a_place_is_found_unless_it_failed(void **state)
{
    char found[40] = "";
    (void)state;
    struct entry entry = {.kind = TEXT_OF("step"),
                          .scope = TEXT_OF(""),
                          .key = TEXT_OF("first"),
                          .state = TEXT_OF("failed"),
                          .position = 1,
                          .attempt = 1};
    assert_true(store_entry_put(store, run, &entry, &err));
    assert_true(store_entry_at(store, run, TEXT_OF(""), 1, take_key, found, &err));
    assert_string_equal(found, "");
    entry.state = TEXT_OF("done");
    assert_true(store_entry_settle(store, run, &entry, &err));
    assert_true(store_entry_at(store, run, TEXT_OF(""), 1, take_key, found, &err));
    assert_string_equal(found, "first");
}

static void the_last_step_that_is_not_failed_ends_its_scope(void **state)
{
    static const struct {
        const char *kind, *scope, *key, *state;
        int64_t position;
    } entries[] = {{"step", "", "first", "done", 1},
                   {"step", "", "second", "about", 3},
                   {"step", "", "third", "failed", 4},
                   {"item", "", "fourth", "done", 5},
                   {"step", "elsewhere", "first", "done", 9}};
    int64_t end = -1;
    (void)state;
    assert_true(store_entries_end(store, &end, run, TEXT_OF(""), &err));
    assert_int_equal(end, 0);
    for (size_t i = 0; i < COUNT_OF(entries); i++) {
        const struct entry entry = {.kind = text_from(entries[i].kind),
                                    .scope = text_from(entries[i].scope),
                                    .key = text_from(entries[i].key),
                                    .state = text_from(entries[i].state),
                                    .position = entries[i].position,
                                    .attempt = 1};
        assert_true(store_entry_put(store, run, &entry, &err));
    }
    assert_true(store_entries_end(store, &end, run, TEXT_OF(""), &err));
    assert_int_equal(end, 3);
}

static int64_t recorded_now(void)
{
    struct run_row row;
    assert_true(store_run_load(store, &row, run, &err));
    const int64_t recorded = row.recorded;
    run_row_dispose(&row);
    return recorded;
}

static void what_there_is_of_a_run_is_known_by_its_kinds(void **state)
{
    const struct entry entry = {.kind = TEXT_OF("step"),
                                .key = TEXT_OF("first"),
                                .state = TEXT_OF("done"),
                                .position = 1,
                                .attempt = 1};
    (void)state;
    assert_int_equal(recorded_now(), 0);
    assert_true(store_entry_put(store, run, &entry, &err));
    assert_true(store_exception_add(store, run, 1, TEXT_OF("odd"), &err));
    assert_int_equal(recorded_now(), RECORDED_ENTRIES | RECORDED_EXCEPTIONS);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_it, close_it)

static int run_all(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_entry_has_one_open_question_at_most),
        TEST(a_question_is_answered_once),
        TEST(what_is_due_is_done_once),
        TEST(what_was_about_to_leave_is_evidence),
        TEST(the_step_at_a_place_is_found_unless_it_failed),
        TEST(the_last_step_that_is_not_failed_ends_its_scope),
        TEST(what_there_is_of_a_run_is_known_by_its_kinds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

int main(void)
{
    return stores_run(run_all);
}
