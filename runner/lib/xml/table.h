// The tables of a page as rows of texts. In the worker.
//
// A cell that spans columns or rows stands in every place it covers (a rowspan runs no further than the last row), so
// that each row can be read by itself.
#ifndef RENKI_XML_TABLE_H
#define RENKI_XML_TABLE_H

#include "lib/xml/html.h"

// Columns that one cell may span (the HTML standard's own limit) and places in all tables of a page.
enum {
    TABLE_SPAN_MAX = 1000,
    TABLE_PLACES_MAX = 4000000,
    TABLE_COLUMNS_MAX = 16384,
    TABLE_COUNT_MAX = 100000
};

struct html_cell {
    char *text; // as html_own_text gives it: nested tables left out
    bool header;
    const struct xml_node *node;
};
struct html_row {
    const struct html_cell **places; // NULL where no cell reaches
    size_t count;
};
struct html_table {
    char *caption;       // NULL: none
    size_t header_rows;  // how many rows at the top have only th cells or stand in a thead
    ptrdiff_t nested_in; // which table it stands in, or -1
    struct html_row *rows;
    size_t row_count;
    const struct xml_node *node;
    struct html_cell **cells; // each once
    size_t cell_count;
};
struct html_tables {
    struct html_table *items; // in the order of the page, nested ones too
    size_t count;
    size_t places; // in all of them
};

bool html_tables(struct html_tables **out, const struct xml_document *page, struct err *err) MUST_CHECK;
void html_tables_free(struct html_tables *tables);
DEFINE_SCOPED(html_tables)

#endif
