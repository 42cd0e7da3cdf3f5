// lib/sheet/detect.c: a file is what its content says; what is not read is named, with what to do.
#include "support/unit.h"

#include "support/book.h"
#include "support/stored_package.h"

#define BYTES(literal)                                                                                       \
    {                                                                                                        \
        "" literal "", sizeof(literal) - 1                                                                   \
    }

struct case_of {
    struct text content;
    enum err_code code;
    const char *what; // the message names it so, in English
};

// The file is refused in these words, and says what to do.
static void assert_named(struct text content, enum err_code code, const char *what)
{
    struct err err = {0};
    SCOPED_BUF(out, 1 << 16);
    SCOPED_BUF(message, 4096);
    SCOPED_BUF(hint, 4096);
    assert_false(page_text(&out, file_of(content), 0, &err));
    assert_true(err_message(&message, &err, LANGUAGE_EN) && err_hint(&hint, &err, LANGUAGE_EN));
    if (err.code != code || (what && !strstr(buf_string(&message), what)))
        fail_msg("%s, not %s %s: %s", err_name(err.code), err_name(code), what ? what : "",
                 buf_string(&message));
    assert_true(hint.length > 0);
}

static void assert_all(const struct case_of *cases, size_t count)
{
    for (size_t i = 0; i < count; i++)
        assert_named(cases[i].content, cases[i].code, cases[i].what);
}

static void files_of_other_programs_are_named(void **state)
{
    (void)state;
    static const struct case_of cases[] = {
        {BYTES(""), ERR_SHEET_EMPTY_FILE, NULL},
        {BYTES("\0"), ERR_SHEET_IS_ZEROS, NULL},
        {BYTES("\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"), ERR_SHEET_IS_ZEROS, NULL},
        {BYTES("%PDF-1.7\n%\xE2\xE3"), ERR_SHEET_IS_OTHER, "PDF"},
        {BYTES("{\\rtf1 letter}"), ERR_SHEET_IS_OTHER, ".rtf"},
        {BYTES("\x89PNG\r\n\x1A\n\0\0\0"), ERR_SHEET_IS_OTHER, "picture"},
        {BYTES("\0\1\0\0Standard Jet DB\0"), ERR_SHEET_IS_OTHER, "Access"},
        {BYTES("\x1F\x8B\x08\0\0\0\0\0"), ERR_SHEET_IS_ARCHIVE, "gzip"},
        {BYTES("7z\xBC\xAF\x27\x1C\0\0"), ERR_SHEET_IS_ARCHIVE, "7-Zip"},
        {BYTES("\0\0\2\0\6\4\6\0\x08\0"), ERR_SHEET_NOT_READ, "Lotus"},
        {BYTES("TABLE\r\n0,1\r\n\"EXCEL\"\r\n"), ERR_SHEET_NOT_READ, "DIF"},
        {BYTES("ID;PWXL;N;E\r\nP;PGeneral\r\nC;Y1;X1;K1\r\nE\r\n"), ERR_SHEET_NOT_READ, "SYLK"},
        {BYTES("MIME-Version: 1.0\r\nX-Document-Type: Workbook\r\n"), ERR_SHEET_NOT_READ, ".mht"},
        {BYTES("{\"url\": \"https://docs.google.com/open?id=1\", \"doc_id\": \"1\"}"), ERR_SHEET_NOT_READ,
         "Google"},
        {BYTES("[{\"id\": 1}]"), ERR_SHEET_IS_DATA, "JSON"},
        {BYTES("\x7F\1\2\3\4\5\6\7\1\2\3\4\5\6"), ERR_SHEET_IS_UNKNOWN, NULL},
    };
    assert_all(cases, COUNT_OF(cases));
}

static void pages_of_the_web_under_other_names_are_named(void **state)
{
    (void)state;
    static const struct case_of cases[] = {
        {BYTES("<html><table><tr><td>1</td></tr></table></html>"), ERR_SHEET_IS_DATA, "HTML"},
        {BYTES("\xEF\xBB\xBF\r\n  <!-- made by a program -->\n<TABLE border=1><TR>"), ERR_SHEET_IS_DATA,
         "HTML"},
        {BYTES("<?xml version=\"1.0\"?><!DOCTYPE html PUBLIC \"-\"><html/>"), ERR_SHEET_IS_DATA, "HTML"},
        {BYTES("\xFF\xFE<\0h\0t\0m\0l\0>\0<\0b\0o\0d\0y\0>\0x\0x\0x\0"), ERR_SHEET_IS_DATA, "HTML"},
        {BYTES("<?xml version='1.0'?><Workbook xmlns='urn:schemas-microsoft-com:office:spreadsheet'/>"),
         ERR_SHEET_NOT_READ, "2003"},
        {BYTES("<?xml version='1.0'?><invoices/>"), ERR_SHEET_IS_DATA, "XML"},
    };
    assert_all(cases, COUNT_OF(cases));
}

static void tables_that_begin_like_something_else_are_read(void **state)
{
    (void)state;
    static const struct text cases[] = {
        BYTES("ID;Price;Count\n1;2;3\n"), BYTES("<5;10\n<6;12\n"),   BYTES("[a];{b}\n1;2\n"),
        BYTES("BZ;PK;MZ\n1;2;3\n"),       BYTES("TABLE;ROW\n1;2\n"),
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct err err;
        SCOPED_BUF(out, 4096);
        assert_true(page_text(&out, file_of(cases[i]), 0, &err));
        assert_true(text_starts(buf_text(&out), "A1=s:"));
    }
}

static void zip_files_are_named_by_what_is_in_them(void **state)
{
    (void)state;
    static const struct {
        const char *part, *content;
        enum err_code code;
        const char *what;
    } cases[] = {
        {"xl/workbook.bin", "x", ERR_SHEET_NOT_READ, ".xlsb"},
        {"word/document.xml", "<w/>", ERR_SHEET_IS_OTHER, ".docx"},
        {"ppt/presentation.xml", "<p/>", ERR_SHEET_IS_OTHER, ".pptx"},
        {"Index/Document.iwa", "x", ERR_SHEET_NOT_READ, "Numbers"},
        {"mimetype", "application/vnd.sun.xml.calc", ERR_SHEET_NOT_READ, ".sxc"},
        {"mimetype", "application/vnd.oasis.opendocument.text", ERR_SHEET_IS_OTHER, ".odt"},
        {"META-INF/manifest.xml", "<m><f><encryption-data/></f></m>", ERR_SHEET_ENCRYPTED, NULL},
        {"invoices.csv", "a;b\n", ERR_SHEET_IS_ARCHIVE, ".zip"},
        {"content.xml", "<d><b><text/></b></d>", ERR_SHEET_IS_OTHER, "OpenDocument"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        SCOPED_BUF(file, 4096);
        const struct stored_part part = {cases[i].part, text_from(cases[i].content)};
        stored_package(&file, &part, 1);
        assert_named(buf_text(&file), cases[i].code, cases[i].what);
        file.length -= 30;
        assert_named(buf_text(&file), ERR_SHEET_BROKEN_ZIP, "damaged");
    }
}

static void what_a_file_is_is_said_in_the_readers_language(void **state)
{
    (void)state;
    struct err err = {0};
    SCOPED_BUF(out, 4096);
    assert_false(page_text(&out, file_of(TEXT_OF("%PDF-1.7\n")), 0, &err));
    assert_true(err_message(&out, &err, LANGUAGE_FI));
    assert_string_equal(buf_string(&out), "Tiedosto on PDF-asiakirja, ei laskentataulukko.");
    buf_clear(&out);
    assert_true(err_message(&out, &err, LANGUAGE_SV));
    assert_string_equal(buf_string(&out), "Filen är ett PDF-dokument, inget kalkylark.");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_of_other_programs_are_named),
        cmocka_unit_test(pages_of_the_web_under_other_names_are_named),
        cmocka_unit_test(tables_that_begin_like_something_else_are_read),
        cmocka_unit_test(zip_files_are_named_by_what_is_in_them),
        cmocka_unit_test(what_a_file_is_is_said_in_the_readers_language),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
