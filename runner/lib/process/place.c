// See place.h.
#include "lib/process/place.h"

#include "lib/base/text.h"

#include <unistd.h>

// Beside the binary, so that an installed tree may be moved. Only the build's own binary looks into the source: an
// installed one must not run what someone puts where it was once compiled.
char *place_of(const char *folder)
{
    char exe[4096];
    const ssize_t length = readlink("/proc/self/exe", exe, sizeof exe - 1);
    if (length <= 0)
        return NULL;
    exe[length] = '\0';
    const bool built = text_starts(text_from(exe), RENKI_BUILD);
    *strrchr(exe, '/') = '\0';
    SCOPED_TEXT char *place = built ? xasprintf("%s/%s", RENKI_SOURCE, folder)
                                    : xasprintf("%s/../" RENKI_INSTALLED "/%s", exe, folder);
    return access(place, R_OK | X_OK) == 0 ? STEAL(place) : NULL;
}
