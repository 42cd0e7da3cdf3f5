// What the files that write workbooks share: the report, its pages, looks and values, and the rows that a robot gives.
// In the worker.
#ifndef RENKI_WORKER_BIND_SHEET_WRITE_H
#define RENKI_WORKER_BIND_SHEET_WRITE_H

#include "lib/sheet/writer.h"
#include "lib/sheet/writer_layout.h"
#include "lib/sheet/writer_rules.h"
#include "worker/bind/sheet.h"

enum { TABLE_COLUMNS_MAX = 1000 };

/* ---- the report and its pages (sheet_report.c) ------------------------------------------------------------------------ */

struct report {
    struct sheet_writer *writer; // NULL: closed
    char *path;
};

// The open report at argument 1; a closed one raises.
struct report *report_check(lua_State *L);
// Raises an error that names the workbook.
int report_raise(lua_State *L, const struct report *report, struct err *err) __attribute__((noreturn));
// The page at argument 1, and its open report.
struct report *written_page_check(lua_State *L, size_t *page);
// Pushes a page of the report that stands at `report`.
void written_page_push(lua_State *L, int report, size_t page);
void written_page_class(lua_State *L); // sheet_page.c
void sheet_csv_class(lua_State *L);    // sheet_csv.c

int report_table(lua_State *L); // report:table(page, headers, rows, options); sheet_table.c
int page_chart(lua_State *L);   // page:chart{…}; sheet_drawing.c
int page_image(lua_State *L);   // page:image(path, {…}); sheet_drawing.c
int page_rule(lua_State *L);    // page:rule{…}; sheet_rules.c
int page_entry(lua_State *L);   // page:entry(range, {…}); sheet_rules.c
int page_print(lua_State *L);   // page:print{…}; sheet_print.c
int page_protect(lua_State *L); // page:protect{…}; sheet_print.c

// Arguments and options that name places; the option's table stands at `table`.
struct reference cell_check(lua_State *L, int argument);
struct range range_check(lua_State *L, int argument);
// "B2:B20", or "Page!B2:B20" with *page (untouched without a page's name; NULL: not taken). False when it isn't given.
bool range_option(lua_State *L, int table, const char *option, const struct report *report, size_t *page,
                  struct range *out);
// A number with a fraction; `otherwise` when it isn't given.
double number_option(lua_State *L, int table, const char *option, double least, double most,
                     double otherwise);
// "#RRGGBB"; 0 when it isn't given.
uint32_t colour_option(lua_State *L, int table, const char *option);
// The option's text, or NULL; stays alive with its table.
const char *words_option(lua_State *L, int table, const char *option);

/* ---- looks and values (sheet_value.c) ----------------------------------------------------------------------------------- */

// The look that stands at `index`; false when nothing does. A format code is borrowed from the Lua value.
bool look_check(lua_State *L, int index, struct sheet_look *out);
struct sheet_look look_option(lua_State *L, int table, const char *option);
// What a rule compares with: text, number, decimal, date, moment or formula; false for anything else. Text is borrowed.
bool sheet_operand_read(lua_State *L, int index, struct sheet_operand *out);
void sheet_value_classes(lua_State *L);

struct place {
    struct report *report;
    size_t page;
    struct reference cell;
};
// Writes the Lua value at `index` (absolute). told NULL: it looks as its kind does.
bool sheet_write_value(lua_State *L, const struct place *to, int index, const struct sheet_look *told,
                       struct err *err) MUST_CHECK;

/* ---- rules (sheet_rules.c) ------------------------------------------------------------------------------------------------ */

// A rule and an entry as options in the table at `table` tell them, without the range.
void rule_read(lua_State *L, int table, struct sheet_rule *out);
// Writes it, since its list lives on the stack for the call only.
void entry_write(lua_State *L, int table, struct report *report, size_t page, struct range range);
extern const char *const entry_options[]; // the names that such a table may have; ended by NULL

// How a page is printed, as options in the table at `table` tell; text that is put together goes to the stack.
void paper_read(lua_State *L, int table, struct sheet_paper *out);
extern const char *const paper_options[];

/* ---- what a robot gives (sheet_given.c) ----------------------------------------------------------------------------------- */

// A list of 1 to TABLE_COLUMNS_MAX names.
uint32_t given_headers(lua_State *L, int headers);
// A list of rows, or what gives a row a call.
void given_rows(lua_State *L, int rows);
// The next of `rows` on top of the stack; false (and nothing pushed) at the end. `index` begins with 0.
bool given_next(lua_State *L, int rows, lua_Integer *index);
// The value of a column, by its place, else by its header; on top of the stack.
void given_column(lua_State *L, int row, int headers, uint32_t column);
// An empty table in place of nil.
void given_options(lua_State *L, int index);

#endif
