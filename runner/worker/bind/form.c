// See form.h. A form's userdata holds the page (its names point into it) and the box that owns all forms read with it;
// `form.values` is a userdata of its own that holds the form.
#include "worker/bind/form.h"

#include "lib/xml/form.h"
#include "worker/bind/node.h"

static const char box_type[] = "html.forms", form_type[] = "html.form", values_type[] = "html.values";

enum { OF_PAGE = 1, OF_BOX, OF_VALUES }; // uservalues of a form
enum { VALUES_MAX = 10000 };             // given for one name

static int box_gc(lua_State *L)
{
    struct html_forms **forms = lua_touserdata(L, 1);
    html_forms_free(STEAL(*forms));
    return 0;
}

static struct html_form *check_form(lua_State *L)
{
    struct html_form **form = luaL_testudata(L, 1, form_type);
    if (!form)
        bind_argument(L, 1, "form", node_words(L, PHRASE_EXPECTED_FORM));
    return *form;
}

// ---- form.values

static struct html_form *form_of_values(lua_State *L)
{
    lua_getiuservalue(L, 1, 1);
    struct html_form **form = lua_touserdata(L, -1);
    lua_pop(L, 1);
    return *form;
}

static void append_value(void *data, const char *value)
{
    lua_State *L = data;
    lua_pushstring(L, value);
    lua_rawseti(L, -2, (lua_Integer)lua_rawlen(L, -2) + 1);
}

static int values_index(lua_State *L)
{
    const struct html_form *form = form_of_values(L);
    const char *name = bind_text(L, 2, "name").data;
    const enum form_shape shape = html_form_shape(form, name);
    struct err err;
    if (shape == FORM_NONE) {
        (void)html_form_unknown(form, name, &err);
        return bind_raise(L, &err);
    }
    lua_newtable(L);
    (void)html_form_get(form, name, append_value, L);
    if (shape == FORM_TICK)
        lua_pushboolean(L, lua_rawlen(L, -1) > 0);
    else if (shape == FORM_ONE)
        lua_rawgeti(L, -1, 1); // nil: none is chosen
    return 1;
}

static void wrong_value(lua_State *L)
{
    bind_argument(L, 3, "value", node_words(L, PHRASE_EXPECTED_FORM_VALUE));
}

// The list at 3 as written texts, in a table of their own that keeps them alive and an array that borrows them.
static size_t collect_values(lua_State *L, struct text **out)
{
    const size_t count = lua_rawlen(L, 3);
    if (count > VALUES_MAX)
        bind_fail(L, ERR_LIMIT_PASSED, "form", N(VALUES_MAX));
    struct text *values = lua_newuserdatauv(L, (count + 1) * sizeof *values, 0);
    lua_createtable(L, (int)count, 0);
    const int kept = lua_gettop(L);
    for (size_t i = 0; i < count; i++) {
        lua_rawgeti(L, 3, (lua_Integer)i + 1);
        if (!node_push_written(L, -1))
            wrong_value(L);
        values[i].data = lua_tolstring(L, -1, &values[i].length);
        lua_rawseti(L, kept, (lua_Integer)i + 1);
        lua_pop(L, 1);
    }
    *out = values;
    return count;
}

static bool set_one(lua_State *L, struct html_form *form, const char *name, struct err *err)
{
    struct text value = TEXT_OF("");
    if (lua_isboolean(L, 3))
        return html_form_tick(form, name, lua_toboolean(L, 3), err);
    if (lua_isnil(L, 3))
        return html_form_set(form, name, NULL, 0, err);
    if (!node_push_written(L, 3))
        wrong_value(L);
    value.data = lua_tolstring(L, -1, &value.length);
    return html_form_set(form, name, &value, 1, err);
}

static int values_newindex(lua_State *L)
{
    struct html_form *form = form_of_values(L);
    const char *name = bind_text(L, 2, "name").data;
    struct text *values = NULL;
    struct err err;
    bool done;
    if (lua_istable(L, 3)) {
        const size_t count = collect_values(L, &values);
        done = html_form_set(form, name, values, count, &err);
    } else {
        done = set_one(L, form, name, &err);
    }
    return done ? 0 : bind_raise(L, &err);
}

// ---- The form

// upvalue: the class's own __index, which knows the methods and the nearest name
static int form_index(lua_State *L)
{
    if (lua_type(L, 2) == LUA_TSTRING && strcmp(lua_tostring(L, 2), "values") == 0) {
        check_form(L);
        lua_getiuservalue(L, 1, OF_VALUES);
        return 1;
    }
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_insert(L, 1);
    lua_call(L, lua_gettop(L) - 1, 1);
    return 1;
}

static int form_name(lua_State *L)
{
    lua_pushstring(L, check_form(L)->name);
    return 1;
}

static int form_id(lua_State *L)
{
    lua_pushstring(L, check_form(L)->id);
    return 1;
}

static void push_option(lua_State *L, const struct html_option *option)
{
    lua_createtable(L, 0, 3);
    lua_pushstring(L, option->value);
    lua_setfield(L, -2, "value");
    lua_pushstring(L, option->text);
    lua_setfield(L, -2, "text");
    lua_pushboolean(L, option->selected);
    lua_setfield(L, -2, "selected");
}

static void push_options(lua_State *L, const struct html_field *field)
{
    lua_createtable(L, (int)field->option_count, 0);
    for (size_t i = 0; i < field->option_count; i++) {
        push_option(L, &field->options[i]);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
}

static void push_field(lua_State *L, const struct html_field *field)
{
    lua_createtable(L, 0, 6);
    lua_pushstring(L, field->name);
    lua_setfield(L, -2, "name");
    lua_pushstring(L, field->type ? field->type : field->tag);
    lua_setfield(L, -2, "type");
    lua_pushstring(L, field->value);
    lua_setfield(L, -2, "value");
    lua_pushstring(L, field->text);
    lua_setfield(L, -2, "text");
    lua_pushboolean(L, field->checked);
    lua_setfield(L, -2, "checked");
    lua_pushboolean(L, field->disabled || field->barred);
    lua_setfield(L, -2, "disabled");
    if (strcmp(field->tag, "select") == 0) {
        push_options(L, field);
        lua_setfield(L, -2, "options");
    }
}

static int form_fields(lua_State *L)
{
    const struct html_form *form = check_form(L);
    lua_createtable(L, (int)form->field_count, 0);
    for (size_t i = 0; i < form->field_count; i++) {
        push_field(L, &form->fields[i]);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    return 1;
}

static void push_entry(lua_State *L, const struct form_entry *entry)
{
    lua_createtable(L, 2, 1);
    lua_pushstring(L, entry->name);
    lua_rawseti(L, -2, 1);
    lua_pushstring(L, entry->value);
    lua_rawseti(L, -2, 2);
    if (entry->file) {
        lua_pushboolean(L, 1);
        lua_setfield(L, -2, "file");
    }
}

static void push_request(lua_State *L, const struct form_request *request)
{
    lua_createtable(L, 0, 4);
    lua_pushstring(L, request->method);
    lua_setfield(L, -2, "method");
    lua_pushstring(L, request->url);
    lua_setfield(L, -2, "url");
    lua_pushboolean(L, request->multipart);
    lua_setfield(L, -2, "multipart");
    if (strcmp(request->method, "GET") == 0)
        return; // all is in the address
    lua_createtable(L, (int)request->count, 0);
    for (size_t i = 0; i < request->count; i++) {
        push_entry(L, &request->entries[i]);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    lua_setfield(L, -2, "form");
}

static int form_request(lua_State *L)
{
    static const char *const known[] = {"button", NULL};
    const struct html_form *form = check_form(L);
    bind_options(L, 2, known);
    const char *button = bind_option_text(L, 2, "button", (struct text){NULL, 0}).data;
    struct form_request *request;
    struct err err;
    if (!html_form_request(&request, form, button, &err))
        return bind_raise(L, &err);
    push_request(L, request);
    form_request_free(request);
    return 1;
}

// ---- Forms of a page

static void push_values(lua_State *L, int form)
{
    lua_newuserdatauv(L, 0, 1);
    lua_pushvalue(L, form);
    lua_setiuservalue(L, -2, 1);
    luaL_setmetatable(L, values_type);
}

static void push_form(lua_State *L, int box, struct html_form *form)
{
    struct html_form **own = lua_newuserdatauv(L, sizeof(struct html_form *), 3);
    *own = form;
    luaL_setmetatable(L, form_type);
    const int index = lua_gettop(L);
    lua_pushvalue(L, 1);
    lua_setiuservalue(L, index, OF_PAGE);
    lua_pushvalue(L, box);
    lua_setiuservalue(L, index, OF_BOX);
    push_values(L, index);
    lua_setiuservalue(L, index, OF_VALUES);
}

static struct html_forms *push_box(lua_State *L, const struct xml_document *page, const char *address)
{
    struct html_forms **forms = lua_newuserdatauv(L, sizeof(struct html_forms *), 0);
    *forms = NULL;
    luaL_setmetatable(L, box_type);
    struct err err;
    if (!html_forms(forms, page, address, &err))
        bind_raise(L, &err);
    return *forms;
}

int form_push_all(lua_State *L, const struct xml_document *page, const char *address)
{
    const struct html_forms *forms = push_box(L, page, address);
    const int box = lua_gettop(L);
    lua_createtable(L, (int)forms->count, 0);
    for (size_t i = 0; i < forms->count; i++) {
        push_form(L, box, &forms->items[i]);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    return 1;
}

static bool is_called(const struct html_form *form, const char *name)
{
    return (form->name && strcmp(form->name, name) == 0) || (form->id && strcmp(form->id, name) == 0);
}

static struct html_form *find_form(const struct html_forms *forms, const char *name, size_t number)
{
    if (!name)
        return number >= 1 && number <= forms->count ? &forms->items[number - 1] : NULL;
    for (size_t i = 0; i < forms->count; i++)
        if (is_called(&forms->items[i], name))
            return &forms->items[i];
    return NULL;
}

static bool no_form(const struct html_forms *forms, const char *wanted, struct err *err)
{
    SCOPED_BUF(all, ERR_ARGUMENT_MAX - 1);
    bool room = buf_printf(&all, "%zu", forms->count);
    for (size_t i = 0; forms->items && i < forms->count && room; i++) {
        const char *name = forms->items[i].name ? forms->items[i].name : forms->items[i].id;
        if (name)
            room = buf_printf(&all, ", \"%s\"", name);
    }
    return fail(err, ERR_HTML_FORM, wanted, buf_string(&all));
}

int form_push_one(lua_State *L, const struct xml_document *page, const char *address)
{
    const bool named = lua_type(L, 2) == LUA_TSTRING;
    if (!named && !lua_isnoneornil(L, 2) && !lua_isinteger(L, 2))
        return bind_argument(L, 2, "form", node_words(L, PHRASE_EXPECTED_KEY));
    const char *name = named ? lua_tostring(L, 2) : NULL;
    const size_t number = named ? 0 : (size_t)bind_integer_or(L, 2, "form", 1, INT64_MAX, 1);
    const struct html_forms *forms = push_box(L, page, address);
    struct html_form *form = find_form(forms, name, number);
    struct err err;
    if (!form) {
        (void)no_form(forms, name ? name : N(number), &err);
        return bind_raise(L, &err);
    }
    push_form(L, lua_gettop(L), form);
    return 1;
}

static const luaL_Reg form_methods[] = {
    {"name", form_name}, {"id", form_id}, {"fields", form_fields}, {"request", form_request}, {NULL, NULL},
};
static const luaL_Reg box_metamethods[] = {{"__gc", box_gc}, {NULL, NULL}};
static const luaL_Reg values_metamethods[] = {
    {"__index", values_index},
    {"__newindex", values_newindex},
    {NULL, NULL},
};

void form_class(lua_State *L)
{
    bind_class(L, box_type, NULL, box_metamethods);
    bind_class(L, values_type, NULL, values_metamethods);
    bind_class(L, form_type, form_methods, NULL);
    luaL_getmetatable(L, form_type);
    lua_getfield(L, -1, "__index");
    lua_pushcclosure(L, form_index, 1);
    lua_setfield(L, -2, "__index");
    lua_pop(L, 1);
}
