// See build.h. Names are kept as given until the end, when every prefix can be looked up where it stands.
#include "lib/xml/build.h"

#include "lib/encoding/encoding.h"
#include "lib/xml/internal.h"

#include <libxml/xmlsave.h>

struct xml_builder {
    xmlDoc *tree;
    xmlNode *open; // the element that is open now; NULL outside all
    unsigned depth;
};

struct xml_builder *xml_builder_new(void)
{
    struct xml_builder *builder = xcalloc(1, sizeof *builder);
    builder->tree = xmlNewDoc(to_xml("1.0"));
    return builder;
}

void xml_builder_free(struct xml_builder *builder)
{
    if (!builder)
        return;
    xmlFreeDoc(builder->tree);
    xfree(builder);
}

// XML 1.0, production 2: of the control characters only tab, line feed and carriage return.
static bool is_xml_text(struct text text)
{
    while (text.length) {
        uint32_t point;
        const size_t length = text_utf8_decode(text, &point);
        const bool control = point < 0x20 && point != '\t' && point != '\n' && point != '\r';
        if (length == 0 || control || point == 0xFFFE || point == 0xFFFF)
            return false;
        text = text_of(text.data + length, text.length - length);
    }
    return true;
}

static bool check_name(struct text name, struct err *err)
{
    SCOPED_TEXT char *copy = text_copy(name);
    if (text_is_utf8(name) && strlen(copy) == name.length && xmlValidateQName(to_xml(copy), 0) == 0)
        return true;
    return fail(err, ERR_XML_NAME, copy);
}

static bool check_text(struct text value, struct err *err)
{
    if (value.length > XML_TEXT_MAX)
        return fail(err, ERR_LIMIT_PASSED, "text", N(XML_TEXT_MAX));
    if (is_xml_text(value))
        return true;
    SCOPED_TEXT char *copy = text_copy(value);
    return fail(err, ERR_XML_CHARACTER, copy);
}

bool xml_build_open(struct xml_builder *builder, struct text name, struct err *err)
{
    if (!check_name(name, err))
        return false;
    if (builder->depth >= XML_BUILD_DEPTH_MAX)
        return fail(err, ERR_LIMIT_PASSED, "XML", N(XML_BUILD_DEPTH_MAX));
    SCOPED_TEXT char *copy = text_copy(name);
    if (!builder->open && xmlDocGetRootElement(builder->tree))
        return fail(err, ERR_XML_NAME, copy); // a document has one outermost element
    xmlNode *node = xmlNewDocNode(builder->tree, NULL, to_xml(copy), NULL);
    xmlAddChild(builder->open ? builder->open : (xmlNode *)builder->tree, node);
    builder->open = node;
    builder->depth++;
    return true;
}

static bool declare_namespace(xmlNode *node, const char *prefix, const char *space, const char *name,
                              struct err *err)
{
    if (xmlNewNs(node, to_xml(space), prefix ? to_xml(prefix) : NULL))
        return true;
    return fail(err, ERR_XML_NAME, name);
}

bool xml_build_attribute(struct xml_builder *builder, struct text name, struct text value, struct err *err)
{
    if (!check_name(name, err) || !check_text(value, err))
        return false;
    SCOPED_TEXT char *key = text_copy(name);
    SCOPED_TEXT char *copy = text_copy(value);
    if (strcmp(key, "xmlns") == 0)
        return declare_namespace(builder->open, NULL, copy, key, err);
    if (strncmp(key, "xmlns:", 6) == 0)
        return declare_namespace(builder->open, key + 6, copy, key, err);
    if (xmlHasProp(builder->open, to_xml(key)))
        return fail(err, ERR_XML_NAME, key);
    xmlNewProp(builder->open, to_xml(key), to_xml(copy));
    return true;
}

bool xml_build_text(struct xml_builder *builder, struct text value, struct err *err)
{
    if (!check_text(value, err))
        return false;
    if (value.length)
        xmlNodeAddContentLen(builder->open, to_xml(value.data), (int)value.length);
    return true;
}

void xml_build_close(struct xml_builder *builder)
{
    xmlNode *parent = builder->open->parent;
    builder->open = parent->type == XML_ELEMENT_NODE ? parent : NULL;
    builder->depth--;
}

// "p:name" becomes "name" in the namespace that p stands for at `node`. An attribute without prefix is in none.
static bool resolve(xmlNode *owner, xmlNode *named, struct err *err)
{
    const char *name = from_xml(named->name), *colon = strchr(name, ':');
    if (!colon && named->type == XML_ATTRIBUTE_NODE)
        return true;
    SCOPED_TEXT char *prefix = colon ? xstrndup(name, (size_t)(colon - name)) : NULL;
    SCOPED_TEXT char *local = xstrdup(colon ? colon + 1 : name);
    xmlNs *space = xmlSearchNs(owner->doc, owner, colon ? to_xml(prefix) : NULL);
    if (colon && !space)
        return fail(err, ERR_XML_PREFIX, prefix, name);
    if (colon)
        xmlNodeSetName(named, to_xml(local));
    named->ns = space;
    return true;
}

static bool resolve_all(xmlNode *root, struct err *err)
{
    for (xmlNode *node = root; node; node = next_node(node, root)) {
        if (node->type == XML_ELEMENT_NODE && !resolve(node, node, err))
            return false;
        xmlAttr *attribute = node->type == XML_ELEMENT_NODE ? node->properties : NULL;
        for (; attribute; attribute = attribute->next)
            if (!resolve(node, (xmlNode *)attribute, err))
                return false;
    }
    return true;
}

bool xml_build_done(struct xml_document **out, struct xml_builder *builder, struct err *err)
{
    while (builder->open)
        xml_build_close(builder);
    if (!resolve_all(xmlDocGetRootElement(builder->tree), err))
        return false;
    *out = xml_document_new(STEAL(builder->tree));
    builder->tree = xmlNewDoc(to_xml("1.0"));
    return true;
}

// What libxml2 writes goes straight into a buffer with its maximum.
static int on_bytes(void *data, const char *bytes, int length)
{
    return buf_append(data, bytes, (size_t)length) ? length : -1;
}

static bool save(struct buf *out, const struct xml_document *document, xmlNode *node, int options,
                 struct err *err)
{
    xmlSaveCtxt *saver = xmlSaveToIO(on_bytes, NULL, out, "UTF-8", options);
    const long written = node ? xmlSaveTree(saver, node) : xmlSaveDoc(saver, document->tree);
    if (xmlSaveClose(saver) < 0 || written < 0)
        return fail(err, ERR_LIMIT_PASSED, "XML", N(out->maximum));
    return true;
}

// A letter that the charset lacks stands as a character reference.
static bool append_letter(struct buf *out, const struct encoding *encoding, struct text letter,
                          struct err *err)
{
    struct err ignored;
    if (encoding_from_utf8(out, encoding, letter, ENCODING_STRICT, &ignored))
        return true;
    if (ignored.code == ERR_LIMIT_PASSED)
        return fail(err, ERR_LIMIT_PASSED, "XML", N(out->maximum));
    uint32_t point = 0;
    text_utf8_decode(letter, &point);
    SCOPED_BUF(reference, 16);
    SCOPED_BUF(encoded, 64);
    if (!buf_printf(&reference, "&#%u;", (unsigned)point) ||
        !encoding_from_utf8(&encoded, encoding, buf_text(&reference), ENCODING_STRICT, err))
        return false;
    return buf_append_text(out, buf_text(&encoded)) || fail(err, ERR_LIMIT_PASSED, "XML", N(out->maximum));
}

static size_t plain_run(struct text text)
{
    size_t length = 0;
    while (length < text.length && (unsigned char)text.data[length] < 0x80)
        length++;
    return length;
}

static bool append_encoded(struct buf *out, const struct encoding *encoding, struct text text,
                           struct err *err)
{
    while (text.length) {
        uint32_t point;
        const size_t plain = plain_run(text);
        const size_t length = plain ? plain : text_utf8_decode(text, &point);
        if (length == 0)
            return fail(err, ERR_XML_CHARACTER, "?");
        const struct text part = text_of(text.data, length);
        if (plain ? !encoding_from_utf8(out, encoding, part, ENCODING_STRICT, err)
                  : !append_letter(out, encoding, part, err))
            return false;
        text = text_of(text.data + length, text.length - length);
    }
    return true;
}

static bool append_declaration(struct buf *out, const char *encoding, struct err *err)
{
    SCOPED_BUF(line, 200);
    if (!buf_printf(&line, "<?xml version=\"1.0\" encoding=\"%s\"?>\n", encoding))
        return fail(err, ERR_XML_ENCODING, encoding);
    for (size_t i = 30; i < line.length; i++) // names of charsets are written in capitals by custom
        if (line.data[i] >= 'a' && line.data[i] <= 'z')
            line.data[i] -= 'a' - 'A';
    return buf_append_text(out, buf_text(&line)) || fail(err, ERR_LIMIT_PASSED, "XML", N(out->maximum));
}

static bool check_name_fits(const xmlNode *node, const struct encoding *encoding, struct err *err)
{
    SCOPED_BUF(scratch, 1 << 20);
    return encoding_from_utf8(&scratch, encoding, text_from(from_xml(node->name)), ENCODING_STRICT, err);
}

// A name cannot hold a character reference: it must be writable as it is.
static bool check_names_fit(xmlNode *root, const struct encoding *encoding, struct err *err)
{
    for (xmlNode *node = root; node; node = next_node(node, root)) {
        if (node->type != XML_ELEMENT_NODE)
            continue;
        const xmlAttr *attribute = node->properties;
        for (; attribute; attribute = attribute->next)
            if (!check_name_fits((const xmlNode *)attribute, encoding, err))
                return false;
        if (!check_name_fits(node, encoding, err))
            return false;
    }
    return true;
}

// A file ends with a line end; a piece without declaration is put into other texts.
static bool drop_last_line_end(struct buf *out, bool bare)
{
    if (bare && text_ends(buf_text(out), "\n"))
        out->data[--out->length] = '\0';
    return true;
}

bool xml_write(struct buf *out, const struct xml_document *document, const struct xml_write_options *options,
               struct err *err)
{
    const struct xml_write_options write = options ? *options : (struct xml_write_options){.encoding = NULL};
    const struct encoding *encoding =
        write.encoding ? encoding_find(text_from(write.encoding)) : encoding_utf8();
    if (!encoding || text_starts(text_from(encoding_name(encoding)), "utf-16"))
        return fail(err, ERR_XML_ENCODING, write.encoding);
    if (!write.bare && !append_declaration(out, encoding_name(encoding), err))
        return false;
    const int style = XML_SAVE_AS_XML | XML_SAVE_NO_DECL | (write.indent ? XML_SAVE_FORMAT : 0);
    if (encoding_is_utf8(encoding))
        return save(out, document, NULL, style, err) && drop_last_line_end(out, write.bare);
    SCOPED_BUF(utf8, out->maximum);
    if (!check_names_fit(xmlDocGetRootElement(document->tree), encoding, err))
        return false;
    return save(&utf8, document, NULL, style, err) && append_encoded(out, encoding, buf_text(&utf8), err) &&
           drop_last_line_end(out, write.bare);
}

bool xml_write_node(struct buf *out, const struct xml_document *document, const struct xml_node *node,
                    struct err *err)
{
    return save(out, document, raw(node), XML_SAVE_AS_XML | XML_SAVE_NO_DECL, err);
}
