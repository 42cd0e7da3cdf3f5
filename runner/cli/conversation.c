// See cli.h. One connection to the host: the daemon's socket where one listens, else a host of our own that ends with
// us. Requests are answered one after the other.
#include "cli/cli.h"

#include "lib/process/process.h"

#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { BODY_MAX_BYTES = 900000, PATH_SIZE = 4096 };

struct conversation {
    struct wire wire;
    struct process host; // pid 0: the daemon's
    char *folder;
    int64_t next_id;
    int signals; // that were told of
};

static volatile sig_atomic_t interrupts, hangups;

static void on_interrupt(int signal_number)
{
    if (signal_number == SIGHUP)
        hangups = hangups + 1;
    else
        interrupts = interrupts + 1;
}

bool was_interrupted(void)
{
    return interrupts > 0;
}

static bool is_workspace(const char *folder)
{
    char path[PATH_SIZE];
    snprintf(path, sizeof path, "%s/renki.lua", folder);
    return access(path, F_OK) == 0;
}

// From --workspace, or the nearest folder at or above the current one that has a renki.lua.
bool find_workspace(char **out, const struct cli *cli, struct err *err)
{
    const char *named = cli->options[OPTION_WORKSPACE];
    SCOPED_TEXT char *folder = realpath(named ? named : ".", NULL);
    if (!folder)
        return fail(err, ERR_FILE_MISSING, named ? named : ".");
    SCOPED_TEXT char *here = xstrdup(folder);
    for (;;) {
        if (is_workspace(folder)) {
            *out = STEAL(folder);
            return true;
        }
        char *slash = strrchr(folder, '/');
        if (named || !slash || slash == folder)
            return fail(err, ERR_NOT_A_WORKSPACE, here);
        *slash = '\0';
    }
}

static int connect_daemon(const char *folder)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    const int length = snprintf(address.sun_path, sizeof address.sun_path, "%s/.renki/host.sock", folder);
    if (length < 0 || (size_t)length >= sizeof address.sun_path)
        return -1;
    const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof address) == 0)
        return fd;
    if (fd >= 0)
        close(fd);
    return -1;
}

static bool start_own(struct conversation *conversation, struct err *err)
{
    if (!process_start(&conversation->host, "host", err))
        return false;
    close(conversation->host.pidfd);
    conversation->wire = wire_new(conversation->host.socket, ROLE_CLI, ROLE_HOST, false);
    return true;
}

static struct conversation *conversation_new(const char *folder)
{
    struct conversation *conversation = xcalloc(1, sizeof *conversation);
    conversation->folder = xstrdup(folder);
    conversation->wire.fd = -1;
    return conversation;
}

void conversation_free(struct conversation *conversation)
{
    if (!conversation)
        return;
    wire_dispose(&conversation->wire);
    if (conversation->host.pid > 0)
        (void)process_wait(&conversation->host);
    xfree(conversation->folder);
    xfree(conversation);
}

const char *conversation_folder(const struct conversation *conversation)
{
    return conversation->folder;
}

static bool send_request(struct conversation *conversation, const struct ask *ask, int64_t *id,
                         struct err *err)
{
    *id = ++conversation->next_id;
    const struct message_REQUEST request = {
        .id = *id, .name = text_from(ask->name), .body = ask->body.length ? ask->body : TEXT_OF("{}")};
    return wire_send_fds(&conversation->wire, MESSAGE_REQUEST, &request, ask->fds, ask->fd_count, err);
}

// SIGINT and SIGTERM interrupt the wait in poll; the wire itself would go on.
static bool wait_for_frame(struct conversation *conversation, struct frame *frame, bool *interrupted,
                           struct err *err)
{
    sigset_t open, blocked;
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGINT);
    sigaddset(&blocked, SIGTERM);
    sigaddset(&blocked, SIGHUP);
    sigprocmask(SIG_BLOCK, &blocked, &open);
    *interrupted = false;
    bool good = true;
    for (;;) {
        struct err timeout;
        // What has come already is handed out first; a wait of 0 ms only looks.
        if (wire_receive(&conversation->wire, frame, 0, &timeout))
            break;
        if (timeout.code != ERR_WIRE_TIMEOUT) {
            *err = timeout;
            good = false;
            break;
        }
        *interrupted = interrupts + hangups > conversation->signals; // also one that came while nobody waited
        conversation->signals = interrupts + hangups;
        if (*interrupted)
            break;
        struct pollfd poll_fd = {.fd = conversation->wire.fd, .events = POLLIN};
        (void)ppoll(&poll_fd, 1, NULL, &open);
    }
    sigprocmask(SIG_SETMASK, &open, NULL);
    return good;
}

bool problem_read(struct err *out, const struct json *problem)
{
    enum err_code code;
    err_clear(out);
    const char *name = json_string_or(json_get(problem, "code"), "");
    if (!err_from_name(&code, name))
        return fail(out, ERR_FRAME_MALFORMED, "REPLY", name);
    const char *arguments[CATALOGUE_ARGUMENTS_MAX + 1] = {NULL};
    size_t count = 0;
    for (const struct json *argument = json_first(json_get(problem, "arguments"));
         argument && count < CATALOGUE_ARGUMENTS_MAX; argument = json_next(argument))
        arguments[count++] = json_string_or(argument, "");
    (void)err_fail(out, code, arguments);
    const char *where = json_string_or(json_get(problem, "where"), "");
    if (where[0])
        (void)err_note(out, "%s", where);
    return true;
}

void print_problem(const struct cli *cli, const struct json *problem)
{
    struct err err;
    (void)problem_read(&err, problem);
    print_err(cli, &err);
}

// Wrong use of the command: of its arguments, not against a rule.
static const enum err_code usage_errors[] = {
    ERR_ROBOT_UNKNOWN,    ERR_ROBOT_UNKNOWN_NEAR, ERR_ROBOT_NAME,     ERR_ROBOT_EXISTS,
    ERR_RUN_NO_TURN,      ERR_RUN_ENDED_WELL,     ERR_SERVICE_NONE,   ERR_RUN_UNKNOWN,
    ERR_RUN_OVER,         ERR_RUN_NOT_RESUMABLE,  ERR_SECRET_UNKNOWN, ERR_WORKSPACE_NONE,
    ERR_WORKSPACE_EXISTS, ERR_NOT_A_WORKSPACE,    ERR_REPO_NONE,
};

int exit_code_of(const struct err *err)
{
    for (size_t i = 0; i < COUNT_OF(usage_errors); i++)
        if (err->code == usage_errors[i])
            return EXIT_USAGE;
    switch (err_class(err->code)) {
    case CLASS_REFUSED:
        return EXIT_REFUSED;
    case CLASS_BUG: // of a manifest, of what was given
        return EXIT_USAGE;
    case CLASS_FAILURE:
    case CLASS_EXCEPTION:
    case CLASS_LIMIT:
        break;
    }
    return EXIT_FAILED;
}

int print_json(const struct json *value)
{
    SCOPED_BUF(out, JSON_BYTES_MAX);
    struct json_writer writer = json_writer_new(&out);
    json_write_value(&writer, value);
    if (!json_writer_done(&writer))
        return EXIT_FAILED;
    printf("%s\n", buf_string(&out));
    return EXIT_DONE;
}

static void write_problem(struct json_writer *writer, const struct cli *cli, const struct err *err)
{
    SCOPED_BUF(message, 16384);
    SCOPED_BUF(hint, 16384);
    if (!err_message(&message, err, cli->language) || !err_hint(&hint, err, cli->language))
        return;
    json_begin_object(writer);
    json_write_key(writer, "code");
    json_write_string(writer, err_name(err->code));
    json_write_key(writer, "class");
    json_write_string(writer, err_class_name(err_class(err->code)));
    json_write_key(writer, "message");
    json_write_lossy(writer, buf_text(&message));
    json_write_key(writer, "hint");
    json_write_lossy(writer, buf_text(&hint));
    json_end_object(writer);
}

// Shows what went wrong, as text or as { "problems": […] }; the exit code that fits the first.
static int show_problems(const struct cli *cli, const struct err *items, size_t count)
{
    if (!cli->options[OPTION_JSON]) {
        for (size_t i = 0; i < count; i++)
            print_err(cli, &items[i]);
        return exit_code_of(&items[0]);
    }
    SCOPED_BUF(out, BODY_MAX_BYTES);
    struct json_writer writer = json_writer_new(&out);
    json_begin_object(&writer);
    json_write_key(&writer, "problems");
    json_begin_array(&writer);
    for (size_t i = 0; i < count; i++)
        write_problem(&writer, cli, &items[i]);
    json_end_array(&writer);
    json_end_object(&writer);
    printf("%s\n", buf_string(&out));
    return exit_code_of(&items[0]);
}

static int show_reply_problems(const struct cli *cli, const struct json *body)
{
    enum { SHOWN_MAX = 60 };
    struct err *items = xcalloc(SHOWN_MAX, sizeof *items);
    size_t count = 0;
    for (const struct json *problem = json_first(json_get(body, "problems")); problem && count < SHOWN_MAX;
         problem = json_next(problem))
        (void)problem_read(&items[count++], problem);
    if (count == 0)
        (void)fail(&items[count++], ERR_FRAME_MALFORMED, "REPLY", "problems");
    const int result = show_problems(cli, items, count);
    xfree(items);
    return result;
}

static void ask_to_stop(struct conversation *conversation, const struct ask *ask)
{
    SCOPED_BUF(body, 64);
    struct err err;
    int64_t id;
    if (!ask->on_interrupt || !ask->interrupt_run || !*ask->interrupt_run ||
        !buf_printf(&body, "{\"run\":%lld}", (long long)*ask->interrupt_run))
        return;
    const struct ask stop = {.name = ask->on_interrupt, .body = buf_text(&body)};
    if (!send_request(conversation, &stop, &id, &err))
        interrupts = interrupts + 1; // the host is gone: the next receive says so
}

// What a service is told by signals, each time one comes. False when the host is gone.
static bool pass_on_signals(struct conversation *conversation, const struct ask *ask, int *stops,
                            int *reloads, struct err *err)
{
    const struct ask stop = {.name = ask->on_stop}, reload = {.name = ask->on_hangup};
    int64_t id;
    bool good = true;
    for (; good && *stops < interrupts; (*stops)++)
        good = send_request(conversation, &stop, &id, err);
    for (; good && *reloads < hangups; (*reloads)++)
        good = send_request(conversation, &reload, &id, err);
    return good;
}

struct turn {
    struct json_document *reply;
    int failed;
    bool over, done;
};

static bool take_event(const struct ask *ask, int64_t id, const struct frame *frame, struct err *err)
{
    struct message_EVENT event;
    SCOPED(json_document)
    head = NULL;
    SCOPED(json_document)
    body = NULL;
    if (!wire_decode(&head, &event, frame, err))
        return false;
    if (event.id != id || !ask->on_event)
        return true;
    SCOPED_TEXT char *name = text_copy(event.name);
    struct err raw; // a recording is no JSON: it reaches the handler as bytes
    const bool parsed = event.body.length && json_parse(&body, event.body, &raw);
    ask->on_event(ask->owner, name, parsed ? json_root(body) : NULL, event.body);
    return true;
}

static bool take_reply(struct turn *turn, const struct cli *cli, int64_t id, const struct frame *frame,
                       struct err *err)
{
    struct message_REPLY reply;
    SCOPED(json_document)
    head = NULL;
    SCOPED(json_document)
    body = NULL;
    if (!wire_decode(&head, &reply, frame, err) || !json_parse(&body, reply.body, err))
        return false;
    if (reply.id != id)
        return true; // of a request to stop
    turn->over = true;
    turn->done = reply.done;
    if (reply.done)
        turn->reply = STEAL(body);
    else
        turn->failed = show_reply_problems(cli, json_root(body));
    return true;
}

bool conversation_ask(struct json_document **reply, int *failed, const struct cli *cli,
                      struct conversation *conversation, const struct ask *ask)
{
    struct err err;
    int64_t id;
    struct turn turn = {0};
    const struct sigaction action = {.sa_handler = on_interrupt};
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    if (ask->on_hangup)
        sigaction(SIGHUP, &action, NULL);
    int stops = 0, reloads = 0;
    bool good = send_request(conversation, ask, &id, &err);
    while (good && !turn.over) {
        struct frame frame;
        bool interrupted;
        good = wait_for_frame(conversation, &frame, &interrupted, &err);
        if (good && interrupted && ask->on_stop)
            good = pass_on_signals(conversation, ask, &stops, &reloads, &err);
        else if (good && interrupted) {
            if (!ask->on_interrupt || interrupts > 1) {
                *failed = EXIT_INTERRUPTED;
                return false;
            }
            ask_to_stop(conversation, ask);
        } else if (good)
            good = frame.type == MESSAGE_EVENT ? take_event(ask, id, &frame, &err)
                                               : take_reply(&turn, cli, id, &frame, &err);
    }
    if (!good) {
        *failed = show_problems(cli, &err, 1);
        return false;
    }
    *failed = turn.failed;
    *reply = turn.reply;
    return turn.done;
}

bool conversation_open_folder(struct conversation **out, const char *folder, struct err *err)
{
    SCOPED(conversation)
    conversation = conversation_new(folder);
    if (!start_own(conversation, err))
        return false;
    *out = STEAL(conversation);
    return true;
}

bool conversation_open_own(struct conversation **out, const struct cli *cli, struct err *err)
{
    SCOPED_TEXT char *folder = NULL;
    return find_workspace(&folder, cli, err) && conversation_open_folder(out, folder, err);
}

bool conversation_open(struct conversation **out, const struct cli *cli, struct err *err)
{
    SCOPED_TEXT char *folder = NULL;
    if (!find_workspace(&folder, cli, err))
        return false;
    SCOPED(conversation)
    conversation = conversation_new(folder);
    const int daemon = connect_daemon(folder);
    if (daemon >= 0)
        conversation->wire = wire_new(daemon, ROLE_CLI, ROLE_HOST, false);
    else if (!start_own(conversation, err))
        return false;
    *out = STEAL(conversation);
    return true;
}

// RENKI_LOG: "debug" for all, "info" for what administrators want to know; errors only otherwise.
static enum log_level wanted_log(void)
{
    const char *wanted = getenv("RENKI_LOG");
    return !wanted || !*wanted            ? LOG_LEVEL_ERROR
           : strcmp(wanted, "debug") == 0 ? LOG_LEVEL_DEBUG
                                          : LOG_LEVEL_INFO;
}

// A host of our own learns first which workspace it is for.
static bool open_workspace(const struct cli *cli, struct conversation *conversation, int *failed)
{
    if (conversation->host.pid == 0)
        return true;
    SCOPED_BUF(body, BODY_MAX_BYTES);
    SCOPED(json_document)
    reply = NULL;
    struct json_writer writer = json_writer_new(&body);
    json_begin_object(&writer);
    json_write_key(&writer, "folder");
    json_write_lossy(&writer, text_from(conversation->folder));
    json_write_key(&writer, "log");
    json_write_integer(&writer, wanted_log());
    if (getenv("CREDENTIALS_DIRECTORY")) {
        json_write_key(&writer, "credentials");
        json_write_lossy(&writer, text_from(getenv("CREDENTIALS_DIRECTORY")));
    }
    json_end_object(&writer);
    const struct ask ask = {.name = "workspace.open", .body = buf_text(&body)};
    return conversation_ask(&reply, failed, cli, conversation, &ask);
}

bool reach_host(struct conversation **out, int *failed, const struct cli *cli)
{
    struct err err;
    SCOPED(conversation)
    conversation = NULL;
    if (!conversation_open(&conversation, cli, &err)) {
        *failed = show_problems(cli, &err, 1);
        return false;
    }
    if (!open_workspace(cli, conversation, failed))
        return false;
    *out = STEAL(conversation);
    return true;
}

bool ask_host(struct json_document **reply, int *failed, const struct cli *cli, const struct ask *ask)
{
    SCOPED(conversation)
    conversation = NULL;
    return reach_host(&conversation, failed, cli) && conversation_ask(reply, failed, cli, conversation, ask);
}
