// A page of an OpenDocument workbook from anybody: what stands between the tags of its table.
// links: sheet
#include "walk.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define HEAD                                                                                                 \
    "<office:document xmlns:office='urn:oasis:names:tc:opendocument:xmlns:office:1.0'><office:body>"         \
    "<office:spreadsheet><table:table table:name='P'>"
#define TAIL "</table:table></office:spreadsheet></office:body></office:document>"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    SCOPED_BUF(file, 1 << 20);
    if (!buf_append_string(&file, HEAD) || !buf_append(&file, data, size) || !buf_append_string(&file, TAIL))
        return 0;
    walk_file(buf_text(&file));
    return 0;
}
