// lib/wire/stream.c
#include "support/unit.h"

#include "lib/wire/wire.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
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

// A host and a zygote that hold the ends of one socket.
struct pair {
    struct wire host, zygote;
    size_t open_before;
};

static void begin(struct pair *pair, bool host_takes_fds)
{
    int ends[2];
    pair->open_before = open_descriptors();
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    pair->host = wire_new(ends[0], ROLE_HOST, ROLE_ZYGOTE, host_takes_fds);
    pair->zygote = wire_new(ends[1], ROLE_ZYGOTE, ROLE_HOST, true);
}

static void end(struct pair *pair)
{
    wire_dispose(&pair->host);
    wire_dispose(&pair->zygote);
    assert_int_equal(open_descriptors(), pair->open_before); // no descriptor is left behind
}

static void expect_failed(struct pair *pair, int64_t run)
{
    struct message_FORK_FAILED failed = {.run = 0};
    struct frame frame;
    struct err err;
    SCOPED(json_document)
    document = NULL;
    assert_true(wire_expect(&pair->host, MESSAGE_FORK_FAILED, &failed, &document, &frame, 1000, &err));
    assert_int_equal(failed.run, run);
}

static void frames_come_in_order_even_when_read_at_once(void **state)
{
    (void)state;
    struct pair pair;
    struct err err;
    begin(&pair, true);
    for (int64_t run = 1; run <= 20; run++)
        assert_true(
            wire_send(&pair.zygote, MESSAGE_OF(FORK_FAILED, .run = run, .reason = TEXT_OF("why")), &err));
    for (int64_t run = 1; run <= 20; run++)
        expect_failed(&pair, run);
    end(&pair);
}

static void a_frame_in_pieces_is_waited_for(void **state)
{
    (void)state;
    struct pair pair;
    struct err err;
    struct frame frame;
    begin(&pair, true);
    SCOPED_BUF(out, 1000);
    assert_true(wire_encode(&out, MESSAGE_OF(FORK_FAILED, .run = 7, .reason = TEXT_OF("why")), &err));
    for (size_t i = 0; i + 1 < out.length; i++) {
        assert_int_equal(write(pair.zygote.fd, out.data + i, 1), 1);
        assert_false(wire_receive(&pair.host, &frame, 0, &err));
        assert_int_equal(err.code, ERR_WIRE_TIMEOUT);
    }
    assert_int_equal(write(pair.zygote.fd, out.data + out.length - 1, 1), 1);
    expect_failed(&pair, 7);
    end(&pair);
}

static void a_peer_that_is_gone_is_told(void **state)
{
    (void)state;
    struct pair pair;
    struct err err;
    struct frame frame;
    begin(&pair, true);
    assert_true(wire_send(&pair.zygote, MESSAGE_OF(FORK_FAILED, .run = 1, .reason = TEXT_OF("why")), &err));
    wire_dispose(&pair.zygote);
    expect_failed(&pair, 1); // what it said last is still read
    assert_false(wire_receive(&pair.host, &frame, -1, &err));
    assert_int_equal(err.code, ERR_WIRE_CLOSED);
    assert_false(
        wire_send(&pair.host, MESSAGE_OF(FORK, .folder = TEXT_OF("f"), .shares = TEXT_OF("{}")), &err));
    assert_int_equal(err.code, ERR_WIRE_CLOSED);
    end(&pair);
}

static void a_peer_that_is_gone_before_it_read_is_gone_all_the_same(void **state)
{
    (void)state;
    struct pair pair;
    struct err err;
    struct frame frame;
    begin(&pair, true);
    assert_true(wire_send(&pair.zygote, MESSAGE_OF(FORK_FAILED, .run = 1, .reason = TEXT_OF("why")), &err));
    assert_true(
        wire_send(&pair.host, MESSAGE_OF(FORK, .folder = TEXT_OF("f"), .shares = TEXT_OF("{}")), &err));
    wire_dispose(&pair.zygote); // with unread bytes: the kernel resets the connection
    expect_failed(&pair, 1);
    assert_false(wire_receive(&pair.host, &frame, -1, &err));
    assert_int_equal(err.code, ERR_WIRE_CLOSED);
    end(&pair);
}

static void another_message_than_the_expected_one_is_out_of_turn(void **state)
{
    (void)state;
    struct pair pair;
    struct err err;
    struct frame frame;
    struct message_ZYGOTE_READY ready;
    SCOPED(json_document)
    document = NULL;
    begin(&pair, true);
    assert_true(wire_send(&pair.zygote, MESSAGE_OF(FORK_FAILED, .run = 1, .reason = TEXT_OF("why")), &err));
    assert_false(wire_expect(&pair.host, MESSAGE_ZYGOTE_READY, &ready, &document, &frame, 1000, &err));
    assert_int_equal(err.code, ERR_FRAME_OUT_OF_TURN);
    end(&pair);
}

static void what_the_phase_does_not_allow_is_refused(void **state)
{
    (void)state;
    struct pair pair;
    struct err err;
    struct frame frame;
    begin(&pair, true);
    pair.host.phase = PHASE_START;
    assert_true(wire_send(&pair.zygote, MESSAGE_OF(FORK_FAILED, .run = 1, .reason = TEXT_OF("why")), &err));
    assert_false(wire_receive(&pair.host, &frame, 1000, &err));
    assert_int_equal(err.code, ERR_FRAME_OUT_OF_TURN);
    end(&pair);
}

static void send_with_descriptors(struct pair *pair, size_t count)
{
    struct err err;
    int fds[8] = {0};
    for (size_t i = 0; i < count; i++)
        fds[i] = open("/dev/null", O_RDONLY | O_CLOEXEC);
    assert_true(wire_send_fds(&pair->zygote, MESSAGE_OF(FORKED, .run = 1, .pid = 2), fds, count, &err));
    for (size_t i = 0; i < count; i++)
        close(fds[i]);
}

static void a_descriptor_comes_with_its_message_and_is_not_inherited(void **state)
{
    (void)state;
    struct pair pair;
    struct err err;
    struct frame frame;
    struct stat status;
    begin(&pair, true);
    assert_true(wire_send(&pair.zygote, MESSAGE_OF(FORK_FAILED, .run = 1, .reason = TEXT_OF("why")), &err));
    send_with_descriptors(&pair, 1);
    assert_true(wire_receive(&pair.host, &frame, 1000, &err));
    assert_int_equal(frame.fd_count, 0);
    assert_true(wire_receive(&pair.host, &frame, 1000, &err));
    assert_int_equal(frame.fd_count, 1);
    assert_int_equal(fstat(frame.fds[0], &status), 0);
    assert_true(S_ISCHR(status.st_mode));
    assert_true(fcntl(frame.fds[0], F_GETFD) & FD_CLOEXEC);
    frame_close_fds(&frame);
    end(&pair);
}

static void descriptors_beyond_what_the_message_may_carry_are_closed(void **state)
{
    (void)state;
    struct pair pair;
    struct err err;
    struct frame frame;
    begin(&pair, true);
    send_with_descriptors(&pair, 5);
    assert_true(wire_receive(&pair.host, &frame, 1000, &err));
    assert_int_equal(frame.fd_count, 1);
    frame_close_fds(&frame);
    end(&pair);
}

static void descriptors_vanish_where_none_are_taken(void **state)
{
    (void)state;
    struct pair pair;
    struct err err;
    struct frame frame;
    begin(&pair, false);
    send_with_descriptors(&pair, 3);
    assert_true(wire_receive(&pair.host, &frame, 1000, &err));
    assert_int_equal(frame.type, MESSAGE_FORKED);
    assert_int_equal(frame.fd_count, 0);
    end(&pair);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frames_come_in_order_even_when_read_at_once),
        cmocka_unit_test(a_frame_in_pieces_is_waited_for),
        cmocka_unit_test(a_peer_that_is_gone_is_told),
        cmocka_unit_test(a_peer_that_is_gone_before_it_read_is_gone_all_the_same),
        cmocka_unit_test(another_message_than_the_expected_one_is_out_of_turn),
        cmocka_unit_test(what_the_phase_does_not_allow_is_refused),
        cmocka_unit_test(a_descriptor_comes_with_its_message_and_is_not_inherited),
        cmocka_unit_test(descriptors_beyond_what_the_message_may_carry_are_closed),
        cmocka_unit_test(descriptors_vanish_where_none_are_taken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
