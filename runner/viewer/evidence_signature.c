// See evidence.h. The host's signature over the digests, against the key that the file itself names: that it is the city's
// key is for the person to compare.
#include "viewer/evidence.h"

#define SIGNATURE_NAMESPACE "renki-evidence"

// `renki namespaces="git,renki-evidence" ssh-ed25519 AAAA…`
static bool read_signer(struct sshsig_key *out, struct text line)
{
    static const char principal[] = "renki namespaces=\"git," SIGNATURE_NAMESPACE "\" ";
    if (!text_starts(line, principal))
        return false;
    line.data += sizeof principal - 1;
    line.length -= sizeof principal - 1;
    return sshsig_key_read(out, line);
}

static bool is_signer(const struct sshsig_key *key, struct text signers)
{
    struct text line;
    struct sshsig_key allowed;
    while (text_cut(&signers, '\n', &line))
        if (read_signer(&allowed, line) && sshsig_key_equal(key, &allowed))
            return true;
    return false;
}

void evidence_check_signature(struct evidence_view *view, struct text sums)
{
    static const char signature[] = "SHA256SUMS.sig", allowed[] = "allowed_signers";
    SCOPED_BUF(armor, SSHSIG_ARMOR_MAX);
    SCOPED_BUF(signers, EVIDENCE_SIGNERS_MAX);
    struct sshsig_key key;
    if (!package_has(view->package, text_from(signature)) || !package_has(view->package, text_from(allowed)))
        (void)fail(evidence_problem(view), ERR_EVIDENCE_UNSIGNED);
    else if (!evidence_text(view, &armor, signature) || !evidence_text(view, &signers, allowed))
        return; // told already
    else if (!sshsig_verify(&key, buf_text(&armor), SIGNATURE_NAMESPACE, sums) ||
             !is_signer(&key, buf_text(&signers)))
        (void)fail(evidence_problem(view), ERR_EVIDENCE_SIGNATURE);
    else
        sshsig_key_write(view->signer, &key);
}
