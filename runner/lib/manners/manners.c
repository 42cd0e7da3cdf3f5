// See manners.h.
#include "lib/manners/manners.h"

// Two digits at the start of *rest, at most `most`.
static bool two_digits(struct text *rest, int most, int *out)
{
    int64_t number;
    if (rest->length < 2 || !text_to_int64(text_of(rest->data, 2), &number) || number < 0 || number > most)
        return false;
    *out = (int)number;
    *rest = text_of(rest->data + 2, rest->length - 2);
    return true;
}

static bool sign(struct text *rest, char wanted)
{
    if (rest->length == 0 || rest->data[0] != wanted)
        return false;
    *rest = text_of(rest->data + 1, rest->length - 1);
    return true;
}

bool hours_read(struct hours *out, struct text text)
{
    struct text rest = text;
    int h1, m1, h2, m2;
    if (!two_digits(&rest, 23, &h1) || !sign(&rest, ':') || !two_digits(&rest, 59, &m1) ||
        !sign(&rest, '-') || !two_digits(&rest, 24, &h2) || !sign(&rest, ':') ||
        !two_digits(&rest, 59, &m2) || rest.length || 60 * h2 + m2 > MINUTES_A_DAY)
        return false;
    *out = (struct hours){60 * h1 + m1, 60 * h2 + m2};
    return true;
}

bool hours_are_open(struct hours hours, int minute)
{
    if (hours.from_minute <= hours.to_minute)
        return minute >= hours.from_minute && minute < hours.to_minute;
    return minute >= hours.from_minute || minute < hours.to_minute;
}

int hours_until_open(struct hours hours, int minute)
{
    if (hours_are_open(hours, minute))
        return 0;
    return (hours.from_minute - minute + MINUTES_A_DAY) % MINUTES_A_DAY;
}

static bool unit_read(int64_t *ms, struct text text)
{
    static const struct {
        const char *name;
        int64_t ms;
    } units[] = {{"s", 1000}, {"min", 60000}, {"h", 3600000}};
    for (size_t i = 0; i < COUNT_OF(units); i++)
        if (text_is(text, units[i].name)) {
            *ms = units[i].ms;
            return true;
        }
    return false;
}

bool rate_read(struct rate *out, struct text text)
{
    struct text rest = text_trim(text), words[4];
    size_t count = 0;
    struct text word;
    while (text_cut(&rest, ' ', &word)) {
        if (count == COUNT_OF(words))
            return false;
        words[count++] = word;
    }
    int64_t calls, number, unit_ms;
    if (count != 4 || !text_is(words[1], "per") || !text_to_int64(words[0], &calls) ||
        !text_to_int64(words[2], &number) || !unit_read(&unit_ms, words[3]))
        return false;
    if (calls < 1 || calls > RATE_CALLS_MOST || number < 1 || number > RATE_SPAN_MS_MOST / unit_ms)
        return false;
    *out = (struct rate){calls, number * unit_ms};
    return true;
}

struct rate rate_share(struct rate rate, int64_t hosts)
{
    if (hosts <= 1)
        return rate;
    if (rate.calls >= hosts)
        return (struct rate){rate.calls / hosts, rate.span_ms};
    return (struct rate){1, (rate.span_ms * hosts + rate.calls - 1) / rate.calls};
}
