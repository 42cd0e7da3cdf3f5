// Requests about approvals: what waits for one, and what a person says. In the host.
#include "host/approvals.h"
#include "host/pins.h"
#include "host/requests.h"
#include "host/turn.h"

enum { ROBOTS_MAX = 2000 };

// ---- what waits

struct reviewing {
    struct host *host;
    struct answer *answer;
    char *robots[ROBOTS_MAX];
    size_t count, next;
    struct buf out;
    struct json_writer writer;
    char tree[REPO_ID_SIZE];
};

static void reviewing_free(struct reviewing *reviewing)
{
    for (size_t i = 0; i < reviewing->count; i++)
        xfree(reviewing->robots[i]);
    buf_dispose(&reviewing->out);
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

static void on_reviewed(void *owner, struct pin *pin, const struct problems *wrong)
{
    struct reviewing *reviewing = owner;
    struct err err;
    write_begin(reviewing);
    if (wrong)
        write_wrong(reviewing, &wrong->items[0]);
    else if (!approvals_write(reviewing->host, &reviewing->writer, reviewing->robots[reviewing->next],
                              reviewing->tree, pin->manifest, &err))
        write_wrong(reviewing, &err);
    write_end(reviewing);
}

static void review_end(struct reviewing *reviewing)
{
    struct err err;
    json_end_array(&reviewing->writer);
    json_end_object(&reviewing->writer);
    if (json_writer_done(&reviewing->writer))
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
    *reviewing = (struct reviewing){.host = host, .answer = answer, .out = buf_new(BODY_MAX)};
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

// ---- what a person says

struct saying {
    struct host *host;
    struct answer *answer;
    struct json_document *body;
    struct approval_said said;
    struct person person;
    char tree[REPO_ID_SIZE], tag[REPO_ID_SIZE];
    bool draft; // only what is to be signed
};

static void saying_free(struct saying *saying)
{
    json_document_free(saying->body);
    xfree(saying);
}

static void refuse(struct saying *saying, const struct err *err)
{
    turn_spoil(saying->host, err);
    answer_fail(saying->answer, err);
    saying_free(saying);
}

static void write_said(struct saying *saying, struct text payload)
{
    SCOPED_BUF(out, BODY_MAX);
    struct json_writer writer = json_writer_new(&out);
    const struct {
        const char *key;
        struct text value;
    } texts[] = {{"robot", text_from(saying->said.robot)},
                 {"tree", text_from(saying->tree)},
                 {"person", text_from(saying->person.login)},
                 {payload.length ? "payload" : "tag", payload.length ? payload : text_from(saying->tag)}};
    json_begin_object(&writer);
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        json_write_key(&writer, texts[i].key);
        json_write_lossy(&writer, texts[i].value);
    }
    json_end_object(&writer);
    require(json_writer_done(&writer));
    answer_done(saying->answer, buf_text(&out));
    saying_free(saying);
}

static void on_stored(void *owner, const struct err *failed)
{
    struct saying *saying = owner;
    if (failed) {
        answer_fail(saying->answer, failed);
        saying_free(saying);
    } else
        write_said(saying, TEXT_OF(""));
}

static bool say_it(struct saying *saying, struct err *err)
{
    const char *object = json_string_or(json_get(json_root(saying->body), "signed"), NULL);
    if (object)
        return approvals_take(saying->host, saying->tag, &saying->said, text_from(object), err);
    return approvals_sign(saying->host, saying->tag, &saying->said, err);
}

static void on_said(void *owner, struct pin *pin, const struct problems *wrong)
{
    struct saying *saying = owner;
    struct err err;
    SCOPED_BUF(payload, APPROVAL_TAG_MAX);
    if (wrong) {
        answer_problems(saying->answer, wrong);
        saying_free(saying);
    } else if (!approvals_may(saying->host, saying->said.robot, saying->tree, pin->manifest, &saying->person,
                              saying->said.why != NULL, &err))
        refuse(saying, &err);
    else if (saying->draft) {
        require(approvals_payload(&payload, saying->host, &saying->said, false));
        write_said(saying, buf_text(&payload));
    } else if (say_it(saying, &err))
        turn_after(saying->host, on_stored, saying);
    else
        refuse(saying, &err);
}

// One line, so that it stays what was signed; nothing that a terminal obeys.
static bool why_is_good(const char *why, struct err *err)
{
    for (const char *at = why; *at; at++)
        if ((unsigned char)*at < 0x20 || *at == 0x7F)
            return fail(err, ERR_REQUEST_MALFORMED, "why");
    return *why && strlen(why) <= APPROVAL_WHY_MAX ? true : fail(err, ERR_REQUEST_MALFORMED, "why");
}

static bool read_saying(struct saying *saying, const struct json *body, bool rejects, struct err *err)
{
    SCOPED_BUF(copy, BODY_MAX); // the body is gone when the manifest comes
    struct json_writer writer = json_writer_new(&copy);
    json_write_value(&writer, body);
    if (!json_writer_done(&writer) || !json_parse(&saying->body, buf_text(&copy), err))
        return fail(err, ERR_REQUEST_MALFORMED, "body");
    const struct json *root = json_root(saying->body);
    const char *as = json_string_or(json_get(root, "as"), saying->host->account);
    if (!body_text(&saying->said.robot, root, "robot", err) ||
        (rejects && (!body_text(&saying->said.why, root, "why", err) || !why_is_good(saying->said.why, err))))
        return false;
    if (!person_find(&saying->person, saying->host->settings, as))
        return fail(err, ERR_APPROVAL_NOT_YOURS, saying->said.robot, as, "-");
    saying->draft = body_flag(root, "draft");
    saying->said.tree = saying->tree;
    saying->said.person = &saying->person;
    return true;
}

// Where the person named the content that was read, another one is not what is meant.
static bool is_the_one(const struct saying *saying, struct err *err)
{
    const char *meant = json_string_or(json_get(json_root(saying->body), "tree"), saying->tree);
    return strncmp(meant, saying->tree, strlen(meant)) == 0
               ? true
               : fail(err, ERR_APPROVAL_OTHER, saying->said.robot, saying->tree, meant);
}

static bool say(struct host *host, struct answer *answer, const struct json *body, bool rejects,
                struct err *err)
{
    struct saying *saying = xcalloc(1, sizeof *saying);
    saying->host = host;
    struct repo *repo = host_repo(host, err);
    if (!repo || !read_saying(saying, body, rejects, err) ||
        !repo_pin(repo, saying->tree, saying->said.robot, REPO_BRANCH, err) || !is_the_one(saying, err)) {
        saying_free(saying);
        return false;
    }
    saying->answer = answer;
    pins_load(host, saying->tree, on_said, saying);
    return true;
}

bool request_review_approve(struct host *host, struct answer *answer, const struct json *body,
                            struct frame *frame, struct err *err)
{
    (void)frame;
    return say(host, answer, body, false, err);
}

bool request_review_reject(struct host *host, struct answer *answer, const struct json *body,
                           struct frame *frame, struct err *err)
{
    (void)frame;
    return say(host, answer, body, true, err);
}
