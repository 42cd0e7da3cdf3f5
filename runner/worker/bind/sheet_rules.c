// page:rule and page:entry: conditional formats, and what may be typed in. In the worker.
#include "worker/bind/sheet_write.h"

enum { LIST_ITEMS_MAX = 127 };

const char *const entry_options[] = {"type",    "list",     "from",    "when",        "value",
                                     "upper",   "title",    "message", "error_title", "error",
                                     "warning", "required", NULL};

static void read_operand(lua_State *L, int table, const char *option, struct sheet_operand *out)
{
    if (lua_getfield(L, table, option) != LUA_TNIL && !sheet_operand_read(L, lua_gettop(L), out))
        bind_argument(L, 2, option, "a text, number, decimal, date or sheet.formula");
    lua_pop(L, 1); // what is borrowed stays in its table
}

static unsigned read_when(lua_State *L, int table, const char *otherwise)
{
    unsigned when;
    const struct text name = bind_option_text(L, table, "when", text_from(otherwise));
    if (sheet_rule_from_name(&when, name))
        return when;
    size_t count = 0;
    while (sheet_rule_names[count])
        count++;
    const char *nearest = text_nearest(name.data, sheet_rule_names, count);
    bind_fail(L, ERR_SHEET_NO_RULE, name.data, nearest ? nearest : "<");
}

// colours = { "#FF0000", "#00FF00" }
static size_t read_colours(lua_State *L, int table, uint32_t colours[RULE_COLOURS_MAX])
{
    size_t count = 0;
    if (lua_getfield(L, table, "colours") == LUA_TTABLE) {
        const int list = lua_gettop(L);
        lua_newtable(L); // each colour as an option of its own, to be checked as such
        for (; lua_rawgeti(L, list, (lua_Integer)count + 1) != LUA_TNIL; count++) {
            if (count == RULE_COLOURS_MAX)
                bind_argument(L, 2, "colours", "one to three colours");
            lua_setfield(L, list + 1, "colours");
            colours[count] = colour_option(L, list + 1, "colours");
        }
        lua_settop(L, list);
    } else if (!lua_isnil(L, -1)) {
        bind_argument(L, 2, "colours", "a list of colours such as \"#0000BF\"");
    }
    lua_pop(L, 1);
    return count;
}

void rule_read(lua_State *L, int table, struct sheet_rule *out)
{
    out->when = read_when(L, table, "=");
    read_operand(L, table, "value", &out->value);
    read_operand(L, table, "upper", &out->upper);
    out->look = look_option(L, table, "format");
    out->colour_count = read_colours(L, table, out->colours);
    out->stop = bind_option_boolean(L, table, "stop", false);
}

// page:rule { range = "B2:B20", when = "<", value = 0, format = "bad" }
int page_rule(lua_State *L)
{
    static const char *const known[] = {"range", "when", "value", "upper", "format", "colours", "stop", NULL};
    struct err err;
    size_t page;
    struct sheet_rule rule = {0};
    struct report *report = written_page_check(L, &page);
    bind_table(L, 2, "rule");
    bind_options(L, 2, known);
    if (!range_option(L, 2, "range", report, NULL, &rule.range))
        bind_argument(L, 2, "range", "a range such as \"B2:B20\"");
    rule_read(L, 2, &rule);
    if (!sheet_writer_rule(report->writer, page, &rule, &err))
        report_raise(L, report, &err);
    lua_settop(L, 1);
    return 1;
}

// The items stay in their table.
static const char *const *read_list(lua_State *L, int table, const char *items[LIST_ITEMS_MAX + 1])
{
    if (lua_getfield(L, table, "list") == LUA_TNIL) {
        lua_pop(L, 1);
        return NULL;
    }
    bind_table(L, lua_gettop(L), "list");
    size_t count = 0;
    while (lua_rawgeti(L, -1, (lua_Integer)count + 1) == LUA_TSTRING) {
        if (count == LIST_ITEMS_MAX)
            bind_fail(L, ERR_SHEET_ENTRY_LIST, N(count + 1));
        items[count++] = lua_tostring(L, -1);
        lua_pop(L, 1);
    }
    if (!lua_isnil(L, -1) || !count)
        bind_argument(L, 3, "list", "a list of texts");
    items[count] = NULL;
    lua_pop(L, 2);
    return items;
}

void entry_write(lua_State *L, int table, struct report *report, size_t page, struct range range)
{
    struct err err;
    const char *items[LIST_ITEMS_MAX + 1];
    struct sheet_entry entry = {.range = range, .from_page = page};
    entry.list = read_list(L, table, items);
    const bool from = range_option(L, table, "from", report, &entry.from_page, &entry.from);
    const char *otherwise = entry.list || from ? "list" : "any";
    if (!sheet_entry_from_name(&entry.kind, bind_option_text(L, table, "type", text_from(otherwise))))
        bind_argument(L, 3, "type", "list, integer, number, date, length, formula or any");
    if (entry.kind == ENTRY_LIST && !entry.list && !from)
        bind_argument(L, 3, "list", "a list of texts, or from = \"Page!A1:A9\"");
    entry.when = read_when(L, table, "between");
    read_operand(L, table, "value", &entry.value);
    read_operand(L, table, "upper", &entry.upper);
    entry.title = words_option(L, table, "title");
    entry.message = words_option(L, table, "message");
    entry.error_title = words_option(L, table, "error_title");
    entry.error = words_option(L, table, "error");
    entry.warn_only = bind_option_boolean(L, table, "warning", false);
    entry.refuse_blank = bind_option_boolean(L, table, "required", false);
    if (!sheet_writer_entry(report->writer, page, &entry, &err))
        report_raise(L, report, &err);
}

// page:entry("B2:B20", { list = { "yes", "no" } })
int page_entry(lua_State *L)
{
    size_t page;
    struct report *report = written_page_check(L, &page);
    const struct range range = range_check(L, 2);
    bind_table(L, 3, "options");
    bind_options(L, 3, entry_options);
    entry_write(L, 3, report, page, range);
    lua_settop(L, 1);
    return 1;
}
