// See web.h. The role: takes its setup, listens, confines itself, says ready, then passes requests to the host and answers
// back.
#include "web/web.h"

#include "lib/base/log.h"
#include "lib/process/process.h"
#include "lib/sandbox/sandbox.h"

static bool on_host(void *owner, struct channel *channel, struct frame *frame, struct err *err)
{
    struct web *web = owner;
    struct message_HOOK_ANSWER answer;
    SCOPED(json_document)
    document = NULL;
    (void)channel;
    if (frame->type != MESSAGE_HOOK_ANSWER)
        return fail(err, ERR_FRAME_OUT_OF_TURN, "host", message_name(frame->type));
    if (!wire_decode(&document, &answer, frame, err))
        return false;
    server_answer(web->server, answer.id, (int)answer.status, answer.body);
    return true;
}

// Without a host nobody can answer.
static void on_host_closed(void *owner, struct channel *channel, const struct err *why)
{
    struct web *web = owner;
    (void)channel;
    log_debug("web.end", "reason=%s", err_name(why->code));
    web->host = NULL;
    uv_stop(&web->loop);
}

static bool set_up(struct web *web, struct wire *wire, struct err *err)
{
    struct message_WEB_SETUP setup;
    struct frame frame;
    SCOPED(json_document)
    document = NULL;
    if (!wire_expect(wire, MESSAGE_WEB_SETUP, &setup, &document, &frame, -1, err))
        return false;
    log_open("web", (enum log_level)(setup.log_level < LOG_LEVEL_DEBUG ? setup.log_level : LOG_LEVEL_DEBUG));
    SCOPED_TEXT char *address = text_copy(setup.listen);
    return server_listen(web, address, err) &&
           sandbox_confine(&(struct sandbox){.profile = SANDBOX_WEB, .reduced = setup.reduced}, err) &&
           wire_send(wire, MESSAGE_OF(WEB_READY, .port = server_port(web->server)), err);
}

static int say_failed(struct wire *wire, const struct err *why)
{
    SCOPED_BUF(arguments, 4096);
    struct err err;
    log_error("web.start", "error=%s reason=\"%s\"", err_name(why->code), why->arguments[1]);
    return err_to_record(&arguments, why) &&
                   wire_send(wire,
                             MESSAGE_OF(WEB_FAILED, .code = text_from(err_name(why->code)),
                                        .arguments = buf_text(&arguments)),
                             &err)
               ? 1
               : 2; // nobody listens any more
}

int web_main(void)
{
    static const struct channel_events events = {.frame = on_host, .closed = on_host_closed};
    struct web web = {0};
    struct err err;
    if (!process_begin("web", LOG_LEVEL_INFO))
        return 1;
    struct wire wire = wire_new(PROCESS_SOCKET, ROLE_WEB, ROLE_HOST, false);
    require(uv_loop_init(&web.loop) == 0);
    if (!set_up(&web, &wire, &err))
        return err.code == ERR_WIRE_CLOSED ? 0 : say_failed(&wire, &err);
    const int socket = wire.fd;
    wire.fd = -1; // goes on as a channel
    wire_dispose(&wire);
    web.host = channel_new(&web.loop, socket, ROLE_WEB, ROLE_HOST, false, &events, &web);
    channel_phase(web.host, PHASE_RUN);
    uv_run(&web.loop, UV_RUN_DEFAULT);
    return 0;
}
