// Rules of a page: how cells look by what they hold, and what may be typed into them. In the worker.
#ifndef RENKI_SHEET_WRITER_RULES_H
#define RENKI_SHEET_WRITER_RULES_H

#include "lib/sheet/writer.h"

// What a rule compares with.
struct sheet_operand {
    enum { OPERAND_NONE, OPERAND_NUMBER, OPERAND_TEXT, OPERAND_FORMULA } kind;
    double number;
    const char *text; // the text, or the formula with or without "="
};

enum { RULE_COLOURS_MAX = 3 };
// A conditional format. `when` is one of sheet_rule_names: "<" "<=" ">" ">=" "=" "~=" "between" "not between" "contains"
// "does not contain" "begins with" "ends with" "duplicate" "unique" "top" "bottom" "above average" "below average"
// "blank" "not blank" "error" "formula" "colours" "bars" "icons", and days such as "today" and "last month".
struct sheet_rule {
    struct range range;
    unsigned when;
    struct sheet_operand value, upper; // upper: the other end of "between"
    struct sheet_look look;
    uint32_t colours[RULE_COLOURS_MAX]; // from the least to the most, for "colours"; the first for "bars"
    size_t colour_count;
    bool stop; // rules that stand behind don't count where this one holds
};
extern const char *const sheet_rule_names[]; // ended by NULL
bool sheet_rule_from_name(unsigned *when, struct text name) MUST_CHECK;
bool sheet_writer_rule(struct sheet_writer *writer, size_t page, const struct sheet_rule *rule,
                       struct err *err) MUST_CHECK;

enum sheet_entry_kind {
    ENTRY_LIST,    // one of `list`, or of the cells of `from`
    ENTRY_INTEGER, // the others by `when` and its operands
    ENTRY_NUMBER,
    ENTRY_DATE,
    ENTRY_LENGTH,
    ENTRY_FORMULA,
    ENTRY_ANY, // for its message only
    ENTRY_KIND_COUNT
};
extern const char *const sheet_entry_names[ENTRY_KIND_COUNT + 1]; // "list" …, ended by NULL
bool sheet_entry_from_name(enum sheet_entry_kind *out, struct text name) MUST_CHECK;

enum { ENTRY_LIST_LETTERS_MAX = 255, ENTRY_TITLE_MAX = 32, ENTRY_MESSAGE_MAX = 255 };
// What may be typed into cells.
struct sheet_entry {
    struct range range;
    enum sheet_entry_kind kind;
    const char *const *list; // ended by NULL
    struct range from;       // where the list stands, on from_page
    size_t from_page;
    unsigned when; // "<" to "not between"
    struct sheet_operand value, upper;
    const char *title, *message;     // shown when the cell is chosen; NULL: none
    const char *error_title, *error; // shown when something else is typed; NULL: Excel's own
    bool warn_only, refuse_blank;
};
bool sheet_writer_entry(struct sheet_writer *writer, size_t page, const struct sheet_entry *entry,
                        struct err *err) MUST_CHECK;

#endif
