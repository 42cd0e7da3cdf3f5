// The whole store from one place to another, SQLite and PostgreSQL both ways: `renki store copy`. In the host.
//
// Nobody else has either of them open meanwhile. All is written in one transaction, counted and the audit log checked
// before it is committed: afterwards the copy is whole, or the place as empty as it was.
#include "host/store/copy.h"

#include "host/store/store_own.h"

#include <unistd.h>

enum { TABLES_MAX = 200, INSERT_MAX = 8192 };

struct copying {
    struct store *from, *to;
    char *tables[TABLES_MAX];
    char *statements[4 *
                     TABLES_MAX]; // of statements that were made here: they stay as long as they are prepared
    size_t table_count, statement_count;
    const char *insert; // into the table that is being copied
    int64_t rows;
    struct store_copy *asked;
};

static const char *kept(struct copying *copying, char *statement)
{
    require(copying->statement_count < COUNT_OF(copying->statements));
    return copying->statements[copying->statement_count++] = statement;
}

// Each end has its own: its step of the schema is there when it is opened, and what PostgreSQL needs for itself.
static bool is_of_its_end(struct text table)
{
    return text_is(table, "schema") || text_is(table, "commits");
}

static bool take_table(void *owner, const struct row *row, struct err *err)
{
    struct copying *copying = owner;
    (void)err;
    require(copying->table_count < TABLES_MAX);
    if (!is_of_its_end(row->values[0].text))
        copying->tables[copying->table_count++] = text_copy(row->values[0].text);
    return true;
}

static bool find_tables(struct copying *copying, struct err *err)
{
    return RUN(copying->from, copying->from->backend->tables, take_table, copying);
}

static bool count_rows(struct copying *copying, struct store *store, const char *table, int64_t *count,
                       struct err *err)
{
    *count = 0;
    return RUN(store, kept(copying, xasprintf("SELECT count(*) FROM %s", table)), store_take_integer, count);
}

static bool is_empty(struct copying *copying, struct err *err)
{
    for (size_t i = 0; i < copying->table_count; i++) {
        int64_t count;
        if (!count_rows(copying, copying->to, copying->tables[i], &count, err))
            return false;
        if (count)
            return fail(err, ERR_STORE_NOT_EMPTY, store_place(copying->to), copying->tables[i]);
    }
    return true;
}

// ---- rows

static const char *insert_for(struct copying *copying, const char *table, const struct row *row)
{
    SCOPED_BUF(columns, INSERT_MAX);
    SCOPED_BUF(values, INSERT_MAX);
    bool good = true;
    for (size_t i = 0; good && i < row->count; i++)
        good = buf_printf(&columns, "%s\"%s\"", i ? ", " : "", row->names[i]) &&
               buf_printf(&values, "%s?%zu", i ? ", " : "", i + 1);
    require(good); // the schema is ours
    return kept(copying, xasprintf("INSERT INTO %s (%s) VALUES (%s)", table, buf_string(&columns),
                                   buf_string(&values)));
}

struct table_copy {
    struct copying *copying;
    const char *table;
};

static bool copy_row(void *owner, const struct row *row, struct err *err)
{
    const struct table_copy *table = owner;
    struct copying *copying = table->copying;
    if (!copying->insert)
        copying->insert = insert_for(copying, table->table, row);
    copying->rows++;
    return store_run_statement(copying->to, copying->insert, row->values, row->count, NULL, NULL, err);
}

static bool copy_table(struct copying *copying, const char *table, struct err *err)
{
    int64_t there = 0, drawn = 0;
    struct table_copy copy = {copying, table};
    const struct store *from = copying->from, *to = copying->to;
    const char *statement = kept(copying, xasprintf("SELECT * FROM %s", table));
    copying->insert = NULL;
    copying->rows = 0;
    if (!from->backend->each(from->database, statement, NULL, 0, copy_row, &copy, err) ||
        !from->backend->sequence(from->database, table, &drawn, err) ||
        (drawn && !to->backend->set_sequence(to->database, table, drawn, err)) ||
        !count_rows(copying, copying->to, table, &there, err))
        return false;
    if (there != copying->rows)
        return fail(err, ERR_STORE_COPY_DIFFERS, table, N(copying->rows), N(there));
    copying->asked->rows += copying->rows;
    copying->asked->tables++;
    copying->asked->table(copying->asked->owner, table, copying->rows);
    return true;
}

static bool copy_all(struct copying *copying, struct err *err)
{
    int64_t audit_from = 0, audit_to = 0;
    for (size_t i = 0; i < copying->table_count; i++)
        if (!copy_table(copying, copying->tables[i], err))
            return false;
    if (!store_audit_verify(copying->from, &audit_from, err) ||
        !store_audit_verify(copying->to, &audit_to, err))
        return false;
    copying->asked->audit_rows = audit_to;
    if (!copying->asked->rows)
        return fail(err, ERR_STORE_NOTHING, store_place(copying->from));
    return audit_from == audit_to ? true
                                  : fail(err, ERR_STORE_COPY_DIFFERS, "audit", N(audit_from), N(audit_to));
}

static bool copy(struct copying *copying, struct err *err)
{
    if (!find_tables(copying, err) || !is_empty(copying, err) || !store_begin(copying->to, err))
        return false;
    if (copy_all(copying, err))
        return store_commit(copying->to, err);
    store_rollback(copying->to);
    return false;
}

// A file that is not there would be made, and its nothing be copied.
static bool is_there(const char *where, struct err *err)
{
    return store_is_server(where) || access(where, F_OK) == 0 ? true : fail(err, ERR_FILE_MISSING, where);
}

bool store_copy(struct store_copy *asked, struct err *err)
{
    struct copying *copying = xcalloc(1, sizeof *copying);
    copying->asked = asked;
    asked->tables = asked->rows = asked->audit_rows = 0;
    const bool good = is_there(asked->from, err) && store_open_alone(&copying->from, asked->from, err) &&
                      store_open_alone(&copying->to, asked->to, err) &&
                      asked->opened(asked->owner, copying->from, copying->to, err) && copy(copying, err);
    store_free(copying->from);
    store_free(copying->to);
    for (size_t i = 0; i < copying->table_count; i++)
        xfree(copying->tables[i]);
    for (size_t i = 0; i < copying->statement_count; i++)
        xfree(copying->statements[i]);
    xfree(copying);
    return good;
}
