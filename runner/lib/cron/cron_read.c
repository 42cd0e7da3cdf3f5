// Reads a cron expression; see cron.h and README.md.
#include "lib/cron/cron.h"

#include <stdio.h>

enum { FIELDS_MOST = 6, VALUE_NONE = -1 };
enum field { SECOND, MINUTE, HOUR, DAY, MONTH, WEEKDAY };

static const char *const month_names[] = {"JAN", "FEB", "MAR", "APR", "MAY", "JUN",
                                          "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"};
static const char *const weekday_names[] = {"SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"};

static const struct {
    const char *name;
    int least, most;
    const char *const *names; // of `least` and on
    int name_count;
} fields[] = {
    [SECOND] = {"second", 0, 59, NULL, 0},
    [MINUTE] = {"minute", 0, 59, NULL, 0},
    [HOUR] = {"hour", 0, 23, NULL, 0},
    [DAY] = {"day of month", 1, 31, NULL, 0},
    [MONTH] = {"month", 1, 12, month_names, 12},
    [WEEKDAY] = {"day of week", 0, 7, weekday_names, 7}, // 7 is Sunday too
};

static const struct {
    const char *name, *meaning;
} macros[] = {
    {"@yearly", "0 0 0 1 1 *"}, {"@annually", "0 0 0 1 1 *"},     {"@monthly", "0 0 0 1 * *"},
    {"@weekly", "0 0 0 * * 0"}, {"@daily", "0 0 0 * * *"},        {"@midnight", "0 0 0 * * *"},
    {"@hourly", "0 0 * * * *"}, {"@every_minute", "0 * * * * *"}, {"@every_second", "* * * * * *"},
};

// One field being read.
struct reading {
    enum field field;
    struct text whole; // for messages
    struct err *err;
};

static bool wrong(const struct reading *reading)
{
    SCOPED_TEXT char *whole = text_copy(reading->whole);
    return fail(reading->err, ERR_CRON_FIELD, fields[reading->field].name, whole);
}

static bool take(struct text *rest, char c)
{
    if (!rest->length || (rest->data[0] & ~0x20) != (c & ~0x20))
        return false;
    *rest = text_of(rest->data + 1, rest->length - 1);
    return true;
}

static bool take_digits(struct text *rest, int *out)
{
    size_t count = 0;
    int value = 0;
    while (count < rest->length && rest->data[count] >= '0' && rest->data[count] <= '9' && count < 9)
        value = value * 10 + (rest->data[count++] - '0');
    if (!count)
        return false;
    *rest = text_of(rest->data + count, rest->length - count);
    *out = value;
    return true;
}

// Three letters, as MON or JAN; the whole name is refused, since no cron knows it.
static bool take_name(struct text *rest, enum field field, int *out)
{
    for (int i = 0; rest->length >= 3 && i < fields[field].name_count; i++)
        if (text_equal_ascii_case(text_of(rest->data, 3), text_from(fields[field].names[i]))) {
            *rest = text_of(rest->data + 3, rest->length - 3);
            *out = fields[field].least + i;
            return true;
        }
    return false;
}

static bool take_value(struct text *rest, const struct reading *reading, int *out)
{
    if (take_name(rest, reading->field, out))
        return true;
    if (!take_digits(rest, out))
        return wrong(reading);
    const int least = fields[reading->field].least, most = fields[reading->field].most;
    return (*out >= least && *out <= most) ||
           fail(reading->err, ERR_CRON_RANGE, fields[reading->field].name, N(*out), N(least), N(most));
}

// "/n" at the end, else 1.
static bool take_step(struct text *rest, const struct reading *reading, int *out, bool *given)
{
    *out = 1;
    *given = take(rest, '/');
    if (!*given)
        return true;
    if (!take_digits(rest, out))
        return wrong(reading);
    const int most = reading->field == WEEKDAY ? 7 : fields[reading->field].most;
    return (*out >= 1 && *out <= most) ||
           fail(reading->err, ERR_CRON_STEP, fields[reading->field].name, N(*out), N(most));
}

// L, LW, L-n, L-nW of the day of month; the L is taken.
static bool read_last_day(struct cron *cron, struct text rest, const struct reading *reading)
{
    int before = 0;
    if (take(&rest, '-')) {
        if (!take_digits(&rest, &before))
            return wrong(reading);
        if (before > 30)
            return fail(reading->err, ERR_CRON_RANGE, fields[DAY].name, N(before), N(0), N(30));
    }
    if (take(&rest, 'W'))
        cron->nearest_last |= UINT32_C(1) << before;
    else
        cron->days_before_last |= UINT32_C(1) << before;
    return !rest.length || wrong(reading);
}

// What may follow one weekday: L (the last of the month) and #k (the k-th).
static bool read_weekday_mark(struct cron *cron, int weekday, struct text rest, bool *read,
                              const struct reading *reading)
{
    *read = true;
    if (take(&rest, 'L')) {
        cron->last_weekdays |= (uint8_t)(1 << weekday % 7);
        return !rest.length || wrong(reading);
    }
    if (take(&rest, '#')) {
        if (rest.length != 1 || rest.data[0] < '1' || rest.data[0] > '5')
            return wrong(reading);
        cron->nth[weekday % 7] |= (uint8_t)(1 << (rest.data[0] - '0'));
        return true;
    }
    *read = false;
    return true;
}

static bool read_nearest(struct cron *cron, int day, struct text rest, const struct reading *reading)
{
    // Only alone: of "1,15W" it is not clear to readers which days are moved.
    if (rest.length != 1 || text_find(reading->whole, ',') >= 0)
        return wrong(reading);
    cron->nearest |= UINT32_C(1) << day;
    return true;
}

// Where a range begins and ends: "*", "5", "5-9", and "5/2" goes on to the end.
static bool read_range(int *low, int *high, int *step, struct text *rest, const struct reading *reading)
{
    bool given, dash = take(rest, '-');
    const bool sunday =
        dash && rest->length >= 3 && text_equal_ascii_case(text_of(rest->data, 3), TEXT_OF("SUN"));
    if (dash && !take_value(rest, reading, high))
        return false;
    if (reading->field == WEEKDAY && sunday && *low > 0)
        *high = 7; // FRI-SUN
    if (!take_step(rest, reading, step, &given))
        return false;
    if (rest->length)
        return wrong(reading);
    if (!dash)
        *high = given ? (reading->field == WEEKDAY ? 6 : fields[reading->field].most) : *low;
    if (!dash && *high < *low)
        *high = *low; // 7/2 of weekdays
    if (*low <= *high)
        return true;
    SCOPED_TEXT char *whole = text_copy(reading->whole);
    return fail(reading->err, ERR_CRON_BACKWARDS, fields[reading->field].name, whole);
}

// One element of a field's list; sets its bits.
static bool read_element(uint64_t *bits, struct cron *cron, struct text rest, const struct reading *reading)
{
    int low, high = 0, step = 1;
    bool given;
    if (reading->field == DAY && take(&rest, 'L'))
        return read_last_day(cron, rest, reading);
    if (take(&rest, '*')) {
        low = fields[reading->field].least;
        high = reading->field == WEEKDAY ? 6 : fields[reading->field].most;
        if (!take_step(&rest, reading, &step, &given))
            return false;
        if (rest.length)
            return wrong(reading);
    } else {
        if (!take_value(&rest, reading, &low))
            return false;
        if (reading->field == DAY && rest.length && (rest.data[0] | 0x20) == 'w')
            return read_nearest(cron, low, rest, reading);
        if (reading->field == WEEKDAY && (!read_weekday_mark(cron, low, rest, &given, reading) || given))
            return reading->err->code == ERR_NONE;
        if (!read_range(&low, &high, &step, &rest, reading))
            return false;
    }
    for (int value = low; value <= high; value += step)
        *bits |= UINT64_C(1) << value;
    return true;
}

static bool is_any(struct text written)
{
    return text_is(written, "*") || text_is(written, "?");
}

static bool read_field(uint64_t *bits, struct cron *cron, const struct reading *reading)
{
    struct text rest = reading->whole, element;
    *bits = 0;
    if (text_is(rest, "?"))
        rest = TEXT_OF("*");
    if (reading->whole.data[reading->whole.length - 1] == ',')
        return wrong(reading);
    while (text_cut(&rest, ',', &element))
        if (!read_element(bits, cron, element, reading))
            return false;
    return true;
}

// ---- whether the rule goes on at intervals (README.md)

static bool two_in_a_row(uint32_t bits)
{
    return (bits & (bits >> 1)) != 0;
}

static bool has_interval(struct text written)
{
    return written.data[0] == '*' || text_is(written, "?") || text_find(written, '/') >= 0 ||
           text_find(written, '-') >= 0;
}

static bool goes_on(const struct cron *cron, const struct text *parts, bool with_seconds)
{
    if (!with_seconds) // as Debian's cron has it: a star in minute or hour
        return parts[MINUTE].data[0] == '*' || parts[HOUR].data[0] == '*' || is_any(parts[MINUTE]) ||
               is_any(parts[HOUR]);
    return has_interval(parts[SECOND]) || has_interval(parts[MINUTE]) || has_interval(parts[HOUR]) ||
           two_in_a_row(cron->hours);
}

// ---- the whole

// Six parts, seconds first; 0: too many or too few.
static size_t split(struct text parts[FIELDS_MOST], struct text written, bool *with_seconds)
{
    size_t count = 0, found = 0;
    for (size_t i = 0; i < written.length;) {
        const size_t begin = i;
        while (i < written.length && written.data[i] != ' ' && written.data[i] != '\t')
            i++;
        if (i > begin) {
            if (count < FIELDS_MOST)
                parts[count++] = text_of(written.data + begin, i - begin);
            found++;
        }
        i += i < written.length;
    }
    *with_seconds = found == FIELDS_MOST;
    if (found == FIELDS_MOST - 1) {
        memmove(parts + 1, parts, sizeof(parts[0]) * (FIELDS_MOST - 1));
        parts[SECOND] = TEXT_OF("0");
    }
    return found;
}

static bool read_parts(struct cron *cron, const struct text *parts, struct err *err)
{
    uint64_t bits[FIELDS_MOST];
    for (enum field field = SECOND; field <= WEEKDAY; field++) {
        struct reading reading = {field, parts[field], err};
        if (field == WEEKDAY && parts[field].length > 1 && parts[field].data[0] == '+') {
            cron->both = true;
            reading.whole = text_of(parts[field].data + 1, parts[field].length - 1);
        }
        if (!read_field(&bits[field], cron, &reading))
            return false;
    }
    cron->seconds = bits[SECOND];
    cron->minutes = bits[MINUTE];
    cron->hours = (uint32_t)bits[HOUR];
    cron->days = (uint32_t)bits[DAY];
    cron->months = (uint16_t)bits[MONTH];
    cron->weekdays = (uint8_t)((bits[WEEKDAY] | bits[WEEKDAY] >> 7) & 0x7f);
    cron->days_given = !is_any(parts[DAY]);
    cron->weekdays_given = !is_any(parts[WEEKDAY]);
    return true;
}

static bool find_macro(struct text *written, struct err *err)
{
    const char *names[COUNT_OF(macros)];
    for (size_t i = 0; i < COUNT_OF(macros); i++) {
        names[i] = macros[i].name;
        if (text_equal_ascii_case(*written, text_from(macros[i].name))) {
            *written = text_from(macros[i].meaning);
            return true;
        }
    }
    SCOPED_TEXT char *name = text_copy(*written);
    const char *nearest = text_nearest(name, names, COUNT_OF(names));
    return fail(err, ERR_CRON_MACRO, name, nearest ? nearest : "@daily");
}

bool cron_read(struct cron *out, struct text written, struct err *err)
{
    struct cron cron = {0};
    struct text parts[FIELDS_MOST];
    bool with_seconds;
    written = text_trim(written);
    err_clear(err);
    if (written.length > CRON_LENGTH_MAX)
        return fail(err, ERR_CRON_LONG, N(CRON_LENGTH_MAX));
    if (written.length && written.data[0] == '@' && !find_macro(&written, err))
        return false;
    const size_t count = split(parts, written, &with_seconds);
    if (count != FIELDS_MOST && count != FIELDS_MOST - 1)
        return fail(err, ERR_CRON_FIELDS, N(count));
    if (!read_parts(&cron, parts, err))
        return false;
    cron.interval = goes_on(&cron, parts, with_seconds);
    *out = cron;
    return true;
}
