// See node.h. What libxml2 gives is turned into Lua values and freed before anything may raise: Lua's allocator ends the
// run rather than fail, so pushing does not raise.
#include "worker/bind/node.h"

#include "lib/xml/build.h"
#include "lib/xml/xpath.h"
#include "worker/bind/values.h"
#include "worker/worker.h"

#include <stdio.h>

static const char node_type[] = "xml.node";

struct node_handle {
    const struct xml_node *node;
};

const char *node_words(lua_State *L, enum phrase phrase)
{
    return phrase_text(worker_of(L)->language, phrase);
}

struct document_handle *document_new(lua_State *L, const char *type)
{
    struct document_handle *handle = lua_newuserdatauv(L, sizeof *handle, 1);
    handle->document = NULL;
    luaL_setmetatable(L, type);
    return handle;
}

int document_gc(lua_State *L)
{
    struct document_handle *handle = lua_touserdata(L, 1);
    xml_document_free(STEAL(handle->document));
    return 0;
}

void node_push(lua_State *L, int document, const struct xml_node *node)
{
    if (!node) {
        lua_pushnil(L);
        return;
    }
    document = lua_absindex(L, document);
    struct node_handle *handle = lua_newuserdatauv(L, sizeof *handle, 1);
    handle->node = node;
    lua_pushvalue(L, document);
    lua_setiuservalue(L, -2, 1);
    luaL_setmetatable(L, node_type);
}

void node_push_buffer(lua_State *L, struct buf *bytes)
{
    lua_pushlstring(L, bytes->data ? bytes->data : "", bytes->length);
    buf_dispose(bytes);
}

static void push_date(lua_State *L, struct date date, const struct moment *moment)
{
    char text[64];
    if (moment)
        snprintf(text, sizeof text, "%04d-%02d-%02dT%02d:%02d:%02d", date.year, date.month, date.day,
                 moment->hour, moment->minute, moment->second);
    else
        snprintf(text, sizeof text, "%04d-%02d-%02d", date.year, date.month, date.day);
    lua_pushstring(L, text);
}

bool node_push_written(lua_State *L, int index)
{
    struct date date;
    struct moment moment;
    const struct decimal *decimal;
    if (lua_type(L, index) == LUA_TSTRING)
        lua_pushvalue(L, index);
    else if (lua_isinteger(L, index))
        lua_pushfstring(L, "%I", (LUAI_UACINT)lua_tointeger(L, index));
    else if (lua_isboolean(L, index))
        lua_pushstring(L, lua_toboolean(L, index) ? "true" : "false");
    else if ((decimal = bind_decimal_test(L, index)))
        bind_decimal_push_written(L, decimal);
    else if (bind_date_test(L, index, &date))
        push_date(L, date, NULL);
    else if (bind_moment_test(L, index, &moment))
        push_date(L, moment.date, &moment);
    else
        return false;
    return true;
}

// Whom a method was called on: a node, or a document as a whole.
struct place {
    const struct xml_node *node; // NULL: the document
    struct xml_document *document;
    int index; // of the document on the stack
};

static struct place place_of(lua_State *L)
{
    const struct node_handle *node = luaL_testudata(L, 1, node_type);
    struct place place = {.index = 1};
    if (node) {
        place.node = node->node;
        lua_getiuservalue(L, 1, 1);
        place.index = lua_gettop(L);
    } else if (!luaL_testudata(L, 1, "xml.document") && !luaL_testudata(L, 1, "html.document")) {
        bind_argument(L, 1, "self", node_words(L, PHRASE_EXPECTED_DOCUMENT));
    }
    place.document = ((struct document_handle *)lua_touserdata(L, place.index))->document;
    return place;
}

static const struct xml_node *check_node(lua_State *L)
{
    const struct node_handle *handle = luaL_testudata(L, 1, node_type);
    if (!handle)
        bind_argument(L, 1, "self", node_words(L, PHRASE_EXPECTED_NODE));
    return handle->node;
}

// ---- Questions

void node_check_namespaces(lua_State *L, int argument)
{
    if (lua_isnoneornil(L, argument))
        return;
    bind_table(L, argument, "namespaces");
    lua_pushnil(L);
    for (size_t count = 0; lua_next(L, argument); count++) {
        const bool texts = lua_type(L, -1) == LUA_TSTRING && lua_type(L, -2) == LUA_TSTRING;
        if (!texts || count == XPATH_NAMESPACES_MAX / 2)
            bind_argument(L, argument, "namespaces", node_words(L, PHRASE_EXPECTED_NAMESPACES));
        lua_pop(L, 1);
    }
}

// The texts stay alive with their table.
static size_t add_namespaces(lua_State *L, int table, struct xpath_namespace *out, size_t count)
{
    if (!lua_istable(L, table))
        return count;
    lua_pushnil(L);
    while (lua_next(L, table)) {
        out[count++] = (struct xpath_namespace){lua_tostring(L, -2), lua_tostring(L, -1)};
        lua_pop(L, 1);
    }
    return count;
}

static struct xpath_answer *ask(lua_State *L, struct place *place, const char **expression)
{
    *expression = bind_text(L, 2, "xpath").data;
    node_check_namespaces(L, 3);
    lua_settop(L, 3);
    *place = place_of(L);
    struct xpath_namespace spaces[XPATH_NAMESPACES_MAX];
    lua_getiuservalue(L, place->index, 1); // those given with the document; those given here win
    size_t count = add_namespaces(L, lua_gettop(L), spaces, 0);
    count = add_namespaces(L, 3, spaces, count);
    const struct xpath_question question = {*expression, spaces, count};
    struct xpath_answer *answer;
    struct err err;
    if (!xpath_ask(&answer, place->document, place->node, &question, &err))
        bind_raise(L, &err);
    return answer;
}

static struct xpath_answer *ask_nodes(lua_State *L, struct place *place)
{
    const char *expression;
    struct xpath_answer *answer = ask(L, place, &expression);
    const enum xpath_kind kind = xpath_kind(answer);
    if (kind != XPATH_IS_NODES) {
        xpath_answer_free(answer);
        bind_fail(L, ERR_XPATH_KIND, expression, xpath_kind_name(kind));
    }
    return answer;
}

int node_find(lua_State *L)
{
    struct place place;
    struct xpath_answer *answer = ask_nodes(L, &place);
    const size_t count = xpath_count(answer);
    lua_createtable(L, (int)count, 0);
    for (size_t i = 0; i < count; i++) {
        node_push(L, place.index, xpath_node(answer, i));
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    xpath_answer_free(answer);
    return 1;
}

int node_first(lua_State *L)
{
    struct place place;
    struct xpath_answer *answer = ask_nodes(L, &place);
    node_push(L, place.index, xpath_node(answer, 0));
    xpath_answer_free(answer);
    return 1;
}

static void push_text(lua_State *L, const struct xml_node *node)
{
    struct buf text = buf_new(XML_TEXT_MAX);
    struct err err;
    if (!xml_text(&text, node, &err)) {
        buf_dispose(&text);
        bind_raise(L, &err);
    }
    node_push_buffer(L, &text);
}

// A whole number of XPath's (a count) is a whole number in Lua.
static void push_number(lua_State *L, double number)
{
    lua_Integer whole;
    if (lua_numbertointeger(number, &whole) && (double)whole == number)
        lua_pushinteger(L, whole);
    else
        lua_pushnumber(L, number);
}

int node_value(lua_State *L)
{
    struct place place;
    const char *expression;
    struct xpath_answer *answer = ask(L, &place, &expression);
    const struct xml_node *node = xpath_node(answer, 0);
    switch (xpath_kind(answer)) {
    case XPATH_IS_NODES:
        lua_pushnil(L);
        break;
    case XPATH_IS_TEXT:
        lua_pushstring(L, xpath_text(answer));
        break;
    case XPATH_IS_NUMBER:
        push_number(L, xpath_number(answer));
        break;
    case XPATH_IS_BOOLEAN:
        lua_pushboolean(L, xpath_boolean(answer));
        break;
    }
    xpath_answer_free(answer);
    if (node)
        push_text(L, node);
    return 1;
}

// ---- Nodes

static int node_name(lua_State *L)
{
    lua_pushstring(L, xml_name(check_node(L)));
    return 1;
}

static int node_prefix(lua_State *L)
{
    lua_pushstring(L, xml_prefix(check_node(L))); // nil for NULL
    return 1;
}

static int node_namespace(lua_State *L)
{
    lua_pushstring(L, xml_namespace(check_node(L)));
    return 1;
}

static int node_line(lua_State *L)
{
    lua_pushinteger(L, xml_line(check_node(L)));
    return 1;
}

static int node_text(lua_State *L)
{
    push_text(L, check_node(L));
    return 1;
}

static int node_attribute(lua_State *L)
{
    const struct xml_node *node = check_node(L);
    const struct text name = bind_text(L, 2, "name");
    const struct text space = bind_text_or(L, 3, "namespace", (struct text){NULL, 0});
    lua_pushstring(L, xml_attribute(node, name.data, space.data));
    return 1;
}

static int node_attributes(lua_State *L)
{
    const struct xml_node *attribute = xml_first_attribute(check_node(L));
    lua_newtable(L);
    for (; attribute; attribute = xml_next_attribute(attribute)) {
        const char *prefix = xml_prefix(attribute);
        if (prefix)
            lua_pushfstring(L, "%s:%s", prefix, xml_name(attribute));
        else
            lua_pushstring(L, xml_name(attribute));
        lua_pushstring(L, xml_value(attribute));
        lua_rawset(L, -3);
    }
    return 1;
}

static int node_children(lua_State *L)
{
    const struct xml_node *node = check_node(L);
    const struct text name = bind_text_or(L, 2, "name", (struct text){NULL, 0});
    lua_settop(L, 2);
    lua_getiuservalue(L, 1, 1);
    lua_newtable(L);
    lua_Integer count = 0;
    for (const struct xml_node *child = xml_first_child(node); child; child = xml_next_sibling(child)) {
        if (name.data && strcmp(xml_name(child), name.data) != 0)
            continue;
        node_push(L, 3, child);
        lua_rawseti(L, 4, ++count);
    }
    return 1;
}

static int node_child(lua_State *L)
{
    const struct xml_node *node = check_node(L);
    const struct text name = bind_text(L, 2, "name");
    lua_getiuservalue(L, 1, 1);
    node_push(L, -1, xml_child(node, name.data));
    return 1;
}

static int node_parent(lua_State *L)
{
    const struct xml_node *node = check_node(L);
    lua_getiuservalue(L, 1, 1);
    node_push(L, -1, xml_parent(node));
    return 1;
}

static int node_written(lua_State *L)
{
    check_node(L);
    const struct place place = place_of(L);
    struct buf bytes = buf_new(XML_TEXT_MAX);
    struct err err;
    if (!xml_write_node(&bytes, place.document, place.node, &err)) {
        buf_dispose(&bytes);
        return bind_raise(L, &err);
    }
    node_push_buffer(L, &bytes);
    return 1;
}

static int node_equal(lua_State *L)
{
    const struct node_handle *a = luaL_testudata(L, 1, node_type), *b = luaL_testudata(L, 2, node_type);
    lua_pushboolean(L, a && b && a->node == b->node);
    return 1;
}

static int node_tostring(lua_State *L)
{
    const struct xml_node *node = check_node(L);
    lua_pushfstring(L, "<%s>, %d", xml_name(node), (int)xml_line(node));
    return 1;
}

static const luaL_Reg node_methods[] = {
    {"name", node_name},
    {"prefix", node_prefix},
    {"namespace", node_namespace},
    {"line", node_line},
    {"text", node_text},
    {"attribute", node_attribute},
    {"attributes", node_attributes},
    {"children", node_children},
    {"child", node_child},
    {"parent", node_parent},
    {"written", node_written},
    {"find", node_find},
    {"first", node_first},
    {"value", node_value},
    {NULL, NULL},
};
static const luaL_Reg node_metamethods[] = {
    {"__eq", node_equal}, {"__tostring", node_tostring}, {NULL, NULL}};

void node_class(lua_State *L)
{
    bind_class(L, node_type, node_methods, node_metamethods);
}
