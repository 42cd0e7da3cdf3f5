// See writer.h: the workbook and its pages. Runs in the worker.
//
// libxlsxwriter writes the package. The rows of a page of rows don't go through it: they are streamed (stream.h) into one
// temporary file and put into the package when it is written (splice.h), which takes a tenth of the time and keeps each
// decimal's digits. Temporary files go to the present folder (the sandbox has no other) and have no name for longer than
// an instant.
#include "lib/sheet/splice.h"
#include "lib/sheet/writer_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

const char *const document_property_names[PROPERTY_COUNT + 1] = {"title",   "subject",  "author",
                                                                 "company", "comments", NULL};

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
        xfree(writer->pages[i].widths);
        sheet_stream_free(writer->pages[i].stream);
    }
    for (size_t i = 0; i < writer->code_count; i++)
        xfree(writer->codes[i].code);
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

static void put_widths(struct written_page *page)
{
    for (uint32_t i = 0; i < page->columns; i++) {
        const uint16_t width = page->widths[i];
        if (width == 0 || width == WIDTH_TOLD)
            continue;
        const double characters = width + 2 < WIDTH_LEAST  ? WIDTH_LEAST
                                  : width + 2 > WIDTH_MOST ? WIDTH_MOST
                                                           : width + 2;
        worksheet_set_column(page->sheet, (lxw_col_t)i, (lxw_col_t)i, characters, NULL);
    }
}

static void put_properties(struct sheet_writer *writer)
{
    lxw_doc_properties properties = {
        .title = writer->properties[PROPERTY_TITLE],
        .subject = writer->properties[PROPERTY_SUBJECT],
        .author = writer->properties[PROPERTY_AUTHOR],
        .company = writer->properties[PROPERTY_COMPANY],
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
        put_widths(&writer->pages[i]);
    put_properties(writer);
    bool good = end_rows(writer, splices, &count, err) && write_package(writer, err) &&
                (!count || sheet_splice(writer->beside, writer->spool, splices, count, err));
    if (good && renameat(AT_FDCWD, writer->beside, AT_FDCWD, writer->path) != 0)
        good = fail(err, ERR_SHEET_WRITE, writer->path, strerror(errno));
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

bool sheet_writer_set_property(struct sheet_writer *writer, enum document_property property,
                               struct text value, struct err *err)
{
    if (!text_is_utf8(value) || memchr(value.data, 0, value.length))
        return fail(err, ERR_SHEET_WRITE_WRONG, "bytes that are no letters",
                    document_property_names[property]);
    xfree(writer->properties[property]);
    writer->properties[property] =
        text_copy(text_of(value.data, text_utf8_floor(value, WRITER_CODE_BYTES_MAX)));
    return true;
}

static bool add_page(struct sheet_writer *writer, struct text name, bool by_rows, size_t *page,
                     struct err *err)
{
    SCOPED_TEXT char *copy = text_copy(name);
    if (writer->page_count == WRITER_PAGES_MAX)
        return fail(err, ERR_LIMIT_PASSED, "pages", N(WRITER_PAGES_MAX));
    if (!text_is_utf8(name) || strlen(copy) != name.length)
        return fail(err, ERR_SHEET_WRITE_WRONG, "bytes that are no letters", copy);
    const lxw_error wrong = workbook_validate_sheet_name(writer->workbook, copy);
    if (wrong || !*copy)
        return fail(err, ERR_SHEET_WRITE_WRONG, wrong ? lxw_strerror(wrong) : "a page needs a name", copy);
    lxw_worksheet *sheet = workbook_add_worksheet(writer->workbook, copy);
    if (!sheet)
        return fail(err, ERR_SHEET_WRITE, writer->path, strerror(errno));
    writer->pages = xreallocarray(writer->pages, writer->page_count + 1, sizeof *writer->pages);
    writer->pages[writer->page_count] = (struct written_page){
        .sheet = sheet, .name = STEAL(copy), .stream = by_rows ? sheet_stream_new(writer->spool) : NULL};
    *page = writer->page_count++;
    return true;
}

bool sheet_writer_rows_page(struct sheet_writer *writer, struct text name, size_t *page, struct err *err)
{
    return add_page(writer, name, true, page, err);
}

bool sheet_writer_free_page(struct sheet_writer *writer, struct text name, size_t *page, struct err *err)
{
    return add_page(writer, name, false, page, err);
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

uint32_t sheet_writer_last_row(const struct sheet_writer *writer, size_t page)
{
    return writer->pages[page].last_row;
}
