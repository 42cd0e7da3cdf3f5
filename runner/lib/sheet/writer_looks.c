// See writer.h: how cells look. Runs in the worker.
#include "lib/sheet/writer_internal.h"

const char *const sheet_style_names[STYLE_COUNT + 1] = {
    "general",  "text",   "integer", "number", "money", "euro",    "percent", "date", "moment",
    "duration", "header", "title",   "bold",   "total", "warning", "wrap",    NULL};

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

static const struct {
    const char *code; // NULL: general
    bool bold, wrap;
    double size;                 // 0: as usual
    uint32_t font, fill, border; // colours, 0: none; the border is below
    bool border_above;
} looks[STYLE_COUNT] = {
    [STYLE_TEXT] = {.code = "@"},
    [STYLE_INTEGER] = {.code = "#,##0"},
    [STYLE_NUMBER] = {.code = "#,##0.########"},
    [STYLE_MONEY] = {.code = "#,##0.00;[Red]-#,##0.00"},
    [STYLE_EURO] = {.code = "#,##0.00 \"€\";[Red]-#,##0.00 \"€\""},
    [STYLE_PERCENT] = {.code = "0.0 %"},
    [STYLE_DATE] = {.code = "d.m.yyyy"},
    [STYLE_MOMENT] = {.code = "d.m.yyyy h:mm"},
    [STYLE_DURATION] = {.code = "[h]:mm"},
    [STYLE_HEADER] = {.bold = true, .font = 0xFFFFFF, .fill = 0x0000BF, .border = 0x000070},
    [STYLE_TITLE] = {.bold = true, .size = 16},
    [STYLE_BOLD] = {.bold = true},
    [STYLE_TOTAL] = {.code = "#,##0.00;[Red]-#,##0.00",
                     .bold = true,
                     .border = 0x000070,
                     .border_above = true},
    [STYLE_WARNING] = {.fill = 0xFFE977, .font = 0x7A4B00},
    [STYLE_WRAP] = {.wrap = true},
};

static lxw_format *make_format(struct sheet_writer *writer, enum sheet_style style, const char *code)
{
    lxw_format *format = workbook_add_format(writer->workbook);
    code = code ? code : looks[style].code;
    if (code)
        format_set_num_format(format, code);
    if (looks[style].bold)
        format_set_bold(format);
    if (looks[style].size > 0)
        format_set_font_size(format, looks[style].size);
    if (looks[style].font)
        format_set_font_color(format, looks[style].font);
    if (looks[style].fill)
        format_set_bg_color(format, looks[style].fill);
    if (looks[style].border) {
        (looks[style].border_above ? format_set_top : format_set_bottom)(format, LXW_BORDER_THIN);
        (looks[style].border_above ? format_set_top_color : format_set_bottom_color)(format,
                                                                                     looks[style].border);
    }
    if (looks[style].wrap) {
        format_set_text_wrap(format);
        format_set_align(format, LXW_ALIGN_VERTICAL_TOP);
    }
    return format;
}

// NULL is how libxlsxwriter calls the general look.
bool writer_format(struct sheet_writer *writer, struct sheet_look look, lxw_format **out, struct err *err)
{
    *out = NULL;
    if (!look.code) {
        if (look.style != STYLE_GENERAL && !writer->formats[look.style])
            writer->formats[look.style] = make_format(writer, look.style, NULL);
        *out = writer->formats[look.style];
        return true;
    }
    for (size_t i = 0; i < writer->code_count; i++)
        if (writer->codes[i].style == look.style && strcmp(writer->codes[i].code, look.code) == 0) {
            *out = writer->codes[i].format;
            return true;
        }
    if (writer->code_count == WRITER_CODES_MAX || strlen(look.code) > WRITER_CODE_BYTES_MAX)
        return fail(err, ERR_LIMIT_PASSED, "number formats", N(WRITER_CODES_MAX));
    *out = make_format(writer, look.style, look.code);
    writer->codes[writer->code_count++] = (struct own_code){xstrdup(look.code), look.style, *out};
    return true;
}
