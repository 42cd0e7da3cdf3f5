// Reading forms off a page; see form.h. Filling in is fill.c, sending is submit.c.
#include "lib/xml/form.h"

#include "lib/xml/decode.h"
#include "lib/xml/page.h"

static char *small_letters(const char *text)
{
    char *copy = xstrdup(text);
    for (char *c = copy; *c; c++)
        if (*c >= 'A' && *c <= 'Z')
            *c += 'a' - 'A';
    return copy;
}

static bool own_text(char **out, const xmlNode *node, struct err *err)
{
    SCOPED_BUF(text, FORM_VALUE_MAX);
    if (!html_text(&text, cooked(node), err))
        return false;
    *out = buf_steal(&text);
    return true;
}

static char *copy_or_null(const char *text)
{
    return text ? xstrdup(text) : NULL;
}

static bool add_option(struct html_field *field, const xmlNode *node, struct err *err)
{
    if (field->option_count == FORM_OPTIONS_MAX)
        return fail(err, ERR_LIMIT_PASSED, "option", N(FORM_OPTIONS_MAX));
    char *text = NULL;
    if (!own_text(&text, node, err))
        return false;
    const char *value = page_attribute(node, "value");
    const xmlNode *group = page_around(node, "optgroup");
    if (field->option_count % 16 == 0)
        field->options = xreallocarray(field->options, field->option_count + 16, sizeof *field->options);
    field->options[field->option_count++] = (struct html_option){
        .value = xstrdup(value ? value : text),
        .text = text,
        .selected = page_attribute(node, "selected"),
        .disabled = page_attribute(node, "disabled") || (group && page_attribute(group, "disabled")),
    };
    return true;
}

static bool read_select(struct html_field *field, xmlNode *node, struct err *err)
{
    field->multiple = page_attribute(node, "multiple");
    for (xmlNode *option = node; option; option = next_node(option, node))
        if (page_is(option, "option") && !add_option(field, option, err))
            return false;
    return true;
}

// The first line end after <textarea> is no part of the text, and line ends are LF (HTML standard).
static bool read_textarea(struct html_field *field, xmlNode *node, struct err *err)
{
    SCOPED_BUF(text, FORM_VALUE_MAX);
    if (!xml_text(&text, cooked(node), err))
        return false;
    char *value = buf_steal(&text), *to = value;
    const char *from = value;
    from += *from == '\r' && from[1] == '\n';
    from += *from == '\n';
    for (; *from; from++)
        if (*from != '\r')
            *to++ = *from;
        else if (from[1] != '\n')
            *to++ = '\n';
    *to = '\0';
    field->value = value;
    return true;
}

static bool read_input(struct html_field *field, xmlNode *node, struct err *err)
{
    (void)err;
    field->value = copy_or_null(page_attribute(node, "value"));
    field->checked = page_attribute(node, "checked");
    return true;
}

static bool read_button(struct html_field *field, xmlNode *node, struct err *err)
{
    field->value = copy_or_null(page_attribute(node, "value"));
    return own_text(&field->text, node, err);
}

static const struct {
    const char *tag, *type; // type: where none is written
    bool (*read)(struct html_field *field, xmlNode *node, struct err *err);
} kinds[] = {
    {"input", "text", read_input},
    {"select", NULL, read_select},
    {"textarea", NULL, read_textarea},
    {"button", "submit", read_button},
};

// A fieldset that is disabled disables what is in it, except what stands in its first legend.
static bool is_barred(const xmlNode *node)
{
    const xmlNode *inner = node;
    for (const xmlNode *at = node->parent; at; inner = at, at = at->parent) {
        if (!page_is(at, "fieldset") || !page_attribute(at, "disabled"))
            continue;
        const xmlNode *first = xmlFirstElementChild((xmlNode *)(uintptr_t)at);
        while (first && !page_is(first, "legend"))
            first = first->next;
        if (inner != first)
            return true;
    }
    return false;
}

static bool add_field(struct html_form *form, xmlNode *node, size_t kind, struct err *err)
{
    if (form->field_count == FORM_FIELDS_MAX)
        return fail(err, ERR_LIMIT_PASSED, "field", N(FORM_FIELDS_MAX));
    if (form->field_count % 16 == 0)
        form->fields = xreallocarray(form->fields, form->field_count + 16, sizeof *form->fields);
    struct html_field *field = &form->fields[form->field_count++];
    const char *type = page_attribute(node, "type");
    *field = (struct html_field){
        .tag = kinds[kind].tag,
        .type = kinds[kind].type ? small_letters(type && *type ? type : kinds[kind].type) : NULL,
        .name = page_attribute(node, "name"),
        .disabled = page_attribute(node, "disabled"),
        .barred = is_barred(node),
        .node = cooked(node),
    };
    return kinds[kind].read(field, node, err);
}

// A form's fields are those inside it, and those elsewhere that name it by form="its id".
static bool belongs(const xmlNode *node, const xmlNode *form, const char *id)
{
    const char *named = page_attribute(node, "form");
    return named ? id && strcmp(named, id) == 0 : page_around(node, "form") == form;
}

static bool read_fields(struct html_form *form, const struct xml_document *page, struct err *err)
{
    xmlNode *top = (xmlNode *)page->tree;
    for (xmlNode *node = top; node; node = next_node(node, top))
        for (size_t i = 0; i < COUNT_OF(kinds); i++)
            if (page_is(node, kinds[i].tag) && belongs(node, raw(form->node), form->id) &&
                !add_field(form, node, i, err))
                return false;
    return true;
}

static const char *charset_of(const xmlNode *node, const struct xml_document *page)
{
    struct charset charset;
    const char *accepted = page_attribute(node, "accept-charset");
    struct text labels = text_from(accepted ? accepted : ""), label;
    while (text_cut(&labels, ' ', &label))
        if (label.length && charset_find_web(&charset, label) && charset_writes(&charset))
            return charset.name;
    const bool writes = charset_find_web(&charset, text_from(page->encoding)) && charset_writes(&charset);
    // What can't be written, and UTF-16, which no server takes, is sent as UTF-8 (HTML standard).
    return writes && !text_starts(text_from(charset.name), "utf-16") ? charset.name : "utf-8";
}

static bool add_form(struct html_forms *forms, xmlNode *node, const struct xml_document *page,
                     const char *base, struct err *err)
{
    const char *method = page_attribute(node, "method");
    forms->items = xreallocarray(forms->items, forms->count + 1, sizeof *forms->items);
    struct html_form *form = &forms->items[forms->count++];
    *form = (struct html_form){
        .name = page_attribute(node, "name"),
        .id = page_attribute(node, "id"),
        .action = page_attribute(node, "action"),
        .enctype = page_attribute(node, "enctype"),
        .method = small_letters(method && *method ? method : "get"),
        .charset = charset_of(node, page),
        .base = xstrdup(base),
        .node = cooked(node),
    };
    return read_fields(form, page, err);
}

bool html_forms(struct html_forms **out, const struct xml_document *page, const char *address,
                struct err *err)
{
    SCOPED(html_forms)
    forms = xcalloc(1, sizeof *forms);
    SCOPED_TEXT char *base = NULL;
    if (!html_base(&base, page, address, err))
        return false;
    xmlNode *top = (xmlNode *)page->tree;
    for (xmlNode *node = top; node; node = next_node(node, top))
        if (page_is(node, "form") && !add_form(forms, node, page, base, err))
            return false;
    *out = STEAL(forms);
    return true;
}

static void dispose_field(struct html_field *field)
{
    for (size_t i = 0; i < field->option_count; i++) {
        xfree(field->options[i].value);
        xfree(field->options[i].text);
    }
    xfree(field->options);
    xfree(field->type);
    xfree(field->value);
    xfree(field->text);
}

void html_forms_free(struct html_forms *forms)
{
    if (!forms)
        return;
    for (size_t i = 0; i < forms->count; i++) {
        struct html_form *form = &forms->items[i];
        for (size_t k = 0; k < form->field_count; k++)
            dispose_field(&form->fields[k]);
        xfree(form->fields);
        xfree(form->method);
        xfree(form->base);
    }
    xfree(forms->items);
    xfree(forms);
}
