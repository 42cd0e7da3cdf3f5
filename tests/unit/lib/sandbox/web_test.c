// The profile of the web process: who holds it can answer on sockets that are open, and nothing else.
#include "support/unit.h"

#include "lib/sandbox/sandbox.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { NOBODY = 65534 };
static int listener;

static bool sockets_are_refused(void)
{
    return socket(AF_INET, SOCK_STREAM, 0) < 0 && socket(AF_INET6, SOCK_STREAM, 0) < 0 &&
           socket(AF_UNIX, SOCK_STREAM, 0) < 0 && socket(AF_NETLINK, SOCK_RAW, 0) < 0;
}

static bool files_are_refused(void)
{
    return open("/etc/passwd", O_RDONLY) < 0 && open("/tmp/renki-web-test", O_WRONLY | O_CREAT, 0600) < 0 &&
           access("/etc/passwd", R_OK) != 0 && unlink("/tmp/renki-web-test") != 0;
}

static bool programs_are_refused(void)
{
    char *const none[] = {NULL};
    return execve("/bin/true", none, none) != 0 && fork() < 0 && kill(getppid(), 0) != 0;
}

static bool new_code_is_refused(void)
{
    return mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED;
}

// A socket that was not a client's can't become one: no connection of its own.
static bool no_way_out(void)
{
    const struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(80), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    return connect(listener, (const struct sockaddr *)&address, sizeof address) != 0 &&
           bind(listener, (const struct sockaddr *)&address, sizeof address) != 0;
}

static int confined(bool (*holds)(void))
{
    struct err err;
    if (geteuid() == 0 && (setgroups(0, NULL) != 0 || setresgid(NOBODY, NOBODY, NOBODY) != 0 ||
                           setresuid(NOBODY, NOBODY, NOBODY) != 0))
        return 3;
    if (!sandbox_confine(&(struct sandbox){.profile = SANDBOX_WEB, .reduced = true}, &err))
        return 2;
    return holds() ? 0 : 1;
}

static void check_in_child(bool (*holds)(void))
{
    const pid_t child = fork();
    int status = 0;
    if (child == 0)
        _exit(confined(holds));
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

static void it_opens_no_socket(void **state)
{
    (void)state;
    check_in_child(sockets_are_refused);
}

static void it_sees_no_file(void **state)
{
    (void)state;
    check_in_child(files_are_refused);
}

static void it_starts_no_program_and_signals_nobody(void **state)
{
    (void)state;
    check_in_child(programs_are_refused);
}

static void it_makes_no_code(void **state)
{
    (void)state;
    check_in_child(new_code_is_refused);
}

static void it_connects_nowhere(void **state)
{
    (void)state;
    listener = socket(AF_INET, SOCK_STREAM, 0);
    assert_true(listener >= 0);
    check_in_child(no_way_out);
    close(listener);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_opens_no_socket),
        cmocka_unit_test(it_sees_no_file),
        cmocka_unit_test(it_starts_no_program_and_signals_nobody),
        cmocka_unit_test(it_makes_no_code),
        cmocka_unit_test(it_connects_nowhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
