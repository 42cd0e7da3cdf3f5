// See detect.h. Runs in the worker.
#include "lib/sheet/detect.h"
#include "lib/encoding/encoding.h"
#include "lib/sheet/scan.h"

#include <errno.h>
#include <unistd.h>

#define MANIFEST "META-INF/manifest.xml"

static bool read_at(int descriptor, char *into, size_t room, off_t offset, size_t *got, struct err *err)
{
    *got = 0;
    while (*got < room) {
        const ssize_t count = pread(descriptor, into + *got, room - *got, offset + (off_t)*got);
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return fail(err, ERR_SYSTEM, "read", strerror(errno));
        if (count == 0)
            break;
        *got += (size_t)count;
    }
    return true;
}

static bool starts_as_ole(struct text start)
{
    static const char magic[] = "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1";
    return start.length >= sizeof magic - 1 && memcmp(start.data, magic, sizeof magic - 1) == 0;
}

bool detect_is_ole(bool *out, int descriptor, struct err *err)
{
    char bytes[8];
    size_t got;
    if (!read_at(descriptor, bytes, sizeof bytes, 0, &got, err))
        return false;
    *out = starts_as_ole(text_of(bytes, got));
    return true;
}

bool detect_ole(const struct ole *ole, struct err *err)
{
    static const struct {
        const char *stream;
        enum err_code code;
    } kinds[] = {{"EncryptedPackage", ERR_SHEET_ENCRYPTED},
                 {"Workbook", ERR_NONE},
                 {"Book", ERR_NONE},
                 {"WordDocument", ERR_SHEET_IS_DOCUMENT},
                 {"PowerPoint Document", ERR_SHEET_IS_DOCUMENT}};
    for (size_t i = 0; i < COUNT_OF(kinds); i++)
        if (ole_has(ole, kinds[i].stream))
            return !kinds[i].code || fail(err, kinds[i].code);
    return fail(err, ERR_SHEET_IS_UNKNOWN);
}

static bool starts_without_case(struct text text, const char *prefix)
{
    const size_t length = strlen(prefix);
    return text.length >= length && strncasecmp(text.data, prefix, length) == 0;
}

// A workbook without a container begins with a record that tells its version, of a length that the version gives.
static bool starts_as_biff(struct text start)
{
    static const struct {
        unsigned char type[2], least, most;
    } begins[] = {{{0x09, 0x00}, 4, 4}, {{0x09, 0x02}, 6, 6}, {{0x09, 0x04}, 6, 6}, {{0x09, 0x08}, 8, 16}};
    if (start.length < 8 || start.data[3] != 0)
        return false;
    const unsigned char length = (unsigned char)start.data[2];
    for (size_t i = 0; i < COUNT_OF(begins); i++)
        if (memcmp(start.data, begins[i].type, 2) == 0 && length >= begins[i].least &&
            length <= begins[i].most)
            return true;
    return false;
}

static const struct {
    const char *bytes;
    size_t length;
    enum err_code code;
} signatures[] = {
    {"%PDF-", 5, ERR_SHEET_IS_PDF},
    {"{\\rtf", 5, ERR_SHEET_IS_DOCUMENT},
    {"\x1f\x8b", 2, ERR_SHEET_IS_UNKNOWN},
    {"\x89PNG", 4, ERR_SHEET_IS_UNKNOWN},
    {"\xff\xd8\xff", 3, ERR_SHEET_IS_UNKNOWN},
    {"7z\xbc\xaf", 4, ERR_SHEET_IS_UNKNOWN},
    {"Rar!", 4, ERR_SHEET_IS_UNKNOWN},
    {"\x7f"
     "ELF",
     4, ERR_SHEET_IS_UNKNOWN},
};

// Pages and tables of the web that were given the name of a workbook.
static bool looks_like_markup(struct text start, enum err_code *code)
{
    static const char *const html[] = {"<html", "<!doctype html", "<table", "<head",
                                       "<meta", "<body",          "<style", "<div"};
    if (text_starts(start, "\xEF\xBB\xBF"))
        start = text_of(start.data + 3, start.length - 3);
    start = text_trim(start);
    for (size_t i = 0; i < COUNT_OF(html); i++)
        if (starts_without_case(start, html[i])) {
            *code = ERR_SHEET_IS_HTML;
            return true;
        }
    *code = start.length && memmem(start.data, start.length, "office:spreadsheet", 18) ? ERR_SHEET_IS_XML2003
            : start.length && memmem(start.data, start.length, "<html", 5)             ? ERR_SHEET_IS_HTML
                                                                                       : ERR_SHEET_IS_UNKNOWN;
    return starts_without_case(start, "<?xml");
}

// Zero bytes and control bytes, and no UTF-16: no table that a person could have written.
static bool looks_binary(struct text start)
{
    size_t control = 0;
    const char *name = encoding_name(encoding_guess(start));
    if (strncmp(name, "utf-16", 6) == 0)
        return false;
    for (size_t i = 0; i < start.length; i++)
        control += (unsigned char)start.data[i] < 9 ||
                   ((unsigned char)start.data[i] > 13 && (unsigned char)start.data[i] < 28);
    return control * 20 > start.length;
}

bool detect_file(enum detected *out, int descriptor, struct err *err)
{
    char bytes[DETECT_BYTES];
    size_t got;
    enum err_code code;
    if (!read_at(descriptor, bytes, sizeof bytes, 0, &got, err))
        return false;
    const struct text start = text_of(bytes, got);
    if (!got)
        return fail(err, ERR_SHEET_EMPTY_FILE);
    if (got >= 4 && (memcmp(bytes, "PK\x03\x04", 4) == 0 || memcmp(bytes, "PK\x05\x06", 4) == 0)) {
        *out = DETECTED_PACKAGE;
        return true;
    }
    if (starts_as_ole(start) || starts_as_biff(start)) {
        *out = DETECTED_XLS;
        return true;
    }
    for (size_t i = 0; i < COUNT_OF(signatures); i++)
        if (got >= signatures[i].length && memcmp(bytes, signatures[i].bytes, signatures[i].length) == 0)
            return fail(err, signatures[i].code);
    if (bytes[0] == '<' && memmem(bytes, got, "opendocument:xmlns:office", 25)) {
        *out = DETECTED_FLAT_ODS;
        return true;
    }
    if (looks_like_markup(start, &code))
        return fail(err, code);
    if (looks_binary(start))
        return fail(err, ERR_SHEET_IS_UNKNOWN);
    *out = DETECTED_TEXT;
    return true;
}

// OpenDocument 1.3 part 2, 3.4: the list of parts tells which of them are encrypted, and by what.
static bool check_encryption(struct package *package, struct err *err)
{
    SCOPED(scan)
    scan = NULL;
    bool good = true;
    if (!package_has(package, TEXT_OF(MANIFEST)))
        return true;
    if (!scan_open(&scan, package, TEXT_OF(MANIFEST), err))
        return false;
    while (scan_next_in(scan, &good, err))
        if (scan_is(scan, "encryption-data"))
            return fail(err, ERR_SHEET_ENCRYPTED);
    return good;
}

bool detect_package(enum detected *out, struct package *package, struct err *err)
{
    static const struct {
        const char *part;
        enum err_code code;
    } others[] = {{"xl/workbook.bin", ERR_SHEET_IS_XLSB},
                  {"word/document.xml", ERR_SHEET_IS_DOCUMENT},
                  {"ppt/presentation.xml", ERR_SHEET_IS_DOCUMENT},
                  {"Index/Document.iwa", ERR_SHEET_IS_UNKNOWN}};
    *out = DETECTED_XLSX;
    if (package_has(package, TEXT_OF("xl/workbook.xml")))
        return true;
    for (size_t i = 0; i < COUNT_OF(others); i++)
        if (package_has(package, text_from(others[i].part)))
            return fail(err, others[i].code);
    if (package_has(package, TEXT_OF("[Content_Types].xml")) || package_has(package, TEXT_OF("_rels/.rels")))
        return true;
    *out = DETECTED_ODS;
    if (!check_encryption(package, err))
        return false;
    return package_has(package, TEXT_OF("content.xml")) || fail(err, ERR_SHEET_IS_UNKNOWN);
}
