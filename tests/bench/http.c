// The figures http.sequential and http.parallel50: a server, plain libcurl multi as the peer, and the gateway driven
// over its socket without a robot, to tell where time goes.
//
//     http serve                           listens until standard input ends; prints its port
//     http plain URL CALLS AT_ONCE         plain libcurl multi; prints calls a second
//     http gateway CALLS AT_ONCE           a real gateway and a worker in C; prints calls a second
#include "e2e/gateway/scene.h"
#include "lib/base/clock.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int gateway_main(void);

enum { AT_ONCE_MOST = 64, RECORDS_AT_ONCE = 32 };

static size_t drop(char *data, size_t size, size_t count, void *owner)
{
    (void)data;
    (void)owner;
    return size * count;
}

static void report(int calls, int64_t started_us)
{
    printf("%.0f\n", calls * 1e6 / (double)(clock_monotonic_us() - started_us));
}

static int plain(const char *url, int calls, int at_once)
{
    CURLM *multi = curl_multi_init();
    CURL *easies[AT_ONCE_MOST];
    int begun = 0, over = 0, running;
    for (int i = 0; i < at_once; i++) {
        easies[i] = curl_easy_init();
        curl_easy_setopt(easies[i], CURLOPT_URL, url);
        curl_easy_setopt(easies[i], CURLOPT_WRITEFUNCTION, drop);
        curl_easy_setopt(easies[i], CURLOPT_PROXY, "");
    }
    const int64_t started = clock_monotonic_us();
    for (; begun < at_once && begun < calls; begun++)
        curl_multi_add_handle(multi, easies[begun]);
    while (over < calls) {
        CURLMsg *message;
        int left;
        curl_multi_perform(multi, &running);
        while ((message = curl_multi_info_read(multi, &left))) {
            CURL *easy = message->easy_handle;
            if (message->data.result != CURLE_OK)
                return 1;
            over++;
            curl_multi_remove_handle(multi, easy);
            if (begun < calls) {
                curl_multi_add_handle(multi, easy);
                begun++;
            }
        }
        if (over < calls)
            curl_multi_poll(multi, NULL, 0, 1000, NULL);
    }
    report(calls, started);
    return 0;
}

static int through_gateway(int calls, int at_once)
{
    struct scene scene;
    scene_become_user();
    scene_begin(&scene,
                "{\"systems\":{\"x\":{\"origin\":\"http://"
                "127.0.0.1:$PORT\",\"networks\":[\"127.0.0.1\"],\"calls_at_once\":64}}}",
                false);
    scene_open(&scene, &(struct run_given){.permits = "{\"http\":[[\"GET\",\"http://127.0.0.1:$PORT/*\"]]}",
                                           .limits = "{\"calls\":100000000}"});
    const int64_t started = clock_monotonic_us();
    int begun = 0, over = 0;
    for (; begun < at_once && begun < calls; begun++)
        scene_ask(&scene, &(struct ask){.path = "/ok"});
    while (over < calls) {
        struct frame frame;
        struct err err;
        if (!wire_receive(&scene.worker, &frame, 10000, &err) || frame.type == MESSAGE_CALL_FAILED)
            return 1;
        if (frame.type != MESSAGE_HTTP_HEAD)
            continue;
        // As a host does: takes the records.
        if (++over % RECORDS_AT_ONCE == 0)
            while (wire_receive(&scene.host, &frame, 0, &err))
                frame_close_fds(&frame);
        if (begun < calls) {
            begun++;
            scene_ask(&scene, &(struct ask){.path = "/ok"});
        }
    }
    report(calls, started);
    scene_close(&scene, NULL, NULL, NULL);
    scene_end(&scene);
    return 0;
}

static int serve(void)
{
    char byte;
    struct http_server *server = http_server_start(false);
    printf("%d\n", http_server_port(server));
    fflush(stdout);
    while (read(0, &byte, 1) > 0)
        ;
    http_server_stop(server);
    return 0;
}

int main(int count, char **arguments)
{
    if (count == 2 && strcmp(arguments[1], "gateway") == 0)
        return gateway_main();
    if (count == 2 && strcmp(arguments[1], "serve") == 0)
        return serve();
    const int at_once = count > 3 ? (int)strtol(arguments[count - 1], NULL, 10) : 0;
    const int calls = count > 3 ? (int)strtol(arguments[count - 2], NULL, 10) : 0;
    if (at_once >= 1 && at_once <= AT_ONCE_MOST && count == 5 && strcmp(arguments[1], "plain") == 0)
        return plain(arguments[2], calls, at_once);
    if (at_once >= 1 && at_once <= AT_ONCE_MOST && count == 4 && strcmp(arguments[1], "gateway") == 0)
        return through_gateway(calls, at_once);
    fputs("http serve | plain URL CALLS AT_ONCE | gateway CALLS AT_ONCE\n", stderr);
    return 2;
}
