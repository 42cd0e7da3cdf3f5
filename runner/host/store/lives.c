// See lives.h.
#include "host/store/lives.h"

#include "host/store/store_own.h"

#define INTEGER(number) VALUE_OF_INTEGER(number)
#define STRING(string) VALUE_OF_TEXT(text_from(string))

void life_row_dispose(struct life_row *row)
{
    char *const texts[] = {row->retired_by, row->retired_why, row->kept_until, row->kept_by, row->kept_why};
    for (size_t i = 0; i < COUNT_OF(texts); i++)
        xfree(texts[i]);
    *row = (struct life_row){0};
}

static bool take_life(void *owner, const struct row *row, struct err *err)
{
    struct life_row *life = owner;
    (void)err;
    life_row_dispose(life);
    *life = (struct life_row){.retired_by = text_copy(row->values[0].text),
                              .retired_why = text_copy(row->values[1].text),
                              .retired_ms = row->values[2].integer,
                              .kept_until = text_copy(row->values[3].text),
                              .kept_by = text_copy(row->values[4].text),
                              .kept_why = text_copy(row->values[5].text),
                              .stage = row->values[6].integer,
                              .told_ms = row->values[7].integer};
    return true;
}

bool store_life_load(struct store *store, struct life_row *out, const char *robot, struct err *err)
{
    *out = (struct life_row){.retired_by = xstrdup(""),
                             .retired_why = xstrdup(""),
                             .kept_until = xstrdup(""),
                             .kept_by = xstrdup(""),
                             .kept_why = xstrdup("")};
    if (RUN(store,
            "SELECT retired_by, retired_why, retired_ms, kept_until, kept_by, kept_why, stage, told_ms"
            " FROM lives WHERE robot = ?1",
            take_life, out, STRING(robot)))
        return true;
    life_row_dispose(out);
    return false;
}

bool store_life_retired(struct store *store, int64_t *retired_ms, const char *robot, struct err *err)
{
    *retired_ms = 0;
    return RUN(store, "SELECT retired_ms FROM lives WHERE robot = ?1", store_take_integer, retired_ms,
               STRING(robot));
}

bool store_life_retire(struct store *store, const char *robot, const char *by, const char *why,
                       struct err *err)
{
    return RUN(store,
               "INSERT INTO lives (robot, retired_by, retired_why, retired_ms) VALUES (?1, ?2, ?3, ?4)"
               " ON CONFLICT (robot) DO UPDATE SET retired_by = excluded.retired_by,"
               " retired_why = excluded.retired_why, retired_ms = excluded.retired_ms",
               NULL, NULL, STRING(robot), STRING(by), STRING(why), INTEGER(store_now_ms(store)));
}

bool store_life_revive(struct store *store, const char *robot, struct err *err)
{
    return RUN(store, "UPDATE lives SET retired_by = '', retired_why = '', retired_ms = 0 WHERE robot = ?1",
               NULL, NULL, STRING(robot));
}

bool store_life_keep(struct store *store, const char *robot, const char *until, const char *by,
                     const char *why, struct err *err)
{
    return RUN(store,
               "INSERT INTO lives (robot, kept_until, kept_by, kept_why) VALUES (?1, ?2, ?3, ?4)"
               " ON CONFLICT (robot) DO UPDATE SET kept_until = excluded.kept_until,"
               " kept_by = excluded.kept_by, kept_why = excluded.kept_why, stage = 0",
               NULL, NULL, STRING(robot), STRING(until), STRING(by), STRING(why));
}

bool store_life_told(struct store *store, const char *robot, int64_t stage, struct err *err)
{
    return RUN(store,
               "INSERT INTO lives (robot, stage, told_ms) VALUES (?1, ?2, ?3)"
               " ON CONFLICT (robot) DO UPDATE SET stage = excluded.stage, told_ms = excluded.told_ms",
               NULL, NULL, STRING(robot), INTEGER(stage), INTEGER(store_now_ms(store)));
}

bool store_life_unfinished(struct store *store, int64_t *run, const char *robot, struct err *err)
{
    *run = 0;
    return RUN(store,
               "SELECT coalesce(min(id), 0) FROM runs WHERE robot = ?1"
               " AND state IN ('queued', 'running', 'waiting', 'in doubt')",
               store_take_integer, run, STRING(robot));
}

struct visiting {
    store_life_visitor visit;
    void *owner;
};

static bool hand_schedule(void *owner, const struct row *row, struct err *err)
{
    const struct visiting *visiting = owner;
    SCOPED_TEXT char *name = text_copy(row->values[0].text);
    return visiting->visit(visiting->owner, name, err);
}

bool store_life_schedules(struct store *store, const char *robot, store_life_visitor visit, void *owner,
                          struct err *err)
{
    struct visiting visiting = {visit, owner};
    return RUN(store, "SELECT name FROM schedules WHERE robot = ?1 AND paused_ms IS NULL ORDER BY name",
               hand_schedule, &visiting, STRING(robot));
}

bool store_life_has_secret(struct store *store, int64_t *count, const char *name, struct err *err)
{
    return RUN(store, "SELECT count(*) FROM secrets WHERE name = ?1", store_take_integer, count,
               STRING(name));
}
