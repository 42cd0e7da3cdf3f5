// A hostile robot owns its worker: native code in a sealed fork tries what it could win.
#include "support/unit.h"

#include "attack/harness.h"

static struct zygote_process zygote;

static int nothing(lua_State *L, const char *text)
{
    (void)L;
    (void)text;
    return 0;
}

const struct attack attacks[] = {
    {"nothing", nothing},
    {NULL, NULL},
};

static void a_worker_is_forked_sealed_and_ends(void **state)
{
    (void)state;
    const struct ending ending = attack_once(&zygote, NULL, "nothing", NULL);
    assert_string_equal(ending.what, "");
    assert_int_equal(ending.got, 0);
    assert_int_equal(ending.exit, 0);
}

static int begin(void **state)
{
    (void)state;
    struct err err;
    if (zygote_begin(&zygote, &(struct zygote_options){0}, &err)) {
        print_message("layers: %s\n", zygote.layers);
        return 0;
    }
    print_error("%s: %s, %s\n", err_name(err.code), err.arguments[0], err.arguments[1]);
    return -1;
}

static int end(void **state)
{
    (void)state;
    zygote_end(&zygote);
    return 0;
}

int main(int count, char **arguments)
{
    harness_main(count, arguments);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_worker_is_forked_sealed_and_ends),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
