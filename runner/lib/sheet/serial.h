// Serial numbers of spreadsheet programs to dates and times. In the worker.
//
// Days are counted from 1899-12-31 as 1 (with a 29th of February 1900 that never was, serial 60) or from 1904-01-01 as 0.
// ECMA-376 part 1, 18.17.4.1. The fraction is the time of day; it is rounded to the millisecond.
#ifndef RENKI_SHEET_SERIAL_H
#define RENKI_SHEET_SERIAL_H

#include "lib/sheet/cell.h"

// Fills form, moment and elapsed_ms of `cell`; false where the serial is no date of that system (negative, after the
// year 9999, or serial 60 of the 1900 system) and it stays a number.
bool serial_to_cell(struct cell *cell, double serial, bool system_1904, bool elapsed) MUST_CHECK;
enum { SERIAL_NUMBER_SIZE = 32 };
// The serial of a date in the 1900 system as a decimal, to the microsecond: "46023.75". Its length.
size_t serial_number(char out[SERIAL_NUMBER_SIZE], struct moment moment);
// An ISO 8601 date, time, or both ("2026-01-01", "2026-01-01T18:00:00.5", "18:00"), as cells of kind "d" hold it.
bool serial_from_iso(struct cell *cell, struct text iso) MUST_CHECK;
// A duration of ISO 8601 in days, hours, minutes and seconds ("PT07H30M00S", "-PT26H"), as OpenDocument writes times.
bool serial_from_duration(struct cell *cell, struct text iso) MUST_CHECK;

enum { SERIAL_TEXT_SIZE = 40 };
// "2026-01-01", "2026-01-01T18:00:00", "07:30:00" or "26:30:00"; fractions of a second where there are some.
const char *serial_reading(char out[SERIAL_TEXT_SIZE], const struct cell *cell);

#endif
