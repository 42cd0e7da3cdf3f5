// lib/wire/wire.c
#include "support/unit.h"

#include "support/messages.h"

enum { FRAME_ROOM = FRAME_HEADER_SIZE + FRAME_MAX };

static unsigned lowest(unsigned set)
{
    return set & -set;
}

// From a sender that may say it, in a phase in which it may come.
static bool find(struct frame *frame, size_t *size, struct text in, const struct message_case *row,
                 struct err *err)
{
    return wire_find(frame, size, in, (enum role)lowest(row->from), (enum role)lowest(row->to), row->when,
                     err);
}

static void goes_through(const struct message_case *row, void (*fill)(void *))
{
    _Alignas(16) char sent[MESSAGE_ROOM] = {0}, received[MESSAGE_ROOM] = {0};
    struct frame frame;
    size_t size;
    struct err err;
    SCOPED(json_document)
    document = NULL;
    SCOPED_BUF(out, FRAME_ROOM);
    assert_true(row->size <= MESSAGE_ROOM);
    fill(sent);
    if (!wire_encode(&out, row->type, sent, &err))
        fail_msg("%s can't be encoded: %s", row->name, err.arguments[1]);
    assert_true(find(&frame, &size, buf_text(&out), row, &err));
    assert_int_equal(frame.type, row->type);
    assert_int_equal(size, out.length);
    if (!wire_decode(&document, received, &frame, &err))
        fail_msg("%s can't be decoded: %s", row->name, err.arguments[1]);
    if (!row->same(sent, received))
        fail_msg("%s came out as another", row->name);
}

static void every_message_comes_out_as_it_went_in(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(message_cases); i++)
        goes_through(&message_cases[i], message_cases[i].fill);
}

static void every_message_has_room_for_its_longest_fields_at_once(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(message_cases); i++)
        goes_through(&message_cases[i], message_cases[i].fill_longest);
}

static void every_message_has_a_name_and_its_place_in_the_table(void **state)
{
    (void)state;
    assert_int_equal(COUNT_OF(message_cases), MESSAGE_COUNT - 1);
    for (size_t i = 0; i < COUNT_OF(message_cases); i++)
        assert_string_equal(message_name(message_cases[i].type), message_cases[i].name);
    assert_string_equal(message_name(MESSAGE_NONE), "?");
    assert_string_equal(message_name(MESSAGE_COUNT), "?");
}

// Each message, from each role, to each role, in each phase: found where its row says so, refused elsewhere.
static void who_may_say_what_when_is_what_the_table_says(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(message_cases); i++) {
        const struct message_case *row = &message_cases[i];
        _Alignas(16) char message[MESSAGE_ROOM] = {0};
        SCOPED_BUF(out, FRAME_ROOM);
        struct err err;
        row->fill(message);
        assert_true(wire_encode(&out, row->type, message, &err));
        for (unsigned from = 1; from <= ROLE_LAUNCHER; from <<= 1)
            for (unsigned to = 1; to <= ROLE_LAUNCHER; to <<= 1)
                for (unsigned phase = 1; phase <= PHASE_END; phase <<= 1) {
                    struct frame frame;
                    size_t size;
                    const bool allowed = row->from & from && row->to & to && row->when & phase;
                    const bool found =
                        wire_find(&frame, &size, buf_text(&out), (enum role)from, (enum role)to, phase, &err);
                    if (found != allowed || (!found && err.code != ERR_FRAME_OUT_OF_TURN))
                        fail_msg("%s from %u to %u in phase %u", row->name, from, to, phase);
                }
    }
}

static void a_frame_that_is_not_whole_yet_is_waited_for(void **state)
{
    (void)state;
    SCOPED_BUF(out, FRAME_ROOM);
    struct err err;
    assert_true(
        wire_encode(&out, MESSAGE_OF(READ, .name = TEXT_OF("a.lua"), .source = TEXT_OF("return {}")), &err));
    for (size_t length = 0; length < out.length; length++) {
        struct frame frame;
        size_t size = 1;
        assert_true(
            wire_find(&frame, &size, text_of(out.data, length), ROLE_HOST, ROLE_READER, PHASE_RUN, &err));
        assert_int_equal(frame.type, MESSAGE_NONE);
        assert_int_equal(size, 0);
    }
}

static struct text header(char out[FRAME_HEADER_SIZE], uint32_t type, uint32_t head, uint32_t bytes)
{
    const uint32_t numbers[] = {type, head, bytes};
    for (size_t i = 0; i < FRAME_HEADER_SIZE; i++)
        out[i] = (char)(numbers[i / 4] >> (8 * (i % 4)));
    return text_of(out, FRAME_HEADER_SIZE);
}

// By the header alone: nothing of such a frame is ever stored.
static void a_frame_is_refused_by_its_header(void **state)
{
    (void)state;
    static const struct {
        uint32_t type, head, bytes;
        enum err_code code;
    } cases[] = {
        {MESSAGE_NONE, 2, 0, ERR_FRAME_UNKNOWN},
        {MESSAGE_COUNT, 2, 0, ERR_FRAME_UNKNOWN},
        {UINT32_MAX, 2, 0, ERR_FRAME_UNKNOWN},
        {MESSAGE_READ, FRAME_MAX + 1, 0, ERR_FRAME_TOO_LARGE},
        {MESSAGE_READ, UINT32_MAX, 0, ERR_FRAME_TOO_LARGE},
        {MESSAGE_READ, 2, 262145, ERR_FRAME_TOO_LARGE},
        {MESSAGE_READ, FRAME_MAX, 262144, ERR_FRAME_TOO_LARGE},
        {MESSAGE_READ, UINT32_MAX, UINT32_MAX, ERR_FRAME_TOO_LARGE}, // the sum wraps around
        {MESSAGE_READ_DONE, 2, 0, ERR_FRAME_OUT_OF_TURN},            // the reader says it, not the host
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char room[FRAME_HEADER_SIZE];
        struct frame frame;
        size_t size;
        struct err err;
        const struct text in = header(room, cases[i].type, cases[i].head, cases[i].bytes);
        assert_false(wire_find(&frame, &size, in, ROLE_HOST, ROLE_READER, PHASE_RUN, &err));
        assert_int_equal(err.code, cases[i].code);
    }
}

static void bytes_come_only_with_messages_that_have_them(void **state)
{
    (void)state;
    char room[FRAME_HEADER_SIZE];
    struct frame frame;
    size_t size;
    struct err err;
    const struct text in = header(room, MESSAGE_FORK_FAILED, 2, 1);
    assert_false(wire_find(&frame, &size, in, ROLE_ZYGOTE, ROLE_HOST, PHASE_RUN, &err));
    assert_int_equal(err.code, ERR_FRAME_TOO_LARGE);
}

static bool decodes(struct text head)
{
    struct message_FORK_FAILED message = {.run = 0};
    const struct frame frame = {.type = MESSAGE_FORK_FAILED, .head = head};
    SCOPED(json_document)
    document = NULL;
    struct err err = {0};
    const bool done = wire_decode(&document, &message, &frame, &err);
    assert_true(done || err.code == ERR_FRAME_MALFORMED);
    assert_true(done == (document != NULL));
    return done;
}

static void a_head_has_exactly_its_fields_each_of_its_kind(void **state)
{
    (void)state;
    static const char *const good[] = {
        "{\"run\":1,\"reason\":\"x\"}",
        "{\"reason\":\"\",\"run\":-9223372036854775808}",
        " { \"run\" : 0 , \"reason\" : \"\\u00e4\" } ",
    };
    static const char *const bad[] = {
        "",
        "null",
        "[]",
        "{}",
        "{\"run\":1}",
        "{\"reason\":\"x\"}",
        "{\"run\":1,\"reason\":\"x\"",
        "{\"run\":1,\"reason\":\"x\"}}",
        "{\"run\":1,\"reason\":\"x\",\"more\":1}",
        "{\"run\":1,\"reason\":\"x\",\"run\":1}",
        "{\"run\":1,\"reason\":\"x\",\"reason\":\"y\"}",
        "{\"Run\":1,\"reason\":\"x\"}",
        "{\"run\":\"1\",\"reason\":\"x\"}",
        "{\"run\":true,\"reason\":\"x\"}",
        "{\"run\":null,\"reason\":\"x\"}",
        "{\"run\":1.5,\"reason\":\"x\"}",
        "{\"run\":1e2,\"reason\":\"x\"}",
        "{\"run\":9223372036854775808,\"reason\":\"x\"}",
        "{\"run\":1,\"reason\":null}",
        "{\"run\":1,\"reason\":1}",
        "{\"run\":1,\"reason\":[\"x\"]}",
        "{\"run\":1,\"reason\":\"\xC0\x80\"}",
        "{\"run\":1,\"reason\":\"\\ud800\"}",
    };
    for (size_t i = 0; i < COUNT_OF(good); i++)
        assert_true(decodes(text_from(good[i])));
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        if (decodes(text_from(bad[i])))
            fail_msg("decoded: %s", bad[i]);
}

static void a_field_over_its_limit_is_neither_sent_nor_taken(void **state)
{
    (void)state;
    enum { MOST = 400 };
    struct err err;
    SCOPED_BUF(out, FRAME_ROOM);
    assert_true(buf_append_string(&out, "before"));
    assert_false(wire_encode(&out, MESSAGE_OF(FORK_FAILED, .run = 1, .reason = long_text(MOST + 1)), &err));
    assert_int_equal(err.code, ERR_FRAME_ENCODE);
    assert_string_equal(buf_string(&out), "before"); // nothing of it is left in the queue

    for (size_t length = MOST; length <= MOST + 1; length++) {
        SCOPED_BUF(head, 1000);
        assert_true(
            buf_printf(&head, "{\"run\":1,\"reason\":\"%.*s\"}", (int)length, long_text(length).data));
        assert_true(decodes(buf_text(&head)) == (length == MOST));
    }
}

static void text_that_is_no_utf8_is_not_sent(void **state)
{
    (void)state;
    struct err err;
    SCOPED_BUF(out, FRAME_ROOM);
    assert_false(wire_encode(&out, MESSAGE_OF(FORK_FAILED, .run = 1, .reason = TEXT_OF("\xFF")), &err));
    assert_int_equal(err.code, ERR_FRAME_ENCODE);
    assert_int_equal(out.length, 0);
}

// Every control character takes six bytes in JSON: what fits its limit may still not fit the frame.
static void what_fits_no_frame_is_not_sent(void **state)
{
    (void)state;
    static char controls[262144];
    memset(controls, 1, sizeof controls);
    struct err err;
    SCOPED_BUF(out, 8 << 20);
    assert_false(wire_encode(&out, MESSAGE_OF(READ_DONE, .data = text_of(controls, sizeof controls)), &err));
    assert_int_equal(err.code, ERR_FRAME_ENCODE);
    assert_int_equal(out.length, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_message_comes_out_as_it_went_in),
        cmocka_unit_test(every_message_has_room_for_its_longest_fields_at_once),
        cmocka_unit_test(every_message_has_a_name_and_its_place_in_the_table),
        cmocka_unit_test(who_may_say_what_when_is_what_the_table_says),
        cmocka_unit_test(a_frame_that_is_not_whole_yet_is_waited_for),
        cmocka_unit_test(a_frame_is_refused_by_its_header),
        cmocka_unit_test(bytes_come_only_with_messages_that_have_them),
        cmocka_unit_test(a_head_has_exactly_its_fields_each_of_its_kind),
        cmocka_unit_test(a_field_over_its_limit_is_neither_sent_nor_taken),
        cmocka_unit_test(text_that_is_no_utf8_is_not_sent),
        cmocka_unit_test(what_fits_no_frame_is_not_sent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
