// What Lua says, in plain words. Two tables: Lua's own messages as templates, and what becomes of each. In the worker.
//
// In a template, {} takes everything up to the text that follows it; the messages are those of Lua 5.4 (ldebug.c,
// lauxlib.c, lvm.c, llex.c, lparser.c). What is in no table stays as Lua said it.
#include "worker/fault.h"

#include <stdio.h>

enum { CAPTURES_MAX = 4, CAPTURE_SIZE = 200 };

struct captures {
    size_t count;
    char text[CAPTURES_MAX][CAPTURE_SIZE];
};

static bool take_capture(struct captures *captures, const char *start, size_t length)
{
    if (captures->count == CAPTURES_MAX)
        return false;
    length = text_utf8_floor(text_of(start, length), CAPTURE_SIZE - 1);
    memcpy(captures->text[captures->count], start, length);
    captures->text[captures->count++][length] = '\0';
    return true;
}

// The whole text must fit; {} takes as little as it can.
static bool fits(const char *template, const char *said, struct captures *captures)
{
    captures->count = 0;
    while (*template) {
        if (strncmp(template, "{}", 2) != 0) {
            if (*template ++ != *said++)
                return false;
            continue;
        }
        template += 2;
        const char *gap = strstr(template, "{}");
        char until[CAPTURE_SIZE];
        snprintf(until, sizeof until, "%.*s", gap ? (int)(gap - template) : (int)strlen(template), template);
        const char *end = until[0] ? strstr(said, until) : said + strlen(said);
        if (!end || !take_capture(captures, said, (size_t)(end - said)))
            return false;
        said = end;
    }
    return *said == '\0';
}

// A type's name in the middle of a sentence: "nil" → "nothing".
static const char *type_words(enum language language, const char *type)
{
    static const struct {
        const char *type;
        enum phrase phrase;
    } rows[] = {
        {"nil", PHRASE_TYPE_NOTHING},       {"no value", PHRASE_TYPE_NOTHING}, {"string", PHRASE_TYPE_TEXT},
        {"number", PHRASE_TYPE_NUMBER},     {"boolean", PHRASE_TYPE_BOOLEAN},  {"table", PHRASE_TYPE_TABLE},
        {"function", PHRASE_TYPE_FUNCTION},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        if (strcmp(rows[i].type, type) == 0)
            return phrase_text(language, rows[i].phrase);
    return type;
}

static bool is_letter(char c)
{
    return c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

// In the robot's line "row.Sum > 0", the field that was wanted of `row`. Empty when the line does not tell.
static const char *field_after(struct text line, const char *name, char out[CAPTURE_SIZE])
{
    const size_t length = strlen(name);
    out[0] = '\0';
    for (size_t i = 0; length && i + length < line.length; i++) {
        if (memcmp(line.data + i, name, length) != 0 || (i > 0 && is_letter(line.data[i - 1])))
            continue;
        size_t start = i + length;
        if (line.data[start] != '.' && line.data[start] != ':')
            continue;
        size_t end = ++start;
        while (end < line.length && is_letter(line.data[end]))
            end++;
        if (end == start || end - start >= CAPTURE_SIZE)
            continue;
        memcpy(out, line.data + start, end - start);
        out[end - start] = '\0';
        return out;
    }
    return out;
}

// ---- What becomes of a message; captures as its template takes them

struct said {
    struct err *err;
    enum language language;
    struct captures captures;
    struct text line;
};
#define CAPTURE(n) (said->captures.text[n])

static void index_unnamed(struct said *said)
{
    fail(said->err, ERR_LUA_INDEX_UNNAMED, type_words(said->language, CAPTURE(0)));
}

// list[1].x: the name is only what Lua calls an element.
static bool is_nameless(const char *name)
{
    return strcmp(name, "?") == 0 || strcmp(name, "integer index") == 0;
}

// type, kind, name
static void index_named(struct said *said)
{
    char field[CAPTURE_SIZE];
    if (is_nameless(CAPTURE(2)))
        index_unnamed(said);
    else if (strcmp(CAPTURE(0), "nil") != 0)
        fail(said->err, ERR_LUA_INDEX_OTHER, CAPTURE(2), type_words(said->language, CAPTURE(0)));
    else if (field_after(said->line, CAPTURE(2), field)[0])
        fail(said->err, ERR_LUA_INDEX_FIELD, CAPTURE(2), field);
    else
        fail(said->err, ERR_LUA_INDEX, CAPTURE(2));
}

static void call_named(struct said *said)
{
    if (strcmp(CAPTURE(1), "for iterator") == 0)
        fail(said->err, ERR_LUA_FOR_IN, type_words(said->language, CAPTURE(0)));
    else if (strcmp(CAPTURE(1), "method") == 0)
        fail(said->err, ERR_LUA_CALL_METHOD, CAPTURE(2));
    else
        fail(said->err, ERR_LUA_CALL, CAPTURE(2), type_words(said->language, CAPTURE(0)));
}

static void call_unnamed(struct said *said)
{
    fail(said->err, ERR_LUA_CALL_UNNAMED, type_words(said->language, CAPTURE(0)));
}

static void arithmetic_named(struct said *said)
{
    fail(said->err, ERR_LUA_ARITHMETIC, CAPTURE(2), type_words(said->language, CAPTURE(0)));
}

static void arithmetic_unnamed(struct said *said)
{
    fail(said->err, ERR_LUA_ARITHMETIC_UNNAMED, type_words(said->language, CAPTURE(0)));
}

static void concatenate_named(struct said *said)
{
    fail(said->err, ERR_LUA_CONCATENATE, CAPTURE(2), type_words(said->language, CAPTURE(0)));
}

static void concatenate_unnamed(struct said *said)
{
    fail(said->err, ERR_LUA_CONCATENATE_UNNAMED, type_words(said->language, CAPTURE(0)));
}

static void compare(struct said *said)
{
    const char *second = said->captures.count > 1 ? CAPTURE(1) : CAPTURE(0);
    fail(said->err, ERR_LUA_COMPARE, type_words(said->language, CAPTURE(0)),
         type_words(said->language, second));
}

static void length_named(struct said *said)
{
    fail(said->err, ERR_LUA_LENGTH, CAPTURE(2), type_words(said->language, CAPTURE(0)));
}

// position, function, expected, got
static void argument_type(struct said *said)
{
    if (strcmp(CAPTURE(1), "for iterator") == 0)
        fail(said->err, ERR_LUA_FOR_IN, type_words(said->language, CAPTURE(3)));
    else
        fail(said->err, ERR_LUA_ARGUMENT, CAPTURE(1), CAPTURE(0), type_words(said->language, CAPTURE(2)),
             type_words(said->language, CAPTURE(3)));
}

// position, function, what is wrong
static void argument_other(struct said *said)
{
    fail(said->err, ERR_LUA_ARGUMENT_OTHER, CAPTURE(1), CAPTURE(0), CAPTURE(2));
}

static void for_number(struct said *said)
{
    fail(said->err, ERR_LUA_FOR_NUMBER, CAPTURE(0));
}

static void concat_list(struct said *said)
{
    fail(said->err, ERR_LUA_CONCAT_LIST, CAPTURE(1));
}

#define SIMPLE(function, code)                                                                               \
    static void function(struct said *said)                                                                  \
    {                                                                                                        \
        fail(said->err, code);                                                                               \
    }
SIMPLE(divide_zero, ERR_LUA_DIVIDE)
SIMPLE(not_whole, ERR_LUA_NOT_WHOLE)
SIMPLE(for_zero, ERR_LUA_FOR_ZERO)
SIMPLE(key_nothing, ERR_LUA_KEY)
SIMPLE(stack, ERR_LUA_STACK)
SIMPLE(sort_order, ERR_LUA_SORT)
SIMPLE(too_long, ERR_LUA_TOO_LONG)
SIMPLE(changed_while, ERR_LUA_NEXT)

static const struct row {
    const char *template;
    void (*become)(struct said *said);
} runtime[] = {
    {"attempt to index a {} value ({} '{}')", index_named},
    {"attempt to index a {} value", index_unnamed},
    {"attempt to call a {} value ({} '{}')", call_named},
    {"attempt to call a {} value", call_unnamed},
    {"attempt to perform arithmetic on a {} value ({} '{}')", arithmetic_named},
    {"attempt to perform arithmetic on a {} value", arithmetic_unnamed},
    {"attempt to concatenate a {} value ({} '{}')", concatenate_named},
    {"attempt to concatenate a {} value", concatenate_unnamed},
    {"attempt to compare two {} values", compare},
    {"attempt to compare {} with {}", compare},
    {"attempt to get length of a {} value ({} '{}')", length_named},
    {"bad argument #{} to '{}' ({} expected, got {})", argument_type},
    {"bad argument #{} to '{}' ({})", argument_other},
    {"attempt to divide by zero", divide_zero},
    {"attempt to perform 'n//0'", divide_zero},
    {"attempt to perform 'n%%0'", divide_zero},
    {"number has no integer representation", not_whole},
    {"number{} has no integer representation", not_whole},
    {"bad 'for' {} (number expected, got {})", for_number},
    {"'for' step is zero", for_zero},
    {"index is nil", key_nothing},
    {"table index is nil", key_nothing},
    {"table index is NaN", key_nothing},
    {"invalid value ({}) at index {} in table for 'concat'", concat_list},
    {"invalid order function for sorting", sort_order},
    {"invalid key to 'next'{}", changed_while},
    {"string length overflow", too_long},
    {"resulting string too large", too_long},
    {"table overflow", too_long},
    {"not enough memory", too_long},
    {"error in error handling", stack},
    {"C stack overflow{}", stack},
    {"stack overflow{}", stack},
    {"{}stack overflow{}", stack},
};

// file's own: expected, near
static void expected_near(struct said *said)
{
    fail(said->err, ERR_SYNTAX_EXPECTED, CAPTURE(0), CAPTURE(1));
}

static void expected_to_close(struct said *said)
{
    fail(said->err, ERR_SYNTAX_OPEN, CAPTURE(0), CAPTURE(1), CAPTURE(2));
}

static void unexpected(struct said *said)
{
    fail(said->err, ERR_SYNTAX_UNEXPECTED, CAPTURE(0));
}

static void unexpected_near(struct said *said)
{
    fail(said->err, ERR_SYNTAX_UNEXPECTED, CAPTURE(1));
}

static void unfinished_text(struct said *said)
{
    fail(said->err, ERR_SYNTAX_TEXT, CAPTURE(0));
}

static void malformed_number(struct said *said)
{
    fail(said->err, ERR_SYNTAX_NUMBER, CAPTURE(0));
}

static void constant(struct said *said)
{
    fail(said->err, ERR_SYNTAX_CONSTANT, CAPTURE(0));
}

static const struct row syntax[] = {
    {"'{}' expected (to close '{}' at line {}) near {}", expected_to_close},
    {"'{}' expected near {}", expected_near},
    {"<name> expected near {}", unexpected},
    {"{} expected near {}", unexpected_near},
    {"unexpected symbol near {}", unexpected},
    {"syntax error near {}", unexpected},
    {"unfinished string near {}", unfinished_text},
    {"unfinished long string (starting at line {}) near {}", unfinished_text},
    {"unfinished long comment (starting at line {}) near {}", unfinished_text},
    {"malformed number near {}", malformed_number},
    {"attempt to assign to const variable '{}'", constant},
};

static bool translate(const struct row *rows, size_t count, struct said *said, const char *message)
{
    for (size_t i = 0; i < count; i++)
        if (fits(rows[i].template, message, &said->captures)) {
            rows[i].become(said);
            return true;
        }
    return false;
}

bool translate_runtime(struct err *out, enum language language, const char *message, struct text line_text)
{
    struct said said = {.err = out, .language = language, .line = line_text};
    return translate(runtime, COUNT_OF(runtime), &said, message);
}

void translate_syntax(struct err *out, const char *message)
{
    struct said said = {.err = out};
    if (!translate(syntax, COUNT_OF(syntax), &said, message))
        fail(out, ERR_SYNTAX_OTHER, message);
}
