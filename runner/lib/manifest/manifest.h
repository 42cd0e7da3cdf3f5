// A robot's manifest, a workspace's settings and the inputs of a run, checked against tables. In the host.
//
// The reader evaluates the Lua file and hands over JSON; here it is only data. All that is wrong is told at once, each
// problem with the place it stands at ("limits.memory"), unknown keys with the nearest known one.
//
// Glossary: an *input* is declared in the manifest; what somebody *gives* for it is text (NAME=VALUE) or a file;
// a *value* is what the robot finds in run.inputs. Sizes are written "256 MB" (1 MB is 1024 × 1024 bytes), durations
// "90 s", "2 min", "4 h", "1 d".
#ifndef RENKI_MANIFEST_H
#define RENKI_MANIFEST_H

#include "lib/calendar/date.h"
#include "lib/json/json.h"

// ---- All errors at once.
enum { PROBLEMS_MAX = 40 }; // more are counted, not kept

struct problems {
    struct err *items;
    size_t count; // kept
    size_t total; // found
};
void problems_dispose(struct problems *problems);
// A new one to be filled by fail(…): fail(problems_add(&problems), ERR_…). Never NULL.
struct err *problems_add(struct problems *problems);

// ---- Limits of a run (sandbox.md §7). In the manifest they are what the robot asks for, in the settings the most
// that it may ask for.
struct run_limits {
    int64_t memory_bytes, cpu_ms, time_ms, output_bytes, files;
    int64_t calls, mails, answer_bytes;
    int64_t queued_ms; // how long a run may wait for its turn; 0 in a manifest: as long as the settings allow
};
extern const struct run_limits run_limits_default; // what holds when a manifest says nothing
extern const struct run_limits run_limits_most;    // what holds when the settings say nothing

// ---- Retries: what went wrong, as far as trying again is concerned. What is none of these is never tried again: wrong
// input, a refused login, a bug, a limit, an exception, what the robot itself found wrong.
enum retry_kind {
    RETRY_TIMEOUT,     // no answer in time
    RETRY_UNREACHABLE, // nobody there, or cut off
    RETRY_BUSY,        // the system asks to come later: 429, 503, closed hours
    RETRY_SERVER,      // the system failed: 500 and above
    RETRY_STORE,       // renki's own database
    RETRY_DISK,        // no room
    RETRY_FILE,        // a file or share that is not there, or can't be read or written
    RETRY_CRASH,       // a process of renki died
    RETRY_ITEMS,       // some items failed
    RETRY_KIND_COUNT
};
extern const char *const retry_kind_names[]; // by enum retry_kind, ended by NULL

// The n-th wait is wait × factor^(n-1), at most `most`, give or take `jitter` percent.
struct retry_rule {
    int64_t attempts; // in all; 1: not tried again
    int64_t wait_ms, most_ms, jitter_percent;
    double factor;
    unsigned kinds; // bits by enum retry_kind: what is tried again
};
extern const struct retry_rule retry_rule_default;

// ---- Inputs
enum input_type {
    INPUT_TEXT,
    INPUT_NUMBER,
    INPUT_DECIMAL,
    INPUT_BOOLEAN,
    INPUT_CHOICE,
    INPUT_DATE,
    INPUT_MONTH,
    INPUT_FILE,
    INPUT_LIST
};
const char *input_type_name(enum input_type type);

struct input {
    const char *name; // letters a to z, digits, underscore
    enum input_type type;
    enum input_type of;          // of a list's elements: all but file and list
    bool required;               // no default and not `required = false`
    const struct json *label;    // { fi =, sv =, en = } or a text; NULL
    const struct json *help;     // likewise
    const struct json *fallback; // `default`; NULL
    const struct json *choices;  // of a choice: an array of texts
    const struct json *accept;   // of a file: an array of suffixes with a dot
    const struct json *least,
        *most; // min and max as written, of numbers, decimals, dates, months; of texts and lists: length
    const char *pattern; // of a text: a pattern as in Lua's string.match for the whole text; NULL
};

struct manifest {
    struct json_document *document; // owns all the texts below
    const struct json *title;       // { fi =, sv =, en = } or a text; NULL
    const char *owner, *deputy;     // NULL when not said
    struct input *inputs;           // sorted by name
    size_t input_count;
    const struct json *permits; // { http = {…}, mail = {…}, shares = {…} }; NULL
    struct run_limits limits;
    const char *spending; // limits.spending: what a run may spend, an exact decimal; NULL: not said
    int64_t runs_at_once; // runs of this robot, on all hosts together; 0: as many as there are places
    struct retry_rule retry;
    const struct json *benefit;
    bool review_set;
    struct date review; // when somebody looks at it again
};

// Reads the reader's JSON. False with what is wrong in `problems`. `most` is the settings' limits.
bool manifest_read(struct manifest **out, struct text json, const struct run_limits *most,
                   struct problems *problems) MUST_CHECK;
void manifest_free(struct manifest *manifest);
DEFINE_SCOPED(manifest)
// NULL when there is none of this name.
const struct input *manifest_input(const struct manifest *manifest, const char *name);
// A text by language: the object's member in that language, else in English, Finnish, Swedish, whatever is there; a
// plain text is itself. `otherwise` when absent.
const char *manifest_words(const struct json *words, enum language language, const char *otherwise);

// ---- What is given for a run
struct given {
    const char *name;
    struct text value; // of a file: its path or name as the person wrote it
};

// Checks and converts all that is given and appends RUN_START's `inputs`: a JSON object with, for each input,
//     "period": { "type": "month", "value": "2026-10" }
// value: a text (text, choice, date, month, decimal as written, file: its path in the run folder), a number, true or
// false, an array of these (list, with "of"), or null where nothing was given and nothing is required. A file has its
// first name besides: "name": "Lokakuu 2026.xlsx".
// `today` decides what "previous", "current", "today", "yesterday" … mean. False with all problems at once.
bool inputs_check(struct buf *out, const struct manifest *manifest, const struct given *given, size_t count,
                  struct date today, struct problems *problems) MUST_CHECK;
// Where the file given for an input stands in the run folder: "in/NAME.suffix", the suffix in small letters.
enum { INPUT_PATH_MAX = 128 };
const char *input_file_path(char out[INPUT_PATH_MAX], const struct input *input, struct text given);

// ---- A robot past its review date that nobody active owns
struct life_rule {
    int64_t warn_days, stop_days;         // after the review date
    int64_t month_end_from, month_end_to; // days of the month between which it never stops
};
extern const struct life_rule life_rule_default;

// ---- Settings: renki.lua
enum { QUEUED_RUNS = 100 }; // when not said

enum { ENVIRONMENT_NAME_MAX = 64, ENVIRONMENTS_MAX = 16 };

struct settings {
    struct json_document *document,
        *given;                // what is in force; all that was given, NULL where that is the same
    const char *environment;   // which of its environments; NULL: it has none
    const char *user;          // to run as when started as root; NULL
    const char *store;         // "sqlite" or a postgresql:// address; NULL: sqlite in .renki
    const char *artifacts;     // a folder that all hosts reach, absolute; NULL: .renki
    const struct json *bucket; // { s3, login, region }, instead of that folder; NULL: none
    const char *remote;        // git remote of the robots; NULL: none
    const char *remote_branch; // "main" when not said
    int64_t remote_every_ms;   // a minute when not said
    const char *remote_login, *remote_ca, *remote_webhook; // names of logins, a file; NULL: none
    const struct json *remote_host_keys;                   // texts; NULL
    bool remote_push;                                      // what is made here goes to the remote
    const char *key;             // where the gateway's private key is; NULL: the default place
    bool reduced;                // sandbox = "reduced"
    bool production;             // mode = "production": only approved trees run
    enum language language;      // en when not said
    const char *timezone;        // "Europe/Helsinki" when not said
    int64_t queued_runs;         // of one robot that may wait at a time
    int64_t places;              // runs at a time on this host; 0: not said
    int64_t drain_ms;            // how long runs may still finish when `renki serve` is told to end; 30 s
    const struct json *shares;   // { inbox = "/srv/inbox" }: absolute paths; NULL
    const struct json *mail;     // handed to the gateway as it is, checked; NULL
    const struct json *systems;  // likewise
    const char *web_listen;      // where the web process listens, "127.0.0.1:8480"; NULL: nowhere
    const struct json *alerts;   // what is sent, and where to; NULL: nothing is
    struct run_limits limits;    // the most a manifest may ask for
    const struct json *people;   // by login: { name, email, keys, active }; NULL: nobody is listed
    const struct json *groups;   // by name: logins; NULL
    const struct json *approval; // { approvers, group, more, signers }, checked; NULL
    struct life_rule life;       // robots past their review date
    int64_t missed_after_ms; // schedules: how far back a due time counts as missed; a minute when not said
};
// As manifest_read. Empty text: all defaults (there is no renki.lua). `environment`: what the host's own file says, "" or
// NULL where it says nothing: what stands in the settings counts then; ENVIRONMENT_ANY where only what is the same in all
// of them is of interest. Every environment is checked, not only this one.
#define ENVIRONMENT_ANY "*"
bool settings_read(struct settings **out, struct text json, const char *environment,
                   struct problems *problems) MUST_CHECK;
// The settings of another of their environments. SETTINGS_ENVIRONMENT.
bool settings_of_environment(struct settings **out, const struct settings *settings, const char *environment,
                             struct err *err) MUST_CHECK;
// The environment that a robot comes from on its way to `environment`, where an order is given; NULL: any.
const char *settings_promoted_from(const struct settings *settings, const char *environment);
// What the file .renki/environment of the workspace says: its only line; "" where there is no such file. `workspace` "" is the
// folder that this process is in. FILE_…, SETTINGS_ENVIRONMENT_NAME.
#define ENVIRONMENT_FILE ".renki/environment"
bool environment_read(char out[ENVIRONMENT_NAME_MAX + 1], const char *workspace, struct err *err) MUST_CHECK;
void settings_free(struct settings *settings);
// A login that may stand in references of git and in addresses: letters, digits, dot, dash and underscore, at most
// LOGIN_MAX, no dot at an end and no two together.
enum { LOGIN_MAX = 64 };
bool login_is_valid(struct text login) MUST_CHECK;
// Whether hosts have a place for files that all of them reach: a folder or a bucket.
bool settings_share_files(const struct settings *settings) MUST_CHECK;
DEFINE_SCOPED(settings)

// ---- Written sizes and durations
bool size_from_text(struct text text, int64_t *bytes) MUST_CHECK;  // "256 MB", "4 GB", "900 KB"
bool duration_from_text(struct text text, int64_t *ms) MUST_CHECK; // "2 min", "1 h 30 min", "500 ms"

#endif
