// Runs one test file in a real worker, sandboxed and offline: lua_runner STDLIB FOLDER NAME_test.lua.
//
// This program is the host: it starts the zygote (itself, by its role's name), has a worker forked, hands it the file
// as a run of the kind "test" does, and shows each finding. What FOLDER/NAME/ holds (robot.lua, manifest.lua,
// lib/*.lua) is the robot that the tests run, its *.json are recordings. Started as root it goes on as nobody.
#include "lib/base/file.h"
#include "lib/process/process.h"
#include "worker/worker.h"

#include <dirent.h>
#include <fcntl.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

enum { NOBODY = 65534, ANSWER_MS = 60000, SOURCE_MAX = 1000000, MEGABYTE = 1 << 20 };

#ifdef RENKI_SANITIZED
// Leaks can't be looked for inside the sandbox: that needs ptrace.
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
    return "detect_leaks=0:abort_on_error=0:handle_segv=0:allocator_may_return_null=1";
}
#endif

static void give_up(const char *what, const struct err *err)
{
    SCOPED_BUF(message, 4096);
    if (err && err_message(&message, err, LANGUAGE_EN))
        fprintf(stderr, "%s: %s\n", what, buf_string(&message));
    else
        fprintf(stderr, "%s\n", what);
    exit(1);
}

struct world {
    struct process zygote;
    struct wire wire, worker;
    char runs[64], name[64];
};

static void begin_zygote(struct world *world, const char *stdlib)
{
    struct err err;
    struct frame frame;
    snprintf(world->runs, sizeof world->runs, "/tmp/renki-lua-XXXXXX");
    if (!mkdtemp(world->runs) || !process_start(&world->zygote, "zygote", &err))
        give_up("no zygote", NULL);
    world->wire = wire_new(world->zygote.socket, ROLE_HOST, ROLE_ZYGOTE, true);
    if (!wire_send(&world->wire,
                   MESSAGE_OF(ZYGOTE_SETUP, .stdlib = text_from(stdlib), .runs = text_from(world->runs),
                              .shares = TEXT_OF("{}"), .reduced = false, .zones = TEXT_OF(""),
                              .log_level = 1),
                   &err) ||
        !wire_receive(&world->wire, &frame, ANSWER_MS, &err))
        give_up("the zygote does not answer", &err);
    if (frame.type != MESSAGE_ZYGOTE_READY) {
        fprintf(stderr, "%.*s\n", (int)frame.head.length, frame.head.data);
        give_up("the zygote does not start", NULL);
    }
}

static void begin_worker(struct world *world)
{
    struct err err;
    struct frame frame;
    struct message_FORKED forked;
    SCOPED(json_document)
    document = NULL;
    int host[2], gateway[2];
    char folder[200];
    snprintf(world->name, sizeof world->name, "%032x", getpid());
    snprintf(folder, sizeof folder, "%s/%s", world->runs, world->name);
    if (mkdir(folder, 0700) != 0 || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, host) != 0 ||
        socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, gateway) != 0)
        give_up("no folder, no sockets", NULL);
    if (!wire_send_fds(&world->wire,
                       MESSAGE_OF(FORK, .run = 1, .memory_bytes = 256 * MEGABYTE, .cpu_ms = 60000,
                                  .file_bytes = 100 * MEGABYTE, .folder = text_from(world->name),
                                  .shares = TEXT_OF("{}")),
                       (int[]){host[1], gateway[1]}, 2, &err) ||
        !wire_expect(&world->wire, MESSAGE_FORKED, &forked, &document, &frame, ANSWER_MS, &err))
        give_up("no worker", &err);
    close(host[1]);
    close(gateway[1]);
    world->worker = wire_new(host[0], ROLE_HOST, ROLE_WORKER, false);
}

static void send_source(struct world *world, const char *path, const char *name)
{
    struct err err;
    SCOPED_BUF(source, SOURCE_MAX);
    if (!file_read(&source, AT_FDCWD, path, &err) ||
        !wire_send(&world->worker, MESSAGE_OF(SOURCE, .name = text_from(name), .text = buf_text(&source)),
                   &err))
        give_up(name, &err);
}

// The *.lua files of a folder, and of its folder lib; *.json are recordings, which stand beside the tests.
static void send_folder(struct world *world, const char *folder, const char *prefix)
{
    DIR *entries = opendir(folder);
    for (const struct dirent *entry; entries && (entry = readdir(entries));) {
        SCOPED_TEXT char *path = xasprintf("%s/%s", folder, entry->d_name);
        SCOPED_TEXT char *name = xasprintf("%s%s", prefix, entry->d_name);
        SCOPED_TEXT char *beside = xasprintf("tests/%s", entry->d_name);
        if (text_ends(text_from(entry->d_name), ".lua"))
            send_source(world, path, name);
        else if (text_ends(text_from(entry->d_name), ".json"))
            send_source(world, path, beside);
        else if (strcmp(entry->d_name, "lib") == 0 && prefix[0] == '\0')
            send_folder(world, path, "lib/");
    }
    if (entries)
        closedir(entries);
}

static void begin_tests(struct world *world, const char *folder, const char *file)
{
    struct err err;
    SCOPED_TEXT char *path = xasprintf("%s/%s", folder, file);
    SCOPED_TEXT char *name = xasprintf("tests/%s", file);
    SCOPED_TEXT char *robot = xasprintf("%s/%.*s", folder, (int)(strlen(file) - strlen("_test.lua")), file);
    if (!wire_send(&world->worker,
                   MESSAGE_OF(RUN_START, .run = 1, .attempt = 1, .kind = TEXT_OF("test"),
                              .robot = TEXT_OF("robot"), .language = TEXT_OF("en"), .inputs = TEXT_OF("{}"),
                              .options = TEXT_OF("{}")),
                   &err))
        give_up("the worker does not listen", &err);
    send_source(world, path, name);
    send_folder(world, robot, "");
    if (!wire_send(&world->worker, MESSAGE_OF(GO), &err))
        give_up("the worker does not listen", &err);
}

static void show_finding(const struct frame *frame)
{
    struct err err;
    struct message_FINDING message;
    SCOPED(json_document)
    document = NULL, *finding = NULL;
    if (!wire_decode(&document, &message, frame, &err) || !json_parse(&finding, message.finding, &err))
        give_up("a finding can't be read", &err);
    const struct json *root = json_root(finding);
    bool passed = false;
    (void)json_boolean(json_get(root, "passed"), &passed);
    printf("%s %s\n", passed ? "ok    " : "FAILED", json_string_or(json_get(root, "name"), "?"));
    if (!passed)
        printf("       %s:%lld: %s\n", json_string_or(json_get(root, "source"), ""),
               (long long)json_int64_or(json_get(root, "line"), 0),
               json_string_or(json_get(root, "text"), "?"));
}

// True when all passed.
static bool show_all(struct world *world)
{
    struct frame frame;
    struct err err;
    while (wire_receive(&world->worker, &frame, ANSWER_MS, &err)) {
        struct message_ENDED ended;
        SCOPED(json_document)
        document = NULL;
        if (frame.type == MESSAGE_FINDING)
            show_finding(&frame);
        if (frame.type == MESSAGE_STOPPED)
            printf("stopped: %.*s\n", (int)frame.head.length, frame.head.data);
        if (frame.type != MESSAGE_ENDED)
            continue;
        if (!wire_decode(&document, &ended, &frame, &err))
            give_up("the end can't be read", &err);
        if (!text_is(ended.state, "done"))
            printf("%.*s\n", (int)ended.fault.length, ended.fault.data);
        return text_is(ended.state, "done");
    }
    give_up("the worker ended without a word", &err);
    return false;
}

static void remove_tree(const char *path)
{
    DIR *folder = opendir(path);
    for (const struct dirent *entry; folder && (entry = readdir(folder));) {
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

int main(int count, char **arguments)
{
    if (count == 2 && strcmp(arguments[1], "zygote") == 0)
        return zygote_main();
    if (count != 4 || strlen(arguments[3]) <= strlen("_test.lua"))
        give_up("lua_runner STDLIB FOLDER NAME_test.lua", NULL);
    if (getuid() == 0 && (setgroups(0, NULL) != 0 || setresgid(NOBODY, NOBODY, NOBODY) != 0 ||
                          setresuid(NOBODY, NOBODY, NOBODY) != 0))
        give_up("nobody can't be become", NULL);
    struct world world;
    begin_zygote(&world, arguments[1]);
    begin_worker(&world);
    begin_tests(&world, arguments[2], arguments[3]);
    const bool passed = show_all(&world);
    wire_dispose(&world.worker);
    wire_dispose(&world.wire);
    process_wait(&world.zygote);
    remove_tree(world.runs);
    return passed ? 0 : 1;
}
