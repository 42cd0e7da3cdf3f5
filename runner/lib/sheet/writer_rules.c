// See writer_rules.h. Runs in the worker.
#include "lib/sheet/writer_rules.h"
#include "lib/sheet/writer_internal.h"

#include <stdlib.h>

// In the order of sheet_rule_names.
static const struct {
    uint8_t type, criterion, operands;
    uint8_t entry; // the same for what is typed in, 0: not there
} rules[] = {
    {LXW_CONDITIONAL_TYPE_CELL, LXW_CONDITIONAL_CRITERIA_LESS_THAN, 1, LXW_VALIDATION_CRITERIA_LESS_THAN},
    {LXW_CONDITIONAL_TYPE_CELL, LXW_CONDITIONAL_CRITERIA_LESS_THAN_OR_EQUAL_TO, 1,
     LXW_VALIDATION_CRITERIA_LESS_THAN_OR_EQUAL_TO},
    {LXW_CONDITIONAL_TYPE_CELL, LXW_CONDITIONAL_CRITERIA_GREATER_THAN, 1,
     LXW_VALIDATION_CRITERIA_GREATER_THAN},
    {LXW_CONDITIONAL_TYPE_CELL, LXW_CONDITIONAL_CRITERIA_GREATER_THAN_OR_EQUAL_TO, 1,
     LXW_VALIDATION_CRITERIA_GREATER_THAN_OR_EQUAL_TO},
    {LXW_CONDITIONAL_TYPE_CELL, LXW_CONDITIONAL_CRITERIA_EQUAL_TO, 1, LXW_VALIDATION_CRITERIA_EQUAL_TO},
    {LXW_CONDITIONAL_TYPE_CELL, LXW_CONDITIONAL_CRITERIA_NOT_EQUAL_TO, 1,
     LXW_VALIDATION_CRITERIA_NOT_EQUAL_TO},
    {LXW_CONDITIONAL_TYPE_CELL, LXW_CONDITIONAL_CRITERIA_BETWEEN, 2, LXW_VALIDATION_CRITERIA_BETWEEN},
    {LXW_CONDITIONAL_TYPE_CELL, LXW_CONDITIONAL_CRITERIA_NOT_BETWEEN, 2, LXW_VALIDATION_CRITERIA_NOT_BETWEEN},
    {LXW_CONDITIONAL_TYPE_TEXT, LXW_CONDITIONAL_CRITERIA_TEXT_CONTAINING, 1, 0},
    {LXW_CONDITIONAL_TYPE_TEXT, LXW_CONDITIONAL_CRITERIA_TEXT_NOT_CONTAINING, 1, 0},
    {LXW_CONDITIONAL_TYPE_TEXT, LXW_CONDITIONAL_CRITERIA_TEXT_BEGINS_WITH, 1, 0},
    {LXW_CONDITIONAL_TYPE_TEXT, LXW_CONDITIONAL_CRITERIA_TEXT_ENDS_WITH, 1, 0},
    {LXW_CONDITIONAL_TYPE_DUPLICATE, 0, 0, 0},
    {LXW_CONDITIONAL_TYPE_UNIQUE, 0, 0, 0},
    {LXW_CONDITIONAL_TYPE_TOP, 0, 1, 0},
    {LXW_CONDITIONAL_TYPE_BOTTOM, 0, 1, 0},
    {LXW_CONDITIONAL_TYPE_AVERAGE, LXW_CONDITIONAL_CRITERIA_AVERAGE_ABOVE, 0, 0},
    {LXW_CONDITIONAL_TYPE_AVERAGE, LXW_CONDITIONAL_CRITERIA_AVERAGE_BELOW, 0, 0},
    {LXW_CONDITIONAL_TYPE_BLANKS, 0, 0, 0},
    {LXW_CONDITIONAL_TYPE_NO_BLANKS, 0, 0, 0},
    {LXW_CONDITIONAL_TYPE_ERRORS, 0, 0, 0},
    {LXW_CONDITIONAL_TYPE_FORMULA, 0, 1, 0},
    {LXW_CONDITIONAL_3_COLOR_SCALE, 0, 0, 0},
    {LXW_CONDITIONAL_DATA_BAR, 0, 0, 0},
    {LXW_CONDITIONAL_TYPE_ICON_SETS, 0, 0, 0},
    {LXW_CONDITIONAL_TYPE_TIME_PERIOD, LXW_CONDITIONAL_CRITERIA_TIME_PERIOD_YESTERDAY, 0, 0},
    {LXW_CONDITIONAL_TYPE_TIME_PERIOD, LXW_CONDITIONAL_CRITERIA_TIME_PERIOD_TODAY, 0, 0},
    {LXW_CONDITIONAL_TYPE_TIME_PERIOD, LXW_CONDITIONAL_CRITERIA_TIME_PERIOD_TOMORROW, 0, 0},
    {LXW_CONDITIONAL_TYPE_TIME_PERIOD, LXW_CONDITIONAL_CRITERIA_TIME_PERIOD_LAST_7_DAYS, 0, 0},
    {LXW_CONDITIONAL_TYPE_TIME_PERIOD, LXW_CONDITIONAL_CRITERIA_TIME_PERIOD_LAST_WEEK, 0, 0},
    {LXW_CONDITIONAL_TYPE_TIME_PERIOD, LXW_CONDITIONAL_CRITERIA_TIME_PERIOD_THIS_WEEK, 0, 0},
    {LXW_CONDITIONAL_TYPE_TIME_PERIOD, LXW_CONDITIONAL_CRITERIA_TIME_PERIOD_NEXT_WEEK, 0, 0},
    {LXW_CONDITIONAL_TYPE_TIME_PERIOD, LXW_CONDITIONAL_CRITERIA_TIME_PERIOD_LAST_MONTH, 0, 0},
    {LXW_CONDITIONAL_TYPE_TIME_PERIOD, LXW_CONDITIONAL_CRITERIA_TIME_PERIOD_THIS_MONTH, 0, 0},
    {LXW_CONDITIONAL_TYPE_TIME_PERIOD, LXW_CONDITIONAL_CRITERIA_TIME_PERIOD_NEXT_MONTH, 0, 0},
};
const char *const sheet_rule_names[] = {"<",
                                        "<=",
                                        ">",
                                        ">=",
                                        "=",
                                        "~=",
                                        "between",
                                        "not between",
                                        "contains",
                                        "does not contain",
                                        "begins with",
                                        "ends with",
                                        "duplicate",
                                        "unique",
                                        "top",
                                        "bottom",
                                        "above average",
                                        "below average",
                                        "blank",
                                        "not blank",
                                        "error",
                                        "formula",
                                        "colours",
                                        "bars",
                                        "icons",
                                        "yesterday",
                                        "today",
                                        "tomorrow",
                                        "last 7 days",
                                        "last week",
                                        "this week",
                                        "next week",
                                        "last month",
                                        "this month",
                                        "next month",
                                        NULL};
_Static_assert(COUNT_OF(rules) + 1 == COUNT_OF(sheet_rule_names), "a name for each rule");

bool sheet_rule_from_name(unsigned *when, struct text name)
{
    return writer_find_name(sheet_rule_names, text_is(name, "==") ? TEXT_OF("=") : name, when);
}

static bool wrong(struct err *err, const char *why, unsigned when)
{
    return fail(err, ERR_SHEET_WRITE_WRONG, why, sheet_rule_names[when]);
}

// A rule's texts stand in a formula of their own: between quotes, where a quote is doubled.
enum { OPERAND_ROOM = 2 * ENTRY_MESSAGE_MAX * 4 + 4 };
static bool quoted(struct buf *out, const char *text)
{
    bool done = buf_append_char(out, '"');
    for (; *text && done; text++)
        done = buf_append_char(out, *text) && (*text != '"' || buf_append_char(out, '"'));
    return done && buf_append_char(out, '"');
}

// What the library takes for an operand: a number, or the text of a formula in `room`.
static bool operand_of(const struct sheet_operand *operand, double *number, char **formula, struct buf *room,
                       struct err *err)
{
    *number = operand->number;
    *formula = NULL;
    if (operand->kind == OPERAND_NUMBER || operand->kind == OPERAND_NONE)
        return true;
    if (!writer_check_words(text_from(operand->text), ENTRY_MESSAGE_MAX, "a rule's value", err))
        return false;
    const bool done =
        operand->kind == OPERAND_TEXT ? quoted(room, operand->text) : buf_append_string(room, operand->text);
    if (!done || !room->data)
        return fail(err, ERR_LIMIT_PASSED, "a rule's value", N(ENTRY_MESSAGE_MAX));
    *formula = room->data;
    return true;
}

static bool check_operands(unsigned when, const struct sheet_operand *value,
                           const struct sheet_operand *upper, struct err *err)
{
    if (rules[when].operands > 0 && value->kind == OPERAND_NONE)
        return wrong(err, "the rule needs a value", when);
    if (rules[when].operands > 1 && upper->kind == OPERAND_NONE)
        return wrong(err, "the rule needs two values", when);
    if (rules[when].type == LXW_CONDITIONAL_TYPE_TEXT &&
        (value->kind != OPERAND_TEXT || strchr(value->text, '"')))
        return wrong(err, "the rule needs a text without quotation marks", when);
    if (rules[when].type == LXW_CONDITIONAL_TYPE_FORMULA && value->kind != OPERAND_FORMULA)
        return wrong(err, "the rule needs a formula", when);
    const bool rank =
        rules[when].type == LXW_CONDITIONAL_TYPE_TOP || rules[when].type == LXW_CONDITIONAL_TYPE_BOTTOM;
    if (rank && !(value->kind == OPERAND_NUMBER && value->number >= 1 && value->number <= 1000))
        return wrong(err, "the rule needs a number from 1 to 1000", when);
    return true;
}

static void paint(lxw_conditional_format *format, const struct sheet_rule *rule)
{
    switch (rules[rule->when].type) {
    case LXW_CONDITIONAL_3_COLOR_SCALE:
        format->type =
            rule->colour_count == 2 ? LXW_CONDITIONAL_2_COLOR_SCALE : LXW_CONDITIONAL_3_COLOR_SCALE;
        if (rule->colour_count) {
            format->min_color = rule->colours[0];
            format->mid_color = rule->colours[1];
            format->max_color = rule->colours[rule->colour_count - 1];
        }
        return;
    case LXW_CONDITIONAL_DATA_BAR:
        format->bar_color = rule->colour_count ? rule->colours[0] : 0x8FA9F0;
        return;
    case LXW_CONDITIONAL_TYPE_ICON_SETS:
        format->icon_style = LXW_CONDITIONAL_ICONS_3_TRAFFIC_LIGHTS_UNRIMMED;
        return;
    }
}

bool sheet_writer_rule(struct sheet_writer *writer, size_t page, const struct sheet_rule *rule,
                       struct err *err)
{
    SCOPED_BUF(value, OPERAND_ROOM);
    SCOPED_BUF(upper, OPERAND_ROOM);
    lxw_conditional_format format = {
        .type = rules[rule->when].type, .criteria = rules[rule->when].criterion, .stop_if_true = rule->stop};
    char *formula;
    if (!check_operands(rule->when, &rule->value, &rule->upper, err) ||
        !writer_format(writer, rule->look, &format.format, err))
        return false;
    if (format.type == LXW_CONDITIONAL_TYPE_TEXT) {
        SCOPED_TEXT char *copy = xstrdup(rule->value.text);
        format.value_string = copy;
        return writer_check_words(text_from(copy), ENTRY_MESSAGE_MAX, "a rule's value", err) &&
               writer_done(worksheet_conditional_format_range(
                               writer->pages[page].sheet, rule->range.first.row - 1,
                               (lxw_col_t)(rule->range.first.column - 1), rule->range.last.row - 1,
                               (lxw_col_t)(rule->range.last.column - 1), &format),
                           rule->range.first, err);
    }
    if (!operand_of(&rule->value, &format.value, &formula, &value, err))
        return false;
    format.min_value = format.value;
    format.value_string = format.min_value_string = formula;
    if (!operand_of(&rule->upper, &format.max_value, &format.max_value_string, &upper, err))
        return false;
    paint(&format, rule);
    return writer_done(worksheet_conditional_format_range(
                           writer->pages[page].sheet, rule->range.first.row - 1,
                           (lxw_col_t)(rule->range.first.column - 1), rule->range.last.row - 1,
                           (lxw_col_t)(rule->range.last.column - 1), &format),
                       rule->range.first, err);
}

/* ---- what may be typed in ------------------------------------------------------------------------------------------------ */

const char *const sheet_entry_names[ENTRY_KIND_COUNT + 1] = {"list",   "integer", "number", "date",
                                                             "length", "formula", "any",    NULL};

bool sheet_entry_from_name(enum sheet_entry_kind *out, struct text name)
{
    unsigned index;
    const bool found = writer_find_name(sheet_entry_names, name, &index);
    if (found)
        *out = (enum sheet_entry_kind)index;
    return found;
}

// The plain kind and the one for formulas.
static const uint8_t entry_types[ENTRY_KIND_COUNT][2] = {
    [ENTRY_LIST] = {LXW_VALIDATION_TYPE_LIST, LXW_VALIDATION_TYPE_LIST_FORMULA},
    [ENTRY_INTEGER] = {LXW_VALIDATION_TYPE_INTEGER, LXW_VALIDATION_TYPE_INTEGER_FORMULA},
    [ENTRY_NUMBER] = {LXW_VALIDATION_TYPE_DECIMAL, LXW_VALIDATION_TYPE_DECIMAL_FORMULA},
    [ENTRY_DATE] = {LXW_VALIDATION_TYPE_DATE_NUMBER, LXW_VALIDATION_TYPE_DATE_FORMULA},
    [ENTRY_LENGTH] = {LXW_VALIDATION_TYPE_LENGTH, LXW_VALIDATION_TYPE_LENGTH_FORMULA},
    [ENTRY_FORMULA] = {LXW_VALIDATION_TYPE_CUSTOM_FORMULA, LXW_VALIDATION_TYPE_CUSTOM_FORMULA},
    [ENTRY_ANY] = {LXW_VALIDATION_TYPE_ANY, LXW_VALIDATION_TYPE_ANY},
};

static bool check_entry_list(const struct sheet_entry *entry, struct err *err)
{
    size_t letters = 0;
    for (const char *const *item = entry->list; *item; item++) {
        if (!writer_check_words(text_from(*item), ENTRY_LIST_LETTERS_MAX, "a list's item", err))
            return false;
        if (!**item || strchr(*item, ',') || strchr(*item, '"'))
            return fail(err, ERR_SHEET_ENTRY_LIST, *item);
        letters += lxw_utf8_strlen(*item) + 1;
    }
    return letters <= ENTRY_LIST_LETTERS_MAX + 1 || fail(err, ERR_SHEET_ENTRY_LIST, N(letters));
}

static bool check_entry_words(const struct sheet_entry *entry, struct err *err)
{
    const struct {
        const char *words, *what;
        size_t most;
    } all[] = {{entry->title, "title", ENTRY_TITLE_MAX},
               {entry->message, "message", ENTRY_MESSAGE_MAX},
               {entry->error_title, "error_title", ENTRY_TITLE_MAX},
               {entry->error, "error", ENTRY_MESSAGE_MAX}};
    for (size_t i = 0; i < COUNT_OF(all); i++)
        if (all[i].words && !writer_check_words(text_from(all[i].words), all[i].most, all[i].what, err))
            return false;
    return true;
}

// The library's structure wants writable strings; it only copies them.
struct entry_room {
    struct buf value, upper;
    char *words[4];
    char **list;
};

static void free_room(struct entry_room *room)
{
    buf_dispose(&room->value);
    buf_dispose(&room->upper);
    for (size_t i = 0; i < COUNT_OF(room->words); i++)
        xfree(room->words[i]);
    for (size_t i = 0; room->list && room->list[i]; i++)
        xfree(room->list[i]);
    xfree(room->list);
}

static char *copy_or_null(const char *words)
{
    return words ? xstrdup(words) : NULL;
}

static void copy_list(struct entry_room *room, const char *const *list)
{
    size_t count = 0;
    while (list[count])
        count++;
    room->list = xcalloc(count + 1, sizeof *room->list);
    for (size_t i = 0; i < count; i++)
        room->list[i] = xstrdup(list[i]);
}

static bool fill_list(lxw_data_validation *out, struct entry_room *room, const struct sheet_writer *writer,
                      const struct sheet_entry *entry, struct err *err)
{
    if (entry->list) {
        copy_list(room, entry->list);
        out->value_list = room->list;
        return check_entry_list(entry, err);
    }
    out->validate = LXW_VALIDATION_TYPE_LIST_FORMULA;
    if (!buf_append_char(&room->value, '=') ||
        !writer_append_range(&room->value, writer, entry->from_page, entry->from))
        return fail(err, ERR_LIMIT_PASSED, "from", N(room->value.maximum));
    out->value_formula = room->value.data;
    return true;
}

static bool fill_operands(lxw_data_validation *out, struct entry_room *room, const struct sheet_entry *entry,
                          struct err *err)
{
    char *value, *upper;
    if (entry->kind != ENTRY_FORMULA && !rules[entry->when].entry)
        return wrong(err, "no comparison for what is typed in", entry->when);
    if (entry->kind != ENTRY_FORMULA && !check_operands(entry->when, &entry->value, &entry->upper, err))
        return false;
    if (entry->kind == ENTRY_FORMULA && entry->value.kind != OPERAND_FORMULA)
        return fail(err, ERR_SHEET_WRITE_WRONG, "a formula is needed", "value");
    if (!operand_of(&entry->value, &out->value_number, &value, &room->value, err) ||
        !operand_of(&entry->upper, &out->maximum_number, &upper, &room->upper, err))
        return false;
    out->minimum_number = out->value_number;
    out->value_formula = out->minimum_formula = value;
    out->maximum_formula = upper;
    const bool formula = value || upper;
    if (formula && rules[entry->when].operands > 1 && !(value && upper))
        return wrong(err, "both ends must be formulas, or none", entry->when);
    out->validate = entry_types[entry->kind][formula];
    out->criteria = rules[entry->when].entry;
    return true;
}

static bool put_entry(struct sheet_writer *writer, size_t page, const struct sheet_entry *entry,
                      struct entry_room *room, struct err *err)
{
    const char *const words[4] = {entry->title, entry->message, entry->error_title, entry->error};
    for (size_t i = 0; i < COUNT_OF(words); i++)
        room->words[i] = copy_or_null(words[i]);
    lxw_data_validation validation = {
        .validate = entry_types[entry->kind][0],
        .ignore_blank = entry->refuse_blank ? LXW_VALIDATION_OFF : LXW_VALIDATION_ON,
        .error_type = entry->warn_only ? LXW_VALIDATION_ERROR_TYPE_WARNING : LXW_VALIDATION_ERROR_TYPE_STOP,
        .input_title = room->words[0],
        .input_message = room->words[1],
        .error_title = room->words[2],
        .error_message = room->words[3],
    };
    const bool filled = entry->kind == ENTRY_LIST  ? fill_list(&validation, room, writer, entry, err)
                        : entry->kind == ENTRY_ANY ? true
                                                   : fill_operands(&validation, room, entry, err);
    return filled && writer_done(worksheet_data_validation_range(
                                     writer->pages[page].sheet, entry->range.first.row - 1,
                                     (lxw_col_t)(entry->range.first.column - 1), entry->range.last.row - 1,
                                     (lxw_col_t)(entry->range.last.column - 1), &validation),
                                 entry->range.first, err);
}

bool sheet_writer_entry(struct sheet_writer *writer, size_t page, const struct sheet_entry *entry,
                        struct err *err)
{
    struct entry_room room = {.value = buf_new(OPERAND_ROOM), .upper = buf_new(OPERAND_ROOM)};
    const bool done = check_entry_words(entry, err) && put_entry(writer, page, entry, &room, err);
    free_room(&room);
    return done;
}
