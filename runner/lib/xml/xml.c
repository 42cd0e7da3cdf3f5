// See xml.h. Documents are made UTF-8 first, so libxml2 never opens a converter: it could not in a sealed worker.
#include "lib/xml/xml.h"

#include "lib/xml/decode.h"
#include "lib/xml/internal.h"

#include <libxml/xmlschemastypes.h>
#include <libxml/xpath.h>
#include <libxml/xpathInternals.h>

static void quiet(void *data, const char *message, ...)
{
    (void)data;
    (void)message;
}

void xml_start(void)
{
    if (xmlMalloc == (xmlMallocFunc)xmalloc)
        return; // started already
    require(xmlMemSetup(xfree, xmalloc, xrealloc, xstrdup) == 0);
    xmlInitParser();
    xmlSchemaInitTypes();
    xmlSetExternalEntityLoader(xml_load);
    xmlSetGenericErrorFunc(NULL, quiet); // what libxml2 would print by itself
    decode_start();
}

struct xml_document *xml_document_new(xmlDoc *tree)
{
    struct xml_document *document = xcalloc(1, sizeof *document);
    document->tree = tree;
    document->encoding = "utf-8";
    return document;
}

void xml_document_free(struct xml_document *document)
{
    if (!document)
        return;
    xmlFreeDoc(document->tree);
    xfree(document);
}

const char *xml_reason(char out[XML_REASON_MAX], const char *message)
{
    const struct text text = text_trim(text_from(message ? message : "?"));
    const size_t length = text_utf8_floor(text, XML_REASON_MAX - 1);
    memcpy(out, text.data, length);
    out[length] = '\0';
    return out;
}

// What a parser's callbacks write down; the first fault counts, the later ones follow from it.
struct reading {
    bool ignore_doctype, ignored, doctype, failed;
    int line, column;
    char reason[XML_REASON_MAX];
};

static void refuse_doctype(void *data)
{
    xmlParserCtxt *parser = data;
    struct reading *reading = parser->_private;
    reading->doctype = true;
    xmlStopParser(parser);
}

static void on_doctype(void *data, const xmlChar *name, const xmlChar *public_id, const xmlChar *system_id)
{
    (void)name;
    (void)public_id;
    (void)system_id;
    const xmlParserCtxt *parser = data;
    struct reading *reading = parser->_private;
    reading->ignored = reading->ignore_doctype;
    if (!reading->ignored)
        refuse_doctype(data);
}

// Declarations inside an ignored DOCTYPE, and any entity that only they could have explained.
static void on_entity_declared(void *data, const xmlChar *name, int type, const xmlChar *public_id,
                               const xmlChar *system_id, xmlChar *content)
{
    (void)name;
    (void)type;
    (void)public_id;
    (void)system_id;
    (void)content;
    refuse_doctype(data);
}

static void on_attribute_declared(void *data, const xmlChar *element, const xmlChar *name, int type,
                                  int otherwise, const xmlChar *value, xmlEnumeration *tree)
{
    (void)element;
    (void)name;
    (void)type;
    (void)otherwise;
    (void)value;
    xmlFreeEnumeration(tree); // the callback owns it
    refuse_doctype(data);
}

static xmlEntity *on_entity(void *data, const xmlChar *name)
{
    (void)name;
    const xmlParserCtxt *parser = data;
    const struct reading *reading = parser->_private;
    if (reading->ignored) // without a DOCTYPE libxml2 itself says "not defined", with its line
        refuse_doctype(data);
    return NULL;
}

static void on_fault(void *data, xmlErrorPtr fault)
{
    const xmlParserCtxt *parser = data;
    struct reading *reading = parser->_private;
    if (reading->failed || fault->level < XML_ERR_ERROR)
        return;
    reading->failed = true;
    reading->line = fault->line;
    reading->column = fault->int2;
    xml_reason(reading->reason, fault->message);
}

static xmlDoc *read_tree(struct text utf8, struct reading *reading)
{
    xmlParserCtxt *parser = xmlNewParserCtxt();
    if (!parser)
        return NULL;
    parser->_private = reading;
    parser->sax->internalSubset = on_doctype;
    parser->sax->externalSubset = NULL;
    parser->sax->entityDecl = on_entity_declared;
    parser->sax->attributeDecl = on_attribute_declared;
    parser->sax->elementDecl = NULL;
    parser->sax->notationDecl = NULL;
    parser->sax->unparsedEntityDecl = NULL;
    parser->sax->getEntity = on_entity;
    parser->sax->getParameterEntity = on_entity;
    parser->sax->serror = on_fault;
    xmlDoc *tree = xmlCtxtReadMemory(parser, utf8.data, (int)utf8.length, NULL, "UTF-8",
                                     XML_PARSE_NONET | XML_PARSE_IGNORE_ENC | XML_PARSE_BIG_LINES |
                                         XML_PARSE_COMPACT | XML_PARSE_NOCDATA);
    xmlFreeParserCtxt(parser);
    return tree;
}

static void forget_namespaces(xmlNode *root)
{
    for (xmlNode *node = root; node; node = next_node(node, root)) {
        if (node->type != XML_ELEMENT_NODE)
            continue;
        node->ns = NULL;
        for (xmlAttr *attribute = node->properties; attribute; attribute = attribute->next)
            attribute->ns = NULL;
    }
}

// The value of encoding="…" in the XML declaration; empty: none is declared.
static struct text declared_encoding(struct text bytes)
{
    if (!text_starts(bytes, "<?xml"))
        return TEXT_OF("");
    const char *end = memchr(bytes.data, '>', bytes.length);
    const struct text declaration = text_of(bytes.data, end ? (size_t)(end - bytes.data) : bytes.length);
    const char *name = memmem(declaration.data, declaration.length, "encoding", 8);
    if (!name)
        return TEXT_OF("");
    struct text rest = text_of(name + 8, declaration.length - (size_t)(name + 8 - declaration.data));
    struct text value;
    rest = text_trim(rest);
    if (rest.length == 0 || rest.data[0] != '=')
        return TEXT_OF("");
    rest = text_trim(text_of(rest.data + 1, rest.length - 1));
    if (rest.length < 2 || (rest.data[0] != '"' && rest.data[0] != '\''))
        return TEXT_OF("");
    const char quote = rest.data[0];
    rest = text_of(rest.data + 1, rest.length - 1);
    return text_cut(&rest, quote, &value) ? value : TEXT_OF("");
}

// UTF-16 without a mark shows by the zero bytes around its first "<" (XML 1.0, appendix F.1).
static struct text unmarked_utf16(struct text bytes)
{
    if (bytes.length >= 4 && memcmp(bytes.data, "<\0?\0", 4) == 0)
        return TEXT_OF("utf-16le");
    if (bytes.length >= 4 && memcmp(bytes.data, "\0<\0?", 4) == 0)
        return TEXT_OF("utf-16be");
    return TEXT_OF("");
}

static bool find_charset(struct charset *out, struct text bytes, const char *outer, struct err *err)
{
    if (charset_from_mark(out, bytes))
        return true;
    struct text label = outer ? text_from(outer) : unmarked_utf16(bytes);
    if (label.length == 0)
        label = declared_encoding(bytes);
    if (label.length == 0)
        label = TEXT_OF("utf-8");
    if (charset_find(out, label))
        return true;
    SCOPED_TEXT char *name = text_copy(label);
    return fail(err, ERR_XML_ENCODING, name);
}

static bool refused(const struct reading *reading, struct err *err)
{
    if (reading->doctype)
        return fail(err, ERR_XML_DOCTYPE);
    return fail(err, ERR_XML_MALFORMED, N(reading->line ? reading->line : 1), N(reading->column),
                reading->failed ? reading->reason : "there is nothing in it");
}

static bool parse_utf8(struct xml_document **out, struct text utf8, const char *encoding,
                       const struct xml_options *options, struct err *err)
{
    struct reading reading = {.ignore_doctype = options && options->ignore_doctype};
    xmlDoc *tree = read_tree(utf8, &reading);
    if (!tree || reading.doctype || reading.failed) {
        xmlFreeDoc(tree);
        return refused(&reading, err);
    }
    if (options && options->ignore_namespaces)
        forget_namespaces(xmlDocGetRootElement(tree));
    xmlXPathOrderDocElems(tree); // XPath then sorts its answers in linear time
    *out = xml_document_new(tree);
    (*out)->encoding = encoding;
    return true;
}

bool xml_parse(struct xml_document **out, struct text bytes, const struct xml_options *options,
               struct err *err)
{
    struct charset charset;
    if (bytes.length > XML_BYTES_MAX)
        return fail(err, ERR_LIMIT_PASSED, "XML", N(XML_BYTES_MAX));
    if (!find_charset(&charset, bytes, options ? options->charset : NULL, err))
        return false;
    SCOPED_BUF(utf8, 2 * (size_t)XML_BYTES_MAX);
    if (!charset_decode(&utf8, &charset, bytes, false, err))
        return false;
    return parse_utf8(out, buf_text(&utf8), charset.name, options, err);
}
