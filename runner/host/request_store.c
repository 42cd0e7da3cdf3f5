// The request store.copy: all that is recorded from one store to another. In the host.
//
// It comes to a host that has no workspace open, and is the only thing this host does: it blocks the loop.
#include "host/places.h"
#include "host/reader.h"
#include "host/requests.h"
#include "host/store/copy.h"
#include "lib/base/file.h"
#include "lib/sandbox/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

enum { SETTINGS_MAX = 262144, PLACES_MAX = 1 + 2 * (STORE_PORTS_MAX + STORE_FILES_MAX) };

struct copying {
    struct host *host;
    struct answer *answer;
    char *from, *to; // as the person said them
    struct settings *settings;
};

static void dispose(struct copying *copying)
{
    xfree(copying->from);
    xfree(copying->to);
    settings_free(copying->settings);
    xfree(copying);
}

static bool place_of(const char **out, const char *said, const struct settings *settings, struct err *err)
{
    if (strcmp(said, "renki.lua") == 0)
        return place_of_store(out, settings, err);
    *out = strcmp(said, "sqlite") == 0 ? PLACE_OF_STORE_FILE : said;
    return *out != said || store_is_server(said) ? true : fail(err, ERR_STORE_PLACE, said);
}

static void add_reach(struct sandbox_place *places, size_t *count, const struct store_reach *reach)
{
    for (size_t i = 0; i < reach->port_count; i++)
        places[(*count)++] = (struct sandbox_place){.port = reach->ports[i]};
    for (size_t i = 0; i < reach->file_count; i++)
        places[(*count)++] = (struct sandbox_place){reach->files[i], SANDBOX_READ, true};
}

static bool confine(void *owner, const struct store *from, const struct store *to, struct err *err)
{
    const struct copying *copying = owner;
    struct sandbox_place places[PLACES_MAX] = {{".renki", SANDBOX_STATE, false}};
    size_t count = 1;
    add_reach(places, &count, store_reach(from));
    add_reach(places, &count, store_reach(to));
    const bool connected = store_reach(from)->port_count || store_reach(to)->port_count;
    return sandbox_confine(&(struct sandbox){connected ? SANDBOX_HOST_CONNECTED : SANDBOX_HOST, places, count,
                                             copying->settings->reduced},
                           err);
}

static void tell_table(void *owner, const char *table, int64_t rows)
{
    const struct copying *copying = owner;
    SCOPED_BUF(body, 1024);
    if (buf_printf(&body, "{\"table\":\"%s\",\"rows\":%lld}", table, (long long)rows))
        answer_event(copying->answer, "table", buf_text(&body));
}

static bool copy(struct copying *copying, struct buf *out, struct err *err)
{
    struct store_copy asked = {.opened = confine, .table = tell_table, .owner = copying};
    return place_of(&asked.from, copying->from, copying->settings, err) &&
           place_of(&asked.to, copying->to, copying->settings, err) &&
           (strcmp(asked.from, asked.to) != 0 || fail(err, ERR_STORE_SAME, copying->from, copying->to)) &&
           file_make_folder(".renki", err) && store_copy(&asked, err) &&
           buf_printf(out, "{\"tables\":%lld,\"rows\":%lld,\"audit\":%lld}", (long long)asked.tables,
                      (long long)asked.rows, (long long)asked.audit_rows);
}

static void with_settings(struct copying *copying, struct text json)
{
    struct problems problems = {0};
    struct err err;
    SCOPED_BUF(out, 1024);
    char environment[ENVIRONMENT_NAME_MAX + 1];
    if (!environment_read(environment, "", &err))
        answer_fail(copying->answer, &err);
    else if (!settings_read(&copying->settings, json, environment, &problems))
        answer_problems(copying->answer, &problems);
    else if (copy(copying, &out, &err))
        answer_done(copying->answer, buf_text(&out));
    else
        answer_fail(copying->answer, &err);
    problems_dispose(&problems);
    dispose(copying);
}

static void on_settings(void *owner, struct text json, const struct err *failed)
{
    struct copying *copying = owner;
    if (!failed) {
        with_settings(copying, json);
        return;
    }
    answer_fail(copying->answer, failed);
    dispose(copying);
}

bool request_store_copy(struct host *host, struct answer *answer, const struct json *body,
                        struct frame *frame, struct err *err)
{
    const char *folder, *from, *to;
    SCOPED_BUF(source, SETTINGS_MAX);
    (void)frame;
    if (host->open)
        return fail(err, ERR_REQUEST_UNKNOWN, "store.copy");
    if (!body_text(&folder, body, "folder", err) || !body_text(&from, body, "from", err) ||
        !body_text(&to, body, "to", err))
        return false;
    if (chdir(folder) != 0)
        return fail(err, ERR_FILE_UNREADABLE, folder, strerror(errno));
    if (!file_read(&source, AT_FDCWD, "renki.lua", err))
        return false;
    struct copying *copying = xcalloc(1, sizeof *copying);
    *copying = (struct copying){.host = host, .answer = answer, .from = xstrdup(from), .to = xstrdup(to)};
    reader_read(host, "renki.lua", buf_text(&source), on_settings, copying);
    return true;
}
