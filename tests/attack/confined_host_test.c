// The host confines itself as every role does, and still starts roles, forks workers, signals them and learns their end.
#include "support/unit.h"

#include "attack/harness.h"

#include <errno.h>
#include <fcntl.h>
#include <lauxlib.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

static int nothing(lua_State *L, const char *text)
{
    (void)L;
    (void)text;
    return 0;
}

static int loop_for_ever(lua_State *L, const char *text)
{
    (void)text;
    return luaL_loadbufferx(L, "\nwhile true do end", 18, "@robot.lua", "t") || lua_pcall(L, 0, 0, 0);
}

const struct attack attacks[] = {
    {"nothing", nothing},
    {"loop", loop_for_ever},
    {NULL, NULL},
};

static struct zygote_process zygote;

static void roles_start_and_workers_are_forked(void **state)
{
    (void)state;
    const struct ending ending = attack_once(&zygote, NULL, "nothing", NULL);
    assert_string_equal(ending.source, "");
    assert_int_equal(ending.exit, 0);
}

static void a_worker_is_signalled(void **state)
{
    (void)state;
    struct worker_process worker;
    worker_begin(&worker, &zygote, NULL);
    worker_attack(&worker, "loop", NULL);
    usleep(20000);
    assert_int_equal(syscall(SYS_pidfd_send_signal, worker.pidfd, SIGUSR2, NULL, 0), 0);
    const struct ending ending = worker_end(&worker);
    assert_string_equal(ending.what, "cancel");
    assert_int_equal(ending.line, 2);
}

static void files_outside_its_places_are_closed(void **state)
{
    (void)state;
    assert_true(open("/etc/passwd", O_RDONLY) < 0);
    assert_int_equal(errno, EACCES);
}

static void it_runs_no_program_and_opens_no_way_out(void **state)
{
    (void)state;
    char *const none[] = {NULL};
    struct err err;
    assert_true(sandbox_on_trap(NULL, &err)); // cmocka has put its own handler there
    assert_int_equal(execve("/proc/self/exe", none, none), -1);
    assert_true(fork() < 0);
    assert_true(socket(AF_INET, SOCK_STREAM, 0) < 0);
}

static void *run_thread(void *argument)
{
    return argument;
}

static void its_own_socket_and_threads_work(void **state)
{
    (void)state;
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof address.sun_path, "%s/host.sock", zygote.runs);
    const int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(listener, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(listen(listener, 5), 0);
    close(listener);
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, run_thread, NULL), 0);
    pthread_join(thread, NULL);
}

static int end(void **state)
{
    (void)state;
    zygote_end(&zygote);
    return 0;
}

static int begin(void **state)
{
    (void)state;
    struct err err;
    const struct sandbox_place places[] = {{"/tmp", SANDBOX_STATE, false}};
    const struct sandbox sandbox = {SANDBOX_HOST, places, 1, false};
    if (!process_open_launcher(&err) || !sandbox_confine(&sandbox, &err) ||
        !zygote_begin(&zygote, &(struct zygote_options){0}, &err)) {
        print_error("%s: %s, %s\n", err_name(err.code), err.arguments[0], err.arguments[1]);
        return -1;
    }
    return 0;
}

int main(int count, char **arguments)
{
    harness_main(count, arguments);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(roles_start_and_workers_are_forked),
        cmocka_unit_test(a_worker_is_signalled),
        cmocka_unit_test(files_outside_its_places_are_closed),
        cmocka_unit_test(it_runs_no_program_and_opens_no_way_out),
        cmocka_unit_test(its_own_socket_and_threads_work),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
