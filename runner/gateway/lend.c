// See lend.h.
#include "gateway/lend.h"

#include "lib/base/log.h"

#include <errno.h>
#include <unistd.h>

// "ssh://git@host/path" as the origin of a login is written: without the user.
static bool read_address(struct origin *out, bool *for_ssh, struct text url, struct err *err)
{
    SCOPED_TEXT char *written = text_copy(url);
    *for_ssh = strncmp(written, "ssh://", 6) == 0;
    if (!*for_ssh)
        return origin_read(out, text_from(written), err);
    const char *server = written + 6, *at = memchr(server, '@', strcspn(server, "/"));
    SCOPED_TEXT char *as_http = xasprintf("https://%s", at ? at + 1 : server);
    return origin_read(out, text_from(as_http), err);
}

static bool is_for(const struct secret *secret, struct text url, struct err *err)
{
    struct origin address;
    bool for_ssh;
    if (!read_address(&address, &for_ssh, url, err))
        return false;
    const struct url_parts parts = {.scheme = text_from(address.scheme),
                                    .host = text_from(address.host),
                                    .path = text_from(address.path),
                                    .port = address.port};
    const bool good =
        secret->for_ssh == for_ssh && !secret->for_mail &&
        (secret->kind == SECRET_SSH_KEY || secret->kind == SECRET_BASIC || secret->kind == SECRET_BEARER) &&
        origin_covers(&secret->origin, &parts);
    origin_dispose(&address);
    return good ? true : fail(err, ERR_SECRET_BOX, secret->name);
}

static bool write_all(int fd, struct text text)
{
    while (text.length) {
        const ssize_t written = write(fd, text.data, text.length);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return false;
        text = text_of(text.data + written, text.length - (size_t)written);
    }
    return true;
}

// The descriptor is a pipe with room for the largest login: nothing waits here.
static bool lend(int fd, const struct secret *secret)
{
    SCOPED_TEXT char *head =
        xasprintf("%s\n%s\n", secret_kind_name(secret->kind), secret->username ? secret->username : "");
    return write_all(fd, text_from(head)) && write_all(fd, secret->value);
}

bool lend_login(struct gateway *gateway, struct frame *frame, struct err *err)
{
    struct message_LEND message;
    struct err why;
    SCOPED(secret)
    secret = NULL;
    SCOPED(json_document)
    document = NULL;
    if (!wire_decode(&document, &message, frame, err))
        return false;
    if (frame->fd_count != 1)
        return fail(err, ERR_FRAME_MALFORMED, "LEND", "descriptors");
    SCOPED_TEXT char *name = text_copy(message.name);
    if (!secret_open(&secret, gateway->key, message.box, name, message.version, &why) ||
        !is_for(secret, message.url, &why))
        log_error("lend.refused", "secret=%s error=%s", name, err_name(why.code));
    else if (!lend(frame->fds[0], secret))
        log_error("lend.failed", "secret=%s", name);
    return true;
}
