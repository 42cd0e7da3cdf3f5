// See cli.h. What the git remote has: sync.
#include "cli/cli.h"

static void show(const struct cli *cli, const struct json *root)
{
    const char *branch = json_string_or(json_get(root, "branch"), "");
    const char *left = json_string_or(json_get(root, "left"), "");
    const int64_t pushed = json_int64_or(json_get(root, "pushed"), 0);
    const int64_t approvals = json_int64_or(json_get(root, "approvals"), 0);
    char to[11];
    bool moved = false;
    (void)json_boolean(json_get(root, "moved"), &moved);
    snprintf(to, sizeof to, "%s", json_string_or(json_get(root, "to"), ""));
    if (moved)
        say(cli, stdout, PHRASE_SYNC_MOVED, branch, to, N(json_int64_or(json_get(root, "commits"), 0)));
    else
        say(cli, stdout, PHRASE_SYNC_SAME, branch, to);
    if (approvals)
        say(cli, stdout, PHRASE_SYNC_APPROVALS, N(approvals));
    if (pushed)
        say(cli, stdout, PHRASE_SYNC_PUSHED, N(pushed));
    if (left[0])
        say(cli, stdout, PHRASE_SYNC_LEFT, left);
}

int command_sync(struct cli *cli)
{
    int failed = EXIT_FAILED;
    SCOPED(json_document)
    reply = NULL;
    const struct ask ask = {.name = "sync.now"};
    if (!ask_host(&reply, &failed, cli, &ask))
        return failed;
    if (cli->options[OPTION_JSON])
        return print_json(json_root(reply));
    show(cli, json_root(reply));
    return EXIT_DONE;
}
