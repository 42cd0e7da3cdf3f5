// XML from anybody: what is read can be asked and written, and what was written reads back.
// links: xml
#include "lib/xml/build.h"
#include "lib/xml/schema.h"
#include "lib/xml/xpath.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void walk(const struct xml_node *node, unsigned depth)
{
    require(depth <= 256);
    for (; node; node = xml_next_sibling(node)) {
        for (const struct xml_node *at = xml_first_attribute(node); at; at = xml_next_attribute(at))
            require(text_is_utf8(text_from(xml_value(at))));
        require(text_is_utf8(text_from(xml_name(node))) && xml_line(node) >= 0);
        walk(xml_first_child(node), depth + 1);
    }
}

// The bytes up to the first line end are an XPath too.
static void ask(const struct xml_document *document, struct text bytes)
{
    struct text line;
    struct err err = {0};
    SCOPED(xpath_answer)
    answer = NULL;
    if (!text_cut(&bytes, '\n', &line) || line.length > 60)
        return;
    SCOPED_TEXT char *expression = text_copy(line);
    const struct xpath_question question = {.expression = expression};
    if (!xpath_ask(&answer, document, NULL, &question, &err))
        return;
    for (size_t i = 0; i < xpath_count(answer); i++)
        require(xml_name(xpath_node(answer, i)));
}

static void write_and_read(const struct xml_document *document)
{
    struct err err = {0};
    SCOPED_BUF(first, XML_BYTES_MAX);
    SCOPED_BUF(second, XML_BYTES_MAX);
    SCOPED(xml_document)
    again = NULL;
    require(xml_write(&first, document, NULL, &err));
    require(xml_parse(&again, buf_text(&first), NULL, &err));
    require(xml_write(&second, again, NULL, &err));
    require(text_equal(buf_text(&first), buf_text(&second)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct text bytes = text_of((const char *)data, size);
    const struct xml_options options = {.ignore_doctype = size % 2};
    struct err err = {0};
    SCOPED(xml_document)
    document = NULL;
    SCOPED(schema)
    schema = NULL;
    xml_start();
    if (!xml_parse(&document, bytes, &options, &err)) {
        SCOPED_BUF(message, 1 << 16);
        require(err_message(&message, &err, LANGUAGE_FI));
        return 0;
    }
    walk(xml_root(document), 1);
    ask(document, bytes);
    write_and_read(document);
    if (size < 4096)
        (void)!schema_parse(&schema, bytes, NULL, 0, &err);
    return 0;
}
