// See date_time.h.
#include "lib/recurrence/date_time.h"

enum { DATE_DIGITS = 8, TIME_DIGITS = 6, LEAP_SECOND = 60 };

static bool digits(struct text text, size_t from, size_t count, int *out)
{
    *out = 0;
    for (size_t i = from; i < from + count; i++) {
        if (i >= text.length || text.data[i] < '0' || text.data[i] > '9')
            return false;
        *out = *out * 10 + (text.data[i] - '0');
    }
    return true;
}

static bool wrong(struct text written, struct err *err)
{
    SCOPED_TEXT char *value = text_copy(written);
    return fail(err, ERR_RRULE_DATE, value);
}

bool date_time_read(struct date_time *out, struct text written, struct err *err)
{
    int year, month, day, hour = 0, minute = 0, second = 0;
    const struct text time =
        text_of(written.data + DATE_DIGITS, written.length > DATE_DIGITS ? written.length - DATE_DIGITS : 0);
    const size_t seconds_end = 1 + TIME_DIGITS;
    *out = (struct date_time){.date_only = written.length == DATE_DIGITS};
    if (!digits(written, 0, 4, &year) || !digits(written, 4, 2, &month) || !digits(written, 6, 2, &day))
        return wrong(written, err);
    if (!out->date_only) {
        if ((time.data[0] | 0x20) != 't' || !digits(time, 1, 2, &hour) || !digits(time, 3, 2, &minute) ||
            !digits(time, 5, 2, &second))
            return wrong(written, err);
        out->utc = time.length == seconds_end + 1 && (time.data[seconds_end] | 0x20) == 'z';
        if (time.length != seconds_end + out->utc || hour > 23 || minute > 59 || second > LEAP_SECOND)
            return wrong(written, err);
    }
    const struct date date = {(int16_t)year, (int8_t)month, (int8_t)day};
    if (month > 12 || day > 31 || !date_valid(date))
        return wrong(written, err);
    out->wall = (int64_t)date_to_days(date) * SECONDS_OF_DAY + hour * 3600 + minute * 60 +
                (second == LEAP_SECOND ? LEAP_SECOND - 1 : second);
    return true;
}
