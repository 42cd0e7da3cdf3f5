// What the files of this folder share: libxml2's types behind ours. In the worker.
//
// struct xml_node is libxml2's xmlNode under another name (an attribute is its xmlAttr, which begins alike); the casts
// stand here and nowhere else.
#ifndef RENKI_XML_INTERNAL_H
#define RENKI_XML_INTERNAL_H

#include "lib/xml/xml.h"

#include <libxml/parser.h>
#include <libxml/tree.h>

struct xml_document {
    xmlDoc *tree;
    const char *encoding; // what the bytes were read as: a constant
};

static inline xmlNode *raw(const struct xml_node *node)
{
    return (xmlNode *)(uintptr_t)node;
}
static inline const struct xml_node *cooked(const xmlNode *node)
{
    return (const struct xml_node *)(const void *)node;
}
static inline const xmlChar *to_xml(const char *s)
{
    return (const xmlChar *)s;
}
static inline const char *from_xml(const xmlChar *s)
{
    return (const char *)s;
}

// The node after `node` in the order of the document, inside `top`; NULL at its end. Without recursion, so depth costs
// no stack.
static inline xmlNode *next_node(xmlNode *node, const xmlNode *top)
{
    const bool inner = node->type == XML_ELEMENT_NODE || node->type == XML_DOCUMENT_NODE ||
                       node->type == XML_HTML_DOCUMENT_NODE;
    if (inner && node->children)
        return node->children;
    while (node != top && !node->next)
        node = node->parent;
    return node == top ? NULL : node->next;
}

struct xml_document *xml_document_new(xmlDoc *tree); // takes the tree

// libxml2's message without its line end, in the caller's buffer.
enum { XML_REASON_MAX = 400 };
const char *xml_reason(char out[XML_REASON_MAX], const char *message);

// What libxml2 calls for everything it would load by name (schema.c): refuses all but the files of a schema in hand.
xmlParserInput *xml_load(const char *url, const char *id, xmlParserCtxt *context);

#endif
