// Requests about the life of robots: list, keep, retire. In the host.
#include "host/life.h"
#include "host/requests.h"
#include "host/schedules.h"
#include "host/turn.h"

enum { ROBOTS_MAX = 5000 };

// ---- the list: one manifest after the other

struct listing {
    struct host *host;
    struct answer *answer;
    char *names[ROBOTS_MAX];
    size_t count, next;
    struct buf out;
    struct json_writer writer;
    bool inside; // a manifest may come at once
};

static void listing_free(struct listing *listing)
{
    for (size_t i = 0; i < listing->count; i++)
        xfree(listing->names[i]);
    buf_dispose(&listing->out);
    xfree(listing);
}

static bool take_name(void *owner, const char *name, struct err *err)
{
    struct listing *listing = owner;
    if (listing->count == ROBOTS_MAX)
        return fail(err, ERR_LIMIT_PASSED, "robots", N(ROBOTS_MAX));
    listing->names[listing->count++] = xstrdup(name);
    return true;
}

static void end_list(struct listing *listing, const struct err *failed)
{
    struct err err;
    json_end_array(&listing->writer);
    json_end_object(&listing->writer);
    if (failed)
        answer_fail(listing->answer, failed);
    else if (json_writer_done(&listing->writer))
        answer_done(listing->answer, buf_text(&listing->out));
    else {
        (void)fail(&err, ERR_LIMIT_PASSED, "robots", "900 KB");
        answer_fail(listing->answer, &err);
    }
    listing_free(listing);
}

static void go_on(struct listing *listing);

static void on_listed_pin(void *owner, struct pin *pin, const struct problems *problems)
{
    struct listing *listing = owner;
    struct err err;
    const char *robot = listing->names[listing->next++];
    const bool good =
        life_write(&listing->writer, listing->host, robot, pin && !problems ? pin->manifest : NULL, &err);
    if (!good)
        end_list(listing, &err);
    else if (!listing->inside)
        go_on(listing);
}

static void go_on(struct listing *listing)
{
    struct err err;
    while (listing->next < listing->count) {
        char tree[REPO_ID_SIZE];
        const size_t before = listing->next;
        struct repo *repo = host_repo(listing->host, &err);
        if (!repo || !repo_pin(repo, tree, listing->names[before], REPO_LOOSE, &err)) {
            end_list(listing, &err);
            return;
        }
        listing->inside = true;
        pins_load(listing->host, tree, on_listed_pin, listing);
        listing->inside = false;
        if (listing->next == before) // it comes later, and goes on from there
            return;
    }
    end_list(listing, NULL);
}

bool request_life_list(struct host *host, struct answer *answer, const struct json *body, struct frame *frame,
                       struct err *err)
{
    struct repo *repo = host_repo(host, err);
    (void)frame, (void)body;
    struct listing *listing = xcalloc(1, sizeof *listing);
    *listing = (struct listing){.host = host, .answer = answer, .out = buf_new(BODY_MAX)};
    listing->writer = json_writer_new(&listing->out);
    if (!repo || !repo_robots(repo, take_name, listing, err)) {
        listing_free(listing);
        return false;
    }
    json_begin_object(&listing->writer);
    json_write_key(&listing->writer, "robots");
    json_begin_array(&listing->writer);
    go_on(listing);
    return true;
}

// ---- changes: of a robot whose schedules and manifest are read first

struct changing {
    struct host *host;
    struct answer *answer;
    char *robot, *actor, *why;
    char *reply;
};

static void changing_free(struct changing *changing)
{
    xfree(changing->robot);
    xfree(changing->actor);
    xfree(changing->why);
    xfree(changing->reply);
    xfree(changing);
}

static void on_stored(void *owner, const struct err *failed)
{
    struct changing *changing = owner;
    if (failed)
        answer_fail(changing->answer, failed);
    else
        answer_done(changing->answer, text_from(changing->reply));
    changing_free(changing);
}

static void give_up(struct changing *changing, const struct err *why)
{
    answer_fail(changing->answer, why);
    changing_free(changing);
}

static bool retire(struct changing *changing, const struct manifest *manifest, struct err *err)
{
    SCOPED_BUF(out, BODY_MAX);
    struct json_writer writer = json_writer_new(&out);
    if (!turn_begin(changing->host, err) ||
        !life_retire(&writer, changing->host, changing->robot, manifest, changing->actor, changing->why, err))
        return false;
    if (!json_writer_done(&writer))
        return fail(err, ERR_LIMIT_PASSED, "schedules", "900 KB");
    changing->reply = buf_steal(&out);
    return true;
}

static void on_retired_pin(void *owner, struct pin *pin, const struct problems *problems)
{
    struct changing *changing = owner;
    struct err err;
    if (retire(changing, pin && !problems ? pin->manifest : NULL, &err)) {
        turn_after(changing->host, on_stored, changing);
        return;
    }
    turn_spoil(changing->host, &err);
    give_up(changing, &err);
}

static void on_synced(void *owner, const struct err *failed)
{
    struct changing *changing = owner;
    char tree[REPO_ID_SIZE];
    struct err err;
    struct repo *repo = host_repo(changing->host, &err);
    if (failed || !repo || !repo_pin(repo, tree, changing->robot, REPO_LOOSE, &err)) {
        give_up(changing, failed ? failed : &err);
        return;
    }
    pins_load(changing->host, tree, on_retired_pin, changing);
}

static bool why_of(const char **why, const struct json *body, struct err *err)
{
    *why = json_string_or(json_get(body, "why"), "");
    return text_trim(text_from(*why)).length ? true : fail(err, ERR_LIFE_WHY);
}

bool request_life_retire(struct host *host, struct answer *answer, const struct json *body,
                         struct frame *frame, struct err *err)
{
    const char *robot, *why;
    (void)frame;
    if (!body_text(&robot, body, "robot", err) || !why_of(&why, body, err))
        return false;
    struct changing *changing = xcalloc(1, sizeof *changing);
    *changing = (struct changing){.host = host,
                                  .answer = answer,
                                  .robot = xstrdup(robot),
                                  .actor = xstrdup(body_actor(body)),
                                  .why = xstrdup(why)};
    schedules_sync(host, on_synced, changing);
    return true;
}

static void on_changed(void *owner, const struct err *failed)
{
    if (failed)
        answer_fail(owner, failed);
    else
        answer_done(owner, TEXT_OF("{}"));
}

static bool in_a_turn(struct host *host, struct answer *answer, bool done, const struct err *err)
{
    if (!done) {
        turn_spoil(host, err);
        return false;
    }
    turn_after(host, on_changed, answer);
    return true;
}

bool request_life_revive(struct host *host, struct answer *answer, const struct json *body,
                         struct frame *frame, struct err *err)
{
    const char *robot;
    (void)frame;
    if (!body_text(&robot, body, "robot", err) || !turn_begin(host, err))
        return false;
    return in_a_turn(host, answer, life_revive(host, robot, body_actor(body), err), err);
}

static bool is_known(struct host *host, const char *robot, struct err *err)
{
    char tree[REPO_ID_SIZE];
    struct repo *repo = host_repo(host, err);
    return repo && repo_pin(repo, tree, robot, REPO_LOOSE, err);
}

bool request_life_keep(struct host *host, struct answer *answer, const struct json *body, struct frame *frame,
                       struct err *err)
{
    const char *robot, *until, *why;
    (void)frame;
    if (!body_text(&robot, body, "robot", err) || !body_text(&until, body, "until", err) ||
        !why_of(&why, body, err) || !is_known(host, robot, err) || !turn_begin(host, err))
        return false;
    return in_a_turn(host, answer, life_keep(host, robot, until, body_actor(body), why, err), err);
}
