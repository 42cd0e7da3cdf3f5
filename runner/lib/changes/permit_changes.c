// Permits are taken apart into grants, the smallest things that can be allowed ("POST to this address with that login"),
// and compared as sets: what one list grants and the other doesn't cover. Methods of one address come together again.
#include "lib/changes/changes_own.h"

#include <stdlib.h>

enum { GRANTS_MAX = 4000, METHODS_SIZE = 100 };

enum grant_kind { HTTP_READ, HTTP_WRITE, MAIL, SHARE_READ, SHARE_WRITE, QUEUE_FILL, QUEUE_WORK, ROBOT };

struct grant {
    enum grant_kind kind;
    const char *method, *what, *login; // "" where it has none
    bool told;
};

struct grants {
    struct grant *items;
    size_t count;
};

static const struct {
    enum phrase more, less, still, more_login, less_login;
} kinds[] = {
    [HTTP_READ] = {PHRASE_CHANGE_GET_MORE, PHRASE_CHANGE_GET_LESS, PHRASE_CHANGE_GET_STILL,
                   PHRASE_CHANGE_GET_MORE_LOGIN, PHRASE_CHANGE_GET_LESS_LOGIN},
    [HTTP_WRITE] = {PHRASE_CHANGE_POST_MORE, PHRASE_CHANGE_POST_LESS, PHRASE_CHANGE_POST_STILL,
                    PHRASE_CHANGE_POST_MORE_LOGIN, PHRASE_CHANGE_POST_LESS_LOGIN},
    [MAIL] = {PHRASE_CHANGE_MAIL_MORE, PHRASE_CHANGE_MAIL_LESS, PHRASE_CHANGE_MAIL_STILL},
    [SHARE_READ] = {PHRASE_CHANGE_SHARE_READ_MORE, PHRASE_CHANGE_SHARE_READ_LESS},
    [SHARE_WRITE] = {PHRASE_CHANGE_SHARE_WRITE_MORE, PHRASE_CHANGE_SHARE_WRITE_LESS},
    [QUEUE_FILL] = {PHRASE_CHANGE_QUEUE_FILL_MORE, PHRASE_CHANGE_QUEUE_FILL_LESS},
    [QUEUE_WORK] = {PHRASE_CHANGE_QUEUE_WORK_MORE, PHRASE_CHANGE_QUEUE_WORK_LESS},
    [ROBOT] = {PHRASE_CHANGE_ROBOT_MORE, PHRASE_CHANGE_ROBOT_LESS},
};

// ---- taking apart

static void add_grant(struct grants *grants, enum grant_kind kind, const char *method, const char *what,
                      const char *login)
{
    if (grants->count == GRANTS_MAX)
        return;
    grants->items = xreallocarray(grants->items, grants->count + 1, sizeof *grants->items);
    grants->items[grants->count++] = (struct grant){kind, method, what, login, false};
}

static bool only_reads(const char *method)
{
    return strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0 || strcmp(method, "OPTIONS") == 0;
}

// { "GET", "https://…", login = "x" } is an object with the keys "1", "2", "login", or a list.
static const struct json *element(const struct json *list, size_t index)
{
    return json_kind(list) == JSON_OBJECT ? json_get(list, N(index + 1)) : json_at(list, index);
}

static void take_call(struct grants *grants, const struct json *permit)
{
    const struct json *methods = element(permit, 0);
    const char *url = json_string_or(element(permit, 1), "");
    const char *login = json_string_or(json_get(permit, "login"), "");
    const char *single = json_string_or(methods, NULL);
    if (single)
        add_grant(grants, only_reads(single) ? HTTP_READ : HTTP_WRITE, single, url, login);
    for (const struct json *method = json_first(methods); method; method = json_next(method)) {
        const char *name = json_string_or(method, "");
        add_grant(grants, only_reads(name) ? HTTP_READ : HTTP_WRITE, name, url, login);
    }
}

static void take_right(struct grants *grants, enum grant_kind less, enum grant_kind more, const char *name,
                       const char *right)
{
    const bool both = strcmp(right, "both") == 0 || strcmp(right, "write") == 0;
    if (both || strcmp(right, "read") == 0 || strcmp(right, "fill") == 0)
        add_grant(grants, less, "", name, "");
    if (both || strcmp(right, "work") == 0)
        add_grant(grants, more, "", name, "");
}

static void take_names(struct grants *grants, enum grant_kind kind, const struct json *list)
{
    for (const struct json *name = json_first(list); name; name = json_next(name))
        add_grant(grants, kind, "", json_string_or(name, ""), "");
}

static void take_rights(struct grants *grants, enum grant_kind less, enum grant_kind more,
                        const struct json *table)
{
    for (const struct json *member = json_first(table); member; member = json_next(member))
        take_right(grants, less, more, json_key(member).data, json_string_or(member, ""));
}

static struct grants take_apart(const struct json *permits)
{
    struct grants grants = {0};
    const struct json *http = json_get(permits, "http");
    for (const struct json *permit = json_first(http); permit; permit = json_next(permit))
        take_call(&grants, permit);
    take_names(&grants, MAIL, json_get(json_get(permits, "mail"), "to"));
    take_rights(&grants, SHARE_READ, SHARE_WRITE, json_get(permits, "shares"));
    take_rights(&grants, QUEUE_FILL, QUEUE_WORK, json_get(permits, "queues"));
    take_names(&grants, ROBOT, json_get(permits, "robots"));
    return grants;
}

// ---- which covers which

static bool is_call(enum grant_kind kind)
{
    return kind == HTTP_READ || kind == HTTP_WRITE;
}

// "https://…/api/*" covers what begins so, "*@finance.example" what ends so; without a query all queries are covered.
static bool text_covers(const struct grant *wide, const struct grant *narrow)
{
    const struct text pattern = text_from(wide->what), what = text_from(narrow->what);
    if (text_equal(pattern, what))
        return true;
    if (is_call(wide->kind) && text_ends(pattern, "/*")) {
        SCOPED_TEXT char *begin = xstrndup(pattern.data, pattern.length - 1);
        return text_starts(what, begin);
    }
    return wide->kind == MAIL && text_starts(pattern, "*@") && text_ends(what, pattern.data + 1);
}

// A call without a login is covered by a permit with one; the reverse is not.
static bool covers(const struct grant *wide, const struct grant *narrow)
{
    return wide->kind == narrow->kind && strcmp(wide->method, narrow->method) == 0 &&
           text_covers(wide, narrow) && (!*narrow->login || strcmp(wide->login, narrow->login) == 0);
}

static bool is_covered(const struct grants *by, const struct grant *grant)
{
    for (size_t i = 0; i < by->count; i++)
        if (covers(&by->items[i], grant))
            return true;
    return false;
}

static bool is_there(const struct grants *grants, const struct grant *wanted)
{
    for (size_t i = 0; i < grants->count; i++) {
        const struct grant *grant = &grants->items[i];
        if (covers(grant, wanted) && strcmp(grant->what, wanted->what) == 0)
            return true;
    }
    return false;
}

// ---- telling

// The methods of all grants that are to be told with this one: "POST, PUT".
static void take_methods(struct buf *out, struct grants *grants, size_t first, const struct grants *others)
{
    const struct grant *one = &grants->items[first];
    for (size_t i = first; i < grants->count; i++) {
        struct grant *grant = &grants->items[i];
        if (grant->kind != one->kind || strcmp(grant->what, one->what) != 0 ||
            strcmp(grant->login, one->login) != 0 || grant->told || is_covered(others, grant))
            continue;
        grant->told = true;
        if (!buf_printf(out, "%s%s", out->length ? ", " : "", grant->method))
            return;
    }
}

// What `grants` has and `others` doesn't cover.
static void tell(struct changes *changes, struct grants *grants, const struct grants *others, bool more)
{
    for (size_t i = 0; i < grants->count; i++) {
        const struct grant *grant = &grants->items[i];
        SCOPED_BUF(methods, METHODS_SIZE);
        if (grant->told || is_covered(others, grant))
            continue;
        take_methods(&methods, grants, i, others);
        const bool with_login = is_call(grant->kind) && *grant->login;
        const enum phrase phrase = with_login
                                       ? more ? kinds[grant->kind].more_login : kinds[grant->kind].less_login
                                   : more ? kinds[grant->kind].more
                                          : kinds[grant->kind].less;
        const enum change_reach reach = more ? CHANGE_WIDER : CHANGE_NARROWER;
        if (is_call(grant->kind))
            ADD(changes, reach, "permits", phrase, buf_string(&methods), grant->what, grant->login);
        else
            ADD(changes, reach, "permits", phrase, grant->what);
    }
}

// What is left of a permit that became narrower, so that nobody takes it for gone altogether.
static void tell_rest(struct changes *changes, const struct grants *before, const struct grants *after)
{
    for (size_t i = 0; i < after->count; i++) {
        const struct grant *grant = &after->items[i];
        if (!is_covered(before, grant) || is_there(before, grant) ||
            (!is_call(grant->kind) && grant->kind != MAIL))
            continue;
        if (is_call(grant->kind))
            ADD(changes, CHANGE_NARROWER, "permits", kinds[grant->kind].still, grant->method, grant->what);
        else
            ADD(changes, CHANGE_NARROWER, "permits", kinds[grant->kind].still, grant->what);
    }
}

// Kinds of permits that this file does not know yet are told by name; who knows what they let through.
static void tell_unknown(struct changes *changes, const struct json *before, const struct json *after)
{
    static const char *const known[] = {"http", "mail", "shares", "queues", "robots"};
    const struct json *const sides[] = {after, before};
    for (size_t side = 0; side < COUNT_OF(sides); side++)
        for (const struct json *member = json_first(sides[side]); member; member = json_next(member)) {
            SCOPED_TEXT char *key = text_copy(json_key(member));
            SCOPED_BUF(called, KEY_SIZE);
            bool is_known = side == 1 && json_get(after, key);
            for (size_t i = 0; i < COUNT_OF(known); i++)
                is_known = is_known || strcmp(key, known[i]) == 0;
            if (!is_known)
                compare_value(changes, json_get(after, key) ? CHANGE_WIDER : CHANGE_NARROWER, "permits",
                              field_words(&called, changes, PHRASE_FIELD_PERMIT, "", key),
                              json_get(before, key), json_get(after, key));
        }
}

void compare_permits(struct changes *changes, const struct json *before, const struct json *after)
{
    struct grants was = take_apart(before), is = take_apart(after);
    tell(changes, &is, &was, true);
    tell(changes, &was, &is, false);
    tell_rest(changes, &was, &is);
    tell_unknown(changes, before, after);
    xfree(was.items);
    xfree(is.items);
}
