// lib/chain/chain.c
#include "support/unit.h"

#include "lib/chain/chain.h"

static const struct chain_row first = {
    .number = 1, .time_ms = 1000, .actor = {"controller", 10}, .event = {"start", 5}};
static const struct chain_row second = {
    .number = 2, .time_ms = 2000, .run = 12, .actor = {"treasurer", 9}, .event = {"end", 3}};

static void link_rows(char out[2][CHAIN_TEXT_SIZE], struct chain_row a, struct chain_row b,
                      const char *content)
{
    unsigned char hash[CHAIN_HASH_SIZE] = {0}, next[CHAIN_HASH_SIZE];
    chain_content(a.content_hash, text_from(content));
    chain_content(b.content_hash, TEXT_OF(""));
    chain_next(next, hash, &a);
    chain_hash_text(out[0], next);
    chain_next(hash, next, &b);
    chain_hash_text(out[1], hash);
}

// Worked out from chain.h by Python's hashlib.blake2b.
static void the_chain_is_what_its_description_says(void **state)
{
    (void)state;
    char hashes[2][CHAIN_TEXT_SIZE];
    link_rows(hashes, first, second, "{\"a\":1}");
    assert_string_equal(hashes[0], "8dd82ef1a730f0dbb125291906ed590a34f3d2d55c03db07a279ec3bf059e96f");
    assert_string_equal(hashes[1], "7e0c7f36954d9d88c6d672cc8d24e009caaec92054dfb2e60d5c4dcfeb4fa205");
}

static void every_field_counts(void **state)
{
    (void)state;
    char right[2][CHAIN_TEXT_SIZE], wrong[2][CHAIN_TEXT_SIZE];
    struct chain_row changed[5] = {first, first, first, first, first};
    changed[0].number++;
    changed[1].time_ms++;
    changed[2].run++;
    changed[3].actor.length--; // what one text loses, its neighbour does not make up for
    changed[4].event.length--;
    link_rows(right, first, second, "x");
    for (size_t i = 0; i < COUNT_OF(changed); i++) {
        link_rows(wrong, changed[i], second, "x");
        assert_string_not_equal(wrong[0], right[0]);
        assert_string_not_equal(wrong[1], right[1]);
    }
    link_rows(wrong, first, second, "y");
    assert_string_not_equal(wrong[1], right[1]);
}

static void a_hash_is_read_back_and_nothing_else_is(void **state)
{
    (void)state;
    unsigned char hash[CHAIN_HASH_SIZE];
    char text[CHAIN_TEXT_SIZE];
    assert_true(
        chain_hash_read(hash, TEXT_OF("10a7ff3e312baec0c356be489739b93f63af84416c40f1c13023eb96c7ed50aa")));
    chain_hash_text(text, hash);
    assert_string_equal(text, "10a7ff3e312baec0c356be489739b93f63af84416c40f1c13023eb96c7ed50aa");
    assert_false(chain_hash_read(hash, TEXT_OF("")));
    assert_false(
        chain_hash_read(hash, TEXT_OF("10a7ff3e312baec0c356be489739b93f63af84416c40f1c13023eb96c7ed50ag")));
    assert_false(
        chain_hash_read(hash, TEXT_OF("10a7ff3e312baec0c356be489739b93f63af84416c40f1c13023eb96c7ed50")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_chain_is_what_its_description_says),
        cmocka_unit_test(every_field_counts),
        cmocka_unit_test(a_hash_is_read_back_and_nothing_else_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
