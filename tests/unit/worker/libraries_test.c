// What forks of a zygote get of the libraries that the loader has mapped.
#include "support/unit.h"

#include "lib/base/memory.h"
#include "worker/libraries.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { NOTHING, SOMETHING, BROKEN };

// Whether a library is among the mappings of this process, which it is asked with system calls and libc alone.
static int has(const char *library)
{
    char line[4096];
    int found = NOTHING;
    FILE *maps = fopen("/proc/self/maps", "r");
    if (!maps)
        return BROKEN;
    while (fgets(line, sizeof line, maps))
        if (strstr(line, library))
            found = SOMETHING;
    fclose(maps);
    return found;
}

// Made as the zygote makes workers: without the handlers that libraries leave for fork(3).
static int fork_has(const char *library)
{
    int status = 0;
    const pid_t child = (pid_t)syscall(SYS_clone, SIGCHLD, NULL, NULL, NULL, NULL);
    if (child == 0)
        _exit(has(library));
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : BROKEN;
}

static void a_fork_is_without_what_no_worker_calls(void **state)
{
    (void)state;
    assert_int_equal(fork_has("/libcmocka.so"), SOMETHING);
    libraries_keep_needed();
    assert_int_equal(fork_has("/libcmocka.so"), NOTHING);
    assert_int_equal(has("/libcmocka.so"), SOMETHING); // it is still there for the zygote
}

static void a_fork_has_what_workers_call(void **state)
{
    static const char *const kept[] = {"/libc.so", "/ld-linux", "[vdso]"};
    (void)state;
    libraries_keep_needed();
    for (size_t i = 0; i < COUNT_OF(kept); i++)
        assert_int_equal(fork_has(kept[i]), SOMETHING);
}

static void where_functions_are_bound_late_all_stay(void **state)
{
    (void)state;
    unsetenv("LD_BIND_NOW");
    libraries_keep_needed();
    assert_int_equal(fork_has("/libcmocka.so"), SOMETHING);
    setenv("LD_BIND_NOW", "1", 1);
}

int main(int count, char **arguments)
{
    (void)count;
    if (!getenv("LD_BIND_NOW")) { // the loader reads it before main begins
        setenv("LD_BIND_NOW", "1", 1);
        execv("/proc/self/exe", arguments);
        return 1;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(where_functions_are_bound_late_all_stay),
        cmocka_unit_test(a_fork_is_without_what_no_worker_calls),
        cmocka_unit_test(a_fork_has_what_workers_call),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
