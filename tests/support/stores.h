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

#include <fcntl.h>
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

static const char *place_server_data(void)
{
    static char path[128];
    snprintf(path, sizeof path, "%s/server/data/postmaster.pid", place_folder);
    return path;
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

// Ends the server and removes the folder when the test is over, however it ends: the pipe is closed then.
static pid_t place_begin_sweeper(int *end)
{
    int ends[2];
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    const pid_t sweeper = fork();
    if (sweeper == 0) {
        char nothing;
        close(ends[1]);
        while (read(ends[0], &nothing, 1) > 0)
            ;
        if (access(place_server_data(), F_OK) == 0)
            (void)place_server("stop", "");
        SCOPED_TEXT char *line = xasprintf("rm -rf %s", place_folder);
        _exit(system(line) != 0);
    }
    close(ends[0]);
    *end = ends[1];
    return sweeper;
}

static int stores_run(int (*run)(void))
{
    int end, status = 1;
    snprintf(place_folder, sizeof place_folder, "/tmp/renki-stores.XXXXXX");
    assert_non_null(mkdtemp(place_folder));
    chmod(place_folder, 0755); // the server runs as another user when root tests
    const pid_t sweeper = place_begin_sweeper(&end);
    print_message("on SQLite\n");
    int failed = run();
    const int started = place_server("start", "");
    if (started == 0) {
        print_message("on PostgreSQL\n");
        place_on_server = true;
        failed += run();
    } else if (started != 77)
        failed++;
    close(end);
    waitpid(sweeper, &status, 0);
    return failed + (status != 0);
}

#endif
