// lib/seal: what is sealed comes back whole, to the right key, name and version, and to nothing else.
#include "support/unit.h"

#include "lib/base/file.h"
#include "lib/seal/secret.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *const basic = "{\"name\":\"ledger\",\"kind\":\"basic\",\"origin\":\"https://"
                                 "ledger.example/api\",\"username\":\"robot\"}";

struct scene {
    char folder[64], path[96];
    struct seal_key *key;
};

static int begin(void **state)
{
    struct scene *scene = xcalloc(1, sizeof *scene);
    struct err err;
    snprintf(scene->folder, sizeof scene->folder, "%s", "/tmp/renki-seal-XXXXXX");
    assert_non_null(mkdtemp(scene->folder));
    snprintf(scene->path, sizeof scene->path, "%s/gateway.key", scene->folder);
    assert_true(seal_key_open(&scene->key, scene->path, &err));
    *state = scene;
    return 0;
}

static int end(void **state)
{
    struct scene *scene = *state;
    seal_key_free(scene->key);
    unlink(scene->path);
    rmdir(scene->folder);
    xfree(scene);
    return 0;
}

static bool sealed(struct buf *box, const struct scene *scene, const char *json, int64_t version,
                   const char *value, struct err *err)
{
    struct json_document *document = NULL;
    assert_true(json_parse(&document, text_from(json), err));
    const bool good =
        secret_seal(box, seal_key_public(scene->key), json_root(document), version, text_from(value), err);
    json_document_free(document);
    return good;
}

static void a_sealed_secret_comes_back_whole(void **state)
{
    struct scene *scene = *state;
    struct err err;
    SCOPED_BUF(box, SECRET_BOX_MAX);
    assert_true(sealed(&box, scene, basic, 3, "correct horse", &err));
    assert_null(memmem(box.data, box.length, "correct", 7));
    SCOPED(secret)
    secret = NULL;
    assert_true(secret_open(&secret, scene->key, buf_text(&box), "ledger", 3, &err));
    assert_int_equal(secret->kind, SECRET_BASIC);
    assert_string_equal(secret->username, "robot");
    assert_true(text_is(secret->value, "correct horse"));
    assert_string_equal(secret->value.data, "correct horse");
    assert_string_equal(secret->origin.host, "ledger.example");
    assert_string_equal(secret->origin.path, "/api");
    assert_false(secret->for_mail);
}

static void a_box_of_another_name_version_or_key_is_noticed(void **state)
{
    struct scene *scene = *state;
    struct err err;
    SCOPED_BUF(box, SECRET_BOX_MAX);
    assert_true(sealed(&box, scene, basic, 3, "correct horse", &err));
    SCOPED(secret)
    secret = NULL;
    assert_false(secret_open(&secret, scene->key, buf_text(&box), "other", 3, &err));
    assert_int_equal(err.code, ERR_SECRET_BOX);
    assert_false(secret_open(&secret, scene->key, buf_text(&box), "ledger", 2, &err));
    box.data[box.length - 1] ^= 1;
    assert_false(secret_open(&secret, scene->key, buf_text(&box), "ledger", 3, &err));
    assert_false(secret_open(&secret, scene->key, TEXT_OF("short"), "ledger", 3, &err));
    assert_null(secret);
}

static void the_key_file_is_made_once_and_only_for_its_owner(void **state)
{
    struct scene *scene = *state;
    struct err err;
    struct stat status;
    assert_int_equal(stat(scene->path, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0400);
    SCOPED(seal_key)
    again = NULL;
    assert_true(seal_key_open(&again, scene->path, &err));
    assert_string_equal(seal_key_public(again), seal_key_public(scene->key));
    assert_int_equal(chmod(scene->path, 0444), 0);
    SCOPED(seal_key)
    open_to_all = NULL;
    assert_false(seal_key_open(&open_to_all, scene->path, &err));
    assert_int_equal(err.code, ERR_KEY_FILE);
}

static void what_is_wrong_with_a_secret_is_said(void **state)
{
    struct scene *scene = *state;
    static const struct {
        const char *json, *value;
        enum err_code code;
    } cases[] = {
        {"{\"name\":\"a b\",\"kind\":\"bearer\",\"origin\":\"https://a.example\"}", "12345678",
         ERR_SECRET_NAME},
        {"{\"name\":\"a\",\"kind\":\"baerer\",\"origin\":\"https://a.example\"}", "12345678",
         ERR_SECRET_KIND},
        {"{\"name\":\"a\",\"kind\":\"bearer\",\"origin\":\"a.example\"}", "12345678", ERR_ORIGIN_FORM},
        {"{\"name\":\"a\",\"kind\":\"bearer\",\"origin\":\"https://a.example\"}", "1234567",
         ERR_SECRET_LENGTH},
        {"{\"name\":\"a\",\"kind\":\"bearer\",\"origin\":\"https://a.example\"}", "1234\n5678",
         ERR_SECRET_VALUE},
        {"{\"name\":\"a\",\"kind\":\"bearer\",\"origin\":\"https://a.example\",\"username\":\"x\"}",
         "12345678", ERR_SECRET_FIELD_UNKNOWN},
        {"{\"name\":\"a\",\"kind\":\"basic\",\"origin\":\"https://a.example\"}", "12345678",
         ERR_SECRET_FIELD},
        {"{\"name\":\"a\",\"kind\":\"header\",\"origin\":\"https://a.example\",\"header\":\"Host\"}",
         "12345678", ERR_SECRET_FIELD},
        {"{\"name\":\"a\",\"kind\":\"form\",\"origin\":\"https://a.example\",\"username\":\"x\",\"form\":"
         "{\"url\":\"https://a.example/login\",\"fields\":[[\"u\",\"{username}\"]]}}",
         "12345678", ERR_SECRET_FIELD},
        {"{\"name\":\"a\",\"kind\":\"client_certificate\",\"origin\":\"https://a.example\"}", "12345678",
         ERR_SECRET_VALUE},
        {"{\"name\":\"a\",\"kind\":\"bearer\",\"origin\":\"smtp://a.example\"}", "12345678", ERR_SECRET_KIND},
        {"{\"name\":\"a\",\"kind\":\"form\",\"origin\":\"https://a.example\",\"username\":\"x\",\"form\":"
         "{\"url\":\"https://a.example/login\",\"fields\":[[\"u\",\"{username}\"],[\"p\",\"{secret}\"]]}}",
         "12345678", ERR_NONE},
        {"{\"name\":\"a\",\"kind\":\"basic\",\"origin\":\"smtp://a.example:587\",\"username\":\"x\"}",
         "12345678", ERR_NONE},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct err err = {0};
        SCOPED_BUF(box, SECRET_BOX_MAX);
        const bool good = sealed(&box, scene, cases[i].json, 1, cases[i].value, &err);
        if (good != (cases[i].code == ERR_NONE) || (!good && err.code != cases[i].code))
            fail_msg("%s: got %s", cases[i].json, good ? "done" : err_name(err.code));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_sealed_secret_comes_back_whole, begin, end),
        cmocka_unit_test_setup_teardown(a_box_of_another_name_version_or_key_is_noticed, begin, end),
        cmocka_unit_test_setup_teardown(the_key_file_is_made_once_and_only_for_its_owner, begin, end),
        cmocka_unit_test_setup_teardown(what_is_wrong_with_a_secret_is_said, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
