// gateway/mask.c: a secret is found however it is written and cut.
#include "support/unit.h"

#include "gateway/mask.h"

#include <stdio.h>

static const struct secret secret = {
    .kind = SECRET_BASIC, .name = "x", .username = "robot", .value = {"p\xc3\xa4ss \"wo&rd/1", 14}};

static void every_spelling_is_masked(void **state)
{
    (void)state;
    static const char *const spellings[] = {
        "p\xc3\xa4ss \"wo&rd/1",        // as it is
        "cMOkc3MgIndvJnJkLzE=",         // base64
        "cm9ib3Q6cMOkc3MgIndvJnJkLzE=", // Basic
        "p%C3%A4ss%20%22wo%26rd%2F1",   // URL
        "p%c3%a4ss%20%22wo%26rd%2f1",
        "p%C3%A4ss+%22wo%26rd%2F1",      // form
        "p\xc3\xa4ss \\\"wo&rd/1",       // JSON
        "p\xc3\xa4ss &quot;wo&amp;rd/1", // HTML
    };
    struct mask *mask = mask_new(&secret);
    for (size_t i = 0; i < COUNT_OF(spellings); i++) {
        char text[200];
        snprintf(text, sizeof text, "before %s after", spellings[i]);
        const size_t length = strlen(text);
        if (!mask_text(mask, text, length))
            fail_msg("not found: %s", spellings[i]);
        assert_int_equal(strlen(text), length);
        assert_non_null(strstr(text, "before ****"));
        assert_non_null(strstr(text, " after"));
    }
    mask_free(mask);
}

// Cut at every place, in parts of every size.
static void a_secret_cut_in_two_is_found(void **state)
{
    (void)state;
    static const char text[] =
        "aap\xc3\xa4ss \"wo&rd/1 p\xc3\xa4ss \"wop\xc3\xa4ss \"wo&rd/1cMOkc3MgIndvJnJkLzEz";
    struct mask *mask = mask_new(&secret);
    for (size_t size = 1; size < sizeof text; size++) {
        SCOPED_BUF(waiting, 1000);
        SCOPED_BUF(out, 1000);
        bool found = false;
        for (size_t at = 0; at < sizeof text - 1; at += size) {
            const size_t left = sizeof text - 1 - at;
            const size_t final =
                mask_stream(mask, &waiting, text_of(text + at, left < size ? left : size), false, &found);
            assert_true(buf_append(&out, waiting.data, final));
            buf_consume(&waiting, final);
        }
        const size_t final = mask_stream(mask, &waiting, text_of("", 0), true, &found);
        assert_true(buf_append(&out, waiting.data, final));
        assert_true(found);
        if (strlen(buf_string(&out)) != sizeof text - 1 || strstr(buf_string(&out), "rd/1") ||
            strstr(buf_string(&out), "cMOkc3"))
            fail_msg("%d: %s", (int)size, buf_string(&out));
    }
    mask_free(mask);
}

static void other_text_is_left_as_it_is(void **state)
{
    (void)state;
    struct mask *mask = mask_new(&secret);
    char text[] = "p\xc3\xa4ss \"wo&rd/2 and nothing else";
    assert_false(mask_text(mask, text, sizeof text - 1));
    assert_string_equal(text, "p\xc3\xa4ss \"wo&rd/2 and nothing else");
    mask_free(mask);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_spelling_is_masked),
        cmocka_unit_test(a_secret_cut_in_two_is_found),
        cmocka_unit_test(other_text_is_left_as_it_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
