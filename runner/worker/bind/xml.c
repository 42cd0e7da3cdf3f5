// Lua's xml: reading, asking, validating, building. In the worker.
#include "lib/xml/xml.h"

#include "lib/xml/build.h"
#include "lib/xml/schema.h"
#include "worker/bind/node.h"

static const char document_type[] = "xml.document", schema_type[] = "xml.schema",
                  builder_type[] = "xml.builder";

static struct document_handle *check_document(lua_State *L, int argument)
{
    struct document_handle *handle = luaL_testudata(L, argument, document_type);
    if (!handle || !handle->document)
        bind_argument(L, argument, "document", node_words(L, PHRASE_EXPECTED_DOCUMENT));
    return handle;
}

// ---- Documents

static int xml_module_parse(lua_State *L)
{
    static const char *const known[] = {"charset", "namespaces", "ignore_namespaces", "ignore_doctype", NULL};
    const struct text bytes = bind_text(L, 1, "text");
    bind_options(L, 2, known);
    lua_settop(L, 2);
    const struct xml_options options = {
        .charset = bind_option_text(L, 2, "charset", (struct text){NULL, 0}).data,
        .ignore_namespaces = bind_option_boolean(L, 2, "ignore_namespaces", false),
        .ignore_doctype = bind_option_boolean(L, 2, "ignore_doctype", false),
    };
    lua_pushnil(L);
    if (lua_istable(L, 2)) {
        lua_pop(L, 1);
        lua_getfield(L, 2, "namespaces");
    }
    node_check_namespaces(L, 3);
    struct document_handle *handle = document_new(L, document_type);
    lua_pushvalue(L, 3);
    lua_setiuservalue(L, 4, 1);
    struct err err;
    if (!xml_parse(&handle->document, bytes, &options, &err))
        return bind_raise(L, &err);
    return 1;
}

static int document_root(lua_State *L)
{
    node_push(L, 1, xml_root(check_document(L, 1)->document));
    return 1;
}

static int document_written(lua_State *L)
{
    static const char *const known[] = {"encoding", "indent", "declaration", NULL};
    const struct document_handle *handle = check_document(L, 1);
    bind_options(L, 2, known);
    const struct xml_write_options options = {
        .encoding = bind_option_text(L, 2, "encoding", (struct text){NULL, 0}).data,
        .indent = bind_option_boolean(L, 2, "indent", false),
        .bare = !bind_option_boolean(L, 2, "declaration", true),
    };
    struct buf bytes = buf_new(2 * (size_t)XML_BYTES_MAX);
    struct err err;
    if (!xml_write(&bytes, handle->document, &options, &err)) {
        buf_dispose(&bytes);
        return bind_raise(L, &err);
    }
    node_push_buffer(L, &bytes);
    return 1;
}

// ---- Schemas

static int schema_gc(lua_State *L)
{
    struct schema **schema = lua_touserdata(L, 1);
    schema_free(STEAL(*schema));
    return 0;
}

// The files of { ["types.xsd"] = text, … } at `table`; the texts stay alive with it.
static size_t collect_files(lua_State *L, int table, struct schema_file files[SCHEMA_FILES_MAX])
{
    size_t count = 0;
    if (!lua_istable(L, table))
        return 0;
    lua_pushnil(L);
    while (lua_next(L, table)) {
        size_t length;
        if (lua_type(L, -1) != LUA_TSTRING || lua_type(L, -2) != LUA_TSTRING || count == SCHEMA_FILES_MAX)
            bind_argument(L, table, "files", node_words(L, PHRASE_EXPECTED_FILES));
        const char *content = lua_tolstring(L, -1, &length);
        files[count++] = (struct schema_file){lua_tostring(L, -2), text_of(content, length)};
        lua_pop(L, 1);
    }
    return count;
}

// Pushes the schema made from the text at `argument` and the option `files` at the next one.
static struct schema *push_schema(lua_State *L, int argument)
{
    static const char *const known[] = {"files", NULL};
    const struct text content = bind_text(L, argument, "schema");
    bind_options(L, argument + 1, known);
    lua_settop(L, argument + 1);
    lua_pushnil(L);
    if (lua_istable(L, argument + 1)) {
        lua_pop(L, 1);
        lua_getfield(L, argument + 1, "files");
        if (!lua_isnil(L, -1))
            bind_table(L, -1, "files");
    }
    struct schema_file files[SCHEMA_FILES_MAX];
    const size_t count = collect_files(L, lua_gettop(L), files);
    struct schema **schema = lua_newuserdatauv(L, sizeof *schema, 0);
    *schema = NULL;
    luaL_setmetatable(L, schema_type);
    struct err err;
    if (!schema_parse(schema, content, files, count, &err))
        bind_raise(L, &err);
    return *schema;
}

static int xml_module_schema(lua_State *L)
{
    push_schema(L, 1);
    return 1;
}

// The schema at `argument`, or made from the text there.
static const struct schema *schema_at(lua_State *L, int argument)
{
    struct schema *const *schema = luaL_testudata(L, argument, schema_type);
    return schema ? *schema : push_schema(L, argument);
}

static struct schema_verdict *verdict(lua_State *L)
{
    const struct document_handle *handle = check_document(L, 1);
    const struct schema *schema = schema_at(L, 2);
    struct schema_verdict *result;
    struct err err;
    if (!schema_validate(&result, schema, handle->document, &err))
        bind_raise(L, &err);
    return result;
}

static int xml_module_validate(lua_State *L)
{
    struct schema_verdict *result = verdict(L);
    lua_createtable(L, (int)result->count, 0);
    for (size_t i = 0; i < result->count; i++) {
        lua_createtable(L, 0, 2);
        lua_pushinteger(L, result->faults[i].line);
        lua_setfield(L, -2, "line");
        lua_pushstring(L, result->faults[i].reason);
        lua_setfield(L, -2, "reason");
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    schema_verdict_free(result);
    return 1;
}

static int xml_module_check(lua_State *L)
{
    struct schema_verdict *result = verdict(L);
    struct err err;
    const bool valid = result->total == 0;
    if (!valid)
        (void)fail(&err, ERR_XML_INVALID, N(result->total), N(result->faults[0].line),
                   result->faults[0].reason);
    schema_verdict_free(result);
    if (!valid)
        return bind_raise(L, &err);
    lua_settop(L, 1);
    return 1;
}

// ---- Building

static int builder_gc(lua_State *L)
{
    struct xml_builder **builder = lua_touserdata(L, 1);
    xml_builder_free(STEAL(*builder));
    return 0;
}

struct building {
    struct xml_builder *builder;
    struct err err;
};

static struct text top_text(lua_State *L)
{
    struct text text;
    text.data = lua_tolstring(L, -1, &text.length);
    return text;
}

static void must(lua_State *L, struct building *building, bool done)
{
    if (!done)
        bind_raise(L, &building->err);
}

static void wrong_value(lua_State *L, int index)
{
    lua_replace(L, 1); // what is described is argument 1
    (void)index;
    bind_argument(L, 1, "element", node_words(L, PHRASE_EXPECTED_XML_VALUE));
}

// The attributes' names, sorted: a table of Lua has no order, a document must come out the same each time.
static int push_sorted_names(lua_State *L, int element)
{
    int count = 0;
    lua_newtable(L);
    const int names = lua_gettop(L);
    lua_pushnil(L);
    while (lua_next(L, element)) {
        lua_pop(L, 1);
        if (lua_type(L, -1) != LUA_TSTRING)
            continue;
        const char *name = lua_tostring(L, -1);
        int at = ++count;
        for (; at > 1; at--) { // insertion keeps it sorted; elements have few attributes
            lua_rawgeti(L, names, at - 1);
            if (strcmp(lua_tostring(L, -1), name) <= 0) {
                lua_pop(L, 1);
                break;
            }
            lua_rawseti(L, names, at);
        }
        lua_pushvalue(L, -1);
        lua_rawseti(L, names, at);
    }
    return count;
}

static void add_attributes(lua_State *L, struct building *building, int element)
{
    const int count = push_sorted_names(L, element), names = lua_gettop(L);
    for (int i = 1; i <= count; i++) {
        lua_rawgeti(L, names, i);
        const struct text name = top_text(L);
        lua_pushvalue(L, -1);
        lua_rawget(L, element);
        if (!node_push_written(L, -1))
            wrong_value(L, -1);
        must(L, building, xml_build_attribute(building->builder, name, top_text(L), &building->err));
        lua_settop(L, names);
    }
    lua_settop(L, names - 1);
}

// The largest whole key: nil among the children (of a condition that did not hold) is no end.
static lua_Integer last_child(lua_State *L, int element)
{
    lua_Integer last = 0;
    lua_pushnil(L);
    while (lua_next(L, element)) {
        lua_pop(L, 1);
        if (lua_isinteger(L, -1) && lua_tointeger(L, -1) > last)
            last = lua_tointeger(L, -1);
    }
    return last;
}

enum { CHILDREN_MAX = 10000000 };

static void add_element(lua_State *L, struct building *building, int element)
{
    luaL_checkstack(L, 20, NULL);
    lua_rawgeti(L, element, 1);
    if (lua_type(L, -1) != LUA_TSTRING)
        wrong_value(L, -1);
    must(L, building, xml_build_open(building->builder, top_text(L), &building->err));
    lua_pop(L, 1);
    add_attributes(L, building, element);
    const lua_Integer last = last_child(L, element);
    if (last > CHILDREN_MAX)
        bind_fail(L, ERR_LIMIT_PASSED, "XML", N(CHILDREN_MAX));
    for (lua_Integer i = 2; i <= last; i++) {
        const int type = lua_rawgeti(L, element, i);
        if (type == LUA_TTABLE) {
            add_element(L, building, lua_gettop(L));
        } else if (type != LUA_TNIL) {
            if (!node_push_written(L, -1))
                wrong_value(L, -1);
            must(L, building, xml_build_text(building->builder, top_text(L), &building->err));
            lua_pop(L, 1);
        }
        lua_pop(L, 1);
    }
    xml_build_close(building->builder);
}

static int xml_module_build(lua_State *L)
{
    bind_table(L, 1, "element");
    lua_settop(L, 1);
    lua_pushvalue(L, 1); // argument 1 makes room for what is wrong, see wrong_value
    struct xml_builder **box = lua_newuserdatauv(L, sizeof *box, 0);
    *box = NULL;
    luaL_setmetatable(L, builder_type);
    *box = xml_builder_new();
    struct building building = {.builder = *box};
    add_element(L, &building, 2);
    struct document_handle *handle = document_new(L, document_type);
    must(L, &building, xml_build_done(&handle->document, *box, &building.err));
    return 1;
}

static const luaL_Reg document_methods[] = {
    {"root", document_root}, {"find", node_find},           {"first", node_first},
    {"value", node_value},   {"written", document_written}, {NULL, NULL},
};
static const luaL_Reg document_metamethods[] = {{"__gc", document_gc}, {NULL, NULL}};
static const luaL_Reg schema_metamethods[] = {{"__gc", schema_gc}, {NULL, NULL}};
static const luaL_Reg builder_metamethods[] = {{"__gc", builder_gc}, {NULL, NULL}};

static const luaL_Reg functions[] = {
    {"parse", xml_module_parse}, {"schema", xml_module_schema}, {"validate", xml_module_validate},
    {"check", xml_module_check}, {"build", xml_module_build},   {NULL, NULL},
};

int luaopen_xml(lua_State *L);
int luaopen_xml(lua_State *L)
{
    xml_start(); // in the zygote: what libxml2 needs is opened before any run is sealed
    node_class(L);
    bind_class(L, document_type, document_methods, document_metamethods);
    bind_class(L, schema_type, NULL, schema_metamethods);
    bind_class(L, builder_type, NULL, builder_metamethods);
    luaL_newlib(L, functions);
    return 1;
}
