// Rules of approval in renki.lua: groups that there are, amounts that are exact, keys that can be read. In the host.
#include "lib/manifest/schema.h"

#include "lib/decimal/decimal.h"
#include "lib/sshsig/sshsig.h"

enum { MORE_MAX = 15 }; // APPROVAL_NEEDS_MAX of the host less the one that always holds

bool amount_is_valid(struct text amount)
{
    struct decimal value;
    struct err ignored;
    return decimal_parse(&value, amount, &ignored) && !value.negative;
}

// A group that is not there would mean that nobody can approve.
static void check_group(const struct json *value, const struct json *groups, const char *path,
                        struct problems *problems)
{
    const char *group = json_string_or(json_get(value, "group"), NULL);
    char where[SCHEMA_PATH_MAX];
    if (group && !json_get(groups, group))
        fail(problems_add(problems), ERR_SETTINGS_GROUP_NONE, schema_join(where, path, "group"), group);
}

// An amount belongs to spending, and to nothing else.
static void check_amount(const struct json *one, struct problems *problems)
{
    const bool spending = strcmp(json_string_or(json_get(one, "when"), ""), "spending") == 0;
    const struct json *above = json_get(one, "above");
    char shown[SCHEMA_SHOWN_MAX];
    if (spending ? !above || !amount_is_valid(text_from(json_string_or(above, ""))) : above != NULL)
        fail(problems_add(problems), ERR_SETTINGS_ABOVE, "approval.more.above", schema_show(shown, above));
}

void settings_check_approval(const struct json *approval, const struct json *groups,
                             struct problems *problems)
{
    const struct json *more = json_get(approval, "more");
    char shown[SCHEMA_SHOWN_MAX];
    struct sshsig_key key;
    check_group(approval, groups, "approval", problems);
    if (more && json_kind(more) != JSON_ARRAY)
        fail(problems_add(problems), ERR_MANIFEST_TABLE, "approval.more", schema_show(shown, more), "");
    if (json_count(more) > MORE_MAX)
        fail(problems_add(problems), ERR_LIMIT_PASSED, "approval.more", N(MORE_MAX));
    for (const struct json *one = json_kind(more) == JSON_ARRAY ? json_first(more) : NULL; one;
         one = json_next(one)) {
        schema_check(one, approval_more_rules, "approval.more", problems);
        check_group(one, groups, "approval.more", problems);
        check_amount(one, problems);
    }
    for (const struct json *one = json_first(json_get(approval, "signers")); one; one = json_next(one))
        if (!sshsig_key_read(&key, text_from(json_string_or(one, ""))))
            fail(problems_add(problems), ERR_SETTINGS_KEY, "approval.signers", json_string_or(one, ""));
}
