// Dates and times read and written by a pattern, as forms and files state them: "d.m.yyyy", "yymmdd", "yyyy-mm-dd HH:MM:SS".
//
// Fields: yyyy year · yy its last two digits (70 to 99 are 1970 to 1999, 00 to 69 are 2000 to 2069) · mm m month ·
// dd d day · HH H hour · MM M minute · SS second · fff milliseconds · ffffff microseconds. Small letters are the
// calendar's, capitals the clock's. A doubled letter has two digits; a single one has one or two when read, no leading
// zero when written. Other letters stand between quotes ('klo' HH.MM); everything else stands for itself.
#ifndef RENKI_CALENDAR_PATTERN_H
#define RENKI_CALENDAR_PATTERN_H

#include "lib/calendar/date.h"

enum { PATTERN_LENGTH_MAX = 100 };

// Reads all of `written`. What the pattern lacks is 0 o'clock; year, month and day must be there.
// Errors: DATE_PATTERN (the pattern is none), DATE_FORM (the text does not follow it), DATE_NONE (30 February).
bool pattern_read(struct moment *out, struct text written, struct text pattern, struct err *err) MUST_CHECK;
// Appends. Errors: DATE_PATTERN, LIMIT_PASSED.
bool pattern_write(struct buf *out, struct moment moment, struct text pattern, struct err *err) MUST_CHECK;

#endif
