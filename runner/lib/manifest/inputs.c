// What is given for a run, checked and converted; see manifest.h. In the host.
//
// Each type has one conversion from text to the value's JSON; defaults go the same way. Numbers are never made binary.
#include "lib/manifest/schema.h"

#include "lib/calendar/parse.h"
#include "lib/decimal/decimal.h"

#include <ctype.h>
#include <stdio.h>

enum { VALUE_MAX = 65536, LIST_MAX = 1000 };

// One value on its way.
struct conversion {
    const struct input *input;
    struct text given;
    struct date today;
    struct json_writer *writer;
    struct err *err;
};

static bool wrong(const struct conversion *conversion, enum err_code code, const char *more)
{
    SCOPED_TEXT char *given = text_copy(conversion->given);
    return fail(conversion->err, code, conversion->input->name, given, more);
}

static struct text bound_text(const struct json *bound)
{
    struct text text;
    return json_text(bound, &text) || json_number_text(bound, &text) ? text : text_of(NULL, 0);
}

// ---- bounds: the value against min and max by a comparison of its kind

static bool within(const struct conversion *conversion, const void *value,
                   int (*compare)(const struct conversion *, const void *, struct text))
{
    const struct text least = bound_text(conversion->input->least),
                      most = bound_text(conversion->input->most);
    const bool below = least.data && compare(conversion, value, least) < 0;
    if (!below && !(most.data && compare(conversion, value, most) > 0))
        return true;
    SCOPED_TEXT char *bound = text_copy(below ? least : most);
    return wrong(conversion, below ? ERR_INPUT_BELOW : ERR_INPUT_ABOVE, bound);
}

static int compare_decimals(const struct conversion *conversion, const void *value, struct text bound)
{
    (void)conversion;
    struct decimal other;
    struct err err;
    return decimal_parse(&other, bound, &err) ? decimal_compare(value, &other) : 0;
}

static int compare_lengths(const struct conversion *conversion, const void *value, struct text bound)
{
    (void)conversion;
    int64_t other;
    const int64_t length = *(const int64_t *)value;
    return text_to_int64(bound, &other) ? (length > other) - (length < other) : 0;
}

static bool day_from_text(struct date *out, struct text text, struct date today, struct err *err);
static bool month_from_text(struct month *out, struct text text, struct date today, struct err *err);

static int compare_dates(const struct conversion *conversion, const void *value, struct text bound)
{
    struct date other;
    struct err err;
    return day_from_text(&other, bound, conversion->today, &err)
               ? date_compare(*(const struct date *)value, other)
               : 0;
}

static int compare_months(const struct conversion *conversion, const void *value, struct text bound)
{
    struct month other;
    struct err err;
    return month_from_text(&other, bound, conversion->today, &err)
               ? month_compare(*(const struct month *)value, other)
               : 0;
}

// ---- days and months by words that a person uses

struct day_word {
    const char *word;
    int offset;
};

static const struct day_word day_words[] = {
    {"today", 0}, {"tänään", 0},   {"idag", 0},     {"yesterday", -1}, {"eilen", -1},
    {"igår", -1}, {"tomorrow", 1}, {"huomenna", 1}, {"imorgon", 1},    {NULL, 0},
};
static const struct day_word month_words[] = {
    {"current", 0},     {"kuluva", 0}, {"innevarande", 0}, {"previous", -1}, {"edellinen", -1},
    {"föregående", -1}, {"next", 1},   {"seuraava", 1},    {"nästa", 1},     {NULL, 0},
};

static const struct day_word *find_word(const struct day_word *words, struct text text)
{
    for (; words->word; words++)
        if (text_equal_ascii_case(text, text_from(words->word)))
            return words;
    return NULL;
}

static bool day_from_text(struct date *out, struct text text, struct date today, struct err *err)
{
    const struct day_word *word = find_word(day_words, text_trim(text));
    return word ? date_add_days(out, today, word->offset) : date_parse(out, text, err);
}

static bool month_from_text(struct month *out, struct text text, struct date today, struct err *err)
{
    const struct day_word *word = find_word(month_words, text_trim(text));
    const struct month this_month = {.year = today.year, .month = today.month};
    return word ? month_add(out, this_month, word->offset) : month_parse(out, text, err);
}

// ---- one conversion a type

static int64_t characters(struct text text)
{
    int64_t count = 0;
    for (size_t i = 0; i < text.length; i++)
        count += ((unsigned char)text.data[i] & 0xC0) != 0x80;
    return count;
}

static bool convert_text(const struct conversion *conversion)
{
    const char *pattern = conversion->input->pattern;
    const int64_t length = characters(conversion->given);
    if (!text_is_utf8(conversion->given))
        return wrong(conversion, ERR_INPUT_UTF8, "");
    if (pattern && !pattern_matches(pattern, conversion->given))
        return wrong(conversion, ERR_INPUT_PATTERN, pattern);
    if (conversion->input->type == INPUT_TEXT && !within(conversion, &length, compare_lengths))
        return false;
    json_write_text(conversion->writer, conversion->given);
    return true;
}

// "1234.5" as programs write it, or "1 234,50" as people do.
static bool read_decimal(struct decimal *out, struct text text)
{
    struct err err;
    return decimal_parse(out, text_trim(text), &err) || decimal_parse_amount(out, text, 0, &err);
}

static bool convert_amount(const struct conversion *conversion, bool as_number)
{
    struct decimal value;
    SCOPED_BUF(written, DECIMAL_TEXT_MAX + DECIMAL_EXPONENT_MAX);
    if (!read_decimal(&value, conversion->given))
        return wrong(conversion, as_number ? ERR_INPUT_NUMBER : ERR_INPUT_DECIMAL, "");
    if (conversion->input->type != INPUT_LIST && !within(conversion, &value, compare_decimals))
        return false;
    if (!decimal_text(&written, &value))
        return wrong(conversion, ERR_INPUT_NUMBER, "");
    if (as_number)
        json_write_number_text(conversion->writer, buf_text(&written));
    else
        json_write_text(conversion->writer, buf_text(&written));
    return true;
}

static bool convert_number(const struct conversion *conversion)
{
    return convert_amount(conversion, true);
}

static bool convert_decimal(const struct conversion *conversion)
{
    return convert_amount(conversion, false);
}

static bool convert_boolean(const struct conversion *conversion)
{
    static const struct {
        const char *word;
        bool value;
    } words[] = {
        {"true", true},   {"yes", true}, {"on", true},   {"1", true},  {"kyllä", true}, {"ja", true},
        {"false", false}, {"no", false}, {"off", false}, {"0", false}, {"ei", false},   {"nej", false},
    };
    for (size_t i = 0; i < COUNT_OF(words); i++)
        if (text_equal_ascii_case(text_trim(conversion->given), text_from(words[i].word))) {
            json_write_boolean(conversion->writer, words[i].value);
            return true;
        }
    return wrong(conversion, ERR_INPUT_BOOLEAN, "");
}

static bool convert_choice(const struct conversion *conversion)
{
    SCOPED_BUF(all, ERR_ARGUMENT_MAX);
    struct text choice;
    for (const struct json *item = json_first(conversion->input->choices); item; item = json_next(item)) {
        if (json_text(item, &choice) && text_equal(choice, conversion->given)) {
            json_write_text(conversion->writer, choice);
            return true;
        }
        if (!buf_printf(&all, "%s%s", all.length ? ", " : "", json_string_or(item, "")))
            break;
    }
    return wrong(conversion, ERR_INPUT_CHOICE, buf_string(&all));
}

static bool convert_date(const struct conversion *conversion)
{
    struct date date;
    struct err err;
    char written[40];
    if (!day_from_text(&date, conversion->given, conversion->today, &err))
        return wrong(conversion, ERR_INPUT_DATE, "");
    if (conversion->input->type != INPUT_LIST && !within(conversion, &date, compare_dates))
        return false;
    snprintf(written, sizeof written, "%04d-%02d-%02d", date.year, date.month, date.day);
    json_write_string(conversion->writer, written);
    return true;
}

static bool convert_month(const struct conversion *conversion)
{
    struct month month;
    struct err err;
    char written[40];
    if (!month_from_text(&month, conversion->given, conversion->today, &err))
        return wrong(conversion, ERR_INPUT_MONTH, "");
    if (conversion->input->type != INPUT_LIST && !within(conversion, &month, compare_months))
        return false;
    snprintf(written, sizeof written, "%04d-%02d", month.year, month.month);
    json_write_string(conversion->writer, written);
    return true;
}

static struct text suffix_of(struct text path)
{
    for (size_t i = path.length; i > 0 && path.data[i - 1] != '/'; i--)
        if (path.data[i - 1] == '.')
            return text_of(path.data + i - 1, path.length - i + 1);
    return text_of("", 0);
}

static bool convert_file(const struct conversion *conversion)
{
    SCOPED_BUF(all, ERR_ARGUMENT_MAX);
    char path[INPUT_PATH_MAX];
    struct text accepted;
    bool good = json_count(conversion->input->accept) == 0;
    for (const struct json *item = json_first(conversion->input->accept); item; item = json_next(item)) {
        if (json_text(item, &accepted))
            good = good || text_equal_ascii_case(accepted, suffix_of(conversion->given));
        if (!buf_printf(&all, "%s%s", all.length ? ", " : "", json_string_or(item, "")))
            break;
    }
    if (!good)
        return wrong(conversion, ERR_INPUT_FILE_KIND, buf_string(&all));
    json_write_string(conversion->writer, input_file_path(path, conversion->input, conversion->given));
    return true;
}

static bool convert_list(const struct conversion *conversion);

static bool (*const conversions[])(const struct conversion *) = {
    [INPUT_TEXT] = convert_text,       [INPUT_NUMBER] = convert_number, [INPUT_DECIMAL] = convert_decimal,
    [INPUT_BOOLEAN] = convert_boolean, [INPUT_CHOICE] = convert_choice, [INPUT_DATE] = convert_date,
    [INPUT_MONTH] = convert_month,     [INPUT_FILE] = convert_file,     [INPUT_LIST] = convert_list,
};

// Semicolons part the elements; commas too where no element can have one.
static bool convert_list(const struct conversion *conversion)
{
    const enum input_type of = conversion->input->of;
    const bool commas = of != INPUT_NUMBER && of != INPUT_DECIMAL && text_find(conversion->given, ';') < 0;
    struct text rest = conversion->given, part;
    int64_t count = 0;
    json_begin_array(conversion->writer);
    while (text_cut(&rest, commas ? ',' : ';', &part)) {
        struct conversion element = *conversion;
        element.given = text_trim(part);
        if (element.given.length == 0)
            continue;
        if (++count > LIST_MAX)
            return wrong(conversion, ERR_INPUT_ABOVE, N(LIST_MAX));
        if (!conversions[of](&element))
            return false;
    }
    json_end_array(conversion->writer);
    return within(conversion, &count, compare_lengths);
}

const char *input_file_path(char out[INPUT_PATH_MAX], const struct input *input, struct text given)
{
    const struct text suffix = suffix_of(given);
    size_t used = (size_t)snprintf(out, INPUT_PATH_MAX, "in/%s", input->name);
    if (suffix.length > 12)
        return out;
    for (size_t i = 0; i < suffix.length && used + 1 < INPUT_PATH_MAX; i++) {
        const char c = suffix.data[i];
        const char small = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
        if ((i == 0 && c == '.') || (small >= 'a' && small <= 'z') || (c >= '0' && c <= '9'))
            out[used++] = small;
    }
    out[used] = '\0';
    return out;
}

// ---- defaults: JSON to text, then as if it were given

static bool append_scalar(struct buf *out, const struct json *value)
{
    struct text text;
    bool boolean;
    if (json_text(value, &text) || json_number_text(value, &text))
        return buf_append_text(out, text);
    return json_boolean(value, &boolean) && buf_append_string(out, boolean ? "true" : "false");
}

// An empty table may have come as either kind.
static bool default_text(struct buf *out, const struct json *value)
{
    if (json_kind(value) != JSON_ARRAY && !(json_kind(value) == JSON_OBJECT && json_count(value) == 0))
        return append_scalar(out, value);
    for (const struct json *item = json_first(value); item; item = json_next(item))
        if (!append_scalar(out, item) || !buf_append_char(out, ';'))
            return false;
    return true;
}

static bool convert_default(const struct input *input, struct date today, struct json_writer *writer,
                            struct err *err)
{
    SCOPED_BUF(text, VALUE_MAX);
    char shown[SCHEMA_SHOWN_MAX];
    if (!default_text(&text, input->fallback))
        return fail(err, ERR_INPUT_DEFAULT, input->name, schema_show(shown, input->fallback));
    const struct conversion conversion = {input, buf_text(&text), today, writer, err};
    return conversions[input->type](&conversion);
}

bool input_default_ok(const struct input *input, struct err *err)
{
    SCOPED_BUF(out, VALUE_MAX);
    struct json_writer writer = json_writer_new(&out);
    return convert_default(input, (struct date){2026, 6, 15}, &writer, err);
}

// ---- all of them

static const struct given *find_given(const char *name, const struct given *given, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(given[i].name, name) == 0)
            return &given[i];
    return NULL;
}

static void check_names(const struct manifest *manifest, const struct given *given, size_t count,
                        struct problems *problems)
{
    enum { NAMES_MAX = 100 };
    const char *names[NAMES_MAX];
    size_t known = 0;
    for (; known < manifest->input_count && known < NAMES_MAX; known++)
        names[known] = manifest->inputs[known].name;
    for (size_t i = 0; i < count; i++) {
        if (find_given(given[i].name, given, i))
            fail(problems_add(problems), ERR_INPUT_TWICE, given[i].name);
        if (manifest_input(manifest, given[i].name))
            continue;
        const char *nearest = text_nearest(given[i].name, names, known);
        SCOPED_BUF(all, ERR_ARGUMENT_MAX);
        for (size_t k = 0; k < known; k++)
            if (!buf_printf(&all, "%s%s", k ? ", " : "", names[k]))
                break;
        if (nearest)
            fail(problems_add(problems), ERR_INPUT_UNKNOWN, given[i].name, nearest);
        else
            fail(problems_add(problems), known ? ERR_INPUT_UNKNOWN_OF : ERR_INPUT_NONE, given[i].name,
                 buf_string(&all));
    }
}

static struct text base_name(struct text path)
{
    size_t start = path.length;
    while (start > 0 && path.data[start - 1] != '/')
        start--;
    return text_of(path.data + start, path.length - start);
}

static bool write_value(const struct input *input, const struct given *given, struct date today,
                        struct json_writer *writer, struct err *err)
{
    json_write_key(writer, "value");
    if (given) {
        const struct conversion conversion = {input, given->value, today, writer, err};
        return conversions[input->type](&conversion);
    }
    if (input->fallback)
        return convert_default(input, today, writer, err);
    if (input->required)
        return fail(err, ERR_INPUT_MISSING, input->name,
                    manifest_words(input->label, LANGUAGE_EN, input->name));
    json_write_null(writer);
    return true;
}

static bool write_input(const struct input *input, const struct given *given, struct date today,
                        struct json_writer *writer, struct err *err)
{
    json_begin_object(writer);
    json_write_key(writer, "type");
    json_write_string(writer, input_type_name(input->type));
    if (input->type == INPUT_LIST) {
        json_write_key(writer, "of");
        json_write_string(writer, input_type_name(input->of));
    }
    if (input->type == INPUT_FILE && given) {
        json_write_key(writer, "name");
        json_write_lossy(writer, base_name(given->value));
    }
    if (!write_value(input, given, today, writer, err))
        return false;
    json_end_object(writer);
    return true;
}

bool inputs_check(struct buf *out, const struct manifest *manifest, const struct given *given, size_t count,
                  struct date today, struct problems *problems)
{
    const size_t before = problems->total;
    struct json_writer whole = json_writer_new(out);
    check_names(manifest, given, count, problems);
    json_begin_object(&whole);
    for (size_t i = 0; i < manifest->input_count; i++) {
        const struct input *input = &manifest->inputs[i];
        SCOPED_BUF(one, VALUE_MAX);
        struct json_writer writer = json_writer_new(&one);
        struct err err;
        if (!write_input(input, find_given(input->name, given, count), today, &writer, &err)) {
            *problems_add(problems) = err;
            continue;
        }
        SCOPED(json_document)
        document = NULL;
        if (!json_writer_done(&writer) || !json_parse(&document, buf_text(&one), &err)) {
            fail(problems_add(problems), ERR_INPUT_LARGE, input->name, N(VALUE_MAX / 1024));
            continue;
        }
        json_write_key(&whole, input->name);
        json_write_value(&whole, json_root(document));
    }
    json_end_object(&whole);
    if (problems->total == before && !json_writer_done(&whole))
        fail(problems_add(problems), ERR_INPUT_LARGE, "inputs", N(out->maximum / 1024));
    return problems->total == before;
}
