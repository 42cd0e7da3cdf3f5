// A legacy system that isn't there: listens on loopback, and a worker answers in its place. In the fake process.
//
//   fake.c   the role: setup, the worker's channel                         fake_main
//   http.c   one listener a system, over libmicrohttpd on the event loop
//   smtp.c   the mail catcher: takes every mail and keeps it as a file
#ifndef RENKI_FAKE_H
#define RENKI_FAKE_H

#include "lib/loop/channel.h"

enum {
    FAKE_SYSTEMS_MAX = 16,
    FAKE_BODY_MAX = 900000,     // bytes of a request or an answer: what a frame holds
    FAKE_MAIL_MAX = 30 << 20,   // bytes of one mail
    FAKE_CONNECTIONS_MAX = 200, // a listener
};

// The role; the exit code.
int fake_main(void);

// ---- http.c
struct http_listener;
// Asks the worker: sends a FAKE_REQUEST with the id under which the answer comes back.
typedef bool (*http_ask)(void *owner, const struct message_FAKE_REQUEST *request);
// Listens on 127.0.0.1; port 0 takes a free one. `name` is borrowed for ever.
bool http_listen(struct http_listener **out, uv_loop_t *loop, const char *name, int port, http_ask ask,
                 void *owner, struct err *err) MUST_CHECK;
int http_port(const struct http_listener *listener);
// The worker's answer; false when no request of this listener waits under the id.
bool http_answer(struct http_listener *listener, const struct message_FAKE_ANSWER *answer);

// ---- smtp.c
struct smtp_listener;
// Each mail becomes a file NNNN.eml in the folder (a descriptor, borrowed for ever).
bool smtp_listen(struct smtp_listener **out, uv_loop_t *loop, int port, int folder,
                 struct err *err) MUST_CHECK;
int smtp_port(const struct smtp_listener *listener);

#endif
