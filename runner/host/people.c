// See people.h.
#include "host/people.h"

#include <stdio.h>

static bool is_unlisted(struct text email, struct text *login)
{
    const ptrdiff_t at = text_find(email, '@');
    if (at <= 0 ||
        !text_is(text_of(email.data + at + 1, email.length - (size_t)at - 1), PERSON_UNLISTED_DOMAIN))
        return false;
    *login = text_of(email.data, (size_t)at);
    return login_is_valid(*login);
}

static void fill(struct person *out, const struct json *listed, struct text login)
{
    *out = (struct person){.listed = listed != NULL, .active = true};
    snprintf(out->login, sizeof out->login, "%.*s", (int)login.length, login.data);
    snprintf(out->own, sizeof out->own, "%s@" PERSON_UNLISTED_DOMAIN, out->login);
    out->name = json_string_or(json_get(listed, "name"), out->login);
    out->email = json_string_or(json_get(listed, "email"), out->own);
    out->keys = json_count(json_get(listed, "keys")) ? json_get(listed, "keys") : NULL;
    (void)json_boolean(json_get(listed, "active"), &out->active);
}

bool person_find(struct person *out, const struct settings *settings, const char *login)
{
    if (!login_is_valid(text_from(login)))
        return false;
    fill(out, json_get(settings->people, login), text_from(login));
    return true;
}

bool person_by_email(struct person *out, const struct settings *settings, struct text email)
{
    struct text login, other;
    for (const struct json *one = json_first(settings->people); one; one = json_next(one))
        if (json_text(json_get(one, "email"), &other) && text_equal_ascii_case(email, other)) {
            fill(out, one, json_key(one));
            return true;
        }
    if (!is_unlisted(email, &login))
        return false;
    SCOPED_TEXT char *name = text_copy(login);
    return person_find(out, settings, name);
}

bool keys_have(const struct json *keys, const struct sshsig_key *key)
{
    struct sshsig_key other;
    for (const struct json *one = json_first(keys); one; one = json_next(one))
        if (sshsig_key_read(&other, text_from(json_string_or(one, ""))) && sshsig_key_equal(key, &other))
            return true;
    return false;
}

bool person_by_key(struct person *out, const struct settings *settings, const struct sshsig_key *key)
{
    for (const struct json *one = json_first(settings->people); one; one = json_next(one))
        if (keys_have(json_get(one, "keys"), key)) {
            fill(out, one, json_key(one));
            return true;
        }
    return false;
}

bool person_is_active(const struct settings *settings, const char *login)
{
    struct person person;
    return person_find(&person, settings, login) && person.active;
}

bool group_has(const struct settings *settings, const char *group, const char *login)
{
    if (!group)
        return json_get(settings->people, login) != NULL;
    for (const struct json *member = json_first(json_get(settings->groups, group)); member;
         member = json_next(member))
        if (strcmp(json_string_or(member, ""), login) == 0)
            return true;
    return false;
}

bool name_means(const struct settings *settings, const char *name, const char *login)
{
    return json_get(settings->groups, name) ? group_has(settings, name, login) : strcmp(name, login) == 0;
}

void people_each(const struct settings *settings, const char *name, person_visitor visit, void *owner)
{
    const struct json *group = name ? json_get(settings->groups, name) : NULL;
    if (name && !group)
        visit(owner, name);
    for (const struct json *member = json_first(group); member; member = json_next(member))
        visit(owner, json_string_or(member, ""));
    for (const struct json *one = name ? NULL : json_first(settings->people); one; one = json_next(one))
        visit(owner, json_key(one).data);
}
