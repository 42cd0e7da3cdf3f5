// lib/digest/digest.c
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// cmocka needs the four above
#include <cmocka.h>

#include "lib/digest/digest.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

// FIPS 180-2, appendix B.1.
static void a_known_text_has_its_known_digest(void **state)
{
    (void)state;
    char digest[DIGEST_TEXT_SIZE];
    digest_text(digest, TEXT_OF("abc"));
    assert_string_equal(digest, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

static void an_empty_file_has_the_digest_of_nothing(void **state)
{
    (void)state;
    char of_file[DIGEST_TEXT_SIZE], of_text[DIGEST_TEXT_SIZE];
    char path[] = "/tmp/renki-digest-XXXXXX";
    struct err err = {0};
    const int fd = mkstemp(path);
    assert_true(fd >= 0);
    close(fd);
    const bool done = digest_file(of_file, AT_FDCWD, path, &err);
    unlink(path);
    assert_true(done);
    digest_text(of_text, TEXT_OF(""));
    assert_string_equal(of_file, of_text);
}

static void a_missing_file_is_told(void **state)
{
    (void)state;
    char digest[DIGEST_TEXT_SIZE];
    struct err err = {0};
    assert_false(digest_file(digest, AT_FDCWD, "/nowhere/x", &err));
    assert_int_equal(err.code, ERR_FILE_MISSING);
    assert_false(digest_file(digest, AT_FDCWD, "/tmp", &err));
    assert_int_equal(err.code, ERR_FILE_UNREADABLE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_known_text_has_its_known_digest),
        cmocka_unit_test(an_empty_file_has_the_digest_of_nothing),
        cmocka_unit_test(a_missing_file_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
