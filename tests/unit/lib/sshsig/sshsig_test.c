// Signatures as ssh-keygen makes them are good for what they are of, and for nothing else.
#include "support/unit.h"

#include "lib/sshsig/sshsig.h"

static const char message[] = "what is signed\n";
static const char key_line[] =
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHA7RCePSIJOSZ3mCOyG4KL/33ftEkfbBMQYbLb64bXB a laptop\n";

// All made by `ssh-keygen -Y sign` of OpenSSH 9.2.
#define KEY_DIGITS "cDtEJ49Igk5JneYI7Ibgov/fd+\n0SR9sExBhstvrhtcEAAAA"
static const char made_for_git[] = "-----BEGIN SSH SIGNATURE-----\n"
                                   "U1NIU0lHAAAAAQAAADMAAAALc3NoLWVkMjU1MTkAAAAg" KEY_DIGITS
                                   "DZ2l0AAAAAAAAAAZzaGE1MTIAAABTAAAAC3NzaC1lZDI1NTE5\n"
                                   "AAAAQN6MYBhDdCor3arv+PbTt1O9PCGMaqqFELXJ3zInus+thIhoIgELJhmGlDi7kvUbmD\n"
                                   "OCMK2lbvdO4kVPQob0XwM=\n-----END SSH SIGNATURE-----\n";
static const char made_with_sha256[] =
    "-----BEGIN SSH SIGNATURE-----\n"
    "U1NIU0lHAAAAAQAAADMAAAALc3NoLWVkMjU1MTkAAAAg" KEY_DIGITS
    "DZ2l0AAAAAAAAAAZzaGEyNTYAAABTAAAAC3NzaC1lZDI1NTE5\n"
    "AAAAQHLrOVTqP2hBEqDglXwRMoauyCp6uSsDs27kc5c++Nkuk1WnqZRYcNBiwGuHiNojyY\n"
    "oypWZ9eSp+ng1Cd2DzFwA=\n-----END SSH SIGNATURE-----\n";
static const char made_for_files[] =
    "-----BEGIN SSH SIGNATURE-----\n"
    "U1NIU0lHAAAAAQAAADMAAAALc3NoLWVkMjU1MTkAAAAg" KEY_DIGITS
    "EZmlsZQAAAAAAAAAGc2hhNTEyAAAAUwAAAAtzc2gtZWQyNTUx\n"
    "OQAAAEDc707zVpwlzUB+YFvgcsQlPRtyMhbIyHCymb38E6LgZTUcy1hSp/tZJ0lh4Ke3La\n"
    "K+9TCTjUaJ2dbZe2cGgtMN\n-----END SSH SIGNATURE-----\n";
static const char made_with_ecdsa[] =
    "-----BEGIN SSH SIGNATURE-----\n"
    "U1NIU0lHAAAAAQAAAGgAAAATZWNkc2Etc2hhMi1uaXN0cDI1NgAAAAhuaXN0cDI1NgAAAE\n"
    "EEHl+9T+3WVhWSFcoa7U9rV6nmXHMrTNeGiWbDtUvnpS6ivHdZoNdgGyWsdLQX3y3IQ0B7\n"
    "WviJ77Ax6NhUMr0WNgAAAANnaXQAAAAAAAAABnNoYTUxMgAAAGMAAAATZWNkc2Etc2hhMi\n"
    "1uaXN0cDI1NgAAAEgAAAAgILSY1qFB+yaIiklU80KTbzW1yE2Nb+ZY58dpPpxljMUAAAAg\n"
    "TMpvGPiUMS7yd2Zx/byLsVnFUNrUrZfNAAZrZh6onsU=\n-----END SSH SIGNATURE-----\n";

static void what_ssh_keygen_made_is_good(void **state)
{
    struct sshsig_key key, listed;
    char line[SSHSIG_LINE_SIZE];
    (void)state;
    assert_true(sshsig_key_read(&listed, text_from(key_line)));
    sshsig_key_write(line, &listed);
    assert_memory_equal(line, key_line, strlen(line));
    assert_true(sshsig_verify(&key, text_from(made_for_git), "git", text_from(message)));
    assert_true(sshsig_key_equal(&key, &listed));
    assert_true(sshsig_verify(&key, text_from(made_with_sha256), "git", text_from(message)));
    assert_true(sshsig_verify(&key, text_from(made_for_files), "file", text_from(message)));
}

static void it_is_good_for_nothing_else(void **state)
{
    struct sshsig_key key;
    (void)state;
    assert_false(sshsig_verify(&key, text_from(made_for_files), "git", text_from(message)));
    assert_false(sshsig_verify(&key, text_from(made_for_git), "git", TEXT_OF("what is signed")));
    assert_false(sshsig_verify(&key, text_from(made_with_ecdsa), "git", text_from(message)));
    assert_false(sshsig_verify(&key, TEXT_OF(""), "git", text_from(message)));
    for (size_t length = 0; length + 1 < strlen(made_for_git); length++) // cut off anywhere
        assert_false(sshsig_verify(&key, text_of(made_for_git, length), "git", text_from(message)));
}

// Each letter of the signature counts.
static void a_changed_letter_spoils_it(void **state)
{
    (void)state;
    const size_t begin = strlen("-----BEGIN SSH SIGNATURE-----\n");
    const size_t end = strlen(made_for_git) - strlen("=\n-----END SSH SIGNATURE-----\n");
    for (size_t i = begin; i < end; i++) {
        struct sshsig_key key, listed;
        SCOPED_TEXT char *changed = xstrdup(made_for_git);
        if (changed[i] == '\n')
            continue;
        changed[i] = changed[i] == 'A' ? 'B' : 'A';
        assert_true(sshsig_key_read(&listed, text_from(key_line)));
        assert_false(sshsig_verify(&key, text_from(changed), "git", text_from(message)) &&
                     sshsig_key_equal(&key, &listed));
    }
}

static void what_is_made_here_is_good_here(void **state)
{
    static const unsigned char seed[SSHSIG_SEED_BYTES] = {1, 2, 3};
    struct sshsig_key key, own;
    SCOPED_BUF(armor, SSHSIG_ARMOR_MAX);
    (void)state;
    assert_true(sshsig_make(&armor, seed, "git", text_from(message)));
    sshsig_key_of_seed(&own, seed);
    assert_true(sshsig_verify(&key, buf_text(&armor), "git", text_from(message)));
    assert_true(sshsig_key_equal(&key, &own));
    assert_false(sshsig_verify(&key, buf_text(&armor), "git", TEXT_OF("other")));
}

static void only_whole_keys_of_this_kind_are_read(void **state)
{
    static const char *const wrong[] = {
        "",
        "ssh-ed25519",
        "ssh-ed25519 ",
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHA7RCePSIJOSZ3mCOyG4KL/33ftEkfbBMQYbLb64bX",
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHA7RCePSIJOSZ3mCOyG4KL/33ftEkfbBMQYbLb64bXBAAAA",
        "ssh-rsa AAAAC3NzaC1lZDI1NTE5AAAAIHA7RCePSIJOSZ3mCOyG4KL/33ftEkfbBMQYbLb64bXB",
        "namespaces=\"git\" ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHA7RCePSIJOSZ3mCOyG4KL/33ftEkfbBMQYbLb64bXB",
    };
    struct sshsig_key key;
    (void)state;
    for (size_t i = 0; i < COUNT_OF(wrong); i++)
        assert_false(sshsig_key_read(&key, text_from(wrong[i])));
}

static void a_signed_tag_is_taken_apart(void **state)
{
    struct text signed_part, armor;
    (void)state;
    SCOPED_TEXT char *tag = xasprintf("object 1\n\nsays\n-----BEGIN SSH SIGNATURE-----\n%s", made_for_git);
    assert_true(sshsig_split(&signed_part, &armor, text_from(tag)));
    assert_true(text_is(armor, made_for_git));
    assert_true(text_is(signed_part, "object 1\n\nsays\n-----BEGIN SSH SIGNATURE-----\n"));
    assert_false(sshsig_split(&signed_part, &armor, TEXT_OF("object 1\n\n -----BEGIN SSH SIGNATURE-----")));
    assert_false(sshsig_split(&signed_part, &armor, TEXT_OF("")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_ssh_keygen_made_is_good),
        cmocka_unit_test(it_is_good_for_nothing_else),
        cmocka_unit_test(a_changed_letter_spoils_it),
        cmocka_unit_test(what_is_made_here_is_good_here),
        cmocka_unit_test(only_whole_keys_of_this_kind_are_read),
        cmocka_unit_test(a_signed_tag_is_taken_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
