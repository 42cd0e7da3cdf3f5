// The days that an iCalendar file (RFC 5545) names, as a calendar of closed days has them. In the reader, for such files
// come from anywhere.
//
// Each VEVENT is a day, or days from DTSTART to DTEND; RRULE, RDATE and EXDATE repeat it, RECURRENCE-ID replaces one of
// the repeated, STATUS:CANCELLED is left out. A time zone does not matter: the day is the one that is written.
#ifndef RENKI_ICS_H
#define RENKI_ICS_H

#include "lib/base/err.h"

enum {
    ICS_LINE_MAX = 8192,      // bytes of one unfolded line
    ICS_EVENTS_MAX = 5000,    // of a file
    ICS_DAYS_MAX = 4000,      // of a file, repetitions included
    ICS_EVENT_DAYS_MAX = 366, // of one event
    ICS_NAME_MAX = 200,       // bytes of a day's name; longer ones are cut
    ICS_YEAR_FIRST = 2000,
    ICS_YEAR_LAST = 2060 // what repeats without end is written out for these years
};

// Appends { "days": [ { "date": "2026-12-06", "fi": "itsenäisyyspäivä", "en": …, "local": … }, … ] }; names from SUMMARY
// and COMMENT by their LANGUAGE, "local" where that is none of renki's languages.
// Errors, with the line noted: ICS_NONE, ICS_LINE, ICS_NESTING, ICS_EVENT, ICS_DATE, RRULE_…, READ_TOO_LARGE.
bool ics_read(struct buf *out, struct text source, struct err *err) MUST_CHECK;

#endif
