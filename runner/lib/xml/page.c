// See page.h.
#include "lib/xml/page.h"

xmlNode *page_after(xmlNode *node, const xmlNode *top)
{
    while (node != top && !node->next)
        node = node->parent;
    return node == top ? NULL : node->next;
}

const xmlNode *page_find(const struct xml_document *page, const char *name)
{
    xmlNode *top = (xmlNode *)page->tree;
    for (xmlNode *node = top; node; node = next_node(node, top))
        if (page_is(node, name))
            return node;
    return NULL;
}

xmlNode *page_around(const xmlNode *node, const char *name)
{
    xmlNode *around = node->parent;
    while (around && !page_is(around, name))
        around = around->parent;
    return around;
}

// Unicode's White_Space property, beyond ASCII: figure and thin spaces stand in amounts on many pages.
static bool is_wide_blank(uint32_t point)
{
    static const uint32_t blanks[] = {0x85, 0xA0, 0x1680, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000};
    for (size_t i = 0; i < COUNT_OF(blanks); i++)
        if (point == blanks[i])
            return true;
    return point >= 0x2000 && point <= 0x200A;
}

size_t page_blank_length(const char *text)
{
    uint32_t point;
    if ((unsigned char)*text < 0x80)
        return *text && strchr(" \t\n\f\r\v", *text) ? 1 : 0;
    const size_t length = text_utf8_decode(text_of(text, strnlen(text, 4)), &point);
    return length && is_wide_blank(point) ? length : 0;
}

size_t page_solid_length(const char *text)
{
    size_t length = 0;
    while (text[length] && !page_blank_length(text + length))
        length++;
    return length;
}
