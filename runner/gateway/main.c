// The gateway: the only process that talks to the outside. Checks permits, adds credentials, calls, records.
//
// Setup, open what needs rights (key, private authorities), confine, ready, loop. It ends with the host.
#include "gateway/adapter/bucket.h"
#include "gateway/adapter/pool.h"
#include "gateway/freeze.h"
#include "gateway/hook.h"
#include "gateway/lend.h"
#include "lib/base/log.h"
#include "lib/process/process.h"
#include "lib/sandbox/sandbox.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { SWEEP_MS = 30000, RECORDS_MS = 10 };

static bool on_run_open(struct gateway *gateway, struct frame *frame, struct err *err)
{
    return run_open(gateway, frame, err);
}

static bool on_credential(struct gateway *gateway, struct frame *frame, struct err *err)
{
    struct message_CREDENTIAL message;
    SCOPED(json_document)
    document = NULL;
    if (!wire_decode(&document, &message, frame, err))
        return false;
    struct credential *credential = xcalloc(1, sizeof *credential);
    *credential = (struct credential){
        .next = gateway->credentials,
        .run = message.run,
        .version = message.version,
        .box = xstrndup(message.box.data, message.box.length),
        .box_length = message.box.length,
    };
    snprintf(credential->name, sizeof credential->name, "%.*s", (int)message.name.length, message.name.data);
    gateway->credentials = credential;
    return true;
}

static bool on_run_close(struct gateway *gateway, struct frame *frame, struct err *err)
{
    struct message_RUN_CLOSE message;
    SCOPED(json_document)
    document = NULL;
    if (!wire_decode(&document, &message, frame, err))
        return false;
    run_close(gateway, message.run);
    return true;
}

static bool on_fleet(struct gateway *gateway, struct frame *frame, struct err *err)
{
    struct message_FLEET fleet;
    SCOPED(json_document)
    document = NULL;
    if (!wire_decode(&document, &fleet, frame, err))
        return false;
    gateway->hosts = fleet.hosts > 1 ? fleet.hosts : 1;
    queues_pace(gateway);
    return true;
}

static bool (*const handlers[MESSAGE_COUNT])(struct gateway *gateway, struct frame *frame,
                                             struct err *err) = {
    [MESSAGE_RUN_OPEN] = on_run_open,
    [MESSAGE_CREDENTIAL] = on_credential,
    [MESSAGE_RUN_CLOSE] = on_run_close,
    [MESSAGE_LOGIN_STATE] = account_told,
    [MESSAGE_FLEET] = on_fleet,
    [MESSAGE_HOOK_SECRET] = hook_take_secret,
    [MESSAGE_HOOK_CHECK] = hook_check,
    [MESSAGE_KEEP_SECRET] = bucket_take_secret,
    [MESSAGE_KEEP_PUT] = bucket_put,
    [MESSAGE_KEEP_GET] = bucket_get,
    [MESSAGE_KEEP_REMOVE] = bucket_remove,
    [MESSAGE_LEND] = lend_login,
};

static bool on_host(void *owner, struct channel *channel, struct frame *frame, struct err *err)
{
    (void)channel;
    return handlers[frame->type] ? handlers[frame->type](owner, frame, err)
                                 : fail(err, ERR_FRAME_OUT_OF_TURN, "host", message_name(frame->type));
}

// Without a host there is nobody to record: the process ends, and with it all that is under way.
static void on_host_closed(void *owner, struct channel *channel, const struct err *why)
{
    (void)channel;
    struct gateway *gateway = owner;
    log_debug("gateway.end", "reason=%s", err_name(why->code));
    gateway->host = NULL;
    uv_stop(&gateway->loop);
}

static const struct channel_events host_events = {on_host, on_host_closed, NULL};

static void on_telling(uv_timer_t *timer)
{
    calls_tell(timer->data);
}

static void before_waiting(uv_prepare_t *prepare)
{
    struct gateway *gateway = prepare->data;
    // Calls that end let others begin, whose first step follows at once.
    do {
        calls_flush(gateway);
        pools_kick(gateway);
    } while (gateway->dirty);
    // Records of reads go to the host together: it need not wake for each.
    if (gateway->records != RECORDS_NONE && !uv_is_active((uv_handle_t *)&gateway->telling))
        uv_timer_start(&gateway->telling, on_telling, RECORDS_MS, 0);
}

static void on_sweep(uv_timer_t *timer)
{
    pools_sweep(timer->data);
}

static void loop_open(struct gateway *gateway)
{
    require(uv_loop_init(&gateway->loop) == 0);
    uv_prepare_init(&gateway->loop, &gateway->prepare);
    gateway->prepare.data = gateway;
    uv_prepare_start(&gateway->prepare, before_waiting);
    uv_timer_init(&gateway->loop, &gateway->sweep);
    gateway->sweep.data = gateway;
    uv_timer_start(&gateway->sweep, on_sweep, SWEEP_MS, SWEEP_MS);
    uv_timer_init(&gateway->loop, &gateway->paced);
    gateway->paced.data = gateway;
    uv_timer_init(&gateway->loop, &gateway->telling);
    gateway->telling.data = gateway;
}

static bool confine(struct err *err)
{
    return sandbox_confine(&(struct sandbox){.profile = SANDBOX_GATEWAY,
                                             .places = sandbox_resolver_places,
                                             .place_count = sandbox_resolver_place_count},
                           err);
}

static bool open_all(struct gateway *gateway, const struct message_GATEWAY_SETUP *setup, struct err *err)
{
    SCOPED(json_document)
    settings = NULL;
    SCOPED_TEXT char *key_path = text_copy(setup->key_path);
    if (!json_parse(&settings, setup->settings, err))
        return false;
    setenv("TZ", json_string_or(json_get(json_root(settings), "timezone"), "UTC"), 1); // of opening hours
    tzset();
    if (!seal_key_open(&gateway->key, key_path, err) ||
        !outside_read(&gateway->outside, json_root(settings), err) || !pools_start(gateway, err))
        return false;
    gateway->queues = queues_new(gateway->outside);
    loop_open(gateway);
    return confine(err);
}

static bool receive_setup(struct wire *wire, struct gateway *gateway, struct err *err)
{
    struct message_GATEWAY_SETUP setup;
    struct frame frame;
    SCOPED(json_document)
    document = NULL;
    if (!wire_expect(wire, MESSAGE_GATEWAY_SETUP, &setup, &document, &frame, -1, err))
        return false;
    log_open("gateway",
             (enum log_level)(setup.log_level < LOG_LEVEL_DEBUG ? setup.log_level : LOG_LEVEL_DEBUG));
    return open_all(gateway, &setup, err);
}

static int say_failed(struct wire *wire, const struct err *why)
{
    SCOPED_BUF(arguments, 4096);
    struct err err;
    log_error("gateway.start", "error=%s", err_name(why->code));
    if (err_to_record(&arguments, why) &&
        !wire_send(wire,
                   MESSAGE_OF(GATEWAY_FAILED, .code = text_from(err_name(why->code)),
                              .arguments = buf_text(&arguments)),
                   &err))
        log_error("gateway.start", "error=%s", err_name(err.code));
    return 1;
}

int gateway_main(void)
{
    struct gateway gateway = {.hosts = 1};
    struct err err;
    if (!process_begin("gateway", LOG_LEVEL_INFO))
        return 1;
    struct wire wire = wire_new(PROCESS_SOCKET, ROLE_GATEWAY, ROLE_HOST, false);
    if (!receive_setup(&wire, &gateway, &err))
        return err.code == ERR_WIRE_CLOSED ? 0 : say_failed(&wire, &err);
    if (!wire_send(&wire,
                   MESSAGE_OF(GATEWAY_READY, .public_key = text_from(seal_key_public(gateway.key)),
                              .layers = TEXT_OF("[]")),
                   &err))
        return 1;
    const int socket = wire.fd;
    wire.fd = -1; // goes on as a channel
    wire_dispose(&wire);
    gateway.host = channel_new(&gateway.loop, socket, ROLE_GATEWAY, ROLE_HOST, true, &host_events, &gateway);
    channel_phase(gateway.host, PHASE_RUN);
    uv_run(&gateway.loop, UV_RUN_DEFAULT);
    accounts_free(&gateway);
    seal_key_free(gateway.key);
    return 0;
}
