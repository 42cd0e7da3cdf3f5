// Recurrence rules from anybody: the work is bounded, and each time is strictly later.
// links: recurrence calendar
#include "lib/recurrence/recurrence.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct zones *zones;
    struct err err = {0};
    const struct zone *zone;
    int64_t after = 1774700000, at, wall;
    enum wall shown;
    bool found = true;
    SCOPED_BUF(words, 4096);
    SCOPED(recurrence)
    recurrence = NULL;
    require(zones || zones_open(&zones, ZONES_FOLDER, &err));
    require(zones_find(&zone, zones, TEXT_OF("Europe/Helsinki"), &err));
    if (!recurrence_read(&recurrence, text_of((const char *)data, size), TEXT_OF("2026-01-31T03:30"), zone,
                         zones, &err)) {
        require(err_message(&words, &err, LANGUAGE_FI));
        return 0;
    }
    for (int i = 0; i < 4 && found; i++) {
        if (!recurrence_next(&at, &wall, &shown, &found, recurrence, after, &err))
            return 0;
        require(!found || at > after);
        after = at;
    }
    return 0;
}
