// See cli.h. `renki sheet`: opens the file as the person may, hands it to a viewer, passes on what comes back.
//
// 1. Nothing of the file is read here: a viewer does that, in its sandbox, without a host or a workspace.
// 2. CSV goes out as it comes. JSON is kept in a file without a name until the viewer is done: what is printed is either
//    the whole object or { "error" }.
// 3. The person's Ctrl-C and a reader that goes away (`| head`) end this process, and the viewer with it.
#include "cli/cli.h"

#include "lib/process/process.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { TABLE_ROWS = 20, COPY_BYTES = 256 << 10, ERROR_BYTES_MAX = 65536 };
#define SPOOL_BYTES_MAX ((int64_t)8 << 30)

enum sheet_form { FORM_TABLE, FORM_CSV, FORM_JSON };

struct sheet {
    struct cli *cli;
    enum sheet_form form;
    struct message_VIEW ask;
    int file, spool; // spool: -1 but for JSON
    int64_t spooled_bytes;
    struct process viewer;
    struct wire wire;
    struct sheet_table *table;
    bool quiet; // nobody reads on: no more words
};

// ---- what was asked for

static bool read_form(struct sheet *sheet, struct err *err)
{
    static const struct {
        enum option option;
        enum sheet_form form;
        const char *name;
    } forms[] = {
        {OPTION_TABLE, FORM_TABLE, "table"}, {OPTION_CSV, FORM_CSV, "csv"}, {OPTION_JSON, FORM_JSON, "json"}};
    const char *given = NULL;
    sheet->ask.form = TEXT_OF("table");
    for (size_t i = 0; i < COUNT_OF(forms); i++) {
        if (!sheet->cli->options[forms[i].option])
            continue;
        if (given)
            return fail(err, ERR_OPTION_BOTH, given, forms[i].name);
        given = forms[i].name;
        sheet->form = forms[i].form;
        sheet->ask.form = text_from(given);
    }
    return true;
}

static bool read_rows(struct sheet *sheet, struct err *err)
{
    const char *rows = sheet->cli->options[OPTION_ROWS];
    sheet->ask.rows = sheet->form == FORM_TABLE ? TABLE_ROWS : -1;
    return !rows || (text_to_int64(text_from(rows), &sheet->ask.rows) && sheet->ask.rows >= 0) ||
           fail(err, ERR_OPTION_NUMBER, "rows", rows);
}

static bool read_delimiter(struct sheet *sheet, struct err *err)
{
    const char *delimiter = sheet->cli->options[OPTION_DELIMITER];
    sheet->ask.delimiter = TEXT_OF("");
    if (!delimiter)
        return true;
    if (strcmp(delimiter, "tab") == 0 || strcmp(delimiter, "\\t") == 0)
        delimiter = "\t";
    const unsigned char c = (unsigned char)delimiter[0];
    sheet->ask.delimiter = text_from(delimiter);
    return (sheet->ask.delimiter.length == 1 && c < 0x80 && c != '"' && c != '\r' && c != '\n') ||
           fail(err, ERR_OPTION_DELIMITER, delimiter);
}

static struct text option_text(const struct cli *cli, enum option option)
{
    return cli->options[option] ? text_from(cli->options[option]) : TEXT_OF("");
}

static bool read_options(struct sheet *sheet, struct err *err)
{
    const struct cli *cli = sheet->cli;
    const char *slash = strrchr(cli->arguments[0], '/');
    sheet->ask.name = text_from(slash ? slash + 1 : cli->arguments[0]);
    sheet->ask.page = option_text(cli, OPTION_PAGE);
    sheet->ask.encoding = option_text(cli, OPTION_ENCODING);
    return read_form(sheet, err) && read_rows(sheet, err) && read_delimiter(sheet, err);
}

// ---- what it needs

// Without waiting for whoever may write to a pipe of that name.
static bool open_file(struct sheet *sheet, struct err *err)
{
    const char *path = sheet->cli->arguments[0];
    struct stat status;
    sheet->file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (sheet->file < 0)
        return errno == ENOENT ? fail(err, ERR_FILE_MISSING, path)
                               : fail(err, ERR_FILE_UNREADABLE, path, strerror(errno));
    if (fstat(sheet->file, &status) != 0)
        return fail(err, ERR_FILE_UNREADABLE, path, strerror(errno));
    return S_ISREG(status.st_mode) || fail(err, ERR_FILE_NOT_PLAIN, path);
}

static bool open_spool(struct sheet *sheet, struct err *err)
{
    const char *folder = getenv("TMPDIR");
    if (sheet->form != FORM_JSON)
        return true;
    SCOPED_TEXT char *path = xasprintf("%s/renki-sheet.XXXXXX", folder && folder[0] ? folder : "/tmp");
    sheet->spool = mkostemp(path, O_CLOEXEC);
    if (sheet->spool < 0)
        return fail(err, ERR_FILE_UNWRITABLE, path, strerror(errno));
    unlink(path);
    return true;
}

static bool start_viewer(struct sheet *sheet, struct err *err)
{
    if (!process_start(&sheet->viewer, "viewer", err))
        return false;
    close(sheet->viewer.pidfd);
    sheet->wire = wire_new(sheet->viewer.socket, ROLE_CLI, ROLE_VIEWER, false);
    return wire_send_fds(&sheet->wire, MESSAGE_VIEW, &sheet->ask, &sheet->file, 1, err);
}

static void dispose(struct sheet *sheet)
{
    sheet_table_free(sheet->table);
    if (sheet->viewer.pid > 0) {
        wire_dispose(&sheet->wire);
        (void)process_wait(&sheet->viewer);
    }
    if (sheet->file >= 0)
        close(sheet->file);
    if (sheet->spool >= 0)
        close(sheet->spool);
}

// ---- what comes back

static bool write_all(int fd, struct text text)
{
    while (text.length) {
        const ssize_t written = write(fd, text.data, text.length);
        if (written < 0 && errno != EINTR)
            return false;
        if (written > 0)
            text = text_of(text.data + written, text.length - (size_t)written);
    }
    return true;
}

// Where SIGPIPE is ignored, a reader that went away is no more worth a word than where it is not.
static bool print_bytes(struct sheet *sheet, struct text text, struct err *err)
{
    if (write_all(STDOUT_FILENO, text))
        return true;
    sheet->quiet = errno == EPIPE;
    return fail(err, ERR_FILE_UNWRITABLE, "-", strerror(errno));
}

static bool take_part(struct sheet *sheet, const struct frame *frame, struct err *err)
{
    struct message_VIEW_PART message;
    SCOPED(json_document)
    document = NULL;
    if (!wire_decode(&document, &message, frame, err))
        return false;
    if (sheet->form == FORM_CSV)
        return print_bytes(sheet, message.part, err);
    sheet->spooled_bytes += (int64_t)message.part.length;
    if (sheet->spool < 0 || sheet->spooled_bytes > SPOOL_BYTES_MAX)
        return fail(err, ERR_LIMIT_PASSED, "JSON", N(SPOOL_BYTES_MAX));
    return write_all(sheet->spool, message.part) || fail(err, ERR_FILE_UNWRITABLE, "JSON", strerror(errno));
}

static bool print_spool(struct sheet *sheet, struct err *err)
{
    SCOPED_TEXT char *bytes = xmalloc(COPY_BYTES);
    ssize_t got;
    for (off_t at = 0; (got = pread(sheet->spool, bytes, COPY_BYTES, at)) > 0; at += got)
        if (!print_bytes(sheet, text_of(bytes, (size_t)got), err))
            return false;
    return got == 0 || fail(err, ERR_FILE_UNREADABLE, "JSON", strerror(errno));
}

static bool take_failed(const struct frame *frame, struct err *err)
{
    struct message_READ_FAILED failed;
    SCOPED(json_document)
    document = NULL;
    if (!wire_decode(&document, &failed, frame, err))
        return false;
    if (!err_from_record(err, failed.code, failed.arguments))
        return fail(err, ERR_FRAME_MALFORMED, "READ_FAILED", "code");
    return failed.where.length ? err_note(err, "%.*s", (int)failed.where.length, failed.where.data) : false;
}

static bool take_done(struct sheet *sheet, struct err *err)
{
    if (sheet->form == FORM_JSON)
        return print_spool(sheet, err);
    sheet_table_end(sheet->table);
    if (fflush(stdout) == 0 && !ferror(stdout))
        return true;
    sheet->quiet = errno == EPIPE;
    return fail(err, ERR_FILE_UNWRITABLE, "-", strerror(errno));
}

static bool take_frame(struct sheet *sheet, const struct frame *frame, bool *done, struct err *err)
{
    *done = frame->type == MESSAGE_VIEW_DONE;
    switch (frame->type) {
    case MESSAGE_VIEW_PART:
        return take_part(sheet, frame, err);
    case MESSAGE_VIEW_FACTS:
        return sheet_table_facts(sheet->table, frame, err);
    case MESSAGE_VIEW_ROW:
        return sheet_table_row(sheet->table, frame, err);
    case MESSAGE_VIEW_DONE:
        return take_done(sheet, err);
    default:
        return take_failed(frame, err);
    }
}

static bool show(struct sheet *sheet, struct err *err)
{
    struct frame frame;
    bool done = false;
    if (!read_options(sheet, err) || !open_file(sheet, err) || !become_nobody(err) ||
        !open_spool(sheet, err) || !start_viewer(sheet, err))
        return false;
    if (sheet->form == FORM_TABLE)
        sheet->table = sheet_table_new(sheet->cli, sheet->ask.name, sheet->ask.rows);
    while (!done)
        if (!wire_receive(&sheet->wire, &frame, -1, err) || !take_frame(sheet, &frame, &done, err))
            return err->code == ERR_WIRE_CLOSED ? fail(err, ERR_VIEWER_DIED, sheet->cli->arguments[0])
                                                : false;
    return true;
}

// { "error": what happened, "code": its name, "hint": what to do }
static void print_error_object(const struct cli *cli, const struct err *err)
{
    SCOPED_BUF(message, ERROR_BYTES_MAX);
    SCOPED_BUF(hint, ERROR_BYTES_MAX);
    SCOPED_BUF(out, 8 * ERROR_BYTES_MAX);
    struct json_writer writer = json_writer_new(&out);
    json_begin_object(&writer);
    json_write_key(&writer, "error");
    json_write_lossy(&writer, err_message(&message, err, cli->language) ? buf_text(&message) : TEXT_OF("?"));
    json_write_key(&writer, "code");
    json_write_string(&writer, err_name(err->code));
    json_write_key(&writer, "hint");
    json_write_lossy(&writer, err_hint(&hint, err, cli->language) ? buf_text(&hint) : TEXT_OF(""));
    json_end_object(&writer);
    puts(buf_string(&out));
}

static bool is_usage(const struct err *err)
{
    return err->code == ERR_OPTION_BOTH || err->code == ERR_OPTION_NUMBER ||
           err->code == ERR_OPTION_DELIMITER;
}

int command_sheet(struct cli *cli)
{
    struct err err = {0};
    struct sheet sheet = {.cli = cli, .file = -1, .spool = -1};
    const bool shown = show(&sheet, &err);
    const bool json = cli->options[OPTION_JSON] != NULL;
    if (!shown && !sheet.quiet) {
        fflush(stdout); // what came before the damage comes before the words
        json ? print_error_object(cli, &err) : print_err(cli, &err);
    }
    dispose(&sheet);
    return shown || sheet.quiet ? EXIT_DONE : is_usage(&err) ? EXIT_USAGE : EXIT_FAILED;
}
