// See logs.h.
#include "host/store/logs.h"

#include "host/store/calls.h"
#include "host/store/store_own.h"

#include <stdio.h>

#define INTEGER(number) VALUE_OF_INTEGER(number)
#define STRING(string) VALUE_OF_TEXT(text_from(string))

bool store_log_add(struct store *store, int64_t run, struct text lines, struct err *err)
{
    return RUN(store,
               "INSERT INTO log_parts (run, part, lines) VALUES (?1, 1 + coalesce("
               " (SELECT max(part) FROM log_parts WHERE run = ?1),"
               " (SELECT max(last_part) FROM log_files WHERE run = ?1), 0), ?2)",
               NULL, NULL, INTEGER(run), VALUE_OF_BYTES(lines));
}

struct visit_part {
    store_log_visitor visit;
    void *owner;
};

static bool hand_part(void *owner, const struct row *row, struct err *err)
{
    const struct visit_part *visitor = owner;
    return visitor->visit(visitor->owner, row->values[0].integer, row->values[1].text, err);
}

bool store_log_parts(struct store *store, int64_t run, int64_t after, int64_t most, store_log_visitor visit,
                     void *owner, struct err *err)
{
    struct visit_part visitor = {visit, owner};
    return RUN(store, "SELECT part, lines FROM log_parts WHERE run = ?1 AND part > ?2 ORDER BY part LIMIT ?3",
               hand_part, &visitor, INTEGER(run), INTEGER(after), INTEGER(most));
}

static bool take_file(void *owner, const struct row *row, struct err *err)
{
    struct log_file *file = owner;
    (void)err;
    file->last = row->values[0].integer;
    file->size_bytes = row->values[1].integer;
    const struct text sha256 = row->values[2].text;
    snprintf(file->sha256, sizeof file->sha256, "%.*s", (int)sha256.length, sha256.data);
    file->path = text_copy(row->values[3].text);
    return true;
}

bool store_log_file(struct store *store, struct log_file *out, int64_t run, int64_t after, struct err *err)
{
    *out = (struct log_file){.last = 0};
    return RUN(store,
               "SELECT last_part, size_bytes, sha256, path FROM log_files WHERE run = ?1 AND last_part > ?2"
               " ORDER BY last_part LIMIT 1",
               take_file, out, INTEGER(run), INTEGER(after));
}

bool store_log_is_there(struct store *store, bool *there, int64_t run, struct err *err)
{
    int64_t count = 0;
    const bool good = RUN(store,
                          "SELECT (SELECT count(*) FROM log_files WHERE run = ?1)"
                          " + (SELECT count(*) FROM log_parts WHERE run = ?1)",
                          store_take_integer, &count, INTEGER(run));
    *there = count > 0;
    return good;
}

bool store_log_keep(struct store *store, int64_t run, const struct log_file *file, struct err *err)
{
    int64_t there = 0;
    if (!store_run_hold(store, run, err) ||
        !RUN(store, "SELECT count(*) FROM log_files WHERE run = ?1 AND last_part > ?2", store_take_integer,
             &there, INTEGER(run), INTEGER(file->after)))
        return false;
    return there > 0 || (RUN(store,
                             "INSERT INTO log_files (run, last_part, size_bytes, sha256, path) VALUES (?1, "
                             "?2, ?3, ?4, ?5)",
                             NULL, NULL, INTEGER(run), INTEGER(file->last), INTEGER(file->size_bytes),
                             STRING(file->sha256), STRING(file->path)) &&
                         RUN(store, "DELETE FROM log_parts WHERE run = ?1 AND part <= ?2", NULL, NULL,
                             INTEGER(run), INTEGER(file->last)));
}

bool store_log_unkept(struct store *store, int64_t *run, int64_t ended_before_ms, struct err *err)
{
    *run = 0;
    return RUN(store,
               "SELECT id FROM runs WHERE state IN ('done', 'failed', 'refused', 'cancelled')"
               " AND ended_ms < ?1"
               " AND id IN (SELECT run FROM log_parts) ORDER BY id LIMIT 1",
               store_take_integer, run, INTEGER(ended_before_ms));
}
