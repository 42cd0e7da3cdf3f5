// A zip file from anybody: its directory, and parts read by name.
// links: sheet
#include "lib/sheet/package.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { READ_MAX = 1 << 20, CHUNK = 3000 };

static void read_part(struct package *package, const char *name)
{
    static char bytes[CHUNK];
    struct err err;
    uint64_t all = 0;
    size_t got = 1;
    SCOPED(part)
    part = NULL;
    if (!part_open(&part, package, text_from(name), &err)) {
        require(err.code != ERR_SHEET_PART_MISSING || !package_has(package, text_from(name)));
        return;
    }
    require(package_has(package, text_from(name)));
    while (got && all < READ_MAX && part_read(part, bytes, sizeof bytes, &got, &err)) {
        require(got <= sizeof bytes);
        all += got;
        require(all <= part_size(part));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const names[] = {"a", "b.xml", "xl/workbook.xml", "../up", "content.xml"};
    struct err err;
    SCOPED(package)
    package = NULL;
    if (!package_open_text(&package, text_of((const char *)data, size), &err))
        return 0;
    for (size_t i = 0; i < COUNT_OF(names); i++)
        read_part(package, names[i]);
    return 0;
}
