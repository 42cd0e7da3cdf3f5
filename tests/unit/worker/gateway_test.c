// core.gateway against a process that plays the gateway: frames both ways, credit, files, failures.
#include "support/unit.h"

#include "lib/base/file.h"
#include "worker/bind/bind.h"
#include "worker/worker.h"

#include <fcntl.h>
#include <lualib.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PIECE = 200000, PIECES = 20 }; // together more than the window

// ---- The other side: a child whose exit code is 0 when it saw what it should.

typedef bool play(struct wire *wire, struct err *err);

static bool see(struct wire *wire, enum message_type type, void *message, struct json_document **document)
{
    struct frame frame;
    struct err err;
    json_document_free(*document);
    *document = NULL;
    return wire_expect(wire, type, message, document, &frame, 10000, &err);
}

static bool answer_head(struct wire *wire, int64_t call, int64_t status, struct err *err)
{
    const struct text head = TEXT_OF("X-A: 1\nx-a: 2\n");
    return wire_send(wire,
                     MESSAGE_OF(HTTP_HEAD, .call = call, .status = status,
                                .url = TEXT_OF("https://x.example/end"), .held = false, .last = false,
                                .head_bytes = (int64_t)head.length, .part = head),
                     err);
}

static bool answer_body(struct wire *wire, int64_t call, struct text part, bool last, struct err *err)
{
    return wire_send(wire, MESSAGE_OF(CALL_BODY, .call = call, .last = last, .part = part), err);
}

static bool plays_a_small_answer(struct wire *wire, struct err *err)
{
    SCOPED(json_document)
    document = NULL;
    struct message_HTTP_CALL call;
    return see(wire, MESSAGE_HTTP_CALL, &call, &document) && call.call == 1 && text_is(call.method, "GET") &&
           text_is(call.url, "https://x.example/") && text_is(call.login, "ledger") && !call.has_body &&
           text_is(call.headers, "[[\"Accept\",\"text/csv\"]]") && answer_head(wire, 1, 200, err) &&
           answer_body(wire, 1, TEXT_OF("ab"), false, err) && answer_body(wire, 1, TEXT_OF("c"), true, err);
}

static bool plays_a_slow_reader_of_uploads(struct wire *wire, struct err *err)
{
    SCOPED(json_document)
    document = NULL;
    SCOPED_BUF(body, 1 << 20);
    struct message_HTTP_CALL call;
    struct message_CALL_BODY part;
    if (!see(wire, MESSAGE_HTTP_CALL, &call, &document) || !call.has_body)
        return false;
    const int64_t size = call.body_bytes;
    do {
        if (!see(wire, MESSAGE_CALL_BODY, &part, &document) || !buf_append_text(&body, part.part))
            return false;
    } while (!part.last);
    static const char expected[] = "head YTtiCg==\r\n tail";
    return (int64_t)body.length == size && strcmp(buf_string(&body), expected) == 0 &&
           answer_head(wire, 1, 204, err) && answer_body(wire, 1, TEXT_OF(""), true, err);
}

// Never more than the window beyond what was granted.
static bool sends_pieces(struct wire *wire, int64_t call, struct err *err)
{
    SCOPED_TEXT char *piece = xcalloc(1, PIECE);
    SCOPED(json_document)
    document = NULL;
    struct message_CALL_MORE more;
    int64_t credit = CALL_WINDOW;
    for (int i = 0; i < PIECES; i++) {
        while (credit < PIECE) {
            if (!see(wire, MESSAGE_CALL_MORE, &more, &document) || more.call != call || more.bytes <= 0)
                return false;
            credit += more.bytes;
        }
        if (credit > CALL_WINDOW || !answer_body(wire, call, text_of(piece, PIECE), i == PIECES - 1, err))
            return false;
        credit -= PIECE;
    }
    return true;
}

static bool plays_a_large_answer(struct wire *wire, struct err *err)
{
    SCOPED(json_document)
    document = NULL;
    struct message_HTTP_CALL call;
    return see(wire, MESSAGE_HTTP_CALL, &call, &document) && answer_head(wire, 1, 200, err) &&
           sends_pieces(wire, 1, err);
}

static bool plays_an_answer_that_is_cut(struct wire *wire, struct err *err)
{
    SCOPED(json_document)
    document = NULL;
    struct message_HTTP_CALL call;
    return see(wire, MESSAGE_HTTP_CALL, &call, &document) && answer_head(wire, 1, 200, err) &&
           answer_body(wire, 1, TEXT_OF("abc"), false, err) &&
           wire_send(wire,
                     MESSAGE_OF(CALL_FAILED, .call = 1, .code = TEXT_OF("HTTP_CUT"),
                                .arguments = TEXT_OF("[\"x.example\"]"), .where = TEXT_OF("")),
                     err);
}

static bool plays_an_answer_that_can_not_be_kept(struct wire *wire, struct err *err)
{
    SCOPED(json_document)
    document = NULL;
    struct message_HTTP_CALL call;
    struct message_CALL_CANCEL cancel;
    return see(wire, MESSAGE_HTTP_CALL, &call, &document) && answer_head(wire, 1, 200, err) &&
           see(wire, MESSAGE_CALL_CANCEL, &cancel, &document) && cancel.call == 1 &&
           see(wire, MESSAGE_HTTP_CALL, &call, &document) && call.call == 2 &&
           answer_body(wire, 1, TEXT_OF("late"), true, err) && answer_head(wire, 2, 404, err) &&
           answer_body(wire, 2, TEXT_OF("none"), true, err);
}

static bool plays_two_calls_in_any_order(struct wire *wire, struct err *err)
{
    SCOPED(json_document)
    document = NULL;
    struct message_HTTP_CALL call;
    return see(wire, MESSAGE_HTTP_CALL, &call, &document) && see(wire, MESSAGE_HTTP_CALL, &call, &document) &&
           answer_head(wire, 1, 200, err) && answer_head(wire, 2, 200, err) &&
           answer_body(wire, 2, TEXT_OF("second"), true, err) &&
           answer_body(wire, 1, TEXT_OF("first"), true, err);
}

static bool plays_a_mail_server(struct wire *wire, struct err *err)
{
    SCOPED(json_document)
    document = NULL;
    struct message_MAIL_CALL mail;
    struct message_CALL_BODY part;
    return see(wire, MESSAGE_MAIL_CALL, &mail, &document) && text_is(mail.to, "[\"a@x.example\"]") &&
           text_is(mail.cc, "[]") && mail.body_bytes == 5 && see(wire, MESSAGE_CALL_BODY, &part, &document) &&
           part.last && text_is(part.part, "words") &&
           wire_send(wire, MESSAGE_OF(MAIL_DONE, .call = 1, .held = true, .message_id = TEXT_OF("<1@x>")),
                     err);
}

static bool plays_dead(struct wire *wire, struct err *err)
{
    (void)wire;
    (void)err;
    return true;
}

// ---- This side: a Lua state with core.gateway as `gateway`, in a folder of its own.

struct scene {
    lua_State *L;
    struct worker worker;
    pid_t child;
    char folder[64];
};

static void begin(struct scene *scene, play *other_side, const char *kind)
{
    int ends[2];
    *scene = (struct scene){.child = 0};
    snprintf(scene->folder, sizeof scene->folder, "/tmp/renki-gateway-XXXXXX");
    assert_non_null(mkdtemp(scene->folder));
    assert_int_equal(chdir(scene->folder), 0);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    scene->child = fork();
    if (scene->child == 0) {
        struct err err;
        close(ends[0]);
        struct wire wire = wire_new(ends[1], ROLE_GATEWAY, ROLE_WORKER, false);
        const bool good = other_side(&wire, &err);
        wire_dispose(&wire);
        _exit(good ? 0 : 1);
    }
    close(ends[1]);
    snprintf(scene->worker.kind, sizeof scene->worker.kind, "%s", kind);
    scene->worker.gateway = wire_new(ends[0], ROLE_WORKER, ROLE_GATEWAY, false);
    scene->L = luaL_newstate();
    *(struct worker **)lua_getextraspace(scene->L) = &scene->worker;
    luaL_openlibs(scene->L);
    luaL_requiref(scene->L, "decimal", luaopen_decimal, 0);
    luaL_requiref(scene->L, "json", luaopen_json, 0);
    luaL_requiref(scene->L, "gateway", luaopen_gateway, 1);
    lua_settop(scene->L, 0);
}

static void end(struct scene *scene)
{
    int status = 0;
    lua_close(scene->L);
    wire_dispose(&scene->worker.gateway);
    assert_int_equal(waitpid(scene->child, &status, 0), scene->child);
    assert_int_equal(chdir("/"), 0);
    SCOPED_TEXT char *clean = xasprintf("%s/kept", scene->folder);
    (void)unlink(clean);
    SCOPED_TEXT char *rows = xasprintf("%s/rows.csv", scene->folder);
    (void)unlink(rows);
    assert_int_equal(rmdir(scene->folder), 0); // nothing half written is left
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static void says(struct scene *scene, const char *code)
{
    if (luaL_dostring(scene->L, code))
        fail_msg("%s", luaL_tolstring(scene->L, -1, NULL));
}

static void plays(play *other_side, const char *code)
{
    struct scene scene;
    begin(&scene, other_side, "run");
    says(&scene, "function call(more)\n"
                 "  local made = { method = 'GET', url = 'https://x.example/', headers_json = '[]', "
                 "login = '', options_json = '{}' }\n"
                 "  for name, value in pairs(more or {}) do made[name] = value end\n"
                 "  return gateway.http(made)\n"
                 "end\n"
                 "function fault_of(f, ...)\n"
                 "  local done, fault = pcall(f, ...)\n"
                 "  assert(not done, 'nothing was raised')\n"
                 "  return fault.code\n"
                 "end\n");
    says(&scene, code);
    end(&scene);
}

static void an_answer_comes_whole(void **state)
{
    (void)state;
    plays(plays_a_small_answer,
          "assert(call { login = 'ledger', headers_json = '[[\"Accept\",\"text/csv\"]]' } == 1)\n"
          "local number, answer, fault = gateway.wait()\n"
          "assert(number == 1 and fault == nil)\n"
          "assert(answer.status == 200 and answer.body == 'abc' and answer.size == 3)\n"
          "assert(answer.url == 'https://x.example/end' and answer.held == false)\n"
          "assert(answer.head == 'X-A: 1\\nx-a: 2\\n')\n"
          "assert(answer.saved == nil)");
}

static void a_body_of_texts_and_files_arrives_whole(void **state)
{
    (void)state;
    plays(plays_a_slow_reader_of_uploads,
          "local file = io.open('rows.csv', 'w') file:write 'a;b\\n' file:close()\n"
          "local body = { 'head ', { file = 'rows.csv', base64 = true }, ' tail' }\n"
          "local size, alone = gateway.size(body)\n"
          "assert(size == 20 and alone == false, size)\n"
          "assert(gateway.read(body) == 'head YTtiCg==\\r\\n tail')\n"
          "call { method = 'POST', body = body }\n"
          "assert(select(2, gateway.wait()).status == 204)");
}

static void credit_is_granted_as_the_answer_is_taken(void **state)
{
    (void)state;
    plays(plays_a_large_answer, "call()\n"
                                "local _, answer = gateway.wait()\n"
                                "assert(#answer.body == 4000000)");
    plays(plays_a_large_answer,
          "call { save = 'kept' }\n"
          "local _, answer = gateway.wait()\n"
          "assert(answer.body == '' and answer.size == 4000000 and answer.saved == 'kept')\n"
          "assert(io.open('kept'):seek 'end' == 4000000)");
}

static void what_is_cut_leaves_no_half_file(void **state)
{
    (void)state;
    plays(plays_an_answer_that_is_cut, "call { save = 'kept' }\n"
                                       "local number, answer, fault = gateway.wait()\n"
                                       "assert(number == 1 and answer == nil and fault.code == 'HTTP_CUT')\n"
                                       "assert(fault.message:find('x.example', 1, true))\n"
                                       "assert(not io.open 'kept')");
}

static void what_can_not_be_kept_is_told_and_the_next_call_goes_on(void **state)
{
    (void)state;
    plays(plays_an_answer_that_can_not_be_kept,
          "call { save = 'no/such/folder' }\n"
          "local number, answer, fault = gateway.wait()\n"
          "assert(number == 1 and answer == nil and fault.code == 'FILE_UNWRITABLE')\n"
          "call { save = 'none' }\n"
          "number, answer = gateway.wait()\n"
          "assert(number == 2 and answer.status == 404 and answer.body == 'none' and answer.saved == nil)");
}

static void calls_end_in_any_order(void **state)
{
    (void)state;
    plays(plays_two_calls_in_any_order, "call() call()\n"
                                        "local number, answer = gateway.wait()\n"
                                        "assert(number == 2 and answer.body == 'second')\n"
                                        "number, answer = gateway.wait()\n"
                                        "assert(number == 1 and answer.body == 'first')");
}

static void a_mail_goes_with_its_body(void **state)
{
    (void)state;
    plays(plays_a_mail_server,
          "gateway.mail { to = { 'a@x.example' }, cc = {}, bcc = {}, reply_to = '', subject = 'x',\n"
          "  content_type = 'multipart/mixed', body = { 'wo', 'rds' } }\n"
          "local number, answer = gateway.wait()\n"
          "assert(number == 1 and answer.held and answer.message_id == '<1@x>')");
}

static void a_file_that_is_not_there_costs_no_call(void **state)
{
    (void)state;
    plays(plays_a_small_answer,
          "assert(fault_of(call, { body = { { file = 'none' } } }) == 'FILE_MISSING')\n"
          "assert(fault_of(call, { body = { { file = '.' } } }) == 'FILE_UNREADABLE')\n"
          "assert(call { login = 'ledger', headers_json = '[[\"Accept\",\"text/csv\"]]' } == 1)\n"
          "assert(select(2, gateway.wait()).body == 'abc')");
}

static void a_gateway_that_is_gone_is_a_failure_and_waiting_has_an_end(void **state)
{
    (void)state;
    plays(plays_dead, "local done, fault = pcall(gateway.wait)\n"
                      "assert(not done and fault.code == 'WIRE_CLOSED' and fault.class == 'failure')");
    plays(plays_two_calls_in_any_order, "call()\n"
                                        "assert(select('#', gateway.wait(10)) == 0)\n"
                                        "call()\n"
                                        "assert(gateway.wait() == 2)\n"
                                        "gateway.cancel(2)\n" // over: nothing to say
                                        "assert(gateway.wait() == 1)");
}

static void nothing_goes_out_of_what_is_no_run(void **state)
{
    (void)state;
    struct scene scene;
    begin(&scene, plays_dead, "test");
    says(&scene, "local done, fault = pcall(gateway.http, { method = 'GET', url = 'https://x.example/', "
                 "headers_json = '[]',\n"
                 "  login = '', options_json = '{}' })\n"
                 "assert(not done and fault.code == 'OUTSIDE_NONE')");
    end(&scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_answer_comes_whole),
        cmocka_unit_test(a_body_of_texts_and_files_arrives_whole),
        cmocka_unit_test(credit_is_granted_as_the_answer_is_taken),
        cmocka_unit_test(what_is_cut_leaves_no_half_file),
        cmocka_unit_test(what_can_not_be_kept_is_told_and_the_next_call_goes_on),
        cmocka_unit_test(calls_end_in_any_order),
        cmocka_unit_test(a_mail_goes_with_its_body),
        cmocka_unit_test(a_file_that_is_not_there_costs_no_call),
        cmocka_unit_test(a_gateway_that_is_gone_is_a_failure_and_waiting_has_an_end),
        cmocka_unit_test(nothing_goes_out_of_what_is_no_run),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
