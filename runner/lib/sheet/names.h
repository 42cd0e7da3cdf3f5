// Names that a workbook gives to cells and ranges. In the worker. ECMA-376 part 1, 18.2.5.
#ifndef RENKI_SHEET_NAMES_H
#define RENKI_SHEET_NAMES_H

#include "lib/sheet/reference.h"

enum { DEFINED_NAMES_MAX = 1 << 18, NAME_FORMULA_BYTES_MAX = 32 << 10 };
#define NAME_OF_WORKBOOK SIZE_MAX // the scope of a name that holds on every page

struct defined_name {
    char *name;
    char *formula; // what it stands for, as the file has it: "Sheet1!$A$1:$B$2", "0.24"
    size_t scope;  // the page on which it holds, or NAME_OF_WORKBOOK
    bool
        is_range; // false: a constant, a formula, several ranges, a range of another file, or one that was deleted
    size_t page; // of the range, from 0
    struct range range;
    bool hidden; // made by a program, such as the range of a filter
};

struct names {
    struct defined_name *items;
    size_t count;
};

void names_dispose(struct names *names);
// Takes nothing: the texts are copied.
bool names_add(struct names *names, struct text name, struct text formula, size_t scope, bool hidden,
               struct err *err) MUST_CHECK;
// Without regard to case: the name of that page, else that of the workbook, else the only one of another page; NULL when
// there is none. `page` NAME_OF_WORKBOOK: none in particular.
const struct defined_name *names_find(const struct names *names, struct text name, size_t page);

// Takes a formula that is one range apart: "Sheet1!$A$1:$B$2", "'It''s'!A:C", "$3:$4". `page` is the name of its page
// without quotes (the caller frees it), or NULL where the formula has none. False: it is something else.
bool range_formula_parse(char **page, struct range *range, struct text formula) MUST_CHECK;

#endif
