// What a browser would send for a form; see form.h.
#include "lib/encoding/encoding.h"
#include "lib/xml/form.h"
#include "lib/xml/url.h"

static bool is_type(const struct html_field *field, const char *type)
{
    return field->type && strcmp(field->type, type) == 0;
}

static bool sends(const struct html_field *field)
{
    return is_type(field, "submit") || is_type(field, "image");
}

static bool is_off(const struct html_field *field)
{
    return field->disabled || field->barred;
}

static bool is_called(const struct html_field *field, const char *name)
{
    const char *const names[] = {field->name, field->value, field->text};
    for (size_t i = 0; i < COUNT_OF(names); i++)
        if (names[i] && strcmp(names[i], name) == 0)
            return true;
    return false;
}

static bool find_button(const struct html_field **out, const struct html_form *form, const char *name,
                        struct err *err)
{
    SCOPED_BUF(all, ERR_ARGUMENT_MAX - 1);
    *out = NULL;
    for (size_t i = 0; i < form->field_count; i++) {
        const struct html_field *field = &form->fields[i];
        if (!sends(field) || is_off(field))
            continue;
        if (!name || is_called(field, name)) {
            *out = field;
            return true;
        }
        const char *shown = field->name ? field->name : field->value ? field->value : field->text;
        if (shown && !buf_printf(&all, "%s%s", all.length ? ", " : "", shown))
            break;
    }
    return !name || fail(err, ERR_FORM_BUTTON, name, all.length ? buf_string(&all) : "-");
}

struct sending {
    struct form_request *request;
    const struct html_form *form;
    const struct html_field *field;
    struct err *err;
    bool failed;
};

// A letter that the charset lacks is sent as &#8364;, line ends as CR LF (HTML standard, "encode").
static bool append_letter(struct buf *out, const struct encoding *encoding, struct text letter,
                          struct err *err)
{
    struct err ignored;
    if (text_is(letter, "\n"))
        return buf_append_string(out, "\r\n") || fail(err, ERR_LIMIT_PASSED, "form", N(out->maximum));
    if (encoding_from_utf8(out, encoding, letter, ENCODING_STRICT, &ignored))
        return true;
    uint32_t point = 0xFFFD;
    text_utf8_decode(letter, &point);
    return buf_printf(out, "&#%u;", (unsigned)point) || fail(err, ERR_LIMIT_PASSED, "form", N(out->maximum));
}

static bool encode(char **out, const struct html_form *form, const char *value, struct err *err)
{
    const struct encoding *encoding = encoding_find_web(text_from(form->charset));
    SCOPED_BUF(bytes, 8 * (size_t)FORM_VALUE_MAX);
    for (struct text rest = text_from(value); rest.length;) {
        uint32_t point;
        const size_t length = text_utf8_decode(rest, &point), step = length ? length : 1;
        const bool carriage = rest.data[0] == '\r';
        if (!(carriage && rest.length > 1 && rest.data[1] == '\n') &&
            !append_letter(&bytes, encoding, carriage ? TEXT_OF("\n") : text_of(rest.data, step), err))
            return false;
        rest = text_of(rest.data + step, rest.length - step);
    }
    *out = buf_steal(&bytes);
    return true;
}

static void add(struct sending *sending, const char *name, const char *value)
{
    struct form_request *request = sending->request;
    SCOPED_TEXT char *own_name = NULL;
    SCOPED_TEXT char *own_value = NULL;
    if (sending->failed || !encode(&own_name, sending->form, name, sending->err) ||
        !encode(&own_value, sending->form, value, sending->err)) {
        sending->failed = true;
        return;
    }
    if (request->count % 16 == 0)
        request->entries = xreallocarray(request->entries, request->count + 16, sizeof *request->entries);
    request->entries[request->count++] =
        (struct form_entry){STEAL(own_name), STEAL(own_value), is_type(sending->field, "file")};
}

static void add_value(void *data, const char *value)
{
    struct sending *sending = data;
    // By the standard a hidden field of this name tells the server the charset.
    const bool charset = is_type(sending->field, "hidden") && strcmp(sending->field->name, "_charset_") == 0;
    add(sending, sending->field->name, charset ? sending->form->charset : value);
}

// An image button tells where it was pressed.
static void add_pressed(struct sending *sending)
{
    const char *name = sending->field->name;
    if (!is_type(sending->field, "image")) {
        if (name && *name)
            add(sending, name, sending->field->value ? sending->field->value : "");
        return;
    }
    SCOPED_TEXT char *x = xasprintf("%s%sx", name && *name ? name : "", name && *name ? "." : "");
    SCOPED_TEXT char *y = xasprintf("%s%sy", name && *name ? name : "", name && *name ? "." : "");
    add(sending, x, "0");
    add(sending, y, "0");
}

static bool add_entries(struct sending *sending, const struct html_field *pressed)
{
    for (size_t i = 0; i < sending->form->field_count && !sending->failed; i++) {
        sending->field = &sending->form->fields[i];
        if (sending->field == pressed)
            add_pressed(sending);
        else if (!html_field_is_button(sending->field) && !is_off(sending->field) && sending->field->name &&
                 *sending->field->name)
            html_field_values(sending->field, add_value, sending);
    }
    return !sending->failed;
}

// What the pressed button says (formaction …) goes before what the form says.
static const char *said(const struct html_field *pressed, const char *attribute, const char *own)
{
    const char *by_button = pressed ? xml_attribute(pressed->node, attribute, NULL) : NULL;
    return by_button ? by_button : own ? own : "";
}

static bool drop_entries_into_query(struct form_request *request, struct err *err)
{
    SCOPED_BUF(url, URL_BYTES_MAX);
    const size_t path = strcspn(request->url, "?#");
    bool done = buf_append(&url, request->url, path);
    for (size_t i = 0; i < request->count && done; i++)
        done = buf_append_char(&url, i ? '&' : '?') &&
               url_append_form_encoded(&url, text_from(request->entries[i].name)) &&
               buf_append_char(&url, '=') &&
               url_append_form_encoded(&url, text_from(request->entries[i].value));
    for (size_t i = 0; i < request->count; i++) {
        xfree(request->entries[i].name);
        xfree(request->entries[i].value);
    }
    request->count = 0;
    xfree(request->url);
    request->url = buf_steal(&url);
    return done || fail(err, ERR_LIMIT_PASSED, "URL", N(URL_BYTES_MAX));
}

bool html_form_request(struct form_request **out, const struct html_form *form, const char *button,
                       struct err *err)
{
    SCOPED(form_request)
    request = xcalloc(1, sizeof *request);
    const struct html_field *pressed;
    if (!find_button(&pressed, form, button, err))
        return false;
    const char *action = said(pressed, "formaction", form->action);
    const struct text method = text_from(said(pressed, "formmethod", form->method));
    const struct text enctype = text_from(said(pressed, "formenctype", form->enctype));
    const bool post = text_equal_ascii_case(method, TEXT_OF("post"));
    request->method = post ? "POST" : "GET";
    request->multipart = post && text_equal_ascii_case(enctype, TEXT_OF("multipart/form-data"));
    struct sending sending = {.request = request, .form = form, .err = err};
    if (!url_resolve(&request->url, form->base, action, err) || !add_entries(&sending, pressed) ||
        (!post && !drop_entries_into_query(request, err)))
        return false;
    *out = STEAL(request);
    return true;
}

void form_request_free(struct form_request *request)
{
    if (!request)
        return;
    for (size_t i = 0; i < request->count; i++) {
        xfree(request->entries[i].name);
        xfree(request->entries[i].value);
    }
    xfree(request->entries);
    xfree(request->url);
    xfree(request);
}
