// See places.h.
#include "host/places.h"

#include "lib/process/place.h"

#include "host/store/store.h"

#include <pwd.h>
#include <stdlib.h>
#include <unistd.h>

enum { RUNS_PER_CORE = 4 };

char *place_of_stdlib(void)
{
    return place_of(PLACE_STDLIB);
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

size_t places_for_runs(const struct settings *settings, long cores)
{
    return settings->places ? (size_t)settings->places : (size_t)(cores > 0 ? cores : 1) * RUNS_PER_CORE;
}
