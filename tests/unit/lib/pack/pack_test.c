// Packs are judged by what they claim, and held to it.
#include "lib/pack/pack.h"

#include "support/unit.h"

#include "lib/base/buf.h"

#include <zlib.h>

enum { OBJECTS = 4, OBJECT_BYTES = 1000, UNPACKED_BYTES = 2500, DEPTH = 2 };
static const struct pack_limits limits = {OBJECTS, OBJECT_BYTES, UNPACKED_BYTES, DEPTH};

static struct buf pack_new(unsigned objects)
{
    struct buf pack = buf_new(1 << 20);
    const char head[12] = {'P', 'A', 'C', 'K', 0, 0, 0, 2, 0, 0, 0, (char)objects};
    assert_true(buf_append(&pack, head, sizeof head));
    return pack;
}

// An object of this kind that says it has `claimed` bytes; a delta by offset goes `back` bytes.
static void add(struct buf *pack, int kind, size_t claimed, size_t back, struct text content)
{
    unsigned char packed[4096];
    uLongf length = sizeof packed;
    assert_true(buf_append_char(pack, (char)(0x80 | kind << 4 | (claimed & 15))));
    assert_true(buf_append_char(pack, (char)(0x80 | ((claimed >> 4) & 0x7F))));
    assert_true(buf_append_char(pack, (char)((claimed >> 11) & 0x7F)));
    if (kind == 6)
        assert_true(back < 128 && buf_append_char(pack, (char)back));
    if (kind == 7)
        assert_true(buf_append(pack, "12345678901234567890", 20));
    assert_int_equal(compress(packed, &length, (const Bytef *)content.data, content.length), Z_OK);
    assert_true(buf_append(pack, packed, length));
}

static const char *judged(struct buf *pack)
{
    assert_true(buf_append(pack, "12345678901234567890", 20)); // the checksum is libgit2's business
    const char *wrong = pack_check(buf_text(pack), &limits);
    buf_dispose(pack);
    return wrong;
}

static const char zeros[4000];

static void a_pack_that_keeps_to_what_it_says_passes(void **state)
{
    struct buf pack = pack_new(2);
    (void)state;
    add(&pack, 3, 5, 0, TEXT_OF("hello"));
    add(&pack, 1, 900, 0, text_of(zeros, 900));
    assert_null(judged(&pack));
}

static void what_unpacks_to_something_else_is_broken(void **state)
{
    static const size_t claims[] = {4, 6, 900};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(claims); i++) {
        struct buf pack = pack_new(1);
        add(&pack, 3, claims[i], 0, TEXT_OF("hello"));
        assert_string_equal(judged(&pack), "a pack is broken");
    }
    struct buf fewer = pack_new(2), more = pack_new(1);
    add(&fewer, 3, 5, 0, TEXT_OF("hello"));
    assert_string_equal(judged(&fewer), "a pack is broken");
    add(&more, 3, 5, 0, TEXT_OF("hello"));
    add(&more, 3, 5, 0, TEXT_OF("hello"));
    assert_string_equal(judged(&more), "a pack is broken");
}

static void what_is_over_a_limit_is_told_before_it_is_unpacked(void **state)
{
    (void)state;
    struct buf object = pack_new(1), all = pack_new(3), many = pack_new(5);
    add(&object, 3, 1001, 0, text_of(zeros, 1001));
    assert_string_equal(judged(&object), "it is too large");
    for (int i = 0; i < 3; i++)
        add(&all, 3, 900, 0, text_of(zeros, 900));
    assert_string_equal(judged(&all), "it is too large");
    for (int i = 0; i < 5; i++)
        add(&many, 3, 1, 0, TEXT_OF("x"));
    assert_string_equal(judged(&many), "it is too large");
}

// A delta of ten bytes may say that its result is a million.
static void a_deltas_result_counts(void **state)
{
    static const char delta[] = "\x05\xC0\x84\x3D"
                                "x"; // of 5 bytes 1,000,000 are made
    struct buf pack = pack_new(1);
    (void)state;
    add(&pack, 7, sizeof delta - 1, 0, text_of(delta, sizeof delta - 1));
    assert_string_equal(judged(&pack), "it is too large");
}

static void deltas_stand_on_one_another_so_deep_and_no_deeper(void **state)
{
    static const char delta[] = "\x05\x05\x90\x05"; // the same again
    (void)state;
    for (unsigned depth = 2; depth <= 3; depth++) {
        struct buf pack = pack_new(depth + 1);
        size_t before = pack.length;
        add(&pack, 3, 5, 0, TEXT_OF("hello"));
        for (unsigned i = 0; i < depth; i++) {
            const size_t here = pack.length;
            add(&pack, 6, sizeof delta - 1, here - before, text_of(delta, sizeof delta - 1));
            before = here;
        }
        const char *wrong = judged(&pack);
        if (depth == 2)
            assert_null(wrong);
        else
            assert_string_equal(wrong, "deltas too deep");
    }
    struct buf nowhere = pack_new(2);
    add(&nowhere, 3, 5, 0, TEXT_OF("hello"));
    add(&nowhere, 6, sizeof delta - 1, 3, text_of(delta, sizeof delta - 1));
    assert_string_equal(judged(&nowhere), "a pack is broken");
}

static void what_is_no_pack_is_broken(void **state)
{
    (void)state;
    assert_string_equal(pack_check(TEXT_OF(""), &limits), "a pack is broken");
    assert_string_equal(pack_check(text_of(zeros, 100), &limits), "a pack is broken");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_pack_that_keeps_to_what_it_says_passes),
        cmocka_unit_test(what_unpacks_to_something_else_is_broken),
        cmocka_unit_test(what_is_over_a_limit_is_told_before_it_is_unpacked),
        cmocka_unit_test(a_deltas_result_counts),
        cmocka_unit_test(deltas_stand_on_one_another_so_deep_and_no_deeper),
        cmocka_unit_test(what_is_no_pack_is_broken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
