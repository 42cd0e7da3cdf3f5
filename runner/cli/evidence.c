// See cli.h. `renki evidence`: packs what the host made into one zip file; with --verify a viewer checks such a file.
//
// 1. The host writes and signs the digests of all files (host/evidence.h). What does not fit them any more is told and
//    packed all the same: that it was changed is evidence, too.
// 2. Nothing of a foreign file is read here: a viewer does that, in its sandbox, without a host or a workspace.
#include "cli/cli.h"

#include "lib/archive/archive.h"
#include "lib/digest/digest.h"
#include "lib/process/process.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { REPORT_BYTES_MAX = 2 << 20, BODY_BYTES_MAX = 8192 };

// ---- making

static char *file_name(const struct cli *cli, const struct json *reply)
{
    if (cli->argument_count > 1)
        return xstrdup(cli->arguments[1]);
    return xasprintf("evidence-%lld-%s.zip", (long long)json_int64_or(json_get(reply, "run"), 0),
                     json_string_or(json_get(reply, "robot"), "robot"));
}

// *changed where it is no more what the host wrote the digest of.
static bool add_file(struct archive *archive, const struct json *file, bool *changed, struct err *err)
{
    char digest[DIGEST_TEXT_SIZE];
    const char *path = json_string_or(json_get(file, "path"), "");
    const int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (descriptor < 0)
        return fail(err, ERR_FILE_UNREADABLE, path, strerror(errno));
    if (!digest_file(digest, AT_FDCWD, path, err)) {
        close(descriptor);
        return false;
    }
    *changed = strcmp(digest, json_string_or(json_get(file, "sha256"), "")) != 0;
    return archive_add_file(archive, json_string_or(json_get(file, "name"), "file"), descriptor, time(NULL),
                            err);
}

static bool add_files(struct cli *cli, struct archive *archive, const struct json *reply, struct err *err)
{
    const struct json *file = json_first(json_get(reply, "files"));
    for (; file; file = json_next(file)) {
        bool changed = false;
        if (!add_file(archive, file, &changed, err))
            return false;
        if (changed)
            say(cli, stderr, PHRASE_EVIDENCE_CHANGED, json_string_or(json_get(file, "name"), ""));
    }
    for (file = json_first(json_get(reply, "missing")); file; file = json_next(file))
        say(cli, stderr, PHRASE_EVIDENCE_MISSING, json_string_or(json_get(file, "name"), ""),
            json_string_or(json_get(file, "why"), ""));
    const char *no_commits = json_string_or(json_get(reply, "no_commits"), NULL);
    if (no_commits)
        say(cli, stderr, PHRASE_EVIDENCE_NO_COMMITS, no_commits);
    return true;
}

static bool pack(struct cli *cli, const struct json *reply, const char *name, struct err *err)
{
    SCOPED(archive)
    archive = NULL;
    if (access(name, F_OK) == 0)
        return fail(err, ERR_EVIDENCE_EXISTS, name);
    return archive_new(&archive, name, err) && add_files(cli, archive, reply, err) &&
           archive_finish(archive, err);
}

// Where it fails, which is told, the host takes the folder away itself by and by.
static bool drop(struct cli *cli, struct conversation *conversation, const struct json *reply)
{
    int failed;
    SCOPED_BUF(body, BODY_BYTES_MAX);
    SCOPED(json_document)
    ignored = NULL;
    struct json_writer writer = json_writer_new(&body);
    json_begin_object(&writer);
    json_write_key(&writer, "folder");
    json_write_string(&writer, json_string_or(json_get(reply, "folder"), ""));
    json_end_object(&writer);
    const struct ask ask = {.name = "evidence.drop", .body = buf_text(&body)};
    return json_writer_done(&writer) && conversation_ask(&ignored, &failed, cli, conversation, &ask);
}

static int show_packed(struct cli *cli, const struct json *reply, const char *name)
{
    SCOPED_BUF(out, BODY_BYTES_MAX);
    struct json_writer writer = json_writer_new(&out);
    if (!cli->options[OPTION_JSON]) {
        say(cli, stdout, PHRASE_EVIDENCE_PACKED, N(json_int64_or(json_get(reply, "run"), 0)), name,
            N(json_count(json_get(reply, "files"))));
        return EXIT_DONE;
    }
    json_begin_object(&writer);
    json_write_key(&writer, "file");
    json_write_string(&writer, name);
    json_write_key(&writer, "files");
    json_write_integer(&writer, (int64_t)json_count(json_get(reply, "files")));
    json_write_key(&writer, "missing");
    json_write_integer(&writer, (int64_t)json_count(json_get(reply, "missing")));
    json_end_object(&writer);
    puts(json_writer_done(&writer) ? buf_string(&out) : "{}");
    return EXIT_DONE;
}

static bool ask_evidence(struct json_document **reply, int *failed, struct cli *cli,
                         struct conversation *conversation)
{
    int64_t run;
    SCOPED_BUF(body, BODY_BYTES_MAX);
    struct json_writer writer = json_writer_new(&body);
    *failed = EXIT_USAGE;
    if (!run_number(&run, cli))
        return false;
    json_begin_object(&writer);
    json_write_key(&writer, "run");
    json_write_integer(&writer, run);
    write_person(&writer, cli);
    json_end_object(&writer);
    const struct ask ask = {.name = "evidence.make", .body = buf_text(&body)};
    *failed = EXIT_FAILED;
    return json_writer_done(&writer) && conversation_ask(reply, failed, cli, conversation, &ask);
}

static int make(struct cli *cli)
{
    int failed;
    struct err err;
    SCOPED(conversation)
    conversation = NULL;
    SCOPED(json_document)
    reply = NULL;
    if (!reach_host(&conversation, &failed, cli) || !ask_evidence(&reply, &failed, cli, conversation))
        return failed;
    SCOPED_TEXT char *name = file_name(cli, json_root(reply));
    const bool packed = pack(cli, json_root(reply), name, &err);
    if (!packed)
        print_err(cli, &err);
    const bool dropped = drop(cli, conversation, json_root(reply));
    return packed && dropped ? show_packed(cli, json_root(reply), name)
           : packed          ? EXIT_FAILED
                             : exit_code_of(&err);
}

// ---- verifying

static bool take_report(struct wire *wire, struct buf *report, const char *path, struct err *err)
{
    for (;;) {
        struct frame frame;
        struct message_VIEW_PART part;
        struct message_READ_FAILED failed;
        SCOPED(json_document)
        document = NULL;
        if (!wire_receive(wire, &frame, -1, err))
            return fail(err, ERR_VIEWER_DIED, path);
        if (frame.type == MESSAGE_VIEW_DONE)
            return true;
        if (frame.type == MESSAGE_READ_FAILED)
            return wire_decode(&document, &failed, &frame, err) &&
                   err_from_record(err, failed.code, failed.arguments) && err_note(err, "%s", path);
        if (!wire_decode(&document, &part, &frame, err))
            return false;
        if (!buf_append_text(report, part.part))
            return fail(err, ERR_LIMIT_PASSED, path, N(REPORT_BYTES_MAX));
    }
}

static bool view_file(struct buf *report, const char *path, int file, struct err *err)
{
    struct process viewer = {0};
    const struct message_VIEW ask = {
        .name = text_from("evidence"), .form = text_from("evidence"), .rows = -1};
    if (!process_start(&viewer, "viewer", err))
        return false;
    close(viewer.pidfd);
    struct wire wire = wire_new(viewer.socket, ROLE_CLI, ROLE_VIEWER, false);
    const bool good =
        wire_send_fds(&wire, MESSAGE_VIEW, &ask, &file, 1, err) && take_report(&wire, report, path, err);
    wire_dispose(&wire);
    (void)process_wait(&viewer);
    return good;
}

static bool view(struct json_document **out, const char *path, struct err *err)
{
    struct stat status;
    SCOPED_BUF(report, REPORT_BYTES_MAX);
    const int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (file < 0)
        return errno == ENOENT ? fail(err, ERR_FILE_MISSING, path)
                               : fail(err, ERR_FILE_UNREADABLE, path, strerror(errno));
    bool good = (fstat(file, &status) == 0 && S_ISREG(status.st_mode)) || fail(err, ERR_FILE_NOT_PLAIN, path);
    good = good && become_nobody(err) && view_file(&report, path, file, err);
    close(file);
    return good && json_parse(out, buf_text(&report), err);
}

static void show_report(struct cli *cli, const struct json *report, const char *path)
{
    char made[TIME_TEXT_SIZE];
    const int64_t problems = json_int64_or(json_get(report, "problem_count"), 0);
    if (json_int64_or(json_get(report, "run"), 0))
        say(cli, stdout, PHRASE_EVIDENCE_OF, N(json_int64_or(json_get(report, "run"), 0)),
            json_string_or(json_get(report, "robot"), "?"),
            state_words(cli, json_string_or(json_get(report, "state"), "")),
            time_text(made, json_int64_or(json_get(report, "made_ms"), 0)),
            json_string_or(json_get(report, "made_by"), "?"));
    const char *environment = json_string_or(json_get(report, "environment"), ""),
               *mode = json_string_or(json_get(report, "mode"), "");
    if (environment[0])
        say(cli, stdout, PHRASE_EVIDENCE_RAN, environment, mode);
    else if (mode[0])
        say(cli, stdout, PHRASE_EVIDENCE_MODE, mode);
    if (json_int64_or(json_get(report, "absent"), 0))
        say(cli, stdout, PHRASE_EVIDENCE_ABSENT, N(json_int64_or(json_get(report, "absent"), 0)));
    for (const struct json *problem = json_first(json_get(report, "problems")); problem;
         problem = json_next(problem))
        print_problem(cli, problem);
    if (problems) {
        say(cli, stdout, PHRASE_EVIDENCE_BAD, path, N(problems));
        return;
    }
    say(cli, stdout, PHRASE_EVIDENCE_SIGNED, json_string_or(json_get(report, "signer"), ""));
    say(cli, stdout, PHRASE_EVIDENCE_FILES, N(json_int64_or(json_get(report, "files"), 0)));
    say(cli, stdout, PHRASE_EVIDENCE_ENTRIES, N(json_int64_or(json_get(report, "entries"), 0)));
    say(cli, stdout, PHRASE_EVIDENCE_AUDIT, N(json_int64_or(json_get(report, "audit_rows"), 0)),
        N(json_int64_or(json_get(report, "audit_last"), 0)),
        json_string_or(json_get(report, "audit_hash"), ""));
}

static int verify(struct cli *cli)
{
    struct err err = {0};
    const char *path = cli->arguments[0];
    SCOPED(json_document)
    report = NULL;
    if (!view(&report, path, &err)) {
        print_err(cli, &err);
        return EXIT_FAILED;
    }
    if (cli->options[OPTION_JSON])
        (void)print_json(json_root(report));
    else
        show_report(cli, json_root(report), path);
    return json_int64_or(json_get(json_root(report), "problem_count"), 1) ? EXIT_FAILED : EXIT_DONE;
}

int command_evidence(struct cli *cli)
{
    return cli->options[OPTION_VERIFY] ? verify(cli) : make(cli);
}
