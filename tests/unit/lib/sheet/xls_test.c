// lib/sheet/xls*.c, biff.c and ole.c: workbooks are put together record by record.
#include "support/unit.h"

#include "support/book.h"
#include "support/xls.h"

#define DATA(...) text_of((const char[]){__VA_ARGS__}, sizeof((const char[]){__VA_ARGS__}))

enum { VERSION5 = 0x500, VERSION8 = 0x600, FILE_MAX = 1 << 20 };

struct parts {
    struct buf globals, page;
};

static struct parts parts_new(void)
{
    return (struct parts){buf_new(FILE_MAX), buf_new(FILE_MAX)};
}

// Two styles: a number and a date.
static void put_styles(struct parts *parts)
{
    put_record(&parts->globals, 0xE0, DATA(0, 0, 0, 0, 0, 0));
    put_record(&parts->globals, 0xE0, DATA(0, 0, 14, 0, 0, 0));
}

static bool read_parts(struct buf *out, struct parts *parts, unsigned version, struct err *err)
{
    SCOPED_BUF(file, FILE_MAX);
    put_workbook(&file, version, buf_text(&parts->globals), buf_text(&parts->page));
    buf_dispose(&parts->globals);
    buf_dispose(&parts->page);
    return page_text(out, file_of(buf_text(&file)), 0, err);
}

static void assert_cells(struct parts *parts, unsigned version, const char *expected)
{
    struct err err = {0};
    SCOPED_BUF(out, FILE_MAX);
    if (!read_parts(&out, parts, version, &err)) {
        assert_true(err_message(&out, &err, LANGUAGE_EN));
        fail_msg("%s", buf_string(&out));
    }
    assert_string_equal(buf_string(&out), expected);
}

static void assert_refused(struct parts *parts, enum err_code code)
{
    struct err err = {0};
    SCOPED_BUF(out, FILE_MAX);
    assert_false(read_parts(&out, parts, VERSION8, &err));
    assert_string_equal(err_name(err.code), err_name(code));
}

static void put_double(struct buf *page, char column, char style, double value)
{
    uint64_t bits;
    SCOPED_BUF(data, 20);
    memcpy(&bits, &value, sizeof bits);
    put_number(&data, 0, 2);
    put_number(&data, (unsigned char)column, 2);
    put_number(&data, (unsigned char)style, 2);
    put_number(&data, bits, 8);
    put_record(page, 0x203, buf_text(&data));
}

static void every_kind_of_number_is_read(void **state)
{
    (void)state;
    struct parts parts = parts_new();
    put_styles(&parts);
    put_double(&parts.page, 0, 0, 12.3);
    put_double(&parts.page, 1, 1, 46023.75);
    put_record(&parts.page, 0x27E, DATA(0, 0, 2, 0, 0, 0, 0x2A, 0, 0, 0));          // 10
    put_record(&parts.page, 0x27E, DATA(0, 0, 3, 0, 0, 0, (char)0xCF, 0x04, 0, 0)); // 307 hundredths
    put_record(&parts.page, 0xBD,
               DATA(0, 0, 4, 0, 0, 0, 6, 0, 0, 0, 1, 0, 0x0A, 0, 0, 0, 5, 0)); // 1 and a date
    put_double(&parts.page, 6, 0, 0.1 + 0.2);
    assert_cells(&parts, VERSION8,
                 "A1=n:12.3;B1=d:2026-01-01T18:00:00;C1=n:10;D1=n:3.07;E1=n:1;F1=d:1900-01-02;G1=n:0."
                 "30000000000000004;");
}

static void dates_count_from_1904_where_the_workbook_says_so(void **state)
{
    (void)state;
    struct parts parts = parts_new();
    put_styles(&parts);
    put_record(&parts.globals, 0x22, DATA(1, 0));
    put_double(&parts.page, 0, 1, 35064);
    assert_cells(&parts, VERSION8, "A1=d:2000-01-01;");
}

static void formats_of_its_own_tell_dates(void **state)
{
    (void)state;
    struct parts parts = parts_new();
    put_record(&parts.globals, 0x41E, DATA((char)164, 0, 5, 0, 0, 'd', '.', 'm', '.', 'y'));
    put_record(&parts.globals, 0xE0, DATA(0, 0, (char)164, 0));
    put_double(&parts.page, 0, 0, 46023);
    assert_cells(&parts, VERSION8, "A1=d:2026-01-01;");
}

static void results_of_formulas_are_read_whatever_they_are(void **state)
{
    (void)state;
    struct parts parts = parts_new();
    const char no = (char)0xFF;
    put_record(&parts.page, 0x06, DATA(0, 0, 0, 0, 0, 0, 1, 0, 1, 0, 0, 0, no, no, 0, 0, 0, 0, 0, 0));
    put_record(&parts.page, 0x06, DATA(0, 0, 1, 0, 0, 0, 2, 0, 0x2A, 0, 0, 0, no, no, 0, 0, 0, 0, 0, 0));
    put_record(&parts.page, 0x06, DATA(0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, no, no, 0, 0, 0, 0, 0, 0));
    put_record(&parts.page, 0x4BC, DATA(0, 0, 0, 0)); // a shared formula may stand between
    put_record(&parts.page, 0x207, DATA(2, 0, 0, 'o', 'k'));
    put_record(&parts.page, 0x06, DATA(0, 0, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, no, no, 0, 0, 0, 0, 0, 0));
    put_record(&parts.page, 0x205, DATA(0, 0, 4, 0, 0, 0, 0x07, 1));
    put_record(&parts.page, 0x205, DATA(0, 0, 5, 0, 0, 0, 0, 0));
    put_record(&parts.page, 0x06, DATA(0, 0, 6, 0, 0, 0, 3, 0, 0, 0, 0, 0, no, no, 0, 0, 0, 0, 0, 0));
    assert_cells(&parts, VERSION8, "A1=b:yes;B1=e:#N/A;C1=s:ok;E1=e:#DIV/0!;F1=b:no;");
}

static void put_shared(struct buf *page, char column, char number)
{
    put_record(page, 0xFD, DATA(0, 0, column, 0, 0, 0, number, 0, 0, 0));
}

static void shared_texts_go_on_in_further_records(void **state)
{
    (void)state;
    struct parts parts = parts_new();
    // "abcd" breaks after two letters and goes on in wide ones; then a text with runs and a reading aid; then 𝄞.
    put_record(&parts.globals, 0xFC, DATA(3, 0, 0, 0, 3, 0, 0, 0, 4, 0, 0, 'a', 'b'));
    put_record(&parts.globals, 0x3C,
               DATA(1, 'c', 0, (char)0xE4, 0, 2, 0, 0x0D, 1, 0, 3, 0, 0, 0, 'x', 0, 'y', 0));
    put_record(&parts.globals, 0x3C, DATA(1, 0, 2, 0, 7, 7, 7, 2, 0, 1, 0x34, (char)0xD8));
    put_record(&parts.globals, 0x3C, DATA(1, 0x1E, (char)0xDD));
    put_shared(&parts.page, 0, 0);
    put_shared(&parts.page, 1, 1);
    put_shared(&parts.page, 2, 2);
    assert_cells(&parts, VERSION8, "A1=s:abcä;B1=s:xy;C1=s:𝄞;");
}

static void a_list_of_texts_that_claims_too_many_is_read_as_far_as_it_goes(void **state)
{
    (void)state;
    struct parts parts = parts_new();
    put_record(&parts.globals, 0xFC,
               DATA(0, (char)0xCA, (char)0x9A, 0x3B, 0, (char)0xCA, (char)0x9A, 0x3B, 1, 0, 0, 'a'));
    put_shared(&parts.page, 0, 0);
    assert_cells(&parts, VERSION8, "A1=s:a;");

    parts = parts_new();
    put_shared(&parts.page, 0, 5);
    assert_refused(&parts, ERR_SHEET_BAD_CELL);

    parts = parts_new();
    put_record(&parts.globals, 0xFC, DATA(1, 0, 0, 0, 1, 0, 0, 0, (char)0xFF, (char)0xFF, 1, 'a', 0));
    assert_refused(&parts, ERR_SHEET_BROKEN_XLS);
}

static void old_texts_are_in_the_workbooks_code_page(void **state)
{
    (void)state;
    struct parts parts = parts_new();
    put_record(&parts.globals, 0x42, DATA((char)0xE3, 0x04)); // 1251
    put_record(&parts.page, 0x204, DATA(0, 0, 0, 0, 0, 0, 2, 0, (char)0xC4, (char)0xE0));
    put_record(&parts.page, 0xD6, DATA(0, 0, 1, 0, 0, 0, 1, 0, 'x', 1, 0, 0));
    assert_cells(&parts, VERSION5, "A1=s:Да;B1=s:x;");
}

static void rows_in_no_order_are_put_in_order(void **state)
{
    (void)state;
    struct parts parts = parts_new();
    static const char rows[] = {5, 1, 3, 1};
    for (size_t i = 0; i < sizeof rows; i++)
        put_record(&parts.page, 0x27E, DATA(rows[i], 0, (char)(9 - i), 0, 0, 0, (char)(i * 4 + 2), 0, 0, 0));
    assert_cells(&parts, VERSION8, "G2=n:3;I2=n:1;H4=n:2;J6=n:0;");
}

static void hidden_rows_and_merged_cells_are_told_and_charts_passed_over(void **state)
{
    (void)state;
    struct parts parts = parts_new();
    put_record(&parts.page, 0x208, DATA(1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x20, 0, 0, 0));
    put_record(&parts.page, 0x27E, DATA(0, 0, 0, 0, 0, 0, 6, 0, 0, 0));
    put_record(&parts.page, 0x27E, DATA(1, 0, 0, 0, 0, 0, 10, 0, 0, 0));
    put_begin(&parts.page, VERSION8, 0x20);
    put_record(&parts.page, 0x27E, DATA(2, 0, 0, 0, 0, 0, 6, 0, 0, 0));
    put_record(&parts.page, 0x0A, text_of("", 0));
    put_record(&parts.page, 0xE5, DATA(1, 0, 0, 0, 2, 0, 1, 0, 3, 0));
    assert_cells(&parts, VERSION8, "A1=n:1;A2=n:2(hidden);[B1:D3]");
}

static void a_page_of_excel_2_stands_alone(void **state)
{
    (void)state;
    struct err err;
    SCOPED_BUF(file, FILE_MAX);
    SCOPED_BUF(out, FILE_MAX);
    put_record(&file, 0x09, DATA(2, 0, 0x10, 0));
    put_record(&file, 0x1E, DATA(1, '0'));
    put_record(&file, 0x1E, DATA(3, 'd', '/', 'm'));
    put_record(&file, 0x02, DATA(0, 0, 0, 0, 0, 0, 0, 7, 0));
    put_record(&file, 0x02, DATA(0, 0, 1, 0, 0, 1, 0, 2, 0));
    put_record(&file, 0x04, DATA(0, 0, 2, 0, 0, 0, 0, 2, 'a', (char)0xE4));
    put_record(&file, 0x0A, text_of("", 0));
    assert_true(page_text(&out, file_of(buf_text(&file)), 0, &err));
    assert_string_equal(buf_string(&out), "A1=n:7;B1=d:1900-01-02;C1=s:aä;");
}

static void a_password_is_named(void **state)
{
    (void)state;
    struct parts parts = parts_new();
    put_record(&parts.globals, 0x2F, DATA(1, 0, 1, 0));
    assert_refused(&parts, ERR_SHEET_ENCRYPTED);
}

static void damage_is_told(void **state)
{
    (void)state;
    struct parts parts = parts_new();
    put_record(&parts.page, 0x27E, DATA(0, 0, 0, 0)); // too short for a number
    assert_refused(&parts, ERR_SHEET_BROKEN_XLS);

    parts = parts_new();
    put_record(&parts.page, 0x27E, DATA(0, 0, 0, 7, 0, 0, 6, 0, 0, 0)); // column 1793
    assert_refused(&parts, ERR_SHEET_BROKEN_XLS);
}

static void what_was_cut_off_is_told(void **state)
{
    (void)state;
    enum { EOF_BYTES = 4 };
    struct err err;
    SCOPED_BUF(file, FILE_MAX);
    SCOPED_BUF(out, FILE_MAX);
    SCOPED_BUF(page, FILE_MAX);
    put_record(&page, 0x27E, DATA(0, 0, 0, 0, 0, 0, 6, 0, 0, 0));
    put_workbook(&file, VERSION8, text_of("", 0), buf_text(&page));
    file.length -= EOF_BYTES;
    assert_false(page_text(&out, file_of(buf_text(&file)), 0, &err));
    assert_int_equal(err.code, ERR_SHEET_BROKEN_XLS);

    buf_clear(&file);
    put_begin(&file, VERSION8, 5);
    put_record(&file, 0x0A, text_of("", 0));
    assert_false(page_text(&out, file_of(buf_text(&file)), 0, &err));
    assert_int_equal(err.code, ERR_SHEET_BROKEN_XLS);
}

/* ---- the container -------------------------------------------------------------------------------------------------------- */

static void put_file(struct buf *file, const char *stream_name)
{
    SCOPED_BUF(stream, FILE_MAX);
    SCOPED_BUF(page, FILE_MAX);
    put_record(&page, 0x27E, DATA(0, 0, 0, 0, 0, 0, 6, 0, 0, 0));
    put_workbook(&stream, VERSION8, text_of("", 0), buf_text(&page));
    put_zeros(&stream, 5000 - stream.length);
    put_container(file, stream_name, buf_text(&stream));
}

static void a_workbook_is_found_in_its_container(void **state)
{
    (void)state;
    struct err err;
    SCOPED_BUF(file, FILE_MAX);
    SCOPED_BUF(out, FILE_MAX);
    put_file(&file, "WORKBOOK");
    assert_true(page_text(&out, file_of(buf_text(&file)), 0, &err));
    assert_string_equal(buf_string(&out), "A1=n:1;");
}

static void assert_container_refused(const struct buf *file, enum err_code code)
{
    struct err err = {0};
    SCOPED_BUF(out, FILE_MAX);
    assert_false(page_text(&out, file_of(buf_text(file)), 0, &err));
    assert_string_equal(err_name(err.code), err_name(code));
}

static void other_documents_in_containers_are_named(void **state)
{
    (void)state;
    static const struct {
        const char *stream;
        enum err_code code;
    } cases[] = {{"WordDocument", ERR_SHEET_IS_OTHER},
                 {"EncryptedPackage", ERR_SHEET_ENCRYPTED},
                 {"Something", ERR_SHEET_IS_UNKNOWN}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        SCOPED_BUF(file, FILE_MAX);
        put_file(&file, cases[i].stream);
        assert_container_refused(&file, cases[i].code);
    }
}

// Sets four bytes at a place of the file.
static void spoil(struct buf *file, size_t at, uint32_t value)
{
    for (size_t i = 0; i < 4; i++)
        file->data[at + i] = (char)(value >> (8 * i));
}

static void sectors_that_lead_nowhere_end_in_an_error(void **state)
{
    (void)state;
    enum { LIST = 512, NAMES = 1024, STREAM_ENTRY = NAMES + 128 };
    static const struct {
        size_t at;
        uint32_t value;
    } cases[] = {
        {LIST + 4 * 5, 0x00FFFFFF},       // the fourth sector of the stream is followed by none of the file
        {LIST + 4 * 5, 0xFFFFFFFE},       // or the chain ends there
        {STREAM_ENTRY + 120, 0x7FFFFFFF}, // a stream longer than the file
        {STREAM_ENTRY + 116, 0x00FFFFFF}, // it begins beyond the file
        {48, 0x00FFFFFF},                 // so do the names
        {76, 0x00FFFFFF},                 // or the list
        {30, 0x003F003F},                 // sectors of an impossible size
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        SCOPED_BUF(file, FILE_MAX);
        put_file(&file, "Workbook");
        spoil(&file, cases[i].at, cases[i].value);
        assert_container_refused(&file, ERR_SHEET_BROKEN_XLS);
    }
}

static void loops_in_a_container_end(void **state)
{
    (void)state;
    struct err err;
    enum { LIST = 512, NAMES = 1024 };
    SCOPED_BUF(file, FILE_MAX);
    SCOPED_BUF(out, FILE_MAX);
    put_file(&file, "Workbook");
    spoil(&file, LIST + 4, 1);         // the names go on in themselves
    spoil(&file, NAMES + 128 + 68, 1); // an entry is its own neighbour
    spoil(&file, LIST + 4 * 6, 3);     // the stream comes round
    spoil(&file, 68, 3);               // more sectors of the list are told by one of the stream
    (void)page_text(&out, file_of(buf_text(&file)), 0, &err);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_of_number_is_read),
        cmocka_unit_test(dates_count_from_1904_where_the_workbook_says_so),
        cmocka_unit_test(formats_of_its_own_tell_dates),
        cmocka_unit_test(results_of_formulas_are_read_whatever_they_are),
        cmocka_unit_test(shared_texts_go_on_in_further_records),
        cmocka_unit_test(a_list_of_texts_that_claims_too_many_is_read_as_far_as_it_goes),
        cmocka_unit_test(old_texts_are_in_the_workbooks_code_page),
        cmocka_unit_test(rows_in_no_order_are_put_in_order),
        cmocka_unit_test(hidden_rows_and_merged_cells_are_told_and_charts_passed_over),
        cmocka_unit_test(a_page_of_excel_2_stands_alone),
        cmocka_unit_test(a_password_is_named),
        cmocka_unit_test(damage_is_told),
        cmocka_unit_test(what_was_cut_off_is_told),
        cmocka_unit_test(a_workbook_is_found_in_its_container),
        cmocka_unit_test(other_documents_in_containers_are_named),
        cmocka_unit_test(sectors_that_lead_nowhere_end_in_an_error),
        cmocka_unit_test(loops_in_a_container_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
