// See sniff.h. The steps and their names are the HTML standard's, section 13.2.3.2.
#include "lib/xml/sniff.h"

struct cursor {
    const char *at, *end;
};

static bool is_space(char c)
{
    return c == '\t' || c == '\n' || c == '\f' || c == '\r' || c == ' ';
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool starts_ignoring_case(const struct cursor *cursor, const char *word)
{
    const size_t length = strlen(word);
    return (size_t)(cursor->end - cursor->at) >= length &&
           text_equal_ascii_case(text_of(cursor->at, length), text_of(word, length));
}

static void skip_spaces(struct cursor *cursor)
{
    while (cursor->at < cursor->end && is_space(*cursor->at))
        cursor->at++;
}

// To just behind the first `c`, or to the end.
static void skip_past(struct cursor *cursor, char c)
{
    const char *found = memchr(cursor->at, c, (size_t)(cursor->end - cursor->at));
    cursor->at = found ? found + 1 : cursor->end;
}

static struct text until_space_or_bracket(struct cursor *cursor)
{
    const char *begin = cursor->at;
    while (cursor->at < cursor->end && !is_space(*cursor->at) && *cursor->at != '>')
        cursor->at++;
    return text_of(begin, (size_t)(cursor->at - begin));
}

static struct text attribute_value(struct cursor *cursor)
{
    skip_spaces(cursor);
    if (cursor->at >= cursor->end || (*cursor->at != '"' && *cursor->at != '\''))
        return until_space_or_bracket(cursor);
    const char quote = *cursor->at++, *begin = cursor->at;
    skip_past(cursor, quote);
    const bool closed = cursor->at > begin && cursor->at[-1] == quote;
    return text_of(begin, (size_t)(cursor->at - begin) - (closed ? 1 : 0));
}

static struct text attribute_name(struct cursor *cursor)
{
    const char *begin = cursor->at;
    while (cursor->at < cursor->end && !is_space(*cursor->at) && *cursor->at != '/' && *cursor->at != '>' &&
           (*cursor->at != '=' || cursor->at == begin))
        cursor->at++;
    return text_of(begin, (size_t)(cursor->at - begin));
}

struct attribute {
    struct text name, value;
};

// The next attribute of the tag; false at its end. The cursor at its end means that the tag was cut off.
static bool next_attribute(struct attribute *out, struct cursor *cursor)
{
    while (cursor->at < cursor->end && (is_space(*cursor->at) || *cursor->at == '/'))
        cursor->at++;
    if (cursor->at >= cursor->end || *cursor->at == '>')
        return false;
    out->name = attribute_name(cursor);
    out->value = TEXT_OF("");
    skip_spaces(cursor);
    if (cursor->at < cursor->end && *cursor->at == '=') {
        cursor->at++;
        out->value = attribute_value(cursor);
    }
    return true;
}

// The label behind charset= inside "text/html; charset=…" ("extracting a character encoding from a meta element").
static struct text label_in_content(struct text content)
{
    struct cursor cursor = {content.data, content.data + content.length};
    for (; cursor.at < cursor.end; cursor.at++) {
        if (!starts_ignoring_case(&cursor, "charset"))
            continue;
        struct cursor rest = {cursor.at + 7, cursor.end};
        skip_spaces(&rest);
        if (rest.at >= rest.end || *rest.at != '=')
            continue;
        rest.at++;
        skip_spaces(&rest);
        const char *begin = rest.at;
        if (rest.at < rest.end && (*rest.at == '"' || *rest.at == '\'')) {
            const char *close = memchr(begin + 1, *begin, (size_t)(rest.end - begin) - 1);
            return close ? text_of(begin + 1, (size_t)(close - begin) - 1) : TEXT_OF("");
        }
        while (rest.at < rest.end && !is_space(*rest.at) && *rest.at != ';')
            rest.at++;
        return text_of(begin, (size_t)(rest.at - begin));
    }
    return TEXT_OF("");
}

// A page that could be read so far is not UTF-16, whatever it says; and the standard maps x-user-defined.
static bool charset_of_meta(struct charset *out, struct text label)
{
    if (text_equal_ascii_case(text_trim(label), TEXT_OF("x-user-defined")))
        label = TEXT_OF("windows-1252");
    if (!charset_find_web(out, label))
        return false;
    if (text_starts(text_from(out->name), "utf-16") || text_starts(text_from(out->name), "utf-32"))
        return charset_find_web(out, TEXT_OF("utf-8"));
    return true;
}

static bool read_meta(struct charset *out, struct cursor *cursor)
{
    struct attribute attribute, equiv = {{0}, {0}}, content = {{0}, {0}}, charset = {{0}, {0}};
    while (next_attribute(&attribute, cursor)) { // of attributes that come twice the first counts
        if (!equiv.name.data && text_equal_ascii_case(attribute.name, TEXT_OF("http-equiv")))
            equiv = attribute;
        else if (!content.name.data && text_equal_ascii_case(attribute.name, TEXT_OF("content")))
            content = attribute;
        else if (!charset.name.data && text_equal_ascii_case(attribute.name, TEXT_OF("charset")))
            charset = attribute;
    }
    if (cursor->at >= cursor->end)
        return false;
    if (charset.name.data)
        return charset_of_meta(out, charset.value);
    const bool pragma =
        equiv.name.data && text_equal_ascii_case(equiv.value, TEXT_OF("content-type")) && content.name.data;
    return pragma && charset_of_meta(out, label_in_content(content.value));
}

static void skip_comment(struct cursor *cursor)
{
    const char *end = memmem(cursor->at + 2, (size_t)(cursor->end - cursor->at) - 2, "-->", 3);
    cursor->at = end ? end + 3 : cursor->end;
}

static void skip_tag(struct cursor *cursor)
{
    struct attribute ignored;
    until_space_or_bracket(cursor);
    while (next_attribute(&ignored, cursor))
        continue;
}

static bool is_tag(const struct cursor *cursor)
{
    const char *name = cursor->at + 1;
    if (name < cursor->end && *name == '/')
        name++;
    return name < cursor->end && is_letter(*name);
}

static bool is_meta(const struct cursor *cursor)
{
    return starts_ignoring_case(cursor, "<meta") && cursor->end - cursor->at > 5 &&
           (is_space(cursor->at[5]) || cursor->at[5] == '/');
}

static bool find_meta(struct charset *out, struct text bytes)
{
    const size_t length = bytes.length < SNIFF_BYTES_MAX ? bytes.length : SNIFF_BYTES_MAX;
    struct cursor cursor = {bytes.data, bytes.data + length};
    while (cursor.at < cursor.end) {
        skip_past(&cursor, '<');
        if (cursor.at >= cursor.end)
            return false;
        cursor.at--;
        if (starts_ignoring_case(&cursor, "<!--")) {
            skip_comment(&cursor);
        } else if (is_meta(&cursor)) {
            cursor.at += 5;
            if (read_meta(out, &cursor))
                return true;
        } else if (is_tag(&cursor)) {
            skip_tag(&cursor);
        } else if (cursor.at[1] == '!' || cursor.at[1] == '/' || cursor.at[1] == '?') {
            skip_past(&cursor, '>');
        } else {
            cursor.at++;
        }
    }
    return false;
}

bool sniff_page(struct charset *out, struct text bytes)
{
    return charset_from_mark(out, bytes) || find_meta(out, bytes);
}

void sniff_charset(struct charset *out, struct text bytes, const char *header)
{
    if (charset_from_mark(out, bytes) || (header && charset_find_web(out, text_from(header))) ||
        find_meta(out, bytes))
        return;
    require(charset_find_web(out, text_is_utf8(bytes) ? TEXT_OF("utf-8") : TEXT_OF("windows-1252")));
}
