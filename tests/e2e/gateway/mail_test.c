// Mail through a real gateway to a mail catcher.
#include "scene.h"

#include <stdio.h>
#include <stdlib.h>

int gateway_main(void);

static const char *const settings = "{\"mail\":{\"server\":\"smtp://127.0.0.1:$MAIL\",\"from\":\"Renki "
                                    "Räätäli <renki@city.example>\",\"tls\":\"none\","
                                    "\"networks\":[\"127.0.0.1\"]}}";
static const struct run_given permitted = {
    .permits = "{\"mail\":{\"to\":[\"*@finance.example\",\"nobody@city.example\"]}}",
    .limits = "{\"mails\":3}"};

static int begin(void **state)
{
    struct scene *scene = xcalloc(1, sizeof *scene);
    scene_begin(scene, settings, false);
    *state = scene;
    return 0;
}

static int end(void **state)
{
    scene_end(*state);
    xfree(*state);
    return 0;
}

struct letter {
    const char *to, *cc, *bcc, *reply_to, *subject, *content_type, *body;
};

static const char *const body = "--b\r\nContent-Type: text/plain\r\n\r\nHei\r\n.\r\n--b--\r\n";

static void post(struct scene *scene, const struct letter *letter, struct reply *reply)
{
    struct err err;
    const struct text content = text_from(letter->body ? letter->body : body);
    scene->number++;
    assert_true(wire_send(
        &scene->worker,
        MESSAGE_OF(MAIL_CALL, .call = scene->number, .to = text_from(letter->to ? letter->to : "[]"),
                   .cc = text_from(letter->cc ? letter->cc : "[]"),
                   .bcc = text_from(letter->bcc ? letter->bcc : "[]"),
                   .reply_to = text_from(letter->reply_to ? letter->reply_to : ""),
                   .subject = text_from(letter->subject ? letter->subject : "Report"),
                   .content_type =
                       text_from(letter->content_type ? letter->content_type : "multipart/mixed; boundary=b"),
                   .body_bytes = (int64_t)content.length),
        &err));
    assert_true(wire_send(&scene->worker,
                          MESSAGE_OF(CALL_BODY, .call = scene->number, .last = true, .part = content), &err));
    scene_answer(scene, scene->number, reply);
}

static void a_mail_goes_out_with_a_head_of_the_gateways_making(void **state)
{
    struct scene *scene = *state;
    struct done done;
    scene_open(scene, &permitted);
    REPLY(reply);
    post(scene,
         &(struct letter){.to = "[\"Päivi Mäkinen <paivi@finance.example>\",\"b@FINANCE.example\"]",
                          .cc = "[\"c@finance.example\"]",
                          .bcc = "[\"hidden@finance.example\"]",
                          .reply_to = "desk@finance.example",
                          .subject =
                              "Täsmäytys: erot lokakuussa, joita on enemmän kuin yhdelle riville mahtuu"},
         &reply);
    assert_false(reply.failed);
    SCOPED_TEXT char *heard = smtp_server_heard(scene->mail);
    static const char *const lines[] = {
        "MAIL FROM:<renki@city.example>",
        "RCPT TO:<paivi@finance.example>",
        "RCPT TO:<b@FINANCE.example>",
        "RCPT TO:<c@finance.example>",
        "RCPT TO:<hidden@finance.example>",
        "From: =?UTF-8?B?UmVua2kgUsOkw6R0w6RsaQ==?=\r\n <renki@city.example>\r\n",
        "To: =?UTF-8?B?UMOkaXZpIE3DpGtpbmVu?=\r\n <paivi@finance.example>,\r\n <b@FINANCE.example>\r\n",
        "Cc: <c@finance.example>\r\n",
        "Reply-To: <desk@finance.example>\r\n",
        "Subject: =?UTF-8?B?",
        "Date: ",
        "Message-ID: <",
        "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n",
        "Hei\r\n..\r\n--b--\r\n", // the lone dot is doubled
    };
    for (size_t i = 0; i < COUNT_OF(lines); i++)
        if (!strstr(heard, lines[i]))
            fail_msg("no %s in: %s", lines[i], heard);
    assert_null(strstr(heard, "Bcc"));
    scene_close(scene, &done, NULL, NULL);
    assert_string_equal(done.kind, "mail");
    assert_string_equal(done.outcome, "done");
    assert_int_equal(done.status, 250);
    assert_string_equal(
        done.path, "paivi@finance.example, b@FINANCE.example, c@finance.example, hidden@finance.example");
}

static void what_may_not_be_sent_is_refused_before_the_server_hears_of_it(void **state)
{
    struct scene *scene = *state;
    static const struct {
        struct letter letter;
        const char *error;
    } cases[] = {
        {{.to = "[\"a@other.example\"]"}, "MAIL_RECIPIENT"},
        {{.to = "[\"a@finance.example\"]", .cc = "[\"a@other.example\"]"}, "MAIL_RECIPIENT"},
        {{.to = "[\"a@finance.example\"]", .bcc = "[\"a@other.example\"]"}, "MAIL_RECIPIENT"},
        {{.to = "[]"}, "MAIL_NOBODY"},
        {{.to = "[\"a@finance.example,b@other.example\"]"}, "MAIL_ADDRESS"},
        {{.to = "[\"a@finance.example\\r\\nRCPT TO:<b@other.example>\"]"}, "MAIL_ADDRESS"},
        {{.to = "[\"\\\"a b\\\"@finance.example\"]"}, "MAIL_ADDRESS"},
        {{.to = "[\"@other.example:a@finance.example\"]"}, "MAIL_ADDRESS"},
        {{.to = "[\"a@other.example@finance.example\"]"}, "MAIL_ADDRESS"},
        {{.to = "[\"a(comment)@finance.example\"]"}, "MAIL_ADDRESS"},
        {{.to = "[\"a%other.example@finance.example\"]"}, ""}, // a name like another, at a permitted host
        {{.to = "[\"a@finance.example\"]", .subject = "x\r\nBcc: b@other.example"}, "MAIL_FIELD"},
        {{.to = "[\"a@finance.example\"]", .content_type = "multipart/mixed\r\nX: y"}, "MAIL_FIELD"},
        {{.to = "[\"a@finance.example\"]", .content_type = "text/plain"}, "MAIL_FIELD"},
        {{.to = "[\"a@finance.example\"]", .reply_to = "x"}, "MAIL_ADDRESS"},
    };
    scene_open(scene, &permitted);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        REPLY(reply);
        post(scene, &cases[i].letter, &reply);
        if (strcmp(reply.error, cases[i].error) != 0)
            fail_msg("%s: expected %s, got %s", cases[i].letter.to, cases[i].error, reply.error);
    }
    SCOPED_TEXT char *heard = smtp_server_heard(scene->mail);
    assert_null(strstr(heard, "<a@finance.example>"));
    assert_null(strstr(heard, "<a@other.example>"));
    scene_close(scene, NULL, NULL, NULL);
}

// SMTP smuggling: a lone line feed before the dot would end the mail for some servers.
static void a_body_with_lone_line_ends_is_refused(void **state)
{
    struct scene *scene = *state;
    static const char *const bodies[] = {"a\n.\nMAIL FROM:<x>\r\n", "a\r.\r\n", "a\r\n.\n", "a\r", "\n"};
    scene_open(scene, &(struct run_given){.permits = permitted.permits});
    for (size_t i = 0; i < COUNT_OF(bodies); i++) {
        REPLY(reply);
        post(scene, &(struct letter){.to = "[\"a@finance.example\"]", .body = bodies[i]}, &reply);
        if (strcmp(reply.error, "MAIL_FIELD") != 0)
            fail_msg("%d: %s", (int)i, reply.error);
    }
    scene_close(scene, NULL, NULL, NULL);
}

static void the_server_that_refuses_is_quoted(void **state)
{
    struct scene *scene = *state;
    scene_open(scene, &permitted);
    REPLY(reply);
    post(scene, &(struct letter){.to = "[\"nobody@city.example\"]"}, &reply);
    assert_string_equal(reply.error, "MAIL_REFUSED");
    assert_string_equal(reply.argument[1], "550 no such mailbox");
    scene_close(scene, NULL, NULL, NULL);
}

static void a_run_sends_only_so_many(void **state)
{
    struct scene *scene = *state;
    scene_open(scene, &permitted);
    for (int i = 0; i < 4; i++) {
        REPLY(reply);
        post(scene, &(struct letter){.to = "[\"a@finance.example\"]"}, &reply);
        assert_string_equal(reply.error, i < 3 ? "" : "MAIL_LIMIT");
    }
    scene_close(scene, NULL, NULL, NULL);
}

static void a_robot_sends_only_so_many_a_day(void **state)
{
    struct scene *scene = *state;
    scene_open(scene, &(struct run_given){.permits = permitted.permits,
                                          .limits = "{\"mails\":3,\"mails_left_today\":1}"});
    for (int i = 0; i < 2; i++) {
        REPLY(reply);
        post(scene, &(struct letter){.to = "[\"a@finance.example\"]"}, &reply);
        assert_string_equal(reply.error, i < 1 ? "" : "MAIL_LIMIT_DAY");
    }
    scene_close(scene, NULL, NULL, NULL);
}

static void a_rehearsal_checks_and_sends_nothing(void **state)
{
    struct scene *scene = *state;
    struct done done;
    scene_open(scene, &(struct run_given){.permits = permitted.permits, .dry_run = true});
    REPLY(refused);
    post(scene, &(struct letter){.to = "[\"a@other.example\"]"}, &refused);
    assert_string_equal(refused.error, "MAIL_RECIPIENT");
    REPLY(held);
    post(scene, &(struct letter){.to = "[\"a@finance.example\"]"}, &held);
    assert_false(held.failed);
    scene_close(scene, &done, NULL, NULL);
    assert_string_equal(done.outcome, "held");
    SCOPED_TEXT char *heard = smtp_server_heard(scene->mail);
    assert_string_equal(heard, "");
}

static void a_large_mail_streams_and_a_larger_one_is_refused(void **state)
{
    struct scene *scene = *state;
    struct err err;
    const size_t lines = 100000; // 7.8 MB
    SCOPED_BUF(all, 16 << 20);
    for (size_t i = 0; i < lines; i++)
        require(buf_printf(&all, "%076zu\r\n", i));
    scene_open(scene, &permitted);
    scene->number++;
    assert_true(wire_send(&scene->worker,
                          MESSAGE_OF(MAIL_CALL, .call = 1, .to = TEXT_OF("[\"a@finance.example\"]"),
                                     .cc = TEXT_OF("[]"), .bcc = TEXT_OF("[]"), .subject = TEXT_OF("large"),
                                     .content_type = TEXT_OF("multipart/mixed; boundary=b"),
                                     .body_bytes = (int64_t)all.length),
                          &err));
    for (size_t at = 0; at < all.length; at += CALL_BODY_MAX) {
        const size_t most = all.length - at < CALL_BODY_MAX ? all.length - at : CALL_BODY_MAX;
        assert_true(wire_send(&scene->worker,
                              MESSAGE_OF(CALL_BODY, .call = 1, .last = at + most == all.length,
                                         .part = text_of(all.data + at, most)),
                              &err));
    }
    REPLY(reply);
    scene_answer(scene, 1, &reply);
    assert_string_equal(reply.error, "");
    SCOPED_TEXT char *heard = smtp_server_heard(scene->mail);
    assert_non_null(strstr(heard, "0000000000000000000099999\r\n"));
    assert_true(
        wire_send(&scene->worker,
                  MESSAGE_OF(MAIL_CALL, .call = 2, .to = TEXT_OF("[\"a@finance.example\"]"),
                             .cc = TEXT_OF("[]"), .bcc = TEXT_OF("[]"), .subject = TEXT_OF("larger"),
                             .content_type = TEXT_OF("multipart/mixed; boundary=b"), .body_bytes = 26 << 20),
                  &err));
    REPLY(refused);
    scene_answer(scene, 2, &refused);
    assert_string_equal(refused.error, "MAIL_TOO_LARGE");
    scene_close(scene, NULL, NULL, NULL);
}

int main(int count, char **arguments)
{
    if (count == 2 && strcmp(arguments[1], "gateway") == 0)
        return gateway_main();
    scene_become_user();
    const struct CMUnitTest tests[] = {
#define SCENE(name) cmocka_unit_test_setup_teardown(name, begin, end)
        SCENE(a_mail_goes_out_with_a_head_of_the_gateways_making),
        SCENE(what_may_not_be_sent_is_refused_before_the_server_hears_of_it),
        SCENE(a_body_with_lone_line_ends_is_refused),
        SCENE(the_server_that_refuses_is_quoted),
        SCENE(a_run_sends_only_so_many),
        SCENE(a_robot_sends_only_so_many_a_day),
        SCENE(a_rehearsal_checks_and_sends_nothing),
        SCENE(a_large_mail_streams_and_a_larger_one_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
