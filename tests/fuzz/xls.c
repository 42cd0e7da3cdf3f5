// Records of an old Excel workbook from anybody. The first byte chooses what the rest is: a page, what stands before the
// pages, the same of version 5, or a file as it is.
// links: sheet
#include "walk.h"

#include "support/xls.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { FORM_PAGE, FORM_GLOBALS, FORM_OLD_PAGE, FORM_OLD_GLOBALS, FORM_FILE, FORMS };

static const char texts[] = "\xFC\0\x0C\0\1\0\0\0\1\0\0\0\1\0\0x\xE0\0\4\0\0\0\x0E\0";
static const char cells[] = "\xFD\0\x0A\0\0\0\0\0\0\0\0\0\0\0\x7E\2\x0A\0\0\0\1\0\0\0\6\0\0\0";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    SCOPED_BUF(file, 1 << 20);
    if (!size || size > 1 << 18)
        return 0;
    const struct text rest = text_of((const char *)data + 1, size - 1);
    const unsigned form = data[0] % FORMS;
    const struct text globals = text_of(texts, sizeof texts - 1), page = text_of(cells, sizeof cells - 1);
    if (form == FORM_FILE)
        require(buf_append_text(&file, rest));
    else
        put_workbook(&file, form == FORM_OLD_PAGE || form == FORM_OLD_GLOBALS ? 0x500 : 0x600,
                     form == FORM_GLOBALS || form == FORM_OLD_GLOBALS ? rest : globals,
                     form == FORM_PAGE || form == FORM_OLD_PAGE ? rest : page);
    walk_file(buf_text(&file));
    return 0;
}
