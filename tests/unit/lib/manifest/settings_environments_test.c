#include "support/unit.h"

#include "lib/manifest/manifest.h"
#include "lib/manifest/schema.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static const char three[] =
    "{\"mode\":\"development\",\"shares\":{\"inbox\":\"/srv/inbox\",\"archive\":\"/srv/archive\"},"
    "\"mail\":{\"server\":\"mail.example\",\"from\":\"renki@city.example\",\"login\":\"mail\"},"
    "\"systems\":{\"ledger\":{\"origin\":\"https://ledger.example\",\"calls_at_once\":2},"
    "\"bank\":{\"origin\":\"https://bank.example\"}},"
    "\"remote\":{\"url\":\"/srv/robots.git\"},\"limits\":{\"memory\":\"1 GB\",\"calls\":10},"
    "\"people\":{\"controller\":{\"name\":\"Controller\",\"email\":\"controller@city.example\"}},"
    "\"promotions\":[\"test\",\"acceptance\",\"production\"],"
    "\"environments\":{"
    "\"test\":{\"remote\":{\"branch\":\"test\"},\"shares\":{\"inbox\":\"/srv/test/inbox\"},"
    "\"systems\":{\"ledger\":{\"origin\":\"https://ledger.example\",\"address\":\"127.0.0.1:8443\"}},"
    "\"mail\":{\"server\":\"localhost:1025\"},\"limits\":{\"calls\":5}},"
    "\"acceptance\":{\"remote\":{\"branch\":\"acceptance\"},\"store\":\"sqlite\"},"
    "\"production\":{\"mode\":\"production\",\"remote\":{\"branch\":\"production\"},"
    "\"alerts\":{\"mail\":{\"to\":[\"it@city.example\"]}},\"places\":4}}}";

static const char *member_text(const struct json *value, const char *key)
{
    return json_string_or(json_get(value, key), "");
}

static struct settings *read_as(const char *json, const char *environment)
{
    struct settings *settings = NULL;
    struct problems problems = {0};
    if (!settings_read(&settings, text_from(json), environment, &problems)) {
        SCOPED_BUF(line, 4000);
        assert_true(err_message(&line, &problems.items[0], LANGUAGE_EN));
        fail_msg("%s", buf_string(&line));
    }
    problems_dispose(&problems);
    return settings;
}

static void an_environment_replaces_the_entries_that_it_names(void **state)
{
    (void)state;
    SCOPED(settings)
    settings = read_as(three, "test");
    assert_string_equal(settings->environment, "test");
    assert_false(settings->production);
    assert_string_equal(settings->remote, "/srv/robots.git");
    assert_string_equal(settings->remote_branch, "test");
    assert_string_equal(member_text(settings->shares, "inbox"), "/srv/test/inbox");
    assert_string_equal(member_text(settings->shares, "archive"), "/srv/archive");
    assert_string_equal(member_text(settings->mail, "server"), "localhost:1025");
    assert_string_equal(member_text(settings->mail, "from"), "renki@city.example");
    const struct json *ledger = json_get(settings->systems, "ledger");
    assert_string_equal(member_text(ledger, "address"), "127.0.0.1:8443");
    assert_null(json_get(ledger, "calls_at_once")); // an entry is replaced as a whole
    assert_non_null(json_get(settings->systems, "bank"));
    assert_int_equal(settings->limits.calls, 5);
    assert_int_equal(settings->limits.memory_bytes, 1LL << 30);
    assert_non_null(json_get(settings->people, "controller"));
    assert_null(settings->alerts);
}

static void the_same_settings_serve_every_environment(void **state)
{
    (void)state;
    SCOPED(settings)
    settings = read_as(three, "production");
    struct settings *acceptance = NULL;
    struct err err;
    assert_true(settings->production);
    assert_int_equal(settings->places, 4);
    assert_string_equal(settings->remote_branch, "production");
    assert_non_null(settings->alerts);
    assert_true(settings_of_environment(&acceptance, settings, "acceptance", &err));
    assert_string_equal(acceptance->remote_branch, "acceptance");
    assert_string_equal(acceptance->store, "sqlite");
    assert_false(acceptance->production);
    settings_free(acceptance);
    assert_false(settings_of_environment(&acceptance, settings, "prod", &err));
    assert_int_equal(err.code, ERR_SETTINGS_ENVIRONMENT);
    assert_null(settings_promoted_from(settings, "test"));
    assert_string_equal(settings_promoted_from(settings, "acceptance"), "test");
    assert_string_equal(settings_promoted_from(settings, "production"), "acceptance");
}

static void the_hosts_file_goes_before_what_the_settings_say(void **state)
{
    static const char json[] = "{\"environment\":\"a\",\"environments\":{\"a\":{},\"b\":{}}}";
    (void)state;
    struct settings *settings = read_as(json, NULL);
    assert_string_equal(settings->environment, "a");
    settings_free(settings);
    settings = read_as(json, "");
    assert_string_equal(settings->environment, "a");
    settings_free(settings);
    settings = read_as(json, "b");
    assert_string_equal(settings->environment, "b");
    settings_free(settings);
    settings = read_as("{\"user\":\"renki\",\"environments\":{\"a\":{}}}", ENVIRONMENT_ANY);
    assert_string_equal(settings->user, "renki");
    settings_free(settings);
    settings = read_as("{\"user\":\"renki\"}", ENVIRONMENT_ANY);
    assert_null(settings->environment);
    settings_free(settings);
}

static void what_is_wrong_with_environments_is_told_by_its_place(void **state)
{
    static const struct {
        const char *json, *environment, *told;
    } wrong[] = {
        {"{\"environments\":{\"test\":{}}}", NULL,
         "renki.lua has environments (test), but nothing says which of them this is.\n"},
        {"{\"environments\":{\"test\":{},\"live\":{}}}", "liv",
         ".renki/environment: renki.lua has no environment called liv.\n"},
        {"{\"environment\":\"liv\",\"environments\":{\"live\":{}}}", "",
         "environment: renki.lua has no environment called liv.\n"},
        {"{}", "test", ".renki/environment: renki.lua has no environment called test.\n"},
        {"{\"environment\":\"test\"}", NULL, "environment: renki.lua has no environment called test.\n"},
        {"{\"environments\":[]}", NULL, "environments must be a table, but it is {…}.\n"},
        {"{\"environments\":\"test\"}", NULL, "environments must be a table, but it is \"test\".\n"},
        {"{\"environments\":{\"test\":3}}", "test", "environments.test must be a table, but it is 3.\n"},
        {"{\"environments\":{\"te st\":{}}}", NULL,
         "environments: \"te st\" is no name of an environment.\n"},
        {"{\"environments\":{\"../x\":{}}}", NULL, "environments: \"../x\" is no name of an environment.\n"},
        {"{\"environments\":{\"*\":{}}}", NULL, "environments: \"*\" is no name of an environment.\n"},
        {"{\"environments\":{\"test\":{\"people\":{}}}}", "test",
         "environments.test.people can't differ between environments.\n"},
        {"{\"environments\":{\"test\":{\"user\":\"root\"}}}", "test",
         "environments.test.user can't differ between environments.\n"},
        {"{\"environments\":{\"test\":{\"groups\":{}}}}", "test",
         "environments.test.groups can't differ between environments.\n"},
        {"{\"environments\":{\"test\":{\"life\":{}}}}", "test",
         "environments.test.life can't differ between environments.\n"},
        {"{\"environments\":{\"test\":{\"language\":\"fi\"}}}", "test",
         "environments.test.language can't differ between environments.\n"},
        {"{\"environments\":{\"test\":{\"timezone\":\"UTC\"}}}", "test",
         "environments.test.timezone can't differ between environments.\n"},
        {"{\"environments\":{\"test\":{\"environments\":{\"test\":{}}}}}", "test",
         "environments.test.environments can't differ between environments.\n"},
        {"{\"environments\":{\"test\":{\"promotions\":[\"test\"]}}}", "test",
         "environments.test.promotions can't differ between environments.\n"},
        {"{\"environments\":{\"test\":{\"environment\":\"test\"}}}", "test",
         "environments.test.environment can't differ between environments.\n"},
        {"{\"environments\":{\"test\":{},\"live\":{\"mode\":\"produktion\"}}}", "test",
         "environments.live.mode can't be \"produktion\".\n"},
        {"{\"environments\":{\"test\":{},\"live\":{\"shares\":{\"inbox\":\"inbox\"}}}}", "test",
         "environments.live: shares.inbox: \"inbox\" is no full path of a folder.\n"},
        {"{\"environments\":{\"live\":{\"mail\":{\"server\":\"m\"}}}}", "live",
         "environments.live: mail.from is missing.\n"},
        {"{\"environments\":{\"live\":{\"systems\":{\"l\":{}}}}}", "live",
         "environments.live.systems.l.origin is missing.\n"},
        {"{\"environments\":{\"live\":{\"remote\":{\"branch\":\"x\"}}}}", "live",
         "environments.live: remote.url is missing.\n"},
        {"{\"promotions\":[\"test\"],\"environments\":{\"live\":{}}}", "live",
         "promotions: renki.lua has no environment called test.\n"},
        {"{\"promotions\":[\"live\",\"live\"],\"environments\":{\"live\":{}}}", "live",
         "promotions names live twice.\n"},
        {"{\"promotions\":[\"live\"]}", NULL, "promotions: renki.lua has no environment called live.\n"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        struct problems problems = {0};
        struct settings *settings = NULL;
        SCOPED_BUF(told, 4000);
        assert_false(settings_read(&settings, text_from(wrong[i].json), wrong[i].environment, &problems));
        assert_null(settings);
        assert_true(err_message(&told, &problems.items[0], LANGUAGE_EN) && buf_append_char(&told, '\n'));
        assert_string_equal(buf_string(&told), wrong[i].told);
        problems_dispose(&problems);
    }
}

static void there_are_not_too_many(void **state)
{
    SCOPED_BUF(json, 4000);
    struct problems problems = {0};
    struct settings *settings = NULL;
    (void)state;
    assert_true(buf_append_string(&json, "{\"environments\":{"));
    for (int i = 0; i <= ENVIRONMENTS_MAX; i++)
        assert_true(buf_printf(&json, "%s\"e%d\":{}", i ? "," : "", i));
    assert_true(buf_append_string(&json, "}}"));
    assert_false(settings_read(&settings, buf_text(&json), "e1", &problems));
    assert_int_equal(problems.items[0].code, ERR_LIMIT_PASSED);
    problems_dispose(&problems);
}

static void write_file(const char *workspace, const char *content, size_t length)
{
    SCOPED_TEXT char *path = xasprintf("%s/" ENVIRONMENT_FILE, workspace);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(content, 1, length, file), length);
    fclose(file);
}

static void the_hosts_file_is_one_name_or_refused(void **state)
{
    static const char *const wrong[] = {"", "two words", "two\nlines", "../x", "*", "a/b"};
    char workspace[] = "/tmp/renki-unit.XXXXXX", name[ENVIRONMENT_NAME_MAX + 1];
    struct err err;
    (void)state;
    assert_non_null(mkdtemp(workspace));
    assert_true(environment_read(name, workspace, &err));
    assert_string_equal(name, "");
    SCOPED_TEXT char *folder = xasprintf("%s/.renki", workspace);
    assert_int_equal(mkdir(folder, 0700), 0);
    write_file(workspace, "production\n", 11);
    assert_true(environment_read(name, workspace, &err));
    assert_string_equal(name, "production");
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        write_file(workspace, wrong[i], strlen(wrong[i]));
        assert_false(environment_read(name, workspace, &err));
        assert_int_equal(err.code, ERR_SETTINGS_ENVIRONMENT_NAME);
    }
    write_file(workspace, "te\0st", 5);
    assert_false(environment_read(name, workspace, &err));
    char large[5000];
    memset(large, 'a', sizeof large);
    write_file(workspace, large, sizeof large);
    assert_false(environment_read(name, workspace, &err));
    SCOPED_TEXT char *path = xasprintf("%s/" ENVIRONMENT_FILE, workspace);
    unlink(path);
    rmdir(folder);
    rmdir(workspace);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_environment_replaces_the_entries_that_it_names),
        cmocka_unit_test(the_same_settings_serve_every_environment),
        cmocka_unit_test(the_hosts_file_goes_before_what_the_settings_say),
        cmocka_unit_test(what_is_wrong_with_environments_is_told_by_its_place),
        cmocka_unit_test(there_are_not_too_many),
        cmocka_unit_test(the_hosts_file_is_one_name_or_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
