// See log.h. One write(2) a line, so that lines of several processes do not mix.
#include "lib/base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static struct {
    const char *role;
    enum log_level level;
} the_log = {"renki", LOG_LEVEL_ERROR};

void log_open(const char *role, enum log_level level)
{
    the_log.role = role;
    the_log.level = level;
}

enum log_level log_level(void)
{
    return the_log.level;
}

void log_line(enum log_level level, const char *event, const char *format, ...)
{
    if (level > the_log.level)
        return;
    char line[2048];
    int length = snprintf(line, sizeof line, "renki %s %s ", the_log.role, event);
    if (length < 0 || (size_t)length >= sizeof line)
        return;
    va_list arguments;
    va_start(arguments, format);
    const int more = vsnprintf(line + length, sizeof line - (size_t)length - 1, format, arguments);
    va_end(arguments);
    size_t end = strlen(line);
    if (more < 0)
        end = (size_t)length;
    for (size_t i = 0; i < end; i++)
        if ((unsigned char)line[i] < 0x20 || line[i] == 0x7F)
            line[i] = '?';
    line[end++] = '\n';
    (void)!write(STDERR_FILENO, line, end);
}
