// The log of a process: an event and key=value, on standard error, one line each; where standard error is a socket to the
// journal, an entry with named fields each (journal.h). The only global there is.
//
// For administrators (`log_info`, `log_error`) and for us (`log_debug`, shown when RENKI_LOG=debug was given to the
// command). Never secrets, never bodies. Control bytes are escaped.
#ifndef RENKI_BASE_LOG_H
#define RENKI_BASE_LOG_H

#include "lib/base/memory.h"

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };

// `role` names the process in each line ("host", "gateway" …), borrowed for ever; lines below `level` are dropped.
void log_open(const char *role, enum log_level level);
enum log_level log_level(void);
void log_line(enum log_level level, const char *event, const char *format, ...) PRINTF_LIKE(3, 4);

#define log_error(event, ...) log_line(LOG_LEVEL_ERROR, event, __VA_ARGS__)
#define log_info(event, ...) log_line(LOG_LEVEL_INFO, event, __VA_ARGS__)
#define log_debug(event, ...) log_line(LOG_LEVEL_DEBUG, event, __VA_ARGS__)

#endif
