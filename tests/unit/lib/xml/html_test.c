// lib/xml: pages, their tables and forms
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// cmocka needs the four above
#include <cmocka.h>
#undef fail

#include "lib/base/file.h"
#include "lib/json/json.h"
#include "lib/xml/form.h"
#include "lib/xml/sniff.h"
#include "lib/xml/table.h"
#include "lib/xml/url.h"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#define PAGES RENKI_SHARED_DATA "/html"

static struct xml_document *page_of(struct text bytes)
{
    struct xml_document *page = NULL;
    struct err err;
    assert_true(html_parse(&page, bytes, NULL, &err));
    return page;
}

static struct html_forms *forms_of(const struct xml_document *page)
{
    struct html_forms *forms = NULL;
    struct err err;
    assert_true(html_forms(&forms, page, "https://ledger.example/app/list?page=2", &err));
    return forms;
}

// ---- the pages of the shared data --------------------------------------------------------------------------------

// What differs is printed with its page, so that one run shows all.
struct comparing {
    const char *page;
    unsigned differences;
};

static void differ(struct comparing *comparing, const char *what, const char *expected, const char *came)
{
    comparing->differences++;
    print_error("%s: %s: expected \"%s\", came \"%s\"\n", comparing->page, what,
                expected ? expected : "(none)", came ? came : "(none)");
}

static void same_text(struct comparing *comparing, const char *what, const struct json *expected,
                      const char *came)
{
    const char *text = json_string_or(expected, NULL);
    if (!text != !came || (text && strcmp(text, came) != 0))
        differ(comparing, what, text, came);
}

static void same_number(struct comparing *comparing, const char *what, int64_t expected, int64_t came)
{
    if (expected != came)
        differ(comparing, what, N(expected), N(came));
}

static void same_flag(struct comparing *comparing, const char *what, const struct json *expected, bool came)
{
    if ((json_kind(expected) == JSON_TRUE) != came)
        differ(comparing, what, json_kind(expected) == JSON_TRUE ? "true" : "false", came ? "true" : "false");
}

static void same_row(struct comparing *comparing, const struct json *expected, const struct html_row *row)
{
    same_number(comparing, "places of a row", (int64_t)json_count(expected), (int64_t)row->count);
    for (size_t i = 0; i < row->count && i < json_count(expected); i++)
        same_text(comparing, "cell", json_at(expected, i), row->places[i] ? row->places[i]->text : "");
}

static void same_table(struct comparing *comparing, const struct json *expected,
                       const struct html_table *table)
{
    const struct json *rows = json_get(expected, "rows");
    same_text(comparing, "caption", json_get(expected, "caption"), table->caption);
    same_number(comparing, "header rows", json_int64_or(json_get(expected, "header_rows"), -1),
                (int64_t)table->header_rows);
    same_number(comparing, "nested in", json_int64_or(json_get(expected, "nested_in"), -1), table->nested_in);
    same_number(comparing, "rows", (int64_t)json_count(rows), (int64_t)table->row_count);
    for (size_t i = 0; i < table->row_count && i < json_count(rows); i++)
        same_row(comparing, json_at(rows, i), &table->rows[i]);
}

static void same_tables(struct comparing *comparing, const struct json *expected,
                        const struct xml_document *page)
{
    SCOPED(html_tables)
    tables = NULL;
    struct err err;
    assert_true(html_tables(&tables, page, &err));
    same_number(comparing, "tables", (int64_t)json_count(expected), (int64_t)tables->count);
    for (size_t i = 0; i < tables->count && i < json_count(expected); i++)
        same_table(comparing, json_at(expected, i), &tables->items[i]);
}

static void same_options(struct comparing *comparing, const struct json *expected,
                         const struct html_field *field)
{
    same_number(comparing, "options", (int64_t)json_count(expected), (int64_t)field->option_count);
    for (size_t i = 0; i < field->option_count && i < json_count(expected); i++) {
        const struct json *option = json_at(expected, i);
        same_text(comparing, "option's value", json_get(option, "value"), field->options[i].value);
        same_text(comparing, "option's text", json_get(option, "text"), field->options[i].text);
        same_flag(comparing, "option selected", json_get(option, "selected"), field->options[i].selected);
    }
}

static void same_field(struct comparing *comparing, const struct json *expected,
                       const struct html_field *field)
{
    same_text(comparing, "tag", json_get(expected, "tag"), field->tag);
    same_text(comparing, "type", json_get(expected, "type"), field->type);
    same_text(comparing, "name", json_get(expected, "name"), field->name);
    same_text(comparing, "value", json_get(expected, "value"), field->value);
    same_text(comparing, "text of a button", json_get(expected, "text"), field->text);
    same_flag(comparing, "disabled", json_get(expected, "disabled"), field->disabled);
    same_flag(comparing, "multiple", json_get(expected, "multiple"), field->multiple);
    if (json_get(expected, "checked"))
        same_flag(comparing, "checked", json_get(expected, "checked"), field->checked);
    same_options(comparing, json_get(expected, "options"), field);
}

static void same_form(struct comparing *comparing, const struct json *expected, const struct html_form *form)
{
    const struct json *fields = json_get(expected, "fields");
    same_text(comparing, "form's name", json_get(expected, "name"), form->name);
    same_text(comparing, "form's id", json_get(expected, "id"), form->id);
    same_text(comparing, "action", json_get(expected, "action"), form->action);
    same_text(comparing, "method", json_get(expected, "method"), form->method);
    same_text(comparing, "enctype", json_get(expected, "enctype"), form->enctype);
    same_number(comparing, "fields", (int64_t)json_count(fields), (int64_t)form->field_count);
    for (size_t i = 0; i < form->field_count && i < json_count(fields); i++)
        same_field(comparing, json_at(fields, i), &form->fields[i]);
}

static void same_forms(struct comparing *comparing, const struct json *expected,
                       const struct xml_document *page)
{
    SCOPED(html_forms)
    forms = forms_of(page);
    same_number(comparing, "forms", (int64_t)json_count(expected), (int64_t)forms->count);
    for (size_t i = 0; i < forms->count && i < json_count(expected); i++)
        same_form(comparing, json_at(expected, i), &forms->items[i]);
}

static void same_links(struct comparing *comparing, const struct json *expected,
                       const struct xml_document *page)
{
    SCOPED(html_links)
    links = NULL;
    struct err err;
    assert_true(html_links(&links, page, &err));
    same_number(comparing, "links", (int64_t)json_count(expected), (int64_t)links->count);
    for (size_t i = 0; i < links->count && i < json_count(expected); i++) {
        same_text(comparing, "href", json_get(json_at(expected, i), "href"), links->items[i].href);
        same_text(comparing, "link's text", json_get(json_at(expected, i), "text"), links->items[i].text);
    }
}

static void same_title(struct comparing *comparing, const struct json *expected,
                       const struct xml_document *page)
{
    SCOPED_TEXT char *title = NULL;
    struct err err;
    assert_true(html_title(&title, page, &err));
    same_text(comparing, "title", expected, title);
}

// The expected names are Python's: the byte order is not told, and latin-1 is windows-1252 to a browser.
static void same_charset(struct comparing *comparing, const struct json *expected,
                         const struct xml_document *page)
{
    const char *name = json_string_or(expected, "");
    struct charset charset;
    if (strncmp(name, "utf-16", 6) == 0 || strncmp(name, "utf-32", 6) == 0) {
        if (strncmp(html_charset(page), name, 6) != 0)
            differ(comparing, "encoding", name, html_charset(page));
    } else if (!charset_find_web(&charset, text_from(name)) ||
               strcmp(charset.name, html_charset(page)) != 0) {
        differ(comparing, "encoding", name, html_charset(page));
    }
}

static const struct {
    const char *name;
    void (*compare)(struct comparing *comparing, const struct json *expected,
                    const struct xml_document *page);
} parts[] = {{"encoding", same_charset},
             {"title", same_title},
             {"tables", same_tables},
             {"forms", same_forms},
             {"links", same_links}};

static bool is_judged(const struct json *expected, const char *part)
{
    const struct json *out = json_get(expected, "not_judged");
    for (const struct json *name = json_first(out); name; name = json_next(name))
        if (strcmp(json_string_or(name, ""), part) == 0)
            return false;
    return true;
}

static unsigned compare_page(const char *name, unsigned *compared)
{
    SCOPED_TEXT char *path = xasprintf(PAGES "/pages/%s", name);
    SCOPED_TEXT char *facts = xasprintf(PAGES "/expected/%s.json", name);
    SCOPED_BUF(bytes, HTML_BYTES_MAX);
    SCOPED_BUF(json, JSON_BYTES_MAX);
    SCOPED(json_document)
    expected = NULL;
    SCOPED(xml_document)
    page = NULL;
    struct err err;
    assert_true(file_read(&bytes, AT_FDCWD, path, &err));
    assert_true(file_read(&json, AT_FDCWD, facts, &err));
    assert_true(json_parse(&expected, buf_text(&json), &err));
    assert_true(html_parse(&page, buf_text(&bytes), NULL, &err));
    struct comparing comparing = {.page = name};
    for (size_t i = 0; i < COUNT_OF(parts); i++)
        if (is_judged(json_root(expected), parts[i].name)) {
            parts[i].compare(&comparing, json_get(json_root(expected), parts[i].name), page);
            ++*compared;
        }
    return comparing.differences;
}

static void every_page_is_read_as_expected(void **state)
{
    (void)state;
    DIR *directory = opendir(PAGES "/pages");
    if (!directory) {
        print_message("left out: no shared data\n");
        skip();
    }
    unsigned pages = 0, compared = 0, wrong = 0;
    for (const struct dirent *entry; (entry = readdir(directory));)
        if (entry->d_name[0] != '.') {
            wrong += compare_page(entry->d_name, &compared) > 0;
            pages++;
        }
    closedir(directory);
    print_message("%u pages, %u parts compared, %u pages differ\n", pages, compared, wrong);
    assert_int_equal(wrong, 0);
    assert_true(pages >= 50);
}

static size_t from_base64(char *out, struct text text)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    size_t length = 0;
    uint32_t bits = 0;
    unsigned count = 0;
    for (size_t i = 0; i < text.length && text.data[i] != '='; i++) {
        bits = bits << 6 | (uint32_t)(strchr(letters, text.data[i]) - letters);
        count += 6;
        if (count >= 8)
            out[length++] = (char)(bits >> (count -= 8));
    }
    return length;
}

static void the_prescan_finds_what_the_standard_finds(void **state)
{
    (void)state;
    SCOPED_BUF(table, 1 << 20);
    struct err err;
    if (!file_read(&table, AT_FDCWD, PAGES "/encoding.tsv", &err)) {
        print_message("left out: no shared data\n");
        skip();
    }
    struct text rest = buf_text(&table), line, id, input, expected;
    unsigned count = 0, wrong = 0;
    assert_true(text_cut(&rest, '\n', &line));
    while (text_cut(&rest, '\n', &line) && line.length) {
        assert_true(text_cut(&line, '\t', &id) && text_cut(&line, '\t', &input) &&
                    text_cut(&line, '\t', &expected));
        SCOPED_TEXT char *bytes = xmalloc(input.length + 1);
        struct charset charset;
        const size_t length = from_base64(bytes, input);
        const char *name = sniff_page(&charset, text_of(bytes, length)) ? charset.name : "windows-1252";
        if (!text_is(text_trim(expected), name)) {
            print_error("%.*s: came %s\n", (int)id.length, id.data, name);
            wrong++;
        }
        count++;
    }
    print_message("%u prescans\n", count);
    assert_int_equal(wrong, 0);
    assert_true(count >= 40);
}

// ---- cases of our own --------------------------------------------------------------------------------------------

static void what_the_header_says_wins_over_the_page_but_not_over_a_mark(void **state)
{
    (void)state;
    struct charset charset;
    sniff_charset(&charset, TEXT_OF("<meta charset=utf-8>\xE4"), "ISO-8859-1");
    assert_string_equal(charset.name, "windows-1252");
    sniff_charset(&charset, TEXT_OF("\xEF\xBB\xBF<p>"), "ISO-8859-1");
    assert_string_equal(charset.name, "utf-8");
    sniff_charset(&charset, TEXT_OF("<p>\xE4"), "nonsense");
    assert_string_equal(charset.name, "windows-1252");
    sniff_charset(&charset, TEXT_OF("<p>\xC3\xA4"), NULL);
    assert_string_equal(charset.name, "utf-8");
}

static void a_page_of_nothing_has_nothing_on_it(void **state)
{
    (void)state;
    SCOPED(xml_document)
    page = page_of(TEXT_OF(""));
    SCOPED(html_forms)
    forms = forms_of(page);
    SCOPED_TEXT char *title = NULL;
    struct err err;
    assert_null(xml_root(page));
    assert_int_equal(forms->count, 0);
    assert_true(html_title(&title, page, &err));
    assert_null(title);
}

static void a_page_too_deep_is_refused_not_cut(void **state)
{
    (void)state;
    SCOPED_BUF(bytes, 1 << 20);
    SCOPED(xml_document)
    page = NULL;
    struct err err;
    for (int i = 0; i < 1000; i++)
        assert_true(buf_append_string(&bytes, "<div>"));
    assert_false(html_parse(&page, buf_text(&bytes), NULL, &err));
    assert_int_equal(err.code, ERR_LIMIT_PASSED);
}

static void a_zero_byte_does_not_end_the_page(void **state)
{
    (void)state;
    SCOPED(xml_document)
    page = page_of(TEXT_OF("<p>a\0b</p><p>c</p>"));
    SCOPED_BUF(text, 100);
    struct err err;
    assert_true(html_text(&text, xml_root(page), &err));
    assert_string_equal(buf_string(&text), "a bc");
}

static void spans_that_ask_for_too_much_are_refused(void **state)
{
    (void)state;
    SCOPED_BUF(bytes, 1 << 20);
    SCOPED(html_tables)
    tables = NULL;
    struct err err;
    assert_true(buf_append_string(&bytes, "<table>"));
    for (int i = 0; i < 20; i++)
        assert_true(buf_append_string(&bytes, "<tr><td colspan=1000>"));
    for (int i = 0; i < 20; i++)
        assert_true(buf_append_string(&bytes, "<td colspan=99999999999999999999 rowspan=0>"));
    SCOPED(xml_document)
    page = page_of(buf_text(&bytes));
    assert_false(html_tables(&tables, page, &err));
    assert_int_equal(err.code, ERR_LIMIT_PASSED);
}

static void addresses_are_made_whole(void **state)
{
    (void)state;
    static const struct {
        const char *base, *reference, *expected;
    } cases[] = {
        {"https://a.example/b/c?d=1", "x y.html", "https://a.example/b/x%20y.html"},
        {"https://a.example/b/c?d=1", "?e=2", "https://a.example/b/c?e=2"},
        {"https://a.example/b/c?d=1", "", "https://a.example/b/c?d=1"},
        {"https://a.example/b/c", "../\xC3\xA4", "https://a.example/%C3%A4"},
        {"https://a.example/b/c", "//other.example/", "https://other.example/"},
        {"https://a.example/b/c", " mailto:x@y.example\n", "mailto:x@y.example"},
        {"", "c/d", "c/d"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        SCOPED_TEXT char *whole = NULL;
        struct err err;
        assert_true(url_resolve(&whole, cases[i].base, cases[i].reference, &err));
        assert_string_equal(whole, cases[i].expected);
    }
}

static const char form_page[] =
    "<meta charset=windows-1252><base href='/portal/'><form id=f action='save?x=1#top' method=POST>"
    "<input name=name value='old'><input name=secret type=hidden value=k1><input type=checkbox name=paid>"
    "<input type=checkbox name=part value=a checked><input type=checkbox name=part value=b>"
    "<input type=radio name=way value=post><input type=radio name=way value=mail>"
    "<select name=unit><option value=10>Schools<option value=20>Streets<option value=30 disabled>Old</select>"
    "<select name=years multiple><option>2025<option selected>2026</select><textarea "
    "name=note>\nx\ny</textarea>"
    "<input name=off disabled value=1><fieldset disabled><legend><input name=legend value=l></legend>"
    "<input name=barred value=1></fieldset><input type=reset name=r value=r>"
    "<input type=submit name=go value=Save><button name=also value=2 formaction='/other'>Save and "
    "close</button>"
    "</form><input name=far form=f value=away>";

static void append_value(void *data, const char *value)
{
    assert_true(buf_printf(data, "%s;", value));
}

static void assert_values(const struct html_form *form, const char *name, const char *expected)
{
    SCOPED_BUF(values, 1000);
    assert_true(html_form_get(form, name, append_value, &values));
    assert_string_equal(buf_string(&values), expected);
}

static void assert_request(const struct html_form *form, const char *button, const char *url,
                           const char *entries)
{
    SCOPED(form_request)
    request = NULL;
    SCOPED_BUF(body, 10000);
    struct err err;
    assert_true(html_form_request(&request, form, button, &err));
    assert_string_equal(request->url, url);
    for (size_t i = 0; i < request->count; i++)
        assert_true(buf_printf(&body, "%s=%s;", request->entries[i].name, request->entries[i].value));
    assert_string_equal(buf_string(&body), entries);
}

static void a_form_is_sent_as_a_browser_sends_it(void **state)
{
    (void)state;
    SCOPED(xml_document)
    page = page_of(text_from(form_page));
    SCOPED(html_forms)
    forms = forms_of(page);
    struct html_form *form = &forms->items[0];
    struct err err;
    assert_request(form, NULL, "https://ledger.example/portal/save?x=1#top",
                   "name=old;secret=k1;part=a;unit=10;years=2026;note=x\r\ny;legend=l;go=Save;far=away;");
    assert_true(html_form_set(form, "name", &TEXT_OF("M\xC3\xA4ki \xE2\x82\xAC \xC5\x81"), 1, &err));
    assert_true(html_form_tick(form, "paid", true, &err));
    assert_true(html_form_set(form, "part", (struct text[]){TEXT_OF("b")}, 1, &err));
    assert_true(html_form_set(form, "way", &TEXT_OF("mail"), 1, &err));
    assert_true(html_form_set(form, "unit", &TEXT_OF("Streets"), 1, &err));
    assert_true(html_form_set(form, "years", (struct text[]){TEXT_OF("2025"), TEXT_OF("2026")}, 2, &err));
    assert_request(form, "Save and close", "https://ledger.example/other",
                   "name=M\xE4ki \x80 &#321;;secret=k1;paid=on;part=b;way=mail;unit=20;years=2025;years=2026;"
                   "note=x\r\ny;legend=l;also=2;far=away;");
}

static void values_can_be_read_before_and_after(void **state)
{
    (void)state;
    SCOPED(xml_document)
    page = page_of(text_from(form_page));
    SCOPED(html_forms)
    forms = forms_of(page);
    struct html_form *form = &forms->items[0];
    struct err err;
    assert_values(form, "unit", "10;");
    assert_values(form, "years", "2026;");
    assert_values(form, "way", "");
    assert_true(html_form_set(form, "years", NULL, 0, &err));
    assert_values(form, "years", "");
    assert_false(html_form_get(form, "none", append_value, NULL));
}

static void what_does_not_fit_the_form_is_refused_with_what_would(void **state)
{
    (void)state;
    SCOPED(xml_document)
    page = page_of(text_from(form_page));
    SCOPED(html_forms)
    forms = forms_of(page);
    struct html_form *form = &forms->items[0];
    struct err err;
    assert_false(html_form_set(form, "nmae", &TEXT_OF("x"), 1, &err));
    assert_int_equal(err.code, ERR_FORM_FIELD);
    assert_string_equal(err.arguments[1], "name");
    assert_false(html_form_set(form, "unit", &TEXT_OF("40"), 1, &err));
    assert_int_equal(err.code, ERR_FORM_CHOICE);
    assert_string_equal(err.arguments[2], "10 (Schools), 20 (Streets), 30 (Old)");
    assert_values(form, "unit", "10;");
    assert_false(html_form_set(form, "way", (struct text[]){TEXT_OF("post"), TEXT_OF("mail")}, 2, &err));
    assert_int_equal(err.code, ERR_FORM_VALUES);
    assert_false(html_form_tick(form, "part", true, &err));
    assert_int_equal(err.code, ERR_FORM_TICK);
    assert_false(html_form_set(form, "name", &TEXT_OF("\xE4"), 1, &err));
    assert_int_equal(err.code, ERR_FORM_TEXT);
    SCOPED(form_request)
    request = NULL;
    assert_false(html_form_request(&request, form, "Delete", &err));
    assert_int_equal(err.code, ERR_FORM_BUTTON);
    assert_string_equal(err.arguments[1], "go, also");
}

static void a_get_form_becomes_a_query(void **state)
{
    (void)state;
    SCOPED(xml_document)
    page = page_of(TEXT_OF(
        "<form action='find?old=1#x'><input name=q value='a&amp;b +\xC3\xA4'><input type=image name=i>"));
    SCOPED(html_forms)
    forms = forms_of(page);
    assert_request(&forms->items[0], NULL, "https://ledger.example/app/find?q=a%26b+%2B%C3%A4&i.x=0&i.y=0",
                   "");
}

static void a_form_with_files_is_multipart(void **state)
{
    (void)state;
    SCOPED(xml_document)
    page =
        page_of(TEXT_OF("<form method=post enctype='multipart/form-data'><input type=file name=doc></form>"));
    SCOPED(html_forms)
    forms = forms_of(page);
    SCOPED(form_request)
    request = NULL;
    struct err err;
    assert_true(html_form_set(&forms->items[0], "doc", &TEXT_OF("invoice.pdf"), 1, &err));
    assert_true(html_form_request(&request, &forms->items[0], NULL, &err));
    assert_true(request->multipart && request->entries[0].file);
    assert_string_equal(request->entries[0].value, "invoice.pdf");
}

int main(void)
{
    xml_start();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_page_is_read_as_expected),
        cmocka_unit_test(the_prescan_finds_what_the_standard_finds),
        cmocka_unit_test(what_the_header_says_wins_over_the_page_but_not_over_a_mark),
        cmocka_unit_test(a_page_of_nothing_has_nothing_on_it),
        cmocka_unit_test(a_page_too_deep_is_refused_not_cut),
        cmocka_unit_test(a_zero_byte_does_not_end_the_page),
        cmocka_unit_test(spans_that_ask_for_too_much_are_refused),
        cmocka_unit_test(addresses_are_made_whole),
        cmocka_unit_test(a_form_is_sent_as_a_browser_sends_it),
        cmocka_unit_test(values_can_be_read_before_and_after),
        cmocka_unit_test(what_does_not_fit_the_form_is_refused_with_what_would),
        cmocka_unit_test(a_get_form_becomes_a_query),
        cmocka_unit_test(a_form_with_files_is_multipart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
