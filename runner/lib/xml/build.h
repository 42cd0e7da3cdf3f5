// Making an XML document and writing it out. In the worker.
//
// Elements are opened and closed like brackets; names may have a prefix ("cbc:ID"), which an `xmlns:cbc` attribute of
// the element itself or of one around it must declare, before xml_build_done at the latest.
#ifndef RENKI_XML_BUILD_H
#define RENKI_XML_BUILD_H

#include "lib/xml/xml.h"

enum { XML_BUILD_DEPTH_MAX = 200 };

struct xml_builder;

struct xml_builder *xml_builder_new(void);
void xml_builder_free(struct xml_builder *builder);
DEFINE_SCOPED(xml_builder)

// Errors: ERR_XML_NAME, ERR_XML_CHARACTER (text that is not UTF-8 or holds control characters), ERR_LIMIT_PASSED.
bool xml_build_open(struct xml_builder *builder, struct text name, struct err *err) MUST_CHECK;
// Of the element just opened; "xmlns" and "xmlns:p" declare namespaces. A name that comes twice is ERR_XML_NAME.
bool xml_build_attribute(struct xml_builder *builder, struct text name, struct text value,
                         struct err *err) MUST_CHECK;
bool xml_build_text(struct xml_builder *builder, struct text value, struct err *err) MUST_CHECK;
void xml_build_close(struct xml_builder *builder);
// The finished document; the builder is empty then. ERR_XML_PREFIX: a prefix that nobody declared.
bool xml_build_done(struct xml_document **out, struct xml_builder *builder, struct err *err) MUST_CHECK;

struct xml_write_options {
    const char *encoding; // NULL: UTF-8; any that lib/encoding knows. What it lacks is written as &#8364;
    bool indent;          // two blanks a level; elements that hold text keep it as it is
    bool bare;            // without the declaration <?xml …?>
};
// Appends the document. Errors: ERR_XML_ENCODING, ERR_LIMIT_PASSED.
bool xml_write(struct buf *out, const struct xml_document *document, const struct xml_write_options *options,
               struct err *err) MUST_CHECK;
// One element with all inside it, as UTF-8 without declaration.
bool xml_write_node(struct buf *out, const struct xml_document *document, const struct xml_node *node,
                    struct err *err) MUST_CHECK;

#endif
