// A key that signs: made when it is missing, the same ever after, nobody else's to read.
#include "support/unit.h"

#include "lib/sshsig/signer.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static void a_key_is_made_once_and_signs(void **state)
{
    char folder[] = "/tmp/renki-signer-XXXXXX";
    struct err err;
    struct stat status;
    struct sshsig_key key;
    SCOPED_BUF(armor, SSHSIG_ARMOR_MAX);
    (void)state;
    assert_non_null(mkdtemp(folder));
    SCOPED_TEXT char *inner = xasprintf("%s/keys", folder), *path = xasprintf("%s/keys/signing", folder);
    SCOPED(signer)
    first = NULL;
    SCOPED(signer)
    second = NULL;
    assert_true(signer_open(&first, path, &err) && signer_open(&second, path, &err));
    assert_true(sshsig_key_equal(signer_key(first), signer_key(second)));
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0400);
    assert_true(signer_sign(first, &armor, "git", TEXT_OF("a tag")));
    assert_true(sshsig_verify(&key, buf_text(&armor), "git", TEXT_OF("a tag")));
    assert_true(sshsig_key_equal(&key, signer_key(second)));

    struct signer *refused = NULL;
    assert_int_equal(chmod(path, 0440), 0);
    assert_false(signer_open(&refused, path, &err));
    assert_int_equal(err.code, ERR_KEY_FILE);
    unlink(path);
    rmdir(inner);
    rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_key_is_made_once_and_signs)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
