// Calendar files from anybody: what is read is JSON within its limits.
// links: ics json
#include "lib/ics/ics.h"
#include "lib/json/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct err err = {0};
    SCOPED_BUF(out, 256 << 10);
    SCOPED_BUF(words, 4096);
    SCOPED(json_document)
    document = NULL;
    if (!ics_read(&out, text_of((const char *)data, size), &err)) {
        require(err_message(&words, &err, LANGUAGE_EN));
        return 0;
    }
    require(json_parse(&document, buf_text(&out), &err));
    require(json_count(json_get(json_root(document), "days")) <= ICS_DAYS_MAX);
    return 0;
}
