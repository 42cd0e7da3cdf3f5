// See writer.h: links. Runs in the worker.
#include "lib/sheet/escape.h"
#include "lib/sheet/writer_internal.h"

enum { LINK_BYTES_MAX = 2000 };

// libxlsxwriter takes "internal:" anywhere in an address for its own mark.
static bool web_address(struct buf *out, struct text url)
{
    static const char *const schemes[] = {"http://", "https://", "mailto:"};
    bool known = false;
    for (size_t i = 0; i < COUNT_OF(schemes); i++)
        known |= text_starts(url, schemes[i]);
    for (size_t i = 0; known && i < url.length; i++) {
        if ((unsigned char)url.data[i] <= ' ' || url.data[i] == 0x7F)
            return false;
        const struct text rest = text_of(url.data + i, url.length - i);
        const bool mark = text_starts(rest, "ternal:");
        known = mark ? buf_append(out, "ternal%3A", 9) : buf_append(out, url.data + i, 1);
        i += mark ? 6 : 0;
    }
    return known;
}

// "Page!B7" or "Page": a place in this workbook.
static bool inner_address(struct buf *out, const struct sheet_writer *writer, struct text target)
{
    struct reference cell = {1, 1};
    size_t page;
    if (!sheet_writer_find_page(writer, target, &page)) {
        const char *mark = memrchr(target.data, '!', target.length);
        const struct text name = text_of(target.data, mark ? (size_t)(mark - target.data) : 0);
        if (!mark || !sheet_writer_find_page(writer, name, &page) ||
            !sheet_reference_parse(&cell, text_of(mark + 1, target.length - name.length - 1)))
            return false;
    }
    return buf_append_string(out, "internal:") &&
           writer_append_range(out, writer, page, (struct range){cell, cell});
}

bool sheet_write_link(struct sheet_writer *writer, size_t page, struct reference place, struct text link,
                      struct text shown, struct sheet_look look, struct err *err)
{
    char at[REFERENCE_TEXT_SIZE];
    struct target target;
    SCOPED_BUF(address, LINK_BYTES_MAX);
    SCOPED_TEXT char *told = text_copy(link);
    if (!writer_check_text(link, place, err))
        return false;
    if (!web_address(&address, link)) {
        buf_clear(&address);
        if (!inner_address(&address, writer, link))
            return fail(err, ERR_SHEET_LINK, told, reference_text(at, place));
    }
    // The text first: it is checked and measured there, and the library writes the same once more.
    look.styles |= 1 << STYLE_LINK;
    if (!sheet_write_text(writer, page, place, shown, look, err) ||
        !writer_aim(&target, writer, page, place, look, err))
        return false;
    if (target.page->links++ == WRITER_LINKS_MAX)
        return fail(err, ERR_LIMIT_PASSED, "links", N(WRITER_LINKS_MAX));
    SCOPED_TEXT char *copy = escape_underscores(shown);
    return writer_done(worksheet_write_url_opt(target.page->sheet, target.row, target.column,
                                               buf_string(&address), target.format, copy, NULL),
                       place, err);
}
