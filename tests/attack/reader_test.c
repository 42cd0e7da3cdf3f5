// Manifests that are data, and manifests that compute, lie or attack: read by the real reader.
#include "support/unit.h"

#include "attack/harness.h"

#include <stdio.h>
#include <unistd.h>

enum { ANSWER_MS = 10000 };

const struct attack attacks[] = {{NULL, NULL}}; // no workers here

struct reading {
    bool done;
    char data[2000];              // JSON, or what failed
    char code[65], where[400];    // when it failed
    char first[400], second[400]; // arguments
};

static void take_failed(struct reading *reading, const struct message_READ_FAILED *failed)
{
    struct err err;
    SCOPED(json_document)
    list = NULL;
    assert_true(json_parse(&list, failed->arguments, &err));
    snprintf(reading->code, sizeof reading->code, "%s", failed->code.data);
    snprintf(reading->where, sizeof reading->where, "%s", failed->where.data);
    snprintf(reading->first, sizeof reading->first, "%s", json_string_or(json_at(json_root(list), 0), ""));
    snprintf(reading->second, sizeof reading->second, "%s", json_string_or(json_at(json_root(list), 1), ""));
}

static void ask(struct wire *wire, struct reading *reading, struct text source)
{
    struct frame frame;
    struct err err;
    SCOPED(json_document)
    document = NULL;
    assert_true(wire_send(wire, MESSAGE_OF(READ, .name = TEXT_OF("manifest.lua"), .source = source), &err));
    assert_true(wire_receive(wire, &frame, ANSWER_MS, &err));
    *reading = (struct reading){.done = frame.type == MESSAGE_READ_DONE};
    if (reading->done) {
        struct message_READ_DONE done;
        assert_true(wire_decode(&document, &done, &frame, &err));
        snprintf(reading->data, sizeof reading->data, "%s", done.data.data);
        return;
    }
    struct message_READ_FAILED failed;
    assert_int_equal(frame.type, MESSAGE_READ_FAILED);
    assert_true(wire_decode(&document, &failed, &frame, &err));
    take_failed(reading, &failed);
}

static int read_once(struct reading *reading, struct text source)
{
    struct process process;
    struct err err;
    assert_true(process_start(&process, "reader", &err));
    struct wire wire = wire_new(process.socket, ROLE_HOST, ROLE_READER, false);
    ask(&wire, reading, source);
    wire_dispose(&wire);
    close(process.pidfd);
    return process_wait(&process);
}

static void data_come_back_as_json(void **state)
{
    (void)state;
    static const struct {
        const char *source, *json;
    } cases[] = {
        {"return {}", "{}"},
        {"return { 1, 2.5, 'a', true, false }", "[1,2.5,\"a\",true,false]"},
        {"return { b = 1, a = { 'x' } }", "{\"a\":[\"x\"],\"b\":1}"},
        {"return { { 'GET', 'https://x/*', login = 'l' } }",
         "[{\"1\":\"GET\",\"2\":\"https://x/*\",\"login\":\"l\"}]"},
        {"return { [10] = 'ten', [2] = 'two' }", "{\"2\":\"two\",\"10\":\"ten\"}"},
        {"local size = 3 * 1024\nreturn { size = size }", "{\"size\":3072}"},
        {"return { name = 'Hyvinkää' }", "{\"name\":\"Hyvinkää\"}"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct reading reading;
        assert_int_equal(read_once(&reading, text_from(cases[i].source)), 0);
        assert_string_equal(reading.code, "");
        assert_string_equal(reading.data, cases[i].json);
    }
}

static void what_is_no_data_is_refused_with_its_place(void **state)
{
    (void)state;
    static const struct {
        const char *source, *code, *where, *first, *second;
    } cases[] = {
        {"return {\n  a = 1\n  b = 2\n}", "READ_SYNTAX", "manifest.lua, line 3",
         "'}' expected (to close '{' at line 1) near 'b'", ""},
        {"return { a = print() }", "READ_ERROR", "manifest.lua, line 1",
         "attempt to call a nil value (global 'print')", ""},
        {"return { a = ('x'):rep(10) }", "READ_ERROR", "manifest.lua, line 1",
         "attempt to index a string value (constant 'x')", ""},
        {"return 5", "READ_NOT_TABLE", "manifest.lua", "number", ""},
        {"", "READ_NOT_TABLE", "manifest.lua", "nil", ""},
        {"return { a = { b = function() end } }", "READ_VALUE", "manifest.lua", "a.b", "function"},
        {"return { [true] = 1 }", "READ_VALUE", "manifest.lua", "return",
         "a table whose names are not all texts"},
        {"return { a = 1/0 }", "READ_VALUE", "manifest.lua", "a", "a number without end"},
        {"return { a = '\\xff' }", "READ_VALUE", "manifest.lua", "a", "a text that is not UTF-8"},
        {"local t = {} t.t = t return t", "READ_TOO_LARGE", "manifest.lua", "levels", "16"},
        {"local t = {} for i = 1, 10001 do t[i] = 1 end return t", "READ_TOO_LARGE", "manifest.lua", "values",
         "10000"},
        {"local s = 'xxxxxxxxxxxxxxxx' for i = 1, 15 do s = s .. s end return { s }", "READ_TOO_LARGE",
         "manifest.lua", "bytes", "262144"},
        {"\x1bLua", "READ_SYNTAX", "manifest.lua", "attempt to load a binary chunk (mode is 't')", ""},
        {"while true do end", "READ_TOO_LONG", "manifest.lua", "", ""},
        {"local function f() return f() end return f()", "READ_TOO_LONG", "manifest.lua", "", ""},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct reading reading;
        assert_int_equal(read_once(&reading, text_from(cases[i].source)), 0);
        assert_string_equal(reading.code, cases[i].code);
        assert_string_equal(reading.where, cases[i].where);
        assert_string_equal(reading.first, cases[i].first);
        assert_string_equal(reading.second, cases[i].second);
    }
}

static void a_limit_ends_the_reader_and_is_told_before(void **state)
{
    (void)state;
    static const struct {
        const char *source, *code;
    } cases[] = {
        {"local s = 'x' while true do s = s .. s end", "READ_TOO_LARGE"},
        {"local t = {} local i = 0 while true do i = i + 1 t[i] = {} end", "READ_TOO_LARGE"},
        // each instruction joins megabytes: few instructions, much time
        {"local s = 'xxxxxxxxxxxxxxxx' for i = 1, 17 do s = s .. s end while true do local t = s .. 'x' end",
         "READ_TOO_LONG"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct reading reading;
        assert_int_equal(read_once(&reading, text_from(cases[i].source)), 3);
        assert_string_equal(reading.code, cases[i].code);
    }
}

static void deep_nesting_is_an_error_not_a_crash(void **state)
{
    (void)state;
    SCOPED_BUF(source, 200000);
    assert_true(buf_append_string(&source, "return "));
    for (int i = 0; i < 80000; i++)
        assert_true(buf_append_char(&source, '{'));
    struct reading reading;
    assert_int_equal(read_once(&reading, buf_text(&source)), 0);
    assert_string_equal(reading.code, "READ_SYNTAX");
}

static void one_reader_reads_many_files(void **state)
{
    (void)state;
    struct process process;
    struct reading reading;
    struct err err;
    assert_true(process_start(&process, "reader", &err));
    struct wire wire = wire_new(process.socket, ROLE_HOST, ROLE_READER, false);
    for (int i = 0; i < 20; i++) {
        ask(&wire, &reading, TEXT_OF("x = 1 return { a = x }"));
        assert_string_equal(reading.data, "{\"a\":1}");
        ask(&wire, &reading, TEXT_OF("return x"));
        assert_string_equal(reading.code, "READ_NOT_TABLE"); // nothing is left of the file before
    }
    wire_dispose(&wire);
    close(process.pidfd);
    assert_int_equal(process_wait(&process), 0);
}

int main(int count, char **arguments)
{
    harness_main(count, arguments);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(data_come_back_as_json),
        cmocka_unit_test(what_is_no_data_is_refused_with_its_place),
        cmocka_unit_test(a_limit_ends_the_reader_and_is_told_before),
        cmocka_unit_test(deep_nesting_is_an_error_not_a_crash),
        cmocka_unit_test(one_reader_reads_many_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
