// See cli.h. What people were told without asking, or are about to be.
#include "cli/cli.h"

enum { SHOWN_ALERTS = 20 };

// 0 not to be sent, 1 waits, 2 sent.
static enum phrase state_of(const struct json *alert)
{
    const int64_t mail = json_int64_or(json_get(alert, "mail"), 0),
                  webhook = json_int64_or(json_get(alert, "webhook"), 0);
    if (mail == 1 || webhook == 1)
        return *json_string_or(json_get(alert, "problem"), "") ? PHRASE_ALERT_TRIED : PHRASE_ALERT_WAITS;
    return mail || webhook ? PHRASE_ALERT_SENT : PHRASE_ALERT_KEPT;
}

static void show_alerts(const struct cli *cli, const struct json *alerts)
{
    enum { COLUMNS = 4 };
    const size_t count = json_count(alerts);
    const char **cells = xcalloc(count * COLUMNS + 1, sizeof *cells);
    char(*texts)[TIME_TEXT_SIZE] = xcalloc(count + 1, sizeof *texts);
    size_t i = 0;
    for (const struct json *alert = json_first(alerts); alert; alert = json_next(alert), i++) {
        const char **at = cells + i * COLUMNS;
        at[0] = time_text(texts[i], json_int64_or(json_get(alert, "created_ms"), 0));
        at[1] = json_string_or(json_get(alert, "kind"), "");
        at[2] = words(cli, state_of(alert));
        at[3] = json_string_or(json_get(alert, "title"), "");
    }
    const char *const head[COLUMNS] = {words(cli, PHRASE_HEAD_WHEN), words(cli, PHRASE_HEAD_KIND),
                                       words(cli, PHRASE_HEAD_STATE), words(cli, PHRASE_HEAD_FOUND)};
    if (count)
        print_table(cli, head, cells, count, COLUMNS, 0);
    else
        say(cli, stdout, PHRASE_NO_ALERTS);
    xfree(texts);
    xfree(cells);
}

int command_alerts(struct cli *cli)
{
    int failed = EXIT_FAILED;
    int64_t most;
    SCOPED_BUF(body, 256);
    SCOPED(json_document)
    reply = NULL;
    if (!read_most(&most, cli, SHOWN_ALERTS))
        return EXIT_USAGE;
    if (!buf_printf(&body, "{\"most\":%lld}", (long long)most))
        return EXIT_FAILED;
    const struct ask ask = {.name = "alert.list", .body = buf_text(&body)};
    if (!ask_host(&reply, &failed, cli, &ask))
        return failed;
    if (cli->options[OPTION_JSON])
        return print_json(json_root(reply));
    show_alerts(cli, json_get(json_root(reply), "alerts"));
    return EXIT_DONE;
}
