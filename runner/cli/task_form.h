// A question's form, filled in at a terminal. In the command line.
#ifndef RENKI_CLI_TASK_FORM_H
#define RENKI_CLI_TASK_FORM_H

#include "cli/cli.h"

// What was typed, by the order of the fields; borrows the task. {.task = task} begins one.
struct task_form {
    const struct json *task;
    char **typed; // NULL: nothing yet
};
void task_form_dispose(struct task_form *form);
// Asks for each field; nothing typed keeps what was typed before, or the field's default. False when the terminal ends.
bool task_form_ask(struct task_form *form, const struct cli *cli) MUST_CHECK;
// [name, value] for each that was typed.
void task_form_write(struct json_writer *writer, const struct task_form *form);
// What people read instead of a field's name.
const char *task_label(const struct cli *cli, const struct json *field, const char *name);
void write_pair(struct json_writer *writer, struct text name, struct text value);

#endif
