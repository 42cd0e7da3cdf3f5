// See places.h.
#include "host/places.h"

#include <pwd.h>
#include <stdlib.h>
#include <unistd.h>

char *place_of_stdlib(void)
{
    char exe[4096];
    const ssize_t length = readlink("/proc/self/exe", exe, sizeof exe - 1);
    if (length > 0) {
        exe[length] = '\0';
        char *slash = strrchr(exe, '/');
        *slash = '\0';
        char *installed = xasprintf("%s/../" RENKI_INSTALLED_STDLIB, exe);
        if (access(installed, R_OK | X_OK) == 0)
            return installed;
        xfree(installed);
    }
    return access(RENKI_SOURCE_STDLIB, R_OK | X_OK) == 0 ? xstrdup(RENKI_SOURCE_STDLIB) : NULL;
}

char *place_of_key(const struct settings *settings)
{
    if (settings->key)
        return xstrdup(settings->key);
    const struct passwd *user = getpwuid(getuid());
    return xasprintf("%s/.local/share/renki/gateway.key",
                     user && user->pw_dir ? user->pw_dir : "/var/lib/renki");
}

bool err_from_record(struct err *out, struct text code, struct text arguments)
{
    SCOPED(json_document)
    document = NULL;
    SCOPED_TEXT char *name = text_copy(code);
    enum err_code known;
    struct err ignored;
    if (!err_from_name(&known, name) || !json_parse(&document, arguments, &ignored))
        return false;
    const char *texts[CATALOGUE_ARGUMENTS_MAX + 1] = {NULL};
    const struct json *root = json_root(document);
    for (size_t i = 0; i < json_count(root) && i < CATALOGUE_ARGUMENTS_MAX; i++)
        texts[i] = json_string_or(json_at(root, i), "?");
    (void)err_fail(out, known, texts);
    return true;
}
