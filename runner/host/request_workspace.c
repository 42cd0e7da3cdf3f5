// Requests about the workspace: make it, open it, serve it. In the host.
#include "host/reload.h"
#include "host/requests.h"
#include "host/scaffold.h"
#include "host/service.h"
#include "lib/base/file.h"
#include "lib/base/log.h"

#include <errno.h>
#include <unistd.h>

static size_t count_files(void)
{
    size_t count = 0;
    while (scaffold_workspace_files[count])
        count++;
    return count;
}

static bool begin_repository(bool *made, const char *author, struct err *err)
{
    return repo_make(made, ".", err) &&
           (!*made || repo_commit_first(".", scaffold_workspace_files, count_files(), author,
                                        "a workspace for renki", err));
}

bool request_workspace_init(struct host *host, struct answer *answer, const struct json *body,
                            struct frame *frame, struct err *err)
{
    const char *folder;
    bool made;
    SCOPED_BUF(out, 65536);
    struct json_writer writer = json_writer_new(&out);
    (void)frame;
    if (host->open || !body_text(&folder, body, "folder", err))
        return host->open ? fail(err, ERR_REQUEST_UNKNOWN, "workspace.init") : false;
    if (!file_make_folder(folder, err))
        return false;
    if (chdir(folder) != 0)
        return fail(err, ERR_FILE_UNREADABLE, folder, strerror(errno));
    if (access("renki.lua", F_OK) == 0)
        return fail(err, ERR_WORKSPACE_EXISTS, folder);
    json_begin_object(&writer);
    json_write_key(&writer, "folder");
    json_write_string(&writer, folder);
    json_write_key(&writer, "files");
    if (!scaffold_workspace(&writer, json_string_or(json_get(body, "user"), NULL), err) ||
        !begin_repository(&made, json_string_or(json_get(body, "author"), "renki"), err))
        return false;
    json_write_key(&writer, "repository");
    json_write_boolean(&writer, made);
    json_end_object(&writer);
    require(json_writer_done(&writer));
    answer_done(answer, buf_text(&out));
    return true;
}

struct opening {
    struct host *host;
    struct answer *answer;
};

static void on_open(void *owner, const struct problems *problems)
{
    struct opening *opening = owner;
    if (problems)
        answer_problems(opening->answer, problems);
    else {
        SCOPED_BUF(out, 8192);
        struct json_writer writer = json_writer_new(&out);
        json_begin_object(&writer);
        json_write_key(&writer, "folder");
        json_write_string(&writer, opening->host->folder);
        json_write_key(&writer, "language");
        json_write_string(&writer, language_name(opening->host->settings->language));
        json_end_object(&writer);
        require(json_writer_done(&writer));
        answer_done(opening->answer, buf_text(&out));
    }
    xfree(opening);
}

bool request_workspace_open(struct host *host, struct answer *answer, const struct json *body,
                            struct frame *frame, struct err *err)
{
    const char *folder;
    (void)frame;
    if (!body_text(&folder, body, "folder", err))
        return false;
    log_open("host", (enum log_level)json_int64_or(json_get(body, "log"), LOG_LEVEL_ERROR));
    const char *credentials = json_string_or(json_get(body, "credentials"), NULL);
    if (credentials && !host->credentials)
        host->credentials = xstrdup(credentials);
    struct opening *opening = xcalloc(1, sizeof *opening);
    *opening = (struct opening){host, answer};
    host_open(host, folder, on_open, opening);
    return true;
}

bool request_host_serve(struct host *host, struct answer *answer, const struct json *body,
                        struct frame *frame, struct err *err)
{
    (void)frame;
    return service_begin(host, answer, json_int64_or(json_get(body, "beat_ms"), 0), err);
}

bool request_host_reload(struct host *host, struct answer *answer, const struct json *body,
                         struct frame *frame, struct err *err)
{
    (void)frame;
    if (!host->serving)
        return fail(err, ERR_SERVICE_NONE);
    reload(host, body_actor(body), answer);
    return true;
}

bool request_host_drain(struct host *host, struct answer *answer, const struct json *body,
                        struct frame *frame, struct err *err)
{
    (void)frame, (void)err;
    answer_done(answer, TEXT_OF("{}"));
    if (body_flag(body, "now"))
        service_give_back(host);
    else
        service_drain(host);
    return true;
}
