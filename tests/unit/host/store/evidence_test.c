// host/store/evidence.c
#include "support/stores.h"

#include "host/store/evidence.h"

enum { OUT_MAX = 8 << 20 };

static struct store *opened(const char *where)
{
    struct err err;
    struct store *store = NULL;
    assert_true(store_open(&store, where, &err));
    return store;
}

static int64_t add_run(struct store *store)
{
    struct err err;
    int64_t id = 0;
    const struct run_new run = {.robot = "rents",
                                .tree = "",
                                .actor = "controller",
                                .language = "en",
                                .folder = "",
                                .host = "here",
                                .inputs = TEXT_OF("{}"),
                                .manifest = TEXT_OF("{}")};
    assert_true(store_begin(store, &err));
    assert_true(store_run_add(store, &id, &run, &err));
    assert_true(store_commit(store, &err));
    return id;
}

static size_t lines_of(const struct buf *out)
{
    size_t count = 0;
    for (size_t i = 0; i < out->length; i++)
        count += out->data[i] == '\n';
    return count;
}

// All pages; how many there were.
static size_t read_all(struct store *store, struct buf *out, enum store_evidence what, int64_t run)
{
    struct err err;
    struct evidence_place place = {0};
    bool more = true;
    size_t pages = 0;
    for (; more; pages++)
        assert_true(store_evidence_page(store, out, &more, what, run, &place, &err));
    evidence_place_dispose(&place);
    return pages;
}

static void more_entries_than_a_page_come_once_each(void **state)
{
    (void)state;
    struct err err;
    SCOPED_BUF(out, OUT_MAX);
    struct store *store = opened(place_fresh());
    const int64_t run = add_run(store), other = add_run(store);
    assert_true(store_begin(store, &err));
    for (int i = 0; i < 2 * EVIDENCE_PAGE_ROWS + 1; i++) {
        const struct entry entry = {.kind = TEXT_OF("item"),
                                    .scope = i % 2 ? TEXT_OF("b") : TEXT_OF(""),
                                    .key = text_from(N(i)),
                                    .state = TEXT_OF("done"),
                                    .attempt = 1};
        assert_true(store_entry_put(store, i == 5 ? other : run, &entry, &err));
    }
    assert_true(store_commit(store, &err));
    assert_int_equal(read_all(store, &out, EVIDENCE_ENTRIES, run), 3);
    assert_int_equal(lines_of(&out), 2 * EVIDENCE_PAGE_ROWS);
    assert_null(memmem(out.data, out.length, "\"key\":\"5\"", 9));
    assert_non_null(memmem(out.data, out.length, "\"key\":\"2000\"", 12));
    store_free(store);
}

static void calls_come_in_the_order_of_their_numbers(void **state)
{
    (void)state;
    struct err err;
    SCOPED_BUF(out, OUT_MAX);
    struct store *store = opened(place_fresh());
    const int64_t run = add_run(store);
    assert_true(store_begin(store, &err));
    for (int64_t i = 3; i > 0; i--) {
        const struct call call = {.run = run, .attempt = 1, .call = i, .method = TEXT_OF("GET")};
        assert_true(store_call_add(store, &call, &err));
    }
    assert_true(store_commit(store, &err));
    (void)read_all(store, &out, EVIDENCE_CALLS, run);
    assert_int_equal(lines_of(&out), 3);
    const char *first = memmem(out.data, out.length, "\"call\":1,", 9),
               *last = memmem(out.data, out.length, "\"call\":3,", 9);
    assert_true(first && last && first < last);
    store_free(store);
}

static void the_audit_log_has_no_gap_and_tells_nothing_of_others(void **state)
{
    (void)state;
    struct err err;
    SCOPED_BUF(out, OUT_MAX);
    struct store *store = opened(place_fresh());
    const int64_t run = add_run(store), other = add_run(store);
    static const char *const events[] = {"before", "begins", "between", "ends", "after"};
    const int64_t runs[] = {0, run, other, run, 0};
    for (size_t i = 0; i < COUNT_OF(events); i++) {
        assert_true(store_begin(store, &err));
        assert_true(store_audit(store, "controller", events[i], runs[i],
                                i % 2 ? TEXT_OF("{\"mine\":1}") : TEXT_OF("{\"theirs\":1}"), &err));
        assert_true(store_commit(store, &err));
    }
    (void)read_all(store, &out, EVIDENCE_AUDIT, run);
    assert_int_equal(lines_of(&out), 6); // that of adding the run is its first
    assert_non_null(memmem(out.data, out.length, "before", 6));
    assert_non_null(memmem(out.data, out.length, "between", 7));
    assert_null(memmem(out.data, out.length, "after", 5));
    assert_non_null(memmem(out.data, out.length, "mine", 4));
    assert_null(memmem(out.data, out.length, "theirs", 6));
    store_free(store);
}

static void a_run_of_which_nothing_was_noted_has_empty_pages(void **state)
{
    (void)state;
    SCOPED_BUF(out, OUT_MAX);
    struct store *store = opened(place_fresh());
    for (enum store_evidence what = EVIDENCE_ENTRIES; what <= EVIDENCE_CALLS; what++)
        assert_int_equal(read_all(store, &out, what, 77), 1);
    assert_int_equal(out.length, 0);
    store_free(store);
}

static int run_all(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(more_entries_than_a_page_come_once_each),
        cmocka_unit_test(calls_come_in_the_order_of_their_numbers),
        cmocka_unit_test(the_audit_log_has_no_gap_and_tells_nothing_of_others),
        cmocka_unit_test(a_run_of_which_nothing_was_noted_has_empty_pages),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

int main(void)
{
    return stores_run(run_all);
}
