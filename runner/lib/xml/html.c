// See html.h.
#include "lib/xml/html.h"

#include "lib/xml/page.h"
#include "lib/xml/sniff.h"
#include "lib/xml/url.h"

#include <libxml/HTMLparser.h>
#include <libxml/HTMLtree.h>
#include <libxml/xpath.h>

// All that is wrong with a page is passed over, as browsers do; only the limit of depth stops libxml2, as its last
// word. (Its HTML parser has no callback for errors that knows the parser.)
static bool stopped_at_depth(htmlParserCtxt *parser)
{
    const xmlError *last = xmlCtxtGetLastError(parser);
    return last && last->code == XML_ERR_INTERNAL_ERROR && last->level == XML_ERR_FATAL;
}

static xmlDoc *read_tree(struct text utf8, bool *too_deep)
{
    htmlParserCtxt *parser = htmlNewParserCtxt();
    if (!parser)
        return NULL;
    xmlDoc *tree = htmlCtxtReadMemory(parser, utf8.data, (int)utf8.length, NULL, "UTF-8",
                                      HTML_PARSE_RECOVER | HTML_PARSE_NONET | HTML_PARSE_IGNORE_ENC |
                                          HTML_PARSE_NODEFDTD | HTML_PARSE_COMPACT);
    *too_deep = stopped_at_depth(parser);
    htmlFreeParserCtxt(parser);
    return tree;
}

// The HTML standard drops NUL; libxml2 would take it for the page's end.
static void blank_nul(struct buf *utf8)
{
    for (char *nul = utf8->data; nul; nul++) {
        nul = memchr(nul, '\0', utf8->length - (size_t)(nul - utf8->data));
        if (!nul)
            return;
        *nul = ' ';
    }
}

bool html_parse(struct xml_document **out, struct text bytes, const char *charset, struct err *err)
{
    struct charset found;
    if (bytes.length > HTML_BYTES_MAX)
        return fail(err, ERR_LIMIT_PASSED, "HTML", N(HTML_BYTES_MAX));
    sniff_charset(&found, bytes, charset);
    SCOPED_BUF(utf8, 3 * (size_t)HTML_BYTES_MAX);
    if (!charset_decode(&utf8, &found, bytes, true, err))
        return false;
    blank_nul(&utf8);
    bool too_deep = false;
    xmlDoc *tree = utf8.length ? read_tree(buf_text(&utf8), &too_deep) : NULL;
    if (too_deep) {
        xmlFreeDoc(tree);
        return fail(err, ERR_LIMIT_PASSED, "HTML", N(HTML_DEPTH_MAX));
    }
    tree = tree ? tree : htmlNewDocNoDtD(NULL, NULL);
    xmlXPathOrderDocElems(tree);
    *out = xml_document_new(tree);
    (*out)->encoding = found.name;
    return true;
}

const char *html_charset(const struct xml_document *page)
{
    return page->encoding;
}

// Collapses as it appends: `blank` is a blank that comes if more text follows.
struct collapsing {
    struct buf *out;
    bool begun, blank;
};

static bool append_collapsed(struct collapsing *to, const char *text)
{
    while (*text) {
        const size_t length = page_blank_length(text);
        if (length) {
            to->blank = to->begun;
            text += length;
            continue;
        }
        const size_t run = page_solid_length(text);
        if ((to->blank && !buf_append_char(to->out, ' ')) || !buf_append(to->out, text, run))
            return false;
        to->blank = false;
        to->begun = true;
        text += run;
    }
    return true;
}

static bool is_left_out(const xmlNode *node, const xmlNode *top, bool tables)
{
    return page_is(node, "script") || page_is(node, "style") ||
           (!tables && node != top && page_is(node, "table"));
}

static bool collapse_text(struct buf *out, const struct xml_node *node, bool tables, struct err *err)
{
    struct collapsing to = {.out = out};
    xmlNode *top = raw(node);
    for (xmlNode *at = top; at;) {
        const bool skip = is_left_out(at, top, tables);
        const bool text = at->type == XML_TEXT_NODE || at->type == XML_CDATA_SECTION_NODE;
        if (page_is(at, "br"))
            to.blank = to.begun;
        if (text && at->content && !append_collapsed(&to, from_xml(at->content)))
            return fail(err, ERR_LIMIT_PASSED, "text", N(out->maximum));
        at = skip ? page_after(at, top) : next_node(at, top);
    }
    return true;
}

bool html_text(struct buf *out, const struct xml_node *node, struct err *err)
{
    return !node || collapse_text(out, node, true, err);
}

bool html_own_text(struct buf *out, const struct xml_node *node, struct err *err)
{
    return !node || collapse_text(out, node, false, err);
}

bool html_title(char **out, const struct xml_document *page, struct err *err)
{
    SCOPED_BUF(text, HTML_TEXT_MAX);
    const xmlNode *title = page_find(page, "title");
    *out = NULL;
    if (!title)
        return true;
    if (!html_text(&text, cooked(title), err))
        return false;
    *out = text.length ? buf_steal(&text) : NULL;
    return true;
}

static const char *base_href(const struct xml_document *page)
{
    xmlNode *top = (xmlNode *)page->tree;
    for (xmlNode *node = top; node; node = next_node(node, top))
        if (page_is(node, "base") && page_attribute(node, "href"))
            return page_attribute(node, "href");
    return NULL;
}

bool html_base(char **out, const struct xml_document *page, const char *address, struct err *err)
{
    const char *href = base_href(page);
    if (href)
        return url_resolve(out, address ? address : "", href, err);
    *out = xstrdup(address ? address : "");
    return true;
}

static bool add_link(struct html_links *links, const xmlNode *node, struct err *err)
{
    SCOPED_BUF(text, HTML_TEXT_MAX);
    if (links->count == HTML_LINKS_MAX)
        return fail(err, ERR_LIMIT_PASSED, "links", N(HTML_LINKS_MAX));
    if (!html_text(&text, cooked(node), err))
        return false;
    if (links->count % 64 == 0)
        links->items = xreallocarray(links->items, links->count + 64, sizeof *links->items);
    links->items[links->count++] = (struct html_link){
        .href = text_copy(text_trim(text_from(page_attribute(node, "href")))),
        .text = buf_steal(&text),
        .node = cooked(node),
    };
    return true;
}

bool html_links(struct html_links **out, const struct xml_document *page, struct err *err)
{
    SCOPED(html_links)
    links = xcalloc(1, sizeof *links);
    xmlNode *top = (xmlNode *)page->tree;
    for (xmlNode *node = top; node; node = next_node(node, top))
        if (page_is(node, "a") && page_attribute(node, "href") && !add_link(links, node, err))
            return false;
    *out = STEAL(links);
    return true;
}

void html_links_free(struct html_links *links)
{
    if (!links)
        return;
    for (size_t i = 0; i < links->count; i++) {
        xfree(links->items[i].href);
        xfree(links->items[i].text);
    }
    xfree(links->items);
    xfree(links);
}
