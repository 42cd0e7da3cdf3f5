// Who wrote a content since the last one that was approved. In the host.
//
// 1. What is found stays known as long as settings, words and history do: commits are walked once.
// 2. Whether a former content was approved is judged like this one, and for that those before it: as deep as DEPTH_MAX. What
//    is deeper counts when it bears enough good words, whoever wrote it.
#include "host/approval_own.h"

#include "host/repo/authors.h"

enum { AUTHORS_MAX = 200, KNOWN_MAX = 1024, VERDICTS_MAX = 1024, DEPTH_MAX = 200 };

struct verdict {
    char tree[REPO_ID_SIZE];
    bool approved;
};

struct authors_known {
    const struct settings *settings;
    struct authorship items[KNOWN_MAX], asked; // asked: the last one that is not kept
    struct verdict verdicts[VERDICTS_MAX]; // on former contents, of one robot, while one content is looked at
    size_t verdict_count;
    int depth;
};

static void dispose(struct authorship *authorship)
{
    for (size_t i = 0; i < authorship->count; i++) {
        xfree(authorship->items[i].name);
        xfree(authorship->items[i].email);
    }
    xfree(authorship->items);
    *authorship = (struct authorship){0};
}

void authors_free(struct authors_known *known)
{
    if (!known)
        return;
    for (size_t i = 0; i < KNOWN_MAX; i++)
        dispose(&known->items[i]);
    dispose(&known->asked);
    xfree(known);
}

void approvals_forget(struct host *host)
{
    authors_free(host->authors);
    host->authors = NULL;
}

static struct authors_known *known_of(struct host *host)
{
    if (host->authors && host->authors->settings != host->settings && !host->authors->depth)
        approvals_forget(host); // who is whom may have changed
    if (!host->authors)
        host->authors = xcalloc(1, sizeof *host->authors);
    host->authors->settings = host->settings;
    return host->authors;
}

// ---- who is whom

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

bool authors_have(const struct host *host, const struct authorship *authorship, const char *login, bool late)
{
    struct person person;
    if (authorship->unknown || !person_find(&person, host->settings, login))
        return true;
    for (size_t i = 0; i < authorship->count; i++)
        if ((late || !authorship->items[i].late) && is_by(&authorship->items[i], &person, host->settings))
            return true;
    return false;
}

// ---- former contents

struct finding {
    struct host *host;
    struct authorship *authorship;
};

static bool has_enough_words(struct host *host, const char *tree)
{
    struct approval_needs needs;
    struct words *words = xcalloc(1, sizeof *words);
    struct err ignored;
    int64_t good = 0;
    approval_needs_of(&needs, host->settings, NULL);
    if (words_of(host, words, tree, &ignored))
        for (size_t i = 0; i < words->count; i++)
            good += words->items[i].fault == APPROVAL_GOOD && !words->items[i].rejects &&
                    group_has(host->settings, needs.items[0].group, words->items[i].person);
    xfree(words);
    return good >= needs.items[0].approvers;
}

static bool was_approved(struct host *host, const char *robot, const char *tree)
{
    struct judgement *judgement = xcalloc(1, sizeof *judgement);
    struct err ignored;
    const bool good =
        approvals_judge(host, judgement, robot, tree, NULL, false, &ignored) && judgement->approved;
    xfree(judgement);
    return good;
}

static const struct verdict *verdict_on(const struct authors_known *known, const char *tree)
{
    for (size_t i = 0; i < known->verdict_count; i++)
        if (strcmp(known->verdicts[i].tree, tree) == 0)
            return &known->verdicts[i];
    return NULL;
}

// A former content counts as approved by the rule that holds for every robot: what its manifest asked for is not read
// again.
static bool is_base(void *owner, const char *tree)
{
    const struct finding *finding = owner;
    struct authors_known *known = finding->host->authors;
    const struct verdict *verdict = verdict_on(known, tree);
    if (verdict)
        return verdict->approved;
    bool approved = has_enough_words(finding->host, tree);
    if (approved && known->depth <= DEPTH_MAX)
        approved = was_approved(finding->host, finding->authorship->robot, tree);
    if (known->verdict_count < VERDICTS_MAX) {
        struct verdict *fresh = &known->verdicts[known->verdict_count++];
        memcpy(fresh->tree, tree, REPO_ID_SIZE);
        fresh->approved = approved;
    }
    return approved;
}

// ---- the walk

static void take_author(void *owner, enum author_kind kind, struct text name, struct text email)
{
    const struct finding *finding = owner;
    struct authorship *authorship = finding->authorship;
    for (size_t i = 0; i < authorship->count; i++) {
        struct author *one = &authorship->items[i];
        if (text_is(name, one->name) && text_is(email, one->email)) {
            one->late = one->late && kind == AUTHOR_COMMITTED;
            return;
        }
    }
    if (authorship->count == AUTHORS_MAX) {
        authorship->unknown = true;
        return;
    }
    authorship->items = xreallocarray(authorship->items, authorship->count + 1, sizeof *authorship->items);
    authorship->items[authorship->count++] =
        (struct author){text_copy(name), text_copy(email), kind == AUTHOR_COMMITTED};
}

static void forget_later(void *owner)
{
    const struct finding *finding = owner;
    for (size_t i = 0; i < finding->authorship->count; i++)
        finding->authorship->items[i].late = true;
}

static bool find(struct host *host, struct authorship *out, const char *robot, const char *tree, bool fresh,
                 struct err *err)
{
    struct authors_known *known = host->authors;
    struct repo *repo = host_repo(host, err);
    struct finding finding = {host, out};
    const struct authors_query query = {robot,   tree, take_author, is_base, fresh ? NULL : forget_later,
                                        &finding};
    bool found = false;
    memcpy(out->robot, robot, strlen(robot) + 1); // a valid name fits
    memcpy(out->tree, tree, REPO_ID_SIZE);
    known->depth++;
    const bool good = repo && repo_authors(repo, &found, out->base, &query, err);
    if (--known->depth == 0)
        known->verdict_count = 0;
    out->unknown = out->unknown || !found;
    return good;
}

static struct authorship *place_of(struct authors_known *known, const char *robot, const char *tree)
{
    size_t hash = 0;
    for (const char *at = robot; *at; at++)
        hash = hash * 31 + (unsigned char)*at;
    for (const char *at = tree; *at; at++)
        hash = hash * 31 + (unsigned char)*at;
    return &known->items[hash % KNOWN_MAX];
}

// Only what is asked for itself is kept: a former content was looked at less deeply.
bool authors_of(struct host *host, const struct authorship **out, const char *robot, const char *tree,
                bool fresh, struct err *err)
{
    struct authors_known *known = known_of(host);
    struct authorship *place = place_of(known, robot, tree);
    *out = place;
    if (!fresh && strcmp(place->tree, tree) == 0 && strcmp(place->robot, robot) == 0)
        return true;
    struct authorship made = {0};
    if (!robot_name_is_valid(robot) || !find(host, &made, robot, tree, fresh, err)) {
        dispose(&made);
        return false;
    }
    if (fresh || made.unknown || known->depth)
        place = &known->asked;
    dispose(place);
    *place = made;
    *out = place;
    return true;
}
