// See harness.h.
#include "support/unit.h"

#include "attack/harness.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <grp.h>
#include <lauxlib.h>
#include <lualib.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { NOBODY = 65534, ANSWER_MS = 20000, MEGABYTE = 1 << 20 };

// ---- the seams (linked with --wrap)

lua_State *__wrap_language_new(const char *stdlib, struct err *err);
void __wrap_run_serve(lua_State *L) __attribute__((noreturn));

lua_State *__wrap_language_new(const char *stdlib, struct err *err)
{
    (void)stdlib;
    (void)err;
    lua_State *L = lua_newstate(limits_allocate, NULL);
    luaL_openlibs(L);
    return L;
}

static const struct attack *attack_find(struct text name)
{
    for (const struct attack *attack = attacks; attack->name; attack++)
        if (text_is(name, attack->name))
            return attack;
    return NULL;
}

void __wrap_run_serve(lua_State *L)
{
    static struct wire host;
    static struct message_RUN_START start;
    static struct frame frame;
    struct json_document *document;
    struct err err;
    host = wire_new(WORKER_HOST, ROLE_WORKER, ROLE_HOST, false);
    limits_watch(&host, NULL);
    if (!wire_expect(&host, MESSAGE_RUN_START, &start, &document, &frame, -1, &err))
        _exit(80);
    const struct attack *attack = attack_find(start.robot);
    if (!attack)
        _exit(81);
    const int got = attack->act(L, start.inputs.data);
    char state[16];
    snprintf(state, sizeof state, "%d", got);
    if (!wire_send(
            &host,
            MESSAGE_OF(ENDED, .state = text_from(state), .fault = TEXT_OF("null"), .cost = TEXT_OF("{}")),
            &err))
        _exit(82);
    _exit(0);
}

// ---- the zygote

static bool failure_of(struct zygote_process *zygote, struct frame *frame, struct err *failure)
{
    SCOPED(json_document)
    document = NULL, *list = NULL;
    struct message_ZYGOTE_FAILED message;
    if (!wire_decode(&document, &message, frame, failure) || !json_parse(&list, message.arguments, failure))
        return false;
    SCOPED_TEXT char *code = text_copy(message.code);
    enum err_code known = ERR_SYSTEM;
    if (!err_from_name(&known, code))
        return fail(failure, ERR_SYSTEM, "zygote", code);
    (void)zygote;
    return fail(failure, known, json_string_or(json_at(json_root(list), 0), ""),
                json_string_or(json_at(json_root(list), 1), ""));
}

static void remove_tree(const char *path)
{
    DIR *folder = opendir(path);
    const struct dirent *entry;
    while (folder && (entry = readdir(folder))) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        SCOPED_TEXT char *below = xasprintf("%s/%s", path, entry->d_name);
        if (unlink(below) != 0)
            remove_tree(below);
    }
    if (folder)
        closedir(folder);
    rmdir(path);
}

// Folders carry the number of the program. Where no zygote_end came (a test killed it, or its host) they are removed when
// the program ends.
static pid_t program;

static void remove_folders(void)
{
    char pattern[64];
    glob_t found;
    snprintf(pattern, sizeof pattern, "/tmp/renki-attack-%d-*", (int)program);
    if (getpid() != program || glob(pattern, 0, NULL, &found) != 0)
        return;
    for (size_t i = 0; i < found.gl_pathc; i++)
        remove_tree(found.gl_pathv[i]);
    globfree(&found);
}

__attribute__((constructor)) static void remember_program(void)
{
    program = getpid();
    atexit(remove_folders);
}

bool zygote_begin(struct zygote_process *zygote, const struct zygote_options *options, struct err *failure)
{
    char folder[64];
    snprintf(folder, sizeof folder, "/tmp/renki-attack-%d-XXXXXX", (int)program);
    struct frame frame;
    *zygote = (struct zygote_process){0};
    assert_non_null(mkdtemp(folder));
    zygote->runs = xstrdup(folder);
    if (!process_start(&zygote->process, options->role ? options->role : "zygote", failure))
        fail_msg("the zygote can't be started");
    zygote->wire = wire_new(zygote->process.socket, ROLE_HOST, ROLE_ZYGOTE, true);
    assert_true(wire_send(&zygote->wire,
                          MESSAGE_OF(ZYGOTE_SETUP,
                                     .stdlib = text_from(options->stdlib ? options->stdlib : "/nowhere"),
                                     .runs = text_from(zygote->runs),
                                     .shares = text_from(options->shares ? options->shares : "{}"),
                                     .reduced = options->reduced, .zones = TEXT_OF(""), .log_level = 1),
                          failure));
    if (!wire_receive(&zygote->wire, &frame, ANSWER_MS, failure))
        return false;
    if (frame.type != MESSAGE_ZYGOTE_READY)
        return failure_of(zygote, &frame, failure);
    struct message_ZYGOTE_READY ready;
    SCOPED(json_document)
    document = NULL;
    assert_true(wire_decode(&document, &ready, &frame, failure));
    zygote->heap_kilobytes = ready.heap_kilobytes;
    snprintf(zygote->layers, sizeof zygote->layers, "%.*s", (int)ready.layers.length, ready.layers.data);
    return true;
}

void zygote_end(struct zygote_process *zygote)
{
    wire_dispose(&zygote->wire);
    assert_int_equal(process_wait(&zygote->process), 0);
    close(zygote->process.pidfd);
    remove_tree(zygote->runs);
    xfree(zygote->runs);
}

// ---- workers

static void new_folder(struct worker_process *worker, const struct zygote_process *zygote, char name[33])
{
    static int count;
    snprintf(name, 33, "%08x%08x%08x%08x", rand(), rand(), getpid(), ++count);
    worker->folder = xasprintf("%s/%s", zygote->runs, name);
    assert_int_equal(mkdir(worker->folder, 0700), 0);
}

void worker_begin(struct worker_process *worker, struct zygote_process *zygote,
                  const struct worker_options *options)
{
    static const struct worker_options otherwise;
    const struct worker_options *given = options ? options : &otherwise;
    int host[2], gateway[2];
    char name[33];
    struct frame frame;
    struct message_FORKED forked;
    SCOPED(json_document)
    document = NULL;
    struct err err;
    *worker = (struct worker_process){0};
    new_folder(worker, zygote, name);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, host), 0);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, gateway), 0);
    assert_true(wire_send_fds(
        &zygote->wire,
        MESSAGE_OF(FORK, .run = 1, .memory_bytes = given->memory_bytes ? given->memory_bytes : 64 * MEGABYTE,
                   .cpu_ms = given->cpu_ms ? given->cpu_ms : 20000,
                   .file_bytes = given->file_bytes ? given->file_bytes : MEGABYTE, .folder = text_from(name),
                   .shares = text_from(given->shares ? given->shares : "{}")),
        (int[]){host[1], gateway[1]}, 2, &err));
    close(host[1]);
    close(gateway[1]);
    if (!wire_expect(&zygote->wire, MESSAGE_FORKED, &forked, &document, &frame, ANSWER_MS, &err))
        fail_msg("no fork: %s %s", err_name(err.code), err.arguments[1]);
    assert_int_equal(frame.fd_count, 1);
    worker->pidfd = frame.fds[0];
    worker->pid = (pid_t)forked.pid;
    worker->gateway = gateway[0];
    worker->wire = wire_new(host[0], ROLE_HOST, ROLE_WORKER, false);
}

void worker_attack(struct worker_process *worker, const char *attack, const char *text)
{
    struct err err;
    // a worker that could not be sealed is gone already; its ending tells
    (void)!wire_send(&worker->wire,
                     MESSAGE_OF(RUN_START, .kind = TEXT_OF("run"), .robot = text_from(attack),
                                .language = TEXT_OF("en"), .inputs = text_from(text ? text : "null"),
                                .options = TEXT_OF("{}")),
                     &err);
}

static void take_stop(struct ending *ending, const struct frame *frame)
{
    struct message_STOPPED message;
    SCOPED(json_document)
    document = NULL;
    struct err err;
    assert_true(wire_decode(&document, &message, frame, &err));
    snprintf(ending->what, sizeof ending->what, "%.*s", (int)message.what.length, message.what.data);
    snprintf(ending->source, sizeof ending->source, "%.*s", (int)message.source.length, message.source.data);
    ending->value = message.value;
    ending->line = message.line;
}

static void take_end(struct ending *ending, const struct frame *frame)
{
    struct message_ENDED message;
    SCOPED(json_document)
    document = NULL;
    struct err err;
    assert_true(wire_decode(&document, &message, frame, &err));
    assert_true(text_to_int64(message.state, &ending->got));
}

struct ending worker_end(struct worker_process *worker)
{
    struct ending ending = {.got = -1};
    struct frame frame;
    struct err err;
    while (wire_receive(&worker->wire, &frame, ANSWER_MS, &err)) {
        if (frame.type == MESSAGE_STOPPED)
            take_stop(&ending, &frame);
        if (frame.type == MESSAGE_ENDED)
            take_end(&ending, &frame);
    }
    if (err.code == ERR_WIRE_TIMEOUT)
        kill(worker->pid, SIGKILL);
    // the worker is our child, whoever forked it
    ending.exit = process_wait(&(struct process){.pid = worker->pid});
    wire_dispose(&worker->wire);
    close(worker->gateway);
    close(worker->pidfd);
    xfree(worker->folder);
    return ending;
}

struct ending attack_once(struct zygote_process *zygote, const struct worker_options *options,
                          const char *attack, const char *text)
{
    struct worker_process worker;
    worker_begin(&worker, zygote, options);
    worker_attack(&worker, attack, text);
    return worker_end(&worker);
}

// ---- main

#ifdef RENKI_SANITIZED
// As in runner/main.c: leaks can't be looked for inside the sandbox.
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
    return "detect_leaks=0:abort_on_error=0:handle_segv=0:allocator_may_return_null=1";
}
#endif

unsigned test_layers_removed;

// "zygote" or, for proofs that the rest holds, "zygote-NUMBER" with the layers taken away.
static void play_zygote(const char *role)
{
    int64_t removed = 0;
    if (strncmp(role, "zygote", 6) != 0)
        return;
    if (role[6] == '-' && text_to_int64(text_from(role + 7), &removed))
        test_layers_removed = (unsigned)removed;
    exit(zygote_main());
}

void harness_main(int count, char **arguments)
{
    if (count == 2)
        play_zygote(arguments[1]);
    if (count == 2 && strcmp(arguments[1], "reader") == 0)
        exit(reader_main());
    if (count == 2 && strcmp(arguments[1], "launcher") == 0)
        exit(launcher_main());
    if (geteuid() == 0 && (setgroups(0, NULL) != 0 || setresgid(NOBODY, NOBODY, NOBODY) != 0 ||
                           setresuid(NOBODY, NOBODY, NOBODY) != 0))
        exit(99);
    umask(077);
}
