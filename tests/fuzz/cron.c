// Cron expressions from anybody: what is read comes strictly later each time, and at most three zones show it differently.
// links: cron calendar
#include "lib/cron/cron.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct zone *zone_named(const char *name)
{
    static struct zones *zones;
    struct err err;
    const struct zone *zone;
    require(zones || zones_open(&zones, ZONES_FOLDER, &err));
    require(zones_find(&zone, zones, text_from(name), &err));
    return zone;
}

static void follow(const struct cron *cron, const char *zone, int64_t after)
{
    enum wall wall;
    int64_t at;
    for (int i = 0; i < 5 && cron_next(&at, &wall, cron, zone_named(zone), after); i++) {
        require(at > after);
        after = at;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct err err = {0};
    struct cron cron;
    SCOPED_BUF(words, 4096);
    if (!cron_read(&cron, text_of((const char *)data, size), &err)) {
        require(err_message(&words, &err, LANGUAGE_SV));
        return 0;
    }
    follow(&cron, "Europe/Helsinki", 1774700000);     // before the gap of 2026
    follow(&cron, "Australia/Lord_Howe", 1775300000); // half an hour twice
    follow(&cron, "Pacific/Apia", 1325150000);        // a day that is not there
    return 0;
}
