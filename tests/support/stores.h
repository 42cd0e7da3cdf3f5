// Tests that run on every back end of the store: each test begins with an empty one.
//
//     struct store *store = opened(place_fresh());
//     …
//     int main(void) { return stores_run(run); } // `run` is cmocka_run_group_tests
//
// All tests run on SQLite, then all again on a PostgreSQL server of their own; where there is none, that is said.
#ifndef RENKI_TESTS_STORES_H
#define RENKI_TESTS_STORES_H

#include "support/unit.h"

#include "host/store/store.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char place_folder[64], place_where[256];
static bool place_on_server;

__attribute__((unused)) static int place_server(const char *action, const char *text)
{
    SCOPED_TEXT char *line =
        xasprintf("%s/postgres.sh %s %s/server \"%s\"", RENKI_TESTS_SUPPORT, action, place_folder, text);
    const int status = system(line);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

// Where an empty store is to be opened.
__attribute__((unused)) static const char *place_fresh(void)
{
    if (place_on_server) {
        assert_int_equal(place_server("fresh", ""), 0);
        snprintf(place_where, sizeof place_where, "postgresql:///renki?host=%s/server&user=renki",
                 place_folder);
        return place_where;
    }
    static const char *const suffixes[] = {"", "-wal", "-shm"};
    snprintf(place_where, sizeof place_where, "%s/store.sqlite", place_folder);
    for (size_t i = 0; i < COUNT_OF(suffixes); i++) {
        SCOPED_TEXT char *path = xasprintf("%s%s", place_where, suffixes[i]);
        unlink(path);
    }
    return place_where;
}

// Edits what is stored behind the store's back.
__attribute__((unused)) static void place_edit(const char *statement)
{
    if (place_on_server) {
        assert_int_equal(place_server("sql", statement), 0);
        return;
    }
    SCOPED_TEXT char *line = xasprintf("python3 -c 'import sqlite3, sys; d = sqlite3.connect(sys.argv[1]); "
                                       "d.executescript(sys.argv[2]); d.commit()' %s \"%s\"",
                                       place_where, statement);
    assert_int_equal(system(line), 0);
}

static int stores_run(int (*run)(void))
{
    snprintf(place_folder, sizeof place_folder, "/tmp/renki-stores.XXXXXX");
    assert_non_null(mkdtemp(place_folder));
    chmod(place_folder, 0755); // the server runs as another user when root tests
    print_message("on SQLite\n");
    int failed = run();
    const int started = place_server("start", "");
    if (started == 0) {
        print_message("on PostgreSQL\n");
        place_on_server = true;
        failed += run();
        (void)place_server("stop", "");
    } else if (started != 77)
        failed++;
    SCOPED_TEXT char *line = xasprintf("rm -rf %s", place_folder);
    return failed + (system(line) != 0);
}

#endif
