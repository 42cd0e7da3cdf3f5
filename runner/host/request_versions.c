// Requests about versions of robots: history. In the host.
#include "host/past.h"
#include "host/requests.h"

enum { HISTORY_MOST = 1000, VERSION_BYTES = 2000 };

struct asked {
    struct host *host;
    struct answer *answer;
    char *robot; // NULL: all of them
    int64_t most;
};

static void asked_free(struct asked *asked)
{
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

static bool visit_version(void *owner, const struct version *version, struct err *err)
{
    struct json_writer *out = owner;
    (void)err;
    json_begin_object(out);
    write_version(out, version);
    json_end_object(out);
    return true;
}

static bool tell_history(const struct asked *asked, struct buf *out, struct err *err)
{
    const struct version_query query = {.robot = asked->robot, .most = asked->most};
    struct json_writer writer = json_writer_new(out);
    int64_t total;
    struct repo *repo = host_repo(asked->host, err);
    json_begin_object(&writer);
    json_write_key(&writer, "robot");
    json_write_string(&writer, asked->robot);
    json_write_key(&writer, "versions");
    json_begin_array(&writer);
    if (!repo || !repo_versions(repo, &total, &query, visit_version, &writer, err))
        return false;
    json_end_array(&writer);
    json_write_key(&writer, "total");
    json_write_integer(&writer, total);
    json_end_object(&writer);
    if (asked->robot && total == 0)
        return fail(err, ERR_VERSION_NONE, asked->robot);
    return json_writer_done(&writer) ? true : fail(err, ERR_LIMIT_PASSED, "history", "900 KB");
}

static void on_history_ready(void *owner, const struct err *failed)
{
    struct asked *asked = owner;
    struct err err;
    SCOPED_BUF(out, BODY_MAX);
    if (failed || !tell_history(asked, &out, &err))
        answer_fail(asked->answer, failed ? failed : &err);
    else
        answer_done(asked->answer, buf_text(&out));
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
    *asked = (struct asked){host, answer, robot, most < 1 ? 1 : most > fits ? fits : most};
    past_prepare(host, on_history_ready, asked);
    return true;
}
