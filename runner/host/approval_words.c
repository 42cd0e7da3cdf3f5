// Words of people on a content: of each person the one that counts, and what it is worth; and the key of this host, which
// signs for those who have none. In the host.
#include "host/approval_own.h"

#include "lib/sshsig/signer.h"

#define KEY_PLACE ".renki/keys/signing"

bool approvals_signer(struct host *host, struct signer **out, struct err *err)
{
    if (!host->signer && !signer_open(&host->signer, KEY_PLACE, err))
        return false;
    *out = host->signer;
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
    if (words->count < APPROVAL_WORDS_MAX)
        words->items[words->count++] = word;
}

bool words_of(struct host *host, struct words *out, const char *tree, struct err *err)
{
    struct repo *repo = host_repo(host, err);
    out->host = host;
    out->count = 0;
    return repo && repo_words_on(repo, tree, take_word, out, err);
}

const struct approval *word_of(const struct words *words, const char *login)
{
    for (size_t i = 0; i < words->count; i++)
        if (words->items[i].fault == APPROVAL_GOOD && strcmp(words->items[i].person, login) == 0)
            return &words->items[i];
    return NULL;
}

void approvals_free(struct host *host)
{
    authors_free(host->authors);
    signer_free(host->signer);
    host->authors = NULL;
    host->signer = NULL;
}
