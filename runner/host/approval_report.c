// All that is known of a content's approval, for people: the words and what each is worth, what is missing, who wrote it.
// In the host.
#include "host/approval_own.h"

static const char *const fault_names[] = {
    [APPROVAL_GOOD] = "good",
    [APPROVAL_NO_TAG] = "no tag",
    [APPROVAL_UNREADABLE] = "unreadable",
    [APPROVAL_MOVED] = "of something else",
    [APPROVAL_UNSIGNED] = "unsigned",
    [APPROVAL_FORGED] = "forged",
    [APPROVAL_KEY_UNKNOWN] = "unknown key",
    [APPROVAL_KEY_OTHERS] = "another's key",
    [APPROVAL_UNLISTED] = "not listed",
};

static void write_text(struct json_writer *writer, const char *key, const char *value)
{
    json_write_key(writer, key);
    json_write_lossy(writer, text_from(value));
}

static void write_word(const struct host *host, struct json_writer *writer, const struct approval *word,
                       const struct judgement *judgement)
{
    json_begin_object(writer);
    write_text(writer, "person", word->person);
    write_text(writer, "says", word->rejects ? "rejected" : "approved");
    write_text(writer, "worth", fault_names[word->fault]);
    write_text(writer, "tag", word->tag);
    json_write_key(writer, "time_ms");
    json_write_integer(writer, word->time_ms);
    if (word->account[0])
        write_text(writer, "account", word->account);
    if (word->why[0])
        write_text(writer, "why", word->why);
    json_write_key(writer, "counts");
    json_write_boolean(writer, word->fault == APPROVAL_GOOD &&
                                   approvals_may_count(host, judgement, word->person, false));
    json_end_object(writer);
}

static void write_needs(struct json_writer *writer, const struct judgement *judgement)
{
    json_begin_array(writer);
    for (size_t i = 0; i < judgement->needs.count; i++) {
        const struct approval_need *need = &judgement->needs.items[i];
        json_begin_object(writer);
        json_write_key(writer, "approvers");
        json_write_integer(writer, need->approvers);
        json_write_key(writer, "have");
        json_write_integer(writer, judgement->have[i]);
        json_write_key(writer, "group");
        json_write_string(writer, need->group);
        json_write_key(writer, "when");
        json_write_string(writer, need->when);
        json_end_object(writer);
    }
    json_end_array(writer);
}

static void write_authors(struct json_writer *writer, const struct authorship *authorship)
{
    json_begin_array(writer);
    for (size_t i = 0; i < authorship->count; i++) {
        if (authorship->items[i].late)
            continue;
        json_begin_object(writer);
        write_text(writer, "name", authorship->items[i].name);
        write_text(writer, "email", authorship->items[i].email);
        json_end_object(writer);
    }
    json_end_array(writer);
}

static void write_judgement(const struct host *host, struct json_writer *writer, const char *tree,
                            const struct judgement *judgement)
{
    SCOPED_BUF(could, ERR_ARGUMENT_MAX);
    approvals_who_could(&could, host, judgement);
    write_text(writer, "tree", tree);
    write_text(writer, "state",
               judgement->rejected   ? "rejected"
               : judgement->approved ? "approved"
                                     : "waits");
    write_text(writer, "base", judgement->authorship->base);
    write_text(writer, "could", judgement->approved ? "" : buf_string(&could));
    json_write_key(writer, "words");
    json_begin_array(writer);
    for (size_t i = 0; i < judgement->words.count; i++)
        write_word(host, writer, &judgement->words.items[i], judgement);
    json_end_array(writer);
    json_write_key(writer, "needs");
    write_needs(writer, judgement);
    json_write_key(writer, "authors");
    write_authors(writer, judgement->authorship);
}

bool approvals_write(struct host *host, struct json_writer *writer, char base[REPO_ID_SIZE],
                     const char *robot, const char *tree, const struct manifest *manifest, struct err *err)
{
    struct judgement *judgement = xcalloc(1, sizeof *judgement);
    const bool good = approvals_judge(host, judgement, robot, tree, manifest, true, err);
    if (good) {
        write_judgement(host, writer, tree, judgement);
        memcpy(base, judgement->authorship->base, REPO_ID_SIZE);
    }
    xfree(judgement);
    return good;
}
