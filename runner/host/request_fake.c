// The request that stands in for legacy systems: a worker answers from a script, a fake process listens for it. In the
// host.
//
// A fake is a folder like a robot's: manifest.lua (inputs, limits), robot.lua (the script), and systems.lua beside them:
//     return { systems = { ["https://ledger.example"] = 18080 }, mail = 18025 }
#include "host/child.h"
#include "host/copies.h"
#include "host/reader.h"
#include "host/requests.h"
#include "host/session.h"
#include "lib/base/log.h"

#include <errno.h>
#include <sodium.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

enum { INPUTS_JSON_MAX = 400000, SETTINGS_MAX = 65536, DATA_BYTES_MAX = 1 << 28 };

struct data_file {
    char *name, *path; // of the input, as the person wrote it
    int fd;
};

struct faking {
    struct host *host;
    struct answer *answer;
    char *folder;
    bool free_ports;
    int mails; // the folder for caught mails
    struct data_file files[FRAME_FDS_MAX];
    size_t file_count;
    struct pin *pin;
    struct session *session; // until it is queued
    struct child *child;     // the process that listens
    int worker;              // the worker's end of the socket to it
    struct buf settings;     // FAKE_SETUP's JSON
};

static void faking_free(struct faking *faking)
{
    for (size_t i = 0; i < faking->file_count; i++) {
        if (faking->files[i].fd >= 0)
            close(faking->files[i].fd);
        xfree(faking->files[i].name);
        xfree(faking->files[i].path);
    }
    if (faking->child) {
        child_disown(faking->child);
        child_stop(faking->child);
    }
    if (faking->mails >= 0)
        close(faking->mails);
    if (faking->worker >= 0)
        close(faking->worker);
    pin_release(faking->pin);
    buf_dispose(&faking->settings);
    xfree(faking->folder);
    xfree(faking);
}

static void give_up(struct faking *faking, const struct err *why)
{
    answer_fail(faking->answer, why);
    if (faking->session) {
        if (faking->session->folder_fd >= 0)
            session_remove_folder(faking->session);
        session_free(faking->session);
    }
    faking_free(faking);
}

// ---- the worker: a session whose peer is the fake process

static void on_worker_event(void *owner, const char *name, struct text body)
{
    const struct faking *faking = owner;
    answer_event(faking->answer, name, body);
}

static void on_worker_end(void *owner, struct text body, const struct err *failed)
{
    struct faking *faking = owner;
    if (failed)
        answer_fail(faking->answer, failed);
    else
        answer_done(faking->answer, body);
    faking_free(faking);
}

static void start_worker(struct faking *faking)
{
    struct session *session = STEAL(faking->session);
    session->peer = faking->worker;
    faking->worker = -1;
    answer_list_add(&session->watchers, answer_for(on_worker_event, on_worker_end, faking));
    session_queue(faking->host, session);
}

// ---- the process that listens

static bool tell_listening(struct faking *faking, struct text ports, struct err *err)
{
    SCOPED(json_document)
    document = NULL;
    SCOPED_BUF(body, 8192);
    struct json_writer writer = json_writer_new(&body);
    if (!json_parse(&document, ports, err))
        return false;
    const struct json *root = json_root(document);
    json_begin_object(&writer);
    json_write_key(&writer, "systems");
    json_begin_array(&writer);
    for (const struct json *port = json_first(root); port; port = json_next(port)) {
        if (text_is(json_key(port), "mail"))
            continue;
        json_begin_object(&writer);
        json_write_key(&writer, "name");
        json_write_text(&writer, json_key(port));
        json_write_key(&writer, "port");
        json_write_value(&writer, port);
        json_end_object(&writer);
    }
    json_end_array(&writer);
    if (json_get(root, "mail")) {
        json_write_key(&writer, "mail");
        json_write_value(&writer, json_get(root, "mail"));
    }
    json_end_object(&writer);
    if (json_writer_done(&writer))
        answer_event(faking->answer, "listening", buf_text(&body));
    return true;
}

static bool on_fake_frame(void *owner, struct channel *channel, struct frame *frame, struct err *err)
{
    struct faking *faking = owner;
    SCOPED(json_document)
    document = NULL;
    (void)channel;
    if (frame->type == MESSAGE_FAKE_READY) {
        struct message_FAKE_READY ready;
        if (!wire_decode(&document, &ready, frame, err) || !tell_listening(faking, ready.ports, err))
            return false;
        start_worker(faking);
        return true;
    }
    struct message_FAKE_FAILED failed;
    if (frame->type != MESSAGE_FAKE_FAILED || !wire_decode(&document, &failed, frame, err))
        return fail(err, ERR_FRAME_OUT_OF_TURN, "fake", message_name(frame->type));
    enum err_code code;
    SCOPED_TEXT char *name = text_copy(failed.code);
    SCOPED_TEXT char *argument = text_copy(failed.argument);
    if (!err_from_name(&code, name))
        return fail(err, ERR_FRAME_MALFORMED, "FAKE_FAILED", "code");
    return fail(err, ERR_FAKE_START, argument);
}

static void on_fake_ended(void *owner, const struct err *why)
{
    struct faking *faking = owner;
    faking->child = NULL; // frees itself
    log_info("fake.ended", "error=%s", err_name(why->code));
    if (faking->session)
        give_up(faking, why);
    // Otherwise its worker sees the socket close and ends; that ends us.
}

static bool start_listening(struct faking *faking, struct err *err)
{
    static const struct child_events events = {on_fake_frame, on_fake_ended};
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
        return fail(err, ERR_SYSTEM, "socketpair", strerror(errno));
    faking->worker = pair[1];
    const int fds[2] = {pair[0], faking->mails};
    const bool good = child_start(&faking->child, faking->host, ROLE_FAKE, false, &events, faking, err) &&
                      channel_send_fds(child_channel(faking->child),
                                       MESSAGE_OF(FAKE_SETUP, .settings = buf_text(&faking->settings),
                                                  .log_level = (int64_t)log_level()),
                                       fds, 2);
    close(pair[0]);
    return good;
}

// ---- systems.lua: which system listens where

static void write_port(struct json_writer *writer, const struct faking *faking, const struct json *port)
{
    json_write_key(writer, "port");
    json_write_integer(writer, faking->free_ports ? 0 : json_int64_or(port, 0));
}

static bool write_settings(struct faking *faking, const struct json *systems, struct err *err)
{
    struct json_writer writer = json_writer_new(&faking->settings);
    json_begin_object(&writer);
    json_write_key(&writer, "systems");
    json_begin_array(&writer);
    for (const struct json *port = json_first(json_get(systems, "systems")); port; port = json_next(port)) {
        json_begin_object(&writer);
        json_write_key(&writer, "name");
        json_write_text(&writer, json_key(port));
        write_port(&writer, faking, port);
        json_end_object(&writer);
    }
    json_end_array(&writer);
    if (json_get(systems, "mail")) {
        json_write_key(&writer, "mail");
        json_begin_object(&writer);
        write_port(&writer, faking, json_get(systems, "mail"));
        json_end_object(&writer);
    }
    json_end_object(&writer);
    return json_writer_done(&writer) ? true : fail(err, ERR_LIMIT_PASSED, "systems.lua", N(SETTINGS_MAX));
}

static void on_systems(void *owner, struct text json, const struct err *failed)
{
    struct faking *faking = owner;
    SCOPED(json_document)
    systems = NULL;
    struct err err;
    if (failed)
        give_up(faking, failed);
    else if (!json_parse(&systems, json, &err) || !write_settings(faking, json_root(systems), &err) ||
             !start_listening(faking, &err))
        give_up(faking, &err);
}

// ---- the folder: script, manifest, data

static bool copy_data(struct faking *faking, struct err *err)
{
    struct session *session = faking->session;
    if (!session_make_folder(session, err))
        return false;
    if (mkdirat(session->folder_fd, "in", 0700) != 0 && errno != EEXIST)
        return fail(err, ERR_FILE_UNWRITABLE, "in", strerror(errno));
    for (size_t i = 0; i < faking->file_count; i++) {
        char path[INPUT_PATH_MAX];
        struct copied copied;
        const struct data_file *file = &faking->files[i];
        const struct input *input = manifest_input(faking->pin->manifest, file->name);
        if (!input || input->type != INPUT_FILE)
            continue; // inputs_check has refused it
        input_file_path(path, input, text_from(file->path));
        if (!copy_file(&copied, file->fd, session->folder_fd, path, DATA_BYTES_MAX, err))
            return false;
        session->input_bytes += copied.size_bytes;
        session->input_files++;
    }
    return true;
}

static bool check_inputs(struct faking *faking, struct problems *problems)
{
    struct given given[FRAME_FDS_MAX];
    for (size_t i = 0; i < faking->file_count; i++)
        given[i] = (struct given){faking->files[i].name, text_from(faking->files[i].path)};
    struct buf inputs = buf_new(INPUTS_JSON_MAX);
    const bool good = inputs_check(&inputs, faking->pin->manifest, given, faking->file_count,
                                   (struct date){2000, 1, 1}, problems);
    faking->session->inputs = buf_steal(&inputs);
    return good;
}

static void make_session(struct faking *faking, enum language language)
{
    struct session *session = faking->session = session_new(faking->host);
    session->stage = SESSION_PREPARING;
    session->id = -(int64_t)randombytes_uniform(1U << 30) - 1;
    session->kind = SESSION_FAKE;
    session->language = language;
    session->robot = xstrdup(faking->folder);
    session->tree = xstrdup(faking->pin->tree);
    session->actor = xstrdup("renki");
    session->pin = pin_keep(faking->pin);
}

static void on_pin(void *owner, struct pin *pin, const struct problems *wrong)
{
    struct faking *faking = owner;
    struct problems problems = {0};
    struct err err;
    if (wrong) {
        answer_problems(faking->answer, wrong);
        faking_free(faking);
        return;
    }
    faking->pin = pin_keep(pin);
    make_session(faking, LANGUAGE_EN);
    const struct pin_file *systems = pin_file(pin, "systems.lua");
    if (!check_inputs(faking, &problems))
        give_up(faking, &problems.items[0]);
    else if (!systems) {
        (void)fail(&err, ERR_ROBOT_INCOMPLETE, "systems.lua");
        give_up(faking, &err);
    } else if (!copy_data(faking, &err))
        give_up(faking, &err);
    else
        reader_read(faking->host, "systems.lua", text_of(systems->text, systems->length), on_systems, faking);
    problems_dispose(&problems);
}

// The first descriptor is the folder for mails, the others are data files in the order of `files`.
static bool take_files(struct faking *faking, const struct json *body, struct frame *frame, struct err *err)
{
    const struct json *files = json_get(body, "files");
    if (frame->fd_count != json_count(files) + 1)
        return fail(err, ERR_REQUEST_MALFORMED, "files");
    faking->mails = frame->fds[0];
    frame->fds[0] = -1;
    for (size_t i = 1; i < frame->fd_count; i++) {
        const struct json *pair = json_at(files, i - 1);
        faking->files[faking->file_count++] = (struct data_file){
            .name = xstrdup(json_string_or(json_at(pair, 0), "")),
            .path = xstrdup(json_string_or(json_at(pair, 1), "")),
            .fd = frame->fds[i],
        };
        frame->fds[i] = -1;
    }
    return true;
}

bool request_fake_start(struct host *host, struct answer *answer, const struct json *body,
                        struct frame *frame, struct err *err)
{
    const char *folder;
    char tree[REPO_ID_SIZE];
    struct repo *repo = host_repo(host, err);
    if (!repo || !body_text(&folder, body, "folder", err) || !repo_pin_folder(repo, tree, folder, err))
        return false;
    struct faking *faking = xcalloc(1, sizeof *faking);
    *faking = (struct faking){.host = host,
                              .folder = xstrdup(folder),
                              .free_ports = body_flag(body, "free_ports"),
                              .mails = -1,
                              .worker = -1,
                              .settings = buf_new(SETTINGS_MAX)};
    if (!take_files(faking, body, frame, err)) {
        faking_free(faking);
        return false;
    }
    faking->answer = answer;
    pins_load(host, tree, on_pin, faking);
    return true;
}
