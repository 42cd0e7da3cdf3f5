// Schedules whose share a host can't look into. In the host.
#include "host/store/troubles.h"
#include "host/store/store_own.h"

#define INTEGER(number) VALUE_OF_INTEGER(number)
#define STRING(string) VALUE_OF_TEXT(text_from(string))

static bool take_trouble(void *owner, const struct row *row, struct err *err)
{
    (void)err;
    *(struct trouble *)owner = (struct trouble){.found = true,
                                                .since_ms = row->values[0].integer,
                                                .told = row->values[1].integer != 0,
                                                .problem = text_copy(row->values[2].text)};
    return true;
}

void trouble_dispose(struct trouble *trouble)
{
    xfree(trouble->problem);
}

bool store_trouble_find(struct store *store, struct trouble *out, const char *schedule, const char *host,
                        struct err *err)
{
    *out = (struct trouble){.found = false};
    return RUN(store,
               "SELECT since_ms, told, problem FROM schedule_troubles WHERE schedule = ?1 AND host = ?2",
               take_trouble, out, STRING(schedule), STRING(host));
}

bool store_trouble_put(struct store *store, const char *schedule, const char *host,
                       const struct trouble *trouble, struct err *err)
{
    return RUN(store,
               "INSERT INTO schedule_troubles (schedule, host, problem, since_ms, told)"
               " VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (schedule, host) DO UPDATE SET"
               " problem = excluded.problem, told = excluded.told",
               NULL, NULL, STRING(schedule), STRING(host), STRING(trouble->problem),
               INTEGER(trouble->since_ms), INTEGER(trouble->told));
}

bool store_trouble_drop(struct store *store, const char *schedule, const char *host, struct err *err)
{
    return RUN(store, "DELETE FROM schedule_troubles WHERE schedule = ?1 AND host = ?2", NULL, NULL,
               STRING(schedule), STRING(host));
}

bool store_troubles_write(struct store *store, struct json_writer *out, const char *schedule, struct err *err)
{
    json_begin_array(out);
    const bool good = RUN(store,
                          "SELECT problem AS \"problem!\", since_ms, told FROM schedule_troubles"
                          " WHERE schedule = ?1 ORDER BY since_ms, host",
                          store_write_row, out, STRING(schedule));
    json_end_array(out);
    return good;
}

bool store_troubles_forget(struct store *store, const char *schedule, struct err *err)
{
    return RUN(store, "DELETE FROM schedule_troubles WHERE schedule = ?1", NULL, NULL, STRING(schedule));
}
