// See shares.h. Names become folders of the mount view, so they are letters, digits, '-' and '_' only.
#include "worker/shares.h"

#include "lib/base/log.h"

#include <sys/stat.h>
#include <unistd.h>

static bool name_is_plain(struct text name)
{
    for (size_t i = 0; i < name.length; i++)
        if (!name.data[i] || !strchr("0123456789abcdefghijklmnopqrstuvwxyz-_", name.data[i]))
            return false;
    return name.length > 0 && name.length <= SHARE_NAME_MAX;
}

bool shares_read(struct shares *out, struct text json, struct err *err)
{
    SCOPED(json_document)
    document = NULL;
    if (!json_parse(&document, json, err))
        return false;
    const struct json *member = json_first(json_root(document));
    for (; member; member = json_next(member)) {
        const struct text name = json_key(member);
        struct text path = {NULL, 0};
        bool write = true;
        if (out->count == SHARES_MAX)
            return fail(err, ERR_LIMIT_PASSED, "shares", N(SHARES_MAX));
        const bool read = json_text(member, &path) || (json_text(json_get(member, "path"), &path) &&
                                                       json_boolean(json_get(member, "write"), &write));
        if (!read || !name_is_plain(name) || !text_starts(path, "/"))
            return fail(err, ERR_SANDBOX_SHARES, json_key(member).data);
        out->items[out->count++] = (struct share){
            .name = text_copy(name),
            .path = text_copy(path),
            .seen_as = xasprintf("/shares/%.*s", (int)name.length, name.data),
            .write = write,
        };
    }
    return true;
}

static bool is_folder(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && S_ISDIR(status.st_mode) && access(path, R_OK | X_OK) == 0;
}

void shares_forget_missing(struct shares *shares)
{
    size_t kept = 0;
    for (size_t i = 0; i < shares->count; i++)
        if (is_folder(shares->items[i].path))
            shares->items[kept++] = shares->items[i];
        else
            log_error("zygote.share_missing", "name=%s path=\"%s\"", shares->items[i].name,
                      shares->items[i].path);
    shares->count = kept;
}

static const struct share *share_named(const struct shares *shares, struct text name)
{
    for (size_t i = 0; i < shares->count; i++)
        if (text_is(name, shares->items[i].name))
            return &shares->items[i];
    return NULL;
}

bool shares_granted(struct sandbox_place *places, size_t *count, const struct shares *shares,
                    struct text json, bool seen_inside)
{
    SCOPED(json_document)
    document = NULL;
    struct err err;
    *count = 0;
    if (!json_parse(&document, json, &err))
        return false;
    const struct json *member = json_first(json_root(document));
    for (; member; member = json_next(member)) {
        const struct share *share = share_named(shares, json_key(member));
        struct text right;
        if (!share || *count == SHARES_MAX || !json_text(member, &right))
            return false;
        const bool write = text_is(right, "write");
        if (write ? !share->write : !text_is(right, "read"))
            return false;
        places[(*count)++] = (struct sandbox_place){seen_inside ? share->seen_as : share->path,
                                                    write ? SANDBOX_WRITE : SANDBOX_READ, false};
    }
    return true;
}
