// Cells, ranges, names, tables and what a page says beside its cells, as robots ask for them. In the worker.
#include "worker/bind/sheet_opened.h"

#include "lib/sheet/place.h"

enum { RANGE_CELLS_MAX = 1 << 20 };

/* ---- cells --------------------------------------------------------------------------------------------------------------- */

// The cell that argument 2 names; NULL: it is empty. *source is where it was found.
static const struct cell *find_cell(lua_State *L, struct source *source, struct place *place,
                                    enum rows_with with)
{
    struct err err;
    bool over;
    const struct sheet_row *row;
    *source = sheet_source(L);
    const struct text wanted = bind_text(L, 2, "cell");
    if (!place_find_cell(place, source->opened->book, source->page, wanted, &err) ||
        !book_row(source->opened->book, place->page, place->range.first.row, with, &row, &over, &err))
        opened_raise(L, source->opened, &err);
    return row ? sheet_row_cell(row, place->range.first.column) : NULL;
}

int sheet_cell(lua_State *L)
{
    struct source source;
    struct place place;
    const struct cell *cell = find_cell(L, &source, &place, ROWS_WITH_VALUES);
    if (cell)
        sheet_push_cell(L, cell);
    else
        lua_pushnil(L);
    return 1;
}

int sheet_formula_of(lua_State *L)
{
    struct source source;
    struct place place;
    const struct cell *cell = find_cell(L, &source, &place, ROWS_WITH_FORMULAS);
    if (cell && cell->formula.length)
        sheet_push_formula(L, cell);
    else
        lua_pushnil(L);
    return 1;
}

static const char *kind_name(const struct cell *cell)
{
    static const char *const names[] = {
        [CELL_EMPTY] = "empty",     [CELL_TEXT] = "text", [CELL_NUMBER] = "number",
        [CELL_BOOLEAN] = "boolean", [CELL_DATE] = "date", [CELL_ERROR] = "error"};
    static const char *const forms[] = {
        [CELL_DAY] = "date", [CELL_MOMENT] = "moment", [CELL_TIME] = "time", [CELL_ELAPSED] = "duration"};
    if (!cell)
        return names[CELL_EMPTY];
    if (cell->kind == CELL_DATE)
        return forms[cell->form];
    return cell->kind == CELL_NUMBER && cell->percent ? "percent" : names[cell->kind];
}

int sheet_kind(lua_State *L)
{
    struct source source;
    struct place place;
    lua_pushstring(L, kind_name(find_cell(L, &source, &place, ROWS_WITH_VALUES)));
    return 1;
}

/* ---- ranges -------------------------------------------------------------------------------------------------------------- */

// The cells of a row that are inside, as a list on top of the stack.
static void push_row(lua_State *L, const struct sheet_row *row, struct range range)
{
    const uint32_t width = range.last.column - range.first.column + 1;
    lua_createtable(L, row && width > row->count ? (int)row->count : (int)width, 0);
    for (size_t i = 0; row && i < row->count; i++) {
        const uint32_t column = row->cells[i].column;
        if (column < range.first.column || column > range.last.column || row->cells[i].kind == CELL_EMPTY)
            continue;
        sheet_push_cell(L, &row->cells[i]);
        lua_rawseti(L, -2, column - range.first.column + 1);
    }
}

// Whole columns and whole rows end where the page does.
int sheet_range(lua_State *L)
{
    struct err err;
    struct place place;
    const struct source source = sheet_source(L);
    if (!place_find(&place, source.opened->book, source.page, bind_text(L, 2, "range"), &err))
        opened_raise(L, source.opened, &err);
    const struct range range = place.range;
    const bool whole = range.first.row == 1 && range.last.row == SHEET_ROWS_MAX;
    const bool wide = range.first.column == 1 && range.last.column == SHEET_COLUMNS_MAX;
    const uint64_t width = wide ? 1 : range.last.column - range.first.column + 1;
    uint64_t cells = whole ? 0 : width * (range.last.row - range.first.row + 1);
    lua_newtable(L);
    for (uint32_t number = range.first.row; number <= range.last.row; number++) {
        const struct sheet_row *row;
        bool over;
        if (!book_row(source.opened->book, place.page, number, ROWS_WITH_VALUES, &row, &over, &err))
            opened_raise(L, source.opened, &err);
        if (over && whole)
            break;
        cells += whole ? width : 0;
        if (cells > RANGE_CELLS_MAX)
            return bind_fail(L, ERR_LIMIT_PASSED, "range", N(RANGE_CELLS_MAX));
        push_row(L, row, range);
        lua_rawseti(L, -2, number - range.first.row + 1);
    }
    return 1;
}

/* ---- what a page says beside its cells ------------------------------------------------------------------------------------- */

static void push_range_text(lua_State *L, struct range range)
{
    char text[RANGE_TEXT_SIZE];
    lua_pushstring(L, range_text(text, range));
}

static const struct layout *layout_of(lua_State *L, struct source source, size_t page)
{
    struct err err;
    const struct layout *layout;
    if (!book_layout(source.opened->book, page, &layout, &err))
        opened_raise(L, source.opened, &err);
    return layout;
}

int sheet_merged(lua_State *L)
{
    const struct source source = sheet_source(L);
    const struct layout *layout = layout_of(L, source, source.page);
    lua_createtable(L, (int)layout->merged_count, 0);
    for (size_t i = 0; i < layout->merged_count; i++) {
        push_range_text(L, layout->merged[i]);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    return 1;
}

// "B:D" or "3:7"
static void push_spans(lua_State *L, const struct spans *spans, bool columns)
{
    lua_createtable(L, (int)spans->count, 0);
    for (size_t i = 0; i < spans->count; i++) {
        char first[REFERENCE_TEXT_SIZE], last[REFERENCE_TEXT_SIZE];
        const struct span span = spans->items[i];
        if (columns)
            lua_pushfstring(L, "%s:%s", column_text(first, span.first), column_text(last, span.last));
        else
            lua_pushfstring(L, "%d:%d", (int)span.first, (int)span.last);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
}

int sheet_hidden_rows(lua_State *L)
{
    const struct source source = sheet_source(L);
    push_spans(L, &layout_of(L, source, source.page)->hidden_rows, false);
    return 1;
}

int sheet_hidden_columns(lua_State *L)
{
    const struct source source = sheet_source(L);
    push_spans(L, &layout_of(L, source, source.page)->hidden_columns, true);
    return 1;
}

int sheet_is_hidden(lua_State *L)
{
    struct err err;
    struct place place;
    const struct source source = sheet_source(L);
    if (!place_find_cell(&place, source.opened->book, source.page, bind_text(L, 2, "cell"), &err))
        opened_raise(L, source.opened, &err);
    const struct reference cell = place.range.first;
    const struct layout *layout = layout_of(L, source, place.page);
    lua_pushboolean(L, book_page(source.opened->book, place.page)->visibility != PAGE_VISIBLE ||
                           spans_hold(&layout->hidden_rows, cell.row) ||
                           spans_hold(&layout->hidden_columns, cell.column));
    return 1;
}

/* ---- names and tables ------------------------------------------------------------------------------------------------------ */

static void set_text(lua_State *L, const char *field, const char *value)
{
    lua_pushstring(L, value);
    lua_setfield(L, -2, field);
}

static void set_range(lua_State *L, const struct opened *opened, size_t page, struct range range)
{
    set_text(L, "page", book_page(opened->book, page)->name);
    push_range_text(L, range);
    lua_setfield(L, -2, "range");
}

int sheet_names(lua_State *L)
{
    const struct source source = sheet_source(L);
    const struct names *names = book_names(source.opened->book);
    lua_createtable(L, (int)names->count, 0);
    for (size_t i = 0; i < names->count; i++) {
        const struct defined_name *name = &names->items[i];
        lua_createtable(L, 0, 6);
        set_text(L, "name", name->name);
        set_text(L, "refers_to", name->formula);
        if (name->scope < book_page_count(source.opened->book))
            set_text(L, "only_on", book_page(source.opened->book, name->scope)->name);
        if (name->is_range)
            set_range(L, source.opened, name->page, name->range);
        lua_pushboolean(L, name->hidden);
        lua_setfield(L, -2, "hidden");
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    return 1;
}

int sheet_tables(lua_State *L)
{
    struct err err;
    const struct tables *tables;
    const struct source source = sheet_source(L);
    lua_Integer place = 0;
    if (!book_tables(source.opened->book, &tables, &err))
        opened_raise(L, source.opened, &err);
    lua_newtable(L);
    for (size_t i = 0; i < tables->count; i++) {
        const struct sheet_table *table = &tables->items[i];
        if (!source.whole && table->page != source.page)
            continue;
        lua_createtable(L, 0, 5);
        set_text(L, "name", table->name);
        set_range(L, source.opened, table->page, table->range);
        lua_pushboolean(L, table->total_rows > 0);
        lua_setfield(L, -2, "totals");
        lua_createtable(L, (int)table->column_count, 0);
        for (size_t k = 0; k < table->column_count; k++) {
            lua_pushstring(L, table->columns[k]);
            lua_rawseti(L, -2, (lua_Integer)k + 1);
        }
        lua_setfield(L, -2, "columns");
        lua_rawseti(L, -2, ++place);
    }
    return 1;
}
