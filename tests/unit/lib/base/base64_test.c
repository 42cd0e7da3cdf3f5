// lib/base/base64.c: the vectors of RFC 4648, 10, and lines of mail.
#include "support/unit.h"

#include "lib/base/base64.h"

static void the_vectors_of_the_standard(void **state)
{
    (void)state;
    static const struct {
        const char *bytes, *plain, *url;
    } cases[] = {{"", "", ""},
                 {"f", "Zg==", "Zg"},
                 {"fo", "Zm8=", "Zm8"},
                 {"foo", "Zm9v", "Zm9v"},
                 {"foob", "Zm9vYg==", "Zm9vYg"},
                 {"fooba", "Zm9vYmE=", "Zm9vYmE"},
                 {"foobar", "Zm9vYmFy", "Zm9vYmFy"},
                 {"\xfb\xff", "+/8=", "-_8"}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        SCOPED_BUF(out, 100);
        assert_true(base64_append(&out, text_from(cases[i].bytes), BASE64_PLAIN));
        assert_string_equal(buf_string(&out), cases[i].plain);
        buf_clear(&out);
        assert_true(base64_append(&out, text_from(cases[i].bytes), BASE64_URL));
        assert_string_equal(buf_string(&out), cases[i].url);
        assert_int_equal(out.length, base64_size(strlen(cases[i].bytes), BASE64_URL));
    }
}

static void lines_end_after_76_characters(void **state)
{
    (void)state;
    static const size_t sizes[] = {1, 56, 57, 58, 114, 115, 1000};
    char bytes[1000];
    memset(bytes, 'x', sizeof bytes);
    for (size_t i = 0; i < COUNT_OF(sizes); i++) {
        SCOPED_BUF(out, 4000);
        assert_true(base64_append(&out, text_of(bytes, sizes[i]), BASE64_LINES));
        assert_int_equal(out.length, base64_size(sizes[i], BASE64_LINES));
        struct text rest = buf_text(&out), line;
        assert_true(text_ends(rest, "\r\n"));
        while (text_cut(&rest, '\n', &line))
            if (line.length > 77 || (rest.length && line.length != 77))
                fail_msg("%zu: a line of %zu", sizes[i], line.length);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_vectors_of_the_standard),
        cmocka_unit_test(lines_end_after_76_characters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
