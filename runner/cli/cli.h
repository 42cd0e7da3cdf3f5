// The commands a person types: asks the host, shows what it says. In the command line's process.
//
//   cli.c          takes the arguments apart, becomes the user, calls the command       cli_main
//   commands.c     the table of commands and options: help, man page and completion come from it
//   conversation.c the host: a daemon's socket or one of our own, requests, events, replies
//   output.c       words, tables, colours, the progress bar
//   user.c         started as root: becomes the settings' user before anything else
//   run.c          run, resume, and what is shown at the end       records.c    runs, show, log, cancel
//   tasks.c        questions to people: list, show, answer
//   queue.c        queue: what waits for what, moving runs by hand
//   save.c         save: working files become a version
//   robot.c        init, new, check, test                          secret.c     secret set, list, remove
//   versions.c     history: versions of robots                    diff.c       diff: what is different between two
//   blame.c        blame, restore
//   serve.c        serve, reload       notify.c   what systemd is told
//   items.c        items: queues, their items, what a person does to one; items_sheet.c: as spreadsheets
//   life.c         robots, keep, retire
//   people.c       people                                          review.c     review, approve, reject
//   emergency.c    emergency: runs of what nobody approved      signing.c    a person's own signature, by ssh-keygen
//   evidence.c     evidence: all that is known of a run, in one file
//   service.c      fake, doctor, version
//   schedule.c     schedule, schedule_show.c, schedule_next.c                                        calendar.c   calendar
//   calendars.c    the calendars of closed days and the settings, read by a reader
//   sheet.c        sheet: hands the file to a viewer            sheet_table.c  what it shows, laid out for people
#ifndef RENKI_CLI_H
#define RENKI_CLI_H

#include "lib/json/json.h"
#include "lib/wire/wire.h"

#include <stdio.h>

// What the shell is told.
enum exit_code {
    EXIT_DONE = 0,
    EXIT_FAILED = 1,
    EXIT_USAGE = 2,
    EXIT_REFUSED = 3,
    EXIT_EXCEPTIONS = 4,
    EXIT_WAITING = 5,
    EXIT_INTERRUPTED = 130
};

enum option {
    OPTION_HELP,
    OPTION_JSON,
    OPTION_WORKSPACE,
    OPTION_TO,
    OPTION_WHY,
    OPTION_AS,
    OPTION_YES,
    OPTION_DRY_RUN,
    OPTION_DRAFT,
    OPTION_RECORD,
    OPTION_FOLLOW,
    OPTION_MOST,
    OPTION_USER,
    OPTION_KIND,
    OPTION_ORIGIN,
    OPTION_USERNAME,
    OPTION_HEADER,
    OPTION_FORM_URL,
    OPTION_FIELD,
    OPTION_FREE_PORTS,
    OPTION_MAILS,
    OPTION_STATE,
    OPTION_DATA,
    OPTION_KEY,
    OPTION_PAGE,
    OPTION_ROWS,
    OPTION_CSV,
    OPTION_TABLE,
    OPTION_ENCODING,
    OPTION_DELIMITER,
    OPTION_CRON,
    OPTION_RRULE,
    OPTION_DTSTART,
    OPTION_CALENDAR,
    OPTION_OTHERWISE,
    OPTION_TIMEZONE,
    OPTION_FROM,
    OPTION_HOW_MANY, // --count of times
    OPTION_YEAR,
    OPTION_IS,
    OPTION_NEXT,
    OPTION_PREVIOUS,
    OPTION_FOLLOWING,
    OPTION_PRECEDING,
    OPTION_MODIFIED_FOLLOWING,
    OPTION_ADD,
    OPTION_NTH,
    OPTION_LAST,
    OPTION_COUNT_DAYS, // --count of business days
    OPTION_UNDO,
    OPTION_ALLOWED_SIGNERS,
    OPTION_SIGNING_KEY, // --key of approve and reject
    OPTION_CONTENT,
    OPTION_ALL_ROBOTS, // --all of review
    OPTION_EMERGENCY,
    OPTION_AS_PERSON, // --as of who says something
    OPTION_ALL,
    OPTION_DONE,
    OPTION_NOT_DONE,
    OPTION_GIVE_UP,
    OPTION_RESULT,
    OPTION_MESSAGE,
    OPTION_CONFLICTS,
    OPTION_VERIFY,
    OPTION_UNTIL,
    OPTION_WITH_LIB,
    OPTION_FORCE,
    OPTION_TO_ENVIRONMENT,
    OPTION_COUNT
};

enum { VALUES_MAX = 32 };

struct cli {
    enum language language;
    bool colour, progress; // of standard output and standard error
    int width;             // columns of the terminal; 0 when there is none
    const struct command *command;
    char **arguments; // without options
    int argument_count;
    const char *options[OPTION_COUNT]; // given; "" for those without a value; NULL otherwise
    const char *fields[VALUES_MAX];    // --field, as often as given
    size_t field_count;
};

struct command {
    const char *name, *arguments; // "run", "ROBOT [NAME=VALUE…]"
    enum phrase summary;
    int least, most;                   // arguments; most -1: any number
    enum option options[OPTION_COUNT]; // ended by OPTION_HELP, which every command has
    const char *examples[4];           // ended by NULL
    int (*run)(struct cli *cli);       // the exit code
    bool any_user;                     // may run as root
};

struct option_row {
    const char *name;  // "dry-run"
    char letter;       // 0: none
    const char *value; // "FILE"; NULL: takes none
    enum phrase summary;
};
extern const struct option_row option_rows[OPTION_COUNT];
extern const struct command commands[];
extern const size_t command_count;

int cli_main(int count, char **arguments);

// ---- commands.c
void print_help(const struct cli *cli, FILE *out); // of all commands
void print_command_help(const struct cli *cli, const struct command *command, FILE *out);
void print_man_page(FILE *out);
void print_completion(FILE *out);

// ---- user.c
// False with the reason when root has no user to become.
bool become_user(const struct cli *cli, struct err *err) MUST_CHECK;
// For a command that needs no user of its own: root becomes nobody. Nothing for others.
bool become_nobody(struct err *err) MUST_CHECK;

// ---- output.c
enum colour { PLAIN, BOLD, DIM, RED, GREEN, YELLOW };
// Begins and ends a colour on `out`, where colours are shown.
const char *colour_on(const struct cli *cli, enum colour colour);
const char *colour_off(const struct cli *cli);
// Prints a phrase and a line end: say(cli, stdout, PHRASE_X, "a").
#define say(cli, out, phrase, ...)                                                                           \
    say_(cli, out, phrase, (const char *const[]){__VA_ARGS__ __VA_OPT__(, ) NULL})
void say_(const struct cli *cli, FILE *out, enum phrase phrase, const char *const *arguments);
const char *words(const struct cli *cli, enum phrase phrase);
// "renki: …" and what to do, on standard error.
void print_err(const struct cli *cli, const struct err *err);
// Text from outside; "?" for each control byte and each mark that turns the direction of writing.
void print_clean(FILE *out, const char *text);
// Columns that a text takes on a terminal.
int text_width(const char *text);
// Appends `text` for one cell of a table: line ends, tabs, control and direction marks as signs that can be seen, cut
// with … to `width` columns. False when the buffer is full.
bool cell_text(struct buf *out, struct text text, int width) MUST_CHECK;
// Rows of cells, aligned; `head` may be NULL. Cells are borrowed. `right` names the columns that align right, as bits.
void print_table(const struct cli *cli, const char *const *head, const char *const *cells, size_t rows,
                 size_t columns, unsigned right);
// The local time of a record, "2026-11-22 07:50:03"; "" for 0.
enum { TIME_TEXT_SIZE = 32 };
const char *time_text(char out[TIME_TEXT_SIZE], int64_t realtime_ms);
// "850 ms", "12.3 s", "4 min 05 s".
const char *duration_text(char out[TIME_TEXT_SIZE], int64_t ms);
// The bar on standard error; drawn at most ten times a second, and only on a terminal.
struct progress {
    int64_t begun_ms, drawn_ms;
    bool shown;
};
void progress_draw(const struct cli *cli, struct progress *progress, int64_t done, int64_t total,
                   const char *text);
void progress_clear(const struct cli *cli, struct progress *progress);

// ---- conversation.c
struct conversation;
// Finds the workspace and reaches its host: the daemon, or one of our own.
bool conversation_open(struct conversation **out, const struct cli *cli, struct err *err) MUST_CHECK;
void conversation_free(struct conversation *conversation);
DEFINE_SCOPED(conversation)
// The workspace's folder, by --workspace or around the current one; the caller frees it. Error: NOT_A_WORKSPACE.
bool find_workspace(char **out, const struct cli *cli, struct err *err) MUST_CHECK;
const char *conversation_folder(const struct conversation *conversation); // the workspace
// For commands that need no workspace.
// A host of our own that has no workspace open, for the workspace of the options or the one around us.
bool conversation_open_own(struct conversation **out, const struct cli *cli, struct err *err) MUST_CHECK;
bool conversation_open_folder(struct conversation **out, const char *folder, struct err *err) MUST_CHECK;

// Asks and waits. Events go to `on_event` (may be NULL). True: the host did it, *reply is its answer (the caller frees).
// False: `failed` (exit code) is set and everything wrong was printed, or, with --json, printed as an object.
typedef void (*event_handler)(void *owner, const char *name, const struct json *body, struct text raw);
struct ask {
    const char *name;
    struct text body; // JSON
    const int *fds;
    size_t fd_count;
    event_handler on_event;
    void *owner;
    // What to ask when the person presses Ctrl-C (name of a request with {"run":N}); NULL: stop waiting.
    const char *on_interrupt;
    const int64_t *interrupt_run; // 0 as long as it is not known
    // Of a service: what to ask each time SIGINT or SIGTERM comes, and SIGHUP; both or neither.
    const char *on_stop, *on_hangup;
};
bool conversation_ask(struct json_document **reply, int *failed, const struct cli *cli,
                      struct conversation *conversation, const struct ask *ask) MUST_CHECK;
// Opens it and has the workspace opened; what went wrong is printed and *failed is the exit code.
bool reach_host(struct conversation **out, int *failed, const struct cli *cli) MUST_CHECK;
// Reaches the host and asks in one, for the simple commands.
bool ask_host(struct json_document **reply, int *failed, const struct cli *cli,
              const struct ask *ask) MUST_CHECK;
bool was_interrupted(void);
// Prints a problem { code, arguments, where } in the person's language.
void print_problem(const struct cli *cli, const struct json *problem);
bool problem_read(struct err *out, const struct json *problem);
int exit_code_of(const struct err *err);
// The whole reply as one line of JSON on standard output.
int print_json(const struct json *value);

// ---- items.c
// A field of an item's data as a person reads it. False when the buffer is full.
bool item_field_text(struct buf *out, const struct json *value) MUST_CHECK;
// A queue's line with what it comes to; for `renki show` too.
void show_queue_totals(const struct cli *cli, const struct json *totals);

// ---- items_sheet.c
int items_export(struct cli *cli);
int items_import(struct cli *cli);

// ---- the commands
int command_init(struct cli *cli);
int command_new(struct cli *cli);
int command_history(struct cli *cli);
int command_save(struct cli *cli);
int command_diff(struct cli *cli);
int command_blame(struct cli *cli);
int command_restore(struct cli *cli);
int command_check(struct cli *cli);
int command_test(struct cli *cli);
int command_run(struct cli *cli);
int command_items(struct cli *cli);
int command_resume(struct cli *cli);
int command_runs(struct cli *cli);
int command_show(struct cli *cli);
int command_log(struct cli *cli);
int command_cancel(struct cli *cli);
int command_alerts(struct cli *cli);
int command_store(struct cli *cli);
int command_tasks(struct cli *cli);
int command_queue(struct cli *cli);
int command_reload(struct cli *cli);
int command_secret(struct cli *cli);
int command_fake(struct cli *cli);
int command_sheet(struct cli *cli);
int command_schedule(struct cli *cli);
int command_calendar(struct cli *cli);
int command_serve(struct cli *cli);
int command_hosts(struct cli *cli);
int command_people(struct cli *cli);
int command_sync(struct cli *cli);
// Of a reply with `changes`, `files` and `more_files`: sentences, then lines (diff.c).
void show_difference(const struct cli *cli, const struct json *reply);
int command_review(struct cli *cli);
int command_approve(struct cli *cli);
int command_reject(struct cli *cli);
int command_emergency(struct cli *cli);
// What an emergency run of the robot adds to its request: who asks for it, signed where they have keys (emergency.c).
bool write_emergency(struct json_writer *writer, struct cli *cli, struct err *err);
// One line of what reports call `emergency`; nothing when it is null.
void show_emergency(const struct cli *cli, const struct json *emergency);
// The text with a signature of it appended, by ssh-keygen and this private key (signing.c).
bool sign_text(struct buf *out, const char *text, const char *key, const char *namespace, struct err *err);
int command_drain(struct cli *cli);
int command_robots(struct cli *cli);
int command_keep(struct cli *cli);
int command_retire(struct cli *cli);
int command_promote(struct cli *cli);
int command_evidence(struct cli *cli);
int command_doctor(struct cli *cli);
int command_version(struct cli *cli);
int command_help(struct cli *cli);

// ---- save.c: `changes` ({ path, kind }) of a reply, `change_count` in all.
void print_changes(const struct cli *cli, const struct json *reply);

// ---- calendars.c
struct calendars;
// The calendars named ("fi-holidays,target"; "": none; NULL: all there are): those that come with renki and the workspace's own.
// A root becomes nobody. *timezone, where wanted, is the workspace's, else Europe/Helsinki; the caller frees it.
// Errors: CALENDAR_UNKNOWN, and what a reader finds wrong in a file that was named.
bool calendars_load(struct calendars **out, char **timezone, const struct cli *cli, const char *names,
                    struct err *err) MUST_CHECK;

// ---- sheet_table.c: what a viewer tells of a spreadsheet, laid out for people
struct sheet_table;
// `name` of the file is borrowed; `rows_most`: as asked for.
struct sheet_table *sheet_table_new(const struct cli *cli, struct text name, int64_t rows_most);
void sheet_table_free(struct sheet_table *table); // accepts NULL
// VIEW_FACTS and VIEW_ROW.
bool sheet_table_facts(struct sheet_table *table, const struct frame *frame, struct err *err) MUST_CHECK;
bool sheet_table_row(struct sheet_table *table, const struct frame *frame, struct err *err) MUST_CHECK;
// After the last row: prints what waits, and what is known of the columns. Accepts NULL.
void sheet_table_end(struct sheet_table *table);

// ---- run.c: what is shown of a run, from the host's report
// Shows it; the exit code that fits. `whole`: with who, what and which calls, as `renki show` has it.
int show_run(struct cli *cli, const struct json *report, bool whole);
int run_exit_code(const struct json *report);
const char *state_words(const struct cli *cli, const char *state);
enum colour state_colour(const char *state);
// The run's number in the first argument; false, said to the person, when it is none.
bool run_number(int64_t *run, struct cli *cli);
// --most, or so many; false, said to the person, when it is no number from 1.
bool read_most(int64_t *most, const struct cli *cli, int64_t otherwise);
// Who asks, and in which language.
void write_person(struct json_writer *writer, const struct cli *cli);

#endif
