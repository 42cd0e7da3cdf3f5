// See cli.h. The hosts that share the store: hosts, drain.
#include "cli/cli.h"

enum { COLUMNS = 8, TEXTS = 5 };

struct shown_host {
    const char *cells[COLUMNS];
    char texts[TEXTS][TIME_TEXT_SIZE];
};

static const char *number_text(char out[TIME_TEXT_SIZE], const struct json *host, const char *key)
{
    snprintf(out, TIME_TEXT_SIZE, "%lld", (long long)json_int64_or(json_get(host, key), 0));
    return out;
}

static const char *host_state(const struct cli *cli, const struct json *host)
{
    const char *state = json_string_or(json_get(host, "state"), "");
    return words(cli, strcmp(state, "draining") == 0 ? PHRASE_HOST_DRAINING
                      : strcmp(state, "gone") == 0   ? PHRASE_HOST_GONE
                                                     : PHRASE_HOST_ACTIVE);
}

static void fill(struct shown_host *row, const struct cli *cli, const struct json *host, int64_t now_ms)
{
    const bool gone = strcmp(json_string_or(json_get(host, "state"), ""), "gone") == 0;
    const int64_t beat_ms = json_int64_or(json_get(host, gone ? "ended_ms" : "beat_ms"), 0);
    row->cells[0] = number_text(row->texts[0], host, "number");
    row->cells[1] = json_string_or(json_get(host, "name"), "");
    row->cells[2] = host_state(cli, host);
    row->cells[3] = number_text(row->texts[1], host, "running");
    row->cells[4] = number_text(row->texts[2], host, "places");
    row->cells[5] = duration_text(row->texts[3], now_ms > beat_ms ? now_ms - beat_ms : 0);
    row->cells[6] = time_text(row->texts[4], json_int64_or(json_get(host, "started_ms"), 0));
    row->cells[7] = json_string_or(json_get(host, "version"), "");
}

static void show(const struct cli *cli, const struct json *root)
{
    const struct json *hosts = json_get(root, "hosts");
    const size_t count = json_count(hosts);
    const int64_t now_ms = json_int64_or(json_get(root, "now_ms"), 0);
    const char *const head[COLUMNS] = {words(cli, PHRASE_HEAD_NUMBER), words(cli, PHRASE_HEAD_HOST),
                                       words(cli, PHRASE_HEAD_STATE),  words(cli, PHRASE_HEAD_RUNNING),
                                       words(cli, PHRASE_HEAD_PLACES), words(cli, PHRASE_HEAD_SEEN),
                                       words(cli, PHRASE_HEAD_SINCE),  words(cli, PHRASE_HEAD_VERSION)};
    if (count == 0) {
        say(cli, stdout, PHRASE_HOSTS_NONE);
        return;
    }
    struct shown_host *rows = xcalloc(count, sizeof *rows);
    const char **cells = xcalloc(count * COLUMNS, sizeof *cells);
    size_t row = 0;
    for (const struct json *host = json_first(hosts); host; host = json_next(host), row++) {
        fill(&rows[row], cli, host, now_ms);
        memcpy(cells + row * COLUMNS, rows[row].cells, sizeof rows[row].cells);
    }
    print_table(cli, head, cells, count, COLUMNS, 1u << 0 | 1u << 3 | 1u << 4 | 1u << 5);
    xfree(cells);
    xfree(rows);
}

int command_hosts(struct cli *cli)
{
    int failed = EXIT_FAILED;
    SCOPED(json_document)
    reply = NULL;
    const struct ask ask = {.name = "hosts.list"};
    if (!ask_host(&reply, &failed, cli, &ask))
        return failed;
    if (cli->options[OPTION_JSON])
        return print_json(json_root(reply));
    show(cli, json_root(reply));
    return EXIT_DONE;
}

int command_drain(struct cli *cli)
{
    int failed = EXIT_FAILED;
    SCOPED_BUF(body, 4096);
    SCOPED(json_document)
    reply = NULL;
    struct json_writer writer = json_writer_new(&body);
    const bool undo = cli->options[OPTION_UNDO] != NULL;
    json_begin_object(&writer);
    json_write_key(&writer, "host");
    json_write_lossy(&writer, text_from(cli->arguments[0]));
    json_write_key(&writer, "undo");
    json_write_boolean(&writer, undo);
    write_person(&writer, cli);
    json_end_object(&writer);
    const struct ask ask = {.name = "hosts.drain", .body = buf_text(&body), .owner = cli};
    if (!json_writer_done(&writer) || !ask_host(&reply, &failed, cli, &ask))
        return failed;
    if (cli->options[OPTION_JSON])
        return print_json(json_root(reply));
    say(cli, stdout, undo ? PHRASE_HOST_UNDRAINED : PHRASE_HOST_DRAINED, cli->arguments[0]);
    return EXIT_DONE;
}
