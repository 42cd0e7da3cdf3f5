// See listen.h. The folder is its owner's alone, and the kernel tells who connects.
#include "host/listen.h"

#include "host/client.h"
#include "lib/base/log.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static const struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = ".renki/host.sock"};

static bool is_same_user(int fd)
{
    struct ucred peer;
    socklen_t size = sizeof peer;
    return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 && peer.uid == geteuid();
}

static void on_connection(uv_poll_t *poll, int status, int events)
{
    struct host *host = poll->data;
    (void)status, (void)events;
    const int fd = accept4(host->listener_fd, NULL, NULL, SOCK_CLOEXEC);
    if (fd < 0)
        return;
    if (is_same_user(fd)) {
        client_new(host, fd);
        return;
    }
    log_info("client.refused", "reason=\"another user\"");
    close(fd);
}

// A socket that a killed host left behind refuses connections; one that answers belongs to a live host.
static bool is_served(void)
{
    const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const bool served = fd >= 0 && connect(fd, (const struct sockaddr *)&address, sizeof address) == 0;
    if (fd >= 0)
        close(fd);
    return served;
}

bool listen_begin(struct host *host, struct err *err)
{
    if (is_served())
        return fail(err, ERR_HOST_RUNNING, host->folder);
    unlink(address.sun_path);
    const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0 || bind(fd, (const struct sockaddr *)&address, sizeof address) != 0 ||
        chmod(address.sun_path, 0600) != 0 || listen(fd, 64) != 0) {
        const int reason = errno;
        if (fd >= 0)
            close(fd);
        return fail(err, ERR_FILE_UNWRITABLE, address.sun_path, strerror(reason));
    }
    host->listener_fd = fd;
    host->listener = xcalloc(1, sizeof *host->listener);
    require(uv_poll_init(host->loop, host->listener, fd) == 0);
    host->listener->data = host;
    uv_poll_start(host->listener, UV_READABLE, on_connection);
    host->serving = true;
    log_info("host.serving", "folder=%s", host->folder);
    return true;
}

static void on_closed(uv_handle_t *handle)
{
    xfree(handle);
}

void listen_end(struct host *host)
{
    if (!host->listener)
        return;
    unlink(address.sun_path);
    uv_close((uv_handle_t *)host->listener, on_closed);
    close(host->listener_fd);
    host->listener = NULL;
    host->serving = false;
}
