// The forms of a page: read, filled in, made ready to be sent as a browser would send them. In the worker.
//
// Glossary: a field is an input, select, textarea or button; a choice is an option of a select, or one of several radio
// buttons or checkboxes of one name; a button that sends is a submit or image button.
// Source of the rules: HTML standard, section 4.10.21 (form submission) and "constructing the entry list".
#ifndef RENKI_XML_FORM_H
#define RENKI_XML_FORM_H

#include "lib/xml/html.h"

enum { FORM_FIELDS_MAX = 20000, FORM_OPTIONS_MAX = 200000, FORM_VALUE_MAX = 16 << 20 };

struct html_option {
    char *value; // the attribute, or the text where there is none
    char *text;
    bool selected, disabled;
};
struct html_field {
    const char *tag;  // "input", "select", "textarea", "button"
    char *type;       // "text", "checkbox" … as written, in small letters; NULL for select and textarea
    const char *name; // NULL: none
    char *value;      // NULL: no attribute and nothing filled in
    char *text;       // of a button
    bool checked, disabled, multiple;
    bool barred; // disabled by a fieldset around it
    struct html_option *options;
    size_t option_count;
    const struct xml_node *node;
};
struct html_form {
    const char *name, *id, *action, *enctype; // as written, NULL: not there; borrowed from the page
    char *method;                             // "get", "post"; small letters
    const char *charset;       // what it is sent in: the page's, or the first of accept-charset
    struct html_field *fields; // in the order of the page
    size_t field_count;
    char *base; // what `action` is relative to
    const struct xml_node *node;
};
struct html_forms {
    struct html_form *items; // in the order of the page
    size_t count;
};

// `address` is that of the page ("" when unknown).
bool html_forms(struct html_forms **out, const struct xml_document *page, const char *address,
                struct err *err) MUST_CHECK;
void html_forms_free(struct html_forms *forms);
DEFINE_SCOPED(html_forms)

// Fills in every field of that name with the values: the choices among them, or one text for each field. A choice is
// named by its value or by the text that people see. No value takes all choices back.
// Errors: ERR_FORM_FIELD (name, nearest), ERR_FORM_CHOICE (value, field, choices), ERR_FORM_VALUES.
bool html_form_set(struct html_form *form, const char *name, const struct text *values, size_t count,
                   struct err *err) MUST_CHECK;
// Sets ERR_FORM_FIELD for a name that no field has.
bool html_form_unknown(const struct html_form *form, const char *name, struct err *err);
// Ticks or unticks the one checkbox of that name. ERR_FORM_VALUES when it is none or several.
bool html_form_tick(struct html_form *form, const char *name, bool ticked, struct err *err) MUST_CHECK;
// What a name stands for: nothing, one box to tick, one value, or several (then html_form_set takes a list).
enum form_shape { FORM_NONE, FORM_TICK, FORM_ONE, FORM_SEVERAL };
enum form_shape html_form_shape(const struct html_form *form, const char *name);
// What would be sent for the fields of that name now: calls `each` for every value. False: no field has the name.
bool html_form_get(const struct html_form *form, const char *name,
                   void (*each)(void *data, const char *value), void *data);

// What one field would send, as html_form_get.
void html_field_values(const struct html_field *field, void (*each)(void *data, const char *value),
                       void *data);
bool html_field_is_button(const struct html_field *field);

struct form_entry {
    char *name, *value; // in the form's charset; what it lacks stands as &#8364;
    bool file;          // value is the file's name as it was filled in, "" when none was chosen
};
struct form_request {
    const char *method; // "GET", "POST"
    char *url;          // whole; with the entries as its query for GET
    bool multipart;
    struct form_entry *entries; // empty for GET
    size_t count;
};
// As if `button` was pressed: a name, value or text of a button that sends; NULL: the first one, as the Enter key does.
bool html_form_request(struct form_request **out, const struct html_form *form, const char *button,
                       struct err *err) MUST_CHECK;
void form_request_free(struct form_request *request);
DEFINE_SCOPED(form_request)

#endif
