// Requests about people: who they are, as the settings say. In the host.
#include "host/approvals.h"
#include "host/people.h"
#include "host/requests.h"

struct listing {
    const struct settings *settings;
    struct json_writer *writer;
};

static void write_groups(const struct settings *settings, struct json_writer *writer, const char *login)
{
    json_begin_array(writer);
    for (const struct json *group = json_first(settings->groups); group; group = json_next(group))
        if (group_has(settings, json_key(group).data, login))
            json_write_text(writer, json_key(group));
    json_end_array(writer);
}

static void write_person(void *owner, const char *login)
{
    const struct listing *listing = owner;
    struct json_writer *writer = listing->writer;
    struct person person;
    if (!person_find(&person, listing->settings, login))
        return;
    json_begin_object(writer);
    const struct {
        const char *key, *value;
    } texts[] = {{"login", person.login}, {"name", person.name}, {"email", person.email}};
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        json_write_key(writer, texts[i].key);
        json_write_string(writer, texts[i].value);
    }
    json_write_key(writer, "listed");
    json_write_boolean(writer, person.listed);
    json_write_key(writer, "active");
    json_write_boolean(writer, person.active);
    json_write_key(writer, "keys");
    json_begin_array(writer);
    for (const struct json *key = json_first(person.keys); key; key = json_next(key))
        json_write_value(writer, key);
    json_end_array(writer);
    json_write_key(writer, "groups");
    write_groups(listing->settings, writer, login);
    json_end_object(writer);
}

// Members of groups that are not listed; each once.
static void write_unlisted(struct listing *listing)
{
    const struct json *groups = listing->settings->groups;
    for (const struct json *group = json_first(groups); group; group = json_next(group))
        for (const struct json *member = json_first(group); member; member = json_next(member)) {
            const char *login = json_string_or(member, "");
            bool before = json_get(listing->settings->people, login) != NULL;
            for (const struct json *other = json_first(groups); !before && other != group;
                 other = json_next(other))
                before = group_has(listing->settings, json_key(other).data, login);
            if (!before)
                write_person(listing, login);
        }
}

bool request_people_list(struct host *host, struct answer *answer, const struct json *body,
                         struct frame *frame, struct err *err)
{
    char key[SSHSIG_LINE_SIZE];
    SCOPED_BUF(out, BODY_MAX);
    struct json_writer writer = json_writer_new(&out);
    struct listing listing = {host->settings, &writer};
    (void)body, (void)frame;
    json_begin_object(&writer);
    json_write_key(&writer, "people");
    json_begin_array(&writer);
    people_each(host->settings, NULL, write_person, &listing);
    write_unlisted(&listing);
    json_end_array(&writer);
    if (!approvals_host_key(host, key, err))
        return false;
    json_write_key(&writer, "host_key");
    json_write_string(&writer, key);
    json_write_key(&writer, "account");
    json_write_string(&writer, host->account);
    json_write_key(&writer, "signers");
    json_write_value(&writer, json_get(host->settings->approval, "signers"));
    json_end_object(&writer);
    return answer_written(answer, &writer, "people", err);
}
