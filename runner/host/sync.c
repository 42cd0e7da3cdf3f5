// See sync.h.
#include "host/sync.h"

#include "host/alerts.h"
#include "host/approvals.h"
#include "host/sync_step.h"
#include "host/turn.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/gitobject/gitobject.h"

#include <stdio.h>

enum {
    LOGIN_REST_MS = 15 * 60 * 1000, // a login that was refused is let alone, so that no account is locked
    REFERENCES_MAX = 20001,
    PUSHES_MAX = 1000,
    PUSHES_BYTES_MAX = 300000,
    LEFT_MAX = 4000,
    CONTENT_MAX = 16384,
    BEHIND_MAX = 5 // a push that others were quicker than is tried so often at once
};

struct reference {
    char *name;
    char id[REPO_ID_SIZE];
};

// What one round found.
struct round {
    struct reference *references;
    size_t count, capacity;
    char before[REPO_ID_SIZE], here[REPO_ID_SIZE]; // where the branch here was, is
    char after[REPO_ID_SIZE];                      // the remote's
    size_t commits, approvals, pushed;
    bool moved;
    struct buf left; // files that could not follow
};

struct guest {
    void (*visit)(void *owner);
    void *owner;
    struct guest *next;
};

struct sync {
    struct host *host;
    struct guest *guests; // who waits for a turn of their own
    uv_timer_t every;
    struct answer_list waiting, next; // who hears of this round, of the one after it
    bool under_way, again;
    int behind;
    int64_t last_ms, rest_until_ms;
    char refused[REPO_ID_SIZE]; // the branch's commit that is not taken; "": none
    struct err problem;
    struct round round;
};

static void begin(struct sync *sync);

// ---- the end of a round

static void round_dispose(struct round *round)
{
    for (size_t i = 0; i < round->count; i++)
        xfree(round->references[i].name);
    xfree(round->references);
    buf_dispose(&round->left);
    *round = (struct round){0};
}

static void write_round(struct buf *out, const struct sync *sync)
{
    const struct round *round = &sync->round;
    struct json_writer writer = json_writer_new(out);
    json_begin_object(&writer);
    json_write_key(&writer, "branch");
    json_write_string(&writer, sync->host->settings->remote_branch);
    json_write_key(&writer, "moved");
    json_write_boolean(&writer, round->moved);
    json_write_key(&writer, "from");
    json_write_string(&writer, round->before);
    json_write_key(&writer, "to");
    json_write_string(&writer, round->here[0] ? round->here : round->after);
    json_write_key(&writer, "commits");
    json_write_integer(&writer, (int64_t)round->commits);
    json_write_key(&writer, "approvals");
    json_write_integer(&writer, (int64_t)round->approvals);
    json_write_key(&writer, "pushed");
    json_write_integer(&writer, (int64_t)round->pushed);
    json_write_key(&writer, "left");
    json_write_lossy(&writer, buf_text(&round->left));
    json_end_object(&writer);
    require(json_writer_done(&writer));
}

static void tell_waiting(struct sync *sync, const struct err *failed)
{
    SCOPED_BUF(out, CONTENT_MAX);
    write_round(&out, sync);
    for (size_t i = 0; i < sync->waiting.count; i++)
        if (failed)
            answer_fail(sync->waiting.items[i], failed);
        else
            answer_done(sync->waiting.items[i], buf_text(&out));
    answer_list_dispose(&sync->waiting);
    sync->waiting = sync->next;
    sync->next = (struct answer_list){0};
}

static void next(struct sync *sync)
{
    struct guest *guest = sync->guests;
    sync->under_way = guest != NULL;
    if (!sync->waiting.count) { // who asked while a guest was here
        sync->waiting = sync->next;
        sync->next = (struct answer_list){0};
    }
    if (guest) {
        sync->guests = guest->next;
        guest->visit(guest->owner);
        xfree(guest);
    } else if (sync->again || sync->waiting.count)
        begin(sync);
    else
        host_rest(sync->host);
}

static void over(struct sync *sync, const struct err *failed)
{
    if (!failed) {
        sync->problem.code = ERR_NONE;
        sync->last_ms = clock_realtime_ms();
    }
    tell_waiting(sync, failed);
    round_dispose(&sync->round);
    next(sync);
}

// ---- what went wrong

static bool record_refusal(struct sync *sync, const struct err *why, struct err *err)
{
    struct host *host = sync->host;
    SCOPED_BUF(content, CONTENT_MAX);
    SCOPED_BUF(words, CONTENT_MAX);
    struct json_writer writer = json_writer_new(&content);
    json_begin_object(&writer);
    json_write_key(&writer, "branch");
    json_write_string(&writer, host->settings->remote_branch);
    json_write_key(&writer, "commit");
    json_write_string(&writer, sync->refused);
    json_write_key(&writer, "error");
    json_write_string(&writer, err_name(why->code));
    json_write_key(&writer, "reason");
    json_write_lossy(&writer, text_from(why->arguments[1]));
    json_end_object(&writer);
    require(json_writer_done(&writer));
    (void)!err_message(&words, why, host->settings->language);
    SCOPED_TEXT char *detail = text_copy(buf_text(&words));
    return turn_begin(host, err) &&
           store_audit(host->store, "sync", "sync.refused", 0, buf_text(&content), err) &&
           alert_raise(
               host, &(struct alert){.kind = ALERT_SYNC, .subject = host->settings->remote, .detail = detail},
               err);
}

static bool is_refusal(const struct err *why)
{
    return why->code == ERR_SYNC_REFUSED || why->code == ERR_SYNC_HOST_KEY ||
           why->code == ERR_SYNC_CERTIFICATE || why->code == ERR_SYNC_LOGIN;
}

static void failed(struct sync *sync, const struct err *why)
{
    struct err err, told = *why;
    const bool is_new =
        sync->problem.code != why->code || strcmp(sync->problem.arguments[1], why->arguments[1]) != 0;
    if (why->code == ERR_SYNC_REFUSED)
        snprintf(sync->refused, sizeof sync->refused, "%s", sync->round.after);
    if (why->code == ERR_SYNC_LOGIN)
        sync->rest_until_ms = clock_monotonic_ms() + LOGIN_REST_MS;
    sync->problem = *why;
    if (is_new) { // told once, and again when it is something else
        log_error("sync.failed", "error=%s reason=\"%s\"", err_name(why->code), why->arguments[1]);
        if (is_refusal(why) && !record_refusal(sync, why, &err))
            turn_spoil(sync->host, &err);
    }
    over(sync, &told);
}

// Of what was brought: it is not needed any more, nor is it to be built on.
static void failed_to_take(struct sync *sync, const struct err *why)
{
    if (why->code == ERR_SYNC_FAILED || why->code == ERR_SYNC_REFUSED)
        quarantine_forget();
    failed(sync, why);
}

// ---- pushing

struct gathering {
    struct sync *sync;
    struct buf *out;
    size_t count;
};

static const struct reference *find_reference(const struct round *round, const char *name)
{
    for (size_t i = 0; i < round->count; i++)
        if (strcmp(round->references[i].name, name) == 0)
            return &round->references[i];
    return NULL;
}

static bool add(struct gathering *gathering, const char *name, const char *id, struct err *err)
{
    SCOPED_TEXT char *quoted = xasprintf("\"%s\"", name);
    if (strstr(buf_string(gathering->out), quoted)) // a content that several have approved
        return true;
    gathering->count++;
    return buf_append_char(gathering->out, gathering->out->length ? ',' : '[') &&
                   buf_append_char(gathering->out, '[') &&
                   json_append_quoted(gathering->out, text_from(name)) &&
                   buf_append_char(gathering->out, ',') &&
                   json_append_quoted(gathering->out, text_from(id)) && buf_append_char(gathering->out, ']')
               ? true
               : fail(err, ERR_LIMIT_PASSED, "push", N(PUSHES_BYTES_MAX));
}

// The remote's own word of that name stays, and ours goes beside it. The content first: a server that takes one reference
// after another has it by then. What is over the bound goes in the next round.
static bool gather(void *owner, const char *name, const char *id, const char *tree, struct err *err)
{
    struct gathering *gathering = owner;
    const struct round *round = &gathering->sync->round;
    const struct reference *theirs = find_reference(round, name);
    char content[REPO_ID_SIZE];
    if ((theirs && strcmp(theirs->id, id) == 0) || gathering->count + 2 > PUSHES_MAX ||
        !repo_approval_content(gathering->sync->host->repo, content, tree))
        return true;
    SCOPED_TEXT char *beside = xasprintf("%s,%s", name, id);
    SCOPED_TEXT char *kept = xasprintf("refs/renki/contents/%s", tree);
    if (theirs && (strchr(name, ',') || find_reference(round, beside)))
        return true;
    return add(gathering, kept, content, err) && add(gathering, theirs ? beside : name, id, err);
}

static bool gather_branch(struct gathering *gathering, struct repo *repo, struct err *err)
{
    struct sync *sync = gathering->sync;
    const char *branch = sync->host->settings->remote_branch;
    char here[REPO_ID_SIZE];
    enum repo_way way = REPO_WAY_BACK;
    if (!repo_branch_at(repo, here, branch) || !repo_compare(repo, &way, branch, sync->round.after, err))
        return way != REPO_WAY_BACK; // no branch: nothing to push
    if (way != REPO_WAY_BACK)
        return true;
    SCOPED_TEXT char *name = xasprintf("refs/heads/%s", branch);
    return add(gathering, name, here, err);
}

static void on_pushed(void *owner, const char *name, const char *why)
{
    struct sync *sync = owner;
    if (!*why)
        sync->round.pushed++;
    else
        log_error("sync.push", "reference=\"%s\" reason=\"%s\"", name, why);
}

static void on_push_over(void *owner, bool fresh, const struct err *why)
{
    struct sync *sync = owner;
    (void)fresh;
    if (why && why->code == ERR_SYNC_BEHIND && ++sync->behind <= BEHIND_MAX) {
        sync->again = true; // somebody was quicker: fetched, and tried again
        over(sync, NULL);
    } else if (why)
        failed(sync, why);
    else {
        sync->behind = 0;
        log_info("sync.pushed", "references=%zu", sync->round.pushed);
        over(sync, NULL);
    }
}

static void on_no_reference(void *owner, const char *name, const char *id)
{
    (void)owner, (void)name, (void)id; // a push tells of none
}

static void push(struct sync *sync)
{
    static const struct sync_step_events events = {on_no_reference, on_pushed, on_push_over};
    struct err err;
    SCOPED_BUF(pushes, PUSHES_BYTES_MAX);
    struct gathering gathering = {.sync = sync, .out = &pushes};
    struct repo *repo = host_repo(sync->host, &err);
    if (!repo || !gather_branch(&gathering, repo, &err) || !repo_approvals(repo, gather, &gathering, &err)) {
        failed(sync, &err);
        return;
    }
    if (!gathering.count) {
        over(sync, NULL);
        return;
    }
    require(buf_append_char(&pushes, ']'));
    const struct sync_job job = {.step = "push", .refused = "", .pushes = buf_text(&pushes)};
    sync_step_start(sync->host, &job, &events, sync);
}

static void push_or_end(struct sync *sync)
{
    if (sync->host->settings->remote_push)
        push(sync);
    else
        over(sync, NULL);
}

// ---- taking over

// Recorded by now: the references move.
static void on_recorded(void *owner, const struct err *why)
{
    struct sync *sync = owner;
    struct host *host = sync->host;
    struct round *round = &sync->round;
    struct err err;
    struct repo *repo = host_repo(host, &err);
    if (why || !repo ||
        !repo_follow(repo, &round->left, host->settings->remote_branch, round->after,
                     host->settings->remote_push, &err)) {
        failed_to_take(sync, why ? why : &err);
        return;
    }
    round->moved = true;
    if (!repo_branch_at(repo, round->here, host->settings->remote_branch))
        round->here[0] = '\0';
    log_info("sync.moved", "branch=%s commit=%s", host->settings->remote_branch, round->after);
    if (round->left.length)
        log_info("sync.left", "files=\"%.*s\"", (int)round->left.length, round->left.data);
    push_or_end(sync);
}

static void record(struct sync *sync)
{
    struct host *host = sync->host;
    struct err err;
    SCOPED_BUF(content, CONTENT_MAX);
    write_round(&content, sync);
    if (!turn_begin(host, &err) ||
        !store_audit(host->store, "sync", "sync.moved", 0, buf_text(&content), &err)) {
        turn_spoil(host, &err);
        failed(sync, &err);
        return;
    }
    turn_after(host, on_recorded, sync);
}

static bool take_approvals(struct sync *sync, struct repo *repo, struct err *err)
{
    struct round *round = &sync->round;
    for (size_t i = 0; i < round->count; i++) {
        const struct reference *reference = &round->references[i];
        bool fresh;
        if (strncmp(reference->name, "refs/renki/", 11) != 0)
            continue;
        if (!repo_take_approval(repo, SYNC_QUARANTINE, reference->name, reference->id, err) ||
            !repo_keep_approval(repo, &fresh, reference->name, reference->id, err))
            return false;
        round->approvals += fresh;
    }
    approvals_forget(sync->host);
    return true;
}

static bool take(struct sync *sync, enum repo_way *way, struct err *err)
{
    struct round *round = &sync->round;
    const char *branch = sync->host->settings->remote_branch;
    struct repo *repo = host_repo(sync->host, err);
    return repo && repo_take_commits(repo, &round->commits, SYNC_QUARANTINE, branch, round->after, err) &&
           take_approvals(sync, repo, err) && repo_compare(repo, way, branch, round->after, err);
}

static bool may_follow(const struct sync *sync, enum repo_way way, struct err *err)
{
    const struct settings *settings = sync->host->settings;
    if (way == REPO_WAY_ANEW)
        return fail(err, ERR_SYNC_REFUSED, settings->remote_branch, "history was written anew");
    return way != REPO_WAY_APART || settings->remote_push
               ? true
               : fail(err, ERR_SYNC_REFUSED, settings->remote_branch, "the branch here has gone another way");
}

static void adopt(struct sync *sync)
{
    struct round *round = &sync->round;
    enum repo_way way;
    struct err err;
    repo_branch_at(sync->host->repo, round->before, sync->host->settings->remote_branch);
    if (!take(sync, &way, &err) || !may_follow(sync, way, &err))
        failed_to_take(sync, &err);
    else if (way == REPO_WAY_FORWARD || way == REPO_WAY_APART)
        record(sync);
    else if (!repo_note_remote(sync->host->repo, sync->host->settings->remote_branch, round->after, &err))
        failed(sync, &err);
    else
        push_or_end(sync);
}

// ---- fetching

static void on_reference(void *owner, const char *name, const char *id)
{
    struct round *round = &((struct sync *)owner)->round;
    if (round->count == REFERENCES_MAX || strlen(id) != REPO_ID_SIZE - 1)
        return; // the process promised otherwise; it is not believed, and what lacks is refused later
    if (round->count == round->capacity) {
        round->capacity = round->capacity ? 2 * round->capacity : 64;
        round->references = xreallocarray(round->references, round->capacity, sizeof *round->references);
    }
    struct reference *reference = &round->references[round->count++];
    *reference = (struct reference){.name = xstrdup(name)};
    memcpy(reference->id, id, REPO_ID_SIZE);
    if (strcmp(name, "refs/heads/remote") == 0)
        memcpy(round->after, id, REPO_ID_SIZE);
}

static void on_no_push(void *owner, const char *name, const char *why)
{
    (void)owner, (void)name, (void)why; // a fetch pushes nothing
}

static void on_indexed(void *owner, bool fresh, const struct err *why)
{
    struct sync *sync = owner;
    struct err broken;
    (void)fresh;
    if (why && why->code == ERR_ROLE_DIED) { // it cost too much, or worse: not to be tried every minute
        (void)fail(&broken, ERR_SYNC_REFUSED, sync->host->settings->remote_branch, "a pack is broken");
        failed_to_take(sync, &broken);
    } else if (why)
        failed_to_take(sync, why);
    else
        adopt(sync);
}

static void on_fetched(void *owner, bool fresh, const struct err *why)
{
    static const struct sync_step_events events = {on_reference, on_no_push, on_indexed};
    struct sync *sync = owner;
    struct err before = sync->problem;
    if (why)
        failed_to_take(sync, why);
    else if (sync->refused[0] && strcmp(sync->round.after, sync->refused) == 0)
        over(sync, &before); // it is still what was refused
    else if (fresh)
        sync_step_start(sync->host, &(struct sync_job){.step = "index", .refused = ""}, &events, sync);
    else
        adopt(sync);
}

static void begin(struct sync *sync)
{
    static const struct sync_step_events events = {on_reference, on_no_push, on_fetched};
    struct err err;
    sync->under_way = true;
    sync->again = false;
    sync->round.left = buf_new(LEFT_MAX);
    if (!host_repo(sync->host, &err)) {
        failed(sync, &err);
        return;
    }
    const struct sync_job job = {.step = "fetch", .refused = sync->refused};
    sync_step_start(sync->host, &job, &events, sync);
}

// ---- when

static void on_time(uv_timer_t *timer)
{
    struct sync *sync = timer->data;
    if (!sync->under_way && clock_monotonic_ms() >= sync->rest_until_ms)
        begin(sync);
}

void sync_begin(struct host *host)
{
    if (host->settings->remote)
        uv_timer_start(&host->sync->every, on_time, 0, (uint64_t)host->settings->remote_every_ms);
}

void sync_renew(struct host *host)
{
    host->sync->rest_until_ms = 0;
    host->sync->refused[0] = '\0';
    uv_timer_stop(&host->sync->every);
    if (host->serving)
        sync_begin(host);
}

void sync_now(struct host *host)
{
    struct sync *sync = host->sync;
    if (!host->settings->remote || clock_monotonic_ms() < sync->rest_until_ms)
        return;
    if (sync->under_way)
        sync->again = true;
    else
        begin(sync);
}

bool sync_by_hand(struct host *host, struct answer *answer, struct err *err)
{
    struct sync *sync = host->sync;
    if (!host->settings->remote)
        return fail(err, ERR_REMOTE_NONE);
    sync->rest_until_ms = 0;
    if (sync->under_way) {
        answer_list_add(&sync->next, answer);
        return true;
    }
    sync->refused[0] = '\0';
    answer_list_add(&sync->waiting, answer);
    begin(sync);
    return true;
}

void sync_visit(struct host *host, void (*visit)(void *owner), void *owner)
{
    struct guest **last = &host->sync->guests;
    while (*last)
        last = &(*last)->next;
    *last = xcalloc(1, sizeof **last);
    **last = (struct guest){visit, owner, NULL};
    if (!host->sync->under_way)
        next(host->sync);
}

void sync_leave(struct host *host)
{
    next(host->sync);
}

int64_t sync_last_ms(const struct host *host)
{
    return host->sync->last_ms;
}

const struct err *sync_problem(const struct host *host)
{
    return &host->sync->problem;
}

struct sync *sync_new(struct host *host)
{
    struct sync *sync = xcalloc(1, sizeof *sync);
    sync->host = host;
    require(uv_timer_init(host->loop, &sync->every) == 0);
    sync->every.data = sync;
    return sync;
}
