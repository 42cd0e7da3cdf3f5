// lib/json against JSONTestSuite: what RFC 8259 accepts is accepted with the right value, what it refuses is refused.
#include "support/unit.h"

#include "lib/base/file.h"
#include "lib/json/json.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

static const char cases[] = RENKI_SHARED_DATA "/json/cases/";
static const char transform[] = RENKI_SHARED_DATA "/json/transform/";

static bool parse_file(struct json_document **out, const char *folder, const char *name, struct err *err)
{
    SCOPED_BUF(content, JSON_BYTES_MAX);
    SCOPED_TEXT char *path = xasprintf("%s%s", folder, name);
    assert_true(file_read(&content, AT_FDCWD, path, err));
    return json_parse(out, buf_text(&content), err);
}

// Equal as values: numbers by what they are worth, members of objects by name.
static bool same(const struct json *a, const struct json *b)
{
    struct text x, y;
    double p, q;
    if (json_kind(a) != json_kind(b) || json_count(a) != json_count(b))
        return false;
    if (json_text(a, &x))
        return json_text(b, &y) && text_equal(x, y);
    if (json_double(a, &p))
        return json_double(b, &q) && p == q;
    for (const struct json *m = json_first(a), *n = json_first(b); m; m = json_next(m), n = json_next(n))
        if (!text_equal(json_key(m), json_key(n)) || !same(m, n))
            return false;
    return true;
}

static char *unescape(struct text text)
{
    SCOPED_BUF(out, 1 << 20);
    for (size_t i = 0; i < text.length; i++) {
        char c = text.data[i];
        if (c == '\\' && i + 1 < text.length) {
            c = text.data[++i];
            c = (char)(c == 't' ? '\t' : c == 'n' ? '\n' : c == 'r' ? '\r' : c);
        }
        assert_true(buf_append_char(&out, c));
    }
    return buf_steal(&out);
}

// Also: what is written of an accepted document reads back as the same value.
static void check_value(const char *name, const struct json_document *document, struct text expected)
{
    struct err err;
    SCOPED_BUF(written, JSON_BYTES_MAX);
    struct json_writer writer = json_writer_new(&written);
    json_write_value(&writer, json_root(document));
    SCOPED(json_document)
    again = NULL;
    if (!json_writer_done(&writer) || !json_parse(&again, buf_text(&written), &err) ||
        !same(json_root(document), json_root(again)))
        fail_msg("%s: written as %s, which is not the same", name, buf_string(&written));
    if (expected.length == 0)
        return;
    SCOPED_TEXT char *text = unescape(expected);
    SCOPED(json_document)
    wanted = NULL;
    assert_true(json_parse(&wanted, text_from(text), &err));
    if (!same(json_root(document), json_root(wanted)))
        fail_msg("%s: got %s, expected %s", name, buf_string(&written), text);
}

static void check_case(struct text line)
{
    struct text name_text, verdict;
    if (!text_cut(&line, '\t', &name_text) || !text_cut(&line, '\t', &verdict))
        return;
    SCOPED_TEXT char *name = text_copy(name_text);
    struct err err = {0};
    SCOPED(json_document)
    document = NULL;
    const bool accepted = parse_file(&document, cases, name, &err);
    if (text_is(verdict, "accept") && !accepted)
        fail_msg("%s is refused (%s) but is JSON", name, err_name(err.code));
    if (text_is(verdict, "reject") && accepted)
        fail_msg("%s is accepted but is no JSON", name);
    if (accepted)
        check_value(name, document, line);
    else
        assert_true(strncmp(err_name(err.code), "JSON_", 5) == 0);
}

static void every_case_of_the_suite_is_told_right(void **state)
{
    (void)state;
    struct err err;
    SCOPED_BUF(table, 1 << 20);
    if (!file_read(&table, AT_FDCWD, RENKI_SHARED_DATA "/json/expected.tsv", &err))
        skip_saying("no shared test data here");
    struct text rest = buf_text(&table), line;
    assert_true(text_cut(&rest, '\n', &line)); // the header
    size_t count = 0;
    for (; text_cut(&rest, '\n', &line); count++)
        check_case(line);
    assert_true(count > 100);
}

// What the suite calls "transform": values on which parsers differ. Ours and why:
static const struct {
    const char *file, *written; // NULL: refused
} transforms[] = {
    {"number_-9223372036854775808.json", "[-9223372036854775808]"}, // as written, always
    {"number_-9223372036854775809.json", "[-9223372036854775809]"},
    {"number_9223372036854775807.json", "[9223372036854775807]"},
    {"number_1000000000000000.json", "[1000000000000000]"},
    {"number_1e-999.json", "[1E-999]"},
    {"number_1e6.json", "[1E6]"},
    {"object_same_key_different_values.json", "{\"a\":1,\"a\":2}"}, // both kept, json_get gives the last
    {"string_2_invalid_codepoints.json", NULL},                     // lone surrogates
    {"string_3_invalid_codepoints.json", NULL},
    {"string_with_escaped_NULL.json", "[\"A\\u0000B\"]"},
};

static void values_on_which_parsers_differ_are_kept_as_written(void **state)
{
    (void)state;
    if (access(transform, R_OK) != 0)
        skip_saying("no shared test data here");
    for (size_t i = 0; i < COUNT_OF(transforms); i++) {
        struct err err;
        SCOPED(json_document)
        document = NULL;
        const bool accepted = parse_file(&document, transform, transforms[i].file, &err);
        assert_true(accepted == (transforms[i].written != NULL));
        if (!accepted)
            continue;
        SCOPED_BUF(written, 1000);
        struct json_writer writer = json_writer_new(&written);
        json_write_value(&writer, json_root(document));
        assert_true(json_writer_done(&writer));
        assert_string_equal(buf_string(&written), transforms[i].written);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_case_of_the_suite_is_told_right),
        cmocka_unit_test(values_on_which_parsers_differ_are_kept_as_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
