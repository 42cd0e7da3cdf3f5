// See viewer.h. Seals itself, takes one file, shows it, ends.
#include "viewer/viewer.h"

#include "viewer/evidence.h"

#include "lib/process/process.h"
#include "lib/sandbox/sandbox.h"
#include "lib/sheet/place.h"

#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum {
    MEGABYTE = 1 << 20,
    MEMORY_MEGABYTES_MAX = 256,
    FRAME_ROOM = 4096,
    PART_MIN = 128 << 10, // a message that is worth its head
    PART_MAX = 256 << 10,
};

// The answer of a process whose memory ends, made ahead.
static struct last_words {
    char room[FRAME_ROOM + 1];
    size_t length;
} too_large;

static void on_memory(size_t bytes)
{
    (void)bytes;
    (void)wire_write(PROCESS_SOCKET, text_of(too_large.room, too_large.length), NULL, 0);
    syscall(SYS_exit_group, 1);
}

static void prepare_last_words(void)
{
    struct err err;
    SCOPED_BUF(frame, FRAME_ROOM);
    (void)fail(&err, ERR_VIEW_TOO_LARGE, N(MEMORY_MEGABYTES_MAX));
    require(wire_encode_failed(&frame, &err));
    memcpy(too_large.room, frame.data, frame.length);
    too_large.length = frame.length;
    memory_on_exhausted(on_memory);
}

static bool seal(struct err *err)
{
    const struct sandbox_limits limits = {
#ifndef RENKI_SANITIZED // whose shadow memory is terabytes of address space
        .memory_bytes = (rlim_t)MEMORY_MEGABYTES_MAX * MEGABYTE,
#endif
        .open_files = 16,
    };
    setenv("TZ", "UTC0",
           1); // libzip turns the times of entries into seconds, for which a zone is read each time
    tzset();
    return sandbox_seclude(SANDBOX_VIEWER, &limits, err);
}

// ---- what the forms share

static bool page_by_number(const struct view *view, size_t *index)
{
    int64_t number;
    if (!text_to_int64(view->page, &number) || number < 1 || (uint64_t)number > book_page_count(view->book))
        return false;
    *index = (size_t)number - 1;
    return true;
}

bool view_page(const struct view *view, size_t *index, struct err *err)
{
    *index = book_first_page(view->book);
    return !view->page.length || book_find_page(view->book, view->page, index) ||
           page_by_number(view, index) || place_fail_page(view->book, view->page.data, err);
}

bool view_flush(struct view *view, bool all, struct err *err)
{
    struct text rest = buf_text(&view->out);
    if (rest.length < PART_MIN && !all)
        return true;
    while (rest.length) {
        const size_t length = rest.length < PART_MAX ? rest.length : PART_MAX;
        if (!wire_send(view->cli, MESSAGE_OF(VIEW_PART, .part = text_of(rest.data, length)), err))
            return false;
        rest = text_of(rest.data + length, rest.length - length);
    }
    buf_clear(&view->out);
    return true;
}

bool view_done(struct view *view, struct err *err)
{
    return wire_send(view->cli, MESSAGE_OF(VIEW_DONE), err);
}

// ---- one file

static const struct form {
    const char *name;
    bool (*show)(struct view *view, struct err *err);
    bool lenient; // damage in a text table is told, not an error
} forms[] = {
    {"table", show_table, true},
    {"csv", show_csv, false},
    {"json", show_json, false},
};

static const struct form *find_form(struct text name)
{
    for (size_t i = 0; i < COUNT_OF(forms); i++)
        if (text_is(name, forms[i].name))
            return &forms[i];
    return NULL;
}

// Takes the descriptor.
static bool show(struct wire *cli, const struct message_VIEW *message, int descriptor, struct err *err)
{
    const struct form *form = find_form(message->form);
    SCOPED(book)
    book = NULL;
    SCOPED_TEXT char *name = text_copy(message->name), *encoding = text_copy(message->encoding);
    struct csv_options options = {.dialect = csv_dialect_find(),
                                  .encoding = encoding[0] ? encoding : NULL,
                                  .lenient = form && form->lenient};
    if (message->delimiter.length)
        options.dialect.delimiter = message->delimiter.data[0];
    if (text_is(message->form, "evidence"))
        return show_evidence(cli, descriptor, err);
    if (!form) {
        close(descriptor);
        return fail(err, ERR_FRAME_MALFORMED, "VIEW", "form");
    }
    if (!book_open(&book, descriptor, name, &options, err))
        return false;
    struct view view = {.cli = cli,
                        .book = book,
                        .page = message->page,
                        .rows_most = message->rows,
                        .out = buf_new(VIEW_OUT_MAX)};
    const bool shown = book_found(book, &view.found, err) && form->show(&view, err);
    buf_dispose(&view.out);
    return shown;
}

static void send_failed(const struct wire *cli, const struct err *why)
{
    SCOPED_BUF(frame, FRAME_HEADER_SIZE + FRAME_MAX);
    if (wire_encode_failed(&frame, why))
        (void)wire_write(cli->fd, buf_text(&frame), NULL, 0);
}

static bool serve(struct wire *cli, struct err *err)
{
    struct frame frame;
    struct message_VIEW message;
    SCOPED(json_document)
    document = NULL;
    if (!seal(err))
        return false;
    if (!wire_receive(cli, &frame, -1, err) || !wire_decode(&document, &message, &frame, err))
        return false;
    if (frame.fd_count != 1) {
        frame_close_fds(&frame);
        return fail(err, ERR_FRAME_MALFORMED, "VIEW", "descriptors");
    }
    return show(cli, &message, frame.fds[0], err);
}

int viewer_main(void)
{
    struct err err;
    if (!process_begin("viewer", LOG_LEVEL_ERROR))
        return 1;
    struct wire cli = wire_new(PROCESS_SOCKET, ROLE_VIEWER, ROLE_CLI, true);
    prepare_last_words();
    const bool shown = serve(&cli, &err);
    if (!shown)
        send_failed(&cli, &err);
    return shown ? 0 : 1;
}
