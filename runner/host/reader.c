// See reader.h. One process a file; it ends itself after 200 ms of computing, and after READER_MS it is ended.
#include "host/reader.h"

#include "host/child.h"
#include "host/places.h"

struct reading {
    uv_timer_t timer;
    struct host *host;
    struct child *child;
    char *name;
    reader_done done;
    void *owner;
    bool answered;
};

static void on_timer_closed(uv_handle_t *handle)
{
    struct reading *reading = handle->data;
    xfree(reading->name);
    xfree(reading);
}

static void answer(struct reading *reading, struct text json, const struct err *failed)
{
    if (reading->answered)
        return;
    reading->answered = true;
    reading->done(reading->owner, json, failed);
}

// READ_FAILED carries an error by its name and arguments; a name we don't know is a reader that lies.
static bool to_err(struct err *out, const struct message_READ_FAILED *message)
{
    if (!err_from_record(out, message->code, message->arguments))
        return false;
    if (message->where.length)
        err_note(out, "%.*s", (int)message->where.length, message->where.data);
    return true;
}

bool reader_take(struct frame *frame, reader_done done, void *owner, struct err *err)
{
    SCOPED(json_document)
    document = NULL;
    if (frame->type == MESSAGE_READ_DONE) {
        struct message_READ_DONE read;
        if (!wire_decode(&document, &read, frame, err))
            return false;
        done(owner, read.data, NULL);
        return true;
    }
    struct message_READ_FAILED failed;
    struct err why;
    if (!wire_decode(&document, &failed, frame, err))
        return false;
    if (!to_err(&why, &failed))
        return fail(err, ERR_FRAME_MALFORMED, "READ_FAILED", "code");
    done(owner, TEXT_OF(""), &why);
    return true;
}

static void on_read(void *owner, struct text json, const struct err *failed)
{
    answer(owner, json, failed);
}

static bool on_frame(void *owner, struct channel *channel, struct frame *frame, struct err *err)
{
    if (!reader_take(frame, on_read, owner, err))
        return false;
    channel_close(channel);
    return true;
}

static void on_ended(void *owner, const struct err *why)
{
    struct reading *reading = owner;
    struct err err;
    (void)why;
    (void)fail(&err, ERR_READER_DIED, reading->name);
    answer(reading, TEXT_OF(""), &err);
    uv_close((uv_handle_t *)&reading->timer, on_timer_closed);
}

static const struct child_events events = {.frame = on_frame, .ended = on_ended};

static void on_timeout(uv_timer_t *timer)
{
    struct reading *reading = timer->data;
    child_stop(reading->child);
}

void reader_read(struct host *host, const char *name, struct text source, reader_done done, void *owner)
{
    struct reading *reading = xcalloc(1, sizeof *reading);
    struct err err;
    *reading = (struct reading){.host = host, .name = xstrdup(name), .done = done, .owner = owner};
    require(uv_timer_init(host->loop, &reading->timer) == 0);
    reading->timer.data = reading;
    if (!child_start(&reading->child, host, ROLE_READER, false, &events, reading, &err)) {
        answer(reading, TEXT_OF(""), &err);
        uv_close((uv_handle_t *)&reading->timer, on_timer_closed);
        return;
    }
    uv_timer_start(&reading->timer, on_timeout, READER_MS, 0);
    channel_send(child_channel(reading->child), MESSAGE_OF(READ, .name = text_from(name), .source = source));
}
