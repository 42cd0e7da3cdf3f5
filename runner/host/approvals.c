// See approvals.h.
#include "host/approvals.h"

#include "host/repo/authors.h"
#include "host/turn.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/sshsig/signer.h"

#include <stdio.h>

#define KEY_PLACE ".renki/keys/signing"

enum {
    WORDS_MAX = 64, // people whose words are looked at
    AUTHORS_MAX = 200,
    AUTHORS_KNOWN = 64,
    SHORT_ID = 10,
    SIGNED_AGO_MAX_MS = 15 * 60 * 1000,
    DEPTH_MAX = 50 // contents before this one that are judged
};

struct author {
    char *name, *email;
    bool committed; // only that
};

// Who wrote a content; what is known once stays so, as long as the settings do.
struct authorship {
    char robot[ROBOT_NAME_MAX + 1], tree[REPO_ID_SIZE], base[REPO_ID_SIZE];
    struct author *items;
    size_t count;
    bool found, too_many; // too_many: nobody can be told apart from them
};

struct approvals {
    struct signer *signer; // NULL until first needed
    const struct settings *settings;
    struct authorship known[AUTHORS_KNOWN];
    size_t next;
    int depth;
};

static void authorship_dispose(struct authorship *authorship)
{
    for (size_t i = 0; i < authorship->count; i++) {
        xfree(authorship->items[i].name);
        xfree(authorship->items[i].email);
    }
    xfree(authorship->items);
    *authorship = (struct authorship){0};
}

void approvals_free(struct approvals *approvals)
{
    if (!approvals)
        return;
    for (size_t i = 0; i < AUTHORS_KNOWN; i++)
        authorship_dispose(&approvals->known[i]);
    signer_free(approvals->signer);
    xfree(approvals);
}

static struct approvals *known_of(struct host *host)
{
    if (!host->approvals)
        host->approvals = xcalloc(1, sizeof *host->approvals);
    if (host->approvals->settings != host->settings) // who is whom may have changed
        for (size_t i = 0; i < AUTHORS_KNOWN; i++)
            authorship_dispose(&host->approvals->known[i]);
    host->approvals->settings = host->settings;
    return host->approvals;
}

bool approvals_signer(struct host *host, struct signer **out, struct err *err)
{
    struct approvals *known = known_of(host);
    if (!known->signer && !signer_open(&known->signer, KEY_PLACE, err))
        return false;
    *out = known->signer;
    return true;
}

bool approvals_host_key(struct host *host, char out[SSHSIG_LINE_SIZE], struct err *err)
{
    struct signer *signer;
    if (!approvals_signer(host, &signer, err))
        return false;
    sshsig_key_write(out, signer_key(signer));
    return true;
}

// ---- words: the later one of each person, and what it is worth

struct words {
    struct host *host;
    struct approval items[WORDS_MAX];
    size_t count;
};

static enum approval_fault worth(struct host *host, const struct approval *approval)
{
    struct person person;
    struct signer *signer;
    struct err err;
    if (approval->fault != APPROVAL_GOOD)
        return approval->fault;
    if (!person_find(&person, host->settings, approval->person) || !person.listed)
        return APPROVAL_UNLISTED;
    if (person.keys)
        return keys_have(person.keys, &approval->key) ? APPROVAL_GOOD : APPROVAL_KEY_OTHERS;
    if (keys_have(json_get(host->settings->approval, "signers"), &approval->key) ||
        (approvals_signer(host, &signer, &err) && sshsig_key_equal(signer_key(signer), &approval->key)))
        return APPROVAL_GOOD;
    return person_by_key(&person, host->settings, &approval->key) ? APPROVAL_KEY_OTHERS
                                                                  : APPROVAL_KEY_UNKNOWN;
}

// A word that is worth something and a later one count before others; of two at the same time the rejection.
static bool counts_before(const struct approval *a, const struct approval *b)
{
    if ((a->fault == APPROVAL_GOOD) != (b->fault == APPROVAL_GOOD))
        return a->fault == APPROVAL_GOOD;
    return a->time_ms > b->time_ms || (a->time_ms == b->time_ms && a->rejects);
}

static void take_word(void *owner, const struct approval *approval)
{
    struct words *words = owner;
    struct approval word = *approval;
    word.fault = worth(words->host, &word);
    for (size_t i = 0; i < words->count; i++)
        if (strcmp(words->items[i].person, word.person) == 0) {
            if (counts_before(&word, &words->items[i]))
                words->items[i] = word;
            return;
        }
    if (words->count < WORDS_MAX)
        words->items[words->count++] = word;
}

static bool words_of(struct host *host, struct words *out, const char *tree, struct err *err)
{
    struct repo *repo = host_repo(host, err);
    out->host = host;
    out->count = 0;
    return repo && repo_words_on(repo, tree, take_word, out, err);
}

static const struct approval *word_of(const struct words *words, const char *login)
{
    for (size_t i = 0; i < words->count; i++)
        if (words->items[i].fault == APPROVAL_GOOD && strcmp(words->items[i].person, login) == 0)
            return &words->items[i];
    return NULL;
}

// ---- authors

static bool same_name(struct text a, const char *b)
{
    return text_equal_ascii_case(a, text_from(b));
}

static bool is_by(const struct author *author, const struct person *person, const struct settings *settings)
{
    struct person other;
    return same_name(text_from(author->email), person->email) ||
           same_name(text_from(author->name), person->name) ||
           same_name(text_from(author->name), person->login) ||
           (person_by_email(&other, settings, text_from(author->email)) &&
            strcmp(other.login, person->login) == 0);
}

static bool wrote(const struct host *host, const struct authorship *authorship, const char *login,
                  bool committers)
{
    struct person person;
    if (!person_find(&person, host->settings, login) || authorship->too_many)
        return true;
    for (size_t i = 0; i < authorship->count; i++)
        if ((committers || !authorship->items[i].committed) &&
            is_by(&authorship->items[i], &person, host->settings))
            return true;
    return false;
}

struct finding {
    struct host *host;
    struct authorship *authorship;
};

static void take_author(void *owner, enum author_kind kind, struct text name, struct text email)
{
    const struct finding *finding = owner;
    struct authorship *authorship = finding->authorship;
    for (size_t i = 0; i < authorship->count; i++) {
        struct author *one = &authorship->items[i];
        if (text_is(name, one->name) && text_is(email, one->email)) {
            one->committed = one->committed && kind == AUTHOR_COMMITTED;
            return;
        }
    }
    authorship->too_many = authorship->count == AUTHORS_MAX;
    if (authorship->too_many)
        return;
    authorship->items = xreallocarray(authorship->items, authorship->count + 1, sizeof *authorship->items);
    authorship->items[authorship->count++] =
        (struct author){text_copy(name), text_copy(email), kind == AUTHOR_COMMITTED};
}

static bool is_base(void *owner, const char *tree);

static const struct authorship *find_known(const struct approvals *known, const char *robot, const char *tree)
{
    for (size_t i = 0; i < AUTHORS_KNOWN; i++)
        if (strcmp(known->known[i].tree, tree) == 0 && strcmp(known->known[i].robot, robot) == 0)
            return &known->known[i];
    return NULL;
}

static bool find_authors(struct host *host, const struct authorship **out, const char *robot,
                         const char *tree, struct err *err)
{
    struct approvals *known = known_of(host);
    struct repo *repo = host_repo(host, err);
    *out = find_known(known, robot, tree);
    if (*out || !repo)
        return *out != NULL;
    struct authorship made = {0};
    struct finding finding = {host, &made};
    const struct authors_query query = {robot, tree, take_author, is_base, &finding};
    snprintf(made.robot, sizeof made.robot, "%s", robot);
    memcpy(made.tree, tree, REPO_ID_SIZE);
    known->depth++;
    const bool good = repo_authors(repo, &made.found, made.base, &query, err);
    known->depth--;
    if (!good) {
        authorship_dispose(&made);
        return false;
    }
    struct authorship *place = &known->known[known->next++ % AUTHORS_KNOWN];
    authorship_dispose(place);
    *place = made;
    *out = place;
    return true;
}

// ---- the rules

struct judgement {
    struct words words;
    const struct authorship *authorship;
    struct approval_needs needs;
    int64_t have[APPROVAL_NEEDS_MAX];
    const struct approval *rejected; // NULL: by nobody
    bool approved;
};

static bool may_count(const struct host *host, const struct judgement *judgement, const char *login,
                      bool committers)
{
    if (judgement->authorship && wrote(host, judgement->authorship, login, committers))
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
                !wrote(host, out->authorship, word->person, false))
                out->have[i]++;
    }
}

static bool judge(struct host *host, struct judgement *out, const char *robot, const char *tree,
                  const struct manifest *manifest, struct err *err)
{
    *out = (struct judgement){0};
    approval_needs_of(&out->needs, host->settings, manifest);
    if (!words_of(host, &out->words, tree, err) || !find_authors(host, &out->authorship, robot, tree, err))
        return false;
    count_words(host, out);
    out->approved = !out->rejected;
    for (size_t i = 0; i < out->needs.count; i++)
        out->approved = out->approved && out->have[i] >= out->needs.items[i].approvers;
    return true;
}

// A former content counts as approved by the rule that holds for every robot: what its manifest asked for is not read again.
static bool is_base(void *owner, const char *tree)
{
    const struct finding *finding = owner;
    struct err ignored;
    struct words *words = xcalloc(1, sizeof *words);
    const bool any = words_of(finding->host, words, tree, &ignored) && words->count > 0;
    xfree(words);
    if (!any || known_of(finding->host)->depth > DEPTH_MAX)
        return false;
    struct judgement *judgement = xcalloc(1, sizeof *judgement);
    const bool good = judge(finding->host, judgement, finding->authorship->robot, tree, NULL, &ignored) &&
                      judgement->approved;
    xfree(judgement);
    return good;
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
        !may_count(could->host, could->judgement, login, true))
        return;
    SCOPED_TEXT char *listed = xasprintf(", %s,", buf_string(could->out)),
                     *sought = xasprintf(", %s,", login);
    if (!strstr(listed, sought))
        (void)!buf_printf(could->out, "%s%s", could->out->length ? ", " : "", login);
}

// "controller, treasurer", those of groups from which somebody is missing; "-" when there is nobody.
static void who_could(struct buf *out, const struct host *host, const struct judgement *judgement)
{
    struct could could = {host, judgement, out};
    for (size_t i = 0; i < judgement->needs.count; i++)
        if (judgement->have[i] < judgement->needs.items[i].approvers)
            people_each(host->settings, judgement->needs.items[i].group, add_name, &could);
    if (!out->length)
        (void)!buf_append_char(out, '-');
}

// "1 of controllers, 2 of treasurers"
static void what_is_missing(struct buf *out, const struct judgement *judgement)
{
    for (size_t i = 0; i < judgement->needs.count; i++) {
        const struct approval_need *need = &judgement->needs.items[i];
        if (judgement->have[i] < need->approvers)
            (void)!buf_printf(out, "%s%lld × %s", out->length ? ", " : "",
                              (long long)(need->approvers - judgement->have[i]),
                              need->group ? need->group : "people");
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
    who_could(&could, host, judgement);
    return fail(err, ERR_APPROVAL_MISSING, robot, id, buf_string(&missing), buf_string(&could));
}

bool approvals_check(struct host *host, const char *robot, const char *tree, const struct manifest *manifest,
                     struct err *err)
{
    if (!host->settings->production)
        return true;
    struct judgement *judgement = xcalloc(1, sizeof *judgement);
    bool good = judge(host, judgement, robot, tree, manifest, err);
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
    bool good = judge(host, judgement, robot, tree, manifest, err);
    if (good) {
        const bool is_author = wrote(host, judgement->authorship, person->login, true);
        who_could(&could, host, judgement);
        if (is_author && !rejects)
            good = fail(err, ERR_APPROVAL_AUTHOR, robot, person->login, buf_string(&could));
        else if (!person->listed || !person->active ||
                 (!is_author && !may_count(host, judgement, person->login, true)))
            good = fail(err, ERR_APPROVAL_NOT_YOURS, robot, person->login, buf_string(&could));
    }
    xfree(judgement);
    return good;
}

// ---- saying it

bool approvals_payload(struct buf *out, const struct host *host, const struct approval_said *said,
                       bool by_host)
{
    const bool other = by_host && strcmp(said->person->login, host->account) != 0;
    const struct approval_words words = {.tree = said->tree,
                                         .robot = said->robot,
                                         .person = said->person->login,
                                         .name = said->person->name,
                                         .email = said->person->email,
                                         .account = other ? host->account : NULL,
                                         .why = said->why,
                                         .rejects = said->why != NULL,
                                         .time_ms = clock_realtime_ms()};
    return approval_payload(out, &words);
}

static bool audit(struct host *host, const struct approval_said *said, const char *tag, const char *account,
                  struct err *err)
{
    SCOPED_BUF(content, 4096);
    struct json_writer writer = json_writer_new(&content);
    const struct {
        const char *key, *value;
    } texts[] = {{"robot", said->robot},
                 {"tree", said->tree},
                 {"person", said->person->login},
                 {"tag", tag},
                 {account ? "account" : "signed", account ? account : "by the person"},
                 {"why", said->why}};
    json_begin_object(&writer);
    for (size_t i = 0; i < COUNT_OF(texts) - (said->why ? 0 : 1); i++) {
        json_write_key(&writer, texts[i].key);
        json_write_string(&writer, texts[i].value);
    }
    json_end_object(&writer);
    require(json_writer_done(&writer));
    return store_audit(host->store, said->person->login, said->why ? "robot.rejected" : "robot.approved", 0,
                       buf_text(&content), err);
}

static bool add(struct host *host, char tag[REPO_ID_SIZE], const struct approval_said *said,
                struct text object, const char *account, struct err *err)
{
    struct repo *repo = host_repo(host, err);
    if (!repo || !turn_begin(host, err) ||
        !repo_approval_add(repo, tag, said->tree, said->person->login, said->why != NULL, object, err))
        return false;
    log_info(said->why ? "robot.rejected" : "robot.approved", "robot=%s tree=%s person=%s", said->robot,
             said->tree, said->person->login);
    if (audit(host, said, tag, account, err))
        return true;
    turn_spoil(host, err);
    return false;
}

bool approvals_sign(struct host *host, char tag[REPO_ID_SIZE], const struct approval_said *said,
                    struct err *err)
{
    SCOPED_BUF(object, APPROVAL_TAG_MAX);
    SCOPED_BUF(armor, SSHSIG_ARMOR_MAX);
    struct signer *signer;
    if (said->person->keys)
        return fail(err, ERR_APPROVAL_SIGN, said->person->login);
    if (!approvals_signer(host, &signer, err))
        return false;
    if (!approvals_payload(&object, host, said, true) ||
        !signer_sign(signer, &armor, "git", buf_text(&object)) || !buf_append_text(&object, buf_text(&armor)))
        return fail(err, ERR_LIMIT_PASSED, "approval", N(APPROVAL_TAG_MAX));
    return add(host, tag, said, buf_text(&object), host->account, err);
}

static bool is_of_now(int64_t time_ms)
{
    const int64_t now = clock_realtime_ms();
    return time_ms <= now + SIGNED_AGO_MAX_MS && time_ms >= now - SIGNED_AGO_MAX_MS;
}

bool approvals_take(struct host *host, char tag[REPO_ID_SIZE], const struct approval_said *said,
                    struct text object, struct err *err)
{
    struct approval approval;
    approval_read(&approval, object);
    SCOPED_TEXT char *begin = xasprintf("object %s\n", said->tree);
    if (object.length > APPROVAL_TAG_MAX || approval.fault != APPROVAL_GOOD || !text_starts(object, begin) ||
        approval.rejects != (said->why != NULL) || strcmp(approval.person, said->person->login) != 0 ||
        !keys_have(said->person->keys, &approval.key) || !is_of_now(approval.time_ms))
        return fail(err, ERR_APPROVAL_SIGNATURE, said->person->login);
    return add(host, tag, said, object, NULL, err);
}

// ---- all that is known, for people

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
    json_write_boolean(writer,
                       word->fault == APPROVAL_GOOD && may_count(host, judgement, word->person, false));
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
        if (authorship->items[i].committed)
            continue;
        json_begin_object(writer);
        write_text(writer, "name", authorship->items[i].name);
        write_text(writer, "email", authorship->items[i].email);
        json_end_object(writer);
    }
    json_end_array(writer);
}

static void write_change(void *owner, char kind, const char *path)
{
    struct json_writer *writer = owner;
    json_begin_object(writer);
    write_text(writer, "path", path);
    write_text(writer, "kind", kind == 'A' ? "added" : kind == 'D' ? "removed" : "changed");
    json_end_object(writer);
}

static bool write_judgement(struct host *host, struct json_writer *writer, const char *tree,
                            const struct judgement *judgement, struct err *err)
{
    SCOPED_BUF(could, ERR_ARGUMENT_MAX);
    who_could(&could, host, judgement);
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
    json_write_key(writer, "changes");
    json_begin_array(writer);
    const bool good = repo_changes(host->repo, judgement->authorship->base, tree, write_change, writer, err);
    json_end_array(writer);
    return good;
}

bool approvals_write(struct host *host, struct json_writer *writer, const char *robot, const char *tree,
                     const struct manifest *manifest, struct err *err)
{
    struct judgement *judgement = xcalloc(1, sizeof *judgement);
    const bool good = judge(host, judgement, robot, tree, manifest, err) &&
                      write_judgement(host, writer, tree, judgement, err);
    xfree(judgement);
    return good;
}
