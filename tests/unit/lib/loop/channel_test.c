// lib/loop/channel.c
#include "support/unit.h"

#include "lib/loop/channel.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

static size_t open_descriptors(void)
{
    DIR *folder = opendir("/proc/self/fd");
    size_t count = 0;
    while (readdir(folder))
        count++;
    closedir(folder);
    return count;
}

// A host on the loop, and a zygote whose end the test holds.
struct scene {
    uv_loop_t loop;
    struct channel *channel; // NULL once it is closed
    struct wire peer;
    int64_t runs[4096]; // of the FORK_FAILED and FORKED that came
    size_t count, fds, closed, drained;
    enum err_code why;
    size_t pause_after; // pauses when so many have come; 0: never
    bool end_it;        // ends the connection with the next frame
    size_t open_before;
};

static bool on_frame(void *owner, struct channel *channel, struct frame *frame, struct err *err)
{
    struct scene *scene = owner;
    SCOPED(json_document)
    document = NULL;
    assert_ptr_equal(channel, scene->channel);
    assert_true(scene->count < COUNT_OF(scene->runs));
    if (frame->type == MESSAGE_FORKED) {
        struct message_FORKED forked;
        if (!wire_decode(&document, &forked, frame, err))
            return false;
        scene->runs[scene->count++] = forked.run;
        scene->fds += frame->fd_count;
    } else {
        struct message_FORK_FAILED failed;
        if (!wire_decode(&document, &failed, frame, err))
            return false;
        scene->runs[scene->count++] = failed.run;
    }
    if (scene->count == scene->pause_after)
        channel_pause(channel);
    return scene->end_it ? fail(err, ERR_FRAME_OUT_OF_TURN, "zygote", "test") : true;
}

static void on_closed(void *owner, struct channel *channel, const struct err *why)
{
    struct scene *scene = owner;
    assert_ptr_equal(channel, scene->channel);
    scene->channel = NULL;
    scene->closed++;
    scene->why = why->code;
}

static void on_drained(void *owner, struct channel *channel)
{
    struct scene *scene = owner;
    assert_int_equal(channel_queued(channel), 0);
    scene->drained++;
}

static const struct channel_events events = {on_frame, on_closed, on_drained};

static int begin(void **state)
{
    struct scene *scene = xcalloc(1, sizeof *scene);
    int ends[2];
    scene->open_before = open_descriptors();
    if (uv_loop_init(&scene->loop) != 0 || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
        return -1;
    scene->channel = channel_new(&scene->loop, ends[0], ROLE_HOST, ROLE_ZYGOTE, true, &events, scene);
    scene->peer = wire_new(ends[1], ROLE_ZYGOTE, ROLE_HOST, true);
    *state = scene;
    return 0;
}

// libuv opens descriptors of its own with the first loop, once a process.
static int open_libuv(void **state)
{
    (void)state;
    uv_loop_t loop;
    return uv_loop_init(&loop) == 0 && uv_loop_close(&loop) == 0 ? 0 : -1;
}

// Each test leaves nothing: no handle, no descriptor.
static int end(void **state)
{
    struct scene *scene = *state;
    if (scene->channel)
        channel_close(scene->channel);
    uv_run(&scene->loop, UV_RUN_DEFAULT);
    wire_dispose(&scene->peer);
    const bool clean = uv_loop_close(&scene->loop) == 0 && open_descriptors() == scene->open_before;
    xfree(scene);
    return clean ? 0 : -1;
}

// What is ready now is done; nothing is waited for.
static void turn(struct scene *scene)
{
    for (int i = 0; i < 10; i++)
        uv_run(&scene->loop, UV_RUN_NOWAIT);
}

static void say(struct scene *scene, int64_t run)
{
    struct err err;
    assert_true(wire_send(&scene->peer, MESSAGE_OF(FORK_FAILED, .run = run, .reason = TEXT_OF("why")), &err));
}

// About 60 kB each.
static bool ask(struct scene *scene, int64_t run)
{
    static char shares[60000];
    memset(shares, 'x', sizeof shares);
    return channel_send(scene->channel, MESSAGE_OF(FORK, .run = run, .folder = TEXT_OF("f"),
                                                   .shares = text_of(shares, sizeof shares)));
}

static void hear(struct scene *scene, int64_t run, size_t fd_count)
{
    struct message_FORK fork;
    struct frame frame;
    struct err err;
    SCOPED(json_document)
    document = NULL;
    turn(scene);
    assert_true(wire_expect(&scene->peer, MESSAGE_FORK, &fork, &document, &frame, 1000, &err));
    assert_int_equal(fork.run, run);
    assert_int_equal(frame.fd_count, fd_count);
    frame_close_fds(&frame);
}

static void frames_come_in_order(void **state)
{
    struct scene *scene = *state;
    for (int64_t run = 0; run < 100; run++)
        say(scene, run);
    turn(scene);
    assert_int_equal(scene->count, 100);
    for (int64_t run = 0; run < 100; run++)
        assert_int_equal(scene->runs[run], run);
}

static void a_malformed_frame_ends_the_connection(void **state)
{
    struct scene *scene = *state;
    assert_int_equal(write(scene->peer.fd, "\xFF\xFF\xFF\xFF\0\0\0\0\0\0\0\0", 12), 12);
    turn(scene);
    assert_int_equal(scene->closed, 1);
    assert_int_equal(scene->why, ERR_FRAME_UNKNOWN);
}

static void a_frame_out_of_turn_ends_the_connection(void **state)
{
    struct scene *scene = *state;
    channel_phase(scene->channel, PHASE_START);
    say(scene, 1);
    turn(scene);
    assert_int_equal(scene->count, 0);
    assert_int_equal(scene->why, ERR_FRAME_OUT_OF_TURN);
}

static void what_the_owner_refuses_ends_the_connection_and_nothing_more_is_handed_out(void **state)
{
    struct scene *scene = *state;
    scene->end_it = true;
    say(scene, 1);
    say(scene, 2);
    turn(scene);
    assert_int_equal(scene->count, 1);
    assert_int_equal(scene->closed, 1);
    assert_int_equal(scene->why, ERR_FRAME_OUT_OF_TURN);
}

static void a_peer_that_goes_away_is_heard_to_the_end(void **state)
{
    struct scene *scene = *state;
    say(scene, 1);
    wire_dispose(&scene->peer);
    turn(scene);
    assert_int_equal(scene->count, 1);
    assert_int_equal(scene->closed, 1);
    assert_int_equal(scene->why, ERR_WIRE_CLOSED);
}

static void closing_is_told_once_and_from_the_loop(void **state)
{
    struct scene *scene = *state;
    channel_close(scene->channel);
    channel_close(scene->channel);
    assert_int_equal(scene->closed, 0);
    assert_false(ask(scene, 1)); // too late
    turn(scene);
    assert_int_equal(scene->closed, 1);
}

static void a_peer_that_does_not_read_makes_a_queue_that_drains_when_it_does(void **state)
{
    struct scene *scene = *state;
    enum { ASKED = 40 };
    for (int64_t run = 0; run < ASKED; run++)
        assert_true(ask(scene, run));
    assert_true(channel_queued(scene->channel) > 0);
    turn(scene);
    assert_int_equal(scene->drained, 0);
    for (int64_t run = 0; run < ASKED; run++)
        hear(scene, run, 0);
    turn(scene);
    assert_int_equal(channel_queued(scene->channel), 0);
    assert_int_equal(scene->drained, 1);
}

static void a_queue_past_its_maximum_drops_the_peer(void **state)
{
    struct scene *scene = *state;
    int64_t asked = 0;
    while (ask(scene, asked))
        assert_true(++asked < 2 * CHANNEL_QUEUE_MAX / 60000);
    assert_true(asked * 60000 > CHANNEL_QUEUE_MAX / 2);
    turn(scene);
    assert_int_equal(scene->closed, 1);
    assert_int_equal(scene->why, ERR_FRAME_ENCODE);
}

static void a_paused_channel_hands_out_nothing_until_it_is_resumed(void **state)
{
    struct scene *scene = *state;
    scene->pause_after = 3;
    for (int64_t run = 0; run < 10; run++)
        say(scene, run);
    turn(scene);
    assert_int_equal(scene->count, 3);
    channel_resume(scene->channel); // those that were read already come at once
    turn(scene);
    assert_int_equal(scene->count, 10);
    assert_int_equal(scene->runs[9], 9);
}

// So a slow reader slows its peer: the socket fills, and the peer's send would wait.
static void a_paused_channel_stops_its_peer(void **state)
{
    struct scene *scene = *state;
    static const char part[65536];
    channel_pause(scene->channel);
    fcntl(scene->peer.fd, F_SETFL, O_NONBLOCK);
    size_t taken = 0;
    for (ssize_t sent; (sent = write(scene->peer.fd, part, sizeof part)) > 0; taken += (size_t)sent)
        turn(scene);
    assert_int_equal(errno, EAGAIN);
    assert_true(taken < 4 << 20);
}

static void finishing_sends_what_is_queued_first(void **state)
{
    struct scene *scene = *state;
    enum { ASKED = 20 };
    struct frame frame;
    struct err err;
    for (int64_t run = 0; run < ASKED; run++)
        assert_true(ask(scene, run));
    channel_finish(scene->channel);
    assert_true(channel_queued(scene->channel) > 0);
    for (int64_t run = 0; run < ASKED; run++)
        hear(scene, run, 0);
    turn(scene);
    assert_int_equal(scene->closed, 1);
    assert_false(wire_receive(&scene->peer, &frame, 1000, &err));
    assert_int_equal(err.code, ERR_WIRE_CLOSED);
}

// About 60 kB, and of a kind that carries no descriptors.
static bool fill(struct scene *scene)
{
    static char shares[60000];
    memset(shares, 'x', sizeof shares);
    return channel_send(scene->channel,
                        MESSAGE_OF(ZYGOTE_SETUP, .stdlib = TEXT_OF("s"), .runs = TEXT_OF("r"),
                                   .zones = TEXT_OF("z"), .shares = text_of(shares, sizeof shares)));
}

static void descriptors_come_with_their_own_message(void **state)
{
    struct scene *scene = *state;
    const int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    const int two[] = {fd, fd};
    enum { ASKED = 20 };
    for (int64_t run = 0; run < ASKED;
         run++) { // more than the socket takes: the later ones wait in the queue
        assert_true(fill(scene));
        assert_true(channel_send_fds(
            scene->channel, MESSAGE_OF(FORK, .run = run, .folder = TEXT_OF("f"), .shares = TEXT_OF("{}")),
            two, run % 2 + 1));
    }
    close(fd); // they were duplicated
    for (int64_t run = 0; run < ASKED; run++) {
        struct frame frame;
        struct err err;
        turn(scene);
        assert_true(wire_receive(&scene->peer, &frame, 1000, &err));
        assert_int_equal(frame.type, MESSAGE_ZYGOTE_SETUP);
        hear(scene, run, (size_t)run % 2 + 1);
    }
}

static void too_many_waiting_descriptors_drop_the_peer(void **state)
{
    struct scene *scene = *state;
    const int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    const int two[] = {fd, fd};
    size_t sent = 0;
    for (int64_t run = 0; run < 20; run++)
        assert_true(ask(scene, run)); // the socket is full
    while (channel_send_fds(scene->channel, MESSAGE_OF(FORK, .folder = TEXT_OF("f"), .shares = TEXT_OF("{}")),
                            two, 2))
        assert_true(++sent < 1000);
    close(fd);
    turn(scene);
    assert_int_equal(scene->closed, 1);
    assert_int_equal(scene->why, ERR_FRAME_ENCODE);
}

static void received_descriptors_that_nobody_keeps_are_closed(void **state)
{
    struct scene *scene = *state;
    struct err err;
    const int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    const size_t before = open_descriptors();
    for (int64_t run = 0; run < 5; run++)
        assert_true(wire_send_fds(&scene->peer, MESSAGE_OF(FORKED, .run = run, .pid = 1), &fd, 1, &err));
    turn(scene);
    close(fd);
    assert_int_equal(scene->count, 5);
    assert_true(scene->fds > 0);
    assert_int_equal(open_descriptors(), before - 1);
}

#define in_a_scene(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        in_a_scene(frames_come_in_order),
        in_a_scene(a_malformed_frame_ends_the_connection),
        in_a_scene(a_frame_out_of_turn_ends_the_connection),
        in_a_scene(what_the_owner_refuses_ends_the_connection_and_nothing_more_is_handed_out),
        in_a_scene(a_peer_that_goes_away_is_heard_to_the_end),
        in_a_scene(closing_is_told_once_and_from_the_loop),
        in_a_scene(a_peer_that_does_not_read_makes_a_queue_that_drains_when_it_does),
        in_a_scene(a_queue_past_its_maximum_drops_the_peer),
        in_a_scene(a_paused_channel_hands_out_nothing_until_it_is_resumed),
        in_a_scene(a_paused_channel_stops_its_peer),
        in_a_scene(finishing_sends_what_is_queued_first),
        in_a_scene(descriptors_come_with_their_own_message),
        in_a_scene(too_many_waiting_descriptors_drop_the_peer),
        in_a_scene(received_descriptors_that_nobody_keeps_are_closed),
    };
    return cmocka_run_group_tests(tests, open_libuv, NULL);
}
