// Who people are: settings' `people` and `groups`. In the host.
//
// A person is a login name. Somebody who is not listed has the login as name and LOGIN@renki.invalid as address, and is in
// a group all the same where the group names the login. Texts are borrowed from the settings, or from `struct person`.
#ifndef RENKI_HOST_PEOPLE_H
#define RENKI_HOST_PEOPLE_H

#include "lib/manifest/manifest.h"
#include "lib/sshsig/sshsig.h"

#define PERSON_UNLISTED_DOMAIN "renki.invalid"

enum { PERSON_TEXT_SIZE = LOGIN_MAX + sizeof PERSON_UNLISTED_DOMAIN + 1 };

struct person {
    char login[LOGIN_MAX + 1];
    const char *name, *email;
    const struct json *keys; // texts "ssh-ed25519 AAAA…"; NULL: none
    bool listed;             // in `people`
    bool active;             // may act now; one who is not listed is active
    char own[PERSON_TEXT_SIZE];
};

// Never copied: `name` and `email` may point into it. False: no valid login, *out is untouched.
bool person_find(struct person *out, const struct settings *settings, const char *login) MUST_CHECK;
// By the address of a commit, letters' case ignored; LOGIN@renki.invalid is the one who is not listed. False: nobody's.
bool person_by_email(struct person *out, const struct settings *settings, struct text email) MUST_CHECK;
// Who is listed and has registered this key. False: nobody.
bool person_by_key(struct person *out, const struct settings *settings,
                   const struct sshsig_key *key) MUST_CHECK;
// Whether it is one of a list of keys as settings write them; accepts NULL as list.
bool keys_have(const struct json *keys, const struct sshsig_key *key) MUST_CHECK;
bool person_is_active(const struct settings *settings, const char *login) MUST_CHECK;

// False also when there is no such group. NULL as group: everybody who is listed.
bool group_has(const struct settings *settings, const char *group, const char *login) MUST_CHECK;
// Whether `name`, a login or a group, means this login.
bool name_means(const struct settings *settings, const char *name, const char *login) MUST_CHECK;

// Logins of a group, of everybody who is listed (NULL), or the one login that is no group, in order of the settings.
typedef void (*person_visitor)(void *owner, const char *login);
void people_each(const struct settings *settings, const char *name, person_visitor visit, void *owner);

#endif
