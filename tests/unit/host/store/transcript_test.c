// What a transaction has done: kept with copies, and not without bounds.
#include "support/unit.h"

#include "host/store/transcript.h"

static void parameters_are_kept_when_the_caller_changes_his(void **state)
{
    char text[] = "first";
    struct transcript transcript = {0};
    const struct value parameters[] = {
        VALUE_OF_INTEGER(7), VALUE_OF_TEXT(text_from(text)), {.kind = VALUE_NULL}};
    (void)state;
    assert_non_null(transcript_add(&transcript, "INSERT", parameters, 3, false));
    text[0] = 'X';
    assert_int_equal(transcript.entries[0].parameters[0].integer, 7);
    assert_true(text_is(transcript.entries[0].parameters[1].text, "first"));
    assert_int_equal(transcript.entries[0].parameters[2].kind, VALUE_NULL);
    transcript_clear(&transcript);
    assert_int_equal(transcript.count, 0);
    transcript_dispose(&transcript);
}

static void past_its_limits_nothing_more_is_kept(void **state)
{
    struct transcript transcript = {0};
    (void)state;
    for (int i = 0; i < TRANSCRIPT_STATEMENTS_MAX; i++)
        assert_non_null(transcript_add(&transcript, "INSERT", NULL, 0, false));
    assert_false(transcript.broken_off);
    assert_null(transcript_add(&transcript, "INSERT", NULL, 0, false));
    assert_true(transcript.broken_off);
    transcript_clear(&transcript);
    assert_false(transcript.broken_off);
    transcript_dispose(&transcript);
}

static void its_bytes_are_bounded_too(void **state)
{
    enum { PIECE = 16 << 20 };
    struct transcript transcript = {0};
    char *piece = xcalloc(1, PIECE);
    const struct value parameter = VALUE_OF_BYTES(text_of(piece, PIECE));
    int kept = 0;
    (void)state;
    while (transcript_add(&transcript, "INSERT", &parameter, 1, false))
        kept++;
    assert_in_range(kept, TRANSCRIPT_BYTES_MAX / PIECE, TRANSCRIPT_BYTES_MAX / PIECE + 1);
    xfree(piece);
    transcript_dispose(&transcript);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parameters_are_kept_when_the_caller_changes_his),
        cmocka_unit_test(past_its_limits_nothing_more_is_kept),
        cmocka_unit_test(its_bytes_are_bounded_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
