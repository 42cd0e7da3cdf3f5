// Dates, months and times read without being told their form. In every process.
//
// Blanks around are allowed. What could mean two days is not read: a two-digit year or a month before the day needs a
// pattern (pattern.h).
#ifndef RENKI_CALENDAR_PARSE_H
#define RENKI_CALENDAR_PARSE_H

#include "lib/calendar/date.h"

// d.m.yyyy, yyyy-mm-dd, yyyymmdd. Errors: DATE_UNREAD (no form fits), DATE_NONE (30.2.2026).
bool date_parse(struct date *out, struct text written, struct err *err) MUST_CHECK;
// 2026-05, 202605, 5/2026, 05/2026, 5.2026. Error: MONTH_UNREAD.
bool month_parse(struct month *out, struct text written, struct err *err) MUST_CHECK;

// A date, then "T" or blanks, then H:MM, H.MM, with seconds and up to nine digits of fraction (cut to microseconds) if
// so wanted; ISO 8601's basic form yyyymmddTHHMMSS too; 24:00 is the next day's beginning. Without a time it is 00:00.
// When an offset follows ("Z", "+03:00", "+0300", "+03") *offset_seconds is set and *has_offset is true.
// Errors: DATE_UNREAD, DATE_NONE.
bool moment_parse(struct moment *out, bool *has_offset, int32_t *offset_seconds, struct text written,
                  struct err *err) MUST_CHECK;

#endif
