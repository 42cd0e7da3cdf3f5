// See writer.h: the workbook and its pages. Runs in the worker.
//
// libxlsxwriter writes the package. The rows of a page of rows don't go through it: they are streamed (stream.h) into one
// temporary file and put into the package when it is written (splice.h), which takes a tenth of the time and keeps each
// decimal's digits. Temporary files go to the present folder (the sandbox has no other) and have no name for longer than
// an instant.
#include "lib/base/file.h"
#include "lib/encoding/letters.h"
#include "lib/sheet/splice.h"
#include "lib/sheet/writer_internal.h"
#include "lib/sheet/writer_layout.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

const char *const document_property_names[PROPERTY_COUNT + 1] = {
    "title", "subject", "author", "manager", "company", "category", "keywords", "comments", NULL};

bool sheet_writer_open(struct sheet_writer **out, const char *path, struct err *err)
{
    if (!text_ends(text_from(path), ".xlsx") || strlen(path) == strlen(".xlsx"))
        return fail(err, ERR_SHEET_WRITE_WRONG, "the name must end with .xlsx", path);
    lxw_workbook_options options = {
        .constant_memory = LXW_FALSE, .tmpdir = (char[]){"."}, .use_zip64 = LXW_FALSE};
    struct sheet_writer *writer = xcalloc(1, sizeof *writer);
    writer->path = xstrdup(path);
    const char *slash = strrchr(path, '/');
    const int folder = slash ? (int)(slash + 1 - path) : 0;
    writer->beside = xasprintf("%.*s.%s.part", folder, path, path + folder);
    SCOPED_TEXT char *spool = xasprintf(".%s.rows", path + folder);
    writer->spool = sheet_spool_new(spool, path);
    writer->workbook = workbook_new_opt(writer->beside, &options);
    if (!writer->workbook) {
        sheet_writer_free(writer);
        return fail(err, ERR_SHEET_WRITE, path, "no memory");
    }
    *out = writer;
    return true;
}

static void free_fields(struct sheet_writer *writer)
{
    for (size_t i = 0; i < writer->page_count; i++) {
        xfree(writer->pages[i].name);
        xfree(writer->pages[i].columns);
        sheet_stream_free(writer->pages[i].stream);
    }
    for (size_t i = 0; i < writer->format_count; i++)
        xfree(writer->formats[i].code);
    xfree(writer->formats);
    for (size_t i = 0; i < writer->table_count; i++)
        xfree(writer->tables[i]);
    xfree(writer->tables);
    for (size_t i = 0; i < PROPERTY_COUNT; i++)
        xfree(writer->properties[i]);
    sheet_spool_free(writer->spool);
    xfree(writer->pages);
    xfree(writer->path);
    xfree(writer->beside);
    xfree(writer);
}

void sheet_writer_free(struct sheet_writer *writer)
{
    if (!writer)
        return;
    if (writer->workbook)
        lxw_workbook_free(writer->workbook);
    free_fields(writer);
}

static void put_properties(struct sheet_writer *writer)
{
    lxw_doc_properties properties = {
        .title = writer->properties[PROPERTY_TITLE],
        .subject = writer->properties[PROPERTY_SUBJECT],
        .author = writer->properties[PROPERTY_AUTHOR],
        .manager = writer->properties[PROPERTY_MANAGER],
        .company = writer->properties[PROPERTY_COMPANY],
        .category = writer->properties[PROPERTY_CATEGORY],
        .keywords = writer->properties[PROPERTY_KEYWORDS],
        .comments = writer->properties[PROPERTY_COMMENTS],
    };
    workbook_set_properties(writer->workbook, &properties);
}

static bool end_rows(struct sheet_writer *writer, struct splice *splices, size_t *count, struct err *err)
{
    for (size_t i = 0; i < writer->page_count; i++) {
        struct splice *splice = &splices[*count];
        if (!writer->pages[i].stream)
            continue;
        if (!sheet_stream_end(writer->pages[i].stream, &splice->rows, &splice->range, err))
            return false;
        splice->part = xasprintf("xl/worksheets/sheet%zu.xml", i + 1);
        ++*count;
    }
    return true;
}

static bool write_package(struct sheet_writer *writer, struct err *err)
{
    errno = 0;
    const lxw_error failed = workbook_close(writer->workbook); // frees it
    writer->workbook = NULL;
    return !failed ||
           fail(err, ERR_SHEET_WRITE, writer->path, errno ? strerror(errno) : lxw_strerror(failed));
}

bool sheet_writer_close(struct sheet_writer *writer, struct err *err)
{
    size_t count = 0;
    struct splice *splices = xcalloc(writer->page_count + 1, sizeof *splices);
    for (size_t i = 0; i < writer->page_count; i++)
        writer_finish_page(&writer->pages[i]);
    put_properties(writer);
    const bool good = end_rows(writer, splices, &count, err) && write_package(writer, err) &&
                      (!count || sheet_splice(writer->beside, writer->spool, splices, count, err)) &&
                      file_publish(AT_FDCWD, writer->beside, writer->path, err);
    if (!good)
        (void)unlinkat(AT_FDCWD, writer->beside, 0);
    for (size_t i = 0; i < count; i++) {
        xfree(splices[i].part);
        spooled_dispose(&splices[i].rows);
    }
    xfree(splices);
    sheet_writer_free(writer);
    return good;
}

bool writer_check_words(struct text text, size_t letters_max, const char *what, struct err *err)
{
    size_t letters = 0;
    bool good = text_is_utf8(text);
    for (size_t i = 0; i < text.length && good; i++) {
        const unsigned char c = (unsigned char)text.data[i];
        good = c >= ' ' || c == '\n' || c == '\t';
        letters += (c & 0xC0) != 0x80;
    }
    if (!good)
        return fail(err, ERR_SHEET_WRITE_WRONG, "bytes that are no letters", what);
    return letters <= letters_max || fail(err, ERR_LIMIT_PASSED, what, N(letters_max));
}

bool sheet_writer_set_property(struct sheet_writer *writer, enum document_property property,
                               struct text value, struct err *err)
{
    if (!writer_check_words(value, WRITER_CODE_BYTES_MAX, document_property_names[property], err))
        return false;
    xfree(writer->properties[property]);
    writer->properties[property] = text_copy(value);
    return true;
}

// As a spreadsheet compares names: without regard to case.
static bool same_letters(struct text a, struct text b)
{
    SCOPED_BUF(low_a, 4 * a.length + 4);
    SCOPED_BUF(low_b, 4 * b.length + 4);
    return letters_lower(&low_a, a) && letters_lower(&low_b, b) &&
           text_equal(buf_text(&low_a), buf_text(&low_b));
}

// As Excel has it; it will not open a workbook with another.
static bool check_page_name(const struct sheet_writer *writer, struct text name, const char *copy,
                            struct err *err)
{
    if (!writer_check_words(name, SIZE_MAX, "page name", err))
        return false;
    if (!name.length || strpbrk(copy, "[]:*?/\\\n\t") || *copy == '\'' || copy[name.length - 1] == '\'' ||
        text_equal_ascii_case(name, TEXT_OF("History")))
        return fail(err, ERR_SHEET_PAGE_NAME, copy);
    const size_t letters = lxw_utf8_strlen(copy);
    if (letters > LXW_SHEETNAME_MAX)
        return fail(err, ERR_SHEET_PAGE_NAME_LONG, copy, N(letters));
    for (size_t i = 0; i < writer->page_count; i++)
        if (same_letters(name, text_from(writer->pages[i].name)))
            return fail(err, ERR_SHEET_PAGE_NAME_TAKEN, copy, writer->pages[i].name);
    return true;
}

static bool add_page(struct sheet_writer *writer, struct text name, bool by_rows, size_t *page,
                     struct err *err)
{
    SCOPED_TEXT char *copy = text_copy(name);
    if (writer->page_count == WRITER_PAGES_MAX)
        return fail(err, ERR_LIMIT_PASSED, "pages", N(WRITER_PAGES_MAX));
    if (!check_page_name(writer, name, copy, err))
        return false;
    lxw_worksheet *sheet = workbook_add_worksheet(writer->workbook, copy);
    if (!sheet)
        return fail(err, ERR_SHEET_WRITE, writer->path, strerror(errno));
    writer->pages = xreallocarray(writer->pages, writer->page_count + 1, sizeof *writer->pages);
    writer->pages[writer->page_count] = (struct written_page){
        .sheet = sheet, .name = STEAL(copy), .stream = by_rows ? sheet_stream_new(writer->spool) : NULL};
    *page = writer->page_count++;
    return sheet_writer_print(writer, *page, &(struct sheet_paper){0}, err);
}

bool sheet_writer_rows_page(struct sheet_writer *writer, struct text name, size_t *page, struct err *err)
{
    return add_page(writer, name, true, page, err);
}

bool sheet_writer_free_page(struct sheet_writer *writer, struct text name, size_t *page, struct err *err)
{
    return add_page(writer, name, false, page, err);
}

bool writer_append_range(struct buf *out, const struct sheet_writer *writer, size_t page, struct range range)
{
    char first[REFERENCE_TEXT_SIZE], last[REFERENCE_TEXT_SIZE];
    bool done = buf_append_char(out, '\'');
    for (const char *c = writer->pages[page].name; *c && done; c++)
        done = buf_append_char(out, *c) && (*c != '\'' || buf_append_char(out, '\''));
    return done && buf_printf(out, "'!$%s$%u:$%s$%u", column_text(first, range.first.column), range.first.row,
                              column_text(last, range.last.column), range.last.row);
}

size_t sheet_writer_page_count(const struct sheet_writer *writer)
{
    return writer->page_count;
}

const char *sheet_writer_page_name(const struct sheet_writer *writer, size_t page)
{
    return writer->pages[page].name;
}

bool sheet_writer_find_page(const struct sheet_writer *writer, struct text name, size_t *page)
{
    for (*page = 0; *page < writer->page_count; ++*page)
        if (text_is(name, writer->pages[*page].name))
            return true;
    return false;
}

bool sheet_writer_is_by_rows(const struct sheet_writer *writer, size_t page)
{
    return writer->pages[page].stream != NULL;
}

uint32_t sheet_writer_last_row(const struct sheet_writer *writer, size_t page)
{
    return writer->pages[page].last_row;
}
