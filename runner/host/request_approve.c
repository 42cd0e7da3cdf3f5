// Requests by which a person approves or rejects a content. In the host.
#include "host/approvals.h"
#include "host/pins.h"
#include "host/requests.h"
#include "host/turn.h"

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
