// Content lines of iCalendar (RFC 5545, 3.1): unfolded, taken apart. For the sources of this folder only.
#ifndef RENKI_ICS_LINE_H
#define RENKI_ICS_LINE_H

#include "lib/base/err.h"

struct ics_lines {
    struct text rest;
    int number; // of the line that was read, its first where it was folded
    int next;
    struct buf line; // unfolded
};

struct ics_line {
    struct text name, parameters, value; // parameters: "LANGUAGE=fi;VALUE=DATE"; all borrowed from the lines
};

void ics_lines_begin(struct ics_lines *lines, struct text source);
void ics_lines_dispose(struct ics_lines *lines);
// The next line that is not empty; *found is false at the end. Error: ICS_LINE.
bool ics_lines_next(struct ics_line *out, bool *found, struct ics_lines *lines, struct err *err) MUST_CHECK;
// A parameter's value without its quotes; empty when it is not there.
struct text ics_parameter(const struct ics_line *line, const char *name);
bool ics_is(struct text name, const char *wanted); // case does not matter
// Appends a TEXT value (3.3.11): \n, \, \; \\ stand for themselves, control characters become blanks. False: full.
bool ics_append_text(struct buf *out, struct text value) MUST_CHECK;

#endif
