// lib/credential: what is a secret, what only looks like one, and that none is shown.
#include "support/unit.h"

#include "lib/base/file.h"
#include "lib/credential/credential.h"

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

struct seen {
    struct credential first;
    size_t count;
};

static bool take(void *owner, const struct credential *found)
{
    struct seen *seen = owner;
    if (seen->count++ == 0)
        seen->first = *found;
    return true;
}

static struct seen scan(const char *text, bool is_code)
{
    struct seen seen = {.count = 0};
    credential_scan(text_from(text), is_code, take, &seen);
    return seen;
}

// Parts of secrets stand apart, so that no scanner finds this file.
#define T36                                                                                                  \
    "aB3dE6gH9"                                                                                              \
    "jK2mN5pQ8"                                                                                              \
    "sT1vW4yZ7"                                                                                              \
    "bC0eF3hI6"

static void what_is_a_secret_is_found(void **state)
{
    static const struct {
        const char *text;
        enum credential_kind kind;
    } cases[] = {
        {"-----BEGIN RSA "
         "PRIVATE KEY-----",
         CREDENTIAL_KEY},
        {"-----BEGIN "
         "PRIVATE KEY-----",
         CREDENTIAL_KEY},
        {"-----BEGIN OPENSSH "
         "PRIVATE KEY-----",
         CREDENTIAL_KEY},
        {"-----BEGIN EC "
         "PRIVATE KEY-----",
         CREDENTIAL_KEY},
        {"-----BEGIN ENCRYPTED "
         "PRIVATE KEY-----",
         CREDENTIAL_KEY},
        {"-----BEGIN PGP "
         "PRIVATE KEY BLOCK-----",
         CREDENTIAL_KEY},
        {"PuTTY-User-"
         "Key-File-3: ssh-ed25519",
         CREDENTIAL_KEY},
        {"local k = \"b3BlbnNzaC1"
         "rZXktdjEAAAAA\"",
         CREDENTIAL_KEY},
        {"key = AKIA"
         "IOSFODNN7QWERTY1",
         CREDENTIAL_TOKEN},
        {"ghp_" T36, CREDENTIAL_TOKEN},
        {"x(\"gho_" T36 "\")", CREDENTIAL_TOKEN},
        {"github_pat_" T36 T36, CREDENTIAL_TOKEN},
        {"glpat-"
         "aB3dE6gH9jK2mN5pQ8sT",
         CREDENTIAL_TOKEN},
        {"xoxb-"
         "123456789012-aB3dE6gH9jK2",
         CREDENTIAL_TOKEN},
        {"AIza"
         "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7bC0eF3hI",
         CREDENTIAL_TOKEN},
        {"npm_" T36, CREDENTIAL_TOKEN},
        {"sk_live_"
         "aB3dE6gH9jK2mN5p",
         CREDENTIAL_TOKEN},
        {"AccountKey=" T36 T36 "aB3dE6gH9jK2==", CREDENTIAL_TOKEN},
        {"abc8"
         "Q~aB3dE6gH9jK2mN5pQ8sT1vW4yZ7bC0eF3hI",
         CREDENTIAL_TOKEN},
        {"eyJhbGciOiJIUzI1NiJ9."
         "eyJzdWIiOiIxMjM0NTY3ODkwIn0."
         "aB3dE6gH9jK2mN5pQ8sT",
         CREDENTIAL_TOKEN},
        {"Authorization: Bearer "
         "aB3dE6gH9jK2mN5pQ8sT1v",
         CREDENTIAL_TOKEN},
        {"Authorization: Basic "
         "YWlubzpoNG1tM3Ixcw==",
         CREDENTIAL_TOKEN},
        {"api_key = \""
         "aB3dE6gH9jK2mN5p\"",
         CREDENTIAL_TOKEN},
        {"  [\"client-secret\"] = '"
         "aB3dE6gH9jK2mN5p'",
         CREDENTIAL_TOKEN},
        {"{\"accessToken\": \""
         "aB3dE6gH9jK2mN5p\"}",
         CREDENTIAL_TOKEN},
        {"API-NYCKEL=\""
         "aB3dE6gH9jK2mN5p\"",
         CREDENTIAL_TOKEN},
        {"local password = \""
         "hunter22\"",
         CREDENTIAL_PASSWORD},
        {"db_password = '"
         "Kesä2026!'",
         CREDENTIAL_PASSWORD},
        {"password = [["
         "hunter22]]",
         CREDENTIAL_PASSWORD},
        {"if password == \""
         "hunter22\" then",
         CREDENTIAL_PASSWORD},
        {"salasana = \""
         "talvi-2026\"",
         CREDENTIAL_PASSWORD},
        {"LÖSENORD = \""
         "vinter-2026\"",
         CREDENTIAL_PASSWORD},
        {"\"passwd\": \""
         "hunter22\"",
         CREDENTIAL_PASSWORD},
        {"https://robot:"
         "h4mm3rs@ledger.example/api",
         CREDENTIAL_PASSWORD},
        {"postgresql://renki:"
         "h4mm3rs@db.example/renki",
         CREDENTIAL_PASSWORD},
        {"131052-"
         "308T",
         CREDENTIAL_IDENTITY},
        {"Aino;131052-"
         "308T;1200,00",
         CREDENTIAL_IDENTITY},
        {"\"131052Y"
         "308T\"",
         CREDENTIAL_IDENTITY},
        {"131052-"
         "308t",
         CREDENTIAL_IDENTITY},
        {"01.01.2026,131052A"
         "308T,x",
         CREDENTIAL_IDENTITY},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct seen seen = scan(cases[i].text, true);
        if (seen.count != 1 || seen.first.kind != cases[i].kind)
            fail_msg("%s: found %zu, %s", cases[i].text, seen.count, credential_kind_name(seen.first.kind));
    }
}

static void what_only_looks_like_a_secret_is_not(void **state)
{
    static const char *const cases[] = {
        "local ledger = http.client { base = \"https://ledger.example/api\", login = \"ledger\" }",
        "secret = \"ledger\"",
        "hooks = { rents = { secret = \"rents-hook\" } }",
        "token = next_token(text)",
        "password = secrets.password",
        "local password = run.inputs.password",
        "password_label = \"Salasana123\"",
        "passwordField = \"login_pwd\"",
        "password = \"${PASSWORD}\"",
        "password = \"<your password>\"",
        "password = \"********\"",
        "password = \"\"",
        "password = \"changeme\"",
        "secretary = \"aB3dE6gH9jK2mN5p\"",
        "The password: ask the administrator.",
        "password:",
        "https://ledger.example:8443/api@v2",
        "https://user@host.example/",
        "https://user:{password}@host.example/",
        "mailto:finance@city.example",
        "AKIA"
        "IOSFODNN7EXAMPLE",
        "ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
        "ghp_short",
        "eyJ.eyJ.x",
        "-----BEGIN CERTIFICATE-----",
        "-----BEGIN PUBLIC KEY-----",
        "the PRIVATE KEY stays with the host",
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ2mN5pQ8sT1vW4yZ7bC0eF3hI6",
        "131052-308U", // its check character is wrong
        "131352-308T", // no such month
        "010594W903Z", // nobody's
        "020594X903P", // temporary: for tests
        "FI2112345600000785",
        "1790235-0",
        "9131052-308T9",
        "Bearer token",
        "Bearer {token}",
        "a sum = 1204551.30",
        "sha256 = \"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\"",
        "commit 1f8e2a9c0d4b7f6e5a3c2b1d0e9f8a7b6c5d4e3f",
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct seen seen = scan(cases[i], true);
        if (seen.count)
            fail_msg("%s: %s %s", cases[i], credential_kind_name(seen.first.kind), seen.first.shown);
    }
}

// All signs of all centuries, with check characters that were worked out by hand (mod 31 of the nine digits).
static void every_century_sign_counts(void **state)
{
    static const char characters[] = "0123456789ABCDEFHJKLMNPRSTUVWXY", signs[] = "+-ABCDEFYXWVU";
    (void)state;
    for (const char *sign = signs; *sign; sign++) {
        char code[16];
        snprintf(code, sizeof code, "010101%c123%c", *sign, characters[10101123 % 31]);
        assert_int_equal(scan(code, false).count, 1);
        snprintf(code, sizeof code, "010101%c123%c", *sign, characters[(10101123 + 1) % 31]);
        assert_int_equal(scan(code, false).count, 0);
    }
}

static void values_without_quotes_are_read_where_they_are_no_expressions(void **state)
{
    (void)state;
    assert_int_equal(scan("password="
                          "h4mm3rs22",
                          false)
                         .count,
                     1);
    assert_int_equal(scan("salasana: "
                          "h4mm3rs22",
                          false)
                         .count,
                     1);
    assert_int_equal(scan("password="
                          "h4mm3rs22",
                          true)
                         .count,
                     0);
    assert_int_equal(scan("password: required", false).count, 0);
}

static void the_line_is_told_and_the_secret_is_not(void **state)
{
    (void)state;
    const struct seen seen = scan("return {\n\n  password = \""
                                  "hunter22\",\n}\n",
                                  true);
    assert_int_equal(seen.first.line, 3);
    assert_null(strstr(seen.first.shown, "hunter22"));
    assert_string_equal(scan("ghp_" T36, true).first.shown, "ghp_…");
    assert_string_equal(scan("131052-"
                             "308T",
                             true)
                            .first.shown,
                        "13…");
    assert_string_equal(scan("https://a:"
                             "h4mm3rs@b/",
                             true)
                            .first.shown,
                        "://…:…@");
}

static void a_line_may_say_that_it_holds_no_secret(void **state)
{
    (void)state;
    const struct seen seen = scan("password = \""
                                  "hunter22\" -- renki: no secret\npassword = \""
                                  "hunter22\"\n",
                                  true);
    assert_int_equal(seen.count, 2);
    assert_true(seen.first.allowed);
}

static bool stop(void *owner, const struct credential *found)
{
    (void)found;
    (*(int *)owner)++;
    return false;
}

static void whoever_has_seen_enough_stops(void **state)
{
    int count = 0;
    (void)state;
    credential_scan(TEXT_OF("ghp_" T36 "\nghp_" T36 "\n"), true, stop, &count);
    assert_int_equal(count, 1);
}

// ---- what is in the project, and texts from the world

struct walk {
    char *listed;
    size_t files;
    const char *path;
};
static struct walk walk;

static const char *suffix_of(const char *path)
{
    const char *dot = strrchr(path, '.');
    return dot ? dot : "";
}

// A table of valid identity codes, and the tokens of two pages' forms, are what they look like.
static bool is_known(const struct credential *found)
{
    return (strstr(walk.path, "/ids/hetu") && found->kind == CREDENTIAL_IDENTITY) ||
           (strstr(walk.path, "/html/pages/") && found->kind == CREDENTIAL_TOKEN);
}

static bool list(void *owner, const struct credential *found)
{
    char *before = walk.listed;
    (void)owner;
    if (found->allowed || is_known(found))
        return true;
    walk.listed = xasprintf("%s%s:%lld %s %s\n", before, walk.path, (long long)found->line,
                            credential_kind_name(found->kind), found->shown);
    xfree(before);
    return true;
}

static int scan_one(const char *path, const struct stat *status, int kind, struct FTW *place)
{
    struct err err;
    SCOPED_BUF(content, 64 << 20);
    (void)place;
    if (kind != FTW_F || status->st_size > (64 << 20))
        return 0;
    assert_true(file_read(&content, AT_FDCWD, path, &err));
    walk.files++;
    walk.path = path;
    credential_scan(buf_text(&content), strcmp(suffix_of(path), ".lua") == 0, list, NULL);
    return 0;
}

static void nothing_is_found_in(const char *folder, size_t files_at_least)
{
    walk = (struct walk){xstrdup(""), 0, NULL};
    assert_int_equal(nftw(folder, scan_one, 32, FTW_PHYS), 0);
    if (*walk.listed)
        fail_msg("%s", walk.listed);
    assert_true(walk.files >= files_at_least);
    xfree(walk.listed);
}

static void the_projects_own_robots_and_examples_hold_none(void **state)
{
    (void)state;
    nothing_is_found_in(RENKI_TESTS_SUPPORT "/../../robots", 5);
    nothing_is_found_in(RENKI_TESTS_SUPPORT "/../../examples", 5);
    nothing_is_found_in(RENKI_TESTS_SUPPORT "/../../docs", 5);
}

static void texts_from_the_world_hold_none(void **state)
{
    (void)state;
    if (access(RENKI_SHARED_DATA, F_OK) != 0)
        skip();
    nothing_is_found_in(RENKI_SHARED_DATA, 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_a_secret_is_found),
        cmocka_unit_test(what_only_looks_like_a_secret_is_not),
        cmocka_unit_test(every_century_sign_counts),
        cmocka_unit_test(values_without_quotes_are_read_where_they_are_no_expressions),
        cmocka_unit_test(the_line_is_told_and_the_secret_is_not),
        cmocka_unit_test(a_line_may_say_that_it_holds_no_secret),
        cmocka_unit_test(whoever_has_seen_enough_stops),
        cmocka_unit_test(the_projects_own_robots_and_examples_hold_none),
        cmocka_unit_test(texts_from_the_world_hold_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
