// See notify.h. Forty lines in place of a library: the protocol is stable and documented.
#include "cli/notify.h"

#include "lib/base/text.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

// A path, or a name in the abstract space, which systemd writes with @.
static bool address_of(struct sockaddr_un *address, socklen_t *size, const char *name)
{
    const size_t length = strlen(name);
    *address = (struct sockaddr_un){.sun_family = AF_UNIX};
    if ((name[0] != '/' && name[0] != '@') || length >= sizeof address->sun_path)
        return false;
    memcpy(address->sun_path, name, length);
    if (name[0] == '@')
        address->sun_path[0] = '\0';
    *size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length + (name[0] == '/'));
    return true;
}

void notify(const char *state)
{
    const char *name = getenv("NOTIFY_SOCKET");
    struct sockaddr_un address;
    socklen_t size;
    if (!name || !address_of(&address, &size, name))
        return;
    const int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return;
    (void)!sendto(fd, state, strlen(state), MSG_NOSIGNAL | MSG_DONTWAIT, (const struct sockaddr *)&address,
                  size);
    close(fd);
}

int64_t notify_watchdog_ms(void)
{
    const char *usec = getenv("WATCHDOG_USEC"), *pid = getenv("WATCHDOG_PID");
    int64_t microseconds, whose;
    if (!usec || !text_to_int64(text_from(usec), &microseconds) || microseconds <= 0)
        return 0;
    if (pid && (!text_to_int64(text_from(pid), &whose) || whose != getpid()))
        return 0;
    return microseconds / 1000;
}
