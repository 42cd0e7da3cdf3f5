// See evidence.h.
#include "host/store/evidence.h"

#include "host/store/store_own.h"
#include "lib/chain/chain.h"

enum { LINE_BYTES_MAX = 4 << 20 };

struct page {
    struct buf *out;
    struct evidence_place *place;
    int64_t run;
    int64_t count;
};

void evidence_place_dispose(struct evidence_place *place)
{
    xfree(place->scope);
    xfree(place->key);
    *place = (struct evidence_place){0};
}

static bool end_line(struct page *page, const struct json_writer *writer, struct err *err)
{
    page->count++;
    return (json_writer_done(writer) && buf_append_text(page->out, TEXT_OF("\n"))) ||
           fail(err, ERR_LIMIT_PASSED, "evidence", N(LINE_BYTES_MAX));
}

static bool write_line(struct page *page, const struct row *row, struct err *err)
{
    struct json_writer writer = json_writer_new(page->out);
    return store_write_row(&writer, row, err) && end_line(page, &writer, err);
}

// ---- steps and items, by scope and key

static void remember(char **text, size_t *length, struct text now)
{
    xfree(*text);
    *text = text_copy(now);
    *length = now.length;
}

static bool take_entry(void *owner, const struct row *row, struct err *err)
{
    struct page *page = owner;
    remember(&page->place->scope, &page->place->scope_length, row->values[0].text);
    remember(&page->place->key, &page->place->key_length, row->values[1].text);
    return write_line(page, row, err);
}

static bool entries(struct store *store, struct page *page, struct err *err)
{
    const struct evidence_place *place = page->place;
    if (!place->scope)
        return RUN(store,
                   "SELECT scope, key, kind, position, state, amount, note, attempt, time_ms,"
                   " length(result) AS result_bytes FROM entries WHERE run = ?1 ORDER BY scope, key LIMIT ?2",
                   take_entry, page, VALUE_OF_INTEGER(page->run), VALUE_OF_INTEGER(EVIDENCE_PAGE_ROWS));
    return RUN(store,
               "SELECT scope, key, kind, position, state, amount, note, attempt, time_ms,"
               " length(result) AS result_bytes FROM entries WHERE run = ?1 AND (scope, key) > (?3, ?4)"
               " ORDER BY scope, key LIMIT ?2",
               take_entry, page, VALUE_OF_INTEGER(page->run), VALUE_OF_INTEGER(EVIDENCE_PAGE_ROWS),
               VALUE_OF_TEXT(text_of(place->scope, place->scope_length)),
               VALUE_OF_TEXT(text_of(place->key, place->key_length)));
}

// ---- calls, by attempt and number

static bool take_call(void *owner, const struct row *row, struct err *err)
{
    struct page *page = owner;
    page->place->first = row->values[0].integer;
    page->place->second = row->values[1].integer;
    return write_line(page, row, err);
}

static bool calls(struct store *store, struct page *page, struct err *err)
{
    return RUN(store,
               "SELECT attempt, call, kind, method, host, port, path, outcome, status, sent_bytes,"
               " received_bytes, started_ms, duration_ms, login, problem FROM calls"
               " WHERE run = ?1 AND (attempt, call) > (?2, ?3) ORDER BY attempt, call LIMIT ?4",
               take_call, page, VALUE_OF_INTEGER(page->run), VALUE_OF_INTEGER(page->place->first),
               VALUE_OF_INTEGER(page->place->second), VALUE_OF_INTEGER(EVIDENCE_PAGE_ROWS));
}

// ---- the audit log, by number

static void write_hash(struct json_writer *writer, const char *key, struct text hash)
{
    char text[CHAIN_TEXT_SIZE] = "";
    json_write_key(writer, key);
    if (hash.length == CHAIN_HASH_SIZE)
        chain_hash_text(text, (const unsigned char *)hash.data);
    json_write_string(writer, text);
}

static bool take_audit(void *owner, const struct row *row, struct err *err)
{
    struct page *page = owner;
    struct json_writer writer = json_writer_new(page->out);
    page->place->first = row->values[0].integer;
    json_begin_object(&writer);
    for (size_t i = 0; i < 6; i++) {
        const struct value *value = &row->values[i];
        if (value->kind == VALUE_NULL)
            continue;
        json_write_key(&writer, row->names[i]);
        if (value->kind == VALUE_INTEGER)
            json_write_integer(&writer, value->integer);
        else
            json_write_text(&writer, value->text);
    }
    write_hash(&writer, "content_hash", row->values[6].text);
    write_hash(&writer, "chain_hash", row->values[7].text);
    json_end_object(&writer);
    return end_line(page, &writer, err);
}

static bool take_range(void *owner, const struct row *row, struct err *err)
{
    struct evidence_place *place = owner;
    (void)err;
    place->first = row->values[0].integer - 2; // the row before the first gives it its beginning
    place->second = row->values[1].integer;
    return true;
}

static bool audit(struct store *store, struct page *page, struct err *err)
{
    struct evidence_place *place = page->place;
    if (!place->second && !RUN(store,
                               "SELECT coalesce(min(number), 2), coalesce(max(number), 0) FROM audit"
                               " WHERE run = ?1 AND run > 0",
                               take_range, place, VALUE_OF_INTEGER(page->run)))
        return false;
    return RUN(store,
               "SELECT number, time_ms, actor, event, run, CASE WHEN run = ?1 THEN content END AS content,"
               " content_hash, chain_hash FROM audit WHERE number > ?2 AND number <= ?3"
               " ORDER BY number LIMIT ?4",
               take_audit, page, VALUE_OF_INTEGER(page->run), VALUE_OF_INTEGER(place->first),
               VALUE_OF_INTEGER(place->second), VALUE_OF_INTEGER(EVIDENCE_PAGE_ROWS));
}

// ----

bool store_evidence_page(struct store *store, struct buf *out, bool *more, enum store_evidence what,
                         int64_t run, struct evidence_place *place, struct err *err)
{
    static bool (*const pages[])(struct store * store, struct page * page, struct err * err) = {
        [EVIDENCE_ENTRIES] = entries, [EVIDENCE_CALLS] = calls, [EVIDENCE_AUDIT] = audit};
    struct page page = {.out = out, .place = place, .run = run};
    const bool good = pages[what](store, &page, err);
    *more = page.count == EVIDENCE_PAGE_ROWS;
    return good;
}

bool store_evidence_start(struct store *store, struct json_writer *out, int64_t run, struct err *err)
{
    return RUN(
        store,
        "SELECT actor, schedule, planned_ms, cause AS \"cause!\", approval, parent, priority, language,"
        " manifest AS \"manifest!\", created_ms, queued_ms FROM runs WHERE id = ?1",
        store_write_row, out, VALUE_OF_INTEGER(run));
}

static bool take_head(void *owner, const struct row *row, struct err *err)
{
    struct json_writer *out = owner;
    (void)err;
    json_write_key(out, "number");
    json_write_integer(out, row->values[0].integer);
    write_hash(out, "chain_hash", row->values[1].text);
    return true;
}

bool store_evidence_head(struct store *store, struct json_writer *out, struct err *err)
{
    json_begin_object(out);
    if (!RUN(store, "SELECT number, chain_hash FROM audit ORDER BY number DESC LIMIT 1", take_head, out))
        return false;
    json_end_object(out);
    return true;
}
