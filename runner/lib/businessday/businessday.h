// Calendars of closed days, and sums of business days. In every process; pure: what stands in .ics files was read by a
// reader and comes here as JSON.
//
// Glossary: a *closed day* is a Saturday, a Sunday or a day that a calendar lists; every other day is a *business day*.
// A *calendar* has a name ("fi-holidays") and, for some, short names ("FI"); names are compared without regard to case.
#ifndef RENKI_BUSINESSDAY_H
#define RENKI_BUSINESSDAY_H

#include "lib/calendar/date.h"
#include "lib/json/json.h"

enum {
    CALENDAR_DAYS_MAX = 20000,  // days of one calendar
    CALENDAR_NAME_MAX = 100,    // bytes
    CALENDARS_MAX = 200,        // of a workspace
    BUSINESS_CALENDARS_MAX = 8, // that one schedule looks at together
    BUSINESS_SEARCH_DAYS = 800, // so far is an open day looked for
};

// ---- Calendars
struct calendar;
struct calendars;
struct closed_day {
    int32_t day;                       // since 1970-01-01
    const char *names[LANGUAGE_COUNT]; // NULL where nobody said
    const char *local;                 // in the language of the country; NULL
};

struct calendars *calendars_new(void);
void calendars_free(struct calendars *calendars);
DEFINE_SCOPED(calendars)
// Adds the calendar, in place of one of that name. `days` is a reader's answer for an .ics file:
//     { "days": [ { "date": "2026-12-06", "en": "Independence Day", "fi": "itsenäisyyspäivä" }, … ] }
// Errors: CALENDAR_DATA, LIMIT_PASSED.
bool calendars_add(struct calendars *calendars, struct text name, const struct json *days,
                   struct err *err) MUST_CHECK;
// By name or short name. Error: CALENDAR_UNKNOWN with those that there are.
bool calendars_find(const struct calendar **out, const struct calendars *calendars, struct text name,
                    struct err *err) MUST_CHECK;
// The name that a short name stands for ("TARGET2" → "target"); else the name itself.
struct text calendar_full_name(struct text name);
size_t calendars_count(const struct calendars *calendars); // sorted by name
const struct calendar *calendars_at(const struct calendars *calendars, size_t index);

const char *calendar_name(const struct calendar *calendar);
size_t calendar_count(const struct calendar *calendar); // days it lists, in order
const struct closed_day *calendar_at(const struct calendar *calendar, size_t index);
const struct closed_day *calendar_find(const struct calendar *calendar, int32_t day); // NULL: not listed
// What the day is called in a language, else in English, else as the country says; "" when nobody said.
const char *closed_day_name(const struct closed_day *day, enum language language);

// ---- Business days: days since 1970-01-01, by all of some calendars together (none: only Saturdays and Sundays)
struct business {
    const struct calendar *calendars[BUSINESS_CALENDARS_MAX];
    size_t count;
};
bool business_is(const struct business *business, int32_t day);
// What a closed day is called; NULL for business days and days that are only Saturdays or Sundays.
const struct closed_day *business_closed(const struct business *business, int32_t day);

// All of these are false when the search leads out of the years or past BUSINESS_SEARCH_DAYS closed days.
bool business_following(int32_t *out, const struct business *business,
                        int32_t day) MUST_CHECK; // itself, else the next
bool business_preceding(int32_t *out, const struct business *business, int32_t day) MUST_CHECK;
// The following one unless that is in another month, then the preceding one.
bool business_modified_following(int32_t *out, const struct business *business, int32_t day) MUST_CHECK;
// `count` business days on, or back when negative; 0 is the day itself. From a closed day, 1 is the next business day.
bool business_add(int32_t *out, const struct business *business, int32_t day, int64_t count) MUST_CHECK;
// The n-th business day of the date's month; negative n counts from the end. False when the month has fewer.
bool business_nth(int32_t *out, const struct business *business, struct month month, int nth) MUST_CHECK;
// Business days from a day up to, not with, another; negative when `to` is earlier.
int64_t business_count(const struct business *business, int32_t from, int32_t to);

#endif
