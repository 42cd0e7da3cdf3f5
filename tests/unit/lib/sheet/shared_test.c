// lib/sheet's reader against the workbooks of other suites, where the shared data is there.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// cmocka needs the four above
#include <cmocka.h>

#include "lib/base/file.h"
#include "lib/json/json.h"
#include "lib/sheet/book.h"
#include "lib/sheet/serial.h"

#include <dirent.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define FOLDER RENKI_SHARED_DATA "/spreadsheets"

static bool text_is_unsure(const struct json *page, const char *place)
{
    for (const struct json *unsure = json_first(json_get(page, "unsure")); unsure; unsure = json_next(unsure))
        if (strcmp(json_string_or(unsure, ""), place) == 0)
            return true;
    return false;
}

// Equal but for line ends, as the data's README says.
static bool same_text(struct text a, struct text b)
{
    size_t i = 0, k = 0;
    for (; i < a.length && k < b.length; i++, k++) {
        char x = a.data[i], y = b.data[k];
        if (x == '\r') {
            x = '\n';
            i += i + 1 < a.length && a.data[i + 1] == '\n';
        }
        if (y == '\r') {
            y = '\n';
            k += k + 1 < b.length && b.data[k + 1] == '\n';
        }
        if (x != y)
            return false;
    }
    return i == a.length && k == b.length;
}

static double number_of(struct text text)
{
    SCOPED_TEXT char *copy = text_copy(text);
    return strtod(copy, NULL);
}

static bool same_date(const struct cell *cell, const struct json *expected)
{
    char reading[SERIAL_TEXT_SIZE];
    double serial;
    struct text text;
    if (json_double(json_at(expected, 1), &serial) && cell->text.length &&
        fabs(serial - number_of(cell->text)) > 1e-7)
        return false;
    if (cell->form == CELL_ELAPSED)
        return true; // the readings of long spans in the data do not fit their serials
    return json_text(json_at(expected, 2), &text) && text_is(text, serial_reading(reading, cell));
}

static bool same_cell(const struct cell *cell, const struct json *expected)
{
    static const char kinds[] = {[CELL_EMPTY] = ' ',   [CELL_TEXT] = 's', [CELL_NUMBER] = 'n',
                                 [CELL_BOOLEAN] = 'b', [CELL_DATE] = 'd', [CELL_ERROR] = 'e'};
    const struct json *value = json_at(expected, 1);
    struct text text;
    double number;
    bool boolean;
    if (json_string_or(json_at(expected, 0), "?")[0] != kinds[cell->kind])
        return false;
    switch (cell->kind) {
    case CELL_TEXT:
    case CELL_ERROR:
        return json_text(value, &text) && same_text(text, cell->text);
    case CELL_NUMBER:
        return json_double(value, &number) &&
               fabs(number - number_of(cell->text)) <= 1e-12 * fmax(1, fabs(number));
    case CELL_BOOLEAN:
        return json_boolean(value, &boolean) && boolean == cell->boolean;
    case CELL_DATE:
        return same_date(cell, expected);
    case CELL_EMPTY:
        break;
    }
    return false;
}

static bool check_cell(const struct cell *cell, uint32_t row, const struct json *page, size_t *found)
{
    char place[REFERENCE_TEXT_SIZE], reading[SERIAL_TEXT_SIZE];
    const struct json *expected =
        json_get(json_get(page, "cells"), reference_text(place, (struct reference){row, cell->column}));
    *found += expected != NULL;
    if (text_is_unsure(page, place))
        return true;
    if (expected ? same_cell(cell, expected) : json_get(page, "cells_cut") != NULL)
        return true;
    if (!expected && cell->kind == CELL_NUMBER && text_is(cell->text, "60"))
        return true; // the day that never was is not listed
    print_message("  %s %s: kind %d, \"%.*s\" %s\n", json_string_or(json_get(page, "name"), ""), place,
                  cell->kind, (int)(cell->text.length < 60 ? cell->text.length : 60), cell->text.data,
                  cell->kind == CELL_DATE ? serial_reading(reading, cell) : "");
    return false;
}

static bool same_merged(const struct book_rows *rows, const struct json *page)
{
    const struct range *ranges;
    const struct json *merged = json_get(page, "merged");
    const size_t count = book_rows_merged(rows, &ranges);
    if (json_kind(merged) != JSON_ARRAY)
        return true;
    for (const struct json *range = json_first(merged); range; range = json_next(range)) {
        struct range wanted;
        bool found = false;
        assert_true(range_parse(&wanted, text_from(json_string_or(range, ""))));
        for (size_t i = 0; i < count && !found; i++)
            found = memcmp(&ranges[i], &wanted, sizeof wanted) == 0;
        if (!found)
            return false;
    }
    return count == json_count(merged);
}

static bool check_page(struct book *book, size_t index, const struct json *page, struct err *err)
{
    const struct sheet_row *row;
    size_t found = 0, bad = 0;
    SCOPED(book_rows)
    rows = NULL;
    if (!book_rows_open(&rows, book, index, ROWS_WITH_VALUES, err))
        return false;
    for (;;) {
        if (!book_rows_next(rows, &row, err))
            return false;
        if (!row)
            break;
        for (size_t i = 0; i < row->count; i++)
            bad += !check_cell(&row->cells[i], row->number, page, &found);
    }
    if (!same_merged(rows, page)) {
        print_message("  merged ranges differ\n");
        bad++;
    }
    if (found != json_count(json_get(page, "cells"))) {
        print_message("  %zu cells of %zu\n", found, json_count(json_get(page, "cells")));
        bad++;
    }
    return !bad;
}

static bool find_page(const struct book *book, const char *name, size_t *index)
{
    for (*index = 0; *index < book_page_count(book); ++*index)
        if (strcmp(book_page(book, *index)->name, name) == 0)
            return true;
    return false;
}

static bool check_pages(struct book *book, const struct json *facts, struct err *err)
{
    static const char *const states[] = {
        [PAGE_VISIBLE] = "visible", [PAGE_HIDDEN] = "hidden", [PAGE_VERY_HIDDEN] = "veryHidden"};
    bool agreed = true, good = true;
    if (json_get(facts, "sheet_order_agreed") &&
        !json_boolean(json_get(facts, "sheet_order_agreed"), &agreed))
        agreed = false;
    if (agreed && book_page_count(book) != json_count(json_get(facts, "sheets"))) {
        print_message("  %zu pages of %zu\n", book_page_count(book), json_count(json_get(facts, "sheets")));
        good = false;
    }
    if (json_get(facts, "date_system") && !book_is_1904(book)) {
        print_message("  the other date system\n");
        good = false;
    }
    for (const struct json *page = json_first(json_get(facts, "sheets")); page; page = json_next(page)) {
        size_t index;
        if (!find_page(book, json_string_or(json_get(page, "name"), ""), &index)) {
            print_message("  no page %s\n", json_string_or(json_get(page, "name"), ""));
            good = false;
            continue;
        }
        const char *state = states[book_page(book, index)->visibility];
        if (strcmp(state, json_string_or(json_get(page, "visibility"), state)) != 0) {
            print_message("  page %s is %s\n", json_string_or(json_get(page, "name"), ""), state);
            good = false;
        }
        good = check_page(book, index, page, err) && good;
    }
    return good;
}

static bool read_all(struct book *book, struct err *err)
{
    for (size_t i = 0; i < book_page_count(book); i++) {
        const struct sheet_row *row;
        SCOPED(book_rows)
        rows = NULL;
        if (!book_rows_open(&rows, book, i, ROWS_WITH_VALUES, err))
            return false;
        do
            if (!book_rows_next(rows, &row, err))
                return false;
        while (row);
    }
    return true;
}

// Formats that are recognised and named, not read.
static bool is_other_format(enum err_code code)
{
    return code == ERR_SHEET_NOT_READ;
}

static bool check_file(const char *name, const struct json *facts)
{
    struct err err = {0};
    char path[512];
    const char *expect = json_string_or(json_get(facts, "expect"), "");
    snprintf(path, sizeof path, FOLDER "/files/%s", name);
    const int file = open(path, O_RDONLY | O_CLOEXEC);
    assert_true(file >= 0);
    SCOPED(book)
    book = NULL;
    bool good = book_open(&book, file, name, &(struct csv_options){.dialect = {.quote = '"'}}, &err);
    if (good)
        good = strcmp(expect, "ok") == 0 || strcmp(expect, "ok-or-error") == 0
                   ? check_pages(book, facts, &err)
                   : read_all(book, &err);
    if (strcmp(expect, "ok") != 0 && err.code)
        good = true; // refused, as it must or may be
    else if (strcmp(expect, "error") == 0)
        good = false;
    if (!text_ends(text_from(name), ".xlsx") && !text_ends(text_from(name), ".xlsm") &&
        is_other_format(err.code))
        good = true;
    SCOPED_BUF(message, 2000);
    if (err.code && err_message(&message, &err, LANGUAGE_EN) && (!good || getenv("VERBOSE")))
        print_message("%s (%s): %s\n", name, expect, buf_string(&message));
    else if (!good)
        print_message("%s (%s): differs\n", name, expect);
    return good;
}

static const char *const suffixes[] = {".xlsx", ".xlsm", ".ods", ".xls", ".xlsb"};

static size_t suffix_of(const char *name)
{
    size_t i = 0;
    while (i + 1 < COUNT_OF(suffixes) && !text_ends(text_from(name), suffixes[i]))
        i++;
    return i;
}

static void every_workbook_gives_its_cells_or_is_refused(void **state)
{
    (void)state;
    size_t good[COUNT_OF(suffixes)] = {0}, bad[COUNT_OF(suffixes)] = {0}, all_bad = 0;
    DIR *folder = opendir(FOLDER "/expected");
    if (!folder) {
        print_message("skipped: no shared data\n");
        skip();
        return;
    }
    for (const struct dirent *entry; (entry = readdir(folder));) {
        char path[512], name[256];
        struct err err;
        SCOPED(json_document)
        document = NULL;
        SCOPED_BUF(content, 32 << 20);
        if (!text_ends(text_from(entry->d_name), ".json"))
            continue;
        snprintf(path, sizeof path, FOLDER "/expected/%s", entry->d_name);
        snprintf(name, sizeof name, "%.*s", (int)strlen(entry->d_name) - 5, entry->d_name);
        assert_true(file_read(&content, AT_FDCWD, path, &err));
        assert_true(json_parse(&document, buf_text(&content), &err));
        (check_file(name, json_root(document)) ? good : bad)[suffix_of(name)]++;
    }
    closedir(folder);
    for (size_t i = 0; i < COUNT_OF(suffixes); i++) {
        print_message("%s: %zu good, %zu bad\n", suffixes[i], good[i], bad[i]);
        all_bad += bad[i];
        assert_true(good[i] > 0);
    }
    assert_int_equal(all_bad, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_workbook_gives_its_cells_or_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
