// See writer.h. Runs in the worker.
#include "lib/csv/writer.h"

static bool holds_special(const struct csv_writer *writer, struct text text)
{
    for (size_t i = 0; i < text.length; i++) {
        const char c = text.data[i];
        if (c == writer->delimiter || c == writer->quote || c == '\r' || c == '\n')
            return true;
    }
    return text.length && (text.data[0] == ' ' || text.data[text.length - 1] == ' ');
}

// -12.50, +1 234,5 and the like: what a spreadsheet program reads as a number.
static bool looks_like_number(struct text text)
{
    bool digit = false;
    for (size_t i = 0; i < text.length; i++) {
        const char c = text.data[i];
        if (c >= '0' && c <= '9')
            digit = true;
        else if (!(c == '.' || c == ',' || (c == ' ' && digit) || (i == 0 && (c == '-' || c == '+'))))
            return false;
    }
    return digit;
}

static bool is_dangerous(const struct csv_writer *writer, struct text text)
{
    return !writer->raw && text.length && text.data[0] && strchr("=+-@\t\r", text.data[0]) &&
           !looks_like_number(text);
}

static bool begin_cell(struct csv_writer *writer)
{
    const bool first = !writer->in_row;
    writer->in_row = true;
    return first || buf_append_char(writer->out, writer->delimiter);
}

static bool append_quoted(struct csv_writer *writer, struct text text, bool defuse)
{
    if (!buf_append_char(writer->out, writer->quote))
        return false;
    if (defuse && writer->quote == '\'' && !buf_append_char(writer->out, writer->escape))
        return false;
    if (defuse && !buf_append_char(writer->out, '\''))
        return false;
    for (size_t i = 0; i < text.length; i++) {
        const char c = text.data[i];
        if (c == writer->quote && !buf_append_char(writer->out, writer->escape))
            return false;
        if (!buf_append_char(writer->out, c))
            return false;
    }
    return buf_append_char(writer->out, writer->quote);
}

bool csv_write_bom(struct csv_writer *writer)
{
    return buf_append_string(writer->out, "\xEF\xBB\xBF");
}

bool csv_write_text(struct csv_writer *writer, struct text text)
{
    const bool defuse = is_dangerous(writer, text);
    if (!begin_cell(writer))
        return false;
    if (writer->quote_all || defuse || holds_special(writer, text))
        return append_quoted(writer, text, defuse);
    return buf_append_text(writer->out, text);
}

bool csv_write_number(struct csv_writer *writer, struct text written)
{
    char comma[64];
    if (!writer->decimal_comma || written.length > sizeof comma || text_find(written, '.') < 0)
        return begin_cell(writer) && buf_append_text(writer->out, written);
    memcpy(comma, written.data, written.length);
    comma[text_find(written, '.')] = ',';
    const struct text text = text_of(comma, written.length);
    if (!begin_cell(writer))
        return false;
    return writer->delimiter == ',' ? append_quoted(writer, text, false) : buf_append_text(writer->out, text);
}

bool csv_write_row_end(struct csv_writer *writer)
{
    writer->in_row = false;
    return buf_append_string(writer->out, writer->line_end);
}
