// See parse.h.
#include "lib/calendar/parse.h"

enum { SHOWN_MAX = 80 }; // bytes of a text that is shown in an error

static bool unread(enum err_code code, struct text written, struct err *err)
{
    SCOPED_TEXT char *shown = text_copy(text_of(written.data, text_utf8_floor(written, SHOWN_MAX)));
    return err_fail(err, code, (const char *const[]){shown, NULL});
}

// A cursor over the text; each function takes what it knows and moves on, or is false and stays.
static bool take(struct text *in, char c)
{
    if (!in->length || in->data[0] != c)
        return false;
    *in = text_of(in->data + 1, in->length - 1);
    return true;
}

static size_t digits_at(struct text in)
{
    size_t count = 0;
    while (count < in.length && in.data[count] >= '0' && in.data[count] <= '9')
        count++;
    return count;
}

// A number of `least` to `most` digits that is followed by something else.
static bool take_number(struct text *in, size_t least, size_t most, int *out)
{
    const size_t count = digits_at(*in);
    if (count < least || count > most)
        return false;
    *out = 0;
    for (size_t i = 0; i < count; i++)
        *out = *out * 10 + (in->data[i] - '0');
    *in = text_of(in->data + count, in->length - count);
    return true;
}

// The first `count` of a longer row of digits.
static bool take_digits(struct text *in, size_t count, int *out)
{
    if (digits_at(*in) < count)
        return false;
    *out = 0;
    for (size_t i = 0; i < count; i++)
        *out = *out * 10 + (in->data[i] - '0');
    *in = text_of(in->data + count, in->length - count);
    return true;
}

struct numbers {
    int year, month, day;
};

static bool finnish(struct text *in, struct numbers *out)
{
    return take_number(in, 1, 2, &out->day) && take(in, '.') && take_number(in, 1, 2, &out->month) &&
           take(in, '.') && take_number(in, 4, 4, &out->year);
}

static bool iso(struct text *in, struct numbers *out)
{
    return take_number(in, 4, 4, &out->year) && take(in, '-') && take_number(in, 2, 2, &out->month) &&
           take(in, '-') && take_number(in, 2, 2, &out->day);
}

static bool compact(struct text *in, struct numbers *out)
{
    return digits_at(*in) == 8 && take_digits(in, 4, &out->year) && take_digits(in, 2, &out->month) &&
           take_digits(in, 2, &out->day);
}

static bool (*const date_forms[])(struct text *in, struct numbers *out) = {finnish, iso, compact};

static bool take_date(struct text *in, struct numbers *out)
{
    for (size_t i = 0; i < COUNT_OF(date_forms); i++) {
        struct text rest = *in;
        if (date_forms[i](&rest, out)) {
            *in = rest;
            return true;
        }
    }
    return false;
}

static struct date date_of(const struct numbers *numbers)
{
    return (struct date){(int16_t)numbers->year, (int8_t)numbers->month, (int8_t)numbers->day};
}

bool date_parse(struct date *out, struct text written, struct err *err)
{
    struct text in = text_trim(written);
    struct numbers numbers;
    if (!take_date(&in, &numbers) || in.length)
        return unread(ERR_DATE_UNREAD, written, err);
    if (!date_valid(date_of(&numbers)))
        return unread(ERR_DATE_NONE, written, err);
    *out = date_of(&numbers);
    return true;
}

static bool month_iso(struct text in, struct numbers *out)
{
    return take_number(&in, 4, 4, &out->year) && take(&in, '-') && take_number(&in, 2, 2, &out->month) &&
           !in.length;
}

static bool month_compact(struct text in, struct numbers *out)
{
    return in.length == 6 && take_digits(&in, 4, &out->year) && take_number(&in, 2, 2, &out->month);
}

static bool month_finnish(struct text in, struct numbers *out)
{
    return take_number(&in, 1, 2, &out->month) && (take(&in, '/') || take(&in, '.')) &&
           take_number(&in, 4, 4, &out->year) && !in.length;
}

bool month_parse(struct month *out, struct text written, struct err *err)
{
    static bool (*const forms[])(struct text in, struct numbers * out) = {month_iso, month_compact,
                                                                          month_finnish};
    for (size_t i = 0; i < COUNT_OF(forms); i++) {
        struct numbers numbers;
        if (!forms[i](text_trim(written), &numbers))
            continue;
        const struct month month = {(int16_t)numbers.year, (int8_t)numbers.month};
        if (!month_valid(month))
            break;
        *out = month;
        return true;
    }
    return unread(ERR_MONTH_UNREAD, written, err);
}

struct clock {
    int hour, minute, second, microsecond;
};

// Digits after a point or comma; what is finer than microseconds is cut.
static bool take_fraction(struct text *in, int *microsecond)
{
    const size_t count = digits_at(*in);
    if (count == 0 || count > 9)
        return false;
    int value = 0;
    for (size_t i = 0; i < 6; i++)
        value = value * 10 + (i < count ? in->data[i] - '0' : 0);
    *microsecond = value;
    *in = text_of(in->data + count, in->length - count);
    return true;
}

static bool take_seconds(struct text *in, char separator, struct clock *out)
{
    if (!take(in, separator))
        return true;
    if (!take_digits(in, 2, &out->second))
        return false;
    return !(take(in, '.') || take(in, ',')) || take_fraction(in, &out->microsecond);
}

static bool take_clock(struct text *in, struct clock *out)
{
    *out = (struct clock){0};
    if (digits_at(*in) == 4 || digits_at(*in) == 6) { // basic form: HHMM, HHMMSS
        const bool with_seconds = digits_at(*in) == 6;
        if (!take_digits(in, 2, &out->hour) || !take_digits(in, 2, &out->minute))
            return false;
        if (!with_seconds)
            return true;
        return take_digits(in, 2, &out->second) && (!take(in, '.') || take_fraction(in, &out->microsecond));
    }
    if (!take_number(in, 1, 2, &out->hour))
        return false;
    const char separator = in->length && in->data[0] == '.' ? '.' : ':';
    return take(in, separator) && take_digits(in, 2, &out->minute) && take_seconds(in, separator, out);
}

static bool take_offset(struct text *in, int32_t *seconds)
{
    const bool ahead = in->length && in->data[0] == '+';
    int hours, minutes = 0;
    if (!take(in, '+') && !take(in, '-'))
        return false;
    if (!take_digits(in, 2, &hours))
        return false;
    if ((take(in, ':') || in->length) && !take_number(in, 2, 2, &minutes))
        return false;
    if (hours > 23 || minutes > 59)
        return false;
    *seconds = (ahead ? 1 : -1) * (hours * 3600 + minutes * 60);
    return true;
}

static bool take_zone(struct text *in, bool *has_offset, int32_t *seconds)
{
    *in = text_trim(*in);
    *has_offset = in->length > 0;
    *seconds = 0;
    return !in->length || take(in, 'Z') || take(in, 'z') || take_offset(in, seconds);
}

// 24:00 ends a day in ISO 8601 and in timetables; it is the next day's 00:00.
static bool put_together(struct moment *out, struct date date, struct clock clock)
{
    const bool ends_the_day =
        clock.hour == 24 && clock.minute == 0 && clock.second == 0 && clock.microsecond == 0;
    if (!date_valid(date))
        return false;
    if (ends_the_day) {
        clock.hour = 0;
        if (!date_add_days(&date, date, 1))
            return false;
    }
    // A leap second (23:59:60) is shown by some clocks; it becomes the last whole second.
    if (clock.second == 60 && clock.minute == 59)
        clock.second = 59;
    *out = (struct moment){date, (int8_t)clock.hour, (int8_t)clock.minute, (int8_t)clock.second,
                           clock.microsecond};
    return moment_valid(*out);
}

bool moment_parse(struct moment *out, bool *has_offset, int32_t *offset_seconds, struct text written,
                  struct err *err)
{
    struct text in = text_trim(written);
    struct numbers numbers;
    struct clock clock = {0};
    *has_offset = false;
    *offset_seconds = 0;
    if (!take_date(&in, &numbers))
        return unread(ERR_DATE_UNREAD, written, err);
    if (in.length) {
        const struct text after = text_trim(in);
        const bool separated = take(&in, 'T') || take(&in, 't') || after.length < in.length;
        in = text_trim(in);
        if (!separated || !take_clock(&in, &clock) || !take_zone(&in, has_offset, offset_seconds) ||
            in.length)
            return unread(ERR_DATE_UNREAD, written, err);
    }
    struct moment moment;
    if (!put_together(&moment, date_of(&numbers), clock))
        return unread(ERR_DATE_NONE, written, err);
    *out = moment;
    return true;
}
