// See cli.h. Workspaces and robots: init, new, check, test.
#include "cli/cli.h"

#include "lib/base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

enum { BODY_MAX_BYTES = 900000 };

static void print_files(const struct cli *cli, const struct json *reply)
{
    for (const struct json *file = json_first(json_get(reply, "files")); file; file = json_next(file)) {
        printf("  ");
        print_clean(stdout, json_string_or(file, ""));
        printf("\n");
    }
    (void)cli;
}

int command_init(struct cli *cli)
{
    struct err err;
    int failed = EXIT_FAILED;
    const char *named = cli->argument_count ? cli->arguments[0] : ".";
    SCOPED_BUF(body, BODY_MAX_BYTES);
    SCOPED(json_document)
    reply = NULL;
    SCOPED(conversation)
    conversation = NULL;
    SCOPED_TEXT char *folder = file_make_folder(named, &err) ? realpath(named, NULL) : NULL;
    if (!folder || !conversation_open_folder(&conversation, folder, &err)) {
        if (!folder && errno)
            (void)fail(&err, ERR_FILE_UNWRITABLE, named, strerror(errno));
        print_err(cli, &err);
        return EXIT_FAILED;
    }
    struct json_writer writer = json_writer_new(&body);
    json_begin_object(&writer);
    json_write_key(&writer, "folder");
    json_write_lossy(&writer, text_from(folder));
    json_write_key(&writer, "user");
    json_write_string(&writer, cli->options[OPTION_USER]);
    write_person(&writer, cli);
    json_end_object(&writer);
    const struct ask ask = {.name = "workspace.init", .body = buf_text(&body)};
    if (!conversation_ask(&reply, &failed, cli, conversation, &ask))
        return failed;
    if (cli->options[OPTION_JSON])
        return print_json(json_root(reply));
    say(cli, stdout, PHRASE_INIT_DONE, folder);
    print_files(cli, json_root(reply));
    return EXIT_DONE;
}

int command_new(struct cli *cli)
{
    int failed = EXIT_FAILED;
    struct err err;
    SCOPED_BUF(body, 4096);
    SCOPED(json_document)
    reply = NULL;
    if (strcmp(cli->arguments[0], "robot") != 0) {
        (void)fail(&err, ERR_NEW_WHAT, cli->arguments[0]);
        print_err(cli, &err);
        return EXIT_USAGE;
    }
    struct json_writer writer = json_writer_new(&body);
    json_begin_object(&writer);
    json_write_key(&writer, "robot");
    json_write_lossy(&writer, text_from(cli->arguments[1]));
    write_person(&writer, cli);
    json_end_object(&writer);
    const struct ask ask = {.name = "robot.new", .body = buf_text(&body)};
    if (!ask_host(&reply, &failed, cli, &ask))
        return failed;
    if (cli->options[OPTION_JSON])
        return print_json(json_root(reply));
    say(cli, stdout, PHRASE_NEW_DONE, cli->arguments[1]);
    print_files(cli, json_root(reply));
    say(cli, stdout, PHRASE_NEW_NEXT, cli->arguments[1]);
    return EXIT_DONE;
}

// ---- check and test: findings, one a line

struct findings {
    struct cli *cli;
    int64_t passed, failed, errors, warnings;
    struct json_writer *json; // the findings as an array; NULL for people
};

static void show_test(struct findings *findings, const char *robot, const struct json *finding)
{
    const struct cli *cli = findings->cli;
    bool passed = false;
    (void)json_boolean(json_get(finding, "passed"), &passed);
    findings->passed += passed;
    findings->failed += !passed;
    if (findings->json)
        return;
    printf("%s%s%s %s: ", colour_on(cli, passed ? GREEN : RED),
           words(cli, passed ? PHRASE_TEST_PASSED : PHRASE_TEST_FAILED), colour_off(cli), robot);
    print_clean(stdout, json_string_or(json_get(finding, "name"), ""));
    fputc('\n', stdout);
    if (passed)
        return;
    const char *source = json_string_or(json_get(finding, "source"), ""),
               *hint = json_string_or(json_get(finding, "hint"), "");
    fputs("  ", stdout);
    if (source[0])
        printf("%s:%lld: ", source, (long long)json_int64_or(json_get(finding, "line"), 0));
    print_clean(stdout, json_string_or(json_get(finding, "text"), ""));
    fputs(hint[0] ? "\n  " : "\n", stdout);
    if (hint[0]) {
        print_clean(stdout, hint);
        fputc('\n', stdout);
    }
}

static void show_check(struct findings *findings, const char *robot, const struct json *finding)
{
    const struct cli *cli = findings->cli;
    const bool error = strcmp(json_string_or(json_get(finding, "severity"), ""), "error") == 0;
    findings->errors += error;
    findings->warnings += !error;
    if (findings->json)
        return;
    const char *file = json_string_or(json_get(finding, "file"), ""),
               *hint = json_string_or(json_get(finding, "hint"), "");
    const int64_t line = json_int64_or(json_get(finding, "line"), 0);
    const bool shared = strncmp(file, "lib/", 4) == 0; // the workplace's modules belong to no robot
    printf("%s%s", shared ? "" : robot, shared || !line ? "" : "/");
    if (line) {
        print_clean(stdout, file);
        printf(":%lld", (long long)line);
    }
    printf(": %s%s%s: ", colour_on(cli, error ? RED : YELLOW),
           words(cli, error ? PHRASE_CHECK_ERROR : PHRASE_CHECK_WARNING), colour_off(cli));
    print_clean(stdout, json_string_or(json_get(finding, "text"), ""));
    fputs(hint[0] ? "\n  " : "\n", stdout);
    if (hint[0]) {
        print_clean(stdout, hint);
        fputc('\n', stdout);
    }
}

static void on_finding(void *owner, const char *name, const struct json *body, struct text raw)
{
    struct findings *findings = owner;
    const struct json *finding = json_get(body, "finding");
    const char *robot = json_string_or(json_get(body, "robot"), "");
    (void)raw;
    if (strcmp(name, "finding") != 0)
        return;
    if (findings->json)
        json_write_value(findings->json, body);
    if (strcmp(json_string_or(json_get(finding, "kind"), ""), "test") == 0)
        show_test(findings, robot, finding);
    else
        show_check(findings, robot, finding);
    fflush(stdout);
}

struct named_files {
    int fds[FRAME_FDS_MAX];
    size_t count;
};

// An argument that ends in .lua is a test file of its own; all else names a robot.
static bool write_targets(struct buf *body, struct cli *cli, struct named_files *files, struct err *err)
{
    struct json_writer writer = json_writer_new(body);
    json_begin_object(&writer);
    json_write_key(&writer, "robots");
    json_begin_array(&writer);
    for (int i = 0; i < cli->argument_count; i++)
        if (!text_ends(text_from(cli->arguments[i]), ".lua"))
            json_write_lossy(&writer, text_from(cli->arguments[i]));
    json_end_array(&writer);
    json_write_key(&writer, "files");
    json_begin_array(&writer);
    for (int i = 0; i < cli->argument_count; i++) {
        if (!text_ends(text_from(cli->arguments[i]), ".lua"))
            continue;
        if (files->count == FRAME_FDS_MAX)
            return fail(err, ERR_LIMIT_PASSED, "files", N(FRAME_FDS_MAX));
        const int fd = open(cli->arguments[i], O_RDONLY | O_CLOEXEC | O_NONBLOCK);
        if (fd < 0)
            return fail(err, ERR_FILE_UNREADABLE, cli->arguments[i], strerror(errno));
        files->fds[files->count++] = fd;
        json_write_lossy(&writer, text_from(cli->arguments[i]));
    }
    json_end_array(&writer);
    write_person(&writer, cli);
    json_end_object(&writer);
    return json_writer_done(&writer) ? true : fail(err, ERR_LIMIT_PASSED, "robots", "900 KB");
}

// A worker that ended before it could tell: its fault is the finding.
static void show_faults(struct findings *findings, const struct json *reply)
{
    const struct cli *cli = findings->cli;
    for (const struct json *row = json_first(json_get(reply, "robots")); row; row = json_next(row)) {
        const struct json *fault = json_get(row, "fault");
        const char *code = json_string_or(json_get(fault, "code"), "");
        // the sums of what was told line by line
        if (json_kind(fault) != JSON_OBJECT || strcmp(code, "TESTS_FAILED") == 0 ||
            strcmp(code, "CHECK_FAILED") == 0)
            continue;
        findings->failed++;
        findings->errors++;
        if (findings->json)
            continue;
        const char *hint = json_string_or(json_get(fault, "hint"), ""),
                   *source = json_string_or(json_get(fault, "source"), "");
        printf("%s%s%s %s: ", colour_on(cli, RED), words(cli, PHRASE_TEST_FAILED), colour_off(cli),
               json_string_or(json_get(row, "robot"), ""));
        if (source[0])
            printf("%s:%lld: ", source, (long long)json_int64_or(json_get(fault, "line"), 0));
        print_clean(stdout, json_string_or(json_get(fault, "message"), ""));
        printf(hint[0] ? "\n  " : "\n");
        if (hint[0]) {
            print_clean(stdout, hint);
            printf("\n");
        }
    }
}

static bool ask_findings(struct findings *findings, int *failed, struct cli *cli, const char *request)
{
    struct err err;
    struct named_files files = {.count = 0};
    SCOPED_BUF(body, BODY_MAX_BYTES);
    SCOPED(json_document)
    reply = NULL;
    bool good = write_targets(&body, cli, &files, &err);
    if (!good) {
        print_err(cli, &err);
        *failed = EXIT_FAILED;
    }
    const struct ask ask = {.name = request,
                            .body = buf_text(&body),
                            .fds = files.fds,
                            .fd_count = files.count,
                            .on_event = on_finding,
                            .owner = findings};
    good = good && ask_host(&reply, failed, cli, &ask);
    for (size_t i = 0; i < files.count; i++)
        close(files.fds[i]);
    if (good)
        show_faults(findings, json_root(reply));
    return good;
}

static int tell_findings(struct cli *cli, const char *request, bool tests)
{
    int failed = EXIT_FAILED;
    SCOPED_BUF(out, JSON_BYTES_MAX);
    struct json_writer writer = json_writer_new(&out);
    struct findings findings = {.cli = cli, .json = cli->options[OPTION_JSON] ? &writer : NULL};
    json_begin_array(&writer);
    if (!ask_findings(&findings, &failed, cli, request))
        return failed;
    json_end_array(&writer);
    if (findings.json)
        printf("%s\n", buf_string(&out));
    else if (tests)
        say(cli, stdout, PHRASE_TEST_SUM, N(findings.passed), N(findings.failed));
    else
        say(cli, stdout, PHRASE_CHECK_SUM, N(findings.errors), N(findings.warnings));
    return (tests ? findings.failed : findings.errors) ? EXIT_FAILED : EXIT_DONE;
}

int command_check(struct cli *cli)
{
    return tell_findings(cli, "robot.check", false);
}

int command_test(struct cli *cli)
{
    return tell_findings(cli, "robot.test", true);
}
