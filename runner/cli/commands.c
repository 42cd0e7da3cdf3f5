// See cli.h. One table: the parser, `--help`, the man page and the shell's completion come from it.
#include "cli/cli.h"

const struct option_row option_rows[OPTION_COUNT] = {
    [OPTION_HELP] = {"help", 'h', NULL, PHRASE_OPTION_HELP},
    [OPTION_JSON] = {"json", 0, NULL, PHRASE_OPTION_JSON},
    [OPTION_WORKSPACE] = {"workspace", 'C', "FOLDER", PHRASE_OPTION_WORKSPACE},
    [OPTION_TO] = {"to", 0, "TIME", PHRASE_OPTION_TO},
    [OPTION_WHY] = {"why", 0, "TEXT", PHRASE_OPTION_WHY},
    [OPTION_AS] = {"as", 0, "NAME", PHRASE_OPTION_AS},
    [OPTION_YES] = {"yes", 'y', NULL, PHRASE_OPTION_YES},
    [OPTION_DRY_RUN] = {"dry-run", 'n', NULL, PHRASE_OPTION_DRY_RUN},
    [OPTION_DRAFT] = {"draft", 0, NULL, PHRASE_OPTION_DRAFT},
    [OPTION_RECORD] = {"record", 0, "FILE", PHRASE_OPTION_RECORD},
    [OPTION_FOLLOW] = {"follow", 'f', NULL, PHRASE_OPTION_FOLLOW},
    [OPTION_MOST] = {"most", 0, "N", PHRASE_OPTION_MOST},
    [OPTION_USER] = {"user", 0, "NAME", PHRASE_OPTION_USER},
    [OPTION_KIND] = {"kind", 0, "KIND", PHRASE_OPTION_KIND},
    [OPTION_ORIGIN] = {"origin", 0, "URL", PHRASE_OPTION_ORIGIN},
    [OPTION_USERNAME] = {"username", 0, "NAME", PHRASE_OPTION_USERNAME},
    [OPTION_HEADER] = {"header", 0, "NAME", PHRASE_OPTION_HEADER},
    [OPTION_FORM_URL] = {"form", 0, "URL", PHRASE_OPTION_FORM_URL},
    [OPTION_FIELD] = {"field", 0, "NAME=VALUE", PHRASE_OPTION_FIELD},
    [OPTION_FREE_PORTS] = {"free-ports", 0, NULL, PHRASE_OPTION_FREE_PORTS},
    [OPTION_PAGE] = {"page", 0, "PAGE", PHRASE_OPTION_PAGE},
    [OPTION_ROWS] = {"rows", 0, "N", PHRASE_OPTION_ROWS},
    [OPTION_CSV] = {"csv", 0, NULL, PHRASE_OPTION_CSV},
    [OPTION_TABLE] = {"table", 0, NULL, PHRASE_OPTION_TABLE},
    [OPTION_ENCODING] = {"encoding", 0, "NAME", PHRASE_OPTION_ENCODING},
    [OPTION_DELIMITER] = {"delimiter", 0, "CHARACTER", PHRASE_OPTION_DELIMITER},
    [OPTION_CRON] = {"cron", 0, "EXPR", PHRASE_OPTION_CRON},
    [OPTION_RRULE] = {"rrule", 0, "RULE", PHRASE_OPTION_RRULE},
    [OPTION_DTSTART] = {"dtstart", 0, "TIME", PHRASE_OPTION_DTSTART},
    [OPTION_CALENDAR] = {"calendar", 0, "NAME", PHRASE_OPTION_CALENDAR},
    [OPTION_OTHERWISE] = {"otherwise", 0, "WAY", PHRASE_OPTION_OTHERWISE},
    [OPTION_TIMEZONE] = {"timezone", 0, "ZONE", PHRASE_OPTION_TIMEZONE},
    [OPTION_FROM] = {"from", 0, "TIME", PHRASE_OPTION_FROM},
    [OPTION_HOW_MANY] = {"count", 0, "N", PHRASE_OPTION_HOW_MANY},
    [OPTION_YEAR] = {"year", 0, "YEAR", PHRASE_OPTION_YEAR},
    [OPTION_IS] = {"is", 0, "DATE", PHRASE_OPTION_IS},
    [OPTION_NEXT] = {"next", 0, "DATE", PHRASE_OPTION_NEXT},
    [OPTION_PREVIOUS] = {"previous", 0, "DATE", PHRASE_OPTION_PREVIOUS},
    [OPTION_FOLLOWING] = {"following", 0, "DATE", PHRASE_OPTION_FOLLOWING},
    [OPTION_PRECEDING] = {"preceding", 0, "DATE", PHRASE_OPTION_PRECEDING},
    [OPTION_MODIFIED_FOLLOWING] = {"modified-following", 0, "DATE", PHRASE_OPTION_MODIFIED_FOLLOWING},
    [OPTION_ADD] = {"add", 0, "N", PHRASE_OPTION_ADD},
    [OPTION_NTH] = {"nth", 0, "N", PHRASE_OPTION_NTH},
    [OPTION_LAST] = {"last", 0, "DATE", PHRASE_OPTION_LAST},
    [OPTION_COUNT_DAYS] = {"count", 0, "DATE", PHRASE_OPTION_COUNT_DAYS},
    [OPTION_UNDO] = {"undo", 0, NULL, PHRASE_OPTION_UNDO},
    [OPTION_SIGNING_KEY] = {"key", 0, "FILE", PHRASE_OPTION_SIGNING_KEY},
    [OPTION_ALL_ROBOTS] = {"all", 0, NULL, PHRASE_OPTION_ALL_ROBOTS},
    [OPTION_EMERGENCY] = {"emergency", 0, NULL, PHRASE_OPTION_EMERGENCY},
    [OPTION_AS_PERSON] = {"as", 0, "PERSON", PHRASE_OPTION_AS_PERSON},
    [OPTION_CONTENT] = {"content", 0, "ID", PHRASE_OPTION_CONTENT},
    [OPTION_ALLOWED_SIGNERS] = {"allowed-signers", 0, NULL, PHRASE_OPTION_ALLOWED_SIGNERS},
    [OPTION_ALL] = {"all", 0, NULL, PHRASE_OPTION_ALL},
    [OPTION_DONE] = {"done", 0, NULL, PHRASE_OPTION_DONE},
    [OPTION_NOT_DONE] = {"not-done", 0, NULL, PHRASE_OPTION_NOT_DONE},
    [OPTION_GIVE_UP] = {"give-up", 0, NULL, PHRASE_OPTION_GIVE_UP},
    [OPTION_MESSAGE] = {"message", 'm', "TEXT", PHRASE_OPTION_MESSAGE},
    [OPTION_CONFLICTS] = {"conflicts", 0, NULL, PHRASE_OPTION_CONFLICTS},
    [OPTION_RESULT] = {"result", 0, "TEXT", PHRASE_OPTION_RESULT},
    [OPTION_UNTIL] = {"until", 0, "DATE", PHRASE_OPTION_UNTIL},
    [OPTION_TO_ENVIRONMENT] = {"to", 0, "ENVIRONMENT", PHRASE_OPTION_TO_ENVIRONMENT},
    [OPTION_VERIFY] = {"verify", 0, NULL, PHRASE_OPTION_VERIFY},
    [OPTION_STATE] = {"state", 0, "STATE", PHRASE_OPTION_STATE},
    [OPTION_KEY] = {"key", 0, "COLUMN", PHRASE_OPTION_KEY},
    [OPTION_DATA] = {"data", 0, "JSON", PHRASE_OPTION_DATA},
    [OPTION_WITH_LIB] = {"with-lib", 0, NULL, PHRASE_OPTION_WITH_LIB},
    [OPTION_FORCE] = {"force", 0, NULL, PHRASE_OPTION_FORCE},
    [OPTION_MAILS] = {"mails", 0, "FOLDER", PHRASE_OPTION_MAILS},
};

#define ALWAYS OPTION_JSON, OPTION_WORKSPACE, OPTION_HELP

const struct command commands[] = {
    {"init",
     "[FOLDER]",
     PHRASE_COMMAND_INIT,
     0,
     1,
     {OPTION_USER, OPTION_JSON, OPTION_HELP},
     {"renki init", "renki init /srv/renki --user renki"},
     command_init,
     false},
    {"new", "robot NAME", PHRASE_COMMAND_NEW, 2, 2, {ALWAYS}, {"renki new robot rents"}, command_new, false},
    {"check",
     "[ROBOT…]",
     PHRASE_COMMAND_CHECK,
     0,
     -1,
     {ALWAYS},
     {"renki check", "renki check rents"},
     command_check,
     false},
    {"test",
     "[ROBOT…|FILE…]",
     PHRASE_COMMAND_TEST,
     0,
     -1,
     {ALWAYS},
     {"renki test", "renki test rents"},
     command_test,
     false},
    {"history",
     "[ROBOT]",
     PHRASE_COMMAND_HISTORY,
     0,
     1,
     {OPTION_MOST, ALWAYS},
     {"renki history rents", "renki history --most 50"},
     command_history,
     false},
    {"save",
     "[ROBOT…]",
     PHRASE_COMMAND_SAVE,
     0,
     -1,
     {OPTION_MESSAGE, OPTION_CONFLICTS, ALWAYS},
     {"renki save", "renki save rents -m \"rounds to cents as the ledger does\"", "renki save --conflicts"},
     command_save,
     false},
    {"diff",
     "ROBOT [VERSION [VERSION]]",
     PHRASE_COMMAND_DIFF,
     1,
     3,
     {ALWAYS},
     {"renki diff rents", "renki diff rents 3", "renki diff rents 2026-10-31 newest"},
     command_diff,
     false},
    {"blame",
     "ROBOT [FILE]",
     PHRASE_COMMAND_BLAME,
     1,
     2,
     {ALWAYS},
     {"renki blame rents", "renki blame rents manifest.lua"},
     command_blame,
     false},
    {"restore",
     "ROBOT VERSION",
     PHRASE_COMMAND_RESTORE,
     2,
     2,
     {OPTION_MESSAGE, OPTION_WITH_LIB, OPTION_FORCE, ALWAYS},
     {"renki restore rents 3", "renki restore rents 2026-10-31 -m \"the old rule holds again\""},
     command_restore,
     false},
    {"run",
     "ROBOT [NAME=VALUE…]",
     PHRASE_COMMAND_RUN,
     1,
     -1,
     {OPTION_DRY_RUN, OPTION_DRAFT, OPTION_RECORD, OPTION_EMERGENCY, OPTION_WHY, OPTION_AS_PERSON,
      OPTION_SIGNING_KEY, ALWAYS},
     {"renki run rents month=2026-10", "renki run rents invoices=lokakuu.xlsx --dry-run"},
     command_run,
     false},
    {"resume", "RUN", PHRASE_COMMAND_RESUME, 1, 1, {ALWAYS}, {"renki resume 12"}, command_resume, false},
    {"runs",
     "",
     PHRASE_COMMAND_RUNS,
     0,
     0,
     {OPTION_MOST, ALWAYS},
     {"renki runs --most 50"},
     command_runs,
     false},
    {"show", "RUN", PHRASE_COMMAND_SHOW, 1, 1, {ALWAYS}, {"renki show 12"}, command_show, false},
    {"log",
     "RUN",
     PHRASE_COMMAND_LOG,
     1,
     1,
     {OPTION_FOLLOW, ALWAYS},
     {"renki log 12 -f"},
     command_log,
     false},
    {"cancel", "RUN", PHRASE_COMMAND_CANCEL, 1, 1, {ALWAYS}, {"renki cancel 12"}, command_cancel, false},
    {"alerts",
     "",
     PHRASE_COMMAND_ALERTS,
     0,
     0,
     {OPTION_MOST, ALWAYS},
     {"renki alerts", "renki alerts --most 100 --json"},
     command_alerts,
     false},
    {"robots", "", PHRASE_COMMAND_ROBOTS, 0, 0, {ALWAYS}, {"renki robots"}, command_robots, false},
    {"keep",
     "ROBOT",
     PHRASE_COMMAND_KEEP,
     1,
     1,
     {OPTION_UNTIL, OPTION_WHY, ALWAYS},
     {"renki keep rents --until 2027-12-31 --why \"still needed; the controller takes it over\""},
     command_keep,
     false},
    {"retire",
     "ROBOT",
     PHRASE_COMMAND_RETIRE,
     1,
     1,
     {OPTION_WHY, OPTION_UNDO, ALWAYS},
     {"renki retire rents --why \"the new ledger does it\"", "renki retire rents --undo"},
     command_retire,
     false},
    {"promote",
     "ROBOT --to ENVIRONMENT",
     PHRASE_COMMAND_PROMOTE,
     1,
     1,
     {OPTION_TO_ENVIRONMENT, OPTION_DRY_RUN, ALWAYS},
     {"renki promote rents --to acceptance --dry-run", "renki promote rents --to acceptance"},
     command_promote,
     false},
    {"evidence",
     "RUN [FILE] | --verify FILE",
     PHRASE_COMMAND_EVIDENCE,
     1,
     2,
     {OPTION_VERIFY, ALWAYS},
     {"renki evidence 12", "renki evidence 12 /srv/audit/october.zip",
      "renki evidence --verify evidence-12-rents.zip"},
     command_evidence,
     true},
    {"tasks",
     "list|show N|answer N [NAME=VALUE…]",
     PHRASE_COMMAND_TASKS,
     1,
     -1,
     {OPTION_ALL, OPTION_DONE, OPTION_RESULT, OPTION_NOT_DONE, OPTION_GIVE_UP, ALWAYS},
     {"renki tasks list", "renki tasks answer 3 approved=yes", "renki tasks answer 4 --not-done"},
     command_tasks,
     false},
    {"queue",
     "[dead|first|priority|retry|close] [RUN…]",
     PHRASE_COMMAND_QUEUE,
     0,
     -1,
     {OPTION_MOST, OPTION_WHY, ALWAYS},
     {"renki queue", "renki queue dead", "renki queue close 12 --why \"booked by hand\""},
     command_queue,
     false},
    {"items",
     "[list QUEUE | show QUEUE KEY | retry QUEUE KEY [FIELD=VALUE…] | close QUEUE KEY | export QUEUE FILE | "
     "import QUEUE FILE]",
     PHRASE_COMMAND_ITEMS,
     0,
     -1,
     {OPTION_STATE, OPTION_MOST, OPTION_DATA, OPTION_WHY, OPTION_KEY, ALWAYS},
     {"renki items", "renki items list invoices --state failed",
      "renki items retry invoices 4711 supplier=20033", "renki items import invoices new.xlsx --key Invoice"},
     command_items,
     false},
    {"secret",
     "set|list|thaw|remove [NAME]",
     PHRASE_COMMAND_SECRET,
     1,
     2,
     {OPTION_KIND, OPTION_ORIGIN, OPTION_USERNAME, OPTION_HEADER, OPTION_FORM_URL, OPTION_FIELD, ALWAYS},
     {"renki secret set ledger --origin https://ledger.example/api --username robot", "renki secret list"},
     command_secret,
     false},
    {"schedule",
     "list|next|show|pause|resume|run|backfill|approve|call-off [NAME] [TIME]",
     PHRASE_COMMAND_SCHEDULE,
     1,
     -1,
     {OPTION_CRON, OPTION_RRULE, OPTION_DTSTART, OPTION_CALENDAR, OPTION_OTHERWISE, OPTION_TIMEZONE,
      OPTION_FROM, OPTION_HOW_MANY, OPTION_TO, OPTION_WHY, OPTION_AS, OPTION_YES, ALWAYS},
     {"renki schedule pause rents --why \"the ledger is closed\"",
      "renki schedule next --cron \"30 7 * * 1-5\" --calendar fi-holidays --otherwise next",
      "renki schedule next --rrule \"FREQ=MONTHLY;BYMONTHDAY=-1\" --dtstart 2026-01-31T07:30 --count 12"},
     command_schedule,
     true},
    {"calendar",
     "[NAME [DATE]]",
     PHRASE_COMMAND_CALENDAR,
     0,
     2,
     {OPTION_YEAR, OPTION_IS, OPTION_NEXT, OPTION_PREVIOUS, OPTION_FOLLOWING, OPTION_PRECEDING,
      OPTION_MODIFIED_FOLLOWING, OPTION_ADD, OPTION_NTH, OPTION_LAST, OPTION_COUNT_DAYS, OPTION_FROM, ALWAYS},
     {"renki calendar fi-holidays --year 2026", "renki calendar target --add 2 2026-12-24",
      "renki calendar FI --nth 3 2026-12-01"},
     command_calendar,
     true},
    {"sheet",
     "FILE",
     PHRASE_COMMAND_SHEET,
     1,
     1,
     {OPTION_PAGE, OPTION_ROWS, OPTION_TABLE, OPTION_CSV, OPTION_ENCODING, OPTION_DELIMITER, OPTION_JSON,
      OPTION_HELP},
     {"renki sheet invoices.xlsx", "renki sheet invoices.xlsx --page 2 --rows 100",
      "renki sheet export.csv --json"},
     command_sheet,
     true},
    {"fake",
     "FOLDER [NAME=VALUE…]",
     PHRASE_COMMAND_FAKE,
     1,
     -1,
     {OPTION_FREE_PORTS, OPTION_MAILS, ALWAYS},
     {"renki fake examples/city lines=lines.csv"},
     command_fake,
     false},
    {"serve", "", PHRASE_COMMAND_SERVE, 0, 0, {ALWAYS}, {"renki serve"}, command_serve, false},
    {"hosts", "", PHRASE_COMMAND_HOSTS, 0, 0, {ALWAYS}, {"renki hosts"}, command_hosts, false},
    {"drain",
     "HOST",
     PHRASE_COMMAND_DRAIN,
     1,
     1,
     {OPTION_UNDO, ALWAYS},
     {"renki drain 3", "renki drain robots2.example --undo"},
     command_drain,
     false},
    {"sync", "", PHRASE_COMMAND_SYNC, 0, 0, {ALWAYS}, {"renki sync"}, command_sync, false},
    {"review",
     "[ROBOT]",
     PHRASE_COMMAND_REVIEW,
     0,
     1,
     {OPTION_ALL_ROBOTS, ALWAYS},
     {"renki review", "renki review rents"},
     command_review,
     false},
    {"approve",
     "ROBOT",
     PHRASE_COMMAND_APPROVE,
     1,
     1,
     {OPTION_AS, OPTION_SIGNING_KEY, OPTION_CONTENT, ALWAYS},
     {"renki approve rents --as controller", "renki approve rents --as controller --key ~/.ssh/id_ed25519"},
     command_approve,
     false},
    {"reject",
     "ROBOT",
     PHRASE_COMMAND_REJECT,
     1,
     1,
     {OPTION_WHY, OPTION_AS, OPTION_SIGNING_KEY, OPTION_CONTENT, ALWAYS},
     {"renki reject rents --as controller --why \"pays twice\""},
     command_reject,
     false},
    {"emergency",
     "[allow RUN]",
     PHRASE_COMMAND_EMERGENCY,
     0,
     2,
     {OPTION_AS_PERSON, OPTION_SIGNING_KEY, ALWAYS},
     {"renki emergency", "renki emergency allow 12 --as administrator"},
     command_emergency,
     false},
    {"people",
     "",
     PHRASE_COMMAND_PEOPLE,
     0,
     0,
     {OPTION_ALLOWED_SIGNERS, ALWAYS},
     {"renki people", "renki people --allowed-signers >allowed_signers"},
     command_people,
     false},
    {"store",
     "copy FROM TO",
     PHRASE_COMMAND_STORE,
     3,
     3,
     {ALWAYS},
     {"renki store copy sqlite postgresql://renki@db.example/renki", "renki store copy sqlite renki.lua",
      "renki store copy renki.lua sqlite"},
     command_store,
     false},
    {"reload", "", PHRASE_COMMAND_RELOAD, 0, 0, {ALWAYS}, {"renki reload"}, command_reload, false},
    {"doctor", "", PHRASE_COMMAND_DOCTOR, 0, 0, {ALWAYS}, {"renki doctor"}, command_doctor, false},
    {"version",
     "",
     PHRASE_COMMAND_VERSION,
     0,
     0,
     {OPTION_JSON, OPTION_HELP},
     {"renki version"},
     command_version,
     true},
    {"help",
     "[COMMAND|man|completion]",
     PHRASE_COMMAND_HELP,
     0,
     1,
     {OPTION_HELP},
     {"renki help run"},
     command_help,
     true},
};
const size_t command_count = COUNT_OF(commands);

static const struct {
    int code;
    enum phrase meaning;
} exit_codes[] = {
    {EXIT_DONE, PHRASE_EXIT_DONE},
    {EXIT_FAILED, PHRASE_EXIT_FAILED},
    {EXIT_USAGE, PHRASE_EXIT_USAGE},
    {EXIT_REFUSED, PHRASE_EXIT_REFUSED},
    {EXIT_EXCEPTIONS, PHRASE_EXIT_EXCEPTIONS},
    {EXIT_WAITING, PHRASE_EXIT_WAITING},
    {EXIT_INTERRUPTED, PHRASE_EXIT_INTERRUPTED},
};

void print_help(const struct cli *cli, FILE *out)
{
    fprintf(out, "%s\n\n", words(cli, PHRASE_HELP_HEAD));
    for (size_t i = 0; i < command_count; i++) {
        const int used = (int)strlen(commands[i].name) + 1 + text_width(commands[i].arguments);
        fprintf(out, "  %s%s%s %s%*s %s\n", colour_on(cli, BOLD), commands[i].name, colour_off(cli),
                commands[i].arguments, used < 32 ? 32 - used : 0, "", words(cli, commands[i].summary));
    }
    fprintf(out, "\n%s\n", words(cli, PHRASE_HELP_FOOT));
}

static void print_option(const struct cli *cli, enum option option, FILE *out)
{
    const struct option_row *row = &option_rows[option];
    char shown[64];
    const int used = snprintf(shown, sizeof shown, "%s%c%s--%s%s%s", row->letter ? "-" : " ",
                              row->letter ? row->letter : ' ', row->letter ? ", " : "  ", row->name,
                              row->value ? " " : "", row->value ? row->value : "");
    fprintf(out, "  %s%*s %s\n", shown, used < 26 ? 26 - used : 0, "", words(cli, row->summary));
}

void print_command_help(const struct cli *cli, const struct command *command, FILE *out)
{
    fprintf(out, "renki %s %s\n\n%s\n\n", command->name, command->arguments, words(cli, command->summary));
    for (const enum option *option = command->options;; option++) {
        print_option(cli, *option, out);
        if (*option == OPTION_HELP)
            break;
    }
    fprintf(out, "\n");
    for (size_t i = 0; i < COUNT_OF(command->examples) && command->examples[i]; i++)
        fprintf(out, "  %s\n", command->examples[i]);
}

// Troff takes a backslash and a leading dot for its own.
static void print_troff(FILE *out, const char *text)
{
    for (; *text; text++) {
        if (*text == '\\')
            fputs("\\e", out);
        else if (*text == '-')
            fputs("\\-", out);
        else
            fputc(*text, out);
    }
}

void print_man_page(FILE *out)
{
    const struct cli english = {.language = LANGUAGE_EN};
    fputs(".TH RENKI 1\n.SH NAME\nrenki \\- runs robots: office routine written down once\n"
          ".SH SYNOPSIS\n.B renki\n.I COMMAND\n[\\fIARGUMENTS\\fR]\n.SH COMMANDS\n",
          out);
    for (size_t i = 0; i < command_count; i++) {
        fprintf(out, ".TP\n.B %s ", commands[i].name);
        print_troff(out, commands[i].arguments);
        fputs("\n", out);
        print_troff(out, words(&english, commands[i].summary));
        fputs("\n", out);
        for (const enum option *option = commands[i].options; *option != OPTION_HELP; option++) {
            if (*option == OPTION_JSON || *option == OPTION_WORKSPACE)
                continue;
            const struct option_row *row = &option_rows[*option];
            fprintf(out, ".RS\n.TP\n.B \\-\\-");
            print_troff(out, row->name);
            fprintf(out, " %s\n", row->value ? row->value : "");
            print_troff(out, words(&english, row->summary));
            fputs("\n.RE\n", out);
        }
    }
    fputs(".SH OPTIONS OF ALL COMMANDS\n", out);
    static const enum option common[] = {OPTION_JSON, OPTION_WORKSPACE, OPTION_HELP};
    for (size_t i = 0; i < COUNT_OF(common); i++) {
        fputs(".TP\n.B \\-\\-", out);
        print_troff(out, option_rows[common[i]].name);
        fprintf(out, " %s\n", option_rows[common[i]].value ? option_rows[common[i]].value : "");
        print_troff(out, words(&english, option_rows[common[i]].summary));
        fputs("\n", out);
    }
    fputs(".SH EXIT STATUS\n", out);
    for (size_t i = 0; i < COUNT_OF(exit_codes); i++) {
        fprintf(out, ".TP\n.B %d\n", exit_codes[i].code);
        print_troff(out, words(&english, exit_codes[i].meaning));
        fputs("\n", out);
    }
    fputs(".SH ENVIRONMENT\n.TP\n.B RENKI_LANGUAGE\nen, fi or sv; otherwise LC_ALL, LC_MESSAGES and LANG "
          "decide.\n"
          ".TP\n.B NO_COLOR\nno colours.\n.TP\n.B RENKI_LOG\ndebug: the processes tell more on standard "
          "error.\n",
          out);
}

void print_completion(FILE *out)
{
    fputs("# bash completion for renki; made by `renki help completion`\n_renki() {\n"
          "    local word=${COMP_WORDS[COMP_CWORD]} options=\n    if [ \"$COMP_CWORD\" = 1 ]; then\n        "
          "options=\"",
          out);
    for (size_t i = 0; i < command_count; i++)
        fprintf(out, "%s%s", i ? " " : "", commands[i].name);
    fputs("\"\n    else\n        case ${COMP_WORDS[1]} in\n", out);
    for (size_t i = 0; i < command_count; i++) {
        fprintf(out, "        %s) options=\"", commands[i].name);
        for (const enum option *option = commands[i].options;; option++) {
            fprintf(out, "--%s ", option_rows[*option].name);
            if (*option == OPTION_HELP)
                break;
        }
        fputs("\" ;;\n", out);
    }
    fputs(
        "        esac\n        case ${COMP_WORDS[1]} in\n"
        "        run | review | approve | reject | check | test | save | history | diff | blame | restore) "
        "options=\"$options $(cd "
        "robots "
        "2>/dev/null && ls -d -- "
        "*/ "
        "2>/dev/null | "
        "sed 's,/$,,' | grep -v '^lib$' | tr '\\n' ' ')\" ;;\n"
        "        schedule) options=\"$options list next show pause resume run backfill approve call-off $(ls "
        "schedules 2>/dev/null | sed -n 's,\\.lua$,,p' | tr '\\n' ' ')\" ;;\n"
        "        secret) options=\"$options set list thaw remove\" ;;\n        new) options=\"$options "
        "robot\" "
        ";;\n"
        "        esac\n    fi\n"
        "    mapfile -t COMPREPLY < <(compgen -W \"$options\" -- \"$word\"; [ \"$COMP_CWORD\" -gt 1 ] && "
        "compgen -f -- "
        "\"$word\")\n}\ncomplete -o filenames -F _renki renki\n",
        out);
}

int command_help(struct cli *cli)
{
    if (cli->argument_count == 0) {
        print_help(cli, stdout);
        return EXIT_DONE;
    }
    const char *what = cli->arguments[0];
    if (strcmp(what, "man") == 0)
        print_man_page(stdout);
    else if (strcmp(what, "completion") == 0)
        print_completion(stdout);
    else {
        for (size_t i = 0; i < command_count; i++)
            if (strcmp(commands[i].name, what) == 0) {
                print_command_help(cli, &commands[i], stdout);
                return EXIT_DONE;
            }
        struct err err;
        (void)fail(&err, ERR_COMMAND_UNKNOWN, what);
        print_err(cli, &err);
        return EXIT_USAGE;
    }
    return EXIT_DONE;
}
