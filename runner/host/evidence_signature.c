// See evidence_own.h. Whose keys sign here, and the host's signature of the digests: `ssh-keygen -Y verify` and git check
// what they sign by allowed_signers. In the host.
#include "host/evidence_own.h"

#include "host/approvals.h"
#include "lib/sshsig/signer.h"

enum { SIGNERS_BYTES_MAX = 1 << 20 };

struct listing {
    struct buf *out;
    const struct settings *settings;
    bool good;
};

static void add_keys(struct listing *listing, const char *principal, const struct json *keys)
{
    for (const struct json *key = json_first(keys); key; key = json_next(key))
        listing->good = listing->good && buf_printf(listing->out, "%s namespaces=\"git\" %s\n", principal,
                                                    json_string_or(key, ""));
}

static void add_person(void *owner, const char *login)
{
    struct listing *listing = owner;
    struct person person;
    if (person_find(&person, listing->settings, login))
        add_keys(listing, person.email, person.keys);
}

bool evidence_write_signers(struct evidence *evidence, bool *more, struct err *err)
{
    SCOPED_BUF(out, SIGNERS_BYTES_MAX);
    struct signer *signer;
    char key[SSHSIG_LINE_SIZE];
    struct listing listing = {&out, evidence->host->settings, true};
    (void)more;
    if (!approvals_signer(evidence->host, &signer, err))
        return false;
    sshsig_key_write(key, signer_key(signer));
    listing.good = buf_printf(&out, "renki namespaces=\"git," EVIDENCE_NAMESPACE "\" %s\n", key);
    add_keys(&listing, "renki", json_get(listing.settings->approval, "signers"));
    people_each(listing.settings, NULL, add_person, &listing);
    return listing.good ? file_add(&evidence->draft, buf_text(&out), err)
                        : fail(err, ERR_LIMIT_PASSED, "allowed_signers", N(SIGNERS_BYTES_MAX));
}

bool evidence_sign(struct evidence *evidence, struct text sums, struct err *err)
{
    SCOPED_BUF(armor, SSHSIG_ARMOR_MAX);
    struct signer *signer;
    if (!approvals_signer(evidence->host, &signer, err))
        return false;
    require(signer_sign(signer, &armor, EVIDENCE_NAMESPACE, sums)); // its length is always the same
    return evidence_write(evidence, "SHA256SUMS.sig", buf_text(&armor), err);
}
