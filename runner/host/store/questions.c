// See questions.h.
#include "host/store/questions.h"

#include "host/store/store_own.h"

#define INTEGER(number) VALUE_OF_INTEGER(number)
#define TEXT(borrowed) VALUE_OF_TEXT(borrowed)
#define STRING(string) VALUE_OF_TEXT(text_from(string))
#define TIME(number) ((number) ? VALUE_OF_INTEGER(number) : (struct value){.kind = VALUE_NULL})

// The columns in the order in which take_question reads them; a statement is a literal, so this is one too.
#define COLUMNS                                                                                              \
    "id, run, position, stands_in, asked_ms, due_ms, next_ms, answered_ms, kind, scope, key, entry, state,"  \
    " title, text, person, escalate, fields, files, otherwise, amount, evidence, answer, actor, next"
enum { FIRST_TEXT = 8 };

// Its texts in the order of COLUMNS.
#define TEXTS(of)                                                                                            \
    {                                                                                                        \
        &(of)->kind, &(of)->scope, &(of)->key, &(of)->entry, &(of)->state, &(of)->title, &(of)->text,        \
            &(of)->person, &(of)->escalate, &(of)->fields, &(of)->files, &(of)->otherwise, &(of)->amount,    \
            &(of)->evidence, &(of)->answer, &(of)->actor, &(of)->next                                        \
    }

void question_dispose(struct question *question)
{
    char **texts[] = TEXTS(question);
    for (size_t i = 0; i < COUNT_OF(texts); i++)
        xfree(*texts[i]);
    *question = (struct question){0};
}

static bool take_question(void *owner, const struct row *row, struct err *err)
{
    struct question *question = owner;
    char **texts[] = TEXTS(question);
    (void)err;
    question->id = row->values[0].integer;
    question->run = row->values[1].integer;
    question->position = row->values[2].integer;
    question->stands_in = row->values[3].integer != 0;
    question->asked_ms = row->values[4].integer;
    question->due_ms = row->values[5].integer;
    question->next_ms = row->values[6].integer;
    question->answered_ms = row->values[7].integer;
    for (size_t i = 0; i < COUNT_OF(texts); i++)
        *texts[i] = text_copy(row->values[FIRST_TEXT + i].text);
    return true;
}

bool store_question_add(struct store *store, int64_t *id, const struct question *question, struct err *err)
{
    *id = 0;
    return RUN(store,
               "INSERT INTO questions (run, kind, scope, key, position, entry, state, title, text, person,"
               " escalate, fields, files, otherwise, amount, evidence, asked_ms, due_ms, next_ms, next)"
               " VALUES (?1, ?2, ?3, ?4, ?5, ?6, 'open', ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17,"
               " ?18, ?19) ON CONFLICT (run, scope, key) WHERE state = 'open' DO NOTHING RETURNING id",
               store_take_integer, id, INTEGER(question->run), STRING(question->kind),
               STRING(question->scope), STRING(question->key), INTEGER(question->position),
               STRING(question->entry), STRING(question->title), STRING(question->text),
               STRING(question->person), STRING(question->escalate), STRING(question->fields),
               STRING(question->files), STRING(question->otherwise), STRING(question->amount),
               STRING(question->evidence), INTEGER(question->asked_ms), TIME(question->due_ms),
               TIME(question->next_ms), STRING(question->next));
}

bool store_question_load(struct store *store, struct question *out, int64_t id, struct err *err)
{
    *out = (struct question){0};
    if (!RUN(store, "SELECT " COLUMNS " FROM questions WHERE id = ?1", take_question, out, INTEGER(id)))
        return false;
    return out->id ? true : fail(err, ERR_QUESTION_UNKNOWN, N(id));
}

bool store_question_find(struct store *store, struct question *out, int64_t run, const char *kind,
                         struct text scope, struct text key, struct err *err)
{
    *out = (struct question){0};
    return RUN(store,
               "SELECT " COLUMNS " FROM questions WHERE run = ?1 AND kind = ?2 AND scope = ?3 AND key = ?4"
               " ORDER BY id DESC LIMIT 1",
               take_question, out, INTEGER(run), STRING(kind), TEXT(scope), TEXT(key));
}

bool store_question_open(struct store *store, int64_t *id, int64_t run, struct err *err)
{
    *id = 0;
    return RUN(store, "SELECT id FROM questions WHERE run = ?1 AND state = 'open' LIMIT 1",
               store_take_integer, id, INTEGER(run));
}

bool store_question_answer(struct store *store, bool *moved, int64_t id, const struct question_answer *answer,
                           struct err *err)
{
    int64_t found = 0;
    const bool good =
        RUN(store,
            "UPDATE questions SET state = ?2, answer = ?3, actor = ?4, stands_in = ?5, answered_ms = ?6,"
            " next_ms = NULL, next = '' WHERE id = ?1 AND state = 'open' RETURNING id",
            store_take_integer, &found, INTEGER(id), STRING(answer->state), TEXT(answer->answer),
            STRING(answer->actor), INTEGER(answer->stands_in), INTEGER(store_now_ms(store)));
    *moved = found != 0;
    return good;
}

bool store_question_due(struct store *store, struct question *out, int64_t now_ms, struct err *err)
{
    *out = (struct question){0};
    return RUN(store,
               "SELECT " COLUMNS " FROM questions WHERE state = 'open' AND next_ms <= ?1"
               " ORDER BY next_ms LIMIT 1",
               take_question, out, INTEGER(now_ms));
}

bool store_question_next(struct store *store, bool *moved, const struct question *was, const char *next,
                         int64_t next_ms, const char *person, struct err *err)
{
    int64_t found = 0;
    const bool good = RUN(store,
                          "UPDATE questions SET next = ?3, next_ms = ?4, person = ?5 WHERE id = ?1"
                          " AND state = 'open' AND next = ?2 RETURNING id",
                          store_take_integer, &found, INTEGER(was->id), STRING(was->next), STRING(next),
                          TIME(next_ms), STRING(person));
    *moved = found != 0;
    return good;
}

bool store_evidence(struct store *store, struct json_writer *out, int64_t run, struct text scope,
                    struct text key, struct err *err)
{
    json_begin_array(out);
    const bool good =
        RUN(store,
            "SELECT a.attempt, a.method, a.host, a.path, a.bytes, a.time_ms AS about_ms, c.outcome,"
            " c.status, c.problem, c.duration_ms FROM abouts AS a LEFT JOIN calls AS c ON c.run = a.run"
            " AND c.attempt = a.attempt AND c.call = a.call WHERE a.run = ?1 AND a.scope = ?2"
            " AND a.key = ?3 ORDER BY a.time_ms, a.call LIMIT 100",
            store_write_row, out, INTEGER(run), TEXT(scope), TEXT(key));
    json_end_array(out);
    return good;
}
