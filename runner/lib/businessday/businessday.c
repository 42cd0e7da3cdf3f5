// Sums of business days; see businessday.h.
#include "lib/businessday/businessday.h"

static bool is_weekend(int32_t day)
{
    const int weekday = (int)(((int64_t)day + 3) % 7 + 7) % 7; // 1970-01-01 was a Thursday; 0 is Monday
    return weekday >= 5;
}

static bool in_years(int64_t day)
{
    return day >= DAYS_LEAST && day <= DAYS_MOST;
}

const struct closed_day *business_closed(const struct business *business, int32_t day)
{
    for (size_t i = 0; i < business->count; i++) {
        const struct closed_day *closed = calendar_find(business->calendars[i], day);
        if (closed)
            return closed;
    }
    return NULL;
}

bool business_is(const struct business *business, int32_t day)
{
    return !is_weekend(day) && !business_closed(business, day);
}

static bool seek(int32_t *out, const struct business *business, int64_t day, int step)
{
    for (int i = 0; i < BUSINESS_SEARCH_DAYS && in_years(day); i++, day += step)
        if (business_is(business, (int32_t)day)) {
            *out = (int32_t)day;
            return true;
        }
    return false;
}

bool business_following(int32_t *out, const struct business *business, int32_t day)
{
    return seek(out, business, day, 1);
}

bool business_preceding(int32_t *out, const struct business *business, int32_t day)
{
    return seek(out, business, day, -1);
}

static bool same_month(int32_t a, int32_t b)
{
    const struct date one = date_from_days(a), other = date_from_days(b);
    return one.year == other.year && one.month == other.month;
}

bool business_modified_following(int32_t *out, const struct business *business, int32_t day)
{
    int32_t following;
    if (seek(&following, business, day, 1) && same_month(day, following)) {
        *out = following;
        return true;
    }
    return seek(out, business, day, -1);
}

bool business_add(int32_t *out, const struct business *business, int32_t day, int64_t count)
{
    const int step = count < 0 ? -1 : 1;
    if (count > DAYS_MOST - DAYS_LEAST || -count > DAYS_MOST - DAYS_LEAST)
        return false;
    for (; count != 0; count -= step)
        if (!seek(&day, business, (int64_t)day + step, step))
            return false;
    *out = day;
    return true;
}

bool business_nth(int32_t *out, const struct business *business, struct month month, int nth)
{
    const int32_t first = date_to_days(month_first(month)), last = date_to_days(month_last(month));
    const int step = nth < 0 ? -1 : 1;
    int left = nth * step;
    for (int32_t day = step > 0 ? first : last; left > 0 && day >= first && day <= last; day += step)
        if (business_is(business, day) && --left == 0) {
            *out = day;
            return true;
        }
    return false;
}

int64_t business_count(const struct business *business, int32_t from, int32_t to)
{
    if (to < from)
        return -business_count(business, to, from);
    int64_t count = 0;
    for (int32_t day = from; day < to; day++)
        count += business_is(business, day);
    return count;
}
