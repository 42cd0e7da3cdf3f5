// Amounts as people write them. See decimal.h.
//
// An amount is read in three steps: what stands around the digits (sign, brackets, currency, blanks) is taken off both
// ends; the rest is cut into groups of digits with what stands between them; then the groups say which separator is the
// decimal point. What can be read in two ways is refused: a guess that is off by a factor of a thousand is worse than
// a question.
#include "lib/decimal/decimal.h"

enum { GROUPS_MAX = 64, AMOUNT_BYTES_MAX = 400 };

// ' ' stands for all blanks, '\'' for both apostrophes.
struct groups {
    struct text digits[GROUPS_MAX];
    char separator[GROUPS_MAX]; // before the group; 0 before the first
    size_t count;
};

struct amount {
    struct text rest;
    bool negative, has_sign, has_bracket, has_currency;
};

static const char *const blanks[] = {" ", "\t", "\u00A0", "\u2009", "\u202F", "\u2007", NULL};
static const char *const minuses[] = {"-", "\u2212", "\u2013", NULL};
static const char *const currencies[] = {"€", "$", "£", "¥", "kr.", "kr", "e", NULL};

// Takes one of `list` off the start or the end of *text.
static bool take(struct text *text, const char *const *list, bool at_end)
{
    for (; *list; list++) {
        const size_t length = strlen(*list);
        if (!(at_end ? text_ends : text_starts)(*text, *list))
            continue;
        *text = text_of(text->data + (at_end ? 0 : length), text->length - length);
        return true;
    }
    return false;
}

// Three capitals, as ISO 4217 has them.
static bool take_code(struct text *text, bool at_end)
{
    if (text->length < 4)
        return false;
    const char *code = at_end ? text->data + text->length - 3 : text->data;
    for (int i = 0; i < 3; i++)
        if (code[i] < 'A' || code[i] > 'Z')
            return false;
    *text = text_of(text->data + (at_end ? 0 : 3), text->length - 3);
    return true;
}

// Takes one thing off an end; false when nothing more is there or it comes for the second time.
static bool take_around(struct amount *amount, bool at_end)
{
    static const char *const plus[] = {"+", NULL};
    static const char *const bracket[][2] = {{"(", NULL}, {")", NULL}};
    if (take(&amount->rest, blanks, at_end))
        return true;
    if (!amount->has_sign && take(&amount->rest, minuses, at_end))
        return amount->has_sign = amount->negative = true;
    if (!amount->has_sign && take(&amount->rest, plus, at_end))
        return amount->has_sign = true;
    if (!amount->has_currency &&
        (take(&amount->rest, currencies, at_end) || take_code(&amount->rest, at_end)))
        return amount->has_currency = true;
    // Accountants' brackets: both or none, and no other sign with them.
    if (!amount->has_sign && !at_end && text_ends(amount->rest, ")") &&
        take(&amount->rest, bracket[0], false) && take(&amount->rest, bracket[1], true))
        return amount->has_sign = amount->negative = true;
    return false;
}

static char take_separator(struct text *text)
{
    static const char *const points[] = {".", NULL}, *const commas[] = {",", NULL};
    static const char *const apostrophes[] = {"'", "\u2019", NULL};
    return take(text, blanks, false)        ? ' '
           : take(text, points, false)      ? '.'
           : take(text, commas, false)      ? ','
           : take(text, apostrophes, false) ? '\''
                                            : '\0';
}

static bool cut_into_groups(struct groups *out, struct text rest)
{
    for (char separator = 0;;) {
        if (out->count == GROUPS_MAX)
            return false;
        size_t length = 0;
        while (length < rest.length && rest.data[length] >= '0' && rest.data[length] <= '9')
            length++;
        if (length == 0 && out->count > 0) // ",50" has an empty first group; no other may be
            return false;
        out->separator[out->count] = separator;
        out->digits[out->count++] = text_of(rest.data, length);
        rest = text_of(rest.data + length, rest.length - length);
        if (rest.length == 0)
            return length > 0;
        separator = take_separator(&rest);
        if (!separator)
            return false;
    }
}

static size_t count_of(const struct groups *groups, char separator)
{
    size_t count = 0;
    for (size_t i = 1; i < groups->count; i++)
        count += groups->separator[i] == separator;
    return count;
}

// One separator only, with three digits behind it and one to three before, not "0": 1.234 is a thousand or one.
static bool is_ambiguous(const struct groups *groups)
{
    const struct text first = groups->digits[0];
    return groups->count == 2 && groups->digits[1].length == 3 && first.length >= 1 && first.length <= 3 &&
           !text_starts(first, "0");
}

// The decimal point, or ' ' when there is none, or 0 when nobody can know.
static char find_point(const struct groups *groups)
{
    const char last = groups->count > 1 ? groups->separator[groups->count - 1] : ' ';
    if (last != '.' && last != ',')
        return ' ';
    const size_t others = count_of(groups, last == '.' ? ',' : '.');
    if (count_of(groups, last) > 1)
        return others ? last
                      : ' '; // 1.234.567; with others among them it is refused as a point that comes twice
    if (others == 0 && is_ambiguous(groups))
        return '\0';
    return last;
}

// Thousands: one kind of separator, the first group of one to three digits, all others of three.
static bool thousands_fit(const struct groups *groups, size_t whole)
{
    if (whole < 2)
        return true;
    if (groups->digits[0].length < 1 || groups->digits[0].length > 3)
        return false;
    for (size_t i = 1; i < whole; i++)
        if (groups->digits[i].length != 3 || groups->separator[i] != groups->separator[1])
            return false;
    return true;
}

// A point comes at most once, and last. ' ' is none at all: then all separators part thousands.
static bool point_fits(const struct groups *groups, char point)
{
    const size_t times = count_of(groups, point);
    return point == ' ' || times == 0 || (times == 1 && groups->separator[groups->count - 1] == point);
}

static bool write_plainly(struct buf *out, const struct groups *groups, char point, bool negative)
{
    const bool has_fraction = point != ' ' && count_of(groups, point) == 1;
    const size_t whole = groups->count - has_fraction;
    if (!point_fits(groups, point) || !thousands_fit(groups, whole))
        return false;
    if (negative && !buf_append_char(out, '-'))
        return false;
    for (size_t i = 0; i < groups->count; i++)
        if ((i == whole && !buf_append_char(out, '.')) || !buf_append_text(out, groups->digits[i]))
            return false;
    return true;
}

static bool no_amount(struct text written, struct err *err)
{
    SCOPED_TEXT char *shown = text_copy(text_of(written.data, text_utf8_floor(written, 80)));
    return fail(err, ERR_DECIMAL_AMOUNT, shown);
}

static bool ambiguous(struct text written, char separator, struct err *err)
{
    SCOPED_TEXT char *shown = text_copy(written);
    return fail(err, ERR_DECIMAL_AMBIGUOUS, shown, (char[]){separator, '\0'});
}

bool decimal_parse_amount(struct decimal *out, struct text written, char point, struct err *err)
{
    struct amount amount = {.rest = written};
    struct groups groups = {.count = 0};
    if (written.length > AMOUNT_BYTES_MAX)
        return no_amount(written, err);
    while (take_around(&amount, false) || take_around(&amount, true))
        ;
    if (!cut_into_groups(&groups, amount.rest))
        return no_amount(written, err);
    if (!point)
        point = find_point(&groups);
    if (!point)
        return ambiguous(written, groups.separator[1], err);
    SCOPED_BUF(plain, AMOUNT_BYTES_MAX + 8);
    if (!write_plainly(&plain, &groups, point, amount.negative))
        return no_amount(written, err);
    return decimal_parse(out, buf_text(&plain), err);
}

static bool put_thousands(struct buf *out, struct text whole, const char *separator)
{
    for (size_t i = 0; i < whole.length; i++)
        if ((i > 0 && (whole.length - i) % 3 == 0 && !buf_append_string(out, separator)) ||
            !buf_append_char(out, whole.data[i]))
            return false;
    return true;
}

bool decimal_format(struct buf *out, const struct decimal *value, const struct decimal_style *style)
{
    SCOPED_BUF(plain, DECIMAL_TEXT_MAX);
    struct decimal magnitude;
    decimal_abs(&magnitude, value);
    if (!decimal_text(&plain, &magnitude))
        return false;
    struct text rest = buf_text(&plain), whole;
    if (decimal_sign(value) < 0 && !buf_append_string(out, style->minus))
        return false;
    if (!text_cut(&rest, '.', &whole) || !buf_append_string(out, style->before))
        return false;
    // Beyond some 40 added zeros a number is written 1.2E+60, and its digits are not in groups.
    const bool grouped = text_find(buf_text(&plain), 'E') < 0;
    if (!put_thousands(out, whole, grouped ? style->thousands : ""))
        return false;
    if (rest.data && (!buf_append_string(out, style->point) || !buf_append_text(out, rest)))
        return false;
    return buf_append_string(out, style->after);
}
