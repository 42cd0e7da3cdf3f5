// Requests about what waits for approval: each robot's state; of one robot also what changed since the content that was
// approved before, permits first. In the host.
#include "host/approvals.h"
#include "host/diff.h"
#include "host/emergencies.h"
#include "host/pins.h"
#include "host/repo/compare.h"
#include "host/requests.h"
#include "lib/changes/changes.h"

enum { ROBOTS_MAX = 2000 };

// ---- what waits

struct reviewing {
    struct host *host;
    struct answer *answer;
    char *robots[ROBOTS_MAX];
    size_t count, next;
    struct buf out;
    struct json_writer writer;
    char tree[REPO_ID_SIZE], base[REPO_ID_SIZE];
    bool one; // what changed is told too
    enum language language;
    char *manifest; // of the content that is looked at
};

static void reviewing_free(struct reviewing *reviewing)
{
    for (size_t i = 0; i < reviewing->count; i++)
        xfree(reviewing->robots[i]);
    buf_dispose(&reviewing->out);
    xfree(reviewing->manifest);
    xfree(reviewing);
}

static void review_next(struct reviewing *reviewing);

static void write_begin(struct reviewing *reviewing)
{
    json_begin_object(&reviewing->writer);
    json_write_key(&reviewing->writer, "robot");
    json_write_string(&reviewing->writer, reviewing->robots[reviewing->next]);
}

static void write_wrong(struct reviewing *reviewing, const struct err *err)
{
    json_write_key(&reviewing->writer, "state");
    json_write_string(&reviewing->writer, "wrong");
    json_write_key(&reviewing->writer, "fault");
    err_write(&reviewing->writer, err);
}

static void write_end(struct reviewing *reviewing)
{
    json_end_object(&reviewing->writer);
    reviewing->next++;
    review_next(reviewing);
}

// ---- what changed

static void write_changes(struct reviewing *reviewing, const char *was, const char *is)
{
    struct changes changes = changes_new(reviewing->language);
    struct err ignored;
    SCOPED(json_document)
    before = NULL;
    SCOPED(json_document)
    after = NULL;
    if (was)
        (void)!json_parse(&before, text_from(was), &ignored);
    (void)!json_parse(&after, text_from(is), &ignored);
    changes_describe(&changes, before ? json_root(before) : NULL, after ? json_root(after) : NULL);
    json_write_key(&reviewing->writer, "changes");
    changes_write(&reviewing->writer, &changes);
    changes_dispose(&changes);
}

static void write_rest(struct reviewing *reviewing)
{
    struct err err;
    if (!diff_write_files(&reviewing->writer, reviewing->host,
                          reviewing->base[0] ? reviewing->base : REPO_EMPTY_TREE, reviewing->tree, &err)) {
        json_write_key(&reviewing->writer, "fault");
        err_write(&reviewing->writer, &err);
    }
    write_end(reviewing);
}

static void on_base(void *owner, struct pin *pin, const struct problems *wrong)
{
    struct reviewing *reviewing = owner;
    SCOPED_BUF(why, 4096);
    if (!wrong)
        write_changes(reviewing, pin->manifest_json, reviewing->manifest);
    else if (err_message(&why, &wrong->items[0], reviewing->language)) {
        json_write_key(&reviewing->writer, "unreadable");
        json_write_lossy(&reviewing->writer, buf_text(&why));
    }
    write_rest(reviewing);
}

static void write_difference(struct reviewing *reviewing, const struct pin *pin)
{
    if (reviewing->base[0]) {
        reviewing->manifest = xstrdup(pin->manifest_json);
        pins_load(reviewing->host, reviewing->base, on_base, reviewing);
        return;
    }
    write_changes(reviewing, NULL, pin->manifest_json);
    write_rest(reviewing);
}

static void on_reviewed(void *owner, struct pin *pin, const struct problems *wrong)
{
    struct reviewing *reviewing = owner;
    struct err err;
    bool good = false;
    write_begin(reviewing);
    if (wrong)
        write_wrong(reviewing, &wrong->items[0]);
    else if (!(good =
                   approvals_write(reviewing->host, &reviewing->writer, reviewing->base,
                                   reviewing->robots[reviewing->next], reviewing->tree, pin->manifest, &err)))
        write_wrong(reviewing, &err);
    if (good && reviewing->one)
        write_difference(reviewing, pin);
    else
        write_end(reviewing);
}

// ---- one robot after the other

static void review_end(struct reviewing *reviewing)
{
    struct err err;
    json_end_array(&reviewing->writer);
    const bool good = emergencies_write(&reviewing->writer, reviewing->host,
                                        reviewing->one ? reviewing->robots[0] : NULL, &err);
    json_end_object(&reviewing->writer);
    if (!good)
        answer_fail(reviewing->answer, &err);
    else if (json_writer_done(&reviewing->writer))
        answer_done(reviewing->answer, buf_text(&reviewing->out));
    else {
        (void)fail(&err, ERR_LIMIT_PASSED, "review", "900 KB");
        answer_fail(reviewing->answer, &err);
    }
    reviewing_free(reviewing);
}

static void review_next(struct reviewing *reviewing)
{
    struct err err;
    if (reviewing->next == reviewing->count) {
        review_end(reviewing);
        return;
    }
    struct repo *repo = host_repo(reviewing->host, &err);
    if (repo && repo_pin(repo, reviewing->tree, reviewing->robots[reviewing->next], REPO_BRANCH, &err)) {
        pins_load(reviewing->host, reviewing->tree, on_reviewed, reviewing);
        return;
    }
    write_begin(reviewing);
    write_wrong(reviewing, &err);
    write_end(reviewing);
}

static bool take_robot(void *owner, const char *name, struct err *err)
{
    struct reviewing *reviewing = owner;
    if (reviewing->count == ROBOTS_MAX)
        return fail(err, ERR_LIMIT_PASSED, "robots", N(ROBOTS_MAX));
    reviewing->robots[reviewing->count++] = xstrdup(name);
    return true;
}

bool request_review_list(struct host *host, struct answer *answer, const struct json *body,
                         struct frame *frame, struct err *err)
{
    const char *robot = json_string_or(json_get(body, "robot"), NULL);
    char tree[REPO_ID_SIZE];
    struct repo *repo = host_repo(host, err);
    (void)frame;
    if (!repo || (robot && !repo_content(repo, tree, robot, NULL, err)))
        return false;
    struct reviewing *reviewing = xcalloc(1, sizeof *reviewing);
    *reviewing = (struct reviewing){.host = host,
                                    .answer = answer,
                                    .out = buf_new(BODY_MAX),
                                    .one = robot != NULL,
                                    .language = body_language(body)};
    if (!(robot ? take_robot(reviewing, robot, err) : repo_robots(repo, take_robot, reviewing, err))) {
        reviewing_free(reviewing);
        return false;
    }
    reviewing->writer = json_writer_new(&reviewing->out);
    json_begin_object(&reviewing->writer);
    json_write_key(&reviewing->writer, "production");
    json_write_boolean(&reviewing->writer, host->settings->production);
    json_write_key(&reviewing->writer, "robots");
    json_begin_array(&reviewing->writer);
    review_next(reviewing);
    return true;
}
