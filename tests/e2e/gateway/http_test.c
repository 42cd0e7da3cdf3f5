// Calls by HTTP through a real gateway to a real server that misbehaves.
#include "scene.h"

#include "lib/base/clock.h"

#include <stdio.h>
#include <stdlib.h>

int gateway_main(void);

static const char *const loopback =
    "{\"systems\":{\"test\":{\"origin\":\"http://127.0.0.1:$PORT\",\"networks\":[\"127.0.0.1\"]}}}";
#define ALL                                                                                                  \
    "{\"http\":[{\"1\":[\"GET\",\"HEAD\",\"POST\",\"PUT\",\"DELETE\"],\"2\":\"http://127.0.0.1:$PORT/"       \
    "*\",\"login\":\"test\"}]}"
static const struct run_given plain = {.permits = ALL};

static int begin(void **state)
{
    struct scene *scene = xcalloc(1, sizeof *scene);
    scene_begin(scene, loopback, false);
    *state = scene;
    return 0;
}

static int end(void **state)
{
    scene_end(*state);
    xfree(*state);
    return 0;
}

static bool body_is(const struct reply *reply, const char *words)
{
    return text_is(buf_text(&reply->body), words);
}

static void a_permitted_call_is_answered_and_recorded(void **state)
{
    struct scene *scene = *state;
    struct done done;
    size_t count;
    scene_open(scene, &plain);
    REPLY(reply);
    scene_call(scene, &(struct ask){.path = "/status/201/made?secret=1"}, &reply);
    assert_false(reply.failed);
    assert_int_equal(reply.status, 201);
    assert_true(body_is(&reply, "made"));
    assert_non_null(strstr(reply.headers, "Content-Type: text/plain\n"));
    scene_close(scene, &done, &count, NULL);
    assert_int_equal(count, 1);
    assert_string_equal(done.outcome, "done");
    assert_string_equal(done.method, "GET");
    assert_string_equal(done.path, "/status/201/made"); // no query
    assert_int_equal(done.status, 201);
    assert_int_equal(done.received_bytes, 4);
}

static void what_no_permit_covers_never_leaves(void **state)
{
    struct scene *scene = *state;
    static const struct {
        struct ask ask;
        const char *error;
    } cases[] = {
        {{.path = "http://other.example/"}, "PERMIT_NONE"},
        {{.path = "http://127.0.0.1:1/ok"}, "PERMIT_NONE"},
        {{.path = "https://127.0.0.1:$PORT/ok"}, "PERMIT_NONE"},
        {{.path = "/ok", .method = "PATCH"}, "PERMIT_NONE"},
        {{.path = "/ok", .method = "TRACE"}, "HTTP_METHOD"},
        {{.path = "/a/../b"}, "HTTP_URL"},
        {{.path = "/a%2fb"}, "HTTP_URL"},
        {{.path = "/%2e%2e/b"}, "HTTP_URL"},
        {{.path = "/a b"}, "HTTP_URL"},
        {{.path = "/a\\b"}, "HTTP_URL"},
        {{.path = "http://robot:x@127.0.0.1:$PORT/ok"}, "HTTP_URL"},
        {{.path = "http:/127.0.0.1:$PORT/ok"}, "HTTP_URL"},
        {{.path = "http:///127.0.0.1:$PORT/ok"}, "HTTP_URL"},
        {{.path = "http://127.0.0.1:/ok"}, "HTTP_URL"},
        {{.path = "http://127.0.0.1:0/ok"}, "HTTP_URL"},
        {{.path = "http://127.0.0.1.:$PORT/ok"}, "HTTP_URL"},
        {{.path = "/ok", .login = "other"}, "PERMIT_LOGIN"},
        {{.path = "/ok", .login = "test"}, "LOGIN_MISSING"},
        {{.path = "/ok", .headers = "[[\"Host\",\"x\"]]"}, "HTTP_HEADER"},
        {{.path = "/ok", .headers = "[[\"authorization\",\"x\"]]"}, "HTTP_HEADER"},
        {{.path = "/ok", .headers = "[[\"Proxy-Authorization\",\"x\"]]"}, "HTTP_HEADER"},
        {{.path = "/ok", .headers = "[[\"X\",\"a\\r\\nHost: b\"]]"}, "HTTP_HEADER_FORM"},
        {{.path = "/ok", .headers = "[[\"X Y\",\"a\"]]"}, "HTTP_HEADER_FORM"},
    };
    scene_open(scene, &plain);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        REPLY(reply);
        scene_call(scene, &cases[i].ask, &reply);
        if (!reply.failed || strcmp(reply.error, cases[i].error) != 0)
            fail_msg("%s: expected %s, got %s %d", cases[i].ask.path, cases[i].error, reply.error,
                     (int)reply.status);
    }
    struct done done;
    size_t count;
    scene_close(scene, &done, &count, NULL);
    assert_int_equal(count, COUNT_OF(cases));
    assert_string_equal(done.outcome, "refused");
    assert_int_equal(http_server_requests(scene->server), 0);
}

static void addresses_that_nobody_named_are_not_dialled(void **state)
{
    struct scene *scene = *state;
    scene_open(
        scene,
        &(struct run_given){
            .permits =
                "{\"http\":[[\"GET\",\"http://localhost:$PORT/*\"],[\"GET\",\"http://127.0.0.2:$PORT/"
                "*\"],[\"GET\",\"http://[::ffff:7f00:1]:$PORT/*\"],[\"GET\",\"http://169.254.169.254/*\"],"
                "[\"GET\",\"http://0.0.0.0:$PORT/*\"],[\"GET\",\"http://10.0.0.1/*\"]]}"});
    static const char *const urls[] = {"http://localhost:$PORT/ok", "http://127.0.0.2:$PORT/ok",
                                       "http://169.254.169.254/latest", "http://0.0.0.0:$PORT/ok",
                                       "http://10.0.0.1/"};
    for (size_t i = 0; i < COUNT_OF(urls); i++) {
        REPLY(reply);
        scene_call(scene, &(struct ask){.path = urls[i]}, &reply);
        if (strcmp(reply.error, "HTTP_ADDRESS") != 0)
            fail_msg("%s: %s", urls[i], reply.error);
    }
    scene_close(scene, NULL, NULL, NULL);
    assert_int_equal(http_server_requests(scene->server), 0);
}

static void a_misbehaving_server_gives_a_plain_error(void **state)
{
    struct scene *scene = *state;
    static const struct {
        struct ask ask;
        const char *error;
    } cases[] = {
        {{.path = "/cut"}, "HTTP_CUT"},
        {{.path = "/silent"}, "HTTP_CUT"},
        {{.path = "/slow/3000", .options = "{\"timeout_ms\":200}"}, "HTTP_TIMEOUT"},
        {{.path = "/redirect/5"}, "HTTP_REDIRECTS"},
        {{.path = "/endless"}, "HTTP_TOO_LARGE"},
        {{.path = "/bomb"}, "HTTP_TOO_LARGE"},
        {{.path = "/lines/600"}, "HTTP_HEADERS_TOO_LARGE"},
        {{.path = "/go/302?http://other.example/"}, "PERMIT_NONE"},
        {{.path = "/go/302?http://127.0.0.1:1/"}, "PERMIT_NONE"},
        {{.path = "/go/302?file:///etc/passwd"}, "HTTP_URL"},
        {{.path = "/go/302?//127.0.0.1.:$PORT/"}, "HTTP_URL"},
    };
    scene_open(scene, &(struct run_given){.permits = ALL, .limits = "{\"answer_bytes\":2000000}"});
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        REPLY(reply);
        scene_call(scene, &cases[i].ask, &reply);
        if (!reply.failed || strcmp(reply.error, cases[i].error) != 0)
            fail_msg("%s: expected %s, got %s %d", cases[i].ask.path, cases[i].error, reply.error,
                     (int)reply.status);
    }
    REPLY(good);
    scene_call(scene, &(struct ask){.path = "/ok"}, &good); // unharmed
    assert_true(body_is(&good, "ok"));
    scene_close(scene, NULL, NULL, NULL);
}

static void nobody_listening_is_told_with_the_port(void **state)
{
    struct scene *scene = *state;
    scene_end(scene);
    scene_begin(scene,
                "{\"systems\":{\"x\":{\"origin\":\"http://127.0.0.1:9\",\"networks\":\"127.0.0.0/8\"}}}",
                false);
    scene_open(scene, &(struct run_given){.permits = "{\"http\":[[\"GET\",\"http://127.0.0.1:9/*\"]]}"});
    REPLY(reply);
    scene_call(scene, &(struct ask){.path = "http://127.0.0.1:9/"}, &reply);
    assert_string_equal(reply.error, "HTTP_CONNECT");
    assert_string_equal(reply.argument[1], "Connection refused");
    scene_close(scene, NULL, NULL, NULL);
}

static void redirects_are_followed_within_the_permit(void **state)
{
    struct scene *scene = *state;
    scene_open(scene, &plain);
    REPLY(reply);
    scene_call(scene, &(struct ask){.path = "/redirect/3"}, &reply);
    assert_int_equal(reply.status, 200);
    assert_true(body_is(&reply, "ok"));
    assert_non_null(strstr(reply.url, "/ok"));
    REPLY(kept);
    scene_call(scene, &(struct ask){.path = "/redirect/3", .options = "{\"redirects\":0}"}, &kept);
    assert_int_equal(kept.status, 302);
    // 303 turns into GET, 307 sends the body again.
    REPLY(seen);
    scene_call(
        scene,
        &(struct ask){.path = "/go/303?/echo", .method = "POST", .has_body = true, .body = TEXT_OF("abc")},
        &seen);
    assert_non_null(strstr(buf_string(&seen.body), "GET /echo"));
    REPLY(again);
    scene_call(
        scene,
        &(struct ask){.path = "/go/307?/echo", .method = "POST", .has_body = true, .body = TEXT_OF("abc")},
        &again);
    assert_non_null(strstr(buf_string(&again.body), "POST /echo"));
    assert_non_null(strstr(buf_string(&again.body), "\r\n\r\nabc"));
    scene_close(scene, NULL, NULL, NULL);
}

static void bodies_of_any_size_go_out_and_come_back(void **state)
{
    struct scene *scene = *state;
    scene_open(scene, &plain);
    static const size_t sizes[] = {0, 1, 65536, 1 << 20, (1 << 20) + 1, 20 << 20};
    char *bytes = xmalloc(20 << 20);
    memset(bytes, 'y', 20 << 20);
    for (size_t i = 0; i < COUNT_OF(sizes); i++) {
        char expected[32], path[64];
        REPLY(sent);
        scene_call(
            scene,
            &(struct ask){
                .path = "/upload", .method = "PUT", .has_body = true, .body = text_of(bytes, sizes[i])},
            &sent);
        snprintf(expected, sizeof expected, "%zu", sizes[i]);
        if (!body_is(&sent, expected))
            fail_msg("%s: %s %s", expected, sent.error, buf_string(&sent.body));
        REPLY(got);
        snprintf(path, sizeof path, "/bytes/%zu", sizes[i]);
        scene_call(scene, &(struct ask){.path = path}, &got);
        assert_int_equal(got.body.length, sizes[i]);
    }
    xfree(bytes);
    REPLY(chunked);
    scene_call(scene, &(struct ask){.path = "/chunked"}, &chunked);
    assert_true(body_is(&chunked, "one,two,three"));
    scene_close(scene, NULL, NULL, NULL);
}

// Fifty at once, answered in any order; eight of them under way at a time.
static void many_calls_at_once_are_all_answered(void **state)
{
    struct scene *scene = *state;
    struct err err;
    bool seen[51] = {false};
    scene_open(scene, &plain);
    for (int i = 0; i < 50; i++)
        scene_ask(scene, &(struct ask){.path = i % 2 ? "/slow/20" : "/bytes/100000"});
    for (int left = 50; left;) {
        struct frame frame;
        struct part part;
        assert_true(wire_receive(&scene->worker, &frame, 30000, &err));
        if (scene_part(&part, &frame) && part.last) {
            assert_false(seen[part.call]);
            seen[part.call] = true;
            left--;
        }
    }
    size_t count;
    scene_close(scene, NULL, &count, NULL);
    assert_int_equal(count, 50);
}

// The worker reads nothing for a while: the answer waits at its window, then goes on.
static void an_answer_keeps_to_the_workers_pace(void **state)
{
    struct scene *scene = *state;
    struct err err;
    int64_t got = 0;
    scene_open(scene, &plain);
    scene_ask(scene, &(struct ask){.path = "/bytes/5000000"});
    for (bool last = false; !last;) {
        struct frame frame;
        struct part part;
        if (!wire_receive(&scene->worker, &frame, 500, &err)) {
            assert_int_equal(err.code, ERR_WIRE_TIMEOUT);
            assert_true(got > 0 && got <= CALL_WINDOW + 100000);
            assert_true(wire_send(&scene->worker, MESSAGE_OF(CALL_MORE, .call = 1, .bytes = 10000000), &err));
            // The window is never more than CALL_WINDOW, whatever is asked for.
            assert_true(wire_send(&scene->worker, MESSAGE_OF(CALL_MORE, .call = 1, .bytes = 10000000), &err));
            got = -1000000000;
            continue;
        }
        if (!scene_part(&part, &frame))
            continue;
        got += part.bytes;
        if (got < 0)
            assert_true(
                wire_send(&scene->worker, MESSAGE_OF(CALL_MORE, .call = 1, .bytes = part.bytes), &err));
        last = part.last;
    }
    assert_true(got < 0);
    scene_close(scene, NULL, NULL, NULL);
}

static void a_rehearsal_lets_reads_through_and_holds_the_rest(void **state)
{
    struct scene *scene = *state;
    struct done done;
    scene_open(scene, &(struct run_given){.permits = ALL, .dry_run = true});
    REPLY(read);
    scene_call(scene, &(struct ask){.path = "/ok"}, &read);
    assert_true(body_is(&read, "ok") && !read.held);
    const int before = http_server_requests(scene->server);
    REPLY(written);
    scene_call(scene,
               &(struct ask){.path = "/upload", .method = "POST", .has_body = true, .body = TEXT_OF("x")},
               &written);
    assert_true(written.held && written.status == 200 && written.body.length == 0);
    REPLY(head);
    scene_call(scene, &(struct ask){.path = "/ok", .method = "DELETE"}, &head);
    assert_true(head.held);
    scene_close(scene, &done, NULL, NULL);
    assert_string_equal(done.outcome, "held");
    assert_int_equal(http_server_requests(scene->server), before);
}

static const struct secret_given basic = {
    "{\"name\":\"test\",\"kind\":\"basic\",\"origin\":\"http://127.0.0.1:$PORT\",\"username\":\"robot\"}",
    "correct horse"};
static const struct secret_given bearer = {
    "{\"name\":\"test\",\"kind\":\"bearer\",\"origin\":\"http://127.0.0.1:$PORT\"}", "tokentoken=1234+/"};
static const struct secret_given header = {"{\"name\":\"test\",\"kind\":\"header\",\"header\":\"X-Api-Key\","
                                           "\"origin\":\"http://127.0.0.1:$PORT/echo\"}",
                                           "apikey12345"};
static const struct secret_given form = {
    "{\"name\":\"test\",\"kind\":\"form\",\"origin\":\"http://"
    "127.0.0.1:$PORT\",\"username\":\"robot\",\"form\":{\"url\":"
    "\"http://127.0.0.1:$PORT/login\",\"fields\":[[\"user\",\"{username}\"],[\"password\",\"{secret}\"]]}}",
    "correct horse"};

static void a_login_is_added_and_never_shown(void **state)
{
    struct scene *scene = *state;
    SCOPED_BUF(recording, 1 << 20);
    struct done done;
    scene_open(scene,
               &(struct run_given){.permits = ALL, .secrets = &basic, .secret_count = 1, .record = true});
    REPLY(without);
    scene_call(scene, &(struct ask){.path = "/basic"}, &without);
    assert_int_equal(without.status, 401);
    REPLY(with);
    scene_call(scene, &(struct ask){.path = "/basic", .login = "test"}, &with);
    assert_true(body_is(&with, "welcome"));
    // The server echoes the whole request: the credential comes back masked, however it is cut.
    REPLY(echo);
    scene_call(
        scene,
        &(struct ask){.path = "/echo",
                      .login = "test",
                      .method = "POST",
                      .has_body = true,
                      .body = TEXT_OF("correct horse correct%20horse correct+horse Y29ycmVjdCBob3JzZQ==")},
        &echo);
    const char *text = buf_string(&echo.body);
    assert_null(strstr(text, "correct"));
    assert_null(strstr(text, "cm9ib3Q6Y29ycmVjd"));
    assert_null(strstr(text, "Y29ycmVjdCBob3JzZ"));
    assert_non_null(strstr(text, "Basic ****"));
    scene_close(scene, &done, NULL, &recording);
    assert_string_equal(done.problem, "SECRET_ECHOED");
    assert_string_equal(done.outcome, "done");
    assert_string_equal(done.login, "test");
    assert_null(strstr(buf_string(&recording), "cm9ib3Q6"));
    assert_non_null(strstr(buf_string(&recording), "welcome"));
}

static void bearer_and_header_logins_go_where_they_belong(void **state)
{
    struct scene *scene = *state;
    scene_open(scene, &(struct run_given){.permits = ALL, .secrets = &bearer, .secret_count = 1});
    REPLY(token);
    scene_call(scene, &(struct ask){.path = "/echo", .login = "test"}, &token);
    assert_non_null(strstr(buf_string(&token.body), "Authorization: Bearer ****"));
    REPLY(cookie);
    scene_call(scene, &(struct ask){.path = "/echo", .login = "test", .headers = "[[\"Cookie\",\"a=b\"]]"},
               &cookie);
    assert_string_equal(cookie.error, "HTTP_HEADER");
    scene_close(scene, NULL, NULL, NULL);

    scene_open(scene, &(struct run_given){.permits = ALL, .secrets = &header, .secret_count = 1});
    REPLY(key);
    scene_call(scene, &(struct ask){.path = "/echo", .login = "test"}, &key);
    assert_non_null(strstr(buf_string(&key.body), "X-Api-Key: ****"));
    REPLY(outside);
    scene_call(scene, &(struct ask){.path = "/ok", .login = "test"}, &outside);
    assert_string_equal(outside.error, "LOGIN_ORIGIN");
    scene_close(scene, NULL, NULL, NULL);
}

static void a_redirect_out_of_the_logins_origin_loses_the_login(void **state)
{
    struct scene *scene = *state;
    static const struct secret_given narrow = {"{\"name\":\"test\",\"kind\":\"basic\",\"origin\":\"http://"
                                               "127.0.0.1:$PORT/go\",\"username\":\"robot\"}",
                                               "correct horse"};
    scene_open(scene, &(struct run_given){.permits = ALL, .secrets = &narrow, .secret_count = 1});
    REPLY(reply);
    scene_call(scene, &(struct ask){.path = "/go/302?/echo", .login = "test"}, &reply);
    assert_non_null(strstr(buf_string(&reply.body), "GET /echo"));
    assert_null(strstr(buf_string(&reply.body), "uthorization"));
    scene_close(scene, NULL, NULL, NULL);
}

static void a_form_login_is_done_once_and_again_when_it_runs_out(void **state)
{
    struct scene *scene = *state;
    scene_open(scene, &(struct run_given){.permits = ALL, .secrets = &form, .secret_count = 1});
    for (int i = 0; i < 3; i++) {
        REPLY(reply);
        scene_call(scene, &(struct ask){.path = "/private", .login = "test"}, &reply);
        if (!body_is(&reply, "inside"))
            fail_msg("%s %d %s", reply.error, (int)reply.status, buf_string(&reply.body));
        assert_null(strstr(reply.headers, "ookie"));
    }
    assert_int_equal(http_server_requests(scene->server), 4); // one login
    REPLY(out);
    scene_call(scene, &(struct ask){.path = "/logout"}, &out);
    REPLY(again);
    scene_call(scene, &(struct ask){.path = "/private", .login = "test"}, &again);
    assert_true(body_is(&again, "inside"));
    scene_close(scene, NULL, NULL, NULL);
    static const struct secret_given wrong = {
        "{\"name\":\"test\",\"kind\":\"form\",\"origin\":\"http://"
        "127.0.0.1:$PORT\",\"username\":\"robot\",\"form\":{\"url\":"
        "\"http://127.0.0.1:$PORT/login\",\"fields\":[[\"password\",\"{secret}\"]]}}",
        "wrong password"};
    scene_open(scene, &(struct run_given){.permits = ALL, .secrets = &wrong, .secret_count = 1});
    REPLY(refused);
    scene_call(scene, &(struct ask){.path = "/private", .login = "test"}, &refused);
    assert_string_equal(refused.error, "LOGIN_FAILED");
    scene_close(scene, NULL, NULL, NULL);
}

static void cookies_live_in_their_jar_and_end_with_the_run(void **state)
{
    struct scene *scene = *state;
    static const struct {
        const char *path, *options, *shown;
    } cases[] = {
        {"/cookie/set", "{\"jar\":1}", "set"},
        {"/cookie/show", "{\"jar\":1}", "taste=sweet"},
        {"/cookie/show", "{\"jar\":2}", ""},
        {"/cookie/show", "{}", ""},
    };
    scene_open(scene, &plain);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        REPLY(reply);
        scene_call(scene, &(struct ask){.path = cases[i].path, .options = cases[i].options}, &reply);
        if (!body_is(&reply, cases[i].shown))
            fail_msg("%s %s: %s", cases[i].path, cases[i].options, buf_string(&reply.body));
    }
    scene_close(scene, NULL, NULL, NULL);
    scene_open(scene, &plain);
    REPLY(later);
    scene_call(scene, &(struct ask){.path = "/cookie/show", .options = "{\"jar\":1}"}, &later);
    assert_true(body_is(&later, ""));
    scene_close(scene, NULL, NULL, NULL);
}

static void a_system_may_be_elsewhere_than_its_name_says(void **state)
{
    struct scene *scene = *state;
    struct done done;
    static const struct secret_given named = {"{\"name\":\"test\",\"kind\":\"basic\",\"origin\":\"https://"
                                              "ledger.example/api\",\"username\":\"robot\"}",
                                              "correct horse"};
    scene_end(scene);
    scene_begin(scene,
                "{\"systems\":{\"x\":{\"origin\":\"https://ledger.example\",\"address\":\"http://"
                "127.0.0.1:$PORT\"}}}",
                false);
    scene_open(scene,
               &(struct run_given){.permits = "{\"http\":[{\"1\":\"GET\",\"2\":\"https://ledger.example/*\","
                                              "\"login\":\"test\"}]}",
                                   .secrets = &named,
                                   .secret_count = 1});
    REPLY(reply);
    scene_call(scene, &(struct ask){.path = "https://ledger.example/echo"}, &reply);
    assert_non_null(strstr(buf_string(&reply.body), "Host: ledger.example\r\n"));
    assert_string_equal(reply.url, "https://ledger.example/echo");
    REPLY(moved);
    scene_call(scene, &(struct ask){.path = "https://ledger.example/redirect/1"}, &moved);
    assert_true(body_is(&moved, "ok"));
    REPLY(outside);
    scene_call(scene, &(struct ask){.path = "http://127.0.0.1:$PORT/ok"}, &outside);
    assert_string_equal(outside.error, "PERMIT_NONE");
    REPLY(login);
    scene_call(scene, &(struct ask){.path = "https://ledger.example/api/x", .login = "test"}, &login);
    assert_int_equal(login.status, 404);
    scene_close(scene, &done, NULL, NULL);
    assert_string_equal(done.host, "ledger.example");
    assert_string_equal(done.login, "test");
}

static void a_system_keeps_its_rate(void **state)
{
    struct scene *scene = *state;
    scene_end(scene);
    scene_begin(scene,
                "{\"systems\":{\"x\":{\"origin\":\"http://"
                "127.0.0.1:$PORT\",\"networks\":[\"127.0.0.1\"],\"calls_at_once\":1,\"per_second\":20}}}",
                false);
    scene_open(scene, &plain);
    const int64_t before = clock_monotonic_ms();
    for (int i = 0; i < 6; i++)
        scene_ask(scene, &(struct ask){.path = "/ok"});
    for (int i = 1; i <= 6; i++) {
        REPLY(reply);
        scene_answer(scene, i, &reply); // in their order: one at a time
    }
    assert_true(clock_monotonic_ms() - before >= 240);
    scene_close(scene, NULL, NULL, NULL);
}

static void a_system_gets_only_so_many_calls_in_any_span(void **state)
{
    struct scene *scene = *state;
    scene_end(scene);
    scene_begin(
        scene,
        "{\"systems\":{\"x\":{\"origin\":\"http://"
        "127.0.0.1:$PORT\",\"networks\":[\"127.0.0.1\"],\"calls_at_once\":1,\"calls\":\"3 per 1 s\"}}}",
        false);
    scene_open(scene, &plain);
    const int64_t before = clock_monotonic_ms();
    for (int i = 0; i < 7; i++)
        scene_ask(scene, &(struct ask){.path = "/ok"});
    for (int i = 1; i <= 7; i++) {
        REPLY(reply);
        scene_answer(scene, i, &reply);
    }
    assert_true(clock_monotonic_ms() - before >= 1990); // 3 at once, 3 a second later, 1 after another
    scene_close(scene, NULL, NULL, NULL);
}

static void a_run_may_make_only_so_many_calls(void **state)
{
    struct scene *scene = *state;
    scene_open(scene, &(struct run_given){.permits = ALL, .limits = "{\"calls\":2}"});
    for (int i = 0; i < 3; i++) {
        REPLY(reply);
        scene_call(scene, &(struct ask){.path = "/ok"}, &reply);
        assert_string_equal(reply.error, i < 2 ? "" : "CALLS_LIMIT");
    }
    scene_close(scene, NULL, NULL, NULL);
}

static void a_frame_out_of_turn_ends_the_run_and_nothing_else(void **state)
{
    struct scene *scene = *state;
    struct err err;
    struct frame frame;
    scene_open(scene, &plain);
    scene->number = 5; // skips
    scene_ask(scene, &(struct ask){.path = "/ok"});
    assert_false(wire_receive(&scene->worker, &frame, 10000, &err));
    assert_int_equal(err.code, ERR_WIRE_CLOSED);
    bool broken = false;
    while (!broken && wire_receive(&scene->host, &frame, 10000, &err))
        broken = frame.type == MESSAGE_RUN_BROKEN;
    assert_true(broken);
    scene_close(scene, NULL, NULL, NULL);
    scene_open(scene, &plain);
    REPLY(reply);
    scene_call(scene, &(struct ask){.path = "/ok"}, &reply);
    assert_true(body_is(&reply, "ok"));
    scene_close(scene, NULL, NULL, NULL);
}

static void a_run_that_ends_in_the_midst_leaves_records(void **state)
{
    struct scene *scene = *state;
    struct done done;
    size_t count;
    scene_open(scene, &plain);
    for (int i = 0; i < 12; i++)
        scene_ask(scene, &(struct ask){.path = "/slow/5000"});
    scene_ask(scene, &(struct ask){.path = "/endless"});
    REPLY(reply);
    scene_call(scene, &(struct ask){.path = "http://other.example/"}, &reply);
    scene_close(scene, &done, &count, NULL);
    assert_int_equal(count, 14);
    assert_string_equal(done.outcome, "failed");
    assert_string_equal(done.problem, "CALL_CANCELLED");
}

static void a_certificate_nobody_trusts_is_told_apart(void **state)
{
    struct scene *scene = *state;
    scene_end(scene);
    scene_begin(scene,
                "{\"systems\":{\"x\":{\"origin\":\"https://127.0.0.1:$PORT\",\"networks\":[\"127.0.0.1\"]}}}",
                true);
    static const struct run_given secure = {.permits =
                                                "{\"http\":[[\"GET\",\"https://127.0.0.1:$PORT/*\"]]}"};
    scene_open(scene, &secure);
    REPLY(reply);
    scene_call(scene, &(struct ask){.path = "/ok"}, &reply);
    assert_string_equal(reply.error, "HTTP_CERTIFICATE");
    assert_non_null(strstr(reply.argument[1], "CN=test.example"));
    assert_non_null(strstr(reply.argument[2], "self-signed"));
    scene_close(scene, NULL, NULL, NULL);
}

static void a_private_authority_is_trusted_where_it_is_named(void **state)
{
    struct scene *scene = *state;
    scene_end(scene);
    // The certificate exists only once the server runs: written to the file that the settings name.
    scene_begin(scene, "{}", true);
    char path[] = "/tmp/renki-ca-XXXXXX";
    const int file = mkstemp(path);
    FILE *stream = fdopen(file, "w");
    fputs(http_server_certificate(scene->server), stream);
    fclose(stream);
    struct http_server *server = scene->server;
    char settings[400];
    snprintf(settings, sizeof settings,
             "{\"systems\":{\"x\":{\"origin\":\"https://"
             "127.0.0.1:%d\",\"networks\":[\"127.0.0.1\"],\"ca\":\"%s\"}}}",
             http_server_port(server), path);
    struct scene second;
    scene_begin(&second, settings, false);
    char permits[200];
    snprintf(permits, sizeof permits, "{\"http\":[[\"GET\",\"https://127.0.0.1:%d/*\"]]}",
             http_server_port(server));
    scene_open(&second, &(struct run_given){.permits = permits});
    char url[100];
    snprintf(url, sizeof url, "https://127.0.0.1:%d/ok", http_server_port(server));
    REPLY(reply);
    scene_call(&second, &(struct ask){.path = url}, &reply);
    if (!body_is(&reply, "ok"))
        fail_msg("%s %s %s", reply.error, reply.argument[1], reply.argument[2]);
    scene_close(&second, NULL, NULL, NULL);
    scene_end(&second);
    remove(path);
}

int main(int count, char **arguments)
{
    if (count == 2 && strcmp(arguments[1], "gateway") == 0)
        return gateway_main();
    scene_become_user();
    const struct CMUnitTest tests[] = {
#define SCENE(name) cmocka_unit_test_setup_teardown(name, begin, end)
        SCENE(a_permitted_call_is_answered_and_recorded),
        SCENE(what_no_permit_covers_never_leaves),
        SCENE(addresses_that_nobody_named_are_not_dialled),
        SCENE(a_misbehaving_server_gives_a_plain_error),
        SCENE(nobody_listening_is_told_with_the_port),
        SCENE(redirects_are_followed_within_the_permit),
        SCENE(bodies_of_any_size_go_out_and_come_back),
        SCENE(many_calls_at_once_are_all_answered),
        SCENE(an_answer_keeps_to_the_workers_pace),
        SCENE(a_rehearsal_lets_reads_through_and_holds_the_rest),
        SCENE(a_login_is_added_and_never_shown),
        SCENE(bearer_and_header_logins_go_where_they_belong),
        SCENE(a_redirect_out_of_the_logins_origin_loses_the_login),
        SCENE(a_form_login_is_done_once_and_again_when_it_runs_out),
        SCENE(cookies_live_in_their_jar_and_end_with_the_run),
        SCENE(a_system_may_be_elsewhere_than_its_name_says),
        SCENE(a_system_keeps_its_rate),
        SCENE(a_system_gets_only_so_many_calls_in_any_span),
        SCENE(a_run_may_make_only_so_many_calls),
        SCENE(a_frame_out_of_turn_ends_the_run_and_nothing_else),
        SCENE(a_run_that_ends_in_the_midst_leaves_records),
        SCENE(a_certificate_nobody_trusts_is_told_apart),
        SCENE(a_private_authority_is_trusted_where_it_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
