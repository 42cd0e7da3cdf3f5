// lib/csv/marks.c: every mark once and in order, whatever the processor.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// cmocka needs the four above
#include <cmocka.h>

#include "lib/csv/marks.h"

#include <stdlib.h>
#include <string.h>

enum { LENGTH_MAX = 5000 };

static void marks_are_found_as_by_looking_at_each_byte(void **state)
{
    (void)state;
    static char data[LENGTH_MAX + MARKS_PADDING];
    struct marks marks = {.bytes = {';', '\n', '"', '"'}};
    srand(1);
    for (size_t length = 0; length < LENGTH_MAX; length += length < 200 ? 1 : 97) {
        const int rarity = 1 + rand() % 40;
        for (size_t i = 0; i < sizeof data; i++) // also behind the end, where no mark may be seen
            data[i] = rand() % rarity ? 'x' : marks.bytes[rand() % 4];
        const size_t from = length ? (size_t)rand() % length : 0;
        marks_start(&marks, data, length, from);
        for (size_t i = from; i < length; i++)
            if (memchr(marks.bytes, data[i], sizeof marks.bytes))
                assert_int_equal(marks_next(&marks), i);
        assert_int_equal(marks_next(&marks), length);
        assert_int_equal(marks_next(&marks), length);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(marks_are_found_as_by_looking_at_each_byte)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
