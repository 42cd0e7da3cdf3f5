// Copies are made beside the loop: what is slow keeps nobody else waiting.
#include "support/unit.h"

#include "host/copies.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

struct scene {
    uv_loop_t loop;
    uv_timer_t ticker;
    struct host host;
    char folder[40];
    int folder_fd, pipe[2], ticks, done;
    struct copied copied[2];
    struct err why;
    bool failed;
};

static int begin(void **state)
{
    struct scene *scene = *state = xcalloc(1, sizeof *scene);
    snprintf(scene->folder, sizeof scene->folder, "/tmp/renki-copies.XXXXXX");
    assert_non_null(mkdtemp(scene->folder));
    scene->folder_fd = open(scene->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    assert_int_equal(uv_loop_init(&scene->loop), 0);
    assert_int_equal(pipe(scene->pipe), 0);
    scene->host.loop = &scene->loop;
    scene->host.serving = true;
    return 0;
}

static int end(void **state)
{
    struct scene *scene = *state;
    assert_int_equal(uv_loop_close(&scene->loop), 0);
    unlinkat(scene->folder_fd, "one", 0);
    unlinkat(scene->folder_fd, "two", 0);
    assert_int_equal(rmdir(scene->folder), 0);
    close(scene->folder_fd);
    close(scene->pipe[0]);
    xfree(scene);
    return 0;
}

static void on_done(void *owner, const struct copied *copied, const struct err *failed)
{
    struct scene *scene = owner;
    scene->done++;
    scene->failed = failed != NULL;
    if (failed)
        scene->why = *failed;
    else
        memcpy(scene->copied, copied, sizeof scene->copied);
}

static struct copies *two_copies(struct scene *scene, int first, int second, int64_t most_bytes)
{
    struct copies *copies = copies_new(&scene->host, on_done, scene);
    copies_add(copies, first, scene->folder_fd, "one", most_bytes);
    copies_add(copies, second, scene->folder_fd, "two", most_bytes);
    return copies;
}

static int file_with(const char *text)
{
    FILE *file = tmpfile();
    assert_non_null(file);
    assert_int_equal(fputs(text, file) >= 0, 1);
    rewind(file);
    const int fd = dup(fileno(file));
    fclose(file);
    return fd;
}

// What is copied comes bit by bit, from the loop's own timer: a loop that waited for the copy would wait for ever.
static void on_tick(uv_timer_t *timer)
{
    struct scene *scene = timer->data;
    assert_int_equal(scene->done, 0);
    if (++scene->ticks < 4) {
        assert_int_equal(write(scene->pipe[1], "abc", 3), 3);
        return;
    }
    close(scene->pipe[1]);
    uv_close((uv_handle_t *)timer, NULL);
}

static void the_loop_goes_on_while_a_slow_file_is_copied(void **state)
{
    struct scene *scene = *state;
    const int second = file_with("abc");
    copies_begin(two_copies(scene, scene->pipe[0], second, 100));
    assert_int_equal(scene->host.copying, 1);
    uv_timer_init(&scene->loop, &scene->ticker);
    scene->ticker.data = scene;
    uv_timer_start(&scene->ticker, on_tick, 5, 5);
    uv_run(&scene->loop, UV_RUN_DEFAULT);
    close(second);
    assert_int_equal(scene->ticks, 4);
    assert_int_equal(scene->done, 1);
    assert_int_equal(scene->host.copying, 0);
    assert_false(scene->failed);
    assert_int_equal(scene->copied[0].size_bytes, 9);
    assert_int_equal(scene->copied[1].size_bytes, 3);
    assert_string_equal(scene->copied[1].sha256,
                        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

static void the_first_that_fails_ends_it_with_its_name(void **state)
{
    struct scene *scene = *state;
    const int first = file_with("too long for it"), second = file_with("ok");
    close(scene->pipe[1]);
    copies_begin(two_copies(scene, first, second, 4));
    uv_run(&scene->loop, UV_RUN_DEFAULT);
    close(first);
    close(second);
    assert_true(scene->failed);
    assert_int_equal(scene->why.code, ERR_FILE_TOO_LARGE);
    assert_string_equal(scene->why.arguments[0], "one");
    assert_int_equal(faccessat(scene->folder_fd, "two", F_OK, 0), -1);
}

static void nothing_is_written_through_a_link(void **state)
{
    struct scene *scene = *state;
    struct copied copied;
    struct err err;
    close(scene->pipe[1]);
    const int from = file_with("secret");
    assert_int_equal(symlinkat("elsewhere", scene->folder_fd, "one"), 0);
    assert_false(copy_file(&copied, from, scene->folder_fd, "one", 100, &err));
    assert_int_equal(err.code, ERR_FILE_UNWRITABLE);
    assert_int_equal(faccessat(scene->folder_fd, "elsewhere", F_OK, 0), -1);
    close(from);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_loop_goes_on_while_a_slow_file_is_copied, begin, end),
        cmocka_unit_test_setup_teardown(the_first_that_fails_ends_it_with_its_name, begin, end),
        cmocka_unit_test_setup_teardown(nothing_is_written_through_a_link, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
