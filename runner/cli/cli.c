// See cli.h. Arguments to a command: options may stand anywhere, `--` ends them.
#include "cli/cli.h"

#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

static const char *environment(const char *name)
{
    const char *value = getenv(name);
    return value && value[0] ? value : NULL;
}

static enum language language_of_person(void)
{
    static const char *const names[] = {"RENKI_LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"};
    for (size_t i = 0; i < COUNT_OF(names); i++)
        if (environment(names[i]))
            return language_from_name(environment(names[i]));
    return LANGUAGE_EN;
}

static struct cli cli_of_terminal(void)
{
    struct cli cli = {.language = language_of_person()};
    struct winsize size;
    const char *terminal = environment("TERM");
    const bool plain = environment("NO_COLOR") || !terminal || strcmp(terminal, "dumb") == 0;
    cli.colour = isatty(STDOUT_FILENO) && isatty(STDERR_FILENO) && !plain;
    cli.progress = isatty(STDERR_FILENO) && terminal && strcmp(terminal, "dumb") != 0;
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0)
        cli.width = size.ws_col;
    return cli;
}

static const struct command *find_command(const char *name)
{
    for (size_t i = 0; i < command_count; i++)
        if (strcmp(commands[i].name, name) == 0)
            return &commands[i];
    return NULL;
}

static bool takes(const struct command *command, enum option option)
{
    const enum option *at = command->options;
    while (*at != OPTION_HELP && *at != option)
        at++;
    return *at == option;
}

// The nearest option of the command, for a message.
static bool unknown_option(const struct command *command, const char *given, struct err *err)
{
    const char *names[OPTION_COUNT];
    size_t count = 0;
    for (int option = 0; option < OPTION_COUNT; option++)
        if (takes(command, (enum option)option))
            names[count++] = option_rows[option].name;
    const char *nearest = given[0] == '-' && given[1] == '-' ? text_nearest(given + 2, names, count) : NULL;
    return nearest ? fail(err, ERR_OPTION_NEAREST, given, nearest)
                   : fail(err, ERR_OPTION_STRANGE, given, command->name);
}

static bool find_option(enum option *out, const char **value, const struct command *command,
                        const char *given)
{
    for (int option = 0; option < OPTION_COUNT; option++) {
        const struct option_row *row = &option_rows[option];
        const size_t length = strlen(row->name);
        if (!takes(command, (enum option)option))
            continue;
        *out = (enum option)option;
        if (given[1] == '-' && strncmp(given + 2, row->name, length) == 0 &&
            (given[2 + length] == '\0' || given[2 + length] == '=')) {
            *value = given[2 + length] == '=' ? given + 3 + length : NULL;
            return true;
        }
        if (row->letter && given[1] == row->letter && given[2] == '\0') {
            *value = NULL;
            return true;
        }
    }
    return false;
}

static bool take_option(struct cli *cli, char ***at, char **end, struct err *err)
{
    const char *given = **at, *value = NULL;
    enum option option;
    if (!find_option(&option, &value, cli->command, given))
        return unknown_option(cli->command, given, err);
    const struct option_row *row = &option_rows[option];
    if (!row->value && value)
        return fail(err, ERR_OPTION_NO_VALUE, row->name);
    if (row->value && !value) {
        if (++*at >= end)
            return fail(err, ERR_OPTION_VALUE, row->name, row->value);
        value = **at;
    }
    cli->options[option] = value ? value : "";
    if (option == OPTION_FIELD) {
        if (cli->field_count == VALUES_MAX)
            return fail(err, ERR_LIMIT_PASSED, "--field", N(VALUES_MAX));
        cli->fields[cli->field_count++] = value;
    }
    return true;
}

static bool take_arguments(struct cli *cli, int count, char **arguments, struct err *err)
{
    cli->arguments = xcalloc((size_t)count + 1, sizeof *cli->arguments);
    char **end = arguments + count;
    bool options = true;
    for (char **at = arguments; at < end; at++) {
        if (options && strcmp(*at, "--") == 0)
            options = false;
        else if (options && (*at)[0] == '-' && (*at)[1]) {
            if (!take_option(cli, &at, end, err))
                return false;
        } else
            cli->arguments[cli->argument_count++] = *at;
    }
    if (cli->options[OPTION_HELP])
        return true;
    if (cli->argument_count < cli->command->least)
        return fail(err, ERR_ARGUMENT_MISSING, cli->command->name, cli->command->arguments);
    if (cli->command->most >= 0 && cli->argument_count > cli->command->most)
        return fail(err, ERR_ARGUMENT_EXTRA, cli->command->name, cli->arguments[cli->command->most]);
    return true;
}

static int usage(const struct cli *cli, const struct err *err)
{
    print_err(cli, err);
    return EXIT_USAGE;
}

static int unknown_command(const struct cli *cli, const char *given)
{
    struct err err;
    const char *names[64];
    for (size_t i = 0; i < command_count; i++)
        names[i] = commands[i].name;
    const char *nearest = text_nearest(given, names, command_count);
    if (nearest)
        (void)fail(&err, ERR_COMMAND_NEAREST, given, nearest);
    else
        (void)fail(&err, ERR_COMMAND_UNKNOWN, given);
    return usage(cli, &err);
}

int cli_main(int count, char **arguments)
{
    struct cli cli = cli_of_terminal();
    struct err err;
    const char *name = count > 1 ? arguments[1] : "help";
    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0)
        name = "help";
    if (strcmp(name, "--version") == 0)
        name = "version";
    cli.command = find_command(name);
    if (!cli.command)
        return unknown_command(&cli, name);
    if (!take_arguments(&cli, count > 2 ? count - 2 : 0, arguments + 2, &err))
        return usage(&cli, &err);
    if (cli.options[OPTION_HELP]) {
        print_command_help(&cli, cli.command, stdout);
        return EXIT_DONE;
    }
    if (!cli.command->any_user && geteuid() == 0 && !become_user(&cli, &err)) {
        print_err(&cli, &err);
        return EXIT_REFUSED;
    }
    const int result = cli.command->run(&cli);
    xfree(cli.arguments);
    return result;
}
