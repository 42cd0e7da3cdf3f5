// lib/base/buf.c
#include "support/unit.h"

#include "lib/base/buf.h"

static void what_would_pass_the_maximum_is_refused_and_the_rest_is_kept(void **state)
{
    (void)state;
    SCOPED_BUF(buf, 5);
    assert_true(buf_append_string(&buf, "abcde"));
    assert_false(buf_append_char(&buf, 'f'));
    assert_false(buf_printf(&buf, "%d", 7));
    assert_null(buf_reserve(&buf, 1));
    assert_null(buf_reserve(&buf, SIZE_MAX));
    assert_true(buf_append(&buf, NULL, 0));
    assert_string_equal(buf_string(&buf), "abcde");
}

static void an_empty_buffer_is_an_empty_text(void **state)
{
    (void)state;
    SCOPED_BUF(buf, 100);
    assert_string_equal(buf_string(&buf), "");
    assert_true(text_equal(buf_text(&buf), TEXT_OF("")));
    SCOPED_TEXT char *stolen = buf_steal(&buf);
    assert_string_equal(stolen, "");
}

static void consuming_nothing_of_an_empty_buffer_is_fine(void **state)
{
    (void)state;
    SCOPED_BUF(buf, 100);
    buf_consume(&buf, 0); // gave NULL to memmove once
    assert_int_equal(buf.length, 0);
}

static void what_is_consumed_is_gone_from_the_front(void **state)
{
    (void)state;
    SCOPED_BUF(buf, 100);
    assert_true(buf_append_string(&buf, "headbody"));
    buf_consume(&buf, 4);
    assert_string_equal(buf_string(&buf), "body");
    buf_consume(&buf, 4);
    assert_string_equal(buf_string(&buf), "");
}

static void printing_is_whole_or_not_at_all(void **state)
{
    (void)state;
    SCOPED_BUF(buf, 10);
    assert_true(buf_printf(&buf, "%s=%d", "a", 12));
    assert_false(buf_printf(&buf, "%s", "more than six"));
    assert_string_equal(buf_string(&buf), "a=12");
}

static void a_buffer_is_usable_after_stealing_and_after_disposing(void **state)
{
    (void)state;
    SCOPED_BUF(buf, 10);
    assert_true(buf_append_string(&buf, "first"));
    SCOPED_TEXT char *stolen = buf_steal(&buf);
    assert_string_equal(stolen, "first");
    assert_true(buf_append_string(&buf, "second"));
    buf_dispose(&buf);
    assert_int_equal(buf.maximum, 10);
    assert_true(buf_append_string(&buf, "third"));
    assert_string_equal(buf_string(&buf), "third");
}

static void it_grows_to_its_maximum_and_no_further(void **state)
{
    (void)state;
    enum { MAXIMUM = 100000 };
    SCOPED_BUF(buf, MAXIMUM);
    for (int i = 0; i < MAXIMUM; i++)
        assert_true(buf_append_char(&buf, 'x'));
    assert_false(buf_append_char(&buf, 'x'));
    assert_int_equal(buf.length, MAXIMUM);
    assert_true(buf.capacity <= MAXIMUM + 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_would_pass_the_maximum_is_refused_and_the_rest_is_kept),
        cmocka_unit_test(an_empty_buffer_is_an_empty_text),
        cmocka_unit_test(consuming_nothing_of_an_empty_buffer_is_fine),
        cmocka_unit_test(what_is_consumed_is_gone_from_the_front),
        cmocka_unit_test(printing_is_whole_or_not_at_all),
        cmocka_unit_test(a_buffer_is_usable_after_stealing_and_after_disposing),
        cmocka_unit_test(it_grows_to_its_maximum_and_no_further),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
