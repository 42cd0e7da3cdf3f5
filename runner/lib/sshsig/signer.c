// See signer.h.
#include "lib/sshsig/signer.h"

#include "lib/seal/key_file.h"

struct signer {
    unsigned char *seed; // of key_file.h
    struct sshsig_key key;
};

_Static_assert((int)SSHSIG_SEED_BYTES == (int)KEY_FILE_BYTES, "a seed is what a key's file holds");

bool signer_open(struct signer **out, const char *path, struct err *err)
{
    unsigned char *seed;
    if (!key_file_open(&seed, path, err))
        return false;
    struct signer *signer = xcalloc(1, sizeof *signer);
    signer->seed = seed;
    sshsig_key_of_seed(&signer->key, seed);
    *out = signer;
    return true;
}

void signer_free(struct signer *signer)
{
    if (signer)
        key_file_free(signer->seed);
    xfree(signer);
}

const struct sshsig_key *signer_key(const struct signer *signer)
{
    return &signer->key;
}

bool signer_sign(const struct signer *signer, struct buf *armor, const char *namespace, struct text message)
{
    return sshsig_make(armor, signer->seed, namespace, message);
}
