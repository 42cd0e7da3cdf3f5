// What the journal is handed, and when: by a socket of the test's own in the journal's place.
#include "support/unit.h"

#include "lib/base/journal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static void a_line_becomes_named_fields(void **state)
{
    char entry[JOURNAL_ENTRY_MAX];
    (void)state;
    const size_t length =
        journal_entry(entry, LOG_LEVEL_INFO, "host", "run.ended",
                      "run=12 robot=rents state=done because=\"all is said\" took_ms=40 plain words");
    assert_int_equal(length, strlen(entry));
    assert_string_equal(entry, "MESSAGE=run.ended run=12 robot=rents state=done because=\"all is said\" "
                               "took_ms=40 plain words\n"
                               "PRIORITY=6\nSYSLOG_IDENTIFIER=renki\nRENKI_ROLE=host\nRENKI_EVENT=run.ended\n"
                               "RENKI_RUN=12\nRENKI_ROBOT=rents\nRENKI_STATE=done\n"
                               "RENKI_BECAUSE=all is said\nRENKI_TOOK_MS=40\n");
}

static void a_text_within_a_line_forges_no_field(void **state)
{
    char entry[JOURNAL_ENTRY_MAX];
    (void)state;
    (void)journal_entry(entry, LOG_LEVEL_ERROR, "host", "x", "run=1 name=\"a\" run=2 event=y ROLE=z =q");
    assert_non_null(strstr(entry, "PRIORITY=3\n"));
    assert_non_null(strstr(entry, "\nRENKI_RUN=1\n"));
    assert_null(strstr(entry, "RENKI_RUN=2"));
    assert_null(strstr(entry, "RENKI_EVENT=y"));
    assert_null(strstr(entry, "RENKI_ROLE=z"));
}

static void an_entry_has_a_bound(void **state)
{
    char entry[JOURNAL_ENTRY_MAX], text[2048];
    (void)state;
    memset(text, 'x', sizeof text - 1);
    memcpy(text, "a=b c=\"", 7);
    text[sizeof text - 1] = '\0';
    const size_t length = journal_entry(entry, LOG_LEVEL_DEBUG, "host", "x", text);
    assert_true(length < JOURNAL_ENTRY_MAX);
    assert_int_equal(entry[length - 1], '\n');
}

static void only_the_journals_own_stream_is_it(void **state)
{
    struct stat status;
    char stream[64];
    (void)state;
    assert_int_equal(fstat(STDERR_FILENO, &status), 0);
    snprintf(stream, sizeof stream, "%llu:%llu", (unsigned long long)status.st_dev,
             (unsigned long long)status.st_ino);
    assert_true(journal_has(stream, STDERR_FILENO));
    assert_false(journal_has("1:2", STDERR_FILENO));
    assert_false(journal_has(NULL, STDERR_FILENO));
    assert_int_equal(journal_connect("/nowhere/at/all"), -1);
}

static void the_log_goes_to_the_journal_where_standard_error_is_one(void **state)
{
    char folder[] = "/tmp/renki-journal-XXXXXX", entry[JOURNAL_ENTRY_MAX];
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    (void)state;
    assert_non_null(mkdtemp(folder));
    snprintf(address.sun_path, sizeof address.sun_path, "%s/socket", folder);
    const int journal = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0), kept = dup(STDERR_FILENO);
    assert_int_equal(bind(journal, (const struct sockaddr *)&address, sizeof address), 0);
    const int own = journal_connect(address.sun_path);
    assert_true(own >= 0);
    assert_true(dup2(own, STDERR_FILENO) >= 0);
    log_open("host", LOG_LEVEL_INFO);
    log_info("run.ended", "run=%d text=\"%s\"", 7, "a\nPRIORITY=0");
    log_debug("run.ended", "run=%d", 8);
    assert_true(dup2(kept, STDERR_FILENO) >= 0);
    const ssize_t length = recv(journal, entry, sizeof entry - 1, MSG_DONTWAIT);
    assert_true(length > 0);
    entry[length] = '\0';
    assert_string_equal(entry, "MESSAGE=run.ended run=7 text=\"a?PRIORITY=0\"\nPRIORITY=6\n"
                               "SYSLOG_IDENTIFIER=renki\nRENKI_ROLE=host\nRENKI_EVENT=run.ended\n"
                               "RENKI_RUN=7\nRENKI_TEXT=a?PRIORITY=0\n");
    assert_true(recv(journal, entry, sizeof entry, MSG_DONTWAIT) < 0);
    close(own);
    close(kept);
    close(journal);
    unlink(address.sun_path);
    rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_becomes_named_fields),
        cmocka_unit_test(a_text_within_a_line_forges_no_field),
        cmocka_unit_test(an_entry_has_a_bound),
        cmocka_unit_test(only_the_journals_own_stream_is_it),
        cmocka_unit_test(the_log_goes_to_the_journal_where_standard_error_is_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
