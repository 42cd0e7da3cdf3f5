// See detect.h. Runs in the worker.
#include "lib/sheet/detect.h"
#include "lib/encoding/encoding.h"
#include "lib/sheet/bytes.h"
#include "lib/sheet/scan.h"

#include <errno.h>
#include <unistd.h>

#define MANIFEST "META-INF/manifest.xml"
#define IWORK "a document of Apple Numbers, Pages or Keynote"

enum { MIMETYPE_BYTES = 200 };

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

// What else the file is, said with its article as the messages want it, and which message says it.
struct kind {
    enum err_code code; // ERR_NONE: it is read
    const char *what;
};

static bool fail_kind(struct kind kind, struct err *err)
{
    return fail(err, kind.code, kind.what);
}

bool detect_ole(const struct ole *ole, struct err *err)
{
    static const struct {
        const char *stream;
        struct kind kind;
    } kinds[] = {
        {"EncryptedPackage", {ERR_SHEET_ENCRYPTED, NULL}},
        {"Workbook", {ERR_NONE, NULL}},
        {"Book", {ERR_NONE, NULL}},
        {"WordDocument", {ERR_SHEET_IS_OTHER, "a Word document (.doc)"}},
        {"PowerPoint Document", {ERR_SHEET_IS_OTHER, "a PowerPoint presentation (.ppt)"}},
        {"VisioDocument", {ERR_SHEET_IS_OTHER, "a Visio drawing (.vsd)"}},
        {"__properties_version1.0", {ERR_SHEET_IS_OTHER, "an Outlook message (.msg)"}},
        {"WksSSWorkBook", {ERR_SHEET_NOT_READ, "a spreadsheet of Microsoft Works"}},
    };
    for (size_t i = 0; i < COUNT_OF(kinds); i++)
        if (ole_has(ole, kinds[i].stream))
            return !kinds[i].kind.code || fail_kind(kinds[i].kind, err);
    return fail(err, ERR_SHEET_IS_UNKNOWN);
}

/* ---- bytes that tell at once ---------------------------------------------------------------------------------------------- */

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

static const struct signature {
    size_t at, length;
    const char *bytes;
    struct kind kind;
} signatures[] = {
    {0, 5, "%PDF-", {ERR_SHEET_IS_OTHER, "a PDF document"}},
    {0, 5, "{\\rtf", {ERR_SHEET_IS_OTHER, "a text document (.rtf)"}},
    {0, 4, "\x89PNG", {ERR_SHEET_IS_OTHER, "a picture"}},
    {0, 3, "\xFF\xD8\xFF", {ERR_SHEET_IS_OTHER, "a picture"}},
    {0, 4, "GIF8", {ERR_SHEET_IS_OTHER, "a picture"}},
    {0, 4, "II*\0", {ERR_SHEET_IS_OTHER, "a picture"}},
    {0, 4, "MM\0*", {ERR_SHEET_IS_OTHER, "a picture"}},
    {8, 4, "WEBP", {ERR_SHEET_IS_OTHER, "a picture"}},
    {4, 8, "ftypheic", {ERR_SHEET_IS_OTHER, "a picture"}},
    {4, 15, "Standard Jet DB", {ERR_SHEET_IS_OTHER, "an Access database"}},
    {4, 15, "Standard ACE DB", {ERR_SHEET_IS_OTHER, "an Access database"}},
    {0, 15, "SQLite format 3", {ERR_SHEET_IS_OTHER, "a database of SQLite"}},
    {0, 4, "PAR1", {ERR_SHEET_IS_OTHER, "a table of Parquet"}},
    {0, 4, "\x7F\x45LF", {ERR_SHEET_IS_OTHER, "a program"}},
    {0, 4, "MZ\x90\0", {ERR_SHEET_IS_OTHER, "a program"}},
    {0, 2, "\x1F\x8B", {ERR_SHEET_IS_ARCHIVE, "packed by gzip (.gz)"}},
    {0, 3, "BZh", {ERR_SHEET_IS_ARCHIVE, "packed by bzip2 (.bz2)"}},
    {0, 5, "\xFD\x37zXZ", {ERR_SHEET_IS_ARCHIVE, "packed by xz (.xz)"}},
    {0, 4, "7z\xBC\xAF", {ERR_SHEET_IS_ARCHIVE, "packed by 7-Zip (.7z)"}},
    {0, 4, "Rar!", {ERR_SHEET_IS_ARCHIVE, "packed by RAR (.rar)"}},
    {257, 5, "ustar", {ERR_SHEET_IS_ARCHIVE, "packed by tar (.tar)"}},
    {0, 6, "\0\0\2\0\6\4", {ERR_SHEET_NOT_READ, "a spreadsheet of Lotus 1-2-3 (.wk1)"}},
    {0, 6, "\0\0\2\0\4\4", {ERR_SHEET_NOT_READ, "a spreadsheet of Lotus 1-2-3 (.wk1)"}},
    {0, 5, "\0\0\x1A\0\0", {ERR_SHEET_NOT_READ, "a spreadsheet of Lotus 1-2-3 (.wk3)"}},
    {0, 4, "\0\0\2\0", {ERR_SHEET_NOT_READ, "a spreadsheet of Quattro Pro"}},
    {0, 9, "TABLE\r\n0,", {ERR_SHEET_NOT_READ, "a table in DIF (.dif)"}},
    {0, 8, "TABLE\n0,", {ERR_SHEET_NOT_READ, "a table in DIF (.dif)"}},
    {0, 13, "MIME-Version:", {ERR_SHEET_NOT_READ, "a web page with all its parts (.mht)"}},
};

// dBase: a version, a day of the last change, and a head of whole entries of 32 bytes and an end mark.
static bool starts_as_dbase(struct text start)
{
    static const char versions[] = "\x03\x04\x30\x31\x43\x83\x8B\xCB\xF5";
    const unsigned char *head = (const unsigned char *)start.data;
    return start.length > 68 && start.data[0] && strchr(versions, start.data[0]) && head[2] >= 1 &&
           head[2] <= 12 && head[3] >= 1 && head[3] <= 31 && head[30] == 0 && head[31] == 0 &&
           (bytes_u16(head + 8) % 32 == 1 || bytes_u16(head + 8) % 32 == 8) && bytes_u16(head + 8) > 64;
}

// SYLK. A table whose first heading is "ID" begins alike, so a line of its cells must follow.
static bool starts_as_sylk(struct text start)
{
    static const char *const lines[] = {"\nC;X", "\nC;Y", "\nB;X", "\nB;Y", "\nP;P"};
    for (size_t i = 0; i < COUNT_OF(lines) && text_starts(start, "ID;"); i++)
        if (memmem(start.data, start.length, lines[i], 4))
            return true;
    return false;
}

static bool is_zeros(struct text start)
{
    return start.data[0] == 0 && memcmp(start.data, start.data + 1, start.length - 1) == 0;
}

static bool detect_bytes(struct text start, struct err *err)
{
    if (is_zeros(start))
        return fail(err, ERR_SHEET_IS_ZEROS);
    if (starts_as_dbase(start))
        return fail(err, ERR_SHEET_NOT_READ, "a table of dBase (.dbf)");
    if (starts_as_sylk(start))
        return fail(err, ERR_SHEET_NOT_READ, "a table in SYLK (.slk)");
    for (size_t i = 0; i < COUNT_OF(signatures); i++) {
        const struct signature *s = &signatures[i];
        if (start.length >= s->at + s->length && memcmp(start.data + s->at, s->bytes, s->length) == 0)
            return fail_kind(s->kind, err);
    }
    return true;
}

/* ---- texts that are no tables ---------------------------------------------------------------------------------------------- */

static bool holds(struct text text, const char *word)
{
    return memmem(text.data, text.length, word, strlen(word)) != NULL;
}

static bool holds_tag(struct text text, const char *name)
{
    const size_t length = strlen(name);
    for (size_t i = 0; i + length < text.length; i++)
        if (text.data[i] == '<' && strncasecmp(text.data + i + 1, name, length) == 0)
            return true;
    return false;
}

static bool is_html(struct text start)
{
    static const char *const tags[] = {"!doctype html", "html",  "head", "body", "table", "tr",
                                       "meta http",     "style", "div",  "title"};
    for (size_t i = 0; i < COUNT_OF(tags); i++)
        if (holds_tag(start, tags[i]))
            return true;
    return false;
}

// Names of columns may begin with "{" or "[", but hardly go on like this.
static bool is_json(struct text start)
{
    const char first = start.data[0];
    if (first != '{' && first != '[')
        return false;
    start = text_trim(text_of(start.data + 1, start.length - 1));
    if (first == '[' && text_starts(start, "{"))
        start = text_trim(text_of(start.data + 1, start.length - 1));
    return text_starts(start, "\"") && (holds(start, "\":") || holds(start, "\" :"));
}

// `start` is trimmed and not empty.
static bool detect_words(enum detected *out, struct text start, struct err *err)
{
    *out = DETECTED_TEXT;
    if (is_json(start))
        return holds(start, "docs.google.com")
                   ? fail(err, ERR_SHEET_NOT_READ,
                          "a link to Google Sheets (.gsheet), without the table itself")
                   : fail(err, ERR_SHEET_IS_DATA, "a JSON file", "json");
    if (start.data[0] != '<')
        return true;
    if (holds(start, "opendocument:xmlns:office")) {
        *out = DETECTED_FLAT_ODS;
        return true;
    }
    if (holds(start, "schemas-microsoft-com:office:spreadsheet"))
        return fail(err, ERR_SHEET_NOT_READ, "an XML workbook of Excel 2003");
    if (is_html(start))
        return fail(err, ERR_SHEET_IS_DATA, "a web page (HTML)", "html");
    return !text_starts(start, "<?xml") || fail(err, ERR_SHEET_IS_DATA, "an XML file", "xml");
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

// Browsers and programs write web pages in UTF-16 too.
static bool detect_text(enum detected *out, struct text start, struct err *err)
{
    const struct encoding *encoding = encoding_guess(start);
    SCOPED_BUF(decoded, DETECT_BYTES * 3);
    if (!encoding_is_utf8(encoding) && strncmp(encoding_name(encoding), "utf-16", 6) == 0 &&
        encoding_to_utf8(&decoded, encoding, start, ENCODING_LOSSY, err))
        start = buf_text(&decoded);
    if (text_starts(start, "\xEF\xBB\xBF"))
        start = text_of(start.data + 3, start.length - 3);
    start = text_trim(start);
    *out = DETECTED_TEXT;
    return !start.length || detect_words(out, start, err);
}

bool detect_file(enum detected *out, int descriptor, struct err *err)
{
    char bytes[DETECT_BYTES];
    size_t got;
    if (!read_at(descriptor, bytes, sizeof bytes, 0, &got, err))
        return false;
    const struct text start = text_of(bytes, got);
    if (!got)
        return fail(err, ERR_SHEET_EMPTY_FILE);
    if (text_starts(start, "PK\x03\x04") || text_starts(start, "PK\x05\x06")) {
        *out = DETECTED_PACKAGE;
        return true;
    }
    if (starts_as_ole(start) || starts_as_biff(start)) {
        *out = DETECTED_XLS;
        return true;
    }
    if (!detect_bytes(start, err) || !detect_text(out, start, err))
        return false;
    return *out != DETECTED_TEXT || !looks_binary(start) || fail(err, ERR_SHEET_IS_UNKNOWN);
}

/* ---- zip files --------------------------------------------------------------------------------------------------------------- */

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

// OpenDocument 1.3 part 2, 3.3: the first part says in one line what the file is. Those of OpenOffice 1 say it too.
static bool check_mimetype(struct package *package, struct err *err)
{
    static const struct {
        const char *part;
        struct kind kind;
    } types[] = {{"vnd.sun.xml.calc", {ERR_SHEET_NOT_READ, "a spreadsheet of OpenOffice 1 (.sxc)"}},
                 {"vnd.sun.xml", {ERR_SHEET_IS_OTHER, "a document of OpenOffice 1"}},
                 {"opendocument.spreadsheet", {ERR_NONE, NULL}},
                 {"opendocument.text", {ERR_SHEET_IS_OTHER, "an OpenDocument text (.odt)"}},
                 {"opendocument.presentation", {ERR_SHEET_IS_OTHER, "an OpenDocument presentation (.odp)"}},
                 {"opendocument.database", {ERR_SHEET_IS_OTHER, "an OpenDocument database (.odb)"}},
                 {"opendocument.", {ERR_SHEET_IS_OTHER, "an OpenDocument file that is no spreadsheet"}},
                 {"epub", {ERR_SHEET_IS_OTHER, "a book (.epub)"}}};
    char bytes[MIMETYPE_BYTES];
    size_t got;
    SCOPED(part)
    part = NULL;
    if (!package_has(package, TEXT_OF("mimetype")))
        return true;
    if (!part_open(&part, package, TEXT_OF("mimetype"), err) ||
        !part_read(part, bytes, sizeof bytes, &got, err))
        return false;
    for (size_t i = 0; i < COUNT_OF(types); i++)
        if (holds(text_of(bytes, got), types[i].part))
            return !types[i].kind.code || fail_kind(types[i].kind, err);
    return true;
}

bool detect_package(enum detected *out, struct package *package, struct err *err)
{
    static const struct {
        const char *part;
        struct kind kind;
    } others[] = {{"xl/workbook.bin", {ERR_SHEET_NOT_READ, "a binary Excel workbook (.xlsb)"}},
                  {"word/document.xml", {ERR_SHEET_IS_OTHER, "a Word document (.docx)"}},
                  {"ppt/presentation.xml", {ERR_SHEET_IS_OTHER, "a PowerPoint presentation (.pptx)"}},
                  {"visio/document.xml", {ERR_SHEET_IS_OTHER, "a Visio drawing (.vsdx)"}},
                  {"Index/Document.iwa", {ERR_SHEET_NOT_READ, IWORK}},
                  {"Index.zip", {ERR_SHEET_NOT_READ, IWORK}},
                  {"index.apxl", {ERR_SHEET_NOT_READ, IWORK}}};
    *out = DETECTED_XLSX;
    if (package_has(package, TEXT_OF("xl/workbook.xml")))
        return true;
    for (size_t i = 0; i < COUNT_OF(others); i++)
        if (package_has(package, text_from(others[i].part)))
            return fail_kind(others[i].kind, err);
    if (package_has(package, TEXT_OF("[Content_Types].xml")) || package_has(package, TEXT_OF("_rels/.rels")))
        return true;
    *out = DETECTED_ODS;
    if (!check_mimetype(package, err) || !check_encryption(package, err))
        return false;
    return package_has(package, TEXT_OF("content.xml")) ||
           fail(err, ERR_SHEET_IS_ARCHIVE, "packed by zip (.zip)");
}
