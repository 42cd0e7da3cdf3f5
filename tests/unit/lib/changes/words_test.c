// Which words of two lines are the same.
#include "support/unit.h"

#include "lib/changes/changes.h"

#include <stdio.h>

static char said[10000];

static void take(void *owner, enum word_kind kind, struct text text)
{
    static const char *const marks[][2] = {{"", ""}, {"[-", "-]"}, {"{+", "+}"}};
    size_t *used = owner;
    *used += (size_t)snprintf(said + *used, sizeof said - *used, "%s%.*s%s", marks[kind][0], (int)text.length,
                              text.data, marks[kind][1]);
}

static const char *marked(const char *before, const char *after)
{
    size_t used = 0;
    said[0] = '\0';
    return words_compare(text_from(before), text_from(after), take, &used) ? said : NULL;
}

static void words_that_differ_are_marked(void **state)
{
    static const struct {
        const char *before, *after, *marked;
    } lines[] = {
        {"local sum = 1", "local sum = 2", "local sum = [-1-]{+2+}"},
        {"run:log(\"a\")", "run:log(\"a\", 2)", "run:log(\"a\"{+, 2+})"},
        {"if paid ~= row.Sum then", "if paid > row.Sum then", "if paid [-~=-]{+>+} row.Sum then"},
        {"  return x", "    return x", "[-  -]{+    +}return x"},
        {"-- täsmäytys tänään", "-- täsmäytys eilen", "-- täsmäytys [-tänään-]{+eilen+}"},
        {"a b c d e f", "a x c d y f", "a [-b-]{+x+} c d [-e-]{+y+} f"},
        {"same", "same", "same"},
        {"a \xE4 b", "a \xE5 b", "a [-\xE4-]{+\xE5+} b"}, // no UTF-8
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(lines); i++)
        assert_string_equal(marked(lines[i].before, lines[i].after), lines[i].marked);
}

static void lines_without_anything_in_common_are_not_marked(void **state)
{
    (void)state;
    assert_null(marked("local sum = decimal(0)", "return report"));
    assert_null(marked("", "something"));
    assert_null(marked("---", "+++"));
}

static void long_lines_are_not_marked(void **state)
{
    char a[5000], b[5000];
    (void)state;
    memset(a, 'x', sizeof a - 1);
    memset(b, 'x', sizeof b - 1);
    a[sizeof a - 1] = b[sizeof b - 1] = '\0';
    assert_null(marked(a, b));
    for (size_t i = 0; i < 3000; i++)
        a[i] = b[i] = i % 2 ? ' ' : 'w';
    a[3000] = b[3000] = '\0';
    assert_null(marked(a, b));
}

// What is told puts both lines together again.
struct pieces {
    char before[100], after[100];
};

static void put(void *owner, enum word_kind kind, struct text text)
{
    struct pieces *pieces = owner;
    if (kind != WORD_NEW)
        strncat(pieces->before, text.data, text.length);
    if (kind != WORD_OLD)
        strncat(pieces->after, text.data, text.length);
}

static void nothing_is_lost_between_the_marks(void **state)
{
    unsigned seed = 4711;
    int compared = 0;
    (void)state;
    for (int round = 0; round < 5000; round++) {
        static const char *const words[] = {"a", "b", "cc", " ", "  ", "(", ")", "=", "ä"};
        char lines[2][100] = {"", ""};
        for (size_t line = 0; line < 2; line++)
            for (int i = 0; i < 12; i++) {
                seed = seed * 1103515245 + 12345;
                strcat(lines[line], words[seed / 65536 % COUNT_OF(words)]);
            }
        struct pieces pieces = {"", ""};
        if (!words_compare(text_from(lines[0]), text_from(lines[1]), put, &pieces))
            continue;
        compared++;
        assert_string_equal(pieces.before, lines[0]);
        assert_string_equal(pieces.after, lines[1]);
    }
    assert_true(compared > 1000);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_that_differ_are_marked),
        cmocka_unit_test(lines_without_anything_in_common_are_not_marked),
        cmocka_unit_test(long_lines_are_not_marked),
        cmocka_unit_test(nothing_is_lost_between_the_marks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
