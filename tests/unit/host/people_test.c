// Who people are, by login, address and key.
#include "support/unit.h"

#include "host/people.h"

#define KEY_1 "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHA7RCePSIJOSZ3mCOyG4KL/33ftEkfbBMQYbLb64bXB"
#define KEY_2 "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHA7RCePSIJOSZ3mCOyG4KL/33ftEkfbBMQYbLb64bXA"

static const char said[] =
    "{\"people\":{\"controller\":{\"name\":\"The controller\",\"email\":\"controller@city.example\","
    "\"keys\":[\"" KEY_1 " laptop\"]},"
    "\"treasurer\":{\"name\":\"The treasurer\",\"email\":\"treasurer@city.example\",\"active\":false}},"
    "\"groups\":{\"controllers\":[\"controller\",\"assessor\"]}}";

static struct settings *settings_of(const char *json)
{
    struct problems problems = {0};
    struct settings *settings = NULL;
    assert_true(settings_read(&settings, text_from(json), NULL, &problems));
    return settings;
}

static void who_is_listed_is_found_by_login_address_and_key(void **state)
{
    (void)state;
    SCOPED(settings)
    settings = settings_of(said);
    struct person person;
    assert_true(person_find(&person, settings, "controller"));
    assert_true(person.listed && person.active && json_count(person.keys) == 1);
    assert_string_equal(person.email, "controller@city.example");
    assert_true(person_by_email(&person, settings, TEXT_OF("Treasurer@City.example")));
    assert_string_equal(person.login, "treasurer");
    assert_false(person.active);
    assert_false(person_is_active(settings, "treasurer"));
    struct sshsig_key key;
    assert_true(sshsig_key_read(&key, TEXT_OF(KEY_1 " another comment")));
    assert_true(person_by_key(&person, settings, &key));
    assert_string_equal(person.login, "controller");
    assert_true(sshsig_key_read(&key, TEXT_OF(KEY_2)));
    assert_false(person_by_key(&person, settings, &key));
    assert_false(person_by_email(&person, settings, TEXT_OF("nobody@city.example")));
}

static void who_is_not_listed_is_their_login(void **state)
{
    (void)state;
    SCOPED(settings)
    settings = settings_of(said);
    struct person person;
    assert_true(person_find(&person, settings, "bookkeeper"));
    assert_false(person.listed);
    assert_true(person.active);
    assert_string_equal(person.name, "bookkeeper");
    assert_string_equal(person.email, "bookkeeper@renki.invalid");
    assert_true(person_by_email(&person, settings, TEXT_OF("bookkeeper@renki.invalid")));
    assert_string_equal(person.login, "bookkeeper");
    assert_false(person_by_email(&person, settings, TEXT_OF("a/b@renki.invalid")));
}

static void count(void *owner, const char *login)
{
    assert_true(login[0]);
    ++*(int *)owner;
}

static void groups_name_logins(void **state)
{
    (void)state;
    SCOPED(settings)
    settings = settings_of(said);
    int found = 0;
    assert_true(group_has(settings, "controllers", "assessor")); // listed or not
    assert_false(group_has(settings, "controllers", "treasurer"));
    assert_false(group_has(settings, "others", "controller"));
    assert_true(group_has(settings, NULL, "treasurer"));
    assert_false(group_has(settings, NULL, "assessor"));
    assert_true(name_means(settings, "controllers", "controller"));
    assert_true(name_means(settings, "bookkeeper", "bookkeeper"));
    assert_false(name_means(settings, "controllers", "controllers"));
    people_each(settings, "controllers", count, &found);
    people_each(settings, NULL, count, &found);
    people_each(settings, "bookkeeper", count, &found);
    assert_int_equal(found, 5);
}

static void logins_fit_references_of_git(void **state)
{
    static const char *const good[] = {"controller", "first.last", "a-b_c", "x1"};
    static const char *const bad[] = {"",
                                      ".a",
                                      "a.",
                                      "a..b",
                                      "a/b",
                                      "a b",
                                      "-a",
                                      "a@b",
                                      "ä",
                                      "a.lock",
                                      "~",
                                      "a\nb",
                                      "1234567890123456789012345678901234567890123456789012345678901234x"};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(good); i++)
        assert_true(login_is_valid(text_from(good[i])));
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        assert_false(login_is_valid(text_from(bad[i])));
}

#define PERSON(login, name, email) "\"" login "\":{\"name\":\"" name "\",\"email\":\"" email "\""

static void what_is_wrong_with_people_is_told(void **state)
{
    static const struct {
        const char *json, *code;
    } wrong[] = {
        {"{\"people\":{" PERSON("a/b", "A", "a@c.example") "}}}", "SETTINGS_LOGIN"},
        {"{\"people\":{" PERSON("a", "A <b>", "a@c.example") "}}}", "SETTINGS_PERSON"},
        {"{\"people\":{" PERSON("a", "A\\u202eb", "a@c.example") "}}}", "SETTINGS_PERSON"},
        {"{\"people\":{" PERSON("a", "A", "a.example") "}}}", "SETTINGS_PERSON"},
        {"{\"people\":{" PERSON("a", "A", "a@c\\n.example") "}}}", "SETTINGS_PERSON"},
        {"{\"people\":{" PERSON("a", "A", "a@c.example") "}," PERSON("b", "B", "A@c.example") "}}}",
         "SETTINGS_PERSON_TWICE"},
        {"{\"people\":{" PERSON("a", "A", "a@c.example") "}},\"groups\":{\"a\":[\"b\"]}}", "SETTINGS_GROUP"},
        {"{\"people\":{" PERSON("a", "A", "a@c.example") ",\"keys\":[\"ssh-rsa AAAA\"]}}}", "SETTINGS_KEY"},
        {"{\"people\":{" PERSON("a", "A", "a@c.example") ",\"keys\":[\"" KEY_1 "\"]}," PERSON(
             "b", "B", "b@c.example") ",\"keys\":[\"" KEY_1 " x\"]}}}",
         "SETTINGS_PERSON_TWICE"},
        {"{\"groups\":{\"a\":[\"b c\"]}}", "SETTINGS_LOGIN"},
        {"{\"groups\":{\"a\":\"b\"}}", "MANIFEST_LISTS"},
        {"{\"people\":{\"a\":{\"name\":\"A\"}}}", "MANIFEST_MISSING"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        struct problems problems = {0};
        struct settings *settings = NULL;
        assert_false(settings_read(&settings, text_from(wrong[i].json), NULL, &problems));
        assert_int_equal(problems.total, 1);
        assert_string_equal(err_name(problems.items[0].code), wrong[i].code);
        problems_dispose(&problems);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_is_listed_is_found_by_login_address_and_key),
        cmocka_unit_test(who_is_not_listed_is_their_login),
        cmocka_unit_test(groups_name_logins),
        cmocka_unit_test(logins_fit_references_of_git),
        cmocka_unit_test(what_is_wrong_with_people_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
