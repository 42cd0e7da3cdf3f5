// Questions about values that were read. In every process.
#include "lib/json/json_node.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

const struct json *json_root(const struct json_document *document)
{
    return document->nodes;
}

enum json_kind json_kind(const struct json *value)
{
    return value ? (enum json_kind)value->kind : JSON_NULL;
}

const char *json_kind_name(enum json_kind kind)
{
    static const char *const names[] = {
        [JSON_NULL] = "null", [JSON_FALSE] = "false", [JSON_TRUE] = "true",     [JSON_NUMBER] = "number",
        [JSON_TEXT] = "text", [JSON_ARRAY] = "array", [JSON_OBJECT] = "object",
    };
    return names[kind];
}

static bool is_container(const struct json *value)
{
    return value && (value->kind == JSON_ARRAY || value->kind == JSON_OBJECT);
}

const struct json *json_first(const struct json *container)
{
    if (!is_container(container) || container->length == 0)
        return NULL;
    return container + (container->kind == JSON_OBJECT ? 2 : 1);
}

const struct json *json_next(const struct json *value)
{
    return value && value->skip ? value + value->skip : NULL;
}

struct text json_key(const struct json *member)
{
    return member && member->is_member ? text_of(member[-1].text, member[-1].length) : TEXT_OF("");
}

const struct json *json_get(const struct json *object, const char *key)
{
    const struct json *found = NULL;
    if (json_kind(object) != JSON_OBJECT)
        return NULL;
    const struct text wanted = text_from(key);
    for (const struct json *member = json_first(object); member; member = json_next(member))
        if (text_equal(json_key(member), wanted))
            found = member;
    return found;
}

size_t json_count(const struct json *container)
{
    return is_container(container) ? container->length : 0;
}

const struct json *json_at(const struct json *container, size_t index)
{
    const struct json *value = json_first(container);
    while (value && index--)
        value = json_next(value);
    return value;
}

struct text json_key_at(const struct json *object, size_t index)
{
    return json_key(json_at(object, index));
}

bool json_text(const struct json *value, struct text *out)
{
    if (json_kind(value) != JSON_TEXT)
        return false;
    *out = text_of(value->text, value->length);
    return true;
}

bool json_number_text(const struct json *value, struct text *out)
{
    if (json_kind(value) != JSON_NUMBER)
        return false;
    *out = text_of(value->text, value->length);
    return true;
}

// A number taken apart: sign, digits without leading and trailing zeros, and the power of ten that belongs to them.
struct parts {
    bool negative;
    char digits[20]; // those that could fit; more make `count` larger
    size_t count;
    int64_t exponent;
};

static void take_apart(struct parts *parts, struct text number)
{
    int64_t written = 0, zeros = 0, fraction = 0;
    bool negative_exponent = false, in_fraction = false, in_exponent = false;
    for (size_t i = 0; i < number.length; i++) {
        const char c = number.data[i];
        if (c == '.')
            in_fraction = true;
        else if (c == 'e' || c == 'E')
            in_exponent = true;
        else if (c == '-')
            *(in_exponent ? &negative_exponent : &parts->negative) = true;
        else if (c == '+')
            continue;
        else if (in_exponent) // a text has at most JSON_BYTES_MAX digits, so beyond 2^40 all are alike
            written = written < INT64_C(1) << 40 ? written * 10 + (c - '0') : written;
        else {
            fraction += in_fraction;
            if (c == '0') {
                zeros += parts->count > 0 ? 1 : 0; // leading ones say nothing
                continue;
            }
            for (; zeros; zeros--, parts->count++)
                if (parts->count < sizeof parts->digits)
                    parts->digits[parts->count] = '0';
            if (parts->count < sizeof parts->digits)
                parts->digits[parts->count] = c;
            parts->count++;
        }
    }
    parts->exponent = zeros - fraction + (negative_exponent ? -written : written);
}

bool json_int64(const struct json *value, int64_t *out)
{
    struct text number;
    if (!json_number_text(value, &number))
        return false;
    if (text_to_int64(number, out))
        return true;
    struct parts parts = {0};
    take_apart(&parts, number);
    if (parts.count &&
        (parts.exponent < 0 || parts.exponent > 19 || parts.count + (size_t)parts.exponent > 19))
        return false;
    char whole[24] = "-";
    size_t length = 1;
    for (size_t i = 0; i < parts.count; i++)
        whole[length++] = parts.digits[i];
    for (int64_t i = 0; parts.count && i < parts.exponent; i++)
        whole[length++] = '0';
    if (parts.count == 0)
        whole[length++] = '0';
    return text_to_int64(text_of(whole + !parts.negative, length - !parts.negative), out);
}

bool json_double(const struct json *value, double *out)
{
    if (json_kind(value) != JSON_NUMBER)
        return false;
    // The byte after a number is never part of one, and the document ends with NUL.
    const double number = strtod(value->text, NULL);
    if (isinf(number))
        return false;
    *out = number;
    return true;
}

bool json_boolean(const struct json *value, bool *out)
{
    if (json_kind(value) != JSON_TRUE && json_kind(value) != JSON_FALSE)
        return false;
    *out = value->kind == JSON_TRUE;
    return true;
}

const char *json_string_or(const struct json *value, const char *otherwise)
{
    if (json_kind(value) != JSON_TEXT || memchr(value->text, '\0', value->length))
        return otherwise;
    return value->text;
}

int64_t json_int64_or(const struct json *value, int64_t otherwise)
{
    int64_t number;
    return json_int64(value, &number) ? number : otherwise;
}
