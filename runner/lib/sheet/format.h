// Number formats of spreadsheet programs: which of them show a date. In the worker. ECMA-376 part 1, 18.8.30 and 18.8.31.
#ifndef RENKI_SHEET_FORMAT_H
#define RENKI_SHEET_FORMAT_H

#include "lib/base/err.h"

enum format_kind { FORMAT_NUMBER, FORMAT_DATE, FORMAT_ELAPSED, FORMAT_PERCENT };

// The built-in format of that number, the localised ones of East Asian versions included.
enum format_kind format_builtin(uint32_t id);
// A format code such as `d.m.yyyy` or `[h]:mm`; its first section decides.
enum format_kind format_code(struct text code);

#endif
