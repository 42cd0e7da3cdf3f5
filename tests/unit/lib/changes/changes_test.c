// What is different between two manifests or schedules, sentence by sentence.
#include "support/unit.h"

#include "lib/changes/changes.h"

#include <stdio.h>

static struct err err;

// "wider: …\nother: …\n" in order; of manifests, or of the schedule "rents".
static const char *sentences(const char *before, const char *after, bool schedule, enum language language)
{
    static char said[8000];
    struct json_document *was = NULL, *is = NULL;
    struct changes changes = changes_new(language);
    size_t used = 0;
    assert_true(!before || json_parse(&was, text_from(before), &err));
    assert_true(!after || json_parse(&is, text_from(after), &err));
    const struct json *a = was ? json_root(was) : NULL, *b = is ? json_root(is) : NULL;
    if (schedule)
        changes_describe_schedule(&changes, "rents", a, b);
    else
        changes_describe(&changes, a, b);
    said[0] = '\0';
    for (size_t i = 0; i < changes.count; i++)
        used += (size_t)snprintf(said + used, sizeof said - used, "%s: %s\n",
                                 change_reach_names[changes.items[i].reach], changes.items[i].text);
    changes_dispose(&changes);
    json_document_free(was);
    json_document_free(is);
    return said;
}

static const struct {
    const char *before, *after, *said;
} manifests[] = {
    // calls: a method, an address, a login
    {"{}",
     "{\"permits\":{\"http\":[{\"1\":\"GET\",\"2\":\"https://l.example/api/*\",\"login\":\"ledger\"}]}}",
     "wider: may now also GET https://l.example/api/* with the login \"ledger\"\n"},
    {"{\"permits\":{\"http\":[[\"GET\",\"https://l.example/a\"]]}}",
     "{\"permits\":{\"http\":[[[\"GET\",\"POST\",\"PUT\"],\"https://l.example/a\"]]}}",
     "wider: may now also POST, PUT to https://l.example/a\n"},
    {"{\"permits\":{\"http\":[[\"POST\",\"https://l.example/a\"]]}}", "{\"permits\":{}}",
     "narrower: may no longer POST to https://l.example/a\n"},
    // a login that is added lets more through, but what it could before it still can
    {"{\"permits\":{\"http\":[[\"GET\",\"https://l.example/a\"]]}}",
     "{\"permits\":{\"http\":[{\"1\":\"GET\",\"2\":\"https://l.example/a\",\"login\":\"x\"}]}}",
     "wider: may now also GET https://l.example/a with the login \"x\"\n"},
    {"{\"permits\":{\"http\":[{\"1\":\"GET\",\"2\":\"https://l.example/a\",\"login\":\"x\"}]}}",
     "{\"permits\":{\"http\":[{\"1\":\"GET\",\"2\":\"https://l.example/a\",\"login\":\"y\"}]}}",
     "wider: may now also GET https://l.example/a with the login \"y\"\n"
     "narrower: may no longer GET https://l.example/a with the login \"x\"\n"},
    // a pattern that becomes wider, and one that becomes narrower
    {"{\"permits\":{\"http\":[[\"GET\",\"https://l.example/api/x\"]]}}",
     "{\"permits\":{\"http\":[[\"GET\",\"https://l.example/api/*\"]]}}",
     "wider: may now also GET https://l.example/api/*\n"},
    {"{\"permits\":{\"http\":[[\"GET\",\"https://l.example/api/*\"]]}}",
     "{\"permits\":{\"http\":[[\"GET\",\"https://l.example/api/x\"]]}}",
     "narrower: may no longer GET https://l.example/api/*\n"
     "narrower: may still GET https://l.example/api/x\n"},
    // two permits that say the same
    {"{\"permits\":{\"http\":[[\"GET\",\"https://l.example/a\"]]}}",
     "{\"permits\":{\"http\":[[\"GET\",\"https://l.example/a\"],[\"GET\",\"https://l.example/a\"]]}}", ""},
    // mail
    {"{\"permits\":{\"mail\":{\"to\":[\"a@city.example\"]}}}",
     "{\"permits\":{\"mail\":{\"to\":[\"*@city.example\"]}}}",
     "wider: may now also send mail to *@city.example\n"},
    {"{\"permits\":{\"mail\":{\"to\":[\"*@city.example\"]}}}",
     "{\"permits\":{\"mail\":{\"to\":[\"a@city.example\",\"b@other.example\"]}}}",
     "wider: may now also send mail to b@other.example\n"
     "narrower: may no longer send mail to *@city.example\n"
     "narrower: may still send mail to a@city.example\n"},
    // shares, queues, robots
    {"{\"permits\":{\"shares\":{\"inbox\":\"read\",\"old\":\"write\"}}}",
     "{\"permits\":{\"shares\":{\"inbox\":\"write\",\"old\":\"read\"}}}",
     "wider: may now also write to the share inbox\nnarrower: may no longer write to the share old\n"},
    {"{\"permits\":{\"queues\":{\"invoices\":\"fill\"}}}",
     "{\"permits\":{\"queues\":{\"invoices\":\"both\"}}}",
     "wider: may now also take items from the queue invoices\n"},
    {"{\"permits\":{\"queues\":{\"invoices\":\"both\"}}}",
     "{\"permits\":{\"queues\":{\"invoices\":\"work\"}}}",
     "narrower: may no longer add items to the queue invoices\n"},
    {"{\"permits\":{\"robots\":[\"check\"]}}", "{\"permits\":{\"robots\":[\"pay\"]}}",
     "wider: may now also call the robot pay\nnarrower: may no longer call the robot check\n"},
    // a kind that is not known here is told, and taken for wider
    {"{\"permits\":{}}", "{\"permits\":{\"sql\":{\"ledger\":\"read\"}}}",
     "wider: \"sql\" of the permits is now {\"ledger\":\"read\"}\n"},
    // limits: against what holds when nothing is said
    {"{}", "{\"limits\":{\"memory\":\"512 MB\"}}", "wider: may use 512 MB of memory instead of 256 MB\n"},
    {"{}", "{\"limits\":{\"memory\":\"256 MB\"}}", ""},
    {"{\"limits\":{\"time\":\"1 h\"}}", "{}", "narrower: may take 15 min instead of 1 h\n"},
    {"{\"limits\":{\"calls\":10}}", "{\"limits\":{\"calls\":20}}",
     "wider: may make 20 outside calls instead of 10\n"},
    {"{\"limits\":{\"cpu\":\"1 min\",\"output\":\"1 MB\",\"files\":5,\"answer\":\"1 MB\"}}",
     "{\"limits\":{\"cpu\":\"2 min\",\"output\":\"2 MB\",\"files\":4,\"answer\":\"2 MB\"}}",
     "wider: may compute for 2 min instead of 1 min\nwider: may write 2 MB of files instead of 1 MB\n"
     "wider: may take answers of 2 MB instead of 1 MB\nnarrower: may make 4 files instead of 5\n"},
    {"{\"limits\":{\"queued\":\"1 h\"}}", "{\"limits\":{\"queued\":\"2 h\"}}",
     "other: \"queued\" of the limits is now 2 h, no longer 1 h\n"},
    // what it may spend: exact, whatever way it is written; who says nothing may spend anything
    {"{\"limits\":{\"spending\":\"999.99\"}}", "{\"limits\":{\"spending\":\"1000.00\"}}",
     "wider: may spend 1000.00 instead of 999.99\n"},
    {"{\"limits\":{\"spending\":\"1000.00\"}}", "{\"limits\":{\"spending\":\"1000\"}}", ""},
    {"{\"limits\":{\"spending\":\"1000\"}}", "{\"limits\":{\"spending\":\"20\"}}",
     "narrower: may spend 20 instead of 1000\n"},
    {"{}", "{\"limits\":{\"spending\":\"20\"}}",
     "narrower: may spend 20 at most; before, nothing was said\n"},
    {"{\"limits\":{\"spending\":\"20\"}}", "{}", "wider: no longer says how much it may spend; it was 20\n"},
    // inputs
    {"{\"inputs\":{\"a\":{\"type\":\"text\"},\"b\":{\"type\":\"date\"}}}",
     "{\"inputs\":{\"b\":{\"type\":\"month\",\"default\":\"previous\"},\"c\":{\"type\":\"file\"}}}",
     "other: \"type\" of the input b is now month, no longer date\n"
     "other: \"default\" of the input b is now previous\n"
     "other: asks for a new input: c (file)\nother: no longer asks for the input a\n"},
    // the rest, with and without words of its own
    {"{\"owner\":\"finance\",\"retry\":{\"attempts\":3}}",
     "{\"owner\":\"treasury\",\"retry\":{\"attempts\":5,\"wait\":\"1 min\"},\"review\":\"2027-10-01\"}",
     "other: the owner is now treasury, no longer finance\nother: the review date is now 2027-10-01\n"
     "other: \"attempts\" of the retries is now 5, no longer 3\n"
     "other: \"wait\" of the retries is now 1 min\n"},
    {"{\"title\":\"A\",\"description\":\"x\",\"deputy\":\"a\",\"runs_at_once\":1,\"benefit\":{\"measured\":"
     "\"2026-01-01\"}}",
     "{\"title\":{\"en\":\"B\"},\"runs_at_once\":2,\"benefit\":{\"measured\":\"2026-02-01\"}}",
     "other: the deputy is no longer said; it was a\nother: the title is now B, no longer A\n"
     "other: the description is no longer said; it was x\n"
     "other: the number of runs at once is now 2, no longer 1\n"
     "other: \"measured\" of the benefit is now 2026-02-01, no longer 2026-01-01\n"},
    // braces of a value are no places of a phrase; a table where a text was is one more value
    {"{\"owner\":\"{1}\"}", "{\"owner\":\"{2} {1}\"}", "other: the owner is now {2} {1}, no longer {1}\n"},
    {"{\"permits\":\"all\",\"limits\":[1],\"inputs\":7}",
     "{\"permits\":{\"http\":\"GET\"},\"inputs\":{\"a\":1}}", "other: asks for a new input: a ()\n"},
    {"{\"newer\":true}", "{\"newer\":false}", "other: \"newer\" is now false, no longer true\n"},
    // texts by language: in the reader's; where it is another one that differs, all of them
    {"{\"title\":{\"fi\":\"a\",\"en\":\"b\"},\"inputs\":{\"i\":{\"label\":{\"en\":\"x\"}}}}",
     "{\"title\":{\"fi\":\"c\",\"en\":\"b\"},\"inputs\":{\"i\":{\"label\":{\"en\":\"y\",\"sv\":\"z\"}}}}",
     "other: \"label\" of the input i is now y, no longer x\n"
     "other: the title is now {\"fi\":\"c\",\"en\":\"b\"}, no longer {\"fi\":\"a\",\"en\":\"b\"}\n"},
    {"{\"retry\":{\"on\":{\"en\":\"a\",\"de\":\"b\"}}}", "{\"retry\":{\"on\":{\"en\":\"c\"}}}",
     "other: \"on\" of the retries is now c, no longer {\"en\":\"a\",\"de\":\"b\"}\n"},
    // the order of keys says nothing, that of lists does
    {"{\"title\":{\"fi\":\"a\",\"en\":\"b\"}}", "{\"title\":{\"en\":\"b\",\"fi\":\"a\"}}", ""},
    {"{\"inputs\":{\"a\":{\"choices\":[\"x\",\"y\"]}}}", "{\"inputs\":{\"a\":{\"choices\":[\"y\",\"x\"]}}}",
     "other: \"choices\" of the input a is now [\"y\",\"x\"], no longer [\"x\",\"y\"]\n"},
    // what widens reach stands first, wherever it stands in the file
    {"{\"owner\":\"a\",\"limits\":{\"mails\":5},\"permits\":{\"robots\":[\"x\"]}}",
     "{\"owner\":\"b\",\"limits\":{\"mails\":6},\"permits\":{}}",
     "wider: may send 6 mails instead of 5\nnarrower: may no longer call the robot x\n"
     "other: the owner is now b, no longer a\n"},
    // of a new robot, and of one that is gone
    {NULL, "{\"permits\":{\"shares\":{\"inbox\":\"read\"}}}", "wider: may now also read the share inbox\n"},
    {"{\"permits\":{\"shares\":{\"inbox\":\"read\"}}}", NULL,
     "narrower: may no longer read the share inbox\n"},
};

static void each_change_of_a_manifest_has_its_sentence(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(manifests); i++)
        assert_string_equal(sentences(manifests[i].before, manifests[i].after, false, LANGUAGE_EN),
                            manifests[i].said);
}

static const struct {
    const char *before, *after, *said;
} schedules[] = {
    {"{\"cron\":\"0 6 * * 1-5\"}", "{\"cron\":\"30 7 * * 1-5\"}",
     "other: the schedule rents starts it at 7:30 instead of 6:00\n"},
    {"{\"cron\":\"0 6 * * 1-5\"}", "{\"cron\":\"0 6 * * *\"}",
     "other: the schedule rents starts it by cron 0 6 * * *, no longer by cron 0 6 * * 1-5\n"},
    {"{\"cron\":\"0 6 * * *\"}", "{\"rrule\":\"FREQ=MONTHLY\",\"dtstart\":\"2026-01-31\"}",
     "other: the schedule rents starts it by rrule FREQ=MONTHLY, dtstart 2026-01-31, no longer by cron 0 6 * "
     "* *\n"},
    {"{\"cron\":\"0 6 * * *\",\"missed\":\"once\"}",
     "{\"cron\":\"0 6 * * "
     "*\",\"missed\":\"all\",\"timezone\":\"Europe/Stockholm\",\"calendar\":[\"fi-holidays\"]}",
     "other: \"missed\" of the schedule rents is now all, no longer once\n"
     "other: \"timezone\" of the schedule rents is now Europe/Stockholm\n"
     "other: \"calendar\" of the schedule rents is now [\"fi-holidays\"]\n"},
    {"{\"cron\":\"0 6 * * *\",\"overlap\":\"wait\",\"inputs\":{\"period\":\"previous\"}}",
     "{\"cron\":\"0 6 * * *\"}",
     "other: \"overlap\" of the schedule rents is no longer said; it was wait\n"
     "other: \"inputs\" of the schedule rents is no longer said; it was {\"period\":\"previous\"}\n"},
    {NULL, "{\"cron\":\"0 6 * * *\"}", "wider: a new schedule rents starts it by cron 0 6 * * *\n"},
    {"{\"cron\":\"0 6 * * *\"}", NULL, "narrower: the schedule rents no longer starts it\n"},
    {NULL, NULL, ""},
};

static void each_change_of_a_schedule_has_its_sentence(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(schedules); i++)
        assert_string_equal(sentences(schedules[i].before, schedules[i].after, true, LANGUAGE_EN),
                            schedules[i].said);
}

// Every kind of sentence once, as it is read aloud.
static const char everything_before[] =
    "{\"owner\":\"finance\",\"permits\":{\"http\":[[\"POST\",\"https://l.example/"
    "a\"],{\"1\":\"GET\",\"2\":\"https://"
    "l.example/b\",\"login\":\"l\"}],\"mail\":{\"to\":[\"a@x.example\"]},\"shares\":{\"inbox\":\"read\"}},"
    "\"limits\":{\"memory\":\"1 "
    "GB\",\"spending\":\"10\"},\"inputs\":{\"a\":{\"type\":\"text\"},\"b\":{\"type\":\"text\"}},"
    "\"retry\":{\"attempts\":3}}";
static const char everything_after[] = "{\"owner\":\"treasury\",\"permits\":{\"queues\":{\"q\":\"both\"},"
                                       "\"robots\":[\"r\"],\"shares\":{\"inbox\":\"write\"}},"
                                       "\"limits\":{\"spending\":\"20\",\"calls\":1},\"inputs\":{\"b\":{"
                                       "\"type\":\"date\"},\"c\":{\"type\":\"file\"}}}";
static const struct {
    enum language language;
    const char *said;
} aloud[] = {
    {LANGUAGE_FI, "wider: saa nyt kirjoittaa myös jakoon inbox\n"
                  "wider: saa nyt lisätä myös työjonoon q\n"
                  "wider: saa nyt ottaa työtä myös jonosta q\n"
                  "wider: saa nyt kutsua myös robottia r\n"
                  "wider: saa käyttää rahaa 20, aiemmin 10\n"
                  "narrower: ei saa enää lähettää POST osoitteeseen https://l.example/a\n"
                  "narrower: ei saa enää kutsua GET https://l.example/b tunnuksella \"l\"\n"
                  "narrower: ei saa enää lähettää sähköpostia osoitteeseen a@x.example\n"
                  "narrower: saa käyttää muistia 256 MB, aiemmin 1 GB\n"
                  "narrower: saa tehdä 1 ulkoisen kutsun, aiemmin 100000\n"
                  "other: syötteen b kohta \"type\" on nyt date, ei enää text\n"
                  "other: pyytää uutta syötettä: c (file)\n"
                  "other: ei enää pyydä syötettä a\n"
                  "other: omistaja on nyt treasury, ei enää finance\n"
                  "other: uusien yritysten kohta \"attempts\" on jätetty pois; se oli 3\n"},
    {LANGUAGE_SV, "wider: får nu också skriva till delningen inbox\n"
                  "wider: får nu också lägga poster i kön q\n"
                  "wider: får nu också ta poster ur kön q\n"
                  "wider: får nu också anropa roboten r\n"
                  "wider: får lägga ut 20 i stället för 10\n"
                  "narrower: får inte längre göra POST till https://l.example/a\n"
                  "narrower: får inte längre anropa GET https://l.example/b med inloggningen \"l\"\n"
                  "narrower: får inte längre sända e-post till a@x.example\n"
                  "narrower: får använda 256 MB minne i stället för 1 GB\n"
                  "narrower: får göra 1 externt anrop i stället för 100000\n"
                  "other: \"type\" för indata b är nu date, inte längre text\n"
                  "other: ber om en ny indata: c (file)\n"
                  "other: ber inte längre om indata a\n"
                  "other: ägaren är nu treasury, inte längre finance\n"
                  "other: \"attempts\" för nya försök anges inte längre; det var 3\n"},
};

static void sentences_are_said_in_the_readers_language(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(aloud); i++)
        assert_string_equal(sentences(everything_before, everything_after, false, aloud[i].language),
                            aloud[i].said);
}

static void what_is_very_much_is_counted_and_what_is_very_long_is_cut(void **state)
{
    SCOPED_BUF(many, 100000);
    struct json_document *document = NULL;
    struct changes changes = changes_new(LANGUAGE_EN);
    (void)state;
    assert_true(buf_append_string(&many, "{\"title\":\""));
    for (int i = 0; i < 3000; i++)
        assert_true(buf_append_string(&many, "ä"));
    assert_true(buf_append_string(&many, "\",\"permits\":{\"robots\":[\"r\""));
    for (int i = 0; i < 2 * CHANGES_MAX; i++)
        assert_true(buf_printf(&many, ",\"r%d\"", i));
    assert_true(buf_append_string(&many, "]}}") && json_parse(&document, buf_text(&many), &err));
    changes_describe(&changes, NULL, json_root(document));
    assert_int_equal(changes.count, CHANGES_MAX);
    assert_int_equal(changes.total, 2 * CHANGES_MAX + 2);
    changes_dispose(&changes);
    struct json_document *other = NULL;
    assert_true(json_parse(&other, TEXT_OF("{\"title\":\"x\"}"), &err));
    changes_describe(&changes, json_root(document), json_root(other));
    assert_true(text_is_utf8(text_from(changes.items[changes.count - 1].text)));
    assert_true(strlen(changes.items[changes.count - 1].text) < CHANGE_TEXT_MAX);
    changes_dispose(&changes);
    json_document_free(document);
    json_document_free(other);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_change_of_a_manifest_has_its_sentence),
        cmocka_unit_test(each_change_of_a_schedule_has_its_sentence),
        cmocka_unit_test(sentences_are_said_in_the_readers_language),
        cmocka_unit_test(what_is_very_much_is_counted_and_what_is_very_long_is_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
