// See approvals.h.
#include "host/approval_own.h"

#include "host/turn.h"

#include <stdio.h>

enum { SHORT_ID = 10 };

// ---- the rules

bool approvals_may_count(const struct host *host, const struct judgement *judgement, const char *login,
                         bool late)
{
    if (judgement->authorship && authors_have(host, judgement->authorship, login, late))
        return false;
    for (size_t i = 0; i < judgement->needs.count; i++)
        if (group_has(host->settings, judgement->needs.items[i].group, login))
            return true;
    return false;
}

static void count_words(const struct host *host, struct judgement *out)
{
    for (size_t w = 0; w < out->words.count; w++) {
        const struct approval *word = &out->words.items[w];
        if (word->fault != APPROVAL_GOOD)
            continue;
        if (word->rejects && person_is_active(host->settings, word->person) && !out->rejected) {
            for (size_t i = 0; i < out->needs.count; i++)
                if (group_has(host->settings, out->needs.items[i].group, word->person))
                    out->rejected = word;
        }
        for (size_t i = 0; i < out->needs.count && !word->rejects; i++)
            if (group_has(host->settings, out->needs.items[i].group, word->person) &&
                !authors_have(host, out->authorship, word->person, false))
                out->have[i]++;
    }
}

bool approvals_judge(struct host *host, struct judgement *out, const char *robot, const char *tree,
                     const struct manifest *manifest, bool fresh, struct err *err)
{
    *out = (struct judgement){0};
    approval_needs_of(&out->needs, host->settings, manifest);
    if (!words_of(host, &out->words, tree, err) ||
        !authors_of(host, &out->authorship, robot, tree, fresh, err))
        return false;
    count_words(host, out);
    out->approved = !out->rejected;
    for (size_t i = 0; i < out->needs.count; i++)
        out->approved = out->approved && out->have[i] >= out->needs.items[i].approvers;
    return true;
}

// ---- who could

struct could {
    const struct host *host;
    const struct judgement *judgement;
    struct buf *out;
};

static void add_name(void *owner, const char *login)
{
    const struct could *could = owner;
    const struct approval *word = word_of(&could->judgement->words, login);
    if (!person_is_active(could->host->settings, login) ||
        json_get(could->host->settings->people, login) == NULL || (word && !word->rejects) ||
        !approvals_may_count(could->host, could->judgement, login, true))
        return;
    SCOPED_TEXT char *listed = xasprintf(", %s,", buf_string(could->out)),
                     *sought = xasprintf(", %s,", login);
    if (!strstr(listed, sought))
        (void)!buf_printf(could->out, "%s%s", could->out->length ? ", " : "", login);
}

void approvals_who_could(struct buf *out, const struct host *host, const struct judgement *judgement)
{
    struct could could = {host, judgement, out};
    for (size_t i = 0; i < judgement->needs.count; i++)
        if (judgement->have[i] < judgement->needs.items[i].approvers)
            people_each(host->settings, judgement->needs.items[i].group, add_name, &could);
    if (!out->length)
        (void)!buf_append_char(out, '-');
}

// "1 × controllers, 2 × treasurers"; "1" of everybody who is listed
static void what_is_missing(struct buf *out, const struct judgement *judgement)
{
    for (size_t i = 0; i < judgement->needs.count; i++) {
        const struct approval_need *need = &judgement->needs.items[i];
        if (judgement->have[i] < need->approvers)
            (void)!buf_printf(out, "%s%lld%s%s", out->length ? ", " : "",
                              (long long)(need->approvers - judgement->have[i]), need->group ? " × " : "",
                              need->group ? need->group : "");
    }
}

static bool refuse(const struct host *host, const struct judgement *judgement, const char *robot,
                   const char *tree, struct err *err)
{
    char id[SHORT_ID + 1];
    SCOPED_BUF(missing, ERR_ARGUMENT_MAX);
    SCOPED_BUF(could, ERR_ARGUMENT_MAX);
    snprintf(id, sizeof id, "%s", tree);
    if (judgement->rejected)
        return fail(err, ERR_APPROVAL_REJECTED, robot, id, judgement->rejected->person,
                    judgement->rejected->why);
    what_is_missing(&missing, judgement);
    approvals_who_could(&could, host, judgement);
    return fail(err, ERR_APPROVAL_MISSING, robot, id, buf_string(&missing), buf_string(&could));
}

// ---- asked

bool approvals_check(struct host *host, const char *robot, const char *tree, const struct manifest *manifest,
                     struct err *err)
{
    if (!host->settings->production)
        return true;
    struct judgement *judgement = xcalloc(1, sizeof *judgement);
    bool good = approvals_judge(host, judgement, robot, tree, manifest, false, err);
    if (good && !judgement->approved)
        good = refuse(host, judgement, robot, tree, err);
    xfree(judgement);
    return good;
}

bool approvals_tell_refused(struct host *host, const char *robot, const char *tree, const char *actor,
                            int64_t run, const struct err *why, struct err *err)
{
    SCOPED_BUF(content, 4096);
    struct json_writer writer = json_writer_new(&content);
    json_begin_object(&writer);
    json_write_key(&writer, "robot");
    json_write_string(&writer, robot);
    json_write_key(&writer, "tree");
    json_write_string(&writer, tree);
    json_write_key(&writer, "why");
    json_write_string(&writer, err_name(why->code));
    json_end_object(&writer);
    require(json_writer_done(&writer));
    return turn_begin(host, err) &&
           store_audit(host->store, actor, "run.refused", run, buf_text(&content), err);
}

bool approvals_may(struct host *host, const char *robot, const char *tree, const struct manifest *manifest,
                   const struct person *person, bool rejects, struct err *err)
{
    struct judgement *judgement = xcalloc(1, sizeof *judgement);
    SCOPED_BUF(could, ERR_ARGUMENT_MAX);
    bool good = approvals_judge(host, judgement, robot, tree, manifest, true, err);
    if (good) {
        const bool is_author = authors_have(host, judgement->authorship, person->login, true);
        approvals_who_could(&could, host, judgement);
        if (is_author && !rejects)
            good = fail(err, ERR_APPROVAL_AUTHOR, robot, person->login, buf_string(&could));
        else if (!person->listed || !person->active ||
                 (!is_author && !approvals_may_count(host, judgement, person->login, true)))
            good = fail(err, ERR_APPROVAL_NOT_YOURS, robot, person->login, buf_string(&could));
    }
    xfree(judgement);
    return good;
}
