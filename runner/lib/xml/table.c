// See table.h. Old pages put forms and other things between table, row and cell: a row belongs to the nearest table
// around it, a cell to the nearest row.
#include "lib/xml/table.h"

#include "lib/xml/page.h"

static bool is_cell(const xmlNode *node)
{
    return page_is(node, "td") || page_is(node, "th");
}

// A whole number at the start of an attribute (HTML standard, "rules for parsing non-negative integers").
static size_t span_of(const xmlNode *cell, const char *name, size_t most)
{
    const char *text = page_attribute(cell, name);
    size_t value = 0;
    if (!text)
        return 1;
    while (page_blank_length(text))
        text += page_blank_length(text);
    if (*text < '0' || *text > '9')
        return 1;
    for (; *text >= '0' && *text <= '9' && value <= most; text++)
        value = 10 * value + (size_t)(*text - '0');
    return value > most ? most : value;
}

static bool widen(struct html_tables *tables, struct html_row *row, size_t count, struct err *err)
{
    if (count <= row->count)
        return true;
    tables->places += count - row->count;
    if (count > TABLE_COLUMNS_MAX || tables->places > TABLE_PLACES_MAX)
        return fail(err, ERR_LIMIT_PASSED, "table",
                    N(count > TABLE_COLUMNS_MAX ? TABLE_COLUMNS_MAX : TABLE_PLACES_MAX));
    row->places = xreallocarray(row->places, count, sizeof *row->places);
    for (size_t i = row->count; i < count; i++)
        row->places[i] = NULL;
    row->count = count;
    return true;
}

static bool put(struct html_tables *tables, struct html_table *table, const struct html_cell *cell, size_t y,
                size_t x, struct err *err)
{
    const size_t columns = span_of(raw(cell->node), "colspan", TABLE_SPAN_MAX);
    const size_t wanted = span_of(raw(cell->node), "rowspan", 65534), left = table->row_count - y;
    const size_t rows = wanted == 0 || wanted > left ? left : wanted; // rowspan="0": to the end
    for (size_t i = y; i < y + rows; i++) {
        struct html_row *row = &table->rows[i];
        const size_t end = x + (columns ? columns : 1);
        if (!widen(tables, row, end, err))
            return false;
        for (size_t k = x; k < end; k++)
            if (!row->places[k])
                row->places[k] = cell;
    }
    return true;
}

static bool add_cell(struct html_tables *tables, struct html_table *table, const xmlNode *node, size_t y,
                     struct err *err)
{
    SCOPED_BUF(text, HTML_TEXT_MAX);
    if (!html_own_text(&text, cooked(node), err))
        return false;
    struct html_cell *cell = xcalloc(1, sizeof *cell);
    if (table->cell_count % 64 == 0)
        table->cells = xreallocarray(table->cells, table->cell_count + 64, sizeof(struct html_cell *));
    table->cells[table->cell_count++] = cell;
    *cell = (struct html_cell){buf_steal(&text), page_is(node, "th"), cooked(node)};
    const struct html_row *row = &table->rows[y];
    size_t x = 0;
    while (x < row->count && row->places[x])
        x++;
    return put(tables, table, cell, y, x, err);
}

// Steps through what is inside `top` without what belongs to a table inside it.
static xmlNode *next_outside_tables(xmlNode *node, const xmlNode *top)
{
    return node != top && page_is(node, "table") ? page_after(node, top) : next_node(node, top);
}

static bool read_row(struct html_tables *tables, struct html_table *table, xmlNode *row, size_t y,
                     bool *header, struct err *err)
{
    size_t cells = 0, headers = 0;
    for (xmlNode *node = row; node; node = next_outside_tables(node, row)) {
        if (!is_cell(node) || page_around(node, "tr") != row)
            continue;
        cells++;
        headers += page_is(node, "th");
        if (!add_cell(tables, table, node, y, err))
            return false;
    }
    const xmlNode *head = page_around(row, "thead");
    const bool in_head = head && page_around(head, "table") == raw(table->node);
    *header = in_head || (cells > 0 && cells == headers);
    return true;
}

static bool is_row_of(const xmlNode *node, const xmlNode *table)
{
    return page_is(node, "tr") && page_around(node, "table") == table;
}

// A tr in which no cell stands is no row to a reader.
static void drop_empty_rows(struct html_table *table)
{
    size_t kept = 0;
    for (size_t i = 0; i < table->row_count; i++)
        if (table->rows[i].count)
            table->rows[kept++] = table->rows[i];
    table->row_count = kept;
}

static bool read_rows(struct html_tables *tables, struct html_table *table, struct err *err)
{
    xmlNode *top = raw(table->node);
    for (xmlNode *node = top; node; node = next_outside_tables(node, top))
        table->row_count += is_row_of(node, top);
    table->rows = xcalloc(table->row_count, sizeof *table->rows);
    size_t y = 0;
    bool only_headers = true;
    for (xmlNode *node = top; node; node = next_outside_tables(node, top)) {
        bool header;
        if (!is_row_of(node, top))
            continue;
        if (!read_row(tables, table, node, y, &header, err))
            return false;
        only_headers = only_headers && (header || !table->rows[y].count);
        table->header_rows += only_headers && table->rows[y].count;
        y++;
    }
    drop_empty_rows(table);
    return true;
}

static bool read_caption(struct html_table *table, struct err *err)
{
    xmlNode *top = raw(table->node);
    for (xmlNode *node = top; node; node = next_outside_tables(node, top)) {
        if (!page_is(node, "caption"))
            continue;
        SCOPED_BUF(text, HTML_TEXT_MAX);
        if (!html_own_text(&text, cooked(node), err))
            return false;
        table->caption = buf_steal(&text);
        return true;
    }
    return true;
}

static ptrdiff_t index_of(const struct html_tables *tables, const xmlNode *table)
{
    for (size_t i = tables->count; table && i-- > 0;)
        if (raw(tables->items[i].node) == table)
            return (ptrdiff_t)i;
    return -1;
}

static bool add_table(struct html_tables *tables, const xmlNode *node, struct err *err)
{
    if (tables->count == TABLE_COUNT_MAX)
        return fail(err, ERR_LIMIT_PASSED, "table", N(TABLE_COUNT_MAX));
    const ptrdiff_t nested_in = index_of(tables, page_around(node, "table"));
    if (tables->count % 16 == 0)
        tables->items = xreallocarray(tables->items, tables->count + 16, sizeof *tables->items);
    struct html_table *table = &tables->items[tables->count++];
    *table = (struct html_table){.nested_in = nested_in, .node = cooked(node)};
    return read_caption(table, err) && read_rows(tables, table, err);
}

bool html_tables(struct html_tables **out, const struct xml_document *page, struct err *err)
{
    SCOPED(html_tables)
    tables = xcalloc(1, sizeof *tables);
    xmlNode *top = (xmlNode *)page->tree;
    for (xmlNode *node = top; node; node = next_node(node, top))
        if (page_is(node, "table") && !add_table(tables, node, err))
            return false;
    *out = STEAL(tables);
    return true;
}

static void dispose(struct html_table *table)
{
    for (size_t i = 0; i < table->cell_count; i++) {
        xfree(table->cells[i]->text);
        xfree(table->cells[i]);
    }
    for (size_t i = 0; i < table->row_count; i++)
        xfree(table->rows[i].places);
    xfree(table->cells);
    xfree(table->rows);
    xfree(table->caption);
}

void html_tables_free(struct html_tables *tables)
{
    if (!tables)
        return;
    for (size_t i = 0; i < tables->count; i++)
        dispose(&tables->items[i]);
    xfree(tables->items);
    xfree(tables);
}
