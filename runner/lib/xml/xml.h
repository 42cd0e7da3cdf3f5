// XML documents: read from memory, walked node by node. In the worker.
//
// A document owns all its nodes; a node, and every text got from it, lives as long as its document and is not changed
// by reading. Names and texts are UTF-8 whatever the document was written in.
// Safe on hostile input: a DOCTYPE is refused, and with it all entities but the five of XML (with ignore_doctype one that
// declares nothing is passed over: Finvoice 1.x names its DTD so), nothing is loaded from files or the network, depth is at most 256 and one text at most 10 MB (libxml2's limits without XML_PARSE_HUGE).
#ifndef RENKI_XML_H
#define RENKI_XML_H

#include "lib/base/err.h"

enum { XML_BYTES_MAX = 100 << 20, XML_TEXT_MAX = 64 << 20 };

struct xml_document;
struct xml_node; // an element, an attribute, a text or the like; borrowed from its document

// In a process before all else here (again is nothing) and before the sandbox closes: nothing is loaded later. All memory of
// libxml2 is taken by xmalloc from then on, so that it counts against the budget.
void xml_start(void);

struct xml_options {
    const char *charset; // known from outside (an HTTP header); wins over the declaration. NULL: none
    bool
        ignore_doctype; // a DOCTYPE that only names a DTD is passed over, unread; one with entities is refused
    bool ignore_namespaces; // every element and attribute is in no namespace, for reading by plain names
};

// `bytes` may go away afterwards. The encoding is found by byte order mark, `charset`, declaration, else UTF-8
// (XML 1.0, appendix F). Errors: ERR_XML_MALFORMED (line, column, reason), ERR_XML_DOCTYPE, ERR_XML_ENCODING.
bool xml_parse(struct xml_document **out, struct text bytes, const struct xml_options *options,
               struct err *err) MUST_CHECK;
void xml_document_free(struct xml_document *document);
DEFINE_SCOPED(xml_document)

const struct xml_node *xml_root(const struct xml_document *document); // NULL for an empty page

// All take NULL as "not there", so that lookups can be chained.
bool xml_is_element(const struct xml_node *node);
bool xml_is_attribute(const struct xml_node *node);
const char *xml_name(const struct xml_node *node);   // without prefix; "#text", "#comment" for what has none
const char *xml_prefix(const struct xml_node *node); // NULL: none
const char *xml_namespace(const struct xml_node *node); // NULL: none
long xml_line(const struct xml_node *node);             // 1 is the first; 0 when unknown
const struct xml_node *xml_parent(const struct xml_node *node);
// Elements only: text and comments are passed over.
const struct xml_node *xml_first_child(const struct xml_node *node);
const struct xml_node *xml_next_sibling(const struct xml_node *node);
// The first child element of that name, any namespace; NULL: none.
const struct xml_node *xml_child(const struct xml_node *node, const char *name);
// The value of an attribute, borrowed; NULL: there is none. `space` NULL: an attribute without namespace.
const char *xml_attribute(const struct xml_node *node, const char *name, const char *space);
const char *xml_value(const struct xml_node *attribute);
const struct xml_node *xml_first_attribute(const struct xml_node *element);
const struct xml_node *xml_next_attribute(const struct xml_node *attribute);

// Appends all text inside, as XPath's string() gives it. ERR_LIMIT_PASSED at the buffer's maximum.
bool xml_text(struct buf *out, const struct xml_node *node, struct err *err) MUST_CHECK;

#endif
