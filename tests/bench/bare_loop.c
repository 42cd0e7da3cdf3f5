// The physical limit beside run.empty_per_second: a loop in C that, for each run, commits, forks, seals the child as a
// worker is sealed, waits for it and commits again. Prints runs a second.
//
//     bare_loop FOLDER RUNS
#include "lib/base/clock.h"
#include "lib/sandbox/sandbox.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static void must(bool good, const char *what)
{
    if (good)
        return;
    fprintf(stderr, "bare_loop: %s\n", what);
    exit(1);
}

static void run_sql(sqlite3 *database, const char *sql)
{
    must(sqlite3_exec(database, sql, NULL, NULL, NULL) == SQLITE_OK, sqlite3_errmsg(database));
}

static void commit(sqlite3 *database, const char *sql)
{
    run_sql(database, "BEGIN IMMEDIATE");
    run_sql(database, sql);
    run_sql(database, "COMMIT");
}

static void sealed_child(const char *folder, const struct sandbox_filter *filter)
{
    struct err err;
    const struct sandbox_place places[] = {{folder, SANDBOX_FOLDER, false}};
    const bool sealed = sandbox_drop_privileges(&err) && sandbox_landlock(SANDBOX_WORKER, places, 1, &err) &&
                        sandbox_filter_apply(filter, &err);
    _exit(sealed ? 0 : 1);
}

int main(int count, char **arguments)
{
    must(count == 3, "FOLDER RUNS");
    const int runs = (int)strtol(arguments[2], NULL, 10);
    char path[4096];
    snprintf(path, sizeof path, "%s/bare.sqlite", arguments[1]);
    sqlite3 *database;
    must(sqlite3_open(path, &database) == SQLITE_OK, "open");
    run_sql(database, "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; CREATE TABLE run (id INTEGER "
                      "PRIMARY KEY, state TEXT)");
    struct err err;
    struct sandbox_filter *filter;
    must(sandbox_filter_new(&filter, SANDBOX_WORKER, &err), "filter");
    const int64_t start = clock_monotonic_us();
    for (int i = 0; i < runs; i++) {
        commit(database, "INSERT INTO run (state) VALUES ('running')");
        const pid_t child = fork();
        if (child == 0)
            sealed_child(arguments[1], filter);
        int status = 1;
        waitpid(child, &status, 0);
        must(status == 0, "the child could not seal itself");
        commit(database, "UPDATE run SET state = 'done' WHERE id = last_insert_rowid()");
    }
    const int64_t duration = clock_monotonic_us() - start;
    printf("%.1f\n", runs * 1e6 / (double)duration);
    sqlite3_close(database);
    sandbox_filter_free(filter);
    return 0;
}
