// The text of a paragraph (ods_internal.h). Runs in the worker.
//
// OpenDocument 1.3 part 3, 6.1.2 makes one blank of every run of white space and drops it at a paragraph's beginning;
// blanks that count are <text:s>. One blank at the end stays: LibreOffice writes it so.
#include "lib/sheet/ods_internal.h"
#include "lib/sheet/strings.h"

enum { BLANKS_MAX = SHEET_CELL_CHARACTERS_MAX };

struct paragraph {
    struct buf *out;
    bool after_blank; // a further blank is dropped
};

static bool append_text(struct paragraph *paragraph, const struct scan *scan, struct err *err)
{
    struct buf *out = paragraph->out;
    size_t to = out->length;
    if (!scan_append_text(scan, out, err))
        return false;
    for (size_t from = to; from < out->length; from++) {
        const char c = out->data[from];
        const bool blank = c == ' ' || c == '\t' || c == '\n' || c == '\r';
        if (!blank || !paragraph->after_blank)
            out->data[to++] = blank ? ' ' : c;
        paragraph->after_blank = blank;
    }
    out->length = to;
    return true;
}

// Elements that stand for letters: <text:s text:c="3"/>, <text:tab/>, <text:line-break/>.
static bool append_letters(struct paragraph *paragraph, const struct scan *scan, struct err *err)
{
    int64_t count = 1;
    const char letter = scan_is(scan, "s") ? ' ' : scan_is(scan, "tab") ? '\t' : '\n';
    if (letter == ' ' && text_to_int64(scan_attribute(scan, "c"), &count) && count > BLANKS_MAX)
        return fail(err, ERR_SHEET_TEXT_TOO_LONG, N(count), N(BLANKS_MAX));
    for (; count > 0; count--)
        if (!buf_append_char(paragraph->out, letter))
            return fail(err, ERR_LIMIT_PASSED, "text", N(paragraph->out->maximum));
    paragraph->after_blank = false;
    return true;
}

// Comments, footnotes, reading aids, pictures.
static bool is_beside_text(const struct scan *scan)
{
    static const char *const beside[] = {"annotation", "note", "ruby-text", "frame", "custom-shape"};
    for (size_t i = 0; i < COUNT_OF(beside); i++)
        if (scan_is(scan, beside[i]))
            return true;
    return false;
}

bool ods_paragraph_append(struct scan *scan, struct buf *out, struct err *err)
{
    struct paragraph paragraph = {out, true};
    const unsigned depth = scan->depth;
    const size_t start = out->length;
    while (scan_next(scan, err)) {
        bool good = true;
        if (scan->kind == SCAN_STOP && scan->depth == depth)
            return true;
        if (scan->kind == SCAN_TEXT)
            good = append_text(&paragraph, scan, err);
        else if (scan_is(scan, "s") || scan_is(scan, "tab") || scan_is(scan, "line-break"))
            good = append_letters(&paragraph, scan, err);
        else if (is_beside_text(scan))
            good = scan_skip(scan, err);
        if (!good)
            return false;
        if (out->length - start > (size_t)SHEET_CELL_CHARACTERS_MAX * 4)
            return fail(err, ERR_SHEET_TEXT_TOO_LONG, N(out->length - start), N(SHEET_CELL_CHARACTERS_MAX));
    }
    return false;
}
