// See serial.h. Runs in the worker. Dates are no money: a double is what the file means.
#include "lib/sheet/serial.h"

#include <math.h>
#include <stdio.h>

enum {
    DAY_MS = 86400000,
    FIRST_1900 = -25568 /* 1899-12-31 */,
    FIRST_1904 = -24107 /* 1904-01-01 */,
    FALSE_LEAP_DAY = 60
};
#define LATEST_SERIAL 2958466.0 // 9999-12-31 and its day, 1900 system
#define ELAPSED_MOST 1e9        // days: beyond every clock, and its milliseconds fit

static void put_time(struct moment *moment, int64_t ms)
{
    moment->hour = (int8_t)(ms / 3600000);
    moment->minute = (int8_t)(ms / 60000 % 60);
    moment->second = (int8_t)(ms / 1000 % 60);
    moment->microsecond = (int32_t)(ms % 1000 * 1000);
}

static bool put_elapsed(struct cell *cell, double serial)
{
    if (!(fabs(serial) < ELAPSED_MOST))
        return false;
    cell->form = CELL_ELAPSED;
    cell->elapsed_ms = llround(serial * DAY_MS);
    return true;
}

bool serial_to_cell(struct cell *cell, double serial, bool system_1904, bool elapsed)
{
    if (elapsed)
        return put_elapsed(cell, serial);
    if (!(serial >= 0 && serial < LATEST_SERIAL))
        return false;
    int64_t day = (int64_t)serial;
    int64_t ms = llround((serial - (double)day) * DAY_MS);
    if (day == 0 && ms < DAY_MS && !(system_1904 && ms == 0 && serial == 0)) {
        cell->form = CELL_TIME;
        cell->elapsed_ms = ms;
        put_time(&cell->moment, ms);
        return true;
    }
    if (ms == DAY_MS) {
        day++;
        ms = 0;
    }
    if (!system_1904 && day == FALSE_LEAP_DAY)
        return false;
    const int64_t first = system_1904 ? FIRST_1904 : day < FALSE_LEAP_DAY ? FIRST_1900 : FIRST_1900 - 1;
    cell->moment = (struct moment){.date = date_from_days((int32_t)(first + day))};
    if (!date_valid(cell->moment.date))
        return false;
    put_time(&cell->moment, ms);
    cell->form = ms ? CELL_MOMENT : CELL_DAY;
    return true;
}

// A day has 864 * 10^8 microseconds, so eleven digits of its fraction are the microseconds * 125 / 108. No float is made.
size_t serial_number(char out[SERIAL_NUMBER_SIZE], struct moment moment)
{
    const int32_t days = date_to_days(moment.date);
    const int32_t serial = days - FIRST_1900 >= FALSE_LEAP_DAY ? days - FIRST_1900 + 1 : days - FIRST_1900;
    const int64_t seconds = moment.hour * 3600 + moment.minute * 60 + moment.second;
    const int64_t fraction = ((seconds * 1000000 + moment.microsecond) * 125 + 54) / 108;
    if (!fraction)
        return (size_t)snprintf(out, SERIAL_NUMBER_SIZE, "%d", serial);
    size_t length = (size_t)snprintf(out, SERIAL_NUMBER_SIZE, "%d.%011lld", serial, (long long)fraction);
    while (out[length - 1] == '0')
        out[--length] = '\0';
    return length;
}

// Exactly `digits` digits, and then `after` unless that is NUL.
static bool take_digits(struct text *rest, size_t digits, char after, int *out)
{
    *out = 0;
    if (rest->length < digits + (after != '\0') || (after && rest->data[digits] != after))
        return false;
    for (size_t i = 0; i < digits; i++) {
        if (rest->data[i] < '0' || rest->data[i] > '9')
            return false;
        *out = *out * 10 + (rest->data[i] - '0');
    }
    const size_t taken = digits + (after != '\0');
    *rest = text_of(rest->data + taken, rest->length - taken);
    return true;
}

// ".25" to microseconds; further digits are cut.
static bool take_fraction(struct text *rest, int32_t *microsecond)
{
    int32_t unit = 100000;
    size_t at = 1;
    *microsecond = 0;
    for (; at < rest->length && rest->data[at] >= '0' && rest->data[at] <= '9'; at++, unit /= 10)
        *microsecond += (rest->data[at] - '0') * unit;
    const bool any = at > 1;
    *rest = text_of(rest->data + at, rest->length - at);
    return any;
}

// "Z", "+02:00", "-0330", "+02": a workbook knows no zones, so the clock counts as it stands.
static bool is_zone(struct text text)
{
    int hours, minutes;
    if (text.length == 1)
        return (text.data[0] | 0x20) == 'z';
    if (text.data[0] != '+' && text.data[0] != '-')
        return false;
    text = text_of(text.data + 1, text.length - 1);
    const bool colon = text.length > 2 && text.data[2] == ':';
    return take_digits(&text, 2, colon ? ':' : '\0', &hours) &&
           (!text.length || (take_digits(&text, 2, '\0', &minutes) && !text.length));
}

// "18:00", "T18:00:05.25", with a zone at the end if one likes.
static bool time_from_iso(struct moment *moment, struct text rest)
{
    int hour, minute, second = 0;
    int32_t microsecond = 0;
    if (rest.length && (rest.data[0] | 0x20) == 't')
        rest = text_of(rest.data + 1, rest.length - 1);
    const bool seconds = rest.length > 5 && rest.data[5] == ':';
    if (!take_digits(&rest, 2, ':', &hour) || !take_digits(&rest, 2, seconds ? ':' : '\0', &minute) ||
        (seconds && !take_digits(&rest, 2, '\0', &second)))
        return false;
    if (rest.length && (rest.data[0] == '.' || rest.data[0] == ',') && !take_fraction(&rest, &microsecond))
        return false;
    if (rest.length && !is_zone(rest))
        return false;
    if (hour > 23 || minute > 59 || second > 59)
        return false;
    put_time(moment, (hour * 3600 + minute * 60 + second) * 1000LL);
    moment->microsecond = microsecond;
    return true;
}

static bool date_from_iso(struct moment *moment, struct text rest)
{
    int year, month, day;
    if (!take_digits(&rest, 4, '-', &year) || !take_digits(&rest, 2, '-', &month) ||
        !take_digits(&rest, 2, '\0', &day))
        return false;
    moment->date = (struct date){(int16_t)year, (int8_t)month, (int8_t)day};
    if (!date_valid(moment->date))
        return false;
    if (!rest.length)
        return true;
    if (rest.data[0] == ' ')
        rest = text_of(rest.data + 1, rest.length - 1);
    return is_zone(rest) || time_from_iso(moment, rest);
}

bool serial_from_iso(struct cell *cell, struct text iso)
{
    struct moment moment = {0};
    if (time_from_iso(&moment, iso)) {
        cell->form = CELL_TIME;
        cell->elapsed_ms =
            (moment.hour * 3600 + moment.minute * 60 + moment.second) * 1000LL + moment.microsecond / 1000;
    } else if (date_from_iso(&moment, iso)) {
        const bool timed = moment.hour || moment.minute || moment.second || moment.microsecond;
        cell->form = timed ? CELL_MOMENT : CELL_DAY;
    } else {
        return false;
    }
    cell->moment = moment;
    return true;
}

// "12.5" and the letter of its unit; the fraction in thousandths.
static bool take_amount(struct text *rest, char *unit, int64_t *whole, int64_t *thousandths)
{
    enum { AMOUNT_MAX = 100000000 };
    size_t at = 0;
    *whole = *thousandths = 0;
    for (; at < rest->length && rest->data[at] >= '0' && rest->data[at] <= '9'; at++)
        if ((*whole = *whole * 10 + (rest->data[at] - '0')) > AMOUNT_MAX)
            return false;
    if (at < rest->length && (rest->data[at] == '.' || rest->data[at] == ',')) {
        int64_t scale = 100000, parts = 0;
        for (at++; at < rest->length && rest->data[at] >= '0' && rest->data[at] <= '9'; at++, scale /= 10)
            parts += scale * (rest->data[at] - '0');
        *thousandths = (parts + 500) / 1000;
    }
    if (!at || at == rest->length)
        return false;
    *unit = rest->data[at];
    *rest = text_of(rest->data + at + 1, rest->length - at - 1);
    return true;
}

// Years and months have no length of their own, so a duration that counts them is no time.
static bool take_duration(struct text rest, int64_t *ms)
{
    bool clock = false;
    for (*ms = 0; rest.length;) {
        int64_t whole, thousandths;
        char unit;
        if (!clock && rest.data[0] == 'T') {
            clock = true;
            rest = text_of(rest.data + 1, rest.length - 1);
            continue;
        }
        if (!take_amount(&rest, &unit, &whole, &thousandths))
            return false;
        const int64_t length = !clock        ? (unit == 'D' ? DAY_MS : 0)
                               : unit == 'H' ? 3600000
                               : unit == 'M' ? 60000
                               : unit == 'S' ? 1000
                                             : 0;
        if (!length && (whole || thousandths))
            return false;
        *ms += whole * length + thousandths * length / 1000;
    }
    return true;
}

bool serial_from_duration(struct cell *cell, struct text iso)
{
    int64_t ms;
    const bool negative = text_starts(iso, "-");
    if (negative)
        iso = text_of(iso.data + 1, iso.length - 1);
    if (!text_starts(iso, "P") || !take_duration(text_of(iso.data + 1, iso.length - 1), &ms))
        return false;
    cell->elapsed_ms = negative ? -ms : ms;
    cell->form = !negative && ms < DAY_MS ? CELL_TIME : CELL_ELAPSED;
    if (cell->form == CELL_TIME)
        put_time(&cell->moment, ms);
    return true;
}

static void put_clock(char *out, size_t size, long long hours, int digits, int64_t ms)
{
    int length =
        snprintf(out, size, "%0*lld:%02d:%02d", digits, hours, (int)(ms / 60000 % 60), (int)(ms / 1000 % 60));
    if (ms % 1000) {
        length += snprintf(out + length, size - (size_t)length, ".%03d", (int)(ms % 1000));
        while (out[length - 1] == '0')
            out[--length] = '\0';
    }
}

const char *serial_reading(char out[SERIAL_TEXT_SIZE], const struct cell *cell)
{
    const struct moment *m = &cell->moment;
    const int64_t ms = cell->form >= CELL_TIME
                           ? (cell->elapsed_ms < 0 ? -cell->elapsed_ms : cell->elapsed_ms)
                           : (m->hour * 3600 + m->minute * 60 + m->second) * 1000LL + m->microsecond / 1000;
    if (cell->form == CELL_DAY || cell->form == CELL_MOMENT) {
        const int length =
            snprintf(out, SERIAL_TEXT_SIZE, "%04d-%02d-%02d", m->date.year, m->date.month, m->date.day);
        if (cell->form == CELL_MOMENT) {
            out[length] = 'T';
            put_clock(out + length + 1, SERIAL_TEXT_SIZE - (size_t)length - 1, ms / 3600000, 2, ms);
        }
        return out;
    }
    const bool negative = cell->elapsed_ms < 0;
    if (negative)
        out[0] = '-';
    put_clock(out + negative, SERIAL_TEXT_SIZE - negative, ms / 3600000, cell->form == CELL_TIME ? 2 : 1, ms);
    return out;
}
