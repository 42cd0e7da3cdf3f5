// `renki schedule`: what its files share. In the command line's process.
#ifndef RENKI_CLI_SCHEDULE_H
#define RENKI_CLI_SCHEDULE_H

#include "cli/cli.h"

// ---- schedule_next.c
// The next times of a rule that is given by options and saved nowhere.
int schedule_next_of_rule(struct cli *cli);

// ---- schedule_show.c: what the host tells of schedules, in words
// "Mon 23.11.2026 07:30", from the instant with its offset; borrowed from `out`.
enum { LOCAL_TEXT_SIZE = 64 };
const char *local_words(char out[LOCAL_TEXT_SIZE], const struct cli *cli, const char *instant);
// What is shown of one in the list: when it runs next or why not.
void show_schedules(const struct cli *cli, const struct json *rows, bool first, bool last);
void show_schedule(const struct cli *cli, const struct json *reply);
void show_times(const struct cli *cli, const struct json *times);

#endif
