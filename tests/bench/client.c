// Asks a running host (`renki serve`) for runs of a robot, and measures. For tests/bench/run.
//
//     client WORKSPACE first ROBOT RUNS            median time from "queued" to the robot's first line, in ms
//     client WORKSPACE many ROBOT RUNS AT_ONCE     runs that were started, run and recorded a second
//     client WORKSPACE park ROBOT RUNS AT_ONCE     starts runs until all wait for a person
//     client WORKSPACE hold ROBOT                  starts one run and waits for a line on standard input, then ends
#include "lib/base/clock.h"
#include "lib/wire/wire.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { RUNS_MAX = 100000 };

static void die(const char *what)
{
    fprintf(stderr, "bench client: %s\n", what);
    exit(1);
}

static struct wire connect_host(const char *workspace)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof address.sun_path, "%s/.renki/host.sock", workspace);
    const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address) != 0)
        die("no host listens there");
    return wire_new(fd, ROLE_CLI, ROLE_HOST, false);
}

static void start(struct wire *wire, int64_t id, const char *robot)
{
    char body[256];
    struct err err;
    const int length =
        snprintf(body, sizeof body,
                 "{\"robot\":\"%s\",\"given\":[],\"files\":[],\"dry_run\":false,\"draft\":false,"
                 "\"record\":false,\"actor\":\"bench\",\"language\":\"en\"}",
                 robot);
    const struct message_REQUEST request = {
        .id = id, .name = TEXT_OF("run.start"), .body = text_of(body, (size_t)length)};
    if (!wire_send(wire, MESSAGE_REQUEST, &request, &err))
        die("the host does not listen");
}

// The next event's name in `event`, or "" for a reply.
static int64_t receive(struct wire *wire, char event[64])
{
    struct frame frame;
    struct err err;
    SCOPED(json_document)
    document = NULL;
    if (!wire_receive(wire, &frame, 30000, &err))
        die(err_name(err.code));
    event[0] = '\0';
    if (frame.type == MESSAGE_EVENT) {
        struct message_EVENT message;
        if (!wire_decode(&document, &message, &frame, &err))
            die("event");
        snprintf(event, 64, "%.*s", (int)message.name.length, message.name.data);
        return message.id;
    }
    struct message_REPLY reply;
    if (!wire_decode(&document, &reply, &frame, &err))
        die("reply");
    if (!reply.done) {
        fprintf(stderr, "%.*s\n", (int)reply.body.length, reply.body.data);
        die("the host refused");
    }
    if (!memmem(reply.body.data, reply.body.length, "\"state\":\"done\"", 14) &&
        !memmem(reply.body.data, reply.body.length, "\"state\":\"waiting\"", 17))
        die("a run did not end well");
    return reply.id;
}

static int by_size(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void first(struct wire *wire, const char *robot, int runs)
{
    static double ms[RUNS_MAX];
    char event[64];
    for (int i = 0; i < runs; i++) {
        int64_t queued = 0;
        start(wire, i + 1, robot);
        do {
            receive(wire, event);
            if (strcmp(event, "queued") == 0)
                queued = clock_monotonic_us();
            else if (strcmp(event, "started") == 0)
                ms[i] = (double)(clock_monotonic_us() - queued) / 1000;
        } while (event[0]);
    }
    qsort(ms, (size_t)runs, sizeof *ms, by_size);
    printf("%.3f\n", ms[runs / 2]);
}

static void many(struct wire *wire, const char *robot, int runs, int at_once)
{
    char event[64];
    int started = 0, ended = 0;
    const int64_t begun = clock_monotonic_us();
    while (ended < runs) {
        while (started < runs && started - ended < at_once)
            start(wire, ++started, robot);
        receive(wire, event);
        ended += event[0] == '\0';
    }
    printf("%.1f\n", runs * 1e6 / (double)(clock_monotonic_us() - begun));
}

static void park(struct wire *wire, const char *robot, int runs, int at_once)
{
    char event[64];
    int started = 0, parked = 0;
    while (parked < runs) {
        while (started < runs && started - parked < at_once)
            start(wire, ++started, robot);
        receive(wire, event);
        parked += strcmp(event, "waiting") == 0;
    }
    printf("parked\n");
}

static void hold(struct wire *wire, const char *robot)
{
    char event[64];
    start(wire, 1, robot);
    do
        receive(wire, event);
    while (strcmp(event, "started") != 0);
    printf("started\n");
    fflush(stdout);
    (void)getchar();
}

int main(int count, char **arguments)
{
    if (count < 4)
        die("WORKSPACE first|many|park|hold ROBOT [RUNS [AT_ONCE]]");
    struct wire wire = connect_host(arguments[1]);
    const int runs = count > 4 ? (int)strtol(arguments[4], NULL, 10) : 1;
    if (runs < 1 || runs > RUNS_MAX)
        die("RUNS");
    if (strcmp(arguments[2], "first") == 0)
        first(&wire, arguments[3], runs);
    else if (strcmp(arguments[2], "many") == 0)
        many(&wire, arguments[3], runs, count > 5 ? (int)strtol(arguments[5], NULL, 10) : 8);
    else if (strcmp(arguments[2], "park") == 0)
        park(&wire, arguments[3], runs, count > 5 ? (int)strtol(arguments[5], NULL, 10) : 8);
    else
        hold(&wire, arguments[3]);
    return 0;
}
