// See journal.h. Formats into a buffer of the caller: a process that has run out of memory still logs.
#include "lib/base/journal.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

enum { WAIT_US = 100000, KEY_MAX = 32 };

bool journal_has(const char *stream, int fd)
{
    struct stat status;
    char own[64];
    if (!stream || fstat(fd, &status) != 0)
        return false;
    snprintf(own, sizeof own, "%llu:%llu", (unsigned long long)status.st_dev,
             (unsigned long long)status.st_ino);
    return strcmp(own, stream) == 0;
}

int journal_connect(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    const struct timeval wait = {.tv_usec = WAIT_US};
    if (strlen(path) >= sizeof address.sun_path)
        return -1;
    memcpy(address.sun_path, path, strlen(path) + 1);
    const int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    if (setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof wait) != 0 ||
        connect(fd, (const struct sockaddr *)&address, sizeof address) != 0) {
        close(fd);
        return -1;
    }
    return fd;
}

// ---- one entry

struct entry {
    char *out;
    size_t used;
};

// NAME=value and a line end; what would not fit whole is left out.
static void add(struct entry *entry, const char *name, const char *value, size_t length)
{
    const size_t needed = strlen(name) + 1 + length + 1;
    if (needed > JOURNAL_ENTRY_MAX - 1 - entry->used)
        return;
    entry->used += (size_t)snprintf(entry->out + entry->used, JOURNAL_ENTRY_MAX - entry->used, "%s=%.*s\n",
                                    name, (int)length, value);
}

static void add_text(struct entry *entry, const char *name, const char *value)
{
    add(entry, name, value, strlen(value));
}

static bool is_there(const struct entry *entry, const char *name)
{
    char start[KEY_MAX + 16];
    snprintf(start, sizeof start, "\n%s=", name);
    return strstr(entry->out, start) != NULL;
}

// "max_ms" → "RENKI_MAX_MS"; false for what is no key.
static bool field_name(char out[KEY_MAX + 8], const char *key, size_t length)
{
    if (length == 0 || length > KEY_MAX)
        return false;
    memcpy(out, "RENKI_", 6);
    for (size_t i = 0; i < length; i++) {
        if (!(key[i] >= 'a' && key[i] <= 'z') && key[i] != '_')
            return false;
        out[6 + i] = (char)toupper((unsigned char)key[i]);
    }
    out[6 + length] = '\0';
    return true;
}

// The pair that begins at `text`, if there is one; where the next may begin.
static const char *add_pair(struct entry *entry, const char *text)
{
    char name[KEY_MAX + 8];
    const size_t key = strcspn(text, "= ");
    if (text[key] != '=' || !field_name(name, text, key))
        return text + strcspn(text, " ");
    const char *value = text + key + 1;
    const bool quoted = *value == '"';
    value += quoted;
    const size_t length = strcspn(value, quoted ? "\"" : " ");
    if (!is_there(entry, name))
        add(entry, name, value, length);
    return value + length + (quoted && value[length] == '"');
}

static const char *priority(enum log_level level)
{
    return level == LOG_LEVEL_ERROR ? "3" : level == LOG_LEVEL_INFO ? "6" : "7";
}

size_t journal_entry(char out[JOURNAL_ENTRY_MAX], enum log_level level, const char *role, const char *event,
                     const char *text)
{
    char message[2200];
    struct entry entry = {out, 0};
    out[0] = '\0';
    snprintf(message, sizeof message, "%s %s", event, text);
    add_text(&entry, "MESSAGE", message);
    add_text(&entry, "PRIORITY", priority(level));
    add_text(&entry, "SYSLOG_IDENTIFIER", "renki");
    add_text(&entry, "RENKI_ROLE", role);
    add_text(&entry, "RENKI_EVENT", event);
    while (*(text += strspn(text, " ")))
        text = add_pair(&entry, text);
    return entry.used;
}
