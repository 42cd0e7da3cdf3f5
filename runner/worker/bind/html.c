// Lua's html: pages with their tables, links and forms. In the worker. Forms are in form.c.
#include "lib/xml/html.h"

#include "lib/xml/table.h"
#include "lib/xml/url.h"
#include "worker/bind/form.h"
#include "worker/bind/node.h"

static const char document_type[] = "html.document";

// Begins as every document; the address is kept in the document's uservalue 2.
static struct xml_document *check_page(lua_State *L)
{
    const struct document_handle *handle = luaL_testudata(L, 1, document_type);
    if (!handle || !handle->document)
        bind_argument(L, 1, "page", node_words(L, PHRASE_EXPECTED_DOCUMENT));
    return handle->document;
}

// Borrowed from the page; "" when it was read without one.
static const char *address_of(lua_State *L)
{
    lua_getiuservalue(L, 1, 2);
    const char *address = lua_tostring(L, -1);
    lua_pop(L, 1);
    return address ? address : "";
}

static int html_module_parse(lua_State *L)
{
    static const char *const known[] = {"url", "charset", NULL};
    const struct text bytes = bind_text(L, 1, "text");
    bind_options(L, 2, known);
    lua_settop(L, 2);
    const struct text url = bind_option_text(L, 2, "url", TEXT_OF(""));
    const char *charset = bind_option_text(L, 2, "charset", (struct text){NULL, 0}).data;
    struct document_handle *handle = lua_newuserdatauv(L, sizeof *handle, 2);
    handle->document = NULL;
    luaL_setmetatable(L, document_type);
    lua_pushlstring(L, url.data, url.length);
    lua_setiuservalue(L, -2, 2);
    struct err err;
    if (!html_parse(&handle->document, bytes, charset, &err))
        return bind_raise(L, &err);
    return 1;
}

static int page_root(lua_State *L)
{
    node_push(L, 1, xml_root(check_page(L)));
    return 1;
}

static int page_charset(lua_State *L)
{
    lua_pushstring(L, html_charset(check_page(L)));
    return 1;
}

static int page_title(lua_State *L)
{
    char *title;
    struct err err;
    if (!html_title(&title, check_page(L), &err))
        return bind_raise(L, &err);
    lua_pushstring(L, title);
    xfree(title);
    return 1;
}

static int page_text(lua_State *L)
{
    struct buf text = buf_new(HTML_TEXT_MAX);
    struct err err;
    if (!html_text(&text, xml_root(check_page(L)), &err)) {
        buf_dispose(&text);
        return bind_raise(L, &err);
    }
    node_push_buffer(L, &text);
    return 1;
}

// ---- Links

static void push_link(lua_State *L, const struct html_link *link, const char *whole)
{
    lua_createtable(L, 0, 3);
    lua_pushstring(L, whole);
    lua_setfield(L, -2, "url");
    lua_pushstring(L, link->href);
    lua_setfield(L, -2, "href");
    lua_pushstring(L, link->text);
    lua_setfield(L, -2, "text");
}

// An address that is none stays as written: a page with one bad link can still be read.
static void push_links(lua_State *L, const struct html_links *links, const char *base)
{
    lua_createtable(L, (int)links->count, 0);
    for (size_t i = 0; i < links->count; i++) {
        char *whole = NULL;
        struct err ignored;
        const bool done = url_resolve(&whole, base, links->items[i].href, &ignored);
        push_link(L, &links->items[i], done ? whole : links->items[i].href);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
        xfree(whole);
    }
}

static int page_links(lua_State *L)
{
    const struct xml_document *page = check_page(L);
    struct html_links *links = NULL;
    char *base = NULL;
    struct err err;
    if (!html_base(&base, page, address_of(L), &err) || !html_links(&links, page, &err)) {
        xfree(base);
        return bind_raise(L, &err);
    }
    push_links(L, links, base);
    html_links_free(links);
    xfree(base);
    return 1;
}

// ---- Tables

static void push_row(lua_State *L, const struct html_row *row)
{
    lua_createtable(L, (int)row->count, 0);
    for (size_t i = 0; i < row->count; i++) {
        lua_pushstring(L, row->places[i] ? row->places[i]->text : "");
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
}

static void push_table(lua_State *L, const struct html_table *table)
{
    lua_createtable(L, 0, 4);
    lua_pushstring(L, table->caption);
    lua_setfield(L, -2, "caption");
    lua_pushinteger(L, (lua_Integer)table->header_rows);
    lua_setfield(L, -2, "header_rows");
    if (table->nested_in >= 0) {
        lua_pushinteger(L, (lua_Integer)table->nested_in + 1);
        lua_setfield(L, -2, "nested_in");
    }
    lua_createtable(L, (int)table->row_count, 0);
    for (size_t i = 0; i < table->row_count; i++) {
        push_row(L, &table->rows[i]);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    lua_setfield(L, -2, "rows");
}

static struct html_tables *tables_of(lua_State *L)
{
    struct html_tables *tables;
    struct err err;
    if (!html_tables(&tables, check_page(L), &err))
        bind_raise(L, &err);
    return tables;
}

static int page_tables(lua_State *L)
{
    struct html_tables *tables = tables_of(L);
    lua_createtable(L, (int)tables->count, 0);
    for (size_t i = 0; i < tables->count; i++) {
        push_table(L, &tables->items[i]);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    html_tables_free(tables);
    return 1;
}

static const struct html_table *find_table(const struct html_tables *tables, const char *caption,
                                           size_t number)
{
    if (!caption)
        return number >= 1 && number <= tables->count ? &tables->items[number - 1] : NULL;
    for (size_t i = 0; i < tables->count; i++)
        if (tables->items[i].caption && strcmp(tables->items[i].caption, caption) == 0)
            return &tables->items[i];
    return NULL;
}

static bool no_table(const struct html_tables *tables, const char *wanted, struct err *err)
{
    SCOPED_BUF(all, ERR_ARGUMENT_MAX - 1);
    bool room = buf_printf(&all, "%zu", tables->count);
    for (size_t i = 0; tables->items && i < tables->count && room; i++)
        if (tables->items[i].caption)
            room = buf_printf(&all, ", \"%s\"", tables->items[i].caption);
    return fail(err, ERR_HTML_TABLE, wanted, buf_string(&all));
}

static int page_table(lua_State *L)
{
    const bool named = lua_type(L, 2) == LUA_TSTRING;
    const char *caption = named ? lua_tostring(L, 2) : NULL;
    const size_t number = named ? 0 : (size_t)bind_integer_or(L, 2, "table", 1, INT64_MAX, 1);
    struct html_tables *tables = tables_of(L);
    const struct html_table *table = find_table(tables, caption, number);
    struct err err;
    if (table)
        push_table(L, table);
    else
        (void)no_table(tables, caption ? caption : N(number), &err);
    html_tables_free(tables);
    return table ? 1 : bind_raise(L, &err);
}

// ---- Forms

static int page_forms(lua_State *L)
{
    return form_push_all(L, check_page(L), address_of(L));
}

static int page_form(lua_State *L)
{
    return form_push_one(L, check_page(L), address_of(L));
}

static const luaL_Reg document_methods[] = {
    {"root", page_root},
    {"find", node_find},
    {"first", node_first},
    {"value", node_value},
    {"title", page_title},
    {"text", page_text},
    {"charset", page_charset},
    {"links", page_links},
    {"tables", page_tables},
    {"table", page_table},
    {"forms", page_forms},
    {"form", page_form},
    {NULL, NULL},
};
static const luaL_Reg document_metamethods[] = {{"__gc", document_gc}, {NULL, NULL}};
static const luaL_Reg functions[] = {{"parse", html_module_parse}, {NULL, NULL}};

int luaopen_html(lua_State *L);
int luaopen_html(lua_State *L)
{
    xml_start(); // in the zygote: what libxml2 needs is opened before any run is sealed
    node_class(L);
    form_class(L);
    bind_class(L, document_type, document_methods, document_metamethods);
    luaL_newlib(L, functions);
    return 1;
}
