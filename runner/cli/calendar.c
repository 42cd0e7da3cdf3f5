// See cli.h. `renki calendar`: the closed days of a year, and sums of business days. Needs no host and no workspace.
#include "cli/cli.h"

#include "lib/base/clock.h"
#include "lib/businessday/businessday.h"
#include "lib/calendar/instant.h"
#include "lib/calendar/parse.h"

enum { OUTPUT_MAX = 16 << 20, DATE_TEXT_MAX = 16 };

struct question {
    struct cli *cli;
    struct calendars *calendars;
    struct business business;
    struct date date;
    int64_t number;     // of --add and --nth
    struct date second; // of --count
};

// ---- answers

static const char *date_text(struct buf *out, struct date date)
{
    buf_clear(out);
    require(date_write_iso(out, date));
    return buf_string(out);
}

// What nobody has listed would be told as a business day; so say where the calendar ends.
static void warn_outside(const struct question *question, int year)
{
    for (size_t i = 0; i < question->business.count; i++) {
        const struct calendar *calendar = question->business.calendars[i];
        const size_t count = calendar_count(calendar);
        if (!count)
            continue;
        const int first = date_from_days(calendar_at(calendar, 0)->day).year;
        const int last = date_from_days(calendar_at(calendar, count - 1)->day).year;
        if (year < first || year > last)
            say(question->cli, stderr, PHRASE_CALENDAR_OUTSIDE, calendar_name(calendar), N(first), N(last),
                N(year));
    }
}

static const char *closed_words(const struct question *question, int32_t day)
{
    const struct closed_day *closed = business_closed(&question->business, day);
    if (closed && closed_day_name(closed, question->cli->language)[0])
        return closed_day_name(closed, question->cli->language);
    switch (date_weekday(date_from_days(day))) {
    case 6:
        return words(question->cli, PHRASE_SCHEDULE_SATURDAY);
    case 7:
        return words(question->cli, PHRASE_SCHEDULE_SUNDAY);
    default:
        return words(question->cli, PHRASE_SCHEDULE_CLOSED);
    }
}

static bool answer_json(const char *key, struct text value, bool quoted)
{
    SCOPED_BUF(out, 1000);
    struct json_writer writer = json_writer_new(&out);
    json_begin_object(&writer);
    json_write_key(&writer, key);
    if (quoted)
        json_write_text(&writer, value);
    else
        json_write_number_text(&writer, value);
    json_end_object(&writer);
    puts(buf_string(&out));
    return json_writer_done(&writer);
}

static bool answer_day(const struct question *question, bool found, int32_t day, struct err *err)
{
    SCOPED_BUF(text, DATE_TEXT_MAX);
    if (!found)
        return fail(err, ERR_CALENDAR_NO_DAY);
    (void)date_text(&text, date_from_days(day));
    warn_outside(question, date_from_days(day).year);
    if (question->cli->options[OPTION_JSON])
        return answer_json("date", buf_text(&text), true);
    puts(buf_string(&text));
    return true;
}

static bool answer_is(struct question *question, struct err *err)
{
    const int32_t day = date_to_days(question->date);
    const bool is = business_is(&question->business, day);
    (void)err;
    warn_outside(question, question->date.year);
    if (question->cli->options[OPTION_JSON]) {
        printf("{\"is\":%s}\n", is ? "true" : "false");
        return true;
    }
    printf("%s%s", is ? "true" : "false", is ? "" : "  ");
    if (!is)
        print_clean(stdout, closed_words(question, day));
    putchar('\n');
    return true;
}

static bool answer_following(struct question *question, struct err *err)
{
    int32_t day = 0;
    const bool found = business_following(&day, &question->business, date_to_days(question->date));
    return answer_day(question, found, day, err);
}

static bool answer_preceding(struct question *question, struct err *err)
{
    int32_t day = 0;
    const bool found = business_preceding(&day, &question->business, date_to_days(question->date));
    return answer_day(question, found, day, err);
}

static bool answer_modified(struct question *question, struct err *err)
{
    int32_t day = 0;
    const bool found = business_modified_following(&day, &question->business, date_to_days(question->date));
    return answer_day(question, found, day, err);
}

static bool answer_add(struct question *question, struct err *err)
{
    int32_t day = 0;
    const bool found =
        business_add(&day, &question->business, date_to_days(question->date), question->number);
    return answer_day(question, found, day, err);
}

static bool nth(struct question *question, int64_t number, struct err *err)
{
    int32_t day = 0;
    const struct month month = {question->date.year, question->date.month};
    const bool found =
        number >= -31 && number <= 31 && business_nth(&day, &question->business, month, (int)number);
    return answer_day(question, found, day, err);
}

static bool answer_nth(struct question *question, struct err *err)
{
    return nth(question, question->number, err);
}

static bool answer_last(struct question *question, struct err *err)
{
    return nth(question, -1, err);
}

static bool answer_count(struct question *question, struct err *err)
{
    const int64_t count =
        business_count(&question->business, date_to_days(question->date), date_to_days(question->second));
    (void)err;
    warn_outside(question, question->second.year);
    if (question->cli->options[OPTION_JSON])
        return answer_json("count", text_from(N(count)), false);
    puts(N(count));
    return true;
}

// ---- questions

enum takes { DATE, NUMBER_AND_DATE, TWO_DATES };
static const struct {
    enum option option;
    enum takes takes;
    bool (*answer)(struct question *question, struct err *err);
} sums[] = {
    {OPTION_IS, DATE, answer_is},
    {OPTION_NEXT, DATE, answer_following},
    {OPTION_FOLLOWING, DATE, answer_following},
    {OPTION_PREVIOUS, DATE, answer_preceding},
    {OPTION_PRECEDING, DATE, answer_preceding},
    {OPTION_MODIFIED_FOLLOWING, DATE, answer_modified},
    {OPTION_ADD, NUMBER_AND_DATE, answer_add},
    {OPTION_NTH, NUMBER_AND_DATE, answer_nth},
    {OPTION_LAST, DATE, answer_last},
    {OPTION_COUNT_DAYS, TWO_DATES, answer_count},
};

// A month stands for its first day, so that --last 2026-12 can be asked.
static bool read_date(struct date *out, const char *written, struct err *err)
{
    struct err ignored;
    struct month month;
    if (date_parse(out, text_from(written), &ignored))
        return true;
    if (month_parse(&month, text_from(written), &ignored)) {
        *out = month_first(month);
        return true;
    }
    return date_parse(out, text_from(written), err);
}

static bool read_number(struct question *question, const char *name, const char *written, struct err *err)
{
    const struct text text = text_from(written);
    return text_to_int64(written[0] == '+' ? text_of(text.data + 1, text.length - 1) : text,
                         &question->number) ||
           fail(err, ERR_OPTION_NUMBER, name, written);
}

static bool read_question(struct question *question, size_t sum, struct err *err)
{
    const struct cli *cli = question->cli;
    const char *name = option_rows[sums[sum].option].name, *value = cli->options[sums[sum].option];
    const char *besides = cli->argument_count > 1 ? cli->arguments[1] : cli->options[OPTION_FROM];
    if (sums[sum].takes == DATE)
        return cli->argument_count > 1 ? fail(err, ERR_ARGUMENT_EXTRA, "calendar", cli->arguments[1])
                                       : read_date(&question->date, value, err);
    if (!besides)
        return fail(err, ERR_CALENDAR_DATE, name);
    if (sums[sum].takes == NUMBER_AND_DATE)
        return read_number(question, name, value, err) && read_date(&question->date, besides, err);
    return read_date(&question->date, value, err) && read_date(&question->second, besides, err);
}

// The one sum that is asked for; COUNT_OF(sums): none.
static bool find_sum(size_t *out, const struct cli *cli, struct err *err)
{
    *out = COUNT_OF(sums);
    for (size_t i = 0; i < COUNT_OF(sums); i++) {
        if (!cli->options[sums[i].option])
            continue;
        if (*out != COUNT_OF(sums))
            return fail(err, ERR_OPTION_BOTH, option_rows[sums[*out].option].name,
                        option_rows[sums[i].option].name);
        *out = i;
    }
    return *out == COUNT_OF(sums) || !cli->options[OPTION_YEAR] ||
           fail(err, ERR_OPTION_BOTH, "year", option_rows[sums[*out].option].name);
}

// ---- lists

static int year_now(void)
{
    struct moment moment;
    return moment_from_microseconds(&moment, clock_realtime_ms() * 1000) ? moment.date.year : YEAR_LEAST;
}

static void write_day(struct json_writer *writer, const struct closed_day *day,
                      const struct question *question)
{
    SCOPED_BUF(text, DATE_TEXT_MAX);
    (void)date_text(&text, date_from_days(day->day));
    json_begin_object(writer);
    json_write_key(writer, "date");
    json_write_text(writer, buf_text(&text));
    json_write_key(writer, "name");
    json_write_lossy(writer, text_from(closed_words(question, day->day)));
    if (day->local) {
        json_write_key(writer, "local");
        json_write_lossy(writer, text_from(day->local));
    }
    json_end_object(writer);
}

static void print_day(const struct closed_day *day, const struct question *question)
{
    SCOPED_BUF(text, DATE_TEXT_MAX);
    const char *name = closed_words(question, day->day);
    printf("%s  ", date_text(&text, date_from_days(day->day)));
    print_clean(stdout, name);
    if (day->local && strcmp(day->local, name) != 0) {
        fputs(" (", stdout);
        print_clean(stdout, day->local);
        putchar(')');
    }
    putchar('\n');
}

static bool list_year(struct question *question, struct err *err)
{
    const char *given = question->cli->options[OPTION_YEAR];
    int64_t year = year_now();
    SCOPED_BUF(out, OUTPUT_MAX);
    struct json_writer writer = json_writer_new(&out);
    if (given && (!text_to_int64(text_from(given), &year) || year < YEAR_LEAST || year > YEAR_MOST))
        return fail(err, ERR_OPTION_NUMBER, "year", given);
    warn_outside(question, (int)year);
    json_begin_object(&writer);
    json_write_key(&writer, "days");
    json_begin_array(&writer);
    const struct date first = {(int16_t)year, 1, 1}, last = {(int16_t)year, 12, 31};
    for (int32_t day = date_to_days(first); day <= date_to_days(last); day++) {
        const struct closed_day *closed = business_closed(&question->business, day);
        if (closed && question->cli->options[OPTION_JSON])
            write_day(&writer, closed, question);
        else if (closed)
            print_day(closed, question);
    }
    json_end_array(&writer);
    json_end_object(&writer);
    if (question->cli->options[OPTION_JSON])
        puts(buf_string(&out));
    return true;
}

static int list_calendars(const struct question *question)
{
    SCOPED_BUF(out, OUTPUT_MAX);
    struct json_writer writer = json_writer_new(&out);
    json_begin_object(&writer);
    json_write_key(&writer, "calendars");
    json_begin_array(&writer);
    for (size_t i = 0; i < calendars_count(question->calendars); i++) {
        const struct calendar *calendar = calendars_at(question->calendars, i);
        const size_t count = calendar_count(calendar);
        json_write_lossy(&writer, text_from(calendar_name(calendar)));
        if (question->cli->options[OPTION_JSON])
            continue;
        if (count)
            say(question->cli, stdout, PHRASE_CALENDAR_LINE, calendar_name(calendar),
                N(date_from_days(calendar_at(calendar, 0)->day).year),
                N(date_from_days(calendar_at(calendar, count - 1)->day).year), N(count));
        else
            say(question->cli, stdout, PHRASE_CALENDAR_EMPTY, calendar_name(calendar));
    }
    json_end_array(&writer);
    json_end_object(&writer);
    if (question->cli->options[OPTION_JSON])
        puts(buf_string(&out));
    return EXIT_DONE;
}

// ---- the command

static bool choose_calendars(struct question *question, const char *names, struct err *err)
{
    struct text rest = text_from(names), one;
    while (text_cut(&rest, ',', &one)) {
        if (question->business.count == BUSINESS_CALENDARS_MAX)
            return fail(err, ERR_LIMIT_PASSED, names, N(BUSINESS_CALENDARS_MAX));
        if (!calendars_find(&question->business.calendars[question->business.count++], question->calendars,
                            text_trim(one), err))
            return false;
    }
    return true;
}

// A list of days has nothing besides.
static bool no_more(const struct cli *cli, size_t sum, struct err *err)
{
    return sum < COUNT_OF(sums) || cli->argument_count < 2 ||
           fail(err, ERR_ARGUMENT_EXTRA, "calendar", cli->arguments[1]);
}

int command_calendar(struct cli *cli)
{
    struct err err = {0};
    struct question question = {.cli = cli};
    const char *names = cli->argument_count ? cli->arguments[0] : NULL;
    size_t sum;
    bool done = find_sum(&sum, cli, &err) && no_more(cli, sum, &err) &&
                (!names || sum == COUNT_OF(sums) || read_question(&question, sum, &err)) &&
                calendars_load(&question.calendars, NULL, cli, names, &err);
    if (done && names)
        done = choose_calendars(&question, names, &err) &&
               (sum < COUNT_OF(sums) ? sums[sum].answer(&question, &err) : list_year(&question, &err));
    else if (done)
        (void)list_calendars(&question);
    calendars_free(question.calendars);
    if (!done)
        print_err(cli, &err);
    return done ? EXIT_DONE : err.code == ERR_CALENDAR_NO_DAY ? EXIT_FAILED : EXIT_USAGE;
}
