// Whether outside systems let a run start: places across the fleet, opening hours, frozen logins.
#include "support/unit.h"

#include "host/manners.h"
#include "host/runs.h"
#include "lib/base/clock.h"

#include <stdio.h>

static struct err err;

struct scene {
    struct host host;
    struct manifest *manifest;
};

static void set_up(struct scene *scene, const char *systems)
{
    struct problems problems = {0};
    SCOPED_TEXT char *settings = xasprintf("{\"timezone\":\"UTC\",\"systems\":{%s}}", systems);
    *scene = (struct scene){0};
    assert_true(store_open(&scene->host.store, ":memory:", &err));
    assert_true(store_begin(scene->host.store, &err));
    assert_true(settings_read(&scene->host.settings, text_from(settings), NULL, &problems));
    assert_true(
        manifest_read(&scene->manifest,
                      TEXT_OF("{\"title\":\"t\",\"owner\":\"o\",\"permits\":{\"http\":[{\"1\":\"GET\","
                              "\"2\":\"https://ledger.example/api/*\",\"login\":\"ledger\"}]}}"),
                      &run_limits_most, &problems));
}

static void tear_down(struct scene *scene)
{
    store_free(scene->host.store);
    settings_free(scene->host.settings);
    manifest_free(scene->manifest);
}

static int64_t queued(struct scene *scene)
{
    int64_t id = 0;
    const struct run_new run = {.robot = "hello",
                                .tree = "00",
                                .actor = "aino",
                                .language = "en",
                                .folder = "00",
                                .host = "h",
                                .inputs = TEXT_OF("{}"),
                                .manifest = TEXT_OF("{}")};
    assert_true(run_queue(scene->host.store, &id, &run, &err));
    return id;
}

static bool admitted(struct scene *scene, int64_t run, const char *waiting_for)
{
    struct admission admission;
    assert_true(manners_admit(&scene->host, &admission, run, "hello", scene->manifest, true, &err));
    assert_string_equal(admission.waiting_for, waiting_for);
    assert_true(admission.admitted == (waiting_for[0] == '\0'));
    assert_true(admission.admitted || admission.again_ms > clock_realtime_ms());
    return admission.admitted;
}

#define LEDGER "\"ledger\":{\"origin\":\"https://ledger.example\""

static void only_so_many_runs_reach_a_system_at_once(void **state)
{
    struct scene scene;
    (void)state;
    set_up(&scene, LEDGER ",\"runs_at_once\":2}");
    const int64_t first = queued(&scene), second = queued(&scene), third = queued(&scene);
    assert_true(admitted(&scene, first, ""));
    assert_true(admitted(&scene, second, ""));
    assert_true(admitted(&scene, second, "")); // asked again it keeps its place
    assert_false(admitted(&scene, third, "system ledger"));
    assert_true(manners_release(&scene.host, first, &err));
    assert_true(admitted(&scene, third, ""));
    tear_down(&scene);
}

static void the_place_of_a_run_that_is_over_is_free(void **state)
{
    const struct run_end end = {0};
    struct scene scene;
    (void)state;
    set_up(&scene, LEDGER ",\"runs_at_once\":1}");
    const int64_t first = queued(&scene), second = queued(&scene);
    assert_true(admitted(&scene, first, ""));
    assert_true(run_cancel(scene.host.store, first, RUN_QUEUED, &end, "aino", &err)); // nobody released it
    assert_true(admitted(&scene, second, ""));
    tear_down(&scene);
}

static void a_robot_runs_only_so_often_at_once(void **state)
{
    struct scene scene;
    (void)state;
    set_up(&scene, LEDGER "}");
    scene.manifest->runs_at_once = 1;
    const int64_t first = queued(&scene), second = queued(&scene);
    assert_true(admitted(&scene, first, ""));
    assert_false(admitted(&scene, second, "robot hello"));
    assert_true(manners_release(&scene.host, first, &err));
    assert_true(admitted(&scene, second, ""));
    tear_down(&scene);
}

static void a_run_gets_all_the_places_it_needs_or_none(void **state)
{
    struct scene scene;
    bool taken;
    (void)state;
    set_up(&scene, LEDGER ",\"runs_at_once\":1},\"part\":{\"origin\":\"https://ledger.example/api\","
                          "\"runs_at_once\":1}");
    const int64_t first = queued(&scene), second = queued(&scene), third = queued(&scene);
    assert_true(store_hold_take(scene.host.store, &taken, "system part", first, 1, &err));
    assert_false(admitted(&scene, second, "system part"));
    assert_true(store_hold_take(scene.host.store, &taken, "system ledger", third, 1, &err));
    assert_true(taken); // the second let go of it
    tear_down(&scene);
}

static void a_system_that_the_run_may_not_call_is_nobodys_business(void **state)
{
    struct scene scene;
    (void)state;
    set_up(&scene, "\"other\":{\"origin\":\"https://other.example\",\"runs_at_once\":1}");
    assert_true(admitted(&scene, queued(&scene), ""));
    assert_true(admitted(&scene, queued(&scene), ""));
    tear_down(&scene);
}

static void a_closed_system_is_waited_for_until_it_opens(void **state)
{
    struct scene scene;
    struct admission admission;
    char hours[16];
    (void)state;
    const int64_t now_ms = clock_realtime_ms();
    const int minute = (int)(now_ms / 60000 % 1440), from = (minute + 120) % 1440, to = (minute + 180) % 1440;
    snprintf(hours, sizeof hours, "%02d:%02d-%02d:%02d", from / 60, from % 60, to / 60, to % 60);
    SCOPED_TEXT char *systems = xasprintf(LEDGER ",\"hours\":\"%s\"}", hours);
    set_up(&scene, systems);
    assert_true(manners_admit(&scene.host, &admission, queued(&scene), "hello", scene.manifest, true, &err));
    assert_false(admission.admitted);
    assert_string_equal(admission.waiting_for, "hours of ledger");
    assert_in_range(admission.again_ms - now_ms, 118 * 60000, 121 * 60000);
    tear_down(&scene);
}

static void a_frozen_login_holds_back_the_runs_of_a_daemon(void **state)
{
    struct scene scene;
    struct admission admission;
    struct freeze freeze;
    (void)state;
    set_up(&scene, LEDGER "}");
    const int64_t run = queued(&scene);
    assert_true(store_freeze_refused(scene.host.store, &freeze, "ledger", run, "ledger.example 401", &err));
    assert_int_equal(freeze.refused, 1);
    assert_true(admitted(&scene, run, ""));
    assert_true(store_freeze_begin(scene.host.store, "ledger", &err));
    assert_false(admitted(&scene, run, "login ledger frozen"));
    assert_true(manners_admit(&scene.host, &admission, run, "hello", scene.manifest, false, &err));
    assert_true(admission.admitted); // a person's run hears it from the gateway
    assert_true(store_freeze_thaw(scene.host.store, &freeze, "ledger", &err));
    assert_int_equal(freeze.thaws, 1);
    assert_true(admitted(&scene, run, ""));
    tear_down(&scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_so_many_runs_reach_a_system_at_once),
        cmocka_unit_test(the_place_of_a_run_that_is_over_is_free),
        cmocka_unit_test(a_robot_runs_only_so_often_at_once),
        cmocka_unit_test(a_run_gets_all_the_places_it_needs_or_none),
        cmocka_unit_test(a_system_that_the_run_may_not_call_is_nobodys_business),
        cmocka_unit_test(a_frozen_login_holds_back_the_runs_of_a_daemon),
        cmocka_unit_test(a_closed_system_is_waited_for_until_it_opens),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
