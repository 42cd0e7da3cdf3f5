// See log.h. One write(2) a line, so that lines of several processes do not mix.
#include "lib/base/log.h"

#include "lib/base/journal.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { TEXT_SIZE = 2048 };

static struct {
    const char *role;
    enum log_level level;
    bool looked, to_journal;
} the_log = {"renki", LOG_LEVEL_ERROR, false, false};

static bool is_datagram_socket(int fd)
{
    int type = 0;
    socklen_t size = sizeof type;
    return getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) == 0 && type == SOCK_DGRAM;
}

void log_open(const char *role, enum log_level level)
{
    the_log.role = role;
    the_log.level = level;
    if (!the_log.looked) // once: a process that has confined itself may not ask any more
        the_log.to_journal = is_datagram_socket(STDERR_FILENO);
    the_log.looked = true;
}

enum log_level log_level(void)
{
    return the_log.level;
}

static void write_entry(enum log_level level, const char *event, const char *text)
{
    char entry[JOURNAL_ENTRY_MAX];
    const size_t length = journal_entry(entry, level, the_log.role, event, text);
    (void)!write(STDERR_FILENO, entry, length);
}

static void write_line(const char *event, const char *text)
{
    char line[TEXT_SIZE + 200];
    int length = snprintf(line, sizeof line - 1, "renki %s %s %s", the_log.role, event, text);
    if (length < 0)
        return;
    size_t end = strnlen(line, sizeof line - 1);
    line[end++] = '\n';
    (void)!write(STDERR_FILENO, line, end);
}

void log_line(enum log_level level, const char *event, const char *format, ...)
{
    char text[TEXT_SIZE];
    va_list arguments;
    if (level > the_log.level)
        return;
    va_start(arguments, format);
    const int length = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (length < 0)
        text[0] = '\0';
    for (char *c = text; *c; c++)
        if ((unsigned char)*c < 0x20 || *c == 0x7F)
            *c = '?';
    if (the_log.to_journal)
        write_entry(level, event, text);
    else
        write_line(event, text);
}
