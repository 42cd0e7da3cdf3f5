// lib/encoding: the named charsets, strict and lossy, whole and in pieces, and the guess.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// cmocka needs the four above
#include <cmocka.h>

#include "lib/base/file.h"
#include "lib/encoding/encoding.h"

#include <fcntl.h>
#include <stdio.h>

static const struct encoding *named(const char *label)
{
    return encoding_find(text_from(label));
}

static void labels_are_found_however_they_are_written(void **state)
{
    (void)state;
    assert_string_equal(encoding_name(named(" ISO_8859-15 ")), "iso-8859-15");
    assert_string_equal(encoding_name(named("Latin1")), "iso-8859-1");
    assert_string_equal(encoding_name(named("CP1252")), "windows-1252");
    assert_null(named("utf-9"));
    assert_string_equal(encoding_name(encoding_find_web(TEXT_OF("latin1"))), "windows-1252");
    assert_string_equal(encoding_name(encoding_find_web(TEXT_OF("iso-8859-9"))), "windows-1254");
}

static void an_unknown_name_is_told_with_the_nearest(void **state)
{
    (void)state;
    const struct encoding *encoding;
    struct err err = {0};
    assert_false(encoding_require(&encoding, TEXT_OF("windows-1253x"), &err));
    assert_int_equal(err.code, ERR_ENCODING_UNKNOWN);
    assert_string_equal(err.arguments[1], "windows-1253");
}

static void every_charset_reads_and_writes_the_same_letters(void **state)
{
    (void)state;
    static const struct {
        const char *label, *bytes, *utf8;
    } cases[] = {
        {"iso-8859-1", "P\xE4iv\xE4ys \xC5", "Päiväys Å"},
        {"iso-8859-15", "12,00 \xA4 \xA6\xB8", "12,00 € Šž"},
        {"windows-1252", "\x80 \x8E \x96", "€ Ž –"},
        {"windows-1257", "\xD0iauliai", "Šiauliai"},
        {"cp850", "\x84\x94\x86 \x8E\x99\x8F", "äöå ÄÖÅ"},
        {"cp437", "\x84\x94\x86", "äöå"},
        {"macintosh", "\x8A\x9A\x8C \xDB", "äöå €"},
        {"koi8-r", "\xCD\xC9\xD2", "мир"},
        {"iso646-fi", "{|} [\\]", "äöå ÄÖÅ"},
        {"cp278", "\xC8\xC5\xD3", "HEL"},
        {"utf-16le", "\xE4\x00\xAC\x20\x3D\xD8\x00\xDE", "ä€😀"},
        {"utf-16be", "\x00\xE4\x20\xAC\xD8\x3D\xDE\x00", "ä€😀"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        SCOPED_BUF(text, 100);
        SCOPED_BUF(bytes, 100);
        struct err err = {0};
        const struct encoding *encoding = named(cases[i].label);
        const bool wide = strncmp(cases[i].label, "utf-16", 6) == 0;
        const struct text in = text_of(cases[i].bytes, wide ? 8 : strlen(cases[i].bytes));
        assert_true(encoding_to_utf8(&text, encoding, in, ENCODING_STRICT, &err));
        assert_string_equal(buf_string(&text), cases[i].utf8);
        assert_true(encoding_from_utf8(&bytes, encoding, buf_text(&text), ENCODING_STRICT, &err));
        assert_true(text_equal(buf_text(&bytes), in));
    }
}

static void strict_tells_the_byte_and_lossy_replaces_it(void **state)
{
    (void)state;
    SCOPED_BUF(out, 100);
    struct err err = {0};
    assert_false(encoding_to_utf8(&out, named("utf-8"), TEXT_OF("ab\xE4 c"), ENCODING_STRICT, &err));
    assert_int_equal(err.code, ERR_ENCODING_BYTES);
    assert_string_equal(err.arguments[0], "2");
    assert_string_equal(err.arguments[1], "E4");
    buf_clear(&out);
    assert_true(
        encoding_to_utf8(&out, named("utf-8"), TEXT_OF("a\xF0\x9F\x98z\xC0\x80"), ENCODING_LOSSY, &err));
    assert_string_equal(buf_string(&out), "a\xEF\xBF\xBDz\xEF\xBF\xBD\xEF\xBF\xBD");
}

static void a_letter_the_charset_lacks_is_named(void **state)
{
    (void)state;
    SCOPED_BUF(out, 100);
    struct err err = {0};
    assert_false(encoding_from_utf8(&out, named("iso-8859-1"), TEXT_OF("5 €"), ENCODING_STRICT, &err));
    assert_int_equal(err.code, ERR_ENCODING_LETTER);
    assert_string_equal(err.arguments[0], "€");
    assert_string_equal(err.arguments[3], "2");
    buf_clear(&out);
    assert_true(encoding_from_utf8(&out, named("iso-8859-1"), TEXT_OF("5 €"), ENCODING_LOSSY, &err));
    assert_string_equal(buf_string(&out), "5 ?");
}

static void marks_are_dropped_when_read_and_put_when_asked_for(void **state)
{
    (void)state;
    SCOPED_BUF(out, 100);
    struct err err = {0};
    assert_true(encoding_to_utf8(&out, named("utf-8"),
                                 TEXT_OF("\xEF\xBB\xBF"
                                         "a"),
                                 ENCODING_STRICT, &err));
    assert_true(encoding_to_utf8(&out, named("utf-16"), text_of("\xFE\xFF\0b", 4), ENCODING_STRICT, &err));
    assert_true(encoding_to_utf8(&out, named("utf-16le"),
                                 text_of("\xFF\xFE"
                                         "c\0",
                                         4),
                                 ENCODING_STRICT, &err));
    assert_true(encoding_to_utf8(&out, named("utf-8"), TEXT_OF(""), ENCODING_STRICT, &err));
    assert_string_equal(buf_string(&out), "abc");
    buf_clear(&out);
    assert_true(encoding_from_utf8(&out, named("utf-8-bom"), TEXT_OF("a"), ENCODING_STRICT, &err));
    assert_string_equal(buf_string(&out), "\xEF\xBB\xBF"
                                          "a");
}

static void pieces_give_what_the_whole_gives_wherever_they_are_cut(void **state)
{
    (void)state;
    static const struct {
        const char *label;
        struct text in;
    } cases[] = {
        {"utf-8", {"\xEF\xBB\xBFä€😀\xF0\x9F\xE2\x82 x\xE2\x82", 21}},
        {"utf-16", {"\xFF\xFE\xE4\x00\x3D\xD8\x00\xDE\x00\xDCz", 11}},
        {"utf-8", {"\xEF\xBB", 2}},
        {"windows-1252", {"a\x81\x80", 3}},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct err err = {0};
        SCOPED_BUF(whole, 200);
        const struct encoding *encoding = named(cases[i].label);
        assert_true(encoding_to_utf8(&whole, encoding, cases[i].in, ENCODING_LOSSY, &err));
        for (size_t size = 1; size <= cases[i].in.length; size++) {
            SCOPED_BUF(pieces, 200);
            struct decoder decoder = decoder_new(encoding, ENCODING_LOSSY);
            for (size_t at = 0; at < cases[i].in.length; at += size) {
                const size_t left = cases[i].in.length - at;
                assert_true(decoder_feed(&decoder, &pieces,
                                         text_of(cases[i].in.data + at, left < size ? left : size), &err));
            }
            assert_true(decoder_finish(&decoder, &pieces, &err));
            assert_string_equal(buf_string(&pieces), buf_string(&whole));
        }
    }
}

static void the_guess_looks_at_the_text(void **state)
{
    (void)state;
    static const struct {
        const char *bytes, *expected;
    } cases[] = {
        {"", "utf-8"},
        {"only ASCII", "utf-8"},
        {"P\xC3\xA4iv\xC3", "utf-8"},
        {"P\xE4iv\xE4ys", "windows-1252"},
        {"5,90 \x80;\x96 tarjous", "windows-1252"},
        {"5,90 \xA4\r\nKahvi 12,00 \xA4", "iso-8859-15"},
        {"\xA6"
         "ampanja",
         "iso-8859-15"},
        {"P\x84iv\x84ys; \x8Eij\x84l\x84", "cp850"},
        {"P\x8Aiv\x8Ays; \x80ij\x8Al\x8A", "macintosh"},
        {"\xD5unapuu O\xDC;J\xF5geva \xDEukauskas \xD0"
         "ar\xFBnas \xCD\xE7ni\xF2\xF0",
         "windows-1257"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        assert_string_equal(encoding_name(encoding_guess(text_from(cases[i].bytes))), cases[i].expected);
    assert_string_equal(encoding_name(encoding_guess(text_of("a\0;\0b\0", 6))), "utf-16le");
    assert_string_equal(encoding_name(encoding_guess(text_of("\0a\0;\0b", 6))), "utf-16be");
}

static void real_files_are_guessed_as_they_are(void **state)
{
    (void)state;
    static const struct {
        const char *name, *expected;
    } cases[] = {
        {"eu-cp1252-euro.csv", "windows-1252"}, {"eu-cp1257.csv", "windows-1257"},
        {"eu-utf16be-bom.csv", "utf-16be"},     {"eu-latin9-euro.csv", "iso-8859-15"},
        {"eu-mac-roman.csv", "macintosh"},      {"eu-utf8-bom.csv", "utf-8"},
        {"eu-nbsp-thousands.csv", "utf-8"},
    };
    const int folder = open(RENKI_SHARED_DATA "/csv/files", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0) {
        puts("the shared data is not here");
        skip();
    }
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        SCOPED_BUF(content, 1 << 20);
        struct err err = {0};
        assert_true(file_read(&content, folder, cases[i].name, &err));
        assert_string_equal(encoding_name(encoding_guess(buf_text(&content))), cases[i].expected);
    }
}

static void what_is_too_much_is_refused(void **state)
{
    (void)state;
    SCOPED_BUF(out, 3);
    struct err err = {0};
    assert_false(encoding_to_utf8(&out, named("latin1"), TEXT_OF("\xE4\xE4"), ENCODING_STRICT, &err));
    assert_int_equal(err.code, ERR_LIMIT_PASSED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(labels_are_found_however_they_are_written),
        cmocka_unit_test(an_unknown_name_is_told_with_the_nearest),
        cmocka_unit_test(every_charset_reads_and_writes_the_same_letters),
        cmocka_unit_test(strict_tells_the_byte_and_lossy_replaces_it),
        cmocka_unit_test(a_letter_the_charset_lacks_is_named),
        cmocka_unit_test(marks_are_dropped_when_read_and_put_when_asked_for),
        cmocka_unit_test(pieces_give_what_the_whole_gives_wherever_they_are_cut),
        cmocka_unit_test(the_guess_looks_at_the_text),
        cmocka_unit_test(real_files_are_guessed_as_they_are),
        cmocka_unit_test(what_is_too_much_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
