// See task_form.h. The terminal is read a line a field; what a field takes the host knows, and says.
#include "cli/task_form.h"

#include <stdio.h>

enum { LINE_MAX_SIZE = 4096 };

const char *task_label(const struct cli *cli, const struct json *field, const char *name)
{
    const struct json *label = json_get(field, "label");
    const char *plain = json_string_or(label, NULL);
    const char *own = json_string_or(json_get(label, language_name(cli->language)), NULL);
    return plain ? plain : own ? own : json_string_or(json_get(label, "en"), name);
}

void write_pair(struct json_writer *writer, struct text name, struct text value)
{
    json_begin_array(writer);
    json_write_lossy(writer, name);
    json_write_lossy(writer, value);
    json_end_array(writer);
}

static const struct json *order_of(const struct task_form *form)
{
    return json_get(json_get(form->task, "fields"), "order");
}

void task_form_dispose(struct task_form *form)
{
    const size_t count = json_count(order_of(form));
    for (size_t i = 0; form->typed && i < count; i++)
        xfree(form->typed[i]);
    xfree(form->typed);
}

// "Sum [10.00]: ", where 10.00 holds when nothing is typed.
static void prompt(const struct cli *cli, const struct json *field, const char *name, const char *typed)
{
    const char *kept = typed ? typed : json_string_or(json_get(field, "default"), "");
    print_clean(stdout, task_label(cli, field, name));
    if (kept[0]) {
        fputs(" [", stdout);
        print_clean(stdout, kept);
        fputc(']', stdout);
    }
    fputs(": ", stdout);
    fflush(stdout);
}

bool task_form_ask(struct task_form *form, const struct cli *cli)
{
    const struct json *order = order_of(form), *inputs = json_get(json_get(form->task, "fields"), "inputs");
    char line[LINE_MAX_SIZE];
    size_t i = 0;
    if (!form->typed)
        form->typed = xcalloc(json_count(order) + 1, sizeof *form->typed);
    for (const struct json *one = json_first(order); one; one = json_next(one), i++) {
        const char *name = json_string_or(one, "");
        prompt(cli, json_get(inputs, name), name, form->typed[i]);
        if (!fgets(line, sizeof line, stdin))
            return false;
        const struct text typed = text_trim(text_from(line));
        if (typed.length == 0)
            continue;
        xfree(form->typed[i]);
        form->typed[i] = text_copy(typed);
    }
    return true;
}

void task_form_write(struct json_writer *writer, const struct task_form *form)
{
    size_t i = 0;
    for (const struct json *one = json_first(order_of(form)); one; one = json_next(one), i++)
        if (form->typed[i])
            write_pair(writer, text_from(json_string_or(one, "")), text_from(form->typed[i]));
}
