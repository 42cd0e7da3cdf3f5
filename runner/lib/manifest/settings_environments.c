// Environments of renki.lua: settings of their own under the same robots; see docs/reference/environments.md. In the host.
//
// An environment replaces what stands outside of it under the same name; of a table (mail, limits, shares …) only the
// entries that it names, each as a whole. What it can't have is checked first, then each environment as it would be.
#include "lib/manifest/schema.h"

#include "lib/base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

enum { KNOWN_MAX = 400, FILE_BYTES_MAX = 1024 };

// ---- the host's own file

bool environment_read(char out[ENVIRONMENT_NAME_MAX + 1], const char *workspace, struct err *err)
{
    SCOPED_BUF(content, FILE_BYTES_MAX);
    SCOPED_TEXT char *path = xasprintf("%s%s" ENVIRONMENT_FILE, workspace, workspace[0] ? "/" : "");
    out[0] = '\0';
    if (access(path, F_OK) != 0 && errno == ENOENT)
        return true;
    if (!file_read(&content, AT_FDCWD, path, err))
        return false;
    const struct text name = text_trim(buf_text(&content));
    if (!login_is_valid(name))
        return fail(err, ERR_SETTINGS_ENVIRONMENT_NAME, ENVIRONMENT_FILE,
                    name.length > 0 && text_is_utf8(name) && text_find(name, '\0') < 0 ? buf_string(&content)
                                                                                       : "");
    snprintf(out, ENVIRONMENT_NAME_MAX + 1, "%.*s", (int)name.length, name.data);
    return true;
}

// ---- what may not stand there

static void list_known(char out[KNOWN_MAX], const struct json *environments)
{
    size_t used = 0;
    snprintf(out, KNOWN_MAX, "–");
    for (const struct json *each = json_first(environments); each; each = json_next(each)) {
        const struct text name = json_key(each);
        if (used + name.length + 3 < KNOWN_MAX)
            used += (size_t)snprintf(out + used, KNOWN_MAX - used, "%s%s", used ? ", " : "", name.data);
    }
}

static void check_environment(const struct json *environment, struct problems *problems)
{
    char path[SCHEMA_PATH_MAX], where[SCHEMA_PATH_MAX];
    if (!login_is_valid(json_key(environment)))
        fail(problems_add(problems), ERR_SETTINGS_ENVIRONMENT_NAME, "environments",
             json_key(environment).data);
    schema_join(path, "environments", json_key(environment).data);
    for (const struct json *member = json_first(environment); member; member = json_next(member)) {
        const struct rule *rule = schema_find(settings_rules, json_key(member));
        if (rule && rule->everywhere)
            fail(problems_add(problems), ERR_SETTINGS_EVERYWHERE, schema_join(where, path, rule->key));
    }
    schema_check_part(environment, settings_rules, path, problems);
}

static void check_promotions(const struct json *root, struct problems *problems)
{
    const struct json *environments = json_get(root, "environments"), *order = json_get(root, "promotions");
    char known[KNOWN_MAX];
    list_known(known, environments);
    for (const struct json *each = json_first(order); each; each = json_next(each)) {
        const char *name = json_string_or(each, "");
        if (!json_get(environments, name))
            fail(problems_add(problems), ERR_SETTINGS_ENVIRONMENT, "promotions", name, known);
        for (const struct json *other = json_first(order); other != each; other = json_next(other))
            if (strcmp(json_string_or(other, ""), name) == 0)
                fail(problems_add(problems), ERR_SETTINGS_PROMOTED_TWICE, name);
    }
}

static void check_environments(const struct json *root, struct problems *problems)
{
    const struct json *environments = json_get(root, "environments");
    char shown[SCHEMA_SHOWN_MAX];
    schema_check_part(root, settings_rules, "", problems);
    if (json_kind(environments) != JSON_OBJECT) {
        fail(problems_add(problems), ERR_MANIFEST_TABLE, "environments", schema_show(shown, environments),
             "");
        return;
    }
    if (json_count(environments) > ENVIRONMENTS_MAX) {
        fail(problems_add(problems), ERR_LIMIT_PASSED, "environments", N(ENVIRONMENTS_MAX));
        return;
    }
    for (const struct json *each = json_first(environments); each; each = json_next(each))
        check_environment(each, problems);
    check_promotions(root, problems);
}

// ---- which it is

const struct json *settings_choose(const struct json *root, const char *told, struct problems *problems)
{
    const struct json *environments = json_get(root, "environments");
    const bool by_file = told && *told;
    const char *name = by_file ? told : json_string_or(json_get(root, "environment"), NULL);
    const size_t before = problems->total;
    char known[KNOWN_MAX];
    if (environments)
        check_environments(root, problems);
    else if (json_get(root, "promotions"))
        check_promotions(root, problems);
    if (problems->total > before || (!environments && (!name || strcmp(name, ENVIRONMENT_ANY) == 0)))
        return NULL;
    list_known(known, environments);
    const struct json *found = !name                                ? NULL
                               : strcmp(name, ENVIRONMENT_ANY) == 0 ? json_first(environments)
                                                                    : json_get(environments, name);
    if (!name)
        fail(problems_add(problems), ERR_SETTINGS_ENVIRONMENT_NONE, known);
    else if (!found)
        fail(problems_add(problems), ERR_SETTINGS_ENVIRONMENT, by_file ? ENVIRONMENT_FILE : "environment",
             name, known);
    return found;
}

// ---- what it is then

static bool is_by_entry(enum rule_kind kind)
{
    return kind == RULE_TABLE || kind == RULE_TABLES || kind == RULE_NAMED || kind == RULE_LISTS;
}

static void write_member(struct json_writer *writer, const struct json *member)
{
    json_write_key_text(writer, json_key(member));
    json_write_value(writer, member);
}

static void write_entries(struct json_writer *writer, const struct json *outside, const struct json *own)
{
    json_begin_object(writer);
    for (const struct json *member = json_first(outside); member; member = json_next(member))
        if (!json_get(own, json_key(member).data))
            write_member(writer, member);
    for (const struct json *member = json_first(own); member; member = json_next(member))
        write_member(writer, member);
    json_end_object(writer);
}

bool settings_merge(struct buf *out, const struct json *root, const struct json *environment)
{
    struct json_writer writer = json_writer_new(out);
    json_begin_object(&writer);
    for (const struct rule *rule = settings_rules; rule->key; rule++) {
        const struct json *outside = json_get(root, rule->key), *own = json_get(environment, rule->key);
        if ((!outside && !own) || strcmp(rule->key, "environment") == 0)
            continue;
        json_write_key(&writer, rule->key);
        if (outside && own && is_by_entry(rule->kind))
            write_entries(&writer, outside, own);
        else
            json_write_value(&writer, own ? own : outside);
    }
    json_write_key(&writer, "environment");
    json_write_text(&writer, json_key(environment));
    json_end_object(&writer);
    return json_writer_done(&writer);
}

// ---- from one to the next

const char *settings_promoted_from(const struct settings *settings, const char *environment)
{
    const char *before = NULL;
    const struct json *order = json_get(json_root(settings->document), "promotions");
    for (const struct json *each = json_first(order); each; each = json_next(each)) {
        const char *name = json_string_or(each, "");
        if (strcmp(name, environment) == 0)
            return before;
        before = name;
    }
    return NULL;
}
