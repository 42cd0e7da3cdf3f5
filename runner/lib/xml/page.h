// Walking pages, for the files of this folder that look into them. In the worker.
#ifndef RENKI_XML_PAGE_H
#define RENKI_XML_PAGE_H

#include "lib/xml/internal.h"

static inline bool page_is(const xmlNode *node, const char *name)
{
    return node->type == XML_ELEMENT_NODE && strcmp(from_xml(node->name), name) == 0;
}
// The node after `node` and all inside it.
xmlNode *page_after(xmlNode *node, const xmlNode *top);
const xmlNode *page_find(const struct xml_document *page,
                         const char *name); // the first of that name, or NULL
// NULL: there is none.
static inline const char *page_attribute(const xmlNode *node, const char *name)
{
    return xml_attribute(cooked(node), name, NULL);
}
// The nearest element around `node` (not itself) of that name, or NULL.
xmlNode *page_around(const xmlNode *node, const char *name);

// Length of the white space character that begins the text (Unicode's, no-break space too); 0: none does.
size_t page_blank_length(const char *text);
// Length of what comes before the next white space.
size_t page_solid_length(const char *text);

#endif
