// lib/sheet/update.c with the workbooks of other suites as templates, where the shared data is there: one cell is filled
// in each, and nothing else may change.
#include "support/unit.h"

#include "lib/sheet/book.h"
#include "lib/sheet/update.h"
#include "support/book.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#define FOLDER RENKI_SHARED_DATA "/spreadsheets/files"
#define FILLED "filled <&> =1"

enum { TEXT_MAX = 64 << 20, ENTRIES_MAX = 4000, NAME_MAX_BYTES = 300 };

/* ---- the bytes of a package, as they lie there -------------------------------------------------------------------------- */

struct entry {
    char name[NAME_MAX_BYTES];
    const char *bytes; // compressed
    size_t length;
    uint32_t crc;
};

struct bytes {
    struct buf all;
    struct entry *entries;
    size_t count;
};

static uint32_t number_at(const char *at, int size)
{
    uint32_t number = 0;
    for (int i = size - 1; i >= 0; i--)
        number = number << 8 | (unsigned char)at[i];
    return number;
}

// Plain packages only: no zip64, as none of the templates has it.
static bool list_entries(struct bytes *bytes)
{
    const char *start = bytes->all.data, *end = start + bytes->all.length;
    const char *tail = end - 22;
    while (tail > start && memcmp(tail, "PK\5\6", 4) != 0)
        tail--;
    const char *at = start + number_at(tail + 16, 4);
    bytes->entries = xcalloc(ENTRIES_MAX, sizeof *bytes->entries);
    for (; at + 46 < end && memcmp(at, "PK\1\2", 4) == 0 && bytes->count < ENTRIES_MAX; bytes->count++) {
        struct entry *entry = &bytes->entries[bytes->count];
        const uint32_t name = number_at(at + 28, 2), local = number_at(at + 42, 4);
        snprintf(entry->name, sizeof entry->name, "%.*s", (int)name, at + 46);
        entry->crc = number_at(at + 16, 4);
        entry->length = number_at(at + 20, 4);
        if (start + local + 30 > end)
            return false;
        entry->bytes =
            start + local + 30 + number_at(start + local + 26, 2) + number_at(start + local + 28, 2);
        at += 46 + name + number_at(at + 30, 2) + number_at(at + 32, 2);
    }
    return bytes->count > 0;
}

static void read_bytes(struct bytes *out, int file)
{
    struct stat status;
    assert_int_equal(fstat(file, &status), 0);
    *out = (struct bytes){.all = buf_new(TEXT_MAX)};
    char *room = buf_reserve(&out->all, (size_t)status.st_size + 1);
    assert_non_null(room);
    assert_int_equal(pread(file, room, (size_t)status.st_size, 0), status.st_size);
    out->all.length = (size_t)status.st_size;
}

static const struct entry *find_entry(const struct bytes *bytes, const char *name)
{
    for (size_t i = 0; i < bytes->count; i++)
        if (strcmp(bytes->entries[i].name, name) == 0)
            return &bytes->entries[i];
    return NULL;
}

// Entries that differ may only be those that a filled cell changes; at most `most` of them.
static bool entries_stayed(int before, int after, size_t most)
{
    struct bytes old, new;
    size_t changed = 0;
    bool good = true;
    read_bytes(&old, before);
    read_bytes(&new, after);
    if (list_entries(&old) && list_entries(&new))
        for (size_t i = 0; i < old.count; i++) {
            const struct entry *entry = find_entry(&new, old.entries[i].name);
            const bool same = entry && entry->crc == old.entries[i].crc &&
                              entry->length == old.entries[i].length &&
                              memcmp(entry->bytes, old.entries[i].bytes, entry->length) == 0;
            const bool chain = strstr(old.entries[i].name, "calcChain") != NULL;
            const bool may = strstr(old.entries[i].name, ".xml") || strstr(old.entries[i].name, ".rels");
            changed += !same && !chain;
            if (!same && !chain && (!may || !entry)) {
                print_message("  %s changed\n", old.entries[i].name);
                good = false;
            }
        }
    if (changed > most)
        print_message("  %zu parts changed\n", changed);
    buf_dispose(&old.all);
    buf_dispose(&new.all);
    xfree(old.entries);
    xfree(new.entries);
    return good && changed <= most;
}

/* ---- cells ------------------------------------------------------------------------------------------------------------------ */

// "A1=…;" for every cell of a page that is no formula's, but for `left_out`; formulas as "A1:=…;".
static bool list_cells(struct buf *out, int file, size_t page, const char *left_out, struct err *err)
{
    const struct csv_options options = {.dialect = {.quote = '"'}};
    const struct sheet_row *row = NULL;
    char place[REFERENCE_TEXT_SIZE], reading[SERIAL_TEXT_SIZE];
    SCOPED(book)
    book = NULL;
    SCOPED(book_rows)
    rows = NULL;
    if (!book_open(&book, file, "test", &options, err))
        return false;
    if (!book_page(book, page)->has_cells)
        return true;
    if (!book_rows_open(&rows, book, page, ROWS_WITH_FORMULAS, err))
        return false;
    do {
        if (!book_rows_next(rows, &row, err))
            return false;
        for (size_t i = 0; row && i < row->count; i++) {
            const struct cell *cell = &row->cells[i];
            reference_text(place, (struct reference){row->number, cell->column});
            const struct text text = cell->formula.length      ? cell->formula
                                     : cell->kind == CELL_DATE ? text_from(serial_reading(reading, cell))
                                                               : cell->text;
            if (strcmp(place, left_out) != 0 &&
                !buf_printf(out, "%s%s%d=%.*s;", place, cell->formula.length ? ":" : "",
                            cell->formula.length ? 0 : (int)cell->kind, (int)text.length, text.data))
                return fail(err, ERR_LIMIT_PASSED, "text", N(TEXT_MAX));
        }
    } while (row);
    return true;
}

static bool page_stayed(int before, int after, size_t page, const char *left_out, struct err *err)
{
    SCOPED_BUF(old, TEXT_MAX);
    SCOPED_BUF(new, TEXT_MAX);
    if (!list_cells(&old, before, page, left_out, err) || !list_cells(&new, after, page, left_out, err)) {
        SCOPED_BUF(message, 2000);
        (void)!err_message(&message, err, LANGUAGE_EN);
        print_message("  %s\n", buf_string(&message));
        return false;
    }
    if (text_equal(buf_text(&old), buf_text(&new)))
        return true;
    size_t at = 0;
    while (at < old.length && at < new.length &&old.data[at] == new.data[at])
        at++;
    print_message("  page %zu differs: %.60s … %.60s\n", page, old.length > at ? old.data + at : "",
                  new.length > at ? new.data + at : "");
    return false;
}

/* ---- one workbook --------------------------------------------------------------------------------------------------------- */

static int reopen(int file)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/self/fd/%d", file);
    return open(path, O_RDONLY | O_CLOEXEC);
}

// The first of a few cells that may be written.
static bool fill_one(struct update *update, size_t page, char place[REFERENCE_TEXT_SIZE], struct err *err)
{
    static const struct reference places[] = {{3, 3}, {2, 2}, {60, 30}, {5000, 100}};
    const struct update_value value = {.kind = UPDATE_TEXT, .text = TEXT_OF(FILLED)};
    for (size_t i = 0; i < COUNT_OF(places); i++) {
        reference_text(place, places[i]);
        if (update_cell(update, page, places[i], &value, err))
            return true;
        if (err->code != ERR_SHEET_CELL_MERGED && err->code != ERR_SHEET_CELL_HEADING &&
            err->code != ERR_SHEET_CELL_ARRAY)
            return false;
    }
    return false;
}

static bool is_filled(int file, size_t page, const char *place)
{
    struct err err;
    char wanted[100];
    SCOPED_BUF(out, TEXT_MAX);
    snprintf(wanted, sizeof wanted, "%s=s:%s", place, FILLED);
    return page_text(&out, file, page, &err) && strstr(buf_string(&out), wanted);
}

static bool is_readable(int file, size_t page)
{
    struct err err;
    SCOPED_BUF(out, TEXT_MAX);
    return list_cells(&out, file, page, "", &err);
}

static bool check_template(const char *path, bool *filled)
{
    struct err err = {0};
    char place[REFERENCE_TEXT_SIZE];
    SCOPED_BUF(message, 2000);
    SCOPED(update)
    update = NULL;
    const int before = open(path, O_RDONLY | O_CLOEXEC);
    *filled = false;
    if (!update_open(&update, reopen(before), &err)) {
        close(before);
        return true; // no template, and said so
    }
    const size_t page = update_first_page(update);
    const int after = memfd_create("filled", MFD_CLOEXEC);
    bool good = fill_one(update, page, place, &err) && update_write(update, after, &err);
    if (!good) { // what can't be read can't be filled
        good = !is_readable(reopen(before), page);
        (void)!err_message(&message, &err, LANGUAGE_EN);
        print_message("  %s\n", good ? "unreadable" : buf_string(&message));
    } else {
        *filled = true;
        good = entries_stayed(before, after, 4 + update_page_count(update)) &&
               (is_filled(reopen(after), page, place) || !is_readable(reopen(before), page));
        for (size_t i = 0; i < update_page_count(update); i++)
            good = (!is_readable(reopen(before), i) ||
                    page_stayed(reopen(before), reopen(after), i, i == page ? place : "", &err)) &&
                   good;
    }
    close(before);
    close(after);
    return good;
}

static void every_workbook_can_be_filled_and_stays_as_it_was(void **state)
{
    (void)state;
    size_t bad = 0, filled = 0;
    DIR *folder = opendir(FOLDER);
    if (!folder)
        skip_saying("%s is not there", FOLDER);
    for (const struct dirent *file; (file = readdir(folder));) {
        char path[1000];
        bool done;
        if (!text_ends(text_from(file->d_name), ".xlsx") && !text_ends(text_from(file->d_name), ".xlsm"))
            continue;
        snprintf(path, sizeof path, "%s/%s", FOLDER, file->d_name);
        if (!check_template(path, &done)) {
            print_message("%s\n", file->d_name);
            bad++;
        }
        filled += done;
    }
    closedir(folder);
    print_message("%zu templates were filled\n", filled);
    assert_int_equal(bad, 0);
    assert_true(filled > 50);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_workbook_can_be_filled_and_stays_as_it_was)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
