// See fake.h. The role: takes its setup, listens, confines itself, then passes requests to the worker and answers back.
#include "fake/fake.h"

#include "lib/base/log.h"
#include "lib/process/process.h"
#include "lib/sandbox/sandbox.h"

#include <stdio.h>
#include <unistd.h>

struct fake {
    uv_loop_t loop;
    struct wire setup;
    struct channel *host, *worker;
    struct {
        char name[64];
        struct http_listener *listener;
    } systems[FAKE_SYSTEMS_MAX];
    size_t system_count;
    struct smtp_listener *mail;
};

static bool ask_worker(void *owner, const struct message_FAKE_REQUEST *request)
{
    struct fake *fake = owner;
    return fake->worker && channel_send(fake->worker, MESSAGE_FAKE_REQUEST, request);
}

static bool on_answer(void *owner, struct channel *channel, struct frame *frame, struct err *err)
{
    (void)channel;
    struct fake *fake = owner;
    struct message_FAKE_ANSWER answer;
    SCOPED(json_document)
    document = NULL;
    if (frame->type != MESSAGE_FAKE_ANSWER)
        return fail(err, ERR_FRAME_OUT_OF_TURN, "worker", message_name(frame->type));
    if (!wire_decode(&document, &answer, frame, err))
        return false;
    for (size_t i = 0; i < fake->system_count; i++)
        if (http_answer(fake->systems[i].listener, &answer))
            return true;
    return true; // the client has gone meanwhile
}

static void on_worker_closed(void *owner, struct channel *channel, const struct err *why)
{
    (void)channel;
    struct fake *fake = owner;
    log_info("fake.worker_gone", "error=%s", err_name(why->code));
    fake->worker = NULL;
    uv_stop(&fake->loop);
}

static bool on_host(void *owner, struct channel *channel, struct frame *frame, struct err *err)
{
    (void)owner;
    (void)channel;
    return fail(err, ERR_FRAME_OUT_OF_TURN, "host", message_name(frame->type));
}

static void on_host_closed(void *owner, struct channel *channel, const struct err *why)
{
    (void)channel;
    (void)why;
    struct fake *fake = owner;
    fake->host = NULL;
    uv_stop(&fake->loop);
}

static bool listen_all(struct fake *fake, const struct json *settings, int folder, struct err *err)
{
    const struct json *systems = json_get(settings, "systems");
    for (const struct json *system = json_first(systems); system; system = json_next(system)) {
        if (fake->system_count == FAKE_SYSTEMS_MAX)
            return fail(err, ERR_LIMIT_PASSED, "systems", N(FAKE_SYSTEMS_MAX));
        const size_t i = fake->system_count;
        snprintf(fake->systems[i].name, sizeof fake->systems[i].name, "%s",
                 json_string_or(json_get(system, "name"), ""));
        const int port = (int)json_int64_or(json_get(system, "port"), 0);
        if (!http_listen(&fake->systems[i].listener, &fake->loop, fake->systems[i].name, port, ask_worker,
                         fake, err))
            return false;
        fake->system_count++;
    }
    const struct json *mail = json_get(settings, "mail");
    return !mail ||
           smtp_listen(&fake->mail, &fake->loop, (int)json_int64_or(json_get(mail, "port"), 0), folder, err);
}

static bool say_ready(struct fake *fake, struct err *err)
{
    SCOPED_BUF(ports, 4096);
    struct json_writer writer = json_writer_new(&ports);
    json_begin_object(&writer);
    for (size_t i = 0; i < fake->system_count; i++) {
        json_write_key(&writer, fake->systems[i].name);
        json_write_integer(&writer, http_port(fake->systems[i].listener));
    }
    if (fake->mail) {
        json_write_key(&writer, "mail");
        json_write_integer(&writer, smtp_port(fake->mail));
    }
    json_end_object(&writer);
    return wire_send(&fake->setup, MESSAGE_OF(FAKE_READY, .ports = buf_text(&ports)), err);
}

// Listeners are open; from here on the folder for mail is all that is left of this machine. A machine that lacks
// Landlock is good enough for what stands in for other systems.
static bool confine(int folder, struct err *err)
{
    char mails[32];
    snprintf(mails, sizeof mails, "/proc/self/fd/%d", folder);
    const struct sandbox_place places[] = {{mails, SANDBOX_WRITE, false}};
    return sandbox_confine(&(struct sandbox){SANDBOX_FAKE, places, COUNT_OF(places), true}, err);
}

static bool set_up(struct fake *fake, struct err *err)
{
    static const struct channel_events worker_events = {on_answer, on_worker_closed, NULL};
    static const struct channel_events host_events = {on_host, on_host_closed, NULL};
    struct message_FAKE_SETUP setup;
    SCOPED(json_document)
    document = NULL, *settings = NULL;
    struct frame frame;
    if (!wire_expect(&fake->setup, MESSAGE_FAKE_SETUP, &setup, &document, &frame, -1, err))
        return false;
    log_open("fake", (enum log_level)setup.log_level);
    if (frame.fd_count != 2)
        return fail(err, ERR_FRAME_MALFORMED, "FAKE_SETUP", "descriptors");
    if (!json_parse(&settings, setup.settings, err) ||
        !listen_all(fake, json_root(settings), frame.fds[1], err) || !confine(frame.fds[1], err) ||
        !say_ready(fake, err))
        return false;
    fake->worker =
        channel_new(&fake->loop, frame.fds[0], ROLE_FAKE, ROLE_WORKER, false, &worker_events, fake);
    fake->host = channel_new(&fake->loop, fake->setup.fd, ROLE_FAKE, ROLE_HOST, false, &host_events, fake);
    return true;
}

int fake_main(void)
{
    if (!process_begin("fake", LOG_LEVEL_INFO))
        return 2;
    struct fake fake = {.setup = wire_new(PROCESS_SOCKET, ROLE_FAKE, ROLE_HOST, true)};
    struct err err;
    uv_loop_init(&fake.loop);
    if (!set_up(&fake, &err)) {
        log_error("fake.setup", "error=%s argument=\"%s\"", err_name(err.code), err.arguments[0]);
        const struct message_FAKE_FAILED failed = {.code = text_from(err_name(err.code)),
                                                   .argument = text_from(err.arguments[0])};
        if (!wire_send(&fake.setup, MESSAGE_FAKE_FAILED, &failed, &err))
            return 2; // nobody listens any more
        return 1;
    }
    uv_run(&fake.loop, UV_RUN_DEFAULT);
    return 0;
}
