// See writer_table.h. Runs in the worker.
//
// libxlsxwriter writes a table's headers and totals itself. On a page of rows those cells are dropped with all that it has
// of its rows; on a free page they must be written once more.
#include "lib/sheet/writer_table.h"
#include "lib/encoding/letters.h"
#include "lib/sheet/writer_internal.h"

#include <stdlib.h>

const char *const sheet_total_names[TOTAL_KINDS + 1] = {"none", "sum", "average", "count",
                                                        "min",  "max", NULL};

// By kind: the library's word, and SUBTOTAL's number, which leaves rows out that are hidden.
static const struct {
    uint8_t function, subtotal;
} totals[TOTAL_KINDS] = {
    [TOTAL_SUM] = {LXW_TABLE_FUNCTION_SUM, 109},     [TOTAL_AVERAGE] = {LXW_TABLE_FUNCTION_AVERAGE, 101},
    [TOTAL_COUNT] = {LXW_TABLE_FUNCTION_COUNT, 103}, [TOTAL_MIN] = {LXW_TABLE_FUNCTION_MIN, 105},
    [TOTAL_MAX] = {LXW_TABLE_FUNCTION_MAX, 104},
};

bool sheet_total_from_name(enum sheet_total *out, struct text name)
{
    unsigned index;
    const bool found = writer_find_name(sheet_total_names, name, &index);
    if (found)
        *out = (enum sheet_total)index;
    return found;
}

static char *lowered(const char *text)
{
    struct buf out = buf_new(4 * strlen(text) + 1);
    require(letters_lower(&out, text_from(text)));
    SCOPED_TEXT char *copy = xstrdup(buf_string(&out));
    buf_dispose(&out);
    return STEAL(copy);
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool header_fits(const char *header)
{
    struct err err;
    return *header && !strpbrk(header, "\n\t\r") &&
           writer_check_words(text_from(header), TABLE_HEADER_MAX, "header", &err);
}

bool sheet_headers_for_table(const char *const *headers, size_t count)
{
    bool good = true;
    char **lower = xcalloc(count, sizeof *lower);
    for (size_t i = 0; i < count; i++) {
        good &= header_fits(headers[i]);
        lower[i] = lowered(headers[i]);
    }
    qsort(lower, count, sizeof *lower, by_text);
    for (size_t i = 0; i + 1 < count; i++)
        good &= strcmp(lower[i], lower[i + 1]) != 0;
    for (size_t i = 0; i < count; i++)
        xfree(lower[i]);
    xfree(lower);
    return good;
}

// "A1", "R1C1", "R", "C": names that a spreadsheet takes for places.
static bool looks_like_a_place(const char *name)
{
    struct reference place;
    const size_t digits_from = strcspn(name, "0123456789");
    return sheet_reference_parse(&place, text_from(name)) || strspn(name, "RrCc0123456789") == strlen(name) ||
           (digits_from <= 3 && strspn(name + digits_from, "0123456789") == strlen(name + digits_from));
}

static bool is_taken(const struct sheet_writer *writer, const char *name)
{
    bool taken = false;
    SCOPED_TEXT char *wanted = lowered(name);
    for (size_t i = 0; i < writer->table_count && !taken; i++) {
        SCOPED_TEXT char *other = lowered(writer->tables[i]);
        taken = strcmp(wanted, other) == 0;
    }
    return taken;
}

// Letters of Latin, Greek and Cyrillic, digits, "_" and "."; Excel mends a workbook with anything else.
static bool stands_in_name(uint32_t c)
{
    if (c < 0x80)
        return strchr("0123456789_.ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz", (int)c) != NULL;
    return c >= 0xC0 && c <= 0x4FF && c != 0xD7 && c != 0xF7;
}

static char *name_letters(struct text wanted)
{
    enum { NAME_BYTES_MAX = 200 };
    struct buf out = buf_new(NAME_BYTES_MAX);
    uint32_t c;
    for (size_t step; (step = text_utf8_decode(wanted, &c));
         wanted = text_of(wanted.data + step, wanted.length - step)) {
        char letter[4];
        const size_t length = text_utf8_encode(stands_in_name(c) ? c : '_', letter);
        if (!buf_append(&out, letter, length))
            break;
    }
    SCOPED_TEXT char *name = xstrdup(buf_string(&out));
    buf_dispose(&out);
    return STEAL(name);
}

char *sheet_writer_table_name(const struct sheet_writer *writer, struct text wanted)
{
    SCOPED_TEXT char *letters = name_letters(wanted);
    const bool as_it_is = *letters && !strchr("0123456789.", *letters) && !looks_like_a_place(letters);
    SCOPED_TEXT char *name = as_it_is ? STEAL(letters) : xasprintf("Table_%s", letters);
    SCOPED_TEXT char *found = xstrdup(name);
    for (unsigned i = 2; is_taken(writer, found); i++) {
        xfree(found);
        found = xasprintf("%s_%u", name, i);
    }
    return STEAL(found);
}

// Signs that mean something between brackets are marked with an apostrophe.
bool sheet_total_formula(struct buf *out, enum sheet_total total, const char *table, const char *column)
{
    if (!table)
        return buf_printf(out, "SUBTOTAL(%u,%s)", totals[total].subtotal, column);
    bool done = buf_printf(out, "SUBTOTAL(%u,%s[", totals[total].subtotal, table);
    for (; *column && done; column++)
        done = (!strchr("[]#'@", *column) || buf_append_char(out, '\'')) && buf_append_char(out, *column);
    return done && buf_append_string(out, "])");
}

bool sheet_writer_table(struct sheet_writer *writer, size_t page, const struct written_table *table,
                        struct err *err)
{
    enum { STRIPES_OF_LIGHT_BLUE = 2 };
    const size_t count = table->range.last.column - table->range.first.column + 1;
    SCOPED_TEXT char *name = xstrdup(table->name);
    SCOPED_TEXT char *label = table->totals && table->label ? xstrdup(table->label) : NULL;
    lxw_table_column *columns = xcalloc(count, sizeof *columns);
    lxw_table_column **list = xcalloc(count + 1, sizeof *list);
    for (size_t i = 0; i < count; i++) {
        const enum sheet_total total = table->totals ? table->totals[i] : TOTAL_NONE;
        columns[i].header = xstrdup(table->headers[i]);
        columns[i].total_function = totals[total].function;
        list[i] = &columns[i];
    }
    columns[0].total_string = label;
    lxw_table_options options = {.name = name,
                                 .no_autofilter = table->no_filter,
                                 .no_banded_rows = table->no_stripes,
                                 .total_row = table->totals != NULL,
                                 .style_type = LXW_TABLE_STYLE_TYPE_MEDIUM,
                                 .style_type_number = STRIPES_OF_LIGHT_BLUE,
                                 .columns = list};
    const lxw_error failed = worksheet_add_table(
        writer->pages[page].sheet, table->range.first.row - 1, (lxw_col_t)(table->range.first.column - 1),
        table->range.last.row - 1, (lxw_col_t)(table->range.last.column - 1), &options);
    for (size_t i = 0; i < count; i++)
        xfree(columns[i].header);
    xfree(columns);
    xfree(list);
    if (!writer_done(failed, table->range.first, err))
        return false;
    writer->tables = xreallocarray(writer->tables, writer->table_count + 1, sizeof *writer->tables);
    writer->tables[writer->table_count++] = STEAL(name);
    return true;
}
