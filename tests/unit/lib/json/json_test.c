// lib/json: the interface of json.h, number by number.
#include "support/unit.h"

#include "lib/json/json.h"

#include <math.h>

static struct json_document *parsed(const char *text)
{
    struct err err;
    struct json_document *document = NULL;
    if (!json_parse(&document, text_from(text), &err)) {
        SCOPED_BUF(message, 1000);
        assert_true(err_message(&message, &err, LANGUAGE_EN));
        fail_msg("%s: %s", text, buf_string(&message));
    }
    return document;
}

static void members_are_found_by_name_and_by_place(void **state)
{
    (void)state;
    SCOPED(json_document)
    document = parsed("{\"a\": [1, {\"b\": \"x\\u00e4\"}, []], \"c\": null, \"\": true}");
    const struct json *root = json_root(document), *a = json_get(root, "a");
    assert_int_equal(json_count(root), 3);
    assert_int_equal(json_count(a), 3);
    assert_int_equal(json_int64_or(json_at(a, 0), 0), 1);
    assert_string_equal(json_string_or(json_get(json_at(a, 1), "b"), ""), "xä");
    assert_int_equal(json_count(json_at(a, 2)), 0);
    assert_null(json_at(a, 3));
    assert_null(json_first(json_at(a, 2)));
    assert_int_equal(json_kind(json_get(root, "c")), JSON_NULL);
    assert_true(text_is(json_key_at(root, 1), "c"));
    bool boolean = false;
    assert_true(json_boolean(json_get(root, ""), &boolean) && boolean);
}

static void lookups_in_what_is_not_there_can_be_chained(void **state)
{
    (void)state;
    SCOPED(json_document)
    document = parsed("[1]");
    const struct json *nothing = json_get(json_at(json_get(json_root(document), "a"), 7), "b");
    assert_null(nothing);
    assert_int_equal(json_kind(nothing), JSON_NULL);
    assert_int_equal(json_int64_or(nothing, 5), 5);
    assert_int_equal(json_key(nothing).length, 0);
    assert_null(json_next(nothing));
    assert_string_equal(json_string_or(json_at(json_root(document), 0), "otherwise"), "otherwise");
}

static void of_keys_that_come_twice_the_last_one_counts(void **state)
{
    (void)state;
    SCOPED(json_document)
    document = parsed("{\"a\":1,\"b\":2,\"a\":3}");
    assert_int_equal(json_int64_or(json_get(json_root(document), "a"), 0), 3);
    assert_int_equal(json_count(json_root(document)), 3);
}

static void a_text_with_nul_inside_is_whole_but_no_string(void **state)
{
    (void)state;
    SCOPED(json_document)
    document = parsed("\"ledger\\u0000.example\"");
    struct text text;
    assert_true(json_text(json_root(document), &text));
    assert_int_equal(text.length, 15);
    assert_null(json_string_or(json_root(document), NULL));
}

static const struct {
    const char *written;
    bool fits;
    int64_t value;
} whole_numbers[] = {
    {"12", true, 12},
    {"12.0", true, 12},
    {"1.2e1", true, 12},
    {"-1200E-2", true, -12},
    {"0.000", true, 0},
    {"-0", true, 0},
    {"0e99999999999999999999", true, 0},
    {"100000000000000000000e-20", true, 1},
    {"9223372036854775807", true, INT64_MAX},
    {"-9223372036854775808", true, INT64_MIN},
    {"-9.223372036854775808e18", true, INT64_MIN},
    {"9223372036854775808", false, 0},
    {"1e19", false, 0},
    {"1e99999999999999999999", false, 0},
    {"1e-99999999999999999999", false, 0},
    {"1.5", false, 0},
    {"10.01", false, 0},
    {"1000000000000000000000000000000", false, 0},
};

static void whole_numbers_are_exact_or_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(whole_numbers); i++) {
        SCOPED(json_document)
        document = parsed(whole_numbers[i].written);
        int64_t value = 77;
        const bool fits = json_int64(json_root(document), &value);
        if (fits != whole_numbers[i].fits || value != (fits ? whole_numbers[i].value : 77))
            fail_msg("%s: %d %lld", whole_numbers[i].written, fits, (long long)value);
    }
}

static void numbers_stay_as_they_were_written(void **state)
{
    (void)state;
    SCOPED(json_document)
    document = parsed("[0.10, 123456789012345678901234567890.5, 1e400]");
    struct text text;
    assert_true(json_number_text(json_at(json_root(document), 1), &text));
    assert_true(text_is(text, "123456789012345678901234567890.5"));
    assert_true(json_number_text(json_at(json_root(document), 0), &text) && text_is(text, "0.10"));
    double number = 7;
    assert_false(json_double(json_at(json_root(document), 2), &number));
    assert_true(number == 7);
    assert_true(json_double(json_at(json_root(document), 0), &number) && number == 0.1);
}

static const struct {
    const char *text;
    enum err_code code;
    const char *line, *column, *what;
} errors[] = {
    {"", ERR_JSON_EMPTY, "1", "1", ""},
    {" \n ", ERR_JSON_EMPTY, "2", "2", ""},
    {"{\"a\":1,\n \"b\":01}", ERR_JSON_NUMBER, "2", "6", "“0”"},
    {"[1,]", ERR_JSON_VALUE_EXPECTED, "1", "4", "“]”"},
    {"{\"a\":1,}", ERR_JSON_KEY_EXPECTED, "1", "8", "“}”"},
    {"{'a':1}", ERR_JSON_KEY_EXPECTED, "1", "2", "“'”"},
    {"{\"a\" 1}", ERR_JSON_COLON_EXPECTED, "1", "6", "“1”"},
    {"[\"ä\" \"b\"]", ERR_JSON_COMMA_OR_BRACKET, "1", "6", "“\"”"},
    {"{\"a\":1 \"b\":2}", ERR_JSON_COMMA_OR_BRACE, "1", "8", "“\"”"},
    {"{\"a\":", ERR_JSON_ENDS_EARLY, "1", "6", ""},
    {"\"abc", ERR_JSON_ENDS_EARLY, "1", "5", ""},
    {"\"abc\\", ERR_JSON_ESCAPE, "1", "5", "“\\”"},
    {"\"a\\x\"", ERR_JSON_ESCAPE, "1", "3", "“\\”"},
    {"\"\\u12g4\"", ERR_JSON_ESCAPE, "1", "2", "“\\”"},
    {"\"\\ud800x\"", ERR_JSON_SURROGATE, "1", "2", "“\\”"},
    {"\"\\udc00\"", ERR_JSON_SURROGATE, "1", "2", "“\\”"},
    {"\"a\tb\"", ERR_JSON_CONTROL, "1", "3", "U+0009"},
    {"\"a\xFFz\"", ERR_JSON_UTF8, "1", "3", "0xFF"},
    {"{} {}", ERR_JSON_MORE, "1", "4", "“{”"},
    {"NaN", ERR_JSON_VALUE_EXPECTED, "1", "1", "“N”"},
    {"<!DOCTYPE html>", ERR_JSON_IS_MARKUP, "1", "1", "“<”"},
    {"1.e3", ERR_JSON_NUMBER, "1", "1", "“1”"},
    {"0x10", ERR_JSON_MORE, "1", "2", "“x”"},
};

static void errors_tell_line_column_and_what_stands_there(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(errors); i++) {
        struct err err = {0};
        struct json_document *document = NULL;
        assert_false(json_parse(&document, text_from(errors[i].text), &err));
        if (err.code != errors[i].code || strcmp(err.arguments[0], errors[i].line) != 0 ||
            strcmp(err.arguments[1], errors[i].column) != 0 || strcmp(err.arguments[2], errors[i].what) != 0)
            fail_msg("%s: %s %s:%s %s", errors[i].text, err_name(err.code), err.arguments[0],
                     err.arguments[1], err.arguments[2]);
    }
}

static bool nested(unsigned levels)
{
    SCOPED_BUF(text, 1 << 20);
    for (unsigned i = 0; i < levels; i++)
        assert_true(buf_append_char(&text, '['));
    for (unsigned i = 0; i < levels; i++)
        assert_true(buf_append_char(&text, ']'));
    struct err err;
    SCOPED(json_document)
    document = NULL;
    return json_parse(&document, buf_text(&text), &err);
}

static void sixty_four_levels_are_read_and_no_more(void **state)
{
    (void)state;
    assert_true(nested(JSON_DEPTH_MAX));
    assert_false(nested(JSON_DEPTH_MAX + 1));
    assert_false(nested(100000));
}

static void a_byte_order_mark_is_passed_over(void **state)
{
    (void)state;
    SCOPED(json_document)
    document = parsed("\xEF\xBB\xBF{}");
    assert_int_equal(json_kind(json_root(document)), JSON_OBJECT);
}

static void the_writer_puts_commas_and_escapes(void **state)
{
    (void)state;
    SCOPED_BUF(out, 1000);
    struct json_writer writer = json_writer_new(&out);
    json_begin_object(&writer);
    json_write_key(&writer, "a");
    json_begin_array(&writer);
    json_write_integer(&writer, -5);
    json_write_double(&writer, 0.1);
    json_write_number_text(&writer, TEXT_OF("12.30"));
    json_write_null(&writer);
    json_begin_object(&writer);
    json_end_object(&writer);
    json_end_array(&writer);
    json_write_key(&writer, "b\"");
    json_write_text(&writer, TEXT_OF("long enough line\n\x01\x7F\\ ä\0."));
    json_write_key(&writer, "c");
    json_write_lossy(&writer, TEXT_OF("a\xFFz"));
    json_end_object(&writer);
    assert_true(json_writer_done(&writer));
    assert_string_equal(buf_string(&out), "{\"a\":[-5,0.1,12.30,null,{}],\"b\\\"\":\"long enough "
                                          "line\\n\\u0001\x7F\\\\ ä\\u0000.\",\"c\":\"a\xEF\xBF\xBDz\"}");
}

static void for_people_it_is_indented(void **state)
{
    (void)state;
    SCOPED_BUF(out, 1000);
    SCOPED(json_document)
    document = parsed("{\"a\":[1,2],\"b\":{}}");
    struct json_writer writer = json_writer_new(&out);
    writer.indent = 2;
    json_write_value(&writer, json_root(document));
    assert_true(json_writer_done(&writer));
    assert_string_equal(buf_string(&out), "{\n  \"a\": [\n    1,\n    2\n  ],\n  \"b\": {}\n}");
}

static void write_two_at_the_top(struct json_writer *writer)
{
    json_write_null(writer);
    json_write_null(writer);
}
static void write_no_key(struct json_writer *writer)
{
    json_begin_object(writer);
    json_write_null(writer);
    json_end_object(writer);
}
static void write_key_in_array(struct json_writer *writer)
{
    json_begin_array(writer);
    json_write_key(writer, "a");
    json_write_null(writer);
    json_end_array(writer);
}
static void write_key_alone(struct json_writer *writer)
{
    json_begin_object(writer);
    json_write_key(writer, "a");
    json_end_object(writer);
}
static void write_unclosed(struct json_writer *writer)
{
    json_begin_array(writer);
}
static void write_not_finite(struct json_writer *writer)
{
    json_write_double(writer, NAN);
}
static void write_no_number(struct json_writer *writer)
{
    json_write_number_text(writer, TEXT_OF("012"));
}
static void write_no_utf8(struct json_writer *writer)
{
    json_write_text(writer, TEXT_OF("a\xC3"));
}
static void write_too_deep(struct json_writer *writer)
{
    for (int i = 0; i <= JSON_DEPTH_MAX; i++)
        json_begin_array(writer);
    for (int i = 0; i <= JSON_DEPTH_MAX; i++)
        json_end_array(writer);
}
static void write_too_much(struct json_writer *writer)
{
    json_write_text(writer, TEXT_OF("0123456789012345678901234567890123456789"));
}

static void what_is_no_json_is_not_done(void **state)
{
    (void)state;
    static void (*const writes[])(struct json_writer *) = {
        write_two_at_the_top, write_no_key,    write_key_in_array, write_key_alone, write_unclosed,
        write_not_finite,     write_no_number, write_no_utf8,      write_too_deep,  write_too_much,
    };
    for (size_t i = 0; i < COUNT_OF(writes); i++) {
        SCOPED_BUF(out, i == COUNT_OF(writes) - 1 ? 20 : 1000);
        struct json_writer writer = json_writer_new(&out);
        writes[i](&writer);
        if (json_writer_done(&writer))
            fail_msg("case %zu: %s", i, buf_string(&out));
    }
}

static void doubles_read_back_as_what_they_were(void **state)
{
    (void)state;
    static const double values[] = {0.1, 1e300, 5e-324, -2.5, 1.0 / 3, 123456789.123, 0.30000000000000004};
    for (size_t i = 0; i < COUNT_OF(values); i++) {
        SCOPED_BUF(out, 100);
        struct json_writer writer = json_writer_new(&out);
        json_write_double(&writer, values[i]);
        SCOPED(json_document)
        document = parsed(buf_string(&out));
        double back = 0;
        assert_true(json_double(json_root(document), &back) && back == values[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(members_are_found_by_name_and_by_place),
        cmocka_unit_test(lookups_in_what_is_not_there_can_be_chained),
        cmocka_unit_test(of_keys_that_come_twice_the_last_one_counts),
        cmocka_unit_test(a_text_with_nul_inside_is_whole_but_no_string),
        cmocka_unit_test(whole_numbers_are_exact_or_refused),
        cmocka_unit_test(numbers_stay_as_they_were_written),
        cmocka_unit_test(errors_tell_line_column_and_what_stands_there),
        cmocka_unit_test(sixty_four_levels_are_read_and_no_more),
        cmocka_unit_test(a_byte_order_mark_is_passed_over),
        cmocka_unit_test(the_writer_puts_commas_and_escapes),
        cmocka_unit_test(for_people_it_is_indented),
        cmocka_unit_test(what_is_no_json_is_not_done),
        cmocka_unit_test(doubles_read_back_as_what_they_were),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
