// See writer.h: how cells look. Runs in the worker.
#include "lib/sheet/writer_internal.h"

const char *const sheet_style_names[STYLE_COUNT + 1] = {
    "general",  "text",  "integer", "number", "money", "euro",   "percent", "date",   "moment", "time",
    "duration", "title", "header",  "total",  "row",   "pad",    "bold",    "italic", "good",   "warning",
    "bad",      "note",  "input",   "link",   "left",  "center", "right",   "arrow",  "wrap",   NULL};

bool writer_find_name(const char *const *names, struct text name, unsigned *index)
{
    for (*index = 0; names[*index]; ++*index)
        if (text_is(name, names[*index]))
            return true;
    return false;
}

bool sheet_style_from_name(enum sheet_style *out, struct text name)
{
    unsigned index;
    const bool found = writer_find_name(sheet_style_names, name, &index);
    if (found)
        *out = (enum sheet_style)index;
    return found;
}

enum side { SIDE_NONE, SIDE_BELOW, SIDE_ABOVE, SIDE_AROUND };

static const struct {
    const char *code; // NULL: says nothing of numbers
    bool bold, italic, underlined, wrap, top, middle, unlocked;
    double size;         // 0: as usual
    uint32_t font, fill; // colours, 0: none
    enum side line;      // a thin line, in the colour
    uint32_t line_colour;
    uint8_t align; // LXW_ALIGN_…, 0: by the value
    uint8_t indent;
} looks[STYLE_COUNT] = {
    [STYLE_TEXT] = {.code = "@"},
    [STYLE_INTEGER] = {.code = "#,##0;[Red]-#,##0"},
    [STYLE_NUMBER] = {.code = "#,##0.########"},
    [STYLE_MONEY] = {.code = "#,##0.00;[Red]-#,##0.00"},
    [STYLE_EURO] = {.code = "#,##0.00 \"€\";[Red]-#,##0.00 \"€\""},
    [STYLE_PERCENT] = {.code = "0.0 %"},
    [STYLE_DATE] = {.code = "d.m.yyyy"},
    [STYLE_MOMENT] = {.code = "d.m.yyyy h:mm"},
    [STYLE_TIME] = {.code = "h:mm"},
    [STYLE_DURATION] = {.code = "[h]:mm"},
    [STYLE_TITLE] = {.bold = true, .size = 16, .font = 0x000070},
    [STYLE_HEADER] = {.bold = true, .font = 0xFFFFFF, .fill = 0x0000BF, .wrap = true, .middle = true},
    [STYLE_TOTAL] = {.bold = true, .line = SIDE_ABOVE, .line_colour = 0x000070},
    [STYLE_ROW] = {.top = true, .line = SIDE_BELOW, .line_colour = 0xD9D9E3},
    [STYLE_PAD] = {.align = LXW_ALIGN_LEFT, .indent = 1},
    [STYLE_BOLD] = {.bold = true},
    [STYLE_ITALIC] = {.italic = true},
    [STYLE_GOOD] = {.font = 0x006100, .fill = 0xC6EFCE},
    [STYLE_WARNING] = {.font = 0x7A4B00, .fill = 0xFFE977},
    [STYLE_BAD] = {.font = 0x9C0006, .fill = 0xFFC7CE},
    [STYLE_NOTE] = {.italic = true, .font = 0x666666},
    [STYLE_INPUT] =
        {.font = 0x000070, .fill = 0xFFFBE0, .line = SIDE_AROUND, .line_colour = 0xB0A060, .unlocked = true},
    [STYLE_LINK] = {.font = 0x0000BF, .underlined = true},
    [STYLE_LEFT] = {.align = LXW_ALIGN_LEFT},
    [STYLE_CENTER] = {.align = LXW_ALIGN_CENTER},
    [STYLE_RIGHT] = {.align = LXW_ALIGN_RIGHT},
    [STYLE_ARROW] = {.align = LXW_ALIGN_RIGHT, .indent = 2},
    [STYLE_WRAP] = {.wrap = true, .top = true},
};

bool sheet_look_has_format(const struct sheet_look *look)
{
    if (look->code)
        return true;
    for (uint32_t left = look->styles; left; left &= left - 1)
        if (looks[__builtin_ctz(left)].code)
            return true;
    return false;
}

static void draw_line(lxw_format *format, enum side side, uint32_t colour)
{
    switch (side) {
    case SIDE_NONE:
        return;
    case SIDE_BELOW:
        format_set_bottom(format, LXW_BORDER_THIN);
        format_set_bottom_color(format, colour);
        return;
    case SIDE_ABOVE:
        format_set_top(format, LXW_BORDER_THIN);
        format_set_top_color(format, colour);
        return;
    case SIDE_AROUND:
        format_set_border(format, LXW_BORDER_THIN);
        format_set_border_color(format, colour);
        return;
    }
}

static void add_letters(lxw_format *format, unsigned style)
{
    if (looks[style].bold)
        format_set_bold(format);
    if (looks[style].italic)
        format_set_italic(format);
    if (looks[style].underlined)
        format_set_underline(format, LXW_UNDERLINE_SINGLE);
    if (looks[style].size > 0)
        format_set_font_size(format, looks[style].size);
    if (looks[style].font)
        format_set_font_color(format, looks[style].font);
}

static void add_style(lxw_format *format, unsigned style)
{
    add_letters(format, style);
    if (looks[style].code)
        format_set_num_format(format, looks[style].code);
    if (looks[style].fill)
        format_set_bg_color(format, looks[style].fill);
    draw_line(format, looks[style].line, looks[style].line_colour);
    if (looks[style].wrap)
        format_set_text_wrap(format);
    if (looks[style].top)
        format_set_align(format, LXW_ALIGN_VERTICAL_TOP);
    if (looks[style].middle)
        format_set_align(format, LXW_ALIGN_VERTICAL_CENTER);
    if (looks[style].align)
        format_set_align(format, looks[style].align);
    if (looks[style].indent)
        format_set_indent(format, looks[style].indent);
    if (looks[style].unlocked)
        format_set_unlocked(format);
}

static lxw_format *make_format(struct sheet_writer *writer, struct sheet_look look)
{
    lxw_format *format = workbook_add_format(writer->workbook);
    for (unsigned i = 0; i < STYLE_COUNT; i++)
        if (look.styles >> i & 1)
            add_style(format, i);
    if (look.code)
        format_set_num_format(format, look.code);
    return format;
}

static bool same_code(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

bool writer_format(struct sheet_writer *writer, struct sheet_look look, lxw_format **out, struct err *err)
{
    *out = NULL;
    if (!look.styles && !look.code)
        return true;
    for (size_t i = 0; i < writer->format_count; i++)
        if (writer->formats[i].styles == look.styles && same_code(writer->formats[i].code, look.code)) {
            *out = writer->formats[i].format;
            return true;
        }
    if (writer->format_count == WRITER_FORMATS_MAX)
        return fail(err, ERR_LIMIT_PASSED, "formats", N(WRITER_FORMATS_MAX));
    if (look.code && strlen(look.code) > WRITER_CODE_BYTES_MAX)
        return fail(err, ERR_LIMIT_PASSED, look.code, N(WRITER_CODE_BYTES_MAX));
    *out = make_format(writer, look);
    writer->formats = xreallocarray(writer->formats, writer->format_count + 1, sizeof *writer->formats);
    writer->formats[writer->format_count++] =
        (struct made_format){look.styles, look.code ? xstrdup(look.code) : NULL, *out};
    return true;
}
