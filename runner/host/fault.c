// What ended a run, as JSON in the shape that workers give their own faults: { class, code, message, hint, where,
// source, line, text, arguments }. In the host.
#include "host/fault.h"

#include "host/session.h"
#include "host/sweep.h"
#include "lib/sandbox/sandbox.h"

#include <ctype.h>
#include <limits.h>

enum { FAULT_MAX = 65536 };

struct place {
    struct text source; // empty: not known
    int64_t line;
};

// The n-th line of a text, without its end.
static struct text line_of(struct text text, int64_t line)
{
    struct text found = {"", 0};
    for (int64_t i = 0; i < line; i++)
        if (!text_cut(&text, '\n', &found))
            return TEXT_OF("");
    return text_of(found.data, text_utf8_floor(found, ERR_ARGUMENT_MAX));
}

static void write_place(struct json_writer *writer, const struct session *session, const struct place *place)
{
    SCOPED_TEXT char *name = text_copy(place->source);
    const struct pin_file *file =
        session && session->pin && place->line > 0 ? pin_file(session->pin, name) : NULL;
    json_write_key(writer, "source");
    json_write_lossy(writer, place->source);
    json_write_key(writer, "line");
    json_write_integer(writer, place->line);
    json_write_key(writer, "text");
    json_write_lossy(writer, file ? line_of(text_of(file->text, file->length), place->line) : TEXT_OF(""));
}

static char *write_fault(const struct err *err, enum language language, const struct session *session,
                         const struct place *place)
{
    SCOPED_BUF(message, 8192);
    SCOPED_BUF(hint, 8192);
    struct buf out = buf_new(FAULT_MAX);
    struct json_writer writer = json_writer_new(&out);
    require(err_message(&message, err, language) && err_hint(&hint, err, language));
    json_begin_object(&writer);
    json_write_key(&writer, "class");
    json_write_string(&writer, err_class_name(err_class(err->code)));
    json_write_key(&writer, "code");
    json_write_string(&writer, err_name(err->code));
    json_write_key(&writer, "message");
    json_write_lossy(&writer, buf_text(&message));
    json_write_key(&writer, "hint");
    json_write_lossy(&writer, buf_text(&hint));
    json_write_key(&writer, "where");
    json_write_lossy(&writer, text_from(err->where));
    write_place(&writer, session, place);
    json_write_key(&writer, "arguments");
    json_begin_array(&writer);
    for (size_t i = 0; i < err->count; i++)
        json_write_lossy(&writer, text_from(err->arguments[i]));
    json_end_array(&writer);
    json_end_object(&writer);
    require(json_writer_done(&writer));
    return buf_steal(&out);
}

char *fault_of(const struct err *err, enum language language)
{
    return write_fault(err, language, NULL, &(struct place){{"", 0}, 0});
}

// "256 MB", "2 min", "90 s" as people write them.
static char *size_words(int64_t bytes)
{
    return bytes >= 1 << 20 ? xasprintf("%lld MB", (long long)(bytes >> 20))
                            : xasprintf("%lld KB", (long long)(bytes >> 10));
}

static char *duration_words(int64_t ms)
{
    if (ms >= 60000 && ms % 60000 == 0)
        return xasprintf("%lld min", (long long)(ms / 60000));
    if (ms >= 1000)
        return xasprintf("%lld s", (long long)(ms / 1000));
    return xasprintf("%lld ms", (long long)ms);
}

// What can stop a run, and which limit its message names.
enum amount {
    AMOUNT_NONE,
    AMOUNT_MEMORY,
    AMOUNT_CPU,
    AMOUNT_TIME,
    AMOUNT_OUTPUT,
    AMOUNT_FILES,
    AMOUNT_FLOOR,
    AMOUNT_VALUE,
    AMOUNT_CALL
};
static const struct {
    const char *what;
    enum err_code code, at_line; // at_line: when the line is known
    enum amount amount;
} stops[] = {
    {"memory", ERR_STOPPED_MEMORY, ERR_STOPPED_MEMORY_AT, AMOUNT_MEMORY},
    {"cpu", ERR_STOPPED_CPU, ERR_STOPPED_CPU_AT, AMOUNT_CPU},
    {"time", ERR_STOPPED_TIME, ERR_STOPPED_TIME_AT, AMOUNT_TIME},
    {"output", ERR_STOPPED_OUTPUT, ERR_STOPPED_OUTPUT_AT, AMOUNT_OUTPUT},
    {"files", ERR_STOPPED_FILES, ERR_STOPPED_FILES, AMOUNT_FILES},
    {"disk", ERR_STOPPED_DISK, ERR_STOPPED_DISK, AMOUNT_FLOOR},
    {"cancel", ERR_STOPPED_CANCELLED, ERR_STOPPED_CANCELLED, AMOUNT_NONE},
    {"call", ERR_STOPPED_CALL, ERR_STOPPED_CALL, AMOUNT_CALL},
    {"crash", ERR_STOPPED_CRASH, ERR_STOPPED_CRASH, AMOUNT_VALUE},
    {"sandbox", ERR_STOPPED_SANDBOX, ERR_STOPPED_SANDBOX, AMOUNT_NONE},
};

static char *amount_words(const struct session *session, enum amount amount, int64_t value)
{
    const struct run_limits *limits =
        session->pin && session->pin->manifest ? &session->pin->manifest->limits : &run_limits_default;
    switch (amount) {
    case AMOUNT_NONE:
        return xstrdup("");
    case AMOUNT_MEMORY:
        return size_words(limits->memory_bytes);
    case AMOUNT_CPU:
        return duration_words(limits->cpu_ms);
    case AMOUNT_TIME:
        return duration_words(limits->time_ms);
    case AMOUNT_OUTPUT:
        return size_words(limits->output_bytes);
    case AMOUNT_FILES:
        return xasprintf("%lld", (long long)limits->files);
    case AMOUNT_FLOOR:
        return size_words((int64_t)SWEEP_FLOOR_MB << 20);
    case AMOUNT_CALL: {
        char *name = value >= 0 && value <= INT_MAX ? sandbox_call_name((int)value) : NULL;
        if (name)
            return name;
    }
        // fall through
    case AMOUNT_VALUE:
        return xasprintf("%lld", (long long)value);
    }
    return xstrdup("");
}

char *fault_of_stop(const struct session *session, const char *what, int64_t value, struct text source,
                    int64_t line)
{
    struct err err;
    for (size_t i = 0; i < COUNT_OF(stops); i++)
        if (strcmp(stops[i].what, what) == 0) {
            SCOPED_TEXT char *amount = amount_words(session, stops[i].amount, value);
            SCOPED_TEXT char *reason = text_copy(source);
            const bool says_why = stops[i].code == ERR_STOPPED_SANDBOX;
            (void)fail(&err, line > 0 ? stops[i].at_line : stops[i].code, says_why ? reason : amount,
                       N(line));
            return write_fault(&err, session->language, session,
                               &(struct place){says_why ? TEXT_OF("") : source, line});
        }
    (void)fail(&err, ERR_STOPPED_CRASH, what);
    return fault_of(&err, session->language);
}

// ---- names of files

// "in/lines.csv" at the beginning of `at`, and not a part of a longer path.
static bool is_whole(const char *text, const char *at, size_t length)
{
    const char before = at > text ? at[-1] : ' ', after = at[length];
    return !strchr("/_-.", before) && !isalnum((unsigned char)before) && !isalnum((unsigned char)after) &&
           !(after && strchr("/_-", after));
}

static bool rename_in(struct buf *out, const char *words, const char *path, struct text name)
{
    const size_t length = strlen(path);
    const char *from = words;
    bool good = true;
    for (const char *at = words; good && (at = strstr(at, path)); at += length)
        if (is_whole(words, at, length)) {
            good = buf_append_text(out, text_of(from, (size_t)(at - from))) && buf_append_text(out, name);
            from = at + length;
        }
    return good && buf_append_string(out, from);
}

// `words` is JSON, and so is what comes into it; what does not fit is left as it was.
static char *renamed(char *words, const struct json *row)
{
    char path[INPUT_PATH_MAX];
    const struct input input = {.name = json_string_or(json_get(row, "name"), "")};
    const struct text file = text_from(json_string_or(json_get(row, "file"), ""));
    SCOPED_BUF(quoted, FAULT_MAX);
    SCOPED_BUF(out, FAULT_MAX);
    if (!file.length || !json_append_quoted(&quoted, file) ||
        !rename_in(&out, words, input_file_path(path, &input, file),
                   text_of(buf_string(&quoted) + 1, quoted.length - 2)))
        return words;
    xfree(words);
    return xstrdup(buf_string(&out));
}

char *fault_as_given(const struct session *session, struct text fault)
{
    SCOPED_BUF(rows, FAULT_MAX);
    SCOPED(json_document)
    document = NULL;
    struct json_writer writer = json_writer_new(&rows);
    struct err ignored;
    char *words = text_copy(fault);
    if (session->kind != SESSION_RUN || !strstr(words, "in/") ||
        !store_view(session->host->store, &writer, STORE_INPUTS, session->id, &ignored) ||
        !json_writer_done(&writer) || !json_parse(&document, buf_text(&rows), &ignored))
        return words;
    for (const struct json *row = json_first(json_root(document)); row; row = json_next(row))
        words = renamed(words, row);
    return words;
}

char *fault_member(const char *fault, const char *key)
{
    SCOPED(json_document)
    document = NULL;
    struct err ignored;
    if (!fault || !json_parse(&document, text_from(fault), &ignored))
        return xstrdup("");
    return xstrdup(json_string_or(json_get(json_root(document), key), ""));
}
