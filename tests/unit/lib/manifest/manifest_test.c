#include "support/unit.h"

#include "lib/manifest/manifest.h"
#include "lib/manifest/schema.h"

#include <stdio.h>

static const char good[] =
    "{\"title\":{\"en\":\"Check\",\"fi\":\"Tarkastus\"},\"owner\":\"finance\",\"deputy\":\"d\",\"review\":"
    "\"2027-10-01\","
    "\"inputs\":{\"period\":{\"type\":\"month\",\"default\":\"previous\"},"
    "\"lines\":{\"type\":\"file\",\"accept\":[\".csv\",\".xlsx\"]},"
    "\"total\":{\"type\":\"decimal\",\"required\":false,\"max\":\"1000000\"}},"
    "\"permits\":{\"http\":[{\"1\":\"GET\",\"2\":\"https://ledger.example/api/*\",\"login\":\"ledger\"}]},"
    "\"limits\":{\"memory\":\"512 MB\",\"time\":\"1 h 30 min\"},\"retry\":{\"attempts\":3,\"wait\":\"1 "
    "min\"}}";

// All problems as text, one a line.
static void all_problems(char *out, size_t size, struct problems *problems)
{
    out[0] = '\0';
    for (size_t i = 0; i < problems->count; i++) {
        SCOPED_BUF(line, 4000);
        assert_true(err_message(&line, &problems->items[i], LANGUAGE_EN));
        snprintf(out + strlen(out), size - strlen(out), "%s\n", buf_string(&line));
    }
}

static struct manifest *read_good(const char *json)
{
    struct manifest *manifest = NULL;
    struct problems problems = {NULL, 0, 0};
    if (!manifest_read(&manifest, text_from(json), &run_limits_most, &problems)) {
        char told[4000];
        all_problems(told, sizeof told, &problems);
        fail_msg("%s", told);
    }
    return manifest;
}

static void a_manifest_becomes_a_struct(void **state)
{
    (void)state;
    SCOPED(manifest)
    manifest = read_good(good);
    assert_string_equal(manifest->owner, "finance");
    assert_string_equal(manifest_words(manifest->title, LANGUAGE_FI, "?"), "Tarkastus");
    assert_string_equal(manifest_words(manifest->title, LANGUAGE_SV, "?"), "Check");
    assert_int_equal(manifest->limits.memory_bytes, 512LL << 20);
    assert_int_equal(manifest->limits.time_ms, 90LL * 60000);
    assert_int_equal(manifest->limits.cpu_ms, run_limits_default.cpu_ms);
    assert_int_equal(manifest->retry.attempts, 3);
    assert_int_equal(manifest->retry.wait_ms, 60000);
    assert_int_equal(manifest->retry.kinds, retry_rule_default.kinds);
    assert_true(manifest->review_set);
    assert_int_equal(manifest->input_count, 3);
    assert_false(manifest_input(manifest, "period")->required);
    assert_true(manifest_input(manifest, "lines")->required);
}

static void each_mistake_is_told_with_its_place(void **state)
{
    (void)state;
    static const struct {
        const char *json, *told;
    } cases[] = {
        {"{\"title\":\"x\",\"owner\":\"y\",\"limit\":{}}", "limit is no known setting.\n"},
        {"{\"title\":\"x\",\"owner\":\"y\",\"limits\":{\"memori\":\"1 MB\"}}",
         "limits.memori is no known setting.\n"},
        {"{\"title\":\"x\"}", "owner is missing.\n"},
        {"{\"title\":\"x\",\"owner\":\"y\",\"limits\":{\"memory\":256}}",
         "limits.memory must be a size, but it is 256.\n"},
        {"{\"title\":\"x\",\"owner\":\"y\",\"limits\":{\"memory\":\"8 GB\"}}",
         "limits.memory asks for 8192 MB, but at most 4096 MB are allowed here.\n"},
        {"{\"title\":\"x\",\"owner\":\"y\",\"retry\":{\"attempts\":99}}",
         "retry.attempts must be a whole number (1–20), but it is 99.\n"},
        {"{\"title\":\"x\",\"owner\":\"y\",\"retry\":{\"attempts\":2,\"on\":[\"timeout\",\"wednesdays\"]}}",
         "retry.on can't be \"wednesdays\".\n"},
        {"{\"title\":\"x\",\"owner\":\"y\",\"retry\":{\"attempts\":2,\"factor\":0.5}}",
         "retry.factor must be a number (1–10), but it is 0.5.\n"},
        {"{\"title\":{\"de\":\"x\"},\"owner\":\"y\"}",
         "title must be a text, or texts by language, but it is {…}.\n"},
        {"{\"title\":\"x\",\"owner\":\"y\",\"inputs\":{\"a\":{\"type\":\"fiel\"}}}",
         "inputs.a.type can't be \"fiel\".\n"},
        {"{\"title\":\"x\",\"owner\":\"y\",\"inputs\":{\"a\":{\"type\":\"date\",\"accept\":[\".csv\"]}}}",
         "inputs.a.accept has no meaning for an input of the type date.\n"},
        {"{\"title\":\"x\",\"owner\":\"y\",\"inputs\":{\"A b\":{\"type\":\"date\"}}}",
         "\"A b\" can't be an input's name.\n"},
        {"{\"title\":\"x\",\"owner\":\"y\",\"inputs\":{\"a\":{\"type\":\"choice\"}}}",
         "inputs.a.choices is missing.\n"},
        {"{\"title\":\"x\",\"owner\":\"y\",\"inputs\":{\"a\":{\"type\":\"date\",\"default\":\"soon\"}}}",
         "inputs.a.default: a: \"soon\" is no date.\n"},
        {"[1]", "return must be a table, but it is {…}.\n"},
        {"{\"title\":\"x\",\"owner\":5,\"review\":\"never\"}",
         "owner must be a text, but it is 5.\nreview must be a date, but it is \"never\".\n"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct manifest *manifest = NULL;
        struct problems problems = {NULL, 0, 0};
        char told[4000];
        assert_false(manifest_read(&manifest, text_from(cases[i].json), &run_limits_most, &problems));
        all_problems(told, sizeof told, &problems);
        assert_string_equal(told, cases[i].told);
        problems_dispose(&problems);
    }
}

static void an_unknown_key_names_the_nearest(void **state)
{
    (void)state;
    struct manifest *manifest = NULL;
    struct problems problems = {NULL, 0, 0};
    SCOPED_BUF(hint, 400);
    assert_false(manifest_read(&manifest, TEXT_OF("{\"title\":\"x\",\"owner\":\"y\",\"permitts\":{}}"),
                               &run_limits_most, &problems));
    assert_true(err_hint(&hint, &problems.items[0], LANGUAGE_EN));
    assert_string_equal(buf_string(&hint), "Did you mean \"permits\"?");
    problems_dispose(&problems);
}

static const struct date today = {2026, 1, 31};

static void given_texts_become_values(void **state)
{
    (void)state;
    SCOPED(manifest)
    manifest = read_good(good);
    const struct given given[] = {{"lines", TEXT_OF("/home/me/Lokakuu 2026.XLSX")},
                                  {"total", TEXT_OF("1 234,50")}};
    struct problems problems = {NULL, 0, 0};
    SCOPED_BUF(out, 4000);
    assert_true(inputs_check(&out, manifest, given, 2, today, &problems));
    assert_string_equal(
        buf_string(&out),
        "{\"lines\":{\"type\":\"file\",\"name\":\"Lokakuu 2026.XLSX\",\"value\":\"in/lines.xlsx\"},"
        "\"period\":{\"type\":\"month\",\"value\":\"2025-12\"},"
        "\"total\":{\"type\":\"decimal\",\"value\":\"1234.50\"}}");
}

static void all_that_is_wrong_with_the_inputs_is_told_at_once(void **state)
{
    (void)state;
    SCOPED(manifest)
    manifest = read_good(good);
    const struct given given[] = {{"period", TEXT_OF("soon")},
                                  {"total", TEXT_OF("2000000")},
                                  {"linse", TEXT_OF("x.csv")},
                                  {"period", TEXT_OF("2026-01")}};
    struct problems problems = {NULL, 0, 0};
    SCOPED_BUF(out, 4000);
    char told[4000];
    assert_false(inputs_check(&out, manifest, given, 4, today, &problems));
    all_problems(told, sizeof told, &problems);
    assert_string_equal(told, "The robot has no input \"linse\".\n"
                              "The input period is given twice.\n"
                              "The input lines is missing (lines).\n"
                              "period: \"soon\" is no month.\n"
                              "total: 2000000 is too much; the most is 1000000.\n");
    problems_dispose(&problems);
}

// One input of a type, one text for it: the value as JSON, or the message.
static void convert_one(const char *input, const char *text, const char *expected)
{
    char json[400], told[4000];
    snprintf(json, sizeof json, "{\"title\":\"x\",\"owner\":\"y\",\"inputs\":{\"a\":%s}}", input);
    SCOPED(manifest)
    manifest = read_good(json);
    const struct given given = {"a", text_from(text)};
    struct problems problems = {NULL, 0, 0};
    SCOPED_BUF(out, 4000);
    if (inputs_check(&out, manifest, &given, 1, today, &problems)) {
        const char *value = strstr(buf_string(&out), "\"value\":");
        assert_non_null(value);
        snprintf(told, sizeof told, "%.*s", (int)strlen(value) - 10, value + 8);
    } else
        all_problems(told, sizeof told, &problems);
    assert_string_equal(told, expected);
    problems_dispose(&problems);
}

static void each_type_is_converted_and_bounded(void **state)
{
    (void)state;
    static const struct {
        const char *input, *text, *expected;
    } cases[] = {
        {"{\"type\":\"text\"}", "päivää", "\"päivää\""},
        {"{\"type\":\"text\",\"max\":3}", "päivää", "a: päivää is too much; the most is 3.\n"},
        {"{\"type\":\"text\",\"pattern\":\"%d%d-%u+\"}", "12-AB", "\"12-AB\""},
        {"{\"type\":\"text\",\"pattern\":\"%d%d-%u+\"}", "12-Ab",
         "a: \"12-Ab\" has not the form that is wanted.\n"},
        {"{\"type\":\"number\",\"min\":0}", "12,5", "12.5"},
        {"{\"type\":\"number\",\"min\":0}", "-1", "a: -1 is too little; the least is 0.\n"},
        {"{\"type\":\"number\"}", "twelve", "a: \"twelve\" is no number.\n"},
        {"{\"type\":\"decimal\"}", "0.10", "\"0.10\""},
        {"{\"type\":\"boolean\"}", "Yes", "true"},
        {"{\"type\":\"boolean\"}", "maybe", "a: \"maybe\" is neither yes nor no.\n"},
        {"{\"type\":\"choice\",\"choices\":[\"north\",\"south\"]}", "south", "\"south\""},
        {"{\"type\":\"choice\",\"choices\":[\"north\",\"south\"]}", "west", "a can't be \"west\".\n"},
        {"{\"type\":\"date\"}", "31.12.2026", "\"2026-12-31\""},
        {"{\"type\":\"date\"}", "yesterday", "\"2026-01-30\""},
        {"{\"type\":\"date\"}", "30.2.2026", "a: \"30.2.2026\" is no date.\n"},
        {"{\"type\":\"date\",\"min\":\"2026-01-01\"}", "2025-12-31",
         "a: 2025-12-31 is too little; the least is 2026-01-01.\n"},
        {"{\"type\":\"month\"}", "next", "\"2026-02\""},
        {"{\"type\":\"month\"}", "13/2026", "a: \"13/2026\" is no month.\n"},
        {"{\"type\":\"list\",\"of\":\"decimal\"}", "1,5; 2,50", "[\"1.5\",\"2.50\"]"},
        {"{\"type\":\"list\"}", "a, b", "[\"a\",\"b\"]"},
        {"{\"type\":\"list\",\"max\":1}", "a, b", "a: a, b is too much; the most is 1.\n"},
        {"{\"type\":\"file\",\"accept\":[\".csv\"]}", "x.pdf",
         "a: the file \"x.pdf\" is not of a kind that the robot reads.\n"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        convert_one(cases[i].input, cases[i].text, cases[i].expected);
}

static void the_path_of_an_input_file_is_ours(void **state)
{
    (void)state;
    const struct input input = {.name = "lines", .type = INPUT_FILE};
    char path[INPUT_PATH_MAX];
    assert_string_equal(input_file_path(path, &input, TEXT_OF("../../etc/passwd")), "in/lines");
    assert_string_equal(input_file_path(path, &input, TEXT_OF("a.b/c")), "in/lines");
    assert_string_equal(input_file_path(path, &input, TEXT_OF("x.TXT")), "in/lines.txt");
    assert_string_equal(input_file_path(path, &input, TEXT_OF("x.\n$(id)")), "in/lines.id");
}

static void sizes_and_durations_are_read_exactly(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t size, duration; // -1: none
    } cases[] = {
        {"256 MB", 256LL << 20, -1},
        {"4GB", 4LL << 30, -1},
        {"2 min", -1, 120000},
        {"1 h 30 min", -1, 5400000},
        {"500 ms", -1, 500},
        {"12", -1, -1},
        {"", -1, -1},
        {"-1 MB", -1, -1},
        {"1.5 GB", -1, -1},
        {"9999999999 GB", -1, -1},
        {"2 fortnights", -1, -1},
        {"1 d", -1, 86400000},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        int64_t got = -1;
        assert_int_equal(size_from_text(text_from(cases[i].text), &got), cases[i].size >= 0);
        if (cases[i].size >= 0)
            assert_int_equal(got, cases[i].size);
        assert_int_equal(duration_from_text(text_from(cases[i].text), &got), cases[i].duration >= 0);
        if (cases[i].duration >= 0)
            assert_int_equal(got, cases[i].duration);
    }
}

static void a_pattern_takes_no_longer_than_pattern_times_text(void **state)
{
    (void)state;
    char text[2001];
    memset(text, 'a', 2000);
    text[2000] = '\0';
    assert_false(pattern_matches("a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*b", text_from(text)));
    assert_true(pattern_matches("a*", text_from(text)));
    assert_true(pattern_matches("[^0-9]+", text_from("åäö")));
    assert_false(pattern_matches("[a-c]?x", text_from("dx")));
    assert_true(pattern_matches("%%.", text_from("%ö")));
    assert_false(pattern_ok("[abc"));
    assert_false(pattern_ok("%"));
}

static void settings_have_defaults_and_are_checked(void **state)
{
    (void)state;
    struct settings *settings = NULL;
    struct problems problems = {NULL, 0, 0};
    assert_true(settings_read(&settings, TEXT_OF(""), NULL, &problems));
    assert_false(settings->reduced);
    assert_string_equal(settings->timezone, "Europe/Helsinki");
    assert_int_equal(settings->limits.memory_bytes, 4LL << 30);
    settings_free(settings);

    assert_true(
        settings_read(&settings,
                      TEXT_OF("{\"sandbox\":\"reduced\",\"language\":\"sv\",\"limits\":{\"memory\":\"1 GB\"},"
                              "\"shares\":{\"inbox\":\"/srv/inbox\"}}"),
                      NULL, &problems));
    assert_true(settings->reduced);
    assert_int_equal(settings->language, LANGUAGE_SV);
    assert_int_equal(settings->limits.memory_bytes, 1LL << 30);
    settings_free(settings);

    char told[2000];
    assert_false(settings_read(&settings, TEXT_OF("{\"sandbox\":\"off\",\"shares\":{\"inbox\":\"inbox\"}}"),
                               NULL, &problems));
    all_problems(told, sizeof told, &problems);
    assert_string_equal(told,
                        "sandbox can't be \"off\".\nshares.inbox: \"inbox\" is no full path of a folder.\n");
    problems_dispose(&problems);
}

static void what_settings_say_of_the_outside_is_checked(void **state)
{
    static const struct {
        const char *json, *code;
    } wrong[] = {
        {"{\"systems\":{\"l\":{\"origin\":\"https://l.example\",\"hours\":\"6-20\"}}}", "SETTINGS_HOURS"},
        {"{\"systems\":{\"l\":{\"origin\":\"https://l.example\",\"calls\":\"100/min\"}}}", "SETTINGS_RATE"},
        {"{\"systems\":{\"l\":{\"origin\":\"https://l.example\",\"runs_at_once\":0}}}", "MANIFEST_WHOLE"},
        {"{\"alerts\":{\"on\":[\"failed\"]}}", "MANIFEST_MISSING"},
        {"{\"alerts\":{\"mail\":{\"to\":[\"it@city.example\"]}}}", "MANIFEST_MISSING"},
        {"{\"alerts\":{\"webhook\":{\"url\":\"https://d.example\"},\"on\":[\"fails\"]}}", "MANIFEST_CHOICE"},
        {"{\"web\":{}}", "MANIFEST_MISSING"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        struct problems problems = {0};
        struct settings *settings = NULL;
        assert_false(settings_read(&settings, text_from(wrong[i].json), NULL, &problems));
        assert_int_equal(problems.total, 1);
        assert_string_equal(err_name(problems.items[0].code), wrong[i].code);
        problems_dispose(&problems);
    }
}

static const char *problem_of_artifacts(const char *artifacts)
{
    struct problems problems = {0};
    struct settings *settings = NULL;
    SCOPED_TEXT char *json = xasprintf("{\"artifacts\":%s}", artifacts);
    if (settings_read(&settings, text_from(json), NULL, &problems)) {
        assert_true(settings_share_files(settings));
        assert_int_equal(!settings->artifacts, settings->bucket != NULL);
    }
    const char *name = problems.total ? err_name(problems.items[0].code) : "";
    settings_free(settings);
    problems_dispose(&problems);
    return name;
}

static void artifacts_are_a_folder_or_a_bucket(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "{}",
        "[]",
        "7",
        "{\"s3\":\"https://s3.example/b\",\"login\":\"s3\"}",
        "{\"s3\":\"https://s3.example/b\",\"login\":\"s3\",\"region\":\"EU:1\"}",
        "{\"s3\":\"https://s3.example\",\"login\":\"s3\",\"region\":\"eu\"}",
        "{\"s3\":\"ftp://s3.example/b\",\"login\":\"s3\",\"region\":\"eu\"}",
        "{\"s3\":\"https://s3.example/b\",\"login\":\"s3\",\"region\":\"eu\",\"other\":1}",
    };
    assert_string_equal(problem_of_artifacts("\"/mnt/renki\""), "");
    assert_string_equal(problem_of_artifacts("\"mnt\""), "SETTINGS_SHARE");
    assert_string_equal(
        problem_of_artifacts("{\"s3\":\"https://s3.example/b/c\",\"login\":\"s3\",\"region\":\"eu-1\"}"), "");
    for (size_t i = 0; i < COUNT_OF(wrong); i++)
        assert_string_equal(problem_of_artifacts(wrong[i]), "SETTINGS_BUCKET");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_manifest_becomes_a_struct),
        cmocka_unit_test(each_mistake_is_told_with_its_place),
        cmocka_unit_test(an_unknown_key_names_the_nearest),
        cmocka_unit_test(given_texts_become_values),
        cmocka_unit_test(all_that_is_wrong_with_the_inputs_is_told_at_once),
        cmocka_unit_test(each_type_is_converted_and_bounded),
        cmocka_unit_test(the_path_of_an_input_file_is_ours),
        cmocka_unit_test(sizes_and_durations_are_read_exactly),
        cmocka_unit_test(a_pattern_takes_no_longer_than_pattern_times_text),
        cmocka_unit_test(settings_have_defaults_and_are_checked),
        cmocka_unit_test(what_settings_say_of_the_outside_is_checked),
        cmocka_unit_test(artifacts_are_a_folder_or_a_bucket),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
