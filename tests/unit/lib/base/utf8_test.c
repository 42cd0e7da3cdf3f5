// lib/base/utf8.c: in whatever way the processor does it, the result is that of one character after the other.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// cmocka needs the four above
#include <cmocka.h>

#include "lib/base/text.h"

#include <stdlib.h>

enum { TEXTS = 20000, LENGTH_MAX = 200 };

static size_t one_by_one(struct text text)
{
    size_t at = 0;
    uint32_t code_point;
    for (size_t n; at < text.length; at += n) {
        n = text_utf8_decode(text_of(text.data + at, text.length - at), &code_point);
        if (!n)
            break;
    }
    return at;
}

// Characters at all borders of UTF-8's ranges, and bytes that no character begins or goes on with.
static size_t put_something(char out[4])
{
    static const uint32_t borders[] = {'a',    0x7F,   0x80,   0xE4,    0x7FF,   0x800,   0xFFF,   0x1000,
                                       0xD7FF, 0xE000, 0xFFFD, 0x10000, 0x3FFFF, 0x40000, 0xFFFFF, 0x10FFFF};
    return text_utf8_encode(borders[(size_t)rand() % COUNT_OF(borders)], out);
}

static void any_text_is_judged_as_one_character_after_the_other_is(void **state)
{
    (void)state;
    srand(4180);
    for (int i = 0; i < TEXTS; i++) {
        char text[LENGTH_MAX + 4];
        size_t length = 0;
        const size_t wanted = (size_t)rand() % LENGTH_MAX;
        const bool plain = rand() % 2;
        while (length < wanted)
            if (plain && rand() % 8)
                text[length++] = 'x';
            else
                length += put_something(text + length);
        for (int damage = rand() % 3; damage && length; damage--)
            text[(size_t)rand() % length] = (char)rand();
        const struct text whole = text_of(text, length);
        assert_int_equal(text_utf8_valid(whole), one_by_one(whole));
        assert_int_equal(text_is_utf8(whole), one_by_one(whole) == length);
    }
}

static void every_pair_of_bytes_is_judged_rightly_across_blocks(void **state)
{
    (void)state;
    for (unsigned first = 0x80; first < 0x100; first++)
        for (unsigned second = 0; second < 0x100; second++)
            for (size_t at = 28; at < 33; at++) {
                char text[96];
                memset(text, 'a', sizeof text);
                text[at] = (char)first;
                text[at + 1] = (char)second;
                text[at + 2] = text[at + 3] = '\x80';
                const struct text whole = text_of(text, sizeof text);
                assert_int_equal(text_utf8_valid(whole), one_by_one(whole));
            }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_text_is_judged_as_one_character_after_the_other_is),
        cmocka_unit_test(every_pair_of_bytes_is_judged_rightly_across_blocks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
