// See emergencies.h.
#include "host/store/emergencies.h"

#include "host/store/store_own.h"

#define INTEGER(number) VALUE_OF_INTEGER(number)
#define STRING(string) VALUE_OF_TEXT(text_from(string))
static void word_dispose(struct emergency_word *word)
{
    xfree(word->by);
    xfree(word->account);
    xfree(word->signed_);
}

void emergency_row_dispose(struct emergency_row *row)
{
    xfree(row->robot);
    xfree(row->tree);
    xfree(row->why);
    word_dispose(&row->asked);
    word_dispose(&row->allowed);
    *row = (struct emergency_row){0};
}

static struct emergency_word read_word(const struct value *values)
{
    return (struct emergency_word){text_copy(values[0].text), text_copy(values[1].text),
                                   text_copy(values[2].text), values[3].integer};
}

static struct emergency_row read_row(const struct row *row)
{
    return (struct emergency_row){.run = row->values[0].integer,
                                  .robot = text_copy(row->values[1].text),
                                  .tree = text_copy(row->values[2].text),
                                  .why = text_copy(row->values[3].text),
                                  .asked = read_word(row->values + 4),
                                  .allowed = read_word(row->values + 8)};
}

bool store_emergency_add(struct store *store, const struct emergency_row *row, struct err *err)
{
    return RUN(
        store,
        "INSERT INTO emergencies (run, robot, tree, why, asked_by, asked_account, asked_signed, asked_ms)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        NULL, NULL, INTEGER(row->run), STRING(row->robot), STRING(row->tree), STRING(row->why),
        STRING(row->asked.by), STRING(row->asked.account), STRING(row->asked.signed_),
        INTEGER(store_now_ms(store)));
}

static bool take_change(void *owner, const struct row *row, struct err *err)
{
    (void)row, (void)err;
    *(bool *)owner = true;
    return true;
}

bool store_emergency_allow(struct store *store, bool *changed, int64_t run, const struct emergency_word *word,
                           struct err *err)
{
    *changed = false;
    return RUN(
        store,
        "UPDATE emergencies SET allowed_by = ?2, allowed_account = ?3, allowed_signed = ?4, allowed_ms = ?5"
        " WHERE run = ?1 AND allowed_by = '' RETURNING run",
        take_change, changed, INTEGER(run), STRING(word->by), STRING(word->account), STRING(word->signed_),
        INTEGER(store_now_ms(store)));
}

static bool take_one(void *owner, const struct row *row, struct err *err)
{
    (void)err;
    *(struct emergency_row *)owner = read_row(row);
    return true;
}

bool store_emergency_load(struct store *store, struct emergency_row *out, bool *found, int64_t run,
                          struct err *err)
{
    *out = (struct emergency_row){0};
    const bool good = RUN(store,
                          "SELECT run, robot, tree, why, asked_by, asked_account, asked_signed, asked_ms,"
                          " allowed_by, allowed_account, allowed_signed, allowed_ms FROM emergencies"
                          " WHERE run = ?1",
                          take_one, out, INTEGER(run));
    *found = out->run != 0;
    return good;
}

struct visiting {
    store_emergency_visitor visit;
    void *owner;
};

static bool visit_row(void *owner, const struct row *row, struct err *err)
{
    const struct visiting *visiting = owner;
    struct emergency_row one = read_row(row);
    const bool good = visiting->visit(visiting->owner, &one, err);
    emergency_row_dispose(&one);
    return good;
}

bool store_emergencies(struct store *store, const char *robot, int64_t most, store_emergency_visitor visit,
                       void *owner, struct err *err)
{
    struct visiting visiting = {visit, owner};
    return RUN(store,
               "SELECT run, robot, tree, why, asked_by, asked_account, asked_signed, asked_ms,"
               " allowed_by, allowed_account, allowed_signed, allowed_ms FROM emergencies"
               " WHERE ?1 = '' OR robot = ?1 ORDER BY run DESC LIMIT ?2",
               visit_row, &visiting, STRING(robot ? robot : ""), INTEGER(most));
}
