// Each layer apart, tried in a child of an ordinary user.
#include "support/unit.h"

#include "lib/sandbox/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { NOBODY = 65534, YES = 0, NO = 1, BROKEN = 2 };

static char folder[] = "/tmp/renki-sandbox-XXXXXX";

static int in_a_child(int (*body)(void))
{
    const pid_t child = fork();
    if (child == 0) {
        const bool root = geteuid() == 0;
        if (root && (setgroups(0, NULL) != 0 || setresgid(NOBODY, NOBODY, NOBODY) != 0 ||
                     setresuid(NOBODY, NOBODY, NOBODY) != 0))
            _exit(BROKEN);
        prctl(PR_SET_DUMPABLE, 1); // the change of user cleared it, and maps need it
        _exit(body());
    }
    int status;
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

static bool broken(const struct err *err)
{
    SCOPED_BUF(out, 1000);
    if (err_message(&out, err, LANGUAGE_EN))
        fprintf(stderr, "%s\n", buf_string(&out));
    return false;
}

static int only_the_named_folder(void)
{
    struct err err;
    const struct sandbox_place places[] = {{folder, SANDBOX_READ, false}, {"/nowhere", SANDBOX_READ, true}};
    if (!sandbox_drop_privileges(&err) || !sandbox_landlock(SANDBOX_GATEWAY, places, 2, &err))
        return broken(&err) ? NO : BROKEN;
    const int inside = open(folder, O_RDONLY | O_DIRECTORY), outside = open("/etc/passwd", O_RDONLY);
    const int made = openat(inside, "made", O_WRONLY | O_CREAT, 0600);
    return inside >= 0 && outside < 0 && errno == EACCES && made < 0 ? YES : NO;
}

static void landlock_leaves_only_the_named_places_open(void **state)
{
    (void)state;
    if (sandbox_landlock_abi() == 0)
        skip_saying("this kernel has no Landlock");
    assert_int_equal(in_a_child(only_the_named_folder), YES);
}

// A listener on loopback, and its port.
static uint16_t listening(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    const int listener = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(listener, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(listen(listener, 5), 0);
    getsockname(listener, (struct sockaddr *)&address, &length);
    return ntohs(address.sin_port);
}

static bool connects(uint16_t port)
{
    const struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK), .sin_port = htons(port)};
    const int fd = socket(AF_INET, SOCK_STREAM, 0);
    return connect(fd, (const struct sockaddr *)&address, sizeof address) == 0;
}

static uint16_t own_port, other_port;

static int only_the_named_port(void)
{
    struct err err;
    const struct sandbox_place places[] = {{.port = own_port}};
    if (!sandbox_drop_privileges(&err) || !sandbox_landlock(SANDBOX_HOST_CONNECTED, places, 1, &err))
        return broken(&err) ? NO : BROKEN;
    return connects(own_port) && !connects(other_port) && errno == EACCES ? YES : NO;
}

static void a_host_with_a_database_server_reaches_its_port_and_no_other(void **state)
{
    (void)state;
    if (sandbox_landlock_abi() < 4)
        skip_saying("this kernel's Landlock does not tell ports apart");
    own_port = listening();
    other_port = listening();
    assert_int_equal(in_a_child(only_the_named_port), YES);
}

static int a_missing_place(void)
{
    struct err err;
    const struct sandbox_place places[] = {{"/nowhere", SANDBOX_READ, false}};
    return sandbox_drop_privileges(&err) && sandbox_landlock(SANDBOX_GATEWAY, places, 1, &err) ? NO : YES;
}

static void a_place_that_is_missing_is_an_error(void **state)
{
    (void)state;
    assert_int_equal(in_a_child(a_missing_place), YES);
}

static int trapped;

static void remember(int call)
{
    trapped = call;
}

static bool filtered(enum sandbox_profile profile)
{
    struct err err;
    SCOPED(sandbox_filter)
    filter = NULL;
    const bool done = sandbox_filter_new(&filter, profile, &err) && sandbox_drop_privileges(&err) &&
                      sandbox_on_trap(remember, &err) && sandbox_filter_apply(filter, &err);
    return done || broken(&err);
}

static int a_socket_in_a_worker(void)
{
    if (!filtered(SANDBOX_WORKER))
        return BROKEN;
    const long result = syscall(SYS_socket, AF_INET, SOCK_STREAM, 0);
    return result == -1 && errno == EPERM && trapped == SYS_socket ? YES : NO;
}

static void a_call_outside_the_profile_is_told_and_does_not_happen(void **state)
{
    (void)state;
    assert_int_equal(in_a_child(a_socket_in_a_worker), YES);
}

static int sockets_of_a_connected_host(void)
{
    if (!filtered(SANDBOX_HOST_CONNECTED))
        return BROKEN;
    return socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0) >= 0 && socket(AF_INET6, SOCK_STREAM, 0) >= 0 &&
                   socket(AF_INET, SOCK_DGRAM, 0) < 0 && socket(AF_NETLINK, SOCK_RAW, 0) < 0
               ? YES
               : NO;
}

static void a_host_with_a_database_server_speaks_tcp_and_nothing_else(void **state)
{
    (void)state;
    assert_int_equal(in_a_child(sockets_of_a_connected_host), YES);
}

static int what_the_gateway_may(void)
{
    if (!filtered(SANDBOX_GATEWAY))
        return BROKEN;
    const int world = socket(AF_INET, SOCK_STREAM, 0), local = socket(AF_UNIX, SOCK_STREAM, 0);
    const int read_only = open("/etc/passwd", O_RDONLY), written = open("/tmp", O_RDWR | O_TMPFILE, 0600);
    return world >= 0 && local < 0 && read_only >= 0 && written < 0 && fork() < 0 ? YES : NO;
}

static void the_gateway_gets_sockets_to_the_world_and_writes_nothing(void **state)
{
    (void)state;
    assert_int_equal(in_a_child(what_the_gateway_may), YES);
}

static int an_own_view(void)
{
    struct err err;
    const struct sandbox_bind binds[] = {{folder, "runs", true}, {"/etc", "shares/etc", false}};
    if (!sandbox_namespaces(&err) || !sandbox_view(binds, 2, &err) || !sandbox_drop_privileges(&err))
        return broken(&err) ? NO : BROKEN;
    const bool seen = access("/runs", R_OK) == 0 && access("/shares/etc/passwd", R_OK) == 0;
    const bool hidden = access("/proc", F_OK) != 0 && access("/etc", F_OK) != 0 && access("/dev", F_OK) != 0;
    const bool root_written = mkdir("/more", 0700) == 0;
    return seen && hidden && !root_written ? YES : NO;
}

static void the_view_holds_what_was_bound_and_nothing_else(void **state)
{
    (void)state;
    assert_int_equal(in_a_child(an_own_view), YES);
}

static int limited_memory(void)
{
    struct err err;
    struct sandbox_limits limits = {.memory_bytes = 64 << 20, .open_files = 8};
    if (!sandbox_own_bytes(&limits.own_bytes, &err) || !sandbox_limits(&limits, &err))
        return broken(&err) ? NO : BROKEN;
    void *small = malloc(16 << 20), *large = malloc(128 << 20);
    return small && !large && fork() < 0 ? YES : NO;
}

static void limits_hold_memory_and_processes(void **state)
{
    (void)state;
#ifdef RENKI_SANITIZED
    skip_saying("the sanitizer needs the address space");
#endif
    assert_int_equal(in_a_child(limited_memory), YES);
}

static int confined_as_root(void)
{
    struct err err;
    return sandbox_confine(&(struct sandbox){.profile = SANDBOX_HOST}, &err) ? NO
           : err.code == ERR_SANDBOX_ROOT                                    ? YES
                                                                             : BROKEN;
}

static void root_is_refused(void **state)
{
    (void)state;
    if (geteuid() != 0)
        skip_saying("not run as root");
    const pid_t child = fork();
    if (child == 0)
        _exit(confined_as_root());
    int status;
    waitpid(child, &status, 0);
    assert_int_equal(status, 0);
}

static void every_profile_builds(void **state)
{
    (void)state;
    for (int profile = 0; profile < SANDBOX_PROFILE_COUNT; profile++) {
        struct err err;
        SCOPED(sandbox_filter)
        filter = NULL;
        if (!sandbox_filter_new(&filter, (enum sandbox_profile)profile, &err))
            fail_msg("profile %d: %s", profile, err.where);
    }
}

static int make_folder(void **state)
{
    (void)state;
    return mkdtemp(folder) && chmod(folder, 0777) == 0 ? 0 : -1;
}

static int remove_folder(void **state)
{
    (void)state;
    return rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_profile_builds),
        cmocka_unit_test(landlock_leaves_only_the_named_places_open),
        cmocka_unit_test(a_host_with_a_database_server_reaches_its_port_and_no_other),
        cmocka_unit_test(a_host_with_a_database_server_speaks_tcp_and_nothing_else),
        cmocka_unit_test(a_place_that_is_missing_is_an_error),
        cmocka_unit_test(a_call_outside_the_profile_is_told_and_does_not_happen),
        cmocka_unit_test(the_gateway_gets_sockets_to_the_world_and_writes_nothing),
        cmocka_unit_test(the_view_holds_what_was_bound_and_nothing_else),
        cmocka_unit_test(limits_hold_memory_and_processes),
        cmocka_unit_test(root_is_refused),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
