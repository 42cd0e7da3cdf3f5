// A gateway process with its host and a worker played by the test.
#ifndef RENKI_TESTS_SCENE_H
#define RENKI_TESTS_SCENE_H

#include "support/unit.h"

#include "lib/process/process.h"
#include "lib/seal/secret.h"
#include "support/http_server.h"
#include "support/smtp_server.h"

struct scene {
    struct process process;
    struct wire host, worker;
    struct http_server *server;
    struct smtp_server *mail;
    char key_path[128], base[64], public_key[SEAL_PUBLIC_SIZE];
    int64_t run, number;
};

struct reply {
    int64_t status;
    bool held, failed;
    char error[64], argument[3][400];
    char *headers, *url; // headers as JSON
    struct buf body;
};
void reply_dispose(struct reply *reply);
#define REPLY(name) __attribute__((cleanup(reply_dispose))) struct reply name = {.body = buf_new(256 << 20)}

struct done {
    char outcome[16], problem[64], method[33], host[300], path[4097], login[65], kind[17];
    int64_t status, sent_bytes, received_bytes;
};

// No role runs as root, so a test started as root goes on as nobody. First thing in main.
void scene_become_user(void);

// Starts the gateway; `systems` and `mail` as in renki.lua, in JSON. "$PORT" stands for the server's port, "$MAIL" for the
// mail catcher's.
void scene_begin(struct scene *scene, const char *settings, bool tls);
void scene_end(struct scene *scene);

struct secret_given {
    const char *public_part, *value; // "$PORT" as above
};
struct run_given {
    const char *permits, *limits;
    bool dry_run, record;
    const struct secret_given *secrets;
    size_t secret_count;
};
void scene_open(struct scene *scene, const struct run_given *given);
// Ends the run; each record that came goes to *done (the last one stays there).
void scene_close(struct scene *scene, struct done *done, size_t *count, struct buf *recording);

struct ask {
    const char *method, *path; // path: with "http…" a whole address, else below the server
    const char *headers, *login, *options;
    struct text body;
    bool has_body;
};
// Sends the call and returns its number.
int64_t scene_ask(struct scene *scene, const struct ask *ask);
// What a frame brings of an answer's body; false for a frame that brings none.
struct part {
    int64_t call, bytes;
    bool last;
};
bool scene_part(struct part *out, const struct frame *frame);
// Waits for its end. Other calls' frames must not come meanwhile.
void scene_answer(struct scene *scene, int64_t number, struct reply *reply);
// Both.
void scene_call(struct scene *scene, const struct ask *ask, struct reply *reply);
// In a text, "$PORT" and "$MAIL" made numbers; the caller frees it.
char *scene_text(const struct scene *scene, const char *template);

#endif
