// See line.h.
#include "lib/ics/line.h"
#include "lib/ics/ics.h"

void ics_lines_begin(struct ics_lines *lines, struct text source)
{
    if (text_starts(source, "\xEF\xBB\xBF"))
        source = text_of(source.data + 3, source.length - 3);
    *lines = (struct ics_lines){.rest = source, .next = 1, .line = buf_new(ICS_LINE_MAX)};
}

void ics_lines_dispose(struct ics_lines *lines)
{
    buf_dispose(&lines->line);
}

bool ics_is(struct text name, const char *wanted)
{
    return text_equal_ascii_case(name, text_from(wanted));
}

// One line of the file, without its end.
static bool take_line(struct ics_lines *lines, struct text *out)
{
    if (!text_cut(&lines->rest, '\n', out))
        return false;
    lines->next++;
    if (out->length && out->data[out->length - 1] == '\r')
        out->length--;
    return true;
}

static bool goes_on(const struct ics_lines *lines)
{
    return lines->rest.length && (lines->rest.data[0] == ' ' || lines->rest.data[0] == '\t');
}

static bool wrong(const struct ics_lines *lines, const char *what, struct err *err)
{
    (void)fail(err, ERR_ICS_LINE, what);
    return err_note(err, "line %d", lines->number);
}

// NAME;PARAMETER="a:b":value; a colon in quotes does not end the front.
static bool take_apart(struct ics_line *out, const struct ics_lines *lines, struct err *err)
{
    const struct text line = buf_text(&lines->line);
    bool quoted = false;
    size_t colon = 0, semicolon;
    while (colon < line.length && (quoted || line.data[colon] != ':'))
        quoted ^= line.data[colon++] == '"';
    if (colon == 0 || colon == line.length)
        return wrong(lines, "NAME:VALUE", err);
    for (semicolon = 0; semicolon < colon && line.data[semicolon] != ';';)
        semicolon++;
    out->name = text_of(line.data, semicolon);
    out->parameters =
        semicolon < colon ? text_of(line.data + semicolon + 1, colon - semicolon - 1) : TEXT_OF("");
    out->value = text_of(line.data + colon + 1, line.length - colon - 1);
    return true;
}

bool ics_lines_next(struct ics_line *out, bool *found, struct ics_lines *lines, struct err *err)
{
    struct text part;
    *found = false;
    do {
        buf_clear(&lines->line);
        lines->number = lines->next;
        if (!take_line(lines, &part))
            return true;
        for (;;) {
            if (!buf_append_text(&lines->line, part))
                return wrong(lines, "…", err);
            if (!goes_on(lines) || !take_line(lines, &part))
                break;
            part = text_of(part.data + 1, part.length - 1);
        }
    } while (!text_trim(buf_text(&lines->line)).length);
    if (!text_is_utf8(buf_text(&lines->line)))
        return wrong(lines, "UTF-8", err);
    *found = true;
    return take_apart(out, lines, err);
}

struct text ics_parameter(const struct ics_line *line, const char *name)
{
    struct text rest = line->parameters;
    while (rest.length) {
        bool quoted = false;
        size_t end = 0;
        while (end < rest.length && (quoted || rest.data[end] != ';'))
            quoted ^= rest.data[end++] == '"';
        struct text value = text_of(rest.data, end), key;
        rest = end < rest.length ? text_of(rest.data + end + 1, rest.length - end - 1) : TEXT_OF("");
        if (!text_cut(&value, '=', &key) || !ics_is(key, name))
            continue;
        return value.length >= 2 && value.data[0] == '"' ? text_of(value.data + 1, value.length - 2) : value;
    }
    return TEXT_OF("");
}

bool ics_append_text(struct buf *out, struct text value)
{
    for (size_t i = 0; i < value.length; i++) {
        unsigned char c = (unsigned char)value.data[i];
        if (c == '\\' && i + 1 < value.length) {
            c = (unsigned char)value.data[++i];
            c = c == 'n' || c == 'N' ? ' ' : c;
        }
        if (!buf_append_char(out, c < 0x20 || c == 0x7f ? ' ' : (char)c))
            return false;
    }
    return true;
}
