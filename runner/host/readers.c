// See readers.h. Several files are on their way at once, so that the reader never waits for the host; it answers in
// order, so that the first of the list is whose answer comes.
#include "host/readers.h"

#include "host/child.h"

enum {
    ON_THE_WAY_MAX = 32,     // files in the socket
    FILES_A_PROCESS = 20000, // it has ten seconds of computing; a short table takes less than 0.1 ms
    TRIES_MAX = 2,
};

struct asked {
    struct asked *next;
    char *name;
    char *source;
    size_t length;
    reader_done done;
    void *owner;
    int tries;
};

struct readers {
    struct host *host;
    struct child *child; // NULL: none is there, or it is going
    bool going;          // the process was told to end; the next is started when it has
    bool refusing;       // none can be started: whoever is asked now hears it too
    struct asked *first, *last, *unsent;
    size_t count, on_the_way, read; // read: by this process
    uv_timer_t timer;
};

static void asked_free(struct asked *asked)
{
    xfree(asked->name);
    xfree(asked->source);
    xfree(asked);
}

static struct asked *take_first(struct readers *readers)
{
    struct asked *first = readers->first;
    readers->first = first->next;
    if (readers->unsent == first)
        readers->unsent = first->next;
    if (!readers->first)
        readers->last = NULL;
    readers->count--;
    return first;
}

static void start(struct readers *readers);

static void send_more(struct readers *readers)
{
    if (readers->going || !readers->child)
        return;
    struct channel *channel = child_channel(readers->child);
    while (channel && readers->unsent && readers->on_the_way < ON_THE_WAY_MAX &&
           readers->read + readers->on_the_way < FILES_A_PROCESS) {
        struct asked *asked = readers->unsent;
        readers->unsent = asked->next;
        readers->on_the_way++;
        channel_send(channel, MESSAGE_OF(READ, .name = text_from(asked->name),
                                         .source = text_of(asked->source, asked->length)));
    }
}

// Nothing is left to read, or the process has read its share.
static void retire(struct readers *readers)
{
    uv_timer_stop(&readers->timer);
    readers->going = true;
    if (child_channel(readers->child))
        channel_close(child_channel(readers->child));
}

static void hand_over(void *owner, struct text json, const struct err *failed)
{
    struct readers *readers = owner;
    struct asked *asked = take_first(readers);
    readers->on_the_way--;
    readers->read++;
    asked->done(asked->owner, json, failed);
    asked_free(asked);
}

static bool on_frame(void *owner, struct channel *channel, struct frame *frame, struct err *err)
{
    struct readers *readers = owner;
    (void)channel;
    if (readers->going)
        return true;
    if (readers->on_the_way == 0)
        return fail(err, ERR_FRAME_MALFORMED, "READ_DONE", "unasked");
    if (!reader_take(frame, hand_over, readers, err))
        return false;
    uv_timer_start(&readers->timer, readers->timer.timer_cb, READER_MS, 0);
    send_more(readers);
    if (readers->on_the_way == 0)
        retire(readers);
    return true;
}

static void tell_dead(struct readers *readers)
{
    struct asked *asked = take_first(readers);
    struct err err;
    (void)fail(&err, ERR_READER_DIED, asked->name);
    asked->done(asked->owner, TEXT_OF(""), &err);
    asked_free(asked);
}

static void on_ended(void *owner, const struct err *why)
{
    struct readers *readers = owner;
    (void)why;
    const bool blamed = !readers->going && readers->first && ++readers->first->tries >= TRIES_MAX;
    uv_timer_stop(&readers->timer);
    readers->child = NULL;
    readers->going = false;
    readers->on_the_way = readers->read = 0;
    readers->unsent = readers->first;
    if (blamed)
        tell_dead(readers);
    if (readers->first && !readers->child)
        start(readers);
}

static const struct child_events events = {.frame = on_frame, .ended = on_ended};

static void on_timeout(uv_timer_t *timer)
{
    struct readers *readers = timer->data;
    if (readers->child)
        child_stop(readers->child);
}

// No process can be started: everybody is told so.
static void refuse_all(struct readers *readers, const struct err *why)
{
    readers->refusing = true;
    while (readers->first) {
        struct asked *asked = take_first(readers);
        asked->done(asked->owner, TEXT_OF(""), why);
        asked_free(asked);
    }
    readers->refusing = false;
}

static void start(struct readers *readers)
{
    struct err err;
    if (!child_start(&readers->child, readers->host, ROLE_READER, false, &events, readers, &err)) {
        readers->child = NULL;
        refuse_all(readers, &err);
        return;
    }
    uv_timer_start(&readers->timer, on_timeout, READER_MS, 0);
    send_more(readers);
}

struct readers *readers_new(struct host *host)
{
    struct readers *readers = xcalloc(1, sizeof *readers);
    readers->host = host;
    require(uv_timer_init(host->loop, &readers->timer) == 0);
    readers->timer.data = readers;
    return readers;
}

void readers_read(struct readers *readers, const char *name, struct text source, reader_done done,
                  void *owner)
{
    struct asked *asked = xcalloc(1, sizeof *asked);
    require(readers->count < READERS_ASKED_MAX);
    *asked = (struct asked){.name = xstrdup(name),
                            .source = xstrndup(source.data, source.length),
                            .length = source.length,
                            .done = done,
                            .owner = owner};
    if (readers->last)
        readers->last->next = asked;
    else
        readers->first = asked;
    readers->last = asked;
    if (!readers->unsent)
        readers->unsent = asked;
    readers->count++;
    if (!readers->child && !readers->refusing)
        start(readers);
    else
        send_more(readers);
}

size_t readers_asked(const struct readers *readers)
{
    return readers->count;
}

static void on_timer_closed(uv_handle_t *handle)
{
    xfree(handle->data);
}

void readers_free(struct readers *readers)
{
    if (!readers)
        return;
    if (readers->child) {
        child_disown(readers->child);
        child_stop(readers->child);
    }
    while (readers->first)
        asked_free(take_first(readers));
    uv_close((uv_handle_t *)&readers->timer, on_timer_closed);
}
