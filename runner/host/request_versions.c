// Requests about versions of robots: history and blame. In the host.
#include "host/past.h"
#include "host/repo/blame.h"
#include "host/requests.h"

#include <stdio.h>

enum {
    HISTORY_MOST = 1000,
    VERSION_BYTES = 2000,
    DESCRIBED_MAX = 50, // versions whose change of permits is told in sentences
    SENTENCES_MAX = 10, // of one version
    SENTENCES_BYTES = 12000,
    BLAMED_BYTES = 800000 // of lines in an answer
};

struct asked {
    struct host *host;
    struct answer *answer;
    char *robot; // NULL: all of them
    enum language language;
    int64_t most, total;
    struct version *versions;
    char **changes; // of each version, JSON; NULL: none
    size_t count;
    size_t at; // the one that is described
};

static void asked_free(struct asked *asked)
{
    for (size_t i = 0; i < asked->count; i++)
        xfree(asked->changes[i]);
    xfree(asked->changes);
    xfree(asked->versions);
    xfree(asked->robot);
    xfree(asked);
}

// ---- one version

static const char *const kind_names[] = {
    [VERSION_CHANGED] = "changed",
    [VERSION_ADDED] = "added",
    [VERSION_REMOVED] = "removed",
    [VERSION_RENAMED] = "renamed",
};

static void write_string(struct json_writer *out, const char *key, const char *text)
{
    json_write_key(out, key);
    json_write_lossy(out, text_from(text));
}

static void write_what(struct json_writer *out, const struct version *version)
{
    static const struct {
        unsigned bit;
        const char *name;
    } parts[] = {
        {VERSION_OF_ROBOT, "robot"}, {VERSION_OF_SCHEDULE, "schedule"}, {VERSION_OF_MODULES, "modules"}};
    json_write_key(out, "what");
    json_begin_array(out);
    for (size_t i = 0; i < COUNT_OF(parts); i++)
        if (version->what & parts[i].bit)
            json_write_string(out, parts[i].name);
    json_end_array(out);
}

static void write_names(struct json_writer *out, const struct version *version)
{
    json_write_key(out, "names");
    json_begin_array(out);
    for (size_t i = 0; i < version->name_count && version->names[i]; i++)
        json_write_lossy(out, text_from(version->names[i]));
    json_end_array(out);
    json_write_key(out, "name_count");
    json_write_integer(out, (int64_t)version->name_count);
}

static void write_version(struct json_writer *out, const struct version *version)
{
    if (version->robot[0]) {
        json_write_key(out, "number");
        json_write_integer(out, version->number);
        write_string(out, "robot", version->robot);
        write_string(out, "kind", kind_names[version->kind]);
        write_string(out, "was", version->was);
        write_what(out, version);
    } else
        write_names(out, version);
    write_string(out, "commit", version->commit);
    write_string(out, "before", version->before);
    json_write_key(out, "time_ms");
    json_write_integer(out, version->time_ms);
    write_string(out, "author", version->author);
    write_string(out, "mail", version->mail);
    write_string(out, "subject", version->subject);
    json_write_key(out, "merge");
    json_write_boolean(out, version->merge);
}

// ---- history

static bool take_version(void *owner, const struct version *version, struct err *err)
{
    struct asked *asked = owner;
    (void)err;
    asked->versions = xreallocarray(asked->versions, asked->count + 1, sizeof *asked->versions);
    asked->changes = xreallocarray(asked->changes, asked->count + 1, sizeof *asked->changes);
    asked->versions[asked->count] = *version;
    asked->changes[asked->count++] = NULL;
    return true;
}

static void write_history(struct json_writer *out, const struct asked *asked)
{
    json_begin_object(out);
    json_write_key(out, "robot");
    json_write_string(out, asked->robot);
    json_write_key(out, "versions");
    json_begin_array(out);
    for (size_t i = 0; i < asked->count; i++) {
        SCOPED(json_document)
        changes = NULL;
        struct err ignored;
        json_begin_object(out);
        write_version(out, &asked->versions[i]);
        if (asked->changes[i] && json_parse(&changes, text_from(asked->changes[i]), &ignored)) {
            json_write_key(out, "changes");
            json_write_value(out, json_root(changes));
        }
        json_end_object(out);
    }
    json_end_array(out);
    json_write_key(out, "total");
    json_write_integer(out, asked->total);
    json_end_object(out);
}

static void tell_history(struct asked *asked)
{
    SCOPED_BUF(out, BODY_MAX);
    struct json_writer writer = json_writer_new(&out);
    struct err err;
    write_history(&writer, asked);
    if (json_writer_done(&writer))
        answer_done(asked->answer, buf_text(&out));
    else {
        (void)fail(&err, ERR_LIMIT_PASSED, "history", "900 KB");
        answer_fail(asked->answer, &err);
    }
    asked_free(asked);
}

// ---- what changed in permits, one version after the other

static void describe_next(struct asked *asked);

static void on_changes(void *owner, const struct changes *changes, const struct err *unreadable)
{
    struct asked *asked = owner;
    SCOPED_BUF(out, SENTENCES_BYTES);
    struct json_writer writer = json_writer_new(&out);
    struct changes shown = *changes;
    (void)unreadable; // renki diff says why
    if (shown.count > SENTENCES_MAX)
        shown.count = SENTENCES_MAX;
    changes_write(&writer, &shown);
    if (json_writer_done(&writer))
        asked->changes[asked->at] = buf_steal(&out);
    asked->at++;
    describe_next(asked);
}

static void describe_next(struct asked *asked)
{
    for (; asked->robot && asked->at < asked->count && asked->at < DESCRIBED_MAX; asked->at++) {
        const struct version *version = &asked->versions[asked->at];
        if (!(version->what & (VERSION_OF_ROBOT | VERSION_OF_SCHEDULE)) || version->kind == VERSION_REMOVED)
            continue;
        const struct past_sides sides = {version->before, version->commit,
                                         version->was[0] ? version->was : version->robot, version->robot,
                                         asked->language};
        past_changes(asked->host, &sides, on_changes, asked);
        return;
    }
    tell_history(asked);
}

static bool list_versions(struct asked *asked, struct err *err)
{
    const struct version_query query = {.robot = asked->robot, .most = asked->most};
    struct repo *repo = host_repo(asked->host, err);
    if (!repo || !repo_versions(repo, &asked->total, &query, take_version, asked, err))
        return false;
    return !asked->robot || asked->total ? true : fail(err, ERR_VERSION_NONE, asked->robot);
}

static void on_history_ready(void *owner, const struct err *failed)
{
    struct asked *asked = owner;
    struct err err;
    if (!failed && list_versions(asked, &err)) {
        describe_next(asked);
        return;
    }
    answer_fail(asked->answer, failed ? failed : &err);
    asked_free(asked);
}

static bool robot_of(char **out, const struct json *body, struct err *err)
{
    const char *robot = json_string_or(json_get(body, "robot"), NULL);
    if (robot && !robot_name_is_valid(robot))
        return fail(err, ERR_ROBOT_NAME, robot);
    *out = robot ? xstrdup(robot) : NULL;
    return true;
}

bool request_version_history(struct host *host, struct answer *answer, const struct json *body,
                             struct frame *frame, struct err *err)
{
    const int64_t most = json_int64_or(json_get(body, "most"), HISTORY_MOST);
    const int64_t fits = BODY_MAX / VERSION_BYTES;
    char *robot;
    (void)frame;
    if (!robot_of(&robot, body, err))
        return false;
    struct asked *asked = xcalloc(1, sizeof *asked);
    *asked = (struct asked){.host = host, .answer = answer, .robot = robot, .language = body_language(body)};
    asked->most = most < 1 ? 1 : most > fits ? fits : most;
    past_prepare(host, on_history_ready, asked);
    return true;
}

// ---- blame

struct blamed {
    struct host *host;
    struct answer *answer;
    char *robot, *file;
    struct json_writer out;
    char last[REPO_ID_SIZE]; // the version of the line before
    bool cut;
};

static bool write_blamed(void *owner, const struct blame_line *line, struct err *err)
{
    struct blamed *blamed = owner;
    const struct version *version = line->version;
    (void)err;
    if (blamed->out.out->length > BLAMED_BYTES) {
        blamed->cut = true;
        return true;
    }
    json_begin_object(&blamed->out);
    json_write_key(&blamed->out, "text");
    json_write_lossy(&blamed->out, line->text);
    json_write_key(&blamed->out, "commit");
    json_write_string(&blamed->out, version ? version->commit : NULL);
    if (version && strcmp(version->commit, blamed->last) != 0) { // said once, where a run of lines begins
        json_write_key(&blamed->out, "version");
        json_begin_object(&blamed->out);
        write_version(&blamed->out, version);
        json_end_object(&blamed->out);
    }
    (void)snprintf(blamed->last, sizeof blamed->last, "%s", version ? version->commit : "");
    json_end_object(&blamed->out);
    return true;
}

static bool tell_blame(struct blamed *blamed, struct err *err)
{
    struct repo *repo = host_repo(blamed->host, err);
    json_begin_object(&blamed->out);
    json_write_key(&blamed->out, "robot");
    json_write_string(&blamed->out, blamed->robot);
    write_string(&blamed->out, "file", blamed->file);
    json_write_key(&blamed->out, "lines");
    json_begin_array(&blamed->out);
    if (!repo || !repo_blame(repo, blamed->robot, blamed->file, write_blamed, blamed, err))
        return false;
    json_end_array(&blamed->out);
    json_write_key(&blamed->out, "cut");
    json_write_boolean(&blamed->out, blamed->cut);
    json_end_object(&blamed->out);
    return json_writer_done(&blamed->out) ? true : fail(err, ERR_LIMIT_PASSED, "blame", "900 KB");
}

static void on_blame_ready(void *owner, const struct err *failed)
{
    struct blamed *blamed = owner;
    struct err err;
    SCOPED_BUF(out, BODY_MAX);
    blamed->out = json_writer_new(&out);
    if (failed || !tell_blame(blamed, &err))
        answer_fail(blamed->answer, failed ? failed : &err);
    else
        answer_done(blamed->answer, buf_text(&out));
    xfree(blamed->robot);
    xfree(blamed->file);
    xfree(blamed);
}

bool request_version_blame(struct host *host, struct answer *answer, const struct json *body,
                           struct frame *frame, struct err *err)
{
    char *robot;
    const char *file = json_string_or(json_get(body, "file"), "robot.lua");
    (void)frame;
    if (!robot_of(&robot, body, err))
        return false;
    if (!robot)
        return fail(err, ERR_REQUEST_MALFORMED, "robot");
    struct blamed *blamed = xcalloc(1, sizeof *blamed);
    *blamed = (struct blamed){.host = host, .answer = answer, .robot = robot, .file = xstrdup(file)};
    past_prepare(host, on_blame_ready, blamed);
    return true;
}
