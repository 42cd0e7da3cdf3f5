// See scene.h.
#include "scene.h"

#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

enum { WAIT_MS = 60000, NOBODY = 65534 };

void scene_become_user(void)
{
    if (geteuid() == 0 && (setgroups(0, NULL) != 0 || setresgid(NOBODY, NOBODY, NOBODY) != 0 ||
                           setresuid(NOBODY, NOBODY, NOBODY) != 0))
        fail_msg("this test can't become an ordinary user");
    prctl(PR_SET_DUMPABLE, 1); // the change of user cleared it; debuggers and sanitizers want it
}

#ifdef RENKI_SANITIZED
// As in runner/main.c, for the gateway is this very program: leaks can't be looked for inside the sandbox.
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
    return "detect_leaks=0:abort_on_error=0:allocator_may_return_null=1";
}
#endif

static void must(bool good, const struct err *err, const char *what)
{
    if (good)
        return;
    SCOPED_BUF(words, 4000);
    require(err_message(&words, err, LANGUAGE_EN));
    fail_msg("%s: %s", what, buf_string(&words));
}

char *scene_text(const struct scene *scene, const char *template)
{
    SCOPED_BUF(out, 1 << 20);
    for (const char *at = template; *at;) {
        if (strncmp(at, "$PORT", 5) == 0) {
            require(buf_printf(&out, "%d", http_server_port(scene->server)));
            at += 5;
        } else if (strncmp(at, "$MAIL", 5) == 0) {
            require(buf_printf(&out, "%d", smtp_server_port(scene->mail)));
            at += 5;
        } else
            require(buf_append_char(&out, *at++));
    }
    return buf_steal(&out);
}

void scene_begin(struct scene *scene, const char *settings, bool tls)
{
    struct err err;
    struct frame frame;
    struct message_GATEWAY_READY ready;
    SCOPED(json_document)
    document = NULL;
    *scene = (struct scene){.server = http_server_start(tls), .mail = smtp_server_start()};
    snprintf(scene->base, sizeof scene->base, "%s://127.0.0.1:%d", tls ? "https" : "http",
             http_server_port(scene->server));
    snprintf(scene->key_path, sizeof scene->key_path, "/tmp/renki-gateway-%d.key", (int)getpid());
    must(process_start(&scene->process, "gateway", &err), &err, "start");
    scene->host = wire_new(scene->process.socket, ROLE_HOST, ROLE_GATEWAY, true);
    SCOPED_TEXT char *json = scene_text(scene, settings);
    must(wire_send(&scene->host,
                   MESSAGE_OF(GATEWAY_SETUP, .key_path = text_from(scene->key_path),
                              .settings = text_from(json),
                              .log_level = getenv("RENKI_LOG") ? LOG_LEVEL_DEBUG : -1),
                   &err),
         &err, "setup");
    must(wire_receive(&scene->host, &frame, WAIT_MS, &err), &err, "ready");
    assert_string_equal(message_name(frame.type), "GATEWAY_READY");
    must(wire_decode(&document, &ready, &frame, &err), &err, "ready");
    snprintf(scene->public_key, sizeof scene->public_key, "%.*s", (int)ready.public_key.length,
             ready.public_key.data);
}

void scene_end(struct scene *scene)
{
    wire_dispose(&scene->host);
    assert_int_equal(process_wait(&scene->process), 0); // no crash, no sanitizer's finding
    close(scene->process.pidfd);
    http_server_stop(scene->server);
    smtp_server_stop(scene->mail);
    unlink(scene->key_path);
}

static void send_secret(struct scene *scene, const struct secret_given *secret)
{
    struct err err;
    SCOPED_BUF(box, SECRET_BOX_MAX);
    SCOPED(json_document)
    document = NULL;
    SCOPED_TEXT char *json = scene_text(scene, secret->public_part);
    must(json_parse(&document, text_from(json), &err), &err, "secret");
    must(secret_seal(&box, scene->public_key, json_root(document), 1, text_from(secret->value), &err), &err,
         "seal");
    must(wire_send(&scene->host,
                   MESSAGE_OF(CREDENTIAL, .run = scene->run, .version = 1, .box = buf_text(&box),
                              .name = text_from(json_string_or(json_get(json_root(document), "name"), ""))),
                   &err),
         &err, "credential");
}

void scene_open(struct scene *scene, const struct run_given *given)
{
    struct err err;
    int pair[2];
    scene->run++;
    scene->number = 0;
    for (size_t i = 0; i < given->secret_count; i++)
        send_secret(scene, &given->secrets[i]);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
    SCOPED_TEXT char *permits = scene_text(scene, given->permits);
    must(wire_send_fds(&scene->host,
                       MESSAGE_OF(RUN_OPEN, .run = scene->run, .robot = TEXT_OF("robot"),
                                  .permits = text_from(permits),
                                  .limits = text_from(given->limits ? given->limits : "{}"),
                                  .dry_run = given->dry_run, .record = given->record),
                       &pair[1], 1, &err),
         &err, "open");
    close(pair[1]);
    scene->worker = wire_new(pair[0], ROLE_WORKER, ROLE_GATEWAY, false);
}

static void take_done(struct done *done, const struct frame *frame)
{
    struct err err;
    struct message_CALL_DONE message;
    SCOPED(json_document)
    document = NULL;
    must(wire_decode(&document, &message, frame, &err), &err, "CALL_DONE");
#define TAKE(field)                                                                                          \
    snprintf(done->field, sizeof done->field, "%.*s", (int)message.field.length, message.field.data)
    TAKE(outcome);
    TAKE(problem);
    TAKE(method);
    TAKE(host);
    TAKE(path);
    TAKE(login);
    TAKE(kind);
#undef TAKE
    done->status = message.status;
    done->sent_bytes = message.sent_bytes;
    done->received_bytes = message.received_bytes;
}

void scene_close(struct scene *scene, struct done *done, size_t *count, struct buf *recording)
{
    struct err err;
    struct done unwanted;
    size_t seen = 0;
    must(wire_send(&scene->host, MESSAGE_OF(RUN_CLOSE, .run = scene->run), &err), &err, "close");
    for (;;) {
        struct frame frame;
        must(wire_receive(&scene->host, &frame, WAIT_MS, &err), &err, "closing");
        if (frame.type == MESSAGE_CALL_DONE) {
            take_done(done ? done : &unwanted, &frame);
            seen++;
        } else if (frame.type == MESSAGE_RECORDING) {
            if (recording)
                require(buf_append_text(recording, frame.bytes));
        } else if (frame.type == MESSAGE_RUN_CLOSED)
            break;
        else if (frame.type != MESSAGE_RUN_BROKEN && frame.type != MESSAGE_LOGIN_REFUSED &&
                 frame.type != MESSAGE_LOGIN_ACCEPTED)
            fail_msg("%s came", message_name(frame.type));
    }
    if (count)
        *count = seen;
    wire_dispose(&scene->worker);
}

int64_t scene_ask(struct scene *scene, const struct ask *ask)
{
    struct err err;
    SCOPED_TEXT char *url = strncmp(ask->path, "http", 4) == 0 ? scene_text(scene, ask->path)
                                                               : xasprintf("%s%s", scene->base, ask->path);
    scene->number++;
    must(wire_send(&scene->worker,
                   MESSAGE_OF(HTTP_CALL, .call = scene->number,
                              .method = text_from(ask->method ? ask->method : "GET"), .url = text_from(url),
                              .headers = text_from(ask->headers ? ask->headers : "[]"),
                              .login = text_from(ask->login ? ask->login : ""),
                              .options = text_from(ask->options ? ask->options : "{}"),
                              .has_body = ask->has_body,
                              .body_bytes = ask->has_body ? (int64_t)ask->body.length : 0),
                   &err),
         &err, "call");
    struct text rest = ask->body;
    while (ask->has_body) {
        const size_t most = rest.length < CALL_BODY_MAX ? rest.length : CALL_BODY_MAX;
        const bool last = most == rest.length;
        must(wire_send(
                 &scene->worker,
                 MESSAGE_OF(CALL_BODY, .call = scene->number, .last = last, .part = text_of(rest.data, most)),
                 &err),
             &err, "body");
        rest = text_of(rest.data + most, rest.length - most);
        if (last)
            break;
    }
    return scene->number;
}

// Gives back to the gateway what was taken; true when it was the last part.
static bool take_part(struct scene *scene, int64_t number, struct reply *reply, struct text part, bool last)
{
    struct err err;
    require(buf_append_text(&reply->body, part));
    if (part.length)
        must(wire_send(&scene->worker, MESSAGE_OF(CALL_MORE, .call = number, .bytes = (int64_t)part.length),
                       &err),
             &err, "CALL_MORE");
    return last;
}

// True when the body ended with it.
static bool take_head(struct scene *scene, int64_t number, struct reply *reply, const struct frame *frame)
{
    struct err err;
    struct message_HTTP_HEAD head;
    SCOPED(json_document)
    document = NULL;
    must(wire_decode(&document, &head, frame, &err), &err, "HTTP_HEAD");
    reply->status = head.status;
    reply->held = head.held;
    const size_t length = (size_t)head.head_bytes;
    require(length <= head.part.length);
    reply->headers = text_copy(text_of(head.part.data, length));
    reply->url = text_copy(head.url);
    return take_part(scene, number, reply, text_of(head.part.data + length, head.part.length - length),
                     head.last);
}

bool scene_part(struct part *out, const struct frame *frame)
{
    struct err err;
    SCOPED(json_document)
    document = NULL;
    struct message_HTTP_HEAD head;
    struct message_CALL_BODY body;
    if (frame->type == MESSAGE_HTTP_HEAD) {
        must(wire_decode(&document, &head, frame, &err), &err, "HTTP_HEAD");
        *out = (struct part){head.call, (int64_t)head.part.length - head.head_bytes, head.last};
    } else if (frame->type == MESSAGE_CALL_BODY) {
        must(wire_decode(&document, &body, frame, &err), &err, "CALL_BODY");
        *out = (struct part){body.call, (int64_t)body.part.length, body.last};
    } else
        return false;
    return true;
}

static void take_failure(struct reply *reply, const struct frame *frame)
{
    struct err err;
    struct message_CALL_FAILED failed;
    SCOPED(json_document)
    document = NULL;
    SCOPED(json_document)
    arguments = NULL;
    must(wire_decode(&document, &failed, frame, &err) && json_parse(&arguments, failed.arguments, &err), &err,
         "CALL_FAILED");
    reply->failed = true;
    snprintf(reply->error, sizeof reply->error, "%.*s", (int)failed.code.length, failed.code.data);
    for (size_t i = 0; i < 3; i++)
        snprintf(reply->argument[i], sizeof reply->argument[i], "%s",
                 json_string_or(json_at(json_root(arguments), i), ""));
}

// True when this was its last part.
static bool take_body(struct scene *scene, int64_t number, struct reply *reply, const struct frame *frame)
{
    struct err err;
    struct message_CALL_BODY body;
    SCOPED(json_document)
    document = NULL;
    must(wire_decode(&document, &body, frame, &err), &err, "CALL_BODY");
    assert_int_equal(body.call, number);
    return take_part(scene, number, reply, body.part, body.last);
}

void scene_answer(struct scene *scene, int64_t number, struct reply *reply)
{
    struct err err;
    for (;;) {
        struct frame frame;
        must(wire_receive(&scene->worker, &frame, WAIT_MS, &err), &err, "answer");
        if (frame.type == MESSAGE_HTTP_HEAD) {
            if (take_head(scene, number, reply, &frame))
                return;
        } else if (frame.type == MESSAGE_CALL_FAILED) {
            take_failure(reply, &frame);
            return;
        } else if (frame.type == MESSAGE_CALL_BODY) {
            if (take_body(scene, number, reply, &frame))
                return;
        } else if (frame.type == MESSAGE_MAIL_DONE)
            return;
    }
}

void scene_call(struct scene *scene, const struct ask *ask, struct reply *reply)
{
    scene_answer(scene, scene_ask(scene, ask), reply);
}

void reply_dispose(struct reply *reply)
{
    xfree(reply->headers);
    xfree(reply->url);
    buf_dispose(&reply->body);
}
