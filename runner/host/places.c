// See places.h.
#include "host/places.h"

#include "host/store/store.h"

#include <pwd.h>
#include <stdlib.h>
#include <unistd.h>

// Beside the binary, so that an installed tree may be moved. Only the build's own binary looks into the source: an
// installed one must not run what someone puts where it was once compiled.
char *place_of_stdlib(void)
{
    char exe[4096];
    const ssize_t length = readlink("/proc/self/exe", exe, sizeof exe - 1);
    if (length <= 0)
        return NULL;
    exe[length] = '\0';
    const bool built = text_starts(text_from(exe), RENKI_BUILD);
    *strrchr(exe, '/') = '\0';
    SCOPED_TEXT char *place =
        built ? xstrdup(RENKI_SOURCE_STDLIB) : xasprintf("%s/../" RENKI_INSTALLED_STDLIB, exe);
    return access(place, R_OK | X_OK) == 0 ? STEAL(place) : NULL;
}

char *place_of_key(const struct settings *settings, const char *credentials)
{
    if (settings->key)
        return xstrdup(settings->key);
    SCOPED_TEXT char *credential = credentials ? xasprintf("%s/renki.gateway.key", credentials) : NULL;
    if (credential && access(credential, R_OK) == 0)
        return STEAL(credential);
    const struct passwd *user = getpwuid(getuid());
    return xasprintf("%s/.local/share/renki/gateway.key",
                     user && user->pw_dir ? user->pw_dir : "/var/lib/renki");
}

bool place_of_store(const char **out, const struct settings *settings, struct err *err)
{
    const bool file = !settings->store || strcmp(settings->store, "sqlite") == 0;
    *out = file ? PLACE_OF_STORE_FILE : settings->store;
    return file || store_is_server(settings->store) ? true : fail(err, ERR_STORE_ADDRESS);
}
