// See cli.h. `renki items export` and `import`: a queue as a spreadsheet, and back.
//
// 1. What is imported is read by a viewer, in its sandbox; here come cells as JSON (as for `renki sheet`).
// 2. Columns: key, state, amount, due, priority, note, then the fields of the data. Numbers come back as exact decimals,
//    all else as text. A key that is there already stays as it is, so the same sheet may be imported again.
#include "cli/cli.h"

#include "lib/base/file.h"
#include "lib/csv/writer.h"
#include "lib/process/process.h"
#include "lib/sheet/writer.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum {
    PAGE_ITEMS = 500,
    BATCH_BYTES = 300000,
    BATCH_ITEMS = 500,
    COLUMNS_MAX = 200,
    CELL_BYTES_MAX = 397, // longer ones were cut on the way
    OUT_MAX = 256 << 20,
    BODY_BYTES_MAX = 900000
};

enum {
    COLUMN_KEY,
    COLUMN_STATE,
    COLUMN_AMOUNT,
    COLUMN_DUE,
    COLUMN_PRIORITY,
    COLUMN_NOTE,
    COLUMN_FIRST_FIELD
};
static const char *const fixed[COLUMN_FIRST_FIELD] = {"key", "state", "amount", "due", "priority", "note"};

struct columns {
    char *names[COLUMNS_MAX];
    size_t count;
};

static void columns_dispose(struct columns *columns)
{
    for (size_t i = 0; i < columns->count; i++)
        xfree(columns->names[i]);
}

static bool columns_add(struct columns *columns, struct text name, struct err *err)
{
    for (size_t i = 0; i < columns->count; i++)
        if (text_is(name, columns->names[i]))
            return true;
    if (columns->count == COLUMNS_MAX)
        return fail(err, ERR_LIMIT_PASSED, "columns", N(COLUMNS_MAX));
    columns->names[columns->count++] = text_copy(name);
    return true;
}

// ---- exporting

struct exporting {
    struct cli *cli;
    struct conversation *conversation;
    struct columns columns;
    struct sheet_writer *book; // of .xlsx
    size_t page;
    struct csv_writer csv;
    struct buf out;
    uint32_t row;
    bool writing;
};

static bool put(struct exporting *exporting, uint32_t column, struct text text, bool number, struct err *err)
{
    const struct reference place = {exporting->row, column};
    if (!exporting->book)
        return (number ? csv_write_number(&exporting->csv, text) : csv_write_text(&exporting->csv, text)) ||
               fail(err, ERR_LIMIT_PASSED, "CSV", N(OUT_MAX));
    if (text.length == 0)
        return true;
    return number && sheet_number_fits(text) ? sheet_write_number(exporting->book, exporting->page, place,
                                                                  text, sheet_look_of(STYLE_GENERAL), err)
                                             : sheet_write_text(exporting->book, exporting->page, place, text,
                                                                sheet_look_of(STYLE_GENERAL), err);
}

static bool end_row(struct exporting *exporting, struct err *err)
{
    exporting->row++;
    return exporting->book || csv_write_row_end(&exporting->csv) ||
           fail(err, ERR_LIMIT_PASSED, "CSV", N(OUT_MAX));
}

static bool put_head(struct exporting *exporting, struct err *err)
{
    for (size_t i = 0; i < exporting->columns.count; i++)
        if (!put(exporting, (uint32_t)i + 1, text_from(exporting->columns.names[i]), false, err))
            return false;
    return end_row(exporting, err);
}

static bool is_number(const struct json *value)
{
    return json_kind(value) == JSON_NUMBER ||
           (json_kind(value) == JSON_OBJECT && json_count(value) == 1 && json_get(value, "$decimal"));
}

static bool put_field(struct exporting *exporting, uint32_t column, const struct json *value, struct err *err)
{
    SCOPED_BUF(text, BODY_BYTES_MAX);
    if (value && !item_field_text(&text, value))
        return fail(err, ERR_LIMIT_PASSED, "cell", N(BODY_BYTES_MAX));
    return put(exporting, column, buf_text(&text), is_number(value), err);
}

static bool put_item(struct exporting *exporting, const struct json *item, struct err *err)
{
    char due[TIME_TEXT_SIZE];
    const struct text cells[COLUMN_FIRST_FIELD] = {
        text_from(json_string_or(json_get(item, "key"), "")),
        text_from(json_string_or(json_get(item, "state"), "")),
        text_from(json_string_or(json_get(item, "amount"), "")),
        text_from(time_text(due, json_int64_or(json_get(item, "due_ms"), 0))),
        text_from(N(json_int64_or(json_get(item, "priority"), 0))),
        text_from(json_string_or(json_get(item, "note"), "")),
    };
    for (uint32_t i = 0; i < COLUMN_FIRST_FIELD; i++) {
        const bool number = (i == COLUMN_AMOUNT || i == COLUMN_PRIORITY) && cells[i].length;
        if (!put(exporting, i + 1, cells[i], number, err))
            return false;
    }
    for (size_t i = COLUMN_FIRST_FIELD; i < exporting->columns.count; i++)
        if (!put_field(exporting, (uint32_t)i + 1,
                       json_get(json_get(item, "data"), exporting->columns.names[i]), err))
            return false;
    return end_row(exporting, err);
}

// The first walk finds the fields, the second writes.
static bool take_item(struct exporting *exporting, const struct json *item, struct err *err)
{
    if (exporting->writing)
        return put_item(exporting, item, err);
    const struct json *data = json_get(item, "data");
    for (const struct json *member = json_kind(data) == JSON_OBJECT ? json_first(data) : NULL; member;
         member = json_next(member))
        if (!columns_add(&exporting->columns, json_key(member), err))
            return false;
    return true;
}

static bool walk(struct exporting *exporting, int *failed, struct err *err)
{
    for (int64_t after = 0;;) {
        SCOPED_BUF(body, 4096);
        SCOPED(json_document)
        reply = NULL;
        struct json_writer writer = json_writer_new(&body);
        json_begin_object(&writer);
        json_write_key(&writer, "queue");
        json_write_lossy(&writer, text_from(exporting->cli->arguments[1]));
        json_write_key(&writer, "after");
        json_write_integer(&writer, after);
        json_write_key(&writer, "most");
        json_write_integer(&writer, PAGE_ITEMS);
        json_write_key(&writer, "data");
        json_write_boolean(&writer, true);
        json_end_object(&writer);
        const struct ask ask = {.name = "items.list", .body = buf_text(&body)};
        err->code = ERR_NONE;
        if (!conversation_ask(&reply, failed, exporting->cli, exporting->conversation, &ask))
            return false;
        const struct json *items = json_get(json_root(reply), "items");
        if (json_count(items) == 0)
            return true;
        for (const struct json *item = json_first(items); item; item = json_next(item)) {
            after = json_int64_or(json_get(item, "number"), after);
            if (!take_item(exporting, item, err))
                return false;
        }
    }
}

static bool open_out(struct exporting *exporting, const char *path, struct err *err)
{
    exporting->row = 1;
    exporting->writing = true;
    if (text_ends(text_from(path), ".xlsx"))
        return sheet_writer_open(&exporting->book, path, err) &&
               sheet_writer_rows_page(exporting->book, text_from(exporting->cli->arguments[1]),
                                      &exporting->page, err);
    exporting->csv = csv_writer_new(&exporting->out);
    exporting->csv.delimiter = ';';
    exporting->csv.decimal_comma = true;
    return csv_write_bom(&exporting->csv) || fail(err, ERR_LIMIT_PASSED, "CSV", N(OUT_MAX));
}

static bool close_out(struct exporting *exporting, const char *path, struct err *err)
{
    if (!exporting->book)
        return file_write(AT_FDCWD, path, buf_text(&exporting->out), 0600, err);
    struct sheet_writer *book = exporting->book;
    exporting->book = NULL;
    return sheet_writer_close(book, err);
}

static bool run_export(struct exporting *exporting, int *failed, struct err *err)
{
    const char *path = exporting->cli->arguments[2];
    err->code = ERR_NONE;
    for (size_t i = 0; i < COLUMN_FIRST_FIELD; i++)
        if (!columns_add(&exporting->columns, text_from(fixed[i]), err))
            return false;
    return reach_host(&exporting->conversation, failed, exporting->cli) && walk(exporting, failed, err) &&
           open_out(exporting, path, err) && put_head(exporting, err) && walk(exporting, failed, err) &&
           close_out(exporting, path, err);
}

int items_export(struct cli *cli)
{
    int failed = EXIT_FAILED;
    struct err err;
    struct exporting exporting = {.cli = cli, .out = buf_new(OUT_MAX)};
    const bool good = run_export(&exporting, &failed, &err);
    if (!good && err.code != ERR_NONE)
        print_err(cli, &err);
    sheet_writer_free(exporting.book);
    columns_dispose(&exporting.columns);
    buf_dispose(&exporting.out);
    conversation_free(exporting.conversation);
    if (good && !cli->options[OPTION_JSON])
        say(cli, stdout, PHRASE_ITEMS_EXPORTED, N(exporting.row - 2), cli->arguments[2]);
    else if (good)
        printf("{\"items\":%u}\n", exporting.row - 2);
    return good ? EXIT_DONE : err.code != ERR_NONE ? EXIT_FAILED : failed;
}

// ---- importing

struct importing {
    struct cli *cli;
    struct conversation *conversation;
    struct columns columns; // by place; "" where the head is empty
    size_t key;             // its place; COLUMNS_MAX: not known yet
    struct buf batch;
    struct json_writer writer;
    size_t count;
    int64_t added, there;
};

static void begin_batch(struct importing *importing)
{
    buf_clear(&importing->batch);
    importing->writer = json_writer_new(&importing->batch);
    importing->count = 0;
    json_begin_object(&importing->writer);
    json_write_key(&importing->writer, "queue");
    json_write_lossy(&importing->writer, text_from(importing->cli->arguments[1]));
    json_write_key(&importing->writer, "items");
    json_begin_array(&importing->writer);
}

static bool send_batch(struct importing *importing, int *failed, struct err *err)
{
    SCOPED(json_document)
    reply = NULL;
    if (importing->count == 0)
        return true;
    json_end_array(&importing->writer);
    write_person(&importing->writer, importing->cli);
    json_end_object(&importing->writer);
    if (!json_writer_done(&importing->writer))
        return fail(err, ERR_LIMIT_PASSED, "row", N(BODY_BYTES_MAX));
    const struct ask ask = {.name = "items.import", .body = buf_text(&importing->batch)};
    if (!conversation_ask(&reply, failed, importing->cli, importing->conversation, &ask))
        return false;
    importing->added += json_int64_or(json_get(json_root(reply), "added"), 0);
    importing->there += json_int64_or(json_get(json_root(reply), "there"), 0);
    begin_batch(importing);
    return true;
}

static const char *key_name(const struct cli *cli)
{
    return cli->options[OPTION_KEY] ? cli->options[OPTION_KEY] : fixed[COLUMN_KEY];
}

static bool take_head(struct importing *importing, const struct json *cells, struct err *err)
{
    for (const struct json *cell = json_first(cells); cell; cell = json_next(cell)) {
        const int64_t column = json_int64_or(json_at(cell, 0), 0);
        if (column < 1 || column > COLUMNS_MAX)
            return fail(err, ERR_LIMIT_PASSED, "columns", N(COLUMNS_MAX));
        while (importing->columns.count < (size_t)column)
            importing->columns.names[importing->columns.count++] = xstrdup("");
        char **name = &importing->columns.names[column - 1];
        xfree(*name);
        *name = xstrdup(json_string_or(json_at(cell, 2), ""));
        if (strcmp(*name, key_name(importing->cli)) == 0)
            importing->key = (size_t)column - 1;
    }
    return importing->key < COLUMNS_MAX || fail(err, ERR_ITEM_COLUMN, key_name(importing->cli));
}

// A number as the file shows it ("1 234,50" in a text table) as a plain decimal; false when it is better kept as text.
static bool plain_number(char out[64], const char *written)
{
    const char *comma = strrchr(written, ','), *point = strrchr(written, '.');
    const char mark = comma && (!point || comma > point) ? ',' : '.';
    size_t length = 0;
    for (const char *c = written; *c; c++) {
        const bool digit = *c >= '0' && *c <= '9';
        if (length >= 60 || (!digit && *c != mark && *c != '-'))
            return false; // thousands and currencies: as it was written
        out[length++] = *c == mark ? '.' : *c;
    }
    out[length] = '\0';
    const char *digits = out + (out[0] == '-');
    return length > 0 && !(digits[0] == '0' && digits[1] >= '0' && digits[1] <= '9');
}

// The sign that keeps a text from being taken for a formula is not part of it.
static const char *without_guard(const char *text)
{
    return text[0] == '\'' && text[1] && strchr("=+-@", text[1]) ? text + 1 : text;
}

static void write_value(struct json_writer *writer, const char *kind, const char *text)
{
    char number[64];
    if (strcmp(kind, "number") != 0 || !plain_number(number, text)) {
        json_write_lossy(writer, text_from(text));
        return;
    }
    json_begin_object(writer);
    json_write_key(writer, "$decimal");
    json_write_string(writer, number);
    json_end_object(writer);
}

// "2026-12-31 23:59:59" or a day alone, by the clock here.
static bool read_due(int64_t *due_ms, const char *text)
{
    static const struct {
        size_t at, length;
    } parts[] = {{0, 4}, {5, 2}, {8, 2}, {11, 2}, {14, 2}, {17, 2}};
    int64_t values[COUNT_OF(parts)] = {0, 0, 0, 23, 59, 59};
    const size_t length = strlen(text);
    for (size_t i = 0; i < COUNT_OF(parts); i++)
        if ((i < 3 || length > parts[i].at) &&
            (length < parts[i].at + parts[i].length ||
             !text_to_int64(text_of(text + parts[i].at, parts[i].length), &values[i])))
            return false;
    struct tm local = {.tm_year = (int)values[0] - 1900,
                       .tm_mon = (int)values[1] - 1,
                       .tm_mday = (int)values[2],
                       .tm_hour = (int)values[3],
                       .tm_min = (int)values[4],
                       .tm_sec = (int)values[5],
                       .tm_isdst = -1};
    *due_ms = (int64_t)mktime(&local) * 1000;
    return *due_ms > 0;
}

static bool write_fixed(struct json_writer *writer, const char *name, const char *text, bool *known)
{
    char number[64];
    int64_t value;
    *known = true;
    if (strcmp(name, fixed[COLUMN_STATE]) == 0)
        return true;
    if (strcmp(name, fixed[COLUMN_NOTE]) == 0 || strcmp(name, fixed[COLUMN_AMOUNT]) == 0) {
        const bool amount = name[0] == 'a';
        json_write_key(writer, name);
        json_write_lossy(writer, text_from(amount && plain_number(number, text) ? number : text));
        return true;
    }
    if (strcmp(name, fixed[COLUMN_PRIORITY]) == 0) {
        json_write_key(writer, name);
        const bool good = text_to_int64(text_from(text), &value);
        json_write_integer(writer, good ? value : 0);
        return good;
    }
    *known = strcmp(name, fixed[COLUMN_DUE]) == 0;
    if (!*known)
        return true;
    json_write_key(writer, "due_ms");
    const bool good = read_due(&value, text);
    json_write_integer(writer, good ? value : 0);
    return good;
}

static bool take_row(struct importing *importing, int64_t row, const struct json *cells, struct err *err)
{
    struct json_writer *writer = &importing->writer;
    SCOPED_BUF(data, BATCH_BYTES);
    struct json_writer fields = json_writer_new(&data);
    json_begin_object(&fields);
    json_begin_object(writer);
    for (const struct json *cell = json_first(cells); cell; cell = json_next(cell)) {
        const int64_t column = json_int64_or(json_at(cell, 0), 0);
        const char *text = without_guard(json_string_or(json_at(cell, 2), ""));
        if (column < 1 || column > (int64_t)importing->columns.count || !text[0])
            continue;
        const char *name = importing->columns.names[column - 1];
        bool known = true;
        if (strlen(text) >= CELL_BYTES_MAX || !write_fixed(writer, name, text, &known))
            return fail(err, ERR_ITEM_ROW, N(row), name);
        if ((size_t)column - 1 == importing->key) {
            json_write_key(writer, "key");
            json_write_lossy(writer, text_from(text));
        }
        if (!known && name[0] && strcmp(name, fixed[COLUMN_KEY]) != 0) {
            json_write_key(&fields, name);
            write_value(&fields, json_string_or(json_at(cell, 1), ""), text);
        }
    }
    json_end_object(&fields);
    SCOPED(json_document)
    parsed = NULL;
    if (!json_writer_done(&fields) || !json_parse(&parsed, buf_text(&data), err))
        return fail(err, ERR_ITEM_ROW, N(row), "data");
    json_write_key(writer, "data");
    json_write_value(writer, json_root(parsed));
    json_end_object(writer);
    importing->count++;
    return true;
}

static bool take_frame(struct importing *importing, const struct frame *frame, bool *done, int *failed,
                       struct err *err)
{
    struct message_VIEW_ROW row;
    struct message_READ_FAILED why;
    SCOPED(json_document)
    document = NULL;
    SCOPED(json_document)
    cells = NULL;
    *done = frame->type == MESSAGE_VIEW_DONE;
    if (*done || frame->type == MESSAGE_VIEW_FACTS)
        return true;
    if (frame->type == MESSAGE_READ_FAILED)
        return wire_decode(&document, &why, frame, err) && err_from_record(err, why.code, why.arguments)
                   ? false
                   : fail(err, ERR_VIEWER_DIED, importing->cli->arguments[2]);
    if (!wire_decode(&document, &row, frame, err) || !json_parse(&cells, row.row, err))
        return false;
    const struct json *list = json_get(json_root(cells), "cells");
    if (importing->columns.count == 0)
        return take_head(importing, list, err);
    if (!take_row(importing, json_int64_or(json_get(json_root(cells), "row"), 0), list, err))
        return false;
    return (importing->count < BATCH_ITEMS && importing->batch.length < BATCH_BYTES) ||
           send_batch(importing, failed, err);
}

static bool read_sheet(struct importing *importing, int *failed, struct err *err)
{
    const char *path = importing->cli->arguments[2], *slash = strrchr(path, '/');
    struct process viewer;
    struct frame frame;
    bool done = false;
    const int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (file < 0)
        return fail(err, ERR_FILE_UNREADABLE, path, strerror(errno));
    if (!process_start(&viewer, "viewer", err)) {
        close(file);
        return false;
    }
    close(viewer.pidfd);
    struct wire wire = wire_new(viewer.socket, ROLE_CLI, ROLE_VIEWER, false);
    bool good = wire_send_fds(&wire,
                              MESSAGE_OF(VIEW, .name = text_from(slash ? slash + 1 : path),
                                         .form = TEXT_OF("table"), .page = TEXT_OF(""), .rows = -1,
                                         .encoding = TEXT_OF(""), .delimiter = TEXT_OF("")),
                              &file, 1, err);
    close(file);
    while (good && !done)
        good = wire_receive(&wire, &frame, -1, err) && take_frame(importing, &frame, &done, failed, err);
    wire_dispose(&wire);
    (void)process_wait(&viewer);
    return good;
}

int items_import(struct cli *cli)
{
    int failed = EXIT_FAILED;
    struct err err = {.code = ERR_NONE};
    struct importing importing = {.cli = cli, .key = COLUMNS_MAX, .batch = buf_new(BODY_BYTES_MAX)};
    begin_batch(&importing);
    const bool good = reach_host(&importing.conversation, &failed, cli) &&
                      read_sheet(&importing, &failed, &err) && send_batch(&importing, &failed, &err);
    if (!good && err.code != ERR_NONE)
        print_err(cli, &err);
    columns_dispose(&importing.columns);
    buf_dispose(&importing.batch);
    conversation_free(importing.conversation);
    if (good && cli->options[OPTION_JSON])
        printf("{\"added\":%lld,\"there\":%lld}\n", (long long)importing.added, (long long)importing.there);
    else if (good)
        say(cli, stdout, PHRASE_ITEMS_IMPORTED, N(importing.added), N(importing.there));
    return good ? EXIT_DONE : err.code != ERR_NONE ? EXIT_FAILED : failed;
}
