// Pages: read as browsers read them, whatever is wrong with them. In the worker.
//
// A page is an xml_document whose element and attribute names are in small letters and in no namespace, so that XPath
// works on it; its tables and forms are in table.h and form.h. xml_start first.
#ifndef RENKI_XML_HTML_H
#define RENKI_XML_HTML_H

#include "lib/xml/xml.h"

enum { HTML_BYTES_MAX = 64 << 20, HTML_TEXT_MAX = 16 << 20, HTML_LINKS_MAX = 200000, HTML_DEPTH_MAX = 256 };

// `charset` is that of the HTTP header, or NULL. Bytes without meaning become U+FFFD. Errors: ERR_LIMIT_PASSED (size;
// depth, at 256 elements inside each other).
bool html_parse(struct xml_document **out, struct text bytes, const char *charset,
                struct err *err) MUST_CHECK;
const char *html_charset(const struct xml_document *page); // "windows-1252" …, a constant

// Appends the text as people read it: without script and style, br as a blank, white space and no-break spaces
// collapsed to one blank and trimmed.
bool html_text(struct buf *out, const struct xml_node *node, struct err *err) MUST_CHECK;
// The same without what stands in tables inside it: the text of a cell.
bool html_own_text(struct buf *out, const struct xml_node *node, struct err *err) MUST_CHECK;
// The page's title; *out is the caller's, NULL when there is none.
bool html_title(char **out, const struct xml_document *page, struct err *err) MUST_CHECK;
// What addresses in the page are relative to: base's href on `address`. *out is the caller's; "" when both are unknown.
bool html_base(char **out, const struct xml_document *page, const char *address, struct err *err) MUST_CHECK;

struct html_link {
    char *href; // as written, trimmed
    char *text;
    const struct xml_node *node; // the a element
};
struct html_links {
    struct html_link *items; // in the order of the page
    size_t count;
};
bool html_links(struct html_links **out, const struct xml_document *page, struct err *err) MUST_CHECK;
void html_links_free(struct html_links *links);
DEFINE_SCOPED(html_links)

#endif
