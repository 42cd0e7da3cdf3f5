// Walking a document; see xml.h.
#include "lib/xml/internal.h"

const struct xml_node *xml_root(const struct xml_document *document)
{
    return document ? cooked(xmlDocGetRootElement(document->tree)) : NULL;
}

bool xml_is_element(const struct xml_node *node)
{
    return node && raw(node)->type == XML_ELEMENT_NODE;
}

bool xml_is_attribute(const struct xml_node *node)
{
    return node && raw(node)->type == XML_ATTRIBUTE_NODE;
}

static bool is_named(const struct xml_node *node)
{
    return xml_is_element(node) || xml_is_attribute(node);
}

const char *xml_name(const struct xml_node *node)
{
    if (!node)
        return NULL;
    if (is_named(node) || raw(node)->type == XML_PI_NODE)
        return from_xml(raw(node)->name);
    if (raw(node)->type == XML_COMMENT_NODE)
        return "#comment";
    return raw(node)->type == XML_DOCUMENT_NODE || raw(node)->type == XML_HTML_DOCUMENT_NODE ? "#document"
                                                                                             : "#text";
}

const char *xml_prefix(const struct xml_node *node)
{
    return is_named(node) && raw(node)->ns ? from_xml(raw(node)->ns->prefix) : NULL;
}

const char *xml_namespace(const struct xml_node *node)
{
    return is_named(node) && raw(node)->ns ? from_xml(raw(node)->ns->href) : NULL;
}

long xml_line(const struct xml_node *node)
{
    const long line = node ? xmlGetLineNo(raw(node)) : 0;
    return line > 0 ? line : 0;
}

const struct xml_node *xml_parent(const struct xml_node *node)
{
    const struct xml_node *parent = node ? cooked(raw(node)->parent) : NULL;
    return xml_is_element(parent) ? parent : NULL;
}

const struct xml_node *xml_first_child(const struct xml_node *node)
{
    return xml_is_element(node) ? cooked(xmlFirstElementChild(raw(node))) : NULL;
}

const struct xml_node *xml_next_sibling(const struct xml_node *node)
{
    return node && !xml_is_attribute(node) ? cooked(xmlNextElementSibling(raw(node))) : NULL;
}

const struct xml_node *xml_child(const struct xml_node *node, const char *name)
{
    const struct xml_node *child = xml_first_child(node);
    while (child && strcmp(xml_name(child), name) != 0)
        child = xml_next_sibling(child);
    return child;
}

static const struct xml_node *find_attribute(const struct xml_node *node, const char *name, const char *space)
{
    const struct xml_node *attribute = xml_first_attribute(node);
    for (; attribute; attribute = xml_next_attribute(attribute)) {
        const char *own = xml_namespace(attribute);
        if (strcmp(xml_name(attribute), name) == 0 && (space ? own && strcmp(own, space) == 0 : own == NULL))
            return attribute;
    }
    return NULL;
}

const char *xml_value(const struct xml_node *attribute)
{
    if (!xml_is_attribute(attribute))
        return NULL;
    // Without a DOCTYPE no entity is left in a value: it is one text, or none when empty.
    const xmlNode *text = raw(attribute)->children;
    return text && text->content ? from_xml(text->content) : "";
}

const char *xml_attribute(const struct xml_node *node, const char *name, const char *space)
{
    return xml_value(find_attribute(node, name, space));
}

const struct xml_node *xml_first_attribute(const struct xml_node *element)
{
    return xml_is_element(element) ? cooked((xmlNode *)raw(element)->properties) : NULL;
}

const struct xml_node *xml_next_attribute(const struct xml_node *attribute)
{
    return xml_is_attribute(attribute) ? cooked(raw(attribute)->next) : NULL;
}

static bool is_text(const xmlNode *node)
{
    return node->type == XML_TEXT_NODE || node->type == XML_CDATA_SECTION_NODE;
}

static bool append(struct buf *out, const char *text, struct err *err)
{
    return buf_append_string(out, text) || fail(err, ERR_LIMIT_PASSED, "text", N(out->maximum));
}

bool xml_text(struct buf *out, const struct xml_node *node, struct err *err)
{
    if (!node)
        return true;
    if (xml_is_attribute(node))
        return append(out, xml_value(node), err);
    const xmlNode *top = raw(node);
    for (xmlNode *at = raw(node); at; at = next_node(at, top)) {
        const bool own = at == top && at->type == XML_COMMENT_NODE;
        if ((is_text(at) || own) && at->content && !append(out, from_xml(at->content), err))
            return false;
    }
    return true;
}
