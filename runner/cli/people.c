// See cli.h. Who people are, as the settings say.
#include "cli/cli.h"

static enum phrase state_of(const struct json *person)
{
    bool listed = false, active = false;
    (void)json_boolean(json_get(person, "listed"), &listed);
    (void)json_boolean(json_get(person, "active"), &active);
    return !listed ? PHRASE_PERSON_UNLISTED : active ? PHRASE_PERSON_ACTIVE : PHRASE_PERSON_INACTIVE;
}

static char *groups_of(const struct json *person)
{
    SCOPED_BUF(out, 8192);
    bool whole = true;
    for (const struct json *group = json_first(json_get(person, "groups")); group && whole;
         group = json_next(group))
        whole = buf_printf(&out, "%s%s", out.length ? ", " : "", json_string_or(group, ""));
    return xstrdup(buf_string(&out));
}

static void show_people(const struct cli *cli, const struct json *people)
{
    enum { COLUMNS = 6 };
    const size_t count = json_count(people);
    const char *const head[COLUMNS] = {words(cli, PHRASE_HEAD_LOGIN),  words(cli, PHRASE_HEAD_NAME),
                                       words(cli, PHRASE_HEAD_EMAIL),  words(cli, PHRASE_HEAD_STATE),
                                       words(cli, PHRASE_HEAD_GROUPS), words(cli, PHRASE_HEAD_KEYS)};
    if (count == 0) {
        say(cli, stdout, PHRASE_PEOPLE_NONE);
        return;
    }
    const char **cells = xcalloc(count * COLUMNS, sizeof *cells);
    char **groups = xcalloc(count, sizeof *groups);
    char(*keys)[INTEGER_TEXT_SIZE] = xcalloc(count, sizeof *keys);
    size_t i = 0;
    for (const struct json *person = json_first(people); person; person = json_next(person), i++) {
        const char **at = cells + i * COLUMNS;
        groups[i] = groups_of(person);
        at[0] = json_string_or(json_get(person, "login"), "");
        at[1] = json_string_or(json_get(person, "name"), "");
        at[2] = json_string_or(json_get(person, "email"), "");
        at[3] = words(cli, state_of(person));
        at[4] = groups[i];
        at[5] = integer_text(keys[i], (long long)json_count(json_get(person, "keys")));
    }
    print_table(cli, head, cells, count, COLUMNS, 1u << 5);
    for (i = 0; i < count; i++)
        xfree(groups[i]);
    xfree(groups);
    xfree(keys);
    xfree(cells);
}

// What `gpg.ssh.allowedSignersFile` names: principals, what the key may sign, the key.
static void show_signers(const struct json *reply)
{
    const struct json *people = json_get(reply, "people");
    const char *account = json_string_or(json_get(reply, "account"), "");
    printf("%s@host namespaces=\"git\" %s\n", account, json_string_or(json_get(reply, "host_key"), ""));
    for (const struct json *key = json_first(json_get(reply, "signers")); key; key = json_next(key))
        printf("%s@other-host namespaces=\"git\" %s\n", account, json_string_or(key, ""));
    for (const struct json *person = json_first(people); person; person = json_next(person))
        for (const struct json *key = json_first(json_get(person, "keys")); key; key = json_next(key))
            printf("%s namespaces=\"git\" %s\n", json_string_or(json_get(person, "email"), ""),
                   json_string_or(key, ""));
}

int command_people(struct cli *cli)
{
    int failed = EXIT_FAILED;
    SCOPED(json_document)
    reply = NULL;
    const struct ask ask = {.name = "people.list"};
    if (!ask_host(&reply, &failed, cli, &ask))
        return failed;
    const struct json *people = json_get(json_root(reply), "people");
    if (cli->options[OPTION_JSON])
        return print_json(json_root(reply));
    if (cli->options[OPTION_ALLOWED_SIGNERS])
        show_signers(json_root(reply));
    else
        show_people(cli, people);
    return EXIT_DONE;
}
