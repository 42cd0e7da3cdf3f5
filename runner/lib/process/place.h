// Where what comes with renki is on this machine: the robots' standard library, calendars.
#ifndef RENKI_PROCESS_PLACE_H
#define RENKI_PROCESS_PLACE_H

#define PLACE_STDLIB "stdlib-lua"
#define PLACE_CALENDARS "schedules/calendars"

// A folder beside the installed binary, or in the source tree it was built from. NULL: nowhere. The caller frees it.
char *place_of(const char *folder);

#endif
