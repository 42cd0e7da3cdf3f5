// Pages from anybody: tables, forms and links are read off whatever comes, and every form can be sent.
// links: xml
#include "lib/xml/form.h"
#include "lib/xml/table.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_tables(const struct xml_document *page)
{
    struct err err = {0};
    SCOPED(html_tables)
    tables = NULL;
    if (!html_tables(&tables, page, &err))
        return;
    for (size_t i = 0; i < tables->count; i++) {
        const struct html_table *table = &tables->items[i];
        require(table->nested_in < (ptrdiff_t)i && table->header_rows <= table->row_count);
        for (size_t y = 0; y < table->row_count; y++)
            for (size_t x = 0; x < table->rows[y].count; x++)
                require(!table->rows[y].places[x] || table->rows[y].places[x]->text);
    }
}

static void use_form(struct html_form *form)
{
    struct err err = {0};
    SCOPED(form_request)
    request = NULL;
    for (size_t i = 0; i < form->field_count; i++) {
        const struct html_field *field = &form->fields[i];
        if (field->name && field->option_count)
            (void)!html_form_set(form, field->name, &TEXT_OF("1"), 1, &err);
        else if (field->name)
            (void)!html_form_set(form, field->name, &TEXT_OF("ä€"), 1, &err);
    }
    if (html_form_request(&request, form, NULL, &err))
        require(request->url && (request->count == 0 || strcmp(request->method, "POST") == 0));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct err err = {0};
    SCOPED(xml_document)
    page = NULL;
    SCOPED(html_forms)
    forms = NULL;
    SCOPED(html_links)
    links = NULL;
    SCOPED_TEXT char *title = NULL;
    xml_start();
    if (!html_parse(&page, text_of((const char *)data, size), NULL, &err))
        return 0;
    read_tables(page);
    if (html_forms(&forms, page, "https://x.example/a/b?c", &err))
        for (size_t i = 0; i < forms->count; i++)
            use_form(&forms->items[i]);
    if (html_links(&links, page, &err))
        for (size_t i = 0; i < links->count; i++)
            require(text_is_utf8(text_from(links->items[i].text)));
    require(html_title(&title, page, &err));
    return 0;
}
