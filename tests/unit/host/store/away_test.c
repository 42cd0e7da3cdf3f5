// A database server that goes away, and transactions that collide: on PostgreSQL only, for a file does neither.
#include "support/stores.h"

#include "lib/base/clock.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sodium.h>
#include <sys/socket.h>
#include <sys/un.h>

static struct err err;
static struct store *store;

static struct store *opened(void)
{
    struct store *made = NULL;
    if (!store_open(&made, place_where, &err))
        fail_msg("%s: %s, %s", err_name(err.code), err.arguments[0], err.arguments[1]);
    return made;
}

static int fresh(void **state)
{
    (void)state;
    (void)place_fresh();
    store = opened();
    return 0;
}

static int done(void **state)
{
    (void)state;
    store_free(store);
    return 0;
}

static void die_and_come_back(void)
{
    assert_int_equal(place_server("kill", ""), 0);
    assert_int_equal(place_server("start", ""), 0);
}

static int64_t add_run(struct store *by)
{
    int64_t id = 0;
    const struct run_new run = {.robot = "hello",
                                .tree = "00",
                                .actor = "aino",
                                .language = "en",
                                .folder = "00",
                                .host = "h",
                                .inputs = TEXT_OF("{}"),
                                .manifest = TEXT_OF("{}")};
    assert_true(store_begin(by, &err));
    assert_true(store_run_add(by, &id, &run, &err));
    return id;
}

static void put(struct store *by, int64_t run, const char *key)
{
    const struct entry entry = {.kind = TEXT_OF("item"),
                                .scope = TEXT_OF("rows"),
                                .key = text_from(key),
                                .state = TEXT_OF("done"),
                                .amount = TEXT_OF(""),
                                .note = TEXT_OF(""),
                                .result = TEXT_OF("1")};
    assert_true(store_begin(by, &err));
    assert_true(store_entry_put(by, run, &entry, &err));
}

static void commit(struct store *by)
{
    if (!store_commit(by, &err))
        fail_msg("%s: %s, %s", err_name(err.code), err.arguments[0], err.arguments[1]);
}

static bool count_entry(void *owner, const struct entry *entry, struct err *ignored)
{
    (void)entry, (void)ignored;
    ++*(int *)owner;
    return true;
}

static int entries(struct store *by, int64_t run)
{
    int count = 0;
    assert_true(store_items(by, run, count_entry, &count, &err));
    return count;
}

static int64_t audit_rows(void)
{
    int64_t rows = 0;
    if (!store_audit_verify(store, &rows, &err))
        fail_msg("%s", err_name(err.code));
    return rows;
}

static void a_transaction_goes_on_after_the_server_died_in_it(void **state)
{
    (void)state;
    const int64_t first = add_run(store);
    put(store, first, "1");
    die_and_come_back();
    put(store, first, "2");
    const int64_t second = add_run(store); // somebody waits for its number
    die_and_come_back();
    put(store, second, "3");
    commit(store);
    assert_int_equal(entries(store, first), 2);
    assert_int_equal(entries(store, second), 1);
    assert_int_equal(audit_rows(), 2);
}

static void numbers_told_before_the_server_died_hold(void **state)
{
    (void)state;
    struct store *other = opened();
    const int64_t mine = add_run(store);
    die_and_come_back();
    const int64_t theirs = add_run(other); // the server may have forgotten that `mine` was drawn
    commit(store);
    const int64_t next = add_run(store);
    commit(store);
    (void)theirs;
    store_rollback(other);
    struct run_row row;
    assert_true(store_run_load(store, &row, mine, &err));
    run_row_dispose(&row);
    assert_true(next > mine);
    store_free(other);
}

// ---- a network that loses the answer to a COMMIT: between the store and the server's socket

enum { PIECE = 65536 };
static volatile sig_atomic_t armed;

static void arm(int number)
{
    (void)number;
    armed = 1;
}

static int server_socket(bool listening)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof address.sun_path, "%s/%s/.s.PGSQL.5432", place_folder,
             listening ? "between" : "server");
    const int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    const int failed = listening ? bind(fd, (struct sockaddr *)&address, sizeof address) || listen(fd, 5)
                                 : connect(fd, (struct sockaddr *)&address, sizeof address);
    if (failed)
        _exit(2);
    return fd;
}

// False at the end of either side, or when an answer was to be lost.
static bool pass_on(int from, int to, bool answers)
{
    static char piece[PIECE];
    const ssize_t size = read(from, piece, sizeof piece);
    if (size <= 0)
        return false;
    if (answers && armed && memmem(piece, (size_t)size, "COMMIT", 6)) {
        armed = 0;
        return false;
    }
    return write(to, piece, (size_t)size) == size;
}

static void serve_between(int listener)
{
    for (;;) {
        const int client = accept(listener, NULL, NULL), server = server_socket(false);
        struct pollfd both[] = {{client, POLLIN, 0}, {server, POLLIN, 0}};
        bool good = true;
        while (good && (poll(both, 2, -1) > 0 || errno == EINTR)) {
            good = !both[0].revents || pass_on(client, server, false);
            good = good && (!both[1].revents || pass_on(server, client, true));
            both[0].revents = both[1].revents = 0;
        }
        close(client);
        close(server);
    }
}

static void a_commit_whose_answer_is_lost_is_not_done_again(void **state)
{
    (void)state;
    SCOPED_TEXT char *between = xasprintf("%s/between", place_folder);
    assert_int_equal(mkdir(between, 0755), 0);
    const int listener = server_socket(true);
    const pid_t child = fork();
    if (child == 0) {
        signal(SIGUSR1, arm);
        serve_between(listener);
    }
    close(listener);
    store_free(store);
    SCOPED_TEXT char *where = xasprintf("postgresql:///renki?host=%s&user=renki", between);
    assert_true(store_open(&store, where, &err));
    const int64_t run = add_run(store);
    commit(store);
    for (int i = 1; i <= 3; i++) {
        kill(child, SIGUSR1);
        usleep(100000);
        assert_true(store_begin(store, &err));
        assert_true(store_exception_add(store, run, i, TEXT_OF("an exception"), &err));
        commit(store);
    }
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    store_free(store);
    store = opened();
    SCOPED_BUF(out, 65536);
    struct json_writer writer = json_writer_new(&out);
    assert_true(store_view(store, &writer, STORE_EXCEPTIONS, run, &err));
    const char *at = buf_string(&out);
    int count = 0;
    for (; (at = strstr(at, "an exception")) != NULL; at++)
        count++;
    assert_int_equal(count, 3);
}

static void a_commit_that_fails_with_its_session_is_done_again(void **state)
{
    (void)state;
    const int64_t run = add_run(store);
    commit(store);
    // A session that is ended at the commit, by the server: the answer never comes.
    place_edit("CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN"
               " PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END'");
    place_edit(
        "CREATE CONSTRAINT TRIGGER die_at_commit AFTER INSERT ON exceptions DEFERRABLE INITIALLY DEFERRED"
        " FOR EACH ROW WHEN (NEW.attempt = 7) EXECUTE FUNCTION die()");
    assert_true(store_begin(store, &err));
    put(store, run, "1");
    assert_true(store_exception_add(store, run, 1, TEXT_OF("kept once"), &err));
    assert_true(store_exception_add(store, run, 7, TEXT_OF("ends the session"), &err));
    const pid_t child = fork();
    if (child == 0) { // while the store tries again and again
        usleep(700000);
        _exit(place_server("sql", "DROP TRIGGER die_at_commit ON exceptions") != 0);
    }
    commit(store);
    int status;
    waitpid(child, &status, 0);
    assert_int_equal(status, 0);
    SCOPED_BUF(out, 65536);
    struct json_writer writer = json_writer_new(&out);
    assert_true(store_view(store, &writer, STORE_EXCEPTIONS, run, &err));
    assert_true(json_writer_done(&writer));
    assert_non_null(strstr(buf_string(&out), "kept once"));
    assert_null(strstr(strstr(buf_string(&out), "kept once") + 1, "kept once"));
}

static bool take_state(void *owner, int64_t id, const char *host, struct err *ignored)
{
    (void)id, (void)host, (void)ignored;
    ++*(int *)owner;
    return true;
}

static void what_was_decided_on_rows_that_changed_is_not_recorded(void **state)
{
    (void)state;
    int live = 0;
    const int64_t run = add_run(store);
    commit(store);
    assert_true(store_begin(store, &err));
    assert_true(store_runs_live(store, take_state, &live, &err));
    assert_int_equal(live, 1);
    put(store, run, "1");
    die_and_come_back();
    place_edit("UPDATE runs SET state = 'done'");
    assert_false(store_commit(store, &err));
    assert_int_equal(err.code, ERR_STORE_CHANGED);
    assert_int_equal(entries(store, run), 0);
}

static void reading_goes_on_after_the_server_died(void **state)
{
    (void)state;
    struct run_row row;
    const int64_t run = add_run(store);
    commit(store);
    die_and_come_back();
    assert_true(store_run_load(store, &row, run, &err));
    assert_string_equal(row.robot, "hello");
    run_row_dispose(&row);
}

static void transactions_that_collide_are_both_done(void **state)
{
    (void)state;
    struct store *other = opened();
    const int64_t first = add_run(store), second = add_run(store);
    commit(store);
    assert_true(store_begin(store, &err));
    assert_true(store_run_request_cancel(store, first, &err));
    int live = 0;
    assert_true(store_runs_live(store, take_state, &live, &err)); // and it holds the first run now
    const pid_t child = fork();
    if (child == 0) { // the other way round: a deadlock, which the server ends by failing one of the two
        struct err failed;
        struct store *own = NULL;
        bool good = store_open(&own, place_where, &failed) && store_begin(own, &failed) &&
                    store_run_request_cancel(own, second, &failed) &&
                    store_run_request_cancel(own, first, &failed) && store_commit(own, &failed);
        _exit(good ? 0 : 1);
    }
    usleep(500000);
    assert_true(store_run_request_cancel(store, second, &err));
    commit(store);
    int status;
    waitpid(child, &status, 0);
    assert_int_equal(status, 0);
    store_free(other);
}

static void two_hosts_never_take_two_runs_of_a_lane(void **state)
{
    (void)state;
    int64_t taken = 0;
    (void)add_run(store);
    (void)add_run(store);
    commit(store);
    place_edit("UPDATE runs SET lane = 'one after another', host = '', served = 1");
    assert_true(store_begin(store, &err));
    assert_true(store_queue_take(store, &taken, store_now_ms(store), "a", true, &err));
    assert_int_equal(taken, 1);
    const pid_t child = fork();
    if (child == 0) { // it takes the other run, and gives it back once it sees the first
        struct err failed;
        struct store *own = NULL;
        int64_t second = -1;
        const bool good = store_open(&own, place_where, &failed) && store_begin(own, &failed) &&
                          store_queue_take(own, &second, store_now_ms(own), "b", true, &failed) &&
                          store_commit(own, &failed);
        _exit(good && second == 0 ? 0 : 1);
    }
    usleep(700000);
    commit(store);
    int status;
    waitpid(child, &status, 0);
    assert_int_equal(status, 0);
}

static void one_chain_holds_the_deeds_of_all_hosts(void **state)
{
    (void)state;
    enum { HOSTS = 4, EACH = 20 };
    pid_t children[HOSTS];
    for (int i = 0; i < HOSTS; i++)
        if ((children[i] = fork()) == 0) {
            struct err failed;
            struct store *own = NULL;
            bool good = store_open(&own, place_where, &failed);
            for (int run = 0; good && run < EACH; run++) {
                good = store_begin(own, &failed) &&
                       store_audit(own, "aino", "a", i, TEXT_OF("{}"), &failed) &&
                       store_audit(own, "aino", "b", i, TEXT_OF("{}"), &failed) && store_commit(own, &failed);
            }
            _exit(good ? 0 : 1);
        }
    for (int i = 0; i < HOSTS; i++) {
        int status;
        waitpid(children[i], &status, 0);
        assert_int_equal(status, 0);
    }
    assert_int_equal(audit_rows(), 2 * HOSTS * EACH);
}

static void hosts_that_start_together_make_the_schema_once(void **state)
{
    (void)state;
    enum { HOSTS = 6 };
    pid_t children[HOSTS];
    store_free(store);
    store = NULL;
    (void)place_fresh();
    for (int i = 0; i < HOSTS; i++)
        if ((children[i] = fork()) == 0) {
            struct err failed;
            struct store *own = NULL;
            _exit(store_open(&own, place_where, &failed) ? 0 : 1);
        }
    for (int i = 0; i < HOSTS; i++) {
        int status;
        waitpid(children[i], &status, 0);
        assert_int_equal(status, 0);
    }
}

static void the_clock_is_the_servers_and_never_goes_back(void **state)
{
    (void)state;
    int64_t last = 0;
    assert_in_range(store_now_ms(store) - clock_realtime_ms() + 1000, 0, 2000); // it is the same machine
    for (int i = 0; i < 1000; i++) {
        const int64_t at = store_now_ms(store);
        assert_true(at >= last);
        last = at;
    }
}

static void a_server_that_stays_away_is_given_up_and_found_again(void **state)
{
    (void)state;
    const int64_t run = add_run(store);
    commit(store);
    assert_int_equal(place_server("stop", ""), 0);
    store_hurry(store);
    for (int i = 0; i < 3; i++) { // the first waits, the others only try
        assert_true(store_begin(store, &err));
        assert_false(store_exception_add(store, run, 1, TEXT_OF("not recorded"), &err) &&
                     store_commit(store, &err));
        assert_int_equal(err.code, ERR_STORE_AWAY);
        store_rollback(store);
    }
    assert_int_equal(place_server("start", ""), 0);
    put(store, run, "2");
    commit(store);
    assert_int_equal(entries(store, run), 1);
}

static int ticks;
static void tick(void *owner)
{
    (void)owner;
    ticks++;
}

static void whoever_waits_is_told_that_time_passes(void **state)
{
    (void)state;
    store_while_away(store, tick, NULL);
    const int64_t run = add_run(store);
    commit(store);
    assert_int_equal(place_server("kill", ""), 0);
    const pid_t child = fork();
    if (child == 0) {
        usleep(1500000);
        _exit(place_server("start", ""));
    }
    ticks = 0;
    put(store, run, "1");
    commit(store);
    int status;
    waitpid(child, &status, 0);
    assert_true(ticks > 0);
    assert_int_equal(entries(store, run), 1);
}

static int run(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fresh, done)
    const struct CMUnitTest tests[] = {
        TEST(a_transaction_goes_on_after_the_server_died_in_it),
        TEST(numbers_told_before_the_server_died_hold),
        TEST(a_commit_whose_answer_is_lost_is_not_done_again),
        TEST(a_commit_that_fails_with_its_session_is_done_again),
        TEST(what_was_decided_on_rows_that_changed_is_not_recorded),
        TEST(reading_goes_on_after_the_server_died),
        TEST(transactions_that_collide_are_both_done),
        TEST(two_hosts_never_take_two_runs_of_a_lane),
        TEST(one_chain_holds_the_deeds_of_all_hosts),
        TEST(hosts_that_start_together_make_the_schema_once),
        TEST(the_clock_is_the_servers_and_never_goes_back),
        TEST(whoever_waits_is_told_that_time_passes),
        TEST(a_server_that_stays_away_is_given_up_and_found_again),
    };
    return place_on_server ? cmocka_run_group_tests(tests, NULL, NULL) : 0;
}

int main(void)
{
    return sodium_init() < 0 ? 1 : stores_run(run);
}
