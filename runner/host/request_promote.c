// The request robot.promote: a robot as it is saved here comes to another environment's branch. In the host.
//
//     checked ── the branch fetched ── indexed ── commit made ── told (a rehearsal)
//                                                      └─ pushed ── recorded ── told
//
// Environments share one remote, each with a branch of its own (decision 0024). Nothing here moves but the other branch;
// where the remote is a folder, which renki never writes to, it is the branch of this repository instead.
//
// Answers { robot, to, from, branch, url, tree, commit, production, sent, changes: [{ path, kind }],
// change_count, shared: [{ module, robots }] }; commit is "" where nothing differs.
#include "host/people.h"
#include "host/repo/promote.h"
#include "host/requests.h"
#include "host/sync.h"
#include "host/sync_step.h"
#include "host/turn.h"

#include <stdio.h>

enum { CHANGES_TOLD = 2000, PUSHES_BYTES_MAX = 300000, AUDIT_MAX = 4096, REASON_MAX = 200 };

struct promotion {
    struct host *host;
    struct answer *answer;
    char *robot, *to, *actor;
    bool rehearsal, production, sends, sent;
    char *branch;
    char refused[REASON_MAX]; // the remote's own words; ""
    char onto[REPO_ID_SIZE];  // the branch's newest commit; "": not known yet
    struct buf known;         // names of references that the remote has, one a line
    struct repo_promoted promoted;
};

static void promotion_free(struct promotion *promotion)
{
    repo_promoted_dispose(&promotion->promoted);
    buf_dispose(&promotion->known);
    xfree(promotion->robot);
    xfree(promotion->to);
    xfree(promotion->actor);
    xfree(promotion->branch);
    xfree(promotion);
}

static void promotion_end(struct promotion *promotion)
{
    struct host *host = promotion->host;
    promotion_free(promotion);
    sync_leave(host);
}

static void failed(struct promotion *promotion, const struct err *why)
{
    answer_fail(promotion->answer, why);
    promotion_end(promotion);
}

// ---- telling

static void write_string(struct json_writer *out, const char *key, const char *text)
{
    json_write_key(out, key);
    json_write_lossy(out, text_from(text));
}

static void write_flag(struct json_writer *out, const char *key, bool flag)
{
    json_write_key(out, key);
    json_write_boolean(out, flag);
}

static void write_changes(struct json_writer *out, const struct repo_promoted *promoted)
{
    static const char *const kinds[] = {
        [REPO_ADDED] = "added", [REPO_CHANGED] = "changed", [REPO_DELETED] = "deleted"};
    json_write_key(out, "changes");
    json_begin_array(out);
    for (size_t i = 0; i < promoted->change_count && i < CHANGES_TOLD; i++) {
        json_begin_object(out);
        write_string(out, "path", promoted->changes[i].path);
        write_string(out, "kind", kinds[promoted->changes[i].kind]);
        json_end_object(out);
    }
    json_end_array(out);
    json_write_key(out, "change_count");
    json_write_integer(out, (int64_t)promoted->change_count);
}

static void write_shared(struct json_writer *out, const struct repo_promoted *promoted)
{
    json_write_key(out, "shared");
    json_begin_array(out);
    for (size_t i = 0; i < promoted->shared_count; i++) {
        json_begin_object(out);
        write_string(out, "module", promoted->shared[i].module);
        write_string(out, "robots", promoted->shared[i].robots);
        json_end_object(out);
    }
    json_end_array(out);
}

static void write_where(struct json_writer *out, const struct promotion *promotion)
{
    write_string(out, "robot", promotion->robot);
    write_string(out, "to", promotion->to);
    write_string(out, "from", promotion->host->settings->environment);
    write_string(out, "branch", promotion->branch);
    write_string(out, "tree", promotion->promoted.tree);
    write_string(out, "commit", promotion->promoted.commit);
}

static void tell(struct promotion *promotion)
{
    SCOPED_BUF(out, BODY_MAX);
    struct json_writer writer = json_writer_new(&out);
    struct err err;
    json_begin_object(&writer);
    write_where(&writer, promotion);
    write_string(&writer, "url", promotion->host->settings->remote);
    write_flag(&writer, "production", promotion->production);
    write_flag(&writer, "sent", promotion->sent);
    write_changes(&writer, &promotion->promoted);
    write_shared(&writer, &promotion->promoted);
    json_end_object(&writer);
    if (answer_written(promotion->answer, &writer, "changes", &err))
        promotion_end(promotion);
    else
        failed(promotion, &err);
}

// ---- recording

static void on_recorded(void *owner, const struct err *why)
{
    if (why)
        failed(owner, why);
    else
        tell(owner);
}

static void record(struct promotion *promotion)
{
    struct host *host = promotion->host;
    struct err err;
    SCOPED_BUF(content, AUDIT_MAX);
    struct json_writer writer = json_writer_new(&content);
    json_begin_object(&writer);
    write_where(&writer, promotion);
    json_end_object(&writer);
    require(json_writer_done(&writer)); // names are bounded
    if (!turn_begin(host, &err) ||
        !store_audit(host->store, promotion->actor, "robot.promoted", 0, buf_text(&content), &err)) {
        turn_spoil(host, &err);
        failed(promotion, &err);
        return;
    }
    turn_after(host, on_recorded, promotion);
}

// ---- sending

static void on_reference(void *owner, const char *name, const char *id)
{
    struct promotion *promotion = owner;
    if (strcmp(name, "refs/heads/remote") == 0 && strlen(id) == REPO_ID_SIZE - 1)
        memcpy(promotion->onto, id, REPO_ID_SIZE);
    else // what does not fit is sent once more, and refused there
        (void)!buf_printf(&promotion->known, "%s\n", name);
}

static void on_pushed(void *owner, const char *name, const char *why)
{
    struct promotion *promotion = owner;
    SCOPED_TEXT char *branch = xasprintf("refs/heads/%s", promotion->branch);
    if (strcmp(name, branch) != 0)
        return;
    promotion->sent = !*why;
    snprintf(promotion->refused, sizeof promotion->refused, "%s", why);
}

static void on_push_over(void *owner, bool fresh, const struct err *why)
{
    struct promotion *promotion = owner;
    struct err err;
    (void)fresh;
    if (!why && promotion->sent)
        record(promotion);
    else if (!why && promotion->refused[0]) { // a rule of the server, who knows them best
        (void)fail(&err, ERR_PROMOTE_REFUSED, promotion->to, promotion->branch, promotion->refused);
        failed(promotion, &err);
    } else if (!why || why->code == ERR_SYNC_BEHIND) {
        (void)fail(&err, ERR_PROMOTE_MOVED, promotion->to, promotion->branch);
        failed(promotion, &err);
    } else
        failed(promotion, why);
}

struct gathering {
    struct promotion *promotion;
    struct buf *out;
};

static bool add_push(struct buf *out, const char *name, const char *id)
{
    return buf_append_char(out, out->length ? ',' : '[') && buf_append_char(out, '[') &&
           json_append_quoted(out, text_from(name)) && buf_append_char(out, ',') &&
           json_append_quoted(out, text_from(id)) && buf_append_char(out, ']');
}

// What people said of this very content, which the remote does not have yet; the content itself comes before it.
static bool gather(void *owner, const char *name, const char *id, const char *tree, struct err *err)
{
    struct gathering *gathering = owner;
    char content[REPO_ID_SIZE];
    SCOPED_TEXT char *line = xasprintf("%s\n", name);
    SCOPED_TEXT char *kept = xasprintf("refs/renki/contents/%s", tree);
    if (strcmp(tree, gathering->promotion->promoted.tree) != 0 ||
        strstr(buf_string(&gathering->promotion->known), line) ||
        !repo_approval_content(gathering->promotion->host->repo, content, tree))
        return true;
    return ((strstr(buf_string(gathering->out), kept) || add_push(gathering->out, kept, content)) &&
            add_push(gathering->out, name, id)) ||
           fail(err, ERR_LIMIT_PASSED, "push", N(PUSHES_BYTES_MAX));
}

static void push(struct promotion *promotion)
{
    static const struct sync_step_events events = {on_reference, on_pushed, on_push_over};
    struct err err;
    SCOPED_BUF(pushes, PUSHES_BYTES_MAX);
    SCOPED_TEXT char *branch = xasprintf("refs/heads/%s", promotion->branch);
    struct gathering gathering = {promotion, &pushes};
    require(add_push(&pushes, branch, promotion->promoted.commit));
    if (!repo_approvals(promotion->host->repo, gather, &gathering, &err)) {
        failed(promotion, &err);
        return;
    }
    require(buf_append_char(&pushes, ']'));
    sync_step_start(promotion->host,
                    &(struct sync_job){.step = "push", .refused = "", .pushes = buf_text(&pushes)}, &events,
                    promotion);
}

static void move(struct promotion *promotion)
{
    struct repo *repo = promotion->host->repo;
    char here[REPO_ID_SIZE];
    bool moved = false;
    struct err err;
    const bool there = repo_branch_at(repo, here, promotion->branch);
    if (!repo_branch_move(repo, &moved, promotion->branch, there ? here : NULL, promotion->promoted.commit,
                          &err))
        failed(promotion, &err);
    else if (moved)
        record(promotion);
    else {
        (void)fail(&err, ERR_PROMOTE_MOVED, promotion->to, promotion->branch);
        failed(promotion, &err);
    }
}

// ---- the commit

static bool make_commit(struct promotion *promotion, struct err *err)
{
    struct person person;
    const struct settings *settings = promotion->host->settings;
    if (!person_find(&person, settings, promotion->actor))
        return fail(err, ERR_REQUEST_MALFORMED, "actor");
    SCOPED_TEXT char *message =
        xasprintf("%s: promote from %s to %s\n", promotion->robot, settings->environment, promotion->to);
    const struct repo_promoting what = {.robot = promotion->robot,
                                        .onto = promotion->onto,
                                        .name = person.name,
                                        .mail = person.email,
                                        .message = message};
    return repo_promote(promotion->host->repo, &promotion->promoted, &what, err);
}

static void with_branch(struct promotion *promotion)
{
    struct err err;
    if (!make_commit(promotion, &err))
        failed(promotion, &err);
    else if (promotion->rehearsal || !promotion->promoted.commit[0])
        tell(promotion);
    else if (promotion->sends)
        push(promotion);
    else
        move(promotion);
}

// A folder's branch is here, too, with what was promoted and has yet to be sent.
static bool choose_own(struct promotion *promotion, struct err *err)
{
    struct repo *repo = promotion->host->repo;
    enum repo_way way;
    char here[REPO_ID_SIZE];
    if (promotion->sends || !repo_branch_at(repo, here, promotion->branch))
        return true;
    if (!repo_compare(repo, &way, promotion->branch, promotion->onto, err))
        return false;
    if (way == REPO_WAY_BACK)
        memcpy(promotion->onto, here, REPO_ID_SIZE);
    return way == REPO_WAY_BACK || way == REPO_WAY_SAME || way == REPO_WAY_FORWARD ||
           fail(err, ERR_PROMOTE_MOVED, promotion->to, promotion->branch);
}

static void on_indexed(void *owner, bool fresh, const struct err *why)
{
    struct promotion *promotion = owner;
    size_t count;
    struct err err;
    (void)fresh;
    if (why)
        failed(promotion, why);
    else if (!repo_take_commits(promotion->host->repo, &count, SYNC_QUARANTINE, promotion->branch,
                                promotion->onto, &err) ||
             !choose_own(promotion, &err))
        failed(promotion, &err);
    else
        with_branch(promotion);
}

static void on_fetched(void *owner, bool fresh, const struct err *why)
{
    static const struct sync_step_events events = {on_reference, on_pushed, on_indexed};
    struct promotion *promotion = owner;
    if (!why && fresh)
        sync_step_start(promotion->host, &(struct sync_job){.step = "index", .refused = ""}, &events,
                        promotion);
    else
        on_indexed(promotion, false, why);
}

static void on_turn(void *owner)
{
    static const struct sync_step_events events = {on_reference, on_pushed, on_fetched};
    struct promotion *promotion = owner;
    sync_step_start(promotion->host,
                    &(struct sync_job){.step = "fetch", .branch = promotion->branch, .refused = ""}, &events,
                    promotion);
}

// ---- the request

static bool is_next(const struct settings *settings, const char *to, struct err *err)
{
    const char *from = settings_promoted_from(settings, to);
    if (!settings->environment)
        return fail(err, ERR_PROMOTE_NOWHERE);
    if (strcmp(to, settings->environment) == 0)
        return fail(err, ERR_PROMOTE_HERE, to);
    return !from || strcmp(from, settings->environment) == 0 ||
           fail(err, ERR_PROMOTE_ORDER, to, from, settings->environment);
}

static bool look_there(struct promotion *promotion, struct err *err)
{
    const struct settings *here = promotion->host->settings;
    SCOPED(settings)
    there = NULL;
    if (!settings_of_environment(&there, here, promotion->to, err))
        return false;
    if (!here->remote || !there->remote)
        return fail(err, ERR_REMOTE_NONE);
    if (strcmp(here->remote, there->remote) != 0)
        return fail(err, ERR_PROMOTE_REMOTE, promotion->to, there->remote);
    if (strcmp(here->remote_branch, there->remote_branch) == 0)
        return fail(err, ERR_PROMOTE_SAME_BRANCH, promotion->to, there->remote_branch);
    if (!repo_branch_is_good(there->remote_branch))
        return fail(err, ERR_PROMOTE_BRANCH, promotion->to);
    promotion->branch = xstrdup(there->remote_branch);
    promotion->production = there->production;
    promotion->sends = strncmp(here->remote, "https://", 8) == 0 || strncmp(here->remote, "ssh://", 6) == 0;
    return true;
}

// What is not saved is refused: nobody could say what came there.
static bool look_here(struct promotion *promotion, struct err *err)
{
    char tree[REPO_ID_SIZE];
    struct repo *repo = host_repo(promotion->host, err);
    return repo && repo_pin(repo, tree, promotion->robot, REPO_COMMITTED, err);
}

bool request_robot_promote(struct host *host, struct answer *answer, const struct json *body,
                           struct frame *frame, struct err *err)
{
    const char *robot, *to;
    (void)frame;
    if (!body_text(&robot, body, "robot", err) || !body_text(&to, body, "to", err) ||
        !is_next(host->settings, to, err))
        return false;
    struct promotion *promotion = xcalloc(1, sizeof *promotion);
    *promotion = (struct promotion){.host = host,
                                    .answer = answer,
                                    .robot = xstrdup(robot),
                                    .to = xstrdup(to),
                                    .actor = xstrdup(body_actor(body)),
                                    .rehearsal = body_flag(body, "dry_run"),
                                    .known = buf_new(PUSHES_BYTES_MAX)};
    if (look_there(promotion, err) && look_here(promotion, err)) {
        sync_visit(host, on_turn, promotion);
        return true;
    }
    promotion_free(promotion);
    return false;
}
