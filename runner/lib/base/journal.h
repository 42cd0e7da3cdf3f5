// The log as the system's journal takes it: one datagram an entry, its fields named (systemd's native protocol). In every
// process that logs, and in the command that starts them.
//
// Whoever starts a service hands its roles a connected datagram socket as standard error; lib/base/log.c sees that and
// writes entries instead of lines. So no role needs more than write(2), and none can reach the journal by name.
#ifndef RENKI_BASE_JOURNAL_H
#define RENKI_BASE_JOURNAL_H

#include "lib/base/log.h"

#define JOURNAL_SOCKET "/run/systemd/journal/socket"
enum { JOURNAL_ENTRY_MAX = 8192 };

// Whether `fd` is the journal's own stream: `stream` is $JOURNAL_STREAM ("device:inode"), NULL when it is not set.
bool journal_has(const char *stream, int fd);
// A socket to it; -1 when there is none. A journal that stands still is waited for a tenth of a second an entry, not for
// ever: robots go on, and the record of a run is not in the log.
int journal_connect(const char *path);

// Writes the entry of one line; its length, at most JOURNAL_ENTRY_MAX. Fields: MESSAGE, PRIORITY, SYSLOG_IDENTIFIER,
// RENKI_ROLE, RENKI_EVENT, and RENKI_KEY for each key=value in `text`; of a key that stands twice the first counts.
// `text` holds no control bytes.
size_t journal_entry(char out[JOURNAL_ENTRY_MAX], enum log_level level, const char *role, const char *event,
                     const char *text);

#endif
