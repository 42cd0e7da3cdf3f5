// lib/recurrence against the shared vectors: rules on which engines agree, and rules that RFC 5545 does not allow.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// cmocka needs the four above
#include <cmocka.h>

#include "lib/base/file.h"
#include "lib/calendar/instant.h"
#include "lib/recurrence/recurrence.h"

#include <fcntl.h>

enum { COLUMNS_MAX = 16, TABLE_BYTES_MAX = 4 << 20, LINES_MAX = 10000 };

static struct zones *zones;
static const struct zone *utc;
static int failed;

static int each_row(const char *name, bool (*row)(const struct text *columns))
{
    SCOPED_BUF(bytes, TABLE_BYTES_MAX);
    SCOPED_TEXT char *path = xasprintf(RENKI_SHARED_DATA "/rrule/%s", name);
    struct err err = {0};
    if (!file_read(&bytes, AT_FDCWD, path, &err)) {
        print_message("%s is not there\n", path);
        skip();
    }
    struct text rest = buf_text(&bytes), line;
    int count = 0;
    assert_true(text_cut(&rest, '\n', &line));
    while (text_cut(&rest, '\n', &line)) {
        struct text columns[COLUMNS_MAX] = {0};
        for (size_t i = 0; i < COLUMNS_MAX && text_cut(&line, '\t', &columns[i]); i++)
            ;
        if (columns[0].length)
            count += row(columns);
    }
    return count;
}

static void unescape(struct buf *out, struct text written)
{
    for (size_t i = 0; i < written.length; i++) {
        char c = written.data[i];
        if (c == '\\' && i + 1 < written.length)
            c = written.data[++i] == 'n' ? '\n' : written.data[i] == 't' ? '\t' : written.data[i];
        assert_true(buf_append_char(out, c));
    }
}

static bool wrong(struct text id, struct text wanted, int64_t seen, bool found)
{
    SCOPED_BUF(out, 100);
    if (found)
        assert_true(instant_write_iso(&out, (struct instant){seen * MICROSECONDS, utc, 0}));
    print_message("%.*s: wanted %.*s, came %s\n", (int)id.length, id.data, (int)wanted.length, wanted.data,
                  found ? buf_string(&out) : "none");
    return false;
}

// Floating times are asked in UTC. The first hundred are enough where a rule has thousands.
static bool comes(const struct text *columns)
{
    struct err err = {0};
    struct text expected = columns[5], one;
    int64_t at = INT64_C(-62135596800), wall;
    enum wall shown;
    bool found;
    SCOPED_BUF(lines, LINES_MAX);
    SCOPED(recurrence)
    recurrence = NULL;
    unescape(&lines, columns[3]);
    if (!recurrence_read(&recurrence, buf_text(&lines), TEXT_OF(""), utc, zones, &err)) {
        print_message("%.*s: refused %s, %s\n", (int)columns[0].length, columns[0].data, buf_string(&lines),
                      err_name(err.code));
        return false;
    }
    while (text_cut(&expected, ',', &one)) {
        struct instant instant;
        assert_true(instant_parse(&instant, one, recurrence_zone(recurrence), &err));
        assert_true(recurrence_next(&at, &wall, &shown, &found, recurrence, at, &err));
        if (!found || at != instant.microseconds / MICROSECONDS)
            return wrong(columns[0], one, at, found);
    }
    if (!text_is(columns[4], "all"))
        return true;
    assert_true(recurrence_next(&at, &wall, &shown, &found, recurrence, at, &err));
    return !found || wrong(columns[0], TEXT_OF("no more"), at, true);
}

static bool recur_row(const struct text *columns)
{
    if (!text_is(columns[6], "core") && !text_is(columns[6], "majority"))
        return false;
    failed += !comes(columns);
    return true;
}

static void what_engines_agree_on_recurs(void **state)
{
    (void)state;
    failed = 0;
    const int rows = each_row("recur.tsv", recur_row);
    print_message("recur.tsv: %d rows, %d failed\n", rows, failed);
    assert_true(rows > 200);
    assert_int_equal(failed, 0);
}

static bool invalid_row(const struct text *columns)
{
    struct err err = {0};
    SCOPED(recurrence)
    recurrence = NULL;
    if (recurrence_read(&recurrence, columns[2], TEXT_OF("20230101T090000"), utc, zones, &err)) {
        print_message("%.*s: read %.*s\n", (int)columns[0].length, columns[0].data, (int)columns[2].length,
                      columns[2].data);
        failed++;
    }
    return true;
}

static void what_the_rfc_does_not_allow_is_refused(void **state)
{
    (void)state;
    failed = 0;
    const int rows = each_row("invalid.tsv", invalid_row);
    print_message("invalid.tsv: %d rows, %d read\n", rows, failed);
    assert_true(rows > 20);
    assert_int_equal(failed, 0);
}

static int open_zones(void **state)
{
    (void)state;
    struct err err = {0};
    return zones_open(&zones, ZONES_FOLDER, &err) && zones_find(&utc, zones, TEXT_OF("UTC"), &err) ? 0 : -1;
}

static int close_zones(void **state)
{
    (void)state;
    zones_free(zones);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_engines_agree_on_recurs),
        cmocka_unit_test(what_the_rfc_does_not_allow_is_refused),
    };
    return cmocka_run_group_tests(tests, open_zones, close_zones);
}
