// Writes JSON text. In every process.
#include "lib/json/json.h"
#include "lib/json/json_scan.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static void put(struct json_writer *writer, const char *data, size_t length)
{
    if (!writer->failed && !buf_append(writer->out, data, length))
        writer->failed = true;
}

static void put_string(struct json_writer *writer, const char *s)
{
    put(writer, s, strlen(s));
}

static void put_line_break(struct json_writer *writer)
{
    static const char blanks[] = "\n                                ";
    if (!writer->indent)
        return;
    put(writer, blanks, 1);
    for (size_t left = writer->depth * (size_t)writer->indent; left;) {
        const size_t some = left < sizeof blanks - 2 ? left : sizeof blanks - 2;
        put(writer, blanks + 1, some);
        left -= some;
    }
}

static bool in_object(const struct json_writer *writer)
{
    return writer->depth > 0 && (writer->objects >> (writer->depth - 1) & 1);
}

// What stands before a value: nothing after a key, a comma after another one. A second value at the top, and a value
// without a key in an object, are not JSON.
static void before_value(struct json_writer *writer)
{
    if (writer->after_key) {
        writer->after_key = false;
        return;
    }
    if (in_object(writer) || (writer->depth == 0 && writer->comma)) {
        writer->failed = true;
        return;
    }
    if (writer->comma)
        put(writer, ",", 1);
    if (writer->depth)
        put_line_break(writer);
}

static void open(struct json_writer *writer, bool object)
{
    before_value(writer);
    if (writer->depth == JSON_DEPTH_MAX)
        writer->failed = true;
    if (writer->failed)
        return;
    put(writer, object ? "{" : "[", 1);
    const uint64_t bit = UINT64_C(1) << writer->depth++;
    writer->objects = object ? writer->objects | bit : writer->objects & ~bit;
    writer->comma = false;
}

static void close(struct json_writer *writer, bool object)
{
    if (writer->depth == 0 || in_object(writer) != object || writer->after_key)
        writer->failed = true;
    if (writer->failed)
        return;
    writer->depth--;
    if (writer->comma)
        put_line_break(writer);
    put(writer, object ? "}" : "]", 1);
    writer->comma = true;
}

void json_begin_object(struct json_writer *writer)
{
    open(writer, true);
}

void json_end_object(struct json_writer *writer)
{
    close(writer, true);
}

void json_begin_array(struct json_writer *writer)
{
    open(writer, false);
}

void json_end_array(struct json_writer *writer)
{
    close(writer, false);
}

static bool append_escaped(struct buf *out, unsigned char c)
{
    static const char short_form[128] = {
        ['"'] = '"', ['\\'] = '\\', ['\b'] = 'b', ['\f'] = 'f', ['\n'] = 'n', ['\r'] = 'r', ['\t'] = 't'};
    static const char digits[] = "0123456789abcdef";
    const char brief[2] = {'\\', short_form[c]};
    const char full[6] = {'\\', 'u', '0', '0', digits[c >> 4], digits[c & 15]};
    return brief[1] ? buf_append(out, brief, sizeof brief) : buf_append(out, full, sizeof full);
}

// Between quotes. Whether malformed bytes become U+FFFD or a failure is the caller's choice.
static bool append_quoted(struct buf *out, struct text text, bool lossy)
{
    const char *at = text.data, *const end = text.data + text.length;
    bool good = buf_append_char(out, '"');
    while (at < end && good) {
        const char *stop = scan_plain(at, end);
        good = buf_append(out, at, (size_t)(stop - at));
        at = stop;
        if (at == end || !good)
            break;
        uint32_t c;
        const size_t length = text_utf8_decode(text_of(at, (size_t)(end - at)), &c);
        if (length == 1)
            good = append_escaped(out, (unsigned char)*at);
        else if (length)
            good = buf_append(out, at, length);
        else
            good = lossy && buf_append_string(out, "\xEF\xBF\xBD");
        at += length ? length : 1;
    }
    return good && buf_append_char(out, '"');
}

bool json_append_quoted(struct buf *out, struct text text)
{
    return append_quoted(out, text, false);
}

static void put_quoted(struct json_writer *writer, struct text text, bool lossy)
{
    writer->failed = writer->failed || !append_quoted(writer->out, text, lossy);
}

void json_write_key_text(struct json_writer *writer, struct text key)
{
    if (!in_object(writer) || writer->after_key)
        writer->failed = true;
    if (writer->comma)
        put(writer, ",", 1);
    put_line_break(writer);
    put_quoted(writer, key, false);
    put_string(writer, writer->indent ? ": " : ":");
    writer->after_key = true;
    writer->comma = true;
}

void json_write_key(struct json_writer *writer, const char *key)
{
    json_write_key_text(writer, text_from(key));
}

static void write_plain(struct json_writer *writer, const char *data, size_t length)
{
    before_value(writer);
    put(writer, data, length);
    writer->comma = true;
}

void json_write_null(struct json_writer *writer)
{
    write_plain(writer, "null", 4);
}

void json_write_boolean(struct json_writer *writer, bool value)
{
    const struct text word = value ? TEXT_OF("true") : TEXT_OF("false");
    write_plain(writer, word.data, word.length);
}

void json_write_integer(struct json_writer *writer, int64_t value)
{
    const char *digits = N(value);
    write_plain(writer, digits, strlen(digits));
}

void json_write_double(struct json_writer *writer, double value)
{
    if (!isfinite(value)) {
        writer->failed = true;
        return;
    }
    char digits[32];
    int length = 0;
    for (int precision = 15; precision <= 17; precision++) { // 17 always read back
        length = snprintf(digits, sizeof digits, "%.*g", precision, value);
        if (strtod(digits, NULL) == value)
            break;
    }
    write_plain(writer, digits, (size_t)length);
}

void json_write_number_text(struct json_writer *writer, struct text number)
{
    const char *end = number.data + number.length;
    if (number.length == 0 || scan_number(number.data, end) != end) {
        writer->failed = true;
        return;
    }
    write_plain(writer, number.data, number.length);
}

static void write_quoted(struct json_writer *writer, struct text text, bool lossy)
{
    before_value(writer);
    put_quoted(writer, text, lossy);
    writer->comma = true;
}

void json_write_text(struct json_writer *writer, struct text text)
{
    write_quoted(writer, text, false);
}

void json_write_string(struct json_writer *writer, const char *string)
{
    if (string)
        json_write_text(writer, text_from(string));
    else
        json_write_null(writer);
}

void json_write_lossy(struct json_writer *writer, struct text text)
{
    write_quoted(writer, text, true);
}

static void write_members(struct json_writer *writer, const struct json *container, bool object)
{
    open(writer, object);
    for (const struct json *member = json_first(container); member; member = json_next(member)) {
        if (object)
            json_write_key_text(writer, json_key(member));
        json_write_value(writer, member);
    }
    close(writer, object);
}

void json_write_value(struct json_writer *writer, const struct json *value)
{
    struct text text;
    bool boolean;
    if (json_text(value, &text))
        json_write_text(writer, text);
    else if (json_number_text(value, &text))
        json_write_number_text(writer, text);
    else if (json_boolean(value, &boolean))
        json_write_boolean(writer, boolean);
    else if (json_kind(value) == JSON_NULL)
        json_write_null(writer);
    else
        write_members(writer, value, json_kind(value) == JSON_OBJECT);
}

bool json_writer_done(const struct json_writer *writer)
{
    return !writer->failed && writer->depth == 0 && writer->comma;
}
