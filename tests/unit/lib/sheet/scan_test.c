// lib/sheet/scan.c: XML that is not as workbooks should be.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// cmocka needs the four above
#include <cmocka.h>

#include "lib/sheet/scan.h"

// All text of a document, or its error.
static enum err_code texts(const char *xml, size_t length, struct buf *out)
{
    struct err err = {0};
    bool good = true;
    SCOPED(scan)
    scan = NULL;
    assert_true(scan_open_text(&scan, text_of(xml, length), &err));
    while (good && scan_next_in(scan, &good, &err))
        if (scan->kind == SCAN_TEXT)
            good = scan_append_text(scan, out, &err);
    return err.code;
}

static void text_is_decoded(void **state)
{
    (void)state;
    SCOPED_BUF(out, 1000);
    const char *xml = "<?xml version=\"1.0\"?><!-- x --><a b='>'>1&lt;2&#228;&#xE4;\r\n<![CDATA[&<]]></a>";
    assert_int_equal(texts(xml, strlen(xml), &out), ERR_NONE);
    assert_string_equal(buf_string(&out), "1<2ää\n&<");
}

static void what_is_no_xml_is_refused(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "",
        "<a>",
        "<a></a></a>",
        "<a b></a>",
        "<a b=1></a>",
        "<a>&nbsp;</a>",
        "<a>&#0;</a>",
        "<a/><b/>",
        "<a b='></a>",
        "<a><![CDATA[x</a>",
        "<a>&#xD800;</a>",
        "text",
        "< a/>",
    };
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        SCOPED_BUF(out, 1000);
        assert_int_equal(texts(wrong[i], strlen(wrong[i]), &out), ERR_SHEET_XML);
    }
}

static void a_document_type_is_refused(void **state)
{
    (void)state;
    SCOPED_BUF(out, 1000);
    const char *xml = "<!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>";
    assert_int_equal(texts(xml, strlen(xml), &out), ERR_SHEET_DOCTYPE);
}

static void depth_is_limited(void **state)
{
    (void)state;
    SCOPED_BUF(xml, 1000);
    SCOPED_BUF(out, 1000);
    for (int i = 0; i < SCAN_DEPTH_MAX + 1; i++)
        assert_true(buf_append_string(&xml, "<a>"));
    assert_int_equal(texts(xml.data, xml.length, &out), ERR_SHEET_XML);
}

// References and letters may lie across the pieces in which a long text comes.
static void a_long_text_comes_whole(void **state)
{
    (void)state;
    SCOPED_BUF(xml, 4 << 20);
    SCOPED_BUF(out, 4 << 20);
    assert_true(buf_append_string(&xml, "<a>"));
    for (int i = 0; i < 100000; i++)
        assert_true(buf_append_string(&xml, i % 3 ? "&#228;" : "ä\r\n"));
    assert_true(buf_append_string(&xml, "</a>"));
    assert_int_equal(texts(xml.data, xml.length, &out), ERR_NONE);
    assert_int_equal(out.length, 100000 * 2 + 33334);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_is_decoded),
        cmocka_unit_test(what_is_no_xml_is_refused),
        cmocka_unit_test(a_document_type_is_refused),
        cmocka_unit_test(depth_is_limited),
        cmocka_unit_test(a_long_text_comes_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
