// lib/xml: documents, XPath, schemas, building
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// cmocka needs the four above
#include <cmocka.h>

#include "lib/base/file.h"
#include "lib/xml/build.h"
#include "lib/xml/schema.h"
#include "lib/xml/xpath.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#define FINANCE RENKI_SHARED_DATA "/finance"

static struct xml_document *parse(const char *text)
{
    struct xml_document *document = NULL;
    struct err err;
    assert_true(xml_parse(&document, text_from(text), NULL, &err));
    return document;
}

static void assert_refused(struct text text, enum err_code code)
{
    struct xml_document *document = NULL;
    struct err err;
    assert_false(xml_parse(&document, text, NULL, &err));
    assert_string_equal(err_name(err.code), err_name(code));
}

static void assert_value(const struct xml_document *document, const char *expression, const char *expected)
{
    SCOPED(xpath_answer)
    answer = NULL;
    SCOPED_BUF(text, 10000);
    struct err err;
    const struct xpath_question question = {.expression = expression};
    assert_true(xpath_ask(&answer, document, NULL, &question, &err));
    assert_true(xml_text(&text, xpath_node(answer, 0), &err));
    assert_string_equal(buf_string(&text), expected);
}

static void the_fault_in_a_document_is_told_by_line_and_column(void **state)
{
    (void)state;
    struct xml_document *document = NULL;
    struct err err;
    assert_false(xml_parse(&document, TEXT_OF("<a>\n <b>\n</a>"), NULL, &err));
    assert_int_equal(err.code, ERR_XML_MALFORMED);
    assert_string_equal(err.arguments[0], "3");
    assert_non_null(strstr(err.arguments[2], "mismatch"));
}

static void what_is_no_document_is_refused(void **state)
{
    (void)state;
    assert_refused(TEXT_OF(""), ERR_XML_MALFORMED);
    assert_refused(TEXT_OF("plain"), ERR_XML_MALFORMED);
    assert_refused(TEXT_OF("<a/><b/>"), ERR_XML_MALFORMED);
    assert_refused(TEXT_OF("<a>&nbsp;</a>"), ERR_XML_MALFORMED);
    assert_refused(TEXT_OF("<a>\xFF</a>"), ERR_ENCODING_BYTES);
    assert_refused(TEXT_OF("<?xml version='1.0' encoding='klingon'?><a/>"), ERR_XML_ENCODING);
}

static void a_doctype_is_refused_before_its_entities_are_read(void **state)
{
    (void)state;
    assert_refused(TEXT_OF("<!DOCTYPE a><a/>"), ERR_XML_DOCTYPE);
    assert_refused(TEXT_OF("<!DOCTYPE a SYSTEM 'file:///etc/passwd'><a/>"), ERR_XML_DOCTYPE);
    assert_refused(TEXT_OF("<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><a>&x;</a>"),
                   ERR_XML_DOCTYPE);
    assert_refused(TEXT_OF("<!DOCTYPE a [<!ENTITY x 'xx'><!ENTITY y '&x;&x;'>]><a>&y;</a>"), ERR_XML_DOCTYPE);
}

static void a_doctype_that_declares_nothing_can_be_passed_over(void **state)
{
    (void)state;
    static const struct xml_options ignoring = {.ignore_doctype = true};
    static const char *const harmful[] = {
        "<!DOCTYPE a [<!ENTITY x 'y'>]><a/>",          "<!DOCTYPE a [<!ENTITY % x 'y'>%x;]><a/>",
        "<!DOCTYPE a [<!ATTLIST a k (u|v) 'u'>]><a/>", "<!DOCTYPE a SYSTEM 'a.dtd'><a>&x;</a>",
        "<!DOCTYPE a SYSTEM 'a.dtd'><a k='&x;'/>",     "<!DOCTYPE a SYSTEM 'a.dtd' [%x;]><a/>",
    };
    struct err err;
    SCOPED(xml_document)
    document = NULL;
    assert_true(
        xml_parse(&document, TEXT_OF("<!DOCTYPE a SYSTEM 'a.dtd'><a>&lt;&#65;</a>"), &ignoring, &err));
    assert_value(document, "/a", "<A");
    for (size_t i = 0; i < COUNT_OF(harmful); i++) {
        SCOPED(xml_document)
        none = NULL;
        assert_false(xml_parse(&none, text_from(harmful[i]), &ignoring, &err));
        assert_string_equal(err_name(err.code), "XML_DOCTYPE");
    }
}

static void depth_beyond_the_limit_is_refused(void **state)
{
    (void)state;
    SCOPED_BUF(deep, 1 << 20);
    for (int i = 0; i < 5000; i++)
        assert_true(buf_append_string(&deep, "<a>"));
    assert_refused(buf_text(&deep), ERR_XML_MALFORMED);
}

static void every_declared_encoding_gives_the_same_text(void **state)
{
    (void)state;
    static const struct text documents[] = {
        TEXT_OF("<a>\xC3\xA4\xE2\x82\xAC</a>"),
        TEXT_OF("\xEF\xBB\xBF<a>\xC3\xA4\xE2\x82\xAC</a>"),
        TEXT_OF("<?xml version=\"1.0\" encoding=\"ISO-8859-15\"?><a>\xE4\xA4</a>"),
        TEXT_OF("<?xml version='1.0' encoding = 'windows-1252' ?><a>\xE4\x80</a>"),
        TEXT_OF("<?xml version='1.0' encoding='ISO-8859-1'?><a>\xE4&#8364;</a>"),
        TEXT_OF("\xFF\xFE<\0a\0>\0\xE4\0\xAC\x20<\0/\0a\0>\0"),
        TEXT_OF("\xFE\xFF\0<\0a\0>\0\xE4\x20\xAC\0<\0/\0a\0>"),
        TEXT_OF("<\0?\0x\0m\0l\0 \0v\0e\0r\0s\0i\0o\0n\0=\0'\0"
                "1\0.\0"
                "0\0'\0?\0>\0<\0a\0>\0\xE4\0\xAC\x20<\0/\0a\0>\0"),
    };
    for (size_t i = 0; i < COUNT_OF(documents); i++) {
        SCOPED(xml_document)
        document = NULL;
        struct err err;
        assert_true(xml_parse(&document, documents[i], NULL, &err));
        assert_value(document, "/a", "ä€");
    }
}

static void the_charset_of_the_answer_wins_over_the_declaration(void **state)
{
    (void)state;
    SCOPED(xml_document)
    document = NULL;
    struct err err;
    const struct xml_options options = {.charset = "windows-1252"};
    const struct text bytes = TEXT_OF("<?xml version='1.0' encoding='UTF-8'?><a>\x80</a>");
    assert_true(xml_parse(&document, bytes, &options, &err));
    assert_value(document, "/a", "€");
}

static void nodes_are_walked_and_know_their_place(void **state)
{
    (void)state;
    SCOPED(xml_document)
    document =
        parse("<a xmlns='urn:x' xmlns:p='urn:y'>one\n <b p:k='v' k=''>t<!--c--><c>w</c></b>\n <p:d/></a>");
    const struct xml_node *root = xml_root(document), *b = xml_first_child(root);
    const struct xml_node *d = xml_next_sibling(b);
    assert_string_equal(xml_name(b), "b");
    assert_string_equal(xml_namespace(b), "urn:x");
    assert_null(xml_prefix(b));
    assert_int_equal(xml_line(b), 2);
    assert_string_equal(xml_attribute(b, "k", NULL), "");
    assert_string_equal(xml_attribute(b, "k", "urn:y"), "v");
    assert_null(xml_attribute(b, "none", NULL));
    assert_string_equal(xml_name(d), "d");
    assert_string_equal(xml_prefix(d), "p");
    assert_null(xml_next_sibling(d));
    assert_ptr_equal(xml_parent(d), root);
    assert_null(xml_parent(root));
    assert_ptr_equal(xml_child(root, "d"), d);
    SCOPED_BUF(text, 100);
    struct err err;
    assert_true(xml_text(&text, b, &err));
    assert_string_equal(buf_string(&text), "tw");
}

static void text_beyond_the_buffer_is_refused(void **state)
{
    (void)state;
    SCOPED(xml_document)
    document = parse("<a>0123456789</a>");
    SCOPED_BUF(text, 5);
    struct err err;
    assert_false(xml_text(&text, xml_root(document), &err));
    assert_int_equal(err.code, ERR_LIMIT_PASSED);
}

static void xpath_finds_nodes_by_prefix_in_document_order(void **state)
{
    (void)state;
    SCOPED(xml_document)
    document = parse("<a xmlns='urn:x'><b>1</b><c><b>2</b></c><b>3</b></a>");
    const struct xpath_namespace spaces[] = {{"s", "urn:x"}};
    const struct xpath_question question = {"//s:c/s:b | /s:a/s:b", spaces, 1};
    SCOPED(xpath_answer)
    answer = NULL;
    struct err err;
    assert_true(xpath_ask(&answer, document, NULL, &question, &err));
    assert_int_equal(xpath_count(answer), 3);
    SCOPED_BUF(text, 100);
    for (size_t i = 0; i < 3; i++)
        assert_true(xml_text(&text, xpath_node(answer, i), &err));
    assert_string_equal(buf_string(&text), "123");
}

static void xpath_counts_compares_and_cuts(void **state)
{
    (void)state;
    SCOPED(xml_document)
    document = parse("<a><b n='1'/><b n='2'/></a>");
    struct err err;
    SCOPED(xpath_answer)
    number = NULL;
    assert_true(xpath_ask(&number, document, NULL, &(struct xpath_question){"count(//b)"}, &err));
    assert_int_equal(xpath_kind(number), XPATH_IS_NUMBER);
    assert_true(xpath_number(number) > 1.5 && xpath_number(number) < 2.5);
    SCOPED(xpath_answer)
    text = NULL;
    assert_true(xpath_ask(&text, document, NULL, &(struct xpath_question){"string(//b[2]/@n)"}, &err));
    assert_string_equal(xpath_text(text), "2");
    SCOPED(xpath_answer)
    boolean = NULL;
    assert_true(xpath_ask(&boolean, document, NULL, &(struct xpath_question){"//b/@n = '2'"}, &err));
    assert_int_equal(xpath_kind(boolean), XPATH_IS_BOOLEAN);
    assert_true(xpath_boolean(boolean));
}

static void wrong_questions_are_told_apart(void **state)
{
    (void)state;
    static const struct {
        const char *expression;
        enum err_code code;
    } cases[] = {
        {"//b[", ERR_XPATH_WRONG},          {"", ERR_XPATH_WRONG},
        {"sums(//b)", ERR_XPATH_WRONG},     {"//q:b", ERR_XPATH_PREFIX},
        {"document('x')", ERR_XPATH_WRONG}, {"$x", ERR_XPATH_WRONG},
    };
    SCOPED(xml_document)
    document = parse("<a><b/></a>");
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        SCOPED(xpath_answer)
        answer = NULL;
        struct err err;
        assert_false(xpath_ask(&answer, document, NULL, &(struct xpath_question){cases[i].expression}, &err));
        assert_string_equal(err_name(err.code), err_name(cases[i].code));
    }
}

static void namespaces_can_be_ignored_and_their_nodes_are_none(void **state)
{
    (void)state;
    SCOPED(xml_document)
    document = NULL;
    struct err err;
    assert_true(xml_parse(&document, TEXT_OF("<p:a xmlns:p='urn:x'><p:b>1</p:b></p:a>"),
                          &(struct xml_options){.ignore_namespaces = true}, &err));
    assert_value(document, "/a/b", "1");
    SCOPED(xpath_answer)
    answer = NULL;
    assert_true(xpath_ask(&answer, document, NULL, &(struct xpath_question){"//namespace::*"}, &err));
    assert_int_equal(xpath_count(answer), 0);
}

static const char schema_text[] = "<xs:schema xmlns:xs='http://www.w3.org/2001/XMLSchema'>"
                                  "<xs:include schemaLocation='types/money.xsd'/>"
                                  "<xs:element name='sum' type='money'/></xs:schema>";
static const char money_text[] = "<xs:schema xmlns:xs='http://www.w3.org/2001/XMLSchema'>"
                                 "<xs:simpleType name='money'><xs:restriction base='xs:decimal'>"
                                 "<xs:pattern value='[0-9]{1,4}\\.[0-9]{2}'/></xs:restriction>"
                                 "</xs:simpleType></xs:schema>";

static void a_schema_includes_only_the_files_given_with_it(void **state)
{
    (void)state;
    SCOPED(schema)
    schema = NULL;
    struct err err;
    assert_false(schema_parse(&schema, text_from(schema_text), NULL, 0, &err));
    assert_int_equal(err.code, ERR_XSD_WRONG);
    const struct schema_file file = {"money.xsd", text_from(money_text)};
    assert_true(schema_parse(&schema, text_from(schema_text), &file, 1, &err));
    SCOPED(xml_document)
    good = parse("<sum>12.30</sum>");
    SCOPED(xml_document)
    bad = parse("<!-- -->\n<sum>12,30</sum>");
    SCOPED(schema_verdict)
    first = NULL;
    assert_true(schema_validate(&first, schema, good, &err));
    assert_int_equal(first->total, 0);
    SCOPED(schema_verdict)
    second = NULL;
    assert_true(schema_validate(&second, schema, bad, &err));
    assert_true(second->total > 0);
    assert_int_equal(second->faults[0].line, 2);
    assert_non_null(strstr(second->faults[0].reason, "12,30"));
}

static void a_schema_with_a_doctype_is_refused_wherever_it_stands(void **state)
{
    (void)state;
    SCOPED(schema)
    schema = NULL;
    struct err err;
    assert_false(schema_parse(&schema, TEXT_OF("<!DOCTYPE x><x/>"), NULL, 0, &err));
    assert_int_equal(err.code, ERR_XML_DOCTYPE);
    const struct schema_file file = {"money.xsd", TEXT_OF("<!DOCTYPE x><x/>")};
    assert_false(schema_parse(&schema, text_from(schema_text), &file, 1, &err));
    assert_int_equal(err.code, ERR_XML_DOCTYPE);
    assert_string_equal(err.where, "money.xsd");
    assert_false(schema_parse(&schema, TEXT_OF("<no-schema/>"), NULL, 0, &err));
    assert_int_equal(err.code, ERR_XSD_WRONG);
}

static void build_one(struct xml_builder *builder)
{
    struct err err;
    assert_true(xml_build_open(builder, TEXT_OF("p:Invoice"), &err));
    assert_true(xml_build_attribute(builder, TEXT_OF("xmlns"), TEXT_OF("urn:d"), &err));
    assert_true(xml_build_attribute(builder, TEXT_OF("xmlns:p"), TEXT_OF("urn:p"), &err));
    assert_true(xml_build_attribute(builder, TEXT_OF("currency"), TEXT_OF("\"€\"<&\n"), &err));
    assert_true(xml_build_open(builder, TEXT_OF("Name"), &err));
    assert_true(xml_build_text(builder, TEXT_OF("Mäkinen & Šik <€>"), &err));
    xml_build_close(builder);
}

static void what_is_built_is_written_in_utf8_or_with_references(void **state)
{
    (void)state;
    SCOPED(xml_builder)
    builder = xml_builder_new();
    build_one(builder);
    SCOPED(xml_document)
    document = NULL;
    struct err err;
    assert_true(xml_build_done(&document, builder, &err));
    SCOPED_BUF(utf8, 10000);
    assert_true(xml_write(&utf8, document, NULL, &err));
    assert_string_equal(
        buf_string(&utf8),
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
        "<p:Invoice xmlns=\"urn:d\" xmlns:p=\"urn:p\" currency=\"&quot;€&quot;&lt;&amp;&#10;\">"
        "<Name>Mäkinen &amp; Šik &lt;€&gt;</Name></p:Invoice>\n");
    SCOPED_BUF(bare, 10000);
    assert_true(xml_write(&bare, document, &(struct xml_write_options){.bare = true}, &err));
    assert_true(text_starts(buf_text(&bare), "<p:Invoice") && text_ends(buf_text(&bare), "</p:Invoice>"));
    SCOPED_BUF(latin, 10000);
    const struct xml_write_options options = {.encoding = "iso-8859-1", .indent = true};
    assert_true(xml_write(&latin, document, &options, &err));
    assert_string_equal(buf_string(&latin),
                        "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>\n"
                        "<p:Invoice xmlns=\"urn:d\" xmlns:p=\"urn:p\" "
                        "currency=\"&quot;&#8364;&quot;&lt;&amp;&#10;\">\n"
                        "  <Name>M\xE4kinen &amp; &#352;ik &lt;&#8364;&gt;</Name>\n</p:Invoice>\n");
    SCOPED(xml_document)
    again = NULL;
    assert_true(xml_parse(&again, buf_text(&latin), NULL, &err));
    const struct xpath_question question = {"//d:Name", (const struct xpath_namespace[]){{"d", "urn:d"}}, 1};
    SCOPED(xpath_answer)
    answer = NULL;
    assert_true(xpath_ask(&answer, again, NULL, &question, &err));
    assert_int_equal(xpath_count(answer), 1);
}

static void what_would_be_no_xml_cannot_be_built(void **state)
{
    (void)state;
    SCOPED(xml_builder)
    builder = xml_builder_new();
    SCOPED(xml_document)
    document = NULL;
    struct err err;
    assert_false(xml_build_open(builder, TEXT_OF("two words"), &err));
    assert_int_equal(err.code, ERR_XML_NAME);
    assert_false(xml_build_open(builder, TEXT_OF("a\0b"), &err));
    assert_true(xml_build_open(builder, TEXT_OF("a"), &err));
    assert_false(xml_build_text(builder, TEXT_OF("bell \a"), &err));
    assert_int_equal(err.code, ERR_XML_CHARACTER);
    assert_false(xml_build_text(builder, TEXT_OF("\xE4"), &err));
    assert_true(xml_build_attribute(builder, TEXT_OF("k"), TEXT_OF("1"), &err));
    assert_false(xml_build_attribute(builder, TEXT_OF("k"), TEXT_OF("2"), &err));
    xml_build_close(builder);
    assert_false(xml_build_open(builder, TEXT_OF("second"), &err));
    assert_int_equal(err.code, ERR_XML_NAME);
}

static void a_prefix_that_nobody_declares_is_named(void **state)
{
    (void)state;
    SCOPED(xml_builder)
    builder = xml_builder_new();
    SCOPED(xml_document)
    document = NULL;
    struct err err;
    assert_true(xml_build_open(builder, TEXT_OF("q:a"), &err));
    assert_false(xml_build_done(&document, builder, &err));
    assert_int_equal(err.code, ERR_XML_PREFIX);
    assert_string_equal(err.arguments[0], "q");
}

static bool read_whole(struct buf *out, const char *path)
{
    struct err err;
    return file_read(out, AT_FDCWD, path, &err);
}

static bool must_be_refused(const char *kind, const char *name)
{
    SCOPED_TEXT char *path = xasprintf(FINANCE "/facts/%s/%s.json", kind, name);
    SCOPED_BUF(facts, 1 << 20);
    if (strcmp(kind, "xsd-bad") == 0) // broken against their schema only
        return false;
    return read_whole(&facts, path) && strstr(buf_string(&facts), "\n \"error\":");
}

static void parse_file(const char *kind, const char *name)
{
    SCOPED_TEXT char *path = xasprintf(FINANCE "/docs/%s/%s", kind, name);
    SCOPED_BUF(bytes, XML_BYTES_MAX);
    SCOPED(xml_document)
    document = NULL;
    const struct xml_options options = {.ignore_doctype = true};
    struct err err;
    assert_true(read_whole(&bytes, path));
    const bool read = xml_parse(&document, buf_text(&bytes), &options, &err);
    if (read == must_be_refused(kind, name))
        print_error("%s: %s\n", path, read ? "was read" : err.arguments[2]);
    assert_true(read != must_be_refused(kind, name));
}

static unsigned parse_folder(const char *kind)
{
    SCOPED_TEXT char *folder = xasprintf(FINANCE "/docs/%s", kind);
    DIR *directory = opendir(folder);
    assert_non_null(directory);
    unsigned parsed = 0;
    for (const struct dirent *entry; (entry = readdir(directory));)
        if (text_ends(text_from(entry->d_name), ".xml")) {
            parse_file(kind, entry->d_name);
            parsed++;
        }
    closedir(directory);
    return parsed;
}

static void every_finance_document_is_read_or_rightly_refused(void **state)
{
    (void)state;
    static const char *const folders[] = {"finvoice", "ubl", "camt", "pain", "xsd-bad"};
    if (access(FINANCE, R_OK) != 0) {
        print_message("left out: no shared data\n");
        skip();
    }
    unsigned parsed = 0;
    for (size_t i = 0; i < COUNT_OF(folders); i++)
        parsed += parse_folder(folders[i]);
    print_message("%u documents read or rightly refused\n", parsed);
    assert_true(parsed >= 50);
}

static void schema_of(struct schema **out, const char *name)
{
    SCOPED_TEXT char *path = xasprintf(FINANCE "/xsd/%s", name);
    SCOPED_BUF(bytes, XML_BYTES_MAX);
    struct err err;
    assert_true(read_whole(&bytes, path));
    assert_true(schema_parse(out, buf_text(&bytes), NULL, 0, &err));
}

// "line 43: Element '{urn:…}Amt': '18,150' is not …" against our line and reason.
static void assert_first_fault(const struct schema_verdict *verdict, struct text expected)
{
    struct text line;
    int64_t number = 0;
    assert_true(text_cut(&expected, ':', &line));
    assert_true(text_to_int64(text_of(line.data + 5, line.length - 5), &number));
    assert_int_equal(verdict->faults[0].line, number);
    const char *value = memmem(expected.data, expected.length, "[facet", 6);
    const char *own = strstr(verdict->faults[0].reason, "[facet");
    assert_true(!value == !own);
    if (value) {
        const size_t length = expected.length - (size_t)(value - expected.data);
        assert_memory_equal(own, value, length);
    }
    assert_null(strchr(verdict->faults[0].reason, '{') && !own ? verdict->faults[0].reason : NULL);
}

static void verdict_of(struct text line)
{
    struct text file, xsd, verdict, first = TEXT_OF("");
    assert_true(text_cut(&line, '\t', &file) && text_cut(&line, '\t', &xsd) &&
                text_cut(&line, '\t', &verdict));
    first = line;
    SCOPED_TEXT char *name = text_copy(file);
    SCOPED_TEXT char *path = xasprintf(FINANCE "/docs/%s", name);
    SCOPED_TEXT char *schema_name = text_copy(xsd);
    SCOPED_BUF(bytes, XML_BYTES_MAX);
    SCOPED(xml_document)
    document = NULL;
    SCOPED(schema)
    schema = NULL;
    SCOPED(schema_verdict)
    result = NULL;
    struct err err;
    assert_true(read_whole(&bytes, path));
    assert_true(xml_parse(&document, buf_text(&bytes), NULL, &err));
    schema_of(&schema, schema_name);
    assert_true(schema_validate(&result, schema, document, &err));
    assert_string_equal(result->total ? "invalid" : "valid", text_is(verdict, "valid") ? "valid" : "invalid");
    if (result->total)
        assert_first_fault(result, first);
}

static void verdicts_are_those_of_xmllint(void **state)
{
    (void)state;
    SCOPED_BUF(table, 1 << 20);
    if (!read_whole(&table, FINANCE "/xsd-verdicts.tsv")) {
        print_message("left out: no shared data\n");
        skip();
    }
    struct text rest = buf_text(&table), line;
    unsigned count = 0;
    assert_true(text_cut(&rest, '\n', &line)); // the names of the columns
    while (text_cut(&rest, '\n', &line) && line.length) {
        verdict_of(line);
        count++;
    }
    print_message("%u verdicts\n", count);
    assert_true(count >= 20);
}

static void all_memory_is_counted_and_given_back(void **state)
{
    (void)state;
    const size_t before = memory_counted();
    SCOPED(xml_document)
    document = parse("<a><b>some text that is long enough to be kept apart</b></a>");
    assert_true(memory_counted() > before);
    xml_document_free(STEAL(document));
    assert_int_equal(memory_counted(), before);
}

int main(void)
{
    xml_start();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_fault_in_a_document_is_told_by_line_and_column),
        cmocka_unit_test(what_is_no_document_is_refused),
        cmocka_unit_test(a_doctype_is_refused_before_its_entities_are_read),
        cmocka_unit_test(a_doctype_that_declares_nothing_can_be_passed_over),
        cmocka_unit_test(depth_beyond_the_limit_is_refused),
        cmocka_unit_test(every_declared_encoding_gives_the_same_text),
        cmocka_unit_test(the_charset_of_the_answer_wins_over_the_declaration),
        cmocka_unit_test(nodes_are_walked_and_know_their_place),
        cmocka_unit_test(text_beyond_the_buffer_is_refused),
        cmocka_unit_test(xpath_finds_nodes_by_prefix_in_document_order),
        cmocka_unit_test(xpath_counts_compares_and_cuts),
        cmocka_unit_test(wrong_questions_are_told_apart),
        cmocka_unit_test(namespaces_can_be_ignored_and_their_nodes_are_none),
        cmocka_unit_test(a_schema_includes_only_the_files_given_with_it),
        cmocka_unit_test(a_schema_with_a_doctype_is_refused_wherever_it_stands),
        cmocka_unit_test(what_is_built_is_written_in_utf8_or_with_references),
        cmocka_unit_test(what_would_be_no_xml_cannot_be_built),
        cmocka_unit_test(a_prefix_that_nobody_declares_is_named),
        cmocka_unit_test(every_finance_document_is_read_or_rightly_refused),
        cmocka_unit_test(verdicts_are_those_of_xmllint),
        cmocka_unit_test(all_memory_is_counted_and_given_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
