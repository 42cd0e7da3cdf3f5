// page:print and page:protect: a page on paper, and what people may do with it. In the worker.
#include "worker/bind/sheet_write.h"

#include <stdlib.h>

const char *const paper_options[] = {"landscape", "paper",  "fit",    "tall",    "repeat_rows", "area",
                                     "header",    "footer", "center", "margins", NULL};

// "1:3" or "2".
static bool parse_rows(struct text text, struct range *out)
{
    int64_t first, last;
    struct text part;
    if (!text_cut(&text, ':', &part) || !text_to_int64(part, &first))
        return false;
    last = first;
    if (text.length && !text_to_int64(text, &last))
        return false;
    *out = (struct range){{(uint32_t)first, 1}, {(uint32_t)last, 1}};
    return first >= 1 && first <= last && last <= SHEET_ROWS_MAX;
}

static void append_side(lua_State *L, struct buf *out, char side, struct text words)
{
    if (words.length && !sheet_paper_text(out, side, words)) {
        buf_dispose(out);
        bind_fail(L, ERR_LIMIT_PASSED, "header, footer", N(PAPER_TEXT_MAX));
    }
}

// A text for the middle, or { left =, center =, right = }. What is put together is left on the stack.
static const char *read_edge(lua_State *L, int table, const char *option)
{
    static const char *const sides[] = {"left", "center", "right", NULL};
    struct text words[3] = {0};
    const int type = lua_getfield(L, table, option), edge = lua_gettop(L);
    if (type == LUA_TNIL)
        return NULL;
    if (type == LUA_TSTRING) {
        words[1].data = lua_tolstring(L, edge, &words[1].length);
    } else {
        bind_table(L, edge, option);
        bind_options(L, edge, sides);
        for (size_t i = 0; i < COUNT_OF(words); i++)
            words[i] = bind_option_text(L, edge, sides[i], text_of("", 0));
    }
    struct buf out = buf_new(PAPER_TEXT_MAX);
    for (size_t i = 0; i < COUNT_OF(words); i++)
        append_side(L, &out, "LCR"[i], words[i]);
    char copy[PAPER_TEXT_MAX + 1];
    memcpy(copy, buf_string(&out), out.length + 1);
    buf_dispose(&out);
    return lua_pushstring(L, copy);
}

static void read_margins(lua_State *L, int table, struct sheet_paper *out)
{
    static const char *const known[] = {"left", "right", "top", "bottom", NULL};
    enum { MARGIN_MOST = 15 };
    if (lua_getfield(L, table, "margins") != LUA_TNIL) {
        const int margins = lua_gettop(L);
        bind_table(L, margins, "margins");
        bind_options(L, margins, known);
        out->left = number_option(L, margins, "left", 0, MARGIN_MOST, 0);
        out->right = number_option(L, margins, "right", 0, MARGIN_MOST, 0);
        out->top = number_option(L, margins, "top", 0, MARGIN_MOST, 0);
        out->bottom = number_option(L, margins, "bottom", 0, MARGIN_MOST, 0);
    }
    lua_pop(L, 1);
}

void paper_read(lua_State *L, int table, struct sheet_paper *out)
{
    enum { TALL_MOST = 1000 };
    out->landscape = bind_option_boolean(L, table, "landscape", out->landscape);
    out->own_size = !bind_option_boolean(L, table, "fit", true);
    out->center = bind_option_boolean(L, table, "center", false);
    out->tall = (uint16_t)bind_option_integer(L, table, "tall", 0, TALL_MOST, 0);
    if (!sheet_paper_from_name(&out->size, bind_option_text(L, table, "paper", TEXT_OF("a4"))))
        bind_argument(L, 2, "paper", "a4, a3, a5 or letter");
    const struct text rows = bind_option_text(L, table, "repeat_rows", text_of(NULL, 0));
    if (rows.data && !parse_rows(rows, &out->repeat))
        bind_argument(L, 2, "repeat_rows", "rows such as \"1:3\"");
    range_option(L, table, "area", NULL, NULL, &out->area);
    read_margins(L, table, out);
    out->header = read_edge(L, table, "header");
    out->footer = read_edge(L, table, "footer");
}

// page:print { landscape = true, repeat_rows = "1:3", footer = "{page} / {pages}" }
int page_print(lua_State *L)
{
    struct err err;
    size_t page;
    struct sheet_paper paper = {0};
    struct report *report = written_page_check(L, &page);
    bind_table(L, 2, "options");
    bind_options(L, 2, paper_options);
    paper_read(L, 2, &paper);
    if (!sheet_writer_print(report->writer, page, &paper, &err))
        report_raise(L, report, &err);
    lua_settop(L, 1);
    return 1;
}

// page:protect { password = …, sort = true }
int page_protect(lua_State *L)
{
    static const char *const known[] = {"password",    "sort",        "filter", "format",
                                        "insert_rows", "delete_rows", NULL};
    size_t page;
    struct report *report = written_page_check(L, &page);
    bind_options(L, 2, known);
    lua_settop(L, 2);
    given_options(L, 2);
    const struct sheet_protection protection = {
        .password = words_option(L, 2, "password"),
        .sort = bind_option_boolean(L, 2, "sort", false),
        .filter = bind_option_boolean(L, 2, "filter", false),
        .format = bind_option_boolean(L, 2, "format", false),
        .insert_rows = bind_option_boolean(L, 2, "insert_rows", false),
        .delete_rows = bind_option_boolean(L, 2, "delete_rows", false),
    };
    sheet_writer_protect(report->writer, page, &protection);
    lua_settop(L, 1);
    return 1;
}
