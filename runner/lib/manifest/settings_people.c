// People and groups of renki.lua: names that commits and references of git can hold, and nobody twice. In the host.
#include "lib/manifest/schema.h"

#include "lib/sshsig/sshsig.h"

enum { NAME_MAX = 100 };

bool login_is_valid(struct text login)
{
    if (login.length == 0 || login.length > LOGIN_MAX || login.data[0] == '.' || login.data[0] == '-' ||
        text_ends(login, ".") || text_ends(login, ".lock"))
        return false;
    for (size_t i = 0; i < login.length; i++) {
        const char c = login.data[i];
        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
              c == '-' || (c == '.' && login.data[i - 1] != '.')))
            return false;
    }
    return true;
}

// What git would cut or take apart, and what a terminal or a reader could take for something else.
static bool stands_in_commits(struct text text)
{
    bool good = text.length > 0 && text.length <= NAME_MAX && text_equal(text, text_trim(text));
    for (size_t at = 0; good && at < text.length;) {
        uint32_t c;
        const size_t size = text_utf8_decode(text_of(text.data + at, text.length - at), &c);
        good = size > 0 && c >= 0x20 && !(c >= 0x7F && c < 0xA0) && c != '<' && c != '>' &&
               !(c >= 0x200B && c <= 0x200F) && !(c >= 0x2028 && c <= 0x202E) &&
               !(c >= 0x2060 && c <= 0x206F);
        at += size;
    }
    return good;
}

static bool is_address(struct text text)
{
    const ptrdiff_t at = text_find(text, '@');
    return stands_in_commits(text) && at > 0 && (size_t)at + 1 < text.length && text_find(text, ' ') < 0;
}

static void check_text(const struct json *person, const char *path, const char *key,
                       bool (*good)(struct text), struct problems *problems)
{
    struct text text;
    char where[SCHEMA_PATH_MAX];
    if (json_text(json_get(person, key), &text) && !good(text)) // else absent, or told already
        fail(problems_add(problems), ERR_SETTINGS_PERSON, schema_join(where, path, key), text.data);
}

static bool read_key(struct sshsig_key *out, const struct json *key)
{
    struct text line;
    return json_text(key, &line) && sshsig_key_read(out, line);
}

static bool has_key(const struct json *person, const struct sshsig_key *key)
{
    struct sshsig_key other;
    for (const struct json *own = json_first(json_get(person, "keys")); own; own = json_next(own))
        if (read_key(&other, own) && sshsig_key_equal(key, &other))
            return true;
    return false;
}

// Whose address or key (NULL: none) it is too, of those before `person`; NULL when nobody's.
static const struct json *also_of(const struct json *people, const struct json *person, struct text email,
                                  const struct sshsig_key *key)
{
    struct text other;
    for (const struct json *one = json_first(people); one && one != person; one = json_next(one))
        if ((json_text(json_get(one, "email"), &other) && text_equal_ascii_case(email, other)) ||
            (key && has_key(one, key)))
            return one;
    return NULL;
}

static void check_alone(const struct json *people, const struct json *person, const char *path,
                        struct problems *problems)
{
    char where[SCHEMA_PATH_MAX];
    struct text email = {0};
    (void)json_text(json_get(person, "email"), &email);
    const struct json *other = also_of(people, person, email, NULL);
    if (other)
        fail(problems_add(problems), ERR_SETTINGS_PERSON_TWICE, schema_join(where, path, "email"), email.data,
             json_key(other).data);
}

static void check_keys(const struct json *people, const struct json *person, const char *path,
                       struct problems *problems)
{
    char where[SCHEMA_PATH_MAX];
    struct sshsig_key key;
    schema_join(where, path, "keys");
    for (const struct json *own = json_first(json_get(person, "keys")); own; own = json_next(own)) {
        const char *line = json_string_or(own, "");
        const struct json *other = NULL;
        if (!read_key(&key, own))
            fail(problems_add(problems), ERR_SETTINGS_KEY, where, line);
        else if ((other = also_of(people, person, TEXT_OF(""), &key)))
            fail(problems_add(problems), ERR_SETTINGS_PERSON_TWICE, where, line, json_key(other).data);
    }
}

static void check_members(const struct json *group, struct problems *problems)
{
    char path[SCHEMA_PATH_MAX];
    struct text login;
    schema_join(path, "groups", json_key(group).data);
    for (const struct json *member = json_first(group); member; member = json_next(member))
        if (json_text(member, &login) && !login_is_valid(login))
            fail(problems_add(problems), ERR_SETTINGS_LOGIN, path, login.data);
}

void settings_check_people(const struct json *people, const struct json *groups, struct problems *problems)
{
    for (const struct json *person = json_first(people); person; person = json_next(person)) {
        char path[SCHEMA_PATH_MAX];
        schema_join(path, "people", json_key(person).data);
        if (!login_is_valid(json_key(person)))
            fail(problems_add(problems), ERR_SETTINGS_LOGIN, "people", json_key(person).data);
        check_text(person, path, "name", stands_in_commits, problems);
        check_text(person, path, "email", is_address, problems);
        check_alone(people, person, path, problems);
        check_keys(people, person, path, problems);
    }
    for (const struct json *group = json_first(groups); group; group = json_next(group)) {
        if (json_get(people, json_key(group).data))
            fail(problems_add(problems), ERR_SETTINGS_GROUP, json_key(group).data);
        check_members(group, problems);
    }
}
