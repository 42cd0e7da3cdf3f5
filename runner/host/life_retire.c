// See life.h: retiring a robot, in one transaction. In the host.
#include "host/life.h"

#include "host/schedules.h"
#include "host/store/lives.h"
#include "host/store/schedules.h"
#include "lib/permit/permit.h"

#include <stdio.h>
#include <string.h>

enum { NAMES_MAX = 1000, CONTENT_MAX = 200000 };

struct names {
    char *items[NAMES_MAX];
    size_t count;
};

static void names_dispose(struct names *names)
{
    for (size_t i = 0; i < names->count; i++)
        xfree(names->items[i]);
    xfree(names);
}

static bool names_add(struct names *names, const char *name, struct err *err)
{
    for (size_t i = 0; i < names->count; i++)
        if (strcmp(names->items[i], name) == 0)
            return true;
    if (names->count == NAMES_MAX)
        return fail(err, ERR_LIMIT_PASSED, "schedules", N(NAMES_MAX));
    names->items[names->count++] = xstrdup(name);
    return true;
}

static bool take_name(void *owner, const char *name, struct err *err)
{
    return names_add(owner, name, err);
}

// ---- schedules

// The login that signs what a webhook brings is the robot's, too.
static bool collect_hook(struct names *logins, const char *definition, struct err *err)
{
    SCOPED(json_document)
    document = NULL;
    struct err ignored;
    if (!definition[0] || !json_parse(&document, text_from(definition), &ignored))
        return true;
    const struct json *on = json_get(json_root(document), "on");
    const char *secret = json_string_or(json_get(json_get(on, "webhook"), "secret"), NULL);
    return !secret || names_add(logins, secret, err);
}

static bool end_schedule(struct host *host, struct names *logins, const char *name, const char *actor,
                         const char *why, struct err *err)
{
    struct schedule_row row;
    if (!store_schedule_load(host->store, &row, name, err))
        return false;
    const bool good =
        collect_hook(logins, row.definition, err) && schedules_pause(host, name, actor, why, err);
    schedule_row_dispose(&row);
    return good;
}

// ---- logins: only those that nobody else names

struct searching {
    const char *name;
    bool found;
};

static bool names_login(struct text content, const char *name)
{
    char quoted[2][160];
    snprintf(quoted[0], sizeof quoted[0], "\"%s\"", name);
    snprintf(quoted[1], sizeof quoted[1], "'%s'", name);
    return memmem(content.data, content.length, quoted[0], strlen(quoted[0])) ||
           memmem(content.data, content.length, quoted[1], strlen(quoted[1]));
}

static bool search_file(void *owner, const char *path, struct text content, struct err *err)
{
    struct searching *searching = owner;
    (void)path, (void)err;
    searching->found = searching->found || names_login(content, searching->name);
    return true;
}

struct others {
    struct repo *repo;
    const char *robot;
    struct searching searching;
};

// A name in quotes anywhere in another robot, as it is saved, counts as its use: rather a login too many than one too few.
static bool search_robot(void *owner, const char *robot, struct err *err)
{
    struct others *others = owner;
    char tree[REPO_ID_SIZE];
    if (strcmp(robot, others->robot) == 0 || others->searching.found)
        return true;
    return repo_content(others->repo, tree, robot, NULL, err) &&
           repo_read(others->repo, tree, search_file, &others->searching, err);
}

static bool settings_name(const struct json *value, const char *name)
{
    struct text text;
    if (json_text(value, &text))
        return text_is(text, name);
    for (const struct json *member = json_first(value); member; member = json_next(member))
        if (settings_name(member, name))
            return true;
    return false;
}

static bool is_used_by_others(struct host *host, bool *used, const char *robot, const char *name,
                              struct err *err)
{
    struct repo *repo = host_repo(host, err);
    struct others others = {.repo = repo, .robot = robot, .searching = {.name = name}};
    *used = settings_name(json_root(host->settings->document), name);
    if (!repo || !repo_robots_of(repo, NULL, search_robot, &others, err))
        return false;
    *used = *used || others.searching.found;
    return true;
}

static bool end_login(struct host *host, bool *ended, const char *robot, const char *name, const char *actor,
                      struct err *err)
{
    int64_t count = 0;
    bool used = false;
    if (!store_life_has_secret(host->store, &count, name, err) ||
        !is_used_by_others(host, &used, robot, name, err))
        return false;
    *ended = count && !used;
    return !*ended || store_secret_remove(host->store, name, actor, err);
}

// ---- all in one

struct retiring {
    struct host *host;
    const char *robot, *actor;
    struct names *schedules, *logins, *kept;
};

static void write_names(struct json_writer *out, const char *key, const struct names *names)
{
    json_write_key(out, key);
    json_begin_array(out);
    for (size_t i = 0; i < names->count; i++)
        json_write_string(out, names->items[i]);
    json_end_array(out);
}

static void write_ended(struct json_writer *out, const struct retiring *retiring, const char *why)
{
    json_begin_object(out);
    json_write_key(out, "robot");
    json_write_string(out, retiring->robot);
    json_write_key(out, "why");
    json_write_string(out, why);
    write_names(out, "schedules", retiring->schedules);
    write_names(out, "logins", retiring->logins);
    write_names(out, "kept", retiring->kept);
    json_end_object(out);
}

static bool end_schedules(struct retiring *retiring, struct names *logins, const char *why, struct err *err)
{
    SCOPED_TEXT char *reason = xasprintf("%s: %s", retiring->robot, why);
    if (!store_life_schedules(retiring->host->store, retiring->robot, take_name, retiring->schedules, err))
        return false;
    for (size_t i = 0; i < retiring->schedules->count; i++)
        if (!end_schedule(retiring->host, logins, retiring->schedules->items[i], retiring->actor, reason,
                          err))
            return false;
    return true;
}

static bool end_logins(struct retiring *retiring, const struct names *logins, struct err *err)
{
    for (size_t i = 0; i < logins->count; i++) {
        bool ended = false;
        if (!end_login(retiring->host, &ended, retiring->robot, logins->items[i], retiring->actor, err) ||
            !names_add(ended ? retiring->logins : retiring->kept, logins->items[i], err))
            return false;
    }
    return true;
}

static bool collect_logins(struct names *logins, const struct manifest *manifest, struct err *err)
{
    SCOPED(permits)
    permits = NULL;
    const char *name;
    if (!manifest)
        return true;
    if (!permits_read(&permits, manifest->permits, err))
        return false;
    for (size_t i = 0; (name = permits_login_at(permits, i)); i++)
        if (!names_add(logins, name, err))
            return false;
    return true;
}

static bool is_free(struct host *host, const char *robot, struct err *err)
{
    int64_t run = 0;
    if (!life_check(host, robot, err) || !store_life_unfinished(host->store, &run, robot, err))
        return false;
    return run == 0 || fail(err, ERR_ROBOT_BUSY, robot, N(run));
}

static bool record(struct retiring *retiring, const char *why, struct err *err)
{
    SCOPED_BUF(content, CONTENT_MAX);
    struct json_writer writer = json_writer_new(&content);
    write_ended(&writer, retiring, why);
    if (!json_writer_done(&writer))
        return fail(err, ERR_LIMIT_PASSED, "schedules", N(NAMES_MAX));
    return store_life_retire(retiring->host->store, retiring->robot, retiring->actor, why, err) &&
           store_audit(retiring->host->store, retiring->actor, "robot.retired", 0, buf_text(&content), err);
}

bool life_retire(struct json_writer *out, struct host *host, const char *robot,
                 const struct manifest *manifest, const char *actor, const char *why, struct err *err)
{
    struct retiring retiring = {.host = host,
                                .robot = robot,
                                .actor = actor,
                                .schedules = xcalloc(1, sizeof(struct names)),
                                .logins = xcalloc(1, sizeof(struct names)),
                                .kept = xcalloc(1, sizeof(struct names))};
    struct names *logins = xcalloc(1, sizeof *logins);
    const bool good = is_free(host, robot, err) && collect_logins(logins, manifest, err) &&
                      end_schedules(&retiring, logins, why, err) && end_logins(&retiring, logins, err) &&
                      record(&retiring, why, err);
    if (good)
        write_ended(out, &retiring, why);
    names_dispose(logins);
    names_dispose(retiring.schedules);
    names_dispose(retiring.logins);
    names_dispose(retiring.kept);
    return good;
}

bool life_revive(struct host *host, const char *robot, const char *actor, struct err *err)
{
    int64_t retired_ms = 0;
    SCOPED_TEXT char *content = xasprintf("{\"robot\":\"%s\"}", robot); // a robot's name needs no escape
    if (!store_life_retired(host->store, &retired_ms, robot, err))
        return false;
    if (!retired_ms)
        return fail(err, ERR_ROBOT_NOT_RETIRED, robot);
    return store_life_revive(host->store, robot, err) &&
           store_audit(host->store, actor, "robot.revived", 0, text_from(content), err);
}
