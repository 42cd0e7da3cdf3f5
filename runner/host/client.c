// See client.h.
#include "host/client.h"

#include "host/service.h"
#include "lib/base/log.h"

enum { CLIENTS_MAX = 64 };

struct client {
    struct host *host;
    struct channel *channel;
    struct client *next;
    struct answer *answers; // open ones
    bool serves;            // the host serves its workspace as long as this client is there
};

struct answer {
    struct client *client; // NULL when it has gone
    int64_t id;
    struct answer *next; // in the client's list
    answer_on_event on_event;
    answer_on_end on_end; // not NULL: the host's own
    void *owner;
};

struct answer *answer_for(answer_on_event on_event, answer_on_end on_end, void *owner)
{
    struct answer *answer = xcalloc(1, sizeof *answer);
    *answer = (struct answer){.on_event = on_event, .on_end = on_end, .owner = owner};
    return answer;
}

static void forget(struct answer *answer)
{
    if (!answer->client)
        return;
    for (struct answer **at = &answer->client->answers; *at; at = &(*at)->next)
        if (*at == answer) {
            *at = answer->next;
            return;
        }
}

static void reply(struct answer *answer, bool done, struct text body)
{
    if (answer->client && answer->client->channel)
        channel_send(answer->client->channel,
                     MESSAGE_OF(REPLY, .id = answer->id, .done = done, .body = body));
    forget(answer);
    xfree(answer);
}

static void end_own(struct answer *answer, struct text body, const struct err *failed)
{
    answer->on_end(answer->owner, body, failed);
    xfree(answer);
}

void answer_done(struct answer *answer, struct text body)
{
    if (answer->on_end) {
        end_own(answer, body, NULL);
        return;
    }
    reply(answer, true, body.length ? body : TEXT_OF("{}"));
}

static void fail_with(struct answer *answer, const struct err *items, size_t count)
{
    SCOPED_BUF(body, BODY_MAX);
    struct json_writer writer = json_writer_new(&body);
    json_begin_object(&writer);
    json_write_key(&writer, "problems");
    json_begin_array(&writer);
    for (size_t i = 0; i < count; i++)
        err_write(&writer, &items[i]);
    json_end_array(&writer);
    json_end_object(&writer);
    require(json_writer_done(&writer));
    reply(answer, false, buf_text(&body));
}

void answer_fail(struct answer *answer, const struct err *err)
{
    if (answer->on_end)
        end_own(answer, TEXT_OF(""), err);
    else
        fail_with(answer, err, 1);
}

void answer_stored(void *answer, const struct err *failed)
{
    if (failed)
        answer_fail(answer, failed);
    else
        answer_done(answer, TEXT_OF("{}"));
}

bool answer_written(struct answer *answer, const struct json_writer *writer, const char *what,
                    struct err *err)
{
    if (!json_writer_done(writer))
        return fail(err, ERR_LIMIT_PASSED, what, "900 KB");
    answer_done(answer, buf_text(writer->out));
    return true;
}

void answer_problems(struct answer *answer, const struct problems *problems)
{
    fail_with(answer, problems->items, problems->count);
}

void answer_event(const struct answer *answer, const char *name, struct text body)
{
    if (answer->on_event)
        answer->on_event(answer->owner, name, body);
    else if (answer->client && answer->client->channel)
        channel_send(answer->client->channel,
                     MESSAGE_OF(EVENT, .id = answer->id, .name = text_from(name), .body = body));
}

size_t answer_queued(const struct answer *answer)
{
    return answer->client && answer->client->channel ? channel_queued(answer->client->channel) : 0;
}

bool answer_is_heard(const struct answer *answer)
{
    return answer->client != NULL;
}

void answer_begins_serving(struct answer *answer)
{
    if (answer->client)
        answer->client->serves = true;
}

void answer_list_add(struct answer_list *list, struct answer *answer)
{
    list->items = xreallocarray(list->items, list->count + 1, sizeof *list->items);
    list->items[list->count++] = answer;
}

void answer_list_dispose(struct answer_list *list)
{
    xfree(list->items);
    *list = (struct answer_list){0};
}

// ---- requests

static struct answer *answer_new(struct client *client, int64_t id)
{
    struct answer *answer = xcalloc(1, sizeof *answer);
    *answer = (struct answer){.client = client, .id = id, .next = client->answers};
    client->answers = answer;
    return answer;
}

static void handle(struct client *client, const struct message_REQUEST *request, const struct json *body,
                   struct frame *frame)
{
    struct answer *answer = answer_new(client, request->id);
    struct err err;
    bool needs_workspace = false;
    const request_handler handler = request_find(request->name, &needs_workspace);
    if (!handler) {
        SCOPED_TEXT char *name = text_copy(request->name);
        (void)fail(&err, ERR_REQUEST_UNKNOWN, name);
        answer_fail(answer, &err);
    } else if (needs_workspace && !client->host->open) {
        (void)fail(&err, ERR_REQUEST_UNKNOWN, "workspace.open");
        answer_fail(answer, &err);
    } else if (!handler(client->host, answer, body, frame, &err))
        answer_fail(answer, &err);
}

static bool on_frame(void *owner, struct channel *channel, struct frame *frame, struct err *err)
{
    struct client *client = owner;
    SCOPED(json_document)
    head = NULL;
    SCOPED(json_document)
    body = NULL;
    struct message_REQUEST request;
    (void)channel;
    if (!wire_decode(&head, &request, frame, err) || !json_parse(&body, request.body, err))
        return false;
    handle(client, &request, json_root(body), frame);
    return true;
}

static void on_closed(void *owner, struct channel *channel, const struct err *why)
{
    struct client *client = owner;
    struct host *host = client->host;
    (void)channel;
    log_debug("client.closed", "reason=%s", err_name(why->code));
    for (struct answer *answer = client->answers; answer; answer = answer->next)
        answer->client = NULL;
    for (struct client **at = &host->clients; *at; at = &(*at)->next)
        if (*at == client) {
            *at = client->next;
            break;
        }
    if (client->serves) {
        service_give_back(host);
    }
    xfree(client);
    host_rest(host);
}

static const struct channel_events events = {.frame = on_frame, .closed = on_closed};

struct client *client_new(struct host *host, int fd)
{
    struct client *client = xcalloc(1, sizeof *client);
    *client = (struct client){.host = host, .next = host->clients};
    client->channel = channel_new(host->loop, fd, ROLE_HOST, ROLE_CLI, true, &events, client);
    host->clients = client;
    return client;
}

void client_close_all(struct host *host)
{
    for (struct client *client = host->clients; client; client = client->next)
        channel_finish(client->channel);
}
