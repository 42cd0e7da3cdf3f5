// lib/csv against the files and cases of other suites, where the shared data is there.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// cmocka needs the four above
#include <cmocka.h>

#include "lib/base/file.h"
#include "lib/csv/reader.h"
#include "lib/csv/writer.h"
#include "lib/json/json.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#define FOLDER RENKI_SHARED_DATA "/csv"

static const struct csv_options anything = {.dialect = {.quote = '"'}};

static void skip_without_data(void)
{
    if (access(FOLDER, R_OK) != 0) {
        print_message("skipped: no shared data\n");
        skip();
    }
}

static void read_file(struct buf *out, const char *path)
{
    struct err err;
    assert_true(file_read(out, AT_FDCWD, path, &err));
}

static struct json_document *parse(struct text text)
{
    struct err err;
    struct json_document *document = NULL;
    assert_true(json_parse(&document, text, &err));
    return document;
}

static char one_byte(const struct json *value, char otherwise)
{
    struct text text;
    if (!value || !json_text(value, &text))
        return otherwise;
    return text.length ? text.data[0] : '\0';
}

static bool flag(const struct json *config, const char *key, bool otherwise)
{
    (void)json_boolean(json_get(config, key), &otherwise);
    return otherwise;
}

/* ---- reading ------------------------------------------------------------------------------------------------------- */

static bool same_cells(const struct csv_row *row, const struct json *expected)
{
    size_t i = 0;
    struct text text;
    if (row->count != json_count(expected))
        return false;
    for (const struct json *cell = json_first(expected); cell; cell = json_next(cell), i++)
        if (!json_text(cell, &text) || !text_equal(text, row->cells[i]))
            return false;
    return true;
}

// Suites differ on blank lines (no cell, or one that is empty); ours leaves them out.
static bool is_blank_line(const struct json *row)
{
    struct text only;
    return json_count(row) == 0 ||
           (json_count(row) == 1 && json_text(json_first(row), &only) && only.length == 0);
}

static bool same_rows(struct csv_reader *reader, const struct json *rows, struct err *err)
{
    const struct csv_row *row;
    const bool one_empty_cell = json_count(rows) == 1 && is_blank_line(json_first(rows));
    for (const struct json *expected = json_first(rows); expected; expected = json_next(expected)) {
        if (is_blank_line(expected) && !one_empty_cell)
            continue;
        if (!csv_reader_next(reader, &row, err))
            return false;
        if (!row && one_empty_cell)
            return true;
        if (!row || !same_cells(row, expected))
            return false;
    }
    return csv_reader_next(reader, &row, err) && !row;
}

static bool fails(struct csv_reader *reader, struct err *err)
{
    const struct csv_row *row;
    while (csv_reader_next(reader, &row, err))
        if (!row)
            return false;
    return true;
}

static bool check_file(const char *name, const struct json *facts, bool told)
{
    struct err err = {0};
    char path[512], label[32] = "";
    snprintf(path, sizeof path, FOLDER "/files/%s", name);
    sscanf(json_string_or(json_get(facts, "encoding"), ""), "%31s", label); // "utf-16be (BOM)"
    struct csv_options options = anything;
    if (told) {
        options.encoding = label;
        options.dialect.delimiter = one_byte(json_get(facts, "delimiter"), ',');
        options.dialect.quote = one_byte(json_get(facts, "quote"), '"');
        options.dialect.escape = one_byte(json_get(facts, "escape"), '\0');
    }
    const int file = open(path, O_RDONLY | O_CLOEXEC);
    assert_true(file >= 0);
    struct csv_reader *reader = NULL;
    const bool must_fail = json_kind(json_get(facts, "error")) == JSON_TEXT;
    bool good = csv_reader_open_file(&reader, file, &options, &err);
    if (good)
        good = must_fail ? fails(reader, &err) : same_rows(reader, json_get(facts, "rows"), &err);
    else
        good = must_fail;
    if (!good)
        print_message("%s (%s): %s\n", name, told ? "told" : "found", err_name(err.code));
    csv_reader_free(reader);
    close(file);
    return good;
}

static void every_file_gives_its_rows(void **state)
{
    (void)state;
    size_t good = 0, bad = 0;
    skip_without_data();
    DIR *folder = opendir(FOLDER "/expected");
    for (const struct dirent *entry; (entry = readdir(folder));) {
        char path[512], name[256];
        if (!text_ends(text_from(entry->d_name), ".json"))
            continue;
        snprintf(path, sizeof path, FOLDER "/expected/%s", entry->d_name);
        snprintf(name, sizeof name, "%.*s", (int)strlen(entry->d_name) - 5, entry->d_name);
        SCOPED_BUF(content, 8 << 20);
        read_file(&content, path);
        SCOPED(json_document)
        document = parse(buf_text(&content));
        const struct json *facts = json_root(document);
        *(check_file(name, facts, true) ? &good : &bad) += 1;
        if (json_kind(json_get(facts, "detect")) == JSON_TEXT)
            *(check_file(name, facts, false) ? &good : &bad) += 1;
    }
    closedir(folder);
    print_message("%zu good, %zu bad\n", good, bad);
    assert_int_equal(bad, 0);
    assert_true(good > 0);
}

// Left out: malformed text (the case states what that library does with it), wrong arguments of that library, and
// Python's way of escaping the end of the file.
static bool is_common_ground(const struct json *test)
{
    const struct json *config = json_get(test, "config");
    if (json_count(json_get(test, "errors")) || json_kind(json_get(test, "rows")) != JSON_ARRAY)
        return false;
    if (json_kind(json_get(config, "comments")) == JSON_NUMBER)
        return false;
    return !json_get(config, "escapechar") || json_int64_or(json_get(config, "quoting"), 0) == 3;
}

static struct csv_options options_of(const struct json *test)
{
    const struct json *config = json_get(test, "config");
    const bool python = strcmp(json_string_or(json_get(test, "source"), ""), "python-csv") == 0;
    struct csv_options options = {.encoding = "utf-8", .lenient = true};
    struct csv_dialect *dialect = &options.dialect;
    dialect->delimiter = one_byte(json_get(config, "delimiter"), python ? ',' : '\0');
    dialect->quote = one_byte(json_get(config, python ? "quotechar" : "quoteChar"), '"');
    dialect->escape = one_byte(json_get(config, python ? "escapechar" : "escapeChar"), '\0');
    if (json_int64_or(json_get(config, "quoting"), 0) == 3)
        dialect->quote = '\0';
    dialect->comment =
        flag(config, "comments", false) ? "#" : json_string_or(json_get(config, "comments"), NULL);
    dialect->skip_space = flag(config, "skipinitialspace", false);
    if (json_get(config, "newline"))
        dialect->line_end = one_byte(json_get(config, "newline"), '\n') == '\r' &&
                                    strlen(json_string_or(json_get(config, "newline"), "")) == 1
                                ? CSV_LINE_END_CR
                                : CSV_LINE_END_LF;
    if (strcmp(json_string_or(json_get(config, "skipEmptyLines"), ""), "greedy") == 0)
        dialect->blank = CSV_BLANK_SKIP_WHITE;
    return options;
}

// With `header` a suite's first row names the cells of the others.
static bool same_objects(struct csv_reader *reader, const struct json *rows, struct err *err)
{
    const struct csv_row *row;
    char *names[16];
    size_t count = 0;
    bool same = csv_reader_next(reader, &row, err) && row && row->count <= COUNT_OF(names);
    for (; same && count < row->count; count++)
        names[count] = text_copy(row->cells[count]);
    for (const struct json *expected = json_first(rows); same && expected; expected = json_next(expected)) {
        same = csv_reader_next(reader, &row, err) && row && row->count == json_count(expected);
        for (size_t i = 0; same && i < row->count; i++) {
            struct text text;
            same = json_text(json_get(expected, names[i]), &text) && text_equal(text, row->cells[i]);
        }
    }
    same = same && csv_reader_next(reader, &row, err) && !row;
    while (count)
        xfree(names[--count]);
    return same;
}

static bool check_case(const struct json *test)
{
    struct err err = {0};
    struct text input;
    const struct csv_row *row;
    const struct json *rows = json_get(test, "rows");
    const struct csv_options options = options_of(test);
    SCOPED(csv_reader)
    reader = NULL;
    assert_true(json_text(json_get(test, "input"), &input));
    if (!csv_reader_open_text(&reader, input, &options, &err))
        return false;
    if (json_kind(json_first(rows)) == JSON_OBJECT)
        return same_objects(reader, rows, &err);
    if (flag(json_get(test, "config"), "header", false) && json_count(rows) == 0 &&
        !csv_reader_next(reader, &row, &err))
        return false;
    return same_rows(reader, rows, &err);
}

static void every_case_on_common_ground_gives_its_rows(void **state)
{
    (void)state;
    // c060 to c062: PapaParse renames headers that come twice, which here the table above the reader does. c203: a stray
    // quote, which Python takes without a word.
    static const char *const own_ways[] = {"c060", "c061", "c062", "c203"};
    size_t good = 0, bad = 0, left_out = 0;
    skip_without_data();
    SCOPED_BUF(content, 8 << 20);
    read_file(&content, FOLDER "/cases.jsonl");
    struct text rest = buf_text(&content), line;
    while (text_cut(&rest, '\n', &line) && line.length) {
        SCOPED(json_document)
        document = parse(line);
        const struct json *test = json_root(document);
        const char *id = json_string_or(json_get(test, "id"), "");
        bool common = is_common_ground(test);
        for (size_t i = 0; i < COUNT_OF(own_ways); i++)
            common = common && strcmp(id, own_ways[i]) != 0;
        if (!common) {
            left_out++;
            continue;
        }
        const bool same = check_case(test);
        if (!same)
            print_message("%s: %s\n", id, json_string_or(json_get(test, "name"), ""));
        *(same ? &good : &bad) += 1;
    }
    print_message("%zu good, %zu bad, %zu are no common ground\n", good, bad, left_out);
    assert_int_equal(bad, 0);
    assert_true(good > 0);
}

/* ---- writing ------------------------------------------------------------------------------------------------------- */

struct writing {
    struct csv_writer writer;
    const struct json *quotes; // true, or an array with a boolean a column
    size_t column;
};

static bool write_cell(struct writing *writing, struct text text)
{
    if (json_kind(writing->quotes) == JSON_ARRAY)
        (void)json_boolean(json_at(writing->quotes, writing->column), &writing->writer.quote_all);
    writing->column++;
    return csv_write_text(&writing->writer, text);
}

static bool end_row(struct writing *writing)
{
    writing->column = 0;
    return csv_write_row_end(&writing->writer);
}

static struct text written(const struct json *value)
{
    struct text text = {"", 0};
    if (!json_text(value, &text))
        (void)json_number_text(value, &text);
    return text;
}

static bool write_array(struct writing *writing, const struct json *row)
{
    for (const struct json *value = json_first(row); value; value = json_next(value))
        if (!write_cell(writing, written(value)))
            return false;
    return end_row(writing);
}

// `names`: an array of texts, or an object whose keys are the names. row NULL: the names themselves.
static bool write_object(struct writing *writing, const struct json *names, const struct json *row)
{
    for (const struct json *name = json_first(names); name && (!row || json_count(row));
         name = json_next(name)) {
        const struct text key = json_kind(names) == JSON_OBJECT ? json_key(name) : written(name);
        SCOPED_TEXT char *copy = text_copy(key);
        if (!write_cell(writing, row ? written(json_get(row, copy)) : key))
            return false;
    }
    return end_row(writing);
}

static bool write_rows(struct writing *writing, const struct json *rows, const struct json *config)
{
    const struct json *first = json_first(rows);
    const struct json *names = json_get(config, "columns") ? json_get(config, "columns") : first;
    if (json_kind(first) == JSON_TEXT)
        return write_array(writing, rows);
    if (json_kind(first) == JSON_OBJECT && flag(config, "header", true) &&
        !write_object(writing, names, NULL))
        return false;
    for (const struct json *row = first; row; row = json_next(row)) {
        if (!json_count(row) && flag(config, "skipEmptyLines", false))
            continue;
        if (json_kind(row) == JSON_OBJECT ? !write_object(writing, names, row) : !write_array(writing, row))
            return false;
    }
    return true;
}

static bool write_case(struct buf *out, const struct json *test)
{
    const struct json *config = json_get(test, "config"), *input = json_get(test, "input");
    struct writing writing = {csv_writer_new(out), json_get(config, "quotes"), 0};
    struct csv_writer *writer = &writing.writer;
    writer->delimiter = one_byte(json_get(config, "delimiter"), ',');
    writer->quote = one_byte(json_get(config, "quoteChar"), '"');
    writer->escape = one_byte(json_get(config, "escapeChar"), writer->quote);
    writer->raw = !flag(config, "escapeFormulae", false);
    writer->quote_all = flag(config, "quotes", false);
    return write_rows(&writing, json_get(input, "data") ? json_get(input, "data") : input, config);
}

static void every_case_is_written_as_expected(void **state)
{
    (void)state;
    size_t good = 0, bad = 0;
    skip_without_data();
    SCOPED_BUF(content, 8 << 20);
    read_file(&content, FOLDER "/write.jsonl");
    struct text rest = buf_text(&content), line, expected;
    while (text_cut(&rest, '\n', &line) && line.length) {
        SCOPED(json_document)
        document = parse(line);
        SCOPED_BUF(out, 1 << 20);
        assert_true(write_case(&out, json_root(document)));
        assert_true(json_text(json_get(json_root(document), "output"), &expected));
        // Ours ends the last row too, as RFC 4180 allows and most programs do.
        const bool same = text_equal(text_of(out.data, out.length - 2), expected);
        if (!same)
            print_message("%s: %s\n", json_string_or(json_get(json_root(document), "id"), ""),
                          buf_string(&out));
        *(same ? &good : &bad) += 1;
    }
    print_message("%zu good, %zu bad\n", good, bad);
    assert_int_equal(bad, 0);
    assert_true(good > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_file_gives_its_rows),
        cmocka_unit_test(every_case_on_common_ground_gives_its_rows),
        cmocka_unit_test(every_case_is_written_as_expected),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
