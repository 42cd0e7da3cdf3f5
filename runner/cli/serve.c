// See cli.h. serve, drain and reload. Under systemd this process is the service's main one: it passes on what the host
// says of itself, and signals the other way round. The host ends with it, and it with the host.
#include "cli/cli.h"
#include "cli/notify.h"
#include "lib/base/journal.h"
#include "lib/process/process.h"

#include <stdlib.h>
#include <time.h>
#include <unistd.h>

// A watchdog hears of us three times in its time. Others want a line of status now and then.
enum { BEATS_PER_WATCHDOG = 3, STATUS_MS = 10000, STOP_SPARE_MS = 15000 };

struct serving {
    const struct cli *cli;
    const char *folder;
};

static void tell_status(const struct serving *serving, const char *state, enum phrase phrase,
                        const char *const *arguments)
{
    SCOPED_BUF(out, 4096);
    if (buf_printf(&out, "%sSTATUS=", state) &&
        phrase_append_(&out, serving->cli->language, phrase, arguments))
        notify(buf_string(&out));
}

// ---- what the host says

static void on_ready(const struct serving *serving, const struct json *body)
{
    (void)body;
    say(serving->cli, stdout, PHRASE_SERVING, serving->folder);
    fflush(stdout);
    notify("READY=1\n");
}

static void on_beat(const struct serving *serving, const struct json *body)
{
    const char *const arguments[] = {
        N(json_int64_or(json_get(body, "running"), 0)), N(json_int64_or(json_get(body, "queued"), 0)),
        N(json_int64_or(json_get(body, "waiting"), 0)), N(json_int64_or(json_get(body, "doubt"), 0)), NULL};
    tell_status(serving, "WATCHDOG=1\n", PHRASE_SERVICE_STATUS, arguments);
}

// systemd is told how long this may take, whatever its own TimeoutStopSec says.
static void on_drain(const struct serving *serving, const struct json *body)
{
    char time[TIME_TEXT_SIZE], state[80];
    const int64_t running = json_int64_or(json_get(body, "running"), 0),
                  most_ms = json_int64_or(json_get(body, "most_ms"), 0);
    const char *const arguments[] = {N(running), duration_text(time, most_ms), NULL};
    snprintf(state, sizeof state, "STOPPING=1\nEXTEND_TIMEOUT_USEC=%lld\n",
             (long long)(most_ms + STOP_SPARE_MS) * 1000);
    tell_status(serving, state, PHRASE_SERVICE_DRAINS, arguments);
    if (running > 0)
        say_(serving->cli, stdout, PHRASE_SERVICE_DRAINS, arguments);
    fflush(stdout);
}

// systemd waits from RELOADING=1 with the time until READY=1.
static void on_reloading(const struct serving *serving, const struct json *body)
{
    char state[80];
    struct timespec now;
    (void)serving, (void)body;
    clock_gettime(CLOCK_MONOTONIC, &now);
    snprintf(state, sizeof state, "RELOADING=1\nMONOTONIC_USEC=%lld\n",
             (long long)now.tv_sec * 1000000 + now.tv_nsec / 1000);
    notify(state);
}

static void on_reloaded(const struct serving *serving, const struct json *body)
{
    notify("READY=1\n");
    for (const struct json *problem = json_first(json_get(body, "problems")); problem;
         problem = json_next(problem))
        print_problem(serving->cli, problem);
}

static const struct {
    const char *name;
    void (*handle)(const struct serving *serving, const struct json *body);
} events[] = {{"ready", on_ready},
              {"beat", on_beat},
              {"drain", on_drain},
              {"reloading", on_reloading},
              {"reloaded", on_reloaded}};

static void on_event(void *owner, const char *name, const struct json *body, struct text raw)
{
    (void)raw;
    for (size_t i = 0; i < COUNT_OF(events); i++)
        if (strcmp(events[i].name, name) == 0)
            events[i].handle(owner, body);
}

// ---- serve

// Where systemd gave us its journal, what the roles log goes there with named fields; else where ours goes.
static void choose_log(void)
{
    if (journal_has(getenv("JOURNAL_STREAM"), STDERR_FILENO))
        process_log_to(journal_connect(JOURNAL_SOCKET));
}

static bool write_serve(struct buf *body)
{
    const int64_t watchdog_ms = notify_watchdog_ms();
    const int64_t beat_ms = watchdog_ms               ? watchdog_ms / BEATS_PER_WATCHDOG
                            : getenv("NOTIFY_SOCKET") ? STATUS_MS
                                                      : 0;
    return buf_printf(body, "{\"beat_ms\":%lld}", (long long)beat_ms);
}

int command_serve(struct cli *cli)
{
    int failed = EXIT_FAILED;
    SCOPED_BUF(body, 64);
    SCOPED(json_document)
    reply = NULL;
    SCOPED(conversation)
    conversation = NULL;
    choose_log();
    if (!write_serve(&body) || !reach_host(&conversation, &failed, cli))
        return failed;
    struct serving serving = {.cli = cli, .folder = conversation_folder(conversation)};
    const struct ask ask = {.name = "host.serve",
                            .body = buf_text(&body),
                            .on_event = on_event,
                            .on_stop = "host.drain", // the first time runs may finish, the second time not
                            .on_hangup = "host.reload",
                            .owner = &serving};
    if (!conversation_ask(&reply, &failed, cli, conversation, &ask))
        return failed;
    const int64_t given_back = json_int64_or(json_get(json_root(reply), "given_back"), 0);
    if (given_back)
        say(cli, stdout, PHRASE_SERVICE_GIVEN_BACK, N(given_back));
    return EXIT_DONE;
}

// ---- reload

static void show_names(const struct cli *cli, enum phrase phrase, const struct json *names)
{
    SCOPED_BUF(list, 4096);
    bool good = true;
    for (const struct json *name = json_first(names); good && name; name = json_next(name))
        good = (list.length == 0 || buf_append_string(&list, ", ")) &&
               buf_append_string(&list, json_string_or(name, ""));
    if (list.length)
        say(cli, stdout, phrase, buf_string(&list));
}

int command_reload(struct cli *cli)
{
    int failed = EXIT_FAILED;
    SCOPED_BUF(body, 1024);
    SCOPED(json_document)
    reply = NULL;
    struct json_writer writer = json_writer_new(&body);
    json_begin_object(&writer);
    write_person(&writer, cli);
    json_end_object(&writer);
    const struct ask ask = {.name = "host.reload", .body = buf_text(&body)};
    if (!ask_host(&reply, &failed, cli, &ask))
        return failed;
    if (cli->options[OPTION_JSON])
        return print_json(json_root(reply));
    const struct json *changed = json_get(json_root(reply), "changed"),
                      *fixed = json_get(json_root(reply), "fixed");
    show_names(cli, PHRASE_RELOAD_CHANGED, changed);
    show_names(cli, PHRASE_RELOAD_FIXED, fixed);
    if (json_count(changed) + json_count(fixed) == 0)
        say(cli, stdout, PHRASE_RELOAD_NOTHING);
    return EXIT_DONE;
}
