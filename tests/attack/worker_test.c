// A hostile robot owns its worker: native code in a sealed fork tries what it could win. All of it is tried with the
// whole sandbox, and again without Landlock and without namespaces as reduced systems have it.
#include "support/unit.h"

#include "attack/harness.h"
#include "worker/forbidden.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

static struct zygote_process zygote;
static char inbox[] = "/tmp/renki-inbox-XXXXXX", outbox[] = "/tmp/renki-outbox-XXXXXX",
            other_share[] = "/tmp/renki-other-XXXXXX";
static bool without_view;     // shares are seen by their outside paths
static bool without_landlock; // the folders of the view itself can be listed

// ---- what workers do; 0 is nothing won

static int nothing(lua_State *L, const char *text)
{
    (void)L;
    (void)text;
    return 0;
}

static int make_a_call(lua_State *L, const char *text)
{
    (void)L;
    return syscall(atol(text), 0, 0, 0, 0, 0, 0) == -1 && errno == EPERM ? 0 : 1;
}

#ifdef __x86_64__
static int by_old_entry(lua_State *L, const char *text)
{
    long result = atol(text);
    (void)L;
    __asm__ volatile("int $0x80" : "+a"(result) : "b"(0), "c"(0), "d"(0) : "memory");
    return 1;
}
#endif

static bool is_device(int fd)
{
    struct stat status;
    return fstat(fd, &status) == 0 && S_ISCHR(status.st_mode);
}

static int descriptors(lua_State *L, const char *text)
{
    (void)L;
    (void)text;
    for (int fd = 6; fd < 4096; fd++)
        if (fcntl(fd, F_GETFD) >= 0)
            return fd;
    return is_device(0) && is_device(1)
#ifndef RENKI_SANITIZED
                   && is_device(2)
#endif
               ? 0
               : 1;
}

static int change_file(lua_State *L, const char *path)
{
    char below[500];
    (void)L;
    snprintf(below, sizeof below, "%s/new", path);
    if (open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600) >= 0 ||
        open(below, O_WRONLY | O_CREAT | O_CLOEXEC, 0600) >= 0 || mkdir(below, 0700) == 0)
        return 10;
    return rename(path, "taken") == 0 || unlink(path) == 0 || rmdir(path) == 0 ? 11 : 0;
}

// The path of something outside the run's folder, in each way it can be opened or changed.
static int reach_file(lua_State *L, const char *path)
{
    static const int flags[] = {O_RDONLY, O_WRONLY, O_RDWR, O_RDONLY | O_DIRECTORY, O_WRONLY | O_TRUNC};
    (void)L;
    for (size_t i = 0; i < COUNT_OF(flags); i++)
        if (open(path, flags[i] | O_CLOEXEC) >= 0)
            return 1 + (int)i;
    return change_file(L, path);
}

static int escape_upwards(lua_State *L, const char *text)
{
    const int folder = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    char path[500];
    snprintf(path, sizeof path, "../%s", text);
    if (folder < 0)
        return 20; // its own folder must be open to it
    if (openat(folder, path, O_RDONLY | O_CLOEXEC) >= 0 ||
        openat(WORKER_FOLDER, path, O_RDONLY | O_CLOEXEC) >= 0)
        return 21;
    return reach_file(L, path);
}

static int own_folder_works(lua_State *L, const char *text)
{
    char byte = 'x';
    (void)L;
    (void)text;
    const int file = open("report.xlsx", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (file < 0 || write(file, &byte, 1) != 1 || ftruncate(file, 0) != 0 || close(file) != 0)
        return 1;
    if (mkdir("sub", 0700) != 0 || rename("report.xlsx", "sub/report.xlsx") != 0)
        return 2;
    return unlink("sub/report.xlsx") == 0 && rmdir("sub") == 0 ? 0 : 3;
}

static int set_id_files(lua_State *L, const char *text)
{
    const mode_t mode = text[0] == 'd' ? 02700 : 04700;
    (void)L;
    return text[0] == 'd' ? mkdir("d", mode) == 0 : open("f", O_WRONLY | O_CREAT, mode) >= 0;
}

static int new_code(lua_State *L, const char *text)
{
    (void)L;
    void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (text[0] == 'p')
        return mprotect(page, 4096, PROT_READ | PROT_EXEC) == 0;
    const int file = text[0] == 'f' ? open("file", O_RDWR | O_CREAT, 0600) : -1;
    const int flags = text[0] == 'f' ? MAP_PRIVATE : MAP_PRIVATE | MAP_ANONYMOUS;
    const int protection = text[0] == 'f' ? PROT_READ : PROT_READ | PROT_EXEC;
    return mmap(NULL, 4096, protection, flags, file, 0) != MAP_FAILED;
}

static int shares_by_right(lua_State *L, const char *text)
{
    char inbox_path[200] = "/shares/inbox/file", outbox_path[200] = "/shares/outbox/file",
         other[200] = "/shares/other", made[220];
    (void)L;
    if (text[0] == '/') // "INBOX OUTBOX"
        sscanf(text, "%150s %150s %150s", inbox_path, outbox_path, other), strcat(inbox_path, "/file"),
            strcat(outbox_path, "/file");
    snprintf(made, sizeof made, "%s.new", outbox_path);
    if (open(inbox_path, O_RDONLY) < 0)
        return 1; // a granted share must be open
    if (open(inbox_path, O_WRONLY) >= 0 || unlink(inbox_path) == 0)
        return 2;
    const int file = open(made, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    if (file < 0 || rename(made, outbox_path) != 0)
        return 3;
    if (rename(outbox_path, "stolen") == 0)
        return 4;
    char secret[220];
    snprintf(secret, sizeof secret, "%s/file", other);
    return open(secret, O_RDONLY) >= 0 ? 5 : 0;
}

// Looks for a text in its own memory; the text comes backwards, so that it is not found in the question.
static int found_in(const char *from, const char *to, const char *backwards)
{
    const size_t length = strlen(backwards);
    for (const char *at = from; at + length < to; at++) {
        size_t i = 0;
        while (i < length && at[i] == backwards[length - 1 - i])
            i++;
        if (i == length)
            return 1;
    }
    return 0;
}

static bool is_mapped(const char *page)
{
    return write(WORKER_GATEWAY, page, 1) == 1;
}

static int names_of_other_runs(lua_State *L, const char *backwards)
{
    (void)L;
    char local = 0;
    const char *end = sbrk(0), *from = end, *stack = (const char *)((uintptr_t)&local & ~4095UL),
               *top = stack;
    while (is_mapped(from - 4096))
        from -= 4096;
    while (is_mapped(top))
        top += 4096;
    if (from == end || top == stack)
        return 2; // looked nowhere
    return found_in(from, end, backwards) || found_in(stack, top, backwards);
}

const struct attack attacks[] = {
    {"nothing", nothing},
    {"call", make_a_call},
#ifdef __x86_64__
    {"old entry", by_old_entry},
#endif
    {"descriptors", descriptors},
    {"reach file", reach_file},
    {"change file", change_file},
    {"upwards", escape_upwards},
    {"own folder", own_folder_works},
    {"set-id files", set_id_files},
    {"new code", new_code},
    {"shares", shares_by_right},
    {"names of other runs", names_of_other_runs},
    {NULL, NULL},
};

// ---- what must happen

static void nothing_won(struct ending ending)
{
    assert_string_equal(ending.what, "");
    assert_int_equal(ending.got, 0);
    assert_int_equal(ending.exit, 0);
}

static void a_worker_is_forked_sealed_and_ends(void **state)
{
    (void)state;
    nothing_won(attack_once(&zygote, NULL, "nothing", NULL));
    nothing_won(attack_once(&zygote, NULL, "own folder", NULL));
}

static void every_forbidden_call_ends_the_run_and_is_told_by_its_number(void **state)
{
    (void)state;
    size_t ended = 0;
    for (size_t i = 0; forbidden_calls[i].name; i++) {
        const struct ending ending = attack_once(&zygote, NULL, "call", N(forbidden_calls[i].number));
        if (ending.got == 0)
            continue; // refused by EPERM: libraries ask for it
        if (strcmp(ending.what, "call") != 0 || ending.value != forbidden_calls[i].number || ending.exit != 3)
            fail_msg("%s: %s %d, exit %d", forbidden_calls[i].name, ending.what, (int)ending.value,
                     ending.exit);
        ended++;
    }
    assert_true(ended > 150);
}

static void other_entries_and_numbers_are_killed(void **state)
{
    (void)state;
#ifdef __x86_64__
    const struct ending x32 = attack_once(&zygote, NULL, "call", N(SYS_getpid | 0x40000000));
    assert_int_equal(x32.exit, -SIGSYS);
    const struct ending old = attack_once(&zygote, NULL, "old entry", "20"); // getpid of i386
    assert_true(old.exit == -SIGSYS || old.exit == -SIGSEGV);
#else
    skip_saying("only x86-64 has them");
#endif
}

static void only_three_descriptors_are_left(void **state)
{
    (void)state;
    nothing_won(attack_once(&zygote, NULL, "descriptors", NULL));
}

static void files_outside_are_out_of_reach(void **state)
{
    (void)state;
    static const struct {
        const char *path;
        bool of_the_view;
    } cases[] = {
        {"/etc/passwd", false},
        {"/proc/self/mem", false},
        {"/proc/self/root/etc/passwd", false},
        {"/proc/1/environ", false},
        {"/dev/null", false},
        {"/dev/shm", false},
        {"/tmp", false},
        {"/sys/kernel", false},
        {"/nowhere/file", false},
        {"../..", true},
        {"..", true},
        {"/", true},
        {"/runs", true},
        {"/shares", true},
        {"/nothing", true},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const char *attack = without_landlock && cases[i].of_the_view ? "change file" : "reach file";
        const struct ending ending = attack_once(&zygote, NULL, attack, cases[i].path);
        if (ending.got != 0 || ending.exit != 0)
            fail_msg("%s: got %d, exit %d, %s", cases[i].path, (int)ending.got, ending.exit, ending.what);
    }
}

static struct worker_process neighbour(char secret[300])
{
    struct worker_process other;
    worker_begin(&other, &zygote, NULL);
    SCOPED_TEXT char *path = xasprintf("%s/secret", other.folder);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs("secret", file);
    fclose(file);
    snprintf(secret, 300, "%s", strrchr(other.folder, '/') + 1);
    return other;
}

static void another_run_s_folder_is_out_of_reach(void **state)
{
    (void)state;
    char name[300], path[400];
    struct worker_process other = neighbour(name);
    snprintf(path, sizeof path, "%s/secret", name);
    nothing_won(attack_once(&zygote, NULL, "upwards", path));
    nothing_won(attack_once(&zygote, NULL, "upwards", name));
    snprintf(path, sizeof path, "/runs/%s/secret", name);
    nothing_won(attack_once(&zygote, NULL, "reach file", path));
    snprintf(path, sizeof path, "%s/%s/secret", zygote.runs, name);
    nothing_won(attack_once(&zygote, NULL, "reach file", path));
    worker_attack(&other, "nothing", NULL);
    nothing_won(worker_end(&other));
}

// A link that somebody planted in the folder leads nowhere.
static void planted_links_lead_nowhere(void **state)
{
    (void)state;
    static const char *const targets[] = {"/etc/passwd", "/proc/self/maps"};
    for (size_t i = 0; i < COUNT_OF(targets); i++) {
        struct worker_process worker;
        worker_begin(&worker, &zygote, NULL);
        SCOPED_TEXT char *link = xasprintf("%s/link", worker.folder);
        assert_int_equal(symlink(targets[i], link), 0);
        worker_attack(&worker, "reach file", "link/.");
        nothing_won(worker_end(&worker));
    }
}

static void no_file_gets_a_set_id_bit(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        const struct ending ending = attack_once(&zygote, NULL, "set-id files", i ? "d" : "f");
        assert_string_equal(ending.what, "call");
    }
}

static void nothing_becomes_code_and_no_file_is_mapped(void **state)
{
    (void)state;
    static const char *const ways[] = {"mmap", "protect", "file"};
    for (size_t i = 0; i < COUNT_OF(ways); i++) {
        const struct ending ending = attack_once(&zygote, NULL, "new code", ways[i]);
        assert_string_equal(ending.what, "call");
    }
}

static void put_file(const char *folder)
{
    SCOPED_TEXT char *path = xasprintf("%s/file", folder);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fclose(file);
}

static void shares_open_as_far_as_granted(void **state)
{
    (void)state;
    char text[400];
    put_file(inbox);
    put_file(outbox);
    put_file(other_share);
    snprintf(text, sizeof text, "%s %s %s", inbox, outbox, other_share);
    const struct worker_options both = {.shares = "{\"inbox\":\"read\",\"outbox\":\"write\"}"};
    nothing_won(attack_once(&zygote, &both, "shares", without_view ? text : "-"));
    const struct worker_options none = {0};
    assert_int_equal(attack_once(&zygote, &none, "shares", without_view ? text : "-").got, 1);
}

static void a_share_is_not_granted_beyond_the_setup(void **state)
{
    (void)state;
    static const char *const asked[] = {
        "{\"inbox\":\"write\"}", "{\"nowhere\":\"read\"}", "{\"down\":\"read\"}", "{\"inbox\":1}", "[", "5"};
    for (size_t i = 0; i + 1 < COUNT_OF(asked); i++) {
        struct message_FORK_FAILED failed;
        struct frame frame;
        struct err err;
        SCOPED(json_document)
        document = NULL;
        int host[2], gateway[2];
        assert_int_equal(
            socketpair(AF_UNIX, SOCK_STREAM, 0, host) | socketpair(AF_UNIX, SOCK_STREAM, 0, gateway), 0);
        assert_true(wire_send_fds(&zygote.wire,
                                  MESSAGE_OF(FORK, .run = 7, .memory_bytes = 1 << 24, .cpu_ms = 1000,
                                             .file_bytes = 1000, .folder = TEXT_OF("00"),
                                             .shares = text_from(asked[i])),
                                  (int[]){host[1], gateway[1]}, 2, &err));
        assert_true(wire_expect(&zygote.wire, MESSAGE_FORK_FAILED, &failed, &document, &frame, 5000, &err));
        assert_int_equal(failed.run, 7);
        close(host[0]), close(host[1]), close(gateway[0]), close(gateway[1]);
    }
}

static void names_of_other_runs_are_not_in_memory(void **state)
{
    (void)state;
#ifdef RENKI_SANITIZED
    skip_saying("the sanitizer keeps freed memory");
#endif
    char name[300], backwards[300] = "";
    struct worker_process other = neighbour(name);
    for (size_t i = 0, length = strlen(name); i < length; i++)
        backwards[i] = name[length - 1 - i];
    nothing_won(attack_once(&zygote, NULL, "names of other runs", backwards));
    worker_attack(&other, "names of other runs", backwards); // the one that has this name knows it
    assert_int_equal(worker_end(&other).got, 1);
}

static void a_worker_dies_with_its_host(void **state)
{
    (void)state;
    int report[2];
    assert_int_equal(pipe(report), 0);
    const pid_t host = fork();
    if (host == 0) {
        struct zygote_process own;
        struct worker_process worker;
        struct err err;
        if (!zygote_begin(&own, &(struct zygote_options){0}, &err))
            _exit(1);
        worker_begin(&worker, &own, NULL);
        _exit(write(report[1], &worker.pid, sizeof worker.pid) == sizeof worker.pid ? 0 : 1);
    }
    pid_t worker = 0;
    assert_int_equal(read(report[0], &worker, sizeof worker), sizeof worker);
    assert_int_equal(process_wait(&(struct process){.pid = host}), 0);
    for (int i = 0; i < 200 && kill(worker, 0) == 0; i++)
        usleep(10000);
    assert_int_equal(kill(worker, 0), -1);
    close(report[0]), close(report[1]);
}

// ---- with the whole sandbox, and as reduced systems have it

static int begin(const char *role, bool reduced)
{
    struct err err;
    SCOPED_TEXT char *shares = xasprintf("{\"inbox\":{\"path\":\"%s\",\"write\":false},\"outbox\":\"%s\","
                                         "\"other\":{\"path\":\"%s\",\"write\":true},\"down\":\"/nowhere\"}",
                                         inbox, outbox, other_share);
    const struct zygote_options options = {.role = role, .shares = shares, .reduced = reduced};
    if (zygote_begin(&zygote, &options, &err))
        return 0;
    print_error("%s: %s, %s\n", err_name(err.code), err.arguments[0], err.arguments[1]);
    return -1;
}

static int begin_full(void **state)
{
    (void)state;
    return begin("zygote", false);
}

static int begin_without_landlock(void **state)
{
    (void)state;
    without_landlock = true;
    return begin("zygote-2", true);
}

static int begin_without_namespaces(void **state)
{
    (void)state;
    without_view = true;
    return begin("zygote-1", true);
}

static void refused_to_start(const char *role, bool reduced, enum err_code code, const char *layer)
{
    struct zygote_process other;
    struct err err;
    assert_false(zygote_begin(&other, &(struct zygote_options){.role = role, .reduced = reduced}, &err));
    assert_int_equal(err.code, code);
    if (layer)
        assert_string_equal(err.arguments[0], layer);
    wire_dispose(&other.wire);
    assert_int_equal(process_wait(&other.process), 1);
    rmdir(other.runs);
    xfree(other.runs);
}

static void no_zygote_starts_with_less_than_the_grade_allows(void **state)
{
    (void)state;
    refused_to_start("zygote-1", false, ERR_SANDBOX_LAYER, "namespaces");
    refused_to_start("zygote-2", false, ERR_SANDBOX_LAYER, "Landlock");
    refused_to_start("zygote-3", true, ERR_SANDBOX_LAYER, "Landlock");
    refused_to_start("zygote-4", false, ERR_SANDBOX_SELF_TEST, NULL);
}

static int end(void **state)
{
    (void)state;
    without_view = without_landlock = false;
    zygote_end(&zygote);
    return 0;
}

static int remove_share(const char *folder)
{
    SCOPED_TEXT char *file = xasprintf("%s/file", folder);
    unlink(file);
    return rmdir(folder);
}

int main(int count, char **arguments)
{
    harness_main(count, arguments);
    if (!mkdtemp(inbox) || !mkdtemp(outbox) || !mkdtemp(other_share))
        return 1;
    const struct CMUnitTest attacked[] = {
        cmocka_unit_test(a_worker_is_forked_sealed_and_ends),
        cmocka_unit_test(every_forbidden_call_ends_the_run_and_is_told_by_its_number),
        cmocka_unit_test(other_entries_and_numbers_are_killed),
        cmocka_unit_test(only_three_descriptors_are_left),
        cmocka_unit_test(files_outside_are_out_of_reach),
        cmocka_unit_test(another_run_s_folder_is_out_of_reach),
        cmocka_unit_test(planted_links_lead_nowhere),
        cmocka_unit_test(no_file_gets_a_set_id_bit),
        cmocka_unit_test(nothing_becomes_code_and_no_file_is_mapped),
        cmocka_unit_test(shares_open_as_far_as_granted),
        cmocka_unit_test(a_share_is_not_granted_beyond_the_setup),
        cmocka_unit_test(names_of_other_runs_are_not_in_memory),
        cmocka_unit_test(a_worker_dies_with_its_host),
    };
    const struct CMUnitTest starts[] = {cmocka_unit_test(no_zygote_starts_with_less_than_the_grade_allows)};
    return cmocka_run_group_tests_name("starting", starts, NULL, NULL) |
           cmocka_run_group_tests_name("the whole sandbox", attacked, begin_full, end) |
           cmocka_run_group_tests_name("without Landlock", attacked, begin_without_landlock, end) |
           cmocka_run_group_tests_name("without namespaces", attacked, begin_without_namespaces, end) |
           remove_share(inbox) | remove_share(outbox) | remove_share(other_share);
}
