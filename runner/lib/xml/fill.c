// Filling in a form; see form.h.
#include "lib/xml/form.h"

static bool is_type(const struct html_field *field, const char *type)
{
    return field->type && strcmp(field->type, type) == 0;
}

bool html_field_is_button(const struct html_field *field)
{
    return strcmp(field->tag, "button") == 0 || is_type(field, "submit") || is_type(field, "image") ||
           is_type(field, "reset") || is_type(field, "button");
}

static bool is_ticked_kind(const struct html_field *field)
{
    return strcmp(field->tag, "input") == 0 && (is_type(field, "checkbox") || is_type(field, "radio"));
}

static bool is_named(const struct html_field *field, const char *name)
{
    return field->name && strcmp(field->name, name) == 0 && !html_field_is_button(field);
}

static struct html_field *next_named(const struct html_form *form, size_t *at, const char *name)
{
    while (*at < form->field_count) {
        struct html_field *field = &form->fields[(*at)++];
        if (is_named(field, name))
            return field;
    }
    return NULL;
}

static struct html_field *first_named(const struct html_form *form, const char *name)
{
    size_t at = 0;
    return next_named(form, &at, name);
}

static size_t count_named(const struct html_form *form, const char *name)
{
    size_t at = 0, count = 0;
    while (next_named(form, &at, name))
        count++;
    return count;
}

// Which names there are: the nearest to what was wanted, else all of them.
bool html_form_unknown(const struct html_form *form, const char *name, struct err *err)
{
    const char **names = xcalloc(form->field_count + 1, sizeof *names);
    SCOPED_BUF(all, ERR_ARGUMENT_MAX);
    size_t count = 0;
    for (size_t i = 0; i < form->field_count; i++) {
        if (!form->fields[i].name || html_field_is_button(&form->fields[i]))
            continue;
        names[count++] = form->fields[i].name;
        if (!buf_printf(&all, "%s%s", count > 1 ? ", " : "", form->fields[i].name))
            continue;
    }
    const char *nearest = text_nearest(name, names, count);
    fail(err, ERR_FORM_FIELD, name, nearest ? nearest : count ? buf_string(&all) : "-");
    xfree(names);
    return false;
}

static const char *ticked_value(const struct html_field *field)
{
    return field->value ? field->value : "on"; // HTML standard: a checkbox without a value
}

static void append_choice(struct buf *all, const char *value, const char *text)
{
    const bool same = !text || strcmp(value, text) == 0;
    const bool done = buf_printf(all, same ? "%s%s" : "%s%s (%s)", all->length ? ", " : "", value, text);
    (void)done; // a list too long for the message is cut
}

static bool unknown_choice(const struct html_form *form, const char *name, struct text wanted,
                           struct err *err)
{
    SCOPED_BUF(all, ERR_ARGUMENT_MAX - 1);
    SCOPED_TEXT char *value = text_copy(wanted);
    const struct html_field *field;
    for (size_t at = 0; (field = next_named(form, &at, name));) {
        if (is_ticked_kind(field))
            append_choice(&all, ticked_value(field), NULL);
        for (size_t i = 0; i < field->option_count; i++)
            append_choice(&all, field->options[i].value, field->options[i].text);
    }
    return fail(err, ERR_FORM_CHOICE, value, name, all.length ? buf_string(&all) : "-");
}

// Whether the field has that choice; `take` sets it too. A value is looked for before the texts that people see.
static bool find_choice(struct html_field *field, struct text wanted, bool take)
{
    if (is_ticked_kind(field)) {
        const bool is = text_is(wanted, ticked_value(field));
        field->checked = take && is ? true : field->checked;
        return is;
    }
    for (int by_text = 0; by_text < 2; by_text++)
        for (size_t i = 0; i < field->option_count; i++) {
            struct html_option *option = &field->options[i];
            if (!text_is(wanted, by_text ? option->text : option->value))
                continue;
            option->selected = option->selected || take;
            return true;
        }
    return false;
}

static void take_back(struct html_field *field)
{
    field->checked = false;
    for (size_t i = 0; i < field->option_count; i++)
        field->options[i].selected = false;
}

static bool choose(struct html_form *form, const char *name, struct text value, bool take, struct err *err)
{
    struct html_field *field;
    for (size_t at = 0; (field = next_named(form, &at, name));)
        if (find_choice(field, value, take))
            return true;
    return unknown_choice(form, name, value, err);
}

// Radio buttons and selects without "multiple" hold one choice.
static bool holds_one(const struct html_form *form, const struct html_field *field)
{
    const bool select = strcmp(field->tag, "select") == 0 && !field->multiple;
    return (select && count_named(form, field->name) == 1) || is_type(field, "radio");
}

static bool set_choices(struct html_form *form, const char *name, const struct text *values, size_t count,
                        struct err *err)
{
    if (count > 1 && holds_one(form, first_named(form, name)))
        return fail(err, ERR_FORM_VALUES, name, N(1), N(count));
    for (size_t i = 0; i < count; i++) // all are looked for before any is set
        if (!choose(form, name, values[i], false, err))
            return false;
    struct html_field *field;
    for (size_t at = 0; (field = next_named(form, &at, name));)
        take_back(field);
    for (size_t i = 0; i < count; i++)
        if (!choose(form, name, values[i], true, err))
            return false;
    return true;
}

static bool set_texts(struct html_form *form, const char *name, const struct text *values, size_t count,
                      struct err *err)
{
    if (count > count_named(form, name))
        return fail(err, ERR_FORM_VALUES, name, N(count_named(form, name)), N(count));
    struct html_field *field;
    size_t given = 0;
    for (size_t at = 0; (field = next_named(form, &at, name)); given++) {
        xfree(field->value);
        field->value = given < count ? text_copy(values[given]) : xstrdup("");
    }
    return true;
}

static bool check_values(const struct text *values, size_t count, struct err *err)
{
    for (size_t i = 0; i < count; i++) {
        if (values[i].length > FORM_VALUE_MAX)
            return fail(err, ERR_LIMIT_PASSED, "form", N(FORM_VALUE_MAX));
        SCOPED_TEXT char *copy = text_copy(values[i]);
        if (!text_is_utf8(values[i]) || strlen(copy) != values[i].length)
            return fail(err, ERR_FORM_TEXT, copy);
    }
    return true;
}

bool html_form_set(struct html_form *form, const char *name, const struct text *values, size_t count,
                   struct err *err)
{
    const struct html_field *field = first_named(form, name);
    if (!field)
        return html_form_unknown(form, name, err);
    if (!check_values(values, count, err))
        return false;
    const bool choices = is_ticked_kind(field) || strcmp(field->tag, "select") == 0;
    return choices ? set_choices(form, name, values, count, err) : set_texts(form, name, values, count, err);
}

bool html_form_tick(struct html_form *form, const char *name, bool ticked, struct err *err)
{
    struct html_field *field = first_named(form, name);
    if (!field)
        return html_form_unknown(form, name, err);
    if (!is_type(field, "checkbox") || count_named(form, name) > 1)
        return fail(err, ERR_FORM_TICK, name);
    field->checked = ticked;
    return true;
}

// Of a select that holds one choice the last one counts, and without any the first that can be chosen.
static const struct html_option *chosen(const struct html_field *field)
{
    const struct html_option *found = NULL;
    for (size_t i = 0; i < field->option_count; i++)
        if (field->options[i].selected)
            found = &field->options[i];
    for (size_t i = 0; !found && i < field->option_count; i++)
        if (!field->options[i].disabled)
            found = &field->options[i];
    return found && !found->disabled ? found : NULL;
}

static void each_selected(const struct html_field *field, void (*each)(void *data, const char *value),
                          void *data)
{
    if (!field->multiple && chosen(field))
        each(data, chosen(field)->value);
    for (size_t i = 0; field->multiple && i < field->option_count; i++)
        if (field->options[i].selected && !field->options[i].disabled)
            each(data, field->options[i].value);
}

void html_field_values(const struct html_field *field, void (*each)(void *data, const char *value),
                       void *data)
{
    if (strcmp(field->tag, "select") == 0)
        each_selected(field, each, data);
    else if (!is_ticked_kind(field))
        each(data, field->value ? field->value : "");
    else if (field->checked)
        each(data, ticked_value(field));
}

bool html_form_get(const struct html_form *form, const char *name,
                   void (*each)(void *data, const char *value), void *data)
{
    const struct html_field *field;
    size_t at = 0;
    while ((field = next_named(form, &at, name)))
        html_field_values(field, each, data);
    return first_named(form, name) != NULL;
}

enum form_shape html_form_shape(const struct html_form *form, const char *name)
{
    const struct html_field *field = first_named(form, name);
    if (!field)
        return FORM_NONE;
    const bool several = count_named(form, name) > 1;
    if (is_type(field, "checkbox"))
        return several ? FORM_SEVERAL : FORM_TICK;
    return field->multiple || (several && !is_type(field, "radio")) ? FORM_SEVERAL : FORM_ONE;
}
